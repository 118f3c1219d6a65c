/* Where a reader stands: at the first unread of 1, 50 and 500, and where they were after going back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, newThread, rpc, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
let hub, a, b;
before(async () => {
  if (skip) return;
  process.env.BARAZA_LIMITS_ENFORCE = "no"; /* 500 posts are written at once */
  hub = await startHub();
  a = await hub.member("amina.diop");
  b = await hub.member("moussa.kone");
});
after(async () => {
  await hub?.end();
});

const write = (page, thread, from, count) =>
  page.evaluate(
    async ([id, first, n]) => {
      for (let i = 0; i < n; i += 50) {
        const calls = Array.from({ length: Math.min(50, n - i) }, (_, k) => ({
          jsonrpc: "2.0",
          id: k,
          method: "post.create",
          params: { thread: id, text: `Post ${first + i + k}`, cid: `${id}-${first + i + k}` },
        }));
        const r = await fetch("/rpc", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(calls),
        });
        if ((await r.json()).some((x) => x.error)) throw new Error("a post was refused");
      }
    },
    [thread, from, count],
  );
const top = (page, selector) =>
  page.$eval(selector, (el) => Math.round(el.getBoundingClientRect().top));

for (const count of [1, 50, 500])
  test(`${count} unread: opens at the first, jumps to the newest with a count`, { skip }, async () => {
    const { id } = await newThread(b.page, `Reading ${count}`);
    await write(b.page, id, 2, 20);
    const old = (await rpc(a.page, "thread.get", { thread: id })).thread.last_seq;
    await rpc(a.page, "read.mark", { thread: id, seq: old });
    await write(b.page, id, 22, count);
    const { first_unread: first } = (await rpc(a.page, "thread.get", { thread: id })).thread;
    await a.page.goto(hub.url);
    await a.page.click(`a.row[href="/t/${id}"]`);
    await a.page.waitForSelector("#new");
    assert.equal(await a.page.$eval("#new", (el) => el.nextElementSibling.id), first);
    assert.match(await a.page.textContent("#new"), /^New since \d/);
    const line = await top(a.page, "#new");
    assert.ok(line >= 0 && line < 700, `the line is at ${line}`);
    await shot(a.page, `reading-${count}`);
    if (count > 1) {
      const jump = await a.page.textContent(".jump");
      if (count === 500) assert.match(jump, /More than 99/);
      else assert.ok(Number(/\d+/.exec(jump)?.[0]) <= count, jump);
      await a.page.click(".jump");
    }
    await a.page.waitForFunction(
      (text) => [...document.querySelectorAll(".post .md")].at(-1)?.textContent === text,
      `Post ${21 + count}`,
    );
    await a.page.waitForSelector(".jump", { state: "detached" });
    await a.page.waitForFunction(
      async (thread) =>
        (await (await fetch(`/rpc/thread.get?thread=${thread}`)).json()).result.thread.unread === 0,
      id,
    );
  });

test("a thread that is new as a whole opens at its beginning", { skip }, async () => {
  const { id } = await newThread(b.page, "All of it new");
  await write(b.page, id, 2, 60);
  await a.page.goto(`${hub.url}/t/${id}`);
  await a.page.waitForSelector("#new");
  assert.equal(await a.page.$eval("#new", (el) => el.nextElementSibling.querySelector(".md").textContent), "First.");
  assert.ok((await top(a.page, "#new")) >= 0);
});

test("back and forward: each screen as it was left, with its focus", { skip }, async () => {
  const { page } = a;
  await page.setViewportSize({ width: 1280, height: 500 });
  const { rooms } = await rpc(page, "room.list", {});
  const room = rooms.filter((r) => r.joined).sort((x, y) => y.threads - x.threads)[0];
  await page.goto(`${hub.url}/r/${room.id}`);
  await page.waitForSelector(".rows a[data-row] >> nth=6");
  const link = (await page.$$eval(".rows a[data-row]", (all) => all.map((x) => x.getAttribute("href"))))[6];
  const row = `.rows a[href="${link}"]`;
  await page.$eval(row, (el) => el.scrollIntoView({ block: "center" }));
  const was = await top(page, row);
  assert.ok((await page.evaluate(() => scrollY)) > 0);
  await page.click(row);
  await page.waitForSelector(".post[data-seq]");
  await page.goBack();
  await page.waitForSelector(row);
  assert.ok(Math.abs((await top(page, row)) - was) <= 2);
  assert.ok(await page.$eval(row, (el) => el === document.activeElement));
  await page.goForward();
  await page.waitForSelector(".post[data-seq]");
  assert.equal(new URL(page.url()).pathname, link);
  const long = (await newThread(b.page, "A long one")).id;
  await write(b.page, long, 2, 40);
  await rpc(page, "read.mark", { thread: long, seq: (await rpc(page, "thread.get", { thread: long })).thread.last_seq });
  await page.goto(`${hub.url}/t/${long}`);
  await page.waitForSelector(".post[data-seq] >> nth=20");
  const middle = `.post >> nth=15`;
  await page.$eval(".posts .post:nth-of-type(16)", (el) => el.scrollIntoView({ block: "center" }));
  const stood = await top(page, middle);
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.waitForFunction(() => location.pathname === "/rooms");
  await page.goBack();
  await page.waitForSelector(middle);
  assert.ok(Math.abs((await top(page, middle)) - stood) <= 2);
});

test("three columns on a wide screen, two on a narrower one, tabs on a phone", { skip }, async () => {
  const { page } = a;
  const { id } = await newThread(b.page, "Columns");
  for (const [width, columns] of [
    [1440, [".rail", "main", ".side"]],
    [1280, [".rail", "main"]],
    [360, ["main"]],
  ]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${hub.url}/t/${id}`);
    await page.waitForSelector(".post[data-seq]");
    const seen = await page.evaluate(() =>
      [".rail", "main", ".side"].flatMap((s) => {
        const box = document.querySelector(s).getBoundingClientRect();
        return box.width > 0 ? [[s, box.left, box.right]] : [];
      }),
    );
    assert.deepEqual(seen.map(([s]) => s), columns, `${width} px`);
    for (let i = 1; i < seen.length; i++) assert.ok(seen[i - 1][2] <= seen[i][1], `${width} px: ${seen}`);
    assert.ok(seen.at(-1)[2] <= width);
    await shot(page, `columns-${width}`);
  }
  await page.goto(hub.url);
  await page.waitForSelector(".tabs a");
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
