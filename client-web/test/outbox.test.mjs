/* The outbox: exactly one tab sends, in order, over dead tabs and refusals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import "fake-indexeddb/auto";
import { fakeTimers, load, turn } from "./bundle.mjs";

const { openOutbox, memoryBox, deviceBox, RpcError } = await load("outbox.ts", "types.ts");

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

function open(tab, { box, locks, calls = [] }) {
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
