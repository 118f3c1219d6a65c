/* keys.ts: the keyboard. Single letters work only outside of fields and can be switched off. */
import { signal } from "@preact/signals";
import { state, undo } from "./app";
import { shortcuts } from "./prefs";
import { go, href, route } from "./router";

export const helpOpen = signal(false);

/* What the screen on view makes of its own letters. */
export const screenKeys: Record<string, () => void> = {};

export function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-row]")];
}

function step(by: number): void {
  const all = rows();
  const at = all.findIndex((el) => el.contains(document.activeElement));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function unread(by: number): void {
  const s = state.value;
  const ids = (s.catchup?.ids ?? []).filter((id) => (s.threads[id]?.unread ?? 0) > 0);
  const r = route.value;
  const at = r.name === "thread" ? ids.indexOf(r.thread) : -1;
  const next = at < 0 ? ids[by > 0 ? 0 : ids.length - 1] : ids[at + by];
  if (next) go(href.thread(next));
  else if (by > 0) go(href.catchup);
}

/* Takes the last act back; the focus goes to what came back, not to nowhere. */
export function takeBack(): void {
  const inToast = document.activeElement?.closest(".toast") != null;
  undo.takeBack();
  if (inToast)
    requestAnimationFrame(() => (rows()[0] ?? document.getElementById("main"))?.focus());
}

const general: Record<string, () => void> = {
  j: () => step(1),
  k: () => step(-1),
  n: () => unread(1),
  p: () => unread(-1),
  z: takeBack,
  "/": () => go(href.search),
  "?": () => {
    helpOpen.value = true;
  },
  a: () => go(href.ask(route.value.name === "room" ? route.value.room : "")),
};
const places: Record<string, string> = {
  i: href.catchup,
  r: href.rooms,
  s: href.search,
  p: href.me,
};

let waitsForPlace = 0;

function pressed(ev: KeyboardEvent): void {
  const target = ev.target as HTMLElement;
  const inField = target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (ev.key === "Escape" && !ev.defaultPrevented) {
    if (document.querySelector("dialog[open]")) return; /* it closes, and what lies under it stays as it is */
    if (screenKeys.Escape) screenKeys.Escape();
    /* out of the field, but not to nowhere */
    if (inField)
      document.getElementById("main")?.focus({ preventScroll: true });
    return;
  }
  if (
    inField ||
    !shortcuts.value ||
    ev.metaKey ||
    ev.ctrlKey ||
    ev.altKey ||
    ev.isComposing ||
    document.querySelector("dialog[open]")
  )
    return;
  const placed = Date.now() - waitsForPlace < 1500 ? places[ev.key] : undefined;
  waitsForPlace = 0;
  if (ev.key === "g") {
    waitsForPlace = Date.now();
    return;
  }
  const act = placed ? () => go(placed) : (screenKeys[ev.key] ?? general[ev.key]);
  if (act === undefined) return;
  ev.preventDefault();
  act();
}

export function startKeys(): void {
  addEventListener("keydown", pressed);
}
