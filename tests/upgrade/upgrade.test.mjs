// upgrade.test.mjs: each kept database of an earlier release is restored, verified, rebuilt and served by this one and
// answers as it did; a database of a newer release is refused and stays as it is.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { BIN, cli, serve, tempDir } from "../e2e/daemon.mjs";
import { answers } from "./questions.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const USER_VERSION_AT = 60;   // in the file's header: https://www.sqlite.org/fileformat2.html#user_version_number
const kept = readdirSync(HERE).filter((name) => name.endsWith(".db.gz")).map((name) => name.slice(0, -6));
const expected = JSON.parse(readFileSync(join(HERE, "expected.json"), "utf8"));
const database = (version) => gunzipSync(readFileSync(join(HERE, `${version}.db.gz`)));

// What a release adds to an answer is no breach; what it leaves out or changes is one.
function holds(now, then, where) {
  if (where.endsWith("}.hits")) {   // a search may find more, in another order
    for (const hit of then) holds(now.find((h) => h.thread === hit.thread && h.post === hit.post), hit, `${where} ${hit.post ?? hit.thread}`);
  } else if (where.endsWith("}.members") && where.includes("search.query")) {
    for (const member of then) holds(now.find((m) => m.id === member.id), member, `${where} ${member.id}`);
  } else if (Array.isArray(then)) {
    assert.equal(now?.length, then.length, `${where}: length`);
    then.forEach((item, i) => holds(now[i], item, `${where}[${i}]`));
  } else if (then !== null && typeof then === "object") {
    for (const key of Object.keys(then)) holds(now?.[key], then[key], `${where}.${key}`);
  } else {
    assert.equal(now, then, where);
  }
}

test("each kept database has its answers, and each answer its database", () => {
  assert.ok(kept.length > 0);
  assert.deepEqual(kept.toSorted(), Object.keys(expected).toSorted());
});

for (const version of kept) {
  test(`${version}: restored, verified, rebuilt and served, it answers as before`, async () => {
    const base = tempDir(), dir = join(base, "hub"), copy = join(base, "copy.db");
    writeFileSync(copy, database(version));
    cli("restore", copy, "--data", dir);
    const verified = cli("verify", "--data", dir);
    assert.match(verified, /^\d+ entries verified/m);
    assert.match(cli("rebuild", "--data", dir), /^rebuilt from \d+ entries$/);
    const again = cli("verify", "--data", dir);
    assert.equal(again.split("\n")[0], verified.split("\n")[0]);
    assert.match(again, /^last checkpoint \d+:/m, "a record that was never signed is signed when it is first opened");
    const daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
    const now = await answers(daemon, dir).finally(() => daemon.stop());   // a failure must not leave it running
    assert.equal(daemon.code, 0);
    for (const [question, answer] of Object.entries(expected[version])) holds(now[question], answer, question);
  });

  test(`${version}: nobody reads in the answers what is not theirs`, () => {
    for (const [question, answer] of Object.entries(expected[version])) {
      if (!/^(admin|ben): /.test(question))
        assert.ok(!JSON.stringify(answer).includes("nobody else reads this"), question);
      assert.ok(!JSON.stringify(answer).includes("withdrawn by"), question);
    }
    const own = JSON.stringify(expected[version]['ben: search.query {"text":"canary"}']);
    assert.ok(own.includes("nobody else"), "and the search for it finds it");
  });
}

function refusedAsNewer(dir, args, newer) {
  const { status, stderr, stdout } = spawnSync(BIN, args, { encoding: "utf8", timeout: 10_000 });
  assert.equal(status, 78, `${args.join(" ")}: ${stderr}`);
  assert.equal(stdout, "");
  assert.match(stderr, new RegExp(`schema ${newer}\\b.* up to ${newer - 1}\\b.*newer release`));
}

test("a database of a newer release is refused with both versions named, and stays as it is", () => {
  const base = tempDir(), dir = join(base, "hub"), path = join(dir, "baraza.db");
  mkdirSync(dir, { mode: 0o700 });
  const made = join(base, "made");
  cli("init", "--data", made, "--hub", "mine", "--name", "Mine");
  cli("backup", "--data", made, join(base, "mine.db"));
  const bytes = readFileSync(join(base, "mine.db"));
  const newer = bytes.readUInt32BE(USER_VERSION_AT) + 1;   // one more than this release makes
  bytes.writeUInt32BE(newer, USER_VERSION_AT);
  writeFileSync(path, bytes, { mode: 0o600 });
  for (const args of [["serve", "--data", dir, "--listen", "127.0.0.1:0"], ["rebuild", "--data", dir],
    ["member", "add", "--data", dir, "ana", "--name", "Ana"], ["token", "--data", dir, "admin"], ["verify", "--data", dir]]) {
    refusedAsNewer(dir, args, newer);
    assert.ok(readFileSync(path).equals(bytes), `${args[0]} left the file as it was`);
    const wal = `${path}-wal`;
    assert.ok(!existsSync(wal) || readFileSync(wal).length === 0, `${args[0]} left no log beside it`);
  }
  writeFileSync(join(base, "newer.db"), bytes);
  const target = join(base, "new");
  const restore = spawnSync(BIN, ["restore", join(base, "newer.db"), "--data", target], { encoding: "utf8" });
  assert.notEqual(restore.status, 0);
  assert.match(restore.stderr, new RegExp(`schema ${newer}\\b`));
  assert.ok(!existsSync(join(target, "baraza.db")), "nothing was restored");
});
