/* Tables for spreadsheets: quoted where they must be, and no cell is a formula. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { csvOf, pages, RpcError } = await load("csv.ts", "types.ts");
const line = (...cells) => csvOf([cells]).slice(1, -2);

test("cells are quoted where they must be, lines end as RFC 4180 says", () => {
  assert.equal(csvOf([["a", 1], ["b", undefined]]), "\uFEFFa,1\r\nb,\r\n");
  assert.equal(line('say "hi"', "a,b", "a;b", "two\nlines", "é"), '"say ""hi""","a,b","a;b","two\nlines",é');
});

test("what a spreadsheet would take for a formula is text; numbers stay numbers", () => {
  for (const begin of ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
    assert.ok(line(`${begin}1+1`).replace(/^"/, "").startsWith(`'${begin}`), JSON.stringify(begin));
  assert.equal(line('=HYPERLINK("http://evil/","x")'), `"'=HYPERLINK(""http://evil/"",""x"")"`);
  assert.equal(line(-3, "a-b", " =1"), "-3,a-b, =1");
});

test("a whole list is asked for page by page; where the hub asks to wait, it is waited; another refusal ends it", async () => {
  const all = Array.from({ length: 12_345 }, (_, i) => i);
  const waited = [];
  let asked = 0;
  const ask = async (last) => {
    if (++asked % 50 === 0) throw new RpcError("rate_limited", "", 250);
    const from = last === undefined ? 0 : last + 1;
    return all.slice(from, from + 100);
  };
  assert.deepEqual(await pages(100, ask, async (ms) => waited.push(ms)), all);
  assert.deepEqual(waited, [250, 250]);
  await assert.rejects(pages(100, async () => { throw new RpcError("forbidden", ""); }), { code: "forbidden" });
  let tries = 0;
  await assert.rejects(pages(100, async () => { tries++; throw new RpcError("unavailable", ""); }, async () => {}), { code: "unavailable" });
  assert.equal(tries, 21);
});
