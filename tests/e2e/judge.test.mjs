// Who judges: nobody in their own matter, whatever way they take to it; every matter can be brought to its end; and what went
// behind a door is named to nobody before it, in the record neither.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";
import { carriers } from "./line.mjs";

let daemon, dir, tokens, room, closed, people;
let next = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `j${next++}` });
const ask = (who, method, params = {}) => rpc(daemon, tokens[who], method, params);
const refused = (work, code) => assert.rejects(work, (e) => e.data?.code === code, code);
const matter = async (id, params = {}) => (await ask("moda", "queue.list", params)).matters.find((m) => m.id === id);
const talk = (who, title = "Talk", kind = "discussion", at = room) => write(who, "thread.create", { room: at, title, kind, text: "Words." });

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben"]);
  for (const handle of ["modo", "moda"]) {
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`, "--role", "moderator");
    tokens[handle] = cli("token", "--data", dir, handle);
  }
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  people = Object.fromEntries((await ask("admin", "member.list")).members.map((m) => [m.handle, m.id]));
  const list = await ask("admin", "room.list");
  room = list.rooms[0].id;
  closed = (await write("admin", "room.create", { region: list.regions[0].id, slug: "closed", name: "Closed", access: "private" })).id;
  await write("admin", "room.invite", { room: closed, member: people.modo });
});
after(() => daemon?.stop());

test("a matter about a thread that was merged since is claimed and decided", async () => {
  const [one, two] = [await talk("ben"), await talk("ben")];
  const { id } = await write("ana", "report.create", { thread: one.id, rule: "spam" });
  await write("modo", "thread.merge", { thread: one.id, into: two.id });
  await write("modo", "report.claim", { report: id, on: true });
  await refused(write("modo", "report.decide", { report: id, decision: "lock", rule: "spam" }), "conflict"); // nobody posts there
  await write("modo", "report.decide", { report: id, decision: "keep", rule: "kept" });
  assert.equal((await matter(id, { decided: true })).decided.decision, "keep");
});

test("who began a thread does not decide what is said of it, and nobody keeps others from their own matter", async () => {
  const mine = await talk("modo");
  const { id } = await write("ana", "report.create", { thread: mine.id, rule: "spam" });
  await refused(write("modo", "report.decide", { report: id, decision: "keep", rule: "kept" }), "forbidden");
  await refused(write("modo", "report.claim", { report: id, on: true }), "forbidden");
  assert.deepEqual([(await matter(id)).of, (await matter(id)).reports[0].by], [people.modo, people.ana]);
  await write("moda", "report.decide", { report: id, decision: "lock", rule: "spam" });
  await refused(write("modo", "report.create", { thread: mine.id, rule: "spam" }), "conflict");
  const about = await write("ana", "report.create", { member: people.modo, room, rule: "rude" });
  await refused(write("modo", "report.claim", { report: about.id, on: true }), "forbidden");
});

for (const [name, Carrier] of Object.entries(carriers))
  test(`a moderator who is reported does not learn by whom (${name})`, async (t) => {
    const it = await talk("modo");
    const line = new Carrier(daemon.ws, tokens.modo);
    t.after(() => line.close());
    await line.until(() => line.isReady, "hello");
    const made = await write("ana", "report.create", { post: it.post, rule: "rude" });
    await line.until(() => line.entries.some((e) => e.seq === made.seq), "the report");
    assert.equal(line.entries.find((e) => e.seq === made.seq).by, null);
    const own = await ask("modo", "queue.list");
    assert.equal(own.matters.find((m) => m.id === made.id).reports[0].by, null);
    assert.equal((await matter(made.id)).reports[0].by, people.ana);
  });

test("a moderator's own post is shown again by another one", async () => {
  const it = await talk("modo");
  await write("moda", "post.hide", { post: it.post, rule: "rude" });
  await refused(write("modo", "post.restore", { post: it.post, rule: "undone" }), "forbidden");
  await write("moda", "post.restore", { post: it.post, rule: "undone" });
  await write("modo", "post.hide", { post: it.post, rule: "other", reason: "oops" });
  await write("modo", "post.restore", { post: it.post, rule: "undone" }); // their own act they may take back
});

test("whoever hid a post does not end the appeal by removing it for good", async () => {
  const it = await talk("ben");
  await write("modo", "post.hide", { post: it.post, rule: "rude" });
  const { id } = await write("ben", "appeal.create", { post: it.post, reason: "I meant the bus" });
  await refused(write("modo", "post.redact", { post: it.post, reason: "away" }), "forbidden");
  await refused(write("modo", "report.decide", { report: id, decision: "keep", rule: "kept" }), "forbidden");
  await write("moda", "report.decide", { report: id, decision: "restore", rule: "kept" });
});

test("posts that came with an answer bring none to a thread that is no question", async () => {
  const asked = await talk("ben", "How?", "question");
  const into = await talk("ben", "Talk");
  const post = (await write("ana", "post.create", { thread: asked.id, text: "So." })).id;
  await write("ben", "thread.answer", { thread: asked.id, post });
  const answer = async (thread) => (await ask("ana", "thread.get", { thread })).thread.answer;
  const merged = await write("modo", "thread.merge", { thread: asked.id, into: into.id });
  const undone = await write("modo", "thread.undo", { entry: merged.seq });
  assert.equal(await answer(asked.id), post);
  const again = await write("modo", "thread.undo", { entry: undone.seq });
  assert.equal(await answer(into.id), undefined);
  await write("modo", "thread.undo", { entry: again.seq });
  const apart = await write("modo", "post.move", { posts: [post], to: into.id });
  await write("modo", "thread.kind", { thread: asked.id, kind: "discussion" });
  await write("modo", "thread.undo", { entry: apart.seq });
  assert.equal(await answer(asked.id), undefined);
});

test("a thread behind a door that was merged into an open one leads nobody there who may not see it", async () => {
  const inner = await talk("modo", "Inner", "discussion", closed);
  const outer = await talk("ben", "Outer");
  await write("modo", "thread.merge", { thread: inner.id, into: outer.id });
  const answers = (thread) => write("ana", "post.create", { thread, text: "hello" }).then(() => "posted", (e) => `${e.data.code} ${e.message}`);
  assert.equal(await answers(inner.id), await answers("test-9000000"));
  await write("modo", "post.create", { thread: inner.id, text: "from within" });
  const to = (into) => write("moda", "thread.merge", { thread: outer.id, into }).then(() => "merged", (e) => `${e.data.code} ${e.message}`);
  assert.equal(await to(inner.id), await to("test-9000000"));
});

test("the log names no title of a thread that is behind a door now", async () => {
  const WORD = "zqxtitle";
  const it = await talk("modo", "Plain", "discussion", closed);
  const seqs = [];
  await write("modo", "thread.rename", { thread: it.id, title: `${WORD} one` });
  seqs.push((await write("modo", "thread.move", { thread: it.id, room })).seq);
  seqs.push((await write("moda", "thread.rename", { thread: it.id, title: `${WORD} two` })).seq);
  const log = async (who) => JSON.stringify((await ask(who, "log.list", { room })).acts);
  assert.match(await log("ana"), new RegExp(`${WORD} two`));
  await write("modo", "thread.move", { thread: it.id, room: closed });
  for (const who of ["ana", "moda"]) assert.equal((await log(who)).includes(WORD), false, who);
  assert.match(await log("modo"), new RegExp(`${WORD} two`));
});

for (const [name, Carrier] of Object.entries(carriers))
  test(`why a post was reported goes with it behind a door (${name})`, async (t) => {
    const WORD = `zqxreason${name === "WebSocket" ? "a" : "b"}`;
    const it = await talk("ben");
    const { seq: from } = await ask("moda", "room.list");
    await write("ana", "report.create", { post: it.post, rule: "rude", reason: WORD });
    const post = (await write("ben", "post.create", { thread: it.id, text: "More." })).id;
    await write("modo", "post.hide", { post, rule: "rude" });
    await write("ben", "appeal.create", { post, reason: `${WORD} appeal` });
    await write("modo", "post.move", { posts: [it.post, post], title: "Apart", room: closed }).catch(() => null);
    await write("modo", "post.create", { thread: it.id, text: "stays" });
    await write("modo", "post.move", { posts: [it.post, post], title: "Apart", room: closed });
    const last = await write("admin", "region.create", { slug: `r${next}`, name: "Region" });
    for (const [who, sees] of [["moda", false], ["modo", true]]) {
      for (const watch of [undefined, [room]]) {
        if (sees && watch) continue;
        const line = new Carrier(daemon.ws, tokens[who], { watch });
        t.after(() => line.close());
        Object.assign(line, { hub: "test", cursor: 0 });
        await line.until(() => line.cursor >= last.seq, "resume");
        const told = line.entries.filter((e) => e.seq > from);
        assert.equal(JSON.stringify(told).includes(WORD), sees, `${who}: ${JSON.stringify(told)}`);
      }
    }
    assert.equal(JSON.stringify(await ask("moda", "queue.list")).includes(WORD), false);
  });

for (const [name, Carrier] of Object.entries(carriers))
  test(`why a post was reported is for who moderates where it stands, in an open room too (${name})`, async (t) => {
    const WORD = `zqxopen${name === "WebSocket" ? "a" : "b"}`;
    const { regions } = await ask("admin", "room.list");
    const second = (await write("admin", "room.create", { region: regions[0].id, slug: `second-${next}`, name: "Second" })).id;
    await write("admin", "member.role", { member: people.ana, role: "moderator", room });
    const it = await talk("ben");
    const { seq: from } = await ask("moda", "room.list");
    await write("ben", "report.create", { member: people[name === "WebSocket" ? "modo" : "moda"], room, rule: "rude", reason: `stays${WORD.slice(3)}` });
    await write("modo", "report.create", { post: it.post, rule: "rude", reason: WORD });
    await write("modo", "thread.move", { thread: it.id, room: second });
    const last = await write("admin", "region.create", { slug: `r${next}`, name: "Region" });
    for (const cursor of [0, from - 1]) // of long ago from the journal, of now from memory
      for (const [who, sees] of [["ana", false], ["moda", true]]) {
        const line = new Carrier(daemon.ws, tokens[who]);
        t.after(() => line.close());
        Object.assign(line, { hub: "test", cursor });
        await line.until(() => line.cursor >= last.seq, "resume");
        const told = JSON.stringify(line.entries.filter((e) => e.seq >= from));
        if (!sees || cursor === 0) assert.equal(told.includes(WORD), sees, `${who} from ${cursor}`);
        assert.ok(told.includes(`stays${WORD.slice(3)}`), `${who} from ${cursor}`);
      }
    await write("admin", "member.role", { member: people.ana, role: "member", room });
  });

const told = async (who, id) => {
  const m = (await ask(who, "queue.list")).matters.find((x) => x.id === id);
  return [m.yours === true, m.not_yours === true];
};

test("who reported something does not decide about it, while somebody else could", async () => {
  const it = await talk("ben");
  const { id } = await write("modo", "report.create", { post: it.post, rule: "rude" });
  await refused(write("modo", "report.claim", { report: id, on: true }), "forbidden");
  await refused(write("modo", "report.decide", { report: id, decision: "hide", rule: "rude" }), "forbidden");
  assert.deepEqual([await told("modo", id), await told("moda", id)], [[false, true], [true, false]]);
  await write("moda", "report.create", { post: it.post, rule: "rude" });
  await refused(write("modo", "report.decide", { report: id, decision: "hide", rule: "rude" }), "forbidden"); // the admin could
  await write("admin", "report.create", { post: it.post, rule: "rude" });
  assert.deepEqual(await told("modo", id), [true, false]); // nobody is left
  await write("modo", "report.decide", { report: id, decision: "hide", rule: "rude" });
  const away = await talk("ben");
  const again = await write("modo", "report.create", { post: away.post, rule: "rude" });
  await write("moda", "report.decide", { report: again.id, decision: "keep", rule: "kept" });
});

test("whoever ever hid a post does not decide about the appeal, while somebody else could", async () => {
  const it = await talk("ben");
  await write("modo", "post.hide", { post: it.post, rule: "rude" });
  await write("moda", "post.restore", { post: it.post, rule: "kept" });
  await write("moda", "post.hide", { post: it.post, rule: "spam" });
  const { id } = await write("ben", "appeal.create", { post: it.post, reason: "It is not" });
  for (const who of ["modo", "moda"]) {
    await refused(write(who, "report.decide", { report: id, decision: "keep", rule: "kept" }), "forbidden");
    assert.deepEqual(await told(who, id), [false, true]);
  }
  await write("admin", "report.decide", { report: id, decision: "restore", rule: "kept" });
  await write("admin", "post.hide", { post: it.post, rule: "spam" });
  const all = await write("ben", "appeal.create", { post: it.post, reason: "Nor now" });
  await refused(write("admin", "report.decide", { report: all.id, decision: "keep", rule: "kept" }), "forbidden");
  await write("modo", "report.decide", { report: all.id, decision: "restore", rule: "kept" }); // all hid it once
});

test("who is suspended or silenced is none of a room's moderators meanwhile, and not asked", async () => {
  const { regions } = await ask("admin", "room.list");
  const at = (await write("admin", "room.create", { region: regions[0].id, slug: `third-${next}`, name: "Third" })).id;
  await write("admin", "member.role", { member: people.ana, role: "moderator", room: at });
  const it = await talk("ben", "Talk", "discussion", at);
  const { id } = await write("ben", "report.create", { member: people.modo, room: at, rule: "rude" });
  const state = async () => [(await ask("ben", "room.list")).rooms.find((r) => r.id === at).moderators, (await matter(id)).asked];
  assert.deepEqual(await state(), [[people.ana], "room"]);
  for (const [act, scope] of [["silence", { room: at }], ["suspend", { region: regions[0].id }], ["suspend", {}]]) {
    const { id: sanction } = await write("admin", "member.sanction", { member: people.ana, act, rule: "rude", ...scope });
    assert.deepEqual(await state(), [undefined, "hub"], act);
    await write("admin", "member.pardon", { sanction, rule: "kept" });
    assert.deepEqual(await state(), [[people.ana], "room"]);
  }
  assert.ok(it.id);
});

test("who is suspended is mentioned to nobody's notice, and again when that is over", async () => {
  await write("ben", "room.join", { room });
  const it = await talk("ana");
  const named = async () => (await ask("ben", "thread.get", { thread: it.id })).thread.mentions;
  for (const scope of [{ room }, {}]) {
    const { id: sanction } = await write("admin", "member.sanction", { member: people.ben, act: "suspend", rule: "rude", ...scope });
    await write("ana", "post.create", { thread: it.id, text: "What says @ben?" });
    await write("admin", "member.pardon", { sanction, rule: "kept" });
  }
  assert.equal(await named(), 0);
  await write("ana", "post.create", { thread: it.id, text: "And now, @ben?" });
  assert.equal(await named(), 1);
});

test("the log names no author of a post that went behind a door", async () => {
  const it = await talk("ana");
  const post = (await write("ben", "post.create", { thread: it.id, text: "Words." })).id;
  await write("modo", "post.hide", { post, rule: "rude" });
  await write("modo", "post.restore", { post, rule: "kept" });
  const named = async (who) => (await ask(who, "log.list", { room })).acts.filter((a) => a.entry.post === post).map((a) => a.of ?? null);
  assert.deepEqual(await named("ana"), [people.ben, people.ben]);
  await write("modo", "post.move", { posts: [post], title: "Apart", room: closed });
  assert.deepEqual(await named("ana"), [null, null]);
  assert.deepEqual(await named("modo"), [people.ben, people.ben]);
});

test("a replay ends the same", async () => {
  await daemon.stop();
  assert.match(cli("verify", "--data", dir), /rebuild agree/);
  daemon = await serve(dir);
});
