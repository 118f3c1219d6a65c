// A resource is found by what is said of it, in its room and in the library, by whoever may read its room and by nobody else;
// what is said of it is its author's and the moderators' to change.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";

const CSV = `name,city\n${"line 1,Bogot\u00e1\n".repeat(20)}`;
const TUS = { "tus-resumable": "1.0.0" };
let daemon, dir, tokens, region, general;
let next = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `c${next++}` });
const ask = (who, method, params = {}) => rpc(daemon, tokens[who], method, params);
const refused = (work, code, field) =>
  assert.rejects(work, (e) => e.data?.code === code && (field === undefined || e.data.field === field), `${code} ${field}`);
const titles = async (who, params = {}) => (await ask(who, "resource.list", params)).resources.map((r) => r.title);

// A file to share.
async function upload(who, name, bytes) {
  const headers = { ...TUS, authorization: `Bearer ${tokens[who]}` }, body = Buffer.from(bytes);
  const made = await fetch(`${daemon.url}/upload`, { method: "POST", headers: { ...headers, "upload-length": String(body.length),
    "upload-metadata": `filename ${Buffer.from(name).toString("base64")}` } });
  const done = await fetch(`${daemon.url}${made.headers.get("location")}`, { method: "PATCH", body,
    headers: { ...headers, "content-type": "application/offset+octet-stream", "upload-offset": "0" } });
  assert.equal(done.status, 204);
  return { upload: made.headers.get("location").split("/").at(-1) };
}
const file = async (who, post, n = 0) => {
  const answer = await fetch(`${daemon.url}/file/${post}/${n}`, { headers: { authorization: `Bearer ${tokens[who]}` } });
  return answer.status === 200 ? answer.text() : answer.status;
};
const make = (who, title, fields = {}, more = {}) =>
  write(who, "thread.create", { room: general, title, kind: "resource", text: "Look", fields, ...more });

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben"]);
  cli("member", "add", "--data", dir, "modo", "--name", "Person modo", "--role", "moderator");
  tokens.modo = cli("token", "--data", dir, "modo");
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  const list = await ask("ana", "room.list");
  region = list.regions[0].id;
  general = list.rooms[0].id;
});
after(async () => {
  await daemon?.stop();
  assert.match(cli("verify", "--data", dir), /entries verified/);   // what was derived is what a replay derives
});

test("what is said of a resource finds it, alone and together, page by page", async () => {
  const plan = await make("ana", "Plan de movilidad de Bogotá", { languages: ["es"], city: "Bogotá", country: "CO", year: 2023,
    themes: ["sump", "cycling"], licence: "CC BY", source: "Alcaldía" }, { files: [await upload("ana", "plan.csv", CSV)] });
  const guide = await make("ben", "Cycling guide", { language: "en", url: "https://a.example/guide", year: 2023, themes: ["cycling"] });
  const both = ["Cycling guide", "Plan de movilidad de Bogotá"];
  for (const [params, want] of [[{}, both], [{ theme: "active-mobility" }, both], [{ theme: "planning" }, both.slice(1)],
    [{ city: "bogota", country: "CO", language: "es", year: 2023, type: "sheet", region, room: general }, both.slice(1)],
    [{ type: "link" }, both.slice(0, 1)], [{ text: "movilidad" }, both.slice(1)], [{ text: "cycl", language: "en" }, both.slice(0, 1)],
    [{ language: "en", country: "CO" }, []], [{ theme: "no-such" }, []], [{ limit: 1 }, both.slice(0, 1)], [{ before: guide.id }, both.slice(1)]])
    assert.deepEqual(await titles("ben", params), want, JSON.stringify(params));

  const [, seen] = (await ask("ben", "resource.list")).resources;
  assert.deepEqual([seen.thread, seen.type, seen.versions, seen.posts, seen.fields.licence], [plan.id, "sheet", 1, 1, "CC BY"]);
  assert.deepEqual([seen.file.post, seen.file.n, seen.file.name], [plan.post, 0, "plan.csv"]);
  assert.equal(await file("ben", seen.file.post, seen.file.n), CSV);
  const one = await ask("ben", "resource.get", { thread: plan.id });
  assert.deepEqual(one.resource, seen);
  assert.deepEqual(one.versions.map((v) => [v.post, v.n, v.text, v.file.name]), [[plan.post, 1, "Look", "plan.csv"]]);
  await refused(ask("ben", "resource.get", { thread: (await ask("ben", "room.list")).rooms[0].chat }), "not_found");
});

test("what is said of a resource is its author's and the moderators' to change, within the rules of its room", async () => {
  const { id } = await make("ana", "To be changed", { year: 2001 });
  await refused(write("ben", "thread.fields", { thread: id, fields: { year: 2002 } }), "forbidden");
  await write("ana", "thread.fields", { thread: id, fields: { year: 2003 } });
  await write("modo", "thread.fields", { thread: id, fields: { year: 2004, themes: ["brt"] } });
  assert.deepEqual(await titles("ben", { year: 2003 }), []);
  assert.deepEqual(await titles("ben", { year: 2004, theme: "public-transport" }), ["To be changed"]);
  assert.deepEqual((await ask("ben", "thread.get", { thread: id })).thread.fields, { year: 2004, themes: ["brt"] });
  const acts = (await ask("ben", "log.list", { room: general })).acts.map((a) => [a.entry.kind, a.entry.by, a.entry.as]);
  assert.deepEqual(acts.filter(([kind]) => kind === "thread.fields"), [["thread.fields", null, "moderator"]]); // not its author's
  await refused(write("ana", "thread.fields", { thread: id, fields: { themes: ["no-such"] } }), "invalid", "fields.themes");
  await refused(write("ana", "thread.create", { room: general, title: "x", text: "x", kind: "resource", fields: { themes: ["no-such"] } }),
    "invalid", "fields.themes");
  const talk = await write("ana", "thread.create", { room: general, title: "Talk", text: "x" });
  await refused(write("ana", "thread.fields", { thread: talk.id, fields: { year: 2003 } }), "conflict");
  const strict = (await write("admin", "room.create", { region, slug: "strict", name: "Strict" })).id;
  const kept = await make("ana", "Kept", {}, { room: strict });
  await write("admin", "room.set", { room: strict, words: [{ word: "casino", act: "block" }] });
  await refused(write("ana", "thread.fields", { thread: kept.id, fields: { source: "Càsino" } }), "blocked", "fields");
  await write("admin", "room.set", { room: strict, words: [], hold_threads: true });
  await refused(write("ana", "thread.fields", { thread: kept.id, fields: { source: "City" } }), "forbidden");
  const held = await make("ana", "Waits", { year: 1999 }, { room: strict });
  assert.equal(held.held, true);
  assert.deepEqual(await titles("ana", { year: 1999 }), []); // what waits is no resource yet
  await write("admin", "report.decide", { report: held.id, decision: "approve" });
  assert.deepEqual(await titles("ben", { year: 1999 }), ["Waits"]);
});

test("a resource behind a door is told to nobody before it, and its file goes with its post", async () => {
  const closed = (await write("admin", "room.create", { region, slug: "closed", name: "Closed", access: "private" })).id;
  const { id, post } = await make("ana", "Goes in", { year: 1950 }, { files: [await upload("ana", "in.txt", "inside")] });
  assert.deepEqual(await titles("ben", { year: 1950 }), ["Goes in"]);
  await write("modo", "post.hide", { post, rule: "other" });
  const [hidden] = (await ask("modo", "resource.list", { year: 1950 })).resources;
  assert.deepEqual([hidden.file, hidden.versions, hidden.type], [undefined, 0, "other"]);
  await write("modo", "post.restore", { post, rule: "undone" });
  await write("admin", "thread.move", { thread: id, room: closed });
  assert.deepEqual(await titles("ben", { year: 1950 }), []);
  await refused(ask("ben", "resource.get", { thread: id }), "not_found");
  await refused(ask("ben", "resource.list", { room: closed }), "not_found");
  assert.deepEqual(await titles("admin", { room: closed }), ["Goes in"]);
  await write("admin", "thread.move", { thread: id, room: general });
  await write("modo", "thread.archive", { thread: id, archived: true });
  assert.deepEqual(await titles("ben", { year: 1950 }), []);
  assert.equal((await ask("ben", "resource.get", { thread: id })).resource.title, "Goes in"); // an old link leads there
  await write("modo", "thread.archive", { thread: id, archived: false });
  await write("ana", "post.redact", { post, reason: "mine" });
  assert.deepEqual((await ask("ben", "resource.get", { thread: id })).versions, []);
  assert.equal(await file("ben", post), 404);
});
