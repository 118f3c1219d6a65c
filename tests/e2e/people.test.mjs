/* Proves that what somebody says of themselves goes no further than the circle that they chose, whatever is asked for; that it is
 * theirs through restart, rebuild, backup and restore; and that a peer is found for what they said and wrote. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Hub, cid, fails, limits } from "./helper.mjs";

const SECRET = "zqxwombat";   // stands in hidden fields alone
let hub, admin, ana, bo, cleo, region, general, club;

before(async () => {
  hub = await Hub.start({ env: { BARAZA_LIMITS_ENFORCE: "no" } });
  admin = await hub.client();
  const { rooms, regions } = await admin.call("room.list");
  region = regions[0].id;
  general = rooms[0].id;
  club = (await admin.call("room.create", { region, slug: "club", name: "Club", access: "members", cid: cid() })).id;
  ana = await hub.client({ token: await hub.member("ana") });
  bo = await hub.client({ token: await hub.member("bo") });
  cleo = await hub.client({ token: await hub.member("cleo") });
  for (const who of [ana, bo]) await who.call("room.join", { room: club, cid: cid() });
});
after(async () => {
  for (const c of [admin, ana, bo, cleo]) await c?.close();
  await hub?.done();
});

const id = (who) => who.hello.me.id;
const fields = { title: `Head ${SECRET}`, languages: ["qu"], themes: ["cable-cars"], can: `Help ${SECRET}`, can_themes: ["ferries-none"], seeks: `Seek ${SECRET}`,
  about: `About ${SECRET}`, size: "mega", contact: `Call ${SECRET}` };
const all = (circle) => Object.fromEntries(Object.keys(fields).map((f) => [f, circle]));

/* Everything that could find, count or rank somebody by what they hide. */
async function probes(who) {
  const ask = [
    ["profile.get", { member: id(ana) }], ["member.find", {}], ["member.find", { text: SECRET }], ["member.find", { text: SECRET.slice(0, 4) }],
    ["member.find", { can: SECRET }], ["member.find", { theme: "cable-cars" }], ["member.find", { theme: "public-transport" }], ["member.find", { lang: "qu" }],
    ["member.find", { theme: "rail" }], ["member.facets", {}], ["member.facets", { region }], ["peer.find", { text: `Who knows ${SECRET}?` }],
    ["peer.find", { theme: "cable-cars" }], ["peer.find", { theme: "rail" }], ["peer.find", { city: "Nowhere" }], ["peer.find", {}],
    ["search.query", { text: SECRET }], ["member.list", { prefix: SECRET }], ["member.list", { ids: [id(ana)] }], ["room.list", {}],
  ];
  const answers = [];
  for (const [method, params] of ask) answers.push([method, await who.call(method, params)]);
  return answers;
}
const without = (answers) => JSON.stringify(answers, (k, v) => (k === "seq" || k === "last_seq" ? undefined : v));

test("a field for nobody cannot be told from one that says nothing: by reading, filters, counts, order or rank", async () => {
  await ana.call("profile.set", { peers: true });
  const before = {};
  for (const [name, who] of [["bo", bo], ["cleo", cleo], ["admin", admin]]) before[name] = without(await probes(who));
  const { can_themes, ...known } = fields;
  await fails(ana.call("profile.set", { can_themes }), "invalid", "can_themes");
  await ana.call("profile.set", { ...known, can_themes: ["rail"], shown: all("nobody") });
  for (const [name, who] of [["bo", bo], ["cleo", cleo], ["admin", admin]]) {
    const now = without(await probes(who));
    assert.equal(now, before[name], name);
    assert.equal(now.toLowerCase().includes(SECRET), false, name);
  }
  const own = await ana.call("profile.get");
  assert.equal(own.profile.contact, fields.contact);
  assert.deepEqual(own.shown, all("nobody"));
});

test("who shares a room sees what is for rooms, until they leave it; what is for a region, who says to be of it", async () => {
  await ana.call("profile.set", { shown: { ...all("nobody"), can: "rooms", about: "region" } });
  assert.equal((await bo.call("profile.get", { member: id(ana) })).profile.can, fields.can);
  assert.deepEqual((await cleo.call("profile.get", { member: id(ana) })).profile, {});
  assert.deepEqual((await bo.call("member.find", { can: SECRET })).people.map((p) => p.member.id), [id(ana)]);
  assert.deepEqual((await cleo.call("member.find", { can: SECRET })).people, []);
  await bo.call("room.leave", { room: club, cid: cid() });
  assert.deepEqual((await bo.call("profile.get", { member: id(ana) })).profile, {});
  await bo.call("room.join", { room: club, cid: cid() });
  for (const who of [ana, cleo]) await who.call("member.set", { region, cid: cid() });
  assert.deepEqual((await cleo.call("profile.get", { member: id(ana) })).profile, { about: fields.about });
  const other = (await admin.call("region.create", { slug: "south", name: "South", cid: cid() })).id;
  await cleo.call("member.set", { region: other, cid: cid() });
  assert.deepEqual((await cleo.call("profile.get", { member: id(ana) })).profile, {});
});

test("a name that changes is told, found, and says no more than it was asked to", async () => {
  const set = await ana.call("member.set", { name: "Ana Gbedema", city: "Lomé", country: "TG", cid: cid() });
  const { params } = await cleo.entry(set.seq);
  assert.deepEqual([params.kind, params.member, params.name, params.city, "org" in params], ["member.set", id(ana), "Ana Gbedema", "Lomé", false]);
  assert.deepEqual((await cleo.call("member.find", { city: "LOME" })).people.map((p) => p.member.name), ["Ana Gbedema"]);
  assert.deepEqual((await cleo.call("member.facets")).cities, [{ city: "Lomé", count: 1 }]);
  await fails(cleo.callAnyway("member.set", { member: id(ana), name: "Somebody", cid: cid() }), "forbidden");
  await admin.call("member.set", { member: id(ana), org: "Ville de Lomé", cid: cid() });
  await fails(ana.callAnyway("member.set", { country: "Togo", cid: cid() }), "invalid", "country");
  await fails(ana.callAnyway("member.set", { name: null, cid: cid() }), "invalid", "name");
  await fails(cleo.call("profile.get", { member: "test-999999" }), "not_found");
});

test("pages of the directory hold everybody once", async () => {
  for (let i = 0; i < 7; i++) await admin.call("member.add", { handle: `page.${i}`, name: `Page ${i}`, cid: cid() });
  const seen = [];
  for (let before; ;) {
    const { people } = await cleo.call("member.find", { limit: 3, ...(before && { before }) });
    if (people.length === 0) break;
    seen.push(...people.map((p) => p.member.handle));
    before = people.at(-1).member.id;
  }
  assert.deepEqual(seen, ["admin", "ana", "bo", "cleo", ...Array.from({ length: 7 }, (_, i) => `page.${i}`)]);
});

test("a peer is proposed for a question of mine, with reasons; nobody who did not say so, is blocked or blocks", async () => {
  const question = await cleo.call("thread.create", { room: general, kind: "question", title: "How do we license minibus drivers after a reform?", text: "?", cid: cid() });
  const find = async () => (await cleo.call("peer.find", { thread: question.id })).people.filter((p) => p.member.id === id(bo));
  await bo.call("profile.set", { can: "Licensing drivers of minibuses", can_themes: ["paratransit"], shown: { can: "all", can_themes: "all" } });
  assert.deepEqual(await find(), []);
  await bo.call("profile.set", { peers: true });
  const [peer] = await find();
  assert.deepEqual([peer.why.can_theme, peer.why.can, peer.theme], [1, 3, "paratransit"]);
  assert.equal(peer.score, 40 + 3 * 15 + 10);
  for (const [who, member] of [[cleo, bo], [bo, cleo]]) {
    await who.call("member.block", { member: id(member), on: true });
    assert.deepEqual(await find(), []);
    await who.call("member.block", { member: id(member), on: false });
    assert.equal((await find()).length, 1);
  }
  await fails(cleo.callAnyway("peer.find", { thread: question.id, text: "x" }), "invalid", "thread");
  const hidden = await ana.call("thread.create", { room: club, title: "In the club", text: "x", cid: cid() });
  await fails(cleo.call("peer.find", { thread: hidden.id }), "not_found");
});

test("limits are kept, and what is too long or unknown is named", async () => {
  const long = "é".repeat(limits.profile_chars);
  await ana.call("profile.set", { about: long });
  await fails(ana.call("profile.set", { about: `${long}x` }), "invalid", "about");
  await fails(ana.callAnyway("profile.set", { languages: ["en", "en"] }), "invalid", "languages");
  await fails(ana.callAnyway("profile.set", { shown: { handle: "all" } }), "invalid", "shown");
  await fails(ana.callAnyway("profile.set", { shown: { can: "everybody" } }), "invalid", "shown");
  await fails(ana.callAnyway("profile.set", { size: "huge" }), "invalid", "size");
  await ana.call("profile.set", { about: null });
  assert.equal((await ana.call("profile.get")).profile.about, undefined);
});

test("who moderates the hub takes one field out, with a warning that says why; a rebuild leaves what was said since", async () => {
  const mo = await hub.client({ token: await hub.member("mo") });
  await admin.call("member.role", { member: id(mo), role: "moderator", region, cid: cid() });
  await ana.call("profile.set", { about: "zqrude words", can: "Kind words", languages: ["qu"], shown: all("all") });
  const clear = (field, more = {}) => ({ member: id(ana), act: "warn", field, rule: "rude", reason: "Not here", cid: cid(), ...more });
  for (const who of [bo, mo]) await fails(who.call("member.sanction", clear("about")), "forbidden");   /* of a region: not enough */
  await admin.call("member.role", { member: id(mo), role: "moderator", cid: cid() });
  await fails(mo.call("member.sanction", clear("about", { member: id(admin) })), "forbidden");
  for (const more of [{ act: "silence" }, { room: general }, { region }]) await fails(mo.call("member.sanction", clear("about", more)), "invalid", "field");
  await fails(mo.callAnyway("member.sanction", clear("handle")), "invalid", "field");
  const found = async (params) => (await bo.call("member.find", params)).people.some((p) => p.member.id === id(ana));
  assert.ok(await found({ text: "zqrude" }) && await found({ lang: "qu" }));

  const first = clear("about");
  const { id: sanction } = await mo.call("member.sanction", first);
  await mo.call("member.sanction", clear("languages"));
  const own = await ana.call("profile.get");
  assert.deepEqual([own.profile.about, own.profile.languages, own.profile.can, own.shown.about], [undefined, undefined, "Kind words", "all"]);
  assert.equal((await bo.call("profile.get", { member: id(ana) })).profile.about, undefined);
  assert.equal(await found({ text: "zqrude" }) || await found({ lang: "qu" }), false);
  const told = (await ana.call("sanction.mine")).sanctions.find((s) => s.id === sanction);
  assert.deepEqual([told.act, told.field, told.rule, told.reason], ["warn", "about", "rude", "Not here"]);
  assert.equal((await admin.call("sanction.list", { member: id(ana) })).sanctions.find((s) => s.id === sanction).field, "about");
  const { acts } = await bo.call("log.list", { room: general });
  assert.ok(acts.some(({ entry }) => entry.kind === "member.sanction" && entry.field === "about" && entry.reason === "Not here" && !entry.member));

  await ana.call("profile.set", { about: "zqkind words" });
  assert.equal((await mo.call("member.sanction", first)).id, sanction);   /* sent again: once is enough */
  assert.equal((await ana.call("profile.get")).profile.about, "zqkind words");
  await mo.close();
});

test("a profile is its owner's through restart, rebuild, backup and restore", async () => {
  const before = await ana.call("profile.get");
  const { token } = ana;
  for (const c of [admin, ana, bo, cleo]) await c.close();
  await hub.cli("backup", "--data", hub.dir, join(hub.dir, "copy.db"));
  await hub.stop();
  await hub.cli("rebuild", "--data", hub.dir);
  await hub.cli("verify", "--data", hub.dir);
  await hub.serve();
  ana = await hub.client({ token });
  const same = (now) => assert.deepEqual([now.profile, now.shown, now.member], [before.profile, before.shown, before.member]);
  same(await ana.call("profile.get"));
  await hub.cli("restore", join(hub.dir, "copy.db"), "--data", join(hub.dir, "other"));
  const restored = new Hub();
  Object.assign(restored, { dir: join(hub.dir, "other"), options: hub.options, log: "", count: 0 });
  await restored.serve();
  const there = await restored.client({ token });
  same(await there.call("profile.get"));
  await there.close();
  await restored.stop();
});
