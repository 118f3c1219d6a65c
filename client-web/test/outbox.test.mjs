/* The outbox: exactly one tab sends, in order, over dead tabs and refusals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import "fake-indexeddb/auto";
import { fakeTimers, load, turn } from "./bundle.mjs";

const { leases, LIVES_MS, openOutbox, memoryBox, deviceBox, RpcError } = await load("box.ts", "outbox.ts", "types.ts");

function fakeLocks() {
  const queues = new Map(); /* who asked for a lock, in that order; the first has it */
  const next = (name) => {
    queues.get(name).shift();
    queues.get(name)[0]?.();
  };
  return {
    async request(name, _options, use) {
      const queue = queues.get(name) ?? [];
      queues.set(name, queue);
      await new Promise((go) => {
        queue.push(go);
        if (queue.length === 1) go();
      });
      await use();
      next(name);
    },
    die: (tab) => next(`baraza-tab-${tab}`),
  };
}

function open(tab, { box, locks, calls = [], owner = "me", files }) {
  const timers = fakeTimers();
  const events = [];
  let n = 0;
  const outbox = openOutbox({
    box,
    locks,
    tab,
    newCid: () => `${tab}-${n++}`,
    now: timers.now,
    later: timers.set,
    owner: () => owner,
    files,
    call: (method, params) =>
      new Promise((resolve, reject) => calls.push({ tab, method, params, resolve, reject })),
    on: (ev) => events.push(ev),
  });
  return { outbox, events, timers, calls };
}
const settle = async () => {
  for (let i = 0; i < 20; i++) await turn();
};

test("what waits for its files holds up no other, goes out with them, and not at all once it was dropped", async () => {
  const box = memoryBox();
  const waits = [];
  const files = {
    ready: ({ params }) => new Promise((go, fail) => waits.push({ go: () => go({ ...params, files: [{ upload: "u1" }] }), fail })),
    anew: async () => waits.length === 1,
  };
  const w = open("A", { box, locks: fakeLocks(), files });
  w.outbox.add("post.create", { thread: "t1", text: "1", files: [{ name: "a" }] });
  w.outbox.add("post.create", { thread: "t1", text: "2" });
  await settle();
  assert.deepEqual(w.calls.map((c) => c.params.text), ["2"]);
  waits[0].go();
  await settle();
  assert.deepEqual(w.calls[1].params, { thread: "t1", text: "1", files: [{ upload: "u1" }], cid: "A-0" });
  w.calls[1].reject(new RpcError("not_found", "it ended")); /* sent anew, and in the same name */
  await settle();
  assert.deepEqual([w.calls.length, waits.length], [2, 2]);
  waits[1].go();
  await settle();
  assert.equal(w.calls[2].params.cid, "A-0");
  w.calls[2].resolve({ id: "h-1", seq: 1 });
  const third = w.outbox.add("post.create", { thread: "t1", text: "3", files: [{ name: "b" }] });
  await settle();
  w.outbox.drop(third);
  waits[2].fail(new RpcError("upload", "it is gone"));
  await settle();
  assert.deepEqual([w.calls.length, w.events.filter((ev) => ev.type === "refused").length], [3, 0]);
  assert.deepEqual((await box.all()).map((s) => s.params.text), ["2"]);
  w.outbox.add("post.create", { thread: "t1", text: "4", files: [{ name: "c" }] });
  await settle();
  waits[3].fail(new RpcError("upload", "it is too large"));
  await settle();
  assert.deepEqual(w.events.at(-1), { type: "refused", cid: "A-3", code: "upload" });
});

test("posts of one thread go one after the other, other threads do not wait", async () => {
  const w = open("A", { box: memoryBox(), locks: fakeLocks() });
  w.outbox.add("post.create", { thread: "t1", text: "1" });
  w.outbox.add("post.create", { thread: "t1", text: "2" });
  w.outbox.add("post.create", { thread: "t2", text: "3" });
  await settle();
  assert.deepEqual(
    w.calls.map((c) => c.params.text),
    ["1", "3"],
  );
  assert.equal(w.calls[0].params.cid, "A-0");
  w.calls[0].resolve({ id: "h-1", seq: 1 });
  await settle();
  assert.deepEqual(
    w.calls.map((c) => c.params.text),
    ["1", "3", "2"],
  );
  assert.deepEqual(
    w.events.filter((e) => e.type === "stored").map((e) => e.cid),
    ["A-0"],
  );
});

test("a dead tab's commands are sent by the next one, once, with the same cid", async () => {
  for (const box of [memoryBox(), await deviceBox(`test-${Math.random()}`)]) {
    const locks = fakeLocks();
    const a = open("A", { box, locks });
    a.outbox.add("post.create", { thread: "t", text: "1" });
    a.outbox.add("post.create", { thread: "t", text: "2" });
    await settle();
    const calls = [];
    const b = open("B", { box, locks, calls });
    await b.outbox.sweep();
    assert.equal(calls.length, 0, "A lives");
    const c = open("C", { box, locks, calls });
    await c.outbox.sweep();
    locks.die("A");
    await settle();
    assert.deepEqual(
      calls.map((x) => x.params.cid),
      ["A-0"],
    );
    calls[0].resolve({ id: "h-1", seq: 1 });
    await settle();
    assert.deepEqual(
      calls.map((x) => x.params.cid),
      ["A-0", "A-1"],
    );
    calls[1].resolve({ id: "h-2", seq: 2 });
    await settle();
    assert.equal((await box.all()).length, 0);
  }
});

test("what is written goes out behind what a dead tab left, also when its death shows late", async () => {
  const box = await deviceBox(`test-${Math.random()}`);
  const locks = fakeLocks();
  const calls = [];
  const texts = () => calls.map((c) => c.params.text);
  const a = open("A", { box, locks });
  for (const text of ["1", "2"]) a.outbox.add("post.create", { thread: "t", text });
  await settle();
  const b = open("B", { box, locks, calls });
  await b.timers.pass(10);
  b.outbox.add("post.create", { thread: "t", text: "3" });
  await settle();
  assert.deepEqual(texts(), []);
  locks.die("A");
  for (let i = 0; i < 3; i++) {
    await settle();
    calls[i].resolve({ id: `h-${i}`, seq: i + 1 });
  }
  assert.deepEqual(texts(), ["1", "2", "3"]);
});

test("a tab that lives is not waited for; if it dies its commands go before later ones", async () => {
  const box = await deviceBox(`test-${Math.random()}`);
  const locks = fakeLocks();
  const calls = [];
  const a = open("A", { box, locks });
  a.outbox.add("post.create", { thread: "t", text: "1" });
  await settle();
  const b = open("B", { box, locks, calls });
  for (const text of ["2", "3"]) {
    await b.timers.pass(10);
    b.outbox.add("post.create", { thread: "t", text });
  }
  await settle();
  await b.timers.pass(LIVES_MS);
  await settle();
  assert.deepEqual(calls.map((c) => c.params.text), ["2"]);
  locks.die("A");
  for (let i = 0; i < 3; i++) {
    await settle();
    calls[i].resolve({ id: `h-${i}`, seq: i + 1 });
  }
  assert.deepEqual(calls.map((c) => c.params.text), ["2", "1", "3"]);
});

test("what will pass is tried again with the same cid; what will not stays and can be retried", async () => {
  const box = memoryBox();
  const w = open("A", { box, locks: null });
  const cid = w.outbox.add("post.create", { thread: "t", text: "1" });
  await settle();
  w.calls[0].reject(new RpcError("rate_limited", "", 700));
  await settle();
  assert.deepEqual(w.timers.waits(), [700]);
  await w.timers.pass(700);
  assert.equal(w.calls[1].params.cid, cid);
  w.calls[1].reject(new RpcError("forbidden", ""));
  await settle();
  assert.equal(w.events.at(-1).type, "refused");
  assert.equal((await box.all())[0].status, "refused");
  w.outbox.retry(cid);
  await settle();
  assert.equal(w.calls[2].params.cid, cid);
  w.calls[2].reject(new RpcError("internal", "", undefined, "7f-3")); /* its author can say which it was */
  await settle();
  assert.equal(w.events.at(-1).code, "internal 7f-3");
  w.outbox.drop(cid);
  await settle();
  assert.equal((await box.all()).length, 0);
});

test("what a slow room refuses waits for its author, not for the clock", async () => {
  const w = open("A", { box: memoryBox(), locks: fakeLocks() });
  const cid = w.outbox.add("post.create", { thread: "t1", text: "1" });
  await settle();
  w.calls[0].reject(new RpcError("slow_mode", "", 700));
  await settle();
  assert.deepEqual(w.timers.waits(), []);
  await settle();
  assert.deepEqual(w.events.at(-1), { type: "refused", cid, code: "slow_mode" });
  assert.equal(w.calls.length, 1);
  w.outbox.retry(cid);
  await settle();
  assert.equal(w.calls.length, 2);
});

test("storage that fails for one post does not let the next one overtake it", async () => {
  const box = memoryBox();
  let puts = 0;
  const put = (saved) =>
    puts++ === 0 ? turn().then(() => Promise.reject(new Error("no storage"))) : box.put(saved);
  const w = open("A", { box: { ...box, put }, locks: null });
  for (const text of ["1", "2"]) w.outbox.add("post.create", { thread: "t", text });
  for (let i = 0; i < 2; i++) {
    await settle();
    w.calls[i].resolve({ id: `h-${i}`, seq: i + 1 });
  }
  assert.deepEqual(w.calls.map((c) => c.params.text), ["1", "2"]);
});

test("what changes in one turn reaches the device as a whole or not at all", async () => {
  const box = await deviceBox(`test-${Math.random()}`);
  const saved = { cid: "c1", method: "post.create", params: {}, tab: "A", order: 0 };
  await Promise.all([box.put(saved), box.set("drafts", {})]);
  assert.deepEqual([await box.all(), await box.get("drafts")], [[saved], {}]);
  const both = [box.put({ ...saved, cid: "c2" }), box.set("drafts", () => "not a value")];
  for (const one of both) await assert.rejects(one);
  assert.deepEqual([await box.all(), await box.get("drafts")], [[saved], {}]);
  void box.remove("c1");
  assert.deepEqual(await box.all(), [], "what is read holds what was written before");
});

test("nobody sends in the name of somebody else who used the device", async () => {
  const box = await deviceBox(`test-${Math.random()}`);
  const locks = fakeLocks();
  open("A", { box, locks, owner: "amina" }).outbox.add("post.create", { thread: "t", text: "1" });
  await settle();
  locks.die("A");
  const other = open("B", { box, locks, owner: "moussa" });
  await other.outbox.sweep();
  await settle();
  assert.deepEqual([other.calls.length, other.events.length, (await box.all()).length], [0, 0, 1]);
  const again = open("C", { box, locks, owner: "amina" });
  await again.outbox.sweep();
  await settle();
  assert.equal(again.calls.length, 1);
});

test("without locks: a living tab keeps its commands, a silent one loses them to exactly one", async () => {
  for (const box of [memoryBox(), await deviceBox(`test-${Math.random()}`)]) {
    const clock = fakeTimers();
    const tab = (name) => {
      let lives = true;
      const later = (fn, ms) => clock.set(() => lives && fn(), ms);
      const w = open(name, { box, locks: leases(box, clock.now, later) });
      return { ...w, kill: () => (lives = false) };
    };
    const a = tab("A");
    a.outbox.add("post.create", { thread: "t", text: "1" });
    await settle();
    const b = tab("B");
    const c = tab("C");
    await clock.pass(60_000);
    await settle();
    await b.outbox.sweep();
    assert.equal(b.calls.length, 0, "A lives");
    a.kill();
    await clock.pass(60_000);
    await settle();
    await c.outbox.sweep();
    await clock.pass(60_000);
    await settle();
    assert.deepEqual(
      [...b.calls, ...c.calls].map((x) => x.params.cid),
      ["A-0"],
    );
  }
});
