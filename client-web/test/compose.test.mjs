/* What the composers make of a text, and drafts over two devices: nothing is lost unasked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, turn } from "./bundle.mjs";

const m = await load("compose.ts", "core.ts", "drafts.ts", "types.ts");
const { quoted, linkOver, isLong, mentionAt, guessLang } = m;

test("words become a quote, an address over words a link, a long text is noticed", () => {
  assert.equal(quoted(" one\n\ntwo "), "> one\n>\n> two\n\n");
  assert.equal(linkOver("the guide", " https://a.example/x(1) "), "[the guide](https://a.example/x%281%29)");
  for (const [words, pasted] of [
    ["", "https://a.example"],
    ["guide", "two words"],
    ["guide", "javascript:alert(1)"],
    ["https://b.example", "https://a.example"],
    ["a [b]", "https://a.example"],
  ])
    assert.equal(linkOver(words, pasted), null, words);
  assert.equal(isLong("short"), false);
  assert.equal(isLong("x\n".repeat(9)), true);
});

test("a mention is what stands between @ at a word's start and the caret", () => {
  assert.deepEqual(mentionAt("ask @ami", 8), { at: 4, prefix: "ami" });
  assert.deepEqual(mentionAt("@Ém", 3), { at: 0, prefix: "Ém" });
  assert.equal(mentionAt("mail a@b", 8), null);
  assert.equal(mentionAt("ask @ami now", 12), null);
  assert.equal(mentionAt("@", 1), null);
});

test("the language is guessed from what is said, not from what is quoted", () => {
  assert.equal(guessLang("How do you pay the drivers of the minibus?"), "en");
  assert.equal(guessLang("Quel est le coût de la peinture des voies ?"), "fr");
  assert.equal(guessLang("¿Cuál es el costo de la pintura en los carriles?"), "es");
  assert.equal(guessLang("Qual é o custo da pintura das faixas em São Paulo?"), "pt");
  assert.equal(guessLang("Lagos Dakar 2026"), "");
  assert.equal(guessLang("> How do you pay the drivers of the bus?\n\nC'est une question pour les villes."), "fr");
});

/* A device with a line to a server that keeps drafts by its rules. */
const server = { drafts: [], ended: 0, set: [] };
m.device.line = {
  async call(method, p) {
    if (method === "draft.list") return { drafts: server.drafts };
    const old = server.drafts.find((d) => d.thread === p.thread);
    if (Math.max(old?.at ?? 0, server.ended) > p.at) throw new m.RpcError("conflict", "newer");
    server.set.push(p.text);
    server.drafts = server.drafts.filter((d) => d !== old);
    if (p.text !== "") server.drafts.push(p);
    return {};
  },
};
m.device.owner = "h-2";
m.device.box = { set: async () => {} };
m.dispatch({ type: "line", line: "open" });
const key = "post:h-1";
const settle = async () => {
  m.tellDrafts();
  await turn();
  await turn();
};

test("a draft is told to the server and ended there", async () => {
  m.keepDraft(key, { text: "half" });
  await settle();
  assert.deepEqual(server.drafts.map((d) => d.text), ["half"]);
  m.endDraft(key);
  await settle();
  assert.deepEqual(server.drafts, []);
  assert.equal(m.draft(key), undefined);
});

test("what another device wrote is taken over; what it ended goes", async () => {
  m.keepDraft(key, { text: "mine" });
  await settle();
  const at = m.draft(key).at + 1000;
  server.drafts = [{ thread: "h-1", text: "theirs", at }];
  m.draftSignal({ thread: "h-1", at });
  await turn();
  assert.equal(m.draft(key).text, "theirs");
  server.drafts = [];
  m.draftSignal({ thread: "h-1", at: at + 1, gone: true });
  assert.equal(m.draft(key), undefined);
});

test("where both wrote the member chooses, and nothing is sent before", async () => {
  m.keepDraft(key, { text: "alpha" });
  const at = m.draft(key).at + 60_000;
  server.drafts = [{ thread: "h-1", text: "beta", at }];
  await settle();
  assert.equal(m.draft(key).text, "alpha");
  assert.equal(m.draft(key).other.text, "beta");
  await settle();
  assert.equal(server.drafts[0].text, "beta");
  m.chooseDraft(key, false);
  await settle();
  assert.equal(server.drafts[0].text, "alpha");
  server.drafts = [{ thread: "h-1", text: "again", at: m.draft(key).at + 60_000 }];
  m.keepDraft(key, { text: "alpha still" });
  await settle();
  m.chooseDraft(key, true);
  assert.equal(m.draft(key).text, "again");
  m.keepDraft(key, { text: "aga" });
  server.drafts = [{ thread: "h-1", text: "again and on", at: m.draft(key).at + 60_000 }];
  await settle();
  assert.equal(m.draft(key).text, "again and on");
  m.forgetDrafts();
});

test("an end that is newer by another clock neither loses a text nor is asked in a circle", async () => {
  server.drafts = [];
  server.ended = Date.now() + 3_600_000;
  const before = server.set.length;
  m.keepDraft(key, { text: "slow clock" });
  await settle();
  await settle();
  assert.equal(m.draft(key).text, "slow clock");
  assert.equal(server.set.length, before);
});
