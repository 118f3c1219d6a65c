/* post.tsx: one post, and one that is still on its way. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { blocked, drop, members, myself, react, restorePost, retry, state } from "../app";
import { clock, full, languageName, lang, t } from "../i18n";
import { expected } from "../expected";
import { Markup } from "../markup";
import { href } from "../router";
import type { State } from "../store";
import type { Command, Post, Role, Thread } from "../types";
import { AppealDialog, AskedAbout, Files, PersonSheet, PostActions, PostEditor, PostHistory, SentFiles } from "./later";
import { whyOf } from "./whyof";
import { Icon, Initials, nameOf, place, refusal, tell } from "./parts";

/* My role in a room; without one, in the whole hub. */
export function roleIn(s: State, room = ""): Role {
  return s.rooms[room]?.role ?? s.me?.role ?? "guest";
}
export function isModerator(s: State, room = ""): boolean {
  const role = roleIn(s, room);
  return role === "moderator" || role === "admin";
}

/* Of the hub, or of all that can be seen of a region; the hub says no where that is not enough. */
export const isAdmin = (s: State): boolean =>
  s.me?.role === "admin" ||
  Object.keys(s.regions).some((g) => {
    const here = Object.values(s.rooms).filter((r) => r.region === g);
    return here.length > 0 && here.every((r) => r.role === "admin");
  });

/* What a reader may do with a post; the same object as long as the thread is shown. */
export interface PostActs {
  open(id: string): void;
  quote(post: Post): void;
  edit(id: string): void;
  choose(id: string, upTo: boolean): void /* upTo: all from the one chosen before */;
}
export const NOTHING: Command[] = [];

/* A row of hundreds: it is drawn again only when one of these changed, so none is made anew. */
export interface PostProps {
  post: Post;
  thread: Thread;
  pending: Command[] /* of this post; NOTHING when none */;
  quoted?: Post /* what it replies to, if that is at hand */;
  follows: boolean;
  open: boolean;
  editing: boolean;
  chosen?: boolean /* while messages are being chosen: is this one? */;
  acts: PostActs;
}

const nameHere = (id: string): string => nameOf({ members: members.value }, id);

export function PostItem(props: PostProps): VNode {
  const { thread: th, pending, follows, open, editing, acts } = props;
  const p = expected(props.post, pending);
  const m = members.value[p.by];
  const mine = p.by === myself.value?.id;
  /* A reaction shows its state in its own button; a line of its own would push the posts about. */
  const going = pending.filter(
    (c) => c.status === "refused" || (c.status === "waiting" && c.method !== "post.react"),
  );
  const answer = th.answer === p.id;
  const name = nameHere(p.by);
  const [person, setPerson] = useState(false);
  const [shown, setShown] = useState(false);
  if (blocked.value.includes(p.by) && !shown) return <Folded post={p} follows={follows} show={() => setShown(true)} />;
  return (
    <li
      class={`post${follows ? " follows" : ""}${mine ? " mine" : ""}${answer ? " answer" : ""}`}
      data-row
      tabIndex={-1}
      id={p.id}
      data-seq={p.seq}
    >
      {!follows && <Initials id={p.by} />}
      <div class="post-body">
        <header class={follows ? "sr-head" : ""}>
          {/* a short way for pointers; the button for all is among the message's actions */}
          <b class="who" dir="auto" onClick={() => setPerson(true)}>
            {name}
          </b>
          {!follows && place(m) && (
            <span class="meta place" dir="auto">
              {place(m)}
            </span>
          )}
          <a class="meta when" href={href.thread(th.id, p.id)} onPointerEnter={tell(() => full(p.at))}>
            <time dateTime={new Date(p.at).toISOString()}>{clock(p.at)}</time>
          </a>
          {p.edited_at && !p.redacted && <PostHistory post={p} />}
          {p.lang && p.lang !== lang.value && !p.redacted && (
            <span class="meta lang" onPointerEnter={tell(() => languageName(p.lang))}>
              {p.lang}
            </span>
          )}
        </header>
        {p.locked && !p.redacted && (
          <p class="chip">
            <Icon name="lock" />
            {t("post.fixed")}
          </p>
        )}
        {p.version && !p.redacted && <p class="chip">{t("lib.version.add")}</p>}
        {answer && (
          <p class="chip ok">
            <Icon name="check" />
            {t("thread.accepted")}
          </p>
        )}
        {p.about && !p.redacted && <AskedAbout id={p.about} />}
        {p.reply_to && <Quoted thread={th.id} id={p.reply_to} post={props.quoted} />}
        {p.redacted ? (
          <Redacted post={p} />
        ) : editing ? (
          <PostEditor post={p} done={() => acts.edit("")} />
        ) : (
          <>
            {p.hidden && <Hidden post={p} thread={th} />}
            <div lang={p.lang || undefined}>
              <Markup text={p.text} md={p.md} nameOf={nameHere} />
            </div>
            <Shared post={p} />
          </>
        )}
        {going.map((c) => (
          <PendingState key={c.cid} command={c} />
        ))}
        <Reactions post={p} pending={pending} />
        {open && !p.redacted && !p.hidden && (
          <PostActions {...props} post={p} mine={mine} person={() => setPerson(true)} />
        )}
        {person && <PersonSheet id={p.by} room={th.room} onClose={() => setPerson(false)} />}
      </div>
      {props.chosen !== undefined ? (
        <input
          class="choose"
          type="checkbox"
          checked={props.chosen}
          aria-label={t("choose.one", { name })}
          onClick={(ev) => acts.choose(p.id, ev.shiftKey)}
        />
      ) : (
        !p.redacted &&
        !p.hidden && (
        <button
          class="quiet more"
          aria-expanded={open}
          onClick={() => acts.open(open ? "" : p.id)}
          aria-label={t("post.actions", { name })}
        >
          <Icon name="more" />
        </button>
        )
      )}
    </li>
  );
}

/* Of somebody whom the reader blocks: there, and not in the way. */
function Folded({ post: p, follows, show }: { post: Post; follows: boolean; show: () => void }): VNode {
  return (
    <li class={`post folded${follows ? " follows" : ""}`} data-row tabIndex={-1} id={p.id} data-seq={p.seq}>
      {!follows && <Initials id={p.by} />}
      <div class="post-body redacted hidden">
        <p>{t("block.post", { name: nameHere(p.by) })}</p>
        <button class="soft" onClick={show}>
          {t("block.show")}
        </button>
      </div>
    </li>
  );
}

function Redacted({ post: p }: { post: Post }): VNode {
  return (
    <p class="redacted">
      {p.redacted!.by
        ? t("post.redacted", { name: nameHere(p.redacted!.by) })
        : t("post.redacted.mod")}
      {p.redacted!.reason && (
        <>
          <br />
          <span dir="auto">{t("post.reason", { reason: p.redacted!.reason })}</span>
        </>
      )}
    </p>
  );
}

/* What all are told of it; whoever is shown its words sees that others are not. */
function Hidden({ post: p, thread: th }: { post: Post; thread: Thread }): VNode {
  const [asking, setAsking] = useState(false);
  const [appealed, setAppealed] = useState(false);
  const isTold = p.text !== "";
  const mine = p.by === myself.value?.id;
  return (
    <div class="redacted hidden">
      <p>
        {t(isTold ? (mine ? "mod.hidden.yours" : "mod.hidden.told") : "mod.hidden.post")}{" "}
        <span dir="auto">{whyOf(p.hidden!)}</span>
      </p>
      {isModerator(state.value, th.room) && (!mine || p.hidden!.by === p.by) && (
        <button class="soft" onClick={() => restorePost(p.id, { rule: "undone" })}>
          {t("mod.restore")}
        </button>
      )}
      {mine && (p.hidden!.appealed || appealed) && <p>{t("appeal.done")}</p>}
      {mine && !p.hidden!.appealed && !appealed && (
        <button class="soft" onClick={() => setAsking(true)}>
          {t("appeal.do")}
        </button>
      )}
      {asking && (
        <AppealDialog
          post={p}
          onClose={() => setAsking(false)}
          onDone={() => setAppealed(true)}
        />
      )}
    </div>
  );
}

/* As high as they will be, before what shows them is here: nothing jumps then. */
function Shared({ post: { id, files = [], links = [] } }: { post: Post }): VNode | null {
  const told = links.filter((l) => l.title || l.also || l.dead);
  const all = [...files, ...told];
  return all.length > 0 ? (
    <div class="shared">
      <div class="places" aria-hidden="true">
        {all.map((f, n) => (
          <div key={n} class={"w" in f ? "of-picture" : ""} />
        ))}
      </div>
      <div class="files">
        <Files of={id} files={files} links={told} />
      </div>
    </div>
  ) : null;
}

/* What is quoted: its words if they are at hand, always the way to it. */
function Quoted({ thread, id, post: p }: { thread: string; id: string; post?: Post }): VNode {
  return (
    <a class="quoted" href={href.thread(thread, id)} dir="auto">
      {p ? (
        <>
          <b>{nameHere(p.by)}</b>
          {t("punct.colon")}
          {p.redacted
            ? t("post.removed")
            : blocked.value.includes(p.by)
              ? "…"
              : p.text.slice(0, 160) || p.files?.[0]?.name || (p.hidden ? t("mod.hidden.post") : "")}
        </>
      ) : (
        t("post.quoted")
      )}
    </a>
  );
}

function Reactions({ post: p, pending }: { post: Post; pending: Command[] }): VNode | null {
  const going = pending.filter((c) => c.method === "post.react" && c.status === "waiting");
  if (!p.reactions?.length || p.redacted) return null;
  return (
    <p class="reactions">
      {p.reactions.map((r) => (
        <button
          key={r.emoji}
          class="reaction"
          aria-pressed={r.mine}
          aria-busy={going.some((c) => c.params.emoji === r.emoji)}
          aria-label={t("post.reaction", { emoji: r.emoji, n: r.count })}
          onClick={() => react(p.id, r.emoji, !r.mine)}
        >
          {r.emoji} {r.count}
        </button>
      ))}
    </p>
  );
}

/* A post of mine that has no seq yet: below all that have one. */
export function PendingPost({
  command: c,
  follows,
}: {
  command: Command;
  follows: boolean;
}): VNode {
  const s = state.value;
  const params = c.params as {
    text: string;
    thread: string;
    reply_to?: string;
    files?: unknown[];
  };
  return (
    <li class={`post mine pending${follows ? " follows" : ""}`} data-cid={c.cid}>
      {!follows && <Initials id={s.me?.id ?? ""} />}
      <div class="post-body">
        <header class={follows ? "sr-head" : ""}>
          <b dir="auto">{s.me?.name}</b>
          {/* as it will stand there once it is stored, so that nothing moves then */}
          {!follows && place(s.me ?? undefined) && (
            <span class="meta place" dir="auto">
              {place(s.me ?? undefined)}
            </span>
          )}
        </header>
        {params.reply_to && (
          <Quoted
            thread={params.thread}
            id={params.reply_to}
            post={s.pages[params.thread]?.posts.find((x) => x.id === params.reply_to)}
          />
        )}
        <Markup text={params.text} />
        {params.files && <SentFiles command={c} />}
        <PendingState command={c} />
      </div>
    </li>
  );
}

function PendingState({ command: c }: { command: Command }): VNode {
  const s = state.value;
  if (c.status !== "refused")
    return (
      <p class="meta state">
        <Icon name={c.status === "stored" ? "check" : "clock"} />
        {c.status === "stored"
          ? t(c.result?.held ? "waits.here" : "post.stored")
          : s.line !== "open"
            ? t("post.waiting")
            : t(c.params.files ? "post.files" : "post.sending")}
      </p>
    );
  const other = s.rooms[s.threads[String(c.params.thread)]?.room ?? ""]?.with;
  return (
    <div class="state bad" role="alert">
      <p>
        <Icon name="alert" />
        {other && c.error === "forbidden" ? t("talk.refused", { name: nameHere(other) }) : refusal(c.error)}
      </p>
      <div class="buttons">
        <button class="soft" onClick={() => retry(c.cid)}>
          {t("action.again")}
        </button>
        <button class="quiet" onClick={() => drop(c.cid)}>
          {t("post.discard")}
        </button>
      </div>
    </div>
  );
}
