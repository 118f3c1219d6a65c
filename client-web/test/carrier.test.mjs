/* Which carrier an attempt takes, how the line moves between them, and that nothing is lost on the way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeTimers, load, turn } from "./bundle.mjs";

const { connect, choose, takeBatch, trialMs, MISSES, OPEN_MS, SILENCE_MS, TRIAL_MAX_MS } =
  await load("transport.ts", "carrier.ts");

/* A line with two carriers whose sockets are driven by hand. */
function world({ recalled = null, broken = false } = {}) {
  const timers = fakeTimers();
  const made = [];
  const log = { lines: [], hellos: 0, notes: [], kept: recalled, denied: 0 };
  const open = (name) => () => {
    if (broken && name === "socket") throw new Error("forbidden here");
    const s = {
      name,
      sent: [],
      closed: false,
      woken: 0,
      send: (data) => s.sent.push(JSON.parse(data)),
      close() {
        s.closed = true;
        throw new Error("closed already");
      },
      wake: () => s.woken++,
      say: (message) => s.onmessage?.({ data: JSON.stringify(message) }),
      greet() {
        s.onopen();
        s.say({ id: s.sent[0].id, result: {} });
      },
    };
    made.push(s);
    return s;
  };
  const line = connect(
    {
      carriers: ["socket", "poll"].map((name) => ({ name, open: open(name) })),
      recall: () => log.kept,
      remember: (name) => {
        log.kept = name;
      },
      setTimer: timers.set,
      clearTimer: timers.clear,
      random: () => 1,
    },
    {
      hello: () => ({ cursor: { h: 1 } }),
      onHello: () => log.hellos++,
      onNote: (method, p) => log.notes.push(p.seq),
      onLine: (l) => log.lines.push(l),
      onHelloFailed: () => {},
      onDenied: () => log.denied++,
    },
  );
  const names = () => made.map((s) => s.name).join(" ");
  const fail = async () => {
    made.at(-1).onclose();
    await timers.pass(timers.waits()[0]); /* the next attempt begins */
  };
  return { line, log, made, names, timers, fail, last: () => made.at(-1) };
}
const TRIAL_MS = 15_000;

test("the kept one, then by turns another; one alone is always taken", () => {
  const run = (kept, n) => Array.from({ length: 8 }, (_, misses) => choose({ kept, misses }, n));
  assert.deepEqual(run(0, 2), [0, 0, 1, 0, 1, 0, 1, 0]);
  assert.deepEqual(run(1, 2), [1, 1, 0, 1, 0, 1, 0, 1]);
  assert.deepEqual(run(1, 3), [1, 1, 2, 1, 0, 1, 2, 1]);
  assert.deepEqual(run(0, 1), [0, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(MISSES, 2);
  assert.deepEqual([trialMs(0, 1), trialMs(1, 1), trialMs(9, 1)], [15_000, 30_000, TRIAL_MAX_MS]);
  assert.equal(trialMs(9, 0), TRIAL_MAX_MS / 2);
});

test("a batch has at most 16 calls and 60,000 bytes, and at least one call", () => {
  const list = Array.from({ length: 20 }, (_, n) => ({ n }));
  assert.equal(takeBatch(list).length, 16);
  assert.deepEqual(
    takeBatch(list).map((c) => c.n),
    [16, 17, 18, 19],
  );
  const wide = Array.from({ length: 3 }, () => ({ text: "é".repeat(14_000) }));
  assert.equal(takeBatch(wide).length, 2);
  const huge = [{ text: "x".repeat(70_000) }, { text: "y" }];
  assert.equal(takeBatch(huge).length, 1);
  assert.deepEqual(takeBatch([]), []);
});

test("sockets that never open or never answer hello: then requests, and that is remembered", async () => {
  const w = world();
  await w.timers.pass(OPEN_MS); /* the first one hangs */
  await w.timers.pass(500);
  w.last().onopen(); /* the second one opens and is silent */
  await w.timers.pass(SILENCE_MS + 1000);
  assert.equal(w.names(), "socket socket poll");
  w.last().greet();
  assert.deepEqual([w.log.kept, w.log.hellos, w.log.lines.at(-1)], ["poll", 1, "open"]);
  w.last().onclose();
  await w.timers.pass(500);
  assert.equal(w.last().name, "poll");
});

test("a socket that worked is kept over cuts; what cannot even begin is a miss", async () => {
  const w = world();
  for (let i = 0; i < 4; i++) {
    w.last().greet();
    await w.fail();
  }
  assert.equal(w.names(), "socket socket socket socket socket");
  const b = world({ broken: true });
  await b.timers.pass(2_000);
  assert.equal(b.made[0].name, "poll");
  b.made[0].greet();
  assert.equal(b.log.kept, "poll");
});

test("with no network at all both have their turns, and the first that works is taken", async () => {
  const w = world({ recalled: "poll" });
  for (let i = 0; i < 5; i++) await w.fail();
  assert.equal(w.names(), "poll poll socket poll socket poll");
  const gone = world();
  gone.line.drop();
  gone.line.wake();
  gone.line.drop();
  gone.line.wake();
  assert.equal(gone.names(), "socket socket socket"); /* no carrier's fault */
});

test("beside requests a socket is tried now and then; it takes over with its hello, and calls go out again", async () => {
  const w = world({ recalled: "poll" });
  const poll = w.last();
  poll.greet();
  const call = w.line.call("post.create", { cid: "c1" });
  await turn();
  await w.timers.pass(TRIAL_MS);
  const trial = w.last();
  assert.deepEqual([trial.name, poll.closed], ["socket", false]);
  poll.say({ method: "entry", params: { seq: 2 } });
  trial.greet();
  assert.deepEqual([poll.closed, w.log.kept, w.log.hellos], [true, "socket", 2]);
  assert.equal(trial.sent[1].params.cid, "c1");
  trial.say({ method: "entry", params: { seq: 3 } });
  poll.say({ method: "entry", params: { seq: 3 } });
  assert.deepEqual(w.log.notes, [2, 3]);
  trial.say({ id: trial.sent[1].id, result: "done" });
  assert.equal(await call, "done");
  await w.timers.pass(TRIAL_MAX_MS * 2);
  assert.equal(w.made.length, 2);
});

test("a trial that fails leaves the line alone and comes back later and later", async () => {
  const w = world({ recalled: "poll" });
  w.last().greet();
  await w.timers.pass(TRIAL_MS);
  w.last().onclose();
  await w.timers.pass(2 * TRIAL_MS);
  w.last().onopen();
  w.last().say({ id: w.last().sent[0].id, error: { data: { code: "unauthenticated" } } });
  assert.deepEqual([w.log.denied, w.log.lines.at(-1)], [0, "open"]);
  await w.timers.pass(4 * TRIAL_MS);
  assert.equal(w.names(), "poll socket socket socket");
  w.line.wake(); /* one trial at a time */
  assert.equal(w.made.length, 4);
  assert.equal(w.made[0].woken, 1);
  w.last().onerror();
  w.line.wake(); /* the network may be another one now */
  assert.equal(w.made.length, 5);
  w.made[0].onclose();
  assert.equal(w.last().closed, true);
  w.line.close();
  w.line.wake();
  w.line.drop();
  await w.timers.pass(TRIAL_MAX_MS);
  assert.equal(w.made.length, 5);
});
