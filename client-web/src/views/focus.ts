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
