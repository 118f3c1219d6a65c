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

/* Going to another screen as a click on a link does: without a new page. */
const goTo = (page, path) =>
  page.evaluate((to) => {
    const a = document.createElement("a");
    a.href = to;
    document.body.append(a);
    a.click();
    a.remove();
  }, path);

test("who wrote a link is told that it stands elsewhere, too, on coming back to the thread", { skip }, async () => {
  const { page } = desk;
  const own = "https://example.org/own";
  const mine = await newThread(page, "Mine", "Before.");
  await page.goto(`${hub.url}/t/${mine.id}`);
  await page.fill(".composer textarea", `See ${own}`);
  await page.press(".composer textarea", "Control+Enter");
  await page.waitForSelector(".post[data-seq] >> text=/See/");
  await newThread(phone.page, "Theirs", `See ${own}`);
  await goTo(page, "/rooms");
  await page.waitForSelector("main .rows");
  await goTo(page, `/t/${mine.id}`);
  await page.waitForSelector(".link-card .link >> text=/Also in 1 other message/");
});

/* As the hub tells it of a page that it has looked at: here no hub looks (preview is off). */
const TOLD = {
  title: "Bus rapid transit standards: the scorecard of corridors, stations and fleets, tenth edition",
  about: "How a corridor is judged, from the width of its lanes to the height of its platforms; with the scores of ninety cities.",
  lang: "en",
  dead: Date.UTC(2026, 2, 3),
};
test("with all that may be told of it, in French: readable at each width, light and dark; axe finds nothing", { skip }, async () => {
  const { page, context } = await hub.member("luisa.rojas", { locale: "fr-FR" });
  await page.addInitScript({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
  await page.routeWebSocket(/\/ws$/, (ws) => {
    const server = ws.connectToServer();
    server.onMessage((text) => {
      const said = JSON.parse(text);
      for (const { result } of [said].flat())   /* answers to a batch come as one */
        for (const p of result?.posts ?? []) for (const l of p.links ?? []) Object.assign(l, TOLD);
      ws.send(JSON.stringify(said));
    });
  });
  await page.goto(`${hub.url}/rooms`);   /* else the posts come with the page, and not over the line */
  await page.waitForSelector(".rail");
  await goTo(page, `/t/${first.id}`);
  await page.waitForSelector(".link-card >> text=/le 3 mars/");
  /* What it says of itself stands below its title without a rule; the sign and its words are on one line. */
  const look = await page.$eval(".link-card", (el) => {
    const box = (of) => el.querySelector(of).getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(el.querySelector("p").lastChild);
    return { indent: box(".gist").left - box("b").left, rule: getComputedStyle(el.querySelector(".gist")).borderBlockEndStyle, below: range.getBoundingClientRect().top >= box("p .icon").bottom };
  });
  assert.deepEqual(look, { indent: 0, rule: "none", below: false });
  for (const width of [320, 360, 1280])
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize({ width, height: 740 });
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await fits(page);
      const found = await page.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
        return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
      });
      assert.deepEqual(found, [], `${width} px, ${colorScheme}`);
      await shot(page, `link-card-${width}-${colorScheme}-fr`);
    }
  await context.close();
});

test("a message that is gone is not told of any more, and nothing was asked of the link's own host", { skip }, async () => {
  const { posts } = await rpc(desk.page, "post.list", { thread: second.id, limit: 10 });
  await rpc(desk.page, "post.redact", { post: posts[0].id, reason: "by mistake", cid: "gone1" });
  await phone.page.goto(`${hub.url}/t/${first.id}`);
  await phone.page.waitForSelector(".post .md");
  await phone.page.waitForFunction(() => !document.querySelector(".link-card"));
  assert.deepEqual([...new Set(asked)].filter((o) => o !== new URL(hub.url).origin && o !== "null"), []);
});
