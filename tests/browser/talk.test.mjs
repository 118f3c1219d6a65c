/* Two people talk: at once, over a cut line, after a dead tab, with two tabs. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, has, newThread, rpc, send, sent, shown, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
let hub, a, b;
before(async () => {
  if (skip) return;
  hub = await startHub();
  a = await hub.member("amina.diop");
  b = await hub.member("moussa.kone");
});
after(async () => {
  await hub?.end();
});

async function together(title) {
  const made = await newThread(a.page, title);
  await Promise.all([
    a.page.goto(`${hub.url}/t/${made.id}`),
    b.page.goto(`${hub.url}/t/${made.id}`),
  ]);
  await Promise.all([a, b].map((x) => x.page.waitForSelector(".post[data-seq]")));
  await Promise.all([a, b].map((x) => x.page.waitForSelector(".composer textarea")));
  return made;
}

test("the code leaves the address bar and Catch-up opens", { skip }, async () => {
  assert.equal(new URL(a.page.url()).hash, "");
  assert.match(await a.page.textContent("h1"), /\S/);
});

test("a used link says so and what to do", { skip }, async () => {
  const link = hub.link("marisol.reyes");
  for (const fresh of [true, false]) {
    const v = await hub.visitor();
    await v.page.goto(hub.url + link);
    await v.page.click(".signin button.primary");
    if (fresh) await v.page.waitForSelector(".bar h1");
    else
      assert.match(await v.page.textContent(".error:not(:empty)"), /used already or has expired/);
    await v.context.close();
  }
});

test("a post appears with the other one", { skip }, async () => {
  await together("Speed");
  const times = [];
  for (let i = 0; i < 5; i++) {
    const there = b.page.evaluate(
      (t) =>
        new Promise((seen) => {
          const look = () =>
            [...document.querySelectorAll(".post[data-seq] .md")].some(
              (el) => el.textContent === t,
            );
          const watcher = new MutationObserver(() => {
            if (look()) {
              watcher.disconnect();
              seen(Date.now());
            }
          });
          watcher.observe(document.body, { childList: true, subtree: true, characterData: true });
        }),
      `hello ${i}`,
    );
    await a.page.fill(".composer textarea", `hello ${i}`);
    const start = Date.now();
    await a.page.press(".composer textarea", "Control+Enter");
    times.push((await there) - start);
    await sent(a.page);
  }
  console.log(`a post is on the other screen after ${times.sort((x, y) => x - y).join(", ")} ms`);
  assert.deepEqual(await shown(a.page), await shown(b.page));
});

test("the line is cut in mid-sentence: nothing is lost, one order for both", { skip }, async () => {
  await together("Cut");
  await send(a.page, "before");
  await has(b.page, "before");
  await a.page.fill(".composer textarea", "half a ");
  await a.context.setOffline(true);
  await a.page.waitForSelector(".offline p");
  await a.page.type(".composer textarea", "sentence");
  await a.page.press(".composer textarea", "Control+Enter");
  await send(a.page, "and one more");
  await a.page.waitForSelector(".post.pending .state");
  await send(b.page, "meanwhile 1");
  await send(b.page, "meanwhile 2");
  await sent(b.page);
  assert.equal(await a.page.locator(".post.pending").count(), 2);
  await a.context.setOffline(false);
  for (const x of [a, b])
    for (const text of ["half a sentence", "and one more", "meanwhile 1", "meanwhile 2"])
      await has(x.page, text);
  await sent(a.page);
  const [one, two] = [await shown(a.page), await shown(b.page)];
  assert.deepEqual(one, two);
  assert.deepEqual(
    one.map(([, text]) => text),
    ["First.", "before", "meanwhile 1", "meanwhile 2", "half a sentence", "and one more"],
  );
  assert.equal(await a.page.locator(".offline p").count(), 0);
});

test("a tab dies offline: the next one sends what it held, once, in order", { skip }, async () => {
  const { id } = await together("Dead tab");
  const dying = await a.another();
  await dying.goto(`${hub.url}/t/${id}`);
  await dying.waitForSelector(".composer textarea");
  await dying.waitForSelector(".post[data-seq]");
  await a.context.setOffline(true);
  await dying.waitForSelector(".offline p");
  for (const text of ["one", "two", "three"]) await send(dying, text);
  await dying.waitForFunction(() => document.querySelectorAll(".post.pending").length === 3);
  await dying.close();
  await a.context.setOffline(false);
  await a.page.reload();
  for (const text of ["one", "two", "three"]) await has(b.page, text);
  await a.page.waitForSelector(".post[data-seq]");
  await sent(a.page);
  assert.deepEqual(
    (await shown(b.page)).map(([, t]) => t),
    ["First.", "one", "two", "three"],
  );
});

test("two tabs write offline: everything arrives once", { skip }, async () => {
  const { id } = await together("Two tabs");
  const second = await a.another();
  await second.goto(`${hub.url}/t/${id}`);
  await second.waitForSelector(".post[data-seq]");
  await a.context.setOffline(true);
  await Promise.all([a.page, second].map((p) => p.waitForSelector(".offline p")));
  await send(a.page, "from the first");
  await send(second, "from the second");
  await a.context.setOffline(false);
  for (const text of ["from the first", "from the second"]) await has(b.page, text);
  await Promise.all([sent(a.page), sent(second)]);
  const { posts } = await rpc(b.page, "post.list", { thread: id });
  assert.deepEqual(posts.map((p) => p.text).sort(), [
    "First.",
    "from the first",
    "from the second",
  ]);
  assert.deepEqual(await shown(second), await shown(b.page));
  await second.close();
});

test("two devices of one member: what is read on one is read on the other", { skip }, async () => {
  const made = await newThread(b.page, "Two devices");
  const device = await hub.visitor({ storageState: await a.context.storageState() });
  await a.page.goto(hub.url);
  await device.page.goto(hub.url);
  const row = `.with-acts a.row[href="/t/${made.id}"]`;
  await Promise.all([a.page, device.page].map((p) => p.waitForSelector(`${row} .badge`)));
  assert.match(await a.page.title(), /^\(\d+\+?\) /);
  await rpc(b.page, "post.create", { thread: made.id, text: "More", cid: "more1" });
  for (const p of [a.page, device.page])
    await p.waitForFunction(
      (r) => document.querySelector(`${r} .badge`)?.textContent.startsWith("2"),
      row,
    );
  await a.page.click(row);
  await a.page.waitForSelector(".post[data-seq]");
  const start = Date.now();
  await device.page.waitForSelector(row, { state: "detached" });
  console.log(`read on the other device after ${Date.now() - start} ms`);
  await device.context.close();
});

test("the daemon restarts: the line comes back by itself and nothing is lost", {
  skip,
}, async () => {
  await together("Restart");
  await hub.stop();
  await a.page.waitForSelector(".offline p");
  await send(a.page, "while it was away");
  await hub.start();
  await has(b.page, "while it was away");
  await send(b.page, "and back");
  await has(a.page, "and back");
  await sent(a.page);
  await sent(b.page);
  assert.deepEqual(await shown(a.page), await shown(b.page));
});

test("a draft survives a reload", { skip }, async () => {
  await together("Draft");
  await a.page.fill(".composer textarea", "not finished");
  await a.page.waitForTimeout(500);
  await a.page.reload();
  await a.page.waitForSelector(".composer textarea");
  assert.equal(await a.page.inputValue(".composer textarea"), "not finished");
  await a.page.fill(".composer textarea", "");
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
