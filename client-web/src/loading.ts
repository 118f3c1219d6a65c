/* loading.ts: fetches what a view shows. Views call; the answers go into the state. */
import { call, device, dispatch, searches, state } from "./core";
import { saves } from "./prefs";
import { draft, endDraft, keepDraft } from "./drafts";
import { go, href, route, type Route } from "./router";
import { goesOn } from "./store";
import {
  isLink,
  RpcError,
  type Act,
  type Member,
  type Post,
  type Region,
  type Room,
  type SavedSearch,
  type Thread,
  type Token,
} from "./types";

/* Posts and threads at once. */
const pageSize = (): number => (saves.value ? 20 : 50);

/* Loads something for a view; what goes wrong is shown there, under its key. */
async function load(key: string, work: () => Promise<void>): Promise<void> {
  if (device.fresh.delete(key)) return;
  dispatch({ type: "failed", key, code: null });
  try {
    await work();
  } catch (error) {
    const code = error instanceof RpcError ? error.told : "internal";
    if (code !== "closed") dispatch({ type: "failed", key, code });
  }
}

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
      limit: pageSize(),
      ...(older && last ? { before: last } : {}),
    });
    dispatch({ type: "catchup", ...r, older, more: r.threads.length >= pageSize() });
  });

export const loadSearches = () =>
  call<{ searches: SavedSearch[] }>("search.saved").then(
    (r) => {
      searches.value = r.searches;
    },
    () => {
      /* asked for again with the next line */
    },
  );

export const loadUnanswered = () =>
  load("unanswered", async () => {
    const { threads, members, seq } = await call("thread.unanswered", { limit: 8 });
    dispatch({ type: "unanswered", threads, members, seq });
  });

export const loadRoom = (room: string, older = false) =>
  load(`room:${room}`, async () => {
    await watch(room);
    const last = state.value.lists[room]?.ids.at(-1);
    const r = await call("thread.list", {
      room,
      limit: pageSize(),
      ...(older && last ? { before: last } : {}),
    });
    dispatch({ type: "threads", room, ...r, older, more: r.threads.length >= pageSize() });
  });

/* Threads that were set aside; they stand in no list of the state. */
export async function archiveOf(room: string): Promise<Thread[]> {
  const r = await call<{ threads: Thread[]; members: Member[] }>("thread.list", {
    room,
    limit: pageSize(),
    archived: true,
  });
  dispatch({ type: "members", members: r.members });
  return r.threads;
}

async function getThread(id: string): Promise<Thread> {
  const r = await call<{ thread: Thread; members: Member[]; seq: number }>("thread.get", { thread: id });
  dispatch({ type: "thread", ...r });
  if (r.thread.id !== id) {
    dispatch({ type: "thread-gone", thread: id, to: r.thread.id });
    leadOn(id, r.thread.id);
  }
  return r.thread;
}

/* The thread was merged into another, or the post stands elsewhere now: who looks at it is led there,
 * and what they had begun to write goes along. */
function leadOn(id: string, to: string): void {
  const begun = draft(`post:${id}`);
  if (begun?.text && !state.value.threads[id] && !draft(`post:${to}`)?.text) {
    keepDraft(`post:${to}`, { text: begun.text });
    endDraft(`post:${id}`);
  }
  const r = route.value;
  if (r.name === "thread" && r.thread === id) go(href.thread(to, r.post), true);
}

/* What is shown of a thread whose posts went or came: its end to who stood there, else the same stretch. */
async function getPageAgain(id: string): Promise<void> {
  const page = state.value.pages[id];
  if (!page?.stale) return;
  const first = page.posts[0];
  const [hub, n] = (first?.id ?? "-").split("-");
  if (page.newer && first) await getPosts(id, { after: `${hub}-${Math.max(1, Number(n) - 1)}` });
  if (state.value.pages[id]?.stale) await getPosts(id, {});
  if (state.value.pages[id]?.stale) dispatch({ type: "thread-gone", thread: id }); /* asked for once */
  const r = route.value; /* a link to a message leads to it, wherever it went */
  if (r.name !== "thread" || r.thread !== id || !r.post) return;
  if (!state.value.pages[id]?.posts.some((p) => p.id === r.post)) await getPosts(id, { around: r.post });
}

async function getPosts(
  id: string,
  where: { before?: string; after?: string; around?: string },
): Promise<void> {
  const limit = pageSize();
  const r = await call<{ posts: Post[]; thread: string; members: Member[]; seq: number }>(
    "post.list",
    { thread: id, limit, ...where },
  );
  if (r.thread !== id) return leadOn(id, r.thread);
  const newer = goesOn(r, where, limit, state.value.threads[id]);
  dispatch({ type: "posts", ...r, newer });
}

/* Opens at a given post, else at the first unread one, else at the end. */
export const openThread = (id: string, post = "") =>
  load(`thread:${id}`, async () => {
    const known = state.value.threads[id];
    const page = state.value.pages[id];
    const th = known ?? (await getThread(id));
    if (th.id !== id) return;
    const live = device.watched?.has(th.room) === true;
    /* Goes out before the posts are asked for, so no entry falls between the two. */
    const watching = watch(th.room);
    const around = post || (th.unread > 0 ? th.first_unread : "") || "";
    /* No entry tells where else a link stands, or stands no more: what is told of that is asked for again. */
    const counts = !saves.value && page?.posts.some((p) => p.links || p.md?.some(isLink));
    if (page && !page.stale && live && !counts && (around ? page.posts.some((p) => p.id === around) : !page.newer)) return;
    await Promise.all([watching, getPosts(id, around ? { around } : {})]);
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

export async function acts(room: string, before = ""): Promise<Act[]> {
  const r = await call("log.list", { room, limit: pageSize(), ...(before ? { before } : {}) });
  dispatch({ type: "members", members: r.members });
  return r.acts;
}

export async function preview(text: string): Promise<{ text: string; md?: Token[] }> {
  return call("post.preview", { text });
}

export async function findMembers(prefix: string, room?: string): Promise<Member[]> {
  const r = await call("member.list", { prefix, limit: 6, ...(room ? { room } : {}) });
  return r.members;
}

export async function similar(text: string): Promise<Thread[]> {
  const r = await call("thread.similar", { text, limit: 3 });
  dispatch({ type: "members", members: r.members });
  return r.threads;
}

export async function history(post: string): Promise<{ at: number; by: string; text: string }[]> {
  return (await call("post.history", { post })).versions;
}

/* The set of watched rooms only grows while this page lives, so what was loaded stays whole. */
export async function watch(room: string): Promise<void> {
  if (device.watched === null || device.watched.has(room)) return;
  device.watched.add(room);
  try {
    await call("session.watch", { rooms: [...device.watched] });
  } catch (error) {
    /* A room that is not ours to read must not spoil the next hello. */
    device.watched?.delete(room);
    throw error;
  }
}

/* At first everything is watched; once the rooms are known, the joined and the open ones. */
async function watchAlso(joined: string[]): Promise<void> {
  const paged = Object.keys(state.value.pages).map((id) => state.value.threads[id]?.room ?? "");
  const wanted =
    device.watched === null
      ? new Set([...joined, ...paged, ...Object.keys(state.value.lists)].filter((r) => r !== ""))
      : new Set([...device.watched, ...joined]);
  if (device.watched !== null && wanted.size === device.watched.size) return;
  device.watched = wanted;
  await call("session.watch", { rooms: [...device.watched] });
}

export async function loadFor(r: Route): Promise<void> {
  if (state.value.phase !== "in") return;
  if (r.name === "room") await loadRoom(r.room);
  if (r.name === "thread") await openThread(r.thread, r.post);
}

let fetching = false;
export function fetchWanted(): void {
  const { wantMembers, wantThreads, wantPosts, wantRooms, line: now_ } = state.value;
  if (fetching || now_ !== "open") return;
  const isNothing = wantMembers.length + wantThreads.length + wantPosts.length === 0;
  if (isNothing && !wantRooms) return;
  fetching = true;
  queueMicrotask(async () => {
    const ids = wantMembers.slice(0, 100);
    const jobs: Promise<unknown>[] = wantThreads.map((id) =>
      getThread(id)
        .then((th) => (th.id === id ? getPageAgain(id) : undefined))
        .catch((error: unknown) => {
          const hidden = error instanceof RpcError && error.code === "not_found";
          dispatch({ type: "thread-gone", thread: id, hidden });
        }),
    );
    if (ids.length > 0)
      jobs.push(
        call("member.list", { ids })
          .catch(() => ({ members: [] }))
          .then((r) => dispatch({ type: "members", members: r.members, asked: ids })),
      );
    if (wantPosts.length > 0) dispatch({ type: "posts-asked" });
    for (const { thread, post } of wantPosts)
      jobs.push(
        call("post.list", { thread, around: post, limit: 1 }).then(
          (r) => dispatch({ type: "told", thread, posts: r.posts, seq: r.seq }),
          () => {
            /* it stays as it is shown */
          },
        ),
      );
    if (wantRooms) {
      dispatch({ type: "rooms-asked" }); /* once, whether or not there is an answer */
      jobs.push(loadRooms());
    }
    await Promise.all(jobs);
    fetching = false;
    fetchWanted();
  });
}
