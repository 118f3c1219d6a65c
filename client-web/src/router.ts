/* router.ts: every screen has its own address; going there is a history entry. */
import { signal } from "@preact/signals";

export type Route =
  | { name: "catchup" }
  | { name: "rooms" }
  | { name: "search"; q: string }
  | { name: "me" }
  | { name: "room"; room: string }
  | { name: "ask"; room: string }
  | { name: "thread"; thread: string; post: string }
  | { name: "lost" };

export function parse(path: string, query = ""): Route {
  const [first = "", second = "", third = "", more] = path.split("/").slice(1).map(decode);
  const end = second === "" && third === "" && more === undefined;
  if (first === "" && end) return { name: "catchup" };
  if (first === "rooms" && end) return { name: "rooms" };
  if (first === "search" && end)
    return { name: "search", q: new URLSearchParams(query).get("q") ?? "" };
  if (first === "me" && end) return { name: "me" };
  if (first === "r" && second && !third) return { name: "room", room: second };
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
  me: "/me",
  room: (id: string) => `/r/${encodeURIComponent(id)}`,
  ask: (room: string) => (room ? `/ask/${encodeURIComponent(room)}` : "/ask"),
  thread: (id: string, post = "") =>
    `/t/${encodeURIComponent(id)}${post ? `/${encodeURIComponent(post)}` : ""}`,
  query: (q: string) => `/search${q ? `?q=${encodeURIComponent(q)}` : ""}`,
};

export const route = signal<Route>({ name: "catchup" });

function here() {
  route.value = parse(location.pathname, location.search);
}

export function go(path: string, replace = false): void {
  if (path === location.pathname + location.search) return;
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  here();
  if (!replace) scrollTo(0, 0);
}

/* Clicks on our own links change the screen; with a modifier they stay the browser's. */
export function startRouter(): void {
  here();
  addEventListener("popstate", here);
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
    if (!a || a.target || a.origin !== location.origin || a.hasAttribute("rel")) return;
    ev.preventDefault();
    go(a.pathname + a.search);
  });
}
