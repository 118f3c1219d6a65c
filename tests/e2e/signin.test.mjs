// Guessing codes is braked by address, however the method's name is spelled; honest posts with escapes are not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hub, rpc, serve, tempDir } from "./daemon.mjs";

// This machine speaks for everybody behind a proxy on it, so its own address has 600 a minute, others have 60.
test("sign-ins of one address are limited, in any spelling", async () => {
  const dir = tempDir();
  const tokens = hub(dir, ["ana"]);
  const daemon = await serve(dir);
  try {
    const post = (body, token) => fetch(`${daemon.url}/rpc`, {
      method: "POST", body,
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    });
    const { rooms } = await rpc(daemon, tokens.ana, "room.list", {});
    for (let i = 0; i < 15; i++) { // as an encoder writes that keeps to ASCII
      const body = `{"jsonrpc":"2.0","id":1,"method":"post.create","params":{"thread":"${rooms[0].chat}","text":"d\\u00e9j\\u00e0 vu ${i}","cid":"e${i}"}}`;
      assert.equal((await post(body, tokens.ana)).status, 200);
    }
    const code = "A".repeat(43);
    const guess = (name, token) => post(`{"jsonrpc":"2.0","id":1,"method":"${name}","params":{"code":"${code}"}}`, token);
    // Minutes are counted on the monotonic clock, which is this process's too: begin where one has room for all guesses.
    const second = Number((process.hrtime.bigint() / 1000000000n) % 60n);
    if (second > 45) await new Promise((r) => setTimeout(r, (60 - second) * 1000));
    const statuses = [];
    const names = ["session.open", "session\\u002eopen", "\\u0073ession.open"];
    for (let i = 0; i < 610; i++) statuses.push((await guess(names[i % 3], i % 2 ? "B".repeat(43) : undefined)).status);
    assert.ok(statuses.slice(0, 600).every((s) => s !== 429), String(statuses));
    assert.ok(statuses.slice(600).every((s) => s === 429), String(statuses));
    assert.equal((await guess("session.open")).headers.get("retry-after"), "60");
  } finally {
    await daemon.stop();
  }
});
