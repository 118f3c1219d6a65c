// Power cuts on a real file system: ext4 on a loop file is shut down under load (unflushed data is dropped), mounted
// again, and every acknowledged post is there, once, in order. Skipped with a notice where root may not mount.
// CUTS sets how many (default 20).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "../e2e/daemon.mjs";
import { Line } from "../e2e/line.mjs";

const sh = (...args) => execFileSync(args[0], args.slice(1), { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });

function disk() {
  const base = tempDir();
  const image = join(base, "disk.img"), mount = join(base, "mnt");
  mkdirSync(mount);
  sh("truncate", "-s", "64M", image);
  sh("mkfs.ext4", "-q", "-F", image);
  const on = () => sh("mount", "-o", "loop", image, mount);
  const off = () => sh("umount", mount);
  return { mount, on, off, cut: () => sh("xfs_io", "-x", "-c", "shutdown", mount) };
}

test("every post acknowledged before a power cut is there after it", async (t) => {
  const d = disk();
  try {
    d.on();
  } catch (error) {
    t.skip(`cannot mount here: ${String(error.stderr ?? error).trim()}`);
    return;
  }
  const cuts = Number(process.env.CUTS ?? 20);
  let daemon;
  const acked = new Map();
  try {
    const dir = join(d.mount, "data");
    const tokens = hub(dir, ["ana"]);
    for (let cut = 0; cut < cuts; cut++) {
      daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
      const { rooms } = await rpc(daemon, tokens.admin, "room.list", {});
      const thread = rooms.find((r) => r.slug === "general").chat;
      const line = new Line(daemon.ws, tokens.ana, { watch: [] });
      await line.until(() => line.isReady, "hello");
      let n = 0, isOver = false;
      const writers = Array.from({ length: 8 }, async () => {
        while (!isOver) {
          const text = `cut ${cut} post ${n++}`;
          const { seq } = await line.write("post.create", { thread, text, lang: "en" });
          acked.set(text, seq);
        }
      });
      for (const w of writers) w.catch(() => {});
      await new Promise((r) => setTimeout(r, 200 + Math.random() * 500));
      d.cut();
      isOver = true;
      line.close();
      await daemon.kill();
      d.off();
      d.on();
      cli("verify", "--data", dir);
    }
    daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
    const { rooms } = await rpc(daemon, tokens.admin, "room.list", {});
    const thread = rooms.find((r) => r.slug === "general").chat;
    const there = new Map();
    for (let after = thread; ;) {
      const { posts } = await rpc(daemon, tokens.ana, "post.list", { thread, after, limit: 100 });
      if (posts.length === 0) break;
      for (const p of posts) {
        assert.ok(!there.has(p.text), `doubled: ${p.text}`);
        there.set(p.text, p.seq);
      }
      after = posts.at(-1).id;
    }
    for (const [text, seq] of acked) assert.equal(there.get(text), seq, `lost: ${text}`);
    console.log(`# ${cuts} power cuts, ${acked.size} acknowledged posts, ${there.size} found, 0 lost`);
  } finally {
    if (daemon && daemon.code === undefined && daemon.signal === undefined) await daemon.kill();
    d.off();
  }
});
