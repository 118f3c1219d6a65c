// A post that a moderator hides: its words reach nobody but its author and those who moderate its room, on either carrier, on
// resume out of memory or the journal, in lists, search, history or the page; restored, they are there again. What everyone
// hears of it names the role and the reason, never the person.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hub, rpc, cli, serve, tempDir } from "./daemon.mjs";
import { carriers } from "./line.mjs";

const WORD = "qwhidden";
let daemon, dir, tokens, room, people;
let next = 0;
const cid = () => `c${next++}`;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: cid() });
const ask = (who, method, params) => rpc(daemon, tokens[who], method, params);
const refused = (work, code) => assert.rejects(work, (e) => e.data?.code === code, code);

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben"]);
  for (const [handle, role] of [["guest", "guest"], ["modo", "moderator"]]) {
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`, "--role", role);
    tokens[handle] = cli("token", "--data", dir, handle);
  }
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  people = Object.fromEntries((await ask("admin", "member.list", {})).members.map((m) => [m.handle, m.id]));
  room = (await ask("ana", "room.list", {})).rooms[0].id;
  for (const who of ["ana", "ben", "modo"]) await write(who, "room.join", { room });
});
after(() => daemon?.stop());

async function hidden(cursor) {
  const thread = await write("ben", "thread.create", { room, title: "Talk", text: "Words." });
  const post = await write("ben", "post.create", { thread: thread.id, text: `${WORD} first` });
  await write("ben", "post.edit", { post: post.id, text: `${WORD} second *really*` });
  await write("ana", "post.react", { post: post.id, emoji: "👍", on: true });
  const { seq } = await write("modo", "post.hide", { post: post.id, rule: "rude", reason: "Not among us" });
  return { thread: thread.id, post: post.id, first: thread.post, from: thread.seq, seq, cursor };
}
const page = async (who, path) =>
  (await fetch(`${daemon.url}${path}`, { headers: { authorization: `Bearer ${tokens[who]}`, cookie: `baraza=${tokens[who]}` } })).text();

for (const [name, Carrier] of Object.entries(carriers))
  test(`hidden words reach their author and moderators alone, and come back (${name})`, async (t) => {
    const live = new Carrier(daemon.ws, tokens.ana);
    t.after(() => live.close());
    await live.until(() => live.isReady, "hello");
    const it = await hidden();
    await live.until(() => live.entries.some((e) => e.seq === it.seq), "the act");
    const act = live.entries.find((e) => e.seq === it.seq);
    assert.deepEqual([act.kind, act.by, act.as, act.rule, act.reason], ["post.hide", null, "moderator", "rude", "Not among us"]);
    assert.equal(JSON.stringify(act).includes(people.modo), false);

    const heard = async (who, cursor) => {
      const line = new Carrier(daemon.ws, tokens[who]);
      t.after(() => line.close());
      Object.assign(line, { hub: live.hub, cursor });
      await line.until(() => line.isReady && line.cursor >= it.seq, "resume");
      return JSON.stringify(line.entries);
    };
    const said = async (who) => [
      ...(await Promise.all([["post.list", { thread: it.thread }], ["post.list", { thread: it.thread, around: it.post }],
        ["post.history", { post: it.post }], ["thread.get", { thread: it.thread }], ["thread.list", { room }], ["catchup.list", {}],
        ["search.query", { text: WORD }], ["search.query", { text: "second", room }], ["room.list", {}]]
        .map(async ([method, params]) => [`${method} ${JSON.stringify(params)}`, JSON.stringify(await ask(who, method, params))]))),
      ["the page", await page(who, `/t/${it.thread}`)],
    ];
    for (const who of ["ana", "guest"]) {
      for (const [what, text] of await said(who)) assert.equal(text.includes(WORD), false, `${who}: ${what}`);
      for (const from of [it.from - 1, 0]) assert.equal((await heard(who, from)).includes(WORD), false, `${who} from ${from}`);
    }
    const seenBy = async (who) => (await ask(who, "post.list", { thread: it.thread })).posts.find((p) => p.id === it.post);
    assert.deepEqual(await seenBy("ana").then((p) => [p.text, p.md, p.reactions, p.hidden.rule, p.hidden.by]), ["", undefined, undefined, "rude", undefined]);
    assert.deepEqual(await seenBy("ben").then((p) => [p.text.slice(0, 8), p.hidden.by]), [WORD, people.modo]);
    assert.equal((await seenBy("modo")).text.slice(0, 8), WORD);
    assert.equal((await ask("ben", "post.history", { post: it.post })).versions.length, 2);

    await refused(write("ben", "post.edit", { post: it.post, text: "again" }), "conflict");
    await refused(write("ana", "post.react", { post: it.post, emoji: "🎉", on: true }), "conflict");
    await refused(write("ana", "post.restore", { post: it.post, rule: "undone" }), "forbidden");
    await refused(write("modo", "post.hide", { post: it.first }), "invalid");
    await refused(write("modo", "post.hide", { post: it.first, rule: "ugly" }), "invalid");

    const back = await write("modo", "post.restore", { post: it.post, rule: "undone" });
    await live.until(() => live.cursor >= back.seq, "the restoration");
    assert.equal((await seenBy("ana")).text.slice(0, 8), WORD);
    assert.equal((await ask("ana", "search.query", { text: `${WORD} second` })).hits[0].post, it.post);
    await write("ben", "post.redact", { post: it.post, reason: "gone" });
  });

test("what is hidden can be removed for good, and a replay ends the same", async () => {
  const it = await hidden();
  await write("ben", "post.redact", { post: it.post, reason: "mine" });
  const p = (await ask("modo", "post.list", { thread: it.thread })).posts.find((x) => x.id === it.post);
  assert.deepEqual([p.text, p.hidden, p.redacted.reason], ["", undefined, "mine"]);
  await hidden();
  await daemon.stop();
  assert.match(cli("verify", "--data", dir), /rebuild agree/);
  daemon = await serve(dir);
});
