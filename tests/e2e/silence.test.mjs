// Proves that a peer which vanished without a word is gone within its 45 s and leaves nothing behind, that a message which is
// begun and never ended is closed with 1008 after 30 s, and that who answers pings stays (W10, W3). All wait side by side.
import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { hub, serve, tempDir } from "./daemon.mjs";
import { ask, frame, frames, open, upgrade } from "./raw.mjs";

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
