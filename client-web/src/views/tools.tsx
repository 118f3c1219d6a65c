/* tools.tsx: what moderators do with a whole thread, or with some of its messages. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { mergeThread, movePosts, moveThread, similar } from "../app";
import { regionName, t } from "../i18n";
import type { State } from "../store";
import type { Room, Thread } from "../types";
import type { Chooser } from "./choose";
import { Choice, Sheet, Text } from "./forms";
import { Icon } from "./parts";
import { isModerator } from "./post";

/* From so many on another moderator is asked first, if there is one (proto/limits.json). */
const SECOND_ABOVE = 20;

function Second({ count }: { count: number }): VNode | null {
  if (count <= SECOND_ABOVE) return null;
  return <p class="note">{t("second.note", { max: SECOND_ABOVE })}</p>;
}

/* How few may read it. */
const CLOSED: Record<Room["access"], number> = { open: 0, members: 1, private: 2, direct: 3 };

/* Who reads afterwards who did not before, or the other way round: said before it is done. */
function change(from: Room | undefined, to: Room | undefined): string {
  if (!from || !to || (from.access === to.access && from.access === "open")) return "";
  if (CLOSED[to.access] === 0) return t("thread.move.opener");
  return from.access === "open" ? t("thread.move.closer") : t("thread.move.other");
}

export function MoveThread({
  s,
  thread: th,
  onClose,
}: {
  s: State;
  thread: Thread;
  onClose: () => void;
}): VNode {
  const [to, setTo] = useState("");
  const name = (r: Room) => [regionName(s.regions[r.region]), r.name].filter(Boolean).join(" · ");
  const rooms = Object.values(s.rooms)
    .filter((r) => r.id !== th.room && isModerator(s, r.id))
    .map((r): [string, string] => [r.id, name(r)]);
  const told = change(s.rooms[th.room], s.rooms[to]);
  return (
    <Sheet
      title={t("thread.move")}
      submit={t("thread.move.do")}
      lacks={to === "" ? t("thread.move.to") : ""}
      conflict={t("thread.move.conflict")}
      onClose={onClose}
      act={() => moveThread(th, to)}
    >
      <Choice
        label={t("thread.move.to")}
        value={to}
        of={[["", ""], ...rooms]}
        onChoose={setTo}
      />
      {told && <p class="note">{told}</p>}
    </Sheet>
  );
}

const RECENT = 6;

/* Threads by their title; before anything is typed, those of this room that were written in last. */
function ThreadPicker({
  s,
  thread: th,
  chosen,
  onChoose,
}: {
  s: State;
  thread: Thread;
  chosen: string;
  onChoose: (id: string) => void;
}): VNode {
  const [words, setWords] = useState("");
  const [found, setFound] = useState<Thread[] | null>(null);
  useEffect(() => {
    if (words.trim() === "") return setFound(null);
    let current = true;
    const timer = setTimeout(() => {
      similar(words.trim()).then(
        (list) => current && setFound(list),
        () => current && setFound([]),
      );
    }, 200);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [words]);
  const recent = Object.values(s.threads)
    .filter((o) => o.room === th.room && o.kind !== "chat")
    .sort((a, b) => b.last_seq - a.last_seq);
  const list = (found ?? recent).filter((o) => o.id !== th.id).slice(0, RECENT);
  return (
    <>
      <Text label={t("thread.pick")} value={words} max={200} onText={setWords} />
      <div class="choices" role="group" aria-label={t("thread.pick")}>
        {list.map((o) => (
          <button
            key={o.id}
            type="button"
            class="toggle"
            aria-pressed={o.id === chosen}
            onClick={() => onChoose(o.id)}
          >
            <b dir="auto">{o.title}</b>
            <small dir="auto">{s.rooms[o.room]?.name}</small>
          </button>
        ))}
      </div>
    </>
  );
}

export function MergeThread({
  s,
  thread: th,
  onClose,
}: {
  s: State;
  thread: Thread;
  onClose: () => void;
}): VNode {
  const [into, setInto] = useState("");
  return (
    <Sheet
      title={t("thread.merge")}
      submit={t("thread.merge.do")}
      lacks={into === "" ? t("thread.pick") : ""}
      conflict={t("thread.move.conflict")}
      onClose={onClose}
      act={() => mergeThread(th.id, into)}
    >
      <p>{t("thread.merge.text")}</p>
      <Second count={th.posts} />
      <ThreadPicker s={s} thread={th} chosen={into} onChoose={setInto} />
    </Sheet>
  );
}

/* Stands where the composer does while messages are being chosen. */
export function ChooseBar({
  s,
  thread: th,
  chooser,
}: {
  s: State;
  thread: Thread;
  chooser: Chooser;
}): VNode {
  const [moving, setMoving] = useState(false);
  const chosen = chooser.chosen ?? [];
  return (
    <div class="choosing" role="group" aria-label={t("choose.begin")}>
      <p aria-live="polite">{t("choose.count", { n: chosen.length })}</p>
      <button class="soft" disabled={chosen.length < 2} onClick={chooser.between}>
        {t("choose.between")}
      </button>
      <button class="primary" disabled={chosen.length === 0} onClick={() => setMoving(true)}>
        {t("choose.move")}
      </button>
      <button class="quiet" aria-label={t("action.cancel")} onClick={chooser.end}>
        <Icon name="close" />
      </button>
      {moving && (
        <MovePosts
          s={s}
          thread={th}
          posts={chosen}
          done={chooser.end}
          onClose={() => setMoving(false)}
        />
      )}
    </div>
  );
}

function MovePosts({
  s,
  thread: th,
  posts,
  done,
  onClose,
}: {
  s: State;
  thread: Thread;
  posts: string[];
  done: () => void;
  onClose: () => void;
}): VNode {
  const [isNew, setNew] = useState(true);
  const [title, setTitle] = useState("");
  const [kind, setKind] = useState("discussion");
  const [to, setTo] = useState("");
  return (
    <Sheet
      title={t("choose.title", { n: posts.length })}
      submit={t("thread.move.do")}
      lacks={
        isNew
          ? title.trim() === ""
            ? t("ask.titlefield")
            : ""
          : to === ""
            ? t("thread.pick")
            : ""
      }
      conflict={t("thread.move.conflict")}
      onClose={onClose}
      act={async () => {
        await movePosts(posts, isNew ? { title: title.trim(), kind } : { to });
        done();
      }}
    >
      <Second count={posts.length} />
      <div class="choices" role="group" aria-label={t("choose.where")}>
        <button type="button" class="toggle" aria-pressed={isNew} onClick={() => setNew(true)}>
          <b>{t("choose.new")}</b>
        </button>
        <button type="button" class="toggle" aria-pressed={!isNew} onClick={() => setNew(false)}>
          <b>{t("choose.there")}</b>
        </button>
      </div>
      {isNew ? (
        <>
          <Text label={t("ask.titlefield")} value={title} max={200} onText={setTitle} />
          <Choice
            label={t("ask.kind")}
            value={kind}
            of={[
              ["discussion", t("ask.discussion")],
              ["question", t("ask.question")],
            ]}
            onChoose={setKind}
          />
        </>
      ) : (
        <ThreadPicker s={s} thread={th} chosen={to} onChoose={setTo} />
      )}
    </Sheet>
  );
}
