/* Markup: tokens become elements, and nothing a member writes becomes anything else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { renderTokens, Markup, Marked, safeLink, warning, REL } = await load("markup.tsx");

/* A vnode as a compact string; attributes that matter are kept. */
function show(node) {
  if (node === null || node === undefined || typeof node === "boolean") return "";
  if (Array.isArray(node)) return node.map(show).join("");
  if (typeof node !== "object") return String(node);
  const { children, ...props } = node.props;
  delete props.tabIndex;
  const attrs = Object.entries(props)
    .map(([k, v]) => ` ${k}="${v}"`)
    .join("");
  return `<${node.type}${attrs}>${show(children)}</${node.type}>`;
}
const md = (text, tokens) => show(renderTokens({ text, md: tokens, nameOf: () => "Amina" }));

test("elements, slices, literals, breaks", () => {
  assert.equal(
    md("**a** b", [1, 14, [2, 3], -14, " b", 18, -1, 8]),
    "<p><strong>a</strong> b<br></br></p><hr></hr>",
  );
  assert.equal(
    md("x y", [4, ["li", 3], [0, 1], -5, 5, [2, 3], -5, -4]),
    '<ol><li value="3">x</li><li>y</li></ol>',
  );
  assert.equal(md("c", [7, [0, 1], -7]), "<pre><code>c</code></pre>");
  assert.match(md("c", [9, 10, 11, [0, 1], -11, -10, -9]), /<table><tbody><tr><th>c<\/th>/);
  assert.equal(md("", [1, ["@", "h-2"], -19, -1]), '<p><span class="mention">@Amina</span></p>');
});

test("links: three schemes only, always with rel, a lie about the host is said", () => {
  const link = md("site", [["a", "https://example.org/x"], [0, 4], -17]);
  assert.ok(link.includes(`rel="${REL}"`) && link.includes('href="https://example.org/x"'));
  assert.ok(!link.includes("["));
  for (const bad of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " \tjavascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "blob:https://a/b",
    "view-source:https://a",
    "file:///etc/passwd",
    "//evil.example",
    "/t/x",
    "java\nscript:alert(1)",
    "",
    "intent://x",
    "\u0001javascript:alert(1)",
  ])
    assert.equal(safeLink(bad), null, bad);
  assert.ok(!md("x", [["a", "javascript:alert(1)"], [0, 1], -17]).includes("href"));
  assert.match(
    md("https://bank.example/in", [["a", "https://evil.example/"], [0, 23], -17]),
    /\[evil\.example\]/,
  );
  assert.match(
    md("www.bank.example", [["a", "https://evil.example/"], 14, [0, 16], -14, -17]),
    /\[evil\.example\]/,
  );
  assert.equal(warning("https://www.example.org/a", new URL("https://example.org/b")), null);
  assert.equal(warning("read this", new URL("https://exаmple.org/")), "xn--exmple-4nf.org");
  assert.equal(warning("mail@city.example", new URL("mailto:mail@city.example")), null);
});

test("broken token lists do not break the page", () => {
  assert.equal(md("abc", [-1, -17, 1, 14, [0, 3], -1, -14]), "<p><strong>abc</strong></p>");
  assert.equal(md("abc", [99, -99, ["zz", "q"], [0, 99], null, {}, [NaN, 2]]), "abcab");
  const deep = md("x", [...Array(5000).fill(6), [0, 1]]);
  assert.ok(deep.split("<blockquote>").length <= 41);
});

test("plain text keeps its line breaks as text, hits are marked in place", () => {
  const plain = Markup({ text: "a\n<b>b</b>" });
  assert.equal(plain.props.class, "md plain");
  assert.equal(plain.props.children, "a\n<b>b</b>");
  assert.equal(
    show(
      Marked({
        text: "le coût du BRT",
        marks: [
          [3, 7],
          [5, 9],
          [11, 14],
          [50, 60],
        ],
      }),
    ),
    '<span dir="auto">le <mark>coût</mark> du <mark>BRT</mark></span>',
  );
  assert.equal(
    show(Marked({ text: "**412 vélos** et `x`", marks: [[6, 11]] })),
    '<span dir="auto">412 <mark>vélos</mark> et x</span>',
    "the signs of Markdown are left out",
  );
});
