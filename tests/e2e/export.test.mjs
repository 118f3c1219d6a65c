// Everything about me: each row of each table that is mine is in the file, and nobody else's words; it is mine alone, and goes after
// a day, as I do.
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import zlib from "node:zlib";
import { after, before, test } from "node:test";
import { parse } from "parse5";
import { cli, hub, person, rpc, serve, tempDir } from "./daemon.mjs";
import { png } from "./corpus.mjs";
import { Line } from "./line.mjs";

const TUS = { "tus-resumable": "1.0.0" };
let daemon, dir, tokens, room, chat, people, said;
let next = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `x${next++}` });
const ask = (who, method, params = {}) => rpc(daemon, tokens[who], method, params);
const refused = (work, code) => assert.rejects(work, (e) => e.data?.code === code, code);
const take = (who) => fetch(`${daemon.url}/export`, { headers: who ? { authorization: `Bearer ${tokens[who]}` } : {} });
const picture = Buffer.concat([png({ width: 40, height: 40 }), Buffer.from("mine")]);

async function send(who, bytes, name) {
  const headers = { authorization: `Bearer ${tokens[who]}`, ...TUS };
  const made = await fetch(`${daemon.url}/upload`, { method: "POST", headers: { ...headers, "upload-length": String(bytes.length),
    "upload-metadata": `filename ${Buffer.from(name).toString("base64")}` } });
  const at = made.headers.get("location");
  await fetch(daemon.url + at, { method: "PATCH", body: bytes, headers: { ...headers, "upload-offset": "0", "content-type": "application/offset+octet-stream" } });
  return at.split("/").at(-1);
}

async function ready(who) {
  for (let i = 0; i < 200; i++) {
    const got = await ask(who, "export.get");
    if (got.state !== "making") return got;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail("it is never ready");
}

// What a ZIP holds, by its directory.
function entries(zip) {
  const all = new Map();
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06"));
  for (let i = 0, at = zip.readUInt32LE(end + 16); i < zip.readUInt16LE(end + 10); i++) {
    const [how, bytes, name, extra, note, from] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32), zip.readUInt32LE(at + 42)];
    const start = from + 30 + zip.readUInt16LE(from + 26) + zip.readUInt16LE(from + 28);
    const body = zip.subarray(start, start + bytes);
    all.set(zip.toString("utf8", at + 46, at + 46 + name), how === 0 ? body : zlib.inflateRawSync(body));
    at += 46 + name + extra + note;
  }
  return all;
}

async function unzip(who) {
  const answer = await take(who);
  assert.equal(answer.status, 200);
  const all = entries(Buffer.from(await answer.arrayBuffer()));
  return { answer, all, read: (name) => all.has(name) ? JSON.parse(all.get(name).toString("utf8")) : [] };
}

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben"]);
  cli("member", "add", "--data", dir, "modo", "--name", "Person modo", "--role", "moderator");
  tokens.modo = cli("token", "--data", dir, "modo");
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  for (const who of ["ana", "ben"]) tokens[who] = await person(daemon, dir, who);
  people = Object.fromEntries((await ask("admin", "member.list")).members.map((m) => [m.handle, m.id]));
  ({ id: room, chat } = (await ask("ana", "room.list")).rooms[0]);
  await write("ana", "room.join", { room });
  const hers = await write("ben", "thread.create", { room, title: "canary title of ben", text: "canary words of ben" });
  said = await write("ana", "thread.create", { room, title: "My title", kind: "resource", text: "My <b>words</b> & more", fields: { city: "Dakar" } });
  const reply = await write("ana", "post.create", { thread: hers.id, text: "My answer", reply_to: hers.post,
    files: [{ upload: await send("ana", picture, "../../<plan>.png"), alt: "what it shows" }] });
  await write("ana", "post.edit", { post: reply.id, text: "My better answer" });
  await write("ana", "post.react", { post: hers.post, emoji: "👍", on: true });
  await write("ana", "report.create", { post: hers.post, reason: "My reason" });
  await write("ben", "report.create", { post: reply.id, reason: "canary reason of ben" });
  await write("ben", "post.create", { thread: hers.id, text: "canary @ana" });
  await write("modo", "member.sanction", { member: people.ana, act: "warn", rule: "rude", reason: "told to ana" });
  await ask("ana", "draft.set", { thread: hers.id, text: "My draft", at: 5 });
  await ask("ben", "draft.set", { thread: hers.id, text: "canary draft of ben", at: 5 });
  await ask("ana", "search.save", { id: "mine", text: "My search" });
  await ask("ana", "read.mark", { thread: hers.id, seq: 5 });
  await ask("ana", "thread.follow", { thread: hers.id, level: "mute" });
  await ask("ana", "member.block", { member: people.ben, on: true });
  await send("ana", Buffer.from("not shared"), "waits.txt");
});
after(() => daemon?.stop());

test("what is asked for is made, told of, and in the file as it is in the tables", async () => {
  assert.equal((await ask("ana", "export.get")).state, "none");
  const line = new Line(daemon.ws, tokens.ana);
  await line.until(() => line.isReady, "hello");
  let signals = 0;
  line.ws.on("message", (data) => { for (const m of [JSON.parse(data)].flat()) signals += m.method === "signal" && m.params.kind === "export"; });
  await ask("ana", "export.begin");
  const got = await ready("ana");
  assert.equal(got.state, "ready");
  assert.equal(got.until - got.at, 86_400_000);
  await line.until(() => signals >= 2, "a signal when it begins, and one when it is ready");
  line.close();
  const { answer, all, read } = await unzip("ana");
  assert.equal(answer.headers.get("cache-control"), "private, no-store");
  assert.match(answer.headers.get("content-disposition"), /^attachment; filename="test-ana.zip"/);
  assert.equal(Number(answer.headers.get("content-length")), got.bytes);
  assert.deepEqual(read("member.json").map((m) => [m.id, m.handle, m.name, m.role]), [[people.ana, "ana", "Person ana", "member"]]);
  assert.deepEqual(read("thread.json").map((t) => [t.title, t.fields.city]), [["My title", "Dakar"]]);
  assert.deepEqual(read("post.json").map((p) => p.text), ["My <b>words</b> & more", "My better answer"]);
  assert.deepEqual(read("post_version.json").map((p) => p.text), ["My answer"]);
  assert.deepEqual(read("report.json").map((p) => p.reason), ["My reason"]);
  assert.deepEqual(read("sanction.json").map((p) => [p.act, p.reason]), [["warn", "told to ana"]]);
  assert.deepEqual(read("follow.json").map((f) => f.level), ["mute"]);
  assert.deepEqual(read("blocked.json").map((b) => b.blocked), [people.ben]);
  assert.deepEqual(read("draft.json").map((d) => d.text), ["My draft"]);
  assert.deepEqual(read("upload.json").map((u) => u.name), ["waits.txt"]);
  const files = [...all.keys()].filter((name) => name.startsWith("files/"));
  assert.equal(files.length, 1);
  assert.match(files[0], /^files\/test-\d+-0-[^/\\<>]*plan_\.png$/);
  assert.equal(all.get(files[0]).length, picture.length);
  const page = all.get("index.html").toString("utf8");
  const tags = new Set(), walk = (n) => { tags.add(n.nodeName); (n.childNodes ?? []).forEach(walk); };
  walk(parse(page));
  assert(!tags.has("script") && !tags.has("b"), [...tags].join(" "));
  assert(page.includes("My &lt;b&gt;words&lt;/b&gt; &amp; more"));
});

test("nobody else's words are in it, and no secret", async () => {
  const { all, read } = await unzip("ana");
  for (const [name, bytes] of all)
    assert(!/canary/i.test(bytes.toString("latin1")), name);
  assert(read("session.json").length >= 1);
  assert(!/[0-9a-f]{32}/i.test(JSON.stringify(read("session.json"))));
  assert(all.size > 15, [...all.keys()].join(" "));
});

test("it is mine alone, once a day, and lies in a file that nobody else may read", async () => {
  assert.equal((await take(null)).status, 401);
  assert.equal((await take("ben")).status, 404);
  await refused(ask("ana", "export.begin"), "rate_limited");
  const [name] = readdirSync(join(dir, "export"));
  assert.match(name, /^[0-9a-f]{64}$/);
  assert.equal(statSync(join(dir, "export", name)).mode & 0o777, 0o600);
});

test("one that was cut off by a kill is made at the next start; who leaves takes it along", async () => {
  await ask("ben", "export.begin");
  await daemon.kill();
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  for (const who of ["ana", "ben"]) tokens[who] = await person(daemon, dir, who);
  assert.equal((await ready("ben")).state, "ready");
  assert.equal(readdirSync(join(dir, "export")).length, 2);
  await write("ben", "member.erase", { handle: "ben" });
  assert.equal(readdirSync(join(dir, "export")).length, 1);
});
