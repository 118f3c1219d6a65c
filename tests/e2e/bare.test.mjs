// What a camera notes beside the pixels (where, when, with what) does not reach anybody: a picture is stored without it, of the same
// length, with the same pixels, shown as the camera was held. Other files are stored as they came.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import zlib from "node:zlib";
import { hub, rpc, serve, tempDir } from "./daemon.mjs";

const TUS = { "tus-resumable": "1.0.0" }, PART = { ...TUS, "content-type": "application/offset+octet-stream" };
const sample = (name) => readFileSync(new URL(`../fuzz/corpus/fuzz_picture/${name}`, import.meta.url));
let daemon, dir, tokens, chat;
let next = 0;

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana"]);
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  const room = (await rpc(daemon, tokens.ana, "room.list", {})).rooms[0];
  chat = room.chat;
  await rpc(daemon, tokens.ana, "room.join", { room: room.id, cid: "join" });
});
after(() => daemon?.stop());

const ask = (method, path, headers = {}, body) => fetch(`${daemon.url}${path}`, { method, body, headers: { authorization: `Bearer ${tokens.ana}`, ...headers } });
async function begin(bytes) {
  return (await ask("POST", "/upload", { ...TUS, "upload-length": String(bytes.length) })).headers.get("location");
}
async function finish(at) {
  const { id } = await rpc(daemon, tokens.ana, "post.create", { thread: chat, files: [{ upload: at.split("/").at(-1) }], cid: `b${next++}` });
  const [file] = (await rpc(daemon, tokens.ana, "post.list", { thread: chat })).posts.find((p) => p.id === id).files;
  return { file, bytes: Buffer.from(await (await ask("GET", `/file/${id}/0`)).arrayBuffer()) };
}
async function share(bytes) {
  const at = await begin(bytes);
  assert.equal((await ask("PATCH", at, { ...PART, "upload-offset": "0" }, bytes)).status, 204);
  return finish(at);
}

// EXIF: turned by a quarter (6), and a place.
function tiff(turn = 6) {
  const at = Buffer.alloc(100);
  at.write("MM\0*\0\0\0\x08\0\x02", "latin1");
  at.set([1, 0x12, 0, 3, 0, 0, 0, 1, 0, turn], 10);
  at.set([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 50], 22);
  at.write("CANARY 14.7 N", 50);
  return at;
}
const segment = (kind, body) => Buffer.concat([Buffer.from([0xff, kind, (body.length + 2) >> 8, (body.length + 2) & 255]), body]);
const exif = () => Buffer.concat([Buffer.from("Exif\0\0"), tiff()]);
const xmp = () => Buffer.from("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>CANARY exif:GPSLatitude</x:xmpmeta>");
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]), out = Buffer.alloc(body.length + 8);
  let c = ~0;
  for (const b of body) for (let k = (c ^= b, 0); k < 8; k++) c = (c >>> 1) ^ (0xedb88320 & -(c & 1));
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(~c >>> 0, body.length + 4);
  return out;
}
function riff(type, data) {
  const head = Buffer.alloc(8);
  head.write(type);
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length & 1)]);
}
// [what came, where its metadata stands]
const jpeg = (name) => {
  const plain = sample(name), more = Buffer.concat([segment(0xe1, exif()), segment(0xe1, xmp()), segment(0xfe, Buffer.from("CANARY"))]);
  return [Buffer.concat([plain.subarray(0, 2), more, plain.subarray(2)]), 2, 2 + more.length];
};
const png = () => {
  const plain = sample("png"), more = Buffer.concat([chunk("eXIf", tiff(1)), chunk("tEXt", Buffer.from("Comment\0CANARY"))]);
  return [Buffer.concat([plain.subarray(0, 33), more, plain.subarray(33)]), 33, 33 + more.length];
};
const webp = () => {
  const plain = sample("webp").subarray(12), size = plain.readUInt32LE(14), head = Buffer.alloc(10);   // a lossy one: its size stands behind its start code
  head[0] = 0x0c;
  head.writeUIntLE((size & 0x3fff) - 1, 4, 3);
  head.writeUIntLE(((size >> 16) & 0x3fff) - 1, 7, 3);
  const body = Buffer.concat([Buffer.from("WEBP"), riff("VP8X", head), plain]), more = Buffer.concat([riff("EXIF", tiff(1)), riff("XMP ", xmp())]);
  return [riff("RIFF", Buffer.concat([body, more])), 8 + body.length, 8 + body.length + more.length];
};

for (const [name, make, type, turned] of [["a JPEG", () => jpeg("grey"), "image/jpeg", true], ["a JPEG that comes in passes", () => jpeg("progressive"), "image/jpeg", true],
  ["a PNG", png, "image/png", false], ["a WebP", webp, "image/webp", false]])
  test(`${name} is stored without what stands beside its pixels`, async () => {
    const [came, from, to] = make();
    assert.ok(came.includes("CANARY"));
    const { file, bytes } = await share(came);
    assert.deepEqual([file.type, file.bytes, bytes.length, file.thumb], [type, came.length, came.length, true]);
    assert.equal(bytes.includes("CANARY"), false);
    const isHead = (i) => type === "image/webp" && i === 20;   // which chunks there are
    assert.deepEqual(came.reduce((n, b, i) => n + (b !== bytes[i] && (i < from || i >= to) && !isHead(i)), 0), 0, "every other byte is as it came");
    const plain = await share(type === "image/webp" ? sample("webp") : Buffer.concat([came.subarray(0, from), came.subarray(to)]));
    assert.deepEqual([file.w, file.h], turned ? [plain.file.h, plain.file.w] : [plain.file.w, plain.file.h], "as the camera was held");
    if (!turned) assert.equal(file.dot, plain.file.dot, "the same pixels");
    assert.equal((await share(bytes)).file.hash, file.hash, "sent again, it is the same file");
    if (type === "image/png") assert.deepEqual(zlib.inflateSync(idat(bytes)), zlib.inflateSync(idat(came)));
  });
function idat(file) {
  const at = file.indexOf("IDAT");
  return file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4));
}

test("a picture that was cut off and came in parts, across a kill, is stored without it, too", async () => {
  const [came] = jpeg("jpeg"), at = await begin(came), half = came.length >> 1;
  assert.equal((await ask("PATCH", at, { ...PART, "upload-offset": "0" }, came.subarray(0, half))).status, 204);
  await daemon.kill();
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  assert.equal((await ask("HEAD", at, TUS)).headers.get("upload-offset"), String(half));
  assert.equal((await ask("PATCH", at, { ...PART, "upload-offset": String(half) }, came.subarray(half))).status, 204);
  const { file, bytes } = await finish(at);
  assert.deepEqual([file.type, bytes.length, bytes.includes("CANARY")], ["image/jpeg", came.length, false]);
});

test("what is no whole picture, or has nothing beside its pixels, is stored as it came", async () => {
  const [came] = jpeg("jpeg");
  for (const bytes of [sample("jpeg"), sample("png"), sample("webp"), came.subarray(0, came.length - 2), Buffer.concat([Buffer.from("x"), came]),
    Buffer.from("CANARY, a text"), sample("gif")])
    assert.ok((await share(bytes)).bytes.equals(bytes));
});
