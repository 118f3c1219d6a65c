// Who leaves is forgotten: everything that a person can write holds a string of its own, and afterwards none of them stands anywhere
// in the data folder: database, log, free pages, indexes, files, also through a kill in the middle.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cli, hub, person, rpc, serve, tempDir } from "./daemon.mjs";
import { png, word, paragraphs } from "./corpus.mjs";
import { Line } from "./line.mjs";

const TUS = { "tus-resumable": "1.0.0" };
let daemon, dir, tokens, room, region, chat, people;
let next = 0;
const write = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `e${next++}` });
const ask = (who, method, params = {}) => rpc(daemon, tokens[who], method, params);
const refused = (work, code) => assert.rejects(work, (e) => e.data?.code === code, code);

async function send(who, bytes, name) {
  const headers = { authorization: `Bearer ${tokens[who]}`, ...TUS };
  const made = await fetch(`${daemon.url}/upload`, { method: "POST", headers: { ...headers, "upload-length": String(bytes.length),
    "upload-metadata": `filename ${Buffer.from(name).toString("base64")}` } });
  const at = made.headers.get("location");
  const done = await fetch(daemon.url + at, { method: "PATCH", body: bytes, headers: { ...headers, "upload-offset": "0",
    "content-type": "application/offset+octet-stream" } });
  assert.equal(done.status, 204);
  return at.split("/").at(-1);
}

// Each string has the mark of whose it is, and a word that says where it was written.
const grep = (mark, where = dir) => {
  try {
    return [...new Set(execFileSync("grep", ["-raoh", `${mark}[a-z]*`, where], { encoding: "latin1" }).trim().split("\n"))];
  } catch {
    return []; // grep found nothing
  }
};

// Whoever takes a handle.
const isTaken = (handle, where = dir) =>
  assert.throws(() => cli("member", "add", "--data", where, handle, "--name", "Another"), /it is taken/, handle);
const post = async (method, params) => (await (await fetch(`${daemon.url}/rpc`, { method: "POST", headers: { "content-type": "application/json" },
  body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) })).json()).result;

async function sayAll(who, m) {
  const t = await write(who, "thread.create", { room, title: `${m}title`, kind: "question", text: `${m}first for @ana, see https://${m}link.example/` });
  await write(who, "thread.rename", { thread: t.id, title: `${m}renamed` });
  const { id: post } = await write(who, "post.create", { thread: t.id, text: `${m}post` });
  await write(who, "post.edit", { post, text: `${m}edited` });
  const plan = await write(who, "thread.create", { room, title: `${m}plan`, kind: "resource", text: `${m}about`,
    fields: { city: `${m}city`, source: `${m}source`, url: `https://${m}url.example/` },
    files: [{ upload: await send(who, word(paragraphs(`${m}inside`)), `${m}name.docx`), alt: `${m}alt` }] });
  await write(who, "post.create", { thread: t.id, files: [{ upload: await send(who, Buffer.concat([png({ width: 40, height: 40 }), Buffer.from(`${m}picture`)]), `${m}photo.png`) }] });
  await send(who, Buffer.from(`${m}unshared`), `${m}kept.txt`);
  const gone = await write(who, "post.create", { thread: chat, text: `${m}gone` });
  await write(who, "post.redact", { post: gone.id, reason: `${m}reason` });
  const hers = await write("ana", "post.create", { thread: t.id, text: `hello @${who}` });
  await write(who, "post.react", { post: hers.id, emoji: "👍", on: true });
  await write(who, "report.create", { post: hers.id, reason: `${m}report` });
  const hidden = await write(who, "post.create", { thread: chat, text: `${m}hidden` });
  await write("modo", "post.hide", { post: hidden.id, rule: "rude" });
  await write(who, "appeal.create", { post: hidden.id, reason: `${m}appeal` });
  const held = await write("modo", "member.sanction", { member: people[who], act: "warn", rule: "rude", reason: `${m}sanction` });
  await write(who, "sanction.appeal", { sanction: held.id, reason: `${m}unfair` });
  await write(who, "member.set", { name: `${m}newname`, city: `${m}newcity` });
  await write("admin", "member.set", { member: people[who], org: `${m}neworg` });
  await ask(who, "profile.set", { title: `${m}work`, can: `${m}can`, seeks: `${m}seeks`, about: `${m}aboutme`, contact: `${m}contact` });
  for (const w of ["ana", who]) await write(w, "room.join", { room });
  await write(who, "direct.open", { member: people.ana, text: `${m}direct`, thread: t.id });
  await ask(who, "draft.set", { thread: t.id, text: `${m}draft`, at: 5 });
  await ask(who, "draft.set", { title: `${m}drafttitle`, text: "x", at: 5 });
  await ask(who, "search.save", { id: "mine", text: `${m}search` });
  await write(who, "member.set", { name: `${m}oldname`, city: `${m}oldcity` });
  await write(who, "member.set", { name: `${m}newname`, city: null });
  await ask(who, "profile.set", { title: `${m}role`, can: `${m}can`, seeks: `${m}seeks`, about: `${m}me`, contact: `${m}phone`, languages: ["qu"], themes: ["brt"] });
  await ask(who, "read.mark", { thread: t.id, seq: 5 });
  await ask(who, "thread.follow", { thread: t.id, level: "follow" });
  await write("admin", "room.set", { room, hold: "all" });
  assert((await write(who, "thread.create", { room, title: `${m}held`, text: `${m}waits`, files: [{ upload: await send(who, Buffer.from(`${m}bytes`), `${m}w.txt`) }] })).held);
  await write("admin", "room.set", { room, hold: "none" });
  return { thread: t.id, post, plan: plan.id };
}

// One line that hears all there is: whoever left is gone when it is told so.
async function forgotten(id, line) {
  await line.until(() => line.entries.some((e) => e.kind === "member.erase" && e.member === id && e.done), `${id} to be forgotten`);
}

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben", "cara", "dan", "eve"]);
  cli("member", "add", "--data", dir, "modo", "--name", "Person modo", "--role", "moderator");
  tokens.modo = cli("token", "--data", dir, "modo");
  for (const [who, m] of [["fay", "zqfay"], ["gus", "zqgus"], ["hal", "zqhal"]]) {
    cli("member", "add", "--data", dir, `${m}`, "--name", `${m}person`, "--city", `${m}town`, "--org", `${m}office`);
    tokens[who] = cli("token", "--data", dir, `${m}`);
  }
  cli("member", "add", "--data", dir, "ida", "--name", "Person ida", "--email", "ida@zqida.example");
  tokens.ida = cli("token", "--data", dir, "ida");
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  for (const [who, handle] of [["admin"], ["modo"], ["ida"], ["fay", "zqfay"], ["hal", "zqhal"]]) tokens[who] = await person(daemon, dir, handle ?? who);
  people = Object.fromEntries((await ask("admin", "member.list")).members.map((m) => [m.handle, m.id]));
  people.fay = people.zqfay;
  people.gus = people.zqgus;
  people.hal = people.zqhal;
  const list = await ask("ana", "room.list");
  ({ id: room, chat } = list.rooms[0]);
  region = list.regions[0].id;
});
after(() => daemon?.stop());

test("who leaves is found nowhere: in no answer, no file, no index, no free page and no log", async () => {
  const watching = new Line(daemon.ws, tokens.ana), own = new Line(daemon.ws, tokens.fay);
  await Promise.all([watching, own].map((l) => l.until(() => l.isReady, "hello")));
  const said = await sayAll("fay", "zqfay");
  assert(grep("zqfay").length > 30, grep("zqfay").join(" "));
  let closed = null;
  own.ws.on("close", (code) => { closed = code; own.isClosed = true; });
  await refused(ask("fay", "member.erase", { handle: "zqgus", cid: "no" }), "invalid");
  await write("fay", "member.erase", { handle: "zqfay" });
  await refused(ask("fay", "room.list"), "unauthenticated");
  await forgotten(people.fay, watching);
  assert.equal(closed, 1008);
  assert.deepEqual(grep("zqfay"), []);
  const left = watching.entries.find((e) => e.kind === "member.erase");
  assert.deepEqual([left.member, left.by, left.posts], [people.fay, people.fay, "erase"]);
  const { thread, members } = await ask("ana", "thread.get", { thread: said.thread });
  assert.equal(thread.title, "");
  assert.deepEqual(members.find((m) => m.id === people.fay), { id: people.fay, handle: "", name: "", former: true, role: "guest", lang: "en" });
  const { posts } = await ask("ana", "post.list", { thread: said.thread });
  assert(posts.filter((p) => p.by === people.fay).every((p) => p.text === "" && p.redacted && !p.files));
  assert.equal(posts.find((p) => p.by !== people.fay).text, "hello @fay"); // other people's words
  assert.equal((await ask("ana", "search.query", { text: "zqfaypost" })).hits.length, 0);
  assert(!(await ask("admin", "member.list")).members.some((m) => m.id === people.fay));
  assert.deepEqual((await ask("modo", "queue.list")).matters.filter((m) => JSON.stringify(m).includes("zqfay")), []);
  watching.close();
  const back = new Line(daemon.ws, tokens.ana, { hub: "test" });   // from the beginning: nothing of it comes again
  back.cursor = 0;
  await back.until(() => back.entries.some((e) => e.kind === "member.erase" && e.done), "all of it");
  assert(!JSON.stringify(back.entries).includes("zqfay"));
  back.close();
});

test("the record holds, a rebuild gives the same tables, and nothing comes back by it", async () => {
  assert.match(cli("verify", "--data", dir), /entries verified/);
  cli("rebuild", "--data", dir);
  assert.match(cli("verify", "--data", dir), /entries verified/);
  assert.deepEqual(grep("zqfay"), []);
  await daemon.stop();
  cli("rebuild", "--data", dir);
  assert.match(cli("verify", "--data", dir), /entries verified/);
  isTaken("zqfay");
  assert.deepEqual(grep("zqfay"), []);
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
});

test("killed in the middle it goes on, and ends", async () => {
  await sayAll("gus", "zqgus");
  for (let i = 0; i < 150; i++)
    await write("gus", "post.create", { thread: chat, text: `zqgusmany ${i}` });
  await write("admin", "member.erase", { member: people.gus, handle: "zqgus" });
  for (let i = 0; i < 4; i++) {
    await daemon.kill();
    daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
    if (i < 3) await new Promise((done) => setTimeout(done, 10 + 40 * i));
  }
  const watching = new Line(daemon.ws, tokens.admin, { hub: "test" });
  watching.cursor = 0;
  await forgotten(people.gus, watching);
  watching.close();
  assert.deepEqual(grep("zqgus"), []);
  assert.match(cli("verify", "--data", dir), /entries verified/);
});

test("who left is gone from a copy of before, too, when it is put back: by the list beside it, in the folder, or given", async () => {
  const copies = tempDir(), elsewhere = tempDir();
  const copy = join(copies, "monday.db"), alone = join(elsewhere, "monday.db");
  await sayAll("hal", "zqhal");
  cli("backup", "--data", dir, copy);
  cpSync(copies, elsewhere, { recursive: true });
  rmSync(join(elsewhere, "test.erased"), { force: true });
  const watching = new Line(daemon.ws, tokens.ana);
  await watching.until(() => watching.isReady, "hello");
  await write("hal", "member.erase", { handle: "zqhal" });
  await forgotten(people.hal, watching);
  watching.close();
  assert.deepEqual(grep("zqhal"), []);
  isTaken("zqhal");
  cli("member", "add", "--data", dir, "zqjan", "--name", "Jan");   // is in no copy
  const { members } = await ask("admin", "member.list", { prefix: "zqjan" });
  const waiting = new Line(daemon.ws, tokens.ana);
  await waiting.until(() => waiting.isReady, "hello");
  await write("admin", "member.erase", { member: members[0].id, handle: "zqjan" });
  await forgotten(members[0].id, waiting);
  waiting.close();
  cli("backup", "--data", dir, join(copies, "tuesday.db"));       // renews the list for monday's
  assert.deepEqual(grep("zqhal", join(copies, "test.erased")), []);
  const put = (from, ...args) => {
    const to = tempDir();
    return [to, cli("restore", from, "--data", to, ...args)];
  };
  const [one, said] = put(copy);
  assert.match(said, /1 who left since the copy was made left again/);
  assert.deepEqual(grep("zqhal", one), []);
  assert(grep("hello", one).length > 0);
  assert.match(cli("verify", "--data", one), /entries verified/);
  const [two, nothing] = put(alone);
  assert.match(nothing, /no list of who left was found/);
  assert(grep("zqhal", two).length > 20);
  const list = join(dir, "erased.list");
  const [three] = put(alone, "--erased", list);
  assert.deepEqual(grep("zqhal", three), []);
  for (const handle of ["zqhal", "zqjan"]) isTaken(handle, three);
  const four = tempDir();
  cpSync(list, join(four, "erased.list"));
  cli("restore", alone, "--data", four);
  assert.deepEqual(grep("zqhal", four), []);
  // Cut off between the two, the daemon itself does it before it serves anybody.
  cpSync(list, join(two, "erased.list"));
  cpSync(join(dir, "hub.key"), join(two, "hub.key"));
  const served = await serve(two);
  assert.deepEqual(grep("zqhal", two), []);
  assert.equal(await served.stop(), 0);
  assert.match(cli("verify", "--data", two), /entries verified/);
  writeFileSync(join(four, "bad.list"), readFileSync(list, "utf8").replace(/ erase /, " keep "));
  assert.throws(() => put(alone, "--erased", join(four, "bad.list")), /its signature does not hold/);
});

test("who had an address is told when nothing is left; what was mailed to them before is gone", async () => {
  const mails = () => existsSync(join(dir, "mail")) ? readdirSync(join(dir, "mail")).map((f) => readFileSync(join(dir, "mail", f), "utf8")) : [];
  const to = () => mails().filter((m) => m.includes("ida@zqida.example"));
  await ask("ana", "room.list").catch(() => {}); // the line may have ended while the commands before ran
  await ask("ida", "address.list").then((r) => assert.equal(r.addresses.length, 1));
  assert((await post("session.code", { email: "ida@zqida.example" })).ticket);
  const watching = new Line(daemon.ws, tokens.ana);
  await watching.until(() => watching.isReady && to().some((m) => /^Subject: [0-9]{6} /m.test(m)), "a code");
  await write("ida", "member.erase", { handle: "ida" });
  await forgotten(people.ida, watching);
  watching.close();
  for (let i = 0; i < 100 && to().length === 0; i++) await new Promise((r) => setTimeout(r, 50));
  assert.equal(to().length, 1);
  assert(!/[^0-9][0-9]{3} ?[0-9]{3}[^0-9]/.test(to()[0].split("\n\n").slice(1).join()), "the code is gone");
  for (let i = 0; i < 60 && grep("zqida", join(dir, "baraza.db")).length > 0; i++) await new Promise((r) => setTimeout(r, 50));
  assert.deepEqual(grep("zqida", join(dir, "baraza.db")), []);
  const { code: invite } = await ask("admin", "invite.create");   // a namesake
  const { ticket } = await post("session.code", { email: "other@person.example", invite });
  let code = null;
  for (let i = 0; i < 100 && code === null; i++) {
    await new Promise((r) => setTimeout(r, 50));
    code = /Sign-in code for other@person.example: ([0-9]{6})/.exec(daemon.out)?.[1] ?? null;
  }
  assert.equal((await post("invite.take", { invite, ticket, code, name: "Ida" })).me.handle, "ida2");
});

test("only its own member and admins close an account; the last admin stays", async () => {
  await refused(write("modo", "member.erase", { member: people.ana, handle: "ana" }), "forbidden");
  await refused(write("admin", "member.erase", { handle: "admin" }), "conflict");
  await refused(write("admin", "member.erase", { member: people.fay, handle: "zqfay" }), "not_found");
});
