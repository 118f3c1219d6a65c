// Roles are given for the hub, a region or a room, and count exactly there: in commands, in what may be read, and live. The
// hub keeps its last admin, also when two take the role from each other at once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hub, rpc, serve, tempDir } from "./daemon.mjs";
import { carriers } from "./line.mjs";

let daemon, tokens, people, north, south, rooms;
let next = 0;
const cid = () => `c${next++}`;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: cid() });
const give = (by, member, role, where = {}) => write(by, "member.role", { member: people[member], role, ...where });
const seen = async (who) => Object.fromEntries((await rpc(daemon, tokens[who], "room.list", {})).rooms.map((r) => [r.slug, r]));
const refused = (work, code) => assert.rejects(work, (e) => e.data?.code === code, code);

before(async () => {
  const dir = tempDir();
  tokens = hub(dir, ["ana", "ben", "cleo", "dan"]);
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  people = Object.fromEntries((await rpc(daemon, tokens.admin, "member.list", {})).members.map((m) => [m.handle, m.id]));
  north = (await write("admin", "region.create", { slug: "north", name: "North" })).id;
  south = (await write("admin", "region.create", { slug: "south", name: "South" })).id;
  rooms = {};
  for (const [region, where] of [[north, "n"], [south, "s"]])
    for (const access of ["open", "members", "private"]) {
      const made = await write("admin", "room.create", { region, slug: `${where}-${access}`, name: `${where} ${access}`, access });
      const { id } = await write("admin", "thread.create", { room: made.id, title: "Talk", text: "Words." });
      rooms[`${where}-${access}`] = { id: made.id, chat: made.chat, thread: id };
    }
});
after(() => daemon?.stop());

const lock = (who, slug, locked = true) => write(who, "thread.lock", { thread: rooms[slug].thread, locked });

test("a moderator of a region is one in its rooms and nowhere else", async () => {
  await refused(lock("ana", "n-open"), "forbidden");
  await give("admin", "ana", "moderator", { region: north, reason: "knows the north" });
  await lock("ana", "n-open");
  await lock("ana", "n-open", false);
  await lock("ana", "n-members");
  await refused(lock("ana", "n-private"), "not_found");
  await refused(lock("ana", "s-open"), "forbidden");
  await refused(lock("ana", "s-members"), "not_found");
  const list = await seen("ana");
  assert.deepEqual(["n-open", "n-members", "s-open"].map((slug) => list[slug].role), ["moderator", "moderator", "member"]);
  assert.deepEqual(list["n-open"].moderators, [people.ana]);
  assert.equal(list["s-open"].moderators, undefined);
  assert.equal(list["n-private"], undefined);
  await write("ana", "room.create", { region: north, slug: "n-new", name: "New" });
  await refused(write("ana", "room.create", { region: south, slug: "s-new", name: "New" }), "forbidden");
  await refused(give("ana", "ben", "moderator", { region: north }), "forbidden");
});

test("an admin of a room gives roles there, and none beyond it", async () => {
  const room = rooms["s-private"].id;
  await refused(give("ben", "cleo", "moderator", { room }), "not_found");
  await give("admin", "ben", "admin", { room });
  assert.equal((await seen("ben"))["s-private"].role, "admin");
  await give("ben", "cleo", "moderator", { room });
  assert.deepEqual((await seen("ben"))["s-private"].moderators, [people.ben, people.cleo].sort((a, b) => a.split("-")[1] - b.split("-")[1]));
  await refused(lock("cleo", "s-private"), "not_found"); // who moderates a private room has to be part of it
  await write("ben", "room.invite", { room, member: people.cleo });
  await lock("cleo", "s-private");
  for (const where of [{ region: south }, {}, { room: rooms["s-open"].id }]) await refused(give("ben", "cleo", "moderator", where), "forbidden");
  await refused(write("ben", "member.add", { handle: "eve", name: "Eve", region: south }), "forbidden");
  await refused(give("admin", "ben", "admin", { room, region: south }), "invalid");
  await give("admin", "ben", "member", { room });
  assert.equal((await seen("ben"))["s-private"], undefined);
});

for (const [name, Carrier] of Object.entries(carriers))
  test(`a role opens and closes rooms while one listens (${name})`, async (t) => {
    const room = rooms["n-private"].id;
    const line = new Carrier(daemon.ws, tokens.dan);
    t.after(() => line.close());
    await line.until(() => line.isReady, "hello");
    const heard = (text) => line.entries.some((e) => e.text === text);
    const say = (text) => write("admin", "post.create", { thread: rooms["n-private"].thread, text });
    await say(`${name} before`);
    await give("admin", "dan", "admin", { room });
    await say(`${name} while`);
    await line.until(() => heard(`${name} while`), "the room's post");
    assert.equal(heard(`${name} before`), false);
    // The next poll is held by now: between two of them a role that is lost takes its room along, and nothing is told of it.
    for (let i = 0; i < 4; i++) await rpc(daemon, tokens.dan, "room.list", {});
    const { seq } = await give("admin", "dan", "guest", { room });
    await line.until(() => line.entries.some((e) => e.seq === seq), "who loses a role is told");
    await say(`${name} after`);
    const last = await write("admin", "post.create", { thread: rooms["n-open"].thread, text: `${name} end` });
    await line.until(() => line.cursor >= last.seq, "the end");
    assert.equal(heard(`${name} after`), false);
    assert.equal(line.entries.some((e) => e.kind === "member.role" && e.seq < seq && e.scope === room && e.member === people.ben), false);
  });

test("the hub keeps its last admin, also when two demote each other at once", async () => {
  await refused(give("admin", "admin", "member"), "conflict");
  await refused(give("ben", "cleo", "admin"), "forbidden");
  await give("admin", "cleo", "admin");
  const [a, b] = await Promise.allSettled([give("admin", "cleo", "member"), give("cleo", "admin", "member")]);
  assert.equal([a, b].filter((r) => r.status === "fulfilled").length, 1);
  const lost = [a, b].find((r) => r.status === "rejected").reason;
  assert.equal(lost.data.code, "forbidden");
  const { members } = await rpc(daemon, tokens.dan, "member.list", {});
  assert.equal(members.filter((m) => m.role === "admin").length, 1);
});
