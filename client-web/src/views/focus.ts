/* focus.ts: where the focus goes when the thing that had it is gone. */
import { rows } from "../keys";

/* Once the row is gone: to the row that took its place, the last one, or the screen. */
export function keepFocus(from: HTMLElement): void {
  const at = rows().indexOf(from);
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body && document.activeElement !== null) return;
    const all = rows();
    (all[Math.min(at, all.length - 1)] ?? document.getElementById("main"))?.focus();
  });
}

/* A button goes with what it stands on: to the same one of its neighbour, else to what is said. */
export function passFocus(from: HTMLElement, or: () => HTMLElement | null | undefined): void {
  const list = from.closest("ul");
  const li = from.closest("li");
  const at = [...(list?.children ?? [])].indexOf(li!);
  const own = [...(li?.querySelectorAll("a, button") ?? [])].indexOf(from);
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body && document.activeElement !== from) return;
    const left = list?.isConnected ? [...list.children] : [];
    const all = [...(left[Math.min(at, left.length - 1)]?.querySelectorAll<HTMLElement>("a, button") ?? [])];
    (all[Math.min(own, all.length - 1)] ?? or())?.focus();
  });
}

/* The first picture is laid out once, by the browser itself, in a task of its own: what asks for its
 * sizes waits for that. Afterwards nothing waits. */
let isLaidOut = false;
export function whenLaidOut(act: () => void): void {
  if (isLaidOut || document.hidden) return act();
  requestAnimationFrame(() => {
    isLaidOut = true;
    act();
  });
}
