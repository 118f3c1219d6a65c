// What people sign in with: passkeys, apps, passwords. Each signs its owner in and nobody else, each wrong way in is refused with the
// same words, and guessing at one closes none of the others.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { Agent, request } from "node:http";
import { after, before, test } from "node:test";
import { cliAsync, hub, serve, tempDir } from "./daemon.mjs";
import { holdError, holdResult } from "./helper.mjs";
import { generateKeyPairSync } from "node:crypto";
import { Passkey, UP, UV, base64, totp } from "./passkey.mjs";

let dir, daemon, tokens, origin;
before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben", "cleo", "dora", "eve", "fay"]);
  for (const who of ["ana", "ben", "cleo", "dora", "fay"]) await cliAsync("address", "--data", dir, who, "--email", `${who}@ville.example`);
  await cliAsync("member", "add", "--data", dir, "mo", "--name", "Mo", "--role", "moderator");
  await cliAsync("address", "--data", dir, "mo", "--email", "mo@ville.example");
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  origin = `http://localhost:${daemon.port}`;
});
after(() => daemon.stop());

/* A browser: keeps its cookie, and what the last answer was. */
class Browser {
  async call(method, params = {}) {
    const answer = await fetch(`${daemon.url}/rpc`, {
      method: "POST", body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      headers: { "content-type": "application/json", origin: daemon.url, ...(this.cookie && { cookie: this.cookie }) } });
    for (const set of answer.headers.getSetCookie().filter((c) => c.startsWith("baraza="))) this.cookie = set.split(";")[0];
    this.status = answer.status;
    this.headers = answer.headers;
    this.text = await answer.text();
    const { result, error } = JSON.parse(this.text);
    if (error) holdError(error);
    else holdResult(method, result);
    if (error) throw Object.assign(new Error(`${method}: ${error.data.code}: ${error.message}`), error.data);
    return result;
  }
}
const as = async (who) => {
  const browser = new Browser();
  const link = await cliAsync("link", "--data", dir, who);
  await browser.call("session.open", { code: link.split("#in=")[1] });
  return browser;
};
const refused = async (promise, code) => {
  const e = await promise.then((r) => assert.fail(`answered ${JSON.stringify(r)}`), (x) => x);
  assert.equal(e.code, code, e.message);
  return e;
};
async function withPasskey(who, name = "A key") {
  const browser = await as(who), key = new Passkey();
  const { ticket, options } = await browser.call("passkey.new");
  await browser.call("passkey.add", { ticket, credential: key.create(options, origin), name });
  return { browser, key };
}
async function enter(key, wrong = {}) {
  const browser = new Browser();
  const { ticket, options } = await browser.call("passkey.begin");
  key.counter += wrong.step ?? 1;
  const { me } = await browser.call("passkey.enter", { ticket: wrong.ticket ?? ticket, credential: key.get(options, origin, wrong), device: "A test" });
  return { browser, me };
}
const guess = (who, password, browser = new Browser()) => browser.call("password.enter", { email: `${who}@ville.example`, password });

test("a passkey is added, signs in without a name, and gives its session another name", async () => {
  const browser = await as("ana"), key = new Passkey(), old = browser.cookie;
  const asked = await browser.call("passkey.new");
  assert.equal(asked.options.rp.id, "localhost");
  assert.deepEqual(asked.options.excludeCredentials, []);
  await browser.call("passkey.add", { ticket: asked.ticket, credential: key.create(asked.options, origin), name: "Ana's phone" });
  assert.notEqual(browser.cookie, old);
  const before = new Browser();
  before.cookie = old;
  await refused(before.call("room.list"), "unauthenticated");
  await browser.call("room.list");
  const { factors } = await browser.call("factor.list");
  assert.deepEqual(factors.map(({ kind, name, used }) => ({ kind, name, used })), [{ kind: "passkey", name: "Ana's phone", used: undefined }]);
  const { me, browser: other } = await enter(key);
  assert.equal(me.handle, "ana");
  const { sessions } = await other.call("session.list");
  assert.deepEqual([sessions[0].how, sessions[0].strong, sessions[0].device], ["passkey", true, "A test"]);
  assert.ok((await other.call("factor.list")).factors[0].used > 0);
  assert.deepEqual((await other.call("passkey.new")).options.excludeCredentials, [{ type: "public-key", id: base64(key.id) }]);
  await refused(browser.call("passkey.add", { ticket: asked.ticket, credential: key.create(asked.options, origin), name: "Again" }), "conflict");
  const again = await browser.call("passkey.new");
  await refused(browser.call("passkey.add", { ticket: again.ticket, credential: key.create(again.options, origin), name: "Again" }), "conflict");
});

test("A11 a passkey that is wrong in any way signs nobody in", async () => {
  const { key } = await withPasskey("ben");
  const { key: other, browser } = await withPasskey("ana");
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
  for (const wrong of [{ origin: "https://evil.example" }, { origin: `${origin}.evil.example` }, { origin: origin.replace("http", "https") },
                       { more: { crossOrigin: true } }, { more: { type: "webauthn.create" } }, { challenge: base64(Buffer.alloc(32)) }])
    assert.equal((await refused(enter(key, wrong), "invalid")).field, "credential");
  const words = new Set();
  assert.equal((await enter(key)).me.handle, "ben");
  for (const wrong of [{ site: "evil.example" }, { flags: UP }, { flags: UV }, { key: stranger }, { key: other.keys }, { id: Buffer.from("nobody's") },
                       { handle: other.handle }, { id: other.id }, { ticket: "A".repeat(43) }])
    words.add((await refused(enter(key, wrong), wrong.ticket ? "invalid" : "unauthenticated")).message);
  assert.equal(words.size, 2);
  assert.equal((await enter(key)).me.handle, "ben");
  for (const step of [0, -1]) words.add((await refused(enter(key, { step }), "unauthenticated")).message);   // a copy of it
  assert.equal(words.size, 2);
  key.counter += 5;
  assert.equal((await enter(key)).me.handle, "ben");
  const fresh = new Browser(), { ticket, options } = await fresh.call("passkey.begin");
  key.counter++;
  const credential = key.get(options, origin);
  assert.equal((await fresh.call("passkey.enter", { ticket, credential })).me.handle, "ben");
  await refused(new Browser().call("passkey.enter", { ticket, credential }), "unauthenticated");   // the challenge was answered
  for (const wrong of [{ origin: "https://evil.example" }, { site: "evil.example" }, { flags: UP | 64 }, { flags: UV | 64 }]) {
    const asked = await browser.call("passkey.new");
    await refused(browser.call("passkey.add", { ticket: asked.ticket, credential: new Passkey().create(asked.options, origin, wrong), name: "x" }), "invalid");
  }
  const asked = await browser.call("passkey.new");   // begun by one, ended by another
  const thief = await as("eve");
  await refused(thief.call("passkey.add", { ticket: asked.ticket, credential: new Passkey().create(asked.options, origin), name: "x" }), "conflict");
});

test("A4 a password: set, changed, and all other sessions end; a lost one is dropped", async () => {
  const browser = await as("cleo"), other = await as("cleo"), old = browser.cookie;
  for (const password of ["short", "password123", "my cleo is here", "1234567890"])
    assert.equal((await refused(browser.call("password.set", { password }), "invalid")).field, "password");
  await browser.call("password.set", { password: "a bus to the sea" });
  assert.notEqual(browser.cookie, old);
  await refused(other.call("room.list"), "unauthenticated");
  await browser.call("room.list");
  assert.equal((await guess("cleo", "a bus to the sea")).me.handle, "cleo");
  assert.equal((await refused(browser.call("password.set", { password: "another bus to it" }), "invalid")).field, "old");
  assert.equal((await refused(browser.call("password.set", { password: "another bus to it", old: "a bus to the see" }), "invalid")).field, "old");
  await browser.call("password.set", { password: "another bus to it", old: "a bus to the sea" });
  await refused(guess("cleo", "a bus to the sea"), "unauthenticated");
  assert.equal((await guess("cleo", "another bus to it")).me.handle, "cleo");
  const { factors } = await browser.call("factor.list");
  await browser.call("factor.drop", { id: factors[0].id });
  await refused(guess("cleo", "another bus to it"), "unauthenticated");
  await refused(browser.call("factor.drop", { id: factors[0].id }), "not_found");
});

test("A1 nobody, no password and a wrong one are the same answer", async () => {
  await (await as("fay")).call("password.set", { password: "a bus to the sea" });
  const answers = [];
  for (const who of ["nobody", "ben", "fay"]) {
    const browser = new Browser();
    await refused(guess(who, "not a bus at all", browser), "unauthenticated");
    answers.push(JSON.stringify([browser.status, browser.text, [...browser.headers].filter(([name]) => name !== "date")]));
  }
  assert.equal(new Set(answers).size, 1, answers.join("\n"));
});

test("an app: shown once, added with a code of it, asked for behind a password, each code once", async () => {
  const browser = await as("dora");
  await browser.call("password.set", { password: "a bus to the sea" });
  const { ticket, secret, url } = await browser.call("totp.new");
  assert.equal(new URL(url).searchParams.get("secret"), secret);
  assert.equal((await refused(browser.call("totp.add", { ticket, code: "000000" }), "invalid")).field, "code");
  const { recovery } = await browser.call("totp.add", { ticket, code: totp(secret, -1) });
  assert.equal(new Set(recovery).size, 10);
  assert.equal((await browser.call("factor.list")).recovery, 10);
  const second = async (code) => {
    const fresh = new Browser(), asked = await guess("dora", "a bus to the sea", fresh);
    assert.deepEqual(asked.more, ["totp", "recovery"]);
    assert.equal(fresh.cookie, undefined);
    return fresh.call("session.second", { ticket: asked.ticket, code });
  };
  await refused(second(totp(secret, -1)), "unauthenticated");   // it was used to add the app
  const code = totp(secret, 0);
  assert.equal((await second(code)).me.handle, "dora");
  await refused(second(code), "unauthenticated");
  await refused(second(totp(secret, 5)), "unauthenticated");
  assert.equal((await second(recovery[3].toUpperCase())).me.handle, "dora");
  await refused(second(recovery[3]), "unauthenticated");
  assert.equal((await browser.call("factor.list")).recovery, 9);
  const renewed = await browser.call("recovery.renew");
  await refused(second(recovery[4]), "unauthenticated");
  assert.equal((await second(renewed.recovery[0])).me.handle, "dora");
  // 5 tries a ticket, also when the last one is right
  const fresh = new Browser(), asked = await guess("dora", "a bus to the sea", fresh);
  for (let i = 0; i < 5; i++) await refused(fresh.call("session.second", { ticket: asked.ticket, code: "aaaa-bbbb-cccc" }), "unauthenticated");
  await refused(fresh.call("session.second", { ticket: asked.ticket, code: renewed.recovery[1] }), "unauthenticated");
  const { factors } = await browser.call("factor.list");
  await browser.call("factor.drop", { id: factors.find((f) => f.kind === "totp").id });
  assert.equal((await browser.call("factor.list")).recovery, 0);
  assert.equal((await guess("dora", "a bus to the sea")).me.handle, "dora");
});

test("A2 ten wrong passwords close that door for an hour, and no other one", async () => {
  const { browser, key } = await withPasskey("ben");
  await browser.call("password.set", { password: "a bus to the sea" });
  for (let i = 0; i < 10; i++) await refused(guess("ben", `not the right one ${i}`), "unauthenticated");
  await refused(guess("ben", "a bus to the sea"), "unauthenticated");
  assert.equal((await enter(key)).me.handle, "ben");
  await (await as("ben")).call("room.list");
  assert.equal((await guess("fay", "a bus to the sea")).me.handle, "fay");
});

test("who moderates adds a strong one before anything else, keeps the last, and shows it before it is changed", async () => {
  const first = await as("mo");
  await first.call("room.list");   // the operator let them in
  await first.call("password.set", { password: "a bus to the sea" });
  const browser = new Browser();
  await guess("mo", "a bus to the sea", browser);
  await refused(browser.call("room.list"), "second_factor");
  await browser.call("factor.list");
  const { ticket, secret } = await browser.call("totp.new");
  await browser.call("totp.add", { ticket, code: totp(secret) });
  await browser.call("room.list");
  const { factors } = await browser.call("factor.list");
  const id = factors.find((f) => f.kind === "totp").id;
  await refused(browser.call("factor.drop", { id }), "conflict");
  const key = new Passkey(), asked = await browser.call("passkey.new");
  await browser.call("passkey.add", { ticket: asked.ticket, credential: key.create(asked.options, origin), name: "Key" });
  await browser.call("factor.drop", { id });
  // a stranger with the password alone puts nothing beside the passkey
  const thief = new Browser();
  await guess("mo", "a bus to the sea", thief);
  for (const method of ["passkey.new", "totp.new", "recovery.renew"]) await refused(thief.call(method), "second_factor");
  await refused(thief.call("factor.drop", { id: (await thief.call("factor.list")).factors[0].id }), "second_factor");
  assert.equal((await enter(key)).me.handle, "mo");
});

test("a program's token changes nothing of what its owner signs in with", async () => {
  const browser = new Browser();
  browser.cookie = `baraza=${tokens.eve}`;
  await refused(browser.call("passkey.new"), "forbidden");
  await refused(browser.call("password.set", { password: "a bus to the sea" }), "forbidden");
});

test("A3 a thousand passwords at once: two are looked at, 64 wait, the others are told when to come again", async () => {
  const memory = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${daemon.child.pid}/status`, "utf8"))[1]) / 1024;
  const before = memory("VmRSS");
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });   // fewer than may shake hands at once
  const all = await Promise.all(Array.from({ length: 1000 }, (_, i) => new Promise((done, fail) => {
    const asked = request(`${daemon.url}/rpc`, { method: "POST", agent, headers: { "content-type": "application/json" } }, (answer) => {
      let body = "";
      answer.on("data", (d) => { body += d; });
      answer.on("end", () => done({ status: answer.statusCode, after: answer.headers["retry-after"], body: JSON.parse(body) }));
    });
    asked.on("error", fail);
    asked.end(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "password.enter", params: { email: `flood${i}@ville.example`, password: "not a bus at all" } }));
  })));
  agent.destroy();
  const busy = all.filter((a) => a.status === 503);
  assert.ok(busy.length >= 700, `${busy.length} were sent away`);
  for (const a of busy) assert.deepEqual([a.after, a.body.error.data.code], ["2", "unavailable"]);
  for (const a of all.filter((x) => x.status !== 503)) assert.equal(a.body.error.data.code, "unauthenticated");
  assert.ok(memory("VmHWM") < before + 2 * 64 + 100, `from ${before} to ${memory("VmHWM")} MiB`);
});

test("O2 no password, secret or code stands in the log, in a mail or, but for what an app shares, in the database", async () => {
  const browser = await as("fay"), { ticket, secret } = await browser.call("totp.new");
  const { recovery } = await browser.call("totp.add", { ticket, code: totp(secret) });
  await browser.call("password.set", { password: "a very secret canary", old: "a bus to the sea" });
  await refused(guess("fay", "a wrong secret canary"), "unauthenticated");
  await daemon.stop();
  const kept = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((e) => e.isFile())
    .map((e) => readFileSync(`${e.parentPath ?? e.path}/${e.name}`, "latin1")).join("\n");
  for (const text of [daemon.log, daemon.out, kept])
    for (const word of ["secret canary", "a bus to the sea", secret, ...recovery, recovery[0].replaceAll("-", ""), ticket])
      assert.equal(text.includes(word), false, word);
});
