/* worker.ts: the page's side of the service worker: it starts it, and says when a new build waits.
 * The reload is the reader's: nobody loses a sentence to an update. */
import { effect, signal } from "@preact/signals";
import { saveDrafts } from "./drafts";
import { lang } from "./i18n";

const ADDRESS = "/sw.js";
const LOOK_MS = 60 * 60_000;

/* True when a newer build than the one that runs is ready on this device. */
export const isNewer = signal(false);
/* What the browser offers to do to put the client on the home screen; null: it does not offer. */
export const installer = signal<{ prompt(): Promise<unknown> } | null>(null);

let registration: ServiceWorkerRegistration | null = null;
let lookedAt = 0;

/* The only text that this client ever lets run besides its own files. */
function trusted(): string {
  const types = (globalThis as any).trustedTypes;
  if (!types) return ADDRESS;
  const policy = types.createPolicy("app", {
    createScriptURL(address: string) {
      if (address !== ADDRESS) throw new TypeError(`${address} is not ours to run`);
      return address;
    },
  });
  return policy.createScriptURL(ADDRESS);
}

function follow(found: ServiceWorkerRegistration): void {
  const look = (worker: ServiceWorker | null) => {
    if (worker?.state === "installed" && found.active) isNewer.value = true;
  };
  look(found.waiting);
  found.addEventListener("updatefound", () => {
    const worker = found.installing;
    worker?.addEventListener("statechange", () => look(worker));
  });
}

/* Another tab took the new build: this one goes on with its own until its reader reloads. */
function watchController(): void {
  let had = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (had) isNewer.value = true;
    had = true;
  });
}

export async function startWorker(): Promise<void> {
  addEventListener("beforeinstallprompt", (ev) => {
    ev.preventDefault();
    installer.value = ev as any;
  });
  addEventListener("appinstalled", () => {
    installer.value = null;
  });
  if (!navigator.serviceWorker) return;
  try {
    watchController();
    follow(await navigator.serviceWorker.register(trusted()));
    registration = await navigator.serviceWorker.ready;
    lookedAt = Date.now();
    effect(() => {
      registration?.active?.postMessage({ type: "keep", lang: lang.value });
    });
  } catch {
    /* this browser, or this address, has no service worker: the client works over the line */
  }
}

/* Long-lived tabs look for a new build now and then; the browser itself looks at each opening. */
export function lookForNewer(): void {
  if (!registration || Date.now() - lookedAt < LOOK_MS) return;
  lookedAt = Date.now();
  void registration.update().catch(() => {
    /* next time */
  });
}

export async function takeNewer(): Promise<void> {
  await saveDrafts();
  const waiting = registration?.waiting;
  if (!waiting) return location.reload();
  waiting.addEventListener("statechange", () => {
    if (waiting.state === "activated") location.reload();
  });
  waiting.postMessage({ type: "now" });
}

/* After signing out nothing stays, not even the public files (the next visit brings them again). */
export async function dropFiles(): Promise<void> {
  if (typeof caches === "undefined") return;
  await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
}
