// daemon.mjs: starts and ends the real binary (BARAZA_BIN) on a data folder.
import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const BIN = process.env.BARAZA_BIN ?? "build/baraza";
const run = promisify(execFile);
process.setMaxListeners(0); // each daemon and folder is cleaned up at the end

export function tempDir(base = tmpdir()) {
  const dir = mkdtempSync(join(base, "baraza-test-"));
  process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
export const cli = (...args) => execFileSync(BIN, args, { encoding: "utf8" }).trim();
export const cliAsync = async (...args) => (await run(BIN, args, { encoding: "utf8", maxBuffer: 1 << 26 })).stdout.trim();

// A hub with the members named, each with a bearer token.
export function hub(dir, handles, code = "test") {
  cli("init", "--data", dir, "--hub", code, "--name", "Test hub");
  const tokens = { admin: cli("token", "--data", dir, "admin") };
  for (const handle of handles) {
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`);
    tokens[handle] = cli("token", "--data", dir, handle);
  }
  return tokens;
}

// Serves until stop() or kill(); port 0 takes a free one. Resolves when it is ready.
export function serve(dir, { port = 0, env = {}, prefix = [], args = [] } = {}) {
  const command = [...prefix, BIN, "serve", "--data", dir, "--listen", `127.0.0.1:${port}`, ...args];
  const child = spawn(command[0], command.slice(1), { env: { BARAZA_LINKS_PREVIEW: "no", ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const daemon = { child, out: "", log: "", port: 0 };
  daemon.exited = new Promise((done) => child.on("exit", (code, signal) => { daemon.code = code; daemon.signal = signal; done(code); }));
  daemon.kill = async () => { child.kill("SIGKILL"); await daemon.exited; };
  daemon.stop = async () => { child.kill("SIGTERM"); return daemon.exited; };
  child.stderr.on("data", (d) => { daemon.log += d; });
  process.on("exit", () => child.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    child.on("exit", () => reject(Object.assign(new Error(`the daemon ended: ${daemon.log}`), { daemon })));
    child.stdout.on("data", (d) => {
      daemon.out += d;
      const at = /http:\/\/127\.0\.0\.1:(\d+)/.exec(daemon.out);
      if (!at) return;
      daemon.port = Number(at[1]);
      daemon.url = `http://127.0.0.1:${daemon.port}`;
      daemon.ws = `ws://127.0.0.1:${daemon.port}/ws`;
      resolve(daemon);
    });
  });
}

// Whoever signs in by a link is a person, no program: their session, which stands where a token may.
export async function person(daemon, dir, handle) {
  const code = /#in=([\w-]{43})/.exec(await cliAsync("link", "--data", dir, handle))[1];
  const answer = await fetch(`${daemon.url}/rpc`, { method: "POST", headers: { "content-type": "application/json", origin: daemon.url },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "session.open", params: { code } }) });
  return /=([\w-]{43})/.exec(answer.headers.get("set-cookie"))[1];
}

export async function rpc(daemon, token, method, params) {
  const answer = await fetch(`${daemon.url}/rpc`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const body = await answer.json();
  if (body.error) throw Object.assign(new Error(`${method}: ${body.error.message}`), { data: body.error.data });
  return body.result;
}
