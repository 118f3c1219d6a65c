/* A thread of thousands of posts on a slow phone: how smoothly it scrolls, that never more than 300
 * posts stand in the page, and that nothing jumps while posts come and go above. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, newThread, rpc, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const LONG = Boolean(process.env.BARAZA_LONG);
const POSTS = LONG ? 10_000 : 700;
const STEP = LONG ? 180 : 60; /* pixels a frame */
const PAGE_MAX = 300;
let hub, v, thread;
before(async () => {
  if (skip) return;
  hub = await startHub({ env: { BARAZA_LIMITS_ENFORCE: "no" } });
  v = await hub.member("moussa.kone", { viewport: { width: 360, height: 740 } });
  thread = await newThread(v.page, "Ten thousand words");
  const words = "The operator pays per kilometre, and the city keeps the fares. ";
  await v.page.evaluate(
    async ([id, posts, text]) => {
      for (let at = 0; at < posts; at += 50) {
        const calls = Array.from({ length: 50 }, (_, i) => ({
          jsonrpc: "2.0",
          id: i,
          method: "post.create",
          params: { thread: id, cid: `s-${at + i}`, text: `${at + i + 2}. ${text.repeat(1 + ((at + i) % 5))}` },
        }));
        const r = await fetch("/rpc", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(calls),
        });
        if ((await r.json()).some((x) => x.error)) throw new Error("a post was refused");
      }
    },
    [thread.id, POSTS, words],
  );
});
after(async () => {
  await hub?.end();
});

/* Scrolls like a steady hand, frame by frame, until the first or last post is reached. */
async function scroll(page, step) {
  return page.evaluate(async (by) => {
    const shownPosts = () => document.querySelectorAll(".post[data-seq]");
    const first = () => document.elementFromPoint(innerWidth / 2, 300)?.closest(".post[data-seq]");
    const seen = new Set();
    const frames = [];
    let most = 0;
    let jumps = 0;
    let looked = 0;
    let stood = 0;
    let last = performance.now();
    while (stood < 90 && frames.length < 20_000) {
      const before = first();
      const top = before?.getBoundingClientRect().top ?? 0;
      const at = document.scrollingElement.scrollTop;
      scrollBy(0, by);
      const moved = document.scrollingElement.scrollTop - at;
      stood = moved === 0 ? stood + 1 : 0;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      frames.push(now - last);
      last = now;
      if (frames.length % 10 === 0) {
        const all = shownPosts();
        most = Math.max(most, all.length);
        for (const el of all) seen.add(el.id);
      }
      /* What stood on the screen moved by as much as the hand did, whatever came or went above it. */
      if (!before?.isConnected) continue;
      looked++;
      if (Math.abs(before.getBoundingClientRect().top - (top - moved)) > 2) jumps++;
    }
    return { frames, most, jumps, looked, seen: seen.size };
  }, step);
}
const report = (what, { frames, most, jumps, seen }) => {
  const share = (ms) => ((100 * frames.filter((f) => f <= ms).length) / frames.length).toFixed(1);
  console.log(
    `${what}: ${seen} posts, ${frames.length} frames; within 17 ms ${share(17)} %, within 34 ms ${share(34)} %, ` +
      `longest ${Math.max(...frames).toFixed(0)} ms; at most ${most} posts in the page; ${jumps} jumps`,
  );
};

/* What the browser can do here at all: the page as it stands, its scripts taken out, scrolled in the same way. */
async function still(page) {
  const html = await page.evaluate(() => {
    const copy = document.documentElement.cloneNode(true);
    for (const el of copy.querySelectorAll("script, link[rel=modulepreload], meta[http-equiv]")) el.remove();
    return `<!doctype html>${copy.outerHTML}`;
  });
  const other = await page.context().newPage();
  await other.route("**/still", (r) => r.fulfill({ contentType: "text/html; charset=utf-8", body: html }));
  await other.goto(`${hub.url}/still`);
  const cdp = await other.context().newCDPSession(other);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await other.evaluate(() => scrollTo(0, document.scrollingElement.scrollHeight));
  const found = await scroll(other, -STEP);
  await other.close();
  return found;
}

test("up and down a long thread", { skip, timeout: LONG ? 1_500_000 : 600_000 }, async () => {
  const { page } = v;
  await page.goto(`${hub.url}/t/${thread.id}`);
  await page.waitForSelector(".post[data-seq]");
  await rpc(page, "read.mark", { thread: thread.id, seq: 1 << 30 });
  await page.reload();
  await page.waitForSelector(".post[data-seq]");
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const up = await scroll(page, -STEP);
  report("up", up);
  assert.ok(up.seen >= POSTS + 1, `${up.seen}`);
  const down = await scroll(page, STEP);
  report("down", down);
  assert.ok(down.seen >= POSTS + 1, `${down.seen}`);
  if (LONG) report("the same posts in a page without a script, up", await still(page));
  for (const way of [up, down]) {
    assert.ok(way.most <= PAGE_MAX, `${way.most}`);
    assert.equal(way.jumps, 0);
    /* A row that is made anew cannot be followed: those on the screen stay the same ones. */
    assert.ok(way.looked > 0.99 * way.frames.length, `${way.looked} of ${way.frames.length}`);
  }
});

test("nothing happened that the policy forbids", { skip }, async () => {
  assert.deepEqual(hub.reports, []);
});
