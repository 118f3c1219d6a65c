/* What the hub has of somebody is taken along, how long it is kept is said, and an account is closed for good: with a typed
 * confirmation, by keyboard, at 320 px. Others see a former member at once, also what they have open. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, bin, newThread, rpc, send, shot, startHub } from "./harness.mjs";

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
const open = async (page) => {
  await page.goto(`${hub.url}/me/account`);
  await page.waitForSelector("h2 >> text=Your data");
};

test("everything about me comes as a file, and what is kept how long is said", { skip }, async () => {
  const { page } = await hub.member("grace.nakato", small);
  await open(page);
  await fits(page);
  await page.focus("button >> text=Get everything about me");
  await page.keyboard.press("Enter");
  const take = page.locator('a[href="/export"]');
  await take.waitFor({ timeout: 20_000 });
  await accessible(page);
  await shot(page, "export-320");
  const [download] = await Promise.all([page.waitForEvent("download"), take.click()]);
  assert.match(download.suggestedFilename(), /-grace\.nakato\.zip$/);
  await page.focus("summary >> text=What is kept how long");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=180 days");
  await fits(page);
});

test("who leaves types their handle; others see a former member at once", { skip }, async () => {
  const other = await hub.member("amina.diop");
  const { page } = await hub.member("moussa.kone", small);
  const { id } = await newThread(page, "A thread of his", "Words of his");
  await other.page.goto(`${hub.url}/t/${id}`);
  await other.page.waitForSelector("text=Words of his");
  await send(other.page, "An answer for @moussa.kone");

  await open(page);
  await page.focus("button >> text=Leave this community");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog >> text=What becomes of your messages?");
  await fits(page);
  await accessible(page);
  await shot(page, "leave-320");
  await page.focus("dialog input:not([type=radio])");
  await page.keyboard.type("somebody");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog [role=alert] >> text=@moussa.kone");
  assert.equal((await rpc(other.page, "member.list", { prefix: "moussa" })).members.length, 1, "nothing happened yet");
  await page.fill("dialog input:not([type=radio])", "@moussa.kone");
  await page.focus("dialog button.primary");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".signin, form >> text=Baraza", { timeout: 20_000 }).catch(() => page.waitForSelector("main"));

  await other.page.waitForSelector(".post .who >> text=Former member");
  assert.equal(await other.page.locator("text=Words of his").count(), 0);
  await other.page.waitForSelector("text=An answer for @moussa.kone");
  await other.page.waitForSelector("h1 >> text=(title removed)");
  await shot(other.page, "former-member");
  await other.page.reload();
  await other.page.waitForSelector(".post .who >> text=Former member");
  assert.equal((await rpc(other.page, "member.list", { prefix: "moussa" })).members.length, 0);
  await page.goto(`${hub.url}/`);
  await page.waitForSelector(".signin");
});
