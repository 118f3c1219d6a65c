// Tokens for programs: they are told once and kept as a hash, reach what their scopes say and nothing of the account, end when they are
// taken back, run out or their owner loses a right; and one that is bound to rooms learns nothing of any other, at no door.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";
import { cli, hub, person, rpc, serve, tempDir } from "./daemon.mjs";
import { carriers } from "./line.mjs";

const SECRET = "zqxcanary"; // stands in every word outside of the bound room: names, titles, posts, files, people, reasons
const NEVER = 9_000_000;
const methods = JSON.parse(readFileSync(new URL("../../proto/openrpc.json", import.meta.url))).methods;
const ALL = ["read", "post", "moderate"];
const TUS = { "tus-resumable": "1.0.0" };
let dir, daemon, tokens, region, near, far, people, mine, next = 0;
const told = []; // every token that was told

const cid = () => `c${next++}`;
const write = (who, method, params) => rpc(daemon, tokens[who] ?? who, method, { ...params, cid: cid() });
const fails = async (call) => { try { await call; } catch (e) { return e.data.code; } return "nothing"; };
const create = async (who, params) => {
  const made = await rpc(daemon, who, "token.create", { name: "A program", days: 30, ...params });
  told.push(made.token);
  return made;
};
async function upload(token, name, text) {
  const headers = { ...TUS, authorization: `Bearer ${token}` }, bytes = Buffer.from(text);
  const made = await fetch(`${daemon.url}/upload`, { method: "POST", headers: { ...headers, "upload-length": String(bytes.length),
    "upload-metadata": `filename ${Buffer.from(name).toString("base64")}` } });
  if (made.status !== 201) return { status: made.status };
  await fetch(`${daemon.url}${made.headers.get("location")}`, { method: "PATCH", body: bytes,
    headers: { ...headers, "content-type": "application/offset+octet-stream", "upload-offset": "0" } });
  return { upload: made.headers.get("location").split("/").at(-1) };
}
async function raw(token, method, params) {
  const answer = await fetch(`${daemon.url}/rpc`, { method: "POST", body: JSON.stringify({ jsonrpc: "2.0", id: 7, method, params }),
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` } });
  return `${answer.status} ${await answer.text()}`;
}

// A room with a thread, posts, a resource with a file, a report and an archived thread.
async function furnish(room, word) {
  const first = await write("ana", "thread.create", { room: room.id, title: `${word} title`, kind: "question", text: `${word} text`, fields: {} });
  const post = (await write("ben", "post.create", { thread: first.id, text: `${word} again https://${word}.example/`, reply_to: first.post })).id;
  const plan = await write("ana", "thread.create", { room: room.id, title: `${word} plan`, kind: "resource", text: word,
    fields: { year: 2024, city: word }, files: [await upload(tokens.ana, `${word}.txt`, `${word}inside`)] });
  await write("admin", "thread.feature", { thread: first.id, featured: true });
  const report = await write("ana", "report.create", { post, reason: `${word} reason` });
  return { ...room, thread: first.id, post, plan: plan.id, file: plan.post, matter: report.id };
}

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben"]);
  cli("member", "add", "--data", dir, "far", "--name", `${SECRET} Far`);
  tokens.far = cli("token", "--data", dir, "far");
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  const list = await rpc(daemon, tokens.admin, "room.list", {});
  people = Object.fromEntries((await rpc(daemon, tokens.admin, "member.list", {})).members.map((m) => [m.handle, m.id]));
  region = (await write("admin", "region.create", { slug: "far", name: `${SECRET} region` })).id;
  const made = await write("admin", "room.create", { region, slug: "far", name: `${SECRET} room`, about: SECRET });
  for (const who of ["ana", "ben", "admin"]) for (const room of [list.rooms[0].id, made.id]) await write(who, "room.join", { room });
  await write("far", "room.join", { room: made.id });
  near = await furnish({ id: list.rooms[0].id, chat: list.rooms[0].chat }, "wombat");
  far = await furnish({ id: made.id, chat: made.chat }, SECRET);
  await write("far", "post.create", { thread: far.chat, text: `${SECRET} @ana` });
  await write("admin", "member.role", { member: people.ana, role: "moderator" });
  await write("far", "direct.open", { member: people.ana, text: `${SECRET} direct` }).catch(() => {});
  await write("admin", "post.hide", { post: far.file, rule: "spam" }).then(() => write("admin", "post.restore", { post: far.file, rule: "kept" }));
  mine = await person(daemon, dir, "ana");
});
afterEach(async () => {
  for (const { id, whole } of (await rpc(daemon, mine, "token.list", {})).tokens) if (!whole) await rpc(daemon, mine, "token.drop", { id });
});
after(() => daemon?.stop());

const NEEDS = {
  nobody: methods.filter((m) => m["x-public"]).map((m) => m.name),
  moderate: ["collection.create", "collection.put", "collection.set", "desk.numbers", "member.add", "member.pardon", "member.role",
    "member.sanction", "org.create", "post.hide", "post.lock", "post.move", "post.restore", "queue.list", "region.create", "report.claim",
    "report.decide", "room.create", "room.invite", "room.set", "room.words", "sanction.list", "theme.set", "thread.archive",
    "thread.feature", "thread.lock", "thread.merge", "thread.move", "thread.pin", "thread.undo"],
  post: ["direct.open", "post.create", "post.edit", "post.react", "post.redact", "read.mark", "read.room", "report.create",
    "resource.promote", "room.join", "room.leave", "thread.answer", "thread.close", "thread.create", "thread.fields", "thread.follow",
    "thread.kind", "thread.rename"],
  read: ["catchup.list", "collection.list", "direct.list", "link.posts", "log.list", "member.facets", "member.find", "member.list",
    "org.get", "org.list", "peer.find", "post.history", "post.list", "post.preview", "profile.get", "resource.facets", "resource.get",
    "resource.list", "room.list", "search.query", "session.poll", "theme.list", "thread.get", "thread.list", "thread.similar",
    "thread.unanswered"],
};

test("each scope reaches its methods and no other, and none the account", async () => {
  for (const scopes of [["read"], ["post"], ["moderate"], ALL]) {
    const { token } = await create(mine, { scopes });
    for (const m of methods) {
      if (m["x-socket"] || NEEDS.nobody.includes(m.name)) continue;
      const needs = ALL.find((s) => NEEDS[s].includes(m.name)), answer = await raw(token, m.name, { nonsense: 1 });
      const is_in = scopes.includes(needs);
      assert.equal(/"message":"[\w.]+(: this token has not| is for who signed in).*"code":"forbidden"/.test(answer), !is_in, `${m.name} with ${scopes}: ${answer}`);
      if (!is_in && needs) assert.ok(answer.includes(`the scope ${needs}`), answer);
      if (!needs) assert.ok(answer.includes("in person"), answer);
    }
  }
  const whole = await create(mine, { scopes: ALL });   // nor does a sign-in that is for whoever is there already
  for (const method of ["oidc.begin", "oidc.finish"]) assert.match(await raw(whole.token, method, {}), /in person/);
  const socket = await create(mine, { scopes: ["post"] });
  const ws = new WebSocket(daemon.ws, "baraza.v1", { headers: { authorization: `Bearer ${socket.token}` } });
  await new Promise((go) => ws.on("open", go));
  ws.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "session.hello", params: {} }));
  assert.match(String(await new Promise((go) => ws.on("message", go))), /forbidden.*scope read|scope read.*forbidden/);
  ws.terminate();
});

// How somebody signs in, that somebody is forgotten, and what is made of all that: no program's, not even the operator's.
const OF_PERSONS = ["address.add", "address.code", "address.drop", "address.list", "export.begin", "export.get", "factor.drop", "factor.list",
  "member.erase", "oidc.begin", "oidc.finish", "oidc.link", "oidc.links", "oidc.unlink", "passkey.add", "passkey.new", "password.set",
  "recovery.renew", "session.end", "session.list", "token.create", "token.drop", "token.list", "totp.add", "totp.new"];

test("a token of the operator, and one of a member's with all scopes, reach nothing of how their owner signs in, on no carrier", async () => {
  const whole = await create(mine, { scopes: ALL });
  assert.deepEqual(methods.filter((m) => m["x-scope"] === "person").map((m) => m.name), OF_PERSONS);
  const line = new WebSocket(daemon.ws, "baraza.v1", { headers: { authorization: `Bearer ${tokens.admin}` } });
  const ask = (method) => new Promise((go) => {
    line.once("message", (text) => go(String(text)));
    line.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: {} }));
  });
  await new Promise((go) => line.on("open", go));
  assert.match(await ask("session.hello"), /"result"/);
  for (const m of methods) {
    if (m["x-socket"]) continue;
    const isOfPersons = OF_PERSONS.includes(m.name);
    for (const token of [tokens.admin, tokens.ana, whole.token]) {
      const answer = await raw(token, m.name, { nonsense: 1 });
      if (isOfPersons) assert.match(answer, /"message":"[\w.]+ is for who signed in, in person.*"code":"forbidden"/, m.name);
      else if (token !== whole.token) assert.ok(!answer.includes("in person"), `${m.name}: ${answer}`);
    }
    if (isOfPersons && !m["x-http"]) assert.match(await ask(m.name), /in person/, m.name);
    if (isOfPersons) assert.ok(!(await raw(mine, m.name, { nonsense: 1 })).includes("in person"), m.name);
  }
  line.terminate();
  const zip = (token) => fetch(`${daemon.url}/export`, { headers: { authorization: `Bearer ${token}` } }).then((r) => r.status);
  assert.deepEqual([await zip(tokens.ana), await zip(whole.token), await zip(mine)], [403, 403, 404]);
});

test("files go by read and post", async () => {
  const read = await create(mine, { scopes: ["read"] }), post = await create(mine, { scopes: ["post"] });
  const get = (token) => fetch(`${daemon.url}/file/${near.file}/0`, { headers: { authorization: `Bearer ${token}` } }).then((r) => r.status);
  assert.deepEqual([await get(read.token), await get(post.token)], [200, 403]);
  assert.equal((await upload(read.token, "a.txt", "x")).status, 403);
  const file = await upload(post.token, "a.txt", "x");
  assert.ok((await write(post.token, "post.create", { thread: near.chat, files: [file] })).id);
  for (const t of [read, post]) await rpc(daemon, mine, "token.drop", { id: t.id });
});

test("without moderate its owner acts as a member; with it no more than they are, and as long as they are", async () => {
  const plain = await create(mine, { scopes: ["read", "post"] }), whole = await create(mine, { scopes: ALL });
  const bens = (await write("ben", "post.create", { thread: near.chat, text: "mine" })).id;
  assert.equal(await fails(write(plain.token, "post.redact", { post: bens, reason: "x" })), "forbidden");
  assert.equal(await fails(write(plain.token, "thread.rename", { thread: near.plan, title: "Mine" })), "nothing");
  await write(whole.token, "post.hide", { post: bens, rule: "spam" });
  assert.equal(await fails(write(whole.token, "region.create", { slug: "x", name: "x" })), "forbidden");
  await write("admin", "member.role", { member: people.ana, role: "member" });
  assert.equal(await fails(write(whole.token, "post.restore", { post: bens, rule: "kept" })), "forbidden");
  assert.equal(await fails(create(mine, { scopes: ["moderate"] })), "forbidden");
  await write("admin", "member.role", { member: people.ana, role: "moderator" });
  await write("admin", "member.sanction", { member: people.ana, act: "suspend", rule: "rude" }).then(async ({ id }) => {
    assert.equal(await fails(rpc(daemon, plain.token, "room.list", {})), "forbidden");
    await write("admin", "member.pardon", { sanction: id });
  });
  assert.ok((await rpc(daemon, plain.token, "room.list", {})).rooms.length > 0);
  for (const t of [plain, whole]) await rpc(daemon, mine, "token.drop", { id: t.id });
});

test("it is told once, listed without itself, used when it is said to have been; twenty, and no more", async () => {
  const made = await create(mine, { name: "Weather", scopes: ["post", "read"], rooms: [near.id], days: 2 });
  assert.match(made.token, /^[\w-]{43}$/);
  const all = await rpc(daemon, mine, "token.list", {});
  const [own] = all.tokens.filter((t) => t.id === made.id);
  assert.deepEqual([own.name, own.scopes, own.rooms, own.seen, Math.round((own.until - own.at) / 86400000)], ["Weather", ["read", "post"], [near.id], undefined, 2]);
  assert.ok(all.tokens.some((t) => t.whole), "the operator's, too");
  for (const token of told) assert.equal(JSON.stringify(all).includes(token), false);
  const seen = async () => (await rpc(daemon, mine, "token.list", {})).tokens.find((t) => t.id === made.id).seen;
  await rpc(daemon, made.token, "room.list", {});
  let at;
  for (let i = 0; i < 100 && (at = await seen()) === undefined; i++) await wait(20);
  assert.ok(at >= own.at);
  await rpc(daemon, made.token, "room.list", {});
  assert.equal(await seen(), at, "once an hour");
  const more = [];
  for (let i = 0; i < 19; i++) more.push(await create(mine, { scopes: ["read"] }));
  assert.equal(await fails(create(mine, { scopes: ["read"] })), "conflict");
  for (const t of [made, ...more]) await rpc(daemon, mine, "token.drop", { id: t.id });
  assert.equal(await fails(rpc(daemon, mine, "token.drop", { id: made.id })), "not_found");
  assert.equal(await fails(rpc(daemon, await person(daemon, dir, "ben"), "token.drop", { id: more[0].id })), "not_found");
  for (const params of [{ scopes: [] }, { scopes: ["owner"] }, { scopes: ["read", "read"] }, { rooms: [] }, { days: 0 }, { days: 366 }, { name: " " }])
    assert.equal(await fails(create(mine, { scopes: ["read"], ...params })), "invalid", JSON.stringify(params));
  assert.equal(await fails(create(mine, { scopes: ["read"], rooms: [`test-${NEVER}`] })), "not_found");
});

test("what is taken back ends within a second: sockets, requests that are held, calls", async () => {
  const made = await create(mine, { scopes: ["read"] });
  const ws = new WebSocket(daemon.ws, "baraza.v1", { headers: { authorization: `Bearer ${made.token}` } });
  await new Promise((go) => ws.on("open", go));
  ws.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "session.hello", params: {} }));
  await new Promise((go) => ws.once("message", go));
  const { cursor } = await rpc(daemon, made.token, "session.poll", {});
  const poll = fails(rpc(daemon, made.token, "session.poll", { cursor, wait_ms: 20000 }));
  await wait(200);
  const closed = new Promise((go) => ws.on("close", go)), began = Date.now();
  await rpc(daemon, mine, "token.drop", { id: made.id });
  assert.equal(await closed, 1008);
  assert.equal(await poll, "unauthenticated");
  assert.ok(Date.now() - began < 1000);
  assert.equal(await fails(rpc(daemon, made.token, "room.list", {})), "unauthenticated");
  assert.ok((await rpc(daemon, mine, "room.list", {})).rooms.length > 0, "and nothing else");
});

// ---- A token that is bound to the near room, of somebody who moderates both.

const PLAIN = { title: "a title", lang: "en", emoji: "👍", on: true, reason: "why", seq: 1, level: "follow", kind: "discussion", rule: "spam",
  fields: {}, decision: "approve", locked: true, pinned: true, closed: true, featured: true, archived: true, text: "numbat", role: "member",
  act: "warn", entry: 5, rooms: [], url: `https://${SECRET}.example/`, country: "TG", members: [], names: { en: "x" }, slug: "x", name: "x", region: () => region };
const idsOf = (place, n) => ({ room: place.id, thread: n ? place.plan : place.thread, post: place.post, report: place.matter, into: place.plan, reply_to: place.post,
  posts: [place.post], member: people.far, before: place.thread, after: place.post, around: place.post, by: people.far, to: place.plan });
const never = (value) => (Array.isArray(value) ? value.map(never) : `test-${NEVER}`);
const clean = (what, bytes) => {
  for (const word of [SECRET, ...[far.id, far.thread, far.post, far.plan, far.matter, far.file, region].map((id) => `"${id}"`)])
    assert.equal(bytes.toLowerCase().includes(word), false, `${what} tells ${word}: ${bytes.slice(0, 600)}`);
};
const masked = (answer) => answer.replace(/"seq":\d+/g, '"seq":0');

test("what is bound to a room lists, finds, hears and fetches what is in that room alone", async () => {
  const made = await create(mine, { scopes: ALL, rooms: [near.id] }), { token } = made;
  const ask = async (method, params = {}) => { const answer = await raw(token, method, params); clean(method, answer); return JSON.parse(answer.slice(4)).result; };
  assert.deepEqual((await ask("room.list")).rooms.map((r) => r.id), [near.id]);
  assert.equal((await ask("room.list")).regions.length, 1);
  for (const [method, params] of [["catchup.list", {}], ["thread.unanswered", {}], ["thread.similar", { text: SECRET }], ["queue.list", {}], ["queue.list", { decided: true }],
    ["log.list", { room: near.id }], ["member.list", { prefix: SECRET }], ["member.list", { ids: [people.far, people.ben] }], ["resource.list", {}],
    ["resource.facets", {}], ["search.query", { text: SECRET }], ["search.query", { text: `${SECRET}inside` }], ["link.posts", { url: `https://${SECRET}.example/` }], ["theme.list", {}]])
    await ask(method, params);
  assert.deepEqual((await ask("member.list", { ids: [people.far, people.ben] })).members.map((m) => m.handle), ["ben"]);
  assert.deepEqual((await ask("member.list")).members.map((m) => m.handle), ["admin", "ana", "ben"]);
  assert.equal((await ask("queue.list")).matters.length, 1);
  assert.equal((await ask("search.query", { text: "wombat" })).hits.length > 0, true);
  assert.equal((await ask("resource.facets")).count, 1);
  assert.match(await raw(token, "log.list", {}), /"not_found"/);
  const status = (post) => fetch(`${daemon.url}/file/${post}/0`, { headers: { authorization: `Bearer ${token}` } }).then((r) => r.status);
  assert.deepEqual([await status(near.file), await status(far.file)], [200, 404]);
  const page = await fetch(`${daemon.url}/t/${far.thread}`, { headers: { authorization: `Bearer ${token}`, cookie: `__Host-baraza=${token}; baraza=${token}`, accept: "text/html" } });
  clean("the page", await page.text());

  for (const Kind of Object.values(carriers)) {
    const Ear = class extends Kind {
      constructor(...args) { super(...args); this.heard = ""; }
      take(m) { this.heard += `${JSON.stringify(m)}\n`; super.take(m); }
    };
    const line = new Ear(daemon.ws, token, { watch: [near.id, far.id] });
    await line.until(() => line.isReady, "hello");
    const live = async (word) => {
      await write("far", "thread.create", { room: far.id, title: `${SECRET} live`, text: `${SECRET} @ana` });
      await write("far", "post.create", { thread: far.chat, text: `${SECRET} live` });
      await write("far", "report.create", { post: far.post, reason: `${SECRET} live` });
      await write("admin", "member.sanction", { member: people.far, act: "warn", rule: "spam", reason: `${SECRET} warned` });
      await write("admin", "member.set", { member: people.far, city: `${SECRET} city` });
      await rpc(daemon, tokens.ana, "read.mark", { thread: far.thread, seq: 10 });
      await rpc(daemon, tokens.ana, "draft.set", { thread: far.thread, text: `${SECRET} draft`, at: 1 });
      const moved = await write("ben", "thread.create", { room: near.id, title: `numbat ${word}`, text: `numbat ${word}` });
      await write("ben", "post.create", { thread: near.chat, text: word });
      await line.until(() => line.entries.some((e) => e.text === word), word);
      return moved.id;
    };
    await live("first");
    line.cut();
    await wait(50);
    await live("second");
    line.cursor = 0;
    line.entries = [];
    line.cut();
    await line.until(() => line.isReady && line.entries.some((e) => e.text === "second"), "all again");
    clean(Kind.name, line.heard);
    assert.equal(line.heard.includes(`"${people.far}"`), false, "nor who is elsewhere");
      const strays = line.entries.filter((e) => e.room !== undefined && e.room !== near.id);
    assert.deepEqual(strays, [], "entries of that room alone");
    line.close();
  }
  // What was said there and stands elsewhere now is said no more.
  const gone = await write("admin", "thread.create", { room: near.id, title: "bettong", text: "bettong text" });
  await write("admin", "thread.move", { thread: gone.id, room: far.id });
  const { notes } = await rpc(daemon, token, "session.poll", { cursor: { test: 0 } });
  assert.ok(notes.length > 10);
  assert.equal(JSON.stringify(notes).includes("bettong text"), false);
  // A cid that its owner used elsewhere tells nothing of what it did there.
  await rpc(daemon, tokens.ana, "post.create", { thread: far.chat, text: SECRET, cid: "twice" });
  assert.match(await raw(token, "post.create", { thread: near.chat, text: "x", cid: "twice" }), /"conflict"/);
  // And it works where it may.
  const said = await write(token, "post.create", { thread: near.chat, text: "from a program" });
  assert.equal((await ask("post.list", { thread: near.chat })).posts.at(-1).id, said.id);
  await rpc(daemon, mine, "token.drop", { id: made.id });
});

test("and it answers for ids outside of it as for ids that never were, whatever the method", async () => {
  const { token } = await create(mine, { scopes: ALL, rooms: [near.id] });
  let reached = 0;
  for (const m of methods) {
    if (NEEDS.nobody.includes(m.name) || m["x-socket"] || m.name === "session.poll") continue;
    const isWrite = m.params.some((p) => p.name === "cid"), make = (params) => (isWrite ? { ...params, cid: cid() } : params);
    const needed = m.params.filter((p) => p.required && p.name !== "cid");
    const params = (place, more) => Object.fromEntries([...needed.map((p) => [p.name, place[p.name] ?? (typeof PLAIN[p.name] === "function" ? PLAIN[p.name]() : PLAIN[p.name])]), ...more]);
    const outside = idsOf(far), inside = idsOf(near), absent = Object.fromEntries(Object.entries(outside).map(([k, v]) => [k, never(v)]));
    const cases = [[params(outside, []), params(absent, [])]];
    for (const p of m.params.filter((q) => q.name in outside && q.name !== "cid"))   // one thing outside, all else inside
      cases.push([params(inside, [[p.name, outside[p.name]]]), params(inside, [[p.name, absent[p.name]]])]);
    for (const [there, nowhere] of cases) {
      const a = await raw(token, m.name, make(there)), b = await raw(token, m.name, make(nowhere));
      clean(`${m.name} ${JSON.stringify(there)}`, a);
      const isEdge = ["before", "after", "around", "by"].some((k) => there[k] !== nowhere[k]);
      if (!isEdge && JSON.stringify(there).includes("test-")) assert.equal(masked(a), masked(b), `${m.name} ${JSON.stringify(there)}`);
      reached += !a.includes("bound to") && !a.includes("in person");
    }
    clean(m.name, await raw(token, m.name, make(params(idsOf(near, 1), []))));
  }
  assert.ok(reached > 60, `${reached} cases got as far as their object`);
});

test("the operator makes them, too; what runs out ends by itself, and no token stands in a log or a file", async () => {
  const token = cli("token", "--data", dir, "ana", "--name", "Nightly", "--scopes", "read", "--days", "1");
  told.push(token);
  assert.match(token, /^[\w-]{43}$/);
  const [made] = (await rpc(daemon, mine, "token.list", {})).tokens.filter((t) => t.name === "Nightly");
  assert.deepEqual([made.scopes, Math.round((made.until - made.at) / 86400000), made.whole], [["read"], 1, undefined]);
  assert.match(await raw(token, "read.room", { room: near.id, seq: 1 }), /the scope post/);
  assert.throws(() => cli("token", "--data", dir, "ana", "--scopes", "everything"));
  assert.throws(() => cli("token", "--data", dir, "ben", "--scopes", "moderate"));
  const log = daemon.log;
  await daemon.stop();
  for (const secret of told) {
    assert.equal(log.includes(secret), false);
    for (const name of readdirSync(dir).filter((n) => n.startsWith("baraza.db")))
      assert.equal(readFileSync(join(dir, name)).includes(secret), false, name);
  }
  execFileSync("sqlite3", [join(dir, "baraza.db"), "UPDATE session SET expires_ms = expires_ms - 2 * 86400000 WHERE device = 'Nightly'"]);
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  assert.equal(await fails(rpc(daemon, token, "room.list", {})), "unauthenticated");
  assert.equal((await rpc(daemon, mine, "token.list", {})).tokens.some((t) => t.name === "Nightly"), false);
  await create(mine, { scopes: ["read"] });
  assert.equal(execFileSync("sqlite3", [join(dir, "baraza.db"), "SELECT count(*) FROM session WHERE device = 'Nightly'"], { encoding: "utf8" }).trim(), "0", "swept");
});
