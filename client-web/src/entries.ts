/* entries.ts: what each kind of entry does to the state. Pure; called by the reducer only, once
 * per entry. A part of the state that was read at a later seq holds the change already. */
import { PAGE_MAX, patchRoom, patchThread, UNREAD_MAX, wantMember, type State } from "./store";
import type {
  Entry,
  Member,
  Post,
  Reaction,
  Region,
  Room,
  Thread,
  ThreadKind,
  Token,
} from "./types";

const idOf = (e: Entry) => `${e.hub}-${e.seq}`;
const text = (v: unknown) => (typeof v === "string" ? v : "");

export function applyEntry(state: State, e: Entry): State {
  switch (e.kind) {
    case "hub":
      return state.hub && state.hub.code === e.code
        ? { ...state, hub: { ...state.hub, name: text(e.name) } }
        : state;
    case "region":
      return {
        ...state,
        regions: {
          ...state.regions,
          [idOf(e)]: { id: idOf(e), slug: e.slug, name: e.name, lang: e.lang } as Region,
        },
      };
    case "member":
      return member(state, e);
    case "room":
      return room(state, e);
    case "room.join":
    case "room.leave":
      return membership(state, e);
    case "thread":
      return thread(state, e);
    case "thread.rename":
      return e.erased ? state : patchThread(state, e.thread!, { title: text(e.title) });
    case "thread.lock":
      return patchThread(state, e.thread!, { locked: e.locked === true });
    case "thread.pin":
      return pin(state, e);
    case "thread.answer":
      return patchThread(state, e.thread!, { answer: (e.post as string | null) ?? null });
    case "post":
      return post(state, e);
    case "post.edit":
      return edit(state, e);
    case "post.redact":
      return redact(state, e);
    case "react":
      return react(state, e);
    default:
      return state; /* a kind of a newer server */
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

function room(state: State, e: Entry): State {
  const id = idOf(e);
  if (e.seq <= state.roomsSeq || state.rooms[id]) return state;
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
    threads: 0,
    members: 0,
    unread: 0,
    mentions: 0,
    last_seq: e.seq,
  };
  return { ...state, rooms: { ...state.rooms, [id]: made } };
}

function membership(state: State, e: Entry): State {
  const r = state.rooms[e.room!];
  if (!r || e.seq <= state.roomsSeq) return state;
  const step = e.kind === "room.join" ? 1 : -1;
  const mine = e.by === state.me?.id;
  return patchRoom(state, r.id, {
    members: Math.max(0, r.members + step),
    joined: mine ? step > 0 : r.joined,
    unread: mine ? 0 : r.unread,
  });
}

function thread(state: State, e: Entry): State {
  const id = idOf(e);
  const r = state.rooms[e.room!];
  let next = state;
  if (r && e.seq > state.roomsSeq)
    next =
      e.type === "chat"
        ? patchRoom(next, r.id, { chat: id })
        : patchRoom(next, r.id, { threads: r.threads + 1 });
  if (next.threads[id]) return next;
  const made: Thread = {
    id,
    room: e.room!,
    kind: (e.type as ThreadKind) ?? "discussion",
    title: text(e.title),
    by: e.by,
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
    level: e.by === state.me?.id ? "follow" : "digest",
  };
  next = wantMember({ ...next, threads: { ...next.threads, [id]: made } }, e.by);
  return made.kind === "chat" ? next : toTop(next, made);
}

/* A room's list is by last activity, pinned ones first. */
function toTop(state: State, t: Thread): State {
  const list = state.lists[t.room];
  if (!list || t.kind === "chat") return state;
  const rest = list.ids.filter((id) => id !== t.id);
  const at = t.pinned ? 0 : rest.findIndex((id) => !state.threads[id]?.pinned);
  const ids = at < 0 ? [...rest, t.id] : [...rest.slice(0, at), t.id, ...rest.slice(at)];
  return { ...state, lists: { ...state.lists, [t.room]: { ...list, ids } } };
}

function pin(state: State, e: Entry): State {
  const next = patchThread(state, e.thread!, { pinned: e.pinned === true });
  const t = next.threads[e.thread!];
  return t ? toTop(next, t) : next;
}

function post(state: State, e: Entry): State {
  let next = counted(state, e);
  const t = next.threads[e.thread!];
  const page = next.pages[e.thread!];
  const id = idOf(e);
  const last = page?.posts[page.posts.length - 1];
  if (page && !page.newer && e.seq > (last?.seq ?? 0)) {
    const made: Post = {
      id,
      seq: e.seq,
      thread: e.thread!,
      at: e.at,
      by: e.by,
      lang: text(e.lang) || t?.lang || "",
      text: text(e.text),
      md: e.md as Token[] | undefined,
      reply_to: e.reply_to as string | undefined,
      n: (last?.n ?? 0) + 1,
      as_of: e.seq,
    };
    if (e.erased) made.redacted = { by: "", at: e.at, reason: "" };
    next = {
      ...next,
      pages: { ...next.pages, [e.thread!]: { ...page, posts: [...held(page.posts), made] } },
    };
  }
  const typing = next.typing[e.thread!];
  if (typing?.[e.by])
    next = { ...next, typing: { ...next.typing, [e.thread!]: { ...typing, [e.by]: 0 } } };
  return wantMember(next, e.by);
}

/* Room for one more: the oldest leave, many at a time, so that it happens seldom. */
const held = (posts: Post[]): Post[] =>
  posts.length < PAGE_MAX ? posts : posts.slice(PAGE_MAX / 6);

/* A new post: counts of its thread and room, its place in the lists. */
function counted(state: State, e: Entry): State {
  const t = state.threads[e.thread!];
  const r = state.rooms[e.room ?? t?.room ?? ""];
  const foreign = e.by !== state.me?.id;
  const named =
    foreign &&
    state.me !== null &&
    (e.mentions as string[] | undefined)?.includes(state.me.id) === true;
  let next = state;
  const quiet = t?.level === "mute";
  if (r && r.joined && foreign && !quiet && e.seq > state.roomsSeq)
    next = patchRoom(next, r.id, {
      unread: Math.min(UNREAD_MAX, r.unread + 1),
      mentions: r.mentions + (named ? 1 : 0),
      last_seq: e.seq,
    });
  if (!t)
    return r?.joined && !next.wantThreads.includes(e.thread!)
      ? { ...next, wantThreads: [...next.wantThreads, e.thread!] }
      : next;
  if (e.seq <= t.last_seq && t.posts > 0)
    return next; /* the thread was read later than this entry */
  const fresh: Thread = {
    ...t,
    posts: t.posts + 1,
    last_seq: e.seq,
    last_at: e.at,
    last_by: e.by,
    excerpt: text(e.text).slice(0, 160),
  };
  if (foreign) {
    fresh.unread = t.unread + 1;
    fresh.mentions = t.mentions + (named ? 1 : 0);
    fresh.first_unread = t.first_unread ?? idOf(e);
  }
  next = toTop({ ...next, threads: { ...next.threads, [t.id]: fresh } }, fresh);
  const c = next.catchup;
  if (c && foreign && r?.joined && !quiet && !c.ids.includes(t.id))
    next = { ...next, catchup: { ...c, ids: [t.id, ...c.ids] } };
  return next;
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

function redact(state: State, e: Entry): State {
  return wantMember(
    patchPost(state, e, (p) => ({
      ...p,
      text: "",
      md: undefined,
      redacted: { by: e.by, at: e.at, reason: text(e.reason) },
    })),
    e.by,
  );
}

function react(state: State, e: Entry): State {
  const mine = e.by === state.me?.id;
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
