/* Proves how somebody comes in who asks: an address is shown first, the answer is the same whatever becomes of it, admins of the
 * region alone see and decide, and an approval ends in a member and an organisation. And lists of people, for who may send them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { simpleParser } from "mailparser";
import { Hub, cid, fails, headSeq } from "./helper.mjs";

let hub, admin, ana, bo, region, other;
before(async () => {
  hub = await Hub.start();
  admin = await hub.client();
  [ana, bo] = await Promise.all(["ana", "bo"].map(async (handle) => hub.client({ token: await hub.member(handle) })));
  region = (await admin.call("room.list")).regions[0].id;
  other = (await admin.call("region.create", { slug: "other", name: "Other", cid: cid() })).id;
  await admin.call("member.role", { member: ana.hello.me.id, role: "admin", region, cid: cid() });
});
after(async () => {
  for (const c of [admin, ana, bo]) await c?.close();
  await hub?.done();
});

let id = 1;
const post = async (method, params) => (await hub.post({ jsonrpc: "2.0", id: id++, method, params })).json;
const until = async (look) => {
  for (let i = 0; i < 400; i++) {
    const found = await look();
    if (found) return found;
    await new Promise((go) => setTimeout(go, 25));
  }
  throw new Error(`it did not come:\n${hub.log.slice(-2000)}`);
};
const mails = async () => {
  const dir = join(hub.dir, "mail");
  const names = (() => { try { return readdirSync(dir).filter((n) => n.endsWith(".eml")); } catch { return []; } })();
  return Promise.all(names.map((n) => simpleParser(readFileSync(join(dir, n)))));
};
const mailTo = (email, text) => until(async () => (await mails()).find((m) => m.to.value[0].address === email && m.text.includes(text)));
const codesFor = async (email) => (await mails()).filter((m) => m.to.value[0].address === email)
  .map((m) => /^\d{6}/.exec(m.subject)?.[0]).filter(Boolean);
async function ticketFor(email) {
  const before = new Set(await codesFor(email));
  const { result } = await post("session.code", { email, join: true });
  const code = await until(async () => (await codesFor(email)).find((one) => !before.has(one)));
  return { ticket: result.ticket, code };
}
const said = { kind: "city", org: "Ville de Kara", country: "TG", city: "Kara", name: "Afi Mensah", title: "Planner", text: "We run buses.", lang: "fr" };

test("who asks has shown their address; a wrong code is told as any other failure", async () => {
  const t = await ticketFor("afi@kara.example");
  const wrong = await post("request.create", { ...t, code: t.code === "000000" ? "000001" : "000000", ...said, region });
  assert.equal(wrong.error.data.code, "unauthenticated");
  assert.equal((await post("request.create", { ...t, kind: "city", org: "X", country: "TG", name: "X" })).error.data.field, "city");
  const done = await post("request.create", { ...t, ...said, region });
  assert.deepEqual(done.result, {});
  assert.equal((await post("request.create", { ...t, ...said, region })).error.data.code, "unauthenticated");   /* a code is good once */
  assert.ok(await mailTo("afi@kara.example", "Ville de Kara"));
  const second = await ticketFor("bo@elsewhere.example");
  assert.deepEqual((await post("request.create", { ...second, ...said, org: "Elsewhere", region: other })).result, {});
});

test("without a region it waits for the hub's admins", async () => {
  const third = await ticketFor("c@kara.example");
  assert.deepEqual((await post("request.create", { ...third, ...said, org: "Third", lang: "en" })).result, {});
});

test("admins see what is of their region, others nothing; nothing of it is in the journal", async () => {
  await fails(bo.call("request.list"), "forbidden");
  assert.deepEqual((await ana.call("request.list")).requests.map((r) => r.org), ["Ville de Kara"]);
  const all = (await admin.call("request.list")).requests;
  assert.ok(["Ville de Kara", "Elsewhere", "Third"].every((name) => all.some((r) => r.org === name)));
  const elsewhere = all.find((r) => r.org === "Elsewhere").id;
  const gone = await fails(bo.call("request.decide", { request: all[0].id, approve: true, cid: cid() }), "not_found");
  const none = await fails(bo.call("request.decide", { request: 999, approve: true, cid: cid() }), "not_found");
  assert.equal(gone.message, none.message);
  await fails(ana.call("request.decide", { request: elsewhere, approve: true, cid: cid() }), "not_found");
  const seq = await headSeq(admin);
  await admin.call("request.decide", { request: elsewhere, approve: false, reason: "Not a city that we know.", cid: cid() });
  await admin.call("request.decide", { request: elsewhere, approve: false, cid: cid() });
  await fails(admin.call("request.decide", { request: elsewhere, approve: true, cid: cid() }), "conflict");
  assert.equal(await headSeq(admin), seq);
  assert.ok(await mailTo("bo@elsewhere.example", "Not a city that we know."));
  assert.equal((await admin.call("request.list", { decided: true })).requests[0].decided.approved, false);
});

test("an approval makes the organisation and lets its delegate in, once", async () => {
  const request = (await ana.call("request.list")).requests[0].id;
  await ana.call("request.decide", { request, approve: true, cid: cid() });
  const { orgs: [org] } = await ana.call("org.list", { text: "kara" });
  assert.deepEqual([org.kind, org.name, org.city, org.country, org.region, org.members], ["city", "Ville de Kara", "Kara", "TG", region, 0]);
  const mail = await until(async () => (await mails()).find((m) => m.to.value[0].address === "afi@kara.example" && /[\w-]{43}/.test(m.text)));
  const invite = /[\w-]{43}/.exec(mail.text)[0];
  const look = (await post("invite.look", { code: invite })).result;
  assert.deepEqual([look.org_name, look.said.name, look.said.city, look.said.country], ["Ville de Kara", "Afi Mensah", "Kara", "TG"]);
  const { result } = await post("session.code", { email: "afi@kara.example", invite });
  const code = await until(async () => (await mails()).filter((m) => m.to.value[0].address === "afi@kara.example" && /^\d{6} /.test(m.subject))[1]?.subject.slice(0, 6));
  const codes = (await mails()).filter((m) => m.to.value[0].address === "afi@kara.example" && /^\d{6} /.test(m.subject)).map((m) => m.subject.slice(0, 6));
  assert.ok(code);
  let me;
  for (const one of codes) me ??= (await post("invite.take", { invite, ticket: result.ticket, code: one, name: "Afi Mensah" })).result?.me;
  assert.equal(me.org, "Ville de Kara");
  const { people } = await bo.call("org.get", { org: org.id });
  assert.deepEqual(people.map((p) => [p.member, p.delegate]), [[me.id, true]]);
  const again = await ana.call("request.decide", { request, approve: true, cid: cid() });
  assert.ok(again.seq > 0);
  assert.equal((await ana.call("org.list", { text: "kara" })).orgs.length, 1);
});

test("the answer is the same for who is a member already, and admins are told", async () => {
  const t = await ticketFor("afi@kara.example");
  assert.deepEqual((await post("request.create", { ...t, ...said, org: "Again", region })).result, {});
  const again = (await ana.call("request.list")).requests.find((r) => r.org === "Again");
  assert.equal((await ana.call("member.list", { ids: [again.member] })).members[0].name, "Afi Mensah");
  await ana.call("request.decide", { request: again.id, approve: false, cid: cid() });
});

test("a list of people is looked through, then sent, by admins and delegates alone", async () => {
  const csv = "name,email,organisation,language\r\nDan,dan@kara.example,Ville de Kara,fr\r\nAfi,afi@kara.example,,\r\nEve,not an address,,\r\n";
  await fails(bo.call("invite.bulk", { csv, dry: true }), "forbidden");
  await fails(ana.call("invite.bulk", { csv, dry: true }), "forbidden");   /* of a region alone: there, not in the hub */
  await fails(ana.call("invite.bulk", { csv, dry: true, region: other }), "forbidden");
  const dry = await ana.call("invite.bulk", { csv, dry: true, region });
  assert.deepEqual(dry.rows.map((r) => [r.line, r.state, r.column]), [[2, "ok", undefined], [3, "member", undefined], [4, "error", "email"]]);
  assert.equal((await mails()).some((m) => m.to.value[0].address === "dan@kara.example"), false);
  await ana.call("invite.bulk", { csv, dry: false, region });
  const mail = await mailTo("dan@kara.example", "Ville de Kara");
  const invite = /[\w-]{43}/.exec(mail.text)[0];
  const look = (await post("invite.look", { code: invite })).result;
  assert.deepEqual([look.org_name, look.said, look.email], ["Ville de Kara", { name: "Dan" }, "dan@kara.example"]);
  assert.equal((await ana.call("invite.bulk", { csv, dry: true, region })).rows[0].state, "invited");
  const again = [];
  for (let i = 0; i < 3; i++) {   /* taken back each time: three mails a day to one address, one by one or by lists */
    for (const one of (await ana.call("invite.list")).invitations) if (one.email === "dan@kara.example") await ana.call("invite.drop", { id: one.id });
    again.push((await ana.call("invite.bulk", { csv, dry: false, region })).rows[0].state);
  }
  assert.deepEqual(again, ["ok", "ok", "invited"]);
  await fails(ana.call("invite.create", { email: "dan@kara.example", region }), "rate_limited");
  await ana.call("invite.create", { region });
  await fails(ana.call("invite.bulk", { csv: "name\nx", dry: true, region }), "invalid", "csv");

  const { orgs: [org] } = await ana.call("org.list", { text: "kara" });
  const { people: [{ member }] } = await ana.call("org.get", { org: org.id });
  const afi = await hub.client({ handle: (await ana.call("member.list", { ids: [member] })).members[0].handle });
  const one = "email\nfil@kara.example\n";
  await fails(afi.call("invite.bulk", { csv: one, dry: false, region }), "forbidden");
  assert.equal((await afi.call("invite.bulk", { csv: one, dry: false, org: org.id })).rows[0].state, "ok");
  await admin.call("org.member", { org: org.id, member, delegate: false, cid: cid() });
  await fails(afi.call("invite.bulk", { csv: one, dry: false, org: org.id }), "forbidden");
  const code = /[\w-]{43}/.exec((await mailTo("fil@kara.example", "Ville de Kara")).text)[0];
  const { result } = await post("session.code", { email: "fil@kara.example", invite: code });
  const number = await until(async () => (await mails()).find((m) => m.to.value[0].address === "fil@kara.example" && /^\d{6} /.test(m.subject))?.subject.slice(0, 6));
  const late = await post("invite.take", { invite: code, ticket: result.ticket, code: number, name: "Fil" });
  assert.equal(late.error.data.code, "not_found");   /* whoever invited may not any more */
  await afi.close();
});

test("long lists go on behind the last one that came, and tell nobody of others", async () => {
  const csv = `email\n${Array.from({ length: 230 }, (_, i) => `p${i}@long.example`).join("\n")}\n`;
  await admin.call("invite.bulk", { csv, dry: false });
  const whole = [];
  for (let next; ; next = whole.at(-1).id) {
    const { invitations } = await admin.call("invite.list", { all: true, ...(next ? { next } : {}) });
    whole.push(...invitations);
    if (invitations.length < 200) break;
  }
  const of = whole.map((i) => i.email).filter((email) => email?.endsWith("@long.example"));
  assert.deepEqual([of.length, new Set(of).size], [230, 230]);
  assert.ok(whole.every((i, at) => at === 0 || whole[at - 1].at >= i.at));
  /* of others' invitations one does not learn whether they are there */
  assert.deepEqual((await bo.call("invite.list", { next: whole[0].id })).invitations, []);
  const own = (await ana.call("invite.list")).invitations;
  assert.deepEqual((await ana.call("invite.list", { next: own[0].id })).invitations.map((i) => i.id), own.slice(1).map((i) => i.id));
  assert.deepEqual((await ana.call("invite.list", { next: whole.find((i) => i.by !== ana.hello.me.id).id })).invitations, []);

  const decided = (await admin.call("request.list", { decided: true })).requests;
  assert.ok(decided.length >= 3);
  assert.deepEqual((await admin.call("request.list", { decided: true, next: decided[0].id })).requests.map((r) => r.id), decided.slice(1).map((r) => r.id));
  const others = decided.find((r) => r.region === other).id;
  assert.deepEqual((await ana.call("request.list", { decided: true, next: others })).requests, []);
  await fails(bo.call("request.list", { decided: true, next: 1 }), "forbidden");
});

test("members are looked after by who administers them", async () => {
  await fails(bo.call("desk.members"), "forbidden");
  const { people, members } = await ana.call("desk.members", { region });
  assert.deepEqual(members.map((m) => m.region), people.map(() => region));
  const all = (await admin.call("desk.members", {})).people;
  assert.ok(all.some((p) => p.member === bo.hello.me.id));
  assert.ok((await admin.call("desk.members", { only: "unreachable" })).people.some((p) => p.member === bo.hello.me.id && p.unreachable));
  assert.ok((await admin.call("desk.members", { text: "AFI", role: "member" })).people.length === 1);
  assert.deepEqual((await admin.call("desk.members", { only: "bounces" })).people, []);
  await fails(admin.call("desk.members", { only: "nonsense" }), "invalid", "only");
});

test("what somebody said who asked is for who decides: nobody else is sent it, and no log has it", async () => {
  const heard = JSON.stringify(bo.notes) + JSON.stringify((await Promise.all(["org.list", "member.list", "room.list"].map((m) => bo.call(m)))));
  const answers = await Promise.all(["request.list", "desk.members", "desk.numbers"].map((m) => bo.call(m).catch((e) => e.message)));
  for (const word of ["kara.example", "We run buses.", "Not a city that we know."]) {
    assert.equal((heard + answers.join()).includes(word), false, word);
    assert.equal(hub.log.split("\n").filter((line) => line.startsWith("{")).join("\n").includes(word), false, `${word} in the log`);
  }
});

test("the region that they name is one of the hub's, goes to its admins, and is that of what is made, unless an admin of the hub names another", async () => {
  const { regions } = (await post("region.list", {})).result;
  assert.deepEqual(regions, (await admin.call("room.list")).regions);
  assert.ok([region, other].every((id) => regions.some((g) => g.id === id)));
  const t = await ticketFor("d@lome.example");
  for (const wrong of [`${region.split("-")[0]}-999999`, (await admin.call("room.list")).rooms[0].id]) {
    const { error } = await post("request.create", { ...t, ...said, org: "Lome", region: wrong });
    assert.deepEqual([error.data.code, error.data.field], ["invalid", "region"]);
  }
  assert.equal((await admin.call("request.list")).requests.some((r) => r.org === "Lome"), false);
  assert.deepEqual((await post("request.create", { ...t, ...said, org: "Lome", region })).result, {});   /* the code stayed good */
  const lome = (await ana.call("request.list")).requests.find((r) => r.org === "Lome");
  assert.equal(lome.region, region);
  await fails(ana.call("request.decide", { request: lome.id, approve: true, region: other, cid: cid() }), "forbidden");
  await ana.call("request.decide", { request: lome.id, approve: true, cid: cid() });
  assert.equal((await ana.call("org.list", { text: "lome" })).orgs[0].region, region);

  const u = await ticketFor("e@sokode.example");
  assert.deepEqual((await post("request.create", { ...u, ...said, org: "Sokode", region })).result, {});
  const sokode = (await admin.call("request.list")).requests.find((r) => r.org === "Sokode");
  await admin.call("request.decide", { request: sokode.id, approve: true, region: other, cid: cid() });
  assert.equal((await admin.call("org.list", { text: "sokode" })).orgs[0].region, other);
  const { invitations } = await admin.call("invite.list", { all: true });
  assert.deepEqual(["d@lome.example", "e@sokode.example"].map((email) => invitations.find((i) => i.email === email).region), [region, other]);
});

test("so many ask in an hour and no more; what was said is safe, and when to try again is told", async () => {
  let refused;
  for (let i = 0; i < 31 && !refused; i++) {
    const email = `r${i}@crowd.example`;
    const { result } = await post("session.code", { email, join: true });
    const code = await until(async () => new RegExp(`code for ${email}: (\\d{6})`).exec(hub.log)?.[1]);
    refused = (await post("request.create", { ticket: result.ticket, code, ...said, org: `Crowd ${i}` })).error;
  }
  assert.equal(refused.data.code, "rate_limited");
  assert.ok(refused.data.retry_after_ms > 3_000_000 && refused.data.retry_after_ms <= 3_600_000);
});
