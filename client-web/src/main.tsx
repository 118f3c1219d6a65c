/* main.tsx: the first texts, then the first picture, then the line. */
import { render } from "preact";
import { start } from "./app";
import { readFirst } from "./first";
import { makeReady } from "./i18n";
import { startKeys } from "./keys";
import { loadPrefs } from "./prefs";
import { route, startRouter } from "./router";
import { bring } from "./views/later";
import { App } from "./views/shell";
import { startWorker } from "./worker";

const root = document.getElementById("app")!;
startRouter();
if (/ask|me|search/.test(route.value.name))
  bring("screens").catch(() => {
    /* the screen asks again, and says so */
  });
const first = readFirst();
const device = start(first);
await loadPrefs();
for (const make of makeReady[route.value.name === "thread" ? "talk" : "lists"]) {
  make();
  await new Promise((go) => setTimeout(go)); /* what was typed or tapped meanwhile goes first */
}
if (first) await device; /* what can be read already stays until the whole picture is there */
root.textContent = "";
render(<App />, root);
startKeys();
await device;
/* After the first picture: its files are in the browser's cache by now. */
requestAnimationFrame(() => setTimeout(() => void startWorker(), 1_000));
