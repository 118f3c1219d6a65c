/* app.ts: joins state, line and device. Views call what is exported here and read `state`. */
import { effect, signal } from "@preact/signals";
import { deviceBox, openOutbox, type Box, type Outbox } from "./outbox";
import { initial, reduce, type Event, type State } from "./store";
import { connect, type Transport } from "./transport";
import { go, href, route, type Route } from "./router";
import { t } from "./i18n";
import {
  RpcError,
  type Entry,
  type Hit,
  type Level,
  type Member,
  type Params,
  type Post,
  type Region,
  type Room,
  type Thread,
} from "./types";

export const state = signal<State>(initial);
export const now = signal(Date.now());
export const signInCode = signal("");

const PAGE = 50;
const READ_MS = 800;
const TYPING_EVERY_MS = 4_000;
const SAVE_MS = 1_500;
const SAVED_PAGES = 30;
const SAVED_POSTS = 30;

let line: Transport | null = null;
let outbox: Outbox | null = null;
let box: Box;
let watched: Set<string> | null = null; /* null: every room I may read */
let headAtHello: Record<string, number> = {};
const drafts = new Map<string, string>();

export function dispatch(ev: Event): void {
  state.value = reduce(state.value, ev);
}

export function random(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) =>
    b.toString(16).padStart(2, "0"),
  ).join("");
}

function call<T = any>(method: string, params: Params = {}): Promise<T> {
  return line
    ? line.call<T>(method, params)
    : Promise.reject(new RpcError("closed", "there is no line"));
}

/* Loads something for a view; what goes wrong is shown there, under its key. */
async function load(key: string, work: () => Promise<void>): Promise<void> {
  dispatch({ type: "failed", key, code: null });
  try {
    await work();
  } catch (error) {
    const code = error instanceof RpcError ? error.code : "internal";
    if (code !== "closed") dispatch({ type: "failed", key, code });
  }
}

/* --- Loading --- */

export const loadRooms = () =>
  load("rooms", async () => {
    const r = await call<{ rooms: Room[]; regions: Region[]; seq: number }>("room.list");
    dispatch({ type: "rooms", ...r });
    await watchAlso(r.rooms.filter((room) => room.joined).map((room) => room.id));
  });

export const loadCatchup = (older = false) =>
  load("catchup", async () => {
    const last = state.value.catchup?.ids.at(-1);
    const r = await call("catchup.list", {
      limit: PAGE,
      ...(older && last ? { before: last } : {}),
    });
    dispatch({ type: "catchup", ...r, older, more: r.threads.length === PAGE });
  });

export const loadRoom = (room: string, older = false) =>
  load(`room:${room}`, async () => {
    await watch(room);
    const last = state.value.lists[room]?.ids.at(-1);
    const r = await call("thread.list", {
      room,
      limit: PAGE,
      ...(older && last ? { before: last } : {}),
    });
    dispatch({ type: "threads", room, ...r, older, more: r.threads.length >= PAGE });
  });

async function getThread(id: string): Promise<Thread> {
  const r = await call("thread.get", { thread: id });
  dispatch({ type: "thread", ...r });
  return r.thread;
}

async function getPosts(id: string, where: Params): Promise<void> {
  const r = await call<{ posts: Post[]; members: Member[]; seq: number }>("post.list", {
    thread: id,
    limit: PAGE,
    ...where,
  });
  const last = r.posts.at(-1);
  const th = state.value.threads[id];
  const newer =
    last !== undefined && th !== undefined && last.seq < th.last_seq && last.n < th.posts;
  dispatch({ type: "posts", thread: id, ...r, newer });
}

/* Opens at a given post, else at the first unread one, else at the end. */
export const openThread = (id: string, post = "") =>
  load(`thread:${id}`, async () => {
    const known = state.value.threads[id];
    const page = state.value.pages[id];
    const th = known ?? (await getThread(id));
    const live = watched?.has(th.room) === true;
    await watch(th.room);
    const around = post || (th.unread > 0 ? th.first_unread : "") || "";
    if (page && live && (around ? page.posts.some((p) => p.id === around) : !page.newer)) return;
    await getPosts(id, around ? { around } : {});
    if (known)
      void getThread(id).catch(() => {
        /* what is shown stays */
      });
  });

export const loadOlder = (id: string) =>
  load(`older:${id}`, () => getPosts(id, { before: state.value.pages[id]?.posts[0]?.id }));
export const loadNewer = (id: string) =>
  load(`newer:${id}`, () => getPosts(id, { after: state.value.pages[id]?.posts.at(-1)?.id }));
export const loadNewest = (id: string) => load(`newer:${id}`, () => getPosts(id, {}));

export async function search(text: string, room: string, lang: string): Promise<Hit[]> {
  const r = await call("search.query", {
    text,
    limit: PAGE,
    ...(room ? { room } : {}),
    ...(lang ? { lang } : {}),
  });
  dispatch({ type: "members", members: r.members });
  return r.hits;
}

export async function history(post: string): Promise<{ at: number; by: string; text: string }[]> {
  return (await call("post.history", { post })).versions;
}

/* The set of watched rooms only grows while this page lives, so what was loaded stays whole. */
async function watch(room: string): Promise<void> {
  if (watched === null || watched.has(room)) return;
  watched.add(room);
  try {
    await call("session.watch", { rooms: [...watched] });
  } catch (error) {
    watched?.delete(room); /* a room that is not ours to read must not spoil the next hello */
    throw error;
  }
}

/* At first everything is watched; once the rooms are known, the joined and the open ones. */
async function watchAlso(joined: string[]): Promise<void> {
  const paged = Object.keys(state.value.pages).map((id) => state.value.threads[id]?.room ?? "");
  const wanted =
    watched === null
      ? new Set([...joined, ...paged, ...Object.keys(state.value.lists)].filter((r) => r !== ""))
      : new Set([...watched, ...joined]);
  if (watched !== null && wanted.size === watched.size) return;
  watched = wanted;
  await call("session.watch", { rooms: [...watched] });
}

function loadFor(r: Route): void {
  if (state.value.phase !== "in") return;
  if (r.name === "room") void loadRoom(r.room);
  if (r.name === "thread") void openThread(r.thread, r.post);
}

let fetching = false;
function fetchWanted(): void {
  const { wantMembers, wantThreads, line: now_ } = state.value;
  if (fetching || now_ !== "open" || (wantMembers.length === 0 && wantThreads.length === 0)) return;
  fetching = true;
  queueMicrotask(async () => {
    const ids = wantMembers.slice(0, 100);
    const jobs: Promise<unknown>[] = wantThreads.map((id) =>
      getThread(id)
        .then(shownInCatchup)
        .catch(() => dispatch({ type: "thread-gone", thread: id })),
    );
    if (ids.length > 0)
      jobs.push(
        call("member.list", { ids })
          .catch(() => ({ members: [] }))
          .then((r) => dispatch({ type: "members", members: r.members, asked: ids })),
      );
    await Promise.all(jobs);
    fetching = false;
    fetchWanted();
  });
}

function shownInCatchup(th: Thread): void {
  const c = state.value.catchup;
  if (c && th.unread > 0 && th.level !== "mute" && !c.ids.includes(th.id))
    dispatch({
      type: "catchup",
      threads: [th, ...c.ids.map((id) => state.value.threads[id]!).filter(Boolean)],
      members: [],
      seq: c.seq,
      older: false,
      more: c.more,
    });
}

/* --- Writing --- */

const add = (method: string, params: Params): string => outbox!.add(method, params);

export const sendPost = (thread: string, text: string, reply_to?: string, lang?: string) =>
  add("post.create", {
    thread,
    text,
    ...(reply_to ? { reply_to } : {}),
    ...(lang ? { lang } : {}),
  });
export const ask = (p: { room: string; title: string; kind: string; text: string; lang: string }) =>
  add("thread.create", p);
export const editPost = (post: string, text: string) => add("post.edit", { post, text });
export const redactPost = (post: string, reason: string) => add("post.redact", { post, reason });
export const react = (post: string, emoji: string, on: boolean) =>
  add("post.react", { post, emoji, on });
export const accept = (thread: string, post: string | null) =>
  add("thread.answer", { thread, post });
export const rename = (thread: string, title: string) => add("thread.rename", { thread, title });
export const lock = (thread: string, locked: boolean) => add("thread.lock", { thread, locked });
export const pin = (thread: string, pinned: boolean) => add("thread.pin", { thread, pinned });
export const retry = (cid: string) => outbox!.retry(cid);
export const drop = (cid: string) => outbox!.drop(cid);

export function join(room: string, on: boolean): void {
  void watch(room).catch(() => {
    /* the next hello names it again */
  });
  add(on ? "room.join" : "room.leave", { room });
}

export function follow(thread: string, level: Level): void {
  const old = state.value.threads[thread]?.level;
  dispatch({ type: "level", thread, level });
  call("thread.follow", { thread, level }).catch(() => {
    if (old) dispatch({ type: "level", thread, level: old });
    notice(t("error.notdone"));
  });
}

const seen = new Map<string, number>();
let seenTimer: ReturnType<typeof setTimeout> | null = null;

/* What was really seen is told to the server at most every READ_MS. */
export function markSeen(thread: string, seq: number): void {
  const th = state.value.threads[thread];
  if (!th || seq <= Math.max(th.read_seq, seen.get(thread) ?? 0)) return;
  seen.set(thread, seq);
  seenTimer ??= setTimeout(() => {
    seenTimer = null;
    for (const [id, upTo] of seen) {
      dispatch({ type: "read", thread: id, seq: upTo });
      call("read.mark", { thread: id, seq: upTo }).catch(() => {
        /* seen again next time */
      });
    }
    seen.clear();
  }, READ_MS);
}

let typedAt = 0;
export function typing(thread: string): void {
  if (state.value.line !== "open" || Date.now() - typedAt < TYPING_EVERY_MS) return;
  typedAt = Date.now();
  call("signal.send", { kind: "typing", thread }).catch(() => {
    /* lossy by nature */
  });
}

export function notice(text: string | null): void {
  dispatch({ type: "notice", text });
}

/* --- Drafts: kept on the device until they are sent --- */

export const draft = (key: string): string => drafts.get(key) ?? "";
let draftTimer: ReturnType<typeof setTimeout> | null = null;
export function keepDraft(key: string, text: string): void {
  if (text === "") drafts.delete(key);
  else drafts.set(key, text);
  draftTimer ??= setTimeout(saveDrafts, 300);
}
function saveDrafts(): void {
  draftTimer = null;
  void box.set("drafts", Object.fromEntries(drafts)).catch(() => {
    /* still in memory */
  });
}

/* --- Session --- */

async function post(method: string, params: Params): Promise<any> {
  let answer: any;
  try {
    const r = await fetch("/rpc", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    answer = await r.json();
  } catch {
    throw new RpcError("offline", "no answer");
  }
  if (answer.error)
    throw new RpcError(String(answer.error.data?.code ?? "internal"), String(answer.error.message));
  return answer.result;
}

export async function signIn(): Promise<void> {
  await post("session.open", { code: signInCode.value });
  /* A fresh page: nothing of who was here before lives on in it. */
  location.replace(href.catchup);
}

export async function signOut(): Promise<void> {
  await post("session.close", {});
  line?.close();
  line = null;
  watched = null;
  drafts.clear();
  await box.clear();
  dispatch({ type: "out" });
  go(href.catchup, true);
}

/* The device belongs to one member at a time: nothing is kept or sent for another one. */
async function claim(me: Member): Promise<void> {
  const owner = await box.get("owner").catch(() => undefined);
  if (owner !== undefined && owner !== me.id) {
    drafts.clear();
    await box.clear();
  }
  await box.set("owner", me.id).catch(() => {
    /* no storage, nothing to protect */
  });
  await outbox!.sweep();
}

function startLine(): void {
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
  line = connect(
    {
      socket: () => new WebSocket(url, "baraza.v1") as any,
      setTimer: (fn, ms) => setTimeout(fn, ms),
      clearTimer: (h) => clearTimeout(h as any),
      random: Math.random,
    },
    {
      hello: () => ({
        ...(Object.keys(state.value.cursor).length > 0 ? { cursor: state.value.cursor } : {}),
        ...(watched ? { watch: [...watched] } : {}),
      }),
      onHello(result, sent) {
        if (state.value.me && state.value.me.id !== result.me.id) {
          line?.close();
          void box.clear().finally(() => location.reload());
          return;
        }
        const first = state.value.phase !== "in" || state.value.roomsSeq === 0;
        headAtHello = result.cursor;
        dispatch({ type: "hello", ...result, resumed: sent.cursor !== undefined });
        void claim(result.me);
        void loadRooms();
        void loadCatchup();
        if (first || Object.keys(state.value.failed).length > 0) loadFor(route.value);
      },
      onNote(method, params) {
        if (method === "entry") {
          dispatch({ type: "entry", entry: params as Entry });
          if (params.kind === "room.invite" && params.member === state.value.me?.id)
            void loadRooms();
        } else if (method === "signal")
          dispatch({ type: "signal", signal: params, now: Date.now() });
        else if (method === "reset") {
          dispatch({ type: "reset", cursor: headAtHello });
          void loadRooms();
          void loadCatchup();
          loadFor(route.value);
        }
      },
      onLine: (l) => dispatch({ type: "line", line: l }),
      /* The server does not know our rooms or cursor any more: begin anew. */
      onHelloFailed() {
        watched = null;
        dispatch({ type: "reset", cursor: {} });
      },
      onDenied: leave,
    },
  );
}

/* A socket that never opens may mean that nobody is signed in: browsers do not say why. */
async function askWhy(): Promise<void> {
  const r = await fetch("/rpc/catchup.list?limit=1", {
    headers: { accept: "application/json" },
  }).catch(() => null);
  if (r?.status !== 401) return;
  line?.close();
  leave();
}

/* Nobody is signed in: what was seen goes, what was written stays for its author. */
function leave(): void {
  void box.set("seen", null).catch(() => {
    /* nothing was kept */
  });
  dispatch({ type: "out" });
}

async function restore(): Promise<void> {
  const [saved, texts] = await Promise.all([box.get("seen"), box.get("drafts")]).catch(() => []);
  for (const [key, text] of Object.entries(texts ?? {})) drafts.set(key, String(text));
  if (!saved?.me) return;
  watched = new Set(saved.watched);
  delete saved.watched;
  dispatch({ type: "restored", saved: { ...saved, phase: "in" } });
}

let saveTimer: ReturnType<typeof setTimeout> | null = null;
function saveSoon(): void {
  saveTimer ??= setTimeout(() => {
    saveTimer = null;
    const s = state.value;
    if (s.phase !== "in" || !s.me || watched === null) return;
    const { me, hub, cursor, members, regions, rooms, roomsSeq, threads, lists, catchup } = s;
    const pages = Object.fromEntries(
      Object.entries(s.pages)
        .slice(-SAVED_PAGES)
        .map(([id, p]) => [id, { ...p, posts: p.posts.slice(-SAVED_POSTS) }]),
    );
    void box
      .set("seen", {
        me,
        hub,
        cursor,
        members,
        regions,
        rooms,
        roomsSeq,
        threads,
        lists,
        catchup,
        pages,
        watched: [...watched],
      })
      .catch(() => {
        /* a slower next start */
      });
  }, SAVE_MS);
}

export async function start(): Promise<void> {
  const code = /^#in=([!-~]{1,256})$/.exec(location.hash)?.[1];
  if (code) {
    signInCode.value = code;
    window.history.replaceState(null, "", location.pathname);
  }
  box = await deviceBox("baraza");
  outbox = openOutbox({
    box,
    locks: (navigator.locks as any) ?? null,
    tab: random(),
    newCid: random,
    now: Date.now,
    later: (fn, ms) => setTimeout(fn, ms),
    call,
    on: dispatch,
  });
  if (code) {
    dispatch({ type: "out" });
  } else {
    await restore();
    startLine();
  }
  let refusals = 0;
  effect(() => {
    const s = state.value;
    if (s.line === "down" && s.me === null && s.phase === "boot" && ++refusals % 2 === 1)
      void askWhy();
  });
  effect(() => {
    saveSoon();
    fetchWanted();
    void state.value;
  });
  effect(() => {
    const r = route.value;
    queueMicrotask(() => loadFor(r));
  });
  setInterval(() => {
    now.value = Date.now();
  }, 20_000);
  addEventListener("online", () => line?.wake());
  addEventListener("offline", () => line?.drop());
  document.addEventListener("visibilitychange", () => {
    now.value = Date.now();
    if (document.visibilityState !== "visible") return saveDrafts();
    line?.wake();
    void outbox?.sweep();
    if (state.value.line === "open") void loadCatchup();
  });
}
