/* Proves who says what of an organisation and who is in it, over the real protocol: delegates raise nobody, rights are looked
 * at again at each call, and what is told of people follows. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Hub, cid, fails } from "./helper.mjs";

let hub, admin, ana, bo, cy, region, other, org;
const people = {};
const id = (c) => c.hello.me.id;
const put = (who, member, more = {}) => who.call("org.member", { org, member, ...more, cid: cid() });
const orgOf = async (member) => (await bo.call("member.list", { ids: [member] })).members[0].org;

before(async () => {
  hub = await Hub.start({ env: { BARAZA_LIMITS_ENFORCE: "no" } });
  admin = await hub.client();
  [ana, bo, cy] = await Promise.all(["ana", "bo", "cy"].map(async (handle) => hub.client({ token: await hub.member(handle) })));
  region = (await admin.call("room.list")).regions[0].id;
  other = (await admin.call("region.create", { slug: "other", name: "Other", cid: cid() })).id;
  for (const c of [ana, bo, cy]) people[c.hello.me.handle] = id(c);
});
after(async () => {
  for (const c of [admin, ana, bo, cy]) await c?.close();
  await hub?.done();
});

test("admins make organisations, of their region alone", async () => {
  const made = { kind: "city", name: "Mairie de Lomé", city: "Lomé", country: "TG", region };
  await fails(ana.call("org.create", { ...made, cid: cid() }), "forbidden");
  org = (await admin.call("org.create", { ...made, cid: cid() })).id;
  await fails(admin.call("org.create", { ...made, name: "MAIRIE DE LOME", cid: cid() }), "conflict", "name");
  await admin.call("member.role", { member: people.cy, role: "admin", region: other, cid: cid() });
  const theirs = await cy.call("org.create", { kind: "partner", name: "Wheels", country: "KE", region: other, cid: cid() });
  await fails(cy.call("org.create", { kind: "partner", name: "Others", country: "KE", region, cid: cid() }), "forbidden");
  await fails(cy.call("org.create", { kind: "partner", name: "Others", country: "KE", cid: cid() }), "forbidden");
  await fails(cy.call("org.set", { org, name: "Mine", cid: cid() }), "forbidden");
  await fails(cy.call("org.set", { org: theirs.id, region, cid: cid() }), "forbidden");
  await fails(bo.call("org.get", { org: "test-999" }), "not_found");
  assert.deepEqual((await bo.call("org.list", { text: "lome" })).orgs.map((o) => o.id), [org]);
  assert.deepEqual((await bo.call("org.list", { limit: 1 })).orgs.map((o) => o.id), [theirs.id]);
  assert.deepEqual((await bo.call("org.list", { before: theirs.id })).orgs.map((o) => o.id), [org]);
});

test("delegates bring colleagues in and out, and raise nobody", async () => {
  await fails(put(ana, people.bo), "forbidden");
  await put(admin, people.ana, { delegate: true });
  assert.equal(await orgOf(people.ana), "Mairie de Lomé");
  await put(ana, people.bo);
  assert.equal(await orgOf(people.bo), "Mairie de Lomé");
  await fails(put(ana, people.bo, { delegate: true }), "forbidden");
  await fails(put(bo, people.cy), "forbidden");
  await fails(bo.call("org.set", { org, contact: "Mine", cid: cid() }), "forbidden");
  await ana.call("org.set", { org, contact: "Rue 1\n+228 1", langs: ["fr"], cid: cid() });
  await fails(ana.call("org.set", { org, name: "Mine", cid: cid() }), "forbidden");
  await admin.call("org.set", { org, name: "Ville de Lomé", cid: cid() });
  assert.equal(await orgOf(people.bo), "Ville de Lomé");
  const { org: now, people: inside } = await bo.call("org.get", { org });
  assert.deepEqual([now.contact, now.langs, now.members, now.mine, now.delegate], ["Rue 1\n+228 1", ["fr"], 2, true, undefined]);
  assert.deepEqual(inside.map((p) => [p.member, p.delegate]), [[people.ana, true], [people.bo, undefined]]);
});

test("nobody is taken from another organisation, and everybody may leave", async () => {
  const { orgs: [wheels] } = await bo.call("org.list", { country: "KE" });
  await fails(cy.call("org.member", { org: wheels.id, member: people.bo, cid: cid() }), "conflict");
  await put(bo, people.bo, { gone: true });
  assert.equal(await orgOf(people.bo), undefined);
  await fails(put(bo, people.bo), "forbidden");
  await cy.call("org.member", { org: wheels.id, member: people.bo, cid: cid() });
  await fails(put(ana, people.bo), "conflict");
  await put(admin, people.bo);
  assert.equal(await orgOf(people.bo), "Ville de Lomé");
  await put(ana, people.bo, { gone: true });
  await fails(put(ana, "test-99999"), "not_found");
});

test("who still works there is said by delegates; what was given is taken away at once", async () => {
  await put(ana, people.bo);
  await fails(bo.call("org.confirm", { org, members: [people.bo], cid: cid() }), "forbidden");
  await fails(ana.call("org.confirm", { org, members: [people.cy], cid: cid() }), "invalid", "members");
  const before = (await ana.call("org.get", { org })).people.find((p) => p.member === people.bo).confirmed_at;
  await ana.call("org.confirm", { org, members: [people.bo, people.cy], cid: cid() });
  const { people: inside } = await ana.call("org.get", { org });
  assert.ok(inside.find((p) => p.member === people.bo).confirmed_at > before);
  assert.deepEqual((await ana.call("org.due")).due, []);
  await put(admin, people.ana, { delegate: false });
  await fails(put(ana, people.bo, { gone: true }), "forbidden");
  await admin.call("member.role", { member: people.cy, role: "guest", region: other, cid: cid() });
  const { orgs: [wheels] } = await bo.call("org.list", { country: "KE" });
  await fails(cy.call("org.set", { org: wheels.id, name: "Mine", cid: cid() }), "forbidden");
  assert.equal((await hub.cli("verify", "--data", hub.dir, "--quick")).includes("wrong"), false);
});

test("numbers are for admins, each for what they administer", async () => {
  await fails(bo.call("desk.numbers"), "forbidden");
  await admin.call("member.role", { member: people.cy, role: "admin", region: other, cid: cid() });
  const regions = async (who) => [...new Set((await who.call("desk.numbers")).weeks.map((w) => w.region))];
  assert.deepEqual(await regions(cy), [other]);
  assert.deepEqual(await regions(admin), [undefined, region, other]);
  const { weeks } = await admin.call("desk.numbers");
  assert.ok(weeks.find((w) => w.region === undefined && w.at > Date.now() - 7 * 86400_000).members >= 4);
});
