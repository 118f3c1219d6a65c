// A full disk: writes are refused with storage_full, reads go on, and it heals by itself when space returns; nothing that
// was acknowledged is lost. Skipped with a notice where root may not mount.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "../e2e/daemon.mjs";

const sh = (...args) => execFileSync(args[0], args.slice(1), { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });

test("a full disk refuses writes, serves reads and heals", async (t) => {
  const mount = join(tempDir(), "mnt");
  mkdirSync(mount);
  try {
    sh("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", mount);
  } catch (error) {
    t.skip(`cannot mount here: ${String(error.stderr ?? error).trim()}`);
    return;
  }
  let daemon;
  try {
    const dir = join(mount, "data"), ballast = join(mount, "ballast");
    const tokens = hub(dir, ["ana"]);
    writeFileSync(ballast, Buffer.alloc(2 << 20));
    daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
    const { rooms } = await rpc(daemon, tokens.ana, "room.list", {});
    const thread = rooms.find((r) => r.slug === "general").chat;
    const acked = new Map();
    let refused = null;
    for (let i = 0; i < 20000 && refused === null; i++) {
      const text = `${i} ${"a street with trees and a lane for buses ".repeat(200)}`;
      await rpc(daemon, tokens.ana, "post.create", { thread, text, lang: "en", cid: `f${i}` }).then(
        (r) => acked.set(text.slice(0, 20), r.seq), (error) => { refused = error; });
    }
    assert.equal(refused?.data?.code, "storage_full");
    assert.ok(acked.size > 50);
    const { posts } = await rpc(daemon, tokens.ana, "post.list", { thread, limit: 20 });
    assert.equal(posts.length, 20);
    const ready = await fetch(`${daemon.url}/readyz`);
    assert.equal(ready.status, 503);
    rmSync(ballast);
    let healed = null;
    for (let i = 0; i < 50 && healed === null; i++) {
      healed = await rpc(daemon, tokens.ana, "post.create", { thread, text: "space is back", lang: "en", cid: "healed" }).catch(() => null);
      if (healed === null) await new Promise((r) => setTimeout(r, 100));
    }
    assert.ok(healed, "writes go on within 5 s after space returned");
    assert.equal((await fetch(`${daemon.url}/readyz`)).status, 200);
    const there = new Map();
    for (let after = thread; ;) {
      const page = await rpc(daemon, tokens.ana, "post.list", { thread, after, limit: 50 });
      if (page.posts.length === 0) break;
      for (const p of page.posts) there.set(p.text.slice(0, 20), p.seq);
      after = page.posts.at(-1).id;
    }
    for (const [text, seq] of acked) assert.equal(there.get(text), seq, `lost: ${text}`);
    console.log(`# ${acked.size} acknowledged before the disk was full, 0 lost`);
    assert.equal(await daemon.stop(), 0);
    daemon = null;
    cli("verify", "--data", dir);
  } finally {
    if (daemon) await daemon.kill();
    sh("umount", mount);
  }
});
