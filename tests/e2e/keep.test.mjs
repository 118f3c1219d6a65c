// Shared files go along with the database: a copy has them, a restore puts them back, verify looks at each and says which post lacks
// one; what was cut off, killed or ran out of space leaves nothing that looks whole.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync,
  writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import zlib from "node:zlib";
import { BIN, cli, cliAsync, hub, rpc as call, serve, tempDir } from "./daemon.mjs";

const TUS = { "tus-resumable": "1.0.0" };
const base = tempDir(), dir = join(base, "hub");
const shared = new Map();   // id of a post → its bytes
let daemon, tokens, chat, room, unshared, begun, held, picture, twice;
let next = 0;

function run(...args) {
  const { status, stdout, stderr } = spawnSync(BIN, args, { encoding: "utf8" });
  return { status, out: stdout.trim(), err: stderr.trim() };
}
const verify = (...args) => run("verify", ...args);
const start = (of) => serve(of, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
// A command that took long has kept this program from seeing which of its idle connections the hub closed meanwhile.
const seen = async () => { for (let i = 0; i < 3; i++) await new Promise((done) => setImmediate(done)); };
const ask = async (at, method, path, headers = {}, body) => (await seen(), fetch(`${at.url}${path}`, { method, body, headers: { authorization: `Bearer ${tokens.ana}`, ...headers } }));
const rpc = async (...args) => (await seen(), call(...args));
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `k${next++}` });
async function open(bytes, name) {
  const made = await ask(daemon, "POST", "/upload", { ...TUS, "upload-length": String(bytes), "upload-metadata": `filename ${Buffer.from(name).toString("base64")}` });
  assert.equal(made.status, 201);
  return made.headers.get("location");
}
const patch = (at, to, offset, bytes) => ask(at, "PATCH", to, { ...TUS, "content-type": "application/offset+octet-stream", "upload-offset": String(offset) }, bytes);
async function send(bytes, name) {
  const to = await open(bytes.length, name);
  assert.equal((await patch(daemon, to, 0, bytes)).status, 204);
  return to.split("/").at(-1);
}
async function share(bytes, name, thread = chat) {
  const made = await write("ana", "post.create", { thread, files: [{ upload: await send(bytes, name) }] });
  shared.set(made.id, bytes);
  return made.id;
}
// A PNG of noise, so that it has a thumbnail.
function png() {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]), out = Buffer.alloc(body.length + 8);
    let c = ~0;
    for (const b of body) for (let k = (c ^= b, 0); k < 8; k++) c = (c >>> 1) ^ (0xedb88320 & -(c & 1));
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(~c >>> 0, body.length + 4);
    return out;
  };
  const head = Buffer.from([0, 0, 1, 0, 0, 0, 1, 0, 8, 2, 0, 0, 0]);
  const lines = Buffer.concat(Array.from({ length: 256 }, () => Buffer.concat([Buffer.from([0]), randomBytes(768)])));
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", head), chunk("IDAT", zlib.deflateSync(lines)), chunk("IEND", Buffer.alloc(0))]);
}
const hashOf = async (id) => (await rpc(daemon, tokens.ana, "post.list", { thread: chat })).posts.find((p) => p.id === id).files[0].hash;
const place = (root, hash) => join(root, hash.slice(0, 2), hash);
const named = (root) => !existsSync(root) ? [] : readdirSync(root).filter((f) => f !== "part").flatMap((f) => readdirSync(join(root, f))).sort();

async function servesAll(at, ids = shared.keys()) {
  for (const id of ids) {
    const got = await ask(at, "GET", `/file/${id}/0`);
    assert.equal(got.status, 200, id);
    assert(Buffer.from(await got.arrayBuffer()).equals(shared.get(id)), id);
  }
}

before(async () => {
  tokens = hub(dir, ["ana"]);
  cli("member", "add", "--data", dir, "modo", "--name", "Modo", "--role", "moderator");
  tokens.modo = cli("token", "--data", dir, "modo");
  daemon = await start(dir);
  ({ id: room, chat } = (await rpc(daemon, tokens.ana, "room.list", {})).rooms[0]);
  for (const who of ["ana", "modo"]) await write(who, "room.join", { room });
  await share(randomBytes(700_001), "plan.bin");
  picture = await share(png(), "noise.png");
  const same = randomBytes(5000);
  twice = [await share(same, "one"), await share(same, "two")];
  const region = (await rpc(daemon, tokens.ana, "room.list", {})).regions[0].id;
  const slow = await write("admin", "room.create", { region, slug: "held", name: "Held" });
  for (const who of ["ana", "modo"]) await write(who, "room.join", { room: slow.id });
  await write("modo", "room.set", { room: slow.id, hold: "all" });
  held = await share(randomBytes(300), "waits", slow.chat);
  unshared = await send(Buffer.from("not shared yet"), "later.txt");
  begun = await open(100_000, "half");
  await patch(daemon, begun, 0, randomBytes(40_000));
});
after(() => daemon?.stop());

test("a copy beside the daemon has the files; a restored hub serves them and goes on with what was begun", async () => {
  const copy = join(base, "copy.db"), back = join(base, "back");
  const made = run("backup", "--data", dir, copy);
  assert.equal(made.status, 0, made.err);
  assert.equal(made.out, `written to ${copy}, with 5 shared files in ${copy}.files`);
  assert.deepEqual(readdirSync(base).sort(), ["copy.db", "copy.db.files", "hub", "test.erased"]);
  assert.deepEqual(named(`${copy}.files`), named(join(dir, "files")));
  assert.equal(statSync(`${copy}.files`).mode & 0o777, 0o700);
  const one = place(`${copy}.files`, await hashOf(picture));
  assert.deepEqual([statSync(one).mode & 0o777, statSync(one).nlink, statSync(`${one}.thumb`).nlink], [0o600, 2, 2], "on one file system: links");
  const looked = verify(copy);
  assert.equal(looked.status, 0, looked.err + looked.out);
  assert.match(looked.out, /^5 shared files are there, \d+ bytes$/m);

  const restored = run("restore", copy, "--data", back);
  assert.equal(restored.status, 0, restored.err);
  assert.equal(restored.out, `restored into ${back}, with 5 shared files\nsessions, tokens, invitations and sign-in links that ended since the copy was made hold again; --sign-out ends all\nnobody left since the copy was made, says ${join(base, "test.erased")}`);
  assert.deepEqual(named(join(back, "files")), named(join(dir, "files")));
  assert.equal(statSync(place(join(back, "files"), await hashOf(picture))).nlink, 1, "the hub has bytes of its own");
  copyFileSync(join(dir, "hub.key"), join(back, "hub.key"));
  chmodSync(join(back, "hub.key"), 0o600);
  assert.equal(verify("--data", back).status, 0);
  const again = await start(back);
  try {
    await servesAll(again);
    assert.equal((await ask(again, "GET", `/file/${picture}/0/thumb`)).status, 200);
    assert.equal((await ask(again, "HEAD", begun, TUS)).headers.get("upload-offset"), "0", "what was under way begins anew");
    const { id } = await rpc(again, tokens.ana, "post.create", { thread: chat, files: [{ upload: unshared }], cid: "later" });
    assert.equal(await (await ask(again, "GET", `/file/${id}/0`)).text(), "not shared yet");
  } finally {
    await again.stop();
  }
  rmSync(back, { recursive: true });
});

test("what a copy holds of sessions, tokens, invitations and sign-in links holds again, or with --sign-out nothing of it", async () => {
  const copy = join(base, "signed.db"), back = join(base, "signed");
  const { code } = await rpc(daemon, tokens.admin, "invite.create", {});
  const link = /#in=([\w-]{43})/.exec(await cliAsync("link", "--data", dir, "ana"))[1];
  assert.equal(run("backup", "--data", dir, copy).status, 0);
  for (const [more, holds] of [[[], true], [["--sign-out"], false]]) {
    const restored = run("restore", copy, "--data", back, ...more);
    assert.equal(restored.status, 0, restored.err);
    assert.match(restored.out, holds ? /hold again; --sign-out ends all/ : /nobody is signed in, and no token, invitation or sign-in link holds/);
    const again = await start(back);
    try {
      for (const asked of [() => rpc(again, tokens.ana, "room.list", {}), () => rpc(again, "", "invite.look", { code }), () => rpc(again, "", "session.open", { code: link })]) {
        if (holds) await asked();
        else await assert.rejects(asked, (e) => ["unauthenticated", "not_found"].includes(e.data.code));
      }
    } finally {
      await again.stop();
    }
    rmSync(back, { recursive: true });
  }
  for (const f of [copy, `${copy}.files`]) rmSync(f, { recursive: true });
});

test("verify says which posts lack a file, beside the daemon and without, of a hub and of a copy", async () => {
  const copy = join(base, "judged.db");
  assert.equal(run("backup", "--data", dir, copy).status, 0);
  await daemon.stop();   // the copy's files are the hub's own until it has others
  const back = join(base, "judged");
  assert.equal(run("restore", copy, "--data", back).status, 0);
  daemon = await start(dir);
  const plan = await hashOf(shared.keys().next().value), both = await hashOf(twice[0]), noise = await hashOf(picture);
  const waits = named(`${copy}.files`).find((f) => !f.endsWith(".thumb") && statSync(place(`${copy}.files`, f)).size === 300);
  for (const [root, args] of [[join(back, "files"), ["--data", back]], [`${copy}.files`, [copy]]]) {
    for (const f of [plan, both, waits, `${noise}.thumb`]) {   // links: what is changed here is no longer the hub's
      copyFileSync(place(root, f), join(base, "own"));
      renameSync(join(base, "own"), place(root, f));
    }
    assert.equal(verify(...args).status, 0);
    const bytes = readFileSync(place(root, plan));
    bytes[699_000] ^= 1;
    writeFileSync(place(root, plan), bytes);
    const quick = verify(...args, "--quick");
    assert.equal(quick.status, 0, "of the same length");
    assert.match(quick.out, /not checked: whether these bytes/);
    rmSync(place(root, both));
    truncateSync(place(root, waits), 299);
    rmSync(place(root, `${noise}.thumb`));
    const found = verify(...args);
    assert.equal(found.status, 65);
    assert.match(found.err, /4 of 5 shared files are missing or damaged, everything else is in order; put them back into/);
    const lines = found.out.split("\n").filter((l) => /: files\//.test(l)).sort();
    assert.deepEqual(lines, [`message that waits for a moderator ${held}, file 1: files/${waits.slice(0, 2)}/${waits} has another length`,
      ...[...twice.map((id) => `post ${id}, file 1: files/${both.slice(0, 2)}/${both} is missing`),
        `post ${picture}, file 1: files/${noise.slice(0, 2)}/${noise}.thumb is missing`,
        `post ${shared.keys().next().value}, file 1: files/${plan.slice(0, 2)}/${plan} has other bytes`]].sort());
    assert.equal(verify(...args, "--quick").out.split("\n").filter((l) => /: files\//.test(l)).length, 4, "all but the other bytes");
  }

  const refused = run("restore", copy, "--data", join(base, "none"));
  assert.equal(refused.status, 74);
  assert.match(refused.err, new RegExp(`^post ${twice[0]}, file 1: .* is missing$`, "m"));
  assert.match(refused.err, /4 of the copy's 5 shared files are missing or damaged; nothing was restored\..*--partial/);
  assert.deepEqual(readdirSync(join(base, "none")), ["erased.list"], "who left is known there before anything else is");
  const partial = run("restore", copy, "--data", join(base, "none"), "--partial");
  assert.equal(partial.status, 0, partial.err);
  assert.match(partial.out, /with 1 shared files; 4 are missing$/m);
  assert.match(partial.err, new RegExp(`^post ${picture}, file 1: .*thumb is missing$`, "m"));
  assert.equal(verify("--data", join(base, "none")).status, 65);

  const lost = place(join(dir, "files"), both), aside = join(base, "aside");
  renameSync(lost, aside);
  const beside = verify("--data", dir);
  assert.equal(beside.status, 65);
  assert.equal(beside.out.split("\n").filter((l) => / is missing$/.test(l)).length, 2);
  const without = run("backup", "--data", dir, join(base, "without.db"));
  assert.equal(without.status, 74);
  assert.match(without.err, /the copy was made, but without 1 shared files that are missing or damaged in the hub: `baraza verify` names them/);
  assert.equal(named(join(base, "without.db.files")).length, 5);
  renameSync(aside, lost);
  assert.equal(verify("--data", dir).status, 0);
});

test("a copy never takes the place of files that are there, and clears away what a cut left", async () => {
  const copy = join(base, "again.db");
  mkdirSync(`${copy}.files`);
  writeFileSync(join(`${copy}.files`, "letter"), "mine");
  const refused = run("backup", "--data", dir, copy);
  assert.equal(refused.status, 73);
  assert.match(refused.err, /folder of files for a copy of this name already; move it away/);
  assert.deepEqual(readdirSync(`${copy}.files`), ["letter"]);
  writeFileSync(`${copy}.part`, "half");   // beside a part, but it is not only ours
  assert.equal(run("backup", "--data", dir, copy).status, 73);
  assert.deepEqual(readdirSync(`${copy}.files`), ["letter"]);
  rmSync(`${copy}.files`, { recursive: true });
  for (const folder of [`${copy}.files`, `${copy}.files.part`]) {   // a cut between the two names
    mkdirSync(join(folder, "ab"), { recursive: true });
    writeFileSync(join(folder, "ab", "ab".repeat(32)), "old");
  }
  assert.equal(run("backup", "--data", dir, copy).status, 0);
  assert.deepEqual(named(`${copy}.files`), named(join(dir, "files")));
  assert.ok(!existsSync(`${copy}.part`) && !existsSync(`${copy}.files.part`));
});

// Copies, not links, where there is another file system: more to be cut off in.
const other = ["/dev/shm", "/var/tmp"].find((at) => existsSync(at) && statSync(at).dev !== statSync(base).dev);
const elsewhere = other ? tempDir(other) : base;
function killedAfter(ms, ...args) {
  const child = spawn(BIN, args, { stdio: "ignore" });
  return new Promise((done) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), ms);
    child.on("exit", (code) => { clearTimeout(timer); done(code); });
  });
}

test("killed at any time, a copy is whole or has no name, a restored folder is a hub or none, and the next run is whole", async () => {
  for (let i = 0; i < 6; i++) await share(randomBytes(1_500_000), `big ${i}`);
  await daemon.stop();
  const copy = join(elsewhere, "cut.db"), back = join(elsewhere, "back");
  let cut = 0, whole = 0;
  for (let ms = 5; whole < 2 && ms < 4000; ms = Math.ceil(ms * 1.3)) {
    const code = await killedAfter(ms, "backup", "--data", dir, copy);
    if (!existsSync(copy)) {
      assert.notEqual(code, 0);
      cut++;
      continue;
    }
    assert.equal(verify(copy).status, 0, `after ${ms} ms`);
    whole++;
    for (const f of [copy, `${copy}.files`]) rmSync(f, { recursive: true });
  }
  assert.ok(cut > 0 && whole > 0, `${cut} cut, ${whole} whole`);
  assert.equal(run("backup", "--data", dir, copy).status, 0);
  assert.deepEqual(readdirSync(elsewhere).sort(), ["cut.db", "cut.db.files", "test.erased"]);
  assert.equal(statSync(place(`${copy}.files`, named(`${copy}.files`)[0])).nlink, elsewhere === base ? 2 : 1);
  [cut, whole] = [0, 0];
  for (let ms = 5; whole < 2 && ms < 4000; ms = Math.ceil(ms * 1.3)) {
    await killedAfter(ms, "restore", copy, "--data", back);
    if (!existsSync(join(back, "baraza.db"))) {
      cut++;
      continue;
    }
    assert.equal(verify("--data", back).status, 0, `after ${ms} ms`);
    whole++;
    if (whole < 2) rmSync(join(back, "baraza.db"));   // its files stay, and are taken as they are
  }
  assert.ok(cut > 0 && whole > 0, `${cut} cut, ${whole} whole`);
  daemon = await start(dir);
});

test("a disk that is full ends a copy and a restore with one sentence, and leaves no copy and no hub", (t) => {
  const mount = join(tempDir(), "mnt"), copy = join(base, "again.db");
  mkdirSync(mount);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", mount], { stdio: "pipe" });
  } catch (error) {
    t.skip(`cannot mount here: ${String(error.stderr ?? error).trim()}`);
    return;
  }
  try {
    const full = run("backup", "--data", dir, join(mount, "copy.db"));
    assert.equal(full.status, 74);
    assert.match(full.err, /No space left|disk is full/);
    assert.deepEqual(readdirSync(mount), []);
    assert.equal(run("backup", "--data", dir, join(base, "full.db")).status, 0);
    const back = run("restore", join(base, "full.db"), "--data", join(mount, "back"));
    assert.equal(back.status, 74);
    assert.match(back.err, /No space left|disk is full/);
    assert.ok(!existsSync(join(mount, "back", "baraza.db")));
    assert.ok(existsSync(copy));
  } finally {
    execFileSync("umount", [mount]);
  }
});
