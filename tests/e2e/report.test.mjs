// Reports and appeals: from anyone to those who moderate the room and to nobody else, on either carrier, live and after a while;
// decided once, by somebody impartial, and carried out in the same commit; who reported and who wrote it learn what became of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";
import { carriers } from "./line.mjs";

const WORD = "qwreported";
let daemon, dir, tokens, room, other, people;
let next = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `c${next++}` });
const ask = (who, method, params = {}) => rpc(daemon, tokens[who], method, params);
const refused = (work, code) => assert.rejects(work, (e) => e.data?.code === code, code);
const queue = async (who, params = {}) => (await ask(who, "queue.list", params)).matters;
const posted = async (text) => {
  const t = await write("ben", "thread.create", { room, title: "Talk", text: "Words." });
  return { thread: t.id, post: (await write("ben", "post.create", { thread: t.id, text })).id };
};

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben", "cleo"]);
  for (const [handle, role] of [["guest", "guest"], ["modo", "moderator"], ["moda", "moderator"], ["south", "member"]]) {
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`, "--role", role);
    tokens[handle] = cli("token", "--data", dir, handle);
  }
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  people = Object.fromEntries((await ask("admin", "member.list")).members.map((m) => [m.handle, m.id]));
  room = (await ask("ana", "room.list")).rooms[0].id;
  const region = (await write("admin", "region.create", { slug: "south", name: "South" })).id;
  other = (await write("admin", "room.create", { region, slug: "other", name: "Other" })).id;
  await write("admin", "member.role", { member: people.south, role: "moderator", room: other });
});
after(() => daemon?.stop());

for (const [name, Carrier] of Object.entries(carriers))
  test(`a report reaches the room's moderators alone (${name})`, async (t) => {
    const line = async (who, cursor = null) => {
      const l = new Carrier(daemon.ws, tokens[who], { watch: [] }); // moderators hear of it whichever rooms they watch
      t.after(() => l.close());
      if (cursor !== null) Object.assign(l, { hub: "test", cursor });
      await l.until(() => l.isReady, "hello");
      return l;
    };
    const ears = Object.fromEntries(await Promise.all(["ana", "ben", "guest", "south", "modo"].map(async (who) => [who, await line(who)])));
    const from = ears.modo.cursor;
    const it = await posted("unfit");
    const began = Date.now();
    const made = await write("guest", "report.create", { post: it.post, rule: "rude", reason: `${WORD} ${name}` });
    await ears.modo.until(() => ears.modo.entries.some((e) => e.kind === "report" && e.seq === made.seq), "the report");
    assert.ok(Date.now() - began < 2000);
    const first = await write("cleo", "report.create", { post: it.post, rule: "spam", reason: WORD });
    const again = await write("cleo", "report.create", { post: it.post, rule: "spam", reason: WORD }); // once is enough
    assert.equal(again.id, first.id);
    await write("cleo", "report.create", { thread: it.thread, reason: WORD });
    await write("cleo", "report.create", { member: people[name === "WebSocket" ? "ben" : "ana"], room, reason: WORD });
    const end = await write("modo", "report.claim", { report: made.id, on: true });
    await ears.modo.until(() => ears.modo.cursor >= end.seq, "the end");
    const mine = (await queue("modo")).find((m) => m.id === made.id);
    assert.deepEqual([mine.post, mine.of, mine.text, mine.reports.map((r) => r.rule), mine.claimed.by], [it.post, people.ben, "unfit", ["rude", "spam"], people.modo]);
    const last = await write("admin", "region.create", { slug: `r${next}`, name: "Region" }); // an entry that all hear
    for (const who of ["ana", "ben", "guest", "south"]) {
      await ears[who].until(() => ears[who].cursor >= last.seq, "the end");
      assert.equal(JSON.stringify(ears[who].entries).includes("report"), false, who);
      const back = await line(who, 0);
      await back.until(() => back.cursor >= last.seq, "resume");
      assert.equal(JSON.stringify(back.entries).includes(WORD), false, who);
      assert.deepEqual(await queue(who), []);
      await refused(write(who, "report.claim", { report: made.id, on: true }), "not_found");
      await refused(write(who, "report.decide", { report: made.id, decision: "keep", rule: "kept" }), "not_found");
      for (const [method, params] of [["log.list", { room }], ["log.list", {}], ["search.query", { text: WORD }]])
        assert.equal(JSON.stringify(await ask(who, method, params)).includes(WORD), false, `${who} ${method}`);
    }
    const back = await line("moda", from);
    await back.until(() => back.cursor >= last.seq, "resume");
    assert.deepEqual(back.entries.filter((e) => e.kind.startsWith("report")).map((e) => e.kind), ["report", "report", "report", "report", "report.claim"]);
  });

test("those closest to the room are asked first, and all who moderate it see it", async () => {
  const thread = (await write("south", "thread.create", { room: other, title: "South", text: "Words." })).id;
  const { id } = await write("ana", "report.create", { thread, rule: "spam" });
  const seen = async (who) => (await queue(who)).find((m) => m.id === id);
  assert.deepEqual([(await seen("south")).of, (await seen("south")).asked, (await seen("south")).yours], [people.south, "hub", undefined]);
  assert.equal((await seen("modo")).yours, true);
  await refused(write("south", "report.decide", { report: id, decision: "keep", rule: "kept" }), "forbidden"); // their own thread
  await refused(write("south", "report.create", { thread, rule: "spam" }), "conflict");
  const made = await write("ana", "report.create", { member: people.ben, room: other, rule: "spam" });
  const about = async (who) => (await queue(who)).find((m) => m.id === made.id);
  assert.deepEqual([(await about("south")).asked, (await about("south")).yours], ["room", true]);
  assert.deepEqual([(await about("modo")).asked, (await about("modo")).yours], ["room", undefined]);
  await write("modo", "report.decide", { report: made.id, decision: "keep", rule: "kept" });
  assert.equal((await queue("modo", { decided: true })).find((m) => m.id === made.id).asked, undefined);
});

test("two who decide at once: one clear outcome; who is concerned does not decide", async () => {
  const it = await posted("to be decided");
  const { id } = await write("ana", "report.create", { post: it.post, rule: "rude" });
  const both = await Promise.allSettled([
    write("modo", "report.decide", { report: id, decision: "hide", rule: "rude" }),
    write("moda", "report.decide", { report: id, decision: "keep", rule: "kept" }),
  ]);
  assert.deepEqual(both.map((r) => r.status).sort(), ["fulfilled", "rejected"]);
  assert.equal(both.find((r) => r.status === "rejected").reason.data.code, "conflict");
  const [m] = await queue("modo", { decided: true });
  const p = (await ask("ana", "post.list", { thread: it.thread })).posts.find((x) => x.id === it.post);
  assert.equal(m.id, id);
  assert.equal(p.hidden !== undefined, m.decided.decision === "hide");
  const [own] = (await ask("ana", "report.mine")).matters;
  assert.deepEqual([own.id, own.decided.decision, own.decided.by, own.of, own.claimed], [id, m.decided.decision, undefined, undefined, undefined]);

  const mods = await write("modo", "post.create", { thread: it.thread, text: "by a moderator" });
  const about = await write("ana", "report.create", { post: mods.id, rule: "rude" });
  await refused(write("modo", "report.decide", { report: about.id, decision: "keep", rule: "kept" }), "forbidden");
  await refused(write("modo", "report.create", { post: mods.id, rule: "rude" }), "conflict");
  await refused(write("moda", "report.decide", { report: about.id, decision: "lock", rule: "rude" }), "invalid");
  await write("moda", "report.decide", { report: about.id, decision: "redact", rule: "rude", reason: "gone" });
  assert.equal((await ask("ana", "post.list", { thread: it.thread })).posts.at(-1).redacted.reason, "gone");
});

test("an author appeals once, to another moderator, and the words come back", async () => {
  const it = await posted("meant well");
  await write("modo", "post.hide", { post: it.post, rule: "rude" });
  await refused(write("ana", "appeal.create", { post: it.post, reason: "not mine" }), "forbidden");
  const { id } = await write("ben", "appeal.create", { post: it.post, reason: "I meant the bus" });
  await refused(write("ben", "appeal.create", { post: it.post, reason: "again" }), "conflict");
  const seen = (await ask("ben", "post.list", { thread: it.thread })).posts.at(-1);
  assert.equal(seen.hidden.appealed, true);
  const m = (await queue("moda")).find((x) => x.id === id);
  assert.deepEqual([m.appeal, m.text, m.reports[0].reason, m.hidden_by], [true, "meant well", "I meant the bus", people.modo]);
  await refused(write("modo", "report.decide", { report: id, decision: "keep", rule: "kept" }), "forbidden");
  await write("moda", "report.decide", { report: id, decision: "restore", rule: "kept" });
  const back = (await ask("ana", "post.list", { thread: it.thread })).posts.at(-1);
  assert.deepEqual([back.text, back.hidden], ["meant well", undefined]);
  assert.equal((await ask("ben", "report.mine")).matters[0].decided.decision, "restore");
  await refused(write("ben", "appeal.create", { post: it.post, reason: "now" }), "conflict");
  await write("modo", "post.hide", { post: it.post, rule: "rude" });
  await write("ben", "appeal.create", { post: it.post, reason: "a new act, a new appeal" });
});

test("who loses the role meanwhile decides nothing more; a replay ends the same", async () => {
  const it = await posted("late");
  const { id } = await write("ana", "report.create", { post: it.post, rule: "rude" });
  const [, late] = await Promise.allSettled([
    write("admin", "member.role", { member: people.moda, role: "member" }),
    write("moda", "report.decide", { report: id, decision: "hide", rule: "rude" }),
  ]);
  const m = (await queue("modo", { decided: late.status === "fulfilled" })).find((x) => x.id === id);
  assert.equal(m.decided !== undefined, late.status === "fulfilled");
  await refused(write("moda", "report.claim", { report: id, on: true }), "not_found");
  await daemon.stop();
  assert.match(cli("verify", "--data", dir), /rebuild agree/);
  daemon = await serve(dir);
});
