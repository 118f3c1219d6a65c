/* One visit by keyboard alone: sign in, next unread, reply with a quote, react, search, change the
 * language. After each step something on the screen has the focus, and it can be seen. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, newThread, rpc, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
let hub, page, thread;
before(async () => {
  if (skip) return;
  hub = await startHub();
  const b = await hub.member("moussa.kone");
  thread = (await newThread(b.page, "By keys alone", "Quote these words, please.")).id;
  await b.context.close();
  page = (await hub.visitor()).page;
});
after(async () => {
  await hub?.end();
});

async function focused(step) {
  await page.waitForTimeout(60); /* a frame or two: what moves the focus does so after the paint */
  const found = await page.evaluate(() => {
    const el = document.activeElement;
    if (!el || el === document.body) return "nothing has the focus";
    const box = el.getBoundingClientRect();
    if (box.bottom <= 0 || box.top >= innerHeight || box.width === 0) return `out of sight: ${el.outerHTML.slice(0, 80)}`;
    if (el.id === "main") return "";
    const style = getComputedStyle(el);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
      ? ""
      : `no outline: ${el.outerHTML.slice(0, 80)}`;
  });
  assert.equal(found, "", step);
}
async function press(...keys) {
  for (const key of keys) {
    await page.keyboard.press(key);
    await focused(key);
  }
}
/* Tab until the wanted thing has the focus; each stop on the way can be seen. */
async function tabTo(selector, key = "Tab") {
  for (let i = 0; i < 60; i++) {
    if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
    await page.keyboard.press(key);
    /* past the last stop the focus is the browser's own for one step */
    if (await page.evaluate(() => document.activeElement !== document.body)) await focused(key);
  }
  assert.fail(`${selector} is not reached by ${key}`);
}

test("from signing in to another language without a pointer", { skip }, async () => {
  await page.goto(hub.url + hub.link("amina.diop"));
  await page.waitForSelector(".signin button.primary");
  await tabTo(".signin button.primary");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".with-acts a[data-row]");
  await focused("signed in");

  await press("n");
  await page.waitForSelector(".post[data-seq]");
  const first = new URL(page.url()).pathname;
  await press("n");
  await page.waitForFunction((p) => location.pathname !== p, first);
  await page.waitForSelector(".post[data-seq]");
  await focused("the next unread");
  await press("p");
  await page.waitForFunction(() => location.pathname.startsWith("/t/"));

  await page.evaluate((id) => history.pushState({ n: 99 }, "", `/t/${id}`), thread);
  await page.reload();
  await page.waitForSelector(".post[data-seq]");
  await press("j", "q");
  await page.waitForSelector(".quoting");
  await page.keyboard.type("Answered by keys");
  await press("Control+Enter");
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".post[data-seq] .md")].some((el) => el.textContent === "Answered by keys"),
  );
  await focused("sent");

  await press("Escape", "j");
  await tabTo(".post button.more");
  await press("Enter");
  await tabTo(".actions .emoji button");
  await press("Enter");
  await page.waitForSelector('.reaction[aria-pressed="true"]');
  await focused("reacted");

  await press("?", "Escape", "m", "z");
  await press("/");
  await page.keyboard.type("keys alone");
  await press("Enter");
  await page.waitForSelector(".rows a[data-row]");
  await focused("found");
  await press("ArrowDown", "j", "k", "Enter");
  await page.waitForSelector(".post[data-seq]");
  await focused("a hit is open");

  await press("g", "p");
  await page.waitForSelector(".langs button[lang=fr]");
  await tabTo(".langs button[lang=fr]");
  await press("Enter");
  await page.waitForFunction(() => document.documentElement.lang === "fr");
  await focused("in French");
});

test("single letters do nothing once they are switched off", { skip }, async () => {
  await tabTo(".check:nth-of-type(2) input, .check + .check input");
  await press("Space");
  await press("/");
  assert.equal(new URL(page.url()).pathname, "/me");
  await press("Space", "/");
  await page.waitForFunction(() => location.pathname === "/search");
  await focused("on again");
  assert.ok((await rpc(page, "thread.get", { thread })).thread.posts >= 2);
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
