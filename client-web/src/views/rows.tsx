/* rows.tsx: a thread as a row of a list. */
import type { VNode } from "preact";
import { markRead, mute } from "../app";
import { t } from "../i18n";
import { href } from "../router";
import type { State } from "../store";
import type { Thread } from "../types";
import { keepFocus } from "./focus";
import { Badge, Icon, nameOf, roomAccent, Time } from "./parts";

/* `room`: also says where; `acts`: with buttons that mark it read and mute it. */
export function ThreadRow({
  s,
  thread: th,
  room: inRoom,
  acts,
}: {
  s: State;
  thread: Thread;
  room?: boolean;
  acts?: boolean;
}): VNode {
  const room = s.rooms[th.room];
  const who = nameOf(s, th.last_by);
  const title = th.kind === "chat" ? t("thread.lobby") : th.title;
  return (
    <li class={acts ? "with-acts" : undefined}>
      <a
        data-row
        class={`row ${roomAccent(s, room)}${th.unread > 0 ? " unread" : ""}`}
        href={href.thread(th.id)}
      >
        <span class="row-title" dir="auto">
          {title}
        </span>
        <span class="row-side">
          <Badge n={th.unread} mention={th.mentions > 0} />
          <span class="meta">
            <Time at={th.last_at} />
          </span>
        </span>
        {inRoom && room && (
          <span class="meta" dir="auto">
            {[s.regions[room.region]?.name, room.name].filter(Boolean).join(" · ")}
          </span>
        )}
        <span class="row-text" dir="auto">
          {th.excerpt ? (
            <>
              <b>{who}</b>
              {t("punct.colon")}
              {th.excerpt}
            </>
          ) : (
            who
          )}
        </span>
        <Flags thread={th} />
      </a>
      {acts && <Acts thread={th} title={title} />}
    </li>
  );
}

function Acts({ thread: th, title }: { thread: Thread; title: string }): VNode {
  const done = (act: () => void) => (ev: MouseEvent) => {
    const row = (ev.currentTarget as HTMLElement).closest("li")!.querySelector<HTMLElement>("a");
    act();
    if (row) keepFocus(row);
  };
  return (
    <span class="row-acts">
      <button
        class="quiet"
        aria-label={`${t("catchup.markread")}${t("punct.colon")}${title}`}
        title={t("catchup.markread")}
        onClick={done(() => markRead([th]))}
      >
        <Icon name="check" />
      </button>
      <button
        class="quiet"
        aria-label={`${t("keys.mute")}${t("punct.colon")}${title}`}
        title={t("keys.mute")}
        onClick={done(() => mute(th))}
      >
        <Icon name="mute" />
      </button>
    </span>
  );
}

export function Flags({ thread: th }: { thread: Thread }): VNode | null {
  const flags: VNode[] = [];
  if (th.pinned)
    flags.push(
      <span class="chip" key="p">
        <Icon name="pin" />
        {t("thread.pinned")}
      </span>,
    );
  if (th.kind === "question")
    flags.push(
      th.answer ? (
        <span class="chip ok" key="a">
          <Icon name="check" />
          {t("thread.answered")}
        </span>
      ) : (
        <span class="chip" key="q">
          {t("thread.question")}
        </span>
      ),
    );
  if (th.locked)
    flags.push(
      <span class="chip" key="l">
        <Icon name="lock" />
        {t("thread.locked")}
      </span>,
    );
  if (th.level === "mute")
    flags.push(
      <span class="chip" key="m">
        {t("level.muted")}
      </span>,
    );
  return flags.length > 0 ? <span class="flags">{flags}</span> : null;
}
