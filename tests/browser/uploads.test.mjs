/* A message is sent before its files are there: it waits for them in the outbox, over a reload and a dead tab, holds nobody up,
 * goes out once, or is taken back. Uploads are paused, go wrong with a word, and begin anew when the hub has ended them. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { bin, newThread, rpc, send, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
let hub, phone, desk, id;
before(async () => {
  if (skip) return;
  hub = await startHub();
  phone = await hub.member("amina.diop", PHONE);
  desk = await hub.member("grace.nakato");
  ({ id } = await newThread(phone.page, "Plans", "Here they come."));
  await desk.page.goto(`${hub.url}/t/${id}`);
});
after(async () => {
  await hub?.end();
});

const open = async (page) => {
  await page.goto(`${hub.url}/t/${id}`);
  await page.waitForSelector(".pick input", { state: "attached" });
};
const choose = (page, ...files) =>
  page.setInputFiles(".pick input", files.map(([name, buffer]) => ({ name, mimeType: "application/octet-stream", buffer })));
/* The bytes stay on their way, for all pages of a context, until it is opened. */
async function gate(context) {
  const held = async (route) => {
    if (route.request().method() !== "PATCH") return route.continue();
    waits.push(route);
  };
  const waits = [];
  await context.route("**/upload/*", held);
  const cut = async () => {
    for (const route of waits.splice(0)) await route.abort().catch(() => {});
  };
  const release = async () => {
    await context.unroute("**/upload/*", held);
    await cut();
  };
  return Object.assign(release, { cut });
}
const posts = async (text) => {
  const all = (await rpc(desk.page, "post.list", { thread: id, limit: 50 })).posts;
  return all.filter((p) => p.text === text);
};
const arrived = (text) => desk.page.waitForSelector(`.post[data-seq] .md >> text="${text}"`, { timeout: 30_000 });
const bytesOf = (post, n) =>
  desk.page.evaluate(async (p) => Array.from(new Uint8Array(await (await fetch(p)).arrayBuffer())), `/file/${post}/${n}`);
/* What the device still holds of what was sent. */
const left = (page) =>
  page.evaluate(async () => {
    const db = await new Promise((go) => {
      indexedDB.open("baraza").onsuccess = (ev) => go(ev.target.result);
    });
    const all = (store, what) =>
      new Promise((go) => {
        const asked = db.transaction(store).objectStore(store)[what]();
        asked.onsuccess = () => go(asked.result);
      });
    const values = await all("values", "getAll");
    const keys = (await all("values", "getAllKeys")).filter((k, i) => k.startsWith("files:") && values[i].length > 0);
    const commands = await all("commands", "getAll");
    db.close();
    return [keys.length, commands.length];
  });
async function until(ask, right) {
  for (;;) {
    const is = await ask();
    if (right(is)) return is;
    await new Promise((go) => setTimeout(go, 30));
  }
}

test("sent at once, it waits for its files over a reload, holds nothing up, and goes out once", { skip }, async () => {
  const { page, context } = phone;
  await open(page);
  const release = await gate(context);
  const [plan, map] = [randomBytes(300_000), randomBytes(120_000)];
  await choose(page, ["plan.bin", plan], ["map.bin", map]);
  await page.waitForSelector(".attach progress");
  await page.click('.attach button[aria-label="Pause plan.bin"]');
  await page.waitForSelector(".attach li >> text=/Paused at 0 % · 300 kB left/");
  await shot(page, "paused-360");
  await page.click('.attach button[aria-label="Go on with plan.bin"]');
  await page.waitForSelector(".attach li >> text=/0 % · 300 kB left/");
  await send(page, "The plan and its map");
  await page.waitForSelector(".post.pending .sent li >> text=plan.bin");
  await page.waitForSelector(".post.pending >> text=Goes out once its files are there");
  assert.equal(await page.locator(".composer .attach li").count(), 0);
  assert.ok((await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth)) <= 0, "it scrolls sideways");
  await shot(page, "waits-360");
  await send(page, "Said meanwhile");
  await arrived("Said meanwhile");
  await page.reload();
  await page.waitForSelector(".post.pending .sent li >> text=map.bin");
  assert.equal((await posts("The plan and its map")).length, 0);
  await release();
  await arrived("The plan and its map");
  const [post, ...more] = await posts("The plan and its map");
  assert.deepEqual([more.length, post.files.map((f) => f.name)], [0, ["plan.bin", "map.bin"]]);
  assert.ok(Buffer.from(await bytesOf(post.id, 0)).equals(plan) && Buffer.from(await bytesOf(post.id, 1)).equals(map));
  await page.waitForFunction(() => document.querySelectorAll(".post.pending").length === 0);
  assert.deepEqual(await until(() => left(page), ([files]) => files === 0), [0, 0]);
});

test("its tab dies: another one sends it, once", { skip }, async () => {
  const first = await phone.another();
  await open(first);
  const release = await gate(phone.context);
  await choose(first, ["film.bin", randomBytes(90_000)]);
  await first.waitForSelector(".attach progress");
  await send(first, "From a tab that dies");
  await first.waitForSelector(".post.pending .sent");
  await release.cut(); /* else the browser lets go what it holds back for a page that closes */
  await first.close();
  await open(phone.page);
  await phone.page.waitForSelector(".post.pending .sent li >> text=film.bin");
  await release();
  await arrived("From a tab that dies");
  assert.equal((await posts("From a tab that dies")).length, 1);
});

test("taken back, its words and files are where they were written", { skip }, async () => {
  const { page, context } = phone;
  await open(page);
  const release = await gate(context);
  await choose(page, ["draft.bin", randomBytes(50_000)]);
  await page.waitForSelector(".attach progress");
  await send(page, "Not yet");
  await page.click('.post.pending button:has-text("Take back")');
  await page.waitForFunction(() => document.querySelectorAll(".post.pending").length === 0);
  assert.equal(await page.inputValue(".composer textarea"), "Not yet");
  await page.waitForSelector(".composer .attach li >> text=draft.bin");
  await release();
  await page.waitForSelector(".composer .attach li >> text=/Ready/", { timeout: 30_000 });
  await page.reload();
  await page.waitForSelector(".composer .attach li >> text=/Ready/");
  assert.equal((await posts("Not yet")).length, 0);
  await send(page, "Now");
  await arrived("Now");
  assert.equal((await posts("Now"))[0].files[0].name, "draft.bin");
});

test("a question waits in its room for its file", { skip }, async () => {
  const { page, context } = phone;
  const { room } = (await rpc(page, "thread.get", { thread: id })).thread;
  const release = await gate(context);
  await page.goto(`${hub.url}/ask/${room}`);
  await page.fill("form input[maxlength='200']", "Who has used this plan?");
  await page.fill("form textarea", "It is attached.");
  await choose(page, ["plan-2.bin", randomBytes(70_000)]);
  await page.waitForSelector(".attach progress");
  await page.click("form .primary");
  await page.waitForSelector(".row .sent li >> text=plan-2.bin");
  await shot(page, "asks-360");
  await release();
  await page.waitForURL(/\/t\//, { timeout: 30_000 });
  await page.waitForSelector(".post[data-seq] .files a.file >> text=plan-2.bin");
});

test("what goes wrong is said, with what to do; an upload that the hub ended begins anew", { skip }, async () => {
  const { page, context } = phone;
  await open(page);
  let status = 507;
  const refuse = (route) => (route.request().method() === "PATCH" ? route.fulfill({ status }) : route.continue());
  await context.route("**/upload/*", refuse);
  await choose(page, ["full.bin", randomBytes(40_000)]);
  await page.waitForSelector(".attach li .error >> text=/No room for it now.*Try again later/");
  assert.equal(await page.isDisabled(".composer .send"), true);
  await shot(page, "wrong-360");
  status = 413;
  await page.click('.attach li button:has-text("Try again")');
  await page.waitForSelector(".attach li .error >> text=/too large.*or a link to it/");
  await page.click('.attach button[aria-label="Remove full.bin"]');
  await context.unroute("**/upload/*", refuse);
  const release = await gate(context);
  await choose(page, ["late.bin", randomBytes(40_000)]);
  await page.waitForSelector(".attach progress");
  await send(page, "With a late file");
  await context.route("**/upload/*", refuse);
  await release();
  await page.waitForSelector(".post.pending .bad >> text=/a file does not go through/");
  await context.unroute("**/upload/*", refuse);
  await shot(page, "refused-360");
  await page.click('.post.pending .bad button:has-text("Try again")');
  await arrived("With a late file");
  const made = page.waitForResponse((r) => r.url().endsWith("/upload") && r.request().method() === "POST");
  await choose(page, ["old.bin", randomBytes(40_000)]);
  const at = (await made).headers().location;
  await page.waitForSelector(".attach li >> text=/Ready/");
  await page.evaluate((p) => fetch(p, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" } }), at);
  await send(page, "A day later");
  await arrived("A day later");
  assert.equal((await posts("A day later"))[0].files[0].bytes, 40_000);
});
