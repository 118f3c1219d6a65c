// tus 1.0 as its reference client speaks it (npm tus-js-client): over a line that is cut again and again, through a kill of the
// daemon; and as its text asks of a server, header by header. Its own specs run in tests/browser/tus.test.mjs.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import tus from "tus-js-client";
import { hub, rpc, serve, tempDir } from "./daemon.mjs";

const TUS = { "tus-resumable": "1.0.0" }, PART = { ...TUS, "content-type": "application/offset+octet-stream" };
const dir = tempDir(), env = { BARAZA_LIMITS_ENFORCE: "no", BARAZA_FILES_FILE_MB: "60" };
let daemon, tokens, chat, next = 0;
const b64 = (text) => Buffer.from(text).toString("base64");
const ask = (method, path, headers = {}, body) => fetch(new URL(path, daemon.url), { method, body, headers: { authorization: `Bearer ${tokens.ana}`, ...headers } });
async function open(bytes, headers = {}) {
  const made = await ask("POST", "/upload", { ...TUS, "upload-length": String(bytes), ...headers });
  assert.equal(made.status, 201, await made.text());
  return made.headers.get("location");
}
const patch = (at, offset, bytes, headers = {}) => ask("PATCH", at, { ...PART, "upload-offset": String(offset), ...headers }, bytes);
async function served(url) {
  const { id } = await rpc(daemon, tokens.ana, "post.create", { thread: chat, files: [{ upload: url.split("/").at(-1) }], cid: `t${next++}` });
  return Buffer.from(await (await ask("GET", `/file/${id}/0`)).arrayBuffer());
}
const sha = (bytes) => createHash("sha256").update(bytes).digest("hex");
const upload = (bytes, options) => new Promise((done, fail) => {
  const up = new tus.Upload(bytes, { endpoint: `${daemon.url}/upload`, headers: { Authorization: `Bearer ${tokens.ana}` }, retryDelays: Array(400).fill(25),
    metadata: { filename: "plan.bin" }, onSuccess: () => done(up), onError: fail, ...options });
  void (options.begin?.(up) ?? up.start());
});

// A line that breaks: at each place of the way up both ends are left without a word, as by a phone that leaves its network. It is
// slower than the daemon, as such lines are: what is on its way to the daemon is never much more than was written already.
const AHEAD = 300_000;
async function badLine(cuts, onCut) {
  const line = { up: 0, cuts: 0, requests: 0 }, pause = () => new Promise((go) => setTimeout(go, 2));
  const written = (id) => id === undefined ? Infinity : statSync(join(dir, "files/part", id), { throwIfNoEntry: false })?.size ?? 0;
  const server = createServer((near) => {
    const far = connect(daemon.port, "127.0.0.1");
    for (const s of [near, far]) s.on("error", () => {});
    line.requests++;
    far.on("data", (d) => near.write(d));
    far.on("close", () => near.destroy());
    let came = 0, id, from = 0;
    near.on("end", () => far.end());
    near.on("data", async (d) => {
      const head = /^PATCH \/upload\/([0-9a-f]+)[^]*upload-offset: (\d+)/i.exec(d.toString("latin1"));
      if (head !== null) [came, id, from] = [0, head[1], Number(head[2])];
      line.up += d.length;
      came += d.length;
      far.write(d);
      if (line.cuts < cuts.length && line.up >= cuts[line.cuts]) {
        near.destroy();
        await onCut(++line.cuts);
        return;
      }
      near.pause();
      while (from + came - written(id) > AHEAD && written(id) > 0 && !far.destroyed && !near.destroyed) await pause();
      near.resume();
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  line.url = `http://127.0.0.1:${server.address().port}/upload`;
  line.close = () => server.close();
  return line;
}

before(async () => {
  tokens = hub(dir, ["ana"]);
  daemon = await serve(dir, { env });
  const { id, chat: thread } = (await rpc(daemon, tokens.ana, "room.list", {})).rooms[0];
  chat = thread;
  await rpc(daemon, tokens.ana, "room.join", { room: id, cid: "join" });
});
after(() => daemon?.stop());

test("50 MB through 10 cuts and a kill of the daemon: whole, and hardly a byte twice", async () => {
  const bytes = randomBytes(50_000_000), cuts = Array.from({ length: 10 }, (_, i) => (i + 1) * 4_700_000 + i * 31_337);
  const line = await badLine(cuts, async (n) => {
    if (n !== 5) return;
    await daemon.kill();
    daemon = await serve(dir, { env, port: daemon.port });
  });
  const up = await upload(bytes, { endpoint: line.url, headers: { Authorization: `Bearer ${tokens.ana}`, Host: `127.0.0.1:${daemon.port}` } });
  line.close();
  const again = (line.up - bytes.length) / bytes.length;
  assert.equal(line.cuts, 10);
  assert.ok(again <= 0.05, `${(100 * again).toFixed(2)} % sent again`);
  assert.equal(sha(await served(up.url)), sha(bytes));
  console.log(`# 50 MB, 10 cuts, 1 kill: ${(100 * again).toFixed(2)} % sent again, heads of ${line.requests} connections included`);
});

test("the reference client goes on after a page was closed, ends uploads, and gives up where it should", async () => {
  const bytes = randomBytes(900_000), storage = { urlStorage: new tus.FileUrlStorage(join(tempDir(), "urls.json")), fingerprint: async () => "plan.bin-900000" };
  const first = await new Promise((done, fail) => {
    const up = new tus.Upload(bytes, { endpoint: `${daemon.url}/upload`, headers: { Authorization: `Bearer ${tokens.ana}` }, chunkSize: 200_000, ...storage,
      onError: fail, onChunkComplete: (_, sent) => { if (sent >= 400_000) void up.abort().then(() => done(up)); } });
    up.start();
  });
  let sent = 0;
  const second = await upload(bytes, { ...storage, chunkSize: 200_000, onChunkComplete: (size) => { sent += size; }, begin: async (up) => {
    const before = await up.findPreviousUploads();
    assert.equal(before.length, 1);
    up.resumeFromPreviousUpload(before[0]);
    up.start();
  } });
  assert.equal(second.url, first.url);
  assert.ok(sent <= 500_000, `${sent} bytes in the second part`);
  assert.equal(sha(await served(second.url)), sha(bytes));
  assert.equal((await ask("HEAD", second.url, TUS)).status, 404);   // its post has it now

  const ended = await upload(Buffer.from("hello world"), {});
  await ended.abort(true);
  assert.equal((await ask("HEAD", ended.url, TUS)).status, 404);
  await assert.rejects(ended.abort(true).then(() => tus.Upload.terminate(ended.url, { headers: { Authorization: `Bearer ${tokens.ana}` } })), /404/);
  const overridden = await upload(Buffer.from("by POST alone"), { overridePatchMethod: true });
  assert.equal(String(await served(overridden.url)), "by POST alone");
  await assert.rejects(upload(bytes, { parallelUploads: 2 }), /not put together of parts/);
  await assert.rejects(upload(bytes, { headers: {} }), /401/);
});

test("what the text of tus 1.0 asks of a server", async () => {
  const about = await ask("OPTIONS", "/upload", {});
  assert.deepEqual(["tus-resumable", "tus-version", "tus-extension", "tus-checksum-algorithm", "tus-max-size"].map((h) => about.headers.get(h)),
    ["1.0.0", "1.0.0", "creation,expiration,termination,checksum", "sha1", "60000000"]);
  assert.equal(about.status, 204);
  for (const [method, path] of [["POST", "/upload"], ["HEAD", `/upload/${"0".repeat(32)}`], ["PATCH", `/upload/${"0".repeat(32)}`], ["DELETE", `/upload/${"0".repeat(32)}`]]) {
    const other = await ask(method, path, { ...PART, "tus-resumable": "0.2.2", "upload-offset": "0", "upload-length": "1" });
    assert.deepEqual([other.status, other.headers.get("tus-version"), other.headers.get("tus-resumable")], [412, "1.0.0", "1.0.0"], method);
  }
  const told = ["filename cGxhbi50eHQ=", `nonlatin ${b64("słońce")}`, "is_draft"].join(",");
  const at = await open(10, { "upload-metadata": told });
  const head = async (to = at) => {
    const got = await ask("HEAD", to, TUS);
    return { status: got.status, ...Object.fromEntries(["upload-offset", "upload-length", "upload-metadata", "cache-control", "tus-resumable"].map((h) => [h, got.headers.get(h)])) };
  };
  const is = (offset) => ({ status: 200, "upload-offset": String(offset), "upload-length": "10", "upload-metadata": told, "cache-control": "no-store", "tus-resumable": "1.0.0" });
  assert.deepEqual(await head(), is(0));
  const part = await patch(at, 0, "01234");
  assert.deepEqual([part.status, part.headers.get("upload-offset"), part.headers.get("tus-resumable")], [204, "5", "1.0.0"]);
  const expires = Date.parse(part.headers.get("upload-expires"));
  assert.ok(expires > Date.now() + 23 * 3600_000 && expires <= Date.now() + 24 * 3600_000, "by when it must be finished");
  assert.deepEqual(await head(), is(5));
  for (const [status, offset, headers] of [[409, "4", {}], [409, "6", {}], [400, "x", {}], [415, "5", { "content-type": "text/plain" }],
    [400, "5", { "upload-checksum": "md5 AAAA" }], [460, "5", { "upload-checksum": `sha1 ${b64("another sum of 20 by")}` }]]) {
    const refused = await patch(at, offset, "567", headers);
    assert.deepEqual([refused.status, refused.headers.get("tus-resumable")], [status, "1.0.0"], `${offset} ${JSON.stringify(headers)}`);
  }
  assert.deepEqual(await head(), is(5));
  assert.equal((await patch(at, 5, "56789", { "upload-checksum": `sha1 ${createHash("sha1").update("56789").digest("base64")}` })).status, 204);
  assert.deepEqual(await head(), is(10));
  assert.equal((await patch(at, 10, "")).status, 409);   // it is complete
  assert.equal(String(await served(at)), "0123456789");
  assert.equal((await head()).status, 404);

  const missing = await patch(`/upload/${"0".repeat(32)}`, 0, "x");
  assert.deepEqual([missing.status, missing.headers.get("upload-offset"), missing.headers.get("tus-resumable")], [404, null, "1.0.0"]);
  for (const [what, status, headers] of [["no length", 400, {}], ["a length that is told later", 400, { "upload-defer-length": "1" }],
    ["a part of a file", 400, { "upload-length": "5", "upload-concat": "partial" }], ["a file of parts", 400, { "upload-concat": "final;/upload/a /upload/b" }],
    ["too long", 413, { "upload-length": "60000001" }], ["nothing", 400, { "upload-length": "0" }], ["less than nothing", 400, { "upload-length": "-1" }],
    ["more than a number holds", 400, { "upload-length": "9".repeat(40) }],
    ["a name that is no base64", 400, { "upload-length": "5", "upload-metadata": "filename ***" }],
    ["more than is kept of it", 400, { "upload-length": "5", "upload-metadata": `note ${"A".repeat(2048)}` }]]) {
    const refused = await ask("POST", "/upload", { ...TUS, ...headers });
    assert.deepEqual([refused.status, refused.headers.get("location"), refused.headers.get("tus-resumable")], [status, null, "1.0.0"], what);
  }
  const withBody = await ask("POST", "/upload", { ...PART, "upload-length": "5" }, "01234");   // creation-with-upload is not offered
  assert.equal(withBody.status, 400);
});
