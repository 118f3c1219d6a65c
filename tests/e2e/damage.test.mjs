// A database with a damaged page is told clearly, soon after the start: in the log, by /readyz and in the metrics, with
// the remedy; one that cannot even be opened is refused with it. A sound one is ready, and is said to be checked.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { BIN, cli, hub, rpc, serve, tempDir } from "./daemon.mjs";

const PAGE = 4096;
let sound, copy, tokens;

const ready = async (daemon) => { const a = await fetch(`${daemon.url}/readyz`); return { status: a.status, text: await a.text() }; };
const metric = async (daemon) => /^baraza_database_damaged (\d)$/m.exec(await (await fetch(`${daemon.url}/metrics`)).text())[1];
async function logged(daemon, event) {
  for (let i = 0; i < 500 && !daemon.log.includes(`"${event}"`); i++) await new Promise((done) => setTimeout(done, 20));
  const line = daemon.log.split("\n").find((l) => l.includes(`"${event}"`));
  assert.ok(line, `no ${event} in ${daemon.log}`);
  return JSON.parse(line);
}
// The hub with some bytes changed.
function damaged(change) {
  const dir = join(tempDir(), "hub");
  cli("restore", copy, "--data", dir);
  const path = join(dir, "baraza.db"), bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
  return dir;
}

before(async () => {
  sound = tempDir();
  tokens = hub(sound, []);
  const daemon = await serve(sound, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  const { rooms } = await rpc(daemon, tokens.admin, "room.list", {});
  for (let i = 0; i < 300; i++)
    await rpc(daemon, tokens.admin, "post.create", { thread: rooms[0].chat, text: `numbat ${i} ${"words ".repeat(20)}`, cid: `n${i}` });
  assert.equal(await daemon.stop(), 0);
  copy = join(tempDir(), "copy.db");
  cli("backup", "--data", sound, copy);
});

test("a sound database is checked and ready", async () => {
  const daemon = await serve(sound);
  assert.ok((await logged(daemon, "database_checked")).ms >= 0);
  assert.deepEqual(await ready(daemon), { status: 200, text: "ready\n" });
  assert.equal(await metric(daemon), "0");
  assert.equal(await daemon.stop(), 0);
});

test("a damaged page is told with its remedy, and what is sound is still served", async () => {
  const dir = damaged((bytes) => {
    const at = bytes.indexOf("numbat 150 ");
    assert.ok(at > PAGE);
    bytes.fill(0xff, at - (at % PAGE), at - (at % PAGE) + 8);   // the page's own header
  });
  const daemon = await serve(dir);
  const line = await logged(daemon, "database_damaged");
  assert.equal(line.level, "error");
  assert.match(line.remedy, /baraza restore/);
  assert.ok(line.finding.length > 0);
  assert.equal((await ready(daemon)).status, 503);
  assert.match((await ready(daemon)).text, /damaged.*latest backup.*baraza restore/);
  assert.equal(await metric(daemon), "1");
  assert.equal((await rpc(daemon, tokens.admin, "room.list", {})).rooms.length, 1);
  assert.equal(await daemon.stop(), 0);
});

test("a database that cannot be opened is refused with the remedy", () => {
  for (const change of [(bytes) => bytes.fill(0x55, 0, 100), (bytes) => bytes.fill(0xff, 100, 200)]) {
    const { status, stderr } = spawnSync(BIN, ["serve", "--data", damaged(change), "--listen", "127.0.0.1:0"], { encoding: "utf8", timeout: 20_000 });
    assert.equal(status, 74, stderr);
    assert.match(stderr, /damaged.*baraza restore/);
  }
});

test("a daemon that is stopped while it checks stops at once", async () => {
  const daemon = await serve(sound);
  assert.equal(await daemon.stop(), 0);
});
