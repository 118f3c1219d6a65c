// What a room asks of who is new binds them and nobody else, in every room of which it is said, until moderators read as many of
// their messages as it says; then they are as all others, at once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";

let daemon, dir, tokens, region;
let next = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `n${next++}` });
const ask = (who, method, params = {}) => rpc(daemon, tokens[who], method, params);
const refused = (work, code) => work.then((r) => assert.fail(`done, expected ${code}: ${JSON.stringify(r)}`), (e) => {
  assert.equal(e.data?.code, code, e.message);
  return e;
});
const say = (who, thread, text, more = {}) => write(who, "post.create", { thread, text, ...more });
const read = async (who, thread) => ask(who, "read.mark", { thread, seq: (await ask(who, "room.list")).seq });
const LINK = "see https://example.org/a";

async function member(handle) {
  cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`);
  tokens[handle] = cli("token", "--data", dir, handle);
}
async function room(settings = {}, access = "open") {
  const { id } = await write("admin", "room.create", { region, slug: `r${next}`, name: "Room", access });
  const { id: thread } = await write("admin", "thread.create", { room: id, title: "Talk", text: "Words." });
  if (Object.keys(settings).length > 0) await write("modo", "room.set", { room: id, ...settings });
  return { id, thread };
}

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana"]);
  cli("member", "add", "--data", dir, "modo", "--name", "Person modo", "--role", "moderator");
  tokens.modo = cli("token", "--data", dir, "modo");
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  region = (await ask("ana", "room.list")).regions[0].id;
});
after(async () => {
  await daemon?.stop();
  assert.match(cli("verify", "--data", dir), /verified/);
});

test("links of who is new are blocked or wait, until moderators read as many of their messages", async () => {
  await member("lina");
  const it = await room({ new_posts: 2, new_links: "block" }), other = await room();
  assert.deepEqual((await ask("lina", "room.list")).rooms.find((r) => r.id === it.id).set, { new_posts: 2, new_links: "block" });
  const e = await refused(say("lina", it.thread, LINK), "blocked");
  assert.equal(e.data.field, "text");
  await refused(write("lina", "thread.create", { room: it.id, title: "T", text: LINK }), "blocked");
  await say("modo", it.thread, LINK);
  const { id } = await say("lina", it.thread, "one");
  await refused(write("lina", "post.edit", { post: id, text: LINK }), "blocked");
  await say("lina", other.thread, LINK); // where nothing is set
  await refused(say("lina", it.thread, LINK), "blocked"); // nobody read them
  await read("ana", it.thread);
  await read("ana", other.thread);
  await refused(say("lina", it.thread, LINK), "blocked"); // no moderator did
  await read("modo", it.thread);
  await refused(say("lina", it.thread, LINK), "blocked"); // one of two
  await write("modo", "room.set", { room: it.id, new_links: "hold" });
  const held = await say("lina", it.thread, LINK);
  assert.equal(held.held, true);
  const [matter] = (await ask("modo", "queue.list")).matters.filter((m) => m.room === it.id);
  assert.equal(matter.why, "new");
  await read("modo", other.thread);
  assert.equal((await say("lina", it.thread, LINK)).held, undefined, "two were read");
  assert.equal((await write("modo", "report.decide", { report: matter.id, decision: "approve" })).seq > 0, true);
});

test("messages that were taken away do not count, nor does who moderates elsewhere", async () => {
  await member("rio");
  await member("far");
  const it = await room({ new_posts: 1, new_links: "block" }), away = await room();
  await write("admin", "member.role", { member: (await ask("admin", "member.list", { prefix: "far" })).members[0].id, role: "moderator", room: away.id });
  const { id } = await say("rio", it.thread, "rude");
  await read("far", it.thread);
  await refused(say("rio", it.thread, LINK), "blocked");
  await write("modo", "post.hide", { post: id, rule: "rude" });
  await read("modo", it.thread);
  await refused(say("rio", it.thread, LINK), "blocked");
  await write("modo", "post.restore", { post: id, rule: "kept" });
  await say("rio", it.thread, LINK);
});

test("who is new writes so many in an hour, over all rooms; others as many as they like", async () => {
  await member("quick");
  const it = await room({ new_posts: 3, new_hour: 2 }), other = await room();
  await say("quick", it.thread, "one");
  await say("quick", other.thread, "two");
  const e = await refused(say("quick", it.thread, "three"), "slow_mode");
  assert(e.data.retry_after_ms > 3_500_000 && e.data.retry_after_ms <= 3_600_000, `${e.data.retry_after_ms}`);
  await refused(write("quick", "thread.create", { room: it.id, title: "T", text: "three" }), "slow_mode");
  await say("quick", other.thread, "three");
  for (const t of [it.thread, other.thread]) await read("modo", t);
  await say("quick", it.thread, "four");
  for (let i = 0; i < 4; i++) await say("modo", it.thread, `${i}`);
});

test("files of who is new wait or are blocked, and the upload is not lost", async () => {
  await member("filer");
  const it = await room({ new_posts: 1, new_files: "block" });
  const b64 = Buffer.from("plan.txt").toString("base64"), bytes = Buffer.from("words");
  const auth = { authorization: `Bearer ${tokens.filer}`, "tus-resumable": "1.0.0" };
  const made = await fetch(`${daemon.url}/upload`, { method: "POST", headers: { ...auth, "upload-length": "5", "upload-metadata": `filename ${b64}` } });
  const at = made.headers.get("location"), upload = at.split("/").at(-1);
  assert.equal((await fetch(new URL(at, daemon.url), { method: "PATCH", body: bytes,
    headers: { ...auth, "content-type": "application/offset+octet-stream", "upload-offset": "0" } })).status, 204);
  const e = await refused(say("filer", it.thread, "look", { files: [{ upload }] }), "blocked");
  assert.equal(e.data.field, "files");
  await write("modo", "room.set", { room: it.id, new_files: "hold" });
  const held = await say("filer", it.thread, "look", { files: [{ upload }] });
  assert.equal(held.held, true);
  const matter = (await ask("modo", "queue.list")).matters.find((m) => m.room === it.id);
  assert.deepEqual([matter.why, matter.files.length], ["new", 1]);
  await write("modo", "report.decide", { report: matter.id, decision: "approve" });
  assert.equal((await ask("ana", "post.list", { thread: it.thread })).posts.at(-1).files[0].name, "plan.txt");
});

test("what is set stands in the log, is taken back, and binds nobody then", async () => {
  const it = await room({ new_posts: 5, new_hour: 1, new_links: "block", new_files: "hold" });
  const [act] = (await ask("ana", "log.list", { room: it.id })).acts;
  assert.deepEqual([act.entry.new_posts, act.entry.new_hour, act.entry.new_links, act.entry.new_files], [5, 1, "block", "hold"]);
  for (const [name, value] of [["new_posts", 21], ["new_hour", 61], ["new_links", "none"], ["new_files", 1]])
    await refused(write("modo", "room.set", { room: it.id, [name]: value }), "invalid");
  await refused(write("ana", "room.set", { room: it.id, new_posts: 0 }), "forbidden");
  await member("late");
  await refused(say("late", it.thread, LINK), "blocked");
  await write("modo", "room.set", { room: it.id, new_posts: 0 });
  for (let i = 0; i < 3; i++) await say("late", it.thread, LINK);
});
