/* threadsheet.tsx: a thread's settings: what its reader is told of it, what its author may change, and what moderators do. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { follow, undo } from "../app";
import { device } from "../core";
import { t } from "../i18n";
import type { State } from "../store";
import type { Level, Params, Thread } from "../types";
import { Dialog, Icon, type IconName } from "./parts";
import { isModerator } from "./post";

const WEEK_MS = 7 * 86_400_000;
const LEVELS: Level[] = ["follow", "digest", "mute"];

/* It goes by the outbox, and can be taken back for a while. */
function change(th: Thread, method: string, to: Params, back: Params, what: string): void {
  const write = (p: Params) => void device.outbox!.add(method, { thread: th.id, ...p });
  write(to);
  undo.offer({
    text: t("undo.did", { what }),
    undo: () => {
      write(back);
      /* it went with the kind */
      if (back.kind === "question" && th.answer) device.outbox!.add("thread.answer", { thread: th.id, post: th.answer });
    },
  });
}

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
  const pinned = { pinned: th.pinned, ...(th.pinned_until ? { until: th.pinned_until } : {}) };
  const may = !lobby && (mod || th.by === s.me?.id);
  const act = (text: string, method: string, to: Params, back: Params, icon?: IconName) => (
    <button
      class="soft"
      onClick={() => {
        change(th, method, to, back, text);
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
          {act(t(th.closed ? "thread.reopen" : "thread.close"), "thread.close", { closed: !th.closed }, { closed: !!th.closed })}
          {th.kind === "question" &&
            act(t("thread.todiscussion"), "thread.kind", { kind: "discussion" }, { kind: th.kind })}
          {th.kind === "discussion" &&
            act(t("thread.toquestion"), "thread.kind", { kind: "question" }, { kind: th.kind })}
        </div>
      )}
      {mod && (
        <div class="buttons">
          {act(t(th.locked ? "thread.unlock" : "thread.lock"), "thread.lock", { locked: !th.locked }, { locked: th.locked }, "lock")}
          {act(t(th.pinned ? "thread.unpin" : "thread.pin"), "thread.pin", { pinned: !th.pinned }, pinned, "pin")}
          {!th.pinned &&
            act(t("thread.pin.week"), "thread.pin", { pinned: true, until: Date.now() + WEEK_MS }, pinned, "pin")}
          {th.featured
            ? act(t("thread.unfeature"), "thread.feature", { featured: false }, { featured: true, until: Date.now() + 4 * WEEK_MS })
            : act(t("thread.feature"), "thread.feature", { featured: true, until: Date.now() + 4 * WEEK_MS }, { featured: false })}
          {!lobby &&
            act(t(th.archived ? "thread.unarchive" : "thread.archive"), "thread.archive", { archived: !th.archived }, { archived: !!th.archived })}
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
        if (is !== th.title) change(th, "thread.rename", { title: is }, { title: th.title }, t("thread.rename"));
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
