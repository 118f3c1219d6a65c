// A file that is on its way when somebody loses the right to it ends there: a ban, a post that is taken back, hidden or moved, a
// room that is left, a session that ends. Whoever still may gets it whole. And of two who send or end one upload, one wins.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";

const TUS = { "tus-resumable": "1.0.0" }, PART = { ...TUS, "content-type": "application/offset+octet-stream" };
const LARGE = 6_000_000;    // more than a system keeps for a reader who does not read
const people = ["ana", "ben", "cora", "dia"];
let daemon, dir, tokens, region, room, chat, ids, next = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `l${next++}` });
const ask = (who, method, path, headers = {}, body) => fetch(`${daemon.url}${path}`, { method, body, headers: { authorization: `Bearer ${tokens[who]}`, ...headers } });
async function open(who, bytes) {
  const made = await ask(who, "POST", "/upload", { ...TUS, "upload-length": String(bytes) });
  assert.equal(made.status, 201, await made.text());
  return made.headers.get("location");
}
const patch = (who, at, offset, bytes) => ask(who, "PATCH", at, { ...PART, "upload-offset": String(offset) }, bytes);
async function share(who, thread, bytes) {
  const at = await open(who, bytes.length), done = await patch(who, at, 0, bytes);
  assert.equal(done.status, 204, await done.text());
  return (await write(who, "post.create", { thread, files: [{ upload: at.split("/").at(-1) }] })).id;
}
// What the daemon has open of the folder of files. Looked at between two answers of it: so it goes on meanwhile.
const opened = () => readdirSync(`/proc/${daemon.child.pid}/fd`).flatMap((fd) => {
  try { return [readlinkSync(`/proc/${daemon.child.pid}/fd/${fd}`)]; } catch { return []; }
}).filter((path) => path.startsWith(join(dir, "files")));
async function until(isSo, what) {
  for (let i = 0; i < 3000; i++) {
    if (await isSo()) return;
    await (await fetch(`${daemon.url}/healthz`)).arrayBuffer();
  }
  assert.fail(`never: ${what}`);
}
// A reader who takes the head and the first bytes, then waits until rest() is called.
async function fetching(who, post, token = tokens[who]) {
  const req = http.get(`${daemon.url}/file/${post}/0`, { agent: false, headers: { authorization: `Bearer ${token}` } });
  const [res] = await once(req, "response");
  assert.equal(res.statusCode, 200);
  res.pause();
  return { rest: async () => {
    let bytes = 0, cut = false;
    res.on("data", (d) => { bytes += d.length; });
    res.on("error", () => { cut = true; });
    const closed = new Promise((done) => res.on("close", done));
    res.resume();
    await closed;
    return { bytes, cut };
  } };
}
// Somebody who has sent the first half and not yet the rest.
async function sending(who, bytes) {
  const at = await open(who, bytes.length);
  const req = http.request(`${daemon.url}${at}`, { method: "PATCH", agent: false, headers: { ...PART, "upload-offset": "0",
    "content-length": String(bytes.length), authorization: `Bearer ${tokens[who]}` } });
  const ended = new Promise((done) => { req.on("response", (r) => { r.resume(); done(r.statusCode); }); req.on("error", () => done("cut")); });
  req.write(bytes.subarray(0, bytes.length / 2));
  const name = join(dir, "files/part", at.split("/").at(-1));
  await until(() => opened().includes(name), "the part is open");
  return { at, name, ended, rest: () => { req.end(bytes.subarray(bytes.length / 2)); return ended; } };
}

before(async () => {
  dir = tempDir();
  tokens = hub(dir, people);
  cli("member", "add", "--data", dir, "modo", "--name", "Modo", "--role", "moderator");
  tokens.modo = cli("token", "--data", dir, "modo");
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  const list = await rpc(daemon, tokens.ana, "room.list", {});
  ({ id: room, chat } = list.rooms[0]);
  region = list.regions[0].id;
  ids = Object.fromEntries((await rpc(daemon, tokens.admin, "member.list", {})).members.map((m) => [m.handle, m.id]));
  for (const who of [...people, "modo"]) await write(who, "room.join", { room });
});
after(() => daemon?.stop());

test("a download ends when its reader may no more, and only that", async () => {
  const large = randomBytes(LARGE), other = Buffer.from(large).fill(7, 0, 9);
  const closed = await write("admin", "room.create", { region, slug: "closed", name: "Closed", access: "private" });
  const stays = await share("ana", chat, other);
  const whole = await fetching("cora", stays);
  const own = await write("admin", "room.create", { region, slug: "own", name: "Own", access: "private" });
  for (const who of ["ana", "ben"]) {
    await write("admin", "room.invite", { room: own.id, member: ids[who] });
    await write(who, "room.join", { room: own.id });
  }
  const again = cli("token", "--data", dir, "ben");
  const thread = await write("ana", "thread.create", { room, title: "A plan", text: "Words" });
  const ways = {
    "its post is taken back": [await share("ana", chat, large), (post) => write("ana", "post.redact", { post, reason: "A test" })],
    "its post is hidden": [await share("ana", chat, large), (post) => write("modo", "post.hide", { post, rule: "spam" })],
    "its thread is moved away": [await share("ana", thread.id, large), () => write("admin", "thread.move", { thread: thread.id, room: closed.id })],
    "the session ends": [await share("ana", chat, large), () => rpc(daemon, again, "session.close", {}), again],
    "they leave its room": [await share("ana", own.chat, large), () => write("ben", "room.leave", { room: own.id })],
    "a ban": [await share("ana", chat, large), () => write("modo", "member.sanction", { member: ids.ben, act: "ban", rule: "spam", reason: "A test" })],
  };
  for (const [what, [post, act, token]] of Object.entries(ways)) {
    const reader = await fetching("ben", post, token);
    await until(() => opened().length === 2, `${what}: both files are open`);
    await act(post);
    await until(() => opened().length === 1, `${what}: the file is closed`);
    const { bytes, cut } = await reader.rest();
    assert.ok(cut && bytes < LARGE, `${what}: ${bytes} bytes came`);
    assert.notEqual((await ask("ben", "GET", `/file/${post}/0`, token ? { authorization: `Bearer ${token}` } : {})).status, 200, what);
  }
  assert.deepEqual(await whole.rest(), { bytes: LARGE, cut: false });
});

test("an upload under way ends with a ban, and goes on for others", async () => {
  const bytes = randomBytes(1_000_000), other = await sending("cora", bytes), banned = await sending("dia", bytes);
  await write("modo", "member.sanction", { member: ids.dia, act: "ban", rule: "spam", reason: "A test" });
  assert.equal(await banned.ended, "cut");
  assert.equal((await ask("dia", "HEAD", banned.at, TUS)).status, 403);
  assert.equal((await ask("dia", "POST", "/upload", { ...TUS, "upload-length": "5" })).status, 403);
  assert.equal(await other.rest(), 204);
});

test("an upload that is dropped while it is sent is gone, with its bytes", async () => {
  const sent = await sending("cora", randomBytes(1_000_000));
  assert.equal((await ask("cora", "DELETE", sent.at, TUS)).status, 204);
  assert.equal(await sent.ended, "cut");
  assert.equal((await ask("cora", "HEAD", sent.at, TUS)).status, 404);
  await until(() => !opened().includes(sent.name), "the part is closed");
  assert.ok(!readdirSync(join(dir, "files/part")).includes(sent.at.split("/").at(-1)));
});

test("of two that send the same upload at once neither mixes its bytes in with the other's", async () => {
  const bytes = randomBytes(600_000);
  for (let round = 0; round < 5; round++) {
    const at = await open("cora", bytes.length);
    const sent = await Promise.all([0, 1, 2].map(() => patch("cora", at, 0, bytes.subarray(0, 400_000)).then((a) => a.status, () => "cut")));
    assert.ok(sent.every((status) => [204, 409, 423, "cut"].includes(status)) && sent.filter((status) => status === 204).length <= 1, String(sent));
    let head;
    await until(async () => { head = await ask("cora", "HEAD", at, TUS); return head.status === 200; }, "nobody sends any more");
    const from = Number(head.headers.get("upload-offset"));
    assert.equal((await patch("cora", at, from, bytes.subarray(from))).status, 204);
    const { id } = await write("cora", "post.create", { thread: chat, files: [{ upload: at.split("/").at(-1) }] });
    assert.ok(Buffer.from(await (await ask("cora", "GET", `/file/${id}/0`)).arrayBuffer()).equals(bytes));
  }
});

test("one member never has all the places for senders", async () => {
  const many = await Promise.all(Array.from({ length: 16 }, () => sending("cora", randomBytes(1000))));
  const at = await open("cora", 10), more = await patch("cora", at, 0, "0123456789");
  assert.deepEqual([more.status, more.headers.get("retry-after"), more.headers.get("tus-resumable")], [503, "5", "1.0.0"]);
  assert.equal((await patch("ana", await open("ana", 10), 0, "0123456789")).status, 204);
  assert.deepEqual(await Promise.all(many.map((one) => one.rest())), many.map(() => 204));
  assert.equal((await patch("cora", at, 0, "0123456789")).status, 204);
});
