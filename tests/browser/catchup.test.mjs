/* Catch-up by finger and by key: open, mark read, mute, take back; a whole room; two devices. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, newThread, rpc, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
let hub, a, b;
before(async () => {
  if (skip) return;
  hub = await startHub();
  a = await hub.member("amina.diop");
  b = await hub.member("moussa.kone");
});
after(async () => {
  await hub?.end();
});

const row = (id) => `.with-acts a.row[href="/t/${id}"]`;
const gone = (page, id) => page.waitForSelector(row(id), { state: "detached" });
const unread = async (page, id) =>
  (await rpc(page, "thread.get", { thread: id })).thread.unread;
const total = (page) =>
  page.evaluate(() => document.querySelector(".rail a[href='/'] .badge span")?.textContent ?? "0");
async function fresh(title) {
  const made = await newThread(b.page, title);
  if (new URL(a.page.url()).pathname !== "/") await a.page.goto(hub.url);
  await a.page.waitForSelector(row(made.id));
  return made.id;
}

test("mark read: at once, taken back by a tap, told to the server once settled", { skip }, async () => {
  const id = await fresh("To be marked");
  const { page } = a;
  const was = await total(page);
  await page.click(`li:has(> ${row(id).split(" ")[1]}) button >> nth=0`);
  await gone(page, id);
  assert.match(await page.textContent(".toast [role=status]"), /1 thread marked read/);
  await page.click(".toast button");
  await page.mouse.move(0, 0); /* over the button its time stands still */
  await page.waitForSelector(row(id));
  assert.equal(await total(page), was);
  assert.equal(await unread(page, id), 1);
  await shot(page, "catchup-back");
  await page.focus(row(id));
  await page.keyboard.press("x");
  await gone(page, id);
  await page.waitForFunction(() => document.activeElement.matches("[data-row], #main"));
  await page.keyboard.press("z");
  await page.waitForSelector(row(id));
  await page.focus(row(id));
  await page.keyboard.press("x");
  await page.waitForSelector(".toast button", { state: "detached", timeout: 15_000 });
  assert.equal(await unread(page, id), 0);
});

test("mute: gone from the list and its counts, taken back with its count", { skip }, async () => {
  const id = await fresh("To be muted");
  const { page } = a;
  const was = await total(page);
  await page.click(`li:has(> ${row(id).split(" ")[1]}) button >> nth=1`);
  await gone(page, id);
  assert.notEqual(await total(page), was);
  assert.equal((await rpc(page, "thread.get", { thread: id })).thread.level, "mute");
  await page.keyboard.press("z");
  await page.waitForSelector(row(id));
  assert.equal(await total(page), was);
  await page.waitForFunction(
    async (thread) =>
      (await (await fetch(`/rpc/thread.get?thread=${thread}`)).json()).result.thread.level === "digest",
    id,
  );
});

test("a whole room is marked read, and suggestions follow when nothing is left", { skip }, async () => {
  await fresh("One of a room");
  const { page } = a;
  const told = [];
  page.on("websocket", (ws) => ws.on("framesent", (f) => told.push(...[JSON.parse(f.payload)].flat())));
  await page.reload();
  await page.waitForSelector(".group header button");
  for (;;) {
    const button = await page.$(".group header button");
    if (!button) break;
    const section = await page.textContent(".group:has(header button) h2");
    await button.click();
    await page.waitForFunction(
      (h) => document.querySelector(".group:has(header button) h2")?.textContent !== h,
      section,
    );
  }
  for (const one of await page.$$(".with-acts button >> nth=0")) await one.click();
  await page.waitForSelector(".empty");
  await page.waitForFunction(() => document.querySelectorAll(".group .rows > li").length >= 3);
  await shot(page, "catchup-empty");
  await page.waitForSelector(".toast button", { state: "detached", timeout: 15_000 });
  const marks = told.filter((m) => m.method?.startsWith("read."));
  assert.ok(marks.some((m) => m.method === "read.room"));
  const rooms = marks.filter((m) => m.method === "read.room").map((m) => m.params.room);
  assert.equal(new Set(rooms).size, rooms.length);
  for (const room of rooms) {
    const r = (await rpc(page, "room.list", {})).rooms.find((x) => x.id === room);
    assert.equal(r.unread, 0, r.name);
  }
  await page.reload();
  await page.waitForSelector(".empty");
});

test("read on one device is counted on the other within two seconds", { skip }, async () => {
  const device = await hub.visitor({ storageState: await a.context.storageState() });
  await device.page.goto(hub.url);
  const id = await fresh("Two devices count");
  for (let i = 0; i < 3; i++)
    await rpc(b.page, "post.create", { thread: id, text: `More ${i}`, cid: `two${i}${Date.now()}` });
  await device.page.waitForFunction(
    (r) => document.querySelector(`${r} .badge span`)?.textContent === "4",
    row(id),
  );
  await a.page.click(row(id));
  await a.page.waitForSelector(".post[data-seq] >> nth=3");
  const start = Date.now();
  await gone(device.page, id);
  await device.page.waitForFunction(
    (n) => (document.querySelector(".rail a[href='/'] .badge span")?.textContent ?? "0") === n,
    await total(a.page),
  );
  const ms = Date.now() - start;
  console.log(`equal counts after ${ms} ms`);
  assert.ok(ms <= 2_000, `${ms} ms`);
  await device.context.close();
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));

test("on a phone a row is calm: one button, its acts below it, the title in three lines", { skip }, async () => {
  const id = await fresh("A title that is long enough to need many lines on a narrow phone: which costs, which permits, who pays and when?");
  const phone = await hub.visitor({
    storageState: await a.context.storageState(),
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  const { page } = phone;
  await page.goto(hub.url);
  const li = `li.with-acts:has(> a.row[href="/t/${id}"])`;
  await page.waitForSelector(li);
  assert.equal((await page.$$(`${li} button:visible`)).length, 1);
  const box = (of) => page.locator(`${li} ${of}`).boundingBox();
  const lines = await page.$eval(`${li} .row-title`, (el) => el.clientHeight / parseFloat(getComputedStyle(el).lineHeight));
  assert.ok(lines < 3.1, `${lines} lines`);
  const [time, more] = [await box("time"), await box(".row-more .icon")];
  assert.ok(more.y + more.height / 2 > time.y + time.height, "the dots stand below the time");
  await page.tap(`${li} .row-more`);
  assert.equal(await page.getAttribute(`${li} .row-more`, "aria-expanded"), "true");
  assert.match(await page.innerText(`${li} .row-acts`), /Mark read\s+Mute the thread/);
  await page.tap(`${li} .row-acts button >> nth=0`);
  await page.waitForSelector(li, { state: "detached" });
  await phone.context.close();
});
