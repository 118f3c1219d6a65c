/* kept.ts: resources that the member wants on this device: the file's bytes and the talk about it. They lie in a cache
 * of their own, which the service worker answers `?kept` addresses from, and nothing else. Signing out, another member
 * and an ended session remove the whole of it; what the hub says is not to be seen any more goes with the next line. */
import { effect, signal } from "@preact/signals";
import { call, device, dispatch, state } from "./core";
import { openThread } from "./loading";
import { saves } from "./prefs";
import { route } from "./router";
import { get, isGone, loadThemes, type Whole } from "./shelf";
import type { Member, Post, Thread } from "./types";

const CACHE = "kept";
const POSTS = 50;
const SPARE_BYTES = 20e6; /* stay free: the rest of the client needs room, too */
const SETTLE_MS = 1_500;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LARGE_BYTES = 1e6; /* of a newer version: it comes when it is asked for */

export interface Kept extends Whole {
  owner: string;
  at: number /* when all of its talk was asked for */;
  looked?: number /* when the hub said last that it may be seen */;
  bytes: number;
  thread: Thread;
  posts: Post[];
  members: Member[];
  seq: number;
  old?: boolean /* there is a newer version, which did not come by itself */;
}
export const kept = signal<Record<string, Kept>>({});
/* How much of a file has come, in percent. */
export const coming = signal<Record<string, number>>({});
export const mayKeep = (): boolean => typeof caches !== "undefined" && "serviceWorker" in navigator;

const record = (id: string): string => `/kept/${encodeURIComponent(id)}`;
export const keptAt = (post: string, n: number): string => `/file/${post}/${n}?kept`;
const places = (k: Whole): string[] => {
  const f = k.resource.file;
  return f ? [keptAt(f.post, f.n), ...(f.thumb ? [`/file/${f.post}/${f.n}/thumb?kept`] : [])] : [];
};
export class NoRoom extends Error {}
/* One tab at a time puts bytes there before something names them, and clears away what nothing names. */
const alone = <T>(work: () => Promise<T>): Promise<T> =>
  navigator.locks ? (navigator.locks.request("baraza-kept", work) as Promise<T>) : work();

function put(id: string, k: Kept | null): void {
  const { [id]: _, ...others } = kept.value;
  kept.value = k ? { ...others, [id]: k } : others;
}

/* What is there of mine; `sweeps`: bytes that nothing names any more go, as of a page that ended before it had put all. */
async function records(sweeps: boolean): Promise<Record<string, Kept>> {
  const cache = await caches.open(CACHE);
  const all: Record<string, Kept> = {};
  const named = new Set<string>();
  const keys = await cache.keys();
  for (const r of keys) {
    const { pathname } = new URL(r.url);
    const k: Kept | undefined = pathname.startsWith("/kept/") ? await (await cache.match(r))?.json() : undefined;
    if (!k || k.owner !== device.owner) continue;
    all[k.resource.thread] = k;
    for (const at of [pathname, ...places(k)]) named.add(at);
  }
  if (sweeps)
    for (const r of keys) {
      const { pathname, search } = new URL(r.url);
      if (!named.has(pathname + search)) await cache.delete(r);
    }
  return all;
}
let read: Promise<void> | null = null;
export function readKept(): Promise<void> {
  read ??= (async () => {
    if (!mayKeep() || !(await caches.has(CACHE))) return;
    kept.value = await records(false);
    await alone(() => records(true));
  })().catch(() => {
    read = null; /* this browser does not give its storage now */
  });
  return read;
}

/* The file, and how much of it is there already. */
async function fetched(id: string, from: string, bytes: number): Promise<Response> {
  const r = await fetch(from);
  if (!r.ok || !r.body) throw new Error(`the file answers ${r.status}`);
  let come = 0;
  let told = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, to) {
      come += chunk.length;
      const percent = Math.min(99, Math.floor((100 * come) / Math.max(1, bytes)));
      if (percent > told) coming.value = { ...coming.value, [id]: (told = percent) };
      to.enqueue(chunk);
    },
  });
  return new Response(r.body.pipeThrough(count), { headers: r.headers });
}

async function hasRoom(bytes: number): Promise<boolean> {
  const now = await navigator.storage?.estimate?.().catch(() => null);
  return !now?.quota || now.quota - (now.usage ?? 0) > bytes + SPARE_BYTES;
}

/* Puts all of it on the device, or nothing and says why: NoRoom, or the hub's error. */
export async function keep(id: string): Promise<void> {
  if (coming.value[id] !== undefined) return;
  coming.value = { ...coming.value, [id]: 0 };
  const { owner } = device;
  const whole = await talk(id).catch((error: unknown) => {
    end(id);
    throw error;
  });
  const file = whole.resource.file;
  const made: string[] = [];
  try {
    if (file && !(await hasRoom(file.bytes))) throw new NoRoom();
    await alone(async () => {
      const cache = await caches.open(CACHE);
      if (file) {
        const at = `/file/${file.post}/${file.n}`;
        made.push(...places(whole));
        await cache.put(keptAt(file.post, file.n), await fetched(id, at + (/pdf$/.test(file.type) ? "?read" : "?view"), file.bytes));
        const thumb = file.thumb && (await fetch(`${at}/thumb`));
        if (thumb && thumb.ok) await cache.put(`${at}/thumb?kept`, thumb);
      }
      const before = kept.value[id];
      await write(id, { ...whole, owner, at: Date.now(), bytes: file?.bytes ?? 0 });
      if (before) for (const old of places(before)) if (!made.includes(old)) await cache.delete(old);
    });
    void navigator.storage?.persist?.();
    if (!navigator.serviceWorker.controller)
      void navigator.serviceWorker.ready.then((r) => r.active?.postMessage({ type: "claim" }));
  } catch (error) {
    const had = kept.value[id] ? places(kept.value[id]) : [];
    for (const at of made) if (!had.includes(at) && (await caches.has(CACHE))) await (await caches.open(CACHE)).delete(at);
    if (error instanceof DOMException && error.name === "QuotaExceededError") throw new NoRoom();
    throw error;
  } finally {
    end(id);
  }
}
function end(id: string): void {
  const { [id]: _, ...others } = coming.value;
  coming.value = others;
}

async function talk(id: string, known?: Whole) {
  const [whole, th, page] = await Promise.all([
    known ?? get(id),
    call("thread.get", { thread: id }),
    call("post.list", { thread: id, limit: POSTS }),
    loadThemes() /* their names are for offline as well */,
  ]);
  const members: Member[] = [...th.members, ...page.members];
  return { ...whole, thread: th.thread as Thread, posts: page.posts as Post[], members, seq: page.seq as number };
}

/* A session that ended while the hub answered leaves nothing here. */
async function held(owner: string): Promise<void> {
  if (state.value.phase !== "out" && owner !== "" && device.owner === owner) return;
  kept.value = {};
  await caches.delete(CACHE);
  throw new Error("signed out meanwhile");
}
async function write(id: string, k: Kept): Promise<void> {
  await held(k.owner);
  const cache = await caches.open(CACHE);
  await cache.put(record(id), new Response(JSON.stringify(k), { headers: { "content-type": "application/json" } }));
  await held(k.owner);
  put(id, k);
}

export async function drop(id: string): Promise<void> {
  const k = kept.value[id];
  put(id, null);
  const cache = await caches.open(CACHE);
  await cache.delete(record(id));
  if (k) for (const at of places(k)) await cache.delete(at);
  if ((await cache.keys()).length === 0) await caches.delete(CACHE);
}
export async function dropAll(): Promise<void> {
  kept.value = {};
  await caches.delete(CACHE);
}

/* What is kept is held to what the hub says now: what is not to be seen goes, and words that were taken back go, too. The talk
 * is asked for if there was something new, and once a day: words that were taken back while there was no line are no news. */
async function look(id: string, isNews: boolean): Promise<void> {
  const k = kept.value[id];
  if (!k || coming.value[id] !== undefined) return;
  const looked = Date.now();
  try {
    const whole = await get(id);
    const [was, is] = [k.resource.file, whole.resource.file];
    const isAsBefore = whole.resource.posts === k.resource.posts && whole.resource.last_at === k.resource.last_at;
    const now = !isNews && isAsBefore && looked - k.at < DAY_MS ? whole : { ...(await talk(id, whole)), at: looked };
    if (kept.value[id] !== k) return; /* given up, or kept anew, meanwhile */
    if ("thread" in now && now.thread.id !== id) return void (await drop(id)); /* merged into another */
    if (was?.post === is?.post && was?.n === is?.n) return void (await write(id, { ...k, ...now, looked, old: false }));
    const stays = now.versions.some((v) => v.file.post === was?.post && v.file.n === was?.n);
    if (is && (saves.value || is.bytes > LARGE_BYTES)) {
      const left = stays ? { file: was, bytes: k.bytes } : { file: undefined, bytes: 0 };
      await write(id, { ...k, ...now, resource: { ...now.resource, file: left.file }, bytes: left.bytes, looked, old: true });
      if (!stays) for (const at of places(k)) await (await caches.open(CACHE)).delete(at);
      return;
    }
    if (!stays) await drop(id);
    if (is) await keep(id);
  } catch (error) {
    if (isGone(error)) await drop(id);
  }
}

let looking: Promise<void> = Promise.resolve();
const lookAt = (all: [string, boolean][]): void => {
  looking = looking.then(async () => {
    for (const [id, isNews] of all) if (state.value.line === "open") await look(id, isNews);
  });
};

/* ---- What goes on by itself, once this file is here. */
const restored = new Set<string>();
/* Without a line the talk about what is kept is shown from the device. */
function restore(id: string): void {
  const k = kept.value[id];
  if (!k || state.value.pages[id]) return;
  restored.add(id);
  dispatch({ type: "thread", thread: k.thread, members: k.members, seq: k.seq });
  dispatch({ type: "posts", thread: id, posts: k.posts, members: k.members, seq: k.seq, newer: false });
}

/* With a line it is asked for: what happened since is not in what was kept. What is on the screen stays there meanwhile, with
 * what is being written below it. */
function renew(): void {
  const r = route.value;
  for (const id of restored) {
    const { pages } = state.value;
    const gone = () => dispatch({ type: "thread-gone", thread: id, to: id });
    if (r.name !== "thread" || r.thread !== id || !pages[id]) gone();
    else {
      dispatch({ type: "restored", saved: { pages: { ...pages, [id]: { ...pages[id], stale: true } } } });
      void openThread(id, r.post).then(() => {
        if (/^(not_found|forbidden)/.test(state.value.failed[`thread:${id}`] ?? "")) gone();
      });
    }
  }
  restored.clear();
}

const due = new Map<string, boolean>();
let timer: ReturnType<typeof setTimeout> | undefined;
const seen = new Map<string, number>(); /* up to which seq it was asked for because of news */
let roomsSeen = "";
let wasOpen = false;
effect(() => {
  const s = state.value;
  const r = route.value;
  const ids = Object.keys(kept.value);
  if (s.phase === "out" && ids.length > 0) kept.value = {};
  if (s.phase !== "in") return;
  void readKept();
  if (s.line !== "open") {
    wasOpen = false;
    if (r.name === "thread") queueMicrotask(() => restore(r.thread));
    return;
  }
  if (restored.size > 0) queueMicrotask(renew);
  const rooms = Object.values(s.rooms)
    .map((x) => x.id + Number(x.joined))
    .join();
  const others = roomsSeen !== "" && rooms !== roomsSeen; /* what may be seen is another */
  const again = !wasOpen;
  wasOpen = true;
  roomsSeen = rooms;
  for (const id of ids) {
    const k = kept.value[id]!;
    const told = s.recent.filter((e) => e.thread === id && e.kind !== "post.react").at(-1)?.seq ?? 0;
    const isOut = /^(moved|not_found|forbidden)/.test(s.failed[`thread:${id}`] ?? "");
    const newest = isOut ? Infinity : Math.max(told, s.threads[id]?.last_seq ?? 0);
    const isNews = newest > Math.max(k.seq, seen.get(id) ?? 0);
    if (isNews) seen.set(id, newest);
    const isLong = again && Date.now() - (k.looked ?? k.at) >= (saves.value ? DAY_MS : HOUR_MS);
    if (!isNews && !others && !isLong) continue;
    due.set(id, isNews || due.get(id) === true);
    clearTimeout(timer);
    timer = setTimeout(() => {
      lookAt([...due]);
      due.clear();
    }, SETTLE_MS);
  }
});
