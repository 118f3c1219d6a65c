// What one moderator asks for that moves more than 20 messages waits for a second one, if there is one who could do it too:
// nothing has moved before, nobody hears of it but who moderates both places, one answer counts, and it is carried out as it
// was asked for or not at all.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";
import { carriers } from "./line.mjs";

const MANY = 21; // one more than needs nobody else
let dir, daemon, tokens, people, region;
let next = 0;
const cid = () => `s${next++}`;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: cid() });
const ask = (who, method, params = {}) => rpc(daemon, tokens[who], method, params);
const refused = (work, code) => work.then((r) => assert.fail(`done, expected ${code}: ${JSON.stringify(r)}`), (e) => {
  assert.equal(e.data?.code, code, e.message);
  return e;
});
const decide = (who, report, decision, why = {}) => write(who, "report.decide", { report, decision, ...why });
const waiting = async (who, room) => (await ask(who, "queue.list")).matters.filter((m) => m.room === room);
const posts = async (who, thread) => (await ask(who, "post.list", { thread, limit: 100 })).posts.map((p) => p.id);
const role = (member, to, room) => write("admin", "member.role", { member: people[member], role: to, ...(room && { room }) });

before(async () => {
  dir = tempDir();
  cli("init", "--data", dir, "--hub", "test", "--name", "Test hub");
  tokens = { admin: cli("token", "--data", dir, "admin") };
  for (const handle of ["ana", "modo", "moda", "mona"]) {
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`);
    tokens[handle] = cli("token", "--data", dir, handle);
  }
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  people = Object.fromEntries((await ask("admin", "member.list")).members.map((m) => [m.handle, m.id]));
  region = (await ask("ana", "room.list")).regions[0].id;
});
after(async () => {
  await daemon?.stop();
  assert.match(cli("verify", "--data", dir), /chains, database and rebuild agree/);
});

let rooms = 0;
// A room with two moderators of its own, and in it a thread of so many posts of hers.
async function room({ moderators = ["modo", "moda"], access = "open" } = {}) {
  const { id, chat } = await write("admin", "room.create", { region, slug: `s${rooms++}`, name: `Room ${rooms}`, access });
  for (const who of access === "open" ? ["ana"] : ["ana", ...moderators])
    await (access === "open" ? write(who, "room.join", { room: id }) : write("admin", "room.invite", { room: id, member: people[who] }));
  for (const who of moderators) await role(who, "moderator", id);
  return { id, chat };
}
async function talk(room, count, word = "Word", title = "Long") {
  const { id, post } = await write("ana", "thread.create", { room, title, text: `${word} 1` });
  const list = [post];
  for (let i = 2; i <= count; i++) list.push((await write("ana", "post.create", { thread: id, text: `${word} ${i}` })).id);
  return { id, posts: list };
}

test("20 messages are one moderator's, 21 wait for another: then both are on record, and it is taken back at once", async () => {
  const it = await room(), long = await talk(it.id, 30);
  const other = await talk(it.id, 1, "Other", "Other");
  const few = await write("modo", "post.move", { posts: long.posts.slice(0, 20), to: other.id });
  assert.deepEqual([few.held, (await posts("ana", other.id)).length], [undefined, 21]);
  await write("modo", "thread.undo", { entry: few.seq });
  const chosen = long.posts.slice(0, MANY);
  const asked = { posts: [...chosen, chosen[3]].reverse(), title: "Apart", kind: "question", cid: cid() };
  const held = await ask("modo", "post.move", asked);
  assert.deepEqual(Object.keys(held).sort(), ["held", "seq"]);
  assert.deepEqual(await ask("modo", "post.move", asked), held); // the same cid answers the first outcome
  assert.deepEqual(await posts("ana", long.id), long.posts);
  await refused(ask("modo", "thread.get", { thread: `test-${held.seq}` }), "not_found"); // where a client would look that knows of no second
  const matter = `test-${held.seq}`;
  const [m] = await waiting("moda", it.id);
  assert.deepEqual([m.id, m.ask, m.of, m.title, m.text, m.yours],
    [matter, "move", people.modo, "Long", "Word 1", true]);
  assert.deepEqual(m.does, { thread: long.id, room: it.id, to_room: it.id, title: "Apart", type: "question", posts: chosen, count: MANY });
  const [own] = await waiting("modo", it.id);
  assert.deepEqual([own.id, own.yours], [matter, undefined]);
  assert.equal((await ask("modo", "report.mine")).matters[0].id, matter);

  await refused(decide("modo", matter, "approve"), "forbidden");
  await refused(write("modo", "report.claim", { report: matter, on: true }), "forbidden");
  await refused(decide("ana", matter, "approve"), "not_found");
  await refused(decide("moda", matter, "keep", { rule: "kept" }), "invalid");
  const yes = await decide("moda", matter, "approve");
  await refused(decide("admin", matter, "refuse", { rule: "other" }), "conflict");
  const apart = `test-${yes.seq + 1}`;
  assert.deepEqual(await posts("ana", apart), chosen);
  const { thread } = await ask("ana", "thread.get", { thread: apart });
  assert.deepEqual([thread.title, thread.kind, thread.by], ["Apart", "question", people.ana]);
  const acts = async (who) => (await ask(who, "log.list", { room: it.id })).acts.filter((a) => a.entry.kind === "posts.moved_in");
  const [open] = await acts("ana");
  assert.deepEqual([open.entry.by, open.entry.approved, open.second], [null, matter, undefined]); // two acted, and nobody is named
  assert.deepEqual((await acts("admin")).map((a) => [a.entry.by, a.second])[0], [people.modo, people.moda]);
  assert.deepEqual((await acts("modo")).map((a) => [a.entry.by, a.second])[0], [people.modo, undefined]);
  assert.deepEqual((await acts("moda")).map((a) => [a.entry.by, a.second])[0], [null, people.moda]);
  const decided = (await ask("moda", "queue.list", { decided: true })).matters.find((d) => d.id === matter);
  assert.deepEqual([decided.decided.by, decided.decided.decision, decided.does.count], [people.moda, "approve", MANY]);

  const back = await write("moda", "thread.undo", { entry: yes.seq });
  assert.equal(back.held, undefined);
  assert.deepEqual(await posts("ana", long.id), long.posts);
  const again = await write("modo", "thread.undo", { entry: back.seq }); // whoever did it may take it back both ways
  assert.equal(again.held, undefined);
  assert.deepEqual(await posts("ana", apart), chosen);
});

test("a thread of more than 20 messages is merged by two, a shorter one by one, and a thread as a whole is moved by one", async () => {
  const it = await room(), to = await talk(it.id, 1, "Other", "Other");
  const short = await talk(it.id, 20), long = await talk(it.id, MANY);
  assert.equal((await write("modo", "thread.merge", { thread: short.id, into: to.id })).held, undefined);
  const held = await write("modo", "thread.merge", { thread: long.id, into: to.id });
  assert.equal(held.held, true);
  await write("ana", "post.create", { thread: long.id, text: "Said meanwhile" }); // merged is what is there then
  const [m] = await waiting("moda", it.id);
  assert.deepEqual([m.ask, m.title, m.to_title], ["merge", "Long", "Other"]);
  assert.deepEqual(m.does, { thread: long.id, room: it.id, to: to.id, to_room: it.id, count: MANY });
  const yes = await decide("moda", m.id, "approve");
  assert.equal((await ask("ana", "thread.get", { thread: long.id })).thread.id, to.id);
  assert.equal((await posts("ana", to.id)).length, 1 + 20 + MANY + 1);
  await write("modo", "thread.undo", { entry: yes.seq });
  assert.equal((await posts("ana", long.id)).length, MANY + 1);
  const there = await room();
  assert.equal((await write("modo", "thread.move", { thread: long.id, room: there.id })).held, undefined);
});

test("where nobody else could do it, one moderator does it alone; an admin waits like everybody", async () => {
  const alone = async (moderators) => {
    const it = await room({ moderators }), long = await talk(it.id, MANY + 1);
    return write("modo", "post.move", { posts: long.posts.slice(0, MANY), title: "Apart" });
  };
  assert.equal((await alone(["modo"])).held, true); // the hub's admin is there
  const it = await room({ moderators: ["modo"] }), long = await talk(it.id, MANY + 1);
  assert.equal((await write("admin", "post.move", { posts: long.posts.slice(0, MANY), title: "Apart" })).held, true);

  // A hub with one who can come in at all.
  const one = tempDir();
  const own = hub(one, ["ana"]);
  cli("member", "add", "--data", one, "idle", "--name", "Never came", "--role", "moderator"); // no link, no session
  const small = await serve(one, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  const say = (who, method, params) => rpc(small, own[who], method, { ...params, cid: cid() });
  const lobby = (await rpc(small, own.admin, "room.list", {})).rooms[0];
  await say("ana", "room.join", { room: lobby.id });
  const made = async () => {
    const list = [];
    for (let i = 0; i < MANY; i++) list.push((await say("ana", "post.create", { thread: lobby.chat, text: `w${i}` })).id);
    return list;
  };
  assert.equal((await say("admin", "post.move", { posts: await made(), title: "A" })).held, undefined);
  const idle = (await rpc(small, own.admin, "member.list", {})).members.find((m) => m.handle === "idle").id;
  cli("link", "--data", one, "idle");
  assert.equal((await say("admin", "post.move", { posts: await made(), title: "B" })).held, true);
  for (const act of ["silence", "suspend"]) {
    const { id } = await say("admin", "member.sanction", { member: idle, act, rule: "other" });
    assert.equal((await say("admin", "post.move", { posts: await made(), title: act })).held, undefined, act);
    await say("admin", "member.pardon", { sanction: id });
  }
  assert.equal((await say("admin", "post.move", { posts: await made(), title: "C" })).held, true);
  await small.stop();
});

test("of a yes and a no at the same time one counts, and who proposed it takes it back whoever looks at it", async () => {
  for (let round = 0; round < 6; round++) {
    const it = await room(), long = await talk(it.id, MANY + 1);
    const { seq } = await write("modo", "post.move", { posts: long.posts.slice(0, MANY), title: "Apart" });
    const both = [decide("moda", `test-${seq}`, "approve"), decide("admin", `test-${seq}`, "refuse", { rule: "other" })];
    const done = await Promise.allSettled(round % 2 ? both : both.reverse());
    assert.equal(done.filter((d) => d.status === "fulfilled").length, 1);
    assert.equal(done.find((d) => d.status === "rejected").reason.data.code, "conflict");
    const yes = (await ask("admin", "queue.list", { decided: true })).matters.find((m) => m.id === `test-${seq}`).decided.decision === "approve";
    assert.equal((await posts("ana", long.id)).length, yes ? 1 : MANY + 1);
  }
  const it = await room(), long = await talk(it.id, MANY + 1);
  const { seq } = await write("modo", "post.move", { posts: long.posts.slice(0, MANY), title: "Apart" });
  await write("moda", "report.claim", { report: `test-${seq}`, on: true });
  await refused(decide("admin", `test-${seq}`, "approve"), "conflict");
  await decide("modo", `test-${seq}`, "refuse");
  await refused(decide("moda", `test-${seq}`, "approve"), "conflict");
  assert.equal((await posts("ana", long.id)).length, MANY + 1);
});

test("what changed meanwhile is told and nothing is carried out; a message that was removed goes along as it is", async () => {
  const it = await room(), to = await talk(it.id, 1, "Other", "Other"), there = await room();
  const propose = async () => {
    const long = await talk(it.id, MANY + 1);
    const { seq, held } = await write("modo", "post.move", { posts: long.posts.slice(0, MANY), to: to.id });
    assert.equal(held, true);
    return { ...long, matter: `test-${seq}` };
  };
  const stays = async (long, field) => {
    const e = await refused(decide("moda", long.matter, "approve"), "conflict");
    if (field) assert.equal(e.data.field, field, e.message);
  };
  const demoted = await propose();
  await role("modo", "guest", it.id);
  await stays(demoted, "member");
  assert.equal((await posts("ana", demoted.id)).length, MANY + 1);
  await role("modo", "moderator", it.id);
  await decide("moda", demoted.matter, "approve"); // they may again

  const banned = await propose();
  const { id: ban } = await write("admin", "member.sanction", { member: people.modo, act: "ban", rule: "other" });
  await stays(banned, "member");
  await write("admin", "member.pardon", { sanction: ban });
  const silenced = await write("admin", "member.sanction", { member: people.modo, act: "silence", room: it.id, rule: "other" });
  await stays(banned, "member");
  await write("admin", "member.pardon", { sanction: silenced.id });

  const moved = await propose();
  await write("admin", "post.move", { posts: [moved.posts[5]], title: "Elsewhere" });
  await stays(moved, "thread");
  const gone = await propose();
  await write("admin", "post.move", { posts: gone.posts.slice(0, 2), to: to.id });
  await stays(gone, "thread");
  const merged = await propose();
  const held = await write("admin", "thread.merge", { thread: merged.id, into: to.id });
  await decide("moda", `test-${held.seq}`, "approve");
  await stays(merged, "thread");
  const away = await propose();
  await write("modo", "thread.move", { thread: away.id, room: there.id });
  await stays(away, "thread");
  const into = await talk(it.id, 1, "Into", "Into"), target = await talk(it.id, MANY + 1);
  const late = await write("modo", "post.move", { posts: target.posts.slice(0, MANY), to: into.id });
  await write("admin", "thread.merge", { thread: into.id, into: to.id });
  await stays({ matter: `test-${late.seq}` }, "thread");

  const redacted = await propose();
  await write("ana", "post.redact", { post: redacted.posts[2], reason: "A slip." });
  await write("moda", "post.hide", { post: redacted.posts[3], rule: "spam" });
  await decide("moda", redacted.matter, "approve");
  assert.deepEqual(await posts("ana", redacted.id), redacted.posts.slice(MANY));
});

for (const [name, Carrier] of Object.entries(carriers))
  test(`a proposal is told to who moderates the more closed of two rooms alone, and holds no message (${name})`, async (t) => {
    const word = `qwsec${name.slice(0, 3).toLowerCase()}ond`, title = `${word}title`;
    const closed = await room({ moderators: ["modo", "mona"], access: "private" }), open = await room({ moderators: ["modo", "moda"] });
    const lines = {};
    for (const who of ["ana", "moda", "mona", "modo"]) {
      lines[who] = new Carrier(daemon.ws, tokens[who]);
      t.after(() => lines[who].close());
      await lines[who].until(() => lines[who].isReady, "hello");
    }
    const hears = (who, held) => lines[who].entries.some((e) => e.kind === "ask" && e.seq === held.seq);
    const level = async () => {
      const end = await write("ana", "post.create", { thread: open.chat, text: "level" });
      for (const line of Object.values(lines)) await line.until(() => line.cursor >= end.seq, "the end");
    };
    // Out of the private room: its moderators alone hear of it, and none that holds a word of it.
    const secret = await talk(closed.id, MANY + 1, word, `${word}thread`);
    const out = await write("modo", "post.move", { posts: secret.posts.slice(0, MANY), title, room: open.id });
    assert.equal(out.held, true);
    await level();
    assert.deepEqual(["ana", "moda", "mona", "modo"].map((who) => hears(who, out)), [false, false, true, true]);
    assert.equal(JSON.stringify(lines.mona.entries.find((e) => e.seq === out.seq)).includes(`${word} `), false);
    for (const who of ["moda"]) {
      const told = JSON.stringify([lines[who].entries, (await ask(who, "queue.list")).matters, (await ask(who, "log.list", { room: open.id })).acts]);
      assert.equal(told.includes(word) || told.includes(closed.id), false, told);
    }
    // Who moderates one of the two alone does not decide.
    const [m] = await waiting("mona", closed.id);
    assert.deepEqual([m.id, m.yours, m.does.to_room], [`test-${out.seq}`, undefined, open.id]);
    await refused(decide("mona", m.id, "approve"), "forbidden");
    await refused(decide("moda", m.id, "approve"), "not_found");
    assert.equal((await waiting("admin", closed.id))[0].yours, true);
    await decide("admin", m.id, "approve");
    assert.equal((await ask("moda", "search.query", { text: title })).hits.length, 1);
    // Into the private room: the other way round.
    const plain = await talk(open.id, MANY + 1, "plain");
    const into = await write("modo", "post.move", { posts: plain.posts.slice(0, MANY), title: `${word}hidden`, room: closed.id });
    await level();
    assert.deepEqual(["ana", "moda", "mona"].map((who) => hears(who, into)), [false, false, true]);
    assert.equal(JSON.stringify([lines.moda.entries, (await ask("moda", "queue.list")).matters]).includes(`${word}hidden`), false);
    await decide("admin", `test-${into.seq}`, "refuse", { reason: "Not there." });
    assert.equal((await posts("ana", plain.id)).length, MANY + 1);
    // A thread that moves where one may not look takes its title out of the queue.
    const shy = await talk(open.id, MANY + 1, word, `${word}shy`);
    const later = await write("modo", "post.move", { posts: shy.posts.slice(0, MANY), title: "Apart" });
    assert.equal((await waiting("moda", open.id)).find((x) => x.id === `test-${later.seq}`).title, `${word}shy`);
    await write("modo", "thread.move", { thread: shy.id, room: closed.id });
    assert.equal(JSON.stringify(await waiting("moda", open.id)).includes(word), false);
    await refused(decide("moda", `test-${later.seq}`, "approve"), "conflict");
    // Between two private rooms neither may be told of the other.
    const other = await room({ moderators: ["modo"], access: "private" });
    const both = await talk(closed.id, MANY + 1, word);
    await refused(write("modo", "post.move", { posts: both.posts.slice(0, MANY), title: "T", room: other.id }), "conflict");
    assert.equal((await write("modo", "post.move", { posts: both.posts.slice(0, 20), title: "T", room: other.id })).held, undefined);
  });

test("more than 20 proposals of one moderator do not wait in a room", async () => {
  const it = await room(), long = await talk(it.id, MANY + 1);
  const propose = (i) => write("modo", "post.move", { posts: long.posts.slice(0, MANY), title: `T${i}` });
  for (let i = 0; i < 20; i++) assert.equal((await propose(i)).held, true);
  await refused(propose(20), "conflict");
  await decide("modo", (await waiting("modo", it.id))[0].id, "refuse");
  assert.equal((await propose(21)).held, true);
});
