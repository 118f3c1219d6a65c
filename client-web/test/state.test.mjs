/* The reducer, beyond posts: who and what there is in a hub, signals, lists, what views ask of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";
import { post, room, thread } from "./things.mjs";

const { reduce, initial, firstUnread, unreadTotal, TYPING_MS, UNREAD_MAX } = await load("store.ts", "home.ts");

const me = { id: "h-2", handle: "amina", name: "Amina", role: "member", lang: "fr" };
const hub = { code: "h", name: "Hub", version: "1" };
const entry = (seq, kind, more = {}) => ({
  type: "entry",
  entry: { hub: "h", seq, at: seq, by: "h-3", kind, ...more },
});
const posts = (list, seq, newer = false) => ({
  type: "posts",
  thread: "h-20",
  posts: list,
  members: [],
  seq,
  newer,
});
const list = (threads, more = {}) => ({
  type: "threads",
  room: "h-10",
  threads,
  members: [],
  seq: 50,
  older: false,
  more: false,
  ...more,
});
const run = (state, ...events) => events.reduce(reduce, state);
const ready = run(
  initial,
  { type: "hello", me, hub, cursor: { h: 50 }, resumed: false },
  { type: "rooms", rooms: [room("h-10"), room("h-12", { joined: false })], regions: [], seq: 50 },
  list([thread("h-20")]),
  posts([post(1, 30), post(2, 40)], 50),
);

test("hub, regions, rooms and members are as the last entry about them says", () => {
  const member = { handle: "amina", name: "Amina D.", role: "moderator", lang: "fr" };
  const s = run(
    ready,
    entry(51, "hub", { code: "h", name: "New name" }),
    entry(52, "hub", { code: "elsewhere", name: "Another" }),
    entry(53, "region", { slug: "west", name: "West", lang: "fr" }),
    entry(54, "room", { region: "h-53", slug: "brt", name: "BRT", access: "open", lang: "es" }),
    entry(55, "thread", { room: "h-54", type: "chat", lang: "es" }),
    entry(56, "room.join", { room: "h-54" }),
    entry(57, "room.join", { room: "h-54", by: "h-2" }),
    entry(58, "room.join", { room: "h-99", by: "h-2" }),
    entry(59, "member", { ...member, member: "h-2" }),
    entry(60, "member", { ...member, handle: "new" }),
    entry(61, "member", { member: "h-2", erased: true }),
    entry(62, "thread", { room: "h-54", title: "By me", type: "discussion", lang: "es", by: "h-2" }),
  );
  assert.equal(s.hub.name, "New name");
  assert.equal(s.regions["h-53"].name, "West");
  const made = s.rooms["h-54"];
  assert.deepEqual(
    [made.name, made.chat, made.joined, made.members, made.threads],
    ["BRT", "h-55", true, 2, 1],
  );
  assert.equal(s.rooms["h-99"], undefined);
  assert.deepEqual([s.me.role, s.members["h-2"].name], ["moderator", "Amina D."]);
  assert.equal(s.members["h-60"].handle, "new");
  assert.deepEqual([s.threads["h-55"].level, s.threads["h-62"].level], ["digest", "digest"]);
  assert.equal(run(s, entry(63, "room.leave", { room: "h-54", by: "h-2" })).rooms["h-54"].joined, false);
});

test("what the answer with the rooms held already is not done to them again", () => {
  const behind = { ...ready, cursor: { h: 40 } };
  const s = run(
    behind,
    entry(41, "room", { region: "h-1", slug: "x", name: "X", access: "open", lang: "fr" }),
    entry(42, "room.join", { room: "h-10" }),
    entry(43, "thread", { room: "h-10", title: "T", type: "question", lang: "fr" }),
    entry(44, "thread", { thread: undefined, room: "h-10", type: "chat", lang: "fr" }),
  );
  assert.deepEqual(s.rooms, ready.rooms);
  const older = { type: "rooms", rooms: [], regions: [], seq: 49 };
  assert.equal(run(s, older), s);
});

test("who signs out leaves nothing; what was kept comes back; the line is told once", () => {
  assert.deepEqual(run(ready, { type: "out" }), { ...initial, phase: "out" });
  const saved = { me, rooms: ready.rooms, phase: "in" };
  assert.deepEqual(run(initial, { type: "restored", saved }), { ...initial, ...saved });
  const open = run(ready, { type: "line", line: "open" });
  assert.equal(open.line, "open");
  assert.equal(run(open, { type: "line", line: "open" }), open);
  const again = run(open, { type: "hello", me, hub, cursor: { h: 90 }, resumed: true });
  assert.deepEqual(again.cursor, { h: 50 }, "missed entries follow from where we were");
});

test("somebody types until they post or fall silent; my own typing is nothing to me", () => {
  const typing = (by) => ({ type: "signal", now: 5, signal: { kind: "typing", thread: "h-20", by } });
  const s = run(ready, typing("h-3"));
  assert.deepEqual(s.typing, { "h-20": { "h-3": 5 + TYPING_MS } });
  assert.deepEqual(s.wantMembers, ["h-3"]);
  assert.equal(run(ready, typing("h-2")), ready);
  const wrote = run(s, entry(51, "post", { room: "h-10", thread: "h-20", text: "x" }));
  assert.equal(wrote.typing["h-20"]["h-3"], 0);
});

test("a room that is not watched counts by signals: joined ones, news only, up to the limit", () => {
  const signal = (id, seq, count, mentions = 0) => ({
    type: "signal",
    now: 1,
    signal: { kind: "room", room: id, seq, count, mentions },
  });
  const s = run(ready, signal("h-10", 51, 3, 1), signal("h-12", 52, 3), signal("h-99", 53, 1));
  assert.deepEqual([s.rooms["h-10"].unread, s.rooms["h-10"].mentions, unreadTotal(s)], [3, 1, 3]);
  assert.equal(run(s, signal("h-10", 50, 9)), s, "contained in the answer with the rooms");
  assert.equal(run(s, signal("h-10", 60, 500)).rooms["h-10"].unread, UNREAD_MAX);
  assert.equal(run(s, { type: "signal", now: 1, signal: { kind: "presence" } }), s);
  const muted = run(s, { type: "signal", now: 1, signal: { kind: "follow", thread: "h-20", level: "mute" } });
  assert.equal(muted.threads["h-20"].level, "mute");
});

test("lists grow by older pages without a thread twice, and keep their head", () => {
  const older = list([thread("h-20"), thread("h-18", { last_seq: 38 })], { older: true, more: true, seq: 60 });
  const s = run(ready, older);
  assert.deepEqual(s.lists["h-10"], { ids: ["h-20", "h-18"], seq: 50, more: true });
  const fresh = run(s, list([thread("h-22")], { seq: 61 }));
  assert.deepEqual(fresh.lists["h-10"].ids, ["h-22"]);
});

test("an older copy of a thread does not take my reading back", () => {
  const unread = run(ready, entry(51, "post", { room: "h-10", thread: "h-20", text: "x" }));
  const s = run(unread, { type: "read", thread: "h-20", seq: 51 });
  const late = thread("h-20", { unread: 1, read_seq: 40, last_seq: 51, posts: 3 });
  const again = run(s, { type: "thread", thread: late, members: [], seq: 51 });
  assert.deepEqual([again.threads["h-20"].unread, again.threads["h-20"].read_seq], [0, 51]);
  const wanted = { ...ready, wantThreads: ["h-77"] };
  assert.deepEqual(run(wanted, { type: "thread-gone", thread: "h-77" }).wantThreads, []);
});

test("a post of mine is no longer pending once an answer shows it", () => {
  const command = {
    cid: "c1",
    method: "post.create",
    params: { thread: "h-20", text: "mine" },
    at: 1,
    status: "waiting",
  };
  const rename = { ...command, cid: "c2", method: "thread.rename", params: { thread: "h-20", title: "x" } };
  const s = run(
    ready,
    { type: "queued", command },
    { type: "queued", command: rename },
    { type: "stored", cid: "c1", result: { id: "h-55", seq: 55 } },
    { type: "stored", cid: "c2", result: { seq: 56 } },
  );
  assert.equal(s.pending.length, 2, "neither is to be seen yet");
  const shown = run(s, posts([post(3, 55, "h-2")], 56));
  assert.deepEqual(shown.pending.map((c) => c.cid), ["c2"]);
  assert.deepEqual(run(shown, entry(56, "thread.rename", { thread: "h-20", title: "x" })).pending, []);
  const refused = run(ready, { type: "queued", command }, { type: "refused", cid: "c1", code: "locked" });
  const again = run(refused, { type: "queued", command: { ...command, error: undefined } });
  assert.deepEqual(again.pending.map((c) => [c.status, c.error]), [["waiting", undefined]]);
});

test("nothing came after the page: it is the end of the thread", () => {
  const s = run({ ...ready, pages: { "h-20": { ...ready.pages["h-20"], newer: true } } }, posts([], 60));
  assert.deepEqual(s.pages["h-20"], ready.pages["h-20"]);
  assert.deepEqual(run(initial, posts([], 60)).pages["h-20"], { posts: [], newer: false });
});

test("the line of what is new stands where the server says, else before the first that I did not read", () => {
  const page = { posts: [post(1, 30), post(2, 40, "h-2"), post(3, 45)], newer: false };
  const at = (more) => firstUnread(thread("h-20", more), page, "h-2");
  assert.equal(at({ unread: 0 }), "");
  assert.equal(at({ unread: 2, first_unread: "h-40" }), "h-40");
  assert.equal(at({ unread: 1, first_unread: "h-1", read_seq: 30 }), "h-45");
  assert.equal(at({ unread: 1, first_unread: null, read_seq: 45 }), "");
});

test("what went wrong stands under its view until it goes well, a notice until the next", () => {
  const s = run(ready, { type: "failed", key: "rooms", code: "unavailable" });
  assert.deepEqual(s.failed, { rooms: "unavailable" });
  assert.equal(run(s, { type: "failed", key: "rooms", code: "unavailable" }), s);
  assert.deepEqual(run(s, { type: "failed", key: "rooms", code: null }).failed, {});
  assert.equal(run(ready, { type: "failed", key: "rooms", code: null }), ready);
  const said = run(ready, { type: "notice", text: "a" }, { type: "notice", text: "a" });
  assert.deepEqual(said.notice, { text: "a", n: 2 }, "said twice is shown twice");
  assert.equal(run(said, { type: "notice", text: null }).notice, null);
});

test("the reading of a muted thread is taken back without a word in its room", () => {
  const was = thread("h-20", { unread: 2, read_seq: 10, level: "mute" });
  const s = run(ready, { type: "unread", threads: [was, thread("h-99")] });
  assert.deepEqual([s.threads["h-20"].unread, s.rooms["h-10"].unread], [2, 0]);
  const counted = run(s, { type: "recount", thread: "h-20" }, { type: "recount", thread: "h-20" });
  assert.deepEqual([counted.wantThreads, counted.wantRooms], [["h-20"], true]);
  assert.equal(run(counted, { type: "rooms-asked" }).wantRooms, false);
});

test("an erased post keeps its place and says nothing; an erased edit or title changes nothing", () => {
  const s = run(ready, entry(51, "post", { room: "h-10", thread: "h-20", erased: true }));
  const last = s.pages["h-20"].posts.at(-1);
  assert.deepEqual([last.n, last.text, last.redacted.reason], [3, "", ""]);
  const same = run(
    s,
    entry(52, "post.edit", { thread: "h-20", post: "h-30", erased: true }),
    entry(53, "thread.rename", { thread: "h-20", erased: true }),
  );
  assert.deepEqual([same.pages, same.threads], [s.pages, s.threads]);
});
