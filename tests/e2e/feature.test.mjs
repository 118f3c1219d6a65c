// A featured thread is found by all who may read its room and by nobody else, until its time is over or it is taken back; a
// post whose editing is locked keeps its words until moderators unlock it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";

const WORD = "qwfeatured";
let daemon, dir, tokens, region;
let next = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `c${next++}` });
const ask = (who, method, params = {}) => rpc(daemon, tokens[who], method, params);
const refused = (work, code) => assert.rejects(work, (e) => e.data?.code === code, code);
const featured = async (who) => (await ask(who, "catchup.list")).featured.map((t) => t.title);

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben"]);
  cli("member", "add", "--data", dir, "modo", "--name", "Person modo", "--role", "moderator");
  tokens.modo = cli("token", "--data", dir, "modo");
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  region = (await ask("ana", "room.list")).regions[0].id;
});
after(() => daemon?.stop());

async function thread(title, access = "open") {
  const { id } = await write("admin", "room.create", { region, slug: `r${next}`, name: "Room", access });
  return (await write("admin", "thread.create", { room: id, title, text: `Words ${WORD}.` })).id;
}

test("featured threads are found by who may read them, and only while they are", async () => {
  const open = await thread("Open to all");
  const closed = await thread("Not for all", "private");
  await refused(write("ana", "thread.feature", { thread: open, featured: true }), "forbidden");
  await refused(write("ana", "thread.feature", { thread: closed, featured: true }), "not_found");
  await refused(write("modo", "thread.feature", { thread: open, featured: true, until: 1 }), "invalid");
  await write("modo", "thread.feature", { thread: open, featured: true });
  await write("admin", "thread.feature", { thread: closed, featured: true });
  assert.deepEqual(await featured("ana"), ["Open to all"]); // joined or not
  assert.deepEqual((await featured("admin")).sort(), ["Not for all", "Open to all"]);
  assert.equal((await ask("ana", "catchup.list", { before: open })).featured, undefined); // of the first page alone

  await ask("ben", "thread.follow", { thread: open, level: "mute" });
  assert.deepEqual(await featured("ben"), []);
  await write("modo", "thread.archive", { thread: open, archived: true });
  assert.deepEqual(await featured("ana"), []);
  await write("modo", "thread.archive", { thread: open, archived: false });
  await write("modo", "thread.feature", { thread: open, featured: true, until: Date.now() + 400 });
  assert.deepEqual(await featured("ana"), ["Open to all"]);
  await new Promise((go) => setTimeout(go, 500));
  assert.deepEqual(await featured("ana"), []);
  assert.equal((await ask("ana", "thread.get", { thread: open })).thread.featured, undefined);
  await write("modo", "thread.feature", { thread: open, featured: true });
  await write("modo", "thread.feature", { thread: open, featured: false });
  assert.deepEqual(await featured("ana"), []);
});

test("a post whose editing is locked keeps its words, also where it is moved and after a replay", async () => {
  const { id: room } = (await ask("ana", "room.list")).rooms[0];
  const { id } = await write("ana", "thread.create", { room, title: "Talk", text: "Words." });
  const post = (await write("ana", "post.create", { thread: id, text: "As agreed" })).id;
  await refused(write("ana", "post.lock", { post, locked: true }), "forbidden");
  await write("modo", "post.lock", { post, locked: true, rule: "other", reason: "The minutes" });
  await refused(write("ana", "post.edit", { post, text: "As I like it" }), "conflict");
  const { seq } = await write("modo", "post.move", { posts: [post], title: "Elsewhere" });
  await refused(write("ana", "post.edit", { post, text: "As I like it" }), "conflict");
  await write("modo", "thread.undo", { entry: seq });
  const shown = async (who) => (await ask(who, "post.list", { thread: id })).posts.at(-1);
  assert.deepEqual([(await shown("ben")).locked, (await shown("ben")).text], [true, "As agreed"]);
  const act = (await ask("ben", "log.list", { room })).acts.find((a) => a.entry.kind === "post.lock");
  assert.deepEqual([act.entry.by, act.entry.as, act.entry.reason], [null, "moderator", "The minutes"]);
  await daemon.stop();
  assert.match(cli("verify", "--data", dir), /rebuild agree/);
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  await refused(write("ana", "post.edit", { post, text: "As I like it" }), "conflict");
  await write("modo", "post.lock", { post, locked: false });
  await write("ana", "post.edit", { post, text: "As we like it" });
  assert.equal((await shown("ben")).text, "As we like it");
  await write("modo", "post.redact", { post, reason: "gone" });
  await refused(write("modo", "post.lock", { post, locked: true }), "conflict");
});
