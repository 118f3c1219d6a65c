/* Tables for spreadsheets: quoted where they must be, and no cell is a formula. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { csvOf } = await load("csv.ts");
const line = (...cells) => csvOf([cells]).slice(1, -2);

test("cells are quoted where they must be, lines end as RFC 4180 says", () => {
  assert.equal(csvOf([["a", 1], ["b", undefined]]), "\uFEFFa,1\r\nb,\r\n");
  assert.equal(line('say "hi"', "a,b", "a;b", "two\nlines", "é"), '"say ""hi""","a,b","a;b","two\nlines",é');
});

test("what a spreadsheet would take for a formula is text; numbers stay numbers", () => {
  for (const begin of ["=", "+", "-", "@", "\t", "\r"])
    assert.ok(line(`${begin}1+1`).replace(/^"/, "").startsWith(`'${begin}`), JSON.stringify(begin));
  assert.equal(line('=HYPERLINK("http://evil/","x")'), `"'=HYPERLINK(""http://evil/"",""x"")"`);
  assert.equal(line(-3, "a-b", " =1"), "-3,a-b, =1");
});
