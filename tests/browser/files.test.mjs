/* Files in the browser: chosen on a phone, sent in parts, through a cut line and a reload, shared without words, seen and fetched
 * by others; a photo loses its place before it leaves; the saver shows no picture unasked. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import exifr from "exifr";
import { bin, newThread, rpc, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const PHONE = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
let hub, phone, desk, id;
before(async () => {
  if (skip) return;
  hub = await startHub();
  phone = await hub.member("amina.diop", PHONE);
  desk = await hub.member("grace.nakato");
  ({ id } = await newThread(phone.page, "Plans", "Here they come."));
  for (const m of [phone, desk]) {
    await m.page.goto(`${hub.url}/t/${id}`);
    await m.page.waitForSelector(".pick input", { state: "attached" });
  }
});
after(async () => {
  await hub?.end();
});

const sha = (bytes) => createHash("sha256").update(bytes).digest("hex");
const fits = async (page) =>
  assert.ok((await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth)) <= 0, "it scrolls sideways");
const choose = (page, files) => page.setInputFiles(".pick input", files);
const last = async (page) => (await rpc(page, "post.list", { thread: id, limit: 50 })).posts.at(-1);
/* As another member's browser gets it. */
const fetched = (page, path) =>
  page.evaluate(async (p) => {
    const r = await fetch(p);
    return [r.status, r.headers.get("content-type"), Array.from(new Uint8Array(await r.arrayBuffer()))];
  }, path);

/* A photo with the place where it was taken, made by the page's own canvas and given an EXIF with that. */
async function photo(page, width, height) {
  const made = await page.evaluate(
    async ([w, h]) => {
      const c = document.createElement("canvas");
      c.width = w;
      c.height = h;
      const on = c.getContext("2d");
      for (let i = 0; i < 3000; i++) {
        on.fillStyle = `hsl(${(i * 47) % 360} 70% ${20 + (i % 60)}%)`;
        on.fillRect((i * 131) % w, (i * 197) % h, w / 9, h / 9);
      }
      const blob = await new Promise((go) => c.toBlob(go, "image/jpeg", 0.97));
      return Array.from(new Uint8Array(await blob.arrayBuffer()));
    },
    [width, height],
  );
  const le = (n) => Buffer.from([n, n >> 8, n >> 16, n >> 24]).toString("hex");
  const degrees = (d, m) => le(d) + le(1) + le(m) + le(1) + le(0) + le(1);
  const entry = (tag, type, count, value) => le(tag).slice(0, 4) + le(type).slice(0, 4) + le(count) + value;
  const tiff = Buffer.from("49492a0008000000" + "0100" + entry(0x8825, 4, 1, le(26)) + le(0) + "0400" + entry(1, 2, 2, "4e000000") + entry(2, 5, 3, le(80)) +
    entry(3, 2, 2, "57000000") + entry(4, 5, 3, le(104)) + le(0) + degrees(14, 42) + degrees(17, 27), "hex");
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xffe1, 0);
  head.writeUInt16BE(body.length + 2, 2);
  const jpeg = Buffer.from(made);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

test("a file alone is a message; others see what it is and how large, and get the same bytes", { skip }, async () => {
  const bytes = randomBytes(400_000);
  await choose(phone.page, [{ name: "Plan de mobilité.bin", mimeType: "application/octet-stream", buffer: bytes }]);
  await phone.page.waitForSelector(".attach li >> text=/Ready · 400 kB/");
  await fits(phone.page);
  await shot(phone.page, "attach-320");
  await phone.page.click(".composer .send");
  const link = desk.page.locator(".files a.file", { hasText: "Plan de mobilité.bin" });
  await link.waitFor();
  assert.match(await link.textContent(), /400 kB/);
  await phone.page.waitForSelector(".post[data-seq] .files a.file >> text=Plan de mobilité.bin");
  assert.equal(await phone.page.locator(".attach li").count(), 0);
  await fits(phone.page);
  await shot(phone.page, "file-320");
  const [status, , got] = await fetched(desk.page, await link.getAttribute("href"));
  assert.equal(status, 200);
  assert.equal(sha(Buffer.from(got)), sha(bytes));
});

test("a click on a file of a message fetches it under its name, and the talk stays where it is", { skip }, async () => {
  const { page } = desk;
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: 15_000 }), page.click(".files a.file >> text=Plan de mobilité.bin")]);
  assert.equal(download.suggestedFilename(), "Plan de mobilité.bin");
  assert.equal(new URL(page.url()).pathname, `/t/${id}`);
  await page.waitForSelector(".composer textarea");
});

test("an upload goes on after a cut and after a reload", { skip }, async () => {
  const bytes = randomBytes(6_000_000);
  const { page, context } = phone;
  let cuts = 0;
  await page.route("**/upload/*", async (route) => {
    if (route.request().method() === "PATCH" && cuts++ < 2) return route.abort();
    return route.continue();
  });
  await choose(page, [{ name: "film.bin", mimeType: "application/octet-stream", buffer: bytes }]);
  await page.waitForSelector(".attach li >> text=film.bin");
  await page.waitForFunction(() => document.querySelector(".attach progress"));
  await context.setOffline(true);
  await page.waitForSelector(".attach li >> text=/goes on with the line/");
  await context.setOffline(false);
  await page.reload();
  await page.waitForSelector(".attach li >> text=film.bin");
  await page.waitForSelector(".attach li >> text=/Ready/", { timeout: 30_000 });
  await page.unroute("**/upload/*");
  await page.fill(".composer textarea", "It took a while");
  await page.click(".composer .send");
  await desk.page.waitForSelector(".files a.file >> text=film.bin");
  const post = await last(desk.page);
  const [, , got] = await fetched(desk.page, `/file/${post.id}/0`);
  assert.equal(sha(Buffer.from(got)), sha(bytes));
});

test("a photo leaves small and without its place; with words for who cannot see it; the original on wish", { skip }, async () => {
  const big = await photo(phone.page, 4000, 3000);
  const place = await exifr.gps(big);
  assert.deepEqual([place.latitude, place.longitude, big.length > 300_000], [14.7, -17.45, true]);
  /* What is handed to the line, before the daemon takes anything out of it. */
  await phone.page.evaluate(() => {
    const { send } = XMLHttpRequest.prototype;
    window.left = [];
    XMLHttpRequest.prototype.send = function (body) {
      if (body instanceof Blob) window.left.push(body);
      return send.call(this, body);
    };
  });
  await choose(phone.page, [{ name: "IMG_0001.JPG", mimeType: "image/jpeg", buffer: big }]);
  await phone.page.waitForSelector(".attach li >> text=/Ready/", { timeout: 30_000 });
  const left = Buffer.from(await phone.page.evaluate(async () => Array.from(new Uint8Array(await new Blob(window.left).arrayBuffer()))));
  assert.ok(left.length > 10_000 && left.length <= 300_000, `${left.length} bytes left the phone`);
  assert.equal(await exifr.gps(left), undefined);
  assert.equal(await exifr.parse(left, true).then((found) => found?.latitude), undefined);
  await phone.page.fill(".attach .alt", "A bus lane in Dakar");
  await fits(phone.page);
  await shot(phone.page, "photo-320");
  await phone.page.click(".composer .send");
  const picture = desk.page.locator(".files .picture img");
  await picture.waitFor();
  assert.equal(await picture.getAttribute("alt"), "A bus lane in Dakar");
  await desk.page.waitForFunction(() => document.querySelector(".files .picture img")?.naturalWidth > 0);
  const { id: post, files } = await last(desk.page);
  const [, type, got] = await fetched(desk.page, `/file/${post}/0`);
  const bytes = Buffer.from(got);
  assert.equal(type, "image/jpeg");
  assert.ok(bytes.length <= 300_000, `${bytes.length}`);
  assert.equal(bytes.includes("Exif"), false);
  assert.equal(files[0].name, "IMG_0001.jpg");
  await shot(desk.page, "photo-desk");
  await desk.page.click(".files .picture");
  await desk.page.waitForFunction(() => document.querySelector("dialog .whole")?.naturalWidth > 0);
  await shot(desk.page, "viewer");
  await desk.page.keyboard.press("Escape");
  await choose(phone.page, [{ name: "IMG_0002.JPG", mimeType: "image/jpeg", buffer: big }]);
  await phone.page.click(".attach li >> text=/Send it in full size/");
  await phone.page.waitForSelector(".attach li >> text=/Ready · .* MB|Ready · .* kB/", { timeout: 30_000 });
  await phone.page.waitForFunction(() => /IMG_0002\.JPG/.test(document.querySelector(".attach li")?.textContent ?? ""));
  await phone.page.click(".attach li button[aria-label^=Remove]");
  assert.equal(await phone.page.locator(".attach li").count(), 0);
});

test("a long name wraps, in the talk and above the picture in full, at 360 px and on a desktop", { skip }, async () => {
  const name = "WhatsApp_Image_2025-06-01_at_14.12.33_marche_central_de_Thies.jpg";
  const { page } = phone;
  await page.setViewportSize({ width: 360, height: 740 });
  await choose(page, [
    { name, mimeType: "image/jpeg", buffer: await photo(page, 1200, 800) },
    { name: name.replace("jpg", "pdf"), mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4") },
  ]);
  await page.waitForFunction(() => document.querySelectorAll(".attach progress, .attach li").length === 2);
  await page.waitForSelector(".attach li:nth-child(2) >> text=/Ready/");
  await page.click(".composer .send");
  for (const m of [phone, desk]) {
    await m.page.locator(".post[data-seq] figcaption", { hasText: name }).waitFor();
    await fits(m.page);
    const over = await m.page.$$eval(".files a", (all) =>
      all.filter((a) => a.getBoundingClientRect().right > a.closest(".post-body").getBoundingClientRect().right + 1).map((a) => a.textContent));
    assert.deepEqual(over, []);
    await shot(m.page, `long-name-${m === phone ? 360 : "desk"}`);
    await m.page.locator(".files figure", { hasText: name }).locator(".picture").click();
    await m.page.waitForFunction(() => document.querySelector("dialog .whole")?.naturalWidth > 0);
    assert.equal(await m.page.textContent("dialog h2"), name);
    const sheet = await m.page.$eval("dialog", (d) => [d.scrollWidth - d.clientWidth, d.querySelector(".sheet-head button").getBoundingClientRect().right - innerWidth]);
    assert.ok(sheet[0] <= 0 && sheet[1] <= 0, `${sheet}`);
    await shot(m.page, `long-name-viewer-${m === phone ? 360 : "desk"}`);
    await m.page.keyboard.press("Escape");
  }
  await page.setViewportSize(PHONE.viewport);
});

test("a message waits for the photo that is still being made smaller", { skip }, async () => {
  const { page } = phone;
  const small = await photo(page, 900, 600);
  await page.evaluate(() => {
    const { createImageBitmap: make } = window;
    window.createImageBitmap = (...all) => new Promise((go) => (window.letGo = () => go(make(...all))));
  });
  await choose(page, [{ name: "LATE.JPG", mimeType: "image/jpeg", buffer: small }]);
  await page.waitForSelector(".attach li >> text=LATE.JPG");
  await page.fill(".composer textarea", "With its photo");
  assert.equal(await page.isDisabled(".composer .send"), true);
  await page.press(".composer textarea", "Control+Enter");
  assert.equal(await page.inputValue(".composer textarea"), "With its photo");
  await page.evaluate(() => window.letGo());
  await page.waitForSelector(".attach li >> text=/Ready/");
  await page.press(".composer textarea", "Control+Enter");
  await page.waitForSelector(".post[data-seq] >> text=With its photo");
  assert.equal((await last(page)).files[0].name, "LATE.jpg");
  await page.reload();
  await page.waitForSelector(".pick input", { state: "attached" });
});

test("a question is asked with a file, which waits for a moderator where its room says so", { skip }, async () => {
  const mod = await hub.member("moussa.kone");
  const room = (await rpc(mod.page, "room.list", {})).rooms.find((r) => r.access === "open" && r.role === "moderator");
  await rpc(mod.page, "room.set", { room: room.id, hold_threads: true, cid: "files1" });
  await phone.page.goto(`${hub.url}/ask/${room.id}`);
  await phone.page.fill("form input[maxlength='200']", "Which lamp posts?");
  await phone.page.fill("form textarea", "As in the table.");
  await choose(phone.page, [{ name: "lamps.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") }]);
  await phone.page.waitForSelector(".attach li >> text=/Ready/");
  await fits(phone.page);
  await shot(phone.page, "ask-file-320");
  await phone.page.click("form .primary");
  await mod.page.goto(`${hub.url}/queue`);
  const card = mod.page.locator(".matter", { hasText: "Which lamp posts?" });
  await card.locator(".files a.file >> text=lamps.csv").waitFor();
  assert.equal((await fetched(mod.page, await card.locator(".files a.file").getAttribute("href")))[0], 200);
  assert.equal((await fetched(desk.page, await card.locator(".files a.file").getAttribute("href")))[0], 404);
  await card.locator("text=Approve").click();
  await card.waitFor({ state: "detached" });
  const made = (await rpc(desk.page, "thread.list", { room: room.id, limit: 5 })).threads.find((x) => x.title === "Which lamp posts?");
  await desk.page.goto(`${hub.url}/t/${made.id}`);
  await desk.page.waitForSelector(".files a.file >> text=lamps.csv");
  await rpc(mod.page, "room.set", { room: room.id, hold_threads: false, cid: "files2" });
  await mod.context.close();
  for (const m of [phone, desk]) {
    await m.page.goto(`${hub.url}/t/${id}`);
    await m.page.waitForSelector(".pick input", { state: "attached" });
  }
});

test("by drag on a desktop; too large and empty ones say so; the saver shows nothing unasked", { skip }, async () => {
  const { page } = desk;
  const drop = async (files) => {
    const data = await page.evaluateHandle((list) => {
      const d = new DataTransfer();
      for (const [name, bytes] of list) d.items.add(new File([new Uint8Array(bytes)], name));
      return d;
    }, files);
    await page.dispatchEvent(".posts", "drop", { dataTransfer: data });
  };
  /* What takes it shows that while it hovers, and no longer. */
  const hover = async (type) => {
    const data = await page.evaluateHandle(() => {
      const d = new DataTransfer();
      d.items.add(new File(["x"], "x.txt"));
      return d;
    });
    await page.dispatchEvent(".posts", type, { dataTransfer: data });
    return page.$eval(".composer", (el) => getComputedStyle(el).outlineStyle);
  };
  assert.equal(await hover("dragover"), "dashed");
  await shot(page, "hovering-desk");
  assert.equal(await hover("dragleave"), "none");
  assert.equal(await hover("dragover"), "dashed");
  await drop([["empty.txt", 0], ["notes.txt", 5]]);
  assert.equal(await page.$eval(".composer", (el) => getComputedStyle(el).outlineStyle), "none");
  await page.waitForSelector(".attach li >> text=It is empty.");
  await page.waitForSelector(".attach li >> text=/notes\\.txt.*Ready/s");
  assert.equal(await page.isDisabled(".composer .send"), true);
  await page.focus('.attach button[aria-label="Remove empty.txt"]');
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.closest(".attach li")?.textContent.includes("notes.txt"));
  await page.focus(".pick input");
  await shot(page, "attach-desk");
  await page.fill(".composer textarea", "Notes");
  await page.press(".composer textarea", "Control+Enter");
  await phone.page.waitForSelector(".files a.file >> text=notes.txt");
  const saving = await hub.member("moussa.kone", { ...PHONE, locale: "fr-FR" });
  await saving.page.goto(`${hub.url}/me`);
  await saving.page.check("input[name=saver]");
  const asked = [];
  saving.page.on("request", (r) => asked.push(r.url()));
  await saving.page.goto(`${hub.url}/t/${id}`);
  await saving.page.waitForSelector(".picture >> text=/Afficher l’image/");
  assert.equal(asked.some((u) => u.includes("/file/")), false);
  await shot(saving.page, "saver-fr-320");
  await saving.page.click(".picture");
  await saving.page.waitForSelector(".picture img");
  await fits(saving.page);
});
