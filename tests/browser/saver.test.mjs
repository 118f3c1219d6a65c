/* Data saver, signs of writing, and the meter in Me. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, newThread, send, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
let hub, a, b, id;
before(async () => {
  if (skip) return;
  hub = await startHub();
  a = await hub.member("amina.diop");
  b = await hub.member("moussa.kone");
  ({ id } = await newThread(a.page, "Saving"));
});
after(async () => {
  await hub?.end();
});

/* What the page sends from now on, until it sends a post. */
async function framesOf(v, act) {
  const cdp = await v.context.newCDPSession(v.page);
  const frames = [];
  cdp.on("Network.webSocketFrameSent", ({ response }) => frames.push(response.payloadData));
  await cdp.send("Network.enable");
  await act();
  await cdp.detach();
  return frames.join("\n");
}
async function writes(v, text, byLetter = true) {
  await v.page.goto(`${hub.url}/t/${id}`);
  await v.page.waitForSelector(".post[data-seq]");
  return framesOf(v, async () => {
    if (byLetter) await v.page.type(".composer textarea", text);
    await send(v.page, text);
    await v.page.waitForFunction(
      (t) => [...document.querySelectorAll(".post[data-seq] .md")].some((el) => el.textContent === t),
      text,
    );
  });
}
async function sets(v, name, on) {
  await v.page.goto(`${hub.url}/me`);
  await v.page.setChecked(`input[name=${name}]`, on);
}

test("signs of writing are sent unless they are switched off, here or by the data saver", { skip }, async () => {
  assert.match(await writes(a, "first"), /"signal.send"/);
  await sets(a, "typing", false);
  assert.doesNotMatch(await writes(a, "second"), /signal.send/);
  await sets(a, "typing", true);
  await sets(a, "saver", true);
  assert.doesNotMatch(await writes(a, "third"), /signal.send/);
  assert.equal(await a.page.evaluate(() => localStorage.getItem("baraza.saver")), "1");
});

test("the data saver fetches smaller pages; a browser's own wish counts as well", { skip }, async () => {
  const limits = async (v) => {
    const text = await framesOf(v, async () => {
      await v.page.goto(`${hub.url}/rooms`);
      await v.page.waitForSelector("main .rows a");
      await v.page.waitForTimeout(500);
    });
    return [...new Set([...text.matchAll(/"limit":(\d+)/g)].map((m) => Number(m[1])))];
  };
  assert.ok((await limits(a)).includes(20));
  assert.ok((await limits(b)).includes(50));
  await b.context.addInitScript(() =>
    Object.defineProperty(navigator, "connection", { value: { saveData: true } }),
  );
  assert.ok((await limits(b)).includes(20));
  await b.page.goto(`${hub.url}/me`);
  assert.equal(await b.page.isDisabled("input[name=saver]"), true);
  assert.equal(await b.page.isChecked("input[name=saver]"), true);
});

test("the meter counts what came and went, and goes on after a reload", { skip }, async () => {
  const used = async () => {
    await a.page.goto(`${hub.url}/me`);
    await a.page.waitForTimeout(2_500); /* it is written every 2 s */
    return a.page.evaluate(() => Number(localStorage.getItem("baraza.bytes").split(" ")[1]));
  };
  const before = await used();
  assert.ok(before > 10_000, `${before}`);
  await writes(a, "x".repeat(8_000), false);
  const after = await used();
  assert.ok(after - before > 16_000 && after - before < 300_000, `${after - before}`);
  assert.match(await a.page.textContent(".used"), /This month on this device: [\d.,]+\s[kM]B/);
});

test("offline, a reaction and an edit show at once, and go through when the line is back", { skip }, async () => {
  await a.page.goto(`${hub.url}/t/${id}`);
  await a.page.waitForSelector(".post[data-seq]");
  const mine = a.page.locator(".post.mine[data-seq]").first();
  const key = await mine.getAttribute("id");
  await b.page.goto(`${hub.url}/t/${id}`);
  await b.page.waitForSelector(".post[data-seq]");
  await a.context.setOffline(true);
  await a.page.waitForSelector(".offline p");
  await mine.locator(".more").click();
  await mine.locator(".actions .emoji button").first().click();
  assert.equal(await mine.locator('.reaction[aria-pressed="true"][aria-busy="true"]').count(), 1);
  await mine.locator(".more").click();
  await mine.locator(".actions .buttons button", { hasText: "Edit" }).click();
  await mine.locator(".editor textarea").fill("Put right offline");
  await mine.locator(".editor textarea").press("Control+Enter");
  assert.equal(await mine.locator(".md").textContent(), "Put right offline");
  assert.match(await mine.locator(".state").textContent(), /Waiting/);
  await a.context.setOffline(false);
  await a.page.waitForFunction((k) => !document.getElementById(k).querySelector(".state"), key);
  const there = b.page.locator(`#${key}`);
  await there.locator(".reaction").waitFor();
  await b.page.waitForFunction(
    (k) => document.getElementById(k)?.querySelector(".md")?.textContent === "Put right offline",
    key,
  );
  assert.match(await there.locator(".reaction").textContent(), /1$/);
  assert.match(await mine.locator(".reaction").textContent(), /1$/);
});
