// Proves with the files of deploy/ and the real programs that the daemon works behind nginx, haproxy and Caddy, that no
// request is smuggled past them, and that a caching proxy keeps nothing private. A proxy that is not installed is skipped.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { WebSocket } from "ws";
import { hub, serve, tempDir } from "./daemon.mjs";
import { ask, open, upgrade } from "./raw.mjs";

const ROOT = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../..");
const SITE = "baraza.example.org";
const work = tempDir();
let daemon, tokens;
before(async () => {
  const dir = tempDir();
  tokens = hub(dir, ["ana", "ben"]);
  daemon = await serve(dir, { env: { BARAZA_NET_SITE: `https://${SITE}`, BARAZA_LIMITS_ENFORCE: "no" } });
});
after(async () => { assert.equal(await daemon.stop(), 0, daemon.log); });

const freePort = () => new Promise((done) => {
  const s = net.createServer().listen(0, "127.0.0.1", () => { const { port } = s.address(); s.close(() => done(port)); });
});
const snippet = (name) => readFileSync(join(ROOT, "deploy", name), "utf8").replaceAll("127.0.0.1:8080", `127.0.0.1:${daemon.port}`);
const replaced = (text, from, to) => { assert.match(text, from); return text.replace(from, to); };

// What differs from deploy/: the port, no TLS, and folders of the test's own.
function nginx(port, more = "") {
  let text = replaced(snippet("nginx.conf"), /listen 443 ssl;/, `listen 127.0.0.1:${port};`).replace(/^ *ssl_.*$/gm, "");
  if (more !== "") text = replaced(text, /proxy_buffering off;/, more);
  const at = join(work, `nginx-${port}`);
  mkdirSync(at);
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((n) => `${n}_temp_path ${at}/${n};`).join(" ");
  writeFileSync(join(at, "conf"), `daemon off; master_process off; error_log ${at}/error.log; pid ${at}/pid; events {}
    http { access_log off; ${temp} proxy_cache_path ${at}/cache keys_zone=c:1m; ${text} }`);
  return ["nginx", "-c", join(at, "conf"), "-e", join(at, "error.log")];
}
function haproxy(port) {
  const at = join(work, `haproxy-${port}.cfg`);
  writeFileSync(at, replaced(snippet("haproxy.cfg"), /bind :443 ssl crt .*/, `bind 127.0.0.1:${port}`));
  return ["haproxy", "-f", at, "-db"];
}
function caddy(port) {
  const at = join(work, `Caddyfile-${port}`);
  writeFileSync(at, "{\n\tadmin off\n\tauto_https off\n}\n" + replaced(snippet("Caddyfile"), /^baraza\.example\.org/m, `http://${SITE}:${port}`));
  return ["caddy", "run", "--config", at, "--adapter", "caddyfile"];
}

const has = (program) => { try { execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }); return true; } catch { return false; } };
async function front(t, make, more) {
  const port = await freePort(), [program, ...args] = make(port, more);
  if (!has(program)) { t.skip(`${program} is not installed`); return null; }
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, XDG_DATA_HOME: work, XDG_CONFIG_HOME: work } });
  let log = "";
  for (const s of [child.stdout, child.stderr]) s.on("data", (d) => { log += d; });
  const ended = new Promise((done) => child.on("exit", done));
  t.after(async () => { child.kill("SIGTERM"); await ended; });
  for (let i = 0; ; i++) {
    const up = await new Promise((done) => { const s = net.connect(port, "127.0.0.1", () => { s.destroy(); done(true); }); s.on("error", () => done(false)); });
    if (up) return { host: "127.0.0.1", port };
    if (i > 100 || child.exitCode !== null) assert.fail(`${program} does not start: ${log}`);
    await new Promise((r) => setTimeout(r, 100));
  }
}
const request = (line, headers = [], body = "") => [line, `Host: ${SITE}`, ...headers].join("\r\n") + "\r\n\r\n" + body;
const get = (at, path, ...headers) => ask(at, request(`GET ${path} HTTP/1.1`, [...headers, "Connection: close"]));
const call = (method, params = {}) => JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
async function seen() { // requests that the daemon has read, this one left out
  const page = await ask({ host: "127.0.0.1", port: daemon.port }, `GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nConnection: close\r\n\r\n`);
  return Number(/^baraza_http_requests_total (\d+)/m.exec(page.body)[1]) - 1;
}

for (const [name, make] of Object.entries({ nginx, haproxy, caddy }))
  test(`${name}: pages, calls, WebSocket, and nothing for this machine alone`, async (t) => {
    const at = await front(t, make);
    if (at === null) return;
    const body = call("room.list");
    const answer = await ask(at, request("POST /rpc HTTP/1.1", ["Content-Type: application/json", `Authorization: Bearer ${tokens.ana}`, `Content-Length: ${body.length}`], body));
    assert.equal(answer.status, 200);
    assert.ok(JSON.parse(answer.body).result.rooms.length > 0);
    const page = await get(at, "/");
    assert.equal(page.status, 200);
    assert.match(page.headers["content-security-policy"], /default-src 'none'/);
    assert.equal((await get(at, "/healthz")).status, 200);
    assert.equal((await get(at, "/metrics")).status, 404);
    assert.equal((await get(at, "/metrics", "X-Forwarded-For: 127.0.0.1")).status, 404);
    for (const what of ["h2c", "foo"]) { // the header does not get through, so it is a GET of /ws
      const odd = await ask(at, upgrade(at, "", { drop: ["host", "upgrade:"] }).replace("\r\n", `\r\nHost: ${SITE}\r\nUpgrade: ${what}\r\n`));
      assert.ok([400, 426].includes(odd.status), `${what}: ${odd.status}`);
    }
    const connect = (origin) => new Promise((done) => {
      const ws = new WebSocket(`ws://127.0.0.1:${at.port}/ws`, "baraza.v1", { origin, headers: { host: SITE, authorization: `Bearer ${tokens.ana}` } });
      ws.on("open", () => ws.send(call("session.hello")));
      ws.on("message", (d) => { done(JSON.parse(d).result.hub.code); ws.close(); });
      ws.on("error", (e) => done(e.message));
    });
    assert.equal(await connect(`https://${SITE}`), "test");
    assert.match(await connect("https://evil.example"), /403/);
  });

test("/metrics is hidden from a proxy that adds no header of its own", async () => {
  const at = { host: "127.0.0.1", port: daemon.port };
  assert.equal((await get(at, "/metrics")).status, 404);
});

// Each reads as one request to one reader and as two to another. Were one smuggled, the daemon would have read more
// requests than the proxy handed back answers.
const inner = `GET /healthz HTTP/1.1\r\nHost: ${SITE}\r\nX: `;
const chunk = "0\r\n\r\n" + inner;
const post = (...headers) => request("POST /rpc HTTP/1.1", ["Content-Type: application/json", ...headers], chunk);
const attacks = {
  "CL.TE": post(`Content-Length: ${chunk.length}`, "Transfer-Encoding: chunked"),
  "TE.CL": post("Transfer-Encoding: chunked", "Content-Length: 5"),
  "TE.TE": post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", `Content-Length: ${chunk.length}`),
  "TE hidden by a tab": post("Transfer-Encoding:\x0bchunked", `Content-Length: ${chunk.length}`),
  "TE before a blank": post("Transfer-Encoding : chunked", `Content-Length: ${chunk.length}`),
  "TE xchunked": post("Transfer-Encoding: xchunked", `Content-Length: ${chunk.length}`),
  "two lengths": post("Content-Length: 5", `Content-Length: ${chunk.length}`),
  "two lengths in one": post(`Content-Length: 5, ${chunk.length}`),
  "signed length": post(`Content-Length: +${chunk.length}`),
  "folded length": post("Content-Length: 5", ` ${chunk.length}`),
  "folded encoding": post("Transfer-Encoding:", " chunked", `Content-Length: ${chunk.length}`),
  "bare LF": `POST /rpc HTTP/1.1\nHost: ${SITE}\nContent-Length: ${chunk.length}\nTransfer-Encoding: chunked\n\n${chunk}`,
  "bare LF before the length": `POST /rpc HTTP/1.1\r\nHost: ${SITE}\r\nX: y\nContent-Length: ${chunk.length}\r\n\r\n${chunk}`,
  "bare CR": `POST /rpc HTTP/1.1\r\nHost: ${SITE}\r\nX: y\rContent-Length: ${chunk.length}\r\n\r\n${chunk}`,
  "length of a GET": request("GET /healthz HTTP/1.1", [`Content-Length: ${chunk.length}`], chunk),
  "chunk size beyond 64 bits": request("POST /rpc HTTP/1.1", ["Transfer-Encoding: chunked"], `10000000000000005\r\nhello\r\n${chunk}`),
  "chunk extension with LF": request("POST /rpc HTTP/1.1", ["Transfer-Encoding: chunked"], `1;\nxx\r\nx\r\n${chunk}`),
  "upgrade, then a request": upgrade({ host: "", port: 0 }, "", { drop: ["host", "sec-websocket-version"] }).replace("\r\n", `\r\nHost: ${SITE}\r\nSec-WebSocket-Version: 8\r\n`) + inner,
};
for (const [name, make] of Object.entries({ nginx, haproxy }))
  test(`H2 smuggling through ${name}`, async (t) => {
    const at = await front(t, make);
    if (at === null) return;
    for (const [what, bytes] of Object.entries(attacks)) {
      const before = await seen();
      const c = open(at);
      c.send(Buffer.from(bytes, "latin1"));
      await c.until((d) => d.includes("\r\n\r\n"), 20000).catch(() => {}); // or the proxy waits for more, which is well too
      const victim = await get(at, "/readyz"); // has its own answer, not one that was left in the line
      assert.equal(victim.body, "ready\n", what);
      c.send("y\r\n\r\n");
      assert.equal((await get(at, "/readyz")).body, "ready\n", what);
      const read = await seen() - before - 3; // two by the victim, one that counts
      const count = (d) => d.toString("latin1").split("HTTP/1.1 ").length - 1;
      await c.until((d) => count(d) >= read, 5000).catch(() => {}); // what was read is answered, on a busy machine later
      c.end();
      const answers = count(c.data);
      assert.ok(read <= Math.max(answers, 0), `${what}: ${read} requests read, ${answers} answers given`);
    }
  });

test("H9 nginx with a cache keeps files and nothing private", async (t) => {
  const at = await front(t, nginx, "proxy_cache c; proxy_cache_valid any 10m; proxy_cache_methods GET HEAD POST; add_header X-Cache $upstream_cache_status always;");
  if (at === null) return;
  const as = (token) => get(at, "/rpc/room.list", ...(token ? [`Authorization: Bearer ${token}`] : []));
  const by = (token) => get(at, "/rpc/room.list", ...(token ? [`Cookie: __Host-baraza=${token}`] : []));
  for (const how of [as, by])
    for (const token of [tokens.admin, tokens.ben, undefined, tokens.ana, undefined]) {
      const answer = await how(token);
      assert.equal(answer.status, token ? 200 : 401);
      assert.match(answer.headers["cache-control"], /private, no-store/);
      assert.notEqual(answer.headers["x-cache"], "HIT");
    }
  const script = /\/a\/[^"]+\.js/.exec((await get(at, "/")).body);
  if (script === null) { t.diagnostic("this build has no client: files are not looked at"); return; }
  await get(at, script[0]);
  assert.equal((await get(at, script[0])).headers["x-cache"], "HIT", "the cache works");
  assert.notEqual((await get(at, "/healthz")).headers["x-cache"], "HIT");
  assert.notEqual((await get(at, "/")).headers["x-cache"], "HIT");
});
