// Proves that a peer which vanished without a word is gone within its 45 s and leaves nothing behind, that a message which is
// begun and never ended is closed with 1008 after 30 s, and that who answers pings stays (W10, W3); that a line of 2 KB/s is
// served for as long as it takes, and who takes nothing is not; that a socket without a hello ends. All wait side by side.
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { hub, rpc, serve, tempDir } from "./daemon.mjs";
import { ask, frame, frames, open, upgrade } from "./raw.mjs";

describe("waiting", { concurrency: 3 }, () => {

test("W10 silence, W3 a message that does not end", async (t) => {
  const dir = tempDir();
  const tokens = hub(dir, ["ana", "ben", "cem", "dan"]);
  const daemon = await serve(dir);
  t.after(() => daemon.kill());
  const at = { host: "127.0.0.1", port: daemon.port };
  const metric = async (name) => Number(new RegExp(`^${name} (\\d+)`, "m").exec(
    (await ask(at, `GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:${at.port}\r\nConnection: close\r\n\r\n`)).body)[1]);
  const files = () => readdirSync(`/proc/${daemon.child.pid}/fd`).length;
  while (!daemon.log.includes("database_checked")) await new Promise((r) => setTimeout(r, 20)); // it has files of its own
  const rested = files();
  async function member(token) {
    const c = open(at);
    c.send(upgrade(at, `Authorization: Bearer ${token}\r\n`));
    await c.until((d) => d.includes("\r\n\r\n"));
    c.data = c.data.subarray(c.data.indexOf("\r\n\r\n") + 4);
    c.send(frame(1, '{"jsonrpc":"2.0","id":1,"method":"session.hello","params":{}}'));
    await c.until((d) => frames(d).length > 0);
    return c;
  }
  // A peer that vanished neither reads nor answers, and its end of the connection never says so.
  const vanished = await Promise.all([tokens.ana, tokens.ben].map(member));
  for (const c of vanished) c.socket.pause();
  const mute = await member(tokens.cem); // reads, and answers no ping
  const alive = await member(tokens.dan);
  let pings = 0;
  const answer = setInterval(() => {
    const asked = frames(alive.data).filter((f) => f.opcode === 9).length;
    for (; pings < asked; pings++) alive.send(frame(10));
  }, 200);
  t.after(() => clearInterval(answer));
  const slow = await member(tokens.dan);
  slow.send(frame(1, "{", { fin: false })); // and a piece of it now and then does not help
  const drip = setInterval(() => slow.send(frame(0, " ", { fin: false })), 5000);
  t.after(() => clearInterval(drip));
  assert.equal(await metric("baraza_connections"), 5);
  for (let left = 250; left > 0 && files() !== rested + 5; left--)
    await new Promise((r) => setTimeout(r, 20));
  assert.equal(files(), rested + 5);

  const from = performance.now();
  await slow.until((d) => frames(d).some((f) => f.opcode === 8), 35000);
  assert.ok(performance.now() - from > 27000, "the message had 30 s");
  clearInterval(drip);
  assert.equal(frames(slow.data).find((f) => f.opcode === 8).payload.readUInt16BE(0), 1008);
  slow.end();
  await mute.until(() => false, 50000);
  while (await metric("baraza_connections") > 1) {
    assert.ok(performance.now() - from < 50000, "the vanished are still there");
    await new Promise((r) => setTimeout(r, 250));
  }
  assert.ok(performance.now() - from > 40000, "they had 45 s");
  assert.equal(frames(mute.data).filter((f) => f.opcode === 9).length, 1, "one ping before");
  assert.equal(alive.closed, false);
  assert.ok(pings >= 1);
  while (files() > rested + 1) {
    assert.ok(performance.now() - from < 55000, "descriptors are left behind");
    await new Promise((r) => setTimeout(r, 250));
  }
  for (const c of [...vanished, mute, alive]) c.end();
  assert.equal(await daemon.stop(), 0, daemon.log);
});

test("a socket that answers every ping but never says hello is closed after 30 s", async (t) => {
  const dir = tempDir();
  const tokens = hub(dir, ["ana"]);
  const daemon = await serve(dir);
  t.after(() => daemon.kill());
  const at = { host: "127.0.0.1", port: daemon.port };
  const from = performance.now();
  const mute = open(at), member = open(at);
  for (const c of [mute, member]) {
    c.send(upgrade(at, `Authorization: Bearer ${tokens.ana}\r\n`));
    await c.until((d) => d.includes("\r\n\r\n"));
    c.data = c.data.subarray(c.data.indexOf("\r\n\r\n") + 4);
  }
  member.send(frame(1, '{"jsonrpc":"2.0","id":1,"method":"session.hello","params":{}}'));
  const beat = setInterval(() => mute.send(frame(10)), 1000);
  t.after(() => clearInterval(beat));
  await mute.until((d) => frames(d).some((f) => f.opcode === 8), 40000);
  assert.ok(performance.now() - from > 28000, "it had 30 s");
  assert.equal(frames(mute.data).find((f) => f.opcode === 8).payload.readUInt16BE(0), 1008);
  assert.ok(!frames(member.data).some((f) => f.opcode === 8));
  assert.match(daemon.log, /"socket closed".*"code":"1008".*no session.hello/);
  mute.end();
  member.end();
  assert.equal(await daemon.stop(), 0, daemon.log);
});

// Takes 12 KiB every 2 s, until told to hurry; whole() keeps what came. Not less: a system tells the sender of room for more
// once a whole segment fits, 64 KiB on this line, and at 4 KiB that was now and then later than the hub's 45 s.
function throttled(c) {
  const parts = [];
  c.socket.removeAllListeners("data");
  c.socket.pause();
  c.socket.on("readable", () => {});
  const take = (n) => { const d = c.socket.read(n); if (d) parts.push(d); };
  const beat = setInterval(() => take(Math.min(12288, c.socket.readableLength || 12288)), 2000);
  c.socket.on("close", () => clearInterval(beat));
  return {
    whole: () => Buffer.concat(parts),
    hurry() { clearInterval(beat); c.socket.removeAllListeners("readable"); c.socket.on("data", (d) => parts.push(d)); c.socket.resume(); },
  };
}

test("a slow line is served to the end, over both carriers; who takes nothing is cut off", async (t) => {
  const dir = tempDir();
  const tokens = hub(dir, ["ana"]);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  t.after(() => daemon.kill());
  const at = { host: "127.0.0.1", port: daemon.port };
  const thread = (await rpc(daemon, tokens.admin, "room.list", {})).rooms[0].chat;
  for (let i = 0; i < 100; i += 20)
    await Promise.all(Array.from({ length: 20 }, (_, n) =>
      rpc(daemon, tokens.admin, "post.create", { thread, text: "y".repeat(15000), lang: "en", cid: `s-${i + n}` })));
  const asked = 8; // 1.5 MB each: more than the system takes for a socket
  const get = `GET /rpc/post.list?thread=${thread}&limit=100 HTTP/1.1\r\nHost: 127.0.0.1:${at.port}\r\nAuthorization: Bearer ${tokens.ana}\r\n\r\n`;
  const http = open(at), stuck = open(at), ws = open(at);
  stuck.socket.pause();
  stuck.send(get.repeat(asked));
  const httpLine = throttled(http);
  http.send(get.repeat(asked));
  ws.send(upgrade(at, `Authorization: Bearer ${tokens.ana}\r\n`));
  await ws.until((d) => d.includes("\r\n\r\n"));
  const early = ws.data.subarray(ws.data.indexOf("\r\n\r\n") + 4);
  const wsLine = throttled(ws);
  ws.send(frame(1, '{"jsonrpc":"2.0","id":1,"method":"session.hello","params":{}}'));
  for (let i = 0; i < asked; i++)
    ws.send(frame(1, JSON.stringify({ jsonrpc: "2.0", id: 2 + i, method: "post.list", params: { thread, limit: 100 } })));
  // Twice as long as silence may last. Who takes nothing is gone by then: its descriptor is free again.
  const sockets = () => readdirSync(`/proc/${daemon.child.pid}/fd`).length;
  const before = sockets();
  await new Promise((r) => setTimeout(r, 95000));
  assert.equal(http.closed, false);
  assert.equal(ws.closed, false);
  assert.ok(sockets() < before, "who takes nothing is still there");
  httpLine.hurry();
  wsLine.hurry();
  const until = async (what, test) => {
    for (let i = 0; !test(); i++) {
      assert.ok(i < 300, what);
      await new Promise((r) => setTimeout(r, 100));
    }
  };
  await until("the answers over HTTP", () => httpLine.whole().toString("latin1").split("HTTP/1.1 200 OK").length === asked + 1 && http.closed);
  await until("the answers over the WebSocket", () =>
    frames(Buffer.concat([early, wsLine.whole()])).filter((f) => f.opcode === 1 && /^\{"jsonrpc":"2.0","id":/.test(f.payload.subarray(0, 30))).length === asked + 1);
  assert.ok(httpLine.whole().length > asked * 1.5e6);
  stuck.end();
  ws.end();
  assert.equal(await daemon.stop(), 0, daemon.log);
});

});
