/* Proves that the daemon and proto/ say the same: every method, every parameter, every limit, both carriers; and that
 * whatever else arrives is answered by a typed error and writes nothing. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client, Hub, ROOT, SHARED, cid, fails, headSeq, holdError, holdNote, holdResult, limits, methods, openrpc, paramsAreValid, RpcError }
  from "./helper.mjs";

let hub, admin, ana, bo, anaToken, world;

before(async () => {
  hub = await Hub.start({ env: { BARAZA_LIMITS_ENFORCE: "no" } });
  await hub.member("ana");
  await hub.member("bo");
  anaToken = await hub.person("ana");   /* people reach all that there is */
  admin = await hub.client({ token: await hub.person("admin") });
  ana = await hub.client({ token: anaToken });
  bo = await hub.client({ token: await hub.person("bo") });
  const { rooms, regions } = await admin.call("room.list");
  const general = rooms.find((r) => r.slug === "general");
  const thread = await ana.call("thread.create", { room: general.id, title: "A thread", text: "First *post*", cid: cid() });
  const resource = await ana.call("thread.create", { room: general.id, title: "A plan", kind: "resource", text: "Read it", cid: cid() });
  world = { region: regions[0].id, room: general.id, resource: resource.id, chat: general.chat, thread: thread.id, post: thread.post,
            member: ana.hello.me.id };
});
after(async () => {
  for (const c of [admin, ana, bo]) await c?.close();
  await hub?.done();
});

test("each method answers as its schema says, and its entry arrives", async () => {
  const done = new Set(["session.hello"]);
  const call = async (who, method, params = {}) => {
    done.add(method);
    const result = await who.call(method, params);
    const m = methods.get(method);
    if (m["x-class"] === "write") {
      const note = await admin.entry(result.seq);
      const isInRole = /^(member\.role|room\.set|report\.create|thread\.(lock|pin|feature|move|merge|undo|archive)|post\.(hide|restore|lock|move))$/.test(method) || (note.params.as && method !== "report.decide");
      assert.equal(note.params.by, isInRole ? null : who.hello.me.id);
      assert.equal(note.params.kind !== undefined, true);
      const again = await who.call(method, params);
      assert.deepEqual(again, result, `${method}: the same cid answers the first outcome`);
    }
    return result;
  };
  assert.deepEqual(await call(admin, "rpc.discover"), openrpc);
  const region = await call(admin, "region.create", { slug: "north", name: "North", lang: "en", cid: cid() });
  const room = await call(admin, "room.create",
    { region: region.id, slug: "buses", name: "Buses", about: "All about buses", access: "open", lang: "en", cid: cid() });
  const secret = await call(admin, "room.create",
    { region: region.id, slug: "secret", name: "Secret", access: "private", cid: cid() });
  const carla = await call(admin, "member.add", { handle: "carla", name: "Carla Ñ", role: "member", org: "City", city: "Quito",
    country: "EC", region: region.id, lang: "es", cid: cid() });
  await call(admin, "room.invite", { room: secret.id, member: ana.hello.me.id, cid: cid() });
  await call(ana, "room.join", { room: room.id, cid: cid() });
  await call(bo, "room.join", { room: room.id, cid: cid() });
  const thread = await call(ana, "thread.create", { room: room.id, title: "¿Cómo?", kind: "question", text: "Why, @bo?",
    lang: "es", cid: cid() });
  await call(ana, "thread.create", { room: room.id, title: "A guide", kind: "resource", text: "Read this",
    fields: { url: "https://example.org/a", language: "en", year: 2024, licence: "CC-BY", city: "Quito" }, cid: cid() });
  const guide = (await call(ana, "resource.list", { room: room.id, language: "en", text: "guide", limit: 5 })).resources[0];
  assert.deepEqual([guide.title, guide.type, guide.versions, guide.fields.year], ["A guide", "link", 0, 2024]);
  await call(ana, "thread.fields", { thread: guide.thread, fields: { themes: ["cycling"], languages: ["en", "pt-BR"], country: "EC",
    city: "Quito", source: "The city" }, cid: cid() });
  await fails(ana.call("thread.fields", { thread: guide.thread, fields: { themes: ["no-such-theme"] }, cid: cid() }), "invalid", "fields.themes");
  assert.deepEqual((await call(bo, "resource.get", { thread: guide.thread })).resource.fields.languages, ["en", "pt-BR"]);
  const shown = await call(bo, "post.create", { thread: room.chat, text: "See https://example.org/maps", cid: cid() });
  const maps = await call(ana, "resource.promote", { post: shown.id, url: "https://example.org/maps", title: "Maps", fields: { themes: ["gis"] }, cid: cid() });
  assert.deepEqual([(await bo.call("thread.get", { thread: maps.id })).thread.from, (await bo.call("post.list", { thread: maps.id })).posts[0].text],
    [shown.id, "https://example.org/maps"]);
  await call(admin, "theme.set", { slug: "ferries", parent: "public-transport", names: { en: "Ferries", fr: "Bacs" }, cid: cid() });
  const shelf = await call(admin, "collection.create", { region: region.id, title: "Best of", about: "What we use", cid: cid() });
  await call(admin, "collection.set", { collection: shelf.id, title: "The best of", cid: cid() });
  await call(admin, "collection.put", { collection: shelf.id, thread: maps.id, on: true, cid: cid() });
  assert.deepEqual((await call(bo, "collection.list", { region: region.id })).collections.map((c) => [c.title, c.count]), [["The best of", 1]]);
  assert.deepEqual((await bo.call("resource.list", { collection: shelf.id })).resources.map((r) => r.thread), [maps.id]);
  assert.deepEqual((await bo.call("resource.get", { thread: maps.id })).collections, [{ id: shelf.id, title: "The best of" }]);
  const facets = await call(bo, "resource.facets", { room: room.id });
  assert.deepEqual([facets.count, facets.themes, facets.languages.map((l) => l.lang), facets.cities], [2, [{ slug: "active-mobility", count: 1 },
    { slug: "cycling", count: 1 }, { slug: "data", count: 1 }, { slug: "gis", count: 1 }], ["en", "pt"], [{ city: "Quito", count: 1 }]]);
  const { themes } = await call(bo, "theme.list");
  assert.deepEqual(themes.find((x) => x.slug === "cycling").parent, "active-mobility");
  for (const { names } of themes.filter((x) => x.slug !== "ferries")) assert.deepEqual(Object.keys(names), ["en", "fr", "es", "pt"]);
  const reply = await call(bo, "post.create", { thread: thread.id, text: "Because **buses** 🚌 <b>", reply_to: thread.post, cid: cid() });
  await call(bo, "post.edit", { post: reply.id, text: "Because *trams*", lang: "en", cid: cid() });
  await call(ana, "post.react", { post: reply.id, emoji: "👍", on: true, cid: cid() });
  await call(ana, "thread.answer", { thread: thread.id, post: reply.id, cid: cid() });
  await call(ana, "thread.rename", { thread: thread.id, title: "How?", cid: cid() });
  await call(admin, "member.role", { member: bo.hello.me.id, role: "moderator", room: room.id, reason: "Knows buses", cid: cid() });
  assert.deepEqual((await call(bo, "room.list")).rooms.find((r) => r.id === room.id).moderators, [bo.hello.me.id]);
  await call(admin, "member.role", { member: bo.hello.me.id, role: "guest", room: room.id, cid: cid() });
  await call(admin, "thread.pin", { thread: thread.id, pinned: true, cid: cid() });
  await call(admin, "thread.feature", { thread: thread.id, featured: true, until: 4e12, cid: cid() });
  assert.deepEqual((await call(bo, "catchup.list")).featured.map((t) => [t.id, t.featured]), [[thread.id, true]]);
  await call(admin, "post.lock", { post: reply.id, locked: true, rule: "other", reason: "It is quoted elsewhere", cid: cid() });
  await fails(bo.call("post.edit", { post: reply.id, text: "Because of ferries", cid: cid() }), "conflict");
  assert.equal((await call(bo, "post.list", { thread: thread.id })).posts.at(-1).locked, true);
  await admin.call("post.lock", { post: reply.id, locked: false, cid: cid() });
  const doomed = await call(bo, "post.create", { thread: room.chat, text: "Delete me", cid: cid() });
  await call(admin, "post.redact", { post: doomed.id, reason: "It asked for it", cid: cid() });

  const warned = await call(admin, "member.sanction", { member: bo.hello.me.id, act: "silence", room: room.id, until: Date.now() + 6e5, rule: "rude", reason: "Calm down", cid: cid() });
  await fails(bo.call("post.create", { thread: room.chat, text: "Never", cid: cid() }), "forbidden");
  await call(bo, "sanction.appeal", { sanction: warned.id, reason: "I am calm", cid: cid() });
  const [mine] = (await call(bo, "sanction.mine")).sanctions;
  assert.deepEqual([mine.id, mine.act, mine.room, mine.as, mine.by, mine.rule, mine.reason, mine.appealed], [warned.id, "silence", room.id, "admin", admin.hello.me.id, "rude", "Calm down", true]);
  await call(admin, "member.pardon", { sanction: warned.id, rule: "undone", cid: cid() });
  const record = await call(admin, "sanction.list", { member: bo.hello.me.id });
  assert.deepEqual([record.sanctions[0].pardoned.as, record.sanctions[0].by], ["admin", admin.hello.me.id]);
  assert.deepEqual((await ana.call("sanction.list", { member: bo.hello.me.id })).sanctions, []);
  assert.deepEqual((await ana.call("log.list", { room: room.id, limit: 2 })).acts.map((a) => [a.entry.kind, a.entry.member, a.of]), [["member.pardon", null, undefined], ["member.sanction", null, undefined]]);
  assert.deepEqual((await admin.call("queue.list")).matters, []); // what was lifted needs no appeal

  const folded = await call(bo, "post.create", { thread: room.chat, text: "Fold me", cid: cid() });
  await call(admin, "post.hide", { post: folded.id, rule: "rude", reason: "It asked for it", cid: cid() });
  assert.equal((await call(ana, "post.list", { thread: room.chat })).posts.find((p) => p.id === folded.id).hidden.rule, "rude");
  await call(bo, "appeal.create", { post: folded.id, reason: "It was fine", cid: cid() });
  const filed = await call(ana, "report.create", { post: folded.id, rule: "other", reason: "Look at it", cid: cid() });
  await call(admin, "report.claim", { report: filed.id, on: true, cid: cid() });
  assert.deepEqual((await call(admin, "queue.list")).matters.map((m) => m.appeal ?? m.claimed.by), [admin.hello.me.id, true]);
  await call(admin, "report.decide", { report: filed.id, decision: "keep", reason: "It is hidden already", cid: cid() });
  assert.equal((await call(ana, "report.mine")).matters[0].decided.decision, "keep");
  await call(admin, "post.restore", { post: folded.id, rule: "undone", cid: cid() });

  assert.deepEqual((await call(ana, "log.list", { room: room.id, limit: 2 })).acts.map((a) => a.entry.kind), ["post.restore", "post.hide"]);
  await call(ana, "log.list");

  const list = await call(ana, "room.list");
  assert.deepEqual((await call(ana, "region.list")).regions, list.regions);
  assert.equal(list.rooms.find((r) => r.id === secret.id).access, "private");
  assert.equal((await bo.call("room.list")).rooms.some((r) => r.id === secret.id), false);
  assert.deepEqual((await call(ana, "member.list", { prefix: "car" })).members.map((m) => m.id), [carla.id]);
  assert.deepEqual((await ana.call("member.list", { ids: [carla.id, "nowhere-1"] })).members.map((m) => m.handle), ["carla"]);
  const threads = await call(bo, "thread.list", { room: room.id, limit: 10 });
  assert.equal(threads.threads[0].id, thread.id);
  assert.equal(threads.threads[0].answer, reply.id);
  assert(threads.members.some((m) => m.id === ana.hello.me.id));
  assert.equal((await call(bo, "thread.get", { thread: thread.id })).thread.title, "How?");
  const posts = await call(bo, "post.list", { thread: thread.id });
  assert.deepEqual(posts.posts.map((p) => p.n), [1, 2]);
  assert.deepEqual(posts.posts[1].reactions, [{ emoji: "👍", count: 1, mine: false }]);
  assert.equal((await call(bo, "post.history", { post: reply.id })).versions.length, 2);
  const gone = (await bo.call("post.list", { thread: room.chat })).posts.find((p) => p.id === doomed.id);
  assert.deepEqual([gone.text, gone.md, gone.redacted.reason], ["", undefined, "It asked for it"]);
  await call(bo, "catchup.list");
  assert.deepEqual((await call(bo, "thread.similar", { text: "A gui" })).threads.map((t) => t.title), ["A guide"]);
  const preview = await call(bo, "post.preview", { text: "**How** @ana" });
  assert.deepEqual([preview.text, preview.md], ["**How** @ana", [1, 14, [2, 5], -14, [7, 12], -1]]);
  assert.equal((await call(bo, "post.preview", { text: "plain" })).md, undefined);
  await call(bo, "thread.unanswered", { limit: 3 });
  await call(bo, "read.mark", { thread: thread.id, seq: posts.seq });
  await call(bo, "read.room", { room: room.id, seq: posts.seq });
  const seen = await bo.note((n) => n.method === "signal" && n.params.kind === "read" && n.params.room, "read room");
  assert.deepEqual(seen.params, { kind: "read", room: room.id, seq: posts.seq });
  await call(bo, "thread.follow", { thread: thread.id, level: "follow" });
  await call(bo, "member.block", { member: carla.id, on: true });
  const blocked = await bo.note((n) => n.method === "signal" && n.params.kind === "block", "block");
  assert.deepEqual(blocked.params, { kind: "block", member: carla.id, on: true });
  assert.deepEqual((await call(bo, "member.blocked")).members.map((m) => m.id), [carla.id]);
  await call(bo, "member.block", { member: carla.id, on: false });
  await call(bo, "member.set", { org: "City of Quito", city: "Quito", country: "EC", region: null, lang: "es", cid: cid() });
  assert.equal((await ana.call("member.list", { ids: [bo.hello.me.id] })).members[0].org, "City of Quito");
  await call(bo, "profile.set", { title: "Planner", languages: ["es", "pt-BR"], themes: ["brt"], can: "Pricing trams", can_themes: ["fares"], seeks: "Somebody",
    about: "Me", size: "large", contact: "+593 2", shown: { can: "all", can_themes: "all", contact: "nobody" }, peers: true });
  const own = await call(bo, "profile.get");
  assert.deepEqual([own.profile.contact, own.shown.contact, own.shown.can, own.shown.title, own.peers], ["+593 2", "nobody", "all", "rooms", true]);
  const theirs = await call(ana, "profile.get", { member: bo.hello.me.id });   // they share a room
  assert.deepEqual([theirs.profile.contact, theirs.profile.title, theirs.profile.languages, theirs.shown], [undefined, "Planner", ["es", "pt-BR"], undefined]);
  assert.deepEqual((await call(ana, "member.find", { theme: "fares", lang: "pt", country: "EC", text: "quito pricing" })).people.map((p) => p.member.id), [bo.hello.me.id]);
  assert.deepEqual((await call(ana, "member.facets")).themes, [{ slug: "public-transport", count: 1 }, { slug: "brt", count: 1 }, { slug: "fares", count: 1 }].toSorted((a, b) => (a.slug < b.slug ? -1 : 1)));
  const peers = await call(ana, "peer.find", { theme: "fares", text: "How do we price a tram?" });
  assert.deepEqual([peers.people[0].member.id, peers.people[0].why.can_theme, peers.people[0].theme, peers.cities[0].city], [bo.hello.me.id, 1, "fares", "Quito"]);
  assert.equal((await call(admin, "direct.get")).from, "rooms");
  await call(admin, "direct.set", { from: "region" });
  const direct = await call(bo, "direct.open", { member: admin.hello.me.id, text: "May I ask?", thread: thread.id, lang: "en", cid: cid() });
  assert.deepEqual((await call(admin, "direct.list", { limit: 1 })).threads.map((t) => [t.id, t.with, t.unread]), [[direct.thread, bo.hello.me.id, 1]]);
  assert.equal((await call(admin, "post.list", { thread: direct.thread })).posts[0].about, thread.id);
  await call(bo, "draft.set", { thread: thread.id, text: "I mean", reply_to: reply.id, at: 7 });
  assert.deepEqual((await call(bo, "draft.list")).drafts, [{ thread: thread.id, at: 7, text: "I mean", reply_to: reply.id }]);
  await call(bo, "search.save", { id: "trams", text: "trams", room: room.id, notify: true });
  const { hits } = await call(bo, "search.query", { text: "trams", limit: 5 });
  assert.equal(hits[0].post, reply.id);
  assert.deepEqual(hits[0].marks.map(([a, b]) => hits[0].snippet.slice(a, b).toLowerCase()), ["trams"]);
  assert.equal((await call(ana, "session.watch", { rooms: [room.id] })).cursor.test >= posts.seq, true);
  await ana.call("session.watch", { rooms: [world.room, room.id] });
  await call(bo, "signal.send", { kind: "typing", thread: thread.id });
  const typing = await ana.note((n) => n.method === "signal" && n.params.kind === "typing", "typing");
  assert.deepEqual(typing.params, { kind: "typing", thread: thread.id, by: bo.hello.me.id });
  await call(ana, "post.create", { thread: room.chat, text: "More trams", cid: cid() });
  const news = await bo.note((n) => n.method === "signal" && n.params.kind === "search", "news of a saved search");
  assert.deepEqual(news.params, { kind: "search", id: "trams", fresh: 1 });
  assert.deepEqual((await call(bo, "search.saved")).searches, [{ id: "trams", text: "trams", room: room.id, notify: true, fresh: 1 }]);
  assert.deepEqual((await call(ana, "search.saved")).searches, []);
  await call(bo, "search.seen", { id: "trams" });
  assert.equal((await bo.call("search.saved")).searches[0].fresh, 0);
  await call(bo, "search.drop", { id: "trams" });
  const apart = await call(admin, "post.move", { posts: [reply.id], title: "Apart", kind: "discussion", room: world.room, cid: cid() });
  const moved = await bo.call("post.list", { thread: thread.id, around: reply.id });   // an old link
  assert.deepEqual([moved.thread, moved.posts.map((p) => p.id)], [`test-${apart.seq}`, [reply.id]]);
  assert.equal((await bo.call("thread.get", { thread: moved.thread })).thread.by, bo.hello.me.id);
  const into = await call(admin, "thread.merge", { thread: thread.id, into: moved.thread, cid: cid() });
  assert.equal((await bo.call("thread.get", { thread: thread.id })).thread.id, moved.thread);
  assert.equal((await bo.call("post.list", { thread: thread.id })).thread, moved.thread);
  await fails(admin.call("thread.rename", { thread: thread.id, title: "Gone", cid: cid() }), "conflict");
  await call(admin, "thread.undo", { entry: into.seq, cid: cid() });
  await admin.call("thread.undo", { entry: apart.seq, cid: cid() });
  await fails(admin.call("thread.undo", { entry: apart.seq, cid: cid() }), "conflict");
  const back = await bo.call("post.list", { thread: thread.id });
  assert.deepEqual([back.thread, back.posts.map((p) => p.id)], [thread.id, [thread.post, reply.id]]);
  const shared = await ana.call("post.create", { thread: thread.id, text: "See https://EXAMPLE.org/plan", cid: cid() });
  const again = await ana.call("post.create", { thread: room.chat, text: "And <https://example.org/plan#2>", cid: cid() });
  assert.deepEqual((await bo.call("post.list", { thread: room.chat, around: again.id, limit: 1 })).posts[0].links, [{ url: "https://example.org/plan", also: 1 }]);
  assert.deepEqual((await call(bo, "link.posts", { url: "https://example.org:443/plan" })).posts.map((p) => [p.post, p.thread, p.title]),
    [[again.id, room.chat, "Buses"], [shared.id, thread.id, "How?"]]);
  await call(admin, "thread.kind", { thread: thread.id, kind: "discussion", cid: cid() });
  await call(ana, "thread.close", { thread: thread.id, closed: true, cid: cid() });
  await fails(admin.call("post.create", { thread: thread.id, text: "too late", cid: cid() }), "conflict");
  await ana.call("thread.close", { thread: thread.id, closed: false, cid: cid() });
  await call(admin, "thread.archive", { thread: thread.id, archived: true, cid: cid() });
  const archive = await bo.call("thread.list", { room: room.id, archived: true });
  assert.deepEqual(archive.threads.map((x) => [x.id, x.archived]), [[thread.id, true]]);
  assert.equal((await bo.call("thread.list", { room: room.id })).threads.some((x) => x.id === thread.id), false);
  await admin.call("thread.archive", { thread: thread.id, archived: false, cid: cid() });
  await fails(admin.call("thread.pin", { thread: thread.id, pinned: true, until: 1, cid: cid() }), "invalid", "until");
  await admin.call("thread.pin", { thread: thread.id, pinned: true, until: 4e12, cid: cid() });
  assert.equal((await bo.call("thread.get", { thread: thread.id })).thread.pinned_until, 4e12);
  await call(admin, "thread.lock", { thread: thread.id, locked: true, cid: cid() });
  await call(admin, "thread.move", { thread: thread.id, room: world.room, cid: cid() });
  await admin.call("thread.move", { thread: thread.id, room: room.id, cid: cid() });
  await call(admin, "room.set", { room: room.id, slow_s: 60, posting: "moderators", lock_days: 30, cid: cid() });
  assert.deepEqual((await bo.call("room.list")).rooms.find((r) => r.id === room.id).set,
    { slow_s: 60, lock_days: 30, posting: "moderators" });
  await admin.call("room.set", { room: room.id, slow_s: 0, hold: "first", hold_threads: true, links: "block", approve_join: true,
    words: [{ word: "spam", act: "hold" }], posting: "all", cid: cid() });
  assert.deepEqual((await call(bo, "room.words", { room: room.id })).words, [{ word: "spam", act: "hold" }]);
  await call(bo, "room.leave", { room: room.id, cid: cid() });
  await fails(bo.call("post.create", { thread: thread.id, text: "too late", cid: cid() }), "conflict");

  const other = await hub.client({ token: await hub.token("bo") });
  await call(other, "session.close");
  assert.equal((await other.closed).code, 1008);
  done.add("session.open");
  const poll = async (params) => {
    const { json } = await hub.post({ jsonrpc: "2.0", id: 1, method: "session.poll", params }, anaToken);
    holdResult("session.poll", json.result);
    for (const note of json.result.notes) holdNote(note.method, note.params);
    done.add("session.poll");
    return json.result;
  };
  const first = await poll({ cursor: { test: 0 } });
  assert.deepEqual([first.me, first.hub], [ana.hello.me, ana.hello.hub]);
  const told = new Map(first.notes.map((n) => [n.params.seq, n.params]));
  for (const { params } of ana.notes.filter((n) => n.method === "entry" && told.get(n.params.seq)?.erased === undefined))
    assert.deepEqual(told.get(params.seq), params);
  assert.deepEqual([...told.keys()], [...told.keys()].sort((a, b) => a - b));
  assert.equal(told.size, first.notes.length);
  const held = poll({ cursor: first.cursor, wait_ms: 25_000 });
  const late = await bo.call("post.create", { thread: world.chat, text: "late", cid: cid() });
  assert.deepEqual((await held).notes.map((n) => n.params.seq), [late.seq]);
  await fails(ana.call("session.poll", {}), "invalid_request");
  const org = await call(admin, "org.create", { kind: "city", name: "Municipio de Quito", city: "Quito", country: "EC", region: region.id,
    langs: ["es"], contact: "Calle 1", size: "large", cid: cid() });
  await call(admin, "org.set", { org: org.id, name: "Quito", cid: cid() });
  await call(admin, "org.member", { org: org.id, member: ana.hello.me.id, delegate: true, cid: cid() });
  await call(ana, "org.confirm", { org: org.id, members: [ana.hello.me.id], cid: cid() });
  assert.deepEqual((await call(bo, "org.list", { country: "EC", text: "QUITO" })).orgs.map((o) => [o.name, o.members]), [["Quito", 1]]);
  assert.deepEqual((await call(ana, "org.get", { org: org.id })).people.map((p) => [p.member, p.delegate]), [[ana.hello.me.id, true]]);
  assert.deepEqual((await call(ana, "org.due")).due, []);
  world.org = org.id;
  assert.equal((await call(admin, "desk.members", { text: "ana" })).people[0].member, ana.hello.me.id);
  assert.deepEqual((await call(admin, "request.list")).requests, []);
  assert.deepEqual((await call(admin, "invite.bulk", { csv: "email\nx@example.org\n", dry: true })).rows, [{ line: 2, state: "ok", email: "x@example.org" }]);
  for (const m of ["request.create", "request.decide"]) done.add(m);   /* request.test.mjs */
  assert.equal((await call(admin, "desk.numbers")).weeks.filter((w) => w.region === undefined).length, 26);
  assert.deepEqual((await call(ana, "address.list")).addresses, []);
  const { code: invitation } = await call(admin, "invite.create", { room: room.id, days: 3, uses: 2, lang: "fr" });
  assert.equal((await call(admin, "invite.look", { code: invitation })).room_name, "Buses");
  const [open] = (await call(admin, "invite.list")).invitations;
  await call(admin, "invite.drop", { id: open.id });
  await fails(admin.call("invite.look", { code: invitation }), "not_found");
  assert.ok((await call(ana, "qr.draw", { text: "https://baraza.example/#join=1" })).side > 20);
  await call(ana, "session.list");
  await call(ana, "session.code", { email: "nobody@example.org" });
  await call(ana, "session.end");
  await call(ana, "export.get");
  await call(ana, "keep.get");
  for (const m of ["address.add", "address.code", "address.drop", "session.enter", "invite.take"]) done.add(m);   /* account.test.mjs */
  for (const m of ["token.create", "token.drop", "token.list"]) done.add(m);   /* token.test.mjs */
  for (const m of ["export.begin", "member.erase"]) done.add(m);   /* export.test.mjs, erase.test.mjs */
  for (const m of methods.keys()) if (m.startsWith("oidc.")) done.add(m);   /* oidc.test.mjs */
  for (const m of methods.keys()) if (/^(passkey|password|totp|recovery|factor)\.|^session\.second$/.test(m)) done.add(m);   /* factor.test.mjs */
  assert.deepEqual([...methods.keys()].filter((m) => !done.has(m)), []);
});

test("what waits for a second moderator answers, is listed and is told as its schemas say", async () => {
  await admin.call("member.role", { member: bo.hello.me.id, role: "moderator", room: world.room, cid: cid() });
  const posts = [], above = limits.second_above;
  for (let i = 0; i <= above; i++) posts.push((await ana.call("post.create", { thread: world.chat, text: `away ${i}`, cid: cid() })).id);
  const into = await ana.call("thread.create", { room: world.room, title: "Away", text: "Here", cid: cid() });
  for (const where of [{ to: into.id }, { title: "Further away", kind: "question" }]) {
    const held = await admin.call("post.move", { posts, ...where, cid: cid() });
    assert.deepEqual(held, { seq: held.seq, held: true });
    const told = await bo.entry(held.seq); /* each call and note is held against its schema */
    assert.deepEqual([told.params.kind, told.params.ask, told.params.does.posts], ["ask", "move", posts]);
    const [matter] = (await bo.call("queue.list")).matters;
    assert.deepEqual([matter.id, matter.does.count, matter.does.to], [`test-${held.seq}`, above + 1, where.to]);
    assert.equal((await admin.call("report.mine")).matters[0].id, matter.id);
    await fails(admin.call("report.decide", { report: matter.id, decision: "approve", cid: cid() }), "forbidden");
    await bo.call("report.decide", { report: matter.id, decision: "approve", cid: cid() });
    const [act] = (await admin.call("log.list", { room: world.room, limit: 1 })).acts;
    assert.deepEqual([act.entry.kind, act.entry.approved, act.second], ["posts.moved_in", matter.id, bo.hello.me.id]);
    await admin.call("thread.undo", { entry: act.entry.seq, cid: cid() });
  }
  await admin.call("member.role", { member: bo.hello.me.id, role: "guest", room: world.room, cid: cid() });
});

test("the document and the daemon know the same methods and parameters", async () => {
  const document = JSON.parse(readFileSync(join(ROOT, "proto/openrpc.json"), "utf8"));
  assert.deepEqual(await bo.call("rpc.discover"), document);
  for (const name of ["", "post", "post.creat", "post.create ", "POST.CREATE", "hub.init", "token.issue", "link.issue",
                      "rpc.", "__proto__", "x".repeat(5000)])
    await fails(bo.callAnyway(name, {}), "unknown_method");
  for (const m of document.methods) {
    await fails(ask(m, { surprise: 1 }), "invalid", "surprise");
    await fails(ask(m, []), "invalid", "params");
    const required = m.params.filter((p) => p.required).map((p) => p.name);
    if (required.length > 0) await fails(ask(m, {}), "invalid", required[0]);
  }
});

/* On the carrier that it is for; anyway. */
async function ask(m, params) {
  if (!m["x-http"]) return admin.callAnyway(m.name, params);
  const { json } = await hub.post({ jsonrpc: "2.0", id: 1, method: m.name, params }, admin.token);
  if (json.error) throw new RpcError(json.error);
  return json.result;
}

function goodParams(m) {
  const by = { Id: (name) => world[name] ?? world.post, Cid: cid, Lang: () => "en", Slug: () => "slug", Handle: () => "handle",
    Token: () => "A".repeat(43), Emoji: () => "👍", Rule: () => "spam", Decision: () => "keep", SanctionAct: () => "warn", Role: () => "member", Access: () => "open", Level: () => "mute", From: () => "all", Posting: () => "all", Hold: () => "all", Links: () => "hold",
    Words: () => [{ word: "spam", act: "hold" }],
    ThreadKind: () => "discussion", NewThreadKind: () => "discussion", SignalKind: () => "typing", ThemeNames: () => ({ en: "Ferries" }), Fields: () => ({}), Country: () => "SN", ResourceType: () => "sheet",
    Code: () => "123456", Email: () => "x@example.org", SecretName: () => "0123456789abcdef",
    Credential: () => ({ id: "AA", client: "e30", data: "AA", signature: "AA", handle: "AA" }),
    Scopes: () => ["read"], OrgKind: () => "city", CitySize: () => "large", Langs: () => ["en"],
    Cursor: () => ({ test: 1 }) };
  const value = (p) => {
    const ref = (p.schema.$ref ?? p.schema.anyOf?.[0].$ref)?.split("/").pop();
    if (p.name === "url") return "https://example.org/";
    return ref ? by[ref](p.name) : { string: "text", integer: 1, boolean: true, array: [] }[p.schema.type];
  };
  const good = Object.fromEntries(m.params.filter((p) => p.required).map((p) => [p.name, value(p)]));
  if (m.name === "resource.promote") good.file = 0;
  return m.name === "resource.get" ? { ...good, thread: world.resource } : good;
}

test("every wrong type in every parameter of every method is refused by name, and nothing is written", async () => {
  const seq = await headSeq(admin);
  const wrong = [[], [1], {}, { a: 1 }, 7, -1, 7.5, 2 ** 53, true, false, null, "~ \n", "", "\u0001", "x".repeat(20_000)];
  const cells = [], ofHttp = [];
  for (const m of methods.values())
    for (const p of m.params)
      for (const value of wrong) {
        const params = { ...goodParams(m), [p.name]: value };
        if (!paramsAreValid(m.name, params)) (m["x-http"] ? ofHttp : cells).push([m.name, params, p.name]);
      }
  for (const [method, params, name] of ofHttp) {
    const e = await fails(ask(methods.get(method), params), "invalid");
    assert.equal(e.field.split(".")[0], name, `${method} ${JSON.stringify(params).slice(0, 200)}`);
  }
  assert(cells.length > 900, String(cells.length));
  for (let at = 0; at < cells.length;) {
    const some = [];
    for (let bytes = 0; at < cells.length && some.length < limits.batch_calls && bytes < 40_000; at++) {
      some.push(cells[at]);
      bytes += JSON.stringify(cells[at]).length;
    }
    const answers = await admin.batchAnyway(some);
    answers.forEach((a, i) => {
      const [method, params, name] = some[i];
      const what = `${method} ${JSON.stringify(params).slice(0, 200)}`;
      assert.equal(a.reason?.code, "invalid", `${what}: ${a.reason ?? "accepted"}`);
      assert.equal(a.reason.field.split(".")[0], name, what);
    });
  }
  assert.equal(await headSeq(admin), seq);
});

test("limits hold to the last byte and character", async () => {
  const make = (n, unit = "x") => unit.repeat(n);
  const rows = [
    ["post.create", "text", make(limits.post_bytes), { thread: world.thread }],
    ["post.create", "text", make(limits.post_bytes / 2, "é"), { thread: world.thread }],
    ["post.create", "cid", make(limits.cid_chars), { thread: world.thread, text: "x" }],
    ["thread.create", "title", make(limits.title_chars, "日"), { room: world.room, text: "x" }],
    ["thread.rename", "title", make(limits.title_chars, "😀"), { thread: world.thread }],
    ["room.create", "about", make(limits.about_bytes), { region: world.region, slug: "limits", name: "x" }],
    ["room.create", "slug", make(limits.slug_chars), { region: world.region, name: "x" }],
    ["region.create", "name", make(limits.name_chars, "é"), { slug: "limits" }],
    ["member.add", "handle", make(limits.handle_chars), { name: "x" }],
    ["search.query", "text", make(limits.search_bytes), {}],
    ["member.list", "ids", Array(limits.ids_max).fill(world.member), {}],
    ["session.watch", "rooms", Array(limits.watch_max).fill(world.room), {}],
    ["thread.list", "limit", limits.page_max, { room: world.room }],
  ];
  for (const [method, name, value, more] of rows) {
    const isWrite = methods.get(method)["x-class"] === "write";
    const params = (v) => ({ ...more, ...(isWrite ? { cid: cid() } : {}), [name]: v });
    const over = typeof value === "number" ? value + 1 : Array.isArray(value) ? [...value, value[0]] : value + [...value][0];
    await admin.call(method, params(value));
    const seq = await headSeq(admin);
    await fails(admin.callAnyway(method, params(over)), "invalid", name);
    assert.equal(await headSeq(admin), seq);
  }
  await admin.call("session.watch", { rooms: [world.room] });
});

test("frames: what is no request is answered as such, a batch is one array in order", async () => {
  const c = await hub.client({ handle: "bo" });
  const raw = async (text, code) => {
    const answer = await c.raw(text);
    assert.equal(answer.error?.data.code, code, `${text.slice(0, 80)}: ${JSON.stringify(answer)}`);
  };
  await raw("", "parse_error");
  await raw("{", "parse_error");
  await raw("null", "parse_error");
  await raw('{"jsonrpc":"2.0","id":null,"id":1,"method":"room.list"}', "parse_error");
  await raw("[]", "invalid_request");
  await raw("{}", "invalid_request");
  assert.equal((await c.raw("[1]"))?.error.data.code, "invalid_request");
  await raw("[".repeat(limits.json_depth + 1) + "]".repeat(limits.json_depth + 1), "invalid_request");
  await raw(`{${Array.from({ length: limits.json_keys + 1 }, (_, i) => `"k${i}":1`)}}`, "invalid_request");
  await raw(JSON.stringify(Array(limits.batch_calls + 1).fill({ jsonrpc: "2.0", id: 1, method: "room.list" })), "invalid_request");
  await raw('{"jsonrpc":"2.0","id":1.5,"method":"room.list"}', "invalid_request");
  await raw('{"jsonrpc":"2.0","id":[],"method":"room.list"}', "invalid_request");

  const settled = await c.batchAnyway([["room.list", {}], ["nothing.here", {}], ["thread.get", { thread: world.thread }],
    ["post.create", { thread: world.thread, text: "one", cid: cid() }], ["post.create", { thread: world.thread, text: "two", cid: cid() }]]);
  assert.deepEqual(settled.map((s) => s.status), ["fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"]);
  assert(settled[3].value.seq < settled[4].value.seq);

  /* a notification is executed and not answered */
  const quiet = cid();
  c.socket.send(JSON.stringify({ jsonrpc: "2.0", method: "post.create", params: { thread: world.thread, text: "quiet", cid: quiet } }));
  const note = await c.note((n) => n.method === "entry" && n.params.text === "quiet");
  assert.equal((await c.call("post.create", { thread: world.thread, text: "quiet", cid: quiet })).seq, note.params.seq);
  await c.close();
});

test("the socket's states: nothing before hello, hello once, never as somebody else", async () => {
  const c = await hub.client({ header: false, hello: false });
  for (const m of methods.values()) {
    if (m["x-public"] || m["x-http"]) continue;
    await fails(c.callAnyway(m.name, goodParams(m)), "unauthenticated");
  }
  await fails(c.call("session.hello"), "unauthenticated");
  await fails(c.call("session.hello", { token: "A".repeat(43) }), "unauthenticated");
  await fails(c.call("session.open", { code: "A".repeat(43) }), "unauthenticated");
  const hello = await c.call("session.hello", { token: anaToken });
  assert.equal(hello.me.handle, "ana");
  assert.equal(hello.hub.code, "test");
  await fails(c.call("session.hello", { token: await hub.token("bo") }), "invalid_request");
  await fails(c.call("session.hello"), "invalid_request");
  await fails(c.call("session.open", { code: "A".repeat(43) }), "invalid_request");
  await c.close();

  /* a code works once; over HTTP it makes a cookie, over a socket the session is the socket's */
  const code = async () => (await hub.cli("link", "--data", hub.dir, "bo")).match(/#in=([A-Za-z0-9_-]{43})/)[1];
  const first = await code();
  const e = await hub.client({ header: false, hello: false });
  assert.equal((await e.call("session.open", { code: first, device: "Chrome · Android" })).me.handle, "bo");
  assert.equal((await e.call("session.hello")).me.handle, "bo");
  assert.equal((await e.call("session.list")).sessions[0].device, "Chrome · Android");
  const request = (c) => ({ jsonrpc: "2.0", id: 1, method: "session.open", params: { code: c } });
  const origin = { origin: hub.origin, "sec-fetch-site": "same-origin" };
  assert.equal((await hub.post(request(first), undefined, origin)).json.error.data.code, "unauthenticated");
  const opened = await hub.post(request(await code()), undefined, origin);
  holdResult("session.open", opened.json.result);
  const cookie = opened.headers.get("set-cookie");
  assert.match(cookie, /HttpOnly/i);
  assert.equal(opened.text.includes(cookie.match(/=([A-Za-z0-9_-]{43})/)[1]), false);
  await e.close();

  /* calls in the same frame as hello wait for it */
  const d = await hub.client({ header: false, hello: false });
  const both = await d.batchAnyway([["session.hello", { token: anaToken }], ["room.list", {}]]);
  assert.deepEqual(both.map((s) => s.status), ["fulfilled", "fulfilled"]);
  await d.close();
});

test("missed entries follow hello's answer; a cursor of another history is a reset", async () => {
  const from = await headSeq(bo);
  const { seq } = await bo.call("post.create", { thread: world.thread, text: "missed", cid: cid() });
  const c = await hub.client({ hello: { cursor: { test: from } } });
  assert(c.hello.cursor.test >= seq);
  await c.entry(seq);
  await c.close();
  const d = await hub.client({ hello: { cursor: { test: 999_999 } } });
  assert.equal((await d.note((n) => n.method === "reset")).params.reason, "history");
  await d.close();
});

test("HTTP carries the same methods: POST, batch, GET, and its own refusals by status", async () => {
  const call = (method, params, id = 1) => ({ jsonrpc: "2.0", id, method, params });
  const one = await hub.post(call("room.list", {}), anaToken);
  assert.equal(one.status, 200);
  holdResult("room.list", one.json.result);
  const batch = await hub.post([call("thread.get", { thread: world.thread }, "a"), call("no.such", {}, "b"),
    { jsonrpc: "2.0", method: "room.list" }], anaToken);
  assert.equal(batch.status, 200);
  assert.deepEqual(batch.json.map((a) => a.id), ["a", "b"]);
  holdError(batch.json[1].error);
  assert.equal((await hub.post({ jsonrpc: "2.0", method: "room.list" }, anaToken)).status, 204);
  const write = await hub.post(call("post.create", { thread: world.thread, text: "by http", cid: cid() }), anaToken);
  holdResult("post.create", write.json.result);
  assert.equal((await hub.post(call("thread.get", { thread: "test-999999" }), anaToken)).json.error.data.code, "not_found");
  for (const token of [undefined, "A".repeat(43), "short"]) {
    const refused = await hub.post(call("room.list", {}), token);
    assert.deepEqual([refused.status, refused.json.error.data.code], [401, "unauthenticated"]);
  }
  assert.equal((await hub.post(call("rpc.discover", {}))).json.result.openrpc, openrpc.openrpc);
  assert.equal((await hub.post("{", anaToken)).status, 400);
  assert.equal((await hub.post("[]", anaToken)).status, 400);
  for (const [method, params] of [["session.hello", {}], ["session.watch", { rooms: [] }], ["signal.send", { kind: "typing", thread: world.thread }]])
    assert.equal((await hub.post(call(method, params), anaToken)).json.error.data.code, "invalid_request");

  const get = await hub.get(`/rpc/thread.list?room=${world.room}&limit=2`, anaToken);
  assert.equal(get.status, 200);
  holdResult("thread.list", get.json.result);
  for (const [path, status, code] of [
    ["/rpc/thread.list", 400, "invalid"], [`/rpc/thread.list?room=${world.room}&limit=0`, 400, "invalid"],
    [`/rpc/thread.list?room=${world.room}&limit=2&limit=2`, 400, "invalid"], ["/rpc/room.list?x=%ff", 400, "invalid"],
    ["/rpc/thread.get?thread=test-999999", 404, "not_found"], ["/rpc/no.such", 404, "unknown_method"],
    ["/rpc/post.create?text=x", 405, "invalid_request"], ["/rpc/session.close", 405, "invalid_request"]]) {
    const answer = await hub.get(path, anaToken);
    assert.deepEqual([answer.status, answer.json?.error.data.code], [status, code], path);
  }
  assert.equal((await hub.get("/rpc/room.list")).status, 401);
});

test("GET never changes anything: every method by GET, with good parameters", async () => {
  const seq = await headSeq(admin);
  for (const m of methods.values()) {
    const args = new URLSearchParams(Object.entries(goodParams(m)).map(([k, v]) => [k, String(v)]));
    const answer = await hub.get(`/rpc/${m.name}?${args}`, admin.token);
    assert.equal(answer.status, m["x-class"] !== "query" ? 405 : m.name === "invite.look" ? 404 : 200, m.name);
    if (answer.status === 200) holdResult(m.name, answer.json.result);
  }
  assert.equal(await headSeq(admin), seq);
});

test("what a member may not see is not there, and what is not theirs is forbidden", async () => {
  const secret = (await admin.call("room.list")).rooms.find((r) => r.slug === "secret") ??
    await admin.call("room.create", { region: world.region, slug: "secret", name: "Secret", access: "private", cid: cid() });
  const thread = await admin.call("thread.create", { room: secret.id, title: "Hidden", text: "zebra", cid: cid() });
  const calls = [["thread.list", { room: secret.id }], ["thread.get", { thread: thread.id }], ["post.list", { thread: thread.id }],
    ["post.history", { post: thread.post }], ["post.create", { thread: thread.id, text: "x", cid: cid() }],
    ["thread.create", { room: secret.id, title: "x", text: "x", cid: cid() }], ["room.join", { room: secret.id, cid: cid() }],
    ["post.react", { post: thread.post, emoji: "👍", on: true, cid: cid() }], ["read.mark", { thread: thread.id, seq: 1 }],
    ["read.room", { room: secret.id, seq: 1 }], ["thread.follow", { thread: thread.id, level: "mute" }], ["signal.send", { kind: "typing", thread: thread.id }],
    ["draft.set", { thread: thread.id, text: "x", at: 1 }], ["draft.set", { room: secret.id, text: "x", at: 1 }],
    ["member.list", { room: secret.id }]];
  for (const [method, params] of calls) {
    const hidden = await fails(bo.call(method, params), "not_found");
    const nowhere = JSON.parse(JSON.stringify(params).replaceAll(/test-\d+/g, "test-999999"));
    if (nowhere.cid) nowhere.cid = cid();
    const absent = await fails(bo.call(method, nowhere), "not_found");
    assert.equal(hidden.message, absent.message, method);
    const elsewhere = JSON.parse(JSON.stringify(params).replaceAll(/test-\d+/g, "elsewhere-7"));
    await fails(bo.call(method, elsewhere), "not_found");
  }
  assert.deepEqual((await bo.call("search.query", { text: "zebra" })).hits, []);
  for (const m of methods.values())
    if (["moderator", "admin"].includes(m["x-role"])) await fails(bo.call(m.name, goodParams(m)), "forbidden");
});

test("rate limits answer with the time to come back, and the member's work is safe", async () => {
  const strict = await Hub.start({});
  const c = await strict.client();
  const room = (await c.call("room.list")).rooms[0];
  const post = () => ["post.create", { thread: room.chat, text: "fast", cid: cid() }];
  const answers = [...await c.batchAnyway(Array.from({ length: 50 }, post)), ...await c.batchAnyway(Array.from({ length: 50 }, post))];
  const refused = answers.filter((a) => a.status === "rejected").map((a) => a.reason);
  const written = answers.filter((a) => a.status === "fulfilled").length;
  assert(written >= 60 && written <= 75, `${written} of 100`);
  for (const e of refused) {
    assert.equal(e.code, "rate_limited");
    assert(e.retryMs > 0 && e.retryMs < 10_000);
  }
  assert.equal((await c.call("post.list", { thread: room.chat, limit: 100 })).posts.length, written);
  await new Promise((done) => setTimeout(done, refused.at(-1).retryMs + 20));
  await c.call(...post());
  await c.close();
  await strict.done();
});

test("hostile JSON: 318 files as a frame and as a body", async (t) => {
  const folder = join(SHARED, "data/json/test_parsing");
  if (!existsSync(folder)) return t.skip(`no test files in ${SHARED}: set BARAZA_SHARED`);
  const names = readdirSync(folder).filter((n) => n.endsWith(".json"));
  assert.equal(names.length, 318);
  const seq = await headSeq(admin);
  let c = await hub.client();
  for (const name of names) {
    const bytes = readFileSync(join(folder, name));
    const answer = await hub.post(bytes, admin.token);
    assert([200, 400, 413].includes(answer.status), `${name}: ${answer.status}`);
    for (const one of [answer.json].flat()) {
      holdError(one.error);
      assert(["parse_error", "invalid_request", "too_large"].includes(one.error.data.code), `${name}: ${one.error.data.code}`);
    }
    const framed = await Promise.race([c.raw(bytes), c.closed]);
    if (framed.code !== undefined) {
      assert([1003, 1007, 1009].includes(framed.code), `${name}: closed with ${framed.code}`);
      c = await hub.client();
    } else {
      holdError(framed.error);
    }
    assert(hub.isAlive, name);
  }
  await c.close();
  assert.equal(await headSeq(admin), seq);
});
