// kill -9, again and again, under at least 500 posts a second over WebSockets: nothing acknowledged is lost, nothing is
// doubled, clients that resume see no gap, and `verify` passes each time. KILLS sets how many (default 20).
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { cliAsync, hub, rpc, serve, tempDir } from "./daemon.mjs";
import { Line } from "./line.mjs";

const KILLS = Number(process.env.KILLS ?? 20);
const WRITERS = 4, IN_FLIGHT = 60, RUN_MS = 350, PAUSE_MS = 50; // about 1,000 posts a second: `verify` reads them all, each time

test(`${KILLS} times kill -9 under load: 0 lost, 0 doubled, 0 gaps`, async (t) => {
  const dir = join(tempDir(), "hub");
  const tokens = hub(dir, ["ana", "bo", "cy", "di", "eve"]);
  let daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  const port = daemon.port;
  const { rooms } = await rpc(daemon, tokens.admin, "room.list", {});
  const thread = rooms[0].chat;
  const writers = ["ana", "bo", "cy", "di"].map((h) => new Line(daemon.ws, tokens[h], { watch: [] }));
  const reader = new Line(daemon.ws, tokens.eve);
  await reader.until(() => reader.isReady, "the reader's hello");
  const from = reader.cursor;

  const acked = new Map();   // text -> id
  let running = true, sent = 0;
  const pump = async (line, w) => {
    while (running) {
      const text = `post ${w} ${sent++}`;
      const { id } = await line.write("post.create", { thread, text });
      assert.ok(!acked.has(text));
      acked.set(text, id);
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  };
  const pumps = writers.flatMap((line, w) => Array.from({ length: IN_FLIGHT / WRITERS }, () => pump(line, w)));

  let loadMs = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const before = acked.size, start = Date.now();
    while (acked.size < before + 20 || Date.now() - start < RUN_MS)
      await new Promise((done) => setTimeout(done, 5));
    loadMs += Date.now() - start;
    await daemon.kill();
    assert.match(await cliAsync("verify", "--data", dir), /entries verified/, `after kill ${kill + 1}`);
    daemon = await serve(dir, { port, env: { BARAZA_LIMITS_ENFORCE: "no" } });
  }
  running = false;
  await Promise.all(pumps);
  const perSecond = Math.round(acked.size / (loadMs / 1000));
  t.diagnostic(`${acked.size} posts acknowledged, ${perSecond} a second while it served`);

  const ids = new Set(acked.values());
  assert.equal(ids.size, acked.size, "each post has an id of its own");
  const last = Math.max(...[...ids].map((id) => Number(id.split("-")[1])));
  await reader.until(() => reader.cursor >= last, "the reader to be level");
  assert.equal(reader.resets, 0);
  assert.equal(reader.doubled ?? 0, 0, "no entry came twice");
  const seqs = reader.entries.map((e) => e.seq);
  for (let i = 0; i < seqs.length; i++)
    assert.equal(seqs[i], from + 1 + i, "no gap between entries");
  const posts = reader.entries.filter((e) => e.kind === "post");
  assert.equal(new Set(posts.map((e) => e.text)).size, posts.length, "no post was stored twice");
  const byText = new Map(posts.map((e) => [e.text, `${e.hub}-${e.seq}`]));
  for (const [text, id] of acked)
    assert.equal(byText.get(text), id, `${text} was acknowledged as ${id}`);
  for (const line of [...writers, reader]) line.close();
  assert.equal(await daemon.stop(), 0, daemon.log);
});
