// The README's own code blocks: the first ends with a page that answers and links that sign in; the second knows its groups.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { tempDir } from "./daemon.mjs";

const top = new URL("../../", import.meta.url).pathname;
const blocks = [...readFileSync(join(top, "README.md"), "utf8").matchAll(/```sh\n([^`]*)```/g)].map((m) => m[1].trim());

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

// Runs the block until it serves; resolves with what it printed and how long that took.
function start(env) {
  const began = Date.now();
  const child = spawn("sh", ["-c", `exec ${blocks[0]}`], { cwd: top, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  process.on("exit", () => child.kill("SIGKILL"));
  let out = "", err = "";
  child.stderr.on("data", (d) => { err += d; });
  const exited = new Promise((done) => child.on("exit", done));
  return new Promise((resolve, reject) => {
    exited.then((code) => reject(new Error(`ended with ${code}: ${out}${err}`)));
    child.stdout.on("data", (d) => {
      out += d;
      if (/baraza: serving/.test(out)) resolve({ out, tookMs: Date.now() - began, stop: () => { child.kill("SIGTERM"); return exited; } });
    });
  });
}

test("the README has two commands, and they are these", () => {
  assert.deepEqual(blocks, ["sh deploy/run.sh", "sh tests/run.sh"]);
});

test("the first ends with a page that answers; its links sign in; the second start is quick and keeps the data", async () => {
  const env = { BARAZA_LISTEN: `127.0.0.1:${await freePort()}`, BARAZA_DATA: join(tempDir(), "data") };
  const first = await start(env);
  const url = `http://${env.BARAZA_LISTEN}`;
  assert.ok(first.out.includes(url));
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  const links = [...first.out.matchAll(/as ([a-z.]+) .*?:\n(\S+?)\/#in=(\S+)/g)];
  assert.deepEqual(links.map((l) => l[1]), ["amina.diop", "moussa.kone", "zainab.admin"]);
  for (const [, handle, site, code] of links) {
    assert.equal(site, url);
    const answer = await fetch(`${url}/rpc`, {
      method: "POST", headers: { "content-type": "application/json", origin: url },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "session.open", params: { code } }),
    });
    assert.equal((await answer.json()).result?.me.handle, handle);
    assert.match(answer.headers.get("set-cookie") ?? "", /HttpOnly/i);
  }
  assert.match(first.out, /[▀▄█]{10}/, "QR codes");
  assert.equal(await first.stop(), 0);
  const again = await start(env);
  console.log(`# the first start took ${first.tookMs} ms, the second ${again.tookMs} ms`);
  assert.ok(!again.out.includes("Making"));
  assert.equal(await again.stop(), 0);
});

test("the second knows its groups", () => {
  const { stdout, status } = spawnSync("sh", ["-c", `${blocks[1]} --list`], { cwd: top, encoding: "utf8" });
  assert.equal(status, 0);
  for (const group of ["unit", "e2e", "browser", "fuzz"])
    assert.ok(stdout.split("\n").includes(group));
  assert.equal(spawnSync("sh", ["-c", `${blocks[1]} nonsense`], { cwd: top }).status, 64);
});
