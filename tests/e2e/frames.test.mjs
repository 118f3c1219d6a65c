// Proves that hostile frames are answered with the right close code and leave the daemon serving, with nothing written.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { serve, websocket, ask, frame, frames, closeCode } from "./raw.mjs";

let server;
before(async () => { server = await serve(); });
after(async () => { await server.stop(); });

const get = (path) => ask(server, `GET ${path} HTTP/1.1\r\nHost: ${server.host}:${server.port}\r\n\r\n`);
const metric = async (name) => Number(new RegExp(`^${name} (\\d+)`, "m").exec((await get("/metrics")).body)[1]);
async function expect(name, bytes, code) {
  await test(name, async () => {
    const before = await metric("baraza_entries_total");
    const got = await closeCode(server, bytes);
    assert.ok([code].flat().includes(got), `close ${got}, expected ${code}`);
    assert.equal((await get("/healthz")).status, 200);
    assert.equal(await metric("baraza_entries_total"), before);
  });
}
const header = (...bytes) => Buffer.from(bytes);

test("W2 lengths", async () => {
  await expect("2^63", frame(1, "", { long: 8, length: 1n << 63n }), 1002);
  await expect("2^64-1", frame(1, "", { long: 8, length: (1n << 64n) - 1n }), 1002);
  await expect("2^63-1", frame(1, "", { long: 8, length: (1n << 63n) - 1n }), 1009);
  await expect("2^62", frame(1, "", { long: 8, length: 1n << 62n }), 1009);
  await expect("2^32", frame(1, "", { long: 8, length: 1n << 32n }), 1009);
  await expect("65537", frame(1, "", { long: 8, length: 65537 }), 1009);
  for (const n of [0, 1, 125]) {
    await expect(`${n} in 16 bits`, frame(1, "x".repeat(n), { long: 2 }), 1002);
    await expect(`${n} in 64 bits`, frame(1, "x".repeat(n), { long: 8 }), 1002);
  }
  await expect("126 in 64 bits", frame(1, "x".repeat(126), { long: 8 }), 1002);
  await expect("65535 in 64 bits", frame(1, "x".repeat(65535), { long: 8 }), 1002);
});

test("W3 size and fragments", async () => {
  await test("the largest message is taken", async () => {
    const c = await websocket(server);
    c.send(frame(1, " ".repeat(65536)));
    c.send(frame(9, "still here"));
    await c.until((d) => frames(d).some((f) => f.opcode === 10));
    assert.equal(frames(c.data).find((f) => f.opcode === 10).payload.toString(), "still here");
    c.end();
  });
  await expect("two halves and a byte", [frame(1, " ".repeat(32768), { fin: false }), frame(0, " ".repeat(32768), { fin: false }), frame(0, " ")], 1009);
  await expect("dripped beyond the limit", [frame(1, " ".repeat(65000), { fin: false }), ...Array.from({ length: 600 }, () => frame(0, " ", { fin: false }))], 1009);
  await expect("100,000 empty continuations", [frame(1, "", { fin: false }), Buffer.concat(Array.from({ length: 100000 }, () => frame(0, "", { fin: false })))], 1008);
});

test("W4 UTF-8", async () => {
  const bad = { "lone continuation": [0x80], "cut short": [0xc3], "overlong /": [0xc0, 0xaf], "overlong 3": [0xe0, 0x80, 0xaf], "overlong 4": [0xf0, 0x80, 0x80, 0xaf],
    "surrogate": [0xed, 0xa0, 0x80], "low surrogate": [0xed, 0xbf, 0xbf], "beyond": [0xf4, 0x90, 0x80, 0x80], "f5": [0xf5, 0x80, 0x80, 0x80], "ff": [0xff], "fe": [0xfe] };
  for (const [name, bytes] of Object.entries(bad)) {
    const text = Buffer.from([0x7b, ...bytes, 0x7d]);
    await expect(name, frame(1, text), 1007);
    for (let cut = 1; cut < text.length; cut++)
      await expect(`${name}, cut at ${cut}`, [frame(1, text.subarray(0, cut), { fin: false }), frame(0, text.subarray(cut))], 1007);
  }
});

test("W5 framing", async () => {
  await expect("unmasked", frame(1, "{}", { mask: false }), 1002);
  for (let rsv = 1; rsv < 8; rsv++) await expect(`reserved bits ${rsv}`, frame(1, "{}", { rsv }), 1002);
  for (const op of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) await expect(`opcode ${op}`, frame(op, ""), 1002);
  for (const op of [8, 9, 10]) {
    await expect(`control ${op} of 126 bytes`, frame(op, "x".repeat(126)), 1002);
    await expect(`control ${op} in fragments`, frame(op, "", { fin: false }), 1002);
  }
  await expect("continuation of nothing", frame(0, "{}"), 1002);
  await expect("data inside data", [frame(1, "{", { fin: false }), frame(1, "}")], 1002);
  await expect("binary", frame(2, "{}"), 1003);
  await expect("close of one byte", frame(8, [3]), 1002);
  for (const code of [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
    await expect(`close code ${code}`, frame(8, [code >> 8, code & 255]), 1002);
  for (const code of [1000, 1001, 1003, 1008, 1011, 1012, 1014, 3000, 4999])
    await expect(`close code ${code} is answered`, frame(8, [code >> 8, code & 255]), code);
  await expect("close reason not UTF-8", frame(8, [3, 232, 0xff]), 1007);
  await expect("close without code", frame(8, ""), 0);
});

test("W6 control floods", async () => {
  await expect("10,000 pings", Buffer.concat(Array.from({ length: 10000 }, () => frame(9, "x"))), 1008);
  await test("pongs are ignored", async () => {
    const c = await websocket(server);
    c.send(Buffer.concat(Array.from({ length: 10000 }, () => frame(10, "x"))));
    c.send(frame(9, "p"));
    await c.until((d) => frames(d).some((f) => f.opcode === 10));
    assert.equal(c.closed, false);
    c.end();
  });
  await test("a ping between fragments is answered", async () => {
    const c = await websocket(server);
    c.send(Buffer.concat([frame(1, "{", { fin: false }), frame(9, "mid"), frame(0, "}")]));
    await c.until((d) => frames(d).some((f) => f.opcode === 10 && f.payload.toString() === "mid"));
    c.end();
  });
});

test("after the server's close frame", async () => {
  const flood = Buffer.concat(Array.from({ length: 21 }, () => frame(9, "x"))); // earns 1008 between two frames
  const call = frame(1, '{"jsonrpc":"2.0","id":1,"method":"rpc.discover","params":{}}'), close = frame(8, [3, 240]);
  const isClosed = (d) => frames(d).some((f) => f.opcode === 8);
  // The end comes with the peer's close frame, not with the timer (5 s) that waits for it.
  async function ends(name, send) {
    await test(name, async () => {
      const calls = await metric("baraza_calls_total");
      const c = await websocket(server);
      const ended = new Promise((done) => c.socket.once("end", done));
      await send(c);
      const from = performance.now();
      await ended;
      assert.ok(performance.now() - from < 3000, "the close frame was not seen");
      assert.equal(frames(c.data).filter((f) => f.opcode === 8).length, 1);
      assert.equal(frames(c.data).filter((f) => f.opcode === 1).length, 0);
      c.end();
      assert.equal(await metric("baraza_calls_total"), calls, "what came after was acted upon");
    });
  }
  await ends("a message and the peer's close frame in one piece with what earned it", (c) => c.send(Buffer.concat([flood, call, close])));
  await ends("a message, then the close frame, in one piece", async (c) => {
    c.send(flood);
    await c.until(isClosed);
    c.send(Buffer.concat([call, close]));
  });
  await ends("a close frame cut within, behind half a message", async (c) => {
    c.send(Buffer.concat([flood, frame(1, "{", { fin: false })]));
    await c.until(isClosed);
    for (const b of close) { c.send(Buffer.from([b])); await new Promise((r) => setTimeout(r, 5)); }
  });
});

test("W11 garbage after the upgrade", async () => {
  await expect("random bytes", header(0x13, 0x37, 0xff, 0xfe, 0x00, 0x01), 1002);
  await expect("a pipelined request", Buffer.from("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), 1002);
  await expect("the HTTP/2 preface", Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 1002);
  await expect("TLS", header(0x16, 0x03, 0x01, 0x02, 0x00), 1002);
  await test("one byte at a time", async () => {
    const c = await websocket(server);
    for (const b of frame(9, "slow")) { c.send(Buffer.from([b])); await new Promise((r) => setImmediate(r)); }
    await c.until((d) => frames(d).some((f) => f.opcode === 10));
    c.end();
  });
});
