/* A socket made of requests: the same frames as a WebSocket, in order, from the cursor on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeTimers, load, turn } from "./bundle.mjs";

const { pollSocket, ANSWER_MS, HIDDEN_MS, PAUSE_MS, WAIT_MS } = await load("poll.ts");

function world() {
  const timers = fakeTimers();
  const asked = []; /* every request: { body, aborted, answer(result), fail(), raw(status, text) } */
  const got = [];
  const w = { timers, asked, got, hidden: false, opened: 0, closed: 0 };
  w.socket = pollSocket({
    setTimer: timers.set,
    clearTimer: timers.clear,
    now: timers.now,
    isHidden: () => w.hidden,
    post: (text, signal) =>
      new Promise((resolve, reject) => {
        const body = JSON.parse(text);
        const one = {
          body,
          signal,
          raw: (status, answer) => resolve({ status, text: answer }),
          answer(result) {
            this.raw(200, JSON.stringify({ jsonrpc: "2.0", id: body.id, result }));
            return turn();
          },
          refuse(data, status = 200) {
            this.raw(status, JSON.stringify({ jsonrpc: "2.0", id: body.id, error: { data } }));
            return turn();
          },
          fail() {
            reject(new Error("no network"));
            return turn();
          },
        };
        signal.addEventListener("abort", () => reject(signal.reason));
        asked.push(one);
      }),
  });
  w.socket.onopen = () => w.opened++;
  w.socket.onmessage = (ev) => got.push(JSON.parse(ev.data));
  w.socket.onclose = () => w.closed++;
  w.say = (...calls) => {
    const frames = calls.map(([id, method, params = {}]) => ({
      jsonrpc: "2.0",
      id,
      method,
      params,
    }));
    w.socket.send(JSON.stringify(frames.length === 1 ? frames[0] : frames));
    return turn();
  };
  w.polls = () => asked.filter((a) => a.body.method === "session.poll");
  w.greet = async (cursor = { h: 5 }) => {
    await w.say([1, "session.hello", { cursor, watch: ["h-1"] }]);
    await w.asked.at(-1).answer({ me: "me", hub: "hub", cursor, notes: [] });
  };
  return w;
}
const note = (seq) => ({ jsonrpc: "2.0", method: "entry", params: { seq } });

test("hello is the first request; what was missed follows its answer; then one request is held", async () => {
  const w = world();
  await turn();
  assert.equal(w.opened, 1);
  await w.say([1, "session.hello", { cursor: { h: 5 }, watch: ["h-1"] }]);
  assert.deepEqual(w.asked[0].body, {
    jsonrpc: "2.0",
    id: 1,
    method: "session.poll",
    params: { cursor: { h: 5 }, watch: ["h-1"] },
  });
  await w.asked[0].answer({ me: "me", hub: "hub", cursor: { h: 7 }, notes: [note(6), note(7)] });
  assert.deepEqual(w.got, [
    { jsonrpc: "2.0", id: 1, result: { me: "me", hub: "hub", cursor: { h: 7 } } },
    [note(6), note(7)],
  ]);
  assert.deepEqual(w.asked[1].body.params, { cursor: { h: 7 }, watch: ["h-1"], wait_ms: WAIT_MS });
  await w.asked[1].answer({ cursor: { h: 8 }, notes: [note(8)] });
  assert.deepEqual(w.got[2], [note(8)]);
  assert.deepEqual(w.asked[2].body.params.cursor, { h: 8 });
  assert.equal(w.asked.length, 3);
});

test("calls go one request at a time, in order, and answers are passed on as they are", async () => {
  const w = world();
  await w.greet();
  await w.say([2, "a"]);
  await w.say([3, "b"]);
  await w.say([4, "c"], [5, "d"]);
  const calls = () => w.asked.filter((a) => a.body.method !== "session.poll");
  assert.equal(calls().length, 1);
  await calls()[0].answer("A");
  assert.deepEqual(w.got.at(-1), { jsonrpc: "2.0", id: 2, result: "A" });
  assert.deepEqual(
    calls()[1].body.map((c) => c.method),
    ["b", "c", "d"],
  );
  calls()[1].raw(200, JSON.stringify([{ id: 3 }, { id: 4 }, { id: 5 }]));
  await turn();
  assert.deepEqual(w.got.at(-1), [{ id: 3 }, { id: 4 }, { id: 5 }]);
  assert.equal(w.closed, 0);
});

test("other rooms: answered here, and asked again from the same cursor; typing is left out", async () => {
  const w = world();
  await w.greet();
  await w.say([2, "session.watch", { rooms: ["h-1", "h-2"] }]);
  assert.deepEqual(w.got.at(-1), { jsonrpc: "2.0", id: 2, result: { cursor: { h: 5 } } });
  assert.equal(w.polls()[1].signal.aborted, true);
  assert.deepEqual(w.polls()[2].body.params.watch, ["h-1", "h-2"]);
  assert.deepEqual(w.polls()[2].body.params.cursor, { h: 5 });
  await w.say([3, "signal.send", { kind: "typing" }]);
  assert.deepEqual(w.got.at(-1), { jsonrpc: "2.0", id: 3, result: {} });
  assert.equal(w.closed, 0);
});

test("a refused hello is passed on; without an answer, or with a foreign one, the socket ends once", async () => {
  const refused = world();
  await refused.say([1, "session.hello"]);
  assert.deepEqual(refused.asked[0].body.params, {});
  await refused.asked[0].refuse({ code: "unauthenticated" }, 401);
  assert.equal(refused.got[0].error.data.code, "unauthenticated");
  assert.equal(refused.closed, 0);
  for (const end of [
    (a) => a.fail(),
    (a) => a.raw(502, "<html>"),
    (a) => a.raw(200, "<html>"),
    (a) => a.raw(503, "{}"),
  ]) {
    for (const when of ["hello", "poll", "call"]) {
      const w = world();
      if (when === "hello") await w.say([1, "session.hello"]);
      else await w.greet();
      if (when === "call") await w.say([2, "a"]);
      end(w.asked.at(-1));
      await turn();
      assert.equal(w.closed, 1, when);
      const sent = w.asked.length;
      await w.say([3, "b"]);
      await w.timers.pass(10 * WAIT_MS);
      assert.equal(w.asked.length, sent);
      for (const a of w.asked) await a.answer({ cursor: {}, notes: [note(9)] });
      assert.equal(w.got.length, when === "hello" ? 0 : 1);
    }
  }
});

test("a request that hangs is given up; the end of the session in the middle ends the socket", async () => {
  const w = world();
  await w.greet();
  await w.timers.pass(WAIT_MS + ANSWER_MS);
  assert.equal(w.closed, 1);
  const call = world();
  await call.greet();
  await call.say([2, "a"]);
  await call.timers.pass(ANSWER_MS);
  assert.equal(call.closed, 1);
  for (const at of ["poll", "call"]) {
    const v = world();
    await v.greet();
    if (at === "call") await v.say([2, "a"]);
    await v.asked.at(-1).refuse({ code: "unauthenticated" }, 401);
    assert.equal(v.closed, 1);
  }
});

test("a busy hub is asked again when it says so; a reset in the middle begins a new line", async () => {
  const w = world();
  await w.greet();
  await w.polls()[1].refuse({ code: "unavailable", retry_after_ms: 5000 });
  await w.timers.pass(4999);
  assert.equal(w.polls().length, 2);
  await w.timers.pass(1);
  assert.equal(w.polls().length, 3);
  await w.polls()[2].answer({ cursor: { h: 9 }, notes: [{ method: "reset", params: {} }] });
  assert.equal(w.closed, 1);
  assert.equal(w.got.length, 1);
});

test("answers that come at once and say nothing are not asked for without pause", async () => {
  const w = world();
  await w.greet();
  await w.polls()[1].answer({ cursor: { h: 5 }, notes: [] });
  assert.equal(w.polls().length, 2);
  await w.timers.pass(PAUSE_MS);
  assert.equal(w.polls().length, 3);
  await w.timers.pass(WAIT_MS);
  await w.polls()[2].answer({ cursor: { h: 5 }, notes: [] });
  assert.equal(w.polls().length, 4);
});

test("a hidden page asks seldom and holds nothing, until it is looked at", async () => {
  const w = world();
  w.hidden = true;
  await w.greet();
  assert.equal(w.polls()[1].body.params.wait_ms, 1);
  await w.polls()[1].answer({ cursor: { h: 6 }, notes: [note(6)] });
  await w.timers.pass(HIDDEN_MS - 1);
  assert.equal(w.polls().length, 2);
  w.hidden = false;
  w.socket.wake();
  await turn();
  assert.equal(w.polls()[2].body.params.wait_ms, WAIT_MS);
  w.socket.wake();
  w.socket.close();
  await turn();
  assert.equal(w.polls()[2].signal.aborted, true);
  assert.deepEqual([w.closed, w.timers.waits()], [0, []]);
  const early = world();
  early.socket.close();
  await turn();
  assert.equal(early.opened, 0);
});

test("who closes while something is handed over gets no more", async () => {
  const w = world();
  await w.say([1, "session.hello"]);
  w.socket.onmessage = (ev) => {
    w.got.push(JSON.parse(ev.data));
    w.socket.close();
  };
  await w.asked[0].answer({ me: "me", hub: "hub", cursor: { h: 5 }, notes: [note(5)] });
  assert.deepEqual([w.got.length, w.asked.length], [1, 1]);
});
