/* Every screen in four languages, two widths and two themes: nothing overflows, every target can
 * be hit, every text is there. Search finds. BARAZA_SHOTS names a folder for pictures. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, newThread, rpc, shot, startHub } from "./harness.mjs";
import { settled } from "./states.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const LOCALES = { en: ["en-GB", "Catch-up"], fr: ["fr-FR", "À lire"], es: ["es-CO", "Por leer"], pt: ["pt-BR", "Para ler"] };
let hub, paths, state;
before(async () => {
  if (skip) return;
  hub = await startHub();
  const v = await hub.member("moussa.kone");
  const made = await newThread(
    v.page,
    "Peinture des voies BRT : quel coût par kilomètre en 2026 ?",
    "Bonjour, **combien** avez-vous payé ?\n\n| Ville | USD/km |\n|---|---|\n| Lagos | 0.9 M |\n\n- avec [séparateurs](https://example.org/)\n- sans stations",
  );
  await rpc(v.page, "post.create", {
    thread: made.id,
    text: "A-very-long-word-".repeat(20),
    cid: "long1",
  });
  const kept = await rpc(v.page, "thread.create", {
    room: made.room,
    title: "Guide des voies réservées, dont le nom est assez long pour deux lignes",
    text: "Celui de Dakar.",
    kind: "resource",
    fields: { url: "https://example.org/a-very-long-address", languages: ["fr", "en"], themes: ["brt"], city: "Dakar", country: "SN", year: 2024, licence: "CC BY 4.0" },
    cid: "kept1",
  });
  const { rooms } = await rpc(v.page, "room.list", {});
  const room = rooms.find((r) => r.id === made.room);
  paths = {
    catchup: "/",
    rooms: "/rooms",
    room: `/r/${room.id}`,
    thread: `/t/${made.id}`,
    lobby: `/t/${room.chat}`,
    ask: "/ask",
    search: "/search?q=peinture",
    resources: "/resources",
    resource: `/t/${kept.id}`,
    me: "/me",
    lost: "/nowhere/at/all",
  };
  state = await v.context.storageState();
  await v.context.close();
});
after(async () => {
  await hub?.end();
});

/* What a person cannot read or hit: wider than the screen, or smaller than 44 px. */
function faults() {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const small = [
    ...document.querySelectorAll(
      "button, .button, .tabs a, .rail li a, a.row, select, input:not([type=checkbox])",
    ),
  ]
    .filter((el) => el.offsetParent !== null && !el.matches(".link, .hubname"))
    .filter((el) => {
      const r = el.getBoundingClientRect();
      return r.height < 43.5 || r.width < 43.5;
    })
    .map((el) => el.outerHTML.slice(0, 120));
  const nameless = [...document.querySelectorAll("button, a, input, select, textarea")]
    .filter(
      (el) => !(el.textContent.trim() || el.getAttribute("aria-label") || el.closest("label")),
    )
    .map((el) => el.outerHTML.slice(0, 120));
  const keys = document.body.innerText.match(
    /\b(action|tab|post|thread|room|me|ask|search|error)\.[a-z.]+\b/g,
  );
  return { wide: Math.max(0, wide), small, nameless, keys: keys ?? [] };
}

for (const [lang, [locale, home]] of Object.entries(LOCALES))
  for (const width of [360, 1280])
    for (const colorScheme of ["light", "dark"])
      test(`${lang}, ${width} px, ${colorScheme}`, { skip }, async () => {
        const { page, context } = await hub.visitor({
          locale,
          colorScheme,
          storageState: state,
          viewport: { width, height: width === 360 ? 740 : 800 },
        });
        for (const [name, path] of Object.entries(paths)) {
          await page.goto(hub.url + path);
          await settled(page);
          if (name === "catchup") assert.equal(await page.textContent("h1"), home);
          assert.equal(await page.getAttribute("html", "lang"), lang);
          assert.deepEqual(
            await page.evaluate(faults),
            { wide: 0, small: [], nameless: [], keys: [] },
            `${name} ${page.url()}`,
          );
          await shot(page, `${width}-${colorScheme}-${lang}-${name}`);
        }
        await context.close();
      });

test("signed out: the page says how to get in, in the chosen language", { skip }, async () => {
  const { page, context } = await hub.visitor({
    locale: "es-CO",
    viewport: { width: 360, height: 740 },
  });
  await page.goto(hub.url);
  await page.waitForSelector(".signin");
  assert.match(await page.textContent(".signin"), /Cómo entrar/);
  await shot(page, "360-light-es-signin");
  await page.click("button[lang=fr]");
  await page.waitForFunction(() => document.documentElement.lang === "fr");
  assert.match(await page.textContent(".signin"), /Comment entrer/);
  assert.deepEqual(await page.evaluate(faults), { wide: 0, small: [], nameless: [], keys: [] });
  await context.close();
});

test("search finds without accents and marks the words", { skip }, async () => {
  const { page, context } = await hub.visitor({ storageState: state });
  await page.goto(`${hub.url}/search`);
  await settled(page);
  await page.fill("input[type=search]", "peinture cout");
  await page.press("input[type=search]", "Enter");
  await page.waitForSelector("mark");
  assert.match(page.url(), /\/search\?q=peinture%20cout/);
  assert.ok(
    (await page.$$eval("mark", (all) => all.map((m) => m.textContent.toLowerCase()))).some(
      (m) => m.includes("coût") || m.includes("peinture"),
    ),
  );
  await page.click("a[data-row]");
  await page.waitForSelector(".post[data-seq]");
  await context.close();
});

test("the keyboard alone: help, next unread, down, quote, send, search", { skip }, async () => {
  const { page, context } = await hub.visitor({ storageState: state });
  await page.goto(hub.url + paths.thread);
  await page.waitForSelector(".post[data-seq]");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open]");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelector("dialog[open]") === null);
  await page.keyboard.press("j");
  assert.ok(await page.evaluate(() => document.activeElement.matches(".post")));
  await page.keyboard.press("q");
  await page.waitForSelector(".quoting");
  await page.waitForFunction(() => document.activeElement.matches(".composer textarea"));
  await page.keyboard.type("By keys");
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".post[data-seq]")].some(
      (el) => el.querySelector(".md")?.textContent === "By keys" && el.querySelector(".quoted"),
    ),
  );
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.activeElement.matches("input[type=search]"));
  await context.close();
});

test("ask, react, accept, edit, remove: the acts of a thread", { skip }, async () => {
  const { page, context } = await hub.visitor({ storageState: state });
  await page.goto(`${hub.url}/ask`);
  await page.waitForFunction(() => document.querySelectorAll("select option").length > 1);
  await page.fill("form input", "Who repairs the bus doors?");
  await page.fill("form textarea", "Ours break every week.");
  await page.click("form button.wide");
  await page.waitForURL(/\/t\//);
  await page.waitForSelector(".post[data-seq]");
  const act = async (text) => {
    await page.hover(".post[data-seq]");
    await page.click(".post[data-seq] button.more");
    await page.click(`.actions button:has-text("${text}")`);
  };
  await act("👍");
  await page.waitForSelector('.reaction[aria-pressed="true"]');
  await act("Accept as answer");
  await page.waitForSelector(".post.answer");
  await act("Edit");
  await page.fill(".editor textarea", "Ours break every day.");
  await page.click(".editor button.primary");
  await page.waitForFunction(
    () => document.querySelector(".post .md")?.textContent === "Ours break every day.",
  );
  await page.click(".post button.link");
  await page.waitForSelector(".versions li:nth-child(2)");
  await page.keyboard.press("Escape");
  await act("Remove");
  await page.fill("dialog input", "A test");
  await page.click("dialog button.danger");
  await page.waitForSelector(".redacted");
  assert.match(await page.textContent(".redacted"), /A test/);
  await context.close();
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
