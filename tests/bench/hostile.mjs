// hostile.mjs: the files of tests/e2e/corpus.mjs are sent, looked into and shared, one behind the other, while a client says something
// 20 times a second and hears its own words: how long that takes beside nothing, beside as many harmless files of the same lengths, and
// beside the hostile ones; and how long the daemon takes to answer /healthz, which its loop does by itself, asked 100 times a second.
// On a busy machine both wait for a core most of the time: what the system counted as such is taken off in the figures called own.
// BARAZA_BIN names the daemon. FILES: about how many, each nth of all, the largest left out; all if not said.
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import { setPriority } from "node:os";
import { corpus } from "../e2e/corpus.mjs";
import { hub, rpc, serve, tempDir } from "../e2e/daemon.mjs";
import { Line } from "../e2e/line.mjs";

const FILES = Number(process.env.FILES || Infinity), SENDERS = 2, SMALL_BYTES = 4_000_000, SAY_MS = 50, LOOK_MS = 10, WANTED_MS = 20;
const waited = (pid) => Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e6;   // for a core
const pause = (ms) => new Promise((go) => setTimeout(go, ms));
const told = (list) => {
  const times = [...list].sort((a, b) => a - b), at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(1);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, worst ${at(1)} ms`;
};

// In a process of its own: sends what it is told to, shares what may be, and says how many were refused.
async function sender(url, token, thread, kind) {
  const daemon = { url }, all = corpus(), step = Math.max(1, Math.floor(all.length / FILES));
  const files = all.filter((f, i) => i % step === 0 && (step === 1 || f.bytes.length < SMALL_BYTES)).map((f) => (kind === "hostile" ? f.bytes : randomBytes(f.bytes.length)));
  const ask = (method, path, headers = {}, body = Buffer.alloc(0)) => new Promise((done, fail) => {   // each on a connection of its own
    const req = http.request(url + path, { method, agent: false, headers: { authorization: `Bearer ${token}`, "tus-resumable": "1.0.0", "content-length": body.length, ...headers } });
    req.on("response", (res) => { res.resume(); res.on("end", () => done({ status: res.statusCode, headers: res.headers })); });
    req.on("error", fail);
    req.end(body);
  });
  await new Promise((go) => { process.once("message", go); process.send("ready"); });
  let next = 0, shared = 0, inline = 0;
  await Promise.all(Array.from({ length: SENDERS }, async () => {
    while (next < files.length) {
      const bytes = files[next++];
      if (bytes.length === 0) continue;
      const at = (await ask("POST", "/upload", { "upload-length": String(bytes.length) })).headers.location;
      const sent = await ask("PATCH", at, { "content-type": "application/offset+octet-stream", "upload-offset": "0" }, bytes);
      if (sent.status !== 204) throw new Error(`not taken: ${sent.status}`);
      const { id } = await rpc(daemon, token, "post.create", { thread, files: [{ upload: at.split("/").at(-1) }], cid: `${kind}${next}-${shared++}` });
      const got = await ask("GET", `/file/${id}/0?view`);
      const how = got.headers["content-disposition"];
      if (!/^(inline|attachment);/.test(how) || got.headers["x-content-type-options"] !== "nosniff" || !/^sandbox/.test(got.headers["content-security-policy"])
        || /html|svg|[/+]xml|script/.test(got.headers["content-type"])) throw new Error(`served as ${got.headers["content-type"]}, ${how}`);
      inline += how.startsWith("inline");
    }
  }));
  process.send({ shared, inline }, () => process.exit());
}

async function measure() {
  const dir = tempDir("/var/tmp"), tokens = hub(dir, ["ana", "ben"]);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no", BARAZA_LOG_LEVEL: "error" } });
  const { id: room, chat } = (await rpc(daemon, tokens.ana, "room.list", {})).rooms[0];
  for (const who of ["ana", "ben"]) await rpc(daemon, tokens[who], "room.join", { room, cid: who });
  const apart = await rpc(daemon, tokens.ana, "thread.create", { room, title: "Files", text: "They come here.", cid: "apart" });
  const line = new Line(daemon.ws, tokens.ben);
  await line.until(() => line.isReady, "hello");
  setPriority(-5);   // what is measured is the daemon, not how long this process waits for a core
  const beside = async (kind, work) => {
    const said = [], looked = [], own = [], waiting = () => waited(daemon.child.pid) + waited(process.pid);
    let isOver = false, n = 0;
    const talk = (async () => {
      while (!isOver) {
        const began = performance.now(), text = `${kind} ${n++}`;
        await line.request("post.create", { thread: chat, text, cid: `${kind}-${n}` });
        await line.until(() => line.entries.some((e) => e.text === text), "my own words");
        said.push(performance.now() - began);
        line.entries.length = 0;
        await pause(SAY_MS);
      }
    })();
    const look = (async () => {
      while (!isOver) {
        const before = waiting(), began = performance.now();
        await (await fetch(`${daemon.url}/healthz`)).arrayBuffer();
        looked.push(performance.now() - began);
        own.push(Math.max(0, looked.at(-1) - (waiting() - before)));
        await pause(LOOK_MS);
      }
    })();
    const began = performance.now(), result = await work();
    isOver = true;
    await Promise.all([talk, look]);
    console.log(`  ${kind}: ${result}${((performance.now() - began) / 1000).toFixed(1)} s; said and heard: ${told(said)}; an answer of the loop: ${told(looked)}; own: ${told(own)}`);
    return own;
  };
  const sending = async (kind) => {   // the files are made before anything is measured
    const child = fork(new URL(import.meta.url).pathname, ["send", daemon.url, tokens.ana, apart.id, kind]);
    const heard = () => new Promise((done, fail) => {
      child.once("message", done);
      child.once("exit", (code) => fail(new Error(`the sender ended with ${code}`)));
    });
    await heard();
    return beside(kind, async () => {
      child.send("go");
      const { shared, inline } = await heard();
      return `${shared} files, ${inline} of them pictures, `;
    });
  };
  await beside("nothing", async () => { await pause(4000); return ""; });
  await sending("harmless");
  const own = (await sending("hostile")).sort((a, b) => a - b);
  console.log(`hostile files: the loop's own p99 ${own[Math.floor(own.length * 0.99)].toFixed(1)} ms meanwhile; wanted: ${WANTED_MS} ms`);
  line.close();
  if (await daemon.stop() !== 0) throw new Error(`the daemon left badly: ${daemon.log}`);
}

if (process.argv[2] === "send") await sender(...process.argv.slice(3));
else await measure().then(() => process.exit(0));
