// A thread of 10,000 posts is merged into another while 200 clients look on, and taken back: every client ends with what a
// fresh one is told, the entry stays small, and a rebuild makes the same tables.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";
import { Line } from "./line.mjs";

const POSTS = 10_000;
const LINES = 200;
const MOVE_MS = 1_000;   // of this machine when it is quiet: 150
let dir, daemon, tokens, open, long, other, lines;
let next = 0;
const cid = () => `g${next++}`;
const write = (method, params) => rpc(daemon, tokens.admin, method, { ...params, cid: cid() });

before(async () => {
  dir = tempDir();
  tokens = hub(dir, Array.from({ length: 20 }, (_, i) => `reader${i}`));
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  open = (await rpc(daemon, tokens.admin, "room.list", {})).rooms[0];
  for (const token of Object.values(tokens)) await rpc(daemon, token, "room.join", { room: open.id, cid: cid() });
  long = (await write("thread.create", { room: open.id, title: "Long", text: "The first word." })).id;
  other = (await write("thread.create", { room: open.id, title: "Other", text: "Another word." })).id;
  for (let i = 1; i < POSTS; i += 50) {
    const batch = Array.from({ length: Math.min(50, POSTS - i) }, (_, k) => ({
      jsonrpc: "2.0", id: k, method: "post.create",
      params: { thread: long, text: `Word ${i + k}${k === 7 ? " @reader3" : ""}`, lang: "en", cid: cid() } }));
    const token = tokens[`reader${i % 20}`];
    const answer = await fetch(`${daemon.url}/rpc`, {
      method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${token}` }, body: JSON.stringify(batch) });
    assert.ok((await answer.json()).every((a) => a.result));
  }
  for (const [i, token] of Object.values(tokens).entries())
    await rpc(daemon, token, "read.mark", { thread: long, seq: 4 + i * 400 });
  lines = Array.from({ length: LINES }, (_, i) => new Line(daemon.ws, tokens[`reader${i % 20}`]));
  for (const line of lines) await line.until(() => line.isReady, "hello");
});
after(() => { for (const line of lines ?? []) line.close(); return daemon?.stop(); });

// What anyone is shown of both threads, their room and what is new to them.
async function view(ask) {
  const of = async (thread) => {
    const { seq: _, ...t } = await ask("thread.get", { thread });
    const { seq: __, ...posts } = await ask("post.list", { thread, limit: 20 });
    return [t, posts];
  };
  const { rooms } = await ask("room.list", {});
  return JSON.stringify([await of(long), await of(other), rooms, (await ask("catchup.list", {})).threads]);
}

// Each line hears of it and asks again; all of them must see what somebody sees who comes new.
async function converge(act) {
  const from = lines.map((line) => line.entries.length);
  const began = performance.now();
  const { seq } = await act();
  const took = performance.now() - began;
  const seen = await Promise.all(lines.map(async (line, i) => {
    await line.until(() => line.entries.slice(from[i]).some((e) => e.kind === "posts.moved_in"), "the move");
    return view((method, params) => line.request(method, params));
  }));
  const fresh = {};
  for (let i = 0; i < 20; i++) fresh[i] = await view((method, params) => rpc(daemon, tokens[`reader${i}`], method, params));
  for (const [i, what] of seen.entries()) assert.equal(what, fresh[i % 20]);
  return { seq, took };
}

test("10,000 posts are merged before 200 clients, taken back, and a rebuild agrees", async (t) => {
  const before = await Promise.all(Array.from({ length: 20 }, (_, i) => rpc(daemon, tokens[`reader${i}`], "thread.get", { thread: long })));
  const merged = await converge(() => write("thread.merge", { thread: long, into: other }));
  const entry = lines[0].entries.find((e) => e.kind === "posts.moved_in");
  assert.ok(JSON.stringify(entry).length < 400, "the entry is small");
  const now = await rpc(daemon, tokens.reader0, "thread.get", { thread: long });
  assert.deepEqual([now.thread.id, now.thread.posts], [other, POSTS + 1]);
  const last = await rpc(daemon, tokens.reader0, "post.list", { thread: other, limit: 1 });
  assert.equal(last.posts[0].n, POSTS + 1);
  assert.match(cli("verify", "--data", dir), /chains, database and rebuild agree/);
  const undone = await converge(() => write("thread.undo", { entry: merged.seq }));
  for (const [i, { thread }] of before.entries()) {
    const { thread: again } = await rpc(daemon, tokens[`reader${i}`], "thread.get", { thread: long });
    assert.deepEqual(again, thread);
  }
  assert.match(cli("verify", "--data", dir), /chains, database and rebuild agree/);
  t.diagnostic(`merged in ${merged.took.toFixed(0)} ms, taken back in ${undone.took.toFixed(0)} ms`);
  assert.ok(merged.took <= MOVE_MS && undone.took <= MOVE_MS, `${merged.took} and ${undone.took} ms`);
});
