/* Links are asked by the hub, and only where they lead outside: against a name server and web servers of our own, by the real
 * worker. Nothing inside is ever connected to, by redirects and names that change included; what has no end ends; and what is
 * found is told in its room, and of a private room nowhere. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { createServer as web } from "node:http";
import { createServer as tcp } from "node:net";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { hub as makeHub, rpc, serve, tempDir } from "./daemon.mjs";

/* 127.0.0.2 plays the internet here: the one address inside that may be asked. All others on the same port are traps. */
const OUT = "127.0.0.2";
const bin = process.env.BARAZA_BIN;
let names, dns, outside, port, traps, trapped, asked;
const held = [];   /* answers that wait for the test */

const records = (name, n) => (typeof names[name] === "function" ? names[name](n) : names[name] ?? []);
async function nameServer() {
  const socket = createSocket("udp4");
  const times = {};
  socket.on("message", (m, from) => {
    const labels = [];
    let at = 12;
    for (; m[at]; at += m[at] + 1) labels.push(m.subarray(at + 1, at + 1 + m[at]).toString());
    const name = labels.join("."), isA = m.readUInt16BE(at + 1) === 1;
    times[name] = (times[name] ?? 0) + (isA ? 1 : 0);
    const list = isA ? records(name, times[name]) : [];
    const head = Buffer.from(m.subarray(0, 12));
    head.writeUInt16BE(name in names ? 0x8180 : 0x8183, 2);
    for (const [i, n] of [1, list.length, 0, 0].entries()) head.writeUInt16BE(n, 4 + 2 * i);
    const answers = list.map((ip) => Buffer.concat([Buffer.from("c00c00010001000000000004", "hex"), Buffer.from(ip.split(".").map(Number))]));
    socket.send(Buffer.concat([head, m.subarray(12, at + 5), ...answers]), from.port, from.address);
  });
  await new Promise((go) => socket.bind(0, "127.0.0.1", go));
  return socket;
}

const PAGE = "<!doctype html><html lang=es><head><title>El plan &amp; la calle</title><meta property=og:description content='De qué trata'></head><body>";
const bomb = gzipSync(Buffer.alloc(64 << 20, "<p>aaaa"));
const ways = {
  "/plan": (q, r) => r.end(PAGE),
  "/endless": (q, r) => { const more = () => { while (!r.destroyed && r.write("<p>".repeat(20_000))); if (!r.destroyed) r.once("drain", more); }; more(); },
  "/slow": (q, r) => { r.write("<!doctype html>"); const t = setInterval(() => r.write("<i>"), 200); r.on("close", () => clearInterval(t)); },
  "/bomb": (q, r) => { r.setHeader("content-encoding", "gzip"); r.end(bomb); },
  "/never": () => {},
  "/held": (q, r) => { if (held.push(r) > 1) r.end(PAGE); },
  "/gone": (q, r) => { r.statusCode = 404; r.end(PAGE); },
  "/noheadto": (q, r) => { r.statusCode = q.method === "HEAD" ? 404 : 301; r.setHeader("location", "/gone"); beside.nginx(r); },
  "/nohead": (q, r) => { r.statusCode = q.method === "HEAD" ? 405 : 200; r.end(PAGE); },
  "/evil": (q, r) => r.end("<title>\u202etxt.exe</title><meta name=description content='a\u0007b\u2028c'>"),
};
/* What servers say beside a redirect: nothing, a page, a line, or more than anybody wants. */
const beside = {
  nginx: (r) => r.end("<html>\r\n<head><title>301 Moved Permanently</title></head>\r\n<body>\r\n<center><h1>301 Moved Permanently</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"),
  express: (r) => { r.setHeader("content-type", "text/plain; charset=utf-8"); r.end("Found. Redirecting to /plan"); },
  endless: (r) => ways["/endless"](undefined, r),
};
before(async () => {
  asked = []; trapped = [];
  names = { "out.example.org": [OUT], "in.example.org": ["127.0.0.1"], "both.example.org": [OUT, "127.0.0.1"],
    "turns.example.org": (n) => [n % 2 === 1 ? OUT : "127.0.0.1"] };
  dns = await nameServer();
  outside = web((q, r) => {
    const url = new URL(q.url, "http://x");
    asked.push(`${q.method} ${q.headers.host} ${q.url}`);
    r.setHeader("content-type", "text/html; charset=utf-8");
    if (url.pathname === "/to") { r.statusCode = 302; r.setHeader("location", url.searchParams.get("u")); return (beside[url.searchParams.get("says")] ?? ((r) => r.end()))(r); }
    if (url.pathname === "/round") { r.statusCode = 302; r.setHeader("location", `/round?${Math.random()}`); return r.end(); }
    return (ways[url.pathname] ?? ways["/gone"])(q, r);
  });
  await new Promise((go) => outside.listen(0, OUT, go));
  port = outside.address().port;
  traps = [];
  for (const at of ["127.0.0.1", "127.0.0.3", "127.1.2.3", "::1"]) {
    const trap = tcp((s) => { trapped.push(at); s.destroy(); });
    await new Promise((go) => trap.on("error", go).listen(port, at, go));
    traps.push(trap);
  }
});
after(() => { dns?.close(); outside?.closeAllConnections(); outside?.close(); for (const trap of traps ?? []) trap.close(); });

const ENDS = ["read", "dead", "refused", "unknown"];
function worker(url, mode = "get") {
  return new Promise((go) => {
    const child = spawn(bin, ["--link-worker", mode, `127.0.0.1:${dns.address().port}`, `80 443 ${port}`, OUT, "Baraza/test"], { env: {} });
    const parts = [];
    child.stdout.on("data", (d) => parts.push(d));
    child.on("close", (code) => {
      const all = Buffer.concat(parts);
      const texts = [];
      for (let at = 5; at < all.length; at += 2 + all.readUInt16BE(at)) texts.push(all.subarray(at + 2, at + 2 + all.readUInt16BE(at)).toString());
      go({ code, end: ENDS[all[4] - 48], title: texts[0], about: texts[1], lang: texts[2] });
    });
    child.stdin.end(url);
  });
}
const inParts = async (all, n, run) => {
  const rest = [...all];
  await Promise.all(Array.from({ length: n }, async () => { while (rest.length > 0) await run(rest.shift()); }));
};

test("a page is read; a redirect within the internet is followed, three times", async () => {
  const it = await worker(`http://out.example.org:${port}/plan`);
  assert.deepEqual(it, { code: 0, end: "read", title: "El plan & la calle", about: "De qué trata", lang: "es" });
  assert.equal((await worker(`http://out.example.org:${port}/to?u=/plan`)).title, "El plan & la calle");
  const before = asked.length;
  assert.equal((await worker(`http://out.example.org:${port}/round`)).end, "read");
  assert.equal(asked.length - before, 4);
  assert.equal((await worker(`http://out.example.org:${port}/gone`)).end, "dead");
  assert.equal((await worker(`http://nobody.example.org:${port}/`)).end, "dead");
  assert.equal((await worker(`http://out.example.org:${port}/nohead`, "check")).end, "read");
  for (const says of ["nginx", "express"]) {
    const way = (u) => `http://out.example.org:${port}/to?says=${says}&u=${encodeURIComponent(u)}`;
    assert.equal((await worker(way(way("/plan")))).title, "El plan & la calle", says);
    assert.equal((await worker(way("/gone"))).end, "dead", says);
    assert.equal((await worker(way("/gone"), "check")).end, "dead", says);
  }
  assert.equal((await worker(`http://out.example.org:${port}/noheadto`, "check")).end, "dead");
  const evil = await worker(`http://out.example.org:${port}/evil`);
  assert.deepEqual([evil.title, evil.about], ["txt.exe", "a b c"]);
});

test("neither redirects nor names that change lead inside", async () => {
  const inside = ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0", "localhost", "in.example.org",
    "both.example.org", "127.0.0.3", "127.1.2.3", "user@127.0.0.1"].map((h) => `http://${h}:${port}/`);
  const other = ["file:///etc/passwd", "ftp://out.example.org/", `gopher://127.0.0.1:${port}/_x`, "http://out.example.org:22/", `https://127.0.0.1:${port}/`];
  await inParts([...inside, ...other], 3, async (to) => {
    const it = await worker(`http://out.example.org:${port}/to?u=${encodeURIComponent(to)}`);
    assert.notEqual(it.end, "unknown", to);
    assert.equal(it.title, "", to);
  });
  await inParts(inside.slice(0, 3), 3, async (url) => assert.equal((await worker(url)).end, "refused", url));   /* the others: test_grab.c */
  /* The same name again by a redirect is looked up anew, and leads inside now. */
  const it = await worker(`http://turns.example.org:${port}/to?u=${encodeURIComponent(`http://turns.example.org:${port}/plan`)}`);
  assert.equal(it.end, "refused");
  assert.deepEqual(trapped, []);
});

test("what has no end ends: bodies, bombs, headers, silence, TLS that never comes", async () => {
  const headers = tcp((s) => { s.on("error", () => {}); s.write("HTTP/1.1 200 OK\r\n"); const more = () => { while (!s.destroyed && s.write(`x-${Math.random()}: ${"y".repeat(8000)}\r\n`)); if (!s.destroyed) s.once("drain", more); }; more(); });
  const silent = tcp((s) => s.on("error", () => {}));
  const run = async (url) => {
    const from = process.hrtime.bigint();
    const it = await worker(url);
    return { ...it, ms: Number((process.hrtime.bigint() - from) / 1_000_000n) };
  };
  const all = {};
  await Promise.all(["endless", "slow", "bomb", "never", "to?says=endless&u=/plan"].map(async (way) => { all[way] = await run(`http://out.example.org:${port}/${way}`); }));
  assert.deepEqual(Object.values(all).map((it) => it.end).sort(), ["dead", "read", "read", "read", "read"]);
  assert.equal(all.never.end, "dead");
  for (const [way, it] of Object.entries(all)) assert.ok(it.code === 0 && it.ms < 15_000, `${way}: ${it.ms} ms`);   /* 5 s, and a slow machine's own */
  for (const [server, tell] of [[headers, "http"], [silent, "https"]]) {
    await new Promise((go) => server.listen(0, OUT, go));
    const at = server.address().port;
    const child = await new Promise((go) => {
      const c = spawn(bin, ["--link-worker", "get", `127.0.0.1:${dns.address().port}`, String(at), OUT, "Baraza/test"], { env: {} });
      const parts = [];
      c.stdout.on("data", (d) => parts.push(d));
      c.on("close", () => go(Buffer.concat(parts).toString()));
      c.stdin.end(`${tell}://${OUT}:${at}/`);
    });
    assert.match(child, /^BZP1[01]/, tell);
    server.close();
  }
});

test("a hub tells what its links lead to, of an open room to all, of a private one where it is set, and asks no other", async () => {
  const dir = tempDir(), tokens = makeHub(dir, ["ana"]);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no", BARAZA_LINKS_PREVIEW: "yes", BARAZA_LINKS_PORTS: `80 443 ${port}`,
    BARAZA_LINKS_INSIDE: OUT, BARAZA_LINKS_RESOLVER: `127.0.0.1:${dns.address().port}` } });
  try {
    let n = 0;
    const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `l${n++}` });
    const { rooms, regions } = await rpc(daemon, tokens.admin, "room.list", {});
    await write("ana", "room.join", { room: rooms[0].id });
    const secret = await write("admin", "room.create", { region: regions[0].id, slug: "secret", name: "Secret", access: "private" });
    const hidden = await write("admin", "post.create", { thread: secret.chat, text: `http://private.example.org:${port}/plan` });
    names["private.example.org"] = [OUT];
    const post = await write("ana", "post.create", { thread: rooms[0].chat, text: `See http://out.example.org:${port}/plan and http://in.example.org:${port}/` });
    const links = async (thread, id) => (await rpc(daemon, tokens.admin, "post.list", { thread, around: id, limit: 1 })).posts[0].links;
    const until = async (thread, id) => { for (;;) { const some = await links(thread, id); if (some.some((l) => l.title)) return some; await new Promise((go) => setTimeout(go, 100)); } };
    assert.deepEqual(await until(rooms[0].chat, post.id), [{ url: `http://out.example.org:${port}/plan`, title: "El plan & la calle", about: "De qué trata", lang: "es" },
      { url: `http://in.example.org:${port}/` }]);
    /* What is being asked is not asked again by who looks meanwhile. */
    const say = (text) => write("ana", "post.create", { thread: rooms[0].chat, text });
    names["also.example.org"] = [OUT];
    await say(`http://out.example.org:${port}/held`);
    while (held.length === 0) await new Promise((go) => setTimeout(go, 100));
    await until(rooms[0].chat, (await say(`http://also.example.org:${port}/plan`)).id);
    held[0].end(PAGE);
    await until(rooms[0].chat, (await say(`http://out.example.org:${port}/evil`)).id);
    assert.equal(asked.filter((a) => a.endsWith("/held")).length, 1);
    assert.equal(asked.some((a) => a.includes("private.example.org")), false, "a private room's link was asked");
    await write("admin", "room.set", { room: secret.id, previews: true });
    assert.equal((await until(secret.chat, hidden.id))[0].title, "El plan & la calle");
    assert.deepEqual((await rpc(daemon, tokens.admin, "room.list", {})).rooms.find((r) => r.id === secret.id).set, { previews: true });
    assert.deepEqual(trapped, []);
  } finally {
    assert.equal(await daemon.stop(), 0, daemon.log);
  }
});
