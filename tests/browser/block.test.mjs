/* Somebody is blocked for oneself: their words are folded at once, on every device, and after a reload and without a line; one
 * message is looked at all the same; a mention does not count; it is lifted where one's own things are. At 320 px, by keyboard. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, holdUndo, kept, newThread, rpc, send, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const small = { viewport: { width: 320, height: 640 } };
let hub;
before(async () => {
  if (!skip) hub = await startHub();
});
after(async () => {
  await hub?.end();
});
const fits = async (page) =>
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "it scrolls sideways");

test("a member is blocked, looked at, and not blocked any more", { skip }, async () => {
  const loud = await hub.member("amina.diop");
  const phone = await hub.member("grace.nakato", small);
  const desk = await hub.member("grace.nakato");
  const { id, room } = await newThread(loud.page, "On buses", "Words to be folded");
  const { post } = await rpc(loud.page, "post.list", { thread: id }).then((r) => ({ post: r.posts[0].id }));
  for (const m of [loud, phone, desk]) {
    await m.page.goto(`${hub.url}/t/${id}`);
    await m.page.waitForSelector(".post[data-seq]");
  }
  await rpc(phone.page, "post.create", { thread: id, text: "I do not agree", reply_to: post, cid: "block-reply" });
  await phone.page.waitForSelector(".quoted >> text=Words to be folded");

  await phone.page.focus(".post .more"); /* by keyboard */
  await phone.page.keyboard.press("Enter");
  await phone.page.focus(".actions button >> text=About Amina Diop");
  await phone.page.keyboard.press("Enter");
  await phone.page.waitForSelector("dialog >> text=Nobody hears of it");
  await fits(phone.page);
  await shot(phone.page, "block-320");
  await phone.page.focus("dialog .buttons button >> text=Block");
  await phone.page.keyboard.press("Enter");
  await holdUndo(phone.page);
  const folded = ".post.folded >> text=A message from Amina Diop, whom you block.";
  for (const m of [phone, desk]) {
    await m.page.waitForSelector(folded);
    assert.equal(await m.page.locator("text=Words to be folded").count(), 0, "not in the quotation either");
  }
  await fits(phone.page);
  await shot(phone.page, "folded-320");
  await phone.page.click(".toast button >> text=Undo");
  for (const m of [phone, desk]) await m.page.waitForSelector(".post-body >> text=Words to be folded");
  assert.equal(await phone.page.locator(".post.folded").count(), 0);

  await phone.page.click(".post .who");
  await phone.page.click("dialog .buttons button >> text=Block");
  await phone.page.waitForSelector(folded);
  await desk.page.waitForSelector(folded);
  await desk.page.click(".post.folded button >> text=Show it");
  await desk.page.waitForSelector("text=Words to be folded");
  await send(loud.page, "And more of it @grace.nakato");
  for (const m of [phone, desk]) await m.page.waitForSelector(".post.folded >> nth=-1");
  await phone.page.waitForFunction(() => document.querySelectorAll(".post.folded").length === 2);
  assert.equal(await loud.page.locator(".post.folded").count(), 0, "who is blocked sees nothing of it");

  await phone.page.goto(`${hub.url}/r/${room}`); /* its last words stand in no list, and it does not count as a mention */
  await phone.page.waitForSelector(`a[href="/t/${id}"]`);
  assert.doesNotMatch(await phone.page.textContent(`a[href="/t/${id}"]`), /And more of it/);
  assert.equal(await phone.page.locator(`a[href="/t/${id}"] .badge.named`).count(), 0);

  await phone.page.goto(`${hub.url}/t/${id}`);
  await phone.page.waitForSelector(folded);
  await kept(phone.page, id, "Words to be folded");
  await phone.page.context().setOffline(true); /* what is kept on the phone is folded, too */
  await phone.page.reload();
  await phone.page.waitForSelector(folded);
  assert.equal(await phone.page.locator("text=Words to be folded").count(), 0);
  await phone.page.context().setOffline(false);

  await phone.page.goto(`${hub.url}/me`);
  await phone.page.waitForSelector("h2 >> text=People you block");
  await phone.page.waitForSelector("ul.record >> text=Amina Diop");
  await fits(phone.page);
  await shot(phone.page, "blocked-320");
  await phone.page.click("ul.record button");
  await phone.page.waitForFunction(() => !document.body.textContent.includes("People you block"));
  await desk.page.waitForFunction(() => document.querySelectorAll(".post.folded").length === 0);
});
