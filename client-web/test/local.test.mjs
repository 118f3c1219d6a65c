/* Search on the device: all words, no accents, marks where the words are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { fold, searchLocal, initial } = await load("local.ts", "store.ts");
const thread = (id, title, more = {}) => ({ id, title, room: "r", lang: "fr", by: "m", at: 1, kind: "question", ...more });
const post = (id, text, more = {}) => ({ id, text, by: "m", at: 2, lang: "fr", ...more });
const state = {
  ...initial,
  threads: { t1: thread("t1", "Tarification à Bogotá"), t2: thread("t2", "Bus lanes", { room: "q", lang: "en" }) },
  pages: {
    t1: { newer: false, posts: [post("p1", `${"x ".repeat(60)}La TARIFICATION par zone, à Bogota.`), post("p2", "", { redacted: {} })] },
    t2: { newer: false, posts: [post("p3", "Zone fares", { lang: "en", at: 9 })] },
  },
};
const ids = (...a) => searchLocal(state, ...a).map((h) => h.post ?? h.thread);

test("case and accents do not count, letters keep their places", () => {
  assert.equal(fold("Élan À Ñandú ŒUVRE"), "elan a nandu œuvre");
  for (const text of ["İstanbul ß ﬁ", "👍🏽 café", "e\u0301"]) assert.equal(fold(text).length, text.length);
});

test("every word has to be there; room and language narrow; newest first", () => {
  assert.deepEqual(ids("bogota tarif", "", ""), ["p1", "t1"]);
  assert.deepEqual(ids("zone", "", ""), ["p3", "p1"]);
  assert.deepEqual(ids("zone", "q", ""), ["p3"]);
  assert.deepEqual(ids("zone", "", "fr"), ["p1"]);
  assert.deepEqual(ids("zone metro", "", ""), []);
  assert.deepEqual(ids(" .,! ", "", ""), []);
});

test("the marks are where the words are", () => {
  const [hit] = searchLocal(state, "bogotá zone", "", "");
  assert.deepEqual(hit.marks.map(([from, to]) => hit.snippet.slice(from, to)), ["zone", "Bogota"]);
  assert.ok(hit.snippet.length <= 160);
});
