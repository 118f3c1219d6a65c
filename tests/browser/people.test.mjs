/* People in the browser: somebody is looked for and narrowed down in the address, says of themselves what a circle of their choice
 * may see, and finds a peer for a question of theirs, with reasons, whom they ask; by finger, by keys, in any language, and
 * without a line. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { accessible, astray, bin, rpc, shot, startHub } from "./harness.mjs";
import { settled } from "./states.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const axe = { path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") };
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
let hub, phone, desk, question;
before(async () => {
  if (skip) return;
  hub = await startHub();
  phone = await hub.member("celso.machava", PHONE);
  desk = await hub.member("amina.diop");
  const { hits } = await rpc(phone.page, "search.query", { text: "pooled insurance minibus" });
  question = hits[0].thread;
});
after(async () => {
  await hub?.end();
});

const open = async (page, path, sign) => {
  await page.goto(hub.url + path);
  await page.waitForSelector(sign);
  await settled(page);
};
const idOf = async (handle) => (await rpc(desk.page, "member.list", { prefix: handle })).members[0].id;
const fits = async (page, where) =>
  assert.ok((await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth)) <= 0, `${where} scrolls sideways`);
/* Choices whose words are longer than their field. */
const cut = (page) =>
  page.$$eval(".seen select", (all) => {
    const pen = document.createElement("canvas").getContext("2d");
    return all.flatMap((el) => {
      const { font, paddingInlineStart: space } = getComputedStyle(el);
      pen.font = font;
      return [...el.options].map((o) => o.text).filter((text) => pen.measureText(text).width > el.clientWidth - 2 * parseFloat(space) - 16);
    });
  });
const small = (page) =>
  page.$$eval("main button, main .button, main select, main input:not([type=checkbox]), main a.row, .bar a, .bar button", (all) =>
    all.filter((el) => el.checkVisibility() && el.getBoundingClientRect().height < 43.5).map((el) => el.outerHTML.slice(0, 90)));

test("on a phone the directory is a tap away from Rooms, and what it is narrowed to is in the address", { skip }, async () => {
  const { page } = phone;
  await open(page, "/rooms", ".rows a");
  await page.click('.crossings a[href="/people"]');
  await page.waitForSelector(".person-row");
  assert.equal(await page.getAttribute('.tabs a[href="/rooms"]', "aria-current"), "page");
  await page.fill(".shelf input[type=search]", "kumasi minibus");
  await page.press(".shelf input[type=search]", "Enter");
  await page.waitForURL(/\/people\?text=kumasi\+minibus$/);
  await page.waitForFunction(() => document.querySelectorAll(".person-row").length === 1);
  assert.match(await page.textContent(".person-row"), /Kwame Boateng/);
  await page.click(".picked.active a");
  await page.waitForURL(/\/people$/);
  await page.click(".shelf [aria-expanded]");
  await page.waitForSelector(".shelf-all option:has-text('(')", { state: "attached" });
  await page.selectOption(".shelf-all select >> nth=0", "paratransit");
  await page.waitForURL(/theme=paratransit/);
  await page.selectOption(".shelf-all label:has-text('Country') select", "GH");
  await page.waitForURL(/theme=paratransit&country=GH/);
  await page.waitForFunction(() => document.querySelectorAll(".person-row").length === 1);
  await page.reload();
  await page.waitForSelector(".person-row");
  assert.equal((await page.$$(".picked.active .button")).length, 3);
  await page.goBack();
  await page.fill(".shelf input[type=search]", "xyzzyx");
  await page.press(".shelf input[type=search]", "Enter");
  await page.waitForSelector(".empty");
  await fits(page, "the directory");
  await shot(page, "people-none-360");
});

test("a field is seen by the circle that its owner chose, and by nobody else", { skip }, async () => {
  const { page } = desk;
  await open(page, "/me", ".person");
  await page.click('a[href="/me/profile"]');
  await page.waitForSelector(".profile-form");
  await page.fill(".profile-form label:has-text('Role or job') input", "Quokka counter");
  await page.selectOption(".said:has(label:has-text('Role or job')) .seen select", "nobody");
  await page.fill(".profile-form label:has-text('About me') textarea", "Numbats on buses");
  await page.selectOption(".said:has(label:has-text('About me')) .seen select", "all");
  /* What was typed outlives a look elsewhere. */
  await page.click('.rail a[href="/rooms"]');
  await page.waitForSelector(".rows a");
  await page.goBack();
  await page.waitForSelector(".profile-form");
  assert.equal(await page.inputValue(".profile-form label:has-text('About me') textarea"), "Numbats on buses");
  await page.click(".profile-form button.primary");
  await page.waitForSelector(".profile-facts >> text=Numbats on buses");
  assert.match(await page.textContent(".profile-head"), /Quokka counter/);
  const amina = await idOf("amina.diop");
  await open(phone.page, `/people/${amina}`, ".profile-facts");
  const seen = await phone.page.textContent("main");
  assert.match(seen, /Numbats on buses/);
  assert.doesNotMatch(seen, /Quokka/);
  await open(phone.page, "/people?text=quokka", ".empty");
  await open(phone.page, "/people/amina.diop", ".profile-facts");   /* by the handle that somebody wrote down */
});

test("who moderates the hub takes a field out and says why; its owner is told, and the log has it", { skip }, async () => {
  const admin = await hub.member("zainab.admin", { viewport: { width: 320, height: 640 } });
  const { page } = admin;
  const take = '.manage button:has-text("Take out a profile field")';
  await open(page, "/people/amina.diop", ".profile-facts >> text=Numbats on buses");
  await page.focus(take);
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog >> text=they are warned with your reason");
  await page.focus("dialog .primary");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog [role=alert]:has-text('Field')");
  await page.selectOption("dialog select >> nth=0", { label: "About me" });
  await page.selectOption("dialog select >> nth=1", "rude");
  await page.fill("dialog input", "No numbats here");
  await fits(page, "taking a field out");
  await accessible(page);
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.waitForSelector(".profile-facts >> text=Numbats on buses", { state: "detached" });

  const room = (await rpc(page, "room.list")).rooms.find((r) => r.access === "open").id;
  await open(desk.page, `/r/${room}`, ".held >> text=They took this out of your profile: About me");
  await desk.page.waitForSelector(".held >> text=No numbats here");
  await open(page, `/r/${room}/log`, ".act:has-text('Amina Diop'):has-text('About me'):has-text('No numbats here')");
  await open(phone.page, "/people/amina.diop", ".profile-head");
  assert.equal(await phone.page.locator(take).count(), 0, "for moderators of the hub");
  for (const [locale, title] of [["fr-FR", "Retirer un champ du profil"], ["es-ES", "Quitar un campo del perfil"], ["pt-BR", "Retirar um campo do perfil"]]) {
    const other = await hub.member("zainab.admin", { locale, viewport: { width: 320, height: 640 } });
    await open(other.page, "/people/celso.machava", ".profile-head");
    await other.page.click(`.manage button:has-text("${title}")`);
    await other.page.waitForSelector(`dialog h2:has-text("${title}")`);
    await fits(other.page, title);
    await accessible(other.page);
    await other.context.close();
  }
  await admin.context.close();
});

test("by keys alone: somebody is looked for, opened and asked", { skip }, async () => {
  const { page } = desk;
  await open(page, "/people", ".person-row");
  await page.focus(".shelf input[type=search]");
  await page.keyboard.type("wanjiru");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll(".person-row").length === 1);
  for (let i = 0; i < 12 && !(await page.evaluate(() => document.activeElement.matches(".person-row"))); i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".profile-facts");
  for (let i = 0; i < 6 && !(await page.evaluate(() => document.activeElement.matches(".manage .primary"))); i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog[open] textarea");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog[open]", { state: "detached" });
  assert.ok(await page.evaluate(() => document.activeElement.matches(".manage .primary")), "the focus is back where it came from");
});

test("a peer for a question of mine, with the reasons, asked in a conversation of two", { skip }, async () => {
  const { page } = phone;
  await open(page, `/t/${question}`, ".post");
  await page.click("main a[href^='/peers']");
  await page.waitForSelector(".peers .reasons");
  const first = await page.textContent(".peers > li >> nth=0");
  assert.match(first, /Can help with: Paratransit and minibus reform/);
  assert.match(first, /Speaks your language: English/);
  await fits(page, "the peers");
  assert.deepEqual(await small(page), []);
  await shot(page, "peers-360");
  await page.click(".peers > li:has-text('Kwame Boateng') > button");
  await page.waitForSelector("dialog[open] textarea");
  assert.match(await page.inputValue("dialog[open] textarea"), /pooled insurance/);
  await page.click("dialog[open] button.primary");
  await page.waitForURL((url) => url.pathname.startsWith("/t/") && !url.pathname.includes(question));
  const kwame = await hub.member("kwame.boateng");
  const { threads } = await rpc(kwame.page, "direct.list", {});
  const { posts } = await rpc(kwame.page, "post.list", { thread: threads[0].id });
  assert.match(posts.at(-1).text, /pooled insurance/);
  await kwame.context.close();
});

test("who says that they can be asked is proposed, and who does not is not", { skip }, async () => {
  const propose = async () => (await rpc(phone.page, "peer.find", { theme: "surveys" })).people.some((p) => p.member.handle === "amina.diop");
  assert.equal(await propose(), true);
  const { page } = desk;
  await open(page, "/me/profile", ".profile-form");
  await page.uncheck("input[name=peers]");
  await page.click(".profile-form button.primary");
  await page.waitForSelector(".profile-facts");
  assert.equal(await propose(), false);
  await open(page, "/peers?theme=children", ".empty");
  await page.click('.empty a.button[href="/me/profile"]');
  await page.waitForSelector(".profile-form");
});

test("without a line the directory stands as it was seen last, and says so; a profile that was in it opens", { skip }, async () => {
  const { page, context } = phone;
  await open(page, "/people?theme=paratransit", ".person-row");
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!(await caches.keys()).some((name) => name.startsWith("baraza-"))) await new Promise((go) => setTimeout(go, 20));
  });
  await context.setOffline(true);
  await page.goto(`${hub.url}/people`);
  await page.waitForSelector(".note >> text=No connection");
  await page.waitForSelector(".person-row >> text=Kwame Boateng");
  await page.fill(".shelf input[type=search]", "jeepney");
  await page.press(".shelf input[type=search]", "Enter");
  await page.waitForFunction(() => document.querySelectorAll(".person-row").length === 1);
  await page.click(".person-row");
  await page.waitForSelector(".profile-facts >> text=Jeepney and minibus reform");
  assert.equal(await page.isDisabled(".manage button >> nth=0"), true);
  await page.goto(`${hub.url}/peers`);
  await page.waitForSelector(".empty");
  await context.setOffline(false);
});

for (const [lang, width, colorScheme] of [["en", 320, "dark"], ["fr", 320, "light"], ["es", 360, "dark"], ["pt", 1280, "light"]])
  test(`${lang}, ${width} px, ${colorScheme}: nothing is cut, nothing is too small, axe finds nothing`, { skip }, async () => {
    const v = await hub.member("moussa.kone", { viewport: { width, height: 740 }, colorScheme, serviceWorkers: "block" });
    await v.context.addInitScript(axe);
    await v.context.addInitScript((code) => localStorage.setItem("baraza.lang", code), lang);
    const kwame = await idOf("kwame.boateng");
    for (const [path, sign] of [["/people", ".person-row"], [`/people/${kwame}`, ".profile-facts"], ["/me/profile", ".profile-form"], ["/peers?theme=paratransit", ".peers li"]]) {
      await open(v.page, path, sign);
      assert.equal(await v.page.getAttribute("html", "lang"), lang);
      if (path === "/people") await v.page.click(".shelf [aria-expanded]");
      await fits(v.page, path);
      assert.deepEqual(await small(v.page), [], path);
      assert.deepEqual([await astray(v.page), await cut(v.page)], [[], []], path);
      const found = await v.page.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] });
        return violations.map((x) => `${x.id}: ${x.nodes.map((n) => n.target.join(" ")).join(", ")}`);
      });
      assert.deepEqual(found, [], path);
      await shot(v.page, `people-${lang}-${width}-${path.split("/")[1]}`);
    }
    await v.context.close();
  });

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
