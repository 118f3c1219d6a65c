/* Conversations of two: begun from a name, found again, live for both and for nobody else; opted out of, blocked, and reported: the
 * moderators see that message alone. On small screens, by keyboard, in other languages; axe finds nothing. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { bin, has, newThread, rpc, send, sent, shot, shown, startHub } from "./harness.mjs";
import { settled } from "./states.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const axe = { path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") };
let hub, amina, moussa;
const NARROW = { viewport: { width: 320, height: 640 }, reducedMotion: "reduce" };
const PHONE = { viewport: { width: 360, height: 740 }, reducedMotion: "reduce" };
before(async () => {
  if (skip) return;
  hub = await startHub();
  amina = await hub.member("amina.diop", PHONE);
  moussa = await hub.member("moussa.kone", PHONE);
  for (const v of [amina, moussa]) await v.context.addInitScript(axe);
});
after(async () => {
  await hub?.end();
});

/* Nothing is wider than the screen, nothing is too small to touch, and axe finds nothing. */
async function sound(page, what) {
  await settled(page);
  const { violations, wide, small } = await page.evaluate(async () => {
    const { violations: found } = await globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] });
    const seen = [...document.querySelectorAll("main button, main a.button, dialog button, .bar a, .bar button")].filter((el) => el.checkVisibility());
    return {
      violations: found.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ").slice(0, 300)}`),
      wide: document.documentElement.scrollWidth > innerWidth,
      small: seen.filter((el) => !el.closest(".sr") && el.getBoundingClientRect().height < 43.5).map((el) => el.outerHTML.slice(0, 120)),
    };
  });
  assert.deepEqual(violations, [], what);
  assert.equal(wide, false, `${what} is wider than the screen`);
  assert.deepEqual(small, [], what);
}

let talk;
test("from a name to the first words, by keyboard, and both talk; it stands in Catch-up and in the list until it is read", { skip }, async () => {
  const { id } = await newThread(moussa.page, "Bus lanes", "Who has some?");
  await amina.page.goto(`${hub.url}/t/${id}`);
  await amina.page.waitForSelector(".post[data-seq]");
  await amina.page.click(".post[data-seq] .who");
  await amina.page.waitForSelector("dialog");
  await amina.page.getByRole("button", { name: /^Write to/ }).focus();
  await amina.page.keyboard.press("Enter");
  await amina.page.waitForSelector("dialog textarea");
  await sound(amina.page, "the sheet");
  await amina.page.click("dialog .primary");
  assert.match(await amina.page.textContent("dialog form .error"), /Your message/);
  await amina.page.fill("dialog textarea", "Between the two of us");
  await shot(amina.page, "direct-write-360");
  await amina.page.locator("dialog button.primary").focus();
  await amina.page.keyboard.press("Enter");
  await amina.page.waitForURL((to) => to.pathname.startsWith("/t/") && !to.pathname.includes(id));
  talk = amina.page.url().split("/").at(-1);
  await has(amina.page, "Between the two of us");
  const name = await amina.page.textContent(".bar h1");
  assert.match(await amina.page.textContent(".talk-head"), /Only the two of you read this/);
  await sound(amina.page, "the conversation");
  await shot(amina.page, "direct-talk-360");

  await moussa.page.goto(hub.url);
  const row = moussa.page.locator(`main a.row[href="/t/${talk}"]`);
  await row.waitFor();
  assert.equal(await row.locator("xpath=ancestor::section").locator("h2").textContent(), "Direct messages");
  await sound(moussa.page, "Catch-up");
  await moussa.page.locator("h2 a", { hasText: "Direct messages" }).click();
  await moussa.page.waitForURL(/\/talks$/);
  await moussa.page.waitForSelector(`main a.row[href="/t/${talk}"] .badge`);
  await sound(moussa.page, "the list");
  await shot(moussa.page, "direct-list-360");
  await moussa.page.click(`main a.row[href="/t/${talk}"]`);
  await has(moussa.page, "Between the two of us");
  assert.notEqual(await moussa.page.textContent(".bar h1"), name, "each is shown the other");
  await send(moussa.page, "I hear you");
  await has(amina.page, "I hear you");
  await sent(moussa.page);
  await moussa.page.click(".bar .back");
  await moussa.page.waitForURL(/\/talks$/);
  await moussa.page.waitForFunction(() => document.querySelector("main .row") && !document.querySelector("main .row .badge"));
  /* Who has one already is led into it. */
  await amina.page.click(".talk-head button");
  await amina.page.getByRole("button", { name: /^Write to/ }).click();
  await amina.page.waitForFunction(() => !document.querySelector("dialog"));
  assert.ok(amina.page.url().endsWith(talk));
});

test("one that begins is heard by who is here already, and the way back leads to the list", { skip }, async () => {
  const grace = await hub.member("grace.nakato", NARROW);
  await grace.context.addInitScript(axe);
  await grace.page.goto(`${hub.url}/talks`);
  await grace.page.waitForSelector("main .empty, main .rows li, main h2");
  assert.match(await grace.page.textContent("main"), /No conversations yet/);
  await sound(grace.page, "no conversations, 320 px");
  const { members } = await rpc(amina.page, "member.list", { prefix: "grace" });
  await rpc(amina.page, "direct.open", { member: members[0].id, text: "Good morning", cid: `g${Date.now()}` });
  await grace.page.waitForSelector("main .rows .row .badge");
  await grace.page.click("main .rows .row");
  await has(grace.page, "Good morning");
  await sound(grace.page, "the conversation, 320 px");
  await shot(grace.page, "direct-talk-320");
  await grace.page.click(".post[data-seq] .more");
  assert.equal(await grace.page.locator(".actions button", { hasText: "Add to the library" }).count(), 0);
  await grace.context.close();
});

test("a question about a thread says which, to both", { skip }, async () => {
  const { id } = await newThread(amina.page, "Fares for students", "How?");
  const me = await rpc(moussa.page, "member.list", { prefix: "amina" });
  await rpc(moussa.page, "direct.open", { member: me.members[0].id, text: "About this one", thread: id, cid: `a${Date.now()}` });
  await amina.page.goto(`${hub.url}/t/${talk}`);
  await amina.page.waitForSelector(".asked-about a");
  assert.equal(await amina.page.textContent(".asked-about a"), "Fares for students");
  await sound(amina.page, "asked about");
  await amina.page.click(".asked-about a");
  await amina.page.waitForURL(new RegExp(`/t/${id}$`));
});

test("who may write to me is mine to say, in every language", { skip }, async () => {
  const somebody = await hub.member("luisa.rojas", PHONE);
  await somebody.context.addInitScript(axe);
  await somebody.page.goto(`${hub.url}/me`);
  const group = somebody.page.getByRole("group", { name: "Who may write to me" });
  await group.waitFor();
  assert.equal(await group.getByRole("button", { pressed: true }).textContent(), "People in my rooms");
  await somebody.page.goto(`${hub.url}/talks`);
  await somebody.page.click('.empty a[href="/people"]'); /* where nothing is yet, there is a way on */
  await somebody.page.waitForURL(/\/people/);
  await somebody.page.goto(`${hub.url}/me`);
  await group.waitFor();
  const desk = await hub.member("luisa.rojas");
  await desk.page.goto(`${hub.url}/me`);
  const chosen = (what) => desk.page.getByRole("group", { name: "Who may write to me" }).getByRole("button", { name: what, pressed: true }).waitFor();
  await chosen("People in my rooms");
  await group.getByRole("button", { name: "Nobody" }).focus();
  await somebody.page.keyboard.press("Enter");
  await somebody.page.waitForFunction(async () => {
    const r = await fetch("/rpc/direct.get");
    return (await r.json()).result.from === "nobody";
  });
  await chosen("Nobody"); /* the other device was told */
  await sound(somebody.page, "Me");
  await amina.page.goto(`${hub.url}/search?q=luisa`);
  await amina.page.locator(".people button").first().click();
  await amina.page.getByRole("button", { name: /^Write to/ }).click();
  await amina.page.fill("dialog textarea", "Hello?");
  await amina.page.locator("dialog button.primary").click();
  await amina.page.waitForFunction(() => /does not take messages from you/.test(document.querySelector("dialog form .error")?.textContent ?? ""));
  assert.equal(await amina.page.inputValue("dialog textarea"), "Hello?");
  await sound(amina.page, "refused");
  for (const [lang, words] of [["fr", "Qui peut m’écrire"], ["es", "Quién puede escribirme"], ["pt", "Quem pode escrever-me"]]) {
    await somebody.page.locator(".langs button", { hasText: { fr: "Français", es: "Español", pt: "Português" }[lang] }).first().click();
    await somebody.page.getByRole("heading", { name: words }).waitFor();
    await sound(somebody.page, `Me in ${lang}`);
  }
  await somebody.context.close();
});

test("blocked: no field to write in for who blocks, a refusal for the other; and it goes on when that ends", { skip }, async () => {
  await moussa.page.goto(`${hub.url}/t/${talk}`);
  await moussa.page.waitForSelector(".talk-head");
  await moussa.page.click(".talk-head button");
  await moussa.page.getByRole("button", { name: "Block", exact: true }).click();
  await moussa.page.waitForSelector(".foot .locked");
  assert.equal(await moussa.page.locator(".composer textarea").count(), 0);
  await sound(moussa.page, "blocking");
  await amina.page.goto(`${hub.url}/t/${talk}`);
  await amina.page.waitForSelector(".composer textarea");
  await send(amina.page, "Are you there?");
  await amina.page.waitForFunction(() => /does not take messages from you/.test(document.querySelector(".posts .state.bad")?.textContent ?? ""));
  await sound(amina.page, "refused");
  assert.equal((await shown(amina.page)).some(([, text]) => text === "Are you there?"), false);
  await moussa.page.click(".talk-head button");
  await moussa.page.getByRole("button", { name: "Stop blocking" }).click();
  await moussa.page.waitForSelector(".composer textarea");
  await send(moussa.page, "Here I am");
  await has(amina.page, "Here I am");
});

test("a report shows the hub's moderators that message, and nothing else of the conversation", { skip }, async () => {
  const judge = await hub.member("zainab.admin", PHONE);
  await judge.context.addInitScript(axe);
  await send(moussa.page, "Words that hurt you");
  await has(amina.page, "Words that hurt you");
  const post = amina.page.locator(".post[data-seq]", { hasText: "Words that hurt you" });
  await post.locator("button.more").click();
  await amina.page.locator(".actions button", { hasText: "Report" }).click();
  await amina.page.waitForSelector("dialog select");
  assert.match(await amina.page.textContent("dialog"), /see this message alone/);
  await sound(amina.page, "the report");
  await amina.page.locator("dialog select").last().selectOption("rude");
  await amina.page.click("dialog .primary");
  await amina.page.waitForFunction(() => !document.querySelector("dialog"));
  await judge.page.goto(`${hub.url}/queue`);
  const card = judge.page.locator(".matter", { hasText: "Words that hurt you" });
  await card.waitFor();
  assert.match(await card.textContent(), /From a conversation of two/);
  assert.equal((await judge.page.textContent("main")).includes("Between the two of us"), false);
  assert.equal(await card.locator("a[href^='/t/']").count(), 0);
  await sound(judge.page, "the queue");
  await shot(judge.page, "direct-queue-360");
  await judge.page.goto(`${hub.url}/t/${talk}`);
  await judge.page.waitForFunction(() => document.querySelector("main")?.textContent.length > 5 && !document.querySelector(".skeleton"));
  assert.equal((await judge.page.textContent("body")).includes("Between the two of us"), false);
  await judge.page.goto(`${hub.url}/queue`);
  await card.getByRole("button", { name: "Hide", exact: true }).click();
  await judge.page.check("dialog input[value=rude]");
  await judge.page.click("dialog .primary");
  await judge.page.waitForFunction(async () => {
    const r = await fetch("/rpc/queue.list?decided=true");
    return (await r.json()).result.matters.some((m) => m.text === "Words that hurt you" && m.decided?.decision === "hide");
  }, null, { timeout: 20_000 });
  await amina.page.waitForFunction(() => document.querySelector(".posts")?.textContent.includes("Words that hurt you") === false);
  await judge.context.close();
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
