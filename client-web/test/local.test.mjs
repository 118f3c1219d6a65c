/* Search on the device: all words, no accents, marks where the words are, names of files, people. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { fold, peopleLocal, searchLocal, initial } = await load("local.ts", "store.ts");
const thread = (id, title, more = {}) => ({ id, title, room: "r", lang: "fr", by: "m", at: 1, kind: "question", ...more });
const post = (id, text, more = {}) => ({ id, text, by: "m", at: 2, lang: "fr", ...more });
const state = {
  ...initial,
  rooms: { r: { id: "r", region: "g" }, q: { id: "q", region: "h" } },
  members: {
    m: { id: "m", name: "Amina Diop", handle: "amina.diop", city: "Dakar" },
    n: { id: "n", name: "Élodie Diallo", handle: "elodie", org: "Ville de Bogotá" },
  },
  threads: {
    t1: thread("t1", "Tarification à Bogotá", { answer: "p1" }),
    t2: thread("t2", "Bus lanes", { room: "q", lang: "en", kind: "discussion" }),
    t3: thread("t3", "Atlas", { kind: "resource", fields: { themes: ["brt"] } }),
  },
  pages: {
    t1: {
      newer: false,
      posts: [
        post("p1", `${"x ".repeat(60)}La TARIFICATION par zone, à Bogota.`),
        post("p2", "", { redacted: {} }),
        post("p4", "Voyez.", { at: 3, by: "n", files: [{ name: "Étude zones.pdf", alt: "carte" }] }),
      ],
    },
    t2: { newer: false, posts: [post("p3", "Zone fares", { lang: "en", at: 9 })] },
  },
};
const ids = (text, more = {}) => searchLocal(state, { text, ...more }).map((h) => h.post ?? h.thread);

test("case and accents do not count, letters keep their places", () => {
  assert.equal(fold("Élan À Ñandú ŒUVRE"), "elan a nandu œuvre");
  for (const text of ["İstanbul ß ﬁ", "👍🏽 café", "e\u0301"]) assert.equal(fold(text).length, text.length);
});

test("every word has to be there, quoted ones as they stand; each filter narrows; newest first", () => {
  assert.deepEqual(ids("bogota tarif"), ["p1", "t1"]);
  assert.deepEqual(ids("zone"), ["p3", "p4", "p1"]);
  assert.deepEqual(ids('"par zone"'), ["p1"]);
  assert.deepEqual(ids('"zone par"'), []);
  assert.deepEqual(ids("zone", { room: "q" }), ["p3"]);
  assert.deepEqual(ids("zone", { lang: "fr" }), ["p4", "p1"]);
  assert.deepEqual(ids("zone", { by: "n" }), ["p4"]);
  assert.deepEqual(ids("zone", { kind: "discussion" }), ["p3"]);
  assert.deepEqual(ids("zone", { region: "h" }), ["p3"]);
  assert.deepEqual(ids("zone", { file: "1" }), ["p4"]);
  assert.deepEqual([ids("zone", { year: "1970" }).length, ids("zone", { year: "1971" }).length], [3, 0]);
  assert.deepEqual(ids("zone metro"), []);
  for (const text of [" .,! ", '"', '""', ""]) assert.deepEqual(ids(text), []);
});

test("a theme finds what bears it and what bears one below it", () => {
  const of = (theme) => searchLocal(state, { text: "atlas", theme }, { kept: [], themes: [{ slug: "brt", parent: "public-transport", names: {} }] }).length;
  assert.deepEqual(["brt", "public-transport", "walking"].map(of), [1, 1, 0]);
  assert.deepEqual(ids("zone", { theme: "brt" }), []);
});

test("what is kept is found by its title, its talk and the name of its file, once, and by the same filters", () => {
  const guide = thread("t9", "Manuel des arrêts", { kind: "resource", at: 5 });
  const file = { post: "p8", n: 0, name: "Gabarits_2024.pdf" };
  const kept = [
    { thread: guide, resource: { file }, posts: [post("p9", "Merci pour les quais.")] },
    { thread: state.threads.t1, resource: {}, posts: state.pages.t1.posts },
  ];
  const found = (text, more = {}) =>
    searchLocal(state, { text, ...more }, { kept, themes: [] }).map((h) => [h.thread, h.post, h.file].filter(Boolean).join());
  assert.deepEqual(["manuel arrets", "gabarits", "quais"].map((text) => found(text)), [["t9"], ["t9,Gabarits_2024.pdf"], ["t9,p9"]]);
  assert.deepEqual(found("tarif zone"), ["t1,p1"]);
  assert.deepEqual(found("manuel", { file: "1" }), ["t9"]);
  assert.deepEqual([found("gabarits", { room: "q" }), found("gabarits", { lang: "en" }), found("manuel", { kind: "question" })], [[], [], []]);
});

test("the marks are where the words are", () => {
  const hit = searchLocal(state, { text: "bogotá zone" })[0];
  assert.deepEqual(hit.marks.map(([from, to]) => hit.snippet.slice(from, to)), ["zone", "Bogota"]);
  assert.ok(hit.snippet.length <= 160);
  assert.equal(hit.answered, true);
});

test("a file is found by its name and by what is said of it", () => {
  const [named] = searchLocal(state, { text: "etude" });
  assert.deepEqual([named.post, named.file, named.snippet], ["p4", "Étude zones.pdf", "Étude zones.pdf"]);
  assert.deepEqual(named.marks, [[0, 5]]);
  assert.equal(searchLocal(state, { text: "carte" })[0].file, "Étude zones.pdf");
});

test("people whom the device knows, by name, place or organisation", () => {
  const names = (text) => peopleLocal(state, text).map((m) => m.id);
  assert.deepEqual([names("amina"), names("di"), names("bogota"), names("dakar diop"), names("zzz"), names(" ")], [["m"], ["m", "n"], ["n"], ["m"], [], []]);
});
