// Conversations of two: who may begin one, how often, and that nobody else hears a word or a sign of one, in whatever role and by
// whatever method, live, after a cut and from the beginning; that a block ends it; and that a report shows one post to the hub's
// moderators and to nobody else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cli, hub, person, rpc, serve, tempDir } from "./daemon.mjs";
import { holdNote, holdResult } from "./helper.mjs";
import { carriers } from "./line.mjs";

const WORD = "zqxbetween";
const methods = JSON.parse(readFileSync(new URL("../../proto/openrpc.json", import.meta.url))).methods;
const MEMBERS = ["ana", "ben", "cleo", "dan", "eva", "far", "near", "south", "chief"];
const ROLES = [["guest", "guest"], ["modo", "moderator"], ["moda", "moderator"], ["boss", "admin"]];
// Neither of the two: every role of the hub, and those who moderate and govern the region.
const OTHERS = ["cleo", "guest", "modo", "admin", "south", "chief"];
let daemon, dir, tokens, people, region, general, talk;
let next = 0;
const ask = async (who, method, params = {}) => {
  const result = await rpc(daemon, tokens[who], method, params);
  holdResult(method, result);
  return result;
};
const write = (who, method, params, cid = `c${next++}`) => ask(who, method, { ...params, cid });
const open = (who, member, text, more = {}) => write(who, "direct.open", { member: people[member], text, ...more });
const refused = (work, code) => assert.rejects(work, (e) => e.data?.code === code, code);
const queue = async (who, params = {}) => (await ask(who, "queue.list", params)).matters;
const posts = async (who, thread) => (await ask(who, "post.list", { thread })).posts;
const get = async (who, path) => {
  const answer = await fetch(daemon.url + path, { headers: { authorization: `Bearer ${tokens[who]}` } });
  return { status: answer.status, text: await answer.text() };
};
async function upload(who, name, text) {
  const headers = { "tus-resumable": "1.0.0", authorization: `Bearer ${tokens[who]}` }, bytes = Buffer.from(text);
  const made = await fetch(`${daemon.url}/upload`, { method: "POST", headers: { ...headers, "upload-length": String(bytes.length),
    "upload-metadata": `filename ${Buffer.from(name).toString("base64")}` } });
  const done = await fetch(`${daemon.url}${made.headers.get("location")}`, { method: "PATCH", body: bytes,
    headers: { ...headers, "content-type": "application/offset+octet-stream", "upload-offset": "0" } });
  assert.equal(done.status, 204);
  return { upload: made.headers.get("location").split("/").at(-1) };
}
const ears = Object.fromEntries(Object.entries(carriers).map(([name, Kind]) => [name, class extends Kind {
  constructor(...args) { super(...args); this.heard = ""; }
  take(m) {
    this.heard += `${JSON.stringify(m)}\n`;
    if (m.method) holdNote(m.method, m.params);
    super.take(m);
  }
}]));
const listen = async (t, Ear, who, cursor = null, more = {}) => {
  const line = new Ear(daemon.ws, tokens[who], more);
  t.after(() => line.close());
  if (cursor !== null) Object.assign(line, { hub: "test", cursor });
  await line.until(() => line.isReady, "hello");
  return line;
};
const silent = (who, bytes, what = "") => {
  for (const sign of [WORD, `"${talk.id}"`, `"${talk.thread}"`, `"${talk.post}"`])
    assert.equal(bytes.includes(sign), false, `${who} was sent ${sign} ${what}`);
};

before(async () => {
  dir = tempDir();
  tokens = hub(dir, MEMBERS);
  for (const [handle, role] of ROLES) {
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`, "--role", role);
    tokens[handle] = cli("token", "--data", dir, handle);
  }
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  people = Object.fromEntries((await ask("admin", "member.list")).members.map((m) => [m.handle, m.id]));
  const { rooms, regions } = await ask("ana", "room.list");
  [general, region] = [rooms[0], regions[0].id];
  for (const who of ["ana", "ben", "cleo", "dan", "eva", "modo", "boss", "south", "chief"]) await write(who, "room.join", { room: general.id });
  await write("admin", "member.role", { member: people.south, role: "moderator", region });
  await write("admin", "member.role", { member: people.chief, role: "admin", region });
  talk = await open("ana", "ben", `${WORD} hello @cleo`);
});
after(() => daemon?.stop());

test("the first words open a conversation, further ones go on in it, from either side, and a retry says nothing twice", async () => {
  const thread = (await write("cleo", "thread.create", { room: general.id, title: "Bus lanes", text: "Who has some?" })).id;
  const again = await open("ben", "ana", `${WORD} back`, { thread });
  assert.deepEqual([again.id, again.thread], [talk.id, talk.thread]);
  const once = await write("ana", "direct.open", { member: people.ben, text: `${WORD} once` }, "once");
  assert.deepEqual(await write("ana", "direct.open", { member: people.ben, text: `${WORD} once` }, "once"), once);
  const said = await posts("ben", talk.thread);
  assert.deepEqual(said.map((p) => [p.id, p.by, p.about]), [[talk.post, people.ana, undefined], [again.post, people.ben, thread], [once.post, people.ana, undefined]]);
  const first = await write("dan", "direct.open", { member: people.eva, text: "psst" }, "twice");
  assert.deepEqual(await write("dan", "direct.open", { member: people.eva, text: "psst" }, "twice"), first);
  assert.equal((await ask("dan", "direct.list")).threads.length, 1);
  const { threads, members } = await ask("ben", "direct.list");
  assert.deepEqual(threads.map((t) => [t.room, t.id, t.with, t.title, t.unread, t.excerpt]), [[talk.id, talk.thread, people.ana, "", 2, `${WORD} once`]]);
  assert.ok(members.some((m) => m.id === people.ana));
  assert.deepEqual((await ask("ben", "direct.list", { before: talk.thread })).threads, []);
  const room = (await ask("ben", "room.list")).rooms.find((r) => r.id === talk.id);
  assert.deepEqual([room.access, room.with, room.chat, room.role, room.members, room.unread, room.region, room.name], ["direct", people.ana, talk.thread, "member", 2, 2, undefined, undefined]);
  assert.ok((await ask("ben", "catchup.list")).threads.some((t) => t.id === talk.thread && t.with === people.ana));
  assert.deepEqual((await ask("ben", "search.query", { text: WORD })).hits.map((h) => h.thread), [talk.thread, talk.thread, talk.thread]);
  assert.deepEqual(said[0].md, undefined, "nobody else is named there");
  await ask("ben", "read.mark", { thread: talk.thread, seq: once.seq });
  assert.equal((await ask("ben", "direct.list")).threads[0].unread, 0);
});

test("both hear it, live and from the beginning, on every carrier; nobody else hears anything", async (t) => {
  for (const [name, Ear] of Object.entries(ears)) {
    const lines = Object.fromEntries(await Promise.all([...OTHERS, "eva", "ben"].map(async (who) => [who, await listen(t, Ear, who)])));
    const from = name === "WebSocket" ? "eva" : "dan", to = "boss";
    const there = await listen(t, Ear, to, null, { watch: [] });   // one that begins is in nobody's list yet
    const made = await open(from, to, `${WORD} to you`);
    await there.until(() => there.entries.some((e) => e.kind === "post" && e.seq === made.seq + 2), "the first words");
    assert.deepEqual(there.entries.filter((e) => e.seq >= made.seq && e.seq <= made.seq + 2).map((e) => [e.kind, e.members ?? e.room ?? e.thread]),
      [["room", [people[from], people[to]]], ["thread", made.id], ["post", made.thread]]);
    await write(to, "post.create", { thread: made.thread, text: `${WORD} reply` });
    await write("ana", "post.edit", { post: talk.post, text: `${WORD} changed ${name}` });
    await write("ben", "post.react", { post: talk.post, emoji: "👍", on: name === "WebSocket" });
    const end = await write("cleo", "post.create", { thread: general.chat, text: `the end ${name}` });
    for (const who of [...OTHERS]) {
      await lines[who].until(() => lines[who].entries.some((e) => e.seq >= end.seq), "the end");
      silent(who, lines[who].heard, "live");
      assert.equal(lines[who].heard.includes(`"${made.id}"`), false, who);
      const back = await listen(t, Ear, who, 0);
      await back.until(() => back.entries.some((e) => e.seq >= end.seq), "all of it again");
      silent(who, back.heard, "from the beginning");
    }
    await lines.ben.until(() => lines.ben.entries.some((e) => e.seq >= end.seq), "the end");
assert.deepEqual(lines.ben.entries.filter((e) => e.thread === talk.thread).map((e) => e.kind), ["post.edit", "react"]);
    const back = await listen(t, Ear, "ben", 0);
    await back.until(() => back.entries.some((e) => e.seq >= end.seq), "all of it again");
    assert.ok(back.entries.some((e) => e.kind === "room" && e.members?.includes(people.ben)));
    assert.ok(back.entries.some((e) => e.text === `${WORD} back`));
  }
});

test("no method, in no role, answers otherwise for it than for what never was", async () => {
  const shared = await upload("ana", `${WORD}.txt`, `inside ${WORD}`);
  const { id: filed } = await write("ana", "post.create", { thread: talk.thread, text: `https://example.org/${WORD} https://example.org/shared`, files: [{ ...shared, alt: WORD }] });
  await write("cleo", "post.create", { thread: general.chat, text: "https://example.org/shared" });
  await ask("ana", "draft.set", { thread: talk.thread, text: WORD, at: 1 });
  assert.equal((await get("ben", `/file/${filed}/0`)).status, 200);
  const never = (id) => `${id.split("-")[0]}-9000000`;
  const ids = { room: talk.id, to_room: talk.id, rooms: [talk.id], watch: [talk.id], ids: [talk.id, talk.thread], thread: talk.thread, into: talk.thread, to: talk.thread,
    post: talk.post, posts: [talk.post], reply_to: talk.post, after: talk.post, around: talk.post, before: talk.thread, report: talk.post, sanction: talk.post };
  const plain = { member: people.cleo, title: "A title", text: "words", lang: "en", emoji: "👍", on: true, reason: "why", seq: 1, level: "follow", act: "warn", rule: "spam", role: "member",
    kind: "discussion", fields: {}, decision: "keep", locked: true, pinned: true, featured: true, closed: true, archived: true, at: 1, slug: "a-slug", id: "a-slug", name: "A name", url: "https://example.org/x",
    region, entry: talk.seq, from: "all" };
  let count = 0;
  for (const m of methods) {
    if (/^(session|rpc|signal)\./.test(m.name) || ["draft.set", "member.block"].includes(m.name)) continue;
    for (const p of m.params.filter((q) => q.name in ids)) {
      if (["before", "after", "around"].includes(p.name) && !["thread.list", "catchup.list", "direct.list"].includes(m.name)) continue;   // an edge counts as a number
      const rest = Object.fromEntries(m.params.filter((q) => q.required && q !== p && q.name !== "cid").map((q) => [q.name, q.name in ids ? (q.name === "room" ? general.id : general.chat) : plain[q.name]]));
      if (m.name === "resource.promote") rest.file = 0;
      if (m.name === "report.create" && p.name === "room") rest.member = people.ana;
      const value = m.name === "post.list" && p.name === "thread" ? talk.thread : ids[p.name];
      const absent = Array.isArray(value) ? value.map(never) : never(value);
      for (const who of OTHERS) {
        const answers = [];
        for (const v of [value, absent]) {
          const params = { ...rest, [p.name]: v };
          if (m.params.some((q) => q.name === "cid")) params.cid = `c${next++}`;
          const answer = await fetch(`${daemon.url}/rpc`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${tokens[who]}` },
            body: JSON.stringify({ jsonrpc: "2.0", id: 7, method: m.name, params }) });
          answers.push((await answer.text()).replaceAll(/"seq":\d+|test-\d+/g, "N"));
        }
        assert.equal(answers[0], answers[1], `${m.name} ${p.name} by ${who}`);
        silent(who, answers[0], m.name);
        count++;
      }
    }
  }
  assert.ok(count > 250, `${count} cases`);
  for (const who of OTHERS) {
    for (const [method, params] of [["room.list", {}], ["catchup.list", {}], ["direct.list", {}], ["member.list", {}], ["thread.list", { room: general.id }], ["search.query", { text: WORD }],
      ["search.query", { text: WORD.slice(0, 4) }], ["search.query", { text: "inside" }], ["search.query", { text: "hello", by: people.ana }], ["link.posts", { url: `https://example.org/${WORD}` }],
      ["link.posts", { url: "https://example.org/shared" }], ["post.list", { thread: general.chat }], ["log.list", {}], ["log.list", { room: general.id }], ["queue.list", {}], ["queue.list", { decided: true }],
      ["resource.list", {}], ["resource.facets", {}], ["collection.list", {}], ["report.mine", {}], ["draft.list", {}], ["thread.unanswered", {}], ["thread.similar", { text: WORD }],
      ["sanction.list", { member: people.ana }], ["direct.get", {}]])
      silent(who, JSON.stringify(await ask(who, method, params)), method);
    for (const path of [`/t/${talk.thread}`, `/r/${talk.id}`, `/t/${talk.thread}?post=${talk.post}`, "/"]) silent(who, (await get(who, path)).text.replaceAll(path, ""), path);
    assert.equal((await get(who, `/file/${filed}/0`)).status, 404);
    const seen = (await ask(who, "post.list", { thread: general.chat })).posts.find((p) => p.text === "https://example.org/shared");
    assert.equal(seen.links[0].also, undefined, "that it stands in the conversation, too");
  }
  assert.equal((await ask("ana", "link.posts", { url: "https://example.org/shared" })).posts.length, 2);
});

test("a page's first words call it by the other one, and name no room of it", async () => {
  const page = async (path) => (await fetch(daemon.url + path, { headers: { cookie: `baraza=${tokens.eva}` } })).text();
  const it = await open("dan", "eva", "a page");
  const words = (html) => /<main class="first"[^>]*>(.*)<\/main>/s.exec(html)[1];
  assert.match(words(await page(`/t/${it.thread}`)), /<h1[^>]*>Person dan<\/h1>.*a page/s);
  assert.match(words(await page("/")), new RegExp(`href="/t/${it.thread}"><b[^>]*>Person dan</b>`));
  assert.equal(words(await page("/rooms")).includes(it.id), false);
});

test("nothing but words is in it, whatever role the two have elsewhere: nothing is moved, kept, joined or moderated", async () => {
  const it = await open("boss", "modo", "from admin to moderator");
  const post = (await write("modo", "post.create", { thread: it.thread, text: "a word", files: [await upload("modo", "a.txt", "x")] })).id;
  const outside = await write("boss", "thread.create", { room: general.id, title: "Outside", text: "words" });
  const shelf = (await write("admin", "collection.create", { region, title: "Best of" })).id;
  for (const [method, params] of [["room.join", { room: it.id }], ["room.leave", { room: it.id }], ["room.invite", { room: it.id, member: people.ana }], ["room.set", { room: it.id, slow_s: 9 }],
    ["thread.create", { room: it.id, title: "More", text: "x" }], ["thread.rename", { thread: it.thread, title: "A name" }], ["thread.lock", { thread: it.thread, locked: true }],
    ["thread.pin", { thread: it.thread, pinned: true }], ["thread.feature", { thread: it.thread, featured: true }], ["thread.close", { thread: it.thread, closed: true }],
    ["thread.archive", { thread: it.thread, archived: true }], ["thread.kind", { thread: it.thread, kind: "question" }], ["thread.move", { thread: it.thread, room: general.id }],
    ["thread.move", { thread: outside.id, room: it.id }], ["thread.merge", { thread: it.thread, into: outside.id }], ["thread.merge", { thread: outside.id, into: it.thread }],
    ["post.move", { posts: [post], to: outside.id }], ["post.move", { posts: [outside.post], to: it.thread }], ["post.move", { posts: [outside.post], title: "New", room: it.id }],
    ["post.hide", { post, rule: "spam" }], ["post.lock", { post, locked: true, rule: "spam" }], ["resource.promote", { post, file: 0, title: "Kept" }],
    ["collection.put", { collection: shelf, thread: it.thread, on: true }], ["member.role", { member: people.modo, role: "moderator", room: it.id }],
    ["member.sanction", { member: people.modo, act: "silence", room: it.id, rule: "rude" }], ["post.redact", { post, reason: "not mine" }]])
    await refused(write("boss", method, params), "forbidden");
  await refused(write("boss", "room.create", { region, slug: "two", name: "Two", access: "direct" }), "invalid");
  await refused(write("boss", "report.create", { thread: it.thread, rule: "rude" }), "invalid");
  await refused(write("boss", "report.create", { member: people.ana, room: it.id, rule: "rude" }), "not_found");
  await write("modo", "post.redact", { post, reason: "mine" });
  assert.deepEqual((await ask("modo", "room.words", { room: it.id })).words, []);
});

test("who lets whom begin, and that a refusal does not say why", async () => {
  const text = "may I?";
  await refused(open("far", "ana", text), "forbidden");            // no room in common
  await ask("ana", "direct.set", { from: "all" });
  assert.equal((await ask("ana", "direct.get")).from, "all");
  assert.equal((await ask("ben", "direct.get")).from, "rooms");
  const made = await open("far", "ana", text);
  await ask("ana", "direct.set", { from: "nobody" });              // begun is begun
  await open("far", "ana", "again");
  await refused(open("cleo", "ana", text), "forbidden");
  await ask("ben", "member.block", { member: people.cleo, on: true });
  const why = async (work) => work.then(() => "", (e) => JSON.stringify([e.message, e.data]));
  assert.equal(await why(open("cleo", "ana", text)), await why(open("cleo", "ben", text)));
  await refused(open("guest", "ana", text), "forbidden");
  await refused(open("cleo", "guest", text), "forbidden");
  await refused(open("cleo", "cleo", text), "conflict");
  await refused(write("cleo", "direct.open", { member: "test-9000000", text }), "not_found");
  // What it is about is read by both.
  const closed = (await write("admin", "room.create", { region, slug: "closed", name: "Closed", access: "private" })).id;
  const theirs = (await write("admin", "thread.create", { room: closed, title: "Inner", text: "x" })).id;
  await refused(open("cleo", "dan", text, { thread: theirs }), "not_found");
  await write("admin", "room.invite", { room: closed, member: people.cleo });
  await refused(open("cleo", "dan", text, { thread: theirs }), "forbidden");
  await refused(open("far", "ana", text, { thread: made.thread }), "forbidden");
  // A room that both left is none in common any more.
  await write("near", "room.join", { room: general.id });
  await open("near", "dan", text);
  await write("near", "room.leave", { room: general.id });
  await refused(open("near", "eva", text), "forbidden");
});

test("a block ends it on both sides, in words, changes and reactions, until it is lifted", async () => {
  const it = await open("eva", "cleo", "hello");
  const own = (await write("cleo", "post.create", { thread: it.thread, text: "mine" })).id;
  await ask("eva", "member.block", { member: people.cleo, on: true });
  const refusal = (e) => e.data.code === "forbidden" && e.message.includes("take no messages");
  for (const [method, params] of [["post.create", { thread: it.thread, text: "more" }], ["post.edit", { post: own, text: "other" }], ["post.react", { post: it.post, emoji: "👍", on: true }],
    ["direct.open", { member: people.eva, text: "more" }]])
    await assert.rejects(write("cleo", method, params), refusal);
  await refused(write("eva", "post.create", { thread: it.thread, text: "and you?" }), "conflict");
  await write("cleo", "post.redact", { post: own, reason: "mine" });
  await ask("eva", "member.block", { member: people.cleo, on: false });
  await write("cleo", "post.create", { thread: it.thread, text: "again" });
  await write("admin", "member.sanction", { member: people.cleo, act: "silence", rule: "rude" });
  await refused(write("cleo", "post.create", { thread: it.thread, text: "silenced" }), "forbidden");
  await refused(open("cleo", "dan", "silenced"), "forbidden");
  const [sanction] = (await ask("cleo", "sanction.mine")).sanctions;
  await write("admin", "member.pardon", { sanction: sanction.id, reason: "enough" });
  await write("cleo", "post.create", { thread: it.thread, text: "free" });
});

test("who may begin one is told to the member's other devices, and to nobody else", async (t) => {
  const hear = (who) => listen(t, ears.WebSocket, who);   // between two polls a signal may be lost
  const own = await Promise.all(["near", "near"].map(hear)), others = await Promise.all(["ana", "boss", "south"].map(hear));
  for (const from of ["all", "region", "rooms"]) {
    await ask("near", "direct.set", { from });
    for (const line of own) await line.until(() => line.heard.includes(`"kind":"direct","from":"${from}"`), `the signal ${from}`);
  }
  await ask("ana", "direct.set", { from: "region" });   // a signal of their own: what was before it has passed
  await others[0].until(() => others[0].heard.includes('"kind":"direct"'), "ana's own");
  assert.deepEqual(others.map((line) => line.heard.match(/"kind":"direct"/g)?.length ?? 0), [1, 0, 0]);
  await ask("ana", "direct.set", { from: "rooms" });
});

test("three new ones in an hour, and it is said how long to wait; those that are there go on", async () => {
  await ask("ana", "direct.set", { from: "rooms" });
  for (const to of ["ana", "ben", "cleo"]) await open("south", to, "hello");
  await assert.rejects(open("south", "dan", "hello"), (e) => e.data.code === "slow_mode" && e.data.retry_after_ms > 3000000 && e.data.retry_after_ms <= 3600000);
  await open("south", "ana", "again");
});

for (const [name, Ear] of Object.entries(ears)) test(`what is reported is seen by the hub's moderators, that post alone, and judged by neither of the two (${name})`, async (t) => {
  const [by, of] = name === "WebSocket" ? ["moda", "ana"] : ["moda", "ben"];   // one of the two moderates the hub
  if (name === "WebSocket") await write("moda", "room.join", { room: general.id });
  const it = await open(by, of, `${WORD} before`);
  const { id: post } = await write(of, "post.create", { thread: it.thread, text: "unfit words", files: [await upload(of, "unfit.txt", "unfit inside")] });
  await write(of, "post.create", { thread: it.thread, text: `${WORD} after` });
  const lines = Object.fromEntries(await Promise.all(["modo", "south", "chief", "cleo"].map(async (who) => [who, await listen(t, Ear, who)])));
  assert.equal((await get("modo", `/file/${post}/0`)).status, 404);
  const made = await write(by, "report.create", { post, rule: "rude", reason: "they insult me" });
  await lines.modo.until(() => lines.modo.entries.some((e) => e.kind === "report" && e.seq === made.seq), "the report");
  const told = lines.modo.entries.find((e) => e.seq === made.seq);
  assert.deepEqual([told.room, told.thread, told.by, told.post], [undefined, undefined, null, post]);
  const matter = (await queue("modo")).find((m) => m.id === made.id);
  assert.deepEqual([matter.room, matter.thread, matter.title, matter.text, matter.of, matter.reports[0].by, matter.asked, matter.yours],
    [undefined, undefined, undefined, "unfit words", people[of], people[by], "hub", true]);
  assert.equal((await get("modo", `/file/${post}/0`)).text, "unfit inside");
  assert.equal(JSON.stringify(matter).includes(WORD), false);
  await refused(ask("modo", "post.list", { thread: it.thread }), "not_found");
  await refused(ask("modo", "post.history", { post }), "not_found");
  for (const who of ["south", "chief", "cleo", "guest"]) {
    assert.equal((await queue(who)).some((m) => m.id === made.id), false, who);
    assert.equal((await get(who, `/file/${post}/0`)).status, 404);
    await refused(write(who, "report.decide", { report: made.id, decision: "keep", rule: "kept" }), "not_found");
  }
  assert.equal((await queue("moda")).find((m) => m.id === made.id).not_yours, true);
  for (const decision of ["keep", "hide"]) await refused(write("moda", "report.decide", { report: made.id, decision, rule: "rude" }), "forbidden");
  await refused(write("moda", "report.claim", { report: made.id, on: true }), "forbidden");
  await write("modo", "report.claim", { report: made.id, on: true });
  const end = await write("modo", "report.decide", { report: made.id, decision: "hide", rule: "rude" });
  assert.equal((await get("modo", `/file/${post}/0`)).status, 404);
  assert.equal((await posts(by, it.thread)).find((p) => p.id === post).text, "");
  assert.equal((await posts(of, it.thread)).find((p) => p.id === post).text, "unfit words");
  assert.equal((await ask(by, "report.mine")).matters.find((m) => m.id === made.id).decided.decision, "hide");
  // Its author appeals: another moderator decides, and neither of the two.
  const appeal = await write(of, "appeal.create", { post, reason: "it was a joke" });
  await refused(write("modo", "report.decide", { report: appeal.id, decision: "keep", rule: "kept" }), "forbidden");
  await refused(write("moda", "report.decide", { report: appeal.id, decision: "restore", rule: "kept" }), "forbidden");
  await write("boss", "report.decide", { report: appeal.id, decision: "restore", rule: "undone" });
  assert.equal((await posts(by, it.thread)).find((p) => p.id === post).text, "unfit words");
  // The member in it, and a sanction of the hub.
  const person = await write(by, "report.create", { member: people[of], room: it.id, rule: "rude" });
  await write("modo", "report.decide", { report: person.id, decision: "silence", rule: "rude", until: Date.now() + 86400000 });
  await refused(write(of, "post.create", { thread: it.thread, text: "silenced" }), "forbidden");
  const [sanction] = (await ask(of, "sanction.mine")).sanctions;
  assert.deepEqual([sanction.act, sanction.room, sanction.region], ["silence", undefined, undefined]);
  await write("admin", "member.pardon", { sanction: sanction.id, reason: "enough" });
  const second = (await write(of, "post.create", { thread: it.thread, text: "gone for good" })).id;
  const third = await write(by, "report.create", { post: second, rule: "rude" });
  await write("boss", "report.decide", { report: third.id, decision: "redact", rule: "rude", reason: "as asked" });
  assert.ok((await posts(of, it.thread)).find((p) => p.id === second).redacted);
  const last = await write("cleo", "post.create", { thread: general.chat, text: "the last" });
  for (const who of ["south", "chief", "cleo"]) {
    await lines[who].until(() => lines[who].entries.some((e) => e.seq >= last.seq), "the last");
    assert.equal(lines[who].heard.includes(`"${post}"`) || lines[who].heard.includes(`"${it.id}"`) || lines[who].heard.includes("unfit"), false, who);
    for (const log of [{}, { room: general.id }]) assert.equal(JSON.stringify(await ask(who, "log.list", log)).includes(`"${post}"`), false, who);
  }
  const back = await listen(t, Ear, "modo", 0);
  await back.until(() => back.entries.some((e) => e.seq >= last.seq), "all of it again");
  assert.ok(back.entries.some((e) => e.seq === made.seq) && back.entries.some((e) => e.seq === end.seq));
  assert.equal(back.heard.includes(WORD) || back.heard.includes(`"${it.id}"`) || back.heard.includes(`"${it.thread}"`), false);
});

test("who leaves is not written to any more; what was said stands for the other, without their words", async () => {
  const it = (await ask("dan", "direct.list")).threads.find((t) => t.with === people.near);
  tokens.near = await person(daemon, dir, "near");
  await write("near", "member.erase", { handle: "near" });
  await refused(write("dan", "post.create", { thread: it.id, text: "still there?" }), "forbidden");
  await refused(open("dan", "near", "still there?"), "not_found");
  for (let i = 0; i < 100 && !(await posts("dan", it.id))[0].redacted; i++) await new Promise((go) => setTimeout(go, 50));
  assert.deepEqual((await posts("dan", it.id)).map((p) => [p.text, p.redacted !== undefined]), [["", true]]);
  assert.ok((await ask("dan", "direct.list")).threads.some((t) => t.id === it.id && t.with === people.near));
});

test("it is there after a restart, in a copy and in tables made anew, and its chain is whole", async () => {
  const before_ = (await ask("ben", "direct.list")).threads.map((t) => [t.id, t.with, t.last_seq]);
  cli("backup", "--data", dir, join(dir, "copy.db"));
  assert.equal(await daemon.stop(), 0);
  cli("rebuild", "--data", dir);
  assert.match(cli("verify", "--data", dir), /last checkpoint/);
  cli("verify", join(dir, "copy.db"));
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  assert.deepEqual((await ask("ben", "direct.list")).threads.map((t) => [t.id, t.with, t.last_seq]), before_);
  assert.equal((await ask("ana", "direct.get")).from, "rooms");
  for (const who of OTHERS) silent(who, JSON.stringify(await ask(who, "room.list")));
});
