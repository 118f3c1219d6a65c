/* Proves that a draft follows its writer over devices: the newest wins, an older one is answered with a conflict, it ends
 * with the post that it became in the same commit, and it lives through restart, rebuild, backup and restore. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Hub, cid, fails, limits } from "./helper.mjs";

let hub, phone, desk, room, token;

before(async () => {
  hub = await Hub.start({ env: { BARAZA_LIMITS_ENFORCE: "no" } });
  token = await hub.member("ana");
  phone = await hub.client({ token });
  desk = await hub.client({ token: await hub.token("ana") });
  room = (await phone.call("room.list")).rooms[0];
});
after(async () => {
  for (const c of [phone, desk]) await c?.close();
  await hub?.done();
});

const drafts = async (who, params = {}) => (await who.call("draft.list", params)).drafts;
const told = (who, at) => who.note((n) => n.method === "signal" && n.params.kind === "draft" && n.params.at === at, `a draft of ${at}`);
const thread = () => phone.call("thread.create", { room: room.id, title: "A place", text: "to talk", cid: cid() });

test("two devices: the newest change wins, an older one is told so, a repeat is harmless", async () => {
  const place = await thread();
  const set = (who, text, at) => who.call("draft.set", { thread: place.id, text, at });
  await set(phone, "from the phone", 1000);
  assert.deepEqual((await told(desk, 1000)).params, { kind: "draft", thread: place.id, at: 1000, gone: false });
  assert.deepEqual(await drafts(desk, { thread: place.id }), [{ thread: place.id, at: 1000, text: "from the phone" }]);
  await set(desk, "from the phone, and the desk", 1001);
  await set(desk, "from the phone, and the desk", 1001);
  await fails(set(phone, "typed on the train", 900), "conflict");
  assert.equal((await drafts(phone, { thread: place.id }))[0].text, "from the phone, and the desk");
  await set(phone, "typed on the train", 1002);   // one more than what was seen
  assert.equal((await drafts(desk, { thread: place.id }))[0].text, "typed on the train");
  await set(desk, "", 1003);
  assert.deepEqual((await told(phone, 1003)).params, { kind: "draft", thread: place.id, at: 1003, gone: true });
  await fails(set(phone, "late", 1002), "conflict");
  assert.deepEqual(await drafts(phone, { thread: place.id }), []);
});

test("a draft ends with the post that it became, for every device", async () => {
  const place = await thread();
  await phone.call("draft.set", { thread: place.id, text: "nearly done", reply_to: place.post, at: 5 });
  const wanted = { thread: place.id, text: "done", cid: cid() };
  await phone.call("post.create", wanted);
  await desk.note((n) => n.params.kind === "draft" && n.params.thread === place.id && n.params.gone, "its end");
  assert.deepEqual(await drafts(desk, { thread: place.id }), []);
  await desk.call("draft.set", { thread: place.id, text: "nearly done", at: 5 });   // a copy that comes late
  assert.deepEqual(await drafts(phone, { thread: place.id }), []);
  await desk.call("draft.set", { thread: place.id, text: "the next", at: 6 });
  await phone.call("post.create", wanted);   // a repeat of the post is not another post
  assert.equal((await drafts(phone, { thread: place.id })).length, 1);
});

test("a new thread's draft has a title and a kind, and ends with the thread, also while its room was not chosen", async () => {
  const ask = { title: "Who repairs buses?", kind: "question", text: "" };
  await phone.call("draft.set", { ...ask, at: 1 });
  assert.deepEqual((await told(desk, 1)).params, { kind: "draft", at: 1, gone: false });
  await phone.call("draft.set", { ...ask, room: room.id, text: "Ours stand still.", at: 2 });
  assert.deepEqual((await drafts(desk)).filter((d) => d.title), [
    { room: room.id, at: 2, kind: "question", title: ask.title, text: "Ours stand still." },
    { at: 1, kind: "question", title: ask.title, text: "" }]);
  await desk.call("thread.create", { ...ask, room: room.id, text: "Ours stand still.", cid: cid() });
  assert.deepEqual((await drafts(phone)).filter((d) => d.title), []);
  await phone.call("draft.set", { title: "Another", text: "", at: 3 });
  await desk.call("thread.create", { room: room.id, title: "Something else", text: "x", cid: cid() });
  assert.equal((await drafts(phone)).filter((d) => d.title === "Another").length, 1);
  await phone.call("draft.set", { text: "", at: 4 });
});

test("what is no draft is refused by name, and so is the hundred and first", async () => {
  const place = await thread();
  for (const [params, field] of [[{ thread: place.id, room: room.id }, "room"], [{ thread: place.id, title: "x" }, "title"],
    [{ thread: place.id, kind: "question" }, "kind"], [{ room: room.id, reply_to: place.post }, "reply_to"],
    [{ thread: room.chat, reply_to: place.post }, "reply_to"], [{ room: room.id, kind: "chat" }, "kind"],
    [{ room: room.id, text: "x".repeat(limits.post_bytes + 1) }, "text"]])
    await fails(phone.callAnyway("draft.set", { text: "x", at: 1, ...params }), "invalid", field);
  await fails(phone.callAnyway("draft.list", { thread: place.id, room: room.id }), "invalid", "room");
  const guest = await hub.client({ token: await hub.member("guest", "guest") });
  await fails(guest.call("draft.set", { thread: place.id, text: "x", at: 1 }), "forbidden");
  await guest.close();
  const bo = await hub.client({ token: await hub.member("bo") });
  const longest = "\n".repeat(limits.post_bytes - 1) + "x";   // twice as long in JSON
  for (let i = 0; i <= limits.drafts_max; i++) {
    const { id } = await thread();
    const set = bo.call("draft.set", { thread: id, text: longest, at: 1 });
    if (i < limits.drafts_max) await set;
    else await fails(set, "conflict");
  }
  let all;   // 3 MB of JSON: a busy machine may need more than one try, as any client may
  for (let i = 0; i < 50 && all === undefined; i++) all = await drafts(bo).catch((e) => assert.equal(e.code, "deadline"));
  assert.equal(all?.length, limits.drafts_max);
  await bo.close();
});

test("drafts live through a restart, a rebuild, a backup and a restore; verify finds nothing", async () => {
  const place = await thread();
  await phone.call("draft.set", { thread: place.id, text: "keep this", at: 77 });
  const copy = join(hub.dir, "copy.db"), other = join(hub.dir, "other");
  await hub.cli("backup", "--data", hub.dir, copy);
  for (const c of [phone, desk]) await c.close();
  await hub.stop();
  await hub.cli("rebuild", "--data", hub.dir);
  assert.match(await hub.cli("verify", "--data", hub.dir), /verified/);
  await hub.serve();
  phone = await hub.client({ token });
  desk = null;
  assert.deepEqual(await drafts(phone, { thread: place.id }), [{ thread: place.id, at: 77, text: "keep this" }]);
  await hub.cli("restore", copy, "--data", other);
  assert.match(await hub.cli("verify", "--data", other), /verified/);
  const restored = new Hub();
  Object.assign(restored, { dir: other, options: hub.options, log: "", count: 0 });
  await restored.serve();
  const there = await restored.client({ token });
  assert.equal((await drafts(there, { thread: place.id }))[0].text, "keep this");
  await there.close();
  await restored.stop();
});
