/* Access without a mouse, without good eyes, at any size and in any direction of writing; and no
 * text that was forgotten by the translators or that does not fit once it is longer. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { bin, newThread, rpc, shot, startHub } from "./harness.mjs";
import { furnish, settled, show } from "./states.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const english = JSON.parse(
  readFileSync(new URL("../../client-web/locales/en.json", import.meta.url), "utf8"),
);
let hub, set;
before(async () => {
  if (skip) return;
  hub = await startHub({ env: { BARAZA_LIMITS_ENFORCE: "no" } }); /* nobody walks so fast over all screens */
  set = await furnish(hub);
});
after(async () => {
  await hub?.end();
});

const open = (options = {}) =>
  hub.visitor({ storageState: set.state, serviceWorkers: "block", ...options });

/* No language has these letters, all are 40 % longer, and each text shows where it ends. */
const LOOKS = { a: "á", e: "é", i: "î", o: "ö", u: "ü", c: "ç", n: "ñ", A: "Å", E: "É", O: "Ø", S: "Š" };
function pseudo(text) {
  if (typeof text !== "string")
    return Object.fromEntries(Object.entries(text).map(([k, v]) => [k, pseudo(v)]));
  const words = text
    .split(/(\{\w+\})/)
    .map((p) => (p.startsWith("{") ? p : p.replace(/[a-zA-Z]/g, (c) => LOOKS[c] ?? c)))
    .join("");
  return `⟦${words}${" ~~~~".repeat(Math.ceil((text.length * 0.4) / 5))}⟧`;
}
const strange = JSON.stringify(
  Object.fromEntries(
    Object.entries(english).map(([k, v]) => [k, k.startsWith("punct.") ? v : pseudo(v)]),
  ),
);
const speakPseudo = (page) =>
  page.route(/\/a\/(?:door-|more-)?en\.\w+\.json$/, (r) => r.fulfill({ contentType: "application/json", body: strange }));

/* What people wrote, and what Intl writes, is not ours to translate. */
const THEIRS =
  "bdi, [dir=auto], [lang]:not(html), .lang, .row-side ~ .meta, time, kbd, dt, .md, .place, .initials, .hubname, .region, .boot, .row-text b, .row-text, .day, h1[dir], title, .badge [aria-hidden], .emoji, .reaction, .person .meta";

function textFaults(theirs) {
  const bare = [];
  const cut = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const el = node.parentElement;
    const range = document.createRange();
    range.selectNodeContents(node);
    const r = range.getBoundingClientRect();
    if (!node.data.trim() || el.closest("script, style, noscript, select, .sr, .skip") || r.width === 0) continue;
    const ours = /[⟦⟧]/.test(node.data);
    if (!ours && /\p{L}{2}/u.test(node.data) && !el.closest(theirs) && !/⟦/.test(el.textContent))
      bare.push(`${el.className || el.tagName}: ${node.data}`);
    if (!ours) continue;
    if (r.left < -1 || r.right > innerWidth + 1) cut.push(`out of the window: ${node.data}`);
    for (let up = el; up && up !== document.body; up = up.parentElement) {
      const s = getComputedStyle(up);
      const b = up.getBoundingClientRect();
      const hides = (o) => o === "hidden" || o === "clip";
      if (
        (hides(s.overflowX) && (r.left < b.left - 1 || r.right > b.right + 1)) ||
        (hides(s.overflowY) && (r.top < b.top - 1 || r.bottom > b.bottom + 1))
      )
        cut.push(`${up.className || up.tagName}: ${node.data}`);
    }
  }
  const silent = [...document.querySelectorAll("[aria-label], [placeholder]")]
    .flatMap((el) => [el.getAttribute("aria-label"), el.getAttribute("placeholder")])
    .filter((v) => v && !/⟦/.test(v));
  return { bare, cut, silent, wide: Math.max(0, document.documentElement.scrollWidth - innerWidth) };
}

test("texts that are 40 % longer fit at 360 px, and every text comes from a catalogue", { skip }, async () => {
  const { page, context } = await open({ viewport: { width: 360, height: 740 }, reducedMotion: "reduce" });
  await speakPseudo(page);
  const found = [];
  for (const screen of set.screens) {
    await show(page, hub, screen);
    const { wide, ...texts } = await page.evaluate(textFaults, THEIRS);
    await shot(page, `360-pseudo-${screen.name.replace(/\W+/g, "-")}`);
    assert.equal(wide, 0, screen.name);
    for (const [fault, all] of Object.entries(texts))
      for (const x of all) found.push(`${screen.name}, ${fault}: ${x}`);
  }
  assert.deepEqual(found, []);
  await context.close();
});

test("written from right to left nothing is lost, and what began left begins right", { skip }, async () => {
  for (const width of [360, 1280]) {
    const { page, context } = await open({ viewport: { width, height: 740 }, reducedMotion: "reduce" });
    await speakPseudo(page);
    await page.addInitScript(() => {
      new MutationObserver((_, self) => {
        if (!document.documentElement) return;
        document.documentElement.dir = "rtl";
        self.disconnect();
      }).observe(document, { childList: true });
    });
    for (const screen of set.screens) {
      await show(page, hub, screen);
      const found = await page.evaluate(() => {
        const outside = [...document.querySelectorAll("button, a, h1, h2, input, textarea")]
          .filter((el) => el.offsetParent !== null && !el.matches(".sr, .skip, .scroller *"))
          .filter((el) => {
            const r = el.getBoundingClientRect();
            return r.left < -1 || r.right > innerWidth + 1;
          })
          .map((el) => el.outerHTML.slice(0, 100));
        const rail = document.querySelector(".rail").getBoundingClientRect();
        const row = document.querySelector("a.row, .post");
        const first = row?.querySelector(".type, .row-title, .initials")?.getBoundingClientRect();
        return {
          dir: getComputedStyle(document.body).direction,
          wide: Math.max(0, document.documentElement.scrollWidth - innerWidth),
          outside,
          rail: rail.width === 0 || rail.right === innerWidth,
          begins: !first || first.right > row.getBoundingClientRect().right - 40,
        };
      });
      await shot(page, `${width}-rtl-${screen.name.replace(/\W+/g, "-")}`);
      assert.deepEqual(found, { dir: "rtl", wide: 0, outside: [], rail: true, begins: true }, screen.name);
    }
    await context.close();
  }
});

/* Wider than the window, or smaller than a fingertip. A word in a sentence may be smaller. */
function sizeFaults() {
  const small = [...document.querySelectorAll("a, button, input, select, textarea, summary, [role=button]")]
    .filter((el) => el.offsetParent !== null && !el.closest(".md, .sr, .skip") && !el.disabled)
    .filter((el) => {
      const by = el.matches("input[type=checkbox], input[type=radio]") ? (el.closest("label") ?? el) : el;
      const r = by.getBoundingClientRect();
      const sentence = getComputedStyle(el).display === "inline" && el.parentElement.textContent.trim() !== el.textContent.trim();
      return !sentence && (r.height < 43.5 || r.width < 43.5);
    })
    .map((el) => el.outerHTML.slice(0, 120));
  return { small, wide: Math.max(0, document.documentElement.scrollWidth - innerWidth) };
}

test("320 px, 200 % text and 200 % zoom: no loss to the side, every target 44 px", { skip }, async () => {
  const ways = [
    { name: "320 px", viewport: { width: 320, height: 640 }, percent: 100 },
    { name: "360 px, text at 200 %", viewport: { width: 360, height: 740 }, percent: 200 },
    { name: "1280 px at 200 % zoom", viewport: { width: 640, height: 400 }, percent: 100 },
    { name: "768 px", viewport: { width: 768, height: 1024 }, percent: 100 },
  ];
  const found = [];
  for (const way of ways) {
    const { page, context } = await open({ viewport: way.viewport, reducedMotion: "reduce" });
    const size = (16 * way.percent) / 100;
    const cdp = await context.newCDPSession(page);
    await cdp.send("Page.setFontSizes", { fontSizes: { standard: size, fixed: size } });
    for (const screen of set.screens) {
      await show(page, hub, screen);
      await shot(page, `${way.viewport.width}-${way.percent}-${screen.name.replace(/\W+/g, "-")}`);
      const { small, wide } = await page.evaluate(sizeFaults);
      for (const x of [...small, ...(wide > 0 ? [`${wide} px too wide`] : [])])
        found.push(`${way.name}, ${screen.name}: ${x}`);
    }
    await context.close();
  }
  assert.deepEqual(found, []);
});

test("each screen has its landmarks, one h1, headings without gaps, and takes the focus", { skip }, async () => {
  const { page, context } = await open();
  for (const screen of set.screens.filter((x) => !x.open)) {
    await show(page, hub, screen);
    await page.waitForFunction(() => !document.querySelector(".skeleton")); /* its file may still be on the way */
    const found = await page.evaluate(() => {
      const seen = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(
        (el) => el.checkVisibility() && !el.closest(".md, .rail"),
      );
      const levels = seen.map((el) => Number(el.tagName[1]));
      return {
        main: document.querySelectorAll("main").length,
        banner: document.querySelectorAll(".pane > header").length,
        nav: [...document.querySelectorAll("nav")].every((el) => el.hasAttribute("aria-label")),
        h1: levels.filter((n) => n === 1).length,
        gaps: levels.filter((n, i) => i > 0 && n > levels[i - 1] + 1),
        title: document.title.length > 6,
      };
    });
    assert.deepEqual(found, { main: 1, banner: 1, nav: true, h1: 1, gaps: [], title: true }, screen.name);
  }
  await page.goto(hub.url);
  await settled(page);
  for (const selector of ['.rail a[href="/rooms"]', ".rows a.row", ".rows a.row", ".bar .back", '.rail a[href="/me"]']) {
    const from = page.url();
    await page.focus(selector);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.href !== from);
    await settled(page);
    await page.waitForFunction(() => document.activeElement?.closest("main") !== null);
  }
  await context.close();
});

test("the keyboard finds every control in turn, and sees where it is", { skip }, async () => {
  const { page, context } = await open({ viewport: { width: 360, height: 740 } });
  for (const screen of set.screens.filter((x) => ["room", "me", "ask"].includes(x.name))) {
    await show(page, hub, screen);
    const seen = new Set();
    for (let i = 0; i < 200; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const el = document.activeElement;
        if (el === document.body) return null;
        const s = getComputedStyle(el);
        return [el.outerHTML.slice(0, 200), s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2];
      });
      if (at === null || seen.has(at[0])) break;
      seen.add(at[0]);
      assert.ok(at[1], `no ring: ${at[0]}`);
    }
    assert.ok(seen.size >= 8, `${screen.name}: ${seen.size}`);
  }
  await context.close();
});

test("new posts are said once each, politely, and a page of old ones is not", { skip }, async () => {
  const reader = await open();
  const writer = await hub.member("amina.diop");
  const { id } = await newThread(writer.page, "Heard, not seen");
  await reader.page.goto(`${hub.url}/t/${id}`);
  await reader.page.waitForSelector(".post[data-seq]");
  await reader.page.evaluate(() => {
    globalThis.said = [];
    for (const el of document.querySelectorAll("[aria-live=polite]"))
      new MutationObserver(() => el.textContent && globalThis.said.push(el.textContent)).observe(el, {
        childList: true,
        characterData: true,
        subtree: true,
      });
  });
  assert.equal(await reader.page.locator("[aria-live=assertive]").count(), 0);
  assert.equal(
    await reader.page.evaluate(() =>
      [...document.querySelectorAll("[aria-live=polite], [role=log]")].some((el) => el.querySelector(".post")),
    ),
    false,
  );
  for (const text of ["One.", "Two.", "Three."]) {
    await rpc(writer.page, "post.create", { thread: id, text, cid: `said-${text.length}-${text[0]}` });
    await reader.page.waitForFunction((t) => globalThis.said.some((x) => x.includes(t)), text);
  }
  const said = await reader.page.evaluate(() => [...new Set(globalThis.said)]);
  assert.equal(said.length, 3, said.join(" | "));
  await reader.context.close();
  await writer.context.close();
});

test("forced colours: what is chosen, new or to be pressed is still seen", { skip }, async () => {
  const { page, context } = await open({ forcedColors: "active", viewport: { width: 360, height: 740 } });
  for (const screen of set.screens) {
    await show(page, hub, screen);
    await shot(page, `360-forced-${screen.name.replace(/\W+/g, "-")}`);
    const lost = await page.evaluate(() =>
      [...document.querySelectorAll("button, .button, [aria-pressed=true], .badge, input, select, textarea")]
        .filter((el) => el.offsetParent !== null)
        .filter((el) => {
          const s = getComputedStyle(el);
          const page_ = getComputedStyle(document.body.parentElement).backgroundColor;
          const native = el.matches("[type=checkbox], [type=radio]");
          const framed = parseFloat(s.borderTopWidth) > 0 && s.borderTopColor !== s.backgroundColor;
          const filled = s.backgroundColor !== page_ && s.backgroundColor !== "rgba(0, 0, 0, 0)";
          return !native && !framed && !filled && !el.matches(".quiet, .link");
        })
        .map((el) => el.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(lost, [], screen.name);
  }
  await context.close();
});

test("motion: none for those who asked for less, at most 150 ms for the others", { skip }, async () => {
  for (const reducedMotion of ["reduce", "no-preference"]) {
    const { page, context } = await open({ reducedMotion });
    for (const screen of set.screens.filter((x) => x.open || x.name === "catchup")) {
      await show(page, hub, screen);
      const longest = await page.evaluate(() =>
        Math.max(
          ...[...document.querySelectorAll("*")].flatMap((el) => {
            const s = getComputedStyle(el);
            return `${s.transitionDuration}, ${s.animationDuration}`.split(", ").map(parseFloat);
          }),
        ),
      );
      assert.ok(longest <= (reducedMotion === "reduce" ? 0 : 0.15), `${screen.name}: ${longest} s`);
    }
    await context.close();
  }
});

test("each post says in which language it is written, for voices and hyphens", { skip }, async () => {
  const { page, context } = await open();
  await page.goto(hub.url + set.thread);
  await settled(page);
  const tags = await page.$$eval(".post[data-seq] .md", (all) => all.map((el) => el.closest("[lang]").lang));
  assert.ok(tags.length >= 2);
  assert.ok(tags.every((l) => l === "fr"), tags.join());
  await context.close();
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
