/* rows.tsx: a thread as a row of a list. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { markRead, mute, now, state } from "../app";
import { regionName, t } from "../i18n";
import { href } from "../router";
import { isQuiet } from "../settings";
import type { State } from "../store";
import type { Thread } from "../types";
import { keepFocus } from "./focus";
import { Badge, Icon, nameOf, roomAccent, Time, titleOf, type IconName } from "./parts";

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
  const title = titleOf(s, th);
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
        {inRoom && room && !room.with && (
          <span class="meta" dir="auto">
            {[regionName(s.regions[room.region]), room.name].filter(Boolean).join(" · ")}
          </span>
        )}
        <span class="row-text" dir="auto">
          {th.excerpt && !s.me?.blocked?.includes(th.last_by) ? (
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

/* A mouse finds both acts where it points. A finger opens them below the row first: two more
 * buttons in every row are a lot to look at on a phone. */
function Acts({ thread: th, title }: { thread: Thread; title: string }): VNode {
  const [open, setOpen] = useState(false);
  const done = (act: () => void) => (ev: MouseEvent) => {
    const row = (ev.currentTarget as HTMLElement).closest("li")!.querySelector<HTMLElement>("a");
    act();
    setOpen(false);
    if (row) keepFocus(row);
  };
  const act = (icon: IconName, text: string, go: () => void) => (
    <button
      class="quiet"
      aria-label={`${text}${t("punct.colon")}${title}`}
      title={text}
      onClick={done(go)}
    >
      <Icon name={icon} />
      <span class="act-text">{text}</span>
    </button>
  );
  return (
    <>
      <span class={`row-acts${open ? " open" : ""}`}>
        {act("check", t("catchup.markread"), () => markRead([th]))}
        {act("mute", t("keys.mute"), () => mute(th))}
      </span>
      <button
        class="quiet row-more"
        aria-expanded={open}
        aria-label={t("catchup.acts", { title })}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
    </>
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
  if (th.featured)
    flags.push(
      <span class="chip" key="f">
        {t("thread.featured")}
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
  if (th.kind === "resource")
    flags.push(
      <span class="chip" key="r">
        {t("thread.resource")}
      </span>,
    );
  if (th.locked || isQuiet(state.value, th, now.value))
    flags.push(
      <span class="chip" key="l">
        <Icon name="lock" />
        {t("thread.locked")}
      </span>,
    );
  if (th.closed || th.archived)
    flags.push(
      <span class="chip" key="c">
        {t(th.archived ? "thread.archived" : "thread.closed")}
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
