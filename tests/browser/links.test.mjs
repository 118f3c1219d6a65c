/* The links of messages: a card says where else one was shared and leads there, by mouse, touch and keyboard, at 320 px as on a
 * desk, and asks nothing of the place that the link leads to. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { bin, newThread, rpc, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const PHONE = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
const URL_ = "https://example.org/brt/standards/a-very-long-name-of-a-plan-that-does-not-fit.pdf";
let hub, phone, desk, first, second, asked;

before(async () => {
  if (skip) return;
  hub = await startHub();
  phone = await hub.member("amina.diop", PHONE);
  desk = await hub.member("grace.nakato");
  asked = [];
  for (const m of [phone, desk]) m.page.on("request", (r) => asked.push(new URL(r.url()).origin));
  first = await newThread(phone.page, "Standards", `The guide: ${URL_}`);
  second = await newThread(desk.page, "Stations", `Look at <${URL_}#page=7> before you draw, and [ours](https://example.net).`);
});
after(async () => {
  await hub?.end();
});

const fits = async (page) =>
  assert.ok((await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth)) <= 0, "it scrolls sideways");

test("a card tells of the other message, and leads there by touch", { skip }, async () => {
  const { page } = phone;
  await page.goto(`${hub.url}/t/${second.id}`);
  await page.waitForSelector(".link-card .link");
  assert.equal(await page.locator(".link-card").count(), 1, "of the other link there is nothing to tell");
  assert.match(await page.textContent(".link-card .link"), /Also in 1 other message/);
  const a = page.locator(".link-card > a");
  assert.deepEqual([await a.getAttribute("href"), await a.getAttribute("rel")], [URL_, "noopener noreferrer nofollow ugc"]);
  assert.ok((await page.locator(".link-card .link").boundingBox()).height >= 44);
  await fits(page);
  await shot(page, "links-320");
  await page.tap(".link-card .link");
  await page.waitForSelector("dialog .shared-in a");
  assert.match(await page.textContent("dialog .shared-in"), /Standards.*Amina/s);
  await fits(page);
  await shot(page, "links-also-320");
  await page.tap("dialog .shared-in a");
  await page.waitForURL(new RegExp(`/t/${first.id}/`));
  await page.waitForSelector("dialog", { state: "detached" });
});

test("by keyboard: the list opens, closes with Esc and gives the focus back", { skip }, async () => {
  const { page } = desk;
  await page.goto(`${hub.url}/t/${first.id}`);
  await page.waitForSelector(".link-card .link");
  await page.focus(".link-card > a");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "link");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog .shared-in a");
  await shot(page, "links-also-1280");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.className), "link");
});

/* As the hub tells it of a page that it has looked at: here no hub looks (preview is off). */
test("a message that is gone is not told of any more, and nothing was asked of the link's own host", { skip }, async () => {
  const { posts } = await rpc(desk.page, "post.list", { thread: second.id, limit: 10 });
  await rpc(desk.page, "post.redact", { post: posts[0].id, reason: "by mistake", cid: "gone1" });
  const { page, context } = await hub.member("luisa.rojas");   /* who has no copy of it from before */
  await page.goto(`${hub.url}/t/${first.id}`);
  await page.waitForSelector(".post .md");
  await page.waitForFunction(() => !document.querySelector(".link-card"));
  await context.close();
  assert.deepEqual([...new Set(asked)].filter((o) => o !== new URL(hub.url).origin && o !== "null"), []);
});
