// Proves that a daemon short of descriptors or of memory for sockets says so, lives, does not spin, keeps serving who is
// there, and takes others in again once there is room (R1).
import { test, before } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hub, rpc, serve, tempDir } from "./daemon.mjs";
import { Line } from "./line.mjs";
import { ask, open, upgrade } from "./raw.mjs";

let dir, tokens, thread;
before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben"]);
});
const limited = (files) => ["sh", "-c", `ulimit -n ${files}; exec "$@"`, "sh"];
const address = (daemon) => ({ host: "127.0.0.1", port: daemon.port });
const pause = (ms) => new Promise((r) => setTimeout(r, ms));
const cpuSeconds = (daemon) => { // user and system time, in ticks of 10 ms
  const fields = readFileSync(`/proc/${daemon.child.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
async function metric(daemon, name) {
  const page = await ask(address(daemon), `GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nConnection: close\r\n\r\n`);
  return Number(new RegExp(`^${name} (\\d+)`, "m").exec(page.body)[1]);
}
async function knock(daemon) { // on a connection of its own
  const answer = await ask(address(daemon), `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nConnection: close\r\n\r\n`);
  assert.equal(answer.status, 200);
}
// Until it is let in: refused connections are what a full house looks like from outside.
async function insist(what, ms = 15000) {
  for (const until = Date.now() + ms; ; await pause(100)) {
    try { return await what(); } catch (e) { if (Date.now() > until) throw e; }
  }
}
async function start(t, options) {
  const daemon = await serve(dir, options);
  t.after(() => daemon.kill());
  thread ??= (await rpc(daemon, tokens.admin, "room.list", {})).rooms.find((r) => r.slug === "general").chat;
  const ana = new Line(daemon.ws, tokens.ana);
  t.after(() => ana.close());
  await ana.until(() => ana.isReady, "hello");
  const goesOn = async (cid) => {
    const { seq } = await ana.request("post.create", { thread, text: cid, lang: "en", cid });
    await ana.until(() => ana.cursor >= seq, cid);
  };
  return { daemon, ana, goesOn };
}

test("R1 with 64 descriptors: 200 silent sockets, then 60 that speak, and a member who goes on", async (t) => {
  const { daemon, goesOn } = await start(t, { prefix: limited(64) });
  assert.match(daemon.log, /few open files allowed.*"connections_max":\d/);
  const silent = Array.from({ length: 200 }, () => open(address(daemon)));
  await pause(300);
  const before = cpuSeconds(daemon);
  for (let i = 0; i < 10; i++) { await goesOn(`silent-${i}`); await pause(200); }
  const used = cpuSeconds(daemon) - before;
  assert.ok(used < 1, `${used} s of CPU in 2 s`);
  await insist(() => knock(daemon)); // the silent ones give way
  for (const c of silent) c.end();

  const speaking = [];
  for (let i = 0; i < 60; i++) {
    const c = open(address(daemon));
    c.send(upgrade(address(daemon)));
    await c.until((d) => d.includes("\r\n\r\n"));
    speaking.push(c);
  }
  const inside = speaking.filter((c) => c.data.includes("101 Switching"));
  assert.ok(inside.length > 5 && inside.length < 40, `${inside.length} are in`);
  await goesOn("full");
  await assert.rejects(knock(daemon), "somebody more came in");
  for (const c of inside) c.end();
  await insist(() => knock(daemon));
  for (const c of speaking) c.end();
  assert.equal(await daemon.stop(), 0, daemon.log);
});

test("R1 with too few to work at all it says so and does not start", async () => {
  for (const files of [24, 40]) {
    const { daemon } = await serve(dir, { prefix: limited(files) }).then(() => assert.fail("it serves"), (e) => e);
    await daemon.exited;
    assert.notEqual(daemon.code, 0);
    assert.match(daemon.log, /raise the limit/);
  }
});

for (const error of ["ENOBUFS", "ENOMEM", "EMFILE", "ENFILE"])
  test(`accept fails with ${error}: a pause each, one line in the log, then all is well`, async (t) => {
    try { execFileSync("strace", ["-V"], { stdio: "ignore" }); } catch { t.skip("strace is not installed"); return; }
    // The first to come in is the member; then eight attempts fail.
    const daemon = await serve(dir, {
      prefix: ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=accept4", "-e", `inject=accept4:error=${error}:when=1..8`],
      env: { ASAN_OPTIONS: "detect_leaks=0" }, // which cannot be found under a tracer
    });
    t.after(() => daemon.kill());
    const before = cpuSeconds(daemon);
    const line = new Line(daemon.ws, tokens.ana);
    t.after(() => line.close());
    await line.until(() => line.isReady, "hello");
    assert.equal(await metric(daemon, "baraza_accept_failed_total"), 8);
    assert.equal(daemon.log.split('"event":"accept failed"').length - 1, 1);
    const used = cpuSeconds(daemon) - before;
    assert.ok(used < 1, `${used} s of CPU`);
    assert.equal(await daemon.stop(), 0, daemon.log);
  });
