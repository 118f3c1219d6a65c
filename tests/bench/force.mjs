// force.mjs: how soon what a moderator decides binds somebody who writes all the time, while others post 500 times a second from
// another process. Each line tells, over ROUNDS rounds, the median and the worst time from the moderator's request until a client
// heard of it and until nothing of that client was acknowledged any more. BARAZA_BIN names the daemon; RATE and ROUNDS choose others.
import { fork } from "node:child_process";
import { setPriority } from "node:os";
import { cli, hub, rpc, serve, tempDir } from "../e2e/daemon.mjs";
import { Line } from "../e2e/line.mjs";

const RATE = Number(process.env.RATE ?? 500), ROUNDS = Number(process.env.ROUNDS ?? 20);
const WRITERS = 20, TICK_MS = 10, SAY_MS = 5, WANTED_MS = 1_000, WANTED_REPORT_MS = 2_000, GIVE_UP_MS = 10_000;
const pause = (ms) => new Promise((go) => setTimeout(go, ms));
let next = 0;

// Posts at the rate whether or not the answers keep up; tells when asked how many were acknowledged since, and in how long.
async function load(url, thread, tokens) {
  const lines = tokens.map((token) => new Line(url, token));
  for (const line of lines) await line.until(() => line.isReady, "hello");
  let sent = 0, acked = 0, since = performance.now();
  const began = since;
  setInterval(() => {
    for (; sent < (performance.now() - began) * RATE / 1000; sent++)
      lines[sent % lines.length].write("post.create", { thread, text: `Word ${sent}` }).then(() => acked++, () => {});
  }, TICK_MS);
  process.on("message", () => {
    const now = performance.now();
    process.send({ acked, ms: now - since });
    [acked, since] = [0, now];
  });
  process.on("disconnect", () => process.exit());
  process.send("ready");
}

// Somebody who writes all the time, and how long it took until nothing more was acknowledged.
class Talker {
  constructor(daemon, token, thread) {
    this.line = new Line(daemon.ws, token);
    this.acked = 0;
    this.isOver = false;
    this.work = this.talk(thread);
  }
  async talk(thread) {
    await this.line.until(() => this.line.isReady, "hello");
    while (!this.isOver) {
      await this.line.request("post.create", { thread, text: "More words.", cid: `talk${next++}` }).then(
        () => { this.acked = performance.now(); }, (e) => { if (e.data) this.refused = performance.now(); });
      await pause(SAY_MS);
    }
  }
  async end() { this.isOver = true; this.line.close(); await this.work; }
}

const told = (times) => {
  times.sort((a, b) => a - b);
  return `median ${times[times.length >> 1].toFixed(1)} ms, worst ${times.at(-1).toFixed(1)} ms`;
};

async function measure() {
  const dir = tempDir();
  const writers = Array.from({ length: WRITERS }, (_, i) => `writer${i}`), talkers = Array.from({ length: ROUNDS }, (_, i) => `talker${i}`);
  const tokens = hub(dir, [...writers, ...talkers]);
  cli("member", "add", "--data", dir, "modo", "--name", "Moderator", "--role", "moderator");
  const modo = cli("token", "--data", dir, "modo");
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no", BARAZA_LOG_LEVEL: "error" } });
  const people = Object.fromEntries((await rpc(daemon, tokens.admin, "member.list", {})).members.map((m) => [m.handle, m.id]));
  const region = (await rpc(daemon, modo, "room.list", {})).regions[0].id;
  const write = (method, params, token = modo) => rpc(daemon, token, method, { ...params, cid: `b${next++}` });
  const busy = await write("room.create", { region, slug: "busy", name: "Busy" });
  const room = await write("room.create", { region, slug: "held", name: "Held" });
  const thread = (await write("thread.create", { room: room.id, title: "Talk", text: "Words." })).id;
  for (const who of Object.keys(tokens)) await write("room.join", { room: who.startsWith("writer") ? busy.id : room.id }, tokens[who]);
  const other = new Line(daemon.ws, tokens.admin), mine = new Line(daemon.ws, modo);
  for (const line of [other, mine]) await line.until(() => line.isReady, "hello");
  const loader = fork(new URL(import.meta.url).pathname, ["load", daemon.ws, busy.chat, ...writers.map((w) => tokens[w])]);
  const loaded = () => new Promise((done) => { loader.once("message", done); loader.send("tell"); });
  await new Promise((done) => loader.once("message", done));
  setPriority(-5);   // what is measured is the daemon, not how long this process waits for a core
  await pause(1_000);
  await loaded();

  let worst = 0;
  const measured = { heard: [], bound: [] };
  const note = (name, ms) => { measured[name].push(ms); worst = Math.max(worst, ms); };
  const round = async (who, method, params, lift) => {
    const talker = new Talker(daemon, tokens[who], thread);
    await talker.line.until(() => talker.acked > 0, "a first post");
    const began = performance.now();
    const ack = write(method, params);
    const heard = ack.then(({ seq }) => other.until(() => other.entries.some((e) => e.seq === seq), "the act")).then(() => performance.now());
    note("heard", (await heard) - began);
    while (method !== "member.sanction" && !(talker.refused > began)) {
      if (performance.now() - began > GIVE_UP_MS) throw new Error(`${method}: posts are acknowledged after ${GIVE_UP_MS} ms`);
      await pause(1);
    }
    if (method === "member.sanction") await talker.line.until(() => !talker.line.isReady, "its socket to close");
    const last = talker.acked;
    await pause(200);
    if (talker.acked !== last) throw new Error(`${method}: a post was acknowledged ${(talker.acked - last).toFixed(0)} ms after it was in force`);
    note("bound", Math.max(0, last - began));
    await talker.end();
    if (lift) await write(...lift);
    other.entries.length = 0;
  };
  const say = async (what, method, params, lift) => {
    measured.heard = [];
    measured.bound = [];
    for (const who of talkers) await round(who, method, params(who), lift);
    console.log(`  ${what}: heard of: ${told(measured.heard)}; the last post acknowledged: ${told(measured.bound)}`);
  };
  await say("slow mode", "room.set", () => ({ room: room.id, slow_s: 3600 }), ["room.set", { room: room.id, slow_s: 0 }]);
  await say("lock", "thread.lock", () => ({ thread, locked: true }), ["thread.lock", { thread, locked: false }]);
  await say("ban, its socket closed", "member.sanction", (who) => ({ member: people[who], act: "ban", rule: "spam", reason: "A bench" }));
  const seen = [], post = (await write("post.create", { thread, text: "Reported." }, tokens.admin)).id;
  for (const who of writers.slice(0, Math.min(ROUNDS, WRITERS))) {
    const began = performance.now(), { seq } = await write("report.create", { post, rule: "spam" }, tokens[who]);
    await mine.until(() => mine.entries.some((e) => e.seq >= seq), "the report");
    if (!(await rpc(daemon, modo, "queue.list", {})).matters.some((m) => m.post?.id === post || m.post === post)) throw new Error("it is not in the queue");
    seen.push(performance.now() - began);
  }
  console.log(`  a report is in the queue of another client: ${told(seen)}; wanted: ${WANTED_REPORT_MS}`);
  const { acked, ms } = await loaded();
  console.log(`force: beside ${(acked * 1000 / ms).toFixed(0)} posts/s, in force after ${worst.toFixed(0)} ms at worst; wanted: ${WANTED_MS}`);
  loader.disconnect();
  for (const line of [other, mine]) line.close();
  await daemon.stop();
}

if (process.argv[2] === "load") await load(process.argv[3], process.argv[4], process.argv.slice(5));
else await measure();
