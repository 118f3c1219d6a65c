/* entries.ts: what each kind of entry does to the state. Pure; called by the reducer only.
 *
 * The rooms, each thread and each post hold every change up to a seq of their own (roomsSeq,
 * as_of); an entry is done to those that are older. An answer may be older than entries that came
 * before it: the last ones are kept, and done again to what it brought. */
import {
  PAGE_MAX,
  patchRoom,
  patchThread,
  recount,
  UNREAD_MAX,
  wantMember,
  type State,
} from "./store";
import { gone } from "./gone";
import type {
  Entry,
  Link,
  Member,
  Post,
  Reaction,
  Region,
  Role,
  Room,
  RoomSet,
  Rule,
  Thread,
  ThreadKind,
  Token,
  Word,
} from "./types";

const RECENT_MAX = 500;
const EXCERPT = 160 /* characters, as the server counts them */;

const idOf = (e: Entry) => `${e.hub}-${e.seq}`;
const text = (v: unknown) => (typeof v === "string" ? v : "");
const excerpt = (v: unknown) =>
  Array.from(text(v).slice(0, 2 * EXCERPT)).slice(0, EXCERPT).join("");
const isMine = (state: State, e: Entry) => e.by === state.me?.id;
export const isBlocked = (state: Pick<State, "me">, member: string): boolean =>
  state.me?.blocked?.includes(member) === true;
const namesMe = (state: State, e: Entry) =>
  !isMine(state, e) &&
  !isBlocked(state, e.by) &&
  state.me !== null &&
  (e.mentions as string[] | undefined)?.includes(state.me.id) === true;

export function applyEntry(state: State, e: Entry): State {
  const recent = [...forget(state.recent, e).slice(1 - RECENT_MAX), e];
  const falls = state.recent.length >= RECENT_MAX && isHomeless(state, state.recent[0]!);
  const wantRooms = state.wantRooms || falls;
  return inPage(inThread(inRooms(named({ ...state, recent, wantRooms }, e), e), e), e);
}

/* A post that no room counts yet: its thread is asked for. */
const isHomeless = (state: State, e: Entry, thread = e.thread) =>
  e.kind === "post" && e.room === undefined && e.thread === thread && e.seq > state.roomsSeq;

export const hasHomeless = (state: State, thread: string): boolean =>
  state.recent.some((e) => isHomeless(state, e, thread));

/* A thread tells in which room its posts are to be counted. */
export function housed(state: State, t: Thread): State {
  const those = state.recent.filter((e) => isHomeless(state, e, t.id));
  if (those.length === 0) return state;
  if (!state.rooms[t.room]) return { ...state, wantRooms: true };
  const recent = state.recent.map((e) => (those.includes(e) ? { ...e, room: t.room } : e));
  return those.reduce((s, e) => inRooms(s, { ...e, room: t.room }), { ...state, recent });
}

/* What was taken back is kept nowhere: its entries are as the server would tell them now. */
function forget(recent: Entry[], e: Entry): Entry[] {
  if (e.kind !== "post.redact" && e.kind !== "post.hide") return recent;
  return recent.map((old) => {
    if (idOf(old) !== e.post && !(/^(post.edit|link)$/.test(old.kind) && old.post === e.post)) return old;
    const { hub, seq, at, by, kind, room, thread } = old;
    return { hub, seq, at, by, kind, room, thread, erased: true };
  });
}

/* Entries of a thread do not name its room: the thread tells, or the room whose lobby it is. */
export function inItsRoom(state: State, e: Entry): Entry {
  if (e.room !== undefined || e.thread === undefined) return e;
  const lobbyOf = () => Object.values(state.rooms).find((r) => r.chat === e.thread)?.id;
  const room = state.threads[e.thread]?.room ?? lobbyOf();
  return room === undefined ? e : { ...e, room };
}

const since = (state: State, seq: number) =>
  state.recent.filter((e) => e.seq > seq).map((e) => inItsRoom(state, e));
export const roomsAgain = (state: State, seq: number): State =>
  since(state, seq).reduce(inRooms, state);
export const threadsAgain = (state: State, seq: number): State =>
  since(state, seq)
    .filter((e) => e.thread === undefined || ofMove(e).some((id) => state.threads[id]))
    .reduce(inThread, state);
/* A list of a room, or Catch-up, was loaded: what moved since then has its place in it. */
export const listAgain = (state: State, room: string, seq: number): State =>
  since(state, seq)
    .filter((e) => e.room === room)
    .reduce((s, e) => toPlace(s, e.thread ?? idOf(e)), state);
export const catchupAgain = (state: State, seq: number): State =>
  since(state, seq).reduce((s, e) => (e.kind === "post" ? toCatchup(s, e.thread!) : s), state);
export const pageAgain = (state: State, thread: string, seq: number): State =>
  since(state, seq).reduce((s, e) => (e.thread === thread || ofMove(e).includes(thread) ? inPage(s, e) : s), state);

/* ---- Names. A kind of a newer server is nobody's. */
function named(state: State, e: Entry): State {
  switch (e.kind) {
    case "hub":
      return state.hub && state.hub.code === e.code
        ? { ...state, hub: { ...state.hub, name: text(e.name) } }
        : state;
    case "member":
      return member(state, e);
    case "member.set":
      return renamed(state, e);
    case "member.role":
      return role(state, e);
    case "member.erase":
      return gone(state, e);
    case "org.member":
      return state.members[text(e.member)]
        ? { ...state, wantMembers: [...new Set([...state.wantMembers, text(e.member)])] }
        : state;
    case "thread":
    case "post":
    case "post.redact":
      return wantMember(state, e.by);
    default:
      return state;
  }
}

function member(state: State, e: Entry): State {
  if (e.erased) return state;
  const { handle, name, role, org, city, country, region, lang } = e as unknown as Member;
  /* The entry that made a member carries its id only as its own number. */
  const id = typeof e.member === "string" ? e.member : idOf(e);
  const old = state.members[id];
  const m = { ...old, id, handle, name, role, org, city, country, region, lang };
  return {
    ...state,
    members: { ...state.members, [id]: m },
    me: state.me?.id === id ? m : state.me,
  };
}

const SAID = ["name", "org", "city", "country", "region", "lang"];

/* What is new of what all see of somebody; null: it is said no more. */
function renamed(state: State, e: Entry): State {
  const m = state.members[text(e.member)];
  if (e.erased || !m) return state;
  const said = Object.fromEntries(SAID.filter((k) => k in e).map((k) => [k, e[k] ?? undefined]));
  return {
    ...state,
    members: { ...state.members, [m.id]: { ...m, ...said } },
    me: state.me?.id === m.id ? { ...state.me, ...said } : state.me,
  };
}

/* A role of the hub stands with its member; what it or another makes of the rooms, the server says. */
function role(state: State, e: Entry): State {
  const m = state.members[text(e.member)];
  const known = { ...state, wantRooms: true };
  if (e.erased || e.scope !== undefined || !m) return known;
  const now = { ...m, role: e.role as Role };
  return {
    ...known,
    members: { ...state.members, [m.id]: now },
    me: state.me?.id === m.id ? now : state.me,
  };
}

/* ---- Rooms and regions. */
function inRooms(state: State, e: Entry): State {
  if (e.seq <= state.roomsSeq) return state;
  switch (e.kind) {
    case "region": {
      const made = { id: idOf(e), slug: e.slug, name: e.name, lang: e.lang } as Region;
      return { ...state, regions: { ...state.regions, [made.id]: made } };
    }
    case "room":
      return room(state, e);
    case "room.join":
    case "room.leave":
      return membership(state, e);
    case "room.set":
      return settings(state, e);
    case "thread": {
      const r = state.rooms[e.room!];
      if (!r) return state;
      const more = e.type === "chat" ? { chat: idOf(e) } : { threads: r.threads + 1 };
      return patchRoom(state, r.id, { ...more, last_seq: e.seq });
    }
    case "post":
      return postInRoom(state, e);
    case "thread.moved_out":
    case "thread.moved_in":
    case "posts.moved_out":
    case "posts.moved_in":
    case "thread.archive":
      return { ...state, wantRooms: true };
    case "post.edit":
    case "post.redact":
      return mayNameInRoom(state, e) ? { ...state, wantRooms: true } : state;
    default:
      return state;
  }
}

function room(state: State, e: Entry): State {
  const id = idOf(e);
  if (state.rooms[id]) return state;
  const two = (e.members as string[] | undefined)?.filter((m) => m !== state.me?.id);
  const made: Room = {
    id,
    region: text(e.region),
    slug: text(e.slug),
    name: text(e.name),
    about: e.about as string | undefined,
    access: e.access as Room["access"],
    lang: text(e.lang),
    chat: "",
    joined: false,
    role: state.me?.role ?? "guest",
    threads: 0,
    members: 0,
    unread: 0,
    mentions: 0,
    last_seq: e.seq,
    ...(two ? { with: two[0]!, joined: true, role: "member", members: 2 } : {}),
  };
  const next = { ...state, rooms: { ...state.rooms, [id]: made } };
  return two ? wantMember(next, two[0]!) : next;
}

function membership(state: State, e: Entry): State {
  const r = state.rooms[e.room!];
  if (!r) return state;
  const step = e.kind === "room.join" ? 1 : -1;
  const members = Math.max(0, r.members + step);
  const mine = isMine(state, e) ? { joined: step > 0, asked: undefined, unread: 0, mentions: 0 } : {};
  /* What came before I did is not counted, and of a homeless post nobody knows where it stands. */
  const wantRooms = state.wantRooms || (isMine(state, e) && state.recent.some((old) => isHomeless(state, old)));
  return patchRoom({ ...state, wantRooms }, r.id, { members, ...mine });
}

/* A room as it is made: what is like this is not told. */
const USUAL: Required<RoomSet> = {
  slow_s: 0,
  posting: "all",
  lock_days: 0,
  hold: "none",
  hold_threads: false,
  words: false,
  links: "all",
  approve_join: false,
  new_posts: 0,
  new_hour: 0,
  new_links: "all",
  new_files: "all",
  previews: true,
};

/* How long ago I wrote in a room that becomes slow, the server knows. */
function settings(state: State, e: Entry): State {
  const r = state.rooms[e.room!];
  if (!r || e.erased) return state;
  const all = { ...r.set, ...e, ...(e.words ? { words: (e.words as Word[]).length > 0 } : {}) };
  const set = Object.fromEntries(
    Object.entries(USUAL).flatMap(([name, usual]) => {
      const here = name === "previews" ? r.access !== "private" : usual;
      const is = (all as Record<string, unknown>)[name] ?? here;
      return is === here ? [] : [[name, is]];
    }),
  ) as RoomSet;
  const next = patchRoom(state, r.id, { set: Object.keys(set).length > 0 ? set : undefined });
  return e.slow_s ? { ...next, wantRooms: true } : next;
}

/* An answer may have shown it before. */
const isUnread = (state: State, e: Entry, t: Thread | undefined) =>
  !isMine(state, e) && e.seq > (t?.read_seq ?? 0);

function postInRoom(state: State, e: Entry): State {
  const t = state.threads[e.thread!];
  const r = state.rooms[e.room ?? ""];
  if (!r) return state;
  const counts = r.joined && isUnread(state, e, t) && t?.level !== "mute";
  return patchRoom(state, r.id, {
    ...(r.set?.slow_s && isMine(state, e) ? { posted_at: e.at } : {}),
    unread: Math.min(UNREAD_MAX, r.unread + (counts ? 1 : 0)),
    mentions: Math.min(UNREAD_MAX, r.mentions + (counts && namesMe(state, e) ? 1 : 0)),
    last_seq: Math.max(r.last_seq, e.seq),
  });
}

/* ---- Threads and the lists that they stand in. */
function inThread(state: State, e: Entry): State {
  switch (e.kind) {
    case "room.join":
    case "room.leave":
      return isMine(state, e) ? readFromHere(state, e) : state;
    case "thread":
      return thread(state, e);
    case "thread.rename":
      return e.erased ? state : changed(state, e, { title: text(e.title) });
    case "thread.lock":
      return changed(state, e, { locked: e.locked === true });
    case "thread.pin":
      return toPlace(
        changed(state, e, { pinned: e.pinned === true, pinned_until: e.until as number | undefined }),
        e.thread!,
      );
    case "thread.feature":
      return ask(changed(state, e, { featured: e.featured === true }), e.thread!);
    case "thread.close":
      return changed(state, e, { closed: e.closed === true });
    case "thread.kind":
      return changed(state, e, { kind: e.type as ThreadKind, answer: null });
    case "thread.archive":
      return archived(state, e);
    case "thread.moved_out":
    case "thread.moved_in":
      return moved(state, e);
    case "posts.moved_out":
    case "posts.moved_in":
      return ofMove(e).reduce((s, id) => postsMoved(s, e, id), state);
    case "thread.answer":
      return changed(state, e, { answer: (e.post as string | null) ?? null });
    case "post":
      return postInThread(state, e);
    case "post.edit":
      return e.erased ? state : reworded(state, e, { excerpt: excerpt(e.text) });
    case "post.redact":
    case "post.hide":
      return reworded(state, e, { excerpt: "" });
    case "post.restore":
      return e.post === `${e.hub}-${state.threads[e.thread!]?.last_seq}`
        ? ask(changed(state, e, {}), e.thread!) /* its words are the excerpt again */
        : state;
    default:
      return state;
  }
}

const isNews = (t: Thread | undefined, e: Entry): t is Thread =>
  t !== undefined && e.seq > (t.as_of ?? 0);

function changed(state: State, e: Entry, patch: Partial<Thread>): State {
  return isNews(state.threads[e.thread!], e)
    ? patchThread(state, e.thread!, { ...patch, as_of: e.seq })
    : state;
}

/* What is archived stands in no list and counts nowhere; what comes back is counted by the server. */
function archived(state: State, e: Entry): State {
  if (!state.threads[e.thread!]) return e.archived === false ? recount(state, e.thread!) : state;
  if (!isNews(state.threads[e.thread!], e)) return state;
  const next = changed(state, e, { archived: e.archived === true });
  return recount(toPlace(e.archived === true ? withoutPlace(next, e.thread!) : next, e.thread!), e.thread!);
}

/* It leaves the lists it stood in; what it is in its new room, if that is open to me, only the
 * server can say. */
function moved(state: State, e: Entry): State {
  const id = e.thread!;
  const t = state.threads[id];
  const isIn = e.kind === "thread.moved_in";
  if (!t)
    return isIn && (state.rooms[e.room!]?.joined || state.lists[e.room!]) ? recount(state, id) : state;
  if (!isNews(t, e)) return toCatchup(toPlace(state, id), id); /* as with a post */
  const room = isIn ? e.room! : typeof e.to === "string" ? e.to : t.room;
  const placed = patchThread(withoutPlace(state, id), id, { room, moved: true, as_of: e.seq });
  return recount(placed, id);
}

/* The threads that posts went out of or into, as far as they are named to me. */
const ofMove = (e: Entry): string[] =>
  [e.thread, e.from, e.to].filter((id): id is string => typeof id === "string");

function postsMoved(state: State, e: Entry, id: string): State {
  const t = state.threads[id];
  if (!t)
    return state.rooms[e.room!]?.joined || state.lists[e.room!] ? recount(state, id) : state;
  /* Also where an answer knew it already: what I had read there may be less than was held on to. */
  const next = patchThread(state, id, { moved: true, as_of: Math.max(e.seq, t.as_of ?? 0) });
  return recount(e.merged && id === e.from ? withoutPlace(next, id) : next, id);
}

/* Places in a thread changed: what is loaded of it is loaded again. */
function moveInPage(state: State, id: string): State {
  const page = state.pages[id];
  if (!page) return state;
  const wantThreads = state.wantThreads.includes(id) ? state.wantThreads : [...state.wantThreads, id];
  return { ...state, wantThreads, pages: { ...state.pages, [id]: { ...page, stale: true } } };
}

const not = (ids: string[], id: string) =>
  ids.includes(id) ? ids.filter((other) => other !== id) : ids;

/* Takes a thread out of every list that it stands in, but that of one room. */
export function withoutPlace(state: State, id: string, room = ""): State {
  const lists = Object.fromEntries(
    Object.entries(state.lists).map(([of, list]) => [
      of,
      of === room ? list : { ...list, ids: not(list.ids, id) },
    ]),
  );
  const catchup = state.catchup && { ...state.catchup, ids: not(state.catchup.ids, id) };
  return { ...state, lists, catchup, unanswered: state.unanswered && not(state.unanswered, id) };
}

/* Who joins has read what was there, and who left is told of nothing. */
function readFromHere(state: State, e: Entry): State {
  return Object.values(state.threads)
    .filter((t) => t.room === e.room && isNews(t, e))
    .reduce(
      (s, t) =>
        patchThread(s, t.id, { unread: 0, mentions: 0, first_unread: null, as_of: e.seq }),
      state,
    );
}

function thread(state: State, e: Entry): State {
  const id = idOf(e);
  if (state.threads[id]) return toPlace(state, id);
  const made: Thread = {
    id,
    room: e.room!,
    kind: (e.type as ThreadKind) ?? "discussion",
    title: text(e.title),
    by: text(e.author) || e.by,
    at: e.at,
    lang: text(e.lang),
    posts: 0,
    last_seq: e.seq,
    last_at: e.at,
    last_by: e.by,
    unread: 0,
    mentions: 0,
    read_seq: 0,
    first_unread: null,
    pinned: false,
    locked: false,
    answer: null,
    level: "digest",
    as_of: e.seq,
  };
  return toPlace({ ...state, threads: { ...state.threads, [id]: made } }, id);
}

/* A room's list: pinned ones first, then by last activity. */
export function toPlace(state: State, id: string): State {
  const t = state.threads[id];
  const list = t && state.lists[t.room];
  if (!list || t.kind === "chat" || t.archived) return state;
  const rest = list.ids.filter((other) => other !== id);
  const isBelow = (o: Thread | undefined) =>
    o !== undefined && (o.pinned === t.pinned ? o.last_seq < t.last_seq : t.pinned);
  const at = rest.findIndex((other) => isBelow(state.threads[other]));
  const ids = rest.slice();
  if (at >= 0) ids.splice(at, 0, id);
  else if (!list.more || list.ids.at(-1) === id) ids.push(id); /* else it comes with a later page */
  return { ...state, lists: { ...state.lists, [t.room]: { ...list, ids } } };
}

function postInThread(state: State, e: Entry): State {
  const t = state.threads[e.thread!];
  const r = state.rooms[e.room ?? ""];
  if (!t)
    return (r?.joined || e.room === undefined) && !state.wantThreads.includes(e.thread!)
      ? { ...state, wantThreads: [...state.wantThreads, e.thread!] }
      : state;
  if (!isNews(t, e) || (e.seq <= t.last_seq && t.posts > 0))
    return toCatchup(toPlace(state, t.id), t.id); /* the lists may be older than the thread */
  const fresh: Thread = {
    ...t,
    posts: t.posts + 1,
    last_seq: e.seq,
    last_at: e.at,
    last_by: e.by,
    excerpt: excerpt(e.text),
    as_of: e.seq,
  };
  const counts = isUnread(state, e, t) && r?.joined !== false;
  if (counts) {
    fresh.unread = Math.min(UNREAD_MAX, t.unread + 1);
    fresh.mentions = Math.min(UNREAD_MAX, t.mentions + (namesMe(state, e) ? 1 : 0));
    if (t.unread === 0) fresh.first_unread = idOf(e);
  }
  const next = toPlace({ ...state, threads: { ...state.threads, [t.id]: fresh } }, t.id);
  return toCatchup(next, t.id);
}

/* Catch-up takes in what is unread in a joined room, at its head. */
export function toCatchup(state: State, id: string): State {
  const c = state.catchup;
  const t = state.threads[id];
  if (!c || !t || c.ids.includes(id)) return state;
  return t.unread > 0 && t.level !== "mute" && !t.archived && state.rooms[t.room]?.joined
    ? { ...state, catchup: { ...c, ids: [id, ...c.ids] } }
    : state;
}

/* Other words may name me, or no longer: then the server is asked to count. */
const mayName = (state: State, e: Entry, there: Room | Thread | undefined): boolean =>
  there !== undefined && (there.mentions > 0 || (there.unread > 0 && namesMe(state, e)));

/* The room of a thread that was never seen here is not known: it may be any. */
const mayNameInRoom = (state: State, e: Entry): boolean =>
  e.room === undefined
    ? hasHomeless(state, e.thread!) || Object.values(state.rooms).some((r) => mayName(state, e, r))
    : mayName(state, e, state.rooms[e.room]);

function reworded(state: State, e: Entry, newest: Partial<Thread>): State {
  const t = state.threads[e.thread!];
  if (!isNews(t, e)) return state;
  const next = changed(state, e, e.post === `${e.hub}-${t.last_seq}` ? newest : {});
  return mayName(state, e, t) ? recount(next, t.id) : next;
}

const ask = (state: State, id: string): State =>
  state.wantThreads.includes(id) ? state : { ...state, wantThreads: [...state.wantThreads, id] };

/* ---- The posts that are loaded. */
function inPage(state: State, e: Entry): State {
  switch (e.kind) {
    case "post":
      return post(state, e);
    case "post.edit":
      return edit(state, e);
    case "post.redact":
      return redact(state, e);
    case "post.hide":
      return hide(state, e);
    case "post.restore":
      return restore(state, e);
    case "post.lock":
      return patchPost(state, e, (p) => ({ ...p, locked: e.locked === true }));
    case "react":
      return react(state, e);
    case "link":
      return e.erased ? state : linked(state, e);
    case "posts.moved_out":
    case "posts.moved_in":
      return ofMove(e).reduce(moveInPage, state);
    default:
      return state;
  }
}

/* Room for one more: the oldest leave, many at a time, so that it happens seldom. */
const held = (posts: Post[]): Post[] =>
  posts.length < PAGE_MAX ? posts : posts.slice(PAGE_MAX / 6);

function post(state: State, e: Entry): State {
  const t = state.threads[e.thread!];
  const page = state.pages[e.thread!];
  const last = page?.posts[page.posts.length - 1];
  let next = state;
  if (page && !page.newer && e.seq > (last?.seq ?? 0)) {
    const made: Post = {
      id: idOf(e),
      seq: e.seq,
      thread: e.thread!,
      at: e.at,
      by: e.by,
      lang: text(e.lang) || t?.lang || "",
      text: text(e.text),
      md: e.md as Token[] | undefined,
      files: e.files as Post["files"],
      reply_to: e.reply_to as string | undefined,
      ...(e.version ? { version: true } : {}),
      ...(e.about ? { about: text(e.about) } : {}),
      n: (last?.n ?? 0) + 1,
      as_of: e.seq,
    };
    if (e.erased) made.redacted = { by: "", at: e.at, reason: "" };
    const posts = [...held(page.posts), made];
    next = { ...next, pages: { ...next.pages, [e.thread!]: { ...page, posts } } };
  }
  const typing = next.typing[e.thread!];
  return typing?.[e.by]
    ? { ...next, typing: { ...next.typing, [e.thread!]: { ...typing, [e.by]: 0 } } }
    : next;
}

function patchPost(state: State, e: Entry, change: (p: Post) => Post): State {
  const page = state.pages[e.thread!];
  const i = page?.posts.findIndex((p) => p.id === e.post) ?? -1;
  if (!page || i < 0 || e.seq <= (page.posts[i]!.as_of ?? 0)) return state;
  const posts = page.posts.slice();
  posts[i] = { ...change(posts[i]!), as_of: e.seq };
  return { ...state, pages: { ...state.pages, [e.thread!]: { ...page, posts } } };
}

function edit(state: State, e: Entry): State {
  return e.erased
    ? state
    : patchPost(state, e, (p) => ({
        ...p,
        text: text(e.text),
        md: e.md as Token[] | undefined,
        lang: text(e.lang) || p.lang,
        edited_at: e.at,
      }));
}

/* What is told of a link replaces what was told before; how many other posts have it, the server said. */
function linked(state: State, e: Entry): State {
  const { url, title, about, lang, dead } = e as unknown as Link;
  return patchPost(state, e, (p) => {
    const links = [...(p.links ?? [])];
    const at = links.findIndex((l) => l.url === url);
    links.splice(at < 0 ? links.length : at, 1, { url, title, about, lang, dead, also: links[at]?.also });
    return { ...p, links };
  });
}

function redact(state: State, e: Entry): State {
  return patchPost(state, e, (p) => ({
    ...p,
    text: "",
    md: undefined,
    files: undefined,
    links: undefined,
    lang: state.threads[p.thread]?.lang ?? p.lang,
    reply_to: undefined,
    reactions: undefined,
    hidden: undefined,
    redacted: { by: e.by, at: e.at, reason: text(e.reason) },
  }));
}

const mayModerate = (state: State, thread: string): boolean => {
  const role = state.rooms[state.threads[thread]?.room ?? ""]?.role ?? state.me?.role;
  return role === "moderator" || role === "admin";
};
const wantPost = (state: State, e: Entry): State => {
  const want = { thread: e.thread!, post: text(e.post) };
  const isKnown = state.wantPosts.some((w) => w.post === want.post);
  return isKnown ? state : { ...state, wantPosts: [...state.wantPosts, want] };
};

/* Words stay with their author and with moderators; who came by since is told them again. */
function hide(state: State, e: Entry): State {
  const { rule, reason } = e as { rule?: Rule; reason?: string };
  let isUntold = false;
  const next = patchPost(state, e, (p) => {
    const hidden = { at: e.at, ...(rule && { rule }), ...(reason && { reason }) };
    const mine = p.by === state.me?.id || mayModerate(state, p.thread);
    isUntold = mine && p.text === "";
    if (mine && p.text !== "") return { ...p, hidden };
    return { ...p, text: "", md: undefined, files: undefined, links: undefined, reactions: undefined, redacted: undefined, hidden };
  });
  return isUntold ? wantPost(next, e) : next;
}

function restore(state: State, e: Entry): State {
  let isUntold = false;
  const next = patchPost(state, e, (p) => {
    isUntold = p.text === "";
    return { ...p, hidden: undefined };
  });
  return isUntold ? wantPost(next, e) : next;
}

function react(state: State, e: Entry): State {
  const mine = isMine(state, e);
  const emoji = text(e.emoji);
  return patchPost(state, e, (p) => {
    const all: Reaction[] = (p.reactions ?? []).slice();
    const i = all.findIndex((r) => r.emoji === emoji);
    const old = all[i] ?? { emoji, count: 0, mine: false };
    const now = {
      ...old,
      count: Math.max(0, old.count + (e.on ? 1 : -1)),
      mine: mine ? e.on === true : old.mine,
    };
    if (i < 0) all.push(now);
    else all[i] = now;
    return { ...p, reactions: all.filter((r) => r.count > 0) };
  });
}
