/* rows.tsx: a thread as a row of a list. */
import type { VNode } from "preact";
import { t } from "../i18n";
import { href } from "../router";
import type { State } from "../store";
import type { Thread } from "../types";
import { Badge, Icon, nameOf, roomAccent, Time } from "./parts";

export function ThreadRow({ s, thread: th }: { s: State; thread: Thread }): VNode {
  const room = s.rooms[th.room];
  const who = nameOf(s, th.last_by);
  const title = th.kind === "chat" ? t("thread.lobby") : th.title;
  return (
    <li>
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
    </li>
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
