// What moderators set for a room binds everybody else within a second, on either carrier and while others write; what is
// not named stays; everybody who reads the room hears of it in the name of the role, and the public log tells it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hub, rpc, cli, serve, tempDir } from "./daemon.mjs";
import { carriers } from "./line.mjs";

const IN_FORCE_MS = 1000; // the budget of a setting
let daemon, tokens, people, region;
let next = 0;
const cid = () => `c${next++}`;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: cid() });
const ask = (who, method, params) => rpc(daemon, tokens[who], method, params);
const refused = (work, code) => work.then(() => assert.fail(`done, expected ${code}`), (e) => {
  assert.equal(e.data?.code, code, e.message);
  return e;
});
const say = (who, thread, text = "Words.") => write(who, "post.create", { thread, text });
const set = (who, room, settings) => write(who, "room.set", { room, ...settings });
const roomOf = async (who, id) => (await ask(who, "room.list", {})).rooms.find((r) => r.id === id);
const pause = (ms) => new Promise((go) => setTimeout(go, ms));

before(async () => {
  const dir = tempDir();
  tokens = hub(dir, ["ana", "ben", "cleo"]);
  for (const [handle, role] of [["guest", "guest"], ["modo", "moderator"]]) {
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`, "--role", role);
    tokens[handle] = cli("token", "--data", dir, handle);
  }
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  people = Object.fromEntries((await ask("admin", "member.list", {})).members.map((m) => [m.handle, m.id]));
  region = (await ask("ana", "room.list", {})).regions[0].id;
});
after(() => daemon?.stop());

let rooms = 0;
async function room(access = "open") {
  const { id, chat } = await write("admin", "room.create", { region, slug: `r${rooms++}`, name: "Room", access });
  const thread = await write("admin", "thread.create", { room: id, title: "Talk", text: "Words." });
  for (const who of access === "open" ? ["ana", "ben", "modo"] : []) await write(who, "room.join", { room: id });
  return { id, chat, thread: thread.id };
}

// Others keep writing in another room until it is over.
async function underLoad(work) {
  const busy = await room();
  let isOver = false;
  const writers = Array.from({ length: 20 }, async () => {
    while (!isOver) await say("admin", busy.thread, "busy");
  });
  try {
    await work();
  } finally {
    isOver = true;
    await Promise.all(writers);
  }
}

for (const [name, Carrier] of Object.entries(carriers))
  test(`a setting is heard and in force within a second, also under load (${name})`, async (t) => {
    const it = await room();
    const line = new Carrier(daemon.ws, tokens.ben);
    t.after(() => line.close());
    await line.until(() => line.isReady, "hello");
    const heard = async (settings) => {
      const from = Date.now();
      const { seq } = await set("modo", it.id, settings);
      await line.until(() => line.entries.some((e) => e.seq === seq), "the setting");
      assert(Date.now() - from < IN_FORCE_MS, `heard after ${Date.now() - from} ms`);
      const act = line.entries.find((e) => e.seq === seq);
      assert.deepEqual([act.kind, act.room, act.by, act.as], ["room.set", it.id, null, "moderator"]);
      assert.equal(JSON.stringify(act).includes(`"${people.modo}"`), false);
      return act;
    };
    await underLoad(async () => {
      await say("ben", it.thread);
      const slow = await heard({ slow_s: 2 });
      assert.deepEqual([slow.slow_s, slow.posting, slow.lock_days], [2, undefined, undefined]);
      const e = await refused(line.write("post.create", { thread: it.thread, text: "too soon" }), "slow_mode");
      assert(e.data.retry_after_ms > 0 && e.data.retry_after_ms <= 2000, String(e.data.retry_after_ms));
      await refused(write("ben", "thread.create", { room: it.id, title: "Too soon", text: "Words." }), "slow_mode");
      await say("ben", (await room()).thread); // elsewhere one writes on
      await say("modo", it.thread);
      await say("modo", it.thread); // moderators are free
      await pause(e.data.retry_after_ms);
      await line.write("post.create", { thread: it.thread, text: "in time" });

      await heard({ posting: "moderators", slow_s: 0 });
      await refused(line.write("post.create", { thread: it.chat, text: "not here" }), "forbidden");
      await refused(write("ben", "thread.create", { room: it.id, title: "No", text: "Words." }), "forbidden");
      const { id } = await say("modo", it.thread, "An announcement");
      await write("ben", "post.react", { post: id, emoji: "👍", on: true });
      await heard({ posting: "all" });
      await say("ben", it.thread);
    });
  });

test("a member who just wrote is told so by the list of rooms, and nobody else", async () => {
  const it = await room();
  assert.equal((await roomOf("ben", it.id)).set, undefined);
  await set("modo", it.id, { slow_s: 3600 });
  await set("modo", it.id, { lock_days: 7 }); // what is not named stays
  const { seq } = await say("ben", it.thread);
  assert.equal(typeof seq, "number");
  const mine = await roomOf("ben", it.id);
  assert.deepEqual(mine.set, { slow_s: 3600, lock_days: 7 });
  assert(Math.abs(mine.posted_at - Date.now()) < 60_000);
  assert.equal((await roomOf("ana", it.id)).posted_at, undefined);
  await write("modo", "thread.archive", { thread: it.thread, archived: true });
  await refused(say("ben", it.chat), "slow_mode");
  const same = await set("modo", it.id, { slow_s: 3600 });
  const log = (await ask("guest", "log.list", { room: it.id })).acts.filter((a) => a.entry.kind === "room.set");
  assert.deepEqual(log.map((a) => [a.entry.by, a.entry.slow_s, a.entry.lock_days]), [[null, undefined, 7], [null, 3600, undefined]]);
  assert(log.every((a) => a.entry.seq < same.seq)); // what changes nothing is no entry
  assert.equal((await ask("admin", "log.list", { room: it.id })).acts[0].entry.by, people.modo);
});

test("who may set: the room's moderators, and nobody learns of a room by trying", async () => {
  const open = await room(), closed = await room("private");
  for (const who of ["guest", "ben"]) await refused(set(who, open.id, { slow_s: 5 }), "forbidden");
  const none = await refused(set("ben", "test-999999", { slow_s: 5 }), "not_found");
  const hidden = await refused(set("ben", closed.id, { slow_s: 5 }), "not_found");
  assert.equal(hidden.message, none.message);
  await refused(set("modo", closed.id, { slow_s: 5 }), "not_found");
  await write("admin", "member.role", { member: people.cleo, role: "moderator", room: open.id });
  await set("cleo", open.id, { slow_s: 5 });
  for (const [name, value] of [["slow_s", 86401], ["lock_days", 366], ["posting", "none"]])
    await refused(set("cleo", open.id, { [name]: value }), "invalid");
});

test("threads without a post for as many days are locked, until a moderator writes; the lobby never is", async (t) => {
  const dir = tempDir();
  cli("demo", "--data", dir);
  const handles = { ben: "amina.diop", modo: "moussa.kone" };
  const own = Object.fromEntries(Object.entries(handles).map(([who, handle]) => [who, cli("token", "--data", dir, handle)]));
  const demo = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  t.after(() => demo.stop());
  const at = (who, method, params) => rpc(demo, own[who], method, params);
  const rooms = (await at("modo", "room.list", {})).rooms.filter((r) => r.access === "open" && r.role === "moderator" && r.threads > 0);
  const DAY = 24 * 3600 * 1000;
  const threads = (await at("ben", "thread.list", { room: rooms[0].id, limit: 100 })).threads
    .filter((x) => x.kind !== "chat" && !x.locked && !x.closed);
  const old = threads.find((x) => x.last_at < Date.now() - 3 * DAY);
  assert(old, "the demo has a thread that is older");
  const days = Math.floor((Date.now() - old.last_at) / DAY);
  const write = (who, method, params) => at(who, method, { ...params, cid: cid() });
  await write("ben", "room.join", { room: rooms[0].id });
  await write("modo", "room.set", { room: rooms[0].id, lock_days: days + 1 });
  await write("ben", "post.react", { post: (await at("ben", "post.list", { thread: old.id })).posts[0].id, emoji: "👍", on: true });
  await write("modo", "room.set", { room: rooms[0].id, lock_days: days });
  await refused(write("ben", "post.create", { thread: old.id, text: "late" }), "conflict");
  const asked = (await at("ben", "thread.unanswered", { limit: 20 })).threads.filter((x) => x.room === rooms[0].id);
  assert(asked.every((x) => x.last_at > Date.now() - days * DAY), "a quiet question waits for nobody");
  await write("ben", "post.create", { thread: rooms[0].chat, text: "the lobby is open" });
  await write("modo", "post.create", { thread: old.id, text: "let us take this up again" });
  await write("ben", "post.create", { thread: old.id, text: "gladly" });
});
