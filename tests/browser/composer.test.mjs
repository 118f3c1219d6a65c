/* Writing: quotes, mentions, pastes, the language, the preview, similar threads, two devices. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, newThread, rpc, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const FIELD = ".composer textarea";
let hub, a, thread, room;
before(async () => {
  if (skip) return;
  hub = await startHub();
  a = await hub.member("amina.diop");
  const made = await newThread(a.page, "How do cities pay minibus drivers?", "Some words to quote here.");
  thread = made.id;
  room = made.room;
  await a.page.goto(`${hub.url}/t/${thread}`);
  await a.page.waitForSelector(".post[data-seq]");
});
after(async () => {
  await hub?.end();
});
const value = (page) => page.inputValue(FIELD);
const clear = (page) => page.fill(FIELD, "");
const select = (page) =>
  page.evaluate(() => {
    const text = document.createTreeWalker(document.querySelector(".post .md"), 4).nextNode();
    getSelection().setBaseAndExtent(text, 5, text, 10);
  });
const paste = (page, text) =>
  page.$eval(
    FIELD,
    (el, words) => {
      const data = new DataTransfer();
      data.setData("text/plain", words);
      const ev = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      if (el.dispatchEvent(ev)) document.execCommand("insertText", false, words);
    },
    text,
  );

test("selected words are quoted by the button beside them and by q", { skip }, async () => {
  const { page } = a;
  await select(page);
  await page.click(".quoter");
  await page.waitForFunction((f) => document.activeElement.matches(f), FIELD);
  assert.equal(await value(page), "> words\n\n");
  await page.waitForSelector(".quoting");
  await page.focus("#main");
  await select(page);
  await page.keyboard.press("q");
  await page.waitForFunction((f) => document.querySelector(f)?.value === "> words\n\n> words\n\n", FIELD);
  await page.click(".quoting button");
  await page.waitForSelector(".quoting", { state: "detached" });
  await clear(page);
});

test("a mention is completed by keys over those who can read the room", { skip }, async () => {
  const { page } = a;
  await page.focus(FIELD);
  await page.keyboard.type("Thanks @mou");
  await page.waitForSelector('[role=listbox] [role=option][aria-selected="true"]');
  const active = await page.getAttribute(FIELD, "aria-activedescendant");
  assert.equal(await page.$eval(`[id="${active}"]`, (el) => el.getAttribute("aria-selected")), "true");
  await shot(page, "composer-mention");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  assert.match(await value(page), /^Thanks @[\w.]*mou[\w.]* $/);
  await page.keyboard.type("@mou");
  await page.waitForSelector("[role=listbox]");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[role=listbox]", { state: "detached" });
  assert.ok(await page.$eval(FIELD, (el) => el === document.activeElement));
  await clear(page);
});

test("an address over selected words is a link, a long paste may be a quote", { skip }, async () => {
  const { page } = a;
  await page.fill(FIELD, "see the guide");
  await page.$eval(FIELD, (el) => el.setSelectionRange(8, 13));
  await paste(page, "https://example.org/guide");
  assert.equal(await value(page), "see the [guide](https://example.org/guide)");
  await clear(page);
  await page.focus(FIELD);
  await paste(page, "line\n".repeat(12));
  await page.click(".pasted button");
  assert.match(await value(page), /^(> line\n){12}\n$/);
  await clear(page);
});

test("the language is guessed, correctable and sent; the preview is what is posted", { skip }, async () => {
  const { page } = a;
  await page.fill(FIELD, "Le **coût** de la peinture est pour nous un problème.");
  await page.waitForFunction(() => document.querySelector(".lang-tag")?.value === "fr");
  await page.click('.compose-tools button[aria-pressed]');
  await page.waitForSelector(".preview strong");
  const shown = await page.innerHTML(".preview .md");
  assert.match(shown, /strong/);
  await page.selectOption(".lang-tag", "es");
  await page.press(FIELD, "Control+Enter");
  await page.waitForFunction(() => document.querySelectorAll(".post[data-seq]").length === 2);
  const { posts } = await rpc(page, "post.list", { thread });
  assert.equal(posts[1].lang, "es");
  const all = await page.$$eval(".post[data-seq] .md", (found) => found.map((el) => el.innerHTML));
  assert.equal(all[1], shown);
  assert.equal(await value(page), "");
});

test("Enter is a new line, or sends, as chosen in Me", { skip }, async () => {
  const { page } = a;
  await page.focus(FIELD);
  await page.keyboard.type("one");
  await page.keyboard.press("Enter");
  await page.keyboard.type("two");
  assert.equal(await value(page), "one\ntwo");
  await page.goto(`${hub.url}/me`);
  await page.click(".check input >> nth=0");
  await page.goto(`${hub.url}/t/${thread}`);
  await page.waitForFunction((f) => document.querySelector(f)?.value === "one\ntwo", FIELD);
  await page.press(FIELD, "Enter");
  await page.waitForFunction(() => document.querySelectorAll(".post[data-seq]").length === 3);
  await page.goto(`${hub.url}/me`);
  await page.click(".check input >> nth=0");
  await page.goto(`${hub.url}/t/${thread}`);
  await page.waitForSelector(FIELD);
});

test("a draft goes on on another device; where both wrote, the member chooses", { skip }, async () => {
  const { page } = a;
  const device = await hub.visitor({ storageState: await a.context.storageState() });
  await device.page.goto(`${hub.url}/t/${thread}`);
  await device.page.waitForSelector(FIELD);
  await page.fill(FIELD, "begun here");
  await device.page.waitForFunction((f) => document.querySelector(f)?.value === "begun here", FIELD);
  await device.context.setOffline(true);
  await device.page.waitForSelector(".offline p");
  await device.page.fill(FIELD, "offline words");
  await page.fill(FIELD, "newer words");
  await page.waitForTimeout(1_800);
  await device.context.setOffline(false);
  await device.page.waitForSelector(".other");
  assert.match(await device.page.textContent(".other"), /newer words/);
  assert.equal(await value(device.page), "offline words");
  await device.page.click(".other button.quiet");
  await page.waitForFunction((f) => document.querySelector(f)?.value === "offline words", FIELD);
  await page.press(FIELD, "Control+Enter");
  await device.page.waitForFunction((f) => document.querySelector(f)?.value === "", FIELD);
  await device.context.close();
});

test("an edit that was begun stands open again after a dead tab, until it is saved or given up", { skip }, async () => {
  const made = await newThread(a.page, "Edited", "A first sentense.");
  const open = async () => {
    const page = await a.another();
    await page.goto(`${hub.url}/t/${made.id}`);
    await page.waitForSelector(".post[data-seq]");
    return page;
  };
  const edit = async (page) => {
    await page.hover(".post[data-seq]");
    await page.click(".post[data-seq] button.more");
    await page.click(".actions .buttons button:has-text('Edit')");
  };
  const EDITOR = ".editor textarea";
  let page = await open();
  await edit(page);
  assert.equal(await page.inputValue(EDITOR), "A first sentense.");
  await page.fill(EDITOR, "");
  await page.fill(EDITOR, "A first sent");
  await page.waitForTimeout(400); /* it is stored 300 ms after the first letter */
  await page.close();
  page = await open();
  await page.waitForSelector(EDITOR);
  assert.equal(await page.inputValue(EDITOR), "A first sent");
  await page.fill(EDITOR, "A first sentence.");
  await page.press(EDITOR, "Control+Enter");
  await page.close(); /* at once: it is on the device */
  page = await open();
  await page.waitForFunction(() => document.querySelector(".md")?.textContent === "A first sentence.");
  assert.equal(await page.locator(EDITOR).count(), 0);
  await edit(page);
  await page.fill(EDITOR, "Never mind");
  await page.press(EDITOR, "Escape");
  await page.reload();
  await page.waitForSelector(".post[data-seq] .md");
  assert.equal(await page.locator(EDITOR).count(), 0);
  const { drafts } = await rpc(page, "draft.list", {});
  assert.equal(drafts.some((d) => /sent|mind/.test(d.text)), false);
  const { posts } = await rpc(page, "post.list", { thread: made.id });
  assert.deepEqual(posts.map((p) => p.text), ["A first sentence."]);
  const { versions } = await rpc(page, "post.history", { post: posts[0].id });
  assert.equal(versions.length, 2);
  await page.close();
});

test("similar threads appear while a title is written", { skip }, async () => {
  const { page } = a;
  await page.goto(`${hub.url}/ask/${room}`);
  await page.fill(".form input", "Who pays minibus driv");
  await page.waitForSelector(`.similar a[href="/t/${thread}"]`);
  await shot(page, "ask-similar");
  await page.fill(".form input", "");
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
