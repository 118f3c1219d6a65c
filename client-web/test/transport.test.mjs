/* The line: hello, batches, reconnect with full jitter, nothing asked is forgotten. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeTimers, load, turn } from "./bundle.mjs";

const { connect, backoffMs, errorOf, SILENCE_MS } = await load("transport.ts");

function world(random = 0.5) {
  const timers = fakeTimers();
  const sockets = [];
  const log = { notes: [], lines: [], hellos: [], denied: 0 };
  let params = { cursor: { h: 1 }, watch: ["h-10"] };
  const line = connect(
    {
      carriers: [{ name: "only", open: socket }],
      recall: () => null,
      remember: () => {},
      setTimer: timers.set,
      clearTimer: timers.clear,
      random: () => random,
    },
    {
      hello: () => params,
      onHello: (result, sent) => log.hellos.push([result, sent]),
      onNote: (method, p) => log.notes.push([method, p]),
      onLine: (l) => log.lines.push(l),
      onHelloFailed: () => {
        log.failed = true;
        params = {};
      },
      onDenied: () => log.denied++,
    },
  );
  function socket() {
    const s = {
      sent: [],
      closed: false,
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      send(data) {
        s.sent.push(JSON.parse(data));
      },
      close() {
        s.closed = true;
      },
      say(message) {
        s.onmessage?.({ data: JSON.stringify(message) });
      },
    };
    sockets.push(s);
    return s;
  }
  const greet = (s) => {
    s.onopen();
    s.say({ id: s.sent[0].id, result: { me: 1 } });
  };
  return {
    line,
    log,
    sockets,
    timers,
    greet,
    setHello: (p) => {
      params = p;
    },
  };
}

test("hello carries cursor and watch; calls wait for its answer and leave as one batch", async () => {
  const w = world();
  const first = w.line.call("a");
  const second = w.line.call("b", { x: 1 });
  const s = w.sockets[0];
  s.onopen();
  assert.deepEqual(s.sent[0].params, { cursor: { h: 1 }, watch: ["h-10"] });
  await turn();
  assert.equal(s.sent.length, 1);
  s.say({ id: s.sent[0].id, result: {} });
  assert.deepEqual(
    s.sent[1].map((c) => c.method),
    ["a", "b"],
  );
  s.say([
    { id: s.sent[1][1].id, result: 2 },
    { id: s.sent[1][0].id, result: 1 },
  ]);
  assert.deepEqual([await first, await second], [1, 2]);
  const [c, d] = [w.line.call("c"), w.line.call("d")];
  await turn();
  assert.deepEqual(
    s.sent[2].map((x) => x.method),
    ["c", "d"],
  );
  s.say([
    { id: s.sent[2][0].id, result: 3 },
    { id: s.sent[2][1].id, error: { message: "no", data: { code: "forbidden" } } },
  ]);
  assert.equal(await c, 3);
  await assert.rejects(d, { code: "forbidden" });
});

test("a cut line: every unanswered call goes out again, in order, with its cid", async () => {
  const w = world();
  w.greet(w.sockets[0]);
  const one = w.line.call("post.create", { cid: "c1" });
  const two = w.line.call("post.create", { cid: "c2" });
  await turn();
  w.sockets[0].onclose();
  assert.equal(w.log.lines.at(-1), "down");
  const three = w.line.call("post.create", { cid: "c3" });
  await w.timers.pass(500);
  assert.equal(w.sockets.length, 2);
  w.setHello({ cursor: { h: 7 } });
  w.greet(w.sockets[1]);
  assert.deepEqual(w.sockets[1].sent[0].params, { cursor: { h: 7 } });
  assert.deepEqual(
    w.sockets[1].sent[1].map((c) => c.params.cid),
    ["c1", "c2", "c3"],
  );
  for (const c of w.sockets[1].sent[1]) w.sockets[1].say({ id: c.id, result: c.params.cid });
  assert.deepEqual(await Promise.all([one, two, three]), ["c1", "c2", "c3"]);
});

test("an answer on an old socket or a second answer changes nothing", async () => {
  const w = world();
  w.greet(w.sockets[0]);
  const call = w.line.call("a");
  await turn();
  const old = w.sockets[0];
  const { id } = old.sent[1];
  old.onclose();
  old.say({ id, result: "late" });
  await w.timers.pass(500);
  w.greet(w.sockets[1]);
  w.sockets[1].say({ id, result: "good" });
  w.sockets[1].say({ id, result: "twice" });
  assert.equal(await call, "good");
});

test("full jitter between 0 and 0.5 s doubling to 30 s", async () => {
  assert.equal(backoffMs(0, 1), 500);
  assert.equal(backoffMs(3, 1), 4000);
  assert.equal(backoffMs(20, 1), 30_000);
  assert.equal(backoffMs(20, 0), 0);
  const w = world(1);
  const waits = [];
  for (let i = 0; i < 9; i++) {
    w.sockets.at(-1).onclose();
    waits.push(w.timers.waits()[0]);
    await w.timers.pass(waits.at(-1));
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test("online wakes at once, offline drops at once, a good hello resets the backoff", async () => {
  const w = world(1);
  for (let i = 0; i < 5; i++) {
    w.sockets.at(-1).onclose();
    await w.timers.pass(w.timers.waits()[0]);
  }
  w.sockets.at(-1).onclose();
  const before = w.sockets.length;
  w.line.wake();
  assert.equal(w.sockets.length, before + 1);
  w.greet(w.sockets.at(-1));
  w.line.wake();
  assert.equal(w.sockets.length, before + 1);
  w.line.drop();
  assert.equal(w.log.lines.at(-1), "down");
  assert.deepEqual(w.timers.waits(), [500]);
});

test("an attempt that was begun without a network is begun anew when there is one, a good line stays", async () => {
  const w = world(0);
  w.greet(w.sockets[0]);
  w.line.drop();
  await w.timers.pass(500);
  assert.equal(w.sockets.length, 2); /* it hangs: neither open nor closed */
  w.line.wake(); /* the window was looked at again: on a slow line it may be just before its end */
  assert.equal(w.sockets.length, 2);
  w.line.wake(true);
  assert.ok(w.sockets[1].closed);
  assert.equal(w.sockets.length, 3);
  w.greet(w.sockets[2]);
  w.line.wake(true);
  assert.equal(w.sockets.length, 3);
  assert.equal(w.log.lines.at(-1), "open");
});

test("a line on which nothing is heard while something is awaited is given up", async () => {
  const w = world(0);
  w.greet(w.sockets[0]);
  await w.timers.pass(10 * SILENCE_MS);
  assert.equal(w.sockets.length, 1);
  void w.line.call("a");
  await w.timers.pass(SILENCE_MS);
  assert.equal(w.sockets.length, 2);
  assert.ok(w.sockets[0].closed);
});

test("hello refused for good: told once, no more sockets, calls are rejected", async () => {
  const w = world();
  w.sockets[0].onopen();
  w.sockets[0].say({ id: w.sockets[0].sent[0].id, error: { data: { code: "unauthenticated" } } });
  await w.timers.pass(60_000);
  assert.deepEqual([w.log.denied, w.sockets.length], [1, 1]);
  await assert.rejects(w.line.call("a"), { code: "closed" });
});

test("hello refused to who may not come: told once, and not tried again", async () => {
  const w = world();
  w.sockets[0].onopen();
  w.sockets[0].say({ id: w.sockets[0].sent[0].id, error: { data: { code: "forbidden" } } });
  await w.timers.pass(60_000);
  assert.deepEqual([w.log.denied, w.sockets.length], [1, 1]);
});

test("notifications are passed on in order; a broken frame ends the socket", async () => {
  const w = world();
  w.greet(w.sockets[0]);
  w.sockets[0].say([
    { method: "entry", params: { seq: 2 } },
    { method: "signal", params: {} },
  ]);
  assert.deepEqual(
    w.log.notes.map(([m]) => m),
    ["entry", "signal"],
  );
  w.sockets[0].onmessage({ data: "{" });
  assert.ok(w.sockets[0].closed);
  await w.timers.pass(500);
  assert.equal(w.sockets.length, 2);
});

test("hello refused for its words: told, then tried again with other words", async () => {
  const w = world();
  w.sockets[0].onopen();
  w.sockets[0].say({ id: w.sockets[0].sent[0].id, error: { data: { code: "not_found" } } });
  assert.ok(w.log.failed);
  await w.timers.pass(500);
  w.sockets[1].onopen();
  assert.deepEqual(w.sockets[1].sent[0].params, {});
});

test("the number of a failed request comes along, so that it can be told to the operator", () => {
  const data = { code: "internal", request: "k3f9" };
  assert.equal(errorOf({ message: "x", data }).told, "internal k3f9");
  assert.equal(errorOf({ message: "x", data: { code: "not_found" } }).told, "not_found");
});
