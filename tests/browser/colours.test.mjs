/* Every colour as the browser computes it, in each theme, however that was chosen, against a table; the pictures in look/
 * let mild changes pass. The contrast of what is read is computed from what the browser says: WCAG 2.2 AA. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { bin, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const sheet = new URL("../../client-web/src/styles/tokens.css", import.meta.url);
let hub, page;
before(async () => {
  if (skip) return;
  hub = await startHub();
  ({ page } = await hub.visitor());
  await page.goto(hub.url);
  await page.waitForSelector(".signin h1");
});
after(async () => {
  await hub?.end();
});

/* token: light, dark */
const COLOURS = {
  bg: ["#fbfaf7", "#14140f"],
  surface: ["#ffffff", "#1d1c17"],
  sunken: ["#f2f0ea", "#0e0e0b"],
  text: ["#1d1b16", "#f1eee5"],
  muted: ["#5b574c", "#b5af9f"],
  line: ["#d9d5ca", "#38362e"],
  "line-strong": ["#8a8578", "#857f70"],
  brand: ["#0b5c53", "#5fd0bf"],
  "on-brand": ["#ffffff", "#06231f"],
  link: ["#0a5a8a", "#7cc4f2"],
  danger: ["#a8231c", "#ff9a90"],
  warn: ["#7a4b00", "#f2b84b"],
  ok: ["#1c6b35", "#7fd598"],
  africa: ["#9a3b12", "#ffa36b"],
  asia: ["#6b2c8f", "#d3a4f0"],
  latin: ["#9b1f58", "#ff9cc6"],
  cross: ["#3b4a9c", "#a9b6ff"],
  hit: ["#f5df9a", "#5c4a10"],
};
const GROUNDS = ["bg", "surface", "sunken"];
const INKS = ["text", "muted", "brand", "link", "danger", "warn", "ok", "africa", "asia", "latin", "cross"];
/* ink, ground, how much the one stands out from the other at least: 4.5 for words, 3 for the edge of a field */
const PAIRS = [
  ...GROUNDS.flatMap((ground) => INKS.map((ink) => [ink, ground, 4.5])),
  ["on-brand", "brand", 4.5],
  ["bg", "text", 4.5],
  ["text", "hit", 4.5],
  ["line-strong", "bg", 3],
  ["line-strong", "surface", 3],
];

const hex = (rgb) =>
  `#${rgb.match(/\d+/g).map((n) => Number(n).toString(16).padStart(2, "0")).join("")}`;
function luminance(colour) {
  const [r, g, b] = colour.match(/[0-9a-f]{2}/g).map((part) => {
    const c = parseInt(part, 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/* What each token is on an element of the page itself. */
const computed = (names) =>
  page.evaluate((all) => {
    const probe = document.body.appendChild(document.createElement("p"));
    const values = all.map((name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    });
    probe.remove();
    return values;
  }, names);

test("the table has every colour", { skip }, () => {
  const written = [...readFileSync(sheet, "utf8").matchAll(/^ {2}--([\w-]+): .*#/gm)].map((m) => m[1]);
  assert.deepEqual(Object.keys(COLOURS), written);
});

test("contrast is counted as WCAG counts it", () => {
  assert.equal(contrast("#000000", "#ffffff").toFixed(2), "21.00");
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});

for (const [device, chosen] of [
  ["light", ""],
  ["dark", ""],
  ["dark", "light"],
  ["light", "dark"],
])
  test(`a ${device} device, ${chosen || "nothing"} chosen`, { skip }, async () => {
    await page.emulateMedia({ colorScheme: device });
    await page.evaluate((theme) => {
      if (theme) document.documentElement.dataset.theme = theme;
      else delete document.documentElement.dataset.theme;
    }, chosen);
    const which = (chosen || device) === "light" ? 0 : 1;
    const names = Object.keys(COLOURS);
    const are = Object.fromEntries((await computed(names)).map((rgb, i) => [names[i], hex(rgb)]));
    assert.deepEqual(
      are,
      Object.fromEntries(names.map((name) => [name, COLOURS[name][which]])),
    );
    const faint = PAIRS.map(([ink, ground, least]) => [ink, ground, least, contrast(are[ink], are[ground])])
      .filter(([, , least, is]) => is < least)
      .map(([ink, ground, , is]) => `${ink} on ${ground}: ${is.toFixed(2)}`);
    assert.deepEqual(faint, []);
  });
