// A disk that fills while files are on their way: who sends is told storage_full, what arrived stays, and a tenth of the disk is
// never taken by files, so that posts and reads go on. Nothing that was acknowledged is lost, and it heals by itself. Skipped with
// a notice where root may not mount.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "../e2e/daemon.mjs";

const TUS = { "tus-resumable": "1.0.0" }, MB = 1 << 20;
const sha = (bytes) => createHash("sha256").update(bytes).digest("hex");

test("a disk that fills during uploads", async (t) => {
  const mount = join(tempDir(), "mnt");
  mkdirSync(mount);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=40m", "tmpfs", mount], { stdio: "pipe" });
  } catch (error) {
    t.skip(`cannot mount here: ${String(error.stderr ?? error).trim()}`);
    return;
  }
  let daemon, cid = 0;
  try {
    const dir = join(mount, "data"), ballast = join(mount, "ballast"), tokens = hub(dir, ["ana", "ben"]);
    const start = () => serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
    daemon = await start();
    // Each on a connection of its own, and heard also when it is answered before its body is there: fetch of Node.js does neither.
    const ask = (who, method, path, headers = {}, body = Buffer.alloc(0)) => new Promise((done, fail) => {
      const req = http.request(`${daemon.url}${path}`, { method, agent: false, headers: { authorization: `Bearer ${tokens[who]}`, "content-length": String(body.length), ...headers } });
      let isAnswered = false;
      req.on("response", async (res) => {
        isAnswered = true;
        const parts = [];
        for await (const d of res) parts.push(d);
        const got = Buffer.concat(parts), isJson = res.headers["content-type"] === "application/json" && got.length > 0;
        done({ status: res.statusCode, headers: res.headers, body: got, code: isJson ? JSON.parse(got).error?.data.code : undefined });
      });
      req.on("error", (error) => { if (!isAnswered) fail(error); });
      req.end(body);
    });
    const open = (who, bytes) => ask(who, "POST", "/upload", { ...TUS, "upload-length": String(bytes) });
    const offset = async (who, at) => Number((await ask(who, "HEAD", at, TUS)).headers["upload-offset"]);
    const patch = (who, at, from, bytes) => ask(who, "PATCH", at, { ...TUS, "content-type": "application/offset+octet-stream", "upload-offset": String(from) }, bytes);
    const { id: room, chat } = (await rpc(daemon, tokens.ana, "room.list", {})).rooms[0];
    for (const who of ["ana", "ben"]) await rpc(daemon, tokens[who], "room.join", { room, cid: "join" });
    const post = (who, params) => rpc(daemon, tokens[who], "post.create", { thread: chat, cid: `u${cid++}`, ...params });
    const free = () => { const disk = statfsSync(mount); return { left: disk.bavail * disk.bsize, tenth: disk.blocks * disk.bsize / 10 }; };
    const file = async (who, id) => (await ask(who, "GET", `/file/${id}/0`)).body;

    const small = randomBytes(MB), kept = (await open("ana", MB)).headers.location;
    assert.equal((await patch("ana", kept, 0, small)).status, 204);
    const acked = [[await post("ana", { files: [{ upload: kept.split("/").at(-1) }] }), small]];
    const bytes = [randomBytes(6 * MB), randomBytes(6 * MB)], who = ["ana", "ben"];
    const at = await Promise.all(who.map(async (w) => (await open(w, 6 * MB)).headers.location));
    assert.deepEqual(await Promise.all(at.map(async (to, i) => (await patch(who[i], to, 0, bytes[i].subarray(0, 2 * MB))).status)), [204, 204]);

    const now = free();   // both still have their 4 MB when the disk is filled by somebody else: up to 2 MB before the tenth
    writeFileSync(ballast, Buffer.alloc(Math.floor(now.left - now.tenth) - 2 * MB));
    for (const [i, to] of at.entries()) {
      const refused = await patch(who[i], to, 2 * MB, bytes[i].subarray(2 * MB));
      assert.deepEqual([refused.status, refused.code], [507, "storage_full"]);
    }
    assert.ok(free().left >= free().tenth * 0.98, "a tenth stays free");
    const more = await open("ana", 3 * MB);
    assert.deepEqual([more.status, more.code], [507, "storage_full"]);
    for (let i = 0; i < 50; i++) acked.push([await post(who[i % 2], { text: `The disk is full: ${i}` }), null]);
    assert.equal((await fetch(`${daemon.url}/readyz`)).status, 200, "for posts there is space");
    assert.ok((await file("ben", acked[0][0].id)).equals(small));
    assert.ok((await rpc(daemon, tokens.ben, "post.list", { thread: chat, limit: 50 })).posts.length >= 50);
    const before = await Promise.all(at.map((to, i) => offset(who[i], to)));
    assert.ok(before.every((n) => n >= 2 * MB && n < 6 * MB), String(before));

    await daemon.kill();   // what arrived is there after this, too
    daemon = await start();
    assert.deepEqual(await Promise.all(at.map((to, i) => offset(who[i], to))), before);
    rmSync(ballast);
    for (const [i, to] of at.entries()) {
      const done = await patch(who[i], to, before[i], bytes[i].subarray(before[i]));
      assert.equal(done.status, 204, String(done.body));
      acked.push([await post(who[i], { files: [{ upload: to.split("/").at(-1) }] }), bytes[i]]);
    }
    for (const [{ id }, is] of acked) if (is !== null) assert.equal(sha(await file("ana", id)), sha(is));
    const there = new Set();
    for (let after = chat; ;) {
      const { posts } = await rpc(daemon, tokens.ana, "post.list", { thread: chat, after, limit: 50 });
      if (posts.length === 0) break;
      for (const p of posts) there.add(p.id);
      after = posts.at(-1).id;
    }
    for (const [{ id }] of acked) assert.ok(there.has(id), `lost: ${id}`);
    assert.equal(await daemon.stop(), 0);
    daemon = null;
    cli("verify", "--data", dir);
  } finally {
    if (daemon) await daemon.kill();
    execFileSync("umount", [mount]);
  }
});
