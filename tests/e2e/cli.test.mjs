// The command line as an operator meets it: every command with and without a running daemon, wrong usage, modes,
// settings with their faults named by line, and no secret in any log.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { BIN, cli, hub, rpc, serve, tempDir } from "./daemon.mjs";

const TOKEN = /^[A-Za-z0-9_-]{43}$/;
// A link is whole: it begins with the address under which the hub is reached.
function isLink(out, site) {
  assert.ok(out.startsWith(`${site}/#in=`), out);
  assert.match(out.slice(site.length), /^\/#in=[A-Za-z0-9_-]{43}$/);
}

function run(args, env = {}) {
  const { status, stdout, stderr } = spawnSync(BIN, args, { encoding: "utf8", env: { ...process.env, ...env } });
  return { status, out: stdout.trim(), err: stderr.trim() };
}
// One clear sentence, nothing on stdout, and the right number.
function refused(args, status, sentence, env) {
  const r = run(args, env);
  assert.equal(r.status, status, `${args.join(" ")}: ${r.err}`);
  assert.equal(r.out, "", `${args.join(" ")} prints nothing on stdout`);
  assert.match(r.err.split("\n")[0], /^baraza: /);
  assert.match(r.err, sentence);
  return r;
}
const mode = (path) => (statSync(path).mode & 0o777).toString(8);

const SITE = { BARAZA_NET_SITE: "https://b.example.org" };

async function everyCommand(dir, daemon, site, stated) {
  assert.match(run(["member", "add", "--data", dir, `ana.${daemon}`, "--name", "Ana Ñandú", "--role", "moderator",
    "--region", "general", "--lang", "es", "--city", "Quito"]).out, /^added ana\.\w+ \(test-\d+\)$/);
  assert.match(run(["token", "--data", dir, `ana.${daemon}`]).out, TOKEN);
  isLink(run(["link", "--data", dir, `ana.${daemon}`, "--uses", "2", "--hours", "1"]).out, site);
  isLink(run(["invite", "--data", dir, `bo.${daemon}`, "--name", "Bo", "--role", "guest"]).out, site);
  isLink(run(["link", "--data", dir, "admin"], SITE).out, stated);
  assert.match(run(["rebuild", "--data", dir]).out, /^rebuilt from \d+ entries$/);
  const copy = join(dir, "..", `copy-${daemon}.db`);
  assert.equal(run(["backup", "--data", dir, copy]).status, 0);
  assert.equal(mode(copy), "600");
  refused(["backup", "--data", dir, copy], 73, /./);
  assert.match(run(["verify", "--data", dir]).out, /entries verified/);

  refused(["member", "add", "--data", dir, `ana.${daemon}`, "--name", "Again"], 65, /taken/);
  refused(["token", "--data", dir, "nobody"], 65, /no member `nobody`.*member add/);
  refused(["link", "--data", dir, "nobody"], 65, /no member/);
  refused(["invite", "--data", dir, "cy", "--name", "Cy", "--region", "nowhere"], 65, /no region/);
  refused(["invite", "--data", dir, "cy", "--name", "Cy", "--role", "admin"], 64, /guest or a member/);
  refused(["member", "add", "--data", dir, "Not A Handle", "--name", "X"], 64, /handle/);
  refused(["link", "--data", dir, "admin", "--hours", "0"], 64, /--hours/);
}

test("every command works without a daemon", async () => {
  const base = tempDir(), dir = join(base, "hub");
  assert.equal(run(["init", "--data", dir, "--hub", "test", "--name", "Test hub"]).status, 0);
  await everyCommand(dir, "alone", "http://127.0.0.1:8080", SITE.BARAZA_NET_SITE);
  const back = join(base, "back");
  assert.equal(run(["restore", join(base, "copy-alone.db"), "--data", back]).status, 0);
  assert.match(run(["verify", "--data", back]).out, /verified/);
  const key = /key ([\w-]{43})$/m.exec(run(["verify", "--data", dir]).out)[1]; // the copy is signed with it, and has none
  assert.match(run(["verify", "--data", back, "--key", key]).out, /checkpoints?, signed with the key/);
  assert.equal(run(["verify", "--data", back, "--key", "A".repeat(43)]).status, 65);
  assert.equal(run(["verify", "--data", back, "--key", "short"]).status, 64);
  refused(["restore", join(base, "copy-alone.db"), "--data", back], 73, /./);
  refused(["restore", join(base, "none.db"), "--data", join(base, "new")], 74, /No such file/);
  writeFileSync(join(base, "letter.db"), "Dear hub, ".repeat(500));
  refused(["restore", join(base, "letter.db"), "--data", join(base, "new")], 74, /letter\.db is damaged, or no copy of a hub/);
  refused(["backup", "--data", back, join(base, "nowhere", "copy.db")], 74, /could not make .*nowhere\/copy\.db/);
  refused(["init", "--data", dir, "--hub", "test", "--name", "Again"], 73, /holds a hub already/);
  refused(["demo", "--data", dir], 73, /holds a hub already/);
});

test("a copy is verified by itself, and says what is signed and what is not", () => {
  const base = tempDir(), dir = join(base, "hub"), copy = join(base, "copy.db");
  assert.equal(run(["init", "--data", dir, "--hub", "test", "--name", "Test hub"]).status, 0);
  assert.match(run(["member", "add", "--data", dir, "ana", "--name", "Ana"]).out, /^added/);
  assert.equal(run(["backup", "--data", dir, copy]).status, 0);
  const bytes = readFileSync(copy), bare = run(["verify", copy]).out;
  const key = /key ([\w-]{43})$/m.exec(bare)[1], [, last, behind] = /^last checkpoint (\d+:[\w-]{43}), (\d+) entries stand after/m.exec(bare);
  assert.ok(Number(behind) > 0);
  assert.match(bare, /not checked: whether that is this hub's key/);
  assert.match(bare, /not checked: whether a tail was cut off/);
  const whole = run(["verify", copy, "--key", key, "--expect", last]);
  assert.equal(whole.status, 0, whole.err);
  assert.doesNotMatch(whole.out, /not checked/);
  assert.match(run(["verify", "--data", dir, "--key", key, "--expect", last]).out, /entries verified/);
  assert.deepEqual(readdirSync(base).sort(), ["copy.db", "hub"], "nothing was left beside it");
  assert.deepEqual(readFileSync(copy), bytes, "nothing was written into it");

  const later = last.replace(/^\d+/, (n) => String(Number(n) + 5));
  const cut = run(["verify", copy, "--key", key, "--expect", later]);
  assert.equal(cut.status, 65);
  assert.match(cut.out, /cut off before it/);
  assert.match(cut.out, /^last checkpoint/m, "also where there are findings");
  writeFileSync(copy, Buffer.from(bytes.toString("latin1").replaceAll("Test hub", "Best hub"), "latin1"));
  const changed = run(["verify", copy, "--key", key]);
  assert.equal(changed.status, 65);
  assert.match(changed.out, /^entry test-\d+: its body is not the one that was written/m);
  refused(["verify", join(base, "none.db")], 74, /No such file/);
  refused(["verify", copy, "--data", dir], 64, /either --data DIR or FILE/);
  refused(["verify"], 64, /--data DIR is missing/);
  for (const bad of ["5", "5:", "0:" + "A".repeat(43), "-1:" + "A".repeat(43), "x:" + "A".repeat(43), "5:short"])
    refused(["verify", copy, "--expect", bad], 64, /SEQ:HASH/);
  writeFileSync(copy, "this is not a database, it is a letter".repeat(30));
  assert.notEqual(run(["verify", copy]).status, 0);
});

test("a broken key of the hub is named with its remedy, and no start hides it", () => {
  const dir = join(tempDir(), "hub"), key = join(dir, "hub.key");
  assert.equal(run(["init", "--data", dir, "--hub", "test", "--name", "Test hub"]).status, 0);
  assert.equal(mode(key), "600");
  const whole = readFileSync(key);
  for (const [bytes, sentence] of [["", /hub\.key is empty; put it back .* or move it away/], [whole.subarray(0, 20), /hub\.key is damaged; put it back/]]) {
    writeFileSync(key, bytes);
    refused(["token", "--data", dir, "admin"], 74, sentence);
    refused(["serve", "--data", dir, "--listen", "127.0.0.1:0"], 74, sentence);
  }
  writeFileSync(key, whole);
  chmodSync(key, 0o644);
  refused(["token", "--data", dir, "admin"], 74, /mode 644.*chmod 600/);
  chmodSync(key, 0o600);
  assert.match(run(["token", "--data", dir, "admin"]).out, TOKEN);
  const fresh = join(tempDir(), "fresh");
  mkdirSync(fresh, { mode: 0o700 });
  writeFileSync(join(fresh, "hub.key"), "", { mode: 0o600 });
  refused(["init", "--data", fresh, "--hub", "test", "--name", "X"], 74, /empty/);
  assert.deepEqual(readdirSync(fresh), ["hub.key"], "what was put there stays, and nothing else");
  writeFileSync(join(fresh, "hub.key"), whole);
  assert.equal(run(["init", "--data", fresh, "--hub", "test", "--name", "X"]).status, 0);
});

test("every command works beside a running daemon, and members see at once what it did", async () => {
  const dir = join(tempDir(), "hub");
  const tokens = hub(dir, ["eve"]);
  const daemon = await serve(dir);
  await everyCommand(dir, "with", daemon.url, daemon.url);
  const { members } = await rpc(daemon, tokens.eve, "member.list", { prefix: "ana" });
  assert.deepEqual(members.map((m) => [m.handle, m.role, m.city]), [["ana.with", "moderator", "Quito"]]);
  const token = run(["token", "--data", dir, "ana.with"]).out;
  assert.ok((await rpc(daemon, token, "room.list", {})).rooms.length > 0);
  const code = run(["link", "--data", dir, "ana.with"]).out.split("#in=")[1];
  assert.equal((await rpc(daemon, tokens.eve, "session.open", { code })).me.handle, "ana.with");
  await assert.rejects(rpc(daemon, tokens.eve, "session.open", { code }), "a link opens once");
  refused(["serve", "--data", dir, "--listen", "127.0.0.1:0"], 75, /another process is using/);
  assert.equal(await daemon.stop(), 0);
  assert.ok(!existsSync(join(dir, "control.sock")));
});

test("the control socket answers one line, whatever it is asked", async () => {
  const dir = join(tempDir(), "hub");
  hub(dir, []);
  const daemon = await serve(dir);
  const ask = (bytes) => new Promise((done) => {
    let text = "";
    const s = net.connect(join(dir, "control.sock"), () => s.write(bytes));
    s.on("data", (d) => { text += d; }).on("close", () => done(text)).on("error", () => done(text));
  });
  for (const bad of ["\n", "[]\n", "{}\n", '{"command":"token"}\n', '{"command":"token","args":{"handle":7}}\n',
    '{"command":"drop","args":{}}\n', '{"command":"token","args":{"sql":"x"}}\n', "\0\0\0\n", '{"command":"backup","args":{"file":"x"}}\n']) {
    const answer = JSON.parse(await ask(bad));
    assert.notEqual(answer.code, 0, bad);
    assert.notEqual(answer.text, "", bad);
  }
  assert.equal(await ask("x".repeat(200_000)), "", "a line without end is cut off");
  assert.match(run(["token", "--data", dir, "admin"]).out, TOKEN);
  const idle = Array.from({ length: 40 }, () => net.connect(join(dir, "control.sock")).on("error", () => {}));
  await new Promise((done) => setTimeout(done, 50));
  assert.equal(await daemon.stop(), 0, "open lines do not keep it from stopping");
  idle.forEach((s) => s.destroy());
});

test("wrong usage is 64 with the usage of the command, and changes nothing", () => {
  const dir = join(tempDir(), "hub");
  for (const [args, sentence] of [
    [[], /baraza help/], [["dance"], /no such command/], [["member"], /no such command/], [["init"], /--hub is missing/],
    [["init", "--hub", "x1", "--name", "X"], /--data DIR is missing/], [["token", "--data", dir], /HANDLE is missing/],
    [["token", "--data", dir, "a", "b"], /word too many/], [["serve", "--data"], /lacks its value/],
    [["serve", "--data", dir, "--data", dir], /stands twice/], [["serve", "--data", dir, "--uses", "3"], /unknown here/],
    [["link", "--data", dir, "a", "--qr=yes"], /takes no value/], [["serve", "--data", dir, "--listen", "here"], /ADDRESS:PORT/],
    [["serve", "--data", dir, "--listen", "127.0.0.1:99999"], /ADDRESS:PORT/], [["init", "--data", dir, "--hub", "NO", "--name", "X"], /code/],
  ])
    refused(args, 64, sentence);
  assert.ok(!existsSync(join(dir, "baraza.db")));
  assert.match(run(["help"]).out, /baraza serve --data DIR/);
  assert.match(run(["version"]).out, /^baraza \d+\.\d+\.\d+$/);
  assert.match(run(["link", "--help"]).out, /^baraza link --data DIR HANDLE/);
});

test("a folder that cannot be served is refused with the remedy", async () => {
  const base = tempDir(), dir = join(base, "hub");
  refused(["serve", "--data", join(base, "none")], 78, /no folder.*baraza init/);
  mkdirSync(join(base, "empty"));
  refused(["serve", "--data", join(base, "empty")], 78, /holds no hub.*baraza init/);
  hub(dir, []);
  chmodSync(join(dir, "baraza.db"), 0o644);
  refused(["serve", "--data", dir], 78, /chmod 600/);
  chmodSync(join(dir, "baraza.db"), 0o600);
  const taken = net.createServer().listen(0, "127.0.0.1");
  await new Promise((done) => taken.once("listening", done));
  const r = run(["serve", "--data", dir, "--listen", `127.0.0.1:${taken.address().port}`]);
  taken.close();
  assert.equal(r.status, 74, r.err);
  assert.match(r.err, /taken|in use/);
  assert.equal(run(["serve", "--data", dir, "--listen", "192.0.2.1:8080"]).status, 74);
  const broken = join(base, "broken");
  mkdirSync(broken, { mode: 0o700 });
  writeFileSync(join(broken, "baraza.db"), "this is no database, and long enough to be looked at".repeat(100), { mode: 0o600 });
  const b = run(["serve", "--data", broken]);
  assert.ok([74, 78].includes(b.status), `${b.status} ${b.err}`);
});

test("a newer database is refused with both versions, and left as it is", () => {
  const dir = join(tempDir(), "hub");
  hub(dir, []);
  const path = join(dir, "baraza.db");
  const file = readFileSync(path);
  file.writeUInt32BE(9999, 60);   // user_version in the header of an SQLite file
  writeFileSync(path, file);
  const before = readFileSync(path);
  for (const args of [["serve", "--data", dir], ["token", "--data", dir, "admin"], ["rebuild", "--data", dir]])
    refused(args, 78, /9999.*\d/);
  assert.deepEqual(readFileSync(path), before);
});

test("settings: file, environment and flag in rising order; each fault is named", () => {
  const base = tempDir(), file = join(base, "b.ini");
  const show = (text, args = [], env = {}) => {
    writeFileSync(file, text);
    return run(["config", "show", "--config", file, ...args], env);
  };
  assert.match(show("[net]\nlisten = 127.0.0.1:1\n").out, /listen = 127\.0\.0\.1:1\n/);
  assert.match(show("[net]\nlisten = 127.0.0.1:1\n", ["--origin"], { BARAZA_NET_LISTEN: "[::1]:2" }).out,
    /; environment BARAZA_NET_LISTEN\nlisten = \[::1\]:2\n/);
  assert.match(show("[hub]\ndata = /a\n", ["--origin", "--data", "/b"]).out, /; flag --data\ndata = \/b\n/);
  assert.match(show("\n[log]\nlevel = warn ; quiet\n", ["--origin"]).out, new RegExp(`; ${file}:3\nlevel = warn`));
  for (const [text, line, what] of [
    ["[net]\nport = 1\n", 2, /unknown key: port/], ["[nett]\n", 1, /unknown section: nett/], ["listen = x\n", 1, /before the first/],
    ["[net]\nlisten = 127.0.0.1:1\n\nlisten = 127.0.0.1:2\n", 4, /set twice/], ["[limits]\nenforce = perhaps\n", 2, /yes or no/],
    ["[net]\nsite = https://a.example.org/path\n", 2, /no path/], ["[net]\norigins = https://a.example.org evil\n", 2, /origins/],
    ["[log]\nlevel = loud\n", 2, /debug, info/], ["[net]\nnonsense\n", 2, /expected/], ["[net]\nlisten = 80\n", 2, /ADDRESS:PORT/],
    [`[net]\nsite = ${"x".repeat(5000)}\n`, 2, /too long/],
  ]) {
    writeFileSync(file, text);
    const r = refused(["config", "check", "--config", file], 78, what);
    assert.ok(r.err.includes(`${file}:${line}:`), r.err);
  }
  refused(["config", "check"], 78, /BARAZA_NET_PORT/, { BARAZA_NET_PORT: "1" });
  refused(["config", "check"], 78, /BARAZA_LIMITS_ENFORCE/, { BARAZA_LIMITS_ENFORCE: "7" });
  refused(["config", "check", "--config", join(base, "none.ini")], 78, /none\.ini/);
  writeFileSync(join(base, "baraza.ini"), "[net]\nsite = https://own.example.org\n");
  assert.match(run(["config", "show", "--data", base]).out, /own\.example\.org/);
  const documented = run(["config", "show", "--config", new URL("../../deploy/baraza.ini", import.meta.url).pathname]).out;
  assert.equal(documented, run(["config", "show"]).out, "the documented file holds the defaults");
});

test("files are 0600, folders 0700, and no token, code or text is ever in the log", async () => {
  const dir = join(tempDir(), "hub");
  const tokens = hub(dir, ["eve"]);
  const daemon = await serve(dir, { env: { BARAZA_LOG_LEVEL: "debug", BARAZA_LIMITS_ENFORCE: "no" } });
  const code = run(["link", "--data", dir, "eve"]).out.split("#in=")[1];
  await rpc(daemon, tokens.admin, "session.open", { code });
  const { rooms } = await rpc(daemon, tokens.admin, "room.list", {});
  await rpc(daemon, tokens.admin, "post.create", { thread: rooms[0].chat, text: "canary-text-4711", cid: "c1" });
  await rpc(daemon, "A".repeat(43), "room.list", {}).catch(() => {});
  await fetch(`${daemon.url}/rpc/room.list?token=${tokens.eve}`).catch(() => {});
  assert.equal(mode(dir), "700");
  for (const name of readdirSync(dir, { recursive: true }))
    assert.equal(mode(join(dir, name)), statSync(join(dir, name)).isDirectory() ? "700" : "600", name);
  const cmdline = readFileSync(`/proc/${daemon.child.pid}/cmdline`, "utf8");
  const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
  assert.equal(await daemon.stop(), 0, daemon.log);
  assert.match(daemon.log, /"limits"/, "rate limits that are off are warned of");
  for (const secret of [...Object.values(tokens), code, "canary-text-4711", "A".repeat(43)])
    assert.ok(!(daemon.log + daemon.out + cmdline + metrics).includes(secret), `a secret is in the log: ${secret.slice(0, 6)}`);
  for (const line of daemon.log.trim().split("\n"))
    assert.ok(JSON.parse(line).event, line);
});

test("the demo is a community: three people to be, unread texts, a journal that verifies", async () => {
  const dir = join(tempDir(), "demo");
  const start = Date.now();
  cli("demo", "--data", dir);
  const tookMs = Date.now() - start;
  assert.ok(tookMs < 10_000, `made in ${tookMs} ms`);
  assert.match(cli("verify", "--data", dir), /verified/);
  const daemon = await serve(dir);
  for (const [handle, role] of [["amina.diop", "member"], ["moussa.kone", "moderator"], ["zainab.admin", "admin"]]) {
    const token = cli("token", "--data", dir, handle);
    const { regions, rooms } = await rpc(daemon, token, "room.list", {});
    assert.deepEqual(regions.map((r) => r.slug).sort(), ["africa", "asia", "global", "latam"]);
    const joined = rooms.filter((r) => r.joined), unread = joined.filter((r) => r.unread > 0);
    assert.ok(joined.length >= 4 && unread.length >= 1, `${handle}: ${unread.length} of ${joined.length} rooms unread`);
    const { threads } = await rpc(daemon, token, "catchup.list", {});
    assert.ok(threads.length >= 2 && threads.length <= 40, `${handle} catches up with ${threads.length} threads`);
    const { members } = await rpc(daemon, token, "member.list", { prefix: handle });
    assert.equal(members[0].role, role);
    assert.ok(!members[0].org.includes("_"));
    const talks = (await rpc(daemon, token, "direct.list", {})).threads;
    assert.deepEqual(talks.map((talk) => talk.unread), role === "admin" ? [] : [0], `${handle}'s conversation of two`);
  }
  assert.equal(await daemon.stop(), 0, daemon.log);
});

test("SIGTERM under load: the daemon leaves within 5 s and everything acknowledged is there", async () => {
  const dir = join(tempDir(), "hub");
  const tokens = hub(dir, ["eve"]);
  const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  const { rooms } = await rpc(daemon, tokens.admin, "room.list", {});
  const acked = [];
  let stopping = false;
  const write = async (w) => {
    for (let i = 0; !stopping; i++)
      await rpc(daemon, tokens.admin, "post.create", { thread: rooms[0].chat, text: `w${w} ${i}`, cid: `w${w}-${i}` })
        .then((r) => acked.push(r.id), () => { stopping = true; });
  };
  const writers = Array.from({ length: 16 }, (_, w) => write(w));
  while (acked.length < 200)
    await new Promise((done) => setTimeout(done, 10));
  const start = Date.now();
  assert.equal(await daemon.stop(), 0, daemon.log);
  assert.ok(Date.now() - start < 5500, `left in ${Date.now() - start} ms`);
  stopping = true;
  await Promise.all(writers);
  const again = await serve(dir);
  const seen = new Set();
  for (let after; ;) {
    const { posts } = await rpc(again, tokens.admin, "post.list", { thread: rooms[0].chat, after: after ?? rooms[0].chat, limit: 100 });
    if (posts.length === 0) break;
    posts.forEach((p) => seen.add(p.id));
    after = posts.at(-1).id;
  }
  assert.deepEqual(acked.filter((id) => !seen.has(id)), []);
  assert.equal(await again.stop(), 0, again.log);
});
