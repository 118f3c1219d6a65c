/* Every screen, in light and dark, at 360 and 1280 px, in every language: axe finds nothing
 * against WCAG 2.2 AA. The language is chosen before a screen loads, the rest is switched in place. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { bin, startHub } from "./harness.mjs";
import { furnish, settled, show } from "./states.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const axe = { path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") };
const LANGS = ["en", "fr", "es", "pt"];
const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];
let hub, set;
before(async () => {
  if (skip) return;
  hub = await startHub({ env: { BARAZA_LIMITS_ENFORCE: "no" } }); /* nobody walks so fast over all screens */
  set = await furnish(hub);
});
after(async () => {
  await hub?.end();
});

const violations = (page) =>
  page.evaluate(async () => {
    const { violations: found } = await globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
      resultTypes: ["violations"],
    });
    return found.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
  });

async function everyLook(page, name, found) {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const v of await violations(page)) found.push(`${name}, ${size.width} ${colorScheme}: ${v}`);
    }
  }
}

for (const lang of LANGS)
  test(`${lang}: axe finds nothing on any screen`, { skip }, async () => {
    const found = [];
    for (const storageState of [set.state, undefined]) {
      const { page, context } = await hub.visitor({ storageState, serviceWorkers: "block" });
      await context.addInitScript(axe);
      await context.addInitScript((code) => localStorage.setItem("baraza.lang", code), lang);
      if (storageState)
        for (const screen of set.screens) {
          await page.setViewportSize(SIZES[1]);
          await show(page, hub, screen);
          assert.equal(await page.getAttribute("html", "lang"), lang);
          await everyLook(page, screen.name, found);
        }
      else {
        await page.goto(hub.url);
        await settled(page);
        await everyLook(page, "sign in", found);
      }
      await context.close();
    }
    assert.deepEqual(found, []);
  });

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
