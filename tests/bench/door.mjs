/* Whether the time of an answer tells who has an account here: each way in, asked for somebody who is there and for somebody who is
 * not, one right behind the other, in random order; the medians of both, and how far the two distributions are apart (Kolmogorov and
 * Smirnov). And what a thousand sign-ins at once do to those who talk. PAIRS=10000 node tests/bench/door.mjs */
import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import WebSocket from "ws";
import { cli, hub, serve, tempDir } from "../e2e/daemon.mjs";

const PAIRS = Number(process.env.PAIRS ?? 10_000);
const FLOOD = Number(process.env.FLOOD ?? 1_000);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function post(daemon, body, using = agent) {
  return new Promise((go, fail) => {
    const began = performance.now();
    const r = request({ host: "127.0.0.1", port: daemon.port, path: "/rpc", method: "POST", agent: using,
                        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) } }, (answer) => {
      let text = "";
      answer.on("data", (d) => { text += d; });
      answer.on("end", () => go({ ms: performance.now() - began, status: answer.statusCode, text }));
    });
    r.on("error", fail);
    r.end(body);
  });
}
const call = (method, params) => JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
const sorted = (list) => Float64Array.from(list).sort();
const at = (list, p) => list[Math.min(list.length - 1, Math.floor(list.length * p))];

/* The largest distance of two samples, and how likely one as large is by chance. */
function smirnov(a, b) {
  let i = 0, k = 0, d = 0;
  while (i < a.length && k < b.length) {
    if (a[i] <= b[k]) i++; else k++;
    d = Math.max(d, Math.abs(i / a.length - k / b.length));
  }
  const n = Math.sqrt((a.length * b.length) / (a.length + b.length)), l = (n + 0.12 + 0.11 / n) * d;
  let p = 0;
  for (let j = 1; j < 101; j++) p += 2 * (-1) ** (j - 1) * Math.exp(-2 * l * l * j * j);
  return { d, p: Math.max(0, Math.min(1, p)) };
}

/* In a thread of its own, so that it is the hub that is measured, and not this process. */
async function flood() {
  const { port, method, bodies } = workerData;
  const many = new Agent({ keepAlive: true, maxSockets: bodies.length });
  const began = performance.now();
  const answers = await Promise.all(bodies.map((body) => post({ port }, body, many).catch((e) => ({ status: 0, text: String(e.code) }))));
  const statuses = {};
  for (const a of answers) {
    const s = `${a.status} ${/"code":"(\w+)"/.exec(a.text)?.[1] ?? (a.status ? "" : a.text)}`;
    statuses[s] = (statuses[s] ?? 0) + 1;
  }
  parentPort.postMessage({ method, took: performance.now() - began, statuses });
}

async function compare(name, pairs, daemon, one, other) {
  const times = [[], []], says = [new Set(), new Set()];
  for (let i = 0; i < 50; i++) { await post(daemon, one(i)); await post(daemon, other(i)); }
  for (let i = 0; i < pairs; i++) {
    const order = randomBytes(1)[0] & 1;
    for (const which of order ? [1, 0] : [0, 1]) {
      const answer = await post(daemon, which === 0 ? one(i) : other(i));
      times[which].push(answer.ms);
      says[which].add(`${answer.status} ${answer.text.replace(/"ticket":"[^"]+"/, "")}`.slice(0, 200));
    }
  }
  const [a, b] = times.map(sorted), { d, p } = smirnov(a, b);
  const same = [...says[0]].join() === [...says[1]].join();
  console.log(`${name}: ${pairs} pairs; median ${at(a, 0.5).toFixed(3)} and ${at(b, 0.5).toFixed(3)} ms, apart ${Math.abs(at(a, 0.5) - at(b, 0.5)).toFixed(3)};` +
    ` p99 ${at(a, 0.99).toFixed(2)} and ${at(b, 0.99).toFixed(2)}; KS ${d.toFixed(4)}, p ${p.toFixed(3)}; answers ${same ? "alike" : "DIFFER"}`);
}

if (!isMainThread) {
  await flood();
  process.exit(0);
}
const dir = tempDir();
const tokens = hub(dir, ["ana", "ben", "cy"]);
for (let i = 0; i < 20; i++) cli("member", "add", "--data", dir, `p${i}`, "--name", `Person ${i}`, "--email", `p${i}@ville.example`);
const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no", BARAZA_LIMITS_CONNECTIONS_ADDRESS: "3000" } });
try {
  const bearer = async (token, method, params) => (await (await fetch(`${daemon.url}/rpc`, { method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` }, body: call(method, params) })).json());
  const members = (await bearer(tokens.admin, "member.list", {})).result.members;
  for (const handle of ["p18", "p19"])
    await bearer(tokens.admin, "member.sanction", { member: members.find((m) => m.handle === handle).id, act: "ban", rule: "spam", cid: handle });
  await bearer(tokens.admin, "invite.create", { email: "invited@ville.example" });
  const known = (i) => `p${i % 18}@ville.example`, unknown = (i) => `q${i % 18}@ville.example`;
  const share = Math.max(100, Math.floor(PAIRS / 4));
  await compare("session.code, known and unknown", PAIRS, daemon, (i) => call("session.code", { email: known(i) }), (i) => call("session.code", { email: unknown(i) }));
  await compare("session.code, banned and unknown", share, daemon, (i) => call("session.code", { email: `p${18 + (i % 2)}@ville.example` }), (i) => call("session.code", { email: unknown(i) }));
  await compare("session.code, invited and unknown", share, daemon, (i) => call("session.code", { email: "invited@ville.example" }), (i) => call("session.code", { email: unknown(i) }));
  const tickets = [[], []];
  for (let i = 0; i < 400; i++) for (const k of [0, 1])
    tickets[k].push(JSON.parse((await post(daemon, call("session.code", { email: (k ? unknown : known)(i) }))).text).result.ticket);
  await compare("session.enter, wrong code, known and unknown", 1600, daemon,
    (i) => call("session.enter", { ticket: tickets[0][i % 400], code: "000000" }), (i) => call("session.enter", { ticket: tickets[1][i % 400], code: "000000" }));
  await compare("invite.look, used up and unknown", share, daemon,
    (i) => call("invite.look", { code: randomBytes(32).toString("base64url") }), (i) => call("invite.look", { code: randomBytes(32).toString("base64url") }));
  const withPassword = await post(daemon, call("password.enter", { email: known(0), password: "not the right one at all" }));
  if (!/unknown_method/.test(withPassword.text))
    await compare("password.enter, known and unknown", Math.min(600, share), daemon,
      (i) => call("password.enter", { email: known(i), password: "not the right one at all" }), (i) => call("password.enter", { email: unknown(i), password: "not the right one at all" }));

  /* A thousand at once: ten talk meanwhile. */
  const { result: { rooms } } = await bearer(tokens.ana, "room.list", {});
  const sockets = [];
  for (const token of [tokens.ana, tokens.ben, tokens.cy]) {
    const ws = new WebSocket(daemon.ws, "baraza.v1", { headers: { authorization: `Bearer ${token}` } });
    await new Promise((go) => ws.once("open", go));
    ws.send(call("session.hello", {}));
    await new Promise((go) => ws.once("message", go));
    sockets.push(ws);
  }
  const latency = [];
  let stop = false;
  const waiting = new Map();
  sockets[1].on("message", (data) => {
    for (const m of JSON.stringify(JSON.parse(data)).matchAll(/flood (\d+)/g)) {
      const began = waiting.get(m[1]);
      if (began !== undefined) { latency.push(performance.now() - began); waiting.delete(m[1]); }
    }
  });
  const talk = (async () => {
    for (let n = 0; !stop; n++) {
      waiting.set(String(n), performance.now());
      sockets[0].send(call("post.create", { thread: rooms[0].chat, text: `flood ${n}`, cid: `f${n}` }));
      await new Promise((go) => setTimeout(go, 20));
    }
  })();
  await new Promise((go) => setTimeout(go, 3000));
  const quiet = sorted(latency.splice(0));
  const method = /unknown_method/.test(withPassword.text) ? "session.code" : "password.enter";
  const bodies = Array.from({ length: FLOOD }, (_, i) =>
    call(method, method === "session.code" ? { email: known(i) } : { email: known(i), password: "not the right one at all" }));
  const worker = new Worker(new URL(import.meta.url), { workerData: { port: daemon.port, method, bodies } });
  const { took, statuses } = await new Promise((go, fail) => { worker.once("message", go); worker.once("error", fail); });
  const loud = sorted(latency.splice(0));
  await new Promise((go) => setTimeout(go, 1000));
  stop = true;
  await talk;
  console.log(`${FLOOD} times ${method} at once, answered in ${took.toFixed(0)} ms: ${JSON.stringify(statuses)}`);
  console.log(`post to delivered meanwhile: p50 ${at(loud, 0.5)?.toFixed(1)}, p99 ${at(loud, 0.99)?.toFixed(1)} ms (before: ${at(quiet, 0.5)?.toFixed(1)} and ${at(quiet, 0.99)?.toFixed(1)}), of ${loud.length}`);
  for (const ws of sockets) ws.terminate();
} finally {
  agent.destroy();
  await daemon.stop();
}
