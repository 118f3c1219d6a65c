/* A hub as simple as can be, for property tests of the client: a journal, and what is read from it by
 * going through all of it again. It follows proto/README.md and knows nothing of the client's code. */
export const ME = "h-1";
export const HUB = "h";
const MAX = 100;
const seqOf = (id) => Number(id.split("-")[1]);
const excerpt = (text) => [...text].slice(0, 160).join("");

export function makeHub(members) {
  const journal = []; /* the entry with seq n is journal[n - 1] */
  const reads = new Map(); /* thread -> seq */
  const levels = new Map(); /* thread -> level */

  function append(kind, by, more) {
    const seq = journal.length + 1;
    journal.push({ hub: HUB, seq, at: 1000 + seq, by, kind, ...more });
    return `${HUB}-${seq}`;
  }

  /* Everything there is at a seq, by id. */
  function read(upTo = journal.length) {
    const at = { seq: upTo, rooms: new Map(), threads: new Map(), posts: new Map() };
    for (const e of journal.slice(0, upTo)) step(at, e, `${HUB}-${e.seq}`);
    return at;
  }

  function step({ rooms, threads, posts }, e, id) {
    const room = rooms.get(e.room);
    const thread = threads.get(e.thread);
    const post = posts.get(e.post);
    if (e.kind === "room")
      rooms.set(id, { id, name: e.name, chat: "", parts: new Map() });
    if (e.kind === "room.join") room.parts.set(e.by, e.seq);
    if (e.kind === "room.leave") room.parts.delete(e.by);
    if (e.kind === "thread") {
      const made = { id, room: e.room, kind: e.type, title: e.title, by: e.by, at: e.at, posts: [] };
      threads.set(id, { ...made, pinned: false, locked: false, answer: null, lang: e.lang });
      if (e.type === "chat") room.chat = id;
    }
    if (e.kind === "thread.moved_in") thread.room = e.room;
    if (e.kind === "posts.moved_in") movePosts({ threads, posts }, e);
    if (e.kind === "thread.rename") thread.title = e.title;
    if (e.kind === "thread.lock") thread.locked = e.locked;
    if (e.kind === "thread.pin") thread.pinned = e.pinned;
    if (e.kind === "thread.answer") thread.answer = e.post;
    if (e.kind === "post") {
      const { seq, by, at, text, md, mentions = [], lang = thread.lang, reply_to } = e;
      const n = thread.posts.push(id);
      posts.set(id, { id, seq, thread: e.thread, by, at, text, md, mentions, lang, reply_to, n });
      posts.get(id).reactions = new Map();
    }
    if (e.kind === "post.edit")
      Object.assign(post, { text: e.text, md: e.md, mentions: e.mentions ?? [], edited_at: e.at });
    if (e.kind === "post.redact") {
      const redacted = { by: e.by, at: e.at, reason: e.reason };
      Object.assign(post, { text: "", md: undefined, mentions: [], reply_to: undefined, redacted });
      post.lang = thread.lang;
      post.reactions = new Map();
    }
    if (e.kind === "react") {
      const who = post.reactions.get(e.emoji) ?? new Set();
      post.reactions.set(e.emoji, who);
      if (e.on) who.add(e.by);
      else who.delete(e.by);
    }
  }

  function movePosts({ threads, posts }, e) {
    const from = threads.get(e.from);
    const to = threads.get(e.thread);
    const isMeant = (id) => e.posts.some(([a, b]) => seqOf(id) >= seqOf(a) && seqOf(id) <= seqOf(b));
    to.posts = [...to.posts, ...from.posts.filter(isMeant)].sort((a, b) => seqOf(a) - seqOf(b));
    from.posts = from.posts.filter((id) => !isMeant(id));
    if (from.answer && isMeant(from.answer)) from.answer = null;
    if (e.merged) from.merged = e.thread;
    for (const t of [from, to])
      t.posts.forEach((id, i) => Object.assign(posts.get(id), { thread: t.id, n: i + 1 }));
  }

  /* As the hub does it beside the entry: nothing unread is lost. */
  function readAlong(e) {
    const at = read();
    const since = at.rooms.get(at.threads.get(e.thread).room).parts.get(ME) ?? 0;
    const was = Math.max(reads.get(e.from) ?? 0, since);
    const moved = at.threads.get(e.thread).posts.map((id) => at.posts.get(id));
    const isMeant = (p) => e.posts.some(([a, b]) => p.seq >= seqOf(a) && p.seq <= seqOf(b));
    const first = moved.find((p) => isMeant(p) && p.by !== ME && p.seq > was);
    if (first && reads.has(e.thread)) reads.set(e.thread, Math.min(reads.get(e.thread), first.seq - 1));
  }

  /* Of posts that are not mine, behind my mark and behind my joining. */
  function unread(at, thread) {
    const since = at.rooms.get(thread.room).parts.get(ME);
    if (since === undefined) return [];
    const from = Math.max(since, reads.get(thread.id) ?? 0);
    return thread.posts.map((id) => at.posts.get(id)).filter((p) => p.seq > from && p.by !== ME);
  }
  const naming = (list) => list.filter((p) => p.mentions.includes(ME)).length;
  const isMuted = (id) => levels.get(id) === "mute";

  function showThread(at, id) {
    const { posts, merged: _, ...th } = at.threads.get(id);
    const last = at.posts.get(posts.at(-1)) ?? { seq: seqOf(id), at: th.at, by: th.by, text: "" };
    const left = unread(at, at.threads.get(id));
    return {
      ...th,
      posts: posts.length,
      last_seq: last.seq,
      last_at: last.at,
      last_by: last.by,
      excerpt: excerpt(last.text),
      unread: Math.min(MAX, left.length),
      mentions: Math.min(MAX, naming(left)),
      first_unread: left[0]?.id ?? null,
      read_seq: reads.get(id) ?? 0,
      level: levels.get(id) ?? "digest",
    };
  }

  function showPost(at, id) {
    const { mentions: _, reactions, ...p } = at.posts.get(id);
    const shown = [...reactions]
      .map(([emoji, who]) => ({ emoji, count: who.size, mine: who.has(ME) }))
      .filter((r) => r.count > 0);
    return { ...p, ...(shown.length > 0 ? { reactions: shown } : {}) };
  }

  function showRoom(at, id) {
    const { parts, ...room } = at.rooms.get(id);
    const threads = [...at.threads.values()].filter((t) => t.room === id);
    const left = threads.filter((t) => !isMuted(t.id)).flatMap((t) => unread(at, t));
    return {
      ...room,
      joined: parts.has(ME),
      members: parts.size,
      threads: threads.filter((t) => t.kind !== "chat" && !t.merged).length,
      unread: Math.min(MAX, left.length),
      mentions: Math.min(MAX, naming(left)),
      last_seq: Math.max(...threads.map((t) => seqOf(t.posts.at(-1) ?? t.id))),
    };
  }

  const shown = (at, id) => (at.threads.get(id).merged ? shown(at, at.threads.get(id).merged) : id);
  const byLast = (a, b) => Number(b.pinned) - Number(a.pinned) || b.last_seq - a.last_seq;
  return {
    journal,
    append,
    read,
    readAlong,
    mark: (thread, seq) => reads.set(thread, Math.max(seq, reads.get(thread) ?? 0)),
    setLevel: (thread, level) => levels.set(thread, level),
    members: () => members,
    room: (at, id) => showRoom(at, id),
    rooms: (at) => [...at.rooms.keys()].map((id) => showRoom(at, id)),
    thread: (at, id) => showThread(at, shown(at, id)),
    list: (at, room) =>
      [...at.threads.values()]
        .filter((t) => t.room === room && t.kind !== "chat" && !t.merged)
        .map((t) => showThread(at, t.id))
        .sort(byLast),
    catchup: (at) =>
      [...at.threads.values()]
        .map((t) => showThread(at, t.id))
        .filter((t) => t.unread > 0 && t.level !== "mute")
        .sort((a, b) => (b.mentions > 0) - (a.mentions > 0) || b.last_seq - a.last_seq),
    posts: (at, thread) => at.threads.get(shown(at, thread)).posts.map((id) => showPost(at, id)),
  };
}
