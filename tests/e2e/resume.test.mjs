// A line that breaks loses nothing, doubles nothing and keeps the order; an absence of a week ends in the state of a
// fresh client, for little more than the bytes that were missed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hub, rpc, serve, tempDir } from "./daemon.mjs";
import { carriers, Line, proxy } from "./line.mjs";

const quiet = { BARAZA_LIMITS_ENFORCE: "no" };

async function lobby(daemon, token) {
  const { rooms } = await rpc(daemon, token, "room.list", {});
  const general = rooms.find((r) => r.slug === "general");
  return { room: general.id, thread: general.chat };
}

for (const [carrier, Kind] of Object.entries(carriers)) test(`100 sends and 100 receives over ${carrier}, cut 20 times: 0 lost, 0 doubled, same order`, async () => {
  const dir = tempDir();
  const tokens = hub(dir, ["ana", "ben"]);
  const daemon = await serve(dir, { env: quiet });
  const { thread } = await lobby(daemon, tokens.admin);
  const weak = await proxy(daemon.port);
  const host = `127.0.0.1:${daemon.port}`;
  const lines = [tokens.ana, tokens.ben].map((token) => new Kind(`ws://127.0.0.1:${weak.port}/ws`, token, { host }));
  for (const line of lines) await line.until(() => line.isReady, "hello");
  const acked = [];
  for (let i = 0; i < 100; i++) {
    for (const [n, line] of lines.entries())
      acked.push(line.write("post.create", { thread, text: `${n} says ${i}`, lang: "en" }).then((r) => [r.seq, `${n} says ${i}`]));
    if (i % 5 === 2) weak.cut();
    await new Promise((r) => setTimeout(r, 10));
  }
  const sent = await Promise.all(acked);
  const last = Math.max(...sent.map(([seq]) => seq));
  for (const line of lines) await line.until(() => line.cursor >= last, "the last entry");
  const seen = lines.map((line) => line.entries.filter((e) => e.kind === "post").map((e) => [e.seq, e.text]));
  assert.equal(seen[0].length, 200);
  assert.deepEqual(seen[0], seen[1]);
  assert.deepEqual(seen[0], [...sent].sort((a, b) => a[0] - b[0]));
  for (const line of lines) assert.equal(line.doubled ?? 0, 0);
  for (const n of [0, 1]) // each person's own words in the order of writing
    assert.deepEqual(seen[0].filter(([, t]) => t.startsWith(`${n} `)).map(([, t]) => t), Array.from({ length: 100 }, (_, i) => `${n} says ${i}`));
  for (const line of lines) line.close();
  weak.close();
  assert.equal(await daemon.stop(), 0);
});

// What a client shows after it has taken these entries.
function apply(state, entries) {
  for (const e of entries) {
    if (e.kind === "post") state.set(`${e.hub}-${e.seq}`, { text: e.erased ? "" : e.text, redacted: false });
    else if (e.kind === "post.edit" && !e.erased) state.get(e.post).text = e.text;
    else if (e.kind === "post.redact") state.set(e.post, { text: "", redacted: true });
  }
  return state;
}

async function fresh(daemon, token, thread) {
  const state = new Map();
  for (let after; ;) {
    const { posts } = await rpc(daemon, token, "post.list", after ? { thread, after, limit: 100 } : { thread, after: thread, limit: 100 });
    if (posts.length === 0) return state;
    for (const p of posts) state.set(p.id, { text: p.text, redacted: Boolean(p.redacted) });
    after = posts.at(-1).id;
  }
}

test("7 days away: 5,000 posts, 500 edits, 200 redactions, 2 restarts", async () => {
  const dir = tempDir();
  const tokens = hub(dir, ["ana", "ben"]);
  let daemon = await serve(dir, { env: quiet });
  const { thread } = await lobby(daemon, tokens.admin);
  const away = new Line(daemon.ws, tokens.ana);
  await away.until(() => away.isReady, "hello");
  away.close();
  const port = daemon.port;
  const writer = new Line(daemon.ws, tokens.ben);
  await writer.until(() => writer.isReady, "hello");
  const ids = [];
  for (let i = 0; i < 5000; i += 50) {   // 64 calls at once are taken
    const made = await Promise.all(Array.from({ length: 50 }, (_, k) => writer.write("post.create",
      { thread, lang: "en", text: `Note ${i + k}: the minibus association of line ${(i + k) % 40} asked for a new stop at the market.` })));
    ids.push(...made.map((r) => r.id));
    if (i === 1500 || i === 3500) {
      await daemon.stop();
      daemon = await serve(dir, { env: quiet, port });
    }
  }
  const edits = ids.slice(0, 500).map((post, i) => writer.write("post.edit", { post, text: `Edited ${i}`, lang: "en" }));
  await Promise.all(edits);
  await Promise.all(ids.slice(400, 600).map((post) => writer.write("post.redact", { post, reason: "asked by its author" })));
  await writer.until(() => writer.entries.length >= 5700, "the writer's own entries");

  for (const [carrier, Kind] of Object.entries(carriers)) {
    const back = new Kind(daemon.ws, tokens.ana, { hub: "test" });
    back.cursor = away.cursor;
    await back.until(() => back.cursor >= writer.cursor, "all that was missed");
    assert.equal(back.resets, 0);
    assert.equal(back.doubled ?? 0, 0);
    assert.equal(back.entries.length, 5700);
    assert.deepEqual(back.entries.map((e) => e.seq), [...back.entries.map((e) => e.seq)].sort((a, b) => a - b));
    const resumed = apply(new Map(), back.entries);
    assert.deepEqual(resumed, await fresh(daemon, tokens.ana, thread));
    const delta = back.entries.reduce((n, e) => n + JSON.stringify({ jsonrpc: "2.0", method: "entry", params: e }).length, 0);
    console.log(`# resume over ${carrier}: ${back.bytes} bytes for a delta of ${delta} (${(back.bytes / delta).toFixed(3)} x)`);
    assert.ok(back.bytes <= 1.2 * delta);
    back.close();
  }
  writer.close();
  await daemon.stop();
});

test("beyond 10,000 missed entries the client is told to load its views again, and goes on live", async () => {
  const dir = tempDir();
  const tokens = hub(dir, ["ana", "ben"]);
  const daemon = await serve(dir, { env: quiet });
  const { thread } = await lobby(daemon, tokens.admin);
  const away = new Line(daemon.ws, tokens.ana);
  await away.until(() => away.isReady, "hello");
  away.close();
  const writer = new Line(daemon.ws, tokens.ben, { watch: [] });
  await writer.until(() => writer.isReady, "hello");
  for (let i = 0; i < 10050; i += 50)
    await Promise.all(Array.from({ length: 50 }, (_, k) => writer.write("post.create", { thread, lang: "en", text: `n ${i + k}` })));
  for (const Kind of Object.values(carriers)) {
    const back = new Kind(daemon.ws, tokens.ana, { hub: "test" });
    back.cursor = away.cursor;
    await back.until(() => back.resets === 1, "reset");
    assert.equal(back.entries.length, 0);
    const { seq } = await writer.write("post.create", { thread, lang: "en", text: "after the reset" });
    await back.until(() => back.cursor === seq, "the live entry");
    assert.equal(back.entries.length, 1);
    back.close();
  }
  writer.close();
  await daemon.stop();
});

test("a cursor of a history that this hub does not have is answered with reset", async () => {
  const dir = tempDir();
  const tokens = hub(dir, ["ana"]);
  const daemon = await serve(dir, { env: quiet });
  for (const Kind of Object.values(carriers)) {
    const line = new Kind(daemon.ws, tokens.ana, { hub: "test" });
    line.cursor = 999999;
    await line.until(() => line.resets === 1, "reset");
    line.close();
  }
  await daemon.stop();
});
