// Proves that who does not read costs others nothing: its queue is bounded, an honest client misses nothing beside it,
// pipelined answers do not pile up, a slow download is let finish, and a stop waits for nobody.
import { test, before } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { hub, rpc, serve, tempDir } from "./daemon.mjs";
import { Line } from "./line.mjs";
import { open, frame, frames, upgrade } from "./raw.mjs";

const rss = (daemon) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.child.pid}/status`, "utf8"))[1]) * 1024;
const address = (daemon) => ({ host: "127.0.0.1", port: daemon.port });
let dir, tokens;
before(() => { dir = tempDir(); tokens = hub(dir, ["ana", "ben"]); });

// A sanitizer keeps what was freed for a while: little of it here, else memory says nothing.
async function start(t) {
  const asan = [process.env.ASAN_OPTIONS, "quarantine_size_mb=4"].filter(Boolean).join(":");
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no", ASAN_OPTIONS: asan } });
  t.after(() => daemon.kill());
  return daemon;
}
const generalChat = async (daemon) =>
  (await rpc(daemon, tokens.admin, "room.list", {})).rooms.find((r) => r.slug === "general").chat;

// A subscriber that says hello and then reads no more than that.
async function sleeper(daemon, token) {
  const c = open(address(daemon));
  c.send(upgrade(address(daemon), `Authorization: Bearer ${token}\r\n`));
  await c.until((d) => d.includes("\r\n\r\n"));
  c.data = c.data.subarray(c.data.indexOf("\r\n\r\n") + 4);
  c.send(frame(1, '{"jsonrpc":"2.0","id":1,"method":"session.hello","params":{}}'));
  await c.until((d) => frames(d).length > 0);
  c.socket.pause();
  return c;
}

test("W8 readers that do not read: bounded, and an honest one receives everything", async (t) => {
  const daemon = await start(t);
  const thread = await generalChat(daemon);
  const slow = await Promise.all(Array.from({ length: 20 }, () => sleeper(daemon, tokens.ben)));
  const honest = new Line(daemon.ws, tokens.ana);
  t.after(() => honest.close());
  await honest.until(() => honest.isReady, "hello");
  const rested = rss(daemon);
  const text = "x".repeat(15000), sent = [];
  for (let i = 0; i < 600; i += 20) // 9 MB to each: more than the ring and what the system holds for a socket
    sent.push(...await Promise.all(Array.from({ length: 20 }, (_, n) =>
      rpc(daemon, tokens.admin, "post.create", { thread, text: `${i + n} ${text}`, lang: "en", cid: `w8-${i + n}` }))));
  const last = Math.max(...sent.map((r) => r.seq));
  await honest.until(() => honest.cursor >= last, "the last entry");
  assert.equal(honest.entries.filter((e) => e.kind === "post").length, 600);
  assert.equal(honest.resets, 0);
  const grown = rss(daemon) - rested;
  assert.ok(grown < 120e6, `grown by ${grown} bytes`); // 20 x 9 MB were not kept

  // Who wakes up is served from the journal without a gap, or was closed.
  const [late] = slow;
  late.socket.resume();
  await late.until((d) => d.includes('"reset"') || frames(d).slice(-3).some((f) => f.payload.includes(`"seq":${last},`)), 30000);
  if (!late.closed && !late.data.includes('"reset"')) {
    const got = frames(late.data).filter((f) => f.opcode === 1).map((f) => JSON.parse(f.payload)).flat()
      .filter((m) => m.method === "entry").map((m) => m.params.seq);
    assert.ok(got.length >= 600, `${got.length} entries`);
    assert.deepEqual(got, Array.from({ length: got.length }, (_, i) => got[0] + i));
  }
  for (const c of slow) c.end();
  assert.equal(await daemon.stop(), 0);
});

test("W8 more answers than its queue holds: they wait for the slow reader, and none is lost", async (t) => {
  const daemon = await start(t);
  const thread = await generalChat(daemon);
  const post = (n) => rpc(daemon, tokens.admin, "post.create", { thread, text: `after ${n}`, lang: "en", cid: `late-${n}` });
  const honest = new Line(daemon.ws, tokens.ana);
  t.after(() => honest.close());
  await honest.until(() => honest.isReady, "hello");
  const slow = await sleeper(daemon, tokens.ben);
  slow.data = Buffer.alloc(0);
  const rested = rss(daemon), asked = 30, sent = [];
  for (let i = 0; i < asked; i++) // 1.5 MB each
    slow.send(frame(1, JSON.stringify({ jsonrpc: "2.0", id: 2 + i, method: "post.list", params: { thread, limit: 100 } })));
  let peak = 0;
  for (let i = 0; i < 70; i++) {
    if (i % 10 === 0) sent.push((await post(i)).seq); // and entries come while the line is full of answers
    await new Promise((r) => setTimeout(r, 100));
    peak = Math.max(peak, rss(daemon) - rested);
  }
  await honest.until(() => honest.cursor >= sent.at(-1), "the last entry");
  assert.ok(peak < 40e6, `grown by ${peak} bytes`);
  const parts = [], got = [];
  slow.socket.removeAllListeners("data");
  await new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error(`${got.length} messages, ${slow.data.length} bytes left`)), 60000);
    slow.socket.on("close", () => fail(new Error(`closed after ${got.length} messages`)));
    slow.socket.on("data", (d) => {
      parts.push(d);
      if (parts.reduce((n, p) => n + p.length, 0) < 1e6 && parts.length < 20) return;
      take();
    });
    const take = () => {
      slow.data = Buffer.concat([slow.data, ...parts.splice(0)]);
      let bytes = 0;
      for (const f of frames(slow.data)) {
        bytes += f.payload.length + (f.payload.length < 126 ? 2 : f.payload.length < 65536 ? 4 : 10);
        if (f.opcode === 8) fail(new Error(`close ${f.payload.readUInt16BE(0)}`));
        if (f.opcode === 1) got.push(JSON.parse(f.payload));
      }
      slow.data = slow.data.subarray(bytes);
      const entries = got.filter((m) => m.method === "entry").map((m) => m.params.seq);
      if (got.filter((m) => m.id).length === asked && sent.every((seq) => entries.includes(seq))) {
        clearTimeout(late);
        clearInterval(idle);
        slow.socket.removeAllListeners("close");
        done();
      }
    };
    const idle = setInterval(take, 200);
    slow.socket.resume();
  });
  const answers = got.filter((m) => m.id);
  assert.deepEqual(answers.map((m) => m.id).sort((a, b) => a - b), Array.from({ length: asked }, (_, i) => 2 + i));
  assert.ok(answers.every((m) => m.result.posts.length === 100));
  assert.deepEqual(got.filter((m) => m.method === "entry").map((m) => m.params.seq).filter((q) => sent.includes(q)), sent);
  slow.end();
  assert.equal(await daemon.stop(), 0);
});

test("answers to pipelined requests wait for the reader, not in memory", async (t) => {
  const daemon = await start(t);
  const path = `/rpc/post.list?thread=${await generalChat(daemon)}&limit=100`;
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nAuthorization: Bearer ${tokens.ana}\r\n\r\n`;
  const rested = rss(daemon);
  const c = open(address(daemon));
  c.socket.pause();
  c.send(request.repeat(100)); // 1.5 MB each
  // Longer than an idle connection is kept: not reading for 6 s is no reason to be cut off in the middle of an answer.
  let peak = 0;
  for (let i = 0; i < 65; i++) {
    await new Promise((r) => setTimeout(r, 100));
    peak = Math.max(peak, rss(daemon) - rested);
  }
  assert.ok(peak < 60e6, `grown by ${peak} bytes`);
  let bytes = 0;
  c.socket.removeAllListeners("data");
  const ended = new Promise((done) => c.socket.on("close", done));
  c.socket.on("data", (d) => { bytes += d.length; });
  c.socket.resume();
  await ended; // idle again, and closed for that
  assert.ok(bytes > 140e6, `${bytes} bytes`);
  assert.equal(await daemon.stop(), 0);
});

test("a stop with 200 open sockets takes less than 5 s and ends well", async (t) => {
  const daemon = await start(t);
  const all = [];
  for (let i = 0; i < 50; i++) all.push(await sleeper(daemon, tokens.ben));
  for (let i = 0; i < 150; i++) {
    const c = open(address(daemon));
    c.send(["G", "GET / HTTP/1.1\r\nHos", upgrade(address(daemon))][i % 3]);
    if (i % 3 === 2) await c.until((d) => d.includes("\r\n\r\n"));
    all.push(c);
  }
  const from = performance.now();
  assert.equal(await daemon.stop(), 0, daemon.log);
  const took = performance.now() - from;
  assert.ok(took < 5000, `${took} ms`);
  for (const c of all) c.end();
});
