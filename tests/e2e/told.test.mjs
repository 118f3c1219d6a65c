/* Whatever changes how somebody signs in, or lets a program act for them, is told by mail, to an address that who did it need not have.
 * The list is of all methods that are for who signed in, in person: one that is added has to be in it, or named as one that changes
 * nothing of that. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { simpleParser } from "mailparser";
import { cliAsync, hub, person, serve, tempDir } from "./daemon.mjs";
import { Passkey, totp } from "./passkey.mjs";
import { provider } from "./provider.mjs";

const document = JSON.parse(readFileSync(join(process.env.BARAZA_SOURCE, "proto/openrpc.json")));
const TOLD = ["address.add", "address.drop", "factor.drop", "member.erase", "oidc.link", "oidc.unlink", "passkey.add", "password.set", "recovery.renew",
  "token.create", "totp.add"];
/* What begins something, ends a session or takes a token back, and what is read, the export among it. */
const UNTOLD = ["address.code", "export.begin", "oidc.begin", "oidc.finish", "passkey.new", "session.end", "token.drop", "totp.new"];

const OLD = "ana@ville.example", NEW = "ana@other.example";
const done = new Set();
let dir, daemon, site, origin, cookie;

async function call(method, params = {}) {
  const answer = await fetch(`${daemon.url}/rpc`, { method: "POST", body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    headers: { "content-type": "application/json", origin: daemon.url, cookie } });
  for (const set of answer.headers.getSetCookie().filter((c) => c.startsWith("baraza="))) cookie = set.split(";")[0];
  const { result, error } = await answer.json();
  assert.ok(result, `${method}: ${JSON.stringify(error)}`);
  done.add(method);
  return result;
}

const seen = new Set();
async function mails(to) {
  const all = [];
  if (!existsSync(join(dir, "mail"))) return all;
  for (const name of readdirSync(join(dir, "mail")).filter((n) => n.endsWith(".eml") && !seen.has(n))) {
    const mail = await simpleParser(readFileSync(join(dir, "mail", name)));
    if (mail.to.value[0].address === to) all.push({ name, subject: mail.subject, text: mail.text });
  }
  return all;
}
/* One mail more, that says so. */
async function told(words, to = OLD) {
  for (let i = 0; i < 400; i++, await sleep(50)) {
    const one = (await mails(to)).find((m) => words.test(m.subject));
    if (!one) continue;
    seen.add(one.name);
    return one;
  }
  assert.fail(`${to} is not told: ${words}; but ${(await mails(to)).map((m) => m.subject)}`);
}
async function codeFor(email, from) {
  for (let i = 0; i < 400; i++, await sleep(50)) {
    const found = new RegExp(`Sign-in code for ${email}: (\\d{6})`).exec(daemon.out.slice(from));
    if (found) return found[1];
  }
  assert.fail(`no code for ${email}`);
}

before(async () => {
  dir = tempDir();
  hub(dir, ["ana"]);
  await cliAsync("address", "--data", dir, "ana", "--email", OLD);
  site = await provider();
  writeFileSync(join(dir, "p.ini"), `[p]\ntitle = P\nissuer = ${site.url}\nclient_id = c\ninside = yes\ntrust_email = yes\n`);
  daemon = await serve(dir, { env: { BARAZA_SIGNIN_PROVIDERS: join(dir, "p.ini"), BARAZA_LIMITS_ENFORCE: "no" } });
  origin = `http://localhost:${daemon.port}`;
  cookie = `baraza=${await person(daemon, dir, "ana")}`;
});
after(async () => {
  site?.stop();
  assert.equal(await daemon?.stop(), 0);
});

test("the list is whole", () => {
  const changing = document.methods.filter((m) => m["x-scope"] === "person" && m["x-class"] !== "query").map((m) => m.name);
  assert.deepEqual(changing, [...TOLD, ...UNTOLD].sort());
});

test("each change is told", async () => {
  const ADDED = (what) => new RegExp(`^New way to sign in to .*: ${what}$`), REMOVED = (what) => new RegExp(`^Way to sign in to .* removed: ${what}$`);
  const passkey = new Passkey();
  const asked = await call("passkey.new");
  await call("passkey.add", { ticket: asked.ticket, credential: passkey.create(asked.options, origin), name: "A key" });
  await told(ADDED("a passkey"));
  const app = await call("totp.new");
  await call("totp.add", { ticket: app.ticket, code: totp(app.secret) });
  await told(ADDED("an authenticator app"));
  await call("recovery.renew");
  await told(ADDED("a set of recovery codes"));
  await call("password.set", { password: "correct horse 1" });
  await told(ADDED("a password"));
  await call("password.set", { password: "correct horse 2", old: "correct horse 1" });
  await told(/^Your password for .* was changed$/);
  for (const { id, kind } of (await call("factor.list")).factors) {
    await call("factor.drop", { id });
    await told(REMOVED({ passkey: "a passkey", totp: "an authenticator app", password: "a password" }[kind]));
  }
  site.who = { sub: "anas", email: OLD, email_verified: true };
  const begun = await call("oidc.begin", { provider: "p" });
  assert.equal((await call("oidc.finish", { ticket: begun.ticket, provider: "p", ...site.authorize(begun.url) })).link, true);
  await call("oidc.link", { ticket: begun.ticket });
  await told(ADDED("an account at another site"));
  await call("oidc.unlink", { id: (await call("oidc.links")).links[0].id });
  await told(REMOVED("an account at another site"));

  const { id } = await call("token.create", { name: "A bot", scopes: ["read"], days: 1 });
  const made = await told(/^New token for a program at /);
  assert.match(made.text, /take back the token/);
  assert.doesNotMatch(made.text, /A bot/);
  await call("token.drop", { id });
  await call("session.end");
  await call("export.begin");

  const from = daemon.out.length;
  const { ticket } = await call("address.code", { email: NEW });
  await call("address.add", { ticket, code: await codeFor(NEW, from) });
  await told(ADDED("an e-mail address"));
  await call("address.drop", { email: OLD });
  await told(REMOVED("an e-mail address"));   /* whoever did it need not have that one */
  assert.deepEqual(await mails(OLD), [], "nothing else is told");
});

test("what the operator does is told, too", async () => {
  await cliAsync("token", "--data", dir, "ana");
  await told(/^New token for a program at /, NEW);
  await cliAsync("address", "--data", dir, "ana", "--email", "ana@third.example");
  await told(/^New way to sign in to .*: an e-mail address$/, NEW);
  assert.deepEqual(await mails("ana@third.example"), []);
});

test("the end of an account is told, and nothing of the list was left out", async () => {
  await call("member.erase", { handle: "ana", cid: "c".repeat(22) });
  await told(/^Your account at .* is deleted$/, NEW);
  for (const method of [...TOLD, ...UNTOLD]) assert.ok(done.has(method), method);
});
