// A thread that is moved takes all its words along: from then on no byte that anyone is sent who may not read its new room
// holds one of them, live, after a cut, in lists, counts or search; and who may read the new room finds it there whole.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";
import { carriers } from "./line.mjs";

let WORD = "zqxmoved";
let dir, daemon, tokens, open, closed, people;
let next = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `m${next++}` });
const ask = (who, method, params = {}) => rpc(daemon, tokens[who], method, params);

class Ear {
  static of(Kind) {
    return class extends Kind {
      constructor(...args) { super(...args); this.heard = ""; }
      take(m) { this.heard += `${JSON.stringify(m)}\n`; super.take(m); }
    };
  }
}

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["marta", "insider"]);
  cli("member", "add", "--data", dir, "modo", "--name", "Person modo", "--role", "moderator");
  tokens.modo = cli("token", "--data", dir, "modo");
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  const list = await ask("admin", "room.list");
  open = list.rooms[0];
  people = Object.fromEntries((await ask("admin", "member.list")).members.map((m) => [m.handle, m.id]));
  closed = (await write("admin", "room.create", { region: list.regions[0].id, slug: "closed", name: "Closed", access: "private" })).id;
  for (const who of ["marta", "insider", "modo"]) await write(who, "room.join", { room: open.id });
  for (const who of ["insider", "modo"]) await write("admin", "room.invite", { room: closed, member: people[who] });
});
after(() => daemon?.stop());

async function make(room) {
  const { id: thread, post } = await write("insider", "thread.create", { room, title: `${WORD} title`, kind: "question", text: `${WORD} first @marta @modo` });
  const second = (await write("insider", "post.create", { thread, text: `${WORD} second @marta` })).id;
  await write("insider", "post.edit", { post, text: `${WORD} edited @marta` });
  await write("insider", "thread.rename", { thread, title: `${WORD} renamed` });
  return { thread, post, second };
}

// Everything that one may ask for which could hold a word of a thread.
async function everything(who, { thread, post }) {
  let all = "";
  for (const [method, params] of [["room.list", {}], ["catchup.list", {}], ["thread.unanswered", {}], ["thread.list", { room: open.id }], ["draft.list", {}],
    ["search.query", { text: WORD }], ["search.query", { text: WORD, room: open.id }], ["thread.similar", { text: `${WORD} renamed` }],
    ["thread.get", { thread }], ["post.list", { thread }], ["post.list", { thread, around: post }], ["post.history", { post }]])
    all += `${method} ${JSON.stringify(await ask(who, method, params).catch((e) => e.data))}\n`;
  const page = await fetch(`${daemon.url}/t/${thread}`, { headers: { authorization: `Bearer ${tokens[who]}` } });
  return all + (await page.text());
}
const counts = async (who) => (await ask(who, "room.list")).rooms.map((r) => [r.name, r.threads, r.unread, r.mentions]);

for (const [name, Kind] of Object.entries(carriers)) {
  test(`a thread that goes into a private room is gone for everybody else, over ${name}`, async () => {
    WORD = `zqxgone${Kind.name.toLowerCase()}`;
    const quiet = await counts("marta");
    const line = new (Ear.of(Kind))(daemon.ws, tokens.marta);
    await line.until(() => line.isReady, "hello");
    const from = line.cursor;
    const made = await make(open.id);
    assert.match(await everything("marta", made), new RegExp(WORD));
    assert.notDeepEqual(await counts("marta"), quiet);
    await line.until(() => line.entries.some((e) => e.kind === "thread.rename"), "the last word");
    await write("modo", "thread.move", { thread: made.thread, room: closed });
    await line.until(() => line.entries.some((e) => e.kind === "thread.moved_out"), "the move");
    const out = line.entries.find((e) => e.kind === "thread.moved_out");
    assert.deepEqual([out.thread, out.room, out.to], [made.thread, open.id, undefined]);
    line.heard = "";
    await write("insider", "post.create", { thread: made.thread, text: `${WORD} behind the door @marta` });
    await write("insider", "post.react", { post: made.post, emoji: "👍", on: true });
    await write("admin", "post.redact", { post: made.second, reason: `${WORD} reason` });
    for (const cursor of [0, from]) {   // a cursor of long ago is read from the journal, one of now from memory
      line.cursor = cursor;
      line.entries = [];
      line.cut();
      const mark = `end ${name} ${cursor}`;
      await write("modo", "post.create", { thread: open.chat, text: mark });
      await line.until(() => line.entries.some((e) => e.text === mark), "the last post");
      const told = line.entries.filter((e) => e.thread === made.thread || `test-${e.seq}` === made.thread);
      assert.ok(told.slice(0, -1).every((e) => e.erased), JSON.stringify(told));
      assert.equal(told.at(-1).kind, "thread.moved_out");
    }
    line.heard += await everything("marta", made);
    assert.equal(line.heard.includes(WORD), false, line.heard);
    assert.equal(line.heard.includes(closed), false);
    const now = (await counts("marta")).map(([room, threads, , mentions]) => [room, threads, mentions]);
    assert.deepEqual(now, quiet.map(([room, threads, , mentions]) => [room, threads, mentions]));
    assert.match(await everything("insider", made), new RegExp(`${WORD} behind the door`));
    line.close();
  });

  test(`posts that go into a private room are gone for everybody else, and come back, over ${name}`, async () => {
    WORD = `zqxposts${Kind.name.toLowerCase()}`;
    await rpc(daemon, tokens.admin, "room.invite", { room: closed, member: people.modo, cid: `i${next++}` });
    const line = new (Ear.of(Kind))(daemon.ws, tokens.marta);
    await line.until(() => line.isReady, "hello");
    const from = line.cursor;
    const posts = [];
    for (const text of ["one @marta", "two"]) posts.push((await write("insider", "post.create", { thread: open.chat, text: `${WORD} ${text}` })).id);
    await write("insider", "post.edit", { post: posts[0], text: `${WORD} edited @marta` });
    await line.until(() => line.entries.some((e) => e.kind === "post.edit" && e.post === posts[0]), "the last word");
    const { seq } = await write("modo", "post.move", { posts, title: `${WORD} apart`, room: closed });
    await line.until(() => line.entries.some((e) => e.kind === "posts.moved_out"), "the move");
    const made = { thread: `test-${seq}`, post: posts[0] };
    line.heard = "";
    for (const cursor of [0, from]) {
      line.cursor = cursor;
      line.entries = [];
      line.cut();
      const mark = `end of posts ${name} ${cursor}`;
      await write("modo", "post.create", { thread: open.chat, text: mark });
      await line.until(() => line.entries.some((e) => e.text === mark), "the last post");
      assert.ok(line.entries.filter((e) => posts.includes(`test-${e.seq}`)).every((e) => e.erased));
    }
    line.heard += await everything("marta", made) + JSON.stringify(await ask("marta", "post.list", { thread: open.chat, around: posts[0] }));
    assert.equal(line.heard.includes(WORD) || line.heard.includes(closed), false, line.heard);
    assert.match(await everything("insider", made), new RegExp(`${WORD} edited`));
    await write("modo", "thread.undo", { entry: seq });
    await line.until(() => line.entries.some((e) => e.kind === "posts.moved_in"), "their return");
    const { hits } = await ask("marta", "search.query", { text: `${WORD} edited` });
    assert.deepEqual(hits.map((h) => [h.post, h.thread]), [[posts[0], open.chat]]);
    line.close();
  });

  test(`a thread that comes out of a private room is found by everybody, over ${name}`, async () => {
    WORD = `zqxfound${Kind.name.toLowerCase()}`;
    const line = new (Ear.of(Kind))(daemon.ws, tokens.marta);
    await line.until(() => line.isReady, "hello");
    const made = await make(closed);
    await write("modo", "thread.move", { thread: made.thread, room: open.id });
    await line.until(() => line.entries.some((e) => e.kind === "thread.moved_in"), "the move");
    const into = line.entries.find((e) => e.kind === "thread.moved_in");
    assert.deepEqual([into.thread, into.room, into.from, into.title], [made.thread, open.id, undefined, `${WORD} renamed`]);
    assert.equal(line.heard.includes(closed), false);
    const { hits } = await ask("marta", "search.query", { text: `${WORD} edited` });
    assert.ok(hits.some((h) => h.post === made.post && h.room === open.id));
    const { thread } = await ask("marta", "thread.get", { thread: made.thread });
    assert.deepEqual([thread.room, thread.posts, thread.unread], [open.id, 2, 2]);
    await write("marta", "post.create", { thread: made.thread, text: "found it" });
    await line.until(() => line.entries.some((e) => e.text === "found it"), "a word in its new room");
    line.close();
  });
}

test("a lobby stays, a room that one may not read is none, and members move nothing", async () => {
  const made = await make(open.id);
  const refused = (who, params) => write(who, "thread.move", params).then(() => "moved", (e) => `${e.data.code} ${e.message}`);
  assert.match(await refused("modo", { thread: open.chat, room: closed }), /^conflict/);
  assert.match(await refused("marta", { thread: made.thread, room: closed }), /^forbidden/);
  await write("modo", "room.leave", { room: closed });
  const hidden = await refused("modo", { thread: made.thread, room: closed });
  assert.match(hidden, /^not_found/);
  assert.equal(hidden, await refused("modo", { thread: made.thread, room: "test-9000000" }));
  assert.equal((await ask("marta", "thread.get", { thread: made.thread })).thread.room, open.id);
});

test("verify finds what a rebuild makes", async () => {
  assert.match(cli("verify", "--data", dir), /chains, database and rebuild agree/);
});
