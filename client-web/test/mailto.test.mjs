/* A link to an address is for that address alone, whatever stands in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { mailTo } = await load("mailto.ts");

test("an address that says more than where to writes to itself alone", () => {
  assert.equal(mailTo("ana.diallo@ville.example"), "mailto:ana.diallo@ville.example");
  const link = new URL(mailTo("ana?bcc=eve&body=hello@ville.example"));
  assert.equal(link.search, "");
  assert.equal(decodeURIComponent(link.pathname), "ana?bcc=eve&body=hello@ville.example");
});
