// Proves that each refusal of the network layer stands in the log, with its code and whence, never with what was sent and
// never more than ten a second; and that connections of this machine, a proxy's that is, are not held to an address's share.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { hub, serve, tempDir } from "./daemon.mjs";
import { ask, closeCode, frame, open, upgrade } from "./raw.mjs";

let daemon, at, tokens;
before(async () => {
  const dir = tempDir();
  tokens = hub(dir, ["ana"]);
  daemon = await serve(dir, { env: { BARAZA_LIMITS_CONNECTIONS_ADDRESS: "2" } });
  at = { host: "127.0.0.1", port: daemon.port };
});
after(async () => { assert.equal(await daemon.stop(), 0, daemon.log); });

const lines = () => daemon.log.split("\n").filter(Boolean).map((l) => JSON.parse(l));
async function line(test) {
  for (let i = 0; ; i++) {
    const found = lines().find(test);
    if (found) return found;
    assert.ok(i < 100, `no such line in ${daemon.log}`);
    await new Promise((r) => setTimeout(r, 50));
  }
}

test("requests: their status, and nothing of what was asked", async () => {
  const answer = await ask(at, `GET /a/canary-path HTTP/1.1\r\nHost: 127.0.0.1:${at.port}\r\nCookie: canary-cookie\r\nConnection: close\r\n\r\n`);
  assert.equal(answer.status, 404);
  const told = await line((l) => l.event === "request refused" && l.code === "404");
  assert.equal(told.network, "127.0.0.0/24");
  assert.match(told.connection, /^\d+$/);
  assert.ok(told.reason.length > 0);
  await ask(at, "GET / HTTP/1.1\r\nHost: canary-host.example\r\n\r\n");
  await line((l) => l.event === "request refused" && l.code === "421");
  await ask(at, "canary nonsense\r\n\r\n");
  await line((l) => l.event === "request refused" && l.code === "400");
  assert.ok(!daemon.log.includes("canary"));
});

test("sockets: their close code, and nothing of what was sent", async () => {
  assert.equal(await closeCode(at, frame(1, Buffer.from([0xff, 0xfe]))), 1007);
  assert.equal(await closeCode(at, frame(3, "canary")), 1002);
  assert.equal(await closeCode(at, frame(1, "x".repeat(70000))), 1009);
  for (const code of ["1007", "1002", "1009"]) await line((l) => l.event === "socket closed" && l.code === code);
  assert.ok(!daemon.log.includes("canary"));
});

test("a flood of them is counted, not written", async () => {
  const c = open(at), all = 300;
  c.send(`GET /a/nowhere HTTP/1.1\r\nHost: 127.0.0.1:${at.port}\r\n\r\n`.repeat(all));
  const before = lines().filter((l) => l.event === "request refused").length;
  await c.until((d) => d.toString("latin1").split("HTTP/1.1 404").length > all);
  c.end();
  await line((l) => l.event === "refusals left out" && l.lines > 200);
  const written = lines().filter((l) => l.event === "request refused").length - before;
  assert.ok(written <= 40, `${written} lines`); // a few seconds at the most
});

test("this machine has no share to keep to", async () => {
  const all = [];
  for (let i = 0; i < 6; i++) {
    const c = open(at);
    c.send(upgrade(at, `Authorization: Bearer ${tokens.ana}\r\nX-Forwarded-For: 192.0.2.1\r\n`));
    assert.match((await c.until((d) => d.includes("\r\n\r\n"))).toString("latin1"), /^HTTP\/1.1 101/);
    all.push(c);
  }
  for (const c of all) c.end();
});
