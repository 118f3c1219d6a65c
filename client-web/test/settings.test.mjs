/* What a room's settings mean to its reader: how long to wait, what is quiet, and how both are told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";
import * as things from "./things.mjs";

const { isQuiet, waitMs } = await load("settings.ts");
const { countdown, duration } = await load("i18n.ts");
const state = (room, pending = []) => ({
  rooms: { "h-10": things.room("h-10", room) },
  threads: { "h-20": things.thread("h-20") },
  pending,
});
const wait = (s, now) => waitMs(s, s.rooms["h-10"], now);

test("who wrote waits from then on; what is still on its way counts, what was refused does not", () => {
  const slow = { set: { slow_s: 60 }, posted_at: 10_000 };
  assert.equal(wait(state({ posted_at: 10_000 }), 10_001), 0);
  assert.equal(wait(state({ set: { slow_s: 60 } }), 10_001), 0);
  assert.equal(wait(state(slow), 10_001), 59_999);
  assert.equal(wait(state(slow), 70_000), 0);
  const sent = (more) => ({ method: "post.create", params: { thread: "h-20" }, at: 40_000, status: "waiting", ...more });
  assert.equal(wait(state(slow, [sent()]), 50_000), 50_000);
  assert.equal(wait(state(slow, [sent({ method: "thread.create", params: { room: "h-10" } })]), 50_000), 50_000);
  assert.equal(wait(state(slow, [sent({ status: "refused" })]), 50_000), 20_000);
  assert.equal(wait(state(slow, [sent({ method: "post.react" })]), 50_000), 20_000);
  assert.equal(wait(state(slow, [sent({ params: { thread: "h-21" } })]), 50_000), 20_000);
  assert.equal(wait(state(slow), -3_600_000), 60_000); /* a clock that is an hour behind */
});

test("a thread is quiet after so many days, a lobby never", () => {
  const s = state({ set: { lock_days: 2 } });
  const day = 86_400_000;
  const th = things.thread("h-20", { last_at: day });
  assert.equal(isQuiet(s, th, 3 * day), false);
  assert.equal(isQuiet(s, th, 3 * day + 1), true);
  assert.equal(isQuiet(s, { ...th, kind: "chat" }, 9 * day), false);
  assert.equal(isQuiet(state({}), th, 999 * day), false);
});

test("times are told in their largest unit, and count down to nothing", () => {
  assert.deepEqual([30, 60, 90, 3600, 86_400, 604_800].map(duration),
    ["30 seconds", "1 minute", "90 seconds", "1 hour", "1 day", "7 days"]);
  assert.deepEqual([1, 42_000, 60_000, 3_599_001, 3_661_000].map(countdown), ["0:01", "0:42", "1:00", "1:00:00", "1:01:01"]);
});
