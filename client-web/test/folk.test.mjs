/* What an address says of people is what it was made of; what is sent of a profile is what changed, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { addressOf, changes, filtersOf, wishAddress, wishOf } = await load("folk.ts");

test("an address holds what the directory is narrowed to, in one order, and nothing that it does not know", () => {
  const f = { theme: "brt", text: "fares & more", city: "São Paulo" };
  assert.equal(addressOf(f), "/people?text=fares+%26+more&theme=brt&city=S%C3%A3o+Paulo");
  assert.deepEqual(filtersOf(addressOf(f).slice(7)), f);
  assert.deepEqual(filtersOf("?text=+&x=1&lang=fr"), { lang: "fr" });
  assert.equal(addressOf({ text: "" }), "/people");
});

test("a thread stands alone in a wish", () => {
  assert.deepEqual(wishOf("?thread=h-1&text=x&theme=brt"), { thread: "h-1" });
  assert.deepEqual(wishOf("?text=x&theme=brt"), { text: "x", theme: "brt" });
  assert.equal(wishAddress({ thread: "h-1" }), "/peers?thread=h-1");
});

test("only what changed is sent; what is empty is taken away", () => {
  const was = { title: "Head", languages: ["fr"], can: "Buses", size: "large" };
  assert.deepEqual(changes(was, { ...was }), {});
  assert.deepEqual(changes(was, { title: " Head ", languages: [], can: "  ", size: undefined, about: "New" }), { languages: null, can: null, size: null, about: "New" });
  assert.deepEqual(changes({}, { title: "", themes: [], languages: ["es"] }), { languages: ["es"] });
});
