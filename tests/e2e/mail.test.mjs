/* Mail reaches a mail server, or without one a file and the operator: in each language, once it is on the disk, at least once and with
 * the same Message-ID, tried again or given up as the server says, over no line that the settings forbid. Nothing anybody chose
 * becomes a line of its head, and neither codes, addresses nor the password stand in the log or in a process' arguments. */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { BIN, cli, hub, serve, tempDir } from "./daemon.mjs";

const SITE = "https://baraza.example.net";
const KINDS = ["code", "invite", "request_received", "request_approved", "request_refused", "factor_added", "factor_removed", "password_changed", "erased", "test", "token_made"];
const LANGS = ["en", "fr", "es", "pt"];
const FROM = { BARAZA_MAIL_FROM: "Équipe \"Baraza\" <noreply@example.net>", BARAZA_NET_SITE: SITE };
const certs = tempDir();
const certificate = (name, san) => {
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", `/CN=${name}`,
    "-addext", `subjectAltName=${san}`, "-keyout", join(certs, `${name}.key`), "-out", join(certs, `${name}.crt`)], { stdio: "pipe" });
  return { key: readFileSync(join(certs, `${name}.key`)), cert: readFileSync(join(certs, `${name}.crt`)) };
};
let good, other;
before(() => { good = certificate("good", "DNS:localhost,IP:127.0.0.1"); other = certificate("other", "DNS:elsewhere.example"); });

/* A mail server: `says` may refuse or hold what comes; what it took lies in `got`. */
async function smtp(options = {}, says = {}) {
  const s = { got: [], tried: 0, sessions: [], waiting: [] };
  const wake = () => { for (const w of s.waiting.splice(0)) w(); };
  const server = new SMTPServer({
    logger: false, authOptional: true, disabledCommands: options.hide ?? [], ...options,
    onMailFrom(address, session, done) { done(says.from?.(address)); },
    onRcptTo(address, session, done) { s.tried++; wake(); done(says.to?.(address)); },
    onAuth: says.auth ?? ((auth, session, done) => done(new Error("no"))),
    onData(stream, session, done) {
      const parts = [];
      stream.on("data", (d) => parts.push(d));
      stream.on("end", async () => {
        const raw = Buffer.concat(parts);
        const mail = { raw: raw.toString("latin1"), to: session.envelope.rcptTo.map((r) => r.address), from: session.envelope.mailFrom.address,
          secure: session.secure, user: session.user, hello: session.hostNameAppearsAs, parsed: await simpleParser(raw) };
        await says.data?.(mail);
        const error = says.after?.(mail);
        if (!error) s.got.push(mail);
        done(error);
        wake();
      });
    },
  });
  server.on("error", () => {});
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  s.port = server.server.address().port;
  s.until = async (is, what) => {
    const end = Date.now() + 30_000;
    while (!is(s)) {
      if (Date.now() > end) assert.fail(`in vain: ${what}; got ${s.got.length}, tried ${s.tried}`);
      await new Promise((go) => { s.waiting.push(go); setTimeout(go, 100); });
    }
  };
  s.close = () => new Promise((go) => server.close(go));
  return s;
}
const env = (s, more = {}) => ({ ...FROM, BARAZA_MAIL_SMTP: `smtp://127.0.0.1:${s.port}`, ...more });

const sql = (dir, text) => execFileSync("sqlite3", ["-cmd", ".timeout 5000", join(dir, "baraza.db"), text], { encoding: "utf8" }).trim();
const quote = (v) => (v === null ? "NULL" : typeof v === "number" ? String(v) : `'${v.replaceAll("'", "''")}'`);
function put(dir, mail) {
  const m = { message: undefined, member: null, to_address: "amina@example.org", lang: "en", kind: "code", args: { code: "123456", minutes: 10 }, tries: 0, ...mail };
  const now = Date.now();
  sql(dir, `INSERT INTO mail(message, member, to_address, lang, kind, args, at_ms, next_ms, tries, expires_ms) VALUES(randomblob(16), ${quote(m.member)},
    ${quote(m.to_address)}, ${quote(m.lang)}, ${KINDS.indexOf(m.kind) + 1}, ${quote(JSON.stringify(m.args))}, ${m.at_ms ?? now}, ${m.next_ms ?? now}, ${m.tries}, ${m.expires_ms ?? now + 600_000})`);
}
const waiting = (dir) => Number(sql(dir, "SELECT count(*) FROM mail"));
const make = (handles = []) => { const dir = tempDir(); hub(dir, handles); return dir; };
const metric = async (d, name) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(await (await fetch(`${d.url}/metrics`)).text())[1]);
const eventually = async (is, what) => {
  const end = Date.now() + 20_000;
  while (!(await is())) {
    assert.ok(Date.now() < end, `in vain: ${what}`);
    await sleep(50);
  }
};

test("each kind in each language is a mail that programs read as such", async (t) => {
  const dir = make(["amina"]);
  const member = Number(sql(dir, "SELECT id FROM member WHERE handle = 'amina'"));
  const args = { code: "12-ab_Z", by: "Moussa Koné", org: "Ville de Bénin", reason: ".\nPas cette année.", what: "passkey", minutes: 10 };
  for (const kind of KINDS) for (const lang of LANGS) put(dir, { kind, lang, args, member });
  const s = await smtp();
  const d = await serve(dir, { env: env(s) });
  await s.until(() => s.got.length === 44, "44 mails");
  await eventually(async () => (await metric(d, "baraza_mail_sent_total")) === 44 && (await metric(d, "baraza_mail_queue_depth")) === 0, "the metrics");
  assert.equal(await d.stop(), 0);
  await s.close();
  assert.equal(waiting(dir), 0);
  const ids = new Set(), subjects = new Set();
  for (const m of s.got) {
    const p = m.parsed, head = Object.fromEntries(p.headerLines.map((h) => [h.key, h.line]));
    assert.deepEqual(m.to, ["amina@example.org"]);
    assert.deepEqual([m.from, m.hello], ["noreply@example.net", "baraza.example.net"]);
    assert.deepEqual(p.from.value, [{ name: "Équipe \"Baraza\"", address: "noreply@example.net" }]);
    assert.deepEqual(p.to.value, [{ name: "Person amina", address: "amina@example.org" }]);
    assert.match(p.messageId, /^<[0-9a-f]{32}@baraza\.example\.net>$/);
    assert.deepEqual(Object.keys(head).sort(), ["auto-submitted", "content-language", "content-transfer-encoding", "content-type", "date", "from", "message-id",
      "mime-version", "subject", "to", "x-auto-response-suppress"]);
    assert.match(head["auto-submitted"], /auto-generated/);
    assert.ok(!p.html && p.attachments.length === 0);
    assert.ok(p.text.endsWith("\n") && p.text.includes(`Test hub, ${SITE}/\n`));
    assert.doesNotMatch(p.text + p.subject, /[{}|]|undefined/);
    assert.ok(Math.abs(p.date - Date.now()) < 60_000);
    ids.add(p.messageId);
    subjects.add(p.subject);
    assert.ok(m.raw.split("\r\n").every((l) => l.length <= 78 && /^[\x20-\x7e]*$/.test(l)));
  }
  assert.equal(ids.size, 44);
  assert.equal(s.got.filter((m) => m.parsed.text.includes(`${SITE}/#code=12-ab_Z\n`)).length, 4);
  assert.equal(s.got.filter((m) => m.parsed.text.includes(`${SITE}/#join=12-ab_Z\n`)).length, 8);
  assert.ok(subjects.has("12-ab_Z is your code for Test hub") && subjects.has("12-ab_Z est votre code pour Test hub"));
  assert.equal(s.got.filter((m) => m.parsed.text.includes("\n.\nPas cette année.\n")).length, 4);
  assert.ok(s.got.slice(0, 4).every((m) => m.parsed.subject.startsWith("12-ab_Z")), "codes go first");
  assert.doesNotMatch(d.log + d.out, /12-ab_Z|amina@|Moussa/);
});

test("what anybody chose is neither a line of the head nor an address, and nobody's mail goes nowhere", async () => {
  const dir = make();
  put(dir, { kind: "invite", args: { code: "c", by: "x\r\nBcc: evil@example.com", org: "y" } });
  put(dir, { kind: "test", to_address: "a@example.org\r\nBcc: evil@example.com" });
  put(dir, { kind: "test", to_address: "a@example.org> SIZE=1" });
  put(dir, { kind: "code", args: { code: "1\u001b[2J" } });
  put(dir, { kind: "code", to_address: null });
  put(dir, { kind: "invite", args: { code: "c", by: "=?utf-8?Q?=0D=0ABcc:_evil?= \"; , <e@e>", org: "Win at evil.example.com" } });
  const s = await smtp();
  const d = await serve(dir, { env: env(s) });
  await s.until(() => s.got.length === 1, "one mail");
  await eventually(async () => (await metric(d, "baraza_mail_queue_depth")) === 0, "an empty queue");
  assert.equal(await metric(d, "baraza_mail_failed_total"), 4);
  await d.stop();
  await s.close();
  assert.equal(waiting(dir), 0);
  assert.deepEqual([s.got.length, s.got[0].to], [1, ["amina@example.org"]]);
  assert.ok(!s.got[0].parsed.headers.has("bcc"));
  assert.doesNotMatch(s.got[0].parsed.text, /evil/);
  assert.equal(d.log.match(/mail_not_written/g).length, 4);
  assert.doesNotMatch(d.log, /evil/);
});

test("TLS that is required is not done without, and a certificate must be trusted and be of this server", async () => {
  const dir = make();
  const secret = join(tempDir(), "secret");
  writeFileSync(secret, "hunter2 &é\n", { mode: 0o600 });
  const login = { authMethods: ["PLAIN"] };
  const says = { auth: (a, x, done) => (a.username === "hub@example.net" && a.password === "hunter2 &é" ? done(null, { user: "hub" }) : done(new Error("535 no"))) };
  const tell = async (s, more) => {
    const p = spawn(BIN, ["mail", "test", "--data", dir, "someone@example.org"], { env: { ...process.env, ...env(s, more) } });
    let out = "";
    for (const stream of [p.stdout, p.stderr]) stream.on("data", (x) => { out += x; });
    const code = await new Promise((go) => p.on("close", go));
    assert.doesNotMatch(out, /hunter2/);
    return `${code} ${out}`.trim();
  };
  const plain = await smtp({ hide: ["STARTTLS", "AUTH"] });
  assert.match(await tell(plain, { BARAZA_MAIL_TLS: "required" }), /^75 .*no TLS/);
  assert.equal(plain.tried, 0);
  assert.match(await tell(plain, { BARAZA_MAIL_TLS: "opportunistic" }), /^0 the mail server smtp:\/\/127\.0\.0\.1:\d+ took it/);
  assert.match(await tell(plain, {}), /^0 /);
  assert.equal(plain.got[0].parsed.subject, "Test message from Baraza");
  assert.match(await tell(plain, { BARAZA_MAIL_SMTP: `smtps://127.0.0.1:${plain.port}` }), /^75 .*no TLS with the mail server .*smtp:\/\/ for 587/);
  await plain.close();
  const tls = await smtp({ ...good, ...login }, says);
  const ca = { BARAZA_MAIL_CA: join(certs, "good.crt"), BARAZA_MAIL_TLS: "required" };
  assert.match(await tell(tls, { BARAZA_MAIL_TLS: "required" }), /^75 .*certificate.*name it in mail\.ca/);
  assert.match(await tell(tls, { BARAZA_MAIL_TLS: "opportunistic" }), /^75 .*certificate/);
  assert.equal(tls.tried, 0);
  assert.match(await tell(tls, ca), /^0 /);
  assert.match(await tell(tls, { ...ca, BARAZA_MAIL_USER: "hub@example.net", BARAZA_MAIL_PASSWORD_FILE: secret }), /^0 /);
  assert.deepEqual(tls.got.map((m) => [m.secure, m.user]), [[true, false], [true, "hub"]]);
  assert.match(await tell(tls, { ...ca, BARAZA_MAIL_USER: "other", BARAZA_MAIL_PASSWORD_FILE: secret }), /^75 .*does not take mail\.user/);
  await tls.close();
  const implicit = await smtp({ secure: true, ...good });
  const url = { BARAZA_MAIL_SMTP: `smtps://localhost:${implicit.port}` };
  assert.match(await tell(implicit, url), /^75 .*certificate/);
  assert.match(await tell(implicit, { ...url, BARAZA_MAIL_CA: join(certs, "good.crt") }), /^0 /);
  await implicit.close();
  const elsewhere = await smtp({ secure: true, ...other });
  assert.match(await tell(elsewhere, { BARAZA_MAIL_SMTP: `smtps://localhost:${elsewhere.port}`, BARAZA_MAIL_CA: join(certs, "other.crt") }), /^75 .*certificate/);
  await elsewhere.close();
  assert.match(await tell(elsewhere, {}), /^75 .*connect/);
  assert.match(await tell(elsewhere, { BARAZA_MAIL_SMTP: "smtp://no-such-host.invalid:25" }), /^75 .*not known/);
});

test("settings that contradict each other or lay the password open stop the start", () => {
  const dir = make(), secret = join(dir, "secret");
  writeFileSync(secret, "hunter2\n", { mode: 0o600 });
  const check = (more) => {
    const e = { ...process.env, BARAZA_MAIL_SMTP: "smtp://mail.example.net:587", BARAZA_MAIL_FROM: "a@example.net", BARAZA_MAIL_USER: "u", BARAZA_MAIL_PASSWORD_FILE: secret, ...more };
    const [a, b] = [["config", "check"], ["serve", "--data", dir, "--listen", "127.0.0.1:0"]].map((w) => (more.only === w[0] ? { status: 78 } : spawnSync(BIN, w, { env: e, encoding: "utf8", timeout: 20_000 })));
    assert.equal(a.status, b.status, `${a.stderr} ${b.stderr}`);
    assert.doesNotMatch(a.stdout + a.stderr + b.stderr, /hunter2/);
    return `${a.status} ${a.stdout}${a.stderr}`.trim();
  };
  assert.match(check({ BARAZA_MAIL_FROM: "" }), /^78 .*mail\.from/);
  assert.match(check({ BARAZA_MAIL_FROM: "a@b\r\nX: y" }), /^78 .*mail\.from/);
  assert.match(check({ BARAZA_MAIL_FROM: "A <a@b> <c@d>" }), /^78 .*mail\.from/);
  assert.match(check({ BARAZA_MAIL_SMTP: "http://x" }), /^78 .*mail\.smtp/);
  assert.match(check({ BARAZA_MAIL_SMTP: "smtp://u:p@x:25" }), /^78 .*mail\.smtp/);
  assert.match(check({ BARAZA_MAIL_TLS: "maybe" }), /^78 .*mail\.tls/);
  assert.match(check({ BARAZA_MAIL_TLS: "opportunistic" }), /^78 .*mail\.tls/);
  assert.match(check({ BARAZA_MAIL_USER: "" }), /^78 .*mail\.user/);
  assert.match(check({ BARAZA_MAIL_PASSWORD_FILE: join(dir, "none") }), /^78 .*password_file/);
  assert.match(check({ BARAZA_MAIL_PASSWORD_FILE: "none" }), /^78 .*password_file: none: .*give its whole path/);
  assert.match(check({ BARAZA_MAIL_CA: join(dir, "none") }), /^78 .*mail\.ca/);
  for (const mode of [0o644, 0o604, 0o602]) {
    chmodSync(secret, mode);
    assert.match(check({}), /^78 .*chmod 600/);
  }
  chmodSync(secret, 0o640);
  for (const bad of ["", "\n", "a\nb\n", "a\0b", "x".repeat(600)]) {
    writeFileSync(secret, bad);
    assert.match(check({}), /^78 .*one line/);
  }
  writeFileSync(secret, "hunter2\r\n");
  const e = (more) => spawnSync(BIN, ["config", "check"], { env: { ...process.env, ...more }, encoding: "utf8" });
  assert.equal(e({ BARAZA_MAIL_SMTP: "smtp://mail.example.net", BARAZA_MAIL_FROM: "a@b.net", BARAZA_MAIL_USER: "u", BARAZA_MAIL_PASSWORD_FILE: secret }).stdout, "the settings are in order\n");
  assert.match(e({}).stdout, /no mail server is set/);
});

test("what a server cannot take now is tried again, the same; what it refuses is given up and told of", async () => {
  const dir = make(["amina", "ben"]);
  const member = (h) => Number(sql(dir, `SELECT id FROM member WHERE handle = '${h}'`));
  const no = (code, text) => Object.assign(new Error(text), { responseCode: code });
  const failing = await smtp({}, { to: (a) => (a.address.startsWith("amina") ? no(550, `5.1.1 <${a.address}> unknown`) : no(451, "4.7.1 greylisted")) });
  put(dir, { kind: "test", to_address: "ben@example.org", member: member("ben") });
  put(dir, { kind: "test", to_address: "dan@example.org", expires_ms: Date.now() + 30_000 });
  put(dir, { kind: "test", to_address: "old@example.org", expires_ms: Date.now() - 1 });
  for (let i = 0; i < 3; i++) put(dir, { kind: "code", member: member("amina") });
  let d = await serve(dir, { env: env(failing) });
  await eventually(async () => (await metric(d, "baraza_mail_failed_total")) === 5 && (await metric(d, "baraza_mail_retried_total")) === 1, "six failures");
  assert.equal(await metric(d, "baraza_mail_sent_total"), 0);
  await d.stop();
  await failing.close();
  assert.equal(failing.tried, 5, "what is too late is not sent");
  assert.match(d.log, /"mail_given_up".*"reason":"the mail server answers 550 5\.1\.1 to RCPT"/);
  assert.doesNotMatch(d.log, /@example|unknown|greylisted/);
  assert.equal(sql(dir, "SELECT to_address, tries FROM mail"), "ben@example.org|1");
  const pause = Number(sql(dir, "SELECT next_ms FROM mail")) - Date.now();
  assert.ok(pause > 40_000 && pause <= 60_000, `${pause}`);
  assert.match(sql(dir, "SELECT member, refused, why FROM mail_trouble"), new RegExp(`^${member("amina")}\\|3\\|550 5\\.1\\.1 \\* unknown$`), "the desk shows it to who may not know the address");
  const message = sql(dir, "SELECT lower(hex(message)) FROM mail");
  /* After that, by DATA: refused for good where the words are, not where we may not send. */
  sql(dir, "UPDATE mail SET next_ms = 0");
  const late = await smtp({}, { after: (m) => (m.to[0].startsWith("cora") ? no(554, "5.6.0 spam") : undefined), to: (a) => (a.address.startsWith("eva") ? no(554, "5.7.1 relay access denied") : undefined) });
  put(dir, { kind: "test", to_address: "cora@example.org" });
  put(dir, { kind: "test", to_address: "eva@example.org" });
  put(dir, { kind: "test", to_address: "amina@example.org", member: member("amina") });
  d = await serve(dir, { env: env(late) });
  await eventually(async () => (await metric(d, "baraza_mail_sent_total")) === 2 && (await metric(d, "baraza_mail_failed_total")) === 1 && (await metric(d, "baraza_mail_retried_total")) === 1, "two sent");
  await d.stop();
  await late.close();
  assert.equal(late.got.find((m) => m.to[0] === "ben@example.org").parsed.messageId, `<${message}@baraza.example.net>`);
  assert.equal(sql(dir, "SELECT to_address FROM mail"), "eva@example.org");
  assert.equal(sql(dir, "SELECT count(*) FROM mail_trouble"), "0", "a mail that was taken ends the trouble");
});

test("killed between taking and sending it sends again, the same; stopped, it ends what it has in hand", async () => {
  const dir = make();
  const secret = join(dir, "secret");
  writeFileSync(secret, "hunter2", { mode: 0o600 });
  const raws = [];
  let release;
  const held = new Promise((go) => { release = go; });
  const s = await smtp({ ...good, authMethods: ["PLAIN"] }, { auth: (a, x, done) => done(null, { user: "u" }), data: async (m) => { raws.push(m.raw); if (raws.length === 1) await held; else await sleep(700); } });
  const more = { BARAZA_MAIL_USER: "u", BARAZA_MAIL_PASSWORD_FILE: secret, BARAZA_MAIL_TLS: "required", BARAZA_MAIL_CA: join(certs, "good.crt") };
  put(dir, {});
  let d = await serve(dir, { env: env(s, more) });
  await s.until(() => raws.length === 1, "the first try");
  const workers = readdirSync("/proc").filter((p) => /^\d+$/.test(p)).flatMap((p) => {
    try { return [[readFileSync(`/proc/${p}/cmdline`, "latin1"), p]]; } catch { return []; }
  }).filter(([line]) => line.includes("--mail-worker"));
  assert.ok(workers.length >= 1);
  for (const [line, p] of workers) {
    assert.doesNotMatch(line, /hunter2|amina|123456/);
    try { assert.equal(readFileSync(`/proc/${p}/environ`, "latin1"), ""); } catch (e) { if (e.code === undefined) throw e; }
  }
  await d.kill();
  release();
  assert.equal(waiting(dir), 1);
  d = await serve(dir, { env: env(s, more) });
  await s.until(() => raws.length === 2, "the second try");
  assert.equal(await d.stop(), 0);
  assert.equal(waiting(dir), 0, "what was taken during the stop is written down");
  assert.equal(raws[0], raws[1]);
  assert.doesNotMatch(d.log + d.out, /hunter2|123456|amina|loop_busy/);
  await s.close();
});

test("a sign-in code is sent at once, in the member's language, and nobody learns which addresses there are", async () => {
  const dir = make();
  cli("member", "add", "--data", dir, "amina", "--name", "Amina Diop", "--lang", "fr", "--email", "Amina@Example.org");
  const s = await smtp();
  const d = await serve(dir, { env: env(s, { BARAZA_NET_SITE: "" }) });
  const call = async (method, params) => {
    const r = await fetch(`${d.url}/rpc`, { method: "POST", headers: { "content-type": "application/json", origin: d.url }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) });
    return { cookie: r.headers.get("set-cookie"), ...(await r.json()) };
  };
  const unknown = await call("session.code", { email: "nobody@example.org" });
  await eventually(() => waiting(dir) === 0, "nobody's mail to be dropped");
  assert.equal(s.tried, 0);
  const asked = Date.now();
  const known = await call("session.code", { email: " amina@example.ORG" });
  await s.until(() => s.got.length === 1, "the code");
  const took = Date.now() - asked;
  assert.ok(took < 5000, `${took} ms`);
  assert.deepEqual(Object.keys(known.result), Object.keys(unknown.result));
  const m = s.got[0], code = /^(\d{6}) est votre code pour Test hub$/.exec(m.parsed.subject)?.[1];
  assert.ok(code, m.parsed.subject);
  assert.deepEqual([m.to, m.parsed.to.value[0].name], [["amina@example.org"], "Amina Diop"]);
  assert.ok(m.parsed.text.startsWith("Bonjour Amina Diop,\n") && m.parsed.text.includes(`\n${d.url}/#code=${code}\n`));
  const entered = await call("session.enter", { ticket: known.result.ticket, code });
  assert.equal(entered.result?.me.handle, "amina", JSON.stringify(entered));
  assert.ok(entered.cookie);
  await d.stop();
  await s.close();
  assert.ok(!(d.log + d.out).includes(code) && !/amina@/i.test(d.log + d.out));
  assert.equal(waiting(dir), 0);
});

test("what cannot be written down of a mail that was sent is no reason to send it again", { timeout: 120_000 }, async () => {
  const dir = make();
  put(dir, {});
  const s = await smtp();
  const d = await serve(dir, { env: env(s, { BARAZA_FAULT: "store.mail:1" }) });
  await s.until(() => s.got.length === 1, "the mail");
  await eventually(async () => (await metric(d, "baraza_mail_sent_total")) === 1, "the answer");
  await sleep(300);
  assert.equal(waiting(dir), 1);
  put(dir, { to_address: "next@example.org" });
  await s.until(() => s.got.length === 2, "the next one");
  await d.stop();
  await s.close();
  assert.equal(waiting(dir), 0);
  assert.deepEqual(s.got.map((m) => m.to[0]), ["amina@example.org", "next@example.org"]);
});

test("a file that could not be written is tried again", async () => {
  const dir = make();
  put(dir, {});
  const d = await serve(dir, { env: { BARAZA_FAULT: "spool.name:1" } });
  await eventually(async () => (await metric(d, "baraza_mail_retried_total")) === 1, "the fault");
  await d.stop();
  assert.deepEqual(readdirSync(join(dir, "mail")), []);
  assert.doesNotMatch(d.out, /Sign-in code/);
  assert.equal(sql(dir, "SELECT tries FROM mail"), "1");
});

test("without a mail server each mail is a file, and the operator learns a code", async () => {
  const dir = make();
  mkdirSync(join(dir, "mail"), { mode: 0o700 });
  const old = ["a.eml", "b.part", "c.txt"].map((n) => join(dir, "mail", n));
  for (const f of old) { writeFileSync(f, ""); utimesSync(f, new Date(), new Date(Date.now() - 8 * 86_400_000)); }
  put(dir, { lang: "pt" });
  put(dir, { kind: "invite", args: { code: "secret-invitation" } });
  put(dir, { to_address: null });
  const d = await serve(dir, { env: { BARAZA_NET_SITE: SITE } });
  await eventually(async () => (await metric(d, "baraza_mail_sent_total")) === 2 && (await metric(d, "baraza_mail_queue_depth")) === 0, "two files");
  await eventually(() => !existsSync(old[0]), "the sweep");
  await d.stop();
  assert.equal(waiting(dir), 0);
  assert.ok(!existsSync(old[1]) && existsSync(old[2]));
  const files = readdirSync(join(dir, "mail")).filter((n) => n.endsWith(".eml")).map((n) => join(dir, "mail", n));
  assert.equal(files.length, 2);
  for (const f of files) assert.equal(statSync(f).mode & 0o777, 0o600);
  const mails = await Promise.all(files.map((f) => simpleParser(readFileSync(f))));
  const code = mails.find((m) => m.subject === "123456 é o seu código para Test hub");
  assert.deepEqual([code.from.value[0], code.to.value[0].address], [{ address: "baraza@baraza.example.net", name: "Test hub" }, "amina@example.org"]);
  assert.match(d.out, /^baraza: no mail server is set \(\[mail\] smtp\): mails are written to .*\/mail/m);
  assert.match(d.out, /^Sign-in code for amina@example\.org: 123456 \(no mail server is set; \[mail\] smtp\)$/m);
  assert.equal(d.out.match(/Sign-in code/g).length, 1);
  assert.doesNotMatch(d.log, /123456|amina|secret-invitation/);
  assert.doesNotMatch(d.out, /secret-invitation/);
  assert.match(cli("mail", "test", "--data", dir, "--lang", "fr", "x@example.org"), /it was written to .*\.eml$/);
  const bad = spawnSync(BIN, ["mail", "test", "--data", dir, "x@y@z"], { encoding: "utf8" });
  assert.equal(bad.status, 64);
});
