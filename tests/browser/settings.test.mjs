/* A moderator with a narrow phone sets what a room allows; a member sees it at once where they are: the countdown, who
 * may write, why a thread is locked, and in the room's own words what is set. What they wrote is never lost. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, has, rpc, send, sent, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const PHONE = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
let hub, amina, moussa, room, thread;

before(async () => {
  if (skip) return;
  hub = await startHub();
  moussa = await hub.member("moussa.kone", PHONE);
  amina = await hub.member("amina.diop");
  room = (await rpc(moussa.page, "room.list", {})).rooms.find((r) => r.access === "open" && r.role === "moderator");
  thread = await rpc(moussa.page, "thread.create", { room: room.id, title: "Fares", text: "How much?", cid: "set1" });
});
after(async () => {
  await hub?.end();
});

const width = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);

async function set(choose) {
  const { page } = moussa;
  await page.goto(`${hub.url}/r/${room.id}`);
  await page.click(".about button >> text=Settings");
  await page.waitForSelector("dialog select");
  await choose(page);
  assert.ok((await width(page)) <= 0, "nothing is cut off at 320 px");
  await page.click("dialog .primary");
  await page.waitForSelector("dialog", { state: "detached" });
}

test("slow mode counts down where a member writes, and keeps their words", { skip }, async () => {
  const { page } = amina;
  await page.goto(`${hub.url}/t/${thread.id}`);
  await page.waitForSelector(".composer textarea");
  await send(page, "Two cents");
  await sent(page);
  await set(async (p) => {
    await p.selectOption("dialog select >> nth=0", "300");
    await shot(p, "settings-320");
  });
  await page.waitForSelector(".composer [role=timer]"); /* the room became slow while they looked */
  await send(page, "And a second thought");
  assert.equal(await page.inputValue(".composer textarea"), "And a second thought");
  assert.match(await page.textContent(".slow"), /Slow mode: 5 minutes between two messages.*You can send in [0-4]:[0-5]\d/s);
  const before = await page.textContent(".composer [role=timer]");
  await page.waitForFunction((t) => document.querySelector(".composer [role=timer]").textContent !== t, before);
  await shot(page, "slow-mode");
  assert.ok(await page.isDisabled(".composer .send"));
  await page.reload();
  await page.waitForSelector(".composer [role=timer]");
  assert.equal(await page.inputValue(".composer textarea"), "And a second thought");
  await set((p) => p.selectOption("dialog select >> nth=0", "0"));
  await page.waitForSelector(".composer [role=timer]", { state: "detached" });
  await page.press(".composer textarea", "Control+Enter");
  await has(page, "And a second thought");
  await sent(page);
});

test("a message that another device was too quick for is kept, with why and a way to send it again", { skip }, async () => {
  const { page } = amina;
  await page.route("**/rpc", (route) => route.continue());
  await rpc(moussa.page, "room.set", { room: room.id, slow_s: 3600, cid: "set2" });
  await page.waitForSelector(".composer [role=timer]");
  /* As if this device knew of nothing: its command goes out by the outbox all the same. */
  const other = await hub.member("amina.diop");
  await other.page.goto(`${hub.url}/r/${room.id}`);
  await other.page.waitForSelector(".rules-set");
  await other.page.evaluate(() => {
    Date.now = ((real) => () => real() + 7_200_000)(Date.now);
  });
  await other.page.click("[data-row][href^='/t/'] >> nth=0");
  await send(other.page, "Too soon");
  await other.page.waitForSelector('.post.pending >> text=/slow mode.*kept here/s');
  await other.context.close();
  await rpc(moussa.page, "room.set", { room: room.id, slow_s: 0, cid: "set3" });
});

test("only moderators write: the field goes while it is looked at, and comes back with what was in it", { skip }, async () => {
  const { page } = amina;
  await page.goto(`${hub.url}/t/${thread.id}`);
  await page.fill(".composer textarea", "A beginning");
  await set((p) => p.selectOption("dialog select >> nth=1", "moderators"));
  await page.waitForSelector(".composer", { state: "detached" });
  assert.match(await page.textContent(".foot"), /Only moderators write in this room/);
  await page.goto(`${hub.url}/r/${room.id}`);
  await page.waitForSelector(".rules-set");
  assert.equal(await page.textContent(".rules-set"), "Only moderators write here");
  assert.equal(await page.$(".ask[href*='/ask/']"), null);
  await page.goto(`${hub.url}/ask`);
  await page.waitForSelector("form select");
  assert.equal(await page.$(`option[value="${room.id}"]`), null);
  await moussa.page.goto(`${hub.url}/t/${thread.id}`);
  await moussa.page.waitForSelector(".composer textarea");
  await set((p) => p.selectOption("dialog select >> nth=1", "all"));
  await page.goto(`${hub.url}/t/${thread.id}`);
  await page.waitForSelector(".composer textarea");
  assert.equal(await page.inputValue(".composer textarea"), "A beginning");
});

test("a quiet thread says why it is locked; the log tells each change in the reader's words", { skip }, async () => {
  const { page } = amina;
  const { threads } = await rpc(page, "thread.list", { room: room.id, limit: 100 });
  const old = threads.filter((x) => x.kind !== "chat" && !x.locked && !x.closed).sort((a, b) => a.last_at - b.last_at)[0];
  const days = Math.floor((Date.now() - old.last_at) / 86_400_000);
  assert.ok(days >= 1, "the demo has an old thread");
  await page.goto(`${hub.url}/t/${old.id}`);
  await page.waitForSelector(".composer textarea");
  await rpc(moussa.page, "room.set", { room: room.id, lock_days: days, cid: "set4" });
  await page.waitForSelector(".foot .locked");
  assert.match(await page.textContent(".foot .locked"), new RegExp(`Nobody wrote here for ${days} days?`));
  assert.match(await page.textContent(".thread-head"), /Locked/);
  const fr = await hub.member("amina.diop", { ...PHONE, locale: "fr-FR" });
  await fr.page.goto(`${hub.url}/r/${room.id}/log`);
  await fr.page.waitForSelector(".act >> text=/Mode lent\\s*: 5 minutes entre deux messages/");
  await fr.page.waitForSelector(".act >> text=/Seule la modération écrit ici/");
  assert.ok((await width(fr.page)) <= 0);
  await shot(fr.page, "settings-log-fr");
  await fr.context.close();
});

test("the sheet is used by keyboard alone", { skip }, async () => {
  const { page, context } = await hub.member("moussa.kone");
  await page.goto(`${hub.url}/r/${room.id}`);
  await page.focus(".about button >> text=Settings");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog select");
  await page.focus("dialog select >> nth=0");
  await page.keyboard.press("ArrowDown");
  for (let i = 0; i < 3; i++) await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "primary wide");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.waitForSelector(".rules-set >> text=/10 seconds/");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Settings/);
  await context.close();
});
