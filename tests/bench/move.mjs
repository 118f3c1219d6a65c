// move.mjs: what moving a thread of 10,000 posts costs everybody else. 200 sockets of 20 people look on and ask again for what
// they hear was moved, as the client does, while another process asks for /healthz again and again, which the event loop answers
// by itself: the longest that such an answer took is the worst gap of the loop (and what the machine adds: the same is measured
// before with nothing to do). BARAZA_BIN names the daemon; POSTS and LINES choose another size.
import { fork } from "node:child_process";
import net from "node:net";
import { setPriority } from "node:os";
import { hub, rpc, serve, tempDir } from "../e2e/daemon.mjs";
import { Line } from "../e2e/line.mjs";

const POSTS = Number(process.env.POSTS ?? 10_000), LINES = Number(process.env.LINES ?? 200);
const WANTED_MS = 20, QUIET_MS = 3_000;
let retried = 0;

if (process.argv[2] === "probe") probe(Number(process.argv[3]));
else await measure();

// Tells, when asked to, the worst and the median round trip since it was asked last.
function probe(port) {
  const socket = net.connect(port, "127.0.0.1").setNoDelay(true);
  const ask = `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
  let sent = 0, took = [];
  const send = () => { sent = performance.now(); socket.write(ask); };
  socket.on("connect", send);
  socket.on("data", () => { took.push(performance.now() - sent); setTimeout(send, 1); });
  socket.on("close", () => process.exit(1));
  process.on("message", () => {
    took.sort((a, b) => a - b);
    process.send({ worst: took.at(-1), median: took[took.length >> 1], asked: took.length });
    took = [];
  });
  process.on("disconnect", () => process.exit());
}

async function fill(daemon, tokens, room) {
  let next = 0;
  const write = (method, params, who = "admin") => rpc(daemon, tokens[who], method, { ...params, cid: `b${next++}` });
  for (const who of Object.keys(tokens)) await write("room.join", { room }, who);
  const long = (await write("thread.create", { room, title: "Long", text: "The first word." })).id;
  const other = (await write("thread.create", { room, title: "Other", text: "Another word." })).id;
  for (let i = 1; i < POSTS; i += 50) {
    const batch = Array.from({ length: Math.min(50, POSTS - i) }, (_, k) => ({
      jsonrpc: "2.0", id: k, method: "post.create", params: { thread: long, text: `Word ${i + k}`, lang: "en", cid: `b${next++}` } }));
    await fetch(`${daemon.url}/rpc`, { method: "POST", body: JSON.stringify(batch),
      headers: { "content-type": "application/json", authorization: `Bearer ${tokens[`reader${i % 20}`]}` } }).then((a) => a.json());
  }
  for (const [i, who] of Object.keys(tokens).entries()) await rpc(daemon, tokens[who], "read.mark", { thread: long, seq: 4 + Math.floor(i * POSTS / 25) });
  return { long, other, write };
}

// What is not theirs to see is no failure, and what took too long is asked for again.
async function again(line, method, params) {
  for (;;) {
    const error = await line.request(method, params).then(() => null, (e) => e);
    if (error === null || error.data?.code === "not_found") return;
    if (!error.data?.retry_after_ms) throw error;
    retried++;
    await new Promise((done) => setTimeout(done, error.data.retry_after_ms));
  }
}

async function measure() {
  const dir = tempDir(), tokens = hub(dir, Array.from({ length: 20 }, (_, i) => `reader${i}`));
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no", BARAZA_LOG_LEVEL: "error" } });
  const list = await rpc(daemon, tokens.admin, "room.list", {});
  const room = list.rooms[0].id;
  const { long, other, write } = await fill(daemon, tokens, room);
  const closed = (await write("room.create", { region: list.regions[0].id, slug: "closed", name: "Closed", access: "private" })).id;
  const lines = Array.from({ length: LINES }, (_, i) => new Line(daemon.ws, tokens[`reader${i % 20}`]));
  for (const line of lines) await line.until(() => line.isReady, "hello");
  const prober = fork(new URL(import.meta.url).pathname, ["probe", daemon.port]);
  const probed = () => new Promise((done) => { prober.once("message", done); prober.send("tell"); });
  setPriority(10);   // the many clients of one process leave the daemon its core
  await new Promise((done) => setTimeout(done, 500));
  await probed();
  await new Promise((done) => setTimeout(done, QUIET_MS));
  const quiet = await probed();
  console.log(`quiet: answers take ${quiet.median.toFixed(2)} ms, at worst ${quiet.worst.toFixed(1)} ms (${quiet.asked} asked)`);

  let worst = 0;
  const act = async (what, method, params, kind) => {
    const from = lines.map((line) => line.entries.length);
    await probed();
    const began = performance.now(), { seq } = await write(method, params), took = performance.now() - began;
    await Promise.all(lines.map(async (line, i) => {
      await line.until(() => line.entries.slice(from[i]).some((e) => e.kind === kind), what);
      for (const thread of [long, other])
        for (const ask of ["thread.get", "post.list"]) await again(line, ask, { thread });
      await again(line, "room.list", {});
      await again(line, "catchup.list", {});
    }));
    const all = performance.now() - began, gap = await probed();
    worst = Math.max(worst, gap.worst);
    console.log(`  ${what}: committed in ${took.toFixed(0)} ms, ${LINES} sockets level after ${all.toFixed(0)} ms, worst gap ${gap.worst.toFixed(1)} ms (median ${gap.median.toFixed(2)})`);
    return seq;
  };
  for (let round = 0; round < 3; round++) {
    await act("moved to a private room", "thread.move", { thread: long, room: closed }, "thread.moved_out");
    await act("moved back", "thread.move", { thread: long, room }, "thread.moved_in");
    const seq = await act("merged", "thread.merge", { thread: long, into: other }, "posts.moved_in");
    await act("taken back", "thread.undo", { entry: seq }, "posts.moved_in");
  }
  console.log(`move: ${POSTS} posts, ${LINES} sockets: worst gap of the loop ${worst.toFixed(1)} ms; wanted: ${WANTED_MS}; ${retried} queries asked again`);
  prober.disconnect();
  for (const line of lines) line.close();
  await daemon.stop();
}
