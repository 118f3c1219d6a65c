// What a room's settings hold reaches nobody but who wrote it and the room's moderators: not live and not on resume, on
// either carrier, in no list, count, search, quote, page or error, until a moderator says yes; then everybody has it at once
// and it is new for them. Words and links are found in posts, edits and titles alike.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hub, rpc, cli, serve, tempDir } from "./daemon.mjs";
import { carriers } from "./line.mjs";

let WORD = ""; // one for each test: what was said in another is no leak
let daemon, dir, tokens, people, region;
let next = 0;
const cid = () => `c${next++}`;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: cid() });
const ask = (who, method, params) => rpc(daemon, tokens[who], method, params);
const refused = (work, code) => work.then((r) => assert.fail(`done, expected ${code}: ${JSON.stringify(r)}`), (e) => {
  assert.equal(e.data?.code, code, e.message);
  return e;
});
const say = (who, thread, text) => write(who, "post.create", { thread, text });
const open = (who, room, title, text = "Words.", more = {}) => write(who, "thread.create", { room, title, text, ...more });
const waiting = async (who = "modo") => (await ask(who, "queue.list", {})).matters;
const decide = (who, report, decision, why = {}) => write(who, "report.decide", { report, decision, ...why });

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben", "cleo"]);
  for (const handle of ["modo", "moda"]) {
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`, "--role", "moderator");
    tokens[handle] = cli("token", "--data", dir, handle);
  }
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  people = Object.fromEntries((await ask("admin", "member.list", {})).members.map((m) => [m.handle, m.id]));
  region = (await ask("ana", "room.list", {})).regions[0].id;
});
after(async () => {
  await daemon?.stop();
  assert.match(cli("verify", "--data", dir), /./); // the tables follow from the journal, erased bodies and all
});

const TUS = { "tus-resumable": "1.0.0" };
async function upload(who, name) {
  const headers = { ...TUS, authorization: `Bearer ${tokens[who]}` };
  const made = await fetch(`${daemon.url}/upload`, { method: "POST", headers: { ...headers, "upload-length": "5", "upload-metadata": `filename ${Buffer.from(name).toString("base64")}` } });
  const at = made.headers.get("location");
  const done = await fetch(`${daemon.url}${at}`, { method: "PATCH", body: "words", headers: { ...headers, "content-type": "application/offset+octet-stream", "upload-offset": "0" } });
  assert.equal(done.status, 204);
  return at.split("/").at(-1);
}

let rooms = 0;
async function room(settings = {}, access = "open") {
  const { id, chat } = await write("admin", "room.create", { region, slug: `r${rooms++}`, name: "Room", access });
  const thread = await open("admin", id, "Talk");
  if (access === "open") for (const who of ["ana", "ben", "cleo", "modo", "moda"]) await write(who, "room.join", { room: id });
  if (Object.keys(settings).length > 0) await write("modo", "room.set", { room: id, ...settings });
  return { id, chat, thread: thread.id, post: thread.post };
}
const page = async (who, path) =>
  (await fetch(`${daemon.url}${path}`, { headers: { authorization: `Bearer ${tokens[who]}`, cookie: `baraza=${tokens[who]}` } })).text();

// All that the hub tells somebody of this room and beyond, in one text.
async function told(who, it) {
  const answers = await Promise.all([
    ask(who, "post.list", { thread: it.thread, limit: 100 }), ask(who, "thread.list", { room: it.id }),
    ask(who, "thread.get", { thread: it.thread }), ask(who, "room.list", {}), ask(who, "catchup.list", {}),
    ask(who, "thread.unanswered", {}), ask(who, "search.query", { text: WORD }), ask(who, "thread.similar", { text: `${WORD} title` }),
    ask(who, "log.list", { room: it.id }), ask(who, "queue.list", {}), ask(who, "queue.list", { decided: true }),
    ask(who, "report.mine", {}), ask(who, "draft.list", {}), page(who, `/t/${it.thread}`), page(who, `/r/${it.id}`),
    ask(who, "room.words", { room: it.id }),
  ]);
  return JSON.stringify(answers);
}

for (const [name, Carrier] of Object.entries(carriers))
  test(`what is held reaches its author and moderators alone, until one says yes (${name})`, async (t) => {
    WORD = `qw${name.slice(0, 3).toLowerCase()}heldqw`;
    const it = await room({ hold: "first", hold_threads: true });
    const line = (who, cursor) => {
      const l = new Carrier(daemon.ws, tokens[who]);
      t.after(() => l.close());
      if (cursor) Object.assign(l, { hub: "test", cursor });
      return l.until(() => l.isReady, "hello").then(() => l);
    };
    const [ben, modo] = [await line("ben"), await line("modo")];
    const from = (await ask("ben", "room.list", {})).seq;
    const before = (await ask("ben", "thread.get", { thread: it.thread })).thread;
    const params = { thread: it.thread, text: `${WORD} one @ben`, cid: cid() };
    const held = await ask("ana", "post.create", params);
    assert.deepEqual(Object.keys(held).sort(), ["held", "id", "seq"]);
    assert.deepEqual(await ask("ana", "post.create", params), held); // the same cid answers the first outcome
    const title = await open("ana", it.id, `${WORD} title`, `${WORD} two`);
    assert.equal(title.held, true);
    await modo.until(() => modo.entries.some((e) => e.seq === title.seq), "the moderator's entry");
    assert(JSON.stringify(modo.entries).includes(`${WORD} two`));

    for (const who of ["ben", "cleo"]) assert.equal((await told(who, it)).includes(WORD), false, who);
    for (const id of [held.id, title.id]) {
      for (const [method, p] of [["post.history", { post: id }], ["thread.get", { thread: id }], ["post.list", { thread: id }]])
        assert.equal((await refused(ask("ben", method, p), "not_found")).message.includes(WORD), false);
      await refused(write("ben", "post.create", { thread: it.thread, text: "quoting", reply_to: id }), "invalid");
      for (const method of ["post.react", "report.create", "post.hide"])
        await refused(write("ben", method, { post: id, ...{ "post.react": { emoji: "👍", on: true } }[method] ?? { rule: "spam" } }), "not_found");
      await refused(write("ben", "report.decide", { report: id, decision: "approve" }), "not_found");
    }
    const same = (await ask("ben", "thread.get", { thread: it.thread })).thread;
    assert.deepEqual(same, before); // no count, no time, no author tells that somebody wrote
    const mine = (await ask("ana", "report.mine", {})).matters.filter((m) => m.room === it.id);
    assert.deepEqual(mine.map((m) => [m.ask, m.why, m.title, m.text, m.thread]).reverse(),
      [["post", "first", "Talk", `${WORD} one @ben`, it.thread], ["thread", "first", `${WORD} title`, `${WORD} two`, undefined]]
        .map((row, i) => (i === 1 ? [row[0], "all", ...row.slice(2)] : row)));
    const queue = (await waiting()).filter((m) => m.room === it.id);
    assert.deepEqual(queue.map((m) => [m.id, m.of, m.text]), [[title.id, people.ana, `${WORD} two`], [held.id, people.ana, `${WORD} one @ben`]]);
    const late = await line("cleo", from);
    const lateModo = await line("modo", from);
    const end = await say("admin", it.thread, "the end");
    for (const l of [ben, late, lateModo]) await l.until(() => l.cursor >= end.seq, "the end");
    for (const l of [ben, late]) assert.equal(JSON.stringify(l.entries).includes(WORD), false);
    assert(JSON.stringify(lateModo.entries).includes(WORD));

    const yes = await decide("modo", held.id, "approve");
    await ben.until(() => ben.entries.some((e) => e.text === `${WORD} one @ben`), "the post that was approved");
    const post = ben.entries.find((e) => e.text === `${WORD} one @ben`);
    assert.deepEqual([post.kind, post.by, post.thread, post.seq, post.mentions], ["post", people.ana, it.thread, yes.seq + 1, [people.ben]]);
    const unread = (await ask("ben", "thread.get", { thread: it.thread })).thread;
    assert.deepEqual([unread.unread, unread.mentions], [same.unread + 2, 1]); // new for who had read all
    await decide("moda", title.id, "approve");
    await ben.until(() => ben.entries.some((e) => e.kind === "thread" && e.title === `${WORD} title`), "the thread");
    assert.equal((await ask("cleo", "search.query", { text: WORD })).hits.length, 3);
    assert.equal(JSON.stringify(await ask("ana", "report.mine", {})).includes(people.modo), false);
    assert.equal((await say("ana", it.thread, "one is known now")).held, undefined);
    assert.equal((await open("ana", it.id, "Still asks")).held, true); // all new threads wait
    assert.equal((await say("ben", it.thread, "ben is not known")).held, true);

    // What was said stands in its post alone: taken out there, it is gone for who moderates, too.
    await write("modo", "post.redact", { post: `test-${post.seq}`, reason: "not among us" });
    const again = await line("modo", from);
    await again.until(() => again.cursor >= end.seq + 3, "resume");
    assert.equal(JSON.stringify(again.entries).includes(`${WORD} one`), false);
    assert.equal((await told("modo", it)).includes(`${WORD} one`), false);
  });

test("what is refused stays unsaid; who wrote it hears why, and may write anew", async () => {
  WORD = "qwrefusedqw";
  const it = await room({ hold: "all" });
  const held = await say("ana", it.thread, `${WORD} no`);
  await refused(decide("modo", held.id, "refuse"), "invalid");
  await refused(decide("modo", held.id, "keep", { rule: "kept" }), "invalid");
  await refused(decide("ana", held.id, "approve"), "not_found");
  await decide("modo", held.id, "refuse", { rule: "off_topic", reason: "Another room" });
  const [matter] = (await ask("ana", "report.mine", {})).matters;
  assert.deepEqual([matter.id, matter.decided.decision, matter.decided.rule, matter.decided.reason, matter.decided.by, matter.text],
    [held.id, "refuse", "off_topic", "Another room", undefined, `${WORD} no`]);
  for (const who of ["ben", "cleo"]) assert.equal((await told(who, it)).includes(WORD), false);
  const mine = (await ask("ben", "post.list", { thread: it.thread })).posts;
  assert.equal(mine.length, 1);
});

test("a member's posts that wait are few, so that nobody fills the queue alone", async () => {
  const it = await room({ hold: "all" });
  for (let i = 0; i < 20; i++) await say("ana", it.thread, `${i}`);
  await refused(say("ana", it.thread, "one more"), "conflict");
  await refused(open("ana", it.id, "One more"), "conflict");
  await say("ben", it.thread, "another's");
  const mine = (await waiting()).filter((m) => m.room === it.id && m.of === people.ana);
  await decide("modo", mine[0].id, "refuse", { rule: "spam" });
  assert.equal((await say("ana", it.thread, "again")).held, true);
});

test("two moderators decide at once: one outcome", async () => {
  const it = await room({ hold: "all" });
  const held = await say("ana", it.thread, "once");
  const both = await Promise.allSettled([decide("modo", held.id, "approve"), decide("moda", held.id, "refuse", { rule: "spam" }),
    decide("moda", held.id, "approve")]);
  assert.equal(both.filter((r) => r.status === "fulfilled").length, 1);
  for (const r of both.filter((x) => x.status === "rejected")) assert.equal(r.reason.data.code, "conflict");
  const { posts } = await ask("ben", "post.list", { thread: it.thread });
  assert.equal(posts.filter((p) => p.text === "once").length, both[1].status === "fulfilled" ? 0 : 1);
  await write("admin", "member.role", { member: people.cleo, role: "member", room: it.id });
  const own = await say("cleo", it.thread, "my own");
  await write("admin", "member.role", { member: people.cleo, role: "moderator", room: it.id });
  await refused(decide("cleo", own.id, "approve"), "forbidden"); // who is judged does not judge
});

test("words are looked for in the names of files, too, and in what they show", async () => {
  const it = await room({ words: [{ word: "Scheiße", act: "block" }, { word: "lotería", act: "hold" }, { word: "casino", act: "flag" }] });
  const share = async (name, alt, more = {}) => write("ana", "post.create", { thread: it.thread, files: [{ upload: await upload("ana", name), ...(alt && { alt }), ...more }] });
  for (const [name, alt, more] of [["Die_Scheiße.txt"], ["a.txt", "scheiße"], ["a.txt", "b", { name: "SCHEIßE 2.txt" }]]) {
    const e = await refused(share(name, alt, more), "blocked");
    assert.deepEqual([e.data.word, e.data.field], ["Scheiße", "files"]);
  }
  assert.equal((await share("Die_Scheiße.txt", "b", { name: "a.txt" })).held, undefined); // nobody sees the other name
  const held = await share("loteria.pdf");
  assert.equal(held.held, true);
  assert.equal((await waiting()).find((m) => m.reports && m.word === "lotería")?.why, "words");
  assert.equal((await write("ana", "thread.create", { room: it.id, title: "Fine", files: [{ upload: await upload("ana", "a.txt"), alt: "lotería" }] })).held, true);
  const flagged = await share("casino.txt");
  assert.deepEqual((await waiting()).find((m) => m.post === flagged.id).reports.map((r) => [r.by, r.reason]), [[null, "casino"]]);
});

test("words and links: held, blocked or looked at, in posts, edits and titles, however they are written", async () => {
  const words = [{ word: "Scheiße", act: "block" }, { word: "get rich quick", act: "block" }, { word: "lotería", act: "hold" },
                 { word: "casino", act: "flag" }, { word: "赌博", act: "block" }];
  const it = await room({ words, links: "hold" });
  assert.deepEqual((await ask("ana", "room.words", { room: it.id })).words, words);
  assert.deepEqual((await ask("ana", "room.list", {})).rooms.find((r) => r.id === it.id).set, { links: "hold", words: true });
  const bad = ["scheiße!", "So eine SCHEIßE", "Get  rich, QUICK", "get rich\u200b quick", "sch**eiß**e", "我爱赌博啊", "_Gét_ rich `quick`",
    "ｇｅｔ ｒｉｃｈ ｑｕｉｃｋ", "gеt rісh quісk", "get r[ic](https://example.org)h quick", "get &#114;ich quick", "赌**博**"];
  for (const text of bad) {
    const e = await refused(say("ana", it.thread, text), "blocked");
    assert(words.some((w) => w.word === e.data.word), e.data.word);
    assert.equal(e.data.field, "text");
  }
  for (const text of ["Scheißelig", "get rich slowly, quick", "loteríass"]) assert.equal((await say("ana", it.thread, text)).held, undefined, text);
  assert.equal((await say("ana", it.thread, "una LOTERIA")).held, true);
  assert.equal((await say("modo", it.thread, "a loteria is what they call it")).held, undefined); // moderators name it
  const good = await say("ana", it.thread, "a good post");
  for (const text of ["scheisse not, scheiße yes", "loteria", "see https://example.org"]) await refused(write("ana", "post.edit", { post: good.id, text }), "blocked");
  await refused(open("ana", it.id, "Get rich quick"), "blocked");
  assert.equal((await open("ana", it.id, "Lotería")).held, true);
  const thread = await open("ana", it.id, "Fine");
  for (const title of ["lotería", "scheiße"])
    assert.equal((await refused(write("ana", "thread.rename", { thread: thread.id, title }), "blocked")).data.field, "title");
  for (const text of ["see https://example.org", "[here](mailto:a@example.org)", "HTTP://EXAMPLE.ORG"]) assert.equal((await say("ana", it.thread, text)).held, true, text);
  assert.equal((await open("ana", it.id, "A guide", "Read", { kind: "resource", fields: { url: "https://example.org/" } })).held, true);
  const flagged = await say("ana", it.thread, "come to the Casino");
  assert.equal(flagged.held, undefined);
  await write("ana", "post.edit", { post: flagged.id, text: "come to the casino, please" });
  const matter = (await waiting()).find((m) => m.post === flagged.id);
  assert.deepEqual(matter.reports.map((r) => [r.by, r.rule, r.reason]), [[null, "words", "casino"], [null, "words", "casino"]]);
  await write("modo", "room.set", { room: it.id, links: "block" });
  assert.equal((await refused(say("ana", it.thread, "https://example.org"), "blocked")).data.word, undefined);
  await write("modo", "room.set", { room: it.id, words: [], links: "all" });
  assert.equal((await say("ana", it.thread, "scheiße https://example.org")).held, undefined);
  for (const wrong of [[{ word: "...", act: "block" }], [{ word: "x", act: "kill" }], [{ word: "x" }], [{ word: "x", act: "flag", more: 1 }],
                       "x", Array(101).fill({ word: "x", act: "flag" }), [{ word: "x".repeat(81), act: "flag" }]])
    assert.equal((await refused(write("modo", "room.set", { room: it.id, words: wrong }), "invalid")).data.field, "words");
});

test("in a room that holds all, nothing is changed behind a moderator's back; a slow room minds what it holds", async () => {
  const it = await room();
  const { id } = await say("ana", it.thread, "before");
  const thread = await open("ana", it.id, "Mine");
  await write("modo", "room.set", { room: it.id, hold: "all" });
  await refused(write("ana", "post.edit", { post: id, text: "after" }), "forbidden");
  await refused(write("ana", "thread.rename", { thread: thread.id, title: "Other" }), "forbidden");
  await write("modo", "room.set", { room: it.id, slow_s: 3600, hold: "first" });
  assert.equal((await say("cleo", it.thread, "held")).held, true);
  await refused(say("cleo", it.thread, "held, too"), "slow_mode");
  await write("modo", "room.set", { room: it.id, slow_s: 0 });
  const moved = (await ask("modo", "queue.list", {})).matters.find((m) => m.room === it.id);
  const other = await room();
  await write("modo", "thread.merge", { thread: it.thread, into: other.thread }); // what waits goes where its thread went
  await decide("modo", moved.id, "approve");
  assert((await ask("ben", "post.list", { thread: other.thread })).posts.some((p) => p.text === "held"));
});

// What was asked for in time is not done once it could not be asked for any more; it waits on, and is done when it could.
async function inTheWay(held, then, field, sentence, free) {
  const e = await refused(decide("modo", held, "approve"), "conflict");
  assert.equal(e.data.field, field, e.message);
  assert.match(e.message, sentence);
  assert((await waiting()).some((m) => m.id === held), "it waits on");
  if (free) await free();
  await decide("modo", held, then, then === "refuse" ? { rule: "off_topic" } : {});
}
const impose = (params) => write("admin", "member.sanction", { member: people.ana, rule: "spam", ...params });

test("a yes says nothing that its author could not say by now: what holds them", async () => {
  const it = await room({ hold: "all" });
  for (const [act, scope, words] of [["silence", { room: it.id }, /silenced here/], ["silence", { region }, /silenced here/], ["silence", {}, /silenced here/],
                                     ["suspend", { room: it.id }, /suspended here/], ["suspend", {}, /from this hub/], ["ban", {}, /from this hub/]]) {
    const post = await say("ana", it.thread, `before the ${act}`);
    const thread = await open("ana", it.id, `Before the ${act}`);
    const { id } = await impose({ act, ...scope });
    const free = () => write("admin", "member.pardon", { sanction: id, rule: "kept" });
    await inTheWay(thread.id, "refuse", "member", words);
    await inTheWay(post.id, "approve", "member", words, free);
  }
  const posts = (await ask("ben", "post.list", { thread: it.thread })).posts.filter((p) => p.by === people.ana);
  assert.deepEqual(posts.map((p) => p.text), Array.from(["silence", "silence", "silence", "suspend", "suspend", "ban"], (a) => `before the ${a}`));
  const held = await say("ana", it.thread, "as a member");
  await write("admin", "member.role", { member: people.ana, role: "guest" });
  await inTheWay(held.id, "approve", "member", /guest/, () => write("admin", "member.role", { member: people.ana, role: "member" }));
});

test("a yes says nothing that its author could not say by now: the room and the thread", async () => {
  const it = await room({ hold: "all" });
  const thread = (method, on) => write("modo", `thread.${method}`, { thread: it.thread, ...on });
  for (const [method, name, words] of [["lock", "locked", /is locked/], ["close", "closed", /is closed/], ["archive", "archived", /is closed/]]) {
    const held = await say("ana", it.thread, `before ${method}`);
    const other = await open("ana", it.id, `Beside ${method}`);
    await thread(method, { [name]: true });
    await decide("modo", other.id, "approve"); // a thread of its own
    await inTheWay(held.id, "approve", "thread", words, () => thread(method, { [name]: false }));
  }
  const held = await say("ana", it.thread, "before posting"), title = await open("ana", it.id, "Before posting");
  await write("modo", "room.set", { room: it.id, posting: "moderators" });
  await inTheWay(title.id, "refuse", "room", /only moderators post/);
  await inTheWay(held.id, "approve", "room", /only moderators post/, () => write("modo", "room.set", { room: it.id, posting: "all" }));
  const slow = await say("ana", it.thread, "before the slow mode"), more = await say("ana", it.thread, "and one more");
  await write("modo", "room.set", { room: it.id, slow_s: 3600 });
  for (const { id } of [slow, more]) await decide("modo", id, "approve"); // when it was sent is what counts
  await write("modo", "room.set", { room: it.id, slow_s: 0 });
  const texts = (await ask("ben", "post.list", { thread: it.thread })).posts.filter((p) => p.by === people.ana).map((p) => p.text);
  assert.deepEqual(texts, ["before lock", "before close", "before archive", "before posting", "before the slow mode", "and one more"]);
});

test("a yes says nothing where its author is not, nor where its thread went without them", async () => {
  const near = await room({}, "members"), far = await room({}, "private"), open_ = await room();
  await write("modo", "room.join", { room: near.id });
  await write("admin", "room.invite", { room: far.id, member: people.modo });
  await write("ana", "room.join", { room: near.id });
  await write("modo", "room.set", { room: near.id, hold: "all" });
  const left = await say("ana", near.thread, "and gone");
  await write("ana", "room.leave", { room: near.id });
  await inTheWay(left.id, "approve", "member", /not part of the room/, () => write("ana", "room.join", { room: near.id }));
  for (const [target, isHers] of [[far, false], [open_, true]]) {
    const moved = await write("admin", "thread.create", { room: near.id, title: "Goes", text: "Away" });
    const held = await say("ana", moved.id, "with it");
    await write("modo", "thread.move", { thread: moved.id, room: target.id });
    if (isHers) await decide("modo", held.id, "approve");
    else await inTheWay(held.id, "approve", "member", /not part of the room/, () => write("modo", "room.invite", { room: target.id, member: people.ana }));
    assert((await ask("ana", "post.list", { thread: moved.id })).posts.some((p) => p.text === "with it"));
    if (isHers) assert((await ask("ben", "post.list", { thread: moved.id })).posts.some((p) => p.text === "with it"));
  }
  await write("ana", "room.leave", { room: far.id });
  const merged = await say("ana", near.thread, "into a room that is not hers");
  await write("modo", "thread.merge", { thread: near.thread, into: far.thread });
  await inTheWay(merged.id, "refuse", "member", /not part of the room/);
});

test("who wants in does not come in once they are shut out; a silence shuts nobody out", async () => {
  const it = await room({}, "members");
  await write("modo", "room.set", { room: it.id, approve_join: true });
  for (const [act, scope, words] of [["suspend", { room: it.id }, /suspended here/], ["suspend", { region }, /suspended here/], ["ban", {}, /from this hub/]]) {
    const { matters } = await write("ana", "room.join", { room: it.id }).then(() => ask("modo", "queue.list", {}));
    const asked = matters.find((m) => m.room === it.id);
    const { id } = await impose({ act, ...scope });
    await inTheWay(asked.id, "refuse", "member", words);
    await write("admin", "member.pardon", { sanction: id, rule: "kept" });
    assert.equal((await ask("ana", "room.list", {})).rooms.find((r) => r.id === it.id).joined, false);
  }
  await write("ana", "room.join", { room: it.id });
  const { id } = await impose({ act: "silence", room: it.id });
  await decide("modo", (await waiting()).find((m) => m.room === it.id).id, "approve");
  assert.equal((await ask("ana", "room.list", {})).rooms.find((r) => r.id === it.id).joined, true);
  await write("admin", "member.pardon", { sanction: id, rule: "kept" });
});

for (const [name, Carrier] of Object.entries(carriers))
  test(`who wants into a room of members asks, where it is set so (${name})`, async (t) => {
    const it = await room({}, "members");
    await write("modo", "room.set", { room: it.id, approve_join: true });
    const line = new Carrier(daemon.ws, tokens.ana);
    t.after(() => line.close());
    await line.until(() => line.isReady, "hello");
    const mine = async () => (await ask("ana", "room.list", {})).rooms.find((r) => r.id === it.id);
    const asked = await write("ana", "room.join", { room: it.id });
    assert.equal(asked.held, true);
    await write("ana", "room.join", { room: it.id }); // asking twice is asking once
    assert.deepEqual([(await mine()).joined, (await mine()).asked], [false, true]);
    const own = (await waiting()).filter((m) => m.room === it.id);
    assert.deepEqual(own.map((m) => [m.ask, m.member]), [["join", people.ana]]);
    await refused(ask("ana", "post.list", { thread: it.thread }), "not_found");
    await decide("modo", own[0].id, "refuse", { reason: "Who are you?" });
    const [told] = (await ask("ana", "report.mine", {})).matters;
    assert.deepEqual([told.ask, told.decided.decision, told.decided.reason], ["join", "refuse", "Who are you?"]);
    assert.equal((await mine()).asked, undefined);
    await write("ana", "room.join", { room: it.id });
    await decide("modo", (await waiting()).find((m) => m.room === it.id).id, "approve");
    assert.equal((await mine()).joined, true);
    await say("admin", it.thread, `${name} inside`);
    await line.until(() => line.entries.some((e) => e.text === `${name} inside`), "the room is open at once");
    await write("cleo", "room.join", { room: it.id });
    await write("modo", "room.invite", { room: it.id, member: people.cleo }); // somebody was faster
    const seen = (await ask("cleo", "room.list", {})).rooms.find((r) => r.id === it.id);
    assert.deepEqual([seen.joined, seen.asked], [true, undefined]);
    await decide("modo", (await waiting()).find((m) => m.room === it.id).id, "approve");
    assert.equal((await ask("cleo", "room.list", {})).rooms.find((r) => r.id === it.id).members, seen.members);
    await write("moda", "room.join", { room: it.id }); // who moderates comes in unasked
    assert.equal((await ask("moda", "room.list", {})).rooms.find((r) => r.id === it.id).joined, true);
  });
