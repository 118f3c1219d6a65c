/* Proves that whom somebody blocks is theirs alone: it follows them over devices and through restart, rebuild, backup and
 * restore; a mention by one who is blocked counts nowhere; and nobody else, the blocked one least, can tell. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Hub, cid, fails, limits } from "./helper.mjs";

let hub, phone, desk, bo, admin, room, token;

before(async () => {
  hub = await Hub.start({ env: { BARAZA_LIMITS_ENFORCE: "no" } });
  token = await hub.member("ana");
  phone = await hub.client({ token });
  desk = await hub.client({ token: await hub.token("ana") });
  bo = await hub.client({ token: await hub.member("bo") });
  admin = await hub.client();
  room = (await phone.call("room.list")).rooms[0];
  for (const who of [phone, bo]) await who.call("room.join", { room: room.id, cid: cid() });
});
after(async () => {
  for (const c of [phone, desk, bo, admin]) await c?.close();
  await hub?.done();
});

const ids = async (who) => (await who.call("member.blocked")).members.map((m) => m.id);
const counts = async (thread) => {
  const [one, list, all] = [await phone.call("thread.get", { thread }), await phone.call("catchup.list"), await phone.call("room.list")];
  return [one.thread.mentions, list.threads.find((t) => t.id === thread)?.mentions, all.rooms.find((r) => r.id === room.id).mentions];
};

test("a block follows its owner over devices, and a mention by who is blocked counts nowhere until it is lifted", async () => {
  const them = bo.hello.me.id;
  const { id } = await bo.call("thread.create", { room: room.id, title: "Look", text: "@ana @ana", cid: cid() });
  assert.deepEqual(await counts(id), [1, 1, 1]);
  await phone.call("member.block", { member: them, on: true });
  await phone.call("member.block", { member: them, on: true });
  await desk.note((n) => n.params.kind === "block" && n.params.member === them && n.params.on, "the block");
  assert.deepEqual(await ids(desk), [them]);
  await bo.call("post.create", { thread: id, text: "@ana again", cid: cid() });
  assert.deepEqual(await counts(id), [0, 0, 0]);
  await admin.call("post.create", { thread: id, text: "@ana by another", cid: cid() });
  assert.deepEqual(await counts(id), [1, 1, 1]);
  const words = (await phone.call("post.list", { thread: id })).posts.map((p) => p.text);
  assert.equal(words.length, 3, "what they wrote is there: who blocks may look at it");
  await desk.call("member.block", { member: them, on: false });
  await phone.note((n) => n.params.kind === "block" && !n.params.on, "its end");
  assert.deepEqual(await ids(phone), []);
  assert.deepEqual(await counts(id), [3, 3, 3]);
});

test("nobody else can tell: neither the one who is blocked nor an admin", async () => {
  const heard = bo.notes.length;
  const asked = async (who) => JSON.stringify([await who.call("member.list", { prefix: "ana" }), await who.call("room.list"), await who.call("member.blocked")]);
  const before = [await asked(bo), await asked(admin)];
  const free = await bo.call("thread.create", { room: room.id, title: "Hello", text: "@ana", cid: cid() });
  await phone.call("member.block", { member: bo.hello.me.id, on: true });
  const { id } = await bo.call("thread.create", { room: room.id, title: "Hello", text: "@ana", cid: cid() });
  const first = async (who, thread) => (await who.call("post.list", { thread })).posts[0];
  for (const who of [bo, admin]) assert.deepEqual((await first(who, id)).md, (await first(who, free.id)).md, "it reads as before");
  assert.notEqual((await first(bo, id)).md, undefined);
  await phone.call("member.block", { member: bo.hello.me.id, on: false });
  assert.equal(bo.notes.slice(heard).some((n) => n.params?.kind === "block"), false);
  const seqless = (s) => s.replaceAll(/"(seq|last_seq|threads|unread|mentions|posted_at)":\d+/g, "");
  assert.deepEqual([await asked(bo), await asked(admin)].map(seqless), before.map(seqless));
});

test("what is no block is refused by name, and so is one too many", async () => {
  const me = phone.hello.me.id;
  await fails(phone.callAnyway("member.block", { member: me, on: true }), "invalid", "member");
  await fails(phone.call("member.block", { member: "test-999999", on: true }), "not_found");
  await fails(phone.call("member.block", { member: "elsewhere-7", on: true }), "not_found");
  await phone.call("member.block", { member: "test-999999", on: false });
  for (let i = 0; i <= limits.blocked_max; i++) {
    const { id } = await admin.call("member.add", { handle: `m${i}`, name: `M ${i}`, cid: cid() });
    const work = phone.call("member.block", { member: id, on: true });
    if (i < limits.blocked_max) await work;
    else await fails(work, "conflict");
  }
  assert.equal((await ids(phone)).length, limits.blocked_max);
});

test("blocks live through a restart, a rebuild, a backup and a restore; verify finds nothing", async () => {
  const all = await ids(phone), copy = join(hub.dir, "copy.db"), other = join(hub.dir, "other");
  await hub.cli("backup", "--data", hub.dir, copy);
  for (const c of [phone, desk, bo, admin]) await c.close();
  phone = desk = bo = admin = null;
  await hub.stop();
  await hub.cli("rebuild", "--data", hub.dir);
  assert.match(await hub.cli("verify", "--data", hub.dir), /verified/);
  await hub.serve();
  phone = await hub.client({ token });
  assert.deepEqual(await ids(phone), all);
  await hub.cli("restore", copy, "--data", other);
  const restored = new Hub();
  Object.assign(restored, { dir: other, options: hub.options, log: "", count: 0 });
  await restored.serve();
  const there = await restored.client({ token });
  assert.deepEqual(await ids(there), all);
  await there.close();
  await restored.stop();
});
