// Files: an upload goes on where it was cut, through kills too; its bytes are stored once, are served to who may see a post that
// names them, now, and go when no post does.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import zlib from "node:zlib";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";

const TUS = { "tus-resumable": "1.0.0" }, PART = { ...TUS, "content-type": "application/offset+octet-stream" };
let daemon, dir, tokens, room, chat;
let next = 0;
const cid = () => `f${next++}`;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: cid() });
const refused = (work, code) => work.then(() => assert.fail(`done, expected ${code}`), (e) => {
  assert.equal(e.data?.code, code, e.message);
  return e;
});
const ask = (who, method, path, headers = {}, body) => fetch(`${daemon.url}${path}`, {
  method, headers: { ...(tokens[who] && { authorization: `Bearer ${tokens[who]}` }), ...headers }, body, redirect: "manual" });
const b64 = (text) => Buffer.from(text).toString("base64");

async function open(who, bytes, name = "plan.bin") {
  const made = await ask(who, "POST", "/upload", { ...TUS, "upload-length": String(bytes), "upload-metadata": `filename ${b64(name)}` });
  assert.equal(made.status, 201, await made.text());
  assert.equal(made.headers.get("tus-resumable"), "1.0.0");
  assert(Date.parse(made.headers.get("upload-expires")) > Date.now());
  return made.headers.get("location");
}
const patch = (who, at, offset, bytes, headers = {}) => ask(who, "PATCH", at, { ...PART, "upload-offset": String(offset), ...headers }, bytes);
async function offsetOf(who, at) {
  const head = await ask(who, "HEAD", at, TUS);
  assert.equal(head.status, 200);
  return Number(head.headers.get("upload-offset"));
}
async function send(who, bytes, name) {
  const at = await open(who, bytes.length, name);
  const done = await patch(who, at, 0, bytes);
  assert.equal(done.status, 204, await done.text());
  assert.equal(done.headers.get("upload-offset"), String(bytes.length));
  return at.split("/").at(-1);
}
const share = (who, thread, files, text) => write(who, "post.create", { thread, files, ...(text !== undefined && { text }) });
const stored = () => readdirSync(join(dir, "files")).filter((f) => f !== "part").flatMap((f) => readdirSync(join(dir, "files", f)));

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben"]);
  for (const [handle, role] of [["guest", "guest"], ["modo", "moderator"]]) {
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`, "--role", role);
    tokens[handle] = cli("token", "--data", dir, handle);
  }
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no", BARAZA_FILES_FILE_MB: "20" } });
  ({ id: room, chat } = (await rpc(daemon, tokens.ana, "room.list", {})).rooms[0]);
  for (const who of ["ana", "ben", "modo"]) await write(who, "room.join", { room });
});
after(() => daemon?.stop());

test("a file is sent, shared in a post, told of and fetched, whole and in parts", async () => {
  const bytes = randomBytes(700_001);
  const upload = await send("ana", bytes, "Plan de mobilité – Dakar.pdf");
  const { id } = await share("ana", chat, [{ upload, alt: "A map" }]);
  const post = (await rpc(daemon, tokens.ben, "post.list", { thread: chat })).posts.find((p) => p.id === id);
  assert.equal(post.text, "");
  const [file] = post.files;
  assert.deepEqual([file.name, file.bytes, file.alt, file.hash.length], ["Plan de mobilité – Dakar.pdf", bytes.length, "A map", 64]);
  const got = await ask("ben", "GET", `/file/${id}/0`);
  assert.equal(got.status, 200);
  assert(Buffer.from(await got.arrayBuffer()).equals(bytes));
  assert.match(got.headers.get("content-security-policy"), /^sandbox; default-src 'none'$/);
  assert.equal(got.headers.get("x-content-type-options"), "nosniff");
  assert.equal(got.headers.get("content-disposition"),
    "attachment; filename=\"Plan de mobilit_ _ Dakar.pdf\"; filename*=UTF-8''Plan%20de%20mobilit%C3%A9%20%E2%80%93%20Dakar.pdf");
  const tag = got.headers.get("etag");
  assert.equal((await ask("ben", "GET", `/file/${id}/0`, { "if-none-match": tag })).status, 304);
  for (const [range, from, to] of [["bytes=0-9", 0, 10], ["bytes=700000-", 700_000, 700_001], ["bytes=-5", 699_996, 700_001],
    ["bytes=5-99999999", 5, 700_001]]) {
    const part = await ask("ben", "GET", `/file/${id}/0`, { range });
    assert.equal(part.status, 206, range);
    assert.equal(part.headers.get("content-range"), `bytes ${from}-${to - 1}/700001`);
    assert(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(from, to)), range);
  }
  assert.equal((await ask("ben", "GET", `/file/${id}/0`, { range: "bytes=700001-" })).status, 416);
  assert.equal((await ask("ben", "GET", `/file/${id}/0`, { range: "bytes=0-9", "if-range": "\"other\"" })).status, 200);
  const head = await ask("ben", "HEAD", `/file/${id}/0`);
  assert.deepEqual([head.status, head.headers.get("content-length")], [200, "700001"]);
  for (const path of [`/file/${id}/1`, `/file/${id}/0/thumb`, "/file/test-999999/0", `/file/${id}/10`, "/file/x"])
    assert.equal((await ask("ben", "GET", path)).status, 404, path);
  assert.equal((await ask("nobody", "GET", `/file/${id}/0`)).status, 401);
});

test("an upload that is cut goes on from what arrived, also after a kill, and is whole", async () => {
  const bytes = randomBytes(3_000_000);
  const at = await open("ana", bytes.length);
  const cutAfter = (offset, upto) => new Promise((done) => {
    const req = http.request(`${daemon.url}${at}`, { method: "PATCH", headers: { ...PART, "upload-offset": String(offset),
      "content-length": String(bytes.length - offset), authorization: `Bearer ${tokens.ana}` } });
    req.on("error", () => {});
    req.on("close", done);
    req.write(bytes.subarray(offset, upto), () => setTimeout(() => req.destroy(), 100));
  });
  await cutAfter(0, 1_000_000);
  let offset = 0;
  for (let i = 0; i < 100 && offset < 1_000_000; i++) {
    const head = await ask("ana", "HEAD", at, TUS);
    if (head.status === 200) offset = Number(head.headers.get("upload-offset"));
    else assert.equal(head.status, 423);
  }
  assert.equal(offset, 1_000_000);
  await cutAfter(offset, 2_000_000);
  await daemon.kill();
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no", BARAZA_FILES_FILE_MB: "20" } });
  offset = await offsetOf("ana", at);
  assert(offset >= 1_000_000 && offset <= 2_000_000, String(offset));
  await refused(share("ana", chat, [{ upload: at.split("/").at(-1) }]), "conflict");
  assert.equal((await patch("ana", at, offset - 1, bytes.subarray(offset - 1))).status, 409);
  assert.equal((await patch("ana", at, offset, bytes.subarray(offset))).status, 204);
  assert.equal(await offsetOf("ana", at), bytes.length);
  const { id } = await share("ana", chat, [{ upload: at.split("/").at(-1) }], "Here it is.");
  const got = Buffer.from(await (await ask("ben", "GET", `/file/${id}/0`)).arrayBuffer());
  assert.equal(createHash("sha256").update(got).digest("hex"), createHash("sha256").update(bytes).digest("hex"));
});

test("a part whose checksum is wrong is not kept", async () => {
  const bytes = randomBytes(200_000), at = await open("ana", bytes.length);
  const sum = (b) => ({ "upload-checksum": `sha1 ${createHash("sha1").update(b).digest("base64")}` });
  assert.equal((await patch("ana", at, 0, bytes.subarray(0, 100_000), sum(bytes.subarray(0, 100_000)))).status, 204);
  assert.equal((await patch("ana", at, 100_000, bytes.subarray(100_000), sum(randomBytes(9)))).status, 460);
  assert.equal(await offsetOf("ana", at), 100_000);
  assert.equal((await patch("ana", at, 100_000, bytes.subarray(100_000), { "upload-checksum": "md5 AAAA" })).status, 400);
  assert.equal((await patch("ana", at, 100_000, bytes.subarray(100_000), sum(bytes.subarray(100_000)))).status, 204);
});

test("what is asked wrongly is refused and changes nothing", async () => {
  const about = await ask("ana", "OPTIONS", "/upload");
  assert.deepEqual([about.status, about.headers.get("tus-version"), about.headers.get("tus-max-size")], [204, "1.0.0", "20000000"]);
  const make = (headers, who = "ana") => ask(who, "POST", "/upload", headers).then((a) => a.status);
  assert.equal(await make({ "upload-length": "5" }), 412);
  assert.equal(await make({ ...TUS }), 400);
  assert.equal(await make({ ...TUS, "upload-length": "0" }), 400);
  assert.equal(await make({ ...TUS, "upload-length": "x" }), 400);
  assert.equal(await make({ ...TUS, "upload-length": "20000001" }), 413);
  assert.equal(await make({ ...TUS, "upload-length": "5", "upload-metadata": `filename ${b64("a\r\nb")}` }), 400);
  assert.equal(await make({ ...TUS, "upload-length": "5" }, "nobody"), 401);
  assert.equal(await make({ ...TUS, "upload-length": "5" }, "guest"), 403);
  assert.equal(await make({ ...TUS, "upload-length": "5", origin: "https://elsewhere.example" }), 403);
  const at = await open("ana", 10);
  assert.equal((await patch("ana", at, 0, "0123456789x")).status, 413);
  assert.equal((await ask("ana", "PATCH", at, { ...TUS, "upload-offset": "0" }, "01")).status, 415);
  assert.equal((await patch("ben", at, 0, "01")).status, 404);
  assert.equal((await ask("ben", "HEAD", at, TUS)).status, 404);
  assert.equal((await ask("ben", "DELETE", at, TUS)).status, 404);
  assert.equal(await offsetOf("ana", at), 0);
  assert.equal((await ask("ana", "DELETE", at, TUS)).status, 204);
  assert.equal((await ask("ana", "HEAD", at, TUS)).status, 404);
  assert.equal((await ask("ana", "PUT", "/upload", TUS)).status, 405);
  const upload = await send("ana", Buffer.from("shared once"));
  await refused(share("ben", chat, [{ upload }]), "not_found"); // of somebody else
  await refused(share("ana", chat, [{ upload }, { upload }]), "invalid");
  await refused(share("ana", chat, [{ upload: "no" }]), "invalid");
  await refused(write("ana", "post.create", { thread: chat }), "invalid");
  await share("ana", chat, [{ upload }]);
  await refused(share("ana", chat, [{ upload }]), "not_found"); // its post has it now
});

test("who may not see the post may not have its file: moved, hidden, waiting, redacted", async () => {
  const region = (await rpc(daemon, tokens.ana, "room.list", {})).regions[0].id;
  const closed = await write("admin", "room.create", { region, slug: "closed", name: "Closed", access: "private" });
  const thread = await write("ana", "thread.create", { room, title: "With a file", files: [{ upload: await send("ana", randomBytes(99)) }] });
  const path = `/file/${thread.post}/0`;
  const may = async () => Object.fromEntries(await Promise.all(["ana", "ben", "modo", "admin"].map(async (who) =>
    [who, (await ask(who, "GET", path)).status])));
  assert.deepEqual(await may(), { ana: 200, ben: 200, modo: 200, admin: 200 });
  await write("modo", "post.hide", { post: thread.post, rule: "spam" });
  assert.deepEqual(await may(), { ana: 200, ben: 404, modo: 200, admin: 200 });
  await write("modo", "post.restore", { post: thread.post, rule: "undone" });
  await write("admin", "thread.move", { thread: thread.id, room: closed.id });
  assert.deepEqual(await may(), { ana: 404, ben: 404, modo: 404, admin: 200 });
  await write("admin", "thread.move", { thread: thread.id, room });
  assert.deepEqual(await may(), { ana: 200, ben: 200, modo: 200, admin: 200 });
  await write("ana", "post.redact", { post: thread.post, reason: "wrong file" });
  assert.deepEqual(await may(), { ana: 404, ben: 404, modo: 404, admin: 404 });

  const slow = await write("admin", "room.create", { region, slug: "held", name: "Held" });
  for (const who of ["ana", "ben"]) await write(who, "room.join", { room: slow.id });
  await write("modo", "room.set", { room: slow.id, hold: "all" });
  const held = await share("ana", slow.chat, [{ upload: await send("ana", randomBytes(50)) }], "Look");
  assert.equal(held.held, true);
  const of = async (id, who) => (await ask(who, "GET", `/file/${id}/0`)).status;
  assert.deepEqual([await of(held.id, "ana"), await of(held.id, "ben"), await of(held.id, "modo")], [200, 404, 200]);
  await write("modo", "report.decide", { report: held.id, decision: "approve" });
  const said = (await rpc(daemon, tokens.ben, "post.list", { thread: slow.chat })).posts.at(-1);
  assert.deepEqual([await of(said.id, "ben"), await of(held.id, "modo")], [200, 404]);
});

test("a post is found by its files, by who may see it now, and the hit says which file", async () => {
  const found = async (who, text) => (await rpc(daemon, tokens[who], "search.query", { text })).hits.map((h) => [h.post, h.file, h.snippet]);
  const region = (await rpc(daemon, tokens.ana, "room.list", {})).regions[0].id;
  const closed = await write("admin", "room.create", { region, slug: "vault", name: "Vault", access: "private" });
  const files = [{ upload: await send("ana", Buffer.from("Bogotá opens a tramline in June.\n"), "annex_B.txt") },
    { upload: await send("ana", png(20, 20, [1, 2, 3]), "IMG_0001.png"), alt: "A drawing of a wombatduct" }];
  const { id: thread, post } = await write("ana", "thread.create", { room, title: "Some plans", text: "Comments, please.", files });
  const is = [post, "annex_B.txt", "Bogotá opens a tramline in June."];
  assert.deepEqual(await found("ben", "TRAMLINE bogota"), [is]);
  assert.deepEqual(await found("ben", "wombatduct"), [[post, "IMG_0001.png", "annex_B.txt\nIMG_0001.png\nA drawing of a wombatduct"]]);
  assert.deepEqual((await found("ben", "annex comments tramline")).map((h) => h.slice(0, 2)), [[post, undefined]]);
  await write("ana", "post.edit", { post, text: "Thanks." });
  assert.deepEqual(await found("ben", "annex comments"), []);
  assert.equal((await found("ben", "annex thanks")).length, 1);
  await write("modo", "post.hide", { post, rule: "spam" });
  assert.deepEqual(await found("ben", "tramline"), []);
  await write("modo", "post.restore", { post, rule: "undone" });
  await write("admin", "thread.move", { thread, room: closed.id });
  assert.deepEqual([await found("ben", "tramline"), await found("ana", "tramline"), await found("modo", "tramline")], [[], [], []]);
  assert.deepEqual(await found("admin", "tramline"), [is]);
  await write("admin", "thread.move", { thread, room });
  await daemon.stop();
  cli("rebuild", "--data", dir);
  cli("verify", "--data", dir);
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no", BARAZA_FILES_FILE_MB: "20" } });
  assert.deepEqual(await found("ben", "tramline"), [is]);
  await write("ana", "post.redact", { post, reason: "wrong file" });
  for (const word of ["tramline", "wombatduct", "annex", "thanks"]) assert.deepEqual(await found("admin", word), [], word);

  const slow = await write("admin", "room.create", { region, slug: "slowly", name: "Slowly" });
  for (const who of ["ana", "modo"]) await write(who, "room.join", { room: slow.id });
  await write("modo", "room.set", { room: slow.id, hold: "all" });
  const held = await share("ana", slow.chat, [{ upload: await send("ana", Buffer.from("a heldword"), "held.txt") }]);
  for (const who of ["ana", "modo", "admin"]) assert.deepEqual(await found(who, "heldword"), [], who);
  await write("modo", "report.decide", { report: held.id, decision: "approve" });
  assert.equal((await found("ben", "heldword")).length, 1);
});

test("the same bytes are stored once, and stay while one post names them", async () => {
  const bytes = randomBytes(5000), from = stored().length;
  const first = await share("ana", chat, [{ upload: await send("ana", bytes, "one") }]);
  const second = await share("ben", chat, [{ upload: await send("ben", bytes, "two") }]);
  assert.equal(stored().length, from + 1);
  await write("ana", "post.redact", { post: first.id, reason: "no" });
  assert.equal((await ask("ana", "GET", `/file/${second.id}/0`)).status, 200);
  assert.deepEqual(readdirSync(join(dir, "files", "part")), []);
});

// A PNG of one colour, made by hand.
function png(width, height, [r, g, b]) {
  const crc = (bytes) => zlib.crc32 ? zlib.crc32(bytes) : crc32(bytes);
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]), out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body) >>> 0, body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13), line = Buffer.concat([Buffer.from([0]), ...Array.from({ length: width }, () => Buffer.from([r, g, b]))]);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", head),
    chunk("IDAT", zlib.deflateSync(Buffer.concat(Array.from({ length: height }, () => line)))), chunk("IEND", Buffer.alloc(0))]);
}
function crc32(bytes) {
  let c = ~0;
  for (const b of bytes) {
    c ^= b;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (0xedb88320 & -(c & 1));
  }
  return ~c;
}

test("what a file is, is found in its bytes: a picture has its size, a thumbnail and a place of its colours; a page is no page", async () => {
  const fileOf = async (bytes, name) => {
    const { id } = await share("ana", chat, [{ upload: await send("ana", bytes, name) }]);
    return { id, file: (await rpc(daemon, tokens.ben, "post.list", { thread: chat })).posts.find((p) => p.id === id).files[0] };
  };
  const picture = await fileOf(png(640, 320, [200, 30, 30]), "evil.html");
  assert.deepEqual([picture.file.type, picture.file.w, picture.file.h, picture.file.thumb], ["image/png", 640, 320, true]);
  assert.equal(Buffer.from(picture.file.dot, "base64url").length, 32);
  const thumb = await ask("ben", "GET", `/file/${picture.id}/0/thumb`);
  assert.deepEqual([thumb.status, thumb.headers.get("content-type")], [200, "image/webp"]);
  const small = Buffer.from(await thumb.arrayBuffer());
  assert(small.length < 20_000 && small.subarray(8, 12).toString() === "WEBP");
  const shown = await ask("ben", "GET", `/file/${picture.id}/0?view`);
  assert.match(shown.headers.get("content-disposition"), /^inline; filename="evil.html"/);
  assert.equal(shown.headers.get("content-type"), "image/png");
  assert.equal(shown.headers.get("content-security-policy"), "sandbox; default-src 'none'");
  for (const [bytes, name] of [["<!doctype html><script>alert(1)</script>", "a.png"],
    ["<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "a.svg"], ["GIF89a/*<svg/onload=alert(1)>*/=1;", "a.gif"]]) {
    const page = await fileOf(Buffer.from(bytes), name);
    assert.deepEqual([page.file.w, page.file.thumb], [undefined, undefined], name);
    const got = await ask("ben", "GET", `/file/${page.id}/0?view`);
    assert.match(got.headers.get("content-disposition"), /^attachment/, name);
    assert(!/html|svg|xml|script/.test(got.headers.get("content-type")), got.headers.get("content-type"));
  }
});

test("a PDF goes to the browser's own viewer where it is to be read; nothing else does, whatever it is called", async () => {
  const shareOf = async (bytes, name) => {
    const { id } = await share("ana", chat, [{ upload: await send("ana", bytes, name) }]);
    return (view) => ask("ben", "GET", `/file/${id}/0${view}`);
  };
  const pdf = await shareOf(Buffer.from("%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"), "plan.html");
  const read = await pdf("?read");
  assert.equal(read.headers.get("content-type"), "application/pdf");
  assert.match(read.headers.get("content-disposition"), /^inline; filename="plan.html"/);
  assert.equal(read.headers.get("content-security-policy"), "sandbox; default-src 'none'");
  assert.equal(read.headers.get("x-content-type-options"), "nosniff");
  for (const view of ["", "?view", "?read=1", "?kept"]) assert.match((await pdf(view)).headers.get("content-disposition"), /^attachment/, view);
  const scripts = ["/OpenAction << /S /JavaScript /JS (app.alert(1)) >>", "/Names << /JavaScript << /Names [ (a) << /S /JavaScript /JS (app.alert(1)) >> ] >> >>", "/AA << /WC << /S /JavaScript /JS (app.alert(1)) >> >>"];
  for (const script of scripts) {
    const active = await shareOf(Buffer.from(`%PDF-1.4\n1 0 obj\n<< /Type /Catalog ${script} >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n`), "plan.pdf");
    assert.equal((await active("?read")).headers.get("content-type"), "application/x-pdf", script);
    assert.match((await active("?read")).headers.get("content-disposition"), /^attachment/, script);
  }
  for (const [bytes, name] of [[png(8, 8, [1, 2, 3]), "a.pdf"], ["<!doctype html><script>alert(1)</script>%PDF-1.4", "b.pdf"], ["PK\x03\x04", "c.pdf"]])
    assert.match((await (await shareOf(Buffer.from(bytes), name))("?read")).headers.get("content-disposition"), /^attachment/, name);
});

test("rebuilt from the journal the same files are served", async () => {
  const { id } = await share("ana", chat, [{ upload: await send("ana", randomBytes(777)) }]);
  await daemon.stop();
  cli("rebuild", "--data", dir);
  cli("verify", "--data", dir);
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no", BARAZA_FILES_FILE_MB: "20" } });
  assert.equal((await (await ask("ben", "GET", `/file/${id}/0`)).arrayBuffer()).byteLength, 777);
  for (const folder of ["files", "files/part"]) assert.equal(statSync(join(dir, folder)).mode % 0o1000, 0o700);
});
