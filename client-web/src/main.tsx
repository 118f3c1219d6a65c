/* main.tsx: the first texts, then the first picture, then the line. */
import { render } from "preact";
import { start } from "./app";
import { readFirst } from "./first";
import { makeReady } from "./i18n";
import { startKeys } from "./keys";
import { bring, SCREENS, SOON, type File } from "./later";
import { loadPrefs } from "./prefs";
import { route, startRouter } from "./router";
import { App } from "./views/shell";
import { startWorker } from "./worker";

const root = document.getElementById("app")!;
startRouter();
const ahead = (file: File): Promise<unknown> =>
  bring(file).catch(() => {
    /* who shows what is in it asks again, and says so */
  });
const own = SCREENS[route.value.name];
const screen = own && ahead(own);
const first = readFirst();
const device = start(first);
await loadPrefs("first");
for (const make of makeReady[route.value.name === "thread" ? "talk" : "lists"]) {
  make();
  await new Promise((go) => setTimeout(go)); /* what was typed or tapped meanwhile goes first */
}
/* what can be read already stays until the whole picture is there */
if (first) await Promise.all([device, screen]);
root.textContent = "";
render(<App />, root);
startKeys();
await device;
/* After the first picture: its files are in the browser's cache by now. */
requestAnimationFrame(() =>
  setTimeout(() => {
    for (const file of SOON) void ahead(file);
    void startWorker();
  }, 1_000),
);
/* What is kept on the device is held to what the hub says, whatever screen stands. */
globalThis.caches?.has("kept").then(
  (is) => is && ahead("library"),
  () => {
    /* this browser does not give its storage now */
  },
);
