/* Whatever comes in whatever order, what the client shows in the end is what the hub holds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { load } from "./bundle.mjs";
import { HUB, ME, makeHub } from "./model.mjs";
import { holds } from "./property.mjs";

const { reduce, initial, goesOn, isUncounted, unreadThreads, unreadTotal } = await load("store.ts", "home.ts");

const person = (id, handle) => ({ id, handle, name: handle, role: "member", lang: "en" });
const MEMBERS = [person(ME, "amina"), person("h-90", "moussa"), person("h-91", "zainab")];
const EMOJI = ["👍", "🙏"];
const LONG = "😀".repeat(161); /* an excerpt counts characters, not halves of them */

/* A hub, the line from it, and the client's state. */
function world() {
  const hub = makeHub(MEMBERS);
  const w = { hub, state: initial, sent: 0 /* seq up to which entries went out */, answers: [] };
  w.dispatch = (ev) => {
    w.state = reduce(w.state, ev);
  };
  const rooms = ["a", "b"].map((name) => hub.append("room", "h-90", { name }));
  for (const [i, room] of rooms.entries()) {
    hub.append("thread", "h-90", { room, type: "chat", title: "", lang: "en" });
    hub.append("thread", "h-90", { room, type: "question", title: `t${i}`, lang: "fr" });
  }
  hub.append("room.join", ME, { room: rooms[0] });
  hub.append("room.join", "h-90", { room: rooms[0] });
  w.rooms = rooms;
  w.floor = hub.journal.length; /* no answer is older than the last beginning */
  greet(w, false);
  for (const ask of [{ what: "rooms" }, { what: "catchup" }]) tell(w, answer(w, ask));
  for (const room of rooms) tell(w, answer(w, { what: "list", room }));
  return w;
}

function greet(w, resumed) {
  const cursor = { [HUB]: w.hub.journal.length };
  const hub = { code: HUB, name: "Hub", version: "1" };
  w.dispatch({ type: "hello", me: MEMBERS[0], hub, cursor, resumed });
  w.sent = resumed ? w.state.cursor[HUB] : cursor[HUB];
}

/* What the hub answers as of a seq: the head, or a little before, as when entries overtake it. */
function answer(w, ask, back = 0) {
  const { hub } = w;
  const at = hub.read(Math.max(w.floor, hub.journal.length - back));
  const rows = { members: [], seq: at.seq, older: false, more: false };
  if (ask.what === "rooms") return { type: "rooms", rooms: hub.rooms(at), regions: [], seq: at.seq };
  if (ask.what === "catchup") return { type: "catchup", threads: hub.catchup(at), ...rows };
  if (ask.what === "list")
    return { type: "threads", room: ask.room, threads: hub.list(at, ask.room), ...rows };
  if (!at.threads.has(ask.thread)) return null;
  if (ask.what === "thread")
    return { type: "thread", thread: hub.thread(at, ask.thread), ...rows, asked: ask.thread };
  const { id: thread } = hub.thread(at, ask.thread);
  if (thread !== ask.thread) return null;
  const all = hub.posts(at, thread);
  const [posts, where] = part(all, w.state.pages[ask.thread], ask);
  return { type: "posts", thread: ask.thread, posts, where, all: all.length, ...rows };
}

/* The newest posts, those around one, or those behind or before what is there; and how it was asked. */
const LIMIT = 3;
function part(all, page, { x }) {
  const here = page?.posts ?? [];
  if (x % 2 === 0 || all.length === 0) return [all.slice(-LIMIT), {}];
  if (here.length === 0) {
    const i = x % all.length;
    return [all.slice(Math.max(0, i - 1), i + 2), { around: all[i].id }];
  }
  const seq = (p) => Number(p.id.split("-")[1]); /* places may have changed since */
  const before = all.filter((p) => seq(p) < seq(here[0])).length;
  if (x % 4 === 1 || before === 0)
    return [all.filter((p) => seq(p) > seq(here.at(-1))).slice(0, LIMIT), { after: here.at(-1).id }];
  return [all.slice(0, before).slice(-LIMIT), { before: here[0].id }];
}

/* As in loading.ts: a thread is known before its posts. What the answer holds to its end goes on with the entries. */
function tell(w, ev) {
  if (ev === null) return;
  w.told = Math.max(w.told ?? 0, ev.seq ?? 0);
  if (ev.type !== "posts") {
    w.dispatch(ev);
    if (ev.type === "thread" && ev.asked !== ev.thread.id)
      w.dispatch({ type: "thread-gone", thread: ev.asked, to: ev.thread.id });
    return;
  }
  if (!w.state.threads[ev.thread]) tell(w, answer(w, { what: "thread", thread: ev.thread }));
  const { where, all, ...rest } = ev;
  const newer = goesOn(ev, where, LIMIT, w.state.threads[ev.thread]);
  /* Posts that came or went since are told by their entries, and the page is asked for again. */
  const isOverrun = w.hub.journal.slice(ev.seq).some((e) => e.kind.startsWith("posts.moved"));
  if (isOverrun) return w.dispatch({ ...rest, newer });
  if (!newer) assert.equal(ev.posts.at(-1)?.n ?? all, all, "it ends where the thread went on");
  else assert.ok(where.before || ev.posts.length > 1, "it goes on behind an answer that was not full");
  w.dispatch({ ...rest, newer });
}

function next(w, back = 0) {
  const e = w.hub.journal[w.sent - back];
  if (e === undefined) return;
  const gone = w.hub.journal.some(
    (r) => r.kind === "post.redact" && (r.post === `${HUB}-${e.seq}` || (e.kind === "post.edit" && r.post === e.post)),
  );
  const { hub, seq, at, by, kind, thread } = e;
  /* What happens in a thread comes without its room. */
  const inRoom = /^(thread|room\..*|(thread|posts)\.moved_.*)$/.test(kind);
  const room = inRoom ? e.room : undefined;
  const where = { ...(room && { room }), ...(thread && { thread }) };
  const { room: _, ...rest } = e;
  w.dispatch({
    type: "entry",
    entry: gone && e.seq % 2 ? { hub, seq, at, by, kind, ...where, erased: true } : { ...rest, ...where },
  });
  if (back === 0) w.sent++;
}

const isStill = (w) => w.answers.length === 0 && (w.told ?? 0) <= w.state.cursor[HUB];
const pick = (list, n) => list[n % list.length];
const wording = (n, by) => {
  const named = n % 3 === 0 && by !== ME;
  const text = n % 7 === 0 ? LONG : `w${n}`;
  return named ? { text, md: [1, ["@", ME], "x", -19, -1], mentions: [ME] } : { text };
};

/* Each step: a number says what is done, two more to what. */
const STEPS = {
  post(w, x, y) {
    const at = w.hub.read();
    const thread = pick([...at.threads.values()].filter((t) => !t.merged), x);
    const by = pick(MEMBERS, y).id;
    const reply_to = thread.posts.length > 0 && y % 2 ? thread.posts[0] : undefined;
    w.hub.append("post", by, { room: thread.room, thread: thread.id, reply_to, ...wording(x + y, by) });
  },
  onPost(w, x, y) {
    const at = w.hub.read();
    const post = pick([...at.posts.values()].filter((p) => !p.redacted), x);
    if (post === undefined) return;
    const where = { room: at.threads.get(post.thread).room, thread: post.thread, post: post.id };
    if (y % 4 === 0) w.hub.append("post.redact", "h-90", { ...where, reason: "r" });
    else if (y % 4 === 1) w.hub.append("post.edit", post.by, { ...where, ...wording(y, post.by) });
    else if (y % 4 === 2) w.hub.append("thread.answer", "h-90", { ...where });
    else {
      const by = pick(MEMBERS, y >> 2).id;
      const emoji = pick(EMOJI, y >> 3);
      const on = !post.reactions.get(emoji)?.has(by);
      w.hub.append("react", by, { ...where, emoji, on });
    }
  },
  onThread(w, x, y) {
    const { id: thread, room, pinned, locked, kind } = pick([...w.hub.read().threads.values()].filter((t) => !t.merged), x);
    if (y % 4 === 0) {
      const by = pick(MEMBERS, y).id;
      w.hub.append("thread", by, { room, type: "discussion", title: `n${x}`, lang: "en" });
    } else if (y % 4 === 1 && kind !== "chat")
      w.hub.append("thread.pin", "h-90", { room, thread, pinned: !pinned });
    else if (y % 4 === 2) w.hub.append("thread.lock", "h-90", { room, thread, locked: !locked });
    else w.hub.append("thread.rename", "h-90", { room, thread, title: `r${y}` });
  },
  /* A thread goes into the other room: told in both. */
  move(w, x) {
    const { id: thread, room, kind, title } = pick([...w.hub.read().threads.values()].filter((t) => !t.merged), x);
    if (kind === "chat") return;
    const to = w.rooms.find((r) => r !== room);
    w.hub.append("thread.moved_out", "h-90", { room, thread, to });
    w.hub.append("thread.moved_in", "h-90", { room: to, thread, from: room, title, type: kind, lang: "en" });
  },
  /* Some posts, or all of them, go into another thread of either room. */
  movePosts(w, x, y) {
    const open = [...w.hub.read().threads.values()].filter((t) => !t.merged);
    const from = pick(open, x);
    const to = pick(open, y);
    const merged = y % 5 === 0 && from.kind !== "chat";
    if (from === to || (from.posts.length < 2 && !merged)) return;
    const at = x % Math.max(1, from.posts.length - 1);
    const chosen = merged ? from.posts : from.posts.slice(at, at + 1 + (y % 2)).slice(0, from.posts.length - 1);
    const posts = chosen.length > 0 ? [[chosen[0], chosen.at(-1)]] : [];
    const what = { posts, ...(merged && { merged }) };
    if (from.room !== to.room)
      w.hub.append("posts.moved_out", "h-90", { room: from.room, thread: from.id, to: to.id, ...what });
    const e = { room: to.room, thread: to.id, from: from.id, ...what };
    w.hub.append("posts.moved_in", "h-90", e);
    w.hub.readAlong(e);
  },
  membership(w, x, y) {
    const by = pick(MEMBERS, y).id;
    const room = pick(w.rooms, x);
    const isPart = w.hub.read().rooms.get(room).parts.has(by);
    w.hub.append(isPart ? "room.leave" : "room.join", by, { room });
  },
  /* Entries come one after the other, now and then one that came before. */
  deliver(w, x, y) {
    for (let i = 0; i <= x % 4; i++) next(w);
    if (w.sent > w.rooms.length * 3 + 3) next(w, 1 + (y % 3));
  },
  ask(w, x, y) {
    const thread = pick([...w.hub.read().threads.keys()], x);
    const room = pick(w.rooms, x);
    const what = pick(["posts", "posts", "posts", "thread", "rooms", "catchup", "list"], y);
    const at = answer(w, { what, room, thread, x }, y % 4);
    if (at !== null) w.answers.push(at);
  },
  answer(w, x) {
    if (w.answers.length > 0) tell(w, w.answers.splice(x % w.answers.length, 1)[0]);
  },
  /* Answers hold my marks, so none of them is under way while I read, nor ahead of the entries:
   * within that moment counts may differ until the rooms are loaded again. */
  read(w, x, y) {
    const id = pick(Object.keys(w.state.pages), x);
    const post = id && pick(w.state.pages[id].posts, y);
    if (!post || !isStill(w) || !w.state.threads[id]) return;
    w.dispatch({ type: "read", thread: id, seq: post.seq });
    w.hub.mark(id, post.seq);
    if (isUncounted(w.state, id, post.seq)) w.dispatch({ type: "recount", thread: id });
  },
  level(w, x, y) {
    const id = pick(Object.keys(w.state.threads), x);
    if (!isStill(w)) return;
    const level = pick(["mute", "digest", "follow"], y);
    w.dispatch({ type: "level", thread: id, level });
    w.hub.setLevel(id, level);
  },
  /* I write: the outcome and the entry come in any order. */
  write(w, x, y) {
    const thread = pick([...w.hub.read().threads.values()].filter((t) => !t.merged), x);
    const cid = `c${w.hub.journal.length}`;
    const params = { thread: thread.id, text: "mine" };
    const command = { cid, method: "post.create", params, at: 1, status: "waiting" };
    w.dispatch({ type: "queued", command });
    const id = w.hub.append("post", ME, { room: thread.room, thread: thread.id, text: "mine" });
    const stored = { type: "stored", cid, result: { id, seq: w.hub.journal.length } };
    if (y % 2) w.dispatch(stored);
    else w.answers.push(stored);
  },
  /* The line breaks: what was asked is asked again, and entries follow from the cursor. */
  reconnect(w, x) {
    greet(w, true);
    if (x % 8 !== 0) return;
    w.dispatch({ type: "reset", cursor: { [HUB]: w.hub.journal.length } });
    w.sent = w.floor = w.hub.journal.length;
    w.answers = w.answers.filter((a) => a.type === "stored");
    for (const ask of [{ what: "rooms" }, { what: "catchup" }]) tell(w, answer(w, ask));
  },
};

/* All that was under way arrives, and what the client wants to know is answered. */
function comeToRest(w) {
  while (w.answers.length > 0) tell(w, w.answers.pop());
  while (w.sent < w.hub.journal.length) next(w);
  for (let i = 0; i < 5; i++) {
    for (const thread of w.state.wantThreads) {
      const got = answer(w, { what: "thread", thread });
      if (got) tell(w, got);
      else w.dispatch({ type: "thread-gone", thread });
      if (w.state.pages[thread]?.stale) tell(w, answer(w, { what: "posts", thread, x: 0 }));
    }
    if (w.state.wantRooms) tell(w, answer(w, { what: "rooms" }));
  }
  assert.deepEqual([w.state.wantThreads, w.state.wantRooms], [[], false]);
}

const plain = (o) => JSON.parse(JSON.stringify(o));
const shownThread = ({ as_of: _, excerpt = "", first_unread = null, ...t }) =>
  plain({ ...t, excerpt, first_unread });
const shownPost = ({ as_of: _, edited_at, reactions = [], ...p }) =>
  plain({
    ...p,
    edited_at: p.redacted ? undefined : edited_at,
    reactions: reactions.toSorted((a, b) => (a.emoji < b.emoji ? -1 : 1)),
  });
const shownRoom = (r) =>
  Object.fromEntries(
    ["id", "name", "chat", "joined", "members", "threads", "unread", "mentions", "last_seq"].map(
      (k) => [k, r[k]],
    ),
  );

function compare({ state, hub }) {
  const at = hub.read();
  assert.equal(state.cursor[HUB], at.seq);
  assert.deepEqual(state.pending, []);
  assert.deepEqual(Object.values(state.rooms).map(shownRoom), hub.rooms(at).map(shownRoom));
  for (const t of Object.values(state.threads))
    assert.deepEqual(shownThread(t), shownThread(hub.thread(at, t.id)), `thread ${t.id}`);
  for (const [id, page] of Object.entries(state.pages)) {
    const all = hub.posts(at, id).map(shownPost);
    const first = (page.posts[0]?.n ?? 1) - 1;
    const end = page.newer ? first + page.posts.length : all.length;
    assert.deepEqual(page.posts.map(shownPost), all.slice(first, end), `posts of ${id}`);
  }
  for (const [room, list] of Object.entries(state.lists))
    assert.deepEqual(list.ids, hub.list(at, room).map((t) => t.id), `list of ${room}`);
  const unread = hub.catchup(at);
  const ids = (list) => list.map((t) => t.id).sort();
  assert.deepEqual(ids(unreadThreads(state)), ids(unread), "Catch-up");
  assert.equal(unreadTotal(state), hub.rooms(at).reduce((n, r) => n + r.unread, 0));
}

const weights = Object.entries({
  post: 6,
  onPost: 5,
  onThread: 2,
  move: 1,
  movePosts: 2,
  membership: 1,
  deliver: 6,
  ask: 4,
  answer: 4,
  read: 2,
  level: 1,
  write: 2,
  reconnect: 1,
});
const small = fc.nat(30);
const step = fc.oneof(
  ...weights.map(([name, weight]) => ({ weight, arbitrary: fc.tuple(fc.constant(name), small, small) })),
);

test("in the end the client shows what the hub holds", () =>
  holds(
    fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
      const w = world();
      for (const [name, x, y] of steps) STEPS[name](w, x, y);
      comeToRest(w);
      compare(w);
    }),
    400,
  ));
