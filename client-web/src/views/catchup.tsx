/* catchup.tsx: the home. Unread threads by room, mentions first. */
import type { VNode } from "preact";
import { loadCatchup, markSeen, state } from "../app";
import { t } from "../i18n";
import { screenKeys } from "../keys";
import { href } from "../router";
import type { State } from "../store";
import type { Thread } from "../types";
import { useEffect } from "preact/hooks";
import { Empty, Failed, Icon, roomAccent, Skeleton } from "./parts";
import { ThreadRow } from "./rows";
import { Page } from "./shell";

export function CatchupView(): VNode {
  const s = state.value;
  const failed = s.failed.catchup;
  const threads = (s.catchup?.ids ?? [])
    .map((id) => s.threads[id])
    .filter((th): th is Thread => th !== undefined && th.unread > 0 && th.level !== "mute");
  useEffect(() => {
    screenKeys.x = () => {
      const link = document.activeElement?.closest<HTMLAnchorElement>("a[data-row]");
      const th = link && state.value.threads[link.pathname.split("/")[2] ?? ""];
      if (th) markSeen(th.id, th.last_seq);
    };
    return () => {
      delete screenKeys.x;
    };
  }, []);
  return (
    <Page title={t("tab.catchup")} actions={<AskLink />}>
      {failed && !s.catchup && <Failed code={failed} again={() => void loadCatchup()} />}
      {!s.catchup && !failed && <Skeleton rows={5} />}
      {s.catchup && threads.length === 0 && <UpToDate s={s} />}
      {groups(threads).map(([room, list]) => (
        <Group key={room} s={s} room={room} list={list} />
      ))}
      {s.catchup?.more && (
        <p class="center">
          <button class="soft" onClick={() => void loadCatchup(true)}>
            {t("action.more")}
          </button>
        </p>
      )}
    </Page>
  );
}

export function AskLink({ room = "" }: { room?: string }): VNode {
  return (
    <a class="button primary ask" href={href.ask(room)}>
      {t("action.ask")}
    </a>
  );
}

/* In the order of the list: the room of its first thread comes first. */
function groups(threads: Thread[]): [string, Thread[]][] {
  const by = new Map<string, Thread[]>();
  for (const th of threads) by.set(th.room, [...(by.get(th.room) ?? []), th]);
  return [...by];
}

function Group({ s, room, list }: { s: State; room: string; list: Thread[] }): VNode {
  const r = s.rooms[room];
  const region = r ? s.regions[r.region]?.name : "";
  return (
    <section class="group">
      <header>
        <h2 class={`region ${roomAccent(s, r)}`}>
          <a href={href.room(room)} dir="auto">
            {[region, r?.name].filter(Boolean).join(" · ")}
          </a>
        </h2>
        <button
          class="quiet small"
          onClick={() => list.forEach((th) => markSeen(th.id, th.last_seq))}
        >
          <Icon name="check" />
          {t("catchup.markread")}
        </button>
      </header>
      <ul class="rows">
        {list.map((th) => (
          <ThreadRow key={th.id} s={s} thread={th} />
        ))}
      </ul>
    </section>
  );
}

function UpToDate({ s }: { s: State }): VNode {
  const joined = Object.values(s.rooms).some((r) => r.joined);
  const open = Object.values(s.threads)
    .filter((th) => th.kind === "question" && !th.answer && !th.locked)
    .sort((a, b) => b.last_seq - a.last_seq)
    .slice(0, 3);
  const rooms = Object.values(s.rooms)
    .filter((r) => !r.joined)
    .sort(
      (a, b) =>
        Number(b.region === s.me?.region) - Number(a.region === s.me?.region) ||
        b.last_seq - a.last_seq,
    )
    .slice(0, 3);
  return (
    <>
      <Empty title={joined ? t("catchup.empty.title") : t("catchup.nothing.title")}>
        <p>{joined ? t("catchup.empty.text") : t("catchup.nothing.text")}</p>
      </Empty>
      {open.length > 0 && (
        <section class="group">
          <header>
            <h2>{t("catchup.unanswered")}</h2>
          </header>
          <ul class="rows">
            {open.map((th) => (
              <ThreadRow key={th.id} s={s} thread={th} />
            ))}
          </ul>
        </section>
      )}
      {rooms.length > 0 && (
        <section class="group">
          <header>
            <h2>{t("catchup.rooms")}</h2>
          </header>
          <ul class="rows">
            {rooms.map((r) => (
              <li key={r.id}>
                <a data-row class={`row ${roomAccent(s, r)}`} href={href.room(r.id)}>
                  <span class="row-title" dir="auto">
                    {r.name}
                  </span>
                  <span class="row-text" dir="auto">
                    {r.about ?? s.regions[r.region]?.name}
                  </span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
