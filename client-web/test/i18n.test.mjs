/* Catalogues: every text in every language, with every plural category that the language has. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { load, root } from "./bundle.mjs";

const { t, useCatalogue, regionName, ago, list, languageName, LANGS } = await load("i18n.ts");
const locales = Object.fromEntries(
  readdirSync(join(root, "locales")).map((f) => [
    f.replace(".json", ""),
    JSON.parse(readFileSync(join(root, "locales", f), "utf8")),
  ]),
);
const holes = (v) => [...new Set(JSON.stringify(v).match(/\{\w+\}/g))].sort().join();

test("the languages on offer are those that have a catalogue", () => {
  assert.deepEqual(Object.keys(locales).sort(), Object.keys(LANGS).sort());
});

for (const [code, texts] of Object.entries(locales))
  test(`${code}: complete, with its plural categories and the same placeholders`, () => {
    assert.deepEqual(Object.keys(texts), Object.keys(locales.en));
    const wanted = new Intl.PluralRules(code).resolvedOptions().pluralCategories.slice().sort();
    for (const [key, value] of Object.entries(texts)) {
      assert.equal(typeof value, typeof locales.en[key], key);
      assert.equal(holes(value), holes(locales.en[key]), key);
      const forms = typeof value === "string" ? [value] : Object.values(value);
      assert.ok(
        forms.every((f) => f.trim() !== "" || key.startsWith("punct")),
        key,
      );
      if (typeof value !== "string") assert.deepEqual(Object.keys(value).sort(), wanted, key);
    }
  });

test("every key that the source names exists, and none is idle", () => {
  const files = readdirSync(join(root, "src"), { recursive: true })
    .map(String)
    .filter((f) => /\.tsx?$/.test(f));
  const source = files.map((f) => readFileSync(join(root, "src", f), "utf8")).join("\n");
  const used = new Set(source.match(/"[a-z]+\.[a-z_0-9.]+"/g)?.map((s) => s.slice(1, -1)));
  const open = [...source.matchAll(/`([a-z.]+\.)\$\{/g)].map((m) => m[1]);
  for (const key of Object.keys(locales.en))
    assert.ok(used.has(key) || open.some((p) => key.startsWith(p)), `${key} is not used`);
  for (const [, key] of source.matchAll(/\bt\("([^"]+)"/g)) assert.ok(key in locales.en, key);
});

test("plurals and relative times speak the language", () => {
  useCatalogue("fr", locales.fr);
  assert.equal(t("room.members", { n: 0 }), "0 membre");
  assert.equal(t("room.members", { n: 2 }), "2 membres");
  assert.equal(t("room.members", { n: 1_000_000 }).replace(/\s/g, " "), "1 000 000 de membres");
  assert.equal(ago(0, 3 * 3600_000).replace(/\s/g, " "), "il y a 3 h");
  useCatalogue("es", locales.es);
  assert.equal(t("room.members", { n: 1 }), "1 miembro");
  assert.match(ago(0, 86400_000), /ayer/);
  useCatalogue("en", locales.en);
  assert.equal(t("post.redacted", { name: "{name}<b>" }), "Removed by {name}<b>");
});

const plain = (text) => text.replace(/\s/g, " ").replace(/\.$/, "");
test("how long ago is said as the language's own formatter says it, and a date after a week", () => {
  const MIN = 60_000;
  const HOUR = 60 * MIN;
  const DAY = 24 * HOUR;
  const spans = [
    [MIN, "minute", 1], [56 * MIN, "minute", 56], [57 * MIN, "hour", 1], [9.4 * HOUR, "hour", 9], [22.7 * HOUR, "hour", 23],
    [22.8 * HOUR, "day", 1], [1.4 * DAY, "day", 1], [1.5 * DAY, "day", 2], [6.4 * DAY, "day", 6],
  ];
  for (const [code, locale] of Object.entries({ en: "en-GB", fr: "fr", es: "es", pt: "pt" })) {
    useCatalogue(code, locales[code]);
    for (const [ms, unit, n] of spans) {
      const numeric = n === 1 && unit === "day" ? "auto" : "always"; /* yesterday, but no word for the day before it */
      const own = ["short", "long"].map((style) => new Intl.RelativeTimeFormat(locale, { numeric, style }).format(-n, unit));
      assert.ok(own.map(plain).includes(plain(ago(0, ms))), `${ago(0, ms)}, not ${own}`);
    }
    assert.equal(ago(0, 44_000), locales[code]["time.now"]);
    assert.match(ago(DAY, 7.6 * DAY), /\b2\b/);
  }
  useCatalogue("en", locales.en);
});

const texts = (code) =>
  Object.entries(locales[code]).flatMap(([key, v]) =>
    (typeof v === "string" ? [v] : Object.values(v)).map((s) => [key, s]),
  );

test("French: a narrow no-break space before ; : ! ? and inside « »; a curled apostrophe", () => {
  for (const [key, s] of texts("fr")) {
    assert.doesNotMatch(s.replace(/https?:/g, ""), /[^\u202f][;:!?»]|«[^\u202f]/, key);
    assert.doesNotMatch(s, /'/, key);
  }
});

test("Spanish opens what it closes; no language has straight quotes or three dots", () => {
  for (const [key, s] of texts("es"))
    for (const [open, close] of ["¿?", "¡!"])
      assert.equal(s.split(open).length, s.split(close).length, key);
  for (const code of Object.keys(locales))
    for (const [key, s] of texts(code)) assert.doesNotMatch(s, /['"]|\.\.\.|\s$(?<!: )| {2}/, key);
});

test("Portuguese speaks its plurals and times", () => {
  useCatalogue("pt", locales.pt);
  assert.equal(t("room.members", { n: 1 }), "1 membro");
  assert.equal(t("room.members", { n: 2 }), "2 membros");
  assert.match(t("room.members", { n: 1_000_000 }), /^1.000.000 de membros$/);
  assert.match(ago(0, 86400_000), /ontem/);
  assert.equal(list(["Ana", "Rui", "Eva"]), "Ana, Rui e Eva");
  assert.match(languageName("sw"), /suaíli/i);
  useCatalogue("en", locales.en);
});

test("a region with its plain English name has the reader's, a hub's own name stays", () => {
  const names = ["Africa", "Asia", "Latin America", "Global", "Sahel", "constructor"];
  const all = (code) => {
    useCatalogue(code, locales[code]);
    return names.map((name) => regionName({ name }));
  };
  assert.deepEqual(all("en"), names);
  assert.deepEqual(all("fr"), ["Afrique", "Asie", "Amérique latine", "Monde", "Sahel", "constructor"]);
  assert.deepEqual(all("es"), ["África", "Asia", "América Latina", "Mundo", "Sahel", "constructor"]);
  assert.deepEqual(all("pt"), ["África", "Ásia", "América Latina", "Mundo", "Sahel", "constructor"]);
  assert.equal(regionName(undefined), "");
});
