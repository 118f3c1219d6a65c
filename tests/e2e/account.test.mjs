/* Who comes in by a code: only with the ticket of the browser that asked, five tries, one use, five mails an hour. Whatever the
 * address, the answer is the same. An invitation is used as often as it says, with the rights its maker has then. Sessions end one by
 * one and all at once. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { simpleParser } from "mailparser";
import WebSocket from "ws";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";

/* The operator's console tells the codes, where no mail server is set. */
async function codeFor(daemon, email, after = 0) {
  for (let i = 0; i < 200; i++) {
    const all = [...daemon.out.slice(after).matchAll(/Sign-in code for (\S+): (\d{6})/g)].filter((m) => m[1] === email);
    if (all.length > 0) return all.at(-1)[2];
    await sleep(50);
  }
  assert.fail(`no code for ${email}`);
}

async function call(daemon, method, params, { cookie, token } = {}) {
  const answer = await fetch(`${daemon.url}/rpc`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }),
               ...(cookie && { cookie, origin: daemon.url, "sec-fetch-site": "same-origin" }) },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const set = answer.headers.get("set-cookie");
  const body = await answer.json();
  return { status: answer.status, ...body, cookie: set?.split(";")[0], set, headers: answer.headers };
}
const good = async (...args) => {
  const answer = await call(...args);
  assert.ok(answer.result, JSON.stringify(answer.error));
  return { ...answer.result, cookie: answer.cookie };
};
const refused = async (code, ...args) => {
  const { error, cookie } = await call(...args);
  assert.equal(error?.data.code, code, JSON.stringify(error));
  assert.equal(cookie, undefined);
  return error;
};
async function ask(daemon, email, more = {}) {
  const after = daemon.out.length;
  const { ticket } = await good(daemon, "session.code", { email, ...more });
  return { ticket, code: () => codeFor(daemon, email.toLowerCase(), after) };
}
async function enter(daemon, email, device) {
  const asked = await ask(daemon, email);
  return good(daemon, "session.enter", { ticket: asked.ticket, code: await asked.code(), ...(device && { device }) });
}

test("a code by mail signs in: once, in the browser that asked, within five tries", async () => {
  const dir = tempDir();
  const tokens = hub(dir, ["ben"]);
  cli("member", "add", "--data", dir, "ana", "--name", "Ana", "--email", "Ana@Ville.example");
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const first = await ask(daemon, "ANA@ville.example");
    const code = await first.code();
    const wrong = code === "000000" ? "000001" : "000000";
    /* another browser's ticket, and one that was never given */
    const other = await ask(daemon, "nobody@ville.example");
    await refused("unauthenticated", daemon, "session.enter", { ticket: other.ticket, code });
    await refused("unauthenticated", daemon, "session.enter", { ticket: "A".repeat(43), code });
    await refused("invalid", daemon, "session.enter", { ticket: first.ticket, code: "12345" });
    await refused("unauthenticated", daemon, "session.enter", { ticket: first.ticket, code: wrong });
    const inside = await call(daemon, "session.enter", { ticket: first.ticket, code: `${code.slice(0, 3)} ${code.slice(3)}`, device: "Firefox on Linux" });
    assert.equal(inside.result.me.handle, "ana");
    assert.match(inside.set, /HttpOnly/);
    assert.match(inside.set, /SameSite=Lax/);
    assert.ok(!JSON.stringify(inside.result).includes(inside.cookie.split("=")[1]));
    await refused("unauthenticated", daemon, "session.enter", { ticket: first.ticket, code });   /* replay */
    assert.equal((await good(daemon, "session.list", {}, { cookie: inside.cookie })).sessions[0].device, "Firefox on Linux");

    const second = await ask(daemon, "ana@ville.example");
    const right = await second.code();
    for (let i = 0; i < 5; i++) await refused("unauthenticated", daemon, "session.enter", { ticket: second.ticket, code: right === "000000" ? "1" .repeat(6) : "000000" });
    await refused("unauthenticated", daemon, "session.enter", { ticket: second.ticket, code: right });
    /* Who tried so often has not locked her out. */
    assert.equal((await enter(daemon, "ana@ville.example")).me.handle, "ana");
    /* Not more than five mails an hour: the answer stays the same. */
    for (let i = 0; i < 2; i++) await (await ask(daemon, "ana@ville.example")).code();
    const after = daemon.out.length;
    const more = await ask(daemon, "ana@ville.example");
    assert.equal(more.ticket.length, 43);
    await sleep(1500);
    assert.doesNotMatch(daemon.out.slice(after), /ana@ville/);
    assert.equal((await call(daemon, "room.list", {}, { token: tokens.ben })).status, 200);
    assert.doesNotMatch(daemon.log, /ville\.example|\b\d{6}\b.*code/);
  } finally { await daemon.stop(); }
});

test("strangers who use up what is mailed to an address leave its owner's browser its own", async () => {
  const dir = tempDir();
  hub(dir, []);
  cli("member", "add", "--data", dir, "ana", "--name", "Ana", "--email", "ana@ville.example");
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  const marks = (answer) => answer.headers.getSetCookie().filter((c) => c.startsWith("baraza-browser="));
  const enterWith = async (mark) => {
    const after = daemon.out.length;
    const asked = await call(daemon, "session.code", { email: "ana@ville.example" }, { cookie: mark });
    return call(daemon, "session.enter", { ticket: asked.result.ticket, code: await codeFor(daemon, "ana@ville.example", after) }, { cookie: mark });
  };
  const mailed = () => [...daemon.out.matchAll(/Sign-in code for ana@/g)].length;
  try {
    const first = await enterWith("other=1");
    const [set] = marks(first);
    assert.match(set, /^baraza-browser=[\w-]{43}; Path=\/; Max-Age=31536000; HttpOnly; SameSite=Lax$/);
    const mark = set.split(";")[0];
    assert.ok(!readFileSync(join(dir, "baraza.db"), "latin1").includes(mark.split("=")[1]));
    assert.equal((await call(daemon, "room.list", {}, { cookie: mark })).error.data.code, "unauthenticated");   /* it opens nothing */
    const shapes = new Set();
    const note = (answer) => shapes.add(JSON.stringify([answer.status, { ...answer.result, ticket: answer.result.ticket.length },
      [...answer.headers].filter(([name]) => name !== "date")]));
    for (let i = 0; i < 6; i++) {   /* strangers, and one who makes up a mark */
      note(await call(daemon, "session.code", { email: "ana@ville.example" }, { cookie: i % 2 ? "other=1" : `baraza-browser=${"A".repeat(43)}` }));
      note(await call(daemon, "session.code", { email: "nobody@ville.example" }, { cookie: mark }));
    }
    const last = await ask(daemon, "ben@ville.example", { join: true });   /* mail goes out in the order of its asking */
    await last.code();
    assert.equal(mailed(), 5);
    const second = await enterWith(mark);
    assert.equal(second.result.me.handle, "ana");
    assert.notEqual(marks(second)[0].split(";")[0], mark);
    note(await call(daemon, "session.code", { email: "ana@ville.example" }, { cookie: marks(second)[0].split(";")[0] }));
    assert.equal(shapes.size, 1, [...shapes].join("\n"));
  } finally { await daemon.stop(); }
});

test("known, unknown, banned and invited addresses are answered alike", async () => {
  const dir = tempDir();
  const tokens = hub(dir, []);
  for (const handle of ["ana", "ben"]) cli("member", "add", "--data", dir, handle, "--name", handle, "--email", `${handle}@ville.example`);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const { members } = await rpc(daemon, tokens.admin, "member.list", {});
    await rpc(daemon, tokens.admin, "member.sanction", { member: members.find((m) => m.handle === "ben").id, act: "ban", rule: "spam", cid: "b" });
    await good(daemon, "invite.create", { email: "cy@ville.example" }, { token: tokens.admin });
    const shapes = [];
    for (const email of ["ana@ville.example", "ben@ville.example", "cy@ville.example", "nobody@ville.example"]) {
      const answer = await call(daemon, "session.code", { email });
      const headers = Object.fromEntries([...answer.headers].filter(([name]) => name !== "date"));
      shapes.push(JSON.stringify([answer.status, { ...answer.result, ticket: answer.result.ticket.length }, headers]));
      const no = await call(daemon, "session.enter", { ticket: answer.result.ticket, code: "999999" });
      shapes.push(JSON.stringify([no.status, no.error]));
    }
    assert.equal(new Set(shapes.filter((_, i) => i % 2 === 0)).size, 1, shapes.join("\n"));
    assert.equal(new Set(shapes.filter((_, i) => i % 2 === 1)).size, 1, shapes.join("\n"));
    /* One who is banned comes in as far as to appeal, as before. */
    const ben = await enter(daemon, "ben@ville.example");
    assert.equal((await call(daemon, "room.list", {}, { cookie: ben.cookie })).error.data.code, "forbidden");
    await good(daemon, "sanction.mine", {}, { cookie: ben.cookie });
  } finally { await daemon.stop(); }
});

test("of a hundred who take one invitation at once, one comes in", async () => {
  const dir = tempDir();
  const tokens = hub(dir, []);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const { code: invite } = await good(daemon, "invite.create", {}, { token: tokens.admin });
    assert.equal((await good(daemon, "invite.look", { code: invite })).role, "member");
    const asked = await ask(daemon, "cy@ville.example", { invite });
    const code = await asked.code();
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) =>
      call(daemon, "invite.take", { invite, ticket: asked.ticket, code, name: `Cy Émilie ${i}`, lang: "fr", city: "Dakar" })));
    const won = answers.filter((a) => a.result);
    assert.equal(won.length, 1, JSON.stringify(answers.map((a) => a.error?.data.code ?? "in")));
    const { members } = await rpc(daemon, tokens.admin, "member.list", {});
    assert.equal(members.length, 2);
    assert.match(members.find((m) => m.handle !== "admin").handle, /^cy\.emilie\.\d+$/);
    assert.equal(won[0].result.me.lang, "fr");
    /* used up: like one that never was */
    const used = await refused("not_found", daemon, "invite.look", { code: invite });
    const never = await refused("not_found", daemon, "invite.look", { code: "A".repeat(43) });
    assert.deepEqual(used, never);
    const late = await ask(daemon, "dan@ville.example");
    await refused("not_found", daemon, "invite.take", { invite, ticket: late.ticket, code: "123456", name: "Dan" });
    /* A hundred with addresses of their own, and five places. */
    const { code: five } = await good(daemon, "invite.create", { uses: 5 }, { token: tokens.admin });
    const many = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(daemon, `p${i}@ville.example`, { invite: five })));
    const codes = [];
    for (const one of many) codes.push(await one.code());
    const came = await Promise.all(many.map((one, i) => call(daemon, "invite.take", { invite: five, ticket: one.ticket, code: codes[i], name: `Person ${i}` })));
    assert.equal(came.filter((a) => a.result).length, 5);
    /* The same person, by another invitation: comes in as they are. */
    const { code: again } = await good(daemon, "invite.create", {}, { token: tokens.admin });
    const back = await ask(daemon, "cy@ville.example", { invite: again });
    const me = await good(daemon, "invite.take", { invite: again, ticket: back.ticket, code: await back.code(), name: "Another name" });
    assert.equal(me.me.id, won[0].result.me.id);
    assert.equal(me.me.name, won[0].result.me.name);
  } finally { await daemon.stop(); }
});

test("an invitation gives no more than its maker has when it is used", async () => {
  const dir = tempDir();
  const tokens = hub(dir, ["mo", "ana"]);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const admin = { token: tokens.admin }, mo = { token: tokens.mo };
    const { members } = await rpc(daemon, tokens.admin, "member.list", {});
    const idOf = (handle) => members.find((m) => m.handle === handle).id;
    const { rooms, regions } = await rpc(daemon, tokens.admin, "room.list", {});
    const made = await rpc(daemon, tokens.admin, "room.create", { region: regions[0].id, slug: "quiet", name: "Quiet", access: "private", cid: "r" });
    await refused("forbidden", daemon, "invite.create", {}, { token: tokens.ana });
    await refused("not_found", daemon, "invite.create", { room: made.id }, { token: tokens.ana });
    await rpc(daemon, tokens.admin, "member.role", { member: idOf("mo"), role: "moderator", region: regions[0].id, cid: "m" });
    await refused("forbidden", daemon, "invite.create", { role: "moderator", region: regions[0].id }, mo);
    await refused("forbidden", daemon, "invite.create", {}, mo);   /* of the whole hub */
    await refused("invalid", daemon, "invite.create", { room: rooms[0].id, region: regions[0].id }, mo);
    const { code: invite } = await good(daemon, "invite.create", { region: regions[0].id }, mo);
    const bound = await good(daemon, "invite.create", { region: regions[0].id, email: "eve@ville.example" }, mo);
    /* for one address alone */
    const wrong = await ask(daemon, "mallory@ville.example", { invite });
    const code = await wrong.code();
    await refused("not_found", daemon, "invite.take", { invite: bound.code, ticket: wrong.ticket, code, name: "Mallory" });
    /* who made them moderates no more */
    await rpc(daemon, tokens.admin, "member.role", { member: idOf("mo"), role: "member", region: regions[0].id, cid: "m2" });
    const late = await ask(daemon, "late@ville.example", { invite });
    await refused("not_found", daemon, "invite.take", { invite, ticket: late.ticket, code: await late.code(), name: "Late" });
    /* taken back; somebody else's is none of yours; the admin sees them all */
    const { code: back } = await good(daemon, "invite.create", { days: 1 }, admin);
    const { invitations } = await good(daemon, "invite.list", { all: true }, admin);
    assert.equal(invitations.length, 3);
    assert.equal((await good(daemon, "invite.list", {}, mo)).invitations.length, 2);
    assert.ok(!JSON.stringify(invitations).includes(back));
    const own = invitations.find((i) => i.by === idOf("admin"));
    await refused("not_found", daemon, "invite.drop", { id: own.id }, mo);
    await good(daemon, "invite.drop", { id: own.id }, admin);
    await refused("not_found", daemon, "invite.look", { code: back });
  } finally { await daemon.stop(); }
});

test("an invitation leads into its room, region and organisation", async () => {
  const dir = tempDir();
  const tokens = hub(dir, ["ana"]);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const admin = { token: tokens.admin };
    const { regions } = await rpc(daemon, tokens.admin, "room.list", {});
    const room = await rpc(daemon, tokens.admin, "room.create", { region: regions[0].id, slug: "quiet", name: "Quiet", access: "private", cid: "r" });
    const org = await rpc(daemon, tokens.admin, "org.create", { kind: "city", name: "City of Dakar", country: "SN", city: "Dakar", cid: "o" });
    const inRoom = await good(daemon, "invite.create", { room: room.id, role: "moderator" }, admin);
    const a = await ask(daemon, "mo@ville.example", { invite: inRoom.code });
    const mo = await good(daemon, "invite.take", { invite: inRoom.code, ticket: a.ticket, code: await a.code(), name: "Mo" });
    assert.equal(mo.me.role, "member");
    /* by a code alone, who moderates gets no further than to a second factor */
    await refused("second_factor", daemon, "room.list", {}, { cookie: mo.cookie });
    const asDelegate = await good(daemon, "invite.create", { org: org.id, delegate: true, email: "dele@ville.example" }, admin);
    const looked = await good(daemon, "invite.look", { code: asDelegate.code });
    assert.equal(looked.org_name, "City of Dakar");
    assert.equal(looked.by_name, "Admin");
    const b = await ask(daemon, "dele@ville.example", { invite: asDelegate.code });
    const dele = await good(daemon, "invite.take", { invite: asDelegate.code, ticket: b.ticket, code: await b.code(), name: "Dele Gate" });
    assert.equal(dele.me.org, "City of Dakar");
    assert.equal(dele.me.city, "Dakar");
    /* who invites colleagues, and nobody above them */
    await refused("forbidden", daemon, "invite.create", { org: org.id, delegate: true }, { cookie: dele.cookie });
    await refused("forbidden", daemon, "invite.create", { org: org.id, role: "admin" }, { cookie: dele.cookie });
    const colleague = await good(daemon, "invite.create", { org: org.id, uses: 10 }, { cookie: dele.cookie });
    const c = await ask(daemon, "col@ville.example", { invite: colleague.code });
    const col = await good(daemon, "invite.take", { invite: colleague.code, ticket: c.ticket, code: await c.code(), name: "Col League", org: "Somewhere else" });
    assert.equal(col.me.org, "City of Dakar");
    const { members } = await good(daemon, "org.get", { org: org.id }, admin);
    assert.equal(members.length, 2);
  } finally { await daemon.stop(); }
});

test("sessions: a list, one ended, all ended; none is fixed by what was there before", async () => {
  const dir = tempDir();
  hub(dir, []);
  cli("member", "add", "--data", dir, "ana", "--name", "Ana", "--email", "ana@ville.example");
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const phone = await enter(daemon, "ana@ville.example", "Phone");
    /* who brings a session along gets another one */
    const asked = await ask(daemon, "ana@ville.example");
    const again = await call(daemon, "session.enter", { ticket: asked.ticket, code: await asked.code(), device: "Desk" }, { cookie: phone.cookie });
    assert.notEqual(again.cookie, phone.cookie);
    const desk = { cookie: again.cookie };
    const ws = new WebSocket(daemon.ws, "baraza.v1", { headers: { cookie: phone.cookie, origin: daemon.url } });
    await new Promise((go) => ws.once("open", go));
    ws.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "session.hello", params: {} }));
    await new Promise((go) => ws.once("message", go));
    const closed = new Promise((go) => ws.once("close", (code) => go(code)));
    const { sessions } = await good(daemon, "session.list", {}, desk);
    assert.deepEqual(sessions.map((s) => [s.device, s.own, s.how, s.strong]).sort(), [["Desk", true, "code", false], ["Phone", false, "code", false]]);
    await refused("not_found", daemon, "session.end", { id: sessions.find((s) => s.own).id }, desk);
    await refused("not_found", daemon, "session.end", { id: "0".repeat(16) }, desk);
    await good(daemon, "session.end", { id: sessions.find((s) => !s.own).id }, desk);
    assert.equal(await closed, 1012);
    await refused("unauthenticated", daemon, "session.list", {}, { cookie: phone.cookie });
    const third = await enter(daemon, "ana@ville.example");
    const fourth = await enter(daemon, "ana@ville.example");
    await good(daemon, "session.end", {}, { cookie: fourth.cookie });
    for (const cookie of [again.cookie, third.cookie]) await refused("unauthenticated", daemon, "session.list", {}, { cookie });
    assert.equal((await good(daemon, "session.list", {}, { cookie: fourth.cookie })).sessions.length, 1);
    /* only by POST, never over a socket */
    const forged = await call(daemon, "session.list", {}, { cookie: "baraza=" + "A".repeat(43) });
    assert.equal(forged.error.data.code, "unauthenticated");
  } finally { await daemon.stop(); }
});

test("addresses: one more, proved; not somebody else's; the last one stays", async () => {
  const dir = tempDir();
  hub(dir, []);
  for (const handle of ["ana", "ben"]) cli("member", "add", "--data", dir, handle, "--name", handle, "--email", `${handle}@ville.example`);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const me = { cookie: (await enter(daemon, "ana@ville.example")).cookie };
    const told = async (email, words) => {
      for (let i = 0; i < 200; i++, await sleep(50))
        for (const name of readdirSync(join(dir, "mail"))) {
          const mail = await simpleParser(readFileSync(join(dir, "mail", name)));
          if (mail.to.value[0].address === email && words.test(mail.text)) return;
        }
      assert.fail(`nothing told ${email}`);
    };
    const more = async (email) => {
      const after = daemon.out.length;
      const { ticket } = await good(daemon, "address.code", { email }, me);
      return { ticket, code: await codeFor(daemon, email, after) };
    };
    await refused("conflict", daemon, "address.drop", { email: "ana@ville.example" }, me);
    const new1 = await more("ana@other.example");
    await refused("unauthenticated", daemon, "address.add", { ticket: new1.ticket, code: new1.code === "000000" ? "000001" : "000000" }, me);
    await good(daemon, "address.add", new1, me);
    await refused("conflict", daemon, "address.add", await more("ben@ville.example"), me);
    await told("ana@ville.example", /an e-mail address/);   /* at the old one: a thief of the session cannot read it */
    assert.deepEqual((await good(daemon, "address.list", {}, me)).addresses.map((a) => a.email), ["ana@ville.example", "ana@other.example"]);
    await refused("not_found", daemon, "address.drop", { email: "ben@ville.example" }, me);
    await good(daemon, "address.drop", { email: "ana@ville.example" }, me);
    assert.equal((await enter(daemon, "ana@other.example")).me.handle, "ana");
    /* and one that the operator names */
    assert.match(cli("address", "--data", dir, "ana", "--email", "ana@third.example"), /ana@third\.example/);
    assert.equal((await enter(daemon, "ana@third.example")).me.handle, "ana");
    assert.throws(() => cli("address", "--data", dir, "ben", "--email", "ana@third.example"));
    for (const email of ["a@b@c.example", "a,b@c.example", "ana@ville.example\r\nbcc:x@y.example", "ａna＠ville.example", "ana@ville"])
      await refused("invalid", daemon, "session.code", { email });
  } finally { await daemon.stop(); }
});

test("who says that they can be asked is asked by anybody; who takes from nobody is not", async () => {
  const dir = tempDir();
  const tokens = hub(dir, ["ana", "ben"]);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const { members } = await rpc(daemon, tokens.admin, "member.list", {});
    const ben = members.find((m) => m.handle === "ben").id;
    const say = (cid) => call(daemon, "direct.open", { member: ben, text: "May I ask you something?", cid }, { token: tokens.ana });
    assert.equal((await say("a")).error.data.code, "forbidden");   /* no room in common */
    await good(daemon, "profile.set", { peers: true }, { token: tokens.ben });
    await good(daemon, "direct.set", { from: "nobody" }, { token: tokens.ben });
    assert.equal((await say("b")).error.data.code, "forbidden");
    await good(daemon, "direct.set", { from: "rooms" }, { token: tokens.ben });
    assert.ok((await say("c")).result);
  } finally { await daemon.stop(); }
});

test("nobody comes by an invitation higher than its maker stands: not by an organisation, not by an id that is no region", async () => {
  const dir = tempDir();
  const tokens = hub(dir, ["rega", "roma"]);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const { members } = await rpc(daemon, tokens.admin, "member.list", {});
    const idOf = (handle) => members.find((m) => m.handle === handle).id;
    const { regions, rooms } = await rpc(daemon, tokens.admin, "room.list", {});
    const region = regions[0].id, room = rooms[0].id;
    const org = await rpc(daemon, tokens.admin, "org.create", { kind: "city", name: "City of Kara", country: "TG", city: "Kara", region, cid: "o" });
    await rpc(daemon, tokens.admin, "member.role", { member: idOf("rega"), role: "admin", region, cid: "a" });
    await rpc(daemon, tokens.admin, "member.role", { member: idOf("roma"), role: "admin", room, cid: "b" });
    const rega = { token: tokens.rega }, roma = { token: tokens.roma };
    await refused("forbidden", daemon, "invite.create", { role: "admin", org: org.id }, rega);
    await refused("forbidden", daemon, "invite.create", { role: "moderator", org: org.id }, rega);
    await refused("not_found", daemon, "invite.create", { role: "admin", region: room }, roma);
    await refused("not_found", daemon, "invite.create", { region: room }, roma);
    await refused("not_found", daemon, "invite.create", { role: "admin", region: "test-9999" }, { token: tokens.admin });
    await good(daemon, "invite.create", { role: "admin", region }, rega);   /* of their own region */
    /* A room is no region, and of a request for none its admin neither sees nor decides anything. */
    const asked = await ask(daemon, "afi@kara.example", { join: true });
    const said = { ticket: asked.ticket, code: await asked.code(), kind: "city", org: "Mine Town", country: "TG", city: "Kara", name: "Afi" };
    await refused("invalid", daemon, "request.create", { ...said, region: room });
    await good(daemon, "request.create", said);
    const { requests } = await good(daemon, "request.list", {}, { token: tokens.admin });
    assert.equal(requests[0].region, undefined);
    await refused("not_found", daemon, "request.decide", { request: requests[0].id, approve: true, cid: "x" }, roma);
    /* What is refused is not mailed. */
    const before = daemon.out.length;
    for (let i = 0; i < 3; i++) await refused("forbidden", daemon, "invite.create", { email: `z${i}@kara.example` }, roma);
    assert.equal(daemon.out.length, before);
    /* Region admins are not told when somebody writes to somebody. */
    await good(daemon, "direct.set", { from: "all" }, { token: tokens.rega });
    const seen = async () => JSON.stringify((await good(daemon, "desk.members", {}, { token: tokens.admin })).members?.map((m) => m.posted) ?? []);
    const was = await seen();
    await good(daemon, "direct.open", { member: idOf("rega"), text: "Between us", cid: "d" }, roma);
    assert.equal(await seen(), was);
  } finally { await daemon.stop(); }
});
