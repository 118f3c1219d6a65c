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
  assert.match(await page.textContent(".slow"), /Slow mode: 5 minutes between two messages.*You can send in [0-5]:[0-5]\d/s);
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
  const here = () => page.evaluate(() => document.activeElement.className);
  for (let i = 0; i < 20 && (await here()) !== "primary wide"; i++) await page.keyboard.press("Tab");
  assert.equal(await here(), "primary wide");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.waitForSelector(".rules-set >> text=/10 seconds/");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Settings/);
  await rpc(page, "room.set", { room: room.id, slow_s: 0, lock_days: 0, cid: "set5" });
  await context.close();
});

test("a first message waits, is seen by its author alone, and is there for all once a moderator says yes", { skip }, async () => {
  const { page } = amina;
  const grace = await hub.member("grace.nakato");
  const held = await rpc(moussa.page, "thread.create", { room: room.id, title: "A new place", text: "Welcome", cid: "hold1" });
  await moussa.page.goto(`${hub.url}/r/${room.id}`);
  await moussa.page.click(".about button >> text=Settings");
  await moussa.page.selectOption("dialog select >> nth=3", "all");
  await moussa.page.fill("dialog textarea >> nth=0", "lotería\nquick money");
  await shot(moussa.page, "settings-hold-320");
  assert.ok((await width(moussa.page)) <= 0);
  await moussa.page.click("dialog .primary");
  await moussa.page.waitForSelector("dialog", { state: "detached" });
  await grace.page.goto(`${hub.url}/t/${held.id}`);
  await grace.page.waitForSelector(".post[data-seq]");
  await page.goto(`${hub.url}/t/${held.id}`);
  await page.waitForSelector(".composer textarea");
  await send(page, "Win at the LOTERIA");
  await page.waitForSelector(".post.pending >> text=/lotería.*not wanted/s");
  await page.click(".post.pending >> text=Discard");
  await send(page, "May I come in?");
  await page.waitForSelector(".post.waits >> text=/Waits for a moderator/");
  await shot(page, "held-post");
  await page.reload();
  await page.waitForSelector(".post.waits >> text=May I come in?");
  assert.equal(await grace.page.locator("text=May I come in?").count(), 0);
  await moussa.page.goto(`${hub.url}/queue`);
  const card = moussa.page.locator(".matter", { hasText: "May I come in?" });
  await card.waitFor();
  assert.match(await card.textContent(), /Amina Diop wants to post/);
  assert.ok((await width(moussa.page)) <= 0);
  await shot(moussa.page, "queue-held-320");
  /* What its author could not do themselves by now is not done: the card says why, and waits on. */
  for (const [method, on, off, why] of [["thread.lock", { thread: held.id, locked: true }, { thread: held.id, locked: false }, /thread is locked, closed or gone/],
                                        ["room.set", { room: room.id, posting: "moderators" }, { room: room.id, posting: "all" }, /only moderators write/]]) {
    await rpc(moussa.page, method, { ...on, cid: `${method}1`.replace(".", "-") });
    await card.locator("text=Approve").click();
    await card.locator(".error", { hasText: why }).waitFor();
    assert.ok((await width(moussa.page)) <= 0);
    await rpc(moussa.page, method, { ...off, cid: `${method}2`.replace(".", "-") });
  }
  await card.locator("text=Approve").click();
  await has(grace.page, "May I come in?");
  await has(page, "May I come in?");
  await page.waitForSelector(".post.waits", { state: "detached" });
  await card.waitFor({ state: "detached" });
  /* Refused: its author reads why, and takes the words up again. */
  await send(page, "Buy my buses");
  await page.waitForSelector(".post.waits >> text=Buy my buses");
  const other = moussa.page.locator(".matter", { hasText: "Buy my buses" });
  await other.waitFor(); /* the queue hears of it */
  await other.locator("button >> text=Refuse").click();
  await moussa.page.check('dialog input[value="spam"]');
  await moussa.page.click("dialog .primary");
  await moussa.page.goto(`${hub.url}/rooms`); /* leaving settles what could be taken back */
  await page.waitForSelector(".post.waits >> text=/Not shown to others: Advertising/");
  await page.click(".post.waits >> text=Edit and send again");
  assert.equal(await page.inputValue(".composer textarea"), "Buy my buses");
  assert.equal(await grace.page.locator("text=Buy my buses").count(), 0);
  await rpc(moussa.page, "room.set", { room: room.id, hold: "none", words: [], cid: "hold2" });
  await grace.context.close();
});

test("who is new reads what binds them, keeps what is not sent, and is bound no longer once it was read", { skip }, async () => {
  const zainab = await hub.member("zainab.admin");
  await rpc(zainab.page, "member.add", { handle: "nina.new", name: "Nina New", cid: "new1" });
  const nina = await hub.member("nina.new", PHONE);
  await set(async (p) => {
    await p.selectOption("dialog select >> nth=5", "1");
    await p.selectOption("dialog select >> nth=6", "5");
    await p.selectOption("dialog select >> nth=7", "block");
    await p.selectOption("dialog select >> nth=8", "hold");
    await p.locator("dialog select >> nth=8").scrollIntoViewIfNeeded();
    await shot(p, "settings-new-320");
  });
  await nina.page.goto(`${hub.url}/r/${room.id}`);
  await nina.page.waitForSelector(".rules-set >> text=Who is new, until a moderator has read 1 message: 5 messages an hour, links cannot be sent, files wait for a moderator");
  assert.ok((await width(nina.page)) <= 0);
  await shot(nina.page, "new-320");
  await nina.page.goto(`${hub.url}/t/${thread.id}`);
  await nina.page.waitForSelector(".composer textarea");
  await send(nina.page, "See https://example.org/buses");
  await nina.page.waitForSelector(".post.pending >> text=/links are not wanted/");
  await send(nina.page, "Good morning");
  await has(nina.page, "Good morning");
  await moussa.page.goto(`${hub.url}/t/${thread.id}`); /* a moderator reads it */
  await has(moussa.page, "Good morning");
  await moussa.page.waitForTimeout(1500);
  await nina.page.click(".post.pending button >> text=Try again");
  await has(moussa.page, "See https://example.org/buses");
  const fr = await hub.member("amina.diop", { ...PHONE, locale: "fr-FR" });
  await fr.page.goto(`${hub.url}/r/${room.id}/log`);
  await fr.page.waitForSelector(".act >> text=/Nouveaux membres, jusqu’à ce que la modération ait lu 1 message\\s*: 5 messages par heure, pas de liens, les fichiers attendent/");
  assert.ok((await width(fr.page)) <= 0);
  for (const m of [nina, zainab, fr]) await m.context.close();
});

test("who wants into a room asks, and is let in while they look", { skip }, async () => {
  const zainab = await hub.member("zainab.admin");
  const region = (await rpc(zainab.page, "room.list", {})).regions[0].id;
  const made = await rpc(zainab.page, "room.create", { region, slug: "by-leave", name: "By leave", access: "members", cid: "join1" });
  await rpc(zainab.page, "room.set", { room: made.id, approve_join: true, cid: "join2" });
  const { page } = amina;
  await page.goto(`${hub.url}/rooms`);
  const row = page.locator("li", { hasText: "By leave" });
  await row.locator("button >> text=Ask to join").click();
  await row.locator("button >> text=Asked to join").waitFor();
  await zainab.page.goto(`${hub.url}/queue`);
  const card = zainab.page.locator(".matter", { hasText: "Amina Diop wants to join" });
  await card.locator("text=Approve").click();
  await row.locator("button").waitFor({ state: "detached" }); /* a joined room's row has none */
  await zainab.context.close();
});
