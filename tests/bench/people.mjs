// people.mjs: how long the directory, its counts and peer.find take: 3,600 members with profiles of whom half can be asked, in 30
// rooms of three regions, and 100,000 posts in threads with titles of few words, asked by somebody who shares rooms with most of
// them. Beside it, on the same connection, an answer that needs no database. BARAZA_BIN names the daemon; MEMBERS, POSTS and
// QUERIES choose another size. Profiles are written past the daemon, as they have no entries: sqlite3 is needed.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { hub, rpc, serve, tempDir } from "../e2e/daemon.mjs";

const MEMBERS = Number(process.env.MEMBERS || 3_600), POSTS = Number(process.env.POSTS || 100_000), QUERIES = Number(process.env.QUERIES || 400);
const WANTED_MS = 50, ROOMS = 30, PER_THREAD = 20;
let seed = 42;
const random = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor((seed / 2147483648) * n); };
const any = (list) => list[random(list.length)];
const LANGS = ["en", "fr", "es", "pt", "sw", "ar", "hi"], CITIES = Array.from({ length: 70 }, (_, i) => `City ${i}`);
const WORDS = "minibus reform drivers fares survey tramway corridor station parking bicycle permit contract subsidy data sensor depot charger helmet school crossing".split(" ");
const title = () => `${any(WORDS)} ${any(WORDS)} ${any(WORDS)} in ${any(CITIES)}`;

const dir = tempDir(), tokens = hub(dir, ["reader"]);
let daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } }), cid = 0;
const write = (method, params) => rpc(daemon, tokens.admin, method, { ...params, cid: `b${cid++}` });
const batch = async (calls) => {
  for (let at = 0; at < calls.length; at += 50) {
    const part = calls.slice(at, at + 50).map(([method, params], id) => ({ jsonrpc: "2.0", id, method, params: { ...params, cid: `b${cid++}` } }));
    const answers = await fetch(`${daemon.url}/rpc`, { method: "POST", body: JSON.stringify(part),
      headers: { "content-type": "application/json", authorization: `Bearer ${tokens.admin}` } }).then((a) => a.json());
    const failed = answers.find((a) => a.error);
    if (failed) throw new Error(failed.error.message);
    for (const a of answers) results.push(a.result);
  }
};
let results = [];
const themes = (await rpc(daemon, tokens.reader, "theme.list", {})).themes.map((t) => t.slug);
const regions = [], rooms = [];
for (const slug of ["africa", "asia", "latin"]) regions.push((await write("region.create", { slug, name: slug })).id);
for (let i = 0; i < ROOMS; i++)
  rooms.push((await write("room.create", { region: regions[i % 3], slug: `r${i}`, name: `Room ${any(WORDS)} ${i}`, access: i % 10 === 9 ? "members" : "open" })).id);
await batch(Array.from({ length: MEMBERS }, (_, i) => ["member.add", { handle: `m${i}`, name: `${any(WORDS)} Person ${i}`, city: any(CITIES), country: "SN", region: any(regions), lang: any(LANGS) }]));
const members = results.map((r) => r.id);
results = [];
const where = Array.from({ length: Math.ceil(POSTS / PER_THREAD) }, () => random(ROOMS));
await batch(where.map((room) => ["thread.create", { room: rooms[room], kind: any(["question", "discussion"]), title: title(), text: "?", lang: "en" }]));
const threads = results.map((r) => r.id), readable = threads.filter((_, i) => where[i] % 10 !== 9);
await batch(threads.flatMap((thread) => Array.from({ length: PER_THREAD - 1 }, () => ["post.create", { thread, text: `${any(WORDS)} ${any(WORDS)}`, lang: "en" }])));
await daemon.stop();

/* Whose posts they are, who is part of which room, and what they say of themselves. */
const n = (id) => Number(id.split("-")[1]);
const sql = ["PRAGMA journal_mode = WAL; BEGIN;"];
const ids = members.map(n);
sql.push(`UPDATE post SET by = (SELECT ${ids[0]} + abs(random()) % ${MEMBERS});`);
for (const id of ids) {
  for (let i = 0; i < 5; i++) sql.push(`INSERT OR IGNORE INTO membership(room, member, how, since) VALUES(${n(any(rooms))}, ${id}, 1, 1);`);
  sql.push(`INSERT INTO profile VALUES(${id}, 1, ${random(2)});`);
  const list = (field, values) => {
    sql.push(`INSERT INTO profile_field VALUES(${id}, ${field}, ${random(4)}, '${JSON.stringify(values)}', NULL);`);
    for (const v of values) sql.push(`INSERT OR IGNORE INTO profile_key VALUES(${id}, ${field}, '${v}');`);
  };
  const text = (field) => {
    const words = Array.from({ length: 40 }, () => any(WORDS)).join(" ");
    sql.push(`INSERT INTO profile_field VALUES(${id}, ${field}, ${random(4)}, '${words}', ' ${words}');`);
  };
  list(2, [any(LANGS), "en"]);
  list(3, [any(themes), any(themes)]);
  list(5, [any(themes)]);
  for (const field of [1, 4, 6, 7]) text(field);
  sql.push(`INSERT INTO profile_field VALUES(${id}, 8, 3, 'large', NULL); INSERT INTO profile_key VALUES(${id}, 8, 'large');`);
}
const me = execFileSync("sqlite3", [join(dir, "baraza.db"), "SELECT id FROM member WHERE handle = 'reader'"], { encoding: "utf8" }).trim();
for (const room of rooms.slice(0, 12)) sql.push(`INSERT OR IGNORE INTO membership(room, member, how, since) VALUES(${n(room)}, ${me}, 1, 1);`);
sql.push(`UPDATE member SET region = ${n(regions[0])} WHERE id = ${me}; COMMIT; PRAGMA wal_checkpoint(TRUNCATE);`);
execFileSync("sqlite3", [join(dir, "baraza.db")], { input: sql.join("\n"), maxBuffer: 1 << 28 });

daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const ask = (path) => new Promise((done, fail) => {
  const from = performance.now();
  get(`${daemon.url}${path}`, { agent, headers: { authorization: `Bearer ${tokens.reader}` } }, (answer) => {
    let text = "";
    answer.on("data", (part) => { text += part; });
    answer.on("end", () => done({ took: performance.now() - from, text }));
  }).on("error", fail);
});
const call = async (method, params) => {
  const { took, text } = await ask(`/rpc/${method}?${new URLSearchParams(params)}`);
  const { result, error } = JSON.parse(text);
  if (error) throw new Error(`${method}: ${error.message}`);
  return { took, result };
};
const figures = (all) => {
  all.sort((a, b) => a - b);
  const at = (p) => all[Math.min(all.length - 1, Math.floor(all.length * p))].toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${all.at(-1).toFixed(1)} ms`;
};
/* Of the daemon's threads together, in milliseconds: what else runs on the machine does not count. */
const cpu = () => {
  const [utime, stime] = readFileSync(`/proc/${daemon.child.pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13).map(Number);
  return (utime + stime) * 10;
};
const some = { region: () => any(regions), city: () => any(CITIES), lang: () => any(LANGS), theme: () => any(themes), can: () => any(WORDS), text: () => any(WORDS) };
let found = 0;
const kinds = {
  "peer.find by a question": async () => {
    const { took, result } = await call("peer.find", { thread: any(readable) });
    found += result.people.length;
    return took;
  },
  "peer.find by words and theme": async (i) =>
    (await call("peer.find", { text: `${any(WORDS)} ${any(WORDS)}`, theme: any(themes), ...(i % 3 ? {} : { city: any(CITIES) }) })).took,
  "member.find": async () => (await call("member.find", Object.fromEntries(Object.keys(some).filter(() => random(3) === 0).map((k) => [k, some[k]()])))).took,
  "member.facets": async () => (await call("member.facets", {})).took,
  "profile.get": async () => (await call("profile.get", { member: any(members) })).took,
  "(no database)": async () => (await ask("/healthz")).took,
};
const lines = [];
for (const [what, one] of Object.entries(kinds)) {
  const took = [], before = cpu();
  for (let i = 0; i < QUERIES; i++) took.push(await one(i));
  lines.push(`people: ${what}: ${((cpu() - before) / QUERIES).toFixed(1)} ms of the processor each; by the clock ${figures(took)}`);
}
agent.destroy();
await daemon.stop();
for (const line of lines) console.log(line);
console.log(`people: ${MEMBERS} members, ${POSTS} posts, ${(found / QUERIES).toFixed(1)} people proposed for a question; wanted: peer.find within ${WANTED_MS} ms`);
