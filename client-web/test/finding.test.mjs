/* What is looked for: the address says all of it, typing asks when it pauses, the newest question alone is answered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeTimers, load, turn } from "./bundle.mjs";

const { addressOf, askedOf, FILTERS, hasLetters, makeNewest, makePace, paramsOf, PAUSE_MS, readAsked, SLOW_MS, RpcError } = await load(
  "finding.ts",
  "types.ts",
);

test("what is asked becomes an address and the same again", () => {
  const asked = {
    text: 'bus & "voie réservée" 50%',
    region: "africa-1",
    room: "africa-12",
    kind: "question",
    lang: "pt-BR",
    by: "global-3",
    year: "2026",
    file: "1",
    theme: "brt-lanes",
  };
  const address = addressOf(asked);
  assert.equal(new URL(address, "http://x").pathname, "/search");
  assert.deepEqual(readAsked(new URL(address, "http://x").search), asked);
  assert.deepEqual([addressOf({ text: "" }), addressOf({ text: "", lang: "fr" })], ["/search", "/search?lang=fr"]);
  assert.equal(addressOf({ text: "a\ud800b 👍" }), "/search?q=ab%20%F0%9F%91%8D");
  assert.equal(addressOf({ text: "peinture cout" }), "/search?q=peinture%20cout");
});

test("what is no filter in an address is left out", () => {
  const wild = FILTERS.map((f) => `${f}=${encodeURIComponent("<b>' OR 1")}`).join("&");
  assert.deepEqual(readAsked(`?q=%20a%20&${wild}&other=1&__proto__=2`), { text: "a" });
  assert.deepEqual(readAsked("?room=&lang=english-language-of-all&by=12&file=yes&year=26&theme=BRT"), { text: "" });
});

test("the hub is asked with numbers and truths, and with no more words than it takes", () => {
  assert.deepEqual(paramsOf({ text: "bus", room: "a-1", year: "2025", file: "1", theme: "brt" }), { text: "bus", room: "a-1", year: 2025, file: true, theme: "brt" });
  assert.deepEqual(paramsOf({ text: "bus" }), { text: "bus" });
  const long = paramsOf({ text: "👍".repeat(90) }).text;
  assert.deepEqual([Buffer.byteLength(long), long.isWellFormed?.() ?? true], [200, true]);
});

test("a saved search is asked as it was saved", () => {
  const asked = { text: "bus", region: "a-1", lang: "fr", year: "2025", file: "1" };
  const saved = { id: "s1", ...paramsOf(asked), notify: true, fresh: 3 };
  assert.deepEqual(askedOf(saved), asked);
  assert.equal(addressOf(askedOf({ id: "s2", text: "bus", file: false, notify: false, fresh: 0 })), "/search?q=bus");
});

test("three letters of any script count, signs and spaces do not", () => {
  assert.deepEqual(["bus", "b u s", "公共交", "42B", "été"].map(hasLetters), [true, true, true, true, true]);
  assert.deepEqual(["", "bu", ' "- ', "b - u", "👍👍👍"].map(hasLetters), [false, false, false, false, false]);
});

function pace(saves = () => false) {
  const wanted = [];
  const clock = fakeTimers();
  return { wanted, clock, ...makePace(clock, saves, (text) => wanted.push(text)) };
}

test("asked once the typing pauses, with Enter at once and only once", async () => {
  const p = pace();
  for (const text of ["b", "bu", "bus", "bus l"]) {
    p.typed(text);
    await p.clock.pass(PAUSE_MS - 1);
  }
  assert.deepEqual(p.wanted, []);
  await p.clock.pass(1);
  assert.deepEqual(p.wanted, ["bus l"]);
  p.typed("bus lane");
  p.enter(" bus lane ");
  await p.clock.pass(PAUSE_MS * 4);
  assert.deepEqual(p.wanted, ["bus l", "bus lane"]);
});

test("below three letters nothing is asked, and what waited is not asked either; an emptied box is told at once", async () => {
  const p = pace();
  p.typed("bus");
  p.typed("bu");
  await p.clock.pass(PAUSE_MS * 4);
  assert.deepEqual(p.wanted, []);
  p.enter("bu");
  p.typed(" ");
  assert.deepEqual(p.wanted, ["bu", ""]);
  p.typed("buses");
  p.stop();
  await p.clock.pass(PAUSE_MS * 4);
  assert.deepEqual(p.wanted, ["bu", ""]);
});

test("where data or the line is to be saved only Enter asks", async () => {
  let saves = true;
  const p = pace(() => saves);
  p.typed("buses");
  await p.clock.pass(PAUSE_MS * 4);
  assert.deepEqual(p.wanted, []);
  p.enter("buses");
  assert.deepEqual(p.wanted, ["buses"]);
  saves = false;
  p.typed("buses a");
  await p.clock.pass(PAUSE_MS);
  assert.deepEqual(p.wanted, ["buses", "buses a"]);
});

/* Questions whose answers come when the test says so. */
function questions() {
  const clock = fakeTimers();
  const newest = makeNewest(clock);
  const told = [];
  const open = {};
  const ask = (name) =>
    newest.ask(
      () =>
        new Promise((answer, fail) => {
          open[name] = { answer, fail };
        }),
      (t) => told.push([name, t.value ?? t.code]),
    );
  return { clock, newest, told, open, ask };
}

test("an answer that comes late never takes the place of a newer one", async () => {
  for (const order of [["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"], ["c", "a", "b"]]) {
    const q = questions();
    for (const name of ["a", "b", "c"]) q.ask(name);
    for (const name of order) {
      q.open[name].answer(name.toUpperCase());
      await turn();
    }
    assert.deepEqual(q.told, [["c", "C"]], order.join());
  }
});

test("nor does the failure of an older one; what is dropped is not told", async () => {
  const q = questions();
  q.ask("a");
  q.ask("b");
  q.open.b.answer(1);
  q.open.a.fail(new RpcError("deadline", "late"));
  await turn();
  assert.deepEqual(q.told, [["b", 1]]);
  q.ask("c");
  q.open.c.fail(new RpcError("deadline", "late"));
  await turn();
  q.ask("d");
  q.newest.drop();
  q.open.d.answer(2);
  await turn();
  assert.deepEqual(q.told, [["b", 1], ["c", "deadline"]]);
});

test("an answer that took long makes the line a slow one, until one is quick again", async () => {
  const q = questions();
  q.ask("a");
  await q.clock.pass(SLOW_MS + 1);
  q.open.a.answer(1);
  await turn();
  assert.equal(q.newest.isSlow(), true);
  q.ask("b");
  q.open.b.answer(1);
  await turn();
  assert.equal(q.newest.isSlow(), false);
});
