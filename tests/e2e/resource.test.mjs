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

test("a member makes a resource of a file or a link of a post, and it says where it came from", async () => {
  const talk = await write("ben", "thread.create", { room: general, title: "Talk", text: "See https://a.example/x and the file",
    files: [{ ...await upload("ben", "map.txt", "a map of lines"), alt: "Lines" }] });
  const [asFile, asLink] = [await write("ana", "resource.promote", { post: talk.post, file: 0, title: "Map", fields: { city: "Quito" }, text: "By Ben" }),
    await write("ana", "resource.promote", { post: talk.post, url: "https://a.example/x", title: "Page", fields: { themes: ["gis"] } })];
  const one = await ask("ben", "resource.get", { thread: asFile.id });
  assert.deepEqual([one.from, one.resource.file.name, one.resource.file.alt, one.resource.fields.city, one.versions[0].text],
    [talk.post, "map.txt", "Lines", "Quito", "By Ben"]);
  assert.equal((await ask("ben", "thread.get", { thread: asFile.id })).thread.from, talk.post);
  const link = (await ask("ben", "resource.get", { thread: asLink.id })).resource;
  assert.deepEqual([link.type, link.fields], ["link", { url: "https://a.example/x", themes: ["gis"] }]);
  const promote = (params) => write("ana", "resource.promote", { post: talk.post, title: "x", ...params });
  await refused(promote({ file: 1 }), "invalid", "file");
  await refused(promote({ url: "https://b.example/" }), "invalid", "url");
  await refused(promote({ url: "javascript:alert(1)" }), "invalid", "url");
  await refused(promote({}), "invalid", "file");
  await refused(promote({ file: 0, url: "https://a.example/x" }), "invalid", "url");
  await refused(promote({ file: 0, fields: { themes: ["nothing"] } }), "invalid", "fields.themes");

  // The bytes live as long as a post names them, and where they came from is told while it is there.
  await write("ben", "post.redact", { post: talk.post, reason: "mine" });
  assert.equal(await file("ana", asFile.post), "a map of lines");
  assert.equal((await ask("ana", "resource.get", { thread: asFile.id })).from, undefined);
  await refused(promote({ file: 0 }), "conflict");
  await write("ana", "post.redact", { post: asFile.post, reason: "mine" });
  assert.equal(await file("ana", asFile.post), 404);
});

test("who makes a resource of a file has room for it, and the room's rules bind it as its own", async () => {
  const strict = (await write("admin", "room.create", { region, slug: "narrow", name: "Narrow" })).id;
  const post = (await write("ben", "thread.create", { room: strict, title: "Casino plan", text: "here", files: [await upload("ben", "casino.txt", "plan")] })).post;
  await write("admin", "room.set", { room: strict, words: [{ word: "casino", act: "hold" }] });
  const held = await write("ana", "resource.promote", { post, file: 0, title: "A plan", fields: { year: 1971 } });
  assert.deepEqual([held.held, await titles("ben", { year: 1971 })], [true, []]); // by the file's name
  const [matter] = (await ask("modo", "queue.list")).matters;
  assert.deepEqual([matter.ask, matter.word, matter.files[0].name], ["thread", "casino", "casino.txt"]);
  await write("modo", "report.decide", { report: held.id, decision: "approve" });
  const [made] = (await ask("ben", "resource.list", { year: 1971 })).resources;
  assert.equal((await ask("ben", "resource.get", { thread: made.thread })).from, post);
  assert.equal(made.by, (await ask("ana", "member.list", { prefix: "ana" })).members[0].id);
});

test("a resource keeps its versions, the newest that all may see is its file", async () => {
  const { id, post } = await make("ana", "Living plan", { year: 1980 }, { files: [await upload("ana", "v1.txt", "one")] });
  const version = async (who, name, bytes) => write(who, "post.create", { thread: id, text: name, version: true, files: [await upload(who, name, bytes)] });
  await refused(version("ben", "no.txt", "no"), "forbidden");
  await refused(write("ana", "post.create", { thread: id, text: "x", version: true }), "invalid", "files");
  const talk = await write("ana", "thread.create", { room: general, title: "Talk", text: "x" });
  await refused(write("ana", "post.create", { thread: talk.id, text: "x", version: true, files: [await upload("ana", "x.txt", "x")] }), "conflict");
  const second = await version("ana", "v2.txt", "two"), third = await version("modo", "v3.csv", CSV);
  await write("ben", "post.create", { thread: id, text: "a remark", files: [await upload("ben", "remark.txt", "no version")] });
  const now = async () => (await ask("ben", "resource.get", { thread: id })).versions.map((v) => [v.n, v.file.name]);
  assert.deepEqual(await now(), [[3, "v3.csv"], [2, "v2.txt"], [1, "v1.txt"]]);
  assert.deepEqual(await titles("ben", { year: 1980, type: "sheet" }), ["Living plan"]);
  assert.equal((await ask("ben", "post.list", { thread: id })).posts.find((p) => p.id === second.id).version, true);
  await write("modo", "post.hide", { post: third.id, rule: "other" });
  assert.deepEqual(await now(), [[2, "v2.txt"], [1, "v1.txt"]]);
  assert.deepEqual(await titles("ben", { year: 1980, type: "document" }), ["Living plan"]);
  await write("ana", "post.redact", { post, reason: "old" });
  assert.deepEqual(await now(), [[1, "v2.txt"]]);
  await write("modo", "post.restore", { post: third.id, rule: "undone" });
  assert.deepEqual(await now(), [[2, "v3.csv"], [1, "v2.txt"]]);
  await write("modo", "post.move", { posts: [third.id], to: talk.id });
  assert.deepEqual(await now(), [[1, "v2.txt"]]);
  assert.equal((await ask("ben", "resource.list", { year: 1980 })).resources[0].file.post, second.id);
  const fourth = await version("ana", "v4.txt", "four");
  assert.deepEqual(await now(), [[2, "v4.txt"], [1, "v2.txt"]]);
  await write("ana", "post.redact", { post: fourth.id, reason: "mine" });
  assert.deepEqual(await now(), [[1, "v2.txt"]]);
  assert.equal((await ask("ben", "post.list", { thread: id })).posts.find((p) => p.id === fourth.id).version, undefined);
});

test("moderators of the hub keep the themes: a tree of two levels, and old resources keep a retired one", async () => {
  const theme = async (slug) => (await ask("ben", "theme.list")).themes.find((t) => t.slug === slug);
  await refused(write("ana", "theme.set", { slug: "ferries", names: { en: "Ferries" } }), "forbidden");
  await refused(write("modo", "theme.set", { slug: "ferries" }), "invalid", "names");
  await refused(write("modo", "theme.set", { slug: "ferries", names: {} }), "invalid", "names");
  await refused(write("modo", "theme.set", { slug: "ferries", names: { de: "F\u00e4hren" } }), "invalid", "names");
  await write("modo", "theme.set", { slug: "ferries", names: { en: "Ferries" } });
  const { id } = await make("ana", "Boats", { year: 1960, themes: ["ferries"] });
  assert.deepEqual(await titles("ben", { theme: "public-transport", year: 1960 }), []);
  for (const parent of ["brt", "ferries", "nothing"]) await refused(write("modo", "theme.set", { slug: "ferries", parent }), "invalid", "parent");
  await refused(write("modo", "theme.set", { slug: "planning", parent: "data" }), "conflict");
  await write("modo", "theme.set", { slug: "ferries", parent: "public-transport", names: { fr: "Bacs" } });
  assert.deepEqual(await titles("ben", { theme: "public-transport", year: 1960 }), ["Boats"]);
  assert.deepEqual(await theme("ferries"), { slug: "ferries", parent: "public-transport", names: { en: "Ferries", fr: "Bacs" } });
  await write("modo", "theme.set", { slug: "ferries", retired: true });
  assert.equal((await theme("ferries")).retired, true);
  await write("ana", "thread.fields", { thread: id, fields: { year: 1960, themes: ["ferries", "walking"] } });
  await refused(make("ana", "More boats", { themes: ["ferries"] }), "invalid", "fields.themes");
  assert.deepEqual(await titles("ben", { theme: "ferries" }), ["Boats"]);
});

test("moderators gather resources of a region, and a collection tells nobody of what they may not see", async () => {
  const closed = (await write("admin", "room.create", { region, slug: "vault", name: "Vault", access: "private" })).id;
  const here = await make("ana", "Here", { city: "Lomé", year: 1977 }), there = await make("admin", "There", { city: "Lomé", year: 1977 }, { room: closed });
  await refused(write("ana", "collection.create", { region, title: "Mine" }), "forbidden");
  const shelf = (await write("modo", "collection.create", { region, title: "Best of", about: "What we use" })).id;
  const put = (who, thread, on = true) => write(who, "collection.put", { collection: shelf, thread, on });
  await refused(put("ana", here.id), "forbidden");
  await refused(put("modo", there.id), "not_found");
  await put("modo", here.id);
  await put("admin", there.id);
  const told = async (who) => [(await ask(who, "collection.list", { region })).collections.find((c) => c.id === shelf).count,
    await titles(who, { collection: shelf }), (await ask(who, "resource.facets", { region })).cities.find((c) => c.city === "Lomé").count];
  assert.deepEqual(await told("ben"), [1, ["Here"], 1]);
  assert.deepEqual(await told("admin"), [2, ["There", "Here"], 2]);
  assert.deepEqual((await ask("ben", "resource.get", { thread: here.id })).collections, [{ id: shelf, title: "Best of" }]);
  await write("modo", "collection.set", { collection: shelf, retired: true, about: "" });
  await refused(put("modo", (await make("ana", "Late")).id), "conflict");
  assert.deepEqual((await ask("ben", "resource.get", { thread: here.id })).collections, []);
  await write("modo", "collection.set", { collection: shelf, retired: false });
  await put("modo", here.id, false);
  assert.deepEqual(await told("ben").catch(() => "none"), [0, [], 1]);
  await refused(ask("ben", "resource.list", { collection: here.id }), "not_found");
  assert.deepEqual((await ask("ben", "log.list")).acts.filter((a) => /^(collection|theme)/.test(a.entry.kind)), []); // gathering judges nobody
});
