/* Two methods that each hold, tried together: a room's admin and an organisation, a code and an address that went, a batch and the
 * limit of an address, a second factor half shown and all sessions ended. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";
import { totp } from "./passkey.mjs";

async function post(daemon, body, { cookie, token } = {}) {
  const answer = await fetch(`${daemon.url}/rpc`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }),
               ...(cookie && { cookie, origin: daemon.url, "sec-fetch-site": "same-origin" }) },
    body: JSON.stringify(body),
  });
  return { status: answer.status, cookie: answer.headers.get("set-cookie")?.split(";")[0], body: await answer.json() };
}
async function call(daemon, method, params, who) {
  const { cookie, body } = await post(daemon, { jsonrpc: "2.0", id: 1, method, params }, who);
  return { ...body, cookie };
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
};
async function codeFor(daemon, email, after) {
  for (let i = 0; i < 200; i++, await sleep(50)) {
    const found = [...daemon.out.slice(after).matchAll(/Sign-in code for (\S+): (\d{6})/g)].find((m) => m[1] === email);
    if (found) return found[2];
  }
  assert.fail(`no code for ${email}`);
}
async function ask(daemon, method, email, who, more = {}) {
  const after = daemon.out.length;
  const { ticket } = await good(daemon, method, { email, ...more }, who);
  return { ticket, code: await codeFor(daemon, email, after) };
}

test("who administers a room brings nobody into an organisation, and makes nobody its delegate", async () => {
  const dir = tempDir();
  const tokens = hub(dir, ["roma"]);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const { members } = await rpc(daemon, tokens.admin, "member.list", {});
    const roma = members.find((m) => m.handle === "roma").id, who = { token: tokens.roma };
    const { regions, rooms } = await rpc(daemon, tokens.admin, "room.list", {});
    const region = regions[0].id, room = rooms[0].id;
    const org = await rpc(daemon, tokens.admin, "org.create", { kind: "city", name: "City of Kara", country: "TG", city: "Kara", region, cid: "o" });
    await rpc(daemon, tokens.admin, "member.role", { member: roma, role: "admin", room, cid: "b" });
    await refused("forbidden", daemon, "invite.create", { org: org.id, room, delegate: true }, who);
    await refused("forbidden", daemon, "invite.create", { org: org.id, room }, who);
    await refused("forbidden", daemon, "invite.create", { org: org.id, region, delegate: true }, who);
    await refused("forbidden", daemon, "invite.bulk", { org: org.id, room, csv: "email\na@kara.example\n", dry: false }, who);
    /* Of a list the room is theirs, the organisation that a row names is not. */
    await good(daemon, "invite.bulk", { room, csv: "email,organisation\nafi@kara.example,City of Kara\n", dry: false }, who);
    const { invitations } = await good(daemon, "invite.list", {}, who);
    assert.deepEqual(invitations.map((i) => [i.room, i.org]), [[room, undefined]]);
    /* The region's admin does both. */
    await rpc(daemon, tokens.admin, "member.role", { member: roma, role: "admin", region, cid: "c" });
    await good(daemon, "invite.create", { org: org.id, room, delegate: true }, who);
  } finally { await daemon.stop(); }
});

test("a code that was mailed to an address signs nobody in once the address is not theirs; the address hears that it went", async () => {
  const dir = tempDir();
  hub(dir, []);
  cli("member", "add", "--data", dir, "ana", "--name", "Ana", "--email", "ana@old.example");
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const first = await ask(daemon, "session.code", "ana@old.example");
    const me = { cookie: (await good(daemon, "session.enter", first)).cookie };
    await good(daemon, "address.add", await ask(daemon, "address.code", "ana@new.example", me), me);
    const stale = await ask(daemon, "session.code", "ana@old.example");   /* whoever reads that mailbox now */
    await good(daemon, "address.drop", { email: "ana@old.example" }, me);
    await refused("unauthenticated", daemon, "session.enter", stale);
    await good(daemon, "session.enter", await ask(daemon, "session.code", "ana@new.example"));
    let told = false;
    for (let i = 0; i < 100 && !told; i++, await sleep(50))
      told = readdirSync(join(dir, "mail")).some((name) => {
        const mail = readFileSync(join(dir, "mail", name), "utf8");
        return mail.includes("<ana@old.example>") && /removed/i.test(mail.split("\r\n\r\n")[0]);
      });
    assert.ok(told);
  } finally { await daemon.stop(); }
});

test("a batch is as many tries of its address as it has calls", async () => {
  const dir = tempDir();
  hub(dir, []);
  const daemon = await serve(dir);
  try {
    const batch = Array.from({ length: 50 }, (_, i) => ({ jsonrpc: "2.0", id: i, method: "session.code", params: { email: `n${i}@x.example` } }));
    let tickets = 0, refusals = 0;
    for (let i = 0; i < 30; i++) {
      const { status, body } = await post(daemon, batch);
      if (status === 429 || !Array.isArray(body)) refusals++;
      else tickets += body.filter((one) => one.result?.ticket).length;
    }
    assert.ok(tickets <= 1200, `${tickets} tickets`);   /* of this machine 600 a minute; the minute may turn */
    assert.ok(refusals > 0);
  } finally { await daemon.stop(); }
});

test("whoever waits for a second factor with an old password or a code is out when all sessions end, or the password changes", async () => {
  const dir = tempDir();
  hub(dir, []);
  cli("member", "add", "--data", dir, "ana", "--name", "Ana", "--email", "ana@old.example");
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  try {
    const me = { cookie: (await good(daemon, "session.enter", await ask(daemon, "session.code", "ana@old.example"))).cookie };
    const renew = async (...call) => { me.cookie = (await good(daemon, ...call, me)).cookie ?? me.cookie; };
    await renew("password.set", { password: "a bus to the sea" });
    const { ticket, secret } = await good(daemon, "totp.new", {}, me);
    const added = await good(daemon, "totp.add", { ticket, code: totp(secret) }, me);
    me.cookie = added.cookie ?? me.cookie;
    const half = () => good(daemon, "password.enter", { email: "ana@old.example", password: "a bus to the sea" });
    const [one, two, three] = [await half(), await half(), await half()];
    assert.ok(one.more);
    await good(daemon, "session.second", { ticket: one.ticket, code: added.recovery[0] });
    await renew("session.end", {});
    await refused("unauthenticated", daemon, "session.second", { ticket: two.ticket, code: added.recovery[1] });
    const late = await half();
    await renew("password.set", { old: "a bus to the sea", password: "a boat to the hills" });
    await refused("unauthenticated", daemon, "session.second", { ticket: late.ticket, code: added.recovery[1] });
    await refused("unauthenticated", daemon, "session.second", { ticket: three.ticket, code: added.recovery[1] });
    const last = await good(daemon, "password.enter", { email: "ana@old.example", password: "a boat to the hills" });
    const { factors } = await good(daemon, "factor.list", {}, me);
    await good(daemon, "factor.drop", { id: factors.find((f) => f.kind === "password").id }, me);
    await refused("unauthenticated", daemon, "session.second", { ticket: last.ticket, code: added.recovery[1] });
  } finally { await daemon.stop(); }
});
