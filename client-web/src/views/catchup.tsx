/* catchup.tsx: the home. Unread threads by room, mentions first. */
import type { VNode } from "preact";
import { loadCatchup, markRead, markRoomRead, mute, state } from "../app";
import { regionName, t } from "../i18n";
import { screenKeys } from "../keys";
import { href } from "../router";
import { catchupParts, featured, openQuestions } from "../home";
import type { State } from "../store";
import type { Thread } from "../types";
import { useEffect, useState } from "preact/hooks";
import { keepFocus } from "./focus";
import { Empty, Failed, Icon, roomAccent, Skeleton } from "./parts";
import { ThreadRow } from "./rows";
import { Page } from "./shell";

/* The page's first picture is drawn in two tasks: on a slow phone the whole list takes a quarter of a second, in which a
 * tap finds nobody. What lies below the fold comes with the second. */
let isDrawn = false;
const FOLD = 2; /* rooms */
function useWhole(): boolean {
  const [whole, setWhole] = useState(isDrawn);
  useEffect(() => {
    isDrawn = true;
    const soon = setTimeout(() => setWhole(true));
    return () => clearTimeout(soon);
  }, []);
  return whole;
}

export function CatchupView(): VNode {
  const whole = useWhole();
  const s = state.value;
  const failed = s.failed.catchup;
  const { named, parts } = catchupParts(s);
  const none = named.length === 0 && parts.length === 0;
  const shown = featured(s);
  const open = openQuestions(s, none ? 3 : 5);
  useRowKeys();
  return (
    <Page title={t("tab.catchup")} actions={<AskLink />}>
      {failed && <Failed code={failed} again={() => void loadCatchup()} />}
      {!s.catchup && !failed && <Skeleton rows={5} />}
      {s.catchup && none && !s.catchup.more && <UpToDate s={s} />}
      <Across s={s} title={t("catchup.named")} list={named} acts />
      {(whole ? parts : parts.slice(0, FOLD)).map((p) => (
        <Group key={p.room} s={s} room={p.room} list={p.threads} />
      ))}
      {whole && s.catchup?.more && (
        <p class="center">
          <button class="soft" onClick={() => void loadCatchup(true)}>
            {t("action.more")}
          </button>
        </p>
      )}
      {whole && <Across s={s} title={t("catchup.featured")} list={shown} />}
      {whole && <Across s={s} title={t("catchup.unanswered")} list={open} />}
      {s.catchup && none && !s.catchup.more && <Suggested s={s} />}
    </Page>
  );
}

/* x and m act on the row that has the focus. The row goes; the focus stays in the list. */
function useRowKeys(): void {
  useEffect(() => {
    const onRow = (act: (th: Thread) => void) => () => {
      const link = document.activeElement?.closest("li")?.querySelector<HTMLAnchorElement>("a[data-row]");
      const th = link && state.value.threads[link.pathname.split("/")[2] ?? ""];
      if (!th) return;
      act(th);
      keepFocus(link);
    };
    screenKeys.x = onRow((th) => markRead([th]));
    screenKeys.m = onRow(mute);
    return () => {
      delete screenKeys.x;
      delete screenKeys.m;
    };
  }, []);
}

export function AskLink({ room = "" }: { room?: string }): VNode {
  return (
    <a class="button primary ask" href={href.ask(room)}>
      {t("action.ask")}
    </a>
  );
}

/* Threads of several rooms. */
function Across({
  s,
  title,
  list,
  acts,
}: {
  s: State;
  title: string;
  list: Thread[];
  acts?: boolean;
}): VNode | null {
  if (list.length === 0) return null;
  return (
    <section class="group">
      <header>
        <h2>{title}</h2>
      </header>
      <ul class="rows">
        {list.map((th) => (
          <ThreadRow key={th.id} s={s} thread={th} room acts={acts} />
        ))}
      </ul>
    </section>
  );
}

function Group({ s, room, list }: { s: State; room: string; list: Thread[] }): VNode {
  const r = s.rooms[room];
  const region = r ? regionName(s.regions[r.region]) : "";
  const name = room ? r?.name : t("talks.title"); /* without a room: conversations of two */
  return (
    <section class="group">
      <header>
        <h2 class={`region ${roomAccent(s, r)}`}>
          <a href={room ? href.room(room) : href.talks} dir="auto">
            {[region, name].filter(Boolean).join(" · ")}
          </a>
        </h2>
        <button
          class="quiet small"
          onClick={(ev) => {
            const first = ev.currentTarget.closest(".group")?.querySelector<HTMLElement>("[data-row]");
            if (room) markRoomRead(room);
            else markRead(list);
            if (first) keepFocus(first);
          }}
        >
          <Icon name="check" />
          {t("catchup.markread")}
          <span class="sr"> {name}</span>
        </button>
      </header>
      <ul class="rows">
        {list.map((th) => (
          <ThreadRow key={th.id} s={s} thread={th} acts />
        ))}
      </ul>
    </section>
  );
}

function UpToDate({ s }: { s: State }): VNode {
  const joined = Object.values(s.rooms).some((r) => r.joined);
  return (
    <Empty title={joined ? t("catchup.empty.title") : t("catchup.nothing.title")}>
      <p>{joined ? t("catchup.empty.text") : t("catchup.nothing.text")}</p>
    </Empty>
  );
}

/* Rooms to join: those of my region, then the liveliest. */
function Suggested({ s }: { s: State }): VNode | null {
  const rooms = Object.values(s.rooms)
    .filter((r) => !r.joined)
    .sort(
      (a, b) =>
        Number(b.region === s.me?.region) - Number(a.region === s.me?.region) ||
        b.last_seq - a.last_seq,
    )
    .slice(0, 3);
  if (rooms.length === 0) return null;
  return (
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
                {r.about ?? regionName(s.regions[r.region])}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
