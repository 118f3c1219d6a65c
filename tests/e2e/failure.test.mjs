// Proves that what failed inside is found in the log by the number that the answer carries, on both carriers, and that the
// log does not hold what was asked.
import { test } from "node:test";
import assert from "node:assert/strict";
import { Hub, cid, holdError } from "./helper.mjs";

test("an internal error and its line in the log carry the same number", async (t) => {
  const hub = await Hub.start();
  t.after(() => hub.done());
  const token = await hub.token("admin");
  const { rooms } = (await hub.get("/rpc/room.list", token)).json.result;
  await hub.stop();
  hub.options.env = { BARAZA_FAULT: "store.apply:1+" };
  await hub.serve();
  const params = () => ({ thread: rooms[0].chat, text: "a canary sings", cid: cid() });
  const numbers = [];
  const take = (error) => {
    holdError(error);
    assert.equal(error.data.code, "internal");
    numbers.push(error.data.request);
  };
  const call = async () => (await hub.post({ jsonrpc: "2.0", id: 1, method: "post.create", params: params() }, token)).json;
  const first = await call();
  if (first.result) { t.skip("this build has no fault sites"); return; }
  take(first.error);
  take((await call()).error);
  const client = await hub.client({ token });
  const answer = new Promise((done) => client.socket.once("message", (d) => done(JSON.parse(d))));
  await assert.rejects(client.call("post.create", params()));
  take((await answer).error);
  assert.equal(new Set(numbers).size, 3);
  for (let i = 0; i < 100 && !hub.log.includes(numbers[2]); i++) await new Promise((r) => setTimeout(r, 50)); // by another pipe
  const lines = hub.log.split("\n").filter((l) => l.includes('"call failed"')).map((l) => JSON.parse(l));
  assert.deepEqual(lines.map((l) => [l.request, l.method]), numbers.map((n) => [n, "post.create"]));
  assert.ok(!hub.log.includes("canary"));
  await client.close();
});
