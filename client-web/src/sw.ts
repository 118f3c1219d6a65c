/* sw.ts: the service worker. The client opens without a line, and without waiting for one.
 *
 * It keeps public files only: the page, its script, style and icons, and the languages chosen on
 * this device. What belongs to a member (/rpc, /ws, /api) never passes through here; it lies in
 * IndexedDB, under its owner. Files that a member wants on the device the page puts into a cache of
 * their own; they are answered from there under `?kept`, and removed by the page. Each build has a cache of its own, filled as a whole or not at all,
 * so a page never meets parts of another build; a new build waits until its reader asks for it. */
import { PAGES, SHARED } from "./pages";

declare const VERSION: string;
declare const SHELL: string[]; /* the page first, then hashed files; written by the build */
declare const TEXTS: Record<string, Record<string, string>>; /* part -> language -> address */

interface Waits extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetches extends Event {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
const worker = globalThis as unknown as {
  addEventListener(type: string, fn: (ev: any) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
};

const OWN = `baraza-${VERSION}`;
const PAGE = SHELL[0]!;
const PARTS = Object.values(TEXTS);
const known = new Set([...SHELL, ...PARTS.flatMap((part) => Object.values(part))]);
const textsOf = (code: string): string[] => PARTS.flatMap((part) => part[code] ?? []);
const ours = async () => (await caches.keys()).filter((name) => name.startsWith("baraza-"));

/* The languages that an earlier build kept here: they were chosen, so the new build brings them. */
async function languages(): Promise<string[]> {
  const kept = new Set<string>();
  for (const name of await ours())
    for (const { url } of await (await caches.open(name)).keys())
      kept.add(/\/a\/([a-z]{2})\.[^/]*$/.exec(url)?.[1] ?? "");
  return [...kept];
}

async function install(): Promise<void> {
  const files = [...SHELL.slice(1), ...(await languages()).flatMap(textsOf)];
  const cache = await caches.open(OWN);
  const page = await fetch(new Request(PAGE, { cache: "no-cache" }));
  if (!page.ok) throw new Error(`the page answers ${page.status}`);
  const headers = new Headers(page.headers);
  headers.delete("link"); /* the texts of the browser's language, perhaps not of the chosen one */
  await cache.addAll(files);
  await cache.put(PAGE, new Response(await page.blob(), { headers }));
}

/* The build before stays one turn longer: tabs that still run it find their files. */
async function activate(): Promise<void> {
  const others = (await ours()).filter((name) => name !== OWN);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
}

async function answer(address: string, request: Request): Promise<Response> {
  const options = { ignoreVary: true };
  const own = await caches.match(address, { ...options, cacheName: OWN });
  const kept = own ?? (address === PAGE ? undefined : await caches.match(address, options));
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok && known.has(address) && address !== PAGE)
    await (await caches.open(OWN)).put(address, fresh.clone());
  return fresh;
}

/* Whoever signed out here left nothing (worker.ts): who comes next has the build brought anew. */
async function keep(texts: string[]): Promise<void> {
  const cache = await caches.open(OWN);
  const has = (address: string) => cache.match(address, { ignoreVary: true });
  if (!(await has(PAGE))) await install();
  await Promise.all(texts.map(async (address) => (await has(address)) ?? cache.add(address)));
}

/* What another application shares comes as a form. Its files wait here for the page, its words are in the address. */
async function take(request: Request): Promise<Response> {
  const form = await request.formData();
  const query = new URLSearchParams();
  for (const name of ["title", "text", "url"]) query.set(name, String(form.get(name) ?? ""));
  const files = form.getAll("files").filter((f): f is File => f instanceof File && f.name !== "");
  await caches.delete(SHARED);
  try {
    const cache = await caches.open(SHARED);
    for (const [n, file] of files.entries())
      await cache.put(`/${SHARED}/${n}`, new Response(file, { headers: { "x-name": encodeURIComponent(file.name) } }));
    if (files.length > 0) query.set("files", "here");
  } catch {
    query.set("files", "lost"); /* the device is full */
  }
  return Response.redirect(`/ask?${query}`, 303);
}

/* A member's own: what the page put there (kept.ts), and only under these addresses. */
const keptFile = async (request: Request): Promise<Response> =>
  (await caches.match(request.url, { ignoreVary: true, cacheName: "kept" })) ?? fetch(request);

worker.addEventListener("install", (ev: Waits) => ev.waitUntil(install()));
worker.addEventListener("activate", (ev: Waits) => ev.waitUntil(activate()));
worker.addEventListener("fetch", (ev: Fetches) => {
  const { request } = ev;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method === "POST" && request.mode === "navigate" && pathname === "/ask") return ev.respondWith(take(request));
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && PAGES.test(pathname)) ev.respondWith(answer(PAGE, request));
  else if (search === "?kept") ev.respondWith(keptFile(request));
  else if (known.has(pathname) && pathname !== PAGE && search === "")
    ev.respondWith(answer(pathname, request));
});
worker.addEventListener("message", (ev: Waits & { data: { type?: string; lang?: string } }) => {
  if (ev.data?.type === "now") ev.waitUntil(worker.skipWaiting());
  else if (ev.data?.type === "claim") ev.waitUntil(worker.clients.claim());
  else if (ev.data?.type === "keep") ev.waitUntil(keep(textsOf(ev.data.lang ?? "")));
});
