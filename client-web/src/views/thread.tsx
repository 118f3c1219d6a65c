/* thread.tsx: a conversation, live. Opens at the first unread post, follows the end while its
 * reader is there, and takes as read only what was on the screen. */
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  begunEdits,
  keepDraft,
  loadNewer,
  loadNewest,
  loadOlder,
  markRead,
  markSeen,
  mute,
  now,
  openThread,
  state,
} from "../app";
import { list as joinList, since, t, weekday } from "../i18n";
import { rows, screenKeys } from "../keys";
import { saves } from "../prefs";
import { href, returnTo, takePlace, type Place } from "../router";
import { isQuiet } from "../settings";
import { firstUnread, UNREAD_MAX, type Page as PostPage, type State } from "../store";
import type { Post, Thread } from "../types";
import { useChooser, useMoves } from "./choose";
import { whenLaidOut } from "./focus";
import { Foot } from "./foot";
import { HeldPost, waitsIn } from "./waits";
import { ChooseBar, MergeThread, MoveThread, ReportDialog, ResourceHead, TalkHead, ThreadSheet } from "./later";
import { Empty, Failed, Icon, nameOf, roomAccent, Skeleton, titleOf } from "./parts";
import { isModerator, NOTHING, PendingPost, PostItem, type PostActs } from "./post";
import { Quoter, quoteWords, selectedWords } from "./quote";
import { Flags } from "./rows";
import { Page } from "./shell";
import { Side } from "./side";

const TOGETHER_MS = 5 * 60_000;
const NEAR_END_PX = 120;
const doc = () => document.scrollingElement as HTMLElement;
const fromEnd = () => doc().scrollHeight - doc().scrollTop - doc().clientHeight;

export function ThreadView({ thread: id, post: target }: { thread: string; post: string }): VNode {
  const s = state.value;
  const th = useLock(s, s.threads[id]);
  const page = useSlices(s.pages[id]);
  const failed = s.failed[`thread:${id}`];
  const room = th ? s.rooms[th.room] : undefined;
  const [open, setOpen] = useState("");
  const [editing, setEditing] = useState("");
  const begun = begunEdits.value.split(" ");
  const chooser = useChooser(id, page);
  const acts: PostActs = useMemo(
    () => ({
      open: setOpen,
      edit: setEditing,
      quote: (p) => keepDraft(`post:${id}`, { reply_to: p.id }),
      choose: chooser.choose,
    }),
    [id, chooser.choose],
  );
  const mark = useReadMark(th, page);
  const sent = useRef(false);
  const pending = s.pending.filter((c) => c.method === "post.create" && c.params.thread === id);
  const grows = `${pending.length} ${open} ${editing} ${chooser.chosen !== null}`;
  const follower = useFollow({ id, target, page, mark, sent, grows });
  useSeen(id, page);
  useMoves(th);
  useThreadKeys({ th, page, acts, end: chooser.end });
  if (!th || !page)
    return (
      <Page held title={th?.title ?? ""} back={room ? (room.with ? href.talks : href.room(room.id)) : href.catchup}>
        {failed ? (
          <Failed code={failed} again={() => void openThread(id, target)} />
        ) : (
          <Skeleton rows={5} />
        )}
      </Page>
    );
  const title = titleOf(s, th);
  return (
    <Page
      held
      title={title}
      back={room?.with ? href.talks : href.room(th.room)}
      actions={<Manage s={s} thread={th} choose={chooser.begin} />}
      lead={
        room && !room.with && (
          <p class={`region ${roomAccent(s, room)}`}>
            <a href={href.room(th.room)} dir="auto">
              {room.name}
            </a>
          </p>
        )
      }
    >
      {room?.with && <TalkHead id={room.with} room={room.id} />}
      <div class="thread-head">
        <Flags thread={th} />
        {th.answer && (
          <a class="meta" href={href.thread(id, th.answer)}>
            {t("thread.toanswer")}
          </a>
        )}
      </div>
      {th.kind === "question" && !th.answer && th.by === s.me?.id && (
        <p class="center">
          <a class="button soft" href={href.peersFor(id)}>
            {t("peers.find")}
          </a>
        </p>
      )}
      {th.kind === "resource" && (
        <div class="resource-place">
          <ResourceHead key={id} thread={th} />
        </div>
      )}
      {page.posts[0] && page.posts[0].n > 1 && (
        <p class="center">
          <button class="soft" onClick={() => void loadOlder(id)}>
            {t("thread.older")}
          </button>
        </p>
      )}
      {page.posts.length === 0 && pending.length === 0 && <Empty title={t("thread.empty")} />}
      <ol class={`posts${th.kind === "chat" ? " lobby" : ""}`}>
        {/* One flat list: a list in a list has its place for a key, and a post above would make all anew. */}
        {page.posts.flatMap((p, i) => {
          const before = page.posts[i - 1];
          const going = s.pending.filter((c) => c.params.post === p.id);
          const fresh = p.id === mark;
          const newDay =
            !before || new Date(before.at).toDateString() !== new Date(p.at).toDateString();
          return [
            newDay && (
              <li key={`d${p.id}`} class="day">
                <span>{weekday(p.at)}</span>
              </li>
            ),
            fresh && (
              <li key="new" class="newline" id="new">
                <span>{sinceText(before)}</span>
              </li>
            ),
            <PostItem
              key={p.id}
              post={p}
              thread={th}
              pending={going.length > 0 ? going : NOTHING}
              quoted={p.reply_to ? page.posts.find((x) => x.id === p.reply_to) : undefined}
              open={open === p.id}
              editing={editing === p.id || begun.includes(p.id)}
              follows={!newDay && !fresh && follows(before, p)}
              chosen={chooser.chosen ? chooser.chosen.includes(p.id) : undefined}
              acts={acts}
            />,
          ];
        })}
        {!page.newer &&
          pending.map((c, i) => (
            <PendingPost
              key={c.cid}
              command={c}
              follows={i > 0 || page.posts.at(-1)?.by === s.me?.id}
            />
          ))}
        {!page.newer && waitsIn(s, id).map((m) => <HeldPost key={m.id} matter={m} />)}
      </ol>
      {page.newer && (
        <p class="center">
          <button class="soft" onClick={() => void loadNewer(id)}>
            {t("thread.newer")}
          </button>
        </p>
      )}
      {!th.locked && <Quoter thread={id} />}
      <Announcer s={s} last={page.posts.at(-1)} />
      <Side s={s} thread={th} page={page} />
      <div class="foot">
        <Typing s={s} thread={id} />
        {(follower.away || page.newer) && (
          <button
            class="jump soft"
            onClick={() => {
              if (page.newer) {
                sent.current = true;
                void loadNewest(id);
              } else follower.toEnd();
            }}
          >
            <Icon name="down" />
            {th.unread === 0
              ? t("thread.newest")
              : th.unread >= UNREAD_MAX
                ? t("thread.jump.many", { n: UNREAD_MAX - 1 })
                : t("thread.jump", { n: th.unread })}
          </button>
        )}
        {chooser.chosen ? (
          <ChooseBar s={s} thread={th} chooser={chooser} />
        ) : (
          <Foot
            thread={th}
            onSent={() => {
              sent.current = true;
              if (page.newer) void loadNewest(id);
            }}
          />
        )}
      </div>
    </Page>
  );
}

const follows = (a: Post | undefined, b: Post): boolean =>
  a !== undefined && a.by === b.by && b.at - a.at < TOGETHER_MS && !b.reply_to && !a.redacted;

function sinceText(before: Post | undefined): string {
  if (!before) return t("thread.new");
  return t("thread.newsince", { time: since(before.at, now.value) });
}

/* A quiet thread is one that is locked to whoever does not moderate it. */
function useLock(s: State, th: Thread | undefined): Thread | undefined {
  const locked = th !== undefined && !isModerator(s, th.room) && isQuiet(s, th, now.value);
  return useMemo(() => (th && locked ? { ...th, locked } : th), [th, locked]);
}

/* The first post that was unread when the thread was opened; it stays put while reading. */
function useReadMark(th: Thread | undefined, page: PostPage | undefined): string {
  const mark = useRef<string | null>(null);
  if (mark.current === null && th && page) mark.current = firstUnread(th, page, state.value.me?.id);
  return mark.current ?? "";
}

/* A slow phone lays out about three posts in a frame: what was loaded above or below those shown
 * joins them a few at a time. Another stretch of the thread is shown at once. */
const SLICE = 6;
function useSlices(page: PostPage | undefined): PostPage | undefined {
  const shown = useRef({ first: 0, last: 0 });
  const [, next] = useState(0);
  const first = page?.posts[0]?.n ?? 0;
  const last = page?.posts.at(-1)?.n ?? 0;
  const old = shown.current;
  const touches = old.first > 0 && first <= old.last && last >= old.first;
  const from = touches ? Math.max(first, old.first - SLICE) : first;
  const to = touches ? Math.min(last, old.last + SLICE) : last;
  useLayoutEffect(() => {
    shown.current = { first: from, last: to };
    if (from === first && to === last) return;
    const frame = requestAnimationFrame(() => next((n) => n + 1));
    return () => cancelAnimationFrame(frame);
  });
  return useMemo(
    () =>
      page && (from !== first || to !== last)
        ? { ...page, posts: page.posts.slice(from - first, to - first + 1) }
        : page,
    [page, from, to],
  );
}

const LOAD_AHEAD_PX = 1_200;

/* The first post in view: where it stands must not change when posts above it come or go. */
function anchor(): { id: string; top: number } | null {
  const all = document.querySelectorAll<HTMLElement>(".post[data-seq]");
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.getBoundingClientRect().bottom > 80) high = middle;
    else low = middle + 1;
  }
  const el = all[low];
  return el ? { id: el.id, top: el.getBoundingClientRect().top } : null;
}

interface Following {
  id: string;
  target: string;
  page: PostPage | undefined;
  mark: string;
  sent: { current: boolean };
  grows: string /* differs when anything but posts changes the height */;
}

/* Where the page stands: where its reader left it, else at the asked or first unread post, else at
 * the end, then along with it. Who scrolls on gets more posts before the end of those shown. */
function useFollow({ id, target, page, mark, sent, grows }: Following) {
  const placed = useRef("");
  const atEnd = useRef(true);
  const edges = useRef("");
  const left = useRef<Place | null | undefined>(undefined);
  if (left.current === undefined) left.current = takePlace();
  const [away, setAway] = useState(false);
  const now_ = `${page?.posts[0]?.id} ${page?.newer}`;
  /* Looked up before the rows change: the hand may have moved since the last event told of it. */
  const held = edges.current !== "" && edges.current !== now_ ? anchor() : null;
  const toEnd = () => {
    doc().scrollTop = doc().scrollHeight;
    atEnd.current = true;
    setAway(false);
  };

  const stand = () => {
    if (!page) return;
    const key = `${id}/${target}`;
    /* what a resource is stands above the talk about it */
    const fromTop = !target && state.peek().threads[id]?.kind === "resource";
    const spot = target
      ? document.getElementById(target)
      : mark && !fromTop
        ? document.getElementById("new")
        : null;
    if (placed.current !== key && left.current && returnTo(left.current)) {
      placed.current = key;
      left.current = null;
    } else if (placed.current !== key && (spot || !target)) {
      placed.current = key;
      left.current = null;
      if (spot) spot.scrollIntoView({ block: target ? "center" : "start" });
      else if (!fromTop) toEnd();
      if (spot && target) spot.focus({ preventScroll: true });
    } else if (sent.current || (atEnd.current && !page.newer)) {
      toEnd();
      sent.current = false;
    } else if (held) {
      const el = document.getElementById(held.id);
      if (el) doc().scrollTop += el.getBoundingClientRect().top - held.top;
    }
    atEnd.current = fromEnd() < NEAR_END_PX && !(fromTop && doc().scrollTop === 0);
    setAway(fromEnd() > innerHeight / 2);
    edges.current = now_;
  };
  useLayoutEffect(() => whenLaidOut(stand), [id, target, page, mark, grows, sent.current]);
  useEffect(() => {
    let last = doc().scrollTop;
    let busy = false;
    const more = (load: Promise<void>) => {
      busy = true;
      void load.finally(() => {
        busy = false;
      });
    };
    const moved = () => {
      const up = doc().scrollTop < last;
      last = doc().scrollTop;
      atEnd.current = fromEnd() < NEAR_END_PX;
      setAway(fromEnd() > innerHeight / 2);
      const here = state.peek().pages[id];
      if (busy || saves.value || !here || document.visibilityState !== "visible") return;
      if (up && last < LOAD_AHEAD_PX && (here.posts[0]?.n ?? 1) > 1) more(loadOlder(id));
      else if (!up && here.newer && fromEnd() < LOAD_AHEAD_PX) more(loadNewer(id));
    };
    addEventListener("scroll", moved, { passive: true });
    return () => removeEventListener("scroll", moved);
  }, [id]);
  return { away, toEnd };
}

/* Read is what was on the screen of a page that is looked at. */
function useSeen(id: string, page: PostPage | undefined): void {
  const last = page?.posts.at(-1)?.seq ?? 0;
  const count = page?.posts.length ?? 0;
  const watcher = useRef<IntersectionObserver | null>(null);
  useEffect(() => {
    let upTo = 0;
    const tell = () => {
      if (document.visibilityState === "visible" && upTo > 0) markSeen(id, upTo);
    };
    watcher.current = new IntersectionObserver(
      (found) => {
        for (const one of found)
          if (one.intersectionRatio >= 0.5 || one.intersectionRect.height > innerHeight * 0.3)
            upTo = Math.max(upTo, Number((one.target as HTMLElement).dataset.seq));
        tell();
      },
      { threshold: [0, 0.1, 0.2, 0.35, 0.5, 1], rootMargin: "-60px 0px -80px 0px" },
    );
    document.addEventListener("visibilitychange", tell);
    return () => {
      watcher.current?.disconnect();
      document.removeEventListener("visibilitychange", tell);
    };
  }, [id]);
  useEffect(() => {
    /* To be told of one that is watched already means nothing. */
    for (const el of document.querySelectorAll(".post[data-seq]")) watcher.current?.observe(el);
  }, [id, last, count]);
}

function useThreadKeys({
  th,
  page,
  acts,
  end,
}: {
  th: Thread | undefined;
  page: PostPage | undefined;
  acts: PostActs;
  end: () => void;
}): void {
  useEffect(() => {
    const field = () => document.querySelector<HTMLTextAreaElement>(".composer textarea");
    const focused = () => {
      const at = rows().find((el) => el.contains(document.activeElement));
      return page?.posts.find((p) => p.id === at?.id);
    };
    screenKeys.r = () => field()?.focus();
    screenKeys.q = () => {
      const words = selectedWords();
      if (words && th) return quoteWords(th.id, words);
      const p = focused() ?? page?.posts.at(-1);
      if (!p || p.redacted) return;
      acts.quote(p);
      field()?.focus();
    };
    screenKeys.e = () => {
      const mine = page?.posts.filter((p) => p.by === state.value.me?.id && !p.redacted && !p.locked).at(-1);
      if (mine) acts.edit(mine.id);
    };
    screenKeys.m = () => {
      if (th) mute(th);
    };
    screenKeys.x = () => {
      if (th) markRead([th]);
    };
    screenKeys.Escape = () => {
      acts.open("");
      acts.edit("");
      end();
    };
    return () => {
      for (const k of ["r", "q", "e", "m", "x", "Escape"]) delete screenKeys[k];
    };
  });
}

function Typing({ s, thread }: { s: State; thread: string }): VNode {
  const [, tick] = useState(0);
  const until = Object.entries(s.typing[thread] ?? {}).filter(([, end]) => end > Date.now());
  useEffect(() => {
    if (until.length === 0) return;
    const timer = setTimeout(() => tick((n) => n + 1), 1_000);
    return () => clearTimeout(timer);
  });
  const names = until.map(([id]) => nameOf(s, id)).slice(0, 3);
  return (
    <p class="typing meta" aria-live="off">
      {names.length > 0 && t("thread.typing", { n: names.length, names: joinList(names) })}
    </p>
  );
}

/* Says new posts of others to those who listen instead of looking. */
function Announcer({ s, last }: { s: State; last: Post | undefined }): VNode {
  const since = useRef(last?.seq ?? 0);
  const fresh = last && last.seq > since.current && last.by !== s.me?.id && !last.redacted;
  return (
    <p class="sr" aria-live="polite">
      {fresh && last.text && `${nameOf(s, last.by)}${t("punct.colon")}${last.text}`}
    </p>
  );
}

function Manage({ s, thread: th, choose }: { s: State; thread: Thread; choose: () => void }): VNode {
  const [open, setOpen] = useState("");
  const close = () => setOpen("");
  const use = (tool: string) => {
    setOpen(tool === "choose" ? "" : tool);
    if (tool === "choose") choose();
  };
  return (
    <>
      <button
        class="quiet"
        aria-label={t("thread.manage")}
        aria-haspopup="dialog"
        onClick={() => setOpen("sheet")}
      >
        <Icon name="more" />
      </button>
      {open === "sheet" && <ThreadSheet s={s} thread={th} use={use} onClose={close} />}
      {open === "report" && <ReportDialog thread={th} onClose={close} />}
      {open === "move" && <MoveThread s={s} thread={th} onClose={close} />}
      {open === "merge" && <MergeThread s={s} thread={th} onClose={close} />}
    </>
  );
}
