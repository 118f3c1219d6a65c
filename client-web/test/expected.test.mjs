/* What the reader did shows at once, and never twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { expected } = await load("expected.ts");
const post = { id: "p", text: "old", md: ["old"], as_of: 10, reactions: [{ emoji: "👍", count: 2, mine: false }] };
const command = (method, params, more = {}) => ({ cid: method, method, params: { post: "p", ...params }, at: 5, status: "waiting", ...more });
const react = (emoji, on, more) => command("post.react", { emoji, on }, more);
const counts = (...pending) => expected(post, pending).reactions.map((r) => `${r.emoji}${r.count}${r.mine ? "!" : ""}`).join(" ");

test("reactions: on, new, off again, in the order of doing", () => {
  assert.equal(counts(), "👍2");
  assert.equal(counts(react("👍", true)), "👍3!");
  assert.equal(counts(react("👍", true), react("👍", false)), "👍2");
  assert.equal(counts(react("🎉", true)), "👍2 🎉1!");
  assert.equal(counts(react("🎉", true), react("🎉", false)), "👍2");
});

test("what the post holds already, what was refused and what belongs to others changes nothing", () => {
  assert.equal(counts(react("👍", true, { status: "stored", result: { seq: 10 } })), "👍2");
  assert.equal(counts(react("👍", true, { status: "stored", result: { seq: 11 } })), "👍3!");
  assert.equal(counts(react("👍", true, { status: "refused" })), "👍2");
  assert.equal(expected(post, [command("post.edit", { post: "q", text: "x" })]), post);
});

test("an edit shows its text; a removed post stays removed", () => {
  const edit = command("post.edit", { text: "new" });
  assert.deepEqual([expected(post, [edit]).text, expected(post, [edit]).md], ["new", undefined]);
  assert.equal(expected({ ...post, redacted: {} }, [edit]).text, "old");
});
