/* The budget, on a bad line and a slow phone: DevTools' "Slow 3G" (2,000 ms before each answer,
 * 400 kbit/s) and a processor at a quarter of its speed; the median of three. Here, and only here,
 * the time is what is tested. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, newThread, rpc, send, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const SLOW_3G = { latency: 2_000, downloadThroughput: 50_000, uploadThroughput: 50_000 };
let hub, helper, thread, cookies;
before(async () => {
  if (skip) return;
  hub = await startHub();
  helper = await hub.member("amina.diop");
  thread = await newThread(helper.page, "Parking fees in four cities", "Who can share figures?");
  const me = await hub.member("moussa.kone");
  cookies = await me.context.cookies();
  await me.context.close();
});
after(async () => {
  await hub?.end();
});

const median = (all) => all.slice().sort((x, y) => x - y)[all.length >> 1];

async function slow(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", { offline: false, ...SLOW_3G });
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  return cdp;
}

/* Opens the thread; answers when its posts could be read and when the field took a message. */
async function opened(page) {
  const requests = [];
  const note = (r) => requests.push(new URL(r.url()).pathname);
  page.on("request", note);
  const began = Date.now();
  await page.goto(`${hub.url}/t/${thread.id}`, { waitUntil: "commit" });
  /* A post's words can be read, in the page itself or in the application. */
  await page.waitForFunction(
    () => {
      const el = document.querySelector(".first li p, .post[data-seq] .md");
      return el !== null && el.textContent.trim() !== "" && el.getBoundingClientRect().height > 0;
    },
    null,
    { polling: 50 },
  );
  const content = Date.now() - began;
  page.off("request", note);
  await send(page, `A word after ${content} ms`);
  await page.waitForSelector(".post.pending, .post.mine");
  return { content, canSend: Date.now() - began, requests };
}

async function visitor() {
  const v = await hub.visitor({ viewport: { width: 360, height: 740 } });
  await v.context.addCookies(cookies);
  v.page.setDefaultTimeout(40_000);
  return v;
}

test("Slow 3G, slow phone, first visit: content within 5 s, a message within 6.5 s", { skip }, async () => {
  const runs = [];
  for (let i = 0; i < 3; i++) {
    const { page, context } = await visitor();
    await slow(page);
    runs.push(await opened(page));
    await context.close();
  }
  const content = median(runs.map((r) => r.content));
  const canSend = median(runs.map((r) => r.canSend));
  console.log(`cold: content ${content} ms, can send ${canSend} ms; ${runs[0].requests.join(" ")}`);
  assert.ok(runs[0].requests.length <= 5, runs[0].requests.join(" "));
  /* The page brings the words, the script that it names takes a message: two answers at 2 s each. */
  assert.ok(content <= 5_000, `${content}`);
  assert.ok(canSend <= 6_500, `${canSend}`);
});

test("nothing moves when the style comes after the first words", { skip }, async () => {
  const apart = (ms) => async (route) => {
    await new Promise((go) => setTimeout(go, ms));
    await route.continue();
  };
  for (const width of [360, 1280])
    for (const [who, path] of [["nobody", "/"], ["me", "/"], ["me", `/t/${thread.id}`]]) {
      const { page, context } = await hub.visitor({ viewport: { width, height: 740 } });
      if (who === "me") await context.addCookies(cookies);
      await context.addInitScript(() => {
        globalThis.moved = [];
        new PerformanceObserver((list) => {
          for (const one of list.getEntries())
            globalThis.moved.push([one.value, ...one.sources.map((x) => x.node?.outerHTML?.slice(0, 80))]);
        }).observe({ type: "layout-shift", buffered: true });
      });
      await page.route(/\/a\/app\.\w+\.css/, apart(300));
      await page.route(/\/a\/app\.\w+\.js/, apart(900));
      await page.goto(hub.url + path);
      await page.waitForSelector(".bar h1, .signin h1");
      assert.deepEqual(await page.evaluate(() => globalThis.moved), [], `${who} ${path} ${width}`);
      await context.close();
    }
});

test("coming back on the same line: content within 1.5 s", { skip }, async () => {
  const { page, context } = await visitor();
  await opened(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForTimeout(2_500); /* what was seen is saved 1.5 s after the last change */
  const runs = [];
  for (let i = 0; i < 3; i++) {
    const fresh = await context.newPage();
    await slow(fresh);
    runs.push(await opened(fresh));
    await fresh.waitForTimeout(2_500);
    await fresh.close();
  }
  const content = median(runs.map((r) => r.content));
  console.log(`warm: content ${content} ms, can send ${median(runs.map((r) => r.canSend))} ms`);
  assert.ok(content <= 1_500, `${content}`);
  await context.close();
});

test("a quarter of an hour, 60 posts in and 3 out, costs at most 40 KB", { skip }, async () => {
  const { page, context } = await visitor();
  await opened(page);
  await page.waitForTimeout(3_000);
  const cdp = await context.newCDPSession(page);
  let bytes = 0;
  let frames = 0;
  const add = (n) => {
    bytes += n;
    frames++;
  };
  /* A frame has 2 to 8 bytes before its data, 4 more from the browser. */
  const frame = ({ response }) => add(Buffer.byteLength(response.payloadData) + 8);
  cdp.on("Network.webSocketFrameReceived", frame);
  cdp.on("Network.webSocketFrameSent", frame);
  cdp.on("Network.loadingFinished", (ev) => add(ev.encodedDataLength));
  await cdp.send("Network.enable");
  const words = "The operator pays per kilometre, and the city keeps the fares that are collected. ";
  for (let i = 0; i < 60; i++) {
    await rpc(helper.page, "post.create", {
      thread: thread.id,
      text: `${i}: ${words.repeat(1 + (i % 3))}`,
      cid: `budget-${i}`,
    });
    if (i % 20 === 10) {
      await page.type(".composer textarea", `Mine ${i}, typed letter by letter.`);
      await page.press(".composer textarea", "Control+Enter");
    }
    await page.waitForTimeout(250); /* apart, as people write: each is a frame of its own */
  }
  await page.waitForFunction(
    () => [...document.querySelectorAll(".post .md")].some((el) => el.textContent.startsWith("59:")),
  );
  await page.waitForTimeout(1_500);
  const pings = 20 * (2 + 6); /* every 45 s a ping of 2 bytes and a pong of 6, not told by CDP */
  bytes += pings;
  console.log(`15 minutes: ${(bytes / 1024).toFixed(1)} KB in ${frames} frames and requests, pings included`);
  assert.ok(frames >= 63, `${frames}`);
  assert.ok(bytes <= 40 * 1024, `${bytes}`);
  await context.close();
});

test("nothing jumps: coming back to each screen shifts it by at most 0.02", { skip }, async () => {
  const { page, context } = await visitor();
  await context.addInitScript(() => {
    globalThis.shift = 0;
    new PerformanceObserver((list) => {
      for (const one of list.getEntries()) if (!one.hadRecentInput) globalThis.shift += one.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await opened(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const paths = ["/", "/rooms", `/r/${thread.room}`, `/t/${thread.id}`];
  const found = [];
  for (const round of ["first", "again", "offline"]) {
    if (round === "offline") await context.setOffline(true);
    for (const path of paths) {
      await page.goto(hub.url + path);
      await page.waitForSelector("#main a, #main .post");
      await page.waitForTimeout(2_000); /* what comes over the line is there, and is saved */
      found.push([round, path, await page.evaluate(() => globalThis.shift)]);
    }
  }
  console.log(found.map(([round, path, x]) => `${round} ${path} ${x.toFixed(3)}`).join(" · "));
  for (const [round, path, x] of found)
    if (round !== "first") assert.ok(x <= 0.02, `${round} ${path}: ${x}`);
  await context.close();
});
