// A random walk of 2,000 commands of moderation over three rooms (open, for members, private) by people of every rank: nothing
// ends in an internal error, a retry answers the first outcome, places and counts fit what is listed, no word is told to who may
// not read it where it stands now, and a rebuild makes the same tables and answers. WALK_SEED and WALK_STEPS choose another walk.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cli, hub, rpc, serve, tempDir } from "./daemon.mjs";
import { carriers, Line } from "./line.mjs";

const SEED = Number(process.env.WALK_SEED ?? 1), STEPS = Number(process.env.WALK_STEPS ?? 2000), LOOK = 250;
const PEOPLE = ["admin", "modo", "local", "ana", "ben", "guest"];
const STEADY = ["ana", "ben"]; // nobody changes what these may read
let daemon, dir, tokens, people, rooms, region, lines;
let rng = BigInt(SEED) * 0x9e3779b97f4a7c15n & (1n << 64n) - 1n, words = 0, acts = 0;
const threads = [], posts = [], moves = [], matters = [], proposed = [], hidden = [], by = new Map(), home = new Map();
const owner = new Map(); // of a word: the post or thread that said it
const tally = {};

function random(n) {
  rng ^= rng << 13n & (1n << 64n) - 1n;
  rng ^= rng >> 7n;
  rng ^= rng << 17n & (1n << 64n) - 1n;
  return Number(rng % BigInt(n));
}
const any = (list) => list[random(list.length)];
const late = (list) => list[Math.max(0, list.length - 1 - Math.min(random(list.length || 1), random(list.length || 1)))];
const ask = (who, method, params = {}) => rpc(daemon, tokens[who], method, params);
const word = (of, letter = "w") => { const w = `${letter}${++words}q`; if (of) owner.set(w, of); return w; };
const said = (text) => new Set(text.match(/\b[wtr]\d+q\b/g) ?? []);

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["local", "ana", "ben"]);
  for (const [handle, role] of [["modo", "moderator"], ["guest", "guest"]]) {
    cli("member", "add", "--data", dir, handle, "--name", `Person ${handle}`, "--role", role);
    tokens[handle] = cli("token", "--data", dir, handle);
  }
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  people = Object.fromEntries((await ask("admin", "member.list")).members.map((m) => [m.handle, m.id]));
  const list = await ask("admin", "room.list");
  region = list.regions[0].id;
  const w = (who, method, params) => rpc(daemon, tokens[who], method, { ...params, cid: `f${++acts}` });
  rooms = [list.rooms[0].id];
  for (const access of ["members", "private"])
    rooms.push((await w("admin", "room.create", { region, slug: access, name: access, access })).id);
  for (const who of ["modo", "ana", "ben"]) for (const room of rooms.slice(0, 2)) await w(who, "room.join", { room });
  for (const who of ["modo", "ben"]) await w("admin", "room.invite", { room: rooms[2], member: people[who] });
  await w("admin", "member.role", { member: people.local, role: "moderator", room: rooms[0] });
  for (const r of (await ask("admin", "room.list")).rooms) threads.push(r.chat);
  lines = STEADY.flatMap((who) => Object.values(carriers).map((Kind) => Object.assign(new Kind(daemon.ws, tokens[who]), { who })));
  for (const line of lines) await line.until(() => line.isReady, "hello");
  for (const line of lines) line.from = line.cursor;
});
after(() => { for (const line of lines ?? []) line.close(); return daemon?.stop(); });

// One command: who, what, and what to remember of its outcome.
function step() {
  const rule = any(["rude", "spam"]), on = random(2) === 0, thread = late(threads), post = late(posts);
  const who = any(random(3) ? ["admin", "modo", "local"] : PEOPLE);
  const text = (w) => `${w} **says** @${any(PEOPLE)}`;
  const some = Array.from({ length: 1 + random(4) }, () => late(posts));
  const steps = [
    [6, () => { const w = word(), t = word(null, "t"); return ["thread.create", { room: any(rooms), title: `Title ${t}`, kind: any(["discussion", "question"]), text: text(w) },
      (r) => { threads.push(r.id); posts.push(r.post); owner.set(w, r.post); owner.set(t, r.id); }]; }],
    [24, () => { const w = word(); return ["post.create", { thread, text: text(w), ...(random(3) ? {} : { reply_to: post }) }, (r) => { posts.push(r.id); owner.set(w, r.id); }]; }],
    [4, () => ["post.edit", { post, text: text(word(post)) }]],
    [3, () => ["post.redact", { post, reason: "gone" }]],
    [5, () => ["post.hide", { post, rule }, () => hidden.push(post)]],
    [4, () => ["post.restore", { post: late(hidden) ?? post, rule: "undone" }]],
    [3, () => ["post.react", { post, emoji: "👍", on }]],
    [8, () => ["post.move", { posts: [...new Set(some)], to: thread }, (r) => moves.push(r.seq)]],
    [6, () => ["post.move", { posts: [post], to: thread }, (r) => moves.push(r.seq)]],
    [5, () => { const t = word(null, "t"); return ["post.move", { posts: [post], title: `Apart ${t}`, kind: any(["discussion", "question"]), room: any(rooms) },
      (r) => { moves.push(r.seq); threads.push(`test-${r.seq}`); owner.set(t, `test-${r.seq}`); }]; }],
    [6, () => ["thread.move", { thread, room: any(rooms) }]],
    [7, () => ["thread.merge", { thread, into: any(threads) }, (r) => (r.held ? proposed.push(`test-${r.seq}`) : moves.push(r.seq))]],
    [7, () => { const yes = random(8) > 0; return ["report.decide", { report: late(proposed) ?? post, decision: yes ? "approve" : "refuse", rule }, (r) => yes && moves.push(r.seq)]; }],
    [10, () => ["thread.undo", { entry: late(moves) ?? 1 }, (r) => moves.push(r.seq)]],
    [3, () => ["thread.rename", { thread, title: `Now ${word(thread, "t")}` }]],
    [2, () => ["thread.lock", { thread, locked: random(4) === 0 }]],
    [2, () => ["thread.pin", { thread, pinned: on }]],
    [2, () => ["thread.close", { thread, closed: random(4) === 0 }]],
    [2, () => ["thread.archive", { thread, archived: random(4) === 0 }]],
    [3, () => ["thread.kind", { thread, kind: any(["discussion", "question", "question"]) }]],
    [6, () => ["thread.answer", { thread: home.get(post) ?? thread, post: random(6) ? post : null }]],
    [4, () => ["read.mark", { thread, seq: 1 + random(acts + 40) }]],
    [1, () => ["read.room", { room: any(rooms), seq: 1 + random(acts + 40) }]],
    [3, () => ["thread.follow", { thread, level: any(["follow", "digest", "mute"]) }]],
    [4, () => ["report.create", { ...any([{ post }, { thread }, { member: people[any(PEOPLE)], room: any(rooms) }]), rule, reason: word(null, "r") }, (r) => r.id && matters.push(r.id)]],
    [3, () => ["report.claim", { report: late(matters) ?? post, on }]],
    [8, () => ["report.decide", { report: late(matters) ?? post, decision: any(["keep", "hide", "redact", "lock", "warned", "restore"]), rule, reason: "so" }]],
    [5, () => ["appeal.create", { post: late(hidden) ?? post, reason: word(null, "r") }, (r) => matters.push(r.id)]],
    [3, () => ["member.role", { member: people.local, role: any(["member", "moderator", "admin"]), ...any([{ room: any(rooms) }, { region }]) }]],
  ];
  let at = random(steps.reduce((sum, [n]) => sum + n, 0));
  const [method, params, keep] = steps.find(([n]) => (at -= n) < 0)[1]();
  const isOwn = ["appeal.create", "post.edit"].includes(method) && random(5) > 0;
  return { who: isOwn ? by.get(params.post) ?? who : who, method, params, keep };
}

const USUAL = ["not_found", "forbidden", "conflict", "invalid"];
async function take({ who, method, params, keep }) {
  const personal = ["read.mark", "read.room", "thread.follow"].includes(method);
  const all = personal ? params : { ...params, cid: `s${++acts}` };
  const once = () => ask(who, method, all).then((r) => ({ r }), (e) => ({ code: e.data?.code, text: e.message }));
  const first = await once();
  assert.ok(first.r || USUAL.includes(first.code), `${method} ${JSON.stringify(all)}: ${first.code} ${first.text}`);
  tally[method] = (tally[method] ?? 0) + (first.r ? 1 : 0);
  if (first.r && !personal && random(10) === 0) assert.deepEqual((await once()).r, first.r, `${method} again`);
  if (first.r) keep?.(first.r);
  if (first.r && (method === "thread.create" || method === "post.create")) {
    by.set(first.r.post ?? first.r.id, who);
    home.set(first.r.post ?? first.r.id, params.thread ?? first.r.id);
  }
}

async function listed(who) {
  const { rooms: mine, regions } = await ask(who, "room.list");
  const out = { rooms: mine, regions, readable: [], threads: [], posts: {} };
  for (const room of rooms) {
    for (const archived of [false, true]) {
      let page = [], before;
      do {
        page = await ask(who, "thread.list", { room, limit: 50, archived, ...(before && { before }) }).then((r) => { if (!before && !archived) out.readable.push(room); return r.threads; }, () => []);
        page = page.filter((t) => !out.threads.some((o) => o.id === t.id));
        out.threads.push(...page);
        before = page.filter((t) => !t.pinned).at(-1)?.id;
      } while (page.length > 0 && before);
    }
  }
  for (const t of out.threads) {
    out.posts[t.id] = [];
    for (let some = [], after; ; after = some.at(-1).id) {
      some = (await ask(who, "post.list", { thread: t.id, limit: 50, after: after ?? "test-1" })).posts;
      out.posts[t.id].push(...some);
      if (some.length < 50) break;
    }
  }
  return out;
}

const number = (id) => Number(id.split("-")[1]);
function fits(view, who) {
  for (const t of view.threads) {
    const all = view.posts[t.id], last = all.at(-1);
    assert.equal(t.posts, all.length, `${t.id}: posts`);
    assert.deepEqual(all.map((p) => p.n), all.map((_, i) => i + 1), `${t.id}: places`);
    assert.deepEqual(all.map((p) => number(p.id)), all.map((p) => number(p.id)).sort((a, b) => a - b), `${t.id}: order`);
    if (last) assert.deepEqual([t.last_seq, t.last_at, t.last_by], [number(last.id), last.at, last.by], `${t.id}: last`);
    if (t.answer) assert.ok(t.kind === "question" && all.some((p) => p.id === t.answer), `${t.id}: ${t.kind} has the answer ${t.answer}`);
    if (who === "admin") continue;   // joined nothing but the first room, late
    const unread = all.filter((p) => p.by !== people[who] && number(p.id) > t.read_seq);
    assert.deepEqual([t.unread, t.first_unread], [Math.min(100, unread.length), unread[0]?.id], `${who}, ${t.id}: unread`);
  }
  for (const r of view.rooms) {
    const here = view.threads.filter((t) => t.room === r.id);
    assert.equal(r.threads, here.filter((t) => t.kind !== "chat").length, `${who}, ${r.id}: threads`);
    if (who === "admin") continue;   // joined nothing but the first room, late
    const open = here.filter((t) => !t.archived && t.level !== "mute");
    for (const what of ["unread", "mentions"])
      assert.equal(r[what], Math.min(100, open.reduce((sum, t) => sum + t[what], 0)), `${who}, ${r.id}: ${what}`);
  }
}

// Every word that somebody hears who comes back after long, or asks for.
async function heard(who) {
  let all = "";
  for (const room of rooms)
    for (const [method, params] of [["log.list", { room, limit: 50 }], ["member.list", { room }]])
      all += await ask(who, method, params).then(JSON.stringify, () => "");
  for (const [method, params] of [["catchup.list", { limit: 50 }], ["thread.unanswered", {}], ["log.list", {}], ["draft.list", {}],
    ["search.query", { text: "says", limit: 50 }], ["search.query", { text: "Title", limit: 50 }], ["thread.similar", { text: "Title Apart Now" }]])
    all += JSON.stringify(await ask(who, method, params));
  for (const thread of threads.slice(-60))
    for (const [method, params] of [["thread.get", { thread }], ["post.list", { thread }]])
      all += await ask(who, method, params).then(JSON.stringify, (e) => e.message);
  for (const post of posts.slice(-60)) all += await ask(who, "post.history", { post }).then(JSON.stringify, (e) => e.message);
  return all;
}

async function resumed(who, cursor) {
  const line = new Line(daemon.ws, tokens[who]);
  Object.assign(line, { hub: "test", cursor });
  const { seq } = await rpc(daemon, tokens.admin, "member.add", { handle: `m${++acts}`, name: "New", cid: `n${acts}` });
  await line.until(() => line.cursor >= seq, "resume");
  line.close();
  return line.entries;
}

// The thread and post of each word, and where they stand, are as the admin is shown them; the hidden are for few.
async function secret(whole, who, mine) {
  const place = new Map(), unsaid = new Set();
  for (const t of whole.threads) {
    place.set(t.id, t.room);
    for (const p of whole.posts[t.id]) { place.set(p.id, t.room); if (p.hidden || p.redacted) unsaid.add(p.id); }
  }
  const mayRead = new Set(mine.readable);
  const moderates = new Set(mine.rooms.filter((r) => mayRead.has(r.id) && ["moderator", "admin"].includes(r.role)).map((r) => r.id));
  const author = new Map(Object.values(whole.posts).flat().map((p) => [p.id, p.by]));
  const queue = [];
  for (const decided of [false, true])
    for (let page = [], before; ; before = page.at(-1).id) {
      page = (await ask(who, "queue.list", { decided, limit: 50, ...(before && { before }) })).matters;
      queue.push(...page);
      if (page.length < 50) break;
    }
  if (moderates.size === 0) assert.deepEqual(queue, []);
  const reasons = said(JSON.stringify(queue));
  const check = (text, what, isLive) => {
    for (const w of said(text)) {
      const of = owner.get(w), at = place.get(of);
      if (w[0] === "r") assert.ok(reasons.has(w), `${who} ${what}: the reason ${w}`);
      else if (at === undefined) continue;   // a thread that was merged stands in its old room: not listed
      else {
        assert.ok(mayRead.has(at), `${who} ${what}: ${w} of ${of}, which stands in ${at}`);
        if (w[0] === "w" && unsaid.has(of)) assert.ok(!isLive && (moderates.has(at) || author.get(of) === people[who]), `${who} ${what}: hidden ${w} of ${of}`);
      }
    }
  };
  check(JSON.stringify(await resumed(who, 0)), "resumed", true);
  check(await heard(who), "asked", false);
  check(JSON.stringify((await ask(who, "report.mine", { limit: 50 })).matters).replaceAll(/\br\d+q\b/g, ""), "own reports", false);
}

test(`${STEPS} random commands of moderation leave nothing amiss (seed ${SEED})`, async (t) => {
  for (let i = 1; i <= STEPS; i++) {
    await take(step());
    if (i % LOOK !== 0 && i !== STEPS) continue;
    const whole = await listed("admin");
    for (const who of PEOPLE) {
      const mine = who === "admin" ? whole : await listed(who);
      if (["ana", "ben", "admin"].includes(who)) fits(mine, who);
      await secret(whole, who, mine);
    }
  }
  t.diagnostic(Object.entries(tally).map(([method, n]) => `${method} ${n}`).join(", "));
  for (const line of lines) {
    const all = await resumed(line.who, line.from);
    await line.until(() => line.cursor >= all.at(-1).seq, "the end");
    assert.deepEqual(line.entries.slice(0, all.length).map((e) => e.seq), all.map((e) => e.seq), `${line.who}: what came live`);
    assert.equal(line.resets, 0);
  }
  const views = async () => JSON.stringify(await Promise.all(PEOPLE.map(async (who) => [await listed(who), (await ask(who, "queue.list")).matters])));
  const live = await views();
  for (const line of lines) line.close();
  await daemon.stop();
  assert.match(cli("verify", "--data", dir), /rebuild agree/);
  cli("rebuild", "--data", dir);
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  assert.equal(await views(), live);
});
