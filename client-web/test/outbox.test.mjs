/* The outbox: exactly one tab sends, in order, over dead tabs and refusals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import "fake-indexeddb/auto";
import { fakeTimers, load, turn } from "./bundle.mjs";

const { leases, openOutbox, memoryBox, deviceBox, RpcError } = await load("outbox.ts", "types.ts");

function fakeLocks() {
  const held = new Set();
  return {
    held,
    async request(name, options, use) {
      if (held.has(name)) return options.ifAvailable ? use(null) : new Promise(() => {});
      held.add(name);
      await use({ name });
      held.delete(name);
    },
  };
}

function open(tab, { box, locks, calls = [], owner = "me" }) {
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
    call: (method, params) =>
      new Promise((resolve, reject) => calls.push({ tab, method, params, resolve, reject })),
    on: (ev) => events.push(ev),
  });
  return { outbox, events, timers, calls };
}
const settle = async () => {
  for (let i = 0; i < 20; i++) await turn();
};

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
    locks.held.delete("baraza-tab-A");
    const c = open("C", { box, locks, calls });
    await Promise.all([b.outbox.sweep(), c.outbox.sweep()]);
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
  w.calls[2].reject(new RpcError("invalid", ""));
  await settle();
  w.outbox.drop(cid);
  await settle();
  assert.equal((await box.all()).length, 0);
});

test("nobody sends in the name of somebody else who used the device", async () => {
  const box = await deviceBox(`test-${Math.random()}`);
  const locks = fakeLocks();
  open("A", { box, locks, owner: "amina" }).outbox.add("post.create", { thread: "t", text: "1" });
  await settle();
  locks.held.clear();
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
    await Promise.all([b.outbox.sweep(), c.outbox.sweep()]);
    await settle();
    assert.deepEqual(
      [...b.calls, ...c.calls].map((x) => x.params.cid),
      ["A-0"],
    );
  }
});
