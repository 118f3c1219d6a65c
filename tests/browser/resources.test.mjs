/* The library in the browser: a file is shared by drag on a desktop and by the picker on a phone, found by a word inside it
 * in another language of the client, kept on the device and opened without a line; what is kept goes when it may not be seen. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { pdfPages } from "../e2e/corpus.mjs";
import { bin, newThread, rpc, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const guide = pdfPages("Guide to reserved lanes", "Count the passengers at the Colobane roundabout");
const table = Buffer.from("line,riders\nquokkatram,200\n");
let hub, desk, phone, talk;
before(async () => {
  if (skip) return;
  hub = await startHub();
  desk = await hub.member("amina.diop");
  phone = await hub.member("moussa.kone", { ...PHONE, locale: "fr-FR" });
  talk = await newThread(desk.page, "Reserved lanes", "Who has a guide?");
});
after(async () => {
  await hub?.end();
});

const sha = (bytes) => createHash("sha256").update(bytes).digest("hex");
const fits = async (page) =>
  assert.ok((await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth)) <= 0, "it scrolls sideways");
const open = async (page, path, sign) => {
  await page.goto(hub.url + path);
  await page.waitForSelector(sign);
};
/* As the page itself gets it, from the device or from the hub. */
const fetched = (page, path) =>
  page.evaluate(async (p) => {
    const r = await fetch(p);
    return { status: r.status, csp: r.headers.get("content-security-policy"), bytes: Array.from(new Uint8Array(await r.arrayBuffer())) };
  }, path);
const caught = (page) => page.evaluate(async () => ((await caches.has("kept")) ? (await (await caches.open("kept")).keys()).map((r) => r.url.replace(location.origin, "")).sort() : []));
const ready = (page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!(await caches.keys()).some((name) => name.startsWith("baraza-"))) await new Promise((go) => setTimeout(go, 20));
  });
let lanes; /* the resource that all tests are about */

/* Files as a hand lets go of them over the page. */
async function drop(page, over, name, bytes) {
  const data = await page.evaluateHandle(
    ([title, all]) => {
      const d = new DataTransfer();
      d.items.add(new File([new Uint8Array(all)], title, { type: "application/pdf" }));
      return d;
    },
    [name, [...bytes]],
  );
  await page.dispatchEvent(over, "drop", { dataTransfer: data });
  await page.waitForSelector(".attach li >> text=/Ready/");
}

test("by drag on a desktop, as a resource with what is said of it", { skip }, async () => {
  const { page } = desk;
  await open(page, "/resources", ".shelf");
  await page.click(".bar a.ask");
  await page.waitForSelector(".form .several");
  await page.click(".bar .back");
  await page.waitForURL(/\/resources$/);
  await page.click(".bar a.ask");
  await page.waitForSelector(".form .several");
  await page.selectOption(".form select >> nth=0", talk.room);
  await page.fill(".form input[maxlength='200'] >> nth=0", "Guide to reserved lanes");
  await drop(page, ".form", "Guide_voies-réservées.pdf", guide);
  assert.equal(await page.inputValue(".form input[inputmode=numeric]"), String(new Date().getFullYear()));
  await page.selectOption(".form .several select >> nth=0", { index: 2 });
  await page.fill(".form label:has-text('Source') input", "CETUD");
  await page.selectOption(".form .several:has-text('Themes') select", "resilience");
  await shot(page, "new-resource-1280");
  await page.click(".form > button.primary");
  await page.waitForSelector(".the-file >> text=Guide_voies-réservées.pdf");
  lanes = new URL(page.url()).pathname.split("/")[2];
  assert.match(await page.textContent(".facts"), /CETUD/);
  assert.match(await page.textContent(".the-file .button[download]"), /Download \(\d+ kB\)/);
  await shot(page, "resource-1280");
});

test("by the picker at 360 px, as a resource of its own", { skip }, async () => {
  const { page } = phone;
  await open(page, "/resources", ".shelf");
  await page.click(".bar a.ask");
  await page.waitForSelector(".form .several");
  await page.selectOption(".form select >> nth=0", talk.room);
  await page.click(".form > button.primary");
  await page.waitForSelector(".form .error:not(:empty)");
  await page.fill(".form input[maxlength='200'] >> nth=0", "Comptages du tram");
  await page.setInputFiles(".pick input", [{ name: "comptages.csv", mimeType: "text/csv", buffer: table }]);
  await page.waitForSelector(".attach li >> text=/Prêt/");
  await fits(page);
  await shot(page, "new-resource-360-fr");
  await page.click(".form > button.primary");
  await page.waitForSelector(".the-file >> text=comptages.csv");
  await fits(page);
  await shot(page, "resource-360-fr");
});

test("found by a word inside it, in another language of the client", { skip }, async () => {
  const { page } = phone;
  await open(page, "/search", "input[type=search]");
  await page.fill("input[type=search]", "colobane");
  await page.press("input[type=search]", "Enter");
  const hit = page.locator(`a.row[href^="/t/${lanes}"]`);
  await hit.waitFor();
  await hit.click();
  await page.waitForSelector(".the-file >> text=Guide_voies-réservées.pdf");
  assert.equal(await page.getAttribute("html", "lang"), "fr");
  await page.waitForSelector(".the-file .button[download] >> text=/Télécharger/");
  await page.goto(`${hub.url}/resources?text=colobane`); /* the library knows titles, and leads to who knows more */
  await page.click('main a:has-text("dans les fichiers")');
  await hit.waitFor();
});

test("kept on the device, it opens without a line, also after a reload: in the list, its talk, its bytes in their sandbox", { skip }, async () => {
  const { page, context } = phone;
  await open(page, `/t/${lanes}`, ".keeping input");
  await ready(page);
  await page.check(".keeping input");
  await page.waitForSelector(".toast >> text=/Gardé sur cet appareil/");
  await context.setOffline(true);   /* the page lived for a moment only: what it had to keep is kept as it goes */
  await open(page, "/resources", ".rows a.row");
  await page.waitForSelector(".note >> text=/Hors ligne/");
  assert.deepEqual(await page.$$eval(".rows a.row .row-title", (all) => all.map((el) => el.textContent)), ["Guide to reserved lanes"]);
  await page.waitForSelector(".rows .chip >> text=Résilience");
  await fits(page);
  await shot(page, "offline-360-fr");
  /* The search finds it by its file although the device holds nothing else of it, and opens it. */
  await page.evaluate(async () => {
    const of = (request) =>
      new Promise((go) => {
        request.onsuccess = () => go(request.result);
      });
    const store = (await of(indexedDB.open("baraza"))).transaction("values", "readwrite").objectStore("values");
    for (const key of await of(store.getAllKeys())) {
      const value = await of(store.get(key));
      if (value?.pages) await of(store.put({ ...value, pages: {}, threads: {}, lists: {}, catchup: null }, key));
    }
  });
  await open(page, "/search?q=guide%20voies%20reservees", "main a.hit");
  assert.match(await page.textContent("main a.hit"), /Guide to reserved lanes.*Guide_voies-réservées\.pdf.*Amina/s);
  await page.click("main a.hit");
  await page.waitForSelector(".the-file .button[download][href$=kept]");
  await open(page, "/resources", ".rows a.row");
  await page.click(".rows a.row");
  const get = page.locator(".the-file .button[download]");
  await get.waitFor();
  assert.equal(await get.getAttribute("href").then((at) => at.split("?")[1]), "kept");
  await page.reload();
  await page.waitForSelector(".post[data-seq]");
  const read = page.locator(".the-file a[target=_blank]");
  await read.waitFor();
  await page.waitForSelector(".facts a >> text=Résilience");
  const got = await fetched(page, await read.getAttribute("href"));
  assert.deepEqual([got.status, got.csp], [200, "sandbox; default-src 'none'"]);
  assert.equal(sha(Buffer.from(got.bytes)), sha(guide));
  const [download] = await Promise.all([page.waitForEvent("download"), get.click()]);
  assert.equal(download.suggestedFilename(), "Guide_voies-réservées.pdf");
  await shot(page, "resource-offline-360-fr");
  await context.setOffline(false);
});

test("a PDF opens in a tab of its own, as nothing but a PDF", { skip }, async () => {
  const { page, context } = desk;
  await open(page, `/t/${lanes}`, ".the-file a[target=_blank]");
  const href = await page.getAttribute(".the-file a[target=_blank]", "href");
  assert.match(href, /^\/file\/[^/]+\/0\?read$/);
  const [tab] = await Promise.all([context.waitForEvent("page"), page.click(".the-file a[target=_blank]")]);
  await tab.waitForURL(`**${href}`, { waitUntil: "commit" });
  const is = await tab.evaluate(() => [document.contentType, document.scripts.length, globalThis.opener]);
  assert.deepEqual(is, ["application/pdf", 0, null]);
  await tab.close();
});

test("details and versions by its author; narrowed by theme, city and words in the address", { skip }, async () => {
  const { page } = desk;
  await open(page, `/t/${lanes}`, ".resource-head .buttons button");
  await page.click(".resource-head >> text=Edit details");
  await page.fill("dialog label:has-text('City') input", "Dakar");
  await page.fill("dialog label:has-text('Licence') input", "CC BY 4.0");
  await page.click("dialog button.primary");
  await page.waitForSelector(".facts >> text=CC BY 4.0");
  await page.click(".resource-head >> text=New version");
  await page.click("dialog button.primary");
  await page.waitForSelector("dialog .error >> text=one file");
  await page.setInputFiles("dialog .pick input", [{ name: "Guide v2.pdf", mimeType: "application/pdf", buffer: pdfPages("Second edition") }]);
  await page.waitForSelector("dialog .attach li >> text=/Ready/");
  await page.fill("dialog label:has-text('What changed') input", "New counts");
  await page.click("dialog button.primary");
  await page.waitForSelector(".the-file >> text=Guide v2.pdf");
  await page.click(".resource-head >> text=2 versions");
  const list = page.locator(".version-list li");
  assert.deepEqual(await list.locator("b").allTextContents(), ["Guide v2.pdf", "Guide_voies-réservées.pdf"]);
  await shot(page, "versions-1280");
  await page.click(".facts >> text=Dakar");
  await page.waitForSelector(".picked.active >> text=Dakar");
  assert.match(page.url(), /\/resources\?city=Dakar$/);
  /* What takes itself away gives the focus to its neighbour, the last one to the button above. */
  await open(page, "/resources?city=Dakar&year=2024", ".picked.active a");
  await page.focus(".picked.active a >> nth=0");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.matches(".picked.active a") && document.activeElement.textContent.includes("2024"));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.matches(".shelf [aria-expanded]"));
  await open(page, "/resources", ".themes a");
  await page.focus(".themes a >> nth=0");
  await page.keyboard.press("Enter");
  await page.waitForURL(/theme=/);
  await page.waitForFunction(() => document.activeElement.matches(".themes a, .picked.active a"));
  await open(page, "/resources?city=Dakar", ".picked.active a");
  await page.waitForSelector(`.rows a.row[href="/t/${lanes}"]`);
  assert.match(await page.textContent(`.rows a.row[href="/t/${lanes}"]`), /CC BY 4.0/);
  await page.fill(".shelf input[type=search]", "no such words");
  await page.press(".shelf input[type=search]", "Enter");
  await page.waitForSelector(".empty >> text=Nothing matches");
  assert.match(page.url(), /text=no\+such\+words/);
  await page.goBack();
  await page.waitForSelector(`.rows a.row[href="/t/${lanes}"]`);
});

test("what a moderator changes of a resource of others is told in the room's log", { skip }, async () => {
  const { page } = phone;
  await rpc(page, "thread.fields", { thread: lanes, fields: { city: "Dakar", licence: "CC BY 4.0", year: 2025 }, cid: "log-fields" });
  await open(page, `/r/${talk.room}/log`, ".act");
  assert.match(await page.textContent(".act"), /^La fiche d’une ressource a été modifiée/);
});

test("what is kept follows: the newer version, and nothing once it may not be seen; all of it goes with a press in Me", { skip }, async () => {
  const { page } = phone;
  await open(page, "/", ".bar h1");
  await page.waitForFunction(async () => {
    const k = (await caches.has("kept")) && (await (await caches.open("kept")).keys()).find((r) => r.url.includes("/kept/"));
    return k && JSON.parse(await (await (await caches.open("kept")).match(k)).text()).resource.file.name === "Guide v2.pdf";
  });
  assert.equal((await caught(page)).filter((at) => at.startsWith("/file/")).length, 1);
  await open(page, "/me", "text=/Ressources gardées hors ligne/");
  await page.waitForSelector("text=/1 ressource, /");
  await page.click(".settings >> text=Supprimer de cet appareil");
  await page.click("dialog button.primary");
  await page.waitForSelector(".settings >> text=/Rien pour l’instant/");
  assert.deepEqual(await caught(page), []);
  await open(page, `/t/${lanes}`, ".keeping input");
  await page.check(".keeping input");
  await page.waitForSelector(".toast >> text=/Gardé sur cet appareil/");
  const { posts } = await rpc(desk.page, "post.list", { thread: lanes, limit: 50 });
  for (const p of posts) await rpc(desk.page, "post.redact", { post: p.id, reason: "Wrong file", cid: `gone-${p.n}` });
  await page.waitForFunction(async () => !(await caches.has("kept")) || !(await (await caches.open("kept")).keys()).some((r) => r.url.includes("/file/")));
});

test("from a message into the library, with what its author would say; from there the message is found", { skip }, async () => {
  const { page } = desk;
  await open(page, `/t/${talk.id}`, ".pick input");
  await drop(page, ".posts", "Tarifs_2026.pdf", pdfPages("Fares"));
  await page.fill(".composer textarea", "Our fares.");
  await page.press(".composer textarea", "Control+Enter");
  const post = page.locator(".post[data-seq]", { hasText: "Our fares." });
  await post.locator("a.file").waitFor();
  await post.hover();
  await post.locator("button.more").click();
  await page.click(".actions >> text=Add to the library");
  const title = page.locator("dialog input").first();
  await title.waitFor();
  assert.equal(await title.inputValue(), "Tarifs 2026");
  assert.equal(await page.inputValue("dialog label:has-text('City') input"), "Dakar");
  await shot(page, "promote");
  await title.fill("Fares of 2026");
  await page.click("dialog button.primary");
  await page.waitForSelector(".the-file >> text=Tarifs_2026.pdf");
  assert.notEqual(new URL(page.url()).pathname, `/t/${talk.id}`);
  await page.click(".facts >> text=this message");
  await page.waitForSelector(".post[data-seq] >> text=Our fares.");
  assert.ok(page.url().includes(talk.id));
});

test("collections and themes by who moderates; the keyboard alone gets there", { skip }, async () => {
  const admin = await hub.member("zainab.admin");
  const { page } = admin;
  const made = await rpc(page, "thread.create", { room: talk.room, title: "Kerb standard", text: "Here.", kind: "resource", fields: { url: "https://example.org/kerb" }, cid: "kerb" });
  await open(page, "/resources", ".rows a.row");
  await page.focus(".shelf button[aria-haspopup] >> nth=0");
  await page.keyboard.press("Enter");
  await page.click("dialog >> text=New collection");
  await page.fill("dialog input >> nth=0", "Standards");
  await page.fill("dialog input >> nth=1", "What others must keep to.");
  const { rooms } = await rpc(page, "room.list", {});
  await page.selectOption("dialog select", rooms.find((r) => r.id === talk.room).region);
  await page.keyboard.press("Tab");
  await page.click("dialog button.primary");
  await page.waitForSelector("dialog .curated >> text=Standards");
  await shot(page, "collections");
  await page.keyboard.press("Escape");
  await open(page, `/t/${made.id}`, ".resource-head .buttons button");
  await page.click(".resource-head .buttons >> text=Collections");
  await page.check("dialog label:has-text('Standards') input");
  await page.keyboard.press("Escape");
  await page.click(".facts >> text=Standards");
  await page.waitForSelector(`.rows a.row[href="/t/${made.id}"]`);
  assert.match(page.url(), /\?collection=/);
  await page.waitForSelector("main .note >> text=What others must keep to."); /* its purpose is for everybody */
  await page.click(".shelf button[aria-haspopup] >> nth=1");
  await page.click("dialog >> text=New theme");
  for (const [i, name] of ["Ferries", "Bacs", "Transbordadores", "Balsas"].entries()) await page.fill(`dialog input >> nth=${i}`, name);
  await page.click("dialog button.primary");
  await page.waitForSelector("dialog .curated >> text=Ferries");
  await shot(page, "themes");
  const { themes } = await rpc(page, "theme.list", {});
  assert.deepEqual(themes.find((x) => x.slug === "ferries").names, { en: "Ferries", fr: "Bacs", es: "Transbordadores", pt: "Balsas" });
  /* A second one of its English name does not take its place. */
  await page.click("dialog >> text=New theme");
  for (const [i, name] of ["ferries!", "B", "T", "F"].entries()) await page.fill(`dialog input >> nth=${i}`, name);
  await page.click("dialog button.primary");
  await page.waitForSelector("dialog .error >> text=/There is a theme of this English name/");
  const after = (await rpc(page, "theme.list", {})).themes;
  assert.equal(after.find((x) => x.slug === "ferries").names.fr, "Bacs");
  await admin.context.close();
});

test("a resource that was refused is taken back with all that was said of it", { skip }, async () => {
  const admin = await hub.member("zainab.admin");
  await rpc(admin.page, "room.set", { room: talk.room, words: [{ word: "quokkatram", act: "block" }], cid: "words-1" });
  const writer = await hub.member("luisa.rojas", PHONE); /* a room's words bind who does not moderate it */
  const { page } = writer;
  await open(page, `/ask/${talk.room}?kind=resource`, ".form .several");
  await page.fill(".form input[maxlength='200'] >> nth=0", "All about the quokkatram");
  await page.fill(".form input[type=url]", "https://example.org/tram");
  await page.fill(".form input[inputmode=numeric]", "2019");
  await page.fill(".form label:has-text('Source') input", "CETUD");
  await page.click(".form > button.primary");
  await page.waitForSelector(".state.bad");
  await page.click(".row >> text=Take back");
  await page.waitForSelector(".form .several");
  const values = await page.$$eval(".form input, .form textarea", (all) => all.map((el) => el.value));
  for (const value of ["All about the quokkatram", "https://example.org/tram", "2019", "CETUD"]) assert.ok(values.includes(value), value);
  assert.equal(await page.inputValue(".form textarea"), "");
  await rpc(admin.page, "room.set", { room: talk.room, words: [], cid: "words-2" });
  await writer.context.close();
  await admin.context.close();
});

test("with the saver on no picture comes before it is tapped; signing out leaves nothing on the device", { skip }, async () => {
  const png = await desk.page.evaluate(async () => {
    const c = document.createElement("canvas");
    c.width = 900;
    c.height = 600;
    c.getContext("2d").fillRect(0, 0, 400, 400);
    const blob = await new Promise((go) => c.toBlob(go, "image/png"));
    return Array.from(new Uint8Array(await blob.arrayBuffer()));
  });
  await open(desk.page, `/ask/${talk.room}?kind=resource`, ".form .several");
  await desk.page.fill(".form input[maxlength='200'] >> nth=0", "Map of the corridor");
  await desk.page.setInputFiles(".pick input", [{ name: "map.png", mimeType: "image/png", buffer: Buffer.from(png) }]);
  await desk.page.waitForSelector(".attach li >> text=/Ready/");
  await desk.page.click(".form > button.primary");
  await desk.page.waitForSelector(".the-file .picture img");
  const path = new URL(desk.page.url()).pathname;
  const { page } = phone;
  await open(page, "/me", "input[name=saver]");
  await page.check("input[name=saver]");
  const asked = [];
  page.on("request", (r) => asked.push(new URL(r.url()).pathname));
  await open(page, path, ".the-file .picture.soft");
  assert.equal(asked.some((at) => at.endsWith("/thumb")), false);
  await page.click(".the-file .picture");
  await page.waitForSelector(".the-file .picture img");
  await page.check(".keeping input");
  await page.waitForSelector(".toast >> text=/Gardé/");
  assert.notDeepEqual(await caught(page), []);
  await open(page, "/me", ".settings .danger");
  await page.click(".settings > p > .danger");
  await page.click("dialog button.primary");
  await page.waitForSelector(".signin");
  assert.equal(await page.evaluate(() => caches.has("kept")), false);
});
