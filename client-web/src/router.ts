/* router.ts: every screen has its own address; going there is a history entry. */
import { signal } from "@preact/signals";

export type Route =
  | { name: "catchup" }
  | { name: "rooms" }
  | { name: "search"; query: string }
  | { name: "resources"; q: string }
  | { name: "me" }
  | { name: "talks" }
  | { name: "people"; q: string }
  | { name: "person"; who: string }
  | { name: "peers"; q: string }
  | { name: "profile" }
  | { name: "account" }
  | { name: "room"; room: string }
  | { name: "log"; room: string }
  | { name: "queue" }
  | { name: "desk"; tab: string }
  | { name: "org"; org: string }
  | { name: "ask"; room: string }
  | { name: "thread"; thread: string; post: string }
  | { name: "lost" };

export function parse(path: string, query = ""): Route {
  const [first = "", second = "", third = "", more] = path.split("/").slice(1).map(decode);
  const end = second === "" && third === "" && more === undefined;
  if (first === "" && end) return { name: "catchup" };
  if (first === "rooms" && end) return { name: "rooms" };
  if (first === "search" && end) return { name: "search", query };
  if (first === "resources" && end) return { name: "resources", q: query };
  if (first === "queue" && end) return { name: "queue" };
  if (first === "desk" && !third) return { name: "desk", tab: second };
  if (first === "org" && second && !third) return { name: "org", org: second };
  if (first === "people" && !third) return second ? { name: "person", who: second } : { name: "people", q: query };
  if (first === "peers" && end) return { name: "peers", q: query };
  if (first === "me" && second === "profile" && !third) return { name: "profile" };
  if (first === "me" && end) return { name: "me" };
  if (first === "talks" && end) return { name: "talks" };
  if (first === "me" && second === "account" && third === "" && more === undefined) return { name: "account" };
  if (first === "r" && second && !third) return { name: "room", room: second };
  if (first === "r" && second && third === "log" && more === undefined)
    return { name: "log", room: second };
  if (first === "ask" && !third) return { name: "ask", room: second };
  if (first === "t" && second && more === undefined)
    return { name: "thread", thread: second, post: third };
  return { name: "lost" };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const href = {
  catchup: "/",
  rooms: "/rooms",
  search: "/search",
  resources: "/resources",
  me: "/me",
  talks: "/talks",
  people: "/people",
  person: (who: string) => `/people/${encodeURIComponent(who)}`,
  profile: "/me/profile",
  peers: "/peers",
  peersFor: (thread: string) => `/peers?thread=${encodeURIComponent(thread)}`,
  account: "/me/account",
  room: (id: string) => `/r/${encodeURIComponent(id)}`,
  queue: "/queue",
  desk: (tab = "") => `/desk${tab && `/${tab}`}`,
  org: (id: string) => `/org/${encodeURIComponent(id)}`,
  log: (room: string) => `/r/${encodeURIComponent(room)}/log`,
  ask: (room: string) => (room ? `/ask/${encodeURIComponent(room)}` : "/ask"),
  thread: (id: string, post = "") =>
    `/t/${encodeURIComponent(id)}${post ? `/${encodeURIComponent(post)}` : ""}`,
};

export const route = signal<Route>({ name: "catchup" });

/* Where the reader stood in each entry of this visit's history: the first row in view and how far
 * from the top it was, because what lies above may have another height when they come back. */
export interface Place {
  y: number;
  row: string;
  top: number;
  link: string /* the link that led away: it gets the focus again */;
}
const places = new Map<number, Place>();
let entry = 0;
let newest = 0;
/* Set while a screen that was left is shown again; the screen that stands there takes it. */
let back: Place | null = null;

export const rowKey = (el: Element): string => el.id || el.getAttribute("href") || "";

function stand(): Place {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  const row = rows.find((el) => el.getBoundingClientRect().bottom > 80);
  return {
    y: scrollY,
    row: row ? rowKey(row) : "",
    top: row ? row.getBoundingClientRect().top : 0,
    link: document.activeElement?.getAttribute("href") ?? "",
  };
}

/* The place to come back to, once; null: the screen was not seen before. */
export function takePlace(): Place | null {
  const place = back;
  back = null;
  return place;
}
/* True if the row that stood at the top is there again. */
export function returnTo(place: Place): boolean {
  const row = [...document.querySelectorAll("[data-row]")].find((el) => rowKey(el) === place.row);
  if (row) scrollBy(0, row.getBoundingClientRect().top - place.top);
  else scrollTo(0, place.y);
  return row !== undefined || place.row === "";
}

function here() {
  route.value = parse(location.pathname, location.search);
}

function popped(ev: PopStateEvent): void {
  places.set(entry, stand());
  entry = (ev.state as { n?: number } | null)?.n ?? 0;
  back = places.get(entry) ?? null;
  here();
}

export function go(path: string, replace = false): void {
  if (path === location.pathname + location.search) return;
  back = null;
  if (replace) history.replaceState({ n: entry }, "", path);
  else {
    places.set(entry, stand());
    entry = ++newest;
    history.pushState({ n: entry }, "", path);
  }
  here();
  if (!replace) scrollTo(0, 0);
}

/* Clicks on our own links change the screen; with a modifier they stay the browser's. */
export function startRouter(): void {
  history.scrollRestoration = "manual";
  /* Numbers go on over a reload; the places of before are gone. */
  entry = newest = (history.state as { n?: number } | null)?.n ?? 0;
  history.replaceState({ n: entry }, "");
  here();
  addEventListener("popstate", popped);
  addEventListener("click", (ev) => {
    if (
      ev.defaultPrevented ||
      ev.button !== 0 ||
      ev.metaKey ||
      ev.ctrlKey ||
      ev.shiftKey ||
      ev.altKey
    )
      return;
    const a = (ev.target as Element | null)?.closest?.("a");
    if (!a || a.target || a.origin !== location.origin || a.hasAttribute("rel") || a.hasAttribute("download")) return;
    ev.preventDefault();
    go(a.pathname + a.search);
  });
}
