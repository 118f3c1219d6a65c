/* shell.tsx: header, rail, tabs, and the screen that the address names. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { barred, freshAt, notice, now, searches, state, undo, undoing, toModerate } from "../app";
import { moment, regionName, t, type Key } from "../i18n";
import { helpOpen, takeBack } from "../keys";
import { href, returnTo, route, takePlace, type Route } from "../router";
import { unreadTalks, unreadTotal } from "../home";
import { isWeak } from "../session";
import type { State } from "../store";
import { CatchupView } from "./catchup";
import { whenLaidOut } from "./focus";
import { AccountView, AskView, BarredView, DeskView, HelpSheet, LogView, MeView, OrgView, PeersView, PeopleView, PersonView, ProfileView, QueueView, ResourcesView, RoomsView, RoomView, SearchView, SignInView, TalksView, WeakView } from "./later";
import { Badge, Empty, Icon, roomAccent, Skeleton, titleOf, type IconName } from "./parts";
import { ThreadView } from "./thread";
import { UpdateBar } from "./update";

/* A phone has room for five: `wide` is in the rail alone, and under another tab there. */
const TABS: { path: string; icon: IconName; text: Key; names: Route["name"][]; wide?: boolean }[] = [
  { path: href.catchup, icon: "inbox", text: "tab.catchup", names: ["catchup"] },
  { path: href.rooms, icon: "rooms", text: "tab.rooms", names: ["rooms", "room", "log", "queue", "desk", "talks", "people", "person", "peers"] },
  { path: href.people, icon: "people", text: "tab.people", names: ["people", "person", "peers"], wide: true },
  { path: href.resources, icon: "file", text: "tab.resources", names: ["resources"] },
  { path: href.search, icon: "search", text: "tab.search", names: ["search"] },
  { path: href.me, icon: "me", text: "tab.me", names: ["me", "org", "profile"] },
];

/* By the saved searches that are to tell it. */
const foundAnew = (): number => searches.value.reduce((n, x) => n + (x.notify ? (x.fresh ?? 0) : 0), 0);

export function App(): VNode {
  const s = state.value;
  const r = route.value;
  const unread = s.phase === "in" ? unreadTotal(s) : 0;
  useEffect(() => {
    const name = s.hub?.name || "Baraza";
    const where =
      r.name === "thread"
        ? s.threads[r.thread] && titleOf(s, s.threads[r.thread]!)
        : r.name === "room" || r.name === "log"
          ? s.rooms[r.room]?.name
          : undefined;
    document.title = `${unread > 0 ? `(${unread >= 100 ? "99+" : unread}) ` : ""}${
      where ? `${where} · ` : ""
    }${name}`;
  });
  if (s.phase === "out")
    return (
      <>
        {barred.value ? <BarredView /> : isWeak.value ? <WeakView /> : <SignInView />}
        <UpdateBar />
      </>
    );
  const chat = r.name === "thread";
  return (
    <div class={`app${chat ? " chat" : ""}`}>
      <a
        class="skip"
        href="#main"
        rel="self"
        onClick={(ev) => {
          ev.preventDefault();
          document.getElementById("main")?.focus();
        }}
      >
        {t("nav.skip")}
      </a>
      <Rail s={s} r={r} unread={unread} />
      <div class="pane">{s.phase === "in" ? <Screen r={r} /> : <BootScreen />}</div>
      {!chat && <Tabs r={r} unread={unread} />}
      {helpOpen.value && <HelpSheet onClose={closeHelp} />}
      <Toast s={s} />
      <UpdateBar />
    </div>
  );
}

function Screen({ r }: { r: Route }): VNode {
  switch (r.name) {
    case "catchup":
      return <CatchupView />;
    case "rooms":
      return <RoomsView />;
    case "room":
      return <RoomView key={r.room} room={r.room} />;
    case "queue":
      return <QueueView s={state.value} />;
    case "desk":
      return <DeskView tab={r.tab} />;
    case "org":
      return <OrgView key={r.org} org={r.org} />;
    case "log":
      return <LogView key={r.room} room={r.room} />;
    case "thread":
      return <ThreadView key={r.thread} thread={r.thread} post={r.post} />;
    case "ask":
      return <AskView room={r.room} />;
    case "search":
      return <SearchView query={r.query} />;
    case "resources":
      return <ResourcesView q={r.q} />;
    case "talks":
      return <TalksView />;
    case "people":
      return <PeopleView q={r.q} />;
    case "person":
      return <PersonView key={r.who} who={r.who} />;
    case "peers":
      return <PeersView q={r.q} />;
    case "profile":
      return <ProfileView />;
    case "me":
      return <MeView />;
    case "account":
      return <AccountView />;
    case "lost":
      return (
        <Page title={t("lost.title")}>
          <Empty title={t("error.not_found")}>
            <p>
              <a class="button soft" href={href.catchup}>
                {t("tab.catchup")}
              </a>
            </p>
          </Empty>
        </Page>
      );
  }
}

function BootScreen(): VNode {
  return (
    <Page title="Baraza">
      {state.value.line === "down" && <p class="note">{t("line.trying")}</p>}
      <Skeleton rows={5} />
    </Page>
  );
}

/* The frame of every screen: its bar with title and actions, then its content. */
export function Page({
  title,
  back,
  lead,
  actions,
  held,
  children,
}: {
  title: string;
  back?: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  held?: boolean /* the screen itself knows where its reader stood */;
  children: ComponentChildren;
}): VNode {
  useLayoutEffect(() => {
    const main = document.getElementById("main");
    const place = held ? null : takePlace();
    const link = [...(main?.querySelectorAll("a") ?? [])].find(
      (a) => place && a.getAttribute("href") === place.link,
    );
    whenLaidOut(() => {
      const at = document.activeElement;
      /* on a slow device a screen has put it into its own field by now */
      if (at === main || !main?.contains(at)) (link ?? main)?.focus({ preventScroll: true });
      if (place) returnTo(place);
    });
  }, []);
  return (
    <>
      <header class="bar">
        {back && (
          <a class="back quiet" href={back} aria-label={t("action.back")}>
            <Icon name="back" />
          </a>
        )}
        <div class="title">
          {lead}
          <h1 dir="auto">{title}</h1>
        </div>
        {actions}
        <Offline />
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function Offline(): VNode {
  const s = state.value;
  const waiting = s.pending.filter((c) => c.status === "waiting" && c.params.text !== undefined).length;
  /* A device that knows it has no network says so with the first picture: nothing moves afterwards. */
  const isDown = s.line === "down" || (s.line === "connecting" && !navigator.onLine);
  const text =
    isDown
      ? waiting > 0
        ? t("line.down.waiting", { n: waiting })
        : freshAt.value > 0
          ? t("line.down.since", { time: moment(freshAt.value, now.value) })
          : t("line.down")
      : "";
  return (
    <div class="offline" role="status">
      {text && (
        <p>
          <Icon name="clock" />
          {text}
        </p>
      )}
    </div>
  );
}

function Rail({ s, r, unread }: { s: State; r: Route; unread: number }): VNode {
  const joined = Object.values(s.rooms).filter((x) => x.joined);
  const regions = Object.values(s.regions).filter((g) => joined.some((x) => x.region === g.id));
  const here = r.name === "room" || r.name === "log" ? r.room : r.name === "thread" ? s.threads[r.thread]?.room : "";
  return (
    <nav class="rail" aria-label={t("nav.main")}>
      <a class="hubname" href={href.catchup}>
        {s.hub?.name || "Baraza"}
      </a>
      <ul>
        {TABS.map((tab) => (
          <li key={tab.path}>
            <a href={tab.path} aria-current={tab.names[0] === r.name ? "page" : undefined}>
              <Icon name={tab.icon} />
              {t(tab.text)}
              {tab.path === href.catchup && <Badge n={unread} />}
              {tab.path === href.search && <Badge n={foundAnew()} />}
            </a>
          </li>
        ))}
        <li>
          <a href={href.talks} aria-current={r.name === "talks" ? "page" : undefined}>
            <Icon name="reply" />
            {t("talks.title")}
            <Badge n={unreadTalks(s)} />
          </a>
        </li>
        {toModerate.value > 0 && (
          <li>
            <a href={href.queue} aria-current={r.name === "queue" ? "page" : undefined}>
              <Icon name="alert" />
              {t("queue.title")}
              <Badge n={toModerate.value} />
            </a>
          </li>
        )}
      </ul>
      {regions.map((g) => (
        <section key={g.id}>
          <h2
            class={`region ${roomAccent(
              s,
              joined.find((x) => x.region === g.id),
            )}`}
          >
            {regionName(g)}
          </h2>
          <ul>
            {joined
              .filter((x) => x.region === g.id)
              .map((x) => (
                <li key={x.id}>
                  <a
                    href={href.room(x.id)}
                    dir="auto"
                    aria-current={x.id === here ? "page" : undefined}
                  >
                    <span>{x.name}</span>
                    <Badge n={x.unread} mention={x.mentions > 0} />
                  </a>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function Tabs({ r, unread }: { r: Route; unread: number }): VNode {
  /* what waits for a moderator stands under Rooms */
  const news: Record<string, number> = {
    [href.catchup]: unread,
    [href.rooms]: toModerate.value,
    [href.search]: foundAnew(),
  };
  return (
    <nav class="tabs" aria-label={t("nav.main")}>
      {TABS.filter((tab) => !tab.wide).map((tab) => (
        <a
          key={tab.path}
          href={tab.path}
          aria-current={tab.names.includes(r.name) ? "page" : undefined}
        >
          <span class="with-dot">
            <Icon name={tab.icon} />
            {(news[tab.path] ?? 0) > 0 && <i class="dot" />}
          </span>
          <span>{t(tab.text)}</span>
        </a>
      ))}
    </nav>
  );
}

const closeHelp = () => {
  helpOpen.value = false;
};

const TOAST_MS = 6_000;
function Toast({ s }: { s: State }): VNode {
  const act = undoing.value;
  useEffect(() => {
    if (!s.notice) return;
    const timer = setTimeout(() => notice(null), TOAST_MS);
    return () => clearTimeout(timer);
  }, [s.notice?.n]);
  return (
    <div class="toast">
      <div role="status" aria-live="polite">
        {act ? <p>{act.text}</p> : s.notice && <p>{s.notice.text}</p>}
      </div>
      {act && (
        <button
          class="soft"
          aria-keyshortcuts="z"
          onFocus={() => undo.hold(true)}
          onBlur={() => undo.hold(false)}
          onPointerEnter={() => undo.hold(true)}
          onPointerLeave={() => undo.hold(false)}
          onClick={takeBack}
        >
          {t("action.undo")}
        </button>
      )}
    </div>
  );
}
