/* The built files: complete, within the budget, nothing inline, no HTML made from strings. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { root } from "./bundle.mjs";

const dist = join(root, "dist");
const rows = readFileSync(join(dist, "manifest.txt"), "utf8")
  .trim()
  .split("\n")
  .map((l) => l.split(" "));
const html = readFileSync(join(dist, "index.html"), "utf8");

test("the manifest lists every file, each with its compressed forms", () => {
  const there = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath ?? e.path, e.name).slice(dist.length))
    .filter((f) => !/\.(br|gz)$/.test(f) && f !== "/manifest.txt");
  assert.deepEqual(rows.map((r) => r[0]).sort(), there.sort());
  for (const [url, type, keep, ...more] of rows) {
    assert.deepEqual([more.length, url === "/index.html" ? "revalidate" : "immutable"], [0, keep]);
    assert.match(type, /^[a-z]+\/[a-z+]+(;charset=utf-8)?$/);
    const body = readFileSync(join(dist, url));
    assert.ok(brotliDecompressSync(readFileSync(join(dist, `${url}.br`))).equals(body), url);
    assert.ok(gunzipSync(readFileSync(join(dist, `${url}.gz`))).equals(body), url);
  }
});

test("a first visit weighs at most 60 KB brotli in 5 requests", () => {
  const size = (url) => readFileSync(join(dist, `${url}.br`)).length;
  const [js, css, icon] = [/app\.\w+\.js/, /app\.\w+\.css/, /icon\.\w+\.svg/].map(
    (re) => `/a/${re.exec(html)[0]}`,
  );
  const locale = Math.max(
    ...rows.filter((r) => /^\/a\/[a-z]{2}\.\w+\.json/.test(r[0])).map((r) => size(r[0])),
  );
  const first = size("/index.html") + size(js) + size(css) + size(icon) + locale;
  assert.ok(first <= 60 * 1024, `${first}`);
  assert.equal(rows.filter((r) => /\.js$/.test(r[0])).length, 1);
});

test("index.html holds no inline script or style and only addresses of ours", () => {
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
  for (const [, url] of html.matchAll(/(?:src|href)="([^"]*)"/g))
    assert.ok(existsSync(join(dist, url)), url);
});

test("the source makes no HTML from strings and runs no text", () => {
  for (const f of readdirSync(join(root, "src"), { recursive: true })
    .map(String)
    .filter((x) => /\.tsx?$/.test(x))) {
    const text = readFileSync(join(root, "src", f), "utf8");
    assert.doesNotMatch(
      text,
      /dangerouslySetInnerHTML|\.innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|DOMParser|createContextualFragment/,
      f,
    );
    assert.ok(text.split("\n").length <= 700, f);
  }
});
