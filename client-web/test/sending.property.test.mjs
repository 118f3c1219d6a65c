/* Over any line, any server that holds its promises and any storage: what was written arrives once,
 * in order, and its author is shown what became of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fakeTimers, load, turn } from "./bundle.mjs";
import { holds } from "./property.mjs";

const { connect, memoryBox, openOutbox, reduce, initial } = await load(
  "transport.ts",
  "box.ts",
  "outbox.ts",
  "store.ts",
);

const ME = { id: "h-1", handle: "a", name: "A", role: "member", lang: "en" };
const THREADS = ["h-2", "h-3"];
const FIRST = 10 /* the seq that the hub has reached before */;
const settle = async () => {
  for (let i = 0; i < 12; i++) await turn();
};

/* Numbers that say what goes wrong; once they are used up, nothing does. */
function makeTape(numbers) {
  let at = 0;
  return () => (at < numbers.length ? numbers[at++] : 0);
}

/* A hub that keeps its word: a cid has one outcome, and an outcome is on the disk. */
function makeServer(next) {
  const done = new Map(); /* cid -> result */
  const refused = new Set();
  const entries = [];
  const failure = (code, retry_after_ms) => ({ error: { message: "", data: { code, retry_after_ms } } });
  function create({ cid, thread, text }) {
    if (done.has(cid)) return { result: done.get(cid) };
    if (refused.has(cid)) return failure("forbidden");
    const fate = next();
    if (fate === 5) return failure("unavailable", 200);
    if (fate === 6) return failure("rate_limited", 1_500);
    if (fate === 7) return failure("storage_full");
    if (fate === 8) {
      refused.add(cid);
      return failure("forbidden");
    }
    const seq = FIRST + entries.length + 1;
    entries.push({ hub: "h", seq, at: seq, by: ME.id, kind: "post", thread, room: "r", text });
    done.set(cid, { id: `h-${seq}`, seq });
    return { result: done.get(cid) };
  }
  return {
    entries,
    refused,
    answer(call) {
      if (call.method === "post.create") return create(call.params);
      if (call.method !== "post.list") return { result: {} };
      const posts = entries
        .filter((e) => e.thread === call.params.thread)
        .map((e, i) => ({ ...e, id: `h-${e.seq}`, n: i + 1, lang: "" }));
      return { result: { posts, members: [], seq: FIRST + entries.length } };
    },
  };
}

/* A socket to it, that loses and cuts. */
function makeSocket(server, next, timers) {
  const socket = { onopen: null, onmessage: null, onclose: null, onerror: null, close() {} };
  let isOpen = true;
  let told = null; /* seq up to which entries went out */
  const say = (message) => isOpen && socket.onmessage?.({ data: JSON.stringify(message) });
  const cut = () => {
    isOpen = false;
    socket.onclose?.();
  };
  const news = () => {
    if (told === null) return;
    for (const e of server.entries.filter((x) => x.seq > told)) {
      told = e.seq;
      say({ method: "entry", params: e });
    }
  };
  function reply(call) {
    if (call.method !== "session.hello") return { id: call.id, ...server.answer(call) };
    const head = FIRST + server.entries.length;
    told = call.params.cursor?.h ?? head;
    const result = { me: ME, hub: { code: "h", name: "H", version: "1" }, cursor: { h: head } };
    return { id: call.id, result };
  }
  socket.send = (data) => {
    const fate = next();
    const message = JSON.parse(data);
    timers.set(() => {
      if (!isOpen || fate === 7) return; /* 7: lost without a sign */
      if (fate === 4) return cut(); /* before the server had it */
      const answers = [message].flat().map(reply);
      if (fate === 5) return cut(); /* after it was done, before it was told */
      if (fate === 6) news(); /* the entry is faster than the answer */
      say(Array.isArray(message) ? answers : answers[0]);
      if (fate === 8) return cut();
      news();
    }, 20);
  };
  timers.set(() => (next() === 4 ? cut() : socket.onopen?.()), 10);
  return { socket, cut };
}

/* Storage that fails now and then. */
function makeBox(next, isSound) {
  const box = memoryBox();
  const failing = (name) =>
    async function (...args) {
      if (!isSound && next() > 5) throw new Error("no storage");
      return box[name](...args);
    };
  return { ...box, put: failing("put"), remove: failing("remove"), all: failing("all"), sound: box };
}

/* Each tab has the lock of its name until it dies. */
function makeLocks() {
  const free = new Set();
  const waiting = [];
  const give = () => {
    for (const one of waiting.splice(0)) {
      if (free.has(one.name)) one.start();
      else waiting.push(one);
    }
  };
  return {
    async request(name, { wait }, held) {
      if (!wait) return new Promise(() => {});
      await new Promise((start) => {
        waiting.push({ name, start });
        give();
      });
      return held();
    },
    die(tab) {
      free.add(`baraza-tab-${tab}`);
      give();
    },
  };
}

/* One tab: the client's line, outbox and state. A dead one does nothing any more. */
function openTab(w, name) {
  const tab = { name, state: initial, lives: true, socket: null };
  const later = (fn, ms) => w.timers.set(() => tab.lives && fn(), ms);
  const dispatch = (ev) => {
    if (tab.lives) tab.state = reduce(tab.state, ev);
  };
  const outbox = openOutbox({
    box: w.box,
    locks: w.locks,
    tab: name,
    owner: () => ME.id,
    newCid: () => `c${w.cids++}`,
    now: w.timers.now,
    later,
    call: (method, params) => tab.line.call(method, params),
    on: dispatch,
  });
  const open = () => {
    const { socket, cut } = makeSocket(w.server, w.next, { set: later });
    tab.cut = cut;
    return socket;
  };
  const show = async (thread) => {
    const { posts, seq } = await tab.line.call("post.list", { thread });
    dispatch({ type: "posts", thread, posts, members: [], seq, newer: false });
  };
  tab.line = connect(
    {
      carriers: [{ name: "only", open }],
      recall: () => null,
      remember: () => {},
      setTimer: later,
      clearTimer: w.timers.clear,
      random: () => 0.5,
    },
    {
      hello: () => (tab.state.cursor.h === undefined ? {} : { cursor: tab.state.cursor }),
      onHello(result, sent) {
        const isFirst = tab.state.phase !== "in";
        dispatch({ type: "hello", ...result, resumed: sent.cursor !== undefined });
        void outbox.sweep();
        if (isFirst) for (const thread of THREADS) void show(thread);
      },
      onNote: (_method, entry) => dispatch({ type: "entry", entry }),
      onLine: (line) => dispatch({ type: "line", line }),
      onHelloFailed: () => {},
      onDenied: () => {},
    },
  );
  return Object.assign(tab, { outbox });
}

const STEPS = {
  write(w, n) {
    const thread = THREADS[n % 2];
    const text = `p${w.written.length}`;
    const cid = w.tab.outbox.add("post.create", { thread, text });
    w.written.push({ cid, thread, text });
  },
  pass: (w, n) => w.timers.pass([5, 40, 700, 3_000, 25_000][n % 5]),
  cut: (w) => w.tab.cut?.(),
  drop: (w) => w.tab.line.drop(),
  wake: (w) => w.tab.line.wake(),
  async die(w) {
    if (!w.isSound) return; /* what no storage kept dies with its tab */
    await settle();
    w.tab.lives = false;
    w.locks.die(w.tab.name);
    await w.timers.pass(100); /* the next one is opened later */
    w.tab = openTab(w, `t${w.tabs++}`);
  },
};

async function live({ steps, numbers, isSound }) {
  const next = makeTape(numbers);
  const w = { next, isSound, timers: fakeTimers(), server: makeServer(next), locks: makeLocks() };
  Object.assign(w, { box: makeBox(next, isSound), written: [], cids: 0, tabs: 1 });
  w.tab = openTab(w, "t0");
  for (const [name, n] of steps) await STEPS[name](w, n);
  for (let i = 0; i < 40; i++) {
    await w.timers.pass(30_000);
    await settle();
  }
  return w;
}

async function check({ tab, server, written, box, isSound }) {
  assert.equal(tab.state.line, "open");
  for (const thread of THREADS) {
    const mine = written.filter((p) => p.thread === thread && !server.refused.has(p.cid));
    const texts = mine.map((p) => p.text);
    const there = server.entries.filter((e) => e.thread === thread).map((e) => e.text);
    assert.deepEqual(there, texts, "each once, in the order of writing");
    const shown = tab.state.pages[thread]?.posts.map((p) => p.text);
    assert.deepEqual(shown, texts, "and shown so");
  }
  const left = tab.state.pending.map((c) => [c.cid, c.status]).sort();
  assert.deepEqual(left, [...server.refused].sort().map((cid) => [cid, "refused"]));
  if (!isSound) return;
  const kept = (await box.sound.all()).map((c) => c.cid).sort();
  assert.deepEqual(kept, [...server.refused].sort(), "nothing else is left on the device");
}

const step = fc.oneof(
  ...[["write", 6], ["pass", 5], ["cut", 1], ["drop", 1], ["wake", 1], ["die", 1]].map(
    ([name, weight]) => ({ weight, arbitrary: fc.tuple(fc.constant(name), fc.nat(9)) }),
  ),
);
const story = fc.record({
  steps: fc.array(step, { maxLength: 25, size: "max" }),
  numbers: fc.array(fc.nat(8), { maxLength: 60, size: "max" }),
  isSound: fc.boolean(),
});

test("what is written arrives once and in order, and nothing waits for ever", () =>
  holds(
    fc.asyncProperty(story, async (s) => check(await live(s))),
    200,
  ));
