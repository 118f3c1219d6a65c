// The public log: what was moderated in a room and why, for all who read it. The role acts in name; the person is named to admins
// and to the one concerned. What people do to their own words is not moderation, and no title of a room one may not read shows.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";

let daemon, tokens, room, region, people;
let next = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `c${next++}` });
const log = async (who, params = { room }) => (await rpc(daemon, tokens[who], "log.list", params)).acts;
const kinds = (acts) => acts.map((a) => a.entry.kind);

before(async () => {
  const dir = tempDir();
  tokens = hub(dir, ["ana", "ben"]);
  cli("member", "add", "--data", dir, "modo", "--name", "Person modo", "--role", "moderator");
  tokens.modo = cli("token", "--data", dir, "modo");
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  people = Object.fromEntries((await rpc(daemon, tokens.admin, "member.list", {})).members.map((m) => [m.handle, m.id]));
  const list = await rpc(daemon, tokens.ana, "room.list", {});
  room = list.rooms[0].id;
  region = list.regions[0].id;
});
after(() => daemon?.stop());

test("acts are told with their reason, newest first; own words taken back are none", async () => {
  assert.deepEqual(await log("ana"), []);
  const t = await write("ana", "thread.create", { room, title: "Fares", text: "Words." });
  const p = await write("ben", "post.create", { thread: t.id, text: "unfit" });
  const own = await write("ben", "post.create", { thread: t.id, text: "a slip" });
  await write("ben", "post.redact", { post: own.id, reason: "a slip" });
  await write("ana", "thread.rename", { thread: t.id, title: "Fares now" });
  await write("ana", "post.react", { post: p.id, emoji: "👍", on: true });
  await write("modo", "post.hide", { post: p.id, rule: "rude", reason: "not so" });
  await write("modo", "thread.rename", { thread: t.id, title: "Fares, again" });
  await write("modo", "thread.lock", { thread: t.id, locked: true });
  await write("modo", "post.redact", { post: p.id, reason: "for good" });
  await write("admin", "member.role", { member: people.ana, role: "moderator", room, reason: "knows fares" });
  const acts = await log("ben");
  assert.deepEqual(kinds(acts), ["member.role", "post.redact", "thread.lock", "thread.rename", "post.hide"]);
  const hide = acts.at(-1);
  assert.deepEqual([hide.entry.rule, hide.entry.reason, hide.entry.as, hide.title, hide.of], ["rude", "not so", "moderator", "Fares, again", people.ben]);
  assert.deepEqual([acts[0].of, acts[0].entry.reason], [people.ana, "knows fares"]);
  assert.deepEqual(await log("ana").then(kinds), kinds(acts));
  const pages = [];
  for (let before; ; ) {
    const some = await log("ana", { room, limit: 2, ...(before && { before }) });
    if (some.length === 0) break;
    pages.push(...some);
    before = `${some.at(-1).entry.hub}-${some.at(-1).entry.seq}`;
  }
  assert.deepEqual(kinds(pages), kinds(acts));
});

test("the person is named to admins and to whom it concerns", async () => {
  const by = async (who) => Object.fromEntries((await log(who)).map((a) => [a.entry.kind, a.entry.by]));
  assert.deepEqual(await by("admin"), { "member.role": people.admin, "post.redact": people.modo, "thread.lock": people.modo, "thread.rename": people.modo, "post.hide": people.modo });
  assert.deepEqual(await by("ben").then((b) => [b["post.hide"], b["post.redact"], b["thread.lock"], b["thread.rename"], b["member.role"]]), [people.modo, people.modo, null, null, null]);
  assert.deepEqual(await by("ana").then((b) => [b["post.hide"], b["post.redact"], b["member.role"]]), [null, null, people.admin]);
  const posts = async (who) => (await rpc(daemon, tokens[who], "post.list", { thread: (await log(who)).find((a) => a.entry.thread).entry.thread })).posts.find((p) => p.redacted?.reason === "for good");
  assert.deepEqual([(await posts("ana")).redacted.by, (await posts("ben")).redacted.by, (await posts("admin")).redacted.by], [null, people.modo, people.modo]);
});

test("a private room's log is for its readers; a thread that went there is not named outside", async () => {
  const secret = await write("admin", "room.create", { region, slug: "sec", name: "Sec", access: "private" });
  await write("admin", "room.invite", { room: secret.id, member: people.modo });
  const t = await write("ana", "thread.create", { room, title: "To be moved", text: "Words." });
  await write("modo", "thread.pin", { thread: t.id, pinned: true });
  await write("admin", "thread.move", { thread: t.id, room: secret.id });
  await write("admin", "thread.rename", { thread: t.id, title: "qzsecret" });
  const open = JSON.stringify(await log("ben"));
  assert.equal(open.includes("qzsecret"), false);
  assert.equal(open.includes(secret.id), false);
  assert.deepEqual(kinds(await log("ben")).slice(0, 2), ["thread.moved_out", "thread.pin"]);
  for (const who of ["ana", "ben"]) await assert.rejects(log(who, { room: secret.id }), (e) => e.data.code === "not_found");
  await assert.rejects(log("ben", { room: "nowhere-1" }), (e) => e.data.code === "not_found");
  assert.deepEqual(kinds(await log("modo", { room: secret.id })), ["thread.rename", "thread.moved_in"]);
});

test("the hub's own log tells of roles", async () => {
  await write("admin", "member.role", { member: people.ana, role: "moderator", region });
  const acts = await log("ben", {});
  assert.deepEqual([kinds(acts), acts[0].entry.scope, acts[0].entry.by], [["member.role"], region, null]);
});
