/* store.ts: the one state of the client and the one pure function that changes it.
 *
 * Order is seq, never time. Every answer of the server says up to which seq it was read, so an
 * entry is applied to a part of the state only if it is newer than that part (for posts: `as_of`):
 * an entry that comes twice, or that an answer contained already, changes nothing. */
import type {
  Command,
  Entry,
  From,
  Hub,
  Level,
  Matter,
  Member,
  Post,
  Region,
  Room,
  Signal,
  Thread,
} from "./types";
import type { Line } from "./transport";
import {
  applyEntry,
  catchupAgain,
  hasHomeless,
  housed,
  inItsRoom,
  isBlocked,
  listAgain,
  pageAgain,
  roomsAgain,
  threadsAgain,
  toCatchup,
  toPlace,
  withoutPlace,
} from "./entries";

/* A stretch of a thread without gaps, ascending by n; `newer`: the thread goes on after it. */
export interface Page {
  posts: Post[];
  newer: boolean;
  stale?: boolean /* posts came or went in the middle: it is to be loaded again */;
}
export interface ThreadIds {
  ids: string[];
  seq: number;
  more: boolean;
}

export interface State {
  phase: "boot" | "out" | "in";
  line: Line;
  me: Member | null;
  from?: From /* who may begin a conversation with me, once it was asked for */;
  hub: Hub | null;
  cursor: Record<string, number>;
  recent: Entry[] /* the last ones that came, ascending */;
  members: Record<string, Member>;
  regions: Record<string, Region>;
  rooms: Record<string, Room>;
  roomsSeq: number /* 0: never loaded */;
  threads: Record<string, Thread>;
  lists: Record<string, ThreadIds> /* by room id */;
  catchup: ThreadIds | null;
  unanswered: string[] | null /* thread ids: questions of others that nobody answered */;
  pages: Record<string, Page> /* by thread id */;
  pending: Command[];
  asks: Matter[] /* of mine: what waits for a moderator, and what became of it */;
  asksSeq: number;
  typing: Record<string, Record<string, number>> /* thread -> member -> until, ms */;
  wantThreads: string[];
  wantMembers: string[];
  wantPosts: { thread: string; post: string }[] /* shown again to me: their words are asked for */;
  wantRooms: boolean /* a count cannot be known from here: ask for the rooms again */;
  failed: Record<string, string> /* view key -> error code */;
  notice: { text: string; n: number } | null;
}

export const initial: State = {
  phase: "boot",
  line: "connecting",
  me: null,
  hub: null,
  cursor: {},
  recent: [],
  members: {},
  regions: {},
  rooms: {},
  roomsSeq: 0,
  threads: {},
  lists: {},
  catchup: null,
  unanswered: null,
  pages: {},
  pending: [],
  asks: [],
  asksSeq: 0,
  typing: {},
  wantThreads: [],
  wantMembers: [],
  wantPosts: [],
  wantRooms: false,
  failed: {},
  notice: null,
};

export type Event =
  | { type: "hello"; me: Member; hub: Hub; cursor: Record<string, number>; resumed: boolean }
  | { type: "out" }
  | { type: "restored"; saved: Partial<State> }
  | { type: "line"; line: Line }
  | { type: "entry"; entry: Entry }
  | { type: "signal"; signal: Signal; now: number }
  | { type: "reset"; cursor: Record<string, number> }
  | { type: "rooms"; rooms: Room[]; regions: Region[]; seq: number }
  | { type: "members"; members: Member[]; asked?: string[] }
  | {
      type: "threads";
      room: string;
      threads: Thread[];
      members: Member[];
      seq: number;
      older: boolean;
      more: boolean;
    }
  | {
      type: "catchup";
      threads: Thread[];
      featured?: Thread[] /* with the first page */;
      members: Member[];
      seq: number;
      older: boolean;
      more: boolean;
    }
  | { type: "unanswered"; threads: Thread[]; members: Member[]; seq: number }
  | { type: "thread"; thread: Thread; members: Member[]; seq: number }
  /* hidden: not for my eyes any more; to: another one is shown in its place */
  | { type: "thread-gone"; thread: string; hidden?: boolean; to?: string }
  | { type: "posts"; thread: string; posts: Post[]; members: Member[]; seq: number; newer: boolean }
  | { type: "told"; thread: string; posts: Post[]; seq: number } /* those of them that are shown */
  | { type: "queued"; command: Command }
  | { type: "stored"; cid: string; result: { id?: string; seq: number; post?: string } }
  | { type: "refused"; cid: string; code: string }
  | { type: "asks"; asks: Matter[]; seq: number }
  | { type: "dropped"; cid: string }
  | { type: "read"; thread: string; seq: number }
  | { type: "unread"; threads: Thread[]; room?: Room } /* as they were before they were read: taken back */
  | { type: "room-read"; room: string }
  | { type: "rooms-wanted" }
  | { type: "recount"; thread: string }
  | { type: "rooms-asked" }
  | { type: "posts-asked" }
  | { type: "level"; thread: string; level: Level }
  | { type: "failed"; key: string; code: string | null }
  | { type: "notice"; text: string | null };

export const TYPING_MS = 6_000;
export const UNREAD_MAX = 100;
/* Posts of a thread that are held and shown; further ones are loaded again on the way there. */
export const PAGE_MAX = 300;

export function reduce(state: State, ev: Event): State {
  switch (ev.type) {
    case "hello":
      return {
        ...state,
        wantThreads: [...new Set([...state.wantThreads, ...unsure(state)])],
        phase: "in",
        me: ev.me,
        hub: ev.hub,
        members: { ...state.members, [ev.me.id]: ev.me },
        cursor: ev.resumed ? state.cursor : ev.cursor,
      };
    case "out":
      return { ...initial, phase: "out", line: state.line };
    case "restored":
      return { ...state, ...ev.saved };
    case "line":
      return state.line === ev.line ? state : { ...state, line: ev.line };
    case "entry":
      return entry(state, ev.entry);
    case "signal":
      return signal(state, ev.signal, ev.now);
    case "reset":
      return settle({
        ...state,
        cursor: ev.cursor,
        recent: [],
        roomsSeq: 0,
        lists: {},
        catchup: null,
        pages: {},
        threads: {},
      });
    case "rooms":
      return roomsLoaded(state, ev);
    case "members":
      return membersLoaded(state, ev.members, ev.asked);
    case "threads":
      return listLoaded(state, ev);
    case "catchup":
      return catchupLoaded(state, ev);
    case "unanswered":
      return {
        ...withThreads(membersLoaded(state, ev.members), ev.threads, ev.seq),
        unanswered: ev.threads.map((th) => th.id),
      };
    case "thread":
      return withThreads(membersLoaded(state, ev.members), [ev.thread], ev.seq);
    case "thread-gone":
      return gone(state, ev.thread, ev.to ? "" : ev.hidden ? "moved" : null);
    case "posts":
      return postsLoaded(state, ev);
    case "told":
      return told(state, ev);
    case "queued":
      return queued(state, ev.command);
    case "stored":
      return stored(state, ev.cid, ev.result);
    case "refused":
      return patchPending(state, ev.cid, { status: "refused", error: ev.code });
    case "asks":
      return asked(state, ev.asks, ev.seq);
    case "dropped":
      return { ...state, pending: state.pending.filter((c) => c.cid !== ev.cid) };
    case "read":
      return read(state, ev.thread, ev.seq);
    case "unread":
      return unreadAgain(state, ev.threads, ev.room);
    case "room-read":
      return readRoom(state, ev.room);
    case "rooms-wanted":
      return { ...state, wantRooms: true };
    case "recount":
      return recount(state, ev.thread);
    case "rooms-asked":
      return { ...state, wantRooms: false };
    case "posts-asked":
      return { ...state, wantPosts: [] };
    case "level":
      return level(state, ev.thread, ev.level);
    case "failed": {
      if ((state.failed[ev.key] ?? null) === ev.code) return state;
      const failed = { ...state.failed };
      if (ev.code === null) delete failed[ev.key];
      else failed[ev.key] = ev.code;
      return { ...state, failed };
    }
    case "notice":
      return {
        ...state,
        notice: ev.text === null ? null : { text: ev.text, n: (state.notice?.n ?? 0) + 1 },
      };
  }
}

/* What moved while the line was about to break: nobody has said yet what became of it. */
const unsure = (state: State): string[] => [
  ...Object.values(state.threads).flatMap((t) => (t.moved ? [t.id] : [])),
  ...Object.entries(state.pages).flatMap(([id, page]) => (page.stale ? [id] : [])),
];

/* What is not shown any more is kept nowhere here. why: said in its place; null: nothing is known of it. */
function gone(state: State, id: string, why: string | null): State {
  const next = {
    ...state,
    wantThreads: state.wantThreads.filter((other) => other !== id),
    wantRooms: state.wantRooms || hasHomeless(state, id) /* counted without knowing where */,
  };
  if (why === null || (!state.threads[id] && !state.pages[id])) return next;
  const { [id]: _, ...threads } = state.threads;
  const { [id]: __, ...pages } = state.pages;
  const recent =
    why === "" ? state.recent : state.recent.filter((e) => e.thread !== id && `${e.hub}-${e.seq}` !== id);
  const failed = why === "" ? state.failed : { ...state.failed, [`thread:${id}`]: why };
  return { ...withoutPlace(next, id), threads, pages, recent, failed };
}

function entry(state: State, e: Entry): State {
  if (e.seq <= (state.cursor[e.hub] ?? 0)) return state; /* seen before */
  const next = applyEntry({ ...state, cursor: { ...state.cursor, [e.hub]: e.seq } }, inItsRoom(state, e));
  return settle(next);
}

function signal(state: State, s: Signal, now: number): State {
  switch (s.kind) {
    case "typing":
      if (!s.thread || !s.by || s.by === state.me?.id || isBlocked(state, s.by)) return state;
      return wantMember(
        {
          ...state,
          typing: {
            ...state.typing,
            [s.thread]: { ...state.typing[s.thread], [s.by]: now + TYPING_MS },
          },
        },
        s.by,
      );
    case "room": {
      const room = s.room ? state.rooms[s.room] : undefined;
      if (!room || !room.joined || (s.seq ?? 0) <= state.roomsSeq) return state;
      const blocks = s.mentions && state.me?.blocked; /* by whom, the hub knows */
      return patchRoom(blocks ? { ...state, wantRooms: true } : state, room.id, {
        unread: Math.min(UNREAD_MAX, room.unread + (s.count ?? 0)),
        mentions: room.mentions + (blocks ? 0 : (s.mentions ?? 0)),
      });
    }
    case "read":
      if (s.room) return roomElsewhere(state, s.room, s.seq ?? 0);
      return s.thread ? readElsewhere(state, s.thread, s.seq ?? 0) : state;
    case "block": {
      const left = (state.me?.blocked ?? []).filter((id) => id !== s.member);
      const blocked = s.on && s.member ? [...left, s.member] : left;
      return { ...state, me: state.me && { ...state.me, blocked }, wantRooms: true };
    }
    case "direct":
      return { ...state, from: s.from };
    case "follow":
      return s.thread && s.level ? level(state, s.thread, s.level) : state;
    default:
      return state;
  }
}

export function patchThread(state: State, id: string, patch: Partial<Thread>): State {
  const old = state.threads[id];
  return old ? { ...state, threads: { ...state.threads, [id]: { ...old, ...patch } } } : state;
}

export function patchRoom(state: State, id: string, patch: Partial<Room>): State {
  const old = state.rooms[id];
  return old ? { ...state, rooms: { ...state.rooms, [id]: { ...old, ...patch } } } : state;
}

export function wantMember(state: State, id: string): State {
  return state.members[id] || state.wantMembers.includes(id)
    ? state
    : { ...state, wantMembers: [...state.wantMembers, id] };
}

function membersLoaded(state: State, list: Member[] | undefined, asked?: string[]): State {
  if (!list?.length && !asked) return state;
  const members = { ...state.members };
  for (const m of list ?? []) members[m.id] = m;
  /* Who was asked for and not found stays unknown; asking again would not help. */
  const wantMembers = state.wantMembers.filter((id) => !members[id] && !asked?.includes(id));
  return { ...state, members, wantMembers };
}

function withThreads(state: State, list: Thread[], seq: number): State {
  const threads = { ...state.threads };
  for (const t of list) threads[t.id] = { ...keepRead(t, threads[t.id]), as_of: seq };
  const here = new Set(list.map((t) => t.id));
  const wantThreads = state.wantThreads.filter((id) => !here.has(id) || state.pages[id]?.stale);
  /* What was new in a thread that nobody knew to be muted stands in its room's count. */
  const isOver = list.some((t) => t.level === "mute" && state.wantThreads.includes(t.id));
  const wantRooms = state.wantRooms || isOver;
  const went = list.filter((t) => state.threads[t.id] && state.threads[t.id]!.room !== t.room);
  const left = went.reduce((s, t) => withoutPlace(s, t.id, t.room), state);
  const known = threadsAgain({ ...left, threads, wantThreads, wantRooms }, seq);
  const next = list.reduce((s, t) => housed(s, s.threads[t.id] ?? t), known);
  return list.reduce((s, { id }) => {
    const placed = toPlace(s, id);
    return state.wantThreads.includes(id) ? toCatchup(placed, id) : placed;
  }, next);
}

/* A read mark of ours may still be on its way: never step back. */
function keepRead(t: Thread, old: Thread | undefined): Thread {
  if (!old || old.moved || old.read_seq <= t.read_seq) return t;
  const unread = Math.min(t.unread, old.unread + Math.max(0, t.posts - old.posts));
  return {
    ...t,
    read_seq: old.read_seq,
    unread,
    mentions: unread === 0 ? 0 : t.mentions,
    first_unread: unread === 0 ? null : old.first_unread,
  };
}

function roomsLoaded(state: State, ev: Extract<Event, { type: "rooms" }>): State {
  if (ev.seq < state.roomsSeq) return state;
  const next = {
    ...state,
    wantRooms: false,
    roomsSeq: Math.max(1, ev.seq),
    rooms: Object.fromEntries(ev.rooms.map((r) => [r.id, r.with ? { ...r, region: "", slug: "", name: "" } : r])),
    regions: Object.fromEntries(ev.regions.map((r) => [r.id, r])),
  };
  const known = ev.rooms.reduce((s, r) => (r.with ? wantMember(s, r.with) : s), next);
  return settle(roomsAgain(known, ev.seq));
}

function merged(
  old: ThreadIds | null | undefined,
  ev: {
    threads: Thread[];
    seq: number;
    older: boolean;
    more: boolean;
  },
): ThreadIds {
  const ids = ev.threads.map((t) => t.id);
  if (!ev.older || !old) return { ids, seq: ev.seq, more: ev.more };
  return {
    ids: [...old.ids, ...ids.filter((id) => !old.ids.includes(id))],
    seq: old.seq,
    more: ev.more,
  };
}

function listLoaded(state: State, ev: Extract<Event, { type: "threads" }>): State {
  const next = membersLoaded(state, ev.members);
  const lists = { ...next.lists, [ev.room]: merged(next.lists[ev.room], ev) };
  const loaded = withThreads({ ...next, lists }, ev.threads, ev.seq);
  return settle(listAgain(loaded, ev.room, ev.seq));
}

export const FEATURED_MAX = 5; /* as many as the hub tells: with fewer, there are no others */
function catchupLoaded(state: State, ev: Extract<Event, { type: "catchup" }>): State {
  const next = membersLoaded(state, ev.members);
  const catchup = merged(next.catchup, ev);
  const all = [...ev.threads, ...(ev.featured ?? []).filter((f) => !ev.threads.some((th) => th.id === f.id))];
  const known = catchupAgain(withThreads({ ...next, catchup }, all, ev.seq), ev.seq);
  return ev.featured && ev.featured.length < FEATURED_MAX ? onlyFeatured(known, ev.featured) : known;
}

/* Some are featured until a time: no entry tells that it is over. */
function onlyFeatured(state: State, list: Thread[]): State {
  const over = Object.values(state.threads).filter((th) => th.featured && !list.some((f) => f.id === th.id));
  if (over.length === 0) return state;
  const threads = { ...state.threads };
  for (const th of over) threads[th.id] = { ...th, featured: false };
  return { ...state, threads };
}

const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf("-") + 1));

/* Does the thread go on after this answer, asked for `where` and of at most `limit` posts? The answer
 * itself tells, and only where it is full the thread, if it is known as it was then or later: entries
 * that came before the answer have made it longer than the answer knows. */
export function goesOn(
  a: { posts: Post[]; seq: number },
  where: { before?: string; after?: string; around?: string },
  limit: number,
  th: Thread | undefined,
): boolean {
  if (where.before !== undefined) return true;
  const { around } = where;
  const from = around === undefined ? a.posts : a.posts.filter((p) => numberOf(p.id) >= numberOf(around));
  const room = around === undefined ? limit : limit - Math.floor(limit / 2);
  if ((where.after ?? around) === undefined || from.length < room) return false;
  return th === undefined || th.moved || (th.as_of ?? 0) < a.seq || a.posts.at(-1)!.n < th.posts;
}

/* Joins what was loaded to what is there, or replaces it where a gap would be left. */
function postsLoaded(state: State, ev: Extract<Event, { type: "posts" }>): State {
  const next = membersLoaded(state, ev.members);
  const old = next.pages[ev.thread];
  const fresh = ev.posts.map((p) => ({ ...p, as_of: ev.seq }));
  let page: Page = { posts: fresh, newer: ev.newer };
  /* An answer to who went on reading may be empty where there is something before it. */
  const th = next.threads[ev.thread];
  if (old?.stale && fresh.length === 0 && (!th || th.moved || th.posts > 0)) return next;
  if (old?.stale) {
    /* nothing of it is held on to */
  } else if (old && old.posts.length > 0 && fresh.length > 0) {
    const first = fresh[0]!.n;
    const last = fresh[fresh.length - 1]!.n;
    const touches = first <= old.posts[old.posts.length - 1]!.n + 1 && last >= old.posts[0]!.n - 1;
    if (touches) {
      const before = old.posts.filter((p) => p.n < first);
      const after = old.posts.filter((p) => p.n > last);
      const posts = [...before, ...fresh, ...after];
      const newer = after.length > 0 ? old.newer : ev.newer;
      /* Too many: those leave that lie farthest from what was just loaded. */
      page =
        before.length > 0
          ? { posts: posts.slice(-PAGE_MAX), newer }
          : { posts: posts.slice(0, PAGE_MAX), newer: newer || posts.length > PAGE_MAX };
    }
  } else if (old && fresh.length === 0) {
    page = { ...old, newer: false };
  }
  const pages = { ...next.pages, [ev.thread]: page };
  const isKnown = old?.stale && !th?.moved;
  const wantThreads = next.wantThreads.filter((id) => id !== ev.thread || !isKnown);
  return settle(pageAgain({ ...next, pages, wantThreads }, ev.thread, ev.seq));
}

function told(state: State, ev: Extract<Event, { type: "told" }>): State {
  const page = state.pages[ev.thread];
  if (!page) return state;
  const posts = page.posts.map((old) => {
    const fresh = ev.posts.find((p) => p.id === old.id);
    return fresh && ev.seq >= (old.as_of ?? 0) ? { ...fresh, as_of: ev.seq } : old;
  });
  return pageAgain(
    { ...state, pages: { ...state.pages, [ev.thread]: { ...page, posts } } },
    ev.thread,
    ev.seq,
  );
}

function queued(state: State, command: Command): State {
  return state.pending.some((c) => c.cid === command.cid)
    ? patchPending(state, command.cid, command)
    : { ...state, pending: [...state.pending, command] };
}

function patchPending(state: State, cid: string, patch: Partial<Command>): State {
  return { ...state, pending: state.pending.map((c) => (c.cid === cid ? { ...c, ...patch } : c)) };
}

function stored(state: State, cid: string, result: NonNullable<Command["result"]>): State {
  const c = state.pending.find((p) => p.cid === cid);
  if (result.held && c?.method === "room.join")
    return patchRoom(
      { ...state, pending: state.pending.filter((p) => p !== c) },
      String(c.params.room),
      { asked: true },
    );
  return settle(patchPending(state, cid, { status: "stored", result, error: undefined }));
}

/* What is held is shown from here on; an answer that was overtaken says nothing new. */
function asked(state: State, asks: Matter[], asksSeq: number): State {
  if (asksSeq < state.asksSeq) return state;
  const pending = state.pending.filter((c) => !c.result?.held || c.result.seq > asksSeq);
  return { ...state, asks, asksSeq, pending };
}

/* Drops the commands whose effect is to be seen: the entry arrived, or an answer contains it. */
function settle(state: State): State {
  const home = state.hub?.code ?? "";
  const open = state.pending.filter((c) => {
    if (c.status !== "stored" || !c.result || c.result.held) return true;
    if (c.result.seq <= (state.cursor[home] ?? 0)) return false;
    if (c.method === "post.create") {
      const page = state.pages[String(c.params.thread)];
      return !page?.posts.some((p) => p.id === c.result!.id);
    }
    return true;
  });
  return open.length === state.pending.length ? state : { ...state, pending: open };
}

/* What is left behind a read mark can be told here if all of it is loaded and nothing names me. */
export function isUncounted(state: State, id: string, seq: number): boolean {
  const t = state.threads[id];
  const page = state.pages[id];
  const first = page?.posts[0];
  const last = page?.posts[page.posts.length - 1];
  if (!t || t.unread === 0) return false;
  if (t.mentions > 0 || !page || page.newer || !first || !last) return true;
  return (first.n > 1 && first.seq > seq) || last.seq < t.last_seq;
}

/* My read position moved to seq; it never moves back. */
function read(state: State, id: string, seq: number): State {
  const t = state.threads[id];
  if (!t || seq <= t.read_seq) return state;
  const page = state.pages[id];
  /* Posts that are ahead of their entries are counted when these come. */
  const isLeft = (p: Post) => p.seq > seq && p.seq <= t.last_seq && p.by !== state.me?.id;
  const rest = page?.posts.filter(isLeft) ?? [];
  let unread = t.unread;
  if (seq >= t.last_seq) unread = 0;
  else if (!isUncounted(patchThread(state, id, { mentions: 0 }), id, seq))
    unread = Math.min(unread, rest.length); /* nothing counts from before I joined */
  const mentions = Math.min(t.mentions, unread);
  const first = rest.some((p) => p.id === t.first_unread) ? t.first_unread : rest[0]?.id;
  const next = patchThread(state, id, {
    read_seq: seq,
    unread,
    mentions,
    first_unread: unread === 0 ? null : (first ?? null),
  });
  if (t.level === "mute") return next;
  return countRoom(next, t, unread - t.unread, mentions - t.mentions, seq);
}

/* The room's counts move with those of its thread. What stood at the limit cannot be told, nor what
 * an answer ahead of the entries put into one of the two, or is to put: the server is asked. */
function countRoom(state: State, t: Thread, unread: number, mentions: number, seq = 0): State {
  const room = state.rooms[t.room];
  if (!room) return state;
  const upTo = Math.max(seq, t.as_of ?? 0, state.roomsSeq);
  const isAhead =
    upTo > (state.cursor[state.hub?.code ?? ""] ?? 0) || state.wantThreads.includes(t.id);
  const isOver = room.unread >= UNREAD_MAX && unread < 0;
  const next = isAhead || isOver ? { ...state, wantRooms: true } : state;
  if (unread === 0 && mentions === 0) return next;
  return patchRoom(next, t.room, {
    unread: Math.min(UNREAD_MAX, Math.max(0, room.unread + unread)),
    mentions: Math.min(UNREAD_MAX, Math.max(0, room.mentions + mentions)),
  });
}

/* Read on another device of mine. What is left there is asked for where it cannot be counted. */
function readElsewhere(state: State, id: string, seq: number): State {
  const t = state.threads[id];
  if (!t) return { ...state, wantRooms: true };
  if (seq <= t.read_seq) return state;
  const next = read(state, id, seq);
  return isUncounted(next, id, seq) ? recount(next, id) : next;
}

export function recount(state: State, id: string): State {
  const wantThreads = state.wantThreads.includes(id)
    ? state.wantThreads
    : [...state.wantThreads, id];
  return { ...state, wantThreads, wantRooms: true };
}

const unreadOf = (state: State, room: string): Thread[] =>
  Object.values(state.threads).filter((t) => t.room === room && t.unread > 0);

/* All of a room is read, with the threads that are not known here: its counts need no asking. */
function readRoom(state: State, id: string): State {
  if (!state.rooms[id]) return state;
  const next = unreadOf(state, id).reduce((s, t) => read(s, t.id, t.last_seq), state);
  return patchRoom({ ...next, wantRooms: state.wantRooms }, id, { unread: 0, mentions: 0 });
}

function roomElsewhere(state: State, id: string, seq: number): State {
  const next = unreadOf(state, id).reduce((s, t) => readElsewhere(s, t.id, seq), state);
  return (next.rooms[id]?.unread ?? 0) > 0 ? { ...next, wantRooms: true } : next;
}

function unreadAgain(state: State, threads: Thread[], was?: Room): State {
  const next = threads.reduce(unread, state);
  const now = was && state.rooms[was.id];
  if (!was || !now) return next;
  return patchRoom({ ...next, wantRooms: state.wantRooms }, was.id, {
    unread: Math.min(UNREAD_MAX, now.unread + was.unread),
    mentions: Math.min(UNREAD_MAX, now.mentions + was.mentions),
  });
}

/* Takes a reading back; what came in since stays counted. */
function unread(state: State, was: Thread): State {
  const t = state.threads[was.id];
  if (!t) return state;
  const next = patchThread(state, was.id, {
    read_seq: was.read_seq,
    unread: Math.min(UNREAD_MAX, was.unread + t.unread),
    mentions: was.mentions + t.mentions,
    first_unread: was.first_unread,
  });
  return was.level === "mute" ? next : countRoom(next, t, was.unread, was.mentions);
}

/* Nothing of a muted thread counts in its room. */
function level(state: State, id: string, to: Level): State {
  const t = state.threads[id];
  if (!t || t.level === to) return state;
  const next = patchThread(state, id, { level: to });
  if (to === "mute") return countRoom(next, t, -t.unread, -t.mentions);
  if (t.level !== "mute") return next;
  return toCatchup(countRoom(next, t, t.unread, t.mentions), id);
}

/* The post that the line "new since" stands before; "": nothing is unread in what is loaded. */
export function firstUnread(th: Thread, page: Page, me = ""): string {
  if (th.unread === 0) return "";
  const told = page.posts.some((p) => p.id === th.first_unread);
  return told
    ? th.first_unread!
    : (page.posts.find((p) => p.seq > th.read_seq && p.by !== me)?.id ?? "");
}
