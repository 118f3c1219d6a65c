/* The built files: complete, within the budget, nothing inline, no HTML made from strings. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { load, root } from "./bundle.mjs";

const dist = join(root, "dist");
const rows = readFileSync(join(dist, "manifest.txt"), "utf8")
  .trim()
  .split("\n")
  .map((l) => l.split(" "));
const html = readFileSync(join(dist, "index.html"), "utf8");
const door = readFileSync(join(dist, "door.html"), "utf8"); /* of who is not signed in */

test("the manifest lists every file, each with its compressed forms", () => {
  const there = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath ?? e.path, e.name).slice(dist.length))
    .filter((f) => !/\.(br|gz)$/.test(f) && !/^\/(manifest\.txt|budget\.json)$/.test(f));
  assert.deepEqual(rows.map((r) => r[0]).sort(), there.sort());
  for (const [url, type, keep, ...more] of rows) {
    assert.deepEqual([more.length, url.startsWith("/a/") ? "immutable" : "revalidate"], [0, keep]);
    assert.match(type, /^[a-z]+\/[a-z+]+(;charset=utf-8)?$/);
    const body = readFileSync(join(dist, url));
    assert.ok(brotliDecompressSync(readFileSync(join(dist, `${url}.br`))).equals(body), url);
    assert.ok(gunzipSync(readFileSync(join(dist, `${url}.gz`))).equals(body), url);
  }
});

test("each line of the budget holds; a member's first visit is 5 requests, one before the sign-in 4 and what it asks of the hub", () => {
  const budget = JSON.parse(readFileSync(join(dist, "budget.json"), "utf8"));
  console.log(budget.map(([name, bytes, limit]) => `${name} ${bytes} of ${limit}`).join(" · "));
  for (const [name, bytes, limit] of budget) assert.ok(bytes <= limit, `${name}: ${bytes}`);
  const size = (url) => readFileSync(join(dist, `${url}.br`)).length;
  for (const [line, url, text, begin, files, most] of [
    ["first", "/index.html", html, "/a/", 3, 60 * 1024],
    ["doorstep", "/door.html", door, "/a/door-", 2, 32 * 1024],
  ]) {
    const asked = [...text.matchAll(/(?:script type="module" src|rel="(?:icon|stylesheet)" href)="(\/[^"]*)"/g)];
    const locales = rows.map((r) => r[0]).filter((u) => u.startsWith(begin) && /^[a-z]{2}\.\w+\.json$/.test(u.slice(begin.length)));
    assert.deepEqual([asked.length, locales.length], [files, 4]);
    const weight = asked.reduce((sum, [, u]) => sum + size(u), size(url) + Math.max(...locales.map(size)));
    assert.equal(weight, budget.find(([name]) => name === line)[1]);
    assert.ok(weight <= most, `${line}: ${weight}`);
  }
  const scripts = rows.filter((r) => /^\/a\/.*\.js$/.test(r[0])).map((r) => r[0]);
  /* What nobody begins with is in a file of its own, and only there. */
  const holds = (url, words) => readFileSync(join(dist, url), "utf8").includes(words);
  for (const [file, words] of [
    ["search", "searchform"],
    ["rooms", "room.empty.example1"],
    ["acts", "post.redact.text"],
    ["poll", "session.poll"],
    ["account", "totp.new"],
    ["screens", "me.signout.text"],
    ["screens", "ask.similar"],
    ["lazy", "manage.room.make"],
    ["desk", "request.decide"],
    ["further", "request.create"],
    ["elsewhere", "door.site.known"],
    ["library", "resource.facets"],
    ["people", "peer.find"],
  ]) {
    const found = scripts.filter((url) => holds(url, words));
    assert.deepEqual(found.map((url) => url.replace(/^\/a\/(\w+)\..*/, "$1")), [file], words);
  }
  for (const url of scripts)
    assert.ok(html.includes(url) || door.includes(url) || size(url) <= 12 * 1024, `${url}: ${size(url)}`);
});

test("the worker knows the files of this build, and every screen's address", async () => {
  const { PAGES } = await load("pages.ts");
  const { href } = await load("router.ts");
  const worker = readFileSync(join(dist, "sw.js"), "utf8");
  const part = rows.map((r) => r[0]).filter((url) => /^\/a\/.*\.(js|css)$/.test(url));
  assert.deepEqual(
    part.map((url) => url.replace(/^\/a\/(\w+)\..*/, "$1")).sort(),
    ["account", "acts", "app", "app", "desk", "door", "doorstep", "elsewhere", "files", "further", "invite", "lazy", "library", "people", "poll", "rooms", "screens", "search", "talks"],
  );
  /* The page before the sign-in begins without a worker, and what it has of its own is not kept. */
  for (const url of ["/index.html", "/door.html", ...part])
    assert.equal(worker.includes(`"${url}"`), !/door\.html|doorstep/.test(url), url);
  for (const [name, make] of Object.entries(href)) {
    const path = typeof make === "string" ? make : make("h-1");
    assert.match(path.replace(/\?.*/, ""), PAGES, name);
  }
  for (const path of ["/rpc", "/rpc/room.list", "/ws", "/metrics", "/healthz", "/api/docs", "/r/x.atom", "/a/app.js"])
    assert.doesNotMatch(path, PAGES);
  assert.ok(readFileSync(join(root, "src/sw.ts"), "utf8").split("\n").length <= 150);
});

test("the install manifests name files that exist, one icon for any shape of mask", () => {
  const found = rows.filter((r) => r[0].endsWith(".webmanifest"));
  for (const [url] of found) {
    const { share_target } = JSON.parse(readFileSync(join(dist, url), "utf8"));
    assert.deepEqual(share_target, {
      action: "/ask",
      method: "POST",
      enctype: "multipart/form-data",
      params: { title: "title", text: "text", url: "url", files: [{ name: "files", accept: ["*/*"] }] },
    });
  }
  assert.equal(found.length, rows.filter((r) => /^\/a\/[a-z]{2}\.\w+\.json/.test(r[0])).length);
  for (const [url] of found) {
    const m = JSON.parse(readFileSync(join(dist, url), "utf8"));
    for (const { src } of m.icons) assert.ok(existsSync(join(dist, src)), src);
    assert.ok(m.icons.some((i) => i.purpose === "maskable" && i.sizes === "512x512"));
    assert.deepEqual(m.shortcuts.map((x) => x.url), ["/ask", "/rooms", "/resources", "/search"]);
    for (const x of m.shortcuts) assert.ok(x.name);
  }
});

test("the pages hold no inline script, one style that their policy names, and only addresses of ours", () => {
  const style = (text) => /<style>[^<]*<\/style>/.exec(text)[0];
  assert.equal(style(door), style(html)); /* one hash for both */
  for (const text of [html, door]) {
    assert.doesNotMatch(text, /\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
    assert.match(text, /^[^]*<head>[^]*<style>[^<]*\.first\b[^<]*<\/style>[^]*<\/head>(?![^]*<style)/);
    assert.match(text, /<div id="app"><!--first-->[^]*<!--\/first--><\/div>/); /* where the server puts the first words */
    for (const [, url] of text.matchAll(/(?:src|href)="([^"]*)"/g))
      assert.ok(url.startsWith("data:image/svg+xml,") || existsSync(join(dist, url)), url);
  }
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
