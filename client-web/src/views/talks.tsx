/* talks.tsx: conversations of two: all of mine, the first words to somebody, who may begin one with me, and what stands above
 * one that is open. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { state } from "../app";
import { call, dispatch, random } from "../core";
import { duration, t } from "../i18n";
import { go, href } from "../router";
import type { State } from "../store";
import { RpcError, type From, type Member, type Thread } from "../types";
import { PersonSheet } from "./later";
import { Dialog, Empty, Failed, Initials, nameOf, numbered, place, Skeleton } from "./parts";
import { ThreadRow } from "./rows";
import { Page } from "./shell";

const PAGE = 30;
interface Answer {
  threads: Thread[];
  members: Member[];
  seq: number;
}
const told = (e: unknown): string => (e instanceof RpcError ? e.told : "internal");

/* What came lives in the state: rows follow what is written, and a conversation opens at once. */
const talksOf = (s: State): Thread[] =>
  Object.values(s.threads)
    .filter((th) => s.rooms[th.room]?.with && th.kind === "chat")
    .sort((a, b) => b.last_seq - a.last_seq);

export function TalksView(): VNode {
  const s = state.value;
  const [more, setMore] = useState<boolean | null>(null);
  const [failed, setFailed] = useState("");
  const list = talksOf(s);
  const load = (before?: string) =>
    call<Answer>("direct.list", { limit: PAGE, ...(before ? { before } : {}) }).then(
      ({ threads, members, seq }) => {
        setFailed("");
        setMore(threads.length === PAGE);
        for (const thread of threads) dispatch({ type: "thread", thread, members, seq });
      },
      (e: unknown) => setFailed(told(e)),
    );
  const oldest = useRef("");
  oldest.current = list.at(-1)?.id ?? "";
  useEffect(() => {
    if (s.line === "open") void load();
  }, [s.line]);
  return (
    <Page title={t("talks.title")} back={href.rooms}>
      {failed && list.length === 0 && <Failed code={failed} again={() => void load()} />}
      {more === null && !failed && list.length === 0 && <Skeleton rows={4} />}
      {more !== null && list.length === 0 && (
        <Empty title={t("talks.empty")}>
          <p>{t("talks.empty.text")}</p>
          <p>
            <a class="button soft" href={href.people}>
              {t("tab.people")}
            </a>
          </p>
        </Empty>
      )}
      <ul class="rows">
        {list.map((th) => (
          <ThreadRow key={th.id} s={s} thread={th} />
        ))}
      </ul>
      {more && (
        <p class="center">
          <button class="soft" onClick={() => void load(oldest.current)}>
            {t("action.more")}
          </button>
        </p>
      )}
    </Page>
  );
}

/* Whom I talk with, and the way to what can be done about it. */
export function TalkHead({ id, room }: { id: string; room: string }): VNode {
  const s = state.value;
  const [open, setOpen] = useState(false);
  return (
    <div class="talk-head">
      <Initials id={id} />
      <p class="meta">
        <span dir="auto">{place(s.members[id])}</span>
        <span>{t("talk.private")}</span>
      </p>
      <button class="soft" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {t("person.about", { name: nameOf(s, id) })}
      </button>
      {open && <PersonSheet id={id} room={room} onClose={() => setOpen(false)} />}
    </div>
  );
}

/* A thread that was asked about, while its reader may look at it. */
export function AskedAbout({ id }: { id: string }): VNode | null {
  const th = state.value.threads[id];
  const [none, setNone] = useState(false);
  useEffect(() => {
    if (th || none || state.value.line !== "open") return;
    call<{ thread: Thread; members: Member[]; seq: number }>("thread.get", { thread: id }).then(
      (r) => (r.thread.id === id ? dispatch({ type: "thread", ...r }) : setNone(true)),
      () => setNone(true),
    );
  }, [id, th === undefined, state.value.line]);
  if (!th) return null;
  return (
    <p class="asked-about">
      <span class="meta">{t("talk.about")}</span>{" "}
      <a href={href.thread(id)} dir="auto">
        {th.title}
      </a>
    </p>
  );
}

const trouble = (s: State, id: string, e: unknown): string => {
  const code = e instanceof RpcError ? e.code : "";
  if (code === "forbidden") return t("talk.refused", { name: nameOf(s, id) });
  if (code === "conflict") return t("talk.blocks");
  if (code === "slow_mode") return t("talk.slow", { time: duration(Math.ceil(((e as RpcError).retryMs ?? 0) / 1000)) });
  return numbered(t("error.notdone"), e instanceof RpcError ? e.request : "");
};

/* The words stay until the hub has them; sent again after a cut, they are said once. */
export function WriteTo({
  id,
  about,
  words,
  onClose,
  done,
}: {
  id: string;
  about?: string /* a thread that is asked about: told to them if both read it */;
  words?: string /* to begin with */;
  onClose: () => void;
  done?: () => void;
}): VNode {
  const s = state.value;
  const [text, setText] = useState(words ?? "");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const cid = useRef(random());
  const there = Object.values(s.rooms).find((r) => r.with === id);
  const name = nameOf(s, id);
  const send = (thread = about): void => {
    if (text.trim() === "") return setError(t("form.lacks", { what: t("talk.words") }));
    setBusy(true);
    setError("");
    call<{ thread: string }>("direct.open", {
      member: id,
      text: text.trim(),
      ...(thread ? { thread } : {}),
      cid: cid.current,
    }).then(
      ({ thread }) => {
        onClose();
        done?.();
        go(href.thread(thread));
      },
      (e: unknown) => {
        if (e instanceof RpcError && e.code !== "closed") cid.current = random(); /* it was heard, and refused */
        if (thread && e instanceof RpcError && e.code === "not_found") return send(""); /* they do not read it */
        setError(trouble(state.value, id, e));
        setBusy(false);
      },
    );
  };
  useEffect(() => {
    if (!there || about) return;
    onClose();
    done?.();
    go(href.thread(there.chat));
  }, []);
  return (
    <Dialog title={t("talk.write", { name })} onClose={onClose}>
      <form
        class="form"
        onSubmit={(ev) => {
          ev.preventDefault();
          if (!busy) send();
        }}
      >
        <p>{t("talk.text", { name })}</p>
        <label>
          {t("talk.words")}
          <textarea
            dir="auto"
            rows={5}
            maxLength={8000}
            value={text}
            onInput={(ev) => setText(ev.currentTarget.value)}
          />
        </label>
        <p class="error" role="alert">
          {error}
        </p>
        {s.line !== "open" && <p class="note">{t("manage.offline")}</p>}
        <button class="primary wide" disabled={busy || s.line !== "open"}>
          {busy ? t("state.loading") : t("compose.send")}
        </button>
      </form>
    </Dialog>
  );
}

const FROM: From[] = ["rooms", "region", "all", "nobody"];

/* Here and on the member's other devices it is one thing: as if the hub had told it. */
const chosen = (from: From): void => dispatch({ type: "signal", signal: { kind: "direct", from }, now: 0 });

export function WhoMayWrite(): VNode | null {
  const { line, from } = state.value;
  const [error, setError] = useState("");
  useEffect(() => {
    if (line === "open")
      call<{ from: From }>("direct.get").then(
        (r) => chosen(r.from),
        () => {
          /* shown with the next line */
        },
      );
  }, [line]);
  if (!from) return null;
  const choose = (to: From): void => {
    chosen(to);
    setError("");
    call("direct.set", { from: to }).catch(() => {
      chosen(from);
      setError(t("error.notdone"));
    });
  };
  return (
    <section class="settings">
      <h2 id="who-writes">{t("talk.from")}</h2>
      <p class="meta">{t("talk.from.text")}</p>
      <div class="langs" role="group" aria-labelledby="who-writes">
        {FROM.map((x) => (
          <button key={x} class="toggle" aria-pressed={from === x} onClick={() => choose(x)}>
            {t(`from.${x}`)}
          </button>
        ))}
      </div>
      <p class="error" role="alert">
        {error}
      </p>
    </section>
  );
}
