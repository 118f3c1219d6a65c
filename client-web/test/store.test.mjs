/* The reducer: order by seq, duplicates without effect, pending posts until their entry. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";
import * as things from "./things.mjs";

const { goesOn, reduce, initial, unreadTotal, PAGE_MAX } = await load("store.ts", "home.ts");

const me = { id: "h-2", handle: "amina", name: "Amina Diop", role: "member", lang: "fr" };
const other = { id: "h-3", handle: "moussa", name: "Moussa", role: "moderator", lang: "fr" };
const room = things.room("h-10", { slug: "brt", name: "BRT", chat: "h-11" });
const { post } = things;
const thread = things.thread("h-20", { title: "Cost?" });
const entry = (seq, kind, more = {}) => ({
  type: "entry",
  entry: { hub: "h", seq, at: seq, by: "h-3", kind, room: "h-10", thread: "h-20", ...more },
});
const run = (state, ...events) => events.reduce(reduce, state);

const ready = run(
  initial,
  {
    type: "hello",
    me,
    hub: { code: "h", name: "Hub", version: "1" },
    cursor: { h: 50 },
    resumed: false,
  },
  {
    type: "rooms",
    rooms: [room],
    regions: [{ id: "h-1", slug: "africa", name: "Afrique", lang: "fr" }],
    seq: 50,
  },
  { type: "members", members: [other] },
  { type: "catchup", threads: [], members: [], seq: 50, older: false, more: false },
  {
    type: "threads",
    room: "h-10",
    threads: [thread],
    members: [],
    seq: 50,
    older: false,
    more: false,
  },
  {
    type: "posts",
    thread: "h-20",
    posts: [post(1, 30), post(2, 40)],
    members: [],
    seq: 50,
    newer: false,
  },
);

test("a conversation of two that begins is a room of mine, with its lobby, and counts what is unread", () => {
  const begun = run(
    ready,
    entry(51, "room", { room: undefined, thread: undefined, members: ["h-9", "h-2"], access: "direct", lang: "fr" }),
    entry(52, "thread", { room: "h-51", thread: undefined, title: "", type: "chat", lang: "fr" }),
    entry(53, "post", { room: undefined, thread: "h-52", text: "psst", about: "h-20", by: "h-9" }),
  );
  const made = begun.rooms["h-51"];
  assert.deepEqual([made.with, made.joined, made.role, made.chat, made.unread, made.access], ["h-9", true, "member", "h-52", 1, "direct"]);
  assert.ok(begun.wantMembers.includes("h-9"));
  const page = run(begun, { type: "posts", thread: "h-52", posts: [], members: [], seq: 52, newer: false });
  assert.deepEqual(page.pages["h-52"].posts.map((p) => [p.text, p.about]), [["psst", "h-20"]]);
  const listed = run(ready, { type: "rooms", rooms: [room, { ...things.room("h-51"), region: undefined, name: undefined, with: "h-9", access: "direct" }], regions: [], seq: 60 });
  assert.deepEqual([listed.rooms["h-51"].region, listed.rooms["h-51"].name, listed.wantMembers.includes("h-9")], ["", "", true]);
});

test("what is told of a link stands in the link's place", () => {
  const links = [{ url: "https://a.example/", also: 2 }, { url: "https://b.example/" }];
  const { posts } = ready.pages["h-20"];
  const before = run(ready, { type: "posts", thread: "h-20", posts: [{ ...posts[0], links }, posts[1]], members: [], seq: 51, newer: false });
  const told = (url, seq) => entry(seq, "link", { post: posts[0].id, url, title: "T" });
  const after = run(before, told("https://a.example/", 60), told("https://c.example/", 61));
  const is = after.pages["h-20"].posts[0].links;
  assert.deepEqual(is.map((l) => [l.url, l.title, l.also]), [["https://a.example/", "T", 2], ["https://b.example/", undefined, undefined], ["https://c.example/", "T", undefined]]);
});

test("what is held stays on its way until it is shown as waiting; who asked to come in is told so", () => {
  const send = (method, params) => run(ready, { type: "queued", command: { cid: "c1", method, params, at: 1, status: "waiting" } });
  const post = run(send("post.create", { thread: "h-20", text: "Words" }), { type: "stored", cid: "c1", result: { id: "h-60", seq: 60, held: true } });
  assert.equal(post.pending[0].status, "stored");
  const later = run(post, entry(61, "post", { text: "Another" })); /* no entry of it will come */
  assert.equal(later.pending.length, 1);
  const asks = [{ id: "h-60", room: "h-10", thread: "h-20", ask: "post", at: 1, text: "Words", reports: [] }];
  assert.equal(run(later, { type: "asks", asks: [], seq: 59 }).pending.length, 1); /* read before it was held */
  const told = run(later, { type: "asks", asks, seq: 61 }, { type: "asks", asks: [], seq: 60 });
  assert.deepEqual([told.pending, told.asks], [[], asks]);
  const join = run(send("room.join", { room: "h-10" }), { type: "stored", cid: "c1", result: { seq: 60, held: true } });
  assert.deepEqual([join.pending, join.rooms["h-10"].asked], [[], true]);
  const words = run(ready, entry(51, "room.set", { thread: undefined, words: [{ word: "x", act: "flag" }], hold: "first", approve_join: true }));
  assert.deepEqual(words.rooms["h-10"].set, { hold: "first", words: true, approve_join: true });
  assert.equal(run(words, entry(52, "room.set", { thread: undefined, words: [], hold: "none", approve_join: false })).rooms["h-10"].set, undefined);
});

test("a room's settings: what an entry names changes, and a room that becomes slow is asked for", () => {
  const set = (state, more) => run(state, entry(state.cursor.h + 1, "room.set", { thread: undefined, as: "moderator", ...more }));
  const slow = set(ready, { slow_s: 60 });
  assert.deepEqual(slow.rooms["h-10"].set, { slow_s: 60 });
  assert.equal(slow.wantRooms, true); /* when I last wrote there, the server knows */
  const both = set(slow, { posting: "moderators", lock_days: 30 });
  assert.deepEqual(both.rooms["h-10"].set, { slow_s: 60, posting: "moderators", lock_days: 30 });
  const mine = run(both, entry(both.cursor.h + 1, "post", { by: "h-2", at: 5000, text: "Mine" }));
  assert.equal(mine.rooms["h-10"].posted_at, 5000);
  const theirs = run(both, entry(both.cursor.h + 1, "post", { at: 5000, text: "Theirs" }));
  assert.equal(theirs.rooms["h-10"].posted_at, undefined);
  const off = set(set(set(both, { slow_s: 0 }), { posting: "all" }), { lock_days: 0 });
  assert.equal(off.rooms["h-10"].set, undefined);
});

test("a post of somebody else appears, counts and enters Catch-up, once", () => {
  const once = run(ready, entry(51, "post", { text: "new", mentions: ["h-2"] }));
  const twice = run(once, entry(51, "post", { text: "new", mentions: ["h-2"] }));
  assert.equal(twice, once);
  assert.deepEqual(
    once.pages["h-20"].posts.map((p) => [p.id, p.n]),
    [
      ["h-30", 1],
      ["h-40", 2],
      ["h-51", 3],
    ],
  );
  assert.equal(once.threads["h-20"].unread, 1);
  assert.equal(once.threads["h-20"].first_unread, "h-51");
  assert.equal(once.rooms["h-10"].mentions, 1);
  assert.equal(unreadTotal(once), 1);
  assert.deepEqual(once.catchup.ids, ["h-20"]);
  assert.equal(once.cursor.h, 51);
});

test("an entry that an answer contained already is not applied to it again", () => {
  const behind = { ...ready, cursor: { h: 30 } };
  const s = run(behind, entry(40, "post", { text: "t40" }));
  assert.equal(s.pages["h-20"].posts.length, 2);
  assert.equal(s.rooms["h-10"].unread, 0);
  assert.equal(s.threads["h-20"].posts, 2);
});

test("reading moves forward only and lowers the counts of thread and room", () => {
  const s = run(ready, entry(51, "post", { text: "a" }), entry(52, "post", { text: "b" }), {
    type: "read",
    thread: "h-20",
    seq: 51,
  });
  assert.equal(s.threads["h-20"].unread, 1);
  assert.equal(s.threads["h-20"].first_unread, "h-52");
  assert.equal(s.rooms["h-10"].unread, 1);
  assert.equal(run(s, { type: "read", thread: "h-20", seq: 45 }), s);
  assert.equal(unreadTotal(run(s, { type: "read", thread: "h-20", seq: 52 })), 0);
});

const command = {
  cid: "c1",
  method: "post.create",
  params: { thread: "h-20", text: "mine" },
  at: 1,
  status: "waiting",
};

test("a pending post goes when its entry comes, in either order of entry and answer", () => {
  const queued = run(ready, { type: "queued", command });
  const answer = { type: "stored", cid: "c1", result: { id: "h-51", seq: 51 } };
  const mine = entry(51, "post", { by: "h-2", text: "mine" });
  const stored = run(queued, answer);
  assert.equal(stored.pending[0].status, "stored");
  for (const s of [run(stored, mine), run(queued, mine, answer)]) {
    assert.equal(s.pending.length, 0);
    assert.equal(s.pages["h-20"].posts.at(-1).text, "mine");
    assert.equal(s.threads["h-20"].unread, 0);
  }
});

test("a refused command stays with its reason until it is dropped", () => {
  const s = run(
    ready,
    { type: "queued", command },
    { type: "refused", cid: "c1", code: "forbidden" },
  );
  assert.deepEqual([s.pending[0].status, s.pending[0].error], ["refused", "forbidden"]);
  assert.equal(run(s, { type: "dropped", cid: "c1" }).pending.length, 0);
});

test("edit, redaction, reactions, answer, lock and rename arrive", () => {
  const s = run(
    ready,
    entry(51, "post.edit", { post: "h-30", text: "better" }),
    entry(52, "react", { post: "h-30", emoji: "👍", on: true }),
    entry(53, "react", { post: "h-30", emoji: "👍", on: true, by: "h-2" }),
    entry(54, "react", { post: "h-30", emoji: "👍", on: false }),
    entry(55, "post.redact", { post: "h-40", reason: "spam" }),
    entry(56, "thread.answer", { post: "h-30" }),
    entry(57, "thread.lock", { locked: true }),
    entry(58, "thread.rename", { title: "Prices" }),
  );
  const [a, b] = s.pages["h-20"].posts;
  assert.equal(a.text, "better");
  assert.equal(a.edited_at, 51);
  assert.deepEqual(a.reactions, [{ emoji: "👍", count: 1, mine: true }]);
  assert.deepEqual([b.text, b.redacted.reason], ["", "spam"]);
  assert.deepEqual(
    [s.threads["h-20"].answer, s.threads["h-20"].locked, s.threads["h-20"].title],
    ["h-30", true, "Prices"],
  );
});

test("a reaction that a later answer contains is counted once, and others are not lost", () => {
  const up = (post) => entry(51, "react", { post, emoji: "👍", on: true });
  const late = { ...post(1, 30), reactions: [{ emoji: "👍", count: 1, mine: false }] };
  const s = run(ready, {
    type: "posts",
    thread: "h-20",
    posts: [late],
    members: [],
    seq: 52,
    newer: true,
  });
  assert.equal(run(s, up("h-30")).pages["h-20"].posts[0].reactions[0].count, 1);
  assert.equal(run(s, up("h-40")).pages["h-20"].posts[1].reactions[0].count, 1);
});

test("pages join without gaps, and a gap replaces the page", () => {
  const older = run(ready, {
    type: "posts",
    thread: "h-20",
    posts: [post(2, 40), post(3, 45)],
    members: [],
    seq: 52,
    newer: true,
  });
  assert.deepEqual(
    older.pages["h-20"].posts.map((p) => p.n),
    [1, 2, 3],
  );
  const far = run(ready, {
    type: "posts",
    thread: "h-20",
    posts: [post(9, 90)],
    members: [],
    seq: 95,
    newer: false,
  });
  assert.deepEqual(
    far.pages["h-20"].posts.map((p) => p.n),
    [9],
  );
});

test("a page that ends before the newest post does not take live posts", () => {
  const s = run(
    { ...ready, pages: { "h-20": { ...ready.pages["h-20"], newer: true } } },
    entry(51, "post", { text: "far" }),
  );
  assert.equal(s.pages["h-20"].posts.length, 2);
  assert.equal(s.threads["h-20"].posts, 3);
});

test("a new thread comes to the top of its room, under the pinned ones", () => {
  const pinned = run(ready, entry(51, "thread.pin", { pinned: true }));
  const s = run(
    pinned,
    entry(52, "thread", { thread: undefined, title: "Next", type: "question", lang: "es" }),
  );
  assert.deepEqual(s.lists["h-10"].ids, ["h-20", "h-52"]);
  assert.equal(s.threads["h-52"].title, "Next");
  assert.equal(s.rooms["h-10"].threads, 2);
});

test("unknown authors and threads are asked for once", () => {
  const s = run(
    ready,
    entry(51, "post", { thread: "h-77", by: "h-9", text: "x" }),
    entry(52, "post", { thread: "h-77", by: "h-9", text: "y" }),
  );
  assert.deepEqual([s.wantThreads, s.wantMembers], [["h-77"], ["h-9"]]);
  const told = run(s, { type: "members", members: [], asked: ["h-9"] });
  assert.deepEqual(told.wantMembers, []);
});

test("joining and leaving, muting, kinds of a newer server", () => {
  const left = run(ready, entry(51, "room.leave", { by: "h-2" }));
  assert.deepEqual([left.rooms["h-10"].joined, left.rooms["h-10"].members], [false, 1]);
  const muted = run(
    ready,
    { type: "level", thread: "h-20", level: "mute" },
    entry(51, "post", { text: "x" }),
  );
  assert.equal(muted.rooms["h-10"].unread, 0);
  assert.deepEqual(muted.catchup.ids, []);
  assert.equal(run(ready, entry(51, "badge")).cursor.h, 51);
});

test("any order of duplicates ends in the same state", () => {
  const events = [51, 52, 53, 54].map((seq) =>
    entry(seq, "post", { text: `p${seq}`, by: seq % 2 ? "h-2" : "h-3" }),
  );
  const once = run(ready, ...events);
  const noisy = run(
    ready,
    events[0],
    events[0],
    events[1],
    events[0],
    events[2],
    events[1],
    events[3],
    ...events,
  );
  assert.deepEqual(noisy, once);
});

test("a reset keeps what is pending and takes the new cursor", () => {
  const s = run(ready, { type: "queued", command }, { type: "reset", cursor: { h: 9 } });
  assert.deepEqual([s.cursor, s.pending.length, s.pages], [{ h: 9 }, 1, {}]);
});

test("a long thread: a stretch of at most 300 posts is held, and the rest is known to be there", () => {
  const ids = (s) => s.pages["h-20"].posts.map((p) => p.n);
  const stretch = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => post(from + i, from + i));
  const load = (from, to, newer) => ({ type: "posts", thread: "h-20", posts: stretch(from, to), members: [], seq: 9_000, newer });
  let s = run(initial, { type: "hello", me, hub: { code: "h", name: "H" }, cursor: { h: 9_000 }, resumed: false },
    { type: "thread", thread: { ...thread, posts: 1_000, last_seq: 1_000 }, members: [], seq: 9_000 });
  for (let at = 951; at > 0; at -= 50) {
    s = run(s, load(at, at + 49, at < 951));
    assert.ok(ids(s).length <= PAGE_MAX);
    assert.equal(ids(s)[0], at);
    assert.equal(s.pages["h-20"].newer, ids(s).at(-1) < 1_000);
  }
  const up = run(s, entry(9_001, "post", { text: "live" }));
  assert.deepEqual(ids(up), ids(s)); /* the end is not here: it is loaded on the way there */
  for (let at = ids(s).at(-1) + 1; at <= 1_000; at += 50) s = run(s, load(at, Math.min(1_000, at + 49), at + 49 < 1_000));
  assert.deepEqual([ids(s).length, ids(s).at(-1), s.pages["h-20"].newer], [PAGE_MAX, 1_000, false]);
  for (let i = 0; i < 120; i++) {
    s = run(s, entry(9_001 + i, "post", { text: `live ${i}` }));
    assert.ok(ids(s).length <= PAGE_MAX);
    assert.equal(ids(s).at(-1), 1_001 + i);
    ids(s).forEach((n, k) => assert.equal(n, ids(s)[0] + k)); /* without a gap */
  }
});

test("the words under a thread's title are those of its newest post as they are now", () => {
  const s = run(ready, entry(51, "post", { text: "first" }), entry(52, "post", { text: "newest" }));
  const of = (...events) => run(s, ...events).threads["h-20"].excerpt;
  assert.equal(of(entry(53, "post.edit", { post: "h-52", text: "better" })), "better");
  assert.equal(of(entry(53, "post.edit", { post: "h-51", text: "other" })), "newest");
  assert.equal(of(entry(53, "post.redact", { post: "h-52", reason: "spam" })), "");
  const half = of(entry(53, "post", { text: "😀".repeat(200) }));
  assert.equal(half, "😀".repeat(160), "characters, not halves of them");
});

test("a redacted post keeps nothing, and neither does what is remembered of its entries", () => {
  const s = run(
    ready,
    entry(51, "post", { text: "secret", reply_to: "h-30" }),
    entry(52, "react", { post: "h-51", emoji: "👍", on: true }),
    entry(53, "post.edit", { post: "h-51", text: "secret, too" }),
    entry(54, "post.redact", { post: "h-51", reason: "r" }),
  );
  assert.doesNotMatch(JSON.stringify(s), /secret/);
  const { reactions, reply_to, redacted } = s.pages["h-20"].posts.at(-1);
  assert.deepEqual([reactions, reply_to, redacted.reason], [undefined, undefined, "r"]);
});

test("an answer that entries overtook loses none of them", () => {
  const live = run(
    ready,
    entry(51, "post", { text: "a" }),
    entry(52, "post.edit", { post: "h-40", text: "edited" }),
    entry(53, "thread.rename", { title: "Prices" }),
  );
  const at = { members: [], seq: 50 };
  const s = run(
    live,
    { type: "posts", thread: "h-20", posts: [post(1, 30), post(2, 40)], ...at, newer: false },
    { type: "thread", thread, ...at },
    { type: "rooms", rooms: [room], regions: [], seq: 50 },
    { type: "catchup", threads: [], ...at, older: false, more: false },
  );
  assert.deepEqual(s.pages["h-20"].posts.map((p) => p.text), ["t30", "edited", "a"]);
  const { title, posts, unread } = s.threads["h-20"];
  assert.deepEqual([title, posts, unread, s.rooms["h-10"].unread], ["Prices", 3, 1, 1]);
  assert.deepEqual(s.catchup.ids, ["h-20"]);
});

test("who leaves a room or joins it has nothing unread there", () => {
  const unread = run(ready, entry(51, "post", { text: "x", mentions: ["h-2"] }));
  for (const kind of ["room.leave", "room.join"]) {
    const s = run(unread, entry(52, kind, { by: "h-2", thread: undefined }));
    const t = s.threads["h-20"];
    assert.deepEqual([t.unread, t.mentions, s.rooms["h-10"].mentions], [0, 0, 0]);
  }
  const out = run(unread, entry(52, "room.leave", { by: "h-2", thread: undefined }));
  assert.equal(run(out, entry(53, "post", { text: "y" })).threads["h-20"].unread, 0);
});

test("a post of a thread that was never seen here is not lost: the server is asked where it belongs", () => {
  const bare = (seq, thread) => {
    const ev = entry(seq, "post", { thread, text: "new" });
    delete ev.entry.room; /* as the server sends it */
    return ev;
  };
  let s = run(initial, { type: "hello", me, hub: { code: "h", name: "H" }, cursor: { h: 50 }, resumed: false },
    { type: "rooms", rooms: [room], regions: [], seq: 50 }, { type: "catchup", threads: [], members: [], seq: 50, older: false, more: false });
  const lobby = run(s, bare(51, "h-11"));
  assert.deepEqual([lobby.rooms["h-10"].unread, lobby.wantThreads, lobby.wantRooms], [1, ["h-11"], false]);
  s = run(s, bare(51, "h-20"));
  assert.deepEqual([s.wantThreads, s.wantRooms], [["h-20"], false]); /* it tells the room, whose count is known */
  const told = { type: "thread", thread: { ...thread, unread: 1, first_unread: "h-51", last_seq: 51, posts: 3 }, members: [], seq: 51 };
  const elsewhere = run(s, { ...told, thread: { ...told.thread, room: "h-99" } });
  assert.deepEqual([elsewhere.rooms["h-10"].unread, elsewhere.wantRooms], [0, true]); /* nobody knows that room */
  assert.equal(run(s, { type: "thread-gone", thread: "h-20", to: "h-21" }).wantRooms, true);
  assert.equal(run(s, { ...told, thread: { ...told.thread, level: "mute" } }).rooms["h-10"].unread, 0);
  const rooms = run(s, { type: "rooms", rooms: [{ ...room, unread: 1 }], regions: [], seq: 51 }, told);
  assert.equal(rooms.rooms["h-10"].unread, 1); /* was counted there already */
  s = run(s, told, told);
  assert.deepEqual([s.catchup.ids, s.rooms["h-10"].unread, unreadTotal(s), s.wantRooms], [["h-20"], 1, 1, false]);
  s = run(s, bare(52, "h-20"));
  assert.deepEqual([s.threads["h-20"].unread, s.rooms["h-10"].unread, s.wantRooms], [2, 2, false]);
});

test("words taken back in a thread that was never seen here: the server is asked what names me still", () => {
  const bare = (kind, more) => {
    const ev = entry(52, kind, { thread: "h-77", post: "h-51", ...more });
    delete ev.entry.room; /* as the server sends it */
    return ev;
  };
  const rooms = (counts) =>
    run(ready, { type: "rooms", rooms: [{ ...room, ...counts }], regions: [], seq: 51 });
  const named = rooms({ unread: 1, mentions: 1 });
  assert.equal(run(named, bare("post.redact", { reason: "r" })).wantRooms, true);
  assert.equal(run(named, bare("post.edit", { text: "nobody" })).wantRooms, true);
  const counted = rooms({ unread: 1 });
  assert.equal(run(counted, bare("post.edit", { text: "you", mentions: ["h-2"] })).wantRooms, true);
  assert.equal(run(counted, bare("post.redact", { reason: "r" })).wantRooms, false);
  assert.equal(run(rooms({}), bare("post.redact", { reason: "r" })).wantRooms, false);
});

test("an answer that entries overtook still ends its thread: what comes next is shown", () => {
  const th = { ...thread, posts: 4, last_seq: 60, as_of: 60 };
  const a = { posts: [post(1, 30)], seq: 40 };
  for (const where of [{}, { after: "h-10" }, { around: "h-30" }])
    assert.equal(goesOn(a, where, 50, th), false);
  const full = { posts: [post(1, 30), post(2, 40), post(3, 50)], seq: 55 };
  assert.equal(goesOn(full, {}, 3, th), false); /* the newest end the thread, however many */
  assert.equal(goesOn(full, { before: "h-60" }, 3, th), true);
  assert.equal(goesOn(full, { after: "h-20" }, 3, th), true);
  assert.equal(goesOn(full, { after: "h-20" }, 3, { ...th, posts: 3 }), false);
  assert.equal(goesOn(full, { after: "h-20" }, 3, { ...th, posts: 3, as_of: 50 }), true); /* not known */
  assert.equal(goesOn(full, { around: "h-40" }, 3, th), true);
  assert.equal(goesOn(full, { around: "h-50" }, 3, th), false); /* room for one more was left */
});

test("a thread that moves leaves its lists; what is hidden from then on is kept nowhere", () => {
  const away = run(ready, entry(51, "post", { text: "new" }), entry(52, "thread.moved_out"));
  assert.deepEqual(away.lists["h-10"].ids, []);
  assert.deepEqual([away.wantThreads, away.wantRooms], [["h-20"], true]);
  const cut = run(away, { type: "thread-gone", thread: "h-20" }); /* the line broke */
  assert.ok(cut.threads["h-20"]);
  const hello = { type: "hello", me, hub: ready.hub, cursor: { h: 52 }, resumed: true };
  const back = run(cut, hello);
  assert.deepEqual(back.wantThreads, ["h-20"]);
  const gone = run(back, { type: "thread-gone", thread: "h-20", hidden: true });
  assert.deepEqual([gone.threads["h-20"], gone.pages["h-20"], gone.wantThreads], [undefined, undefined, []]);
  assert.equal(gone.failed["thread:h-20"], "moved");
  assert.equal(JSON.stringify(gone.recent).includes("new"), false);
  const seen = run(back, { type: "thread", thread: { ...thread, room: "h-12" }, members: [], seq: 53 });
  assert.deepEqual([seen.threads["h-20"].room, seen.threads["h-20"].moved], ["h-12", undefined]);
});

test("a thread that comes in is asked for where it is to be shown", () => {
  const into = (room) => run(ready, entry(51, "thread.moved_in", { thread: "h-30", room, title: "In" }));
  assert.deepEqual(into("h-10").wantThreads, ["h-30"]);
  assert.deepEqual(into("h-12").wantThreads, []);
});

test("hidden words stay with their author and moderators, and come back when restored", () => {
  const hide = entry(60, "post.hide", { thread: "h-20", post: "h-30", by: null, as: "moderator", rule: "rude" });
  const back = entry(61, "post.restore", { thread: "h-20", post: "h-30", by: null, as: "moderator", rule: "undone" });
  const first = (s) => s.pages["h-20"].posts[0];
  const page = { "h-20": { posts: [post(1, 30), post(2, 40, "h-2")], newer: false } };
  const reader = { ...ready, me, pages: page, rooms: { "h-10": { ...room, role: "member" } } };
  let s = reduce(reader, hide);
  assert.deepEqual([first(s).text, first(s).hidden, s.wantPosts], ["", { at: 60, rule: "rude" }, []]);
  s = reduce(s, back);
  assert.deepEqual([first(s).hidden, s.wantPosts], [undefined, [{ thread: "h-20", post: "h-30" }]]);
  s = reduce(s, { type: "posts-asked" });
  s = reduce(s, { type: "told", thread: "h-20", posts: [post(1, 30)], seq: 61 });
  assert.deepEqual([first(s).text, s.wantPosts], ["t30", []]);
  assert.equal(reduce(s, { type: "told", thread: "h-21", posts: [], seq: 61 }), s);
  /* an answer that is older than what was heard since says nothing new */
  assert.equal(first(reduce(s, { type: "told", thread: "h-20", posts: [{ ...post(1, 30), text: "old" }], seq: 60 })).text, "t30");

  const moderator = { ...reader, rooms: { "h-10": { ...room, role: "moderator" } } };
  s = reduce(moderator, hide);
  assert.deepEqual([first(s).text, first(s).hidden.rule], ["t30", "rude"]);
  assert.equal(first(reduce(s, back)).hidden, undefined);
  const author = { ...reader, me: other };
  s = reduce(author, { ...hide, entry: { ...hide.entry, reason: "words" } });
  assert.deepEqual([first(s).text, first(s).hidden.reason], ["t30", "words"]);
  /* who resumes gets the post without its words, and then hears that it is hidden */
  s = reduce(moderator, entry(59, "post", { erased: true }));
  s = reduce(s, { ...hide, entry: { ...hide.entry, seq: 62, post: "h-59" } });
  const last = s.pages["h-20"].posts.at(-1);
  assert.deepEqual([last.redacted, last.hidden.rule, s.wantPosts], [undefined, "rude", [{ thread: "h-20", post: "h-59" }]]);
  /* the excerpt goes with the words, and is asked for again */
  const newest = { ...reader, threads: { "h-20": { ...thread, last_seq: 30, excerpt: "t30", as_of: 40 } } };
  s = reduce(newest, hide);
  assert.equal(s.threads["h-20"].excerpt, "");
  assert.deepEqual(reduce(s, back).wantThreads, ["h-20"]);
});

test("a thread that is archived leaves the lists, is asked for again, and comes back to its place", () => {
  const aside = run(ready, entry(51, "thread.archive", { archived: true }));
  assert.deepEqual([aside.lists["h-10"].ids, aside.threads["h-20"].archived], [[], true]);
  assert.deepEqual([aside.wantThreads, aside.wantRooms], [["h-20"], true]);
  const back = run(aside, entry(52, "thread.archive", { archived: false }));
  assert.deepEqual([back.lists["h-10"].ids, back.threads["h-20"].archived], [["h-20"], false]);
  assert.equal(run(back, entry(52, "thread.archive", { archived: true })), back);
  const unknown = (archived) => run(ready, entry(51, "thread.archive", { thread: "h-30", archived }));
  assert.deepEqual([unknown(true).wantThreads, unknown(false).wantThreads], [[], ["h-30"]]);
});

test("a thread is closed and opened, becomes another kind and loses its answer, is pinned for a while", () => {
  const of = (...events) => run(ready, ...events).threads["h-20"];
  assert.equal(of(entry(51, "thread.close", { closed: true })).closed, true);
  assert.equal(of(entry(51, "thread.close", { closed: true }), entry(52, "thread.close", { closed: false })).closed, false);
  const other = of(entry(51, "thread.answer", { post: "h-40" }), entry(52, "thread.kind", { type: "discussion" }));
  assert.deepEqual([other.kind, other.answer], ["discussion", null]);
  const pinned = of(entry(51, "thread.pin", { pinned: true, until: 9 }));
  assert.deepEqual([pinned.pinned, pinned.pinned_until], [true, 9]);
});

test("who is blocked types to nobody's notice, and their mentions do not count; what cannot be known is asked for", () => {
  const block = (on) => ({ type: "signal", signal: { kind: "block", member: "h-3", on }, now: 1 });
  const typing = { type: "signal", signal: { kind: "typing", thread: "h-20", by: "h-3" }, now: 1 };
  const names = (seq) => entry(seq, "post", { post: `h-${seq}`, text: "@amina", mentions: ["h-2"] });
  const some = { type: "signal", signal: { kind: "room", room: "h-10", count: 2, mentions: 1, seq: 99 }, now: 1 };

  const free = run(ready, names(51), typing, some);
  assert.ok(free.typing["h-20"]["h-3"]);
  assert.equal(free.threads["h-20"].mentions, 1);
  assert.equal(free.rooms["h-10"].mentions, 2);
  assert.equal(free.wantRooms, false);

  const blocking = run(ready, block(true), block(true));
  assert.deepEqual(blocking.me.blocked, ["h-3"]);
  assert.equal(blocking.wantRooms, true); /* what was counted before */
  const after = run(blocking, { type: "rooms-asked" }, names(51), typing, some);
  assert.equal(after.typing["h-20"]?.["h-3"], undefined);
  assert.equal(after.threads["h-20"].mentions, 0);
  assert.equal(after.threads["h-20"].unread, 1);
  assert.equal(after.rooms["h-10"].mentions, 0);
  assert.equal(after.rooms["h-10"].unread, 3);
  assert.equal(after.wantRooms, true); /* by whom the hub alone knows */
  assert.deepEqual(run(after, block(false)).me.blocked, []);
});

test("a name that changes is the name from then on, mine as well, and what is said no more is gone", () => {
  const blocking = reduce({ ...ready, me: { ...ready.me, blocked: ["h-3"] } }, entry(51, "member.set", { room: undefined, thread: undefined, member: "h-2", name: "Amina D.", org: null, city: "Dakar" }));
  assert.deepEqual([blocking.me.name, blocking.me.org, blocking.me.city, blocking.me.blocked, blocking.members["h-2"].name], ["Amina D.", undefined, "Dakar", ["h-3"], "Amina D."]);
  const other = run(ready, entry(51, "member.set", { room: undefined, thread: undefined, member: "h-3", country: "CI" }));
  assert.deepEqual([other.members["h-3"].country, other.members["h-3"].name, other.me], ["CI", "Moussa", ready.me]);
  assert.equal(run(ready, entry(51, "member.set", { room: undefined, thread: undefined, member: "h-9", name: "X" })).members["h-9"], undefined);
  assert.equal(run(ready, entry(51, "member.set", { room: undefined, thread: undefined, member: "h-3", erased: true })).members["h-3"].name, "Moussa");
});
