/* The style sheet: every colour once, for both themes; nothing knows left from right. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./bundle.mjs";

const dir = join(root, "src/styles");
const sheets = readdirSync(dir).map((f) => [f, readFileSync(join(dir, f), "utf8")]);
const bare = (text) => text.replace(/\/\*[^]*?\*\//g, "");

test("styles.css takes in every file, each once", () => {
  const taken = readFileSync(join(root, "src/styles.css"), "utf8").match(/[\w-]+\.css(?=")/g);
  assert.deepEqual(taken.toSorted(), sheets.map(([f]) => f).sort());
});

test("colours are tokens, and each token is written once for light and dark", () => {
  for (const [f, text] of sheets) {
    const colours = bare(text).match(/#[0-9a-f]{3,8}\b/gi) ?? [];
    if (f !== "tokens.css") assert.deepEqual(colours, [], f);
    assert.ok(text.split("\n").length <= 400, f);
  }
  const tokens = bare(sheets.find(([f]) => f === "tokens.css")[1]);
  const names = [...tokens.matchAll(/^\s+--([\w-]+): .*#/gm)].map((m) => m[1]);
  assert.equal(new Set(names).size, names.length);
  for (const line of tokens.split("\n").filter((l) => l.includes("#")))
    assert.match(line, /^ {2}--[\w-]+: var\(--light, #[0-9a-f]{6}\) var\(--dark, #[0-9a-f]{6}\);$/);
});

test("no sheet knows left from right, so a page from right to left needs none of its own", () => {
  for (const [f, text] of sheets)
    assert.doesNotMatch(
      bare(text),
      /(^|[\s;{])(left|right|(margin|padding|border|inset)-(left|right)[\w-]*|text-align: (left|right)|float)\b\s*:?/m,
      f,
    );
});

test("the style in the page itself has the ground and the ink of the others", () => {
  const colours = bare(readFileSync(join(root, "src/first.css"), "utf8")).match(/#[0-9a-f]{6}\b/g);
  const tokens = bare(sheets.find(([f]) => f === "tokens.css")[1]);
  const [bg, text] = ["bg", "text"].map((name) =>
    new RegExp(`--${name}: var\\(--light, (#\\w+)\\) var\\(--dark, (#\\w+)\\)`).exec(tokens).slice(1),
  );
  assert.deepEqual(colours, [bg[0], text[0], bg[1], text[1]]);
});
