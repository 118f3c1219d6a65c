// Sanctions: what each takes from a member and leaves to them, from the commit on and until it ends; who hears of it; that a
// ban closes every line at once and nothing later is acknowledged; that no word of a closed room reaches who is suspended.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";
import { carriers } from "./line.mjs";

const WORD = "qwclosed";
let daemon, dir, tokens, region, room, other, people;
let next = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `c${next++}` });
const ask = (who, method, params = {}) => rpc(daemon, tokens[who], method, params);
const refused = (work, code) => assert.rejects(work, (e) => e.data?.code === code, code);
const impose = (who, member, act, more = {}) => write(who, "member.sanction", { member: people[member], act, rule: "rude", ...more });
const talk = async (who, where = room, text = "Words.") => write(who, "thread.create", { room: where, title: "Talk", text });
const isJoined = async (who, id) => (await ask(who, "room.list")).rooms.find((r) => r.id === id)?.joined ?? false;

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben", "cleo", "dan", "eve", "south"]);
  for (const [handle, role] of [["modo", "moderator"], ["moda", "moderator"]]) {
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`, "--role", role);
    tokens[handle] = cli("token", "--data", dir, handle);
  }
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  people = Object.fromEntries((await ask("admin", "member.list")).members.map((m) => [m.handle, m.id]));
  ({ id: room, region } = (await ask("ana", "room.list")).rooms[0]);
  other = (await write("admin", "room.create", { region, slug: "other", name: "Other" })).id;
  await write("admin", "member.role", { member: people.south, role: "moderator", room });
});
after(() => daemon?.stop());

const line = async (t, Carrier, who, cursor = null, watch) => {
  const l = new Carrier(daemon.ws, tokens[who], { watch });
  t.after(() => l.close());
  if (cursor !== null) Object.assign(l, { hub: "test", cursor });
  await l.until(() => l.isReady, `hello of ${who}`);
  return l;
};

test("who may impose what on whom, where", async () => {
  await refused(impose("ana", "ben", "warn", { room }), "forbidden");
  await refused(impose("south", "ben", "silence"), "forbidden"); // a room's moderator, in the hub
  await refused(impose("south", "ben", "ban"), "forbidden");
  await refused(impose("south", "ben", "silence", { room: other }), "forbidden");
  await refused(impose("south", "modo", "silence", { room }), "forbidden"); // as much to say there
  await refused(impose("modo", "moda", "ban"), "forbidden");
  await refused(impose("modo", "modo", "warn"), "forbidden");
  await refused(impose("modo", "admin", "suspend"), "forbidden");
  await refused(impose("admin", "admin", "ban"), "forbidden"); // the last admin
  await refused(impose("modo", "ben", "ban", { room }), "invalid");
  await refused(impose("modo", "ben", "silence", { room, until: 1 }), "invalid");
  await refused(impose("modo", "ben", "warn", { room, until: 4e12 }), "invalid");
  const { id } = await impose("south", "ben", "warn", { room, reason: "Mind your words" });
  await write("ben", "post.create", { thread: (await talk("ben")).id, text: "a warning takes nothing" });
  await refused(write("ana", "member.pardon", { sanction: id }), "not_found");
  await refused(write("ben", "member.pardon", { sanction: id }), "not_found");
  assert.deepEqual((await ask("south", "sanction.list", { member: people.ben })).sanctions.map((s) => [s.id, s.by]), [[id, people.south]]);
  assert.deepEqual((await ask("modo", "sanction.list", { member: people.ben })).sanctions.map((s) => [s.id, s.by]), [[id, undefined]]);
  assert.deepEqual((await ask("ben", "sanction.list", { member: people.ben })).sanctions, []);
});

for (const [name, Carrier] of Object.entries(carriers))
  test(`silence: told to whom it is on and who moderates there, it ends by the clock (${name})`, async (t) => {
    const ears = {};
    for (const who of ["ana", "dan", "south", "modo"]) ears[who] = await line(t, Carrier, who, null, []);
    const from = ears.dan.cursor, it = await talk("dan"), mine = await write("dan", "post.create", { thread: it.id, text: "mine" });
    const until = Date.now() + 1500;
    const made = await impose("south", "dan", "silence", { room, until, reason: WORD });
    const post = (where) => write("dan", "post.create", { thread: where, text: "words" });
    await refused(post(it.id), "forbidden");
    const saw = (who) => ears[who].entries.find((e) => e.seq === made.seq);
    for (const who of ["dan", "south", "modo"]) await ears[who].until(() => saw(who), `the entry at ${who}`);
    assert.deepEqual([saw("dan").kind, saw("dan").member, saw("dan").by, saw("dan").as, saw("dan").until], ["member.sanction", people.dan, null, "moderator", until]);
    for (const [method, params] of [["post.edit", { post: mine.id, text: "x" }], ["post.react", { post: mine.id, emoji: "👍", on: true }],
      ["thread.rename", { thread: it.id, title: "x" }], ["thread.create", { room, title: "x", text: "x" }]])
      await refused(write("dan", method, params), "forbidden");
    await write("dan", "report.create", { thread: it.id, rule: "other", reason: "let me out" }).catch((e) => assert.equal(e.data.code, "conflict"));
    await ask("dan", "read.mark", { thread: it.id, seq: 1 });
    await ask("dan", "draft.set", { thread: it.id, text: "kept", at: next++ + 1 });
    assert.equal((await ask("dan", "post.list", { thread: it.id })).posts.length, 2);
    await post((await talk("dan", other)).id); // elsewhere as ever
    for (;;) {
      const done = await post(it.id).then(() => true, (e) => (assert.equal(e.data.code, "forbidden"), false));
      if (done) break;
      assert.ok(Date.now() < until + 5000, "it does not end");
      await sleep(50);
    }
    assert.ok(Date.now() >= until);
    const last = await write("admin", "region.create", { slug: `r${next}`, name: "Region" });
    await ears.ana.until(() => ears.ana.cursor >= last.seq, "the end");
    for (const [who, is] of [["ana", false], ["dan", true], ["modo", true], ["south", true]]) {
      const back = await line(t, Carrier, who, from, []);
      await back.until(() => back.cursor >= last.seq, "resume");
      assert.equal(JSON.stringify(back.entries).includes(WORD), is, who);
      assert.equal(back.entries.some((e) => e.seq === made.seq), is, who);
      assert.equal(JSON.stringify(ears[who].entries).includes(WORD), is, who);
      const acts = (await ask(who, "log.list", { room })).acts.filter((a) => a.entry.seq === made.seq);
      assert.deepEqual(acts.map((a) => [a.entry.member, a.of]), [is ? [people.dan, people.dan] : [null, undefined]], who);
      assert.equal(JSON.stringify(await ask(who, "search.query", { text: WORD })).includes(people.dan), false);
    }
    assert.deepEqual((await ask("dan", "sanction.mine")).sanctions.filter((s) => s.id === made.id).map((s) => [s.act, s.room, s.until, s.as, s.by, s.reason]),
      [["silence", room, until, "moderator", people.south, WORD]]);
  });

for (const [name, Carrier] of Object.entries(carriers))
  test(`who is suspended from a room hears nothing of it that is closed (${name})`, async (t) => {
    const word = `${WORD}${name.length}`;
    const club = (await write("admin", "room.create", { region, slug: `club-${next}`, name: "Club", access: "members" })).id;
    const den = (await write("admin", "room.create", { region, slug: `den-${next}`, name: "Den", access: "private" })).id;
    await write("cleo", "room.join", { room: club });
    await write("ana", "room.join", { room: club });
    for (const who of ["cleo", "ana"]) await write("admin", "room.invite", { room: den, member: people[who] });
    const ear = await line(t, Carrier, "cleo");
    const from = ear.cursor;
    const places = [await talk("ana", club, "before"), await talk("ana", den, "before")];
    await ear.until(() => ear.entries.filter((e) => e.kind === "post").length === 2, "both");
    const made = await impose("admin", "cleo", "suspend", name === "WebSocket" ? { region } : { room: club });
    if (name !== "WebSocket") await impose("admin", "cleo", "suspend", { room: den });
    for (const place of places) await write("ana", "post.create", { thread: place.id, text: word });
    await ear.until(() => ear.entries.some((e) => e.seq === made.seq), "that it is told");
    const last = await write("admin", "region.create", { slug: `r${next}`, name: "Region" });
    await ear.until(() => ear.cursor >= last.seq, "the end");
    assert.equal(JSON.stringify(ear.entries).includes(word), false);
    for (const cursor of [from, 0]) {
      const back = await line(t, Carrier, "cleo", cursor);
      await back.until(() => back.cursor >= last.seq, "resume");
      assert.equal(JSON.stringify(back.entries).includes(word), false);
    }
    for (const place of places) {
      await refused(ask("cleo", "thread.get", { thread: place.id }), "not_found");
      await refused(ask("cleo", "post.list", { thread: place.id }), "not_found");
      await refused(write("cleo", "post.create", { thread: place.id, text: "x" }), "not_found");
    }
    for (const [method, params] of [["search.query", { text: word }], ["catchup.list", {}], ["room.list", {}], ["thread.unanswered", {}]])
      assert.equal(JSON.stringify(await ask("cleo", method, params)).includes(word), false, method);
    const rooms = (await ask("cleo", "room.list")).rooms;
    assert.deepEqual([rooms.find((r) => r.id === club).joined, rooms.some((r) => r.id === den)], [false, false]);
    await refused(write("cleo", "room.join", { room: club }), "forbidden");
    await refused(write("cleo", "thread.create", { room: name === "WebSocket" ? room : club, title: "x", text: "x" }), name === "WebSocket" ? "forbidden" : "not_found");
    assert.ok(Array.isArray((await ask("cleo", "thread.list", { room })).threads)); // what is open to all stays readable
    const record = (await ask("admin", "sanction.list", { member: people.cleo })).sanctions.filter((s) => !s.pardoned);
    for (const { id } of record) await write("admin", "member.pardon", { sanction: id, rule: "undone" });
    assert.equal(await isJoined("cleo", den), true);
    const again = await write("ana", "post.create", { thread: places[1].id, text: "welcome back" });
    await ear.until(() => ear.entries.some((e) => e.seq === again.seq), "the words after");
  });

test("a ban closes every line at once; nothing later is acknowledged", async (t) => {
  const it = await talk("ben"), acknowledged = [], sockets = [], closed = [];
  let asked = 0;
  for (let i = 0; i < 6; i++) {
    const ws = new WebSocket(daemon.ws, "baraza.v1", { headers: { authorization: `Bearer ${tokens.ben}` } });
    t.after(() => ws.terminate());
    const said = { last: null, at: 0 };
    const post = () => ws.readyState === 1 && ws.send(JSON.stringify({ jsonrpc: "2.0", id: `p${asked}`, method: "post.create", params: { thread: it.id, text: `load ${asked++}`, cid: `b${asked}` } }));
    ws.on("error", () => {});
    ws.on("message", (data) => {
      const m = JSON.parse(data);
      if (m.id === "hello") for (let k = 0; k < 20; k++) post();
      if (String(m.id).startsWith("p")) { if (m.result) acknowledged.push(m.result.seq); post(); }
      if (!("method" in m)) said.last = m;
    });
    ws.on("close", (code, reason) => closed.push({ code, reason: String(reason), at: Date.now(), last: said.last }));
    await new Promise((done) => ws.once("open", done));
    ws.send(JSON.stringify({ jsonrpc: "2.0", id: "hello", method: "session.hello", params: {} }));
    sockets.push(ws);
  }
  const cursor = { test: (await ask("ben", "session.poll", {})).cursor.test };
  const held = rpc(daemon, tokens.ben, "session.poll", { cursor: { test: cursor.test + 1e6 }, watch: [], wait_ms: 25000 }).catch((e) => e);
  while (acknowledged.length < 300) await sleep(5);
  const ban = await impose("modo", "ben", "ban", { reason: "Enough" });
  const began = Date.now();
  while (closed.length < 6 && Date.now() < began + 5000) await sleep(5);
  assert.equal(closed.length, 6);
  for (const end of closed) {
    assert.deepEqual([end.code, end.reason], [1008, "suspended from this hub"]);
    assert.ok(end.at - began < 1000, `closed after ${end.at - began} ms`);
    assert.deepEqual([end.last.id, end.last.error.data.code], [null, "forbidden"]);
    assert.match(end.last.error.message, /sanction\.mine/);
  }
  assert.ok(Math.max(...acknowledged) < ban.seq, "acknowledged after the ban");
  const answer = await Promise.race([held, sleep(2000, "held")]);
  assert.notEqual(answer, "held");
  const posts = [];
  for (let before; ;) {
    const page = (await ask("admin", "post.list", { thread: it.id, limit: 100, ...(before && { before }) })).posts;
    posts.unshift(...page);
    if (page.length < 100) break;
    before = page[0].id;
  }
  assert.ok(posts.every((p) => p.seq < ban.seq));
  for (const [method, params] of [["room.list", {}], ["session.poll", {}], ["read.mark", { thread: it.id, seq: 1 }], ["search.query", { text: "load" }]])
    await refused(ask("ben", method, params), "forbidden");
  await refused(write("ben", "post.create", { thread: it.id, text: "x" }), "forbidden");
  const again = new WebSocket(daemon.ws, "baraza.v1", { headers: { authorization: `Bearer ${tokens.ben}` } });
  t.after(() => again.terminate());
  await new Promise((done) => again.once("open", done));
  const hello = new Promise((done) => again.once("message", (d) => done(JSON.parse(d))));
  again.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "session.hello", params: {} }));
  assert.equal((await hello).error.data.code, "forbidden");
  const page = await (await fetch(`${daemon.url}/`, { headers: { cookie: `baraza=${tokens.ben}` } })).text();
  assert.equal(page.includes('id="first"'), false);

  await daemon.stop(); // what holds is known again after a start
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  await refused(ask("ben", "room.list"), "forbidden");
  const [mine] = (await ask("ben", "sanction.mine")).sanctions;
  assert.deepEqual([mine.id, mine.act, mine.reason, mine.as, mine.until], [ban.id, "ban", "Enough", "moderator", undefined]);
  await refused(write("ana", "sanction.appeal", { sanction: ban.id, reason: "not mine" }), "not_found");
  const appeal = await write("ben", "sanction.appeal", { sanction: ban.id, reason: "It was my cat" });
  await refused(write("ben", "sanction.appeal", { sanction: ban.id, reason: "again" }), "conflict");
  const m = (await ask("moda", "queue.list")).matters.find((x) => x.id === appeal.id);
  assert.deepEqual([m.sanction, m.appeal, m.member, m.room, m.reports[0].reason], [ban.id, true, people.ben, undefined, "It was my cat"]);
  assert.equal((await ask("south", "queue.list")).matters.some((x) => x.id === appeal.id), false);
  await refused(write("modo", "report.decide", { report: appeal.id, decision: "restore", rule: "kept" }), "forbidden"); // who imposed it
  await refused(write("south", "report.decide", { report: appeal.id, decision: "restore", rule: "kept" }), "not_found");
  await write("moda", "report.decide", { report: appeal.id, decision: "restore", rule: "kept" });
  await write("ben", "post.create", { thread: it.id, text: "back" });
  const back = (await ask("ben", "sanction.mine")).sanctions[0];
  assert.deepEqual([back.pardoned.as, back.decision], ["moderator", "restore"]);
});

test("a moderator's queue warns, silences and suspends in its room", async () => {
  for (const [decision, act, more] of [["warned", "warn", {}], ["silence", "silence", { until: Date.now() + 6e5 }], ["suspend", "suspend", {}]]) {
    const it = await talk("eve");
    const { id } = await write("ana", "report.create", { thread: it.id, rule: "rude" });
    const before = (await ask("modo", "sanction.list", { member: people.eve })).sanctions.length;
    await write("south", "report.decide", { report: id, decision, rule: "rude", ...more });
    const now = (await ask("modo", "sanction.list", { member: people.eve })).sanctions;
    assert.deepEqual([now.length, now[0].act, now[0].room, now[0].until], [before + 1, act, room, more.until]);
    if (act !== "warn") await refused(talk("eve"), "forbidden");
    await write("modo", "member.pardon", { sanction: now[0].id });
  }
});

test("a replay ends the same, and the journal tells each what the ring told", async (t) => {
  await impose("modo", "eve", "silence", { room });
  await daemon.stop();
  assert.match(cli("verify", "--data", dir), /rebuild agree/);
  daemon = await serve(dir); // nothing is in the ring
  await refused(talk("eve"), "forbidden");
  const { seq } = await write("admin", "region.create", { slug: "the-last", name: "Last" });
  for (const Carrier of Object.values(carriers)) {
    const told = {};
    for (const who of ["ana", "dan", "south", "modo"]) {
      const back = await line(t, Carrier, who, 0, []);
      await back.until(() => back.cursor >= seq, `resume of ${who}`);
      told[who] = back.entries.filter((e) => e.kind === "member.sanction" || e.kind === "member.pardon" || (e.kind === "appeal" && e.sanction));
    }
    assert.deepEqual(told.ana, []);
    assert.deepEqual([told.dan.length, told.dan.every((e) => e.member === people.dan)], [2, true]);
    assert.deepEqual([told.south.length > 5, told.south.every((e) => e.scope === room)], [true, true]);
    assert.deepEqual(new Set(told.modo.map((e) => e.kind)), new Set(["member.sanction", "member.pardon", "appeal"]));
  }
});
