/* Catch-up: what stands where, what can be taken back, and counts that agree over devices. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { fakeTimers, load } from "./bundle.mjs";

const { reduce, initial, FEATURED_MAX, catchupParts, featured, openQuestions, unreadTalks, unreadTotal, makeUndo, UNDO_MS } = await load(
  "store.ts",
  "home.ts",
  "undo.ts",
);

const room = (id, region, unread) => ({
  id,
  region,
  slug: id,
  name: id,
  access: "open",
  lang: "en",
  chat: "",
  joined: true,
  threads: 1,
  members: 2,
  unread,
  mentions: 0,
  last_seq: 1,
});
const thread = (id, at, more = {}) => ({
  id,
  room: at,
  kind: "question",
  title: id,
  by: "h-3",
  at: 1,
  lang: "en",
  posts: 3,
  last_seq: 40,
  last_at: 1,
  last_by: "h-3",
  unread: 2,
  mentions: 0,
  read_seq: 10,
  first_unread: "h-30",
  pinned: false,
  locked: false,
  answer: null,
  level: "digest",
  ...more,
});
const me = { id: "h-2", handle: "a", name: "A", role: "member", region: "west", lang: "en" };
const base = (rooms, threads) =>
  [
    { type: "hello", me, hub: { code: "h", name: "H", version: "1" }, cursor: { h: 50 }, resumed: false },
    { type: "rooms", rooms, regions: [], seq: 50 },
    { type: "catchup", threads, members: [], seq: 50, older: false, more: false },
  ].reduce(reduce, initial);

test("mentions first, then my region's rooms, the rooms of a region side by side", () => {
  const s = base(
    [room("e1", "east", 2), room("w1", "west", 2), room("e2", "east", 2)],
    [
      thread("named", "e1", { mentions: 1 }),
      thread("a", "e1"),
      thread("b", "w1"),
      thread("c", "e2"),
      thread("d", "w1", { level: "mute" }),
      thread("e", "e1", { unread: 0 }),
    ],
  );
  const { named, parts } = catchupParts(s);
  assert.deepEqual(named.map((t) => t.id), ["named"]);
  assert.deepEqual(parts.map((p) => [p.room, p.threads.map((t) => t.id)]), [
    ["w1", ["b"]],
    ["e1", ["a"]],
    ["e2", ["c"]],
  ]);
});

test("conversations of two stand together, behind mentions and before every room", () => {
  const two = (id) => ({ ...room(id, undefined, 2), with: "h-3", access: "direct" });
  const s = base(
    [room("w1", "west", 2), two("d1"), two("d2")],
    [thread("a", "w1"), thread("x", "d1", { kind: "chat", title: "" }), thread("y", "d2", { kind: "chat", title: "", mentions: 1 }), thread("z", "d2", { kind: "chat" })],
  );
  const { named, parts } = catchupParts(s);
  assert.deepEqual(named.map((t) => t.id), ["y"]);
  assert.deepEqual(parts.map((p) => [p.room, p.threads.map((t) => t.id)]), [["", ["x", "z"]], ["w1", ["a"]]]);
  assert.equal(unreadTalks(s), 4);
  assert.deepEqual(s.wantMembers, ["h-3"], "whom it is with is asked for");
});

test("questions are suggested until they are answered, locked, muted or unread above", () => {
  const list = [
    thread("open", "w1", { unread: 0 }),
    thread("done", "w1", { unread: 0, answer: "h-9" }),
    thread("shut", "w1", { unread: 0, locked: true }),
    thread("unread", "w1"),
  ];
  let s = reduce(base([room("w1", "west", 0)], []), { type: "unanswered", threads: list, members: [] });
  assert.deepEqual(openQuestions(s, 5).map((t) => t.id), ["open"]);
  s = reduce(s, {
    type: "entry",
    entry: { hub: "h", seq: 51, at: 1, by: "h-3", kind: "thread.answer", room: "w1", thread: "open", post: "h-30" },
  });
  assert.deepEqual(openQuestions(s, 5), []);
});

test("marking as read can be taken back, and what came meanwhile is counted on top", () => {
  const before = base([room("w1", "west", 2)], [thread("a", "w1")]);
  const read = reduce(before, { type: "read", thread: "a", seq: 40 });
  assert.equal(unreadTotal(read), 0);
  assert.deepEqual(catchupParts(read).parts, []);
  assert.deepEqual(reduce(read, { type: "unread", threads: [before.threads.a] }), before);
  const more = reduce(read, {
    type: "entry",
    entry: { hub: "h", seq: 51, at: 1, by: "h-3", kind: "post", room: "w1", thread: "a", text: "x" },
  });
  const back = reduce(more, { type: "unread", threads: [before.threads.a] });
  assert.equal(back.threads.a.unread, 3);
  assert.equal(back.threads.a.first_unread, "h-30");
  assert.equal(unreadTotal(back), 3);
});

test("a room is read with what is not known of it, and taken back with what came meanwhile", () => {
  const before = base([room("w1", "west", 5), room("w2", "west", 2)], [thread("a", "w1"), thread("b", "w2")]);
  const read = reduce(before, { type: "room-read", room: "w1" });
  assert.deepEqual([read.rooms.w1.unread, read.threads.a.unread, read.rooms.w2.unread, read.wantRooms], [0, 0, 2, false]);
  const taken = { type: "unread", threads: [before.threads.a], room: before.rooms.w1 };
  assert.deepEqual(reduce(read, taken), before);
  const more = reduce(read, {
    type: "entry",
    entry: { hub: "h", seq: 51, at: 1, by: "h-3", kind: "post", room: "w1", thread: "a", text: "x" },
  });
  const back = reduce(more, taken);
  assert.deepEqual([back.rooms.w1.unread, back.threads.a.unread], [6, 3]);
  const elsewhere = (seq) => reduce(before, { type: "signal", now: 1, signal: { kind: "read", room: "w1", seq } });
  assert.deepEqual([elsewhere(40).threads.a.unread, elsewhere(40).rooms.w1.unread], [0, 3]);
  assert.equal(elsewhere(40).wantRooms, true); /* of threads that are not known here */
  assert.equal(elsewhere(20).threads.a.unread, 2);
});

test("muting takes a thread's count out of its room, undoing puts it back", () => {
  const s = base([room("w1", "west", 5)], [thread("a", "w1")]);
  const muted = reduce(s, { type: "level", thread: "a", level: "mute" });
  assert.equal(unreadTotal(muted), 3);
  assert.equal(unreadTotal(reduce(muted, { type: "read", thread: "a", seq: 40 })), 3);
  assert.deepEqual(reduce(muted, { type: "level", thread: "a", level: "digest" }), s);
});

test("read on another device: what cannot be counted here is asked for", () => {
  const signal = (seq, id = "a") => ({ type: "signal", now: 1, signal: { kind: "read", thread: id, seq } });
  const s = base([room("w1", "west", 2)], [thread("a", "w1")]);
  assert.equal(reduce(s, signal(40)).wantRooms, false);
  assert.equal(unreadTotal(reduce(s, signal(40))), 0);
  const part = reduce(s, signal(30));
  assert.deepEqual([part.wantThreads, part.wantRooms], [["a"], true]);
  assert.equal(reduce(s, signal(40, "unknown")).wantRooms, true);
  const full = base([room("w1", "west", 100)], [thread("a", "w1")]);
  assert.equal(reduce(full, signal(40)).wantRooms, true);
  assert.equal(reduce(part, { type: "rooms", rooms: [], regions: [], seq: 51 }).wantRooms, false);
});

test("an act is settled after ten seconds, by the next one, or taken back; never twice", async () => {
  const clock = fakeTimers();
  const log = [];
  const undo = makeUndo({
    setTimer: clock.set,
    clearTimer: clock.clear,
    show: (act) => log.push(act ? `show ${act.text}` : "hide"),
  });
  const act = (text) => ({
    text,
    undo: () => log.push(`undo ${text}`),
    settle: () => log.push(`settle ${text}`),
  });
  undo.offer(act("a"));
  await clock.pass(UNDO_MS - 1);
  undo.takeBack();
  undo.takeBack();
  await clock.pass(UNDO_MS);
  assert.deepEqual(log.splice(0), ["show a", "hide", "undo a"]);
  undo.offer(act("b"));
  undo.offer(act("c"));
  await clock.pass(UNDO_MS);
  undo.settle();
  assert.deepEqual(log.splice(0), ["show b", "hide", "settle b", "show c", "hide", "settle c"]);
  undo.offer(act("d"));
  undo.hold(true);
  await clock.pass(UNDO_MS * 3);
  assert.deepEqual(log.splice(0), ["show d"]);
  undo.hold(false);
  await clock.pass(UNDO_MS);
  assert.deepEqual(log, ["hide", "settle d"]);
});

test("as many featured threads are shown as the hub tells", () => {
  const limits = JSON.parse(readFileSync(new URL("../../proto/limits.json", import.meta.url), "utf8"));
  assert.equal(FEATURED_MAX, limits.find((l) => l.name === "featured_max").value);
});

test("featured threads are found until that is over, live and where only the hub knows the time", () => {
  const list = [thread("a", "w1", { unread: 0, featured: true }), thread("b", "w1", { unread: 1, featured: true })];
  const catchup = (more) => ({ type: "catchup", threads: [], members: [], seq: 60, older: false, more: false, ...more });
  const of = (state) => featured(state).map((th) => th.id);
  let s = reduce(base([room("w1", "west", 0)], []), catchup({ featured: list }));
  assert.deepEqual(of(s), ["a"]); /* the other one stands among what is unread */
  s = reduce(s, { type: "entry", entry: { hub: "h", seq: 61, at: 9, by: null, kind: "thread.feature", thread: "a", featured: false } });
  assert.deepEqual(of(s), []);
  s = reduce(s, catchup({ seq: 70, featured: list }));
  assert.deepEqual(of(s), ["a"]);
  s = reduce(s, catchup({ seq: 71, older: true }));
  assert.deepEqual(of(s), ["a"]);
  assert.deepEqual(of(reduce(s, catchup({ seq: 72, featured: [] }))), []);
});
