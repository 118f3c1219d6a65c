/* Whoever left has no name here, and no words unless they left them behind; their threads are asked for again. */
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./bundle.mjs";

const { initial, reduce } = await load("store.ts");

const member = (id, name) => ({ id, handle: name, name, role: "member", lang: "en" });
const post = (id, by, text) => ({ id, seq: 1, thread: "h-5", at: 1, by, lang: "en", text, md: [1], reactions: [{ emoji: "👍", count: 1 }], n: 1 });
const start = {
  ...initial,
  members: { "h-1": member("h-1", "Ana"), "h-2": member("h-2", "Ben") },
  threads: {
    "h-5": { id: "h-5", room: "h-4", kind: "discussion", title: "Ben’s", by: "h-2", last_by: "h-2", excerpt: "words", level: "digest" },
    "h-6": { id: "h-6", room: "h-4", kind: "discussion", title: "Ana’s", by: "h-1", last_by: "h-1", excerpt: "hers", level: "digest" },
  },
  pages: { "h-5": { posts: [post("h-7", "h-2", "words"), post("h-8", "h-1", "hello @ben")] } },
};
const entry = (more) => ({ type: "entry", entry: { hub: "h", seq: 20, at: 9, by: "h-2", kind: "member.erase", member: "h-2", ...more }, now: 0 });

test("their name and words are gone, others' are not", () => {
  const s = reduce(start, entry({ posts: "erase" }));
  assert.deepEqual(s.members["h-2"], { id: "h-2", handle: "", name: "", role: "guest", lang: "en", former: true });
  assert.equal(s.threads["h-5"].title, "");
  assert.equal(s.threads["h-5"].excerpt, "");
  assert.equal(s.threads["h-6"].title, "Ana’s");
  const [theirs, hers] = s.pages["h-5"].posts;
  assert.equal(theirs.text, "");
  assert.ok(theirs.redacted && !theirs.md && !theirs.reactions);
  assert.equal(hers.text, "hello @ben");
  assert.deepEqual(s.wantThreads, ["h-5"]);
});

test("posts that they left behind stay, now and when it is done", () => {
  for (const more of [{ posts: "keep" }, { posts: "keep", done: true }]) {
    const s = reduce(start, entry(more));
    assert.equal(s.members["h-2"].former, true);
    assert.equal(s.pages["h-5"].posts[0].text, "words");
    assert.equal(s.threads["h-5"].title, "Ben’s");
  }
});
