/* Moderators put threads where they belong: another window sees it at once, and it can be taken back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, has, newThread, rpc, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const phone = { viewport: { width: 320, height: 640 } };
let hub;
let n = 0;
const cid = () => `th${Date.now()}${n++}`;
before(async () => {
  if (!skip) hub = await startHub();
});
after(async () => {
  await hub?.end();
});

const inRoom = (page, name) =>
  page.waitForFunction(
    (room) => document.querySelector(".region a")?.textContent === room,
    name,
  );

test("a thread is moved into another room, seen by another window, and moved back", { skip }, async () => {
  const mod = await hub.member("moussa.kone", phone);
  const made = await newThread(mod.page, "Moved about", "Where does this belong?");
  const { rooms } = await rpc(mod.page, "room.list", {});
  const old = rooms.find((r) => r.id === made.room);
  const other = rooms.find((r) => r.access === "open" && r.id !== made.room);
  const amina = await hub.member("amina.diop");
  await amina.page.goto(`${hub.url}/t/${made.id}`);
  await has(amina.page, "Where does this belong?");
  await mod.page.goto(`${hub.url}/t/${made.id}`);
  await mod.page.click('.bar button[aria-haspopup="dialog"]');
  await mod.page.getByRole("button", { name: "Move to another room" }).click();
  await mod.page.selectOption("dialog select", other.id);
  await shot(mod.page, "move-thread-320");
  const wide = await mod.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} px too wide`);
  await mod.page.waitForSelector("dialog .primary:not([disabled])");
  await mod.page.focus("dialog select");
  await mod.page.keyboard.press("Tab");
  await mod.page.keyboard.press("Enter");
  await inRoom(amina.page, other.name);
  await inRoom(mod.page, other.name);
  await amina.page.waitForFunction((name) => document.querySelector(".toast")?.textContent.includes(name), other.name);
  await mod.page.getByRole("button", { name: "Undo" }).click();
  await inRoom(amina.page, old.name);
  await mod.context.close();
  await amina.context.close();
});

test("a thread that goes where one may not read leaves the screen with a word", { skip }, async () => {
  const admin = await hub.member("zainab.admin");
  const { regions } = await rpc(admin.page, "room.list", {});
  const room = await rpc(admin.page, "room.create", {
    region: regions[0].id, slug: "board", name: "Board", access: "private", cid: cid(),
  });
  const made = await newThread(admin.page, "Not for all", "A private matter.");
  const amina = await hub.member("amina.diop");
  await amina.page.goto(`${hub.url}/t/${made.id}`);
  await has(amina.page, "A private matter.");
  await rpc(admin.page, "thread.move", { thread: made.id, room: room.id, cid: cid() });
  await amina.page.waitForFunction(() => /room that is not open to you/.test(document.body.textContent));
  assert.equal(await amina.page.evaluate(() => document.body.textContent.includes("A private matter.")), false);
  await amina.page.goto(`${hub.url}/r/${made.room}`);
  await amina.page.waitForSelector(".rows");
  assert.equal(await amina.page.evaluate(() => document.body.textContent.includes("Not for all")), false);
  await amina.context.close();
  await admin.context.close();
});
