// ranges.mjs: many readers at once (CONNECTIONS: 300, or 10,000 where it is to be known), each asking for one part of a large file after the other, from the daemon and, in the same run,
// from nginx (one worker: the daemon has one loop) with the same file and the same client: bytes a second, memory of the daemon
// before, during and after, and how long a post takes to its readers meanwhile. BARAZA_BIN names the daemon, BENCH_BIN the folder of
// bench_ranges and bench_load; SECONDS and ROUNDS choose others. Without nginx only the daemon's figures are told.
import { execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { cli, hub, rpc, serve, tempDir } from "../e2e/daemon.mjs";

const CONNECTIONS = Number(process.env.CONNECTIONS || 300), isShort = CONNECTIONS < 1000;
const SECONDS = Number(process.env.SECONDS ?? (isShort ? 1 : 6)), ROUNDS = Number(process.env.ROUNDS ?? (isShort ? 1 : 3));
const FILE_BYTES = 128_000_000, PART_BYTES = 1_000_000, PACE_MB = 100, CHAT_SECONDS = SECONDS + 2, MEMBERS = 100, POSTS = 30 * SECONDS, RATE = 40, WANTED = 70;
const tools = process.env.BENCH_BIN ?? join(dirname(process.env.BARAZA_BIN), "tests");
const many = ["sh", "-c", 'ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"', "sh"];
const root = tempDir("/var/tmp"), dir = join(root, "hub"), TUS = { "tus-resumable": "1.0.0" };
const rss = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const values = (line) => Object.fromEntries(line.trim().split(/\s+/).map((pair) => pair.split("=")).map(([name, value]) => [name, Number(value)]));
const freePort = () => new Promise((done) => {
  const s = createServer().listen(0, "127.0.0.1", () => { const { port } = s.address(); s.close(() => done(port)); });
});

function ranges(port, path, token, mb, seconds, whenAll) {
  return new Promise((done, fail) => {
    const args = [...many.slice(1), join(tools, "bench_ranges"), port, path, token, FILE_BYTES, CONNECTIONS, PART_BYTES, seconds, mb].map(String);
    const child = spawn(many[0], args, { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (d) => { if (/^all/m.test(out) !== /^all/m.test(out += d)) whenAll?.(); });
    child.on("exit", (code) => code === 0 ? done(values(out.replace(/^all\n/, ""))) : fail(new Error(`bench_ranges: ${code}`)));
  });
}
const latency = (port, room, thread) => new Promise((done, fail) => {
  execFile(join(tools, "bench_load"), ["latency", port, join(root, "tokens"), room, thread, MEMBERS, POSTS, RATE].map(String), (error, out) => error ? fail(error) : done(values(out)));
});

async function nginx(path) {
  if (spawnSync("nginx", ["-v"]).error) return null;
  const port = await freePort(), conf = join(root, "nginx.conf");
  for (const folder of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) mkdirSync(join(root, folder));
  writeFileSync(conf, `daemon off; ${process.getuid() === 0 ? "user root;" : ""} worker_processes 1; worker_rlimit_nofile 65536; pid ${root}/nginx.pid; error_log ${root}/nginx.log warn;
    events { worker_connections 30000; }
    http { access_log off; sendfile on; tcp_nodelay on; keepalive_requests 100000000; default_type application/octet-stream;
      client_body_temp_path ${root}/body; proxy_temp_path ${root}/proxy; fastcgi_temp_path ${root}/fastcgi; uwsgi_temp_path ${root}/uwsgi; scgi_temp_path ${root}/scgi;
      server { listen 127.0.0.1:${port} backlog=4096; location = /file { alias ${path}; } } }`);
  const child = spawn(many[0], [...many.slice(1), "nginx", "-c", conf, "-e", join(root, "nginx.log"), "-p", root], { stdio: "inherit" });
  process.on("exit", () => child.kill("SIGTERM"));
  for (let i = 0; i < 100; i++) {
    if (await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false)) return { port, stop: () => { child.kill("SIGTERM"); return new Promise((done) => child.on("exit", done)); } };
    await new Promise((go) => setTimeout(go, 50));
  }
  throw new Error("nginx does not answer");
}

const bytes = randomBytes(FILE_BYTES);   // before there is a connection, which would time out meanwhile
const tokens = hub(dir, ["ana", "ben"], "africa");
writeFileSync(join(root, "tokens"), `${tokens.admin}\n${tokens.ana}\n${tokens.ben}\n`);
const daemon = await serve(dir, { prefix: many, env: { BARAZA_LIMITS_ENFORCE: "no", BARAZA_LOG_LEVEL: "error", BARAZA_FILES_FILE_MB: "200" } });
const { id: room, chat } = (await rpc(daemon, tokens.ana, "room.list", {})).rooms[0];
for (const who of ["admin", "ana", "ben"]) await rpc(daemon, tokens[who], "room.join", { room, cid: who });
const ask = (method, path, headers, body) => fetch(`${daemon.url}${path}`, { method, body, headers: { authorization: `Bearer ${tokens.ana}`, ...TUS, ...headers } });
const at = (await ask("POST", "/upload", { "upload-length": String(FILE_BYTES) })).headers.get("location");
// On a connection of its own: fetch copies what it sends, and what was idle meanwhile is closed.
await new Promise((done, fail) => {
  const req = http.request(`${daemon.url}${at}`, { method: "PATCH", agent: false, headers: { ...TUS, authorization: `Bearer ${tokens.ana}`,
    "content-type": "application/offset+octet-stream", "upload-offset": "0", "content-length": String(FILE_BYTES) } });
  req.on("response", (res) => res.statusCode === 204 ? done(res.resume()) : fail(new Error(`the file is not taken: ${res.statusCode}`)));
  req.on("error", fail);
  req.end(bytes);
});
const { id: post } = await rpc(daemon, tokens.ana, "post.create", { thread: chat, files: [{ upload: at.split("/").at(-1) }], cid: "file" });
const { hash } = (await rpc(daemon, tokens.ana, "post.list", { thread: chat })).posts.find((p) => p.id === post).files[0];
const other = await nginx(join(dir, "files", hash.slice(0, 2), hash));
const pid = daemon.child.pid, quietly = rss(pid), ratios = [], most = [];

console.log(`  ${CONNECTIONS} connections, parts of 1 MB of a file of 128 MB, ${SECONDS} s each`);
for (let round = 0; round < ROUNDS; round++) {
  let high = 0;
  const watch = setInterval(() => { high = Math.max(high, rss(pid)); }, 100);
  const ours = await ranges(daemon.port, `/file/${post}/0`, tokens.ben, 0, SECONDS);
  clearInterval(watch);
  const theirs = other && await ranges(other.port, "/file", "-", 0, SECONDS);
  most.push(high);
  if (theirs) ratios.push(100 * ours.mb_per_s / theirs.mb_per_s);
  console.log(`  baraza ${ours.mb_per_s} MB/s, ${ours.parts} parts, ${ours.without_a_byte} without a byte, ${ours.errors} errors, ${high.toFixed(1)} MiB${theirs ? ` · nginx ${theirs.mb_per_s} MB/s, ${theirs.parts} parts, ${theirs.without_a_byte} without a byte` : ""}`);
}
await new Promise((go) => setTimeout(go, 1000));
console.log(`ranges: ${ratios.length ? `${median(ratios).toFixed(0)} % of nginx; wanted: ${WANTED} %; ` : ""}memory ${quietly.toFixed(1)} MiB before, ${most.map((m) => m.toFixed(1)).join(", ")} during, ${rss(pid).toFixed(1)} after`);

const chatted = {};
chatted.quiet = await latency(daemon.port, room, chat);
for (const [name, port, path, token] of [["nginx", other?.port, "/file", "-"], ["baraza", daemon.port, `/file/${post}/0`, tokens.ben]]) {
  if (port === undefined) continue;
  let chatting;
  const load = await ranges(port, path, token, PACE_MB, CHAT_SECONDS, () => setTimeout(() => { chatting = latency(daemon.port, room, chat); }, 1000));
  chatted[name] = { ...await chatting, mb_per_s: load.mb_per_s };
}
console.log(`chat beside it, ${MEMBERS} members, ${RATE} posts/s: ${Object.entries(chatted).map(([name, c]) => `${name === "quiet" ? "nothing else" : `${c.mb_per_s} MB/s to ${CONNECTIONS} by ${name}`}: p50 ${c.p50_ms} ms, p99 ${c.p99_ms} ms`).join(" · ")}`);
await other?.stop();
await daemon.stop();
