/* What the installed application has to do with its surroundings: words and files shared with it, and the number on its icon. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, rpc, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
let hub;
before(async () => {
  if (!skip) hub = await startHub();
});
after(async () => {
  await hub?.end();
});

test("shared words begin a new thread, after what was written there before", { skip }, async () => {
  const { page, context } = await hub.member("amina.diop");
  const field = ".form textarea";
  await page.goto(`${hub.url}/ask`);
  await page.fill(field, "Mine, begun before.");
  await page.waitForTimeout(800); /* kept on the device within half a second */
  const query = new URLSearchParams({ title: "Fares in Lomé & Cotonou", text: "<b>Read</b> this", url: "https://a.example/x?y=1" });
  await page.goto(`${hub.url}/ask?${query}`);
  await page.waitForFunction((f) => document.querySelector(f)?.value.includes("a.example"), field);
  assert.equal(await page.inputValue(field), "Mine, begun before.\n\n<b>Read</b> this\n\nhttps://a.example/x?y=1");
  assert.equal(await page.inputValue(".form input"), "Fares in Lomé & Cotonou");
  assert.equal(new URL(page.url()).search, ""); /* a reload does not share it again */
  await page.reload();
  await page.waitForFunction((f) => document.querySelector(f)?.value.includes("a.example"), field);
  assert.equal((await page.inputValue(field)).match(/a\.example/g).length, 1);
  await page.click(".form button.primary");
  await page.waitForURL(/\/t\//);
  assert.match(await page.textContent(".post[data-seq] .md"), /<b>Read<\/b> this/);
  await context.close();
});

/* As the share sheet of a phone does it. */
async function shareForm(page, words, files) {
  await page.goto("about:blank");
  await page.evaluate(([action, said]) => {
    const form = Object.assign(document.createElement("form"), { action, method: "post", enctype: "multipart/form-data" });
    for (const [name, value] of Object.entries(said)) form.append(Object.assign(document.createElement("input"), { name, value }));
    form.append(Object.assign(document.createElement("input"), { type: "file", name: "files", multiple: true }));
    document.body.append(form);
  }, [`${hub.url}/ask`, words]);
  await page.setInputFiles("input[type=file]", files);
  await page.evaluate(() => document.querySelector("form").submit());
  await page.waitForSelector(".form textarea");
}

test("shared files are attached to a new thread, once; where no worker takes them, that is said", { skip }, async () => {
  const { page, context } = await hub.member("grace.nakato", { viewport: { width: 360, height: 740 } });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const files = [
    { name: "Plan de mobilité.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF") },
    { name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("Fares") },
  ];
  await shareForm(page, { title: "A plan", text: "Read & see", url: "" }, files);
  await page.waitForSelector(".attach li >> text=/Plan de mobilité.pdf.*Ready/s");
  await page.waitForSelector(".attach li >> text=/b.txt.*Ready/s");
  assert.deepEqual([await page.inputValue(".form input"), await page.inputValue(".form textarea")], ["A plan", "Read & see"]);
  assert.equal(new URL(page.url()).search, "");
  assert.equal(await page.evaluate(() => caches.has("shared")), false);
  await shot(page, "share-360");
  await page.reload();
  await page.waitForSelector(".attach li >> text=/b.txt.*Ready/s");
  assert.equal(await page.locator(".attach li").count(), 2);
  await page.click(".form button.primary");
  await page.waitForURL(/\/t\//);
  await page.waitForSelector(".post[data-seq] .files a.file >> text=Plan de mobilité.pdf");
  /* A reload came before they were taken, and the address tells nothing of them any more. */
  await page.evaluate(async () => {
    const cache = await caches.open("shared");
    await cache.put("/shared/0", new Response("Late", { headers: { "x-name": "late.txt" } }));
  });
  await page.goto(`${hub.url}/ask`);
  await page.waitForSelector(".attach li >> text=/late.txt.*Ready/s");
  await page.waitForFunction(async () => !(await caches.has("shared")));
  await page.click(".attach li button[aria-label^=Remove]");
  await shareForm(page, { title: "", text: "Only words", url: "https://a.example/" }, []);
  await page.waitForFunction(() => document.querySelector(".form textarea")?.value === "Only words\n\nhttps://a.example/");
  await context.close();
  const bare = await hub.member("luisa.rojas", { serviceWorkers: "block" });
  await shareForm(bare.page, { title: "Lost" }, [{ name: "large.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(3_000_000) }]);
  await bare.page.waitForSelector(".toast >> text=/did not arrive/");
  assert.equal(new URL(bare.page.url()).search, "");
  await bare.context.close();
});

test("the icon's number is the number of unread messages, and goes with them", { skip }, async () => {
  const { page, context } = await hub.member("moussa.kone");
  const other = await hub.member("luisa.rojas");
  await context.addInitScript(() => {
    globalThis.badges = [];
    navigator.setAppBadge = async (n) => void badges.push(n);
    navigator.clearAppBadge = async () => void badges.push(0);
  });
  await page.goto(hub.url);
  await page.waitForFunction(() => globalThis.badges.at(-1) > 0);
  const { rooms } = await rpc(page, "room.list", {});
  for (const room of rooms.filter((r) => r.joined)) {
    const { threads } = await rpc(page, "thread.list", { room: room.id, limit: 100 });
    for (const th of threads.filter((x) => x.unread > 0))
      await rpc(page, "read.mark", { thread: th.id, seq: th.last_seq });
  }
  await page.reload();
  await page.waitForFunction(() => globalThis.badges.length > 0 && globalThis.badges.at(-1) === 0);
  const joined = rooms.find((r) => r.joined && r.access === "open");
  const { rooms: theirs } = await rpc(other.page, "room.list", {});
  if (!theirs.find((r) => r.id === joined.id).joined) await rpc(other.page, "room.join", { room: joined.id, cid: "j1" });
  await rpc(other.page, "post.create", { thread: joined.chat, text: "One more.", cid: "badge-1" });
  await page.waitForFunction(() => globalThis.badges.at(-1) === 1);
  await context.close();
  await other.context.close();
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
