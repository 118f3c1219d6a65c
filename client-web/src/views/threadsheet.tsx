/* threadsheet.tsx: a thread's settings: what its reader is told of it, what its author may change, and what moderators do. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { archive, closeThread, feature, follow, lock, pin, rename, setKind } from "../app";
import { t } from "../i18n";
import type { State } from "../store";
import type { Level, Thread } from "../types";
import { Dialog, Icon, type IconName } from "./parts";
import { isModerator } from "./post";

const WEEK_MS = 7 * 86_400_000;
const LEVELS: Level[] = ["follow", "digest", "mute"];

export function ThreadSheet({
  s,
  thread: th,
  use,
  onClose,
}: {
  s: State;
  thread: Thread;
  use: (tool: "choose" | "merge" | "move" | "report") => void;
  onClose: () => void;
}): VNode {
  const mod = isModerator(s, th.room);
  const lobby = th.kind === "chat";
  const may = !lobby && (mod || th.by === s.me?.id);
  const act = (text: string, go: () => void, icon?: IconName) => (
    <button
      class="soft"
      onClick={() => {
        go();
        onClose();
      }}
    >
      {icon && <Icon name={icon} />}
      {text}
    </button>
  );
  const tool = (name: "choose" | "merge" | "move", text: string) => (
    <button class="soft" onClick={() => use(name)}>
      {text}
    </button>
  );
  return (
    <Dialog title={t("thread.manage")} onClose={onClose}>
      <h3>{t("level.title")}</h3>
      <div class="choices" role="group" aria-label={t("level.title")}>
        {LEVELS.map((l) => (
          <button
            key={l}
            class="toggle"
            aria-pressed={th.level === l}
            onClick={() => follow(th.id, l)}
          >
            <b>{t(`level.${l}`)}</b>
            <small>{t(`level.${l}.text`)}</small>
          </button>
        ))}
      </div>
      {may && <Rename thread={th} onClose={onClose} />}
      {may && !(th.locked && !mod) && (
        <div class="buttons">
          {act(t(th.closed ? "thread.reopen" : "thread.close"), () => closeThread(th.id, !th.closed))}
          {th.kind === "question" &&
            act(t("thread.todiscussion"), () => setKind(th.id, "discussion"))}
          {th.kind === "discussion" &&
            act(t("thread.toquestion"), () => setKind(th.id, "question"))}
        </div>
      )}
      {mod && (
        <div class="buttons">
          {act(t(th.locked ? "thread.unlock" : "thread.lock"), () => lock(th.id, !th.locked), "lock")}
          {act(t(th.pinned ? "thread.unpin" : "thread.pin"), () => pin(th.id, !th.pinned), "pin")}
          {!th.pinned &&
            act(t("thread.pin.week"), () => pin(th.id, true, Date.now() + WEEK_MS), "pin")}
          {th.featured
            ? act(t("thread.unfeature"), () => feature(th.id, false))
            : act(t("thread.feature"), () => feature(th.id, true, Date.now() + 4 * WEEK_MS))}
          {!lobby &&
            act(t(th.archived ? "thread.unarchive" : "thread.archive"), () =>
              archive(th.id, !th.archived),
            )}
          {tool("choose", t("choose.begin"))}
          {!lobby && tool("move", t("thread.move"))}
          {!lobby && tool("merge", t("thread.merge"))}
        </div>
      )}
      {th.by !== s.me?.id && !lobby && (
        <div class="buttons">
          <button class="quiet" onClick={() => use("report")}>
            {t("report.thread")}
          </button>
        </div>
      )}
    </Dialog>
  );
}

function Rename({ thread: th, onClose }: { thread: Thread; onClose: () => void }): VNode {
  const [title, setTitle] = useState(th.title);
  const is = title.trim();
  return (
    <form
      class="form"
      onSubmit={(ev) => {
        ev.preventDefault();
        if (is === "") return;
        if (is !== th.title) rename(th.id, is);
        onClose();
      }}
    >
      <label>
        {t("thread.rename")}
        <input
          dir="auto"
          maxLength={200}
          value={title}
          onInput={(ev) => setTitle(ev.currentTarget.value)}
        />
      </label>
      <p class="error" role="alert">
        {is === "" && t("form.lacks", { what: t("thread.rename") })}
      </p>
      <button class="soft">{t("action.save")}</button>
    </form>
  );
}
