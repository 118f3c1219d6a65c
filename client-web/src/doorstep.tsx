/* doorstep.tsx: the page of who is not signed in: coming in, and nothing else. The rooms are the page that follows; their files
 * are brought ahead once somebody is about to come in, while the digits are typed, unless data is to be saved or the line is thin. */
import { effect } from "@preact/signals";
import { render } from "preact";
import { isNear, letGoHere, takeLink } from "./coming";
import { held } from "./entering";
import { startMeter } from "./meter";
import { loadPrefs, saves, textsAt } from "./prefs";
import { SignInView } from "./views/signin";

declare const ROOMS: string; /* address of the script of that page; written by the build */

const root = document.getElementById("app")!;
takeLink();
await loadPrefs("door");
root.textContent = "";
render(<SignInView />, root);
startMeter();
void letGoHere();

let isAhead = false;
const whenIdle = globalThis.requestIdleCallback ?? ((fn: () => void) => setTimeout(fn, 500));
function ahead(): void {
  for (const address of [ROOMS, textsAt("first")])
    fetch(address, { priority: "low" })
      .then((r) => r.blob())
      .catch(() => {
        /* that page asks for it */
      });
}
const isThin = (): boolean => /2g/.test((navigator as any).connection?.effectiveType);
effect(() => {
  if (isAhead || isThin() || saves.value || (!isNear.value && !held.value)) return;
  isAhead = true;
  whenIdle(ahead);
});
