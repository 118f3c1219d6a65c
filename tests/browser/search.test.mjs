/* The search screen: typing, filters, the address, people, keys, the way back, asking what nobody answered, no line. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, kept, newThread, rpc, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const PHONE = { viewport: { width: 360, height: 740 } };
let hub, a, id, room;
before(async () => {
  if (skip) return;
  hub = await startHub();
  a = await hub.member("amina.diop");
  ({ id, room } = await newThread(a.page, "Quel prix pour les pictogrammes zébrés ?", "Pictogrammes en résine, **zébrés**, posés la nuit."));
  const say = (text) => rpc(a.page, "post.create", { thread: id, text, cid: `s${text.length}` });
  for (const n of [1, 2, 3]) await say(`Pictogramme numéro ${"x".repeat(n)}`);
  const many = (await newThread(a.page, "Éclairage des arrêts")).id;
  for (let n = 0; n < 45; n++)
    await rpc(a.page, "post.create", { thread: many, text: `Balises lumineuses ${n}`, cid: `b${n}` });
});
after(async () => {
  await hub?.end();
});

const FIELD = ".searchform input";
const address = (page) => {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
};
const until = (page, path) => page.waitForFunction((p) => location.pathname + location.search === p, path);

async function opened(v, path = "/search") {
  await v.page.goto(hub.url + path);
  await v.page.waitForSelector(FIELD);
}

test("the field keeps the focus on a device that is slow to draw", { skip }, async () => {
  const page = await a.another();
  await page.addInitScript(() => {
    const soon = globalThis.requestAnimationFrame.bind(globalThis);
    globalThis.requestAnimationFrame = (fn) => soon(() => setTimeout(() => fn(performance.now()), 400));
  });
  await page.goto(`${hub.url}/search`);
  await page.waitForSelector(FIELD);
  await page.waitForTimeout(1_500);
  assert.ok(await page.evaluate((f) => document.activeElement.matches(f), FIELD));
  await page.close();
});

test("results come while somebody types, with one question for each pause, and each is part of the address", { skip }, async () => {
  const { page } = a;
  await opened(a);
  await page.waitForFunction((f) => document.activeElement.matches(f), FIELD);
  const cdp = await a.context.newCDPSession(page);
  const asked = [];
  const heard = (text) => /search\.query/.test(text ?? "") && asked.push(text);
  cdp.on("Network.webSocketFrameSent", ({ response }) => heard(response.payloadData));
  cdp.on("Network.requestWillBeSent", ({ request }) => heard(request.postData)); /* if the line had to be another one */
  await cdp.send("Network.enable");
  await page.type(FIELD, "pi", { delay: 5 });
  await page.type(FIELD, "ctogrammes zebr", { delay: 5 });
  await page.waitForSelector("main mark");
  await until(page, "/search?q=pictogrammes%20zebr");
  assert.ok(asked.length >= 1 && asked.length <= 3, `${asked.length} questions for 17 letters`);
  assert.match(asked.at(-1), /"text":"pictogrammes zebr"/);
  await cdp.detach();
  const marks = await page.$$eval("main mark", (all) => all.map((el) => el.textContent.toLowerCase()));
  assert.ok(marks.includes("zébrés") && marks.includes("pictogrammes"), marks.join());
  await page.waitForFunction(() => /\d/.test(document.querySelector("main > [role=status]")?.textContent));

  /* A reload, somebody else and the way back find the same. */
  await page.reload();
  await page.waitForSelector("main mark");
  assert.equal(await page.inputValue(FIELD), "pictogrammes zebr");
  await page.fill(FIELD, "");
  await until(page, "/search");
  assert.equal(await page.locator("main mark").count(), 0);
});

test("two letters are asked for with Enter alone; with the data saver all are", { skip }, async () => {
  const v = await hub.member("grace.nakato");
  await v.page.evaluate(() => localStorage.setItem("baraza.saver", "1"));
  await opened(v);
  await v.page.type(FIELD, "pictogrammes");
  await v.page.waitForSelector("main > .note");
  assert.equal(address(v.page), "/search");
  await v.page.press(FIELD, "Enter");
  await v.page.waitForSelector("main mark");
  assert.equal(address(v.page), "/search?q=pictogrammes");
  await v.context.close();
});

test("filters are folded away, part of the address, shown as chips and taken back by the way back, at 360 px", { skip }, async () => {
  const v = await hub.member("moussa.kone", PHONE);
  const { page } = v;
  await opened(v, "/search?q=pictogrammes");
  await page.waitForSelector("main mark");
  assert.equal(await page.isVisible("select[name=lang]"), false);
  await page.click(".narrow summary");
  await page.selectOption("select[name=kind]", "question");
  await until(page, "/search?q=pictogrammes&kind=question");
  await page.selectOption("select[name=kind]", "discussion");
  await page.waitForSelector("main .empty");
  await page.fill("input[name=by]", "ami");
  await page.waitForSelector(".suggest li:not([hidden])");
  await page.press("input[name=by]", "Enter");
  await page.waitForFunction(() => /&by=/.test(location.search));
  assert.match(await page.textContent(".chosen"), /Amina/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} px too wide`);
  await page.click(".chosen button >> nth=0"); /* the kind */
  await page.waitForFunction(() => !/kind=/.test(location.search));
  await page.waitForFunction(() => document.activeElement.matches("summary"));
  await page.waitForSelector("main mark");
  await page.goBack();
  await page.waitForFunction(() => /kind=discussion/.test(location.search));
  await page.waitForSelector("main .empty");
  await page.goBack();
  await page.goBack();
  await until(page, "/search?q=pictogrammes&kind=question");
  await page.waitForSelector("main mark");
  assert.equal(await page.locator(".chosen li").count(), 1);

  /* What is no filter is left out, a person of whom nothing is known here gets a name. */
  const { members } = await rpc(page, "member.list", { prefix: "amina" });
  await opened(v, `/search?q=pictogrammes&by=${members[0].id}&room=%3Cb%3E&kind=..`);
  await page.waitForFunction(() => /Amina/.test(document.querySelector(".chosen")?.textContent));
  assert.equal(await page.locator(".chosen li").count(), 1);
  await v.context.close();
});

test("further pages follow, each hit once; people stand first; region, year and file narrow", { skip }, async () => {
  const { page } = a;
  await opened(a, "/search?q=balises");
  const count = (n) => page.waitForFunction((k) => document.querySelectorAll("main a[data-row]").length === k, n);
  await count(20);
  const more = "main .center button";
  await page.focus(more);
  await page.keyboard.press("Enter");
  await count(40);
  await page.waitForFunction(() => [...document.querySelectorAll("[data-row]")].indexOf(document.activeElement) === 20);
  await page.click(more);
  await count(45);
  const all = await page.$$eval("main a[data-row]", (rows) => rows.map((el) => el.getAttribute("href")));
  assert.equal(new Set(all).size, 45);

  /* Who comes back finds all of it, at the place. */
  await page.click("main a[data-row] >> nth=30");
  await page.waitForSelector(".post[data-seq]");
  await page.goBack();
  await count(45);
  assert.ok(await page.isVisible("main a[data-row] >> nth=30"));

  await opened(a, "/search?q=moussa");
  await page.waitForSelector(".people button");
  await page.click(".people button");
  await page.waitForSelector("dialog[open] h2");
  assert.match(await page.textContent("dialog[open] h2"), /Moussa/);
  await page.keyboard.press("Escape");

  const { regions, rooms } = await rpc(page, "room.list", {});
  const { region } = rooms.find((r) => r.id === room);
  const year = new Date().getUTCFullYear();
  for (const [filter, found] of [
    [`year=${year}`, true],
    [`year=${year - 5}`, false],
    ["file=1", false],
    ...regions.map((g) => [`region=${g.id}`, g.id === region]),
  ]) {
    await opened(a, `/search?q=balises&${filter}`);
    await page.waitForSelector(found ? "main mark" : "main .empty");
  }
});

test("keys: / to the field, arrows and j and k over the hits, Enter opens at the hit, back to it, Escape clears", { skip }, async () => {
  const { page } = a;
  await page.goto(hub.url);
  await page.waitForSelector(".bar h1");
  await page.keyboard.press("/");
  await page.waitForFunction((f) => document.activeElement.matches(f), FIELD);
  await page.keyboard.type("pictogramme numero");
  await page.waitForFunction(() => document.querySelectorAll("main [data-row]").length === 3);
  const at = () => page.evaluate(() => [...document.querySelectorAll("[data-row]")].indexOf(document.activeElement));
  await page.keyboard.press("ArrowDown");
  assert.equal(await at(), 0);
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowDown");
  assert.equal(await at(), 2);
  await page.keyboard.press("k");
  assert.equal(await at(), 1);
  const post = (await page.getAttribute("[data-row]:focus", "href")).split("/").at(-1);
  await page.keyboard.press("Enter");
  await page.waitForFunction((p) => {
    const box = document.getElementById(p)?.getBoundingClientRect();
    return document.activeElement.id === p && box.top >= 0 && box.bottom <= innerHeight; /* it shows as what has the focus */
  }, post);
  await page.goBack();
  await page.waitForSelector("main [data-row]");
  await page.waitForFunction((p) => document.activeElement.getAttribute("href")?.endsWith(`/${p}`), post);
  await page.keyboard.press("Escape");
  await page.waitForFunction((f) => document.activeElement.matches(f), FIELD);
  await page.keyboard.press("Escape");
  await until(page, "/search");
  assert.equal(await page.inputValue(FIELD), "");
});

test("what nobody wrote of becomes a question with these words, and what was begun stays", { skip }, async () => {
  const v = await hub.member("luisa.rojas", PHONE);
  const { page } = v;
  await opened(v, "/search?q=passerelles%20xyzzyx");
  await page.waitForSelector(".askthis a");
  await page.click(".askthis a");
  await page.waitForSelector("form.form textarea");
  assert.equal(await page.inputValue("form.form input[maxlength]"), "passerelles xyzzyx");
  await page.fill("form.form textarea", "Half a thought.");
  await opened(v, "/search?q=%22other%20xyzzyx%22");
  await page.click(".askthis a");
  await page.waitForSelector("form.form textarea");
  assert.equal(await page.inputValue("form.form input[maxlength]"), "other xyzzyx");
  assert.equal(await page.inputValue("form.form textarea"), "passerelles xyzzyx\n\nHalf a thought.");
  await v.context.close();
});

test("a theme of the library narrows to what bears it or one below it, in the reader's words; with one nothing is saved", { skip }, async () => {
  const make = (title, themes) =>
    rpc(a.page, "thread.create", { room, title, text: "Relevés.", kind: "resource", fields: { themes }, cid: `atlas-${themes}` });
  await make("Atlas des stations", ["brt"]);
  await make("Atlas des trottoirs", ["walking"]);
  const v = await hub.member("moussa.kone", { ...PHONE, locale: "fr-FR" });
  const { page } = v;
  const titles = (list) =>
    page.waitForFunction((l) => [...document.querySelectorAll("main [data-row] .row-title")].map((el) => el.textContent).sort().join() === l, list);
  await opened(v, "/search?q=atlas");
  await titles("Atlas des stations,Atlas des trottoirs");
  await page.click(".narrow summary");
  const { themes } = await rpc(page, "theme.list", {});
  const brt = themes.find((x) => x.slug === "brt");
  await page.waitForSelector("select[name=theme] option[value=brt]", { state: "attached" });
  assert.equal(await page.textContent(`select[name=theme] option[value=${brt.parent}]`), themes.find((x) => x.slug === brt.parent).names.fr);
  await page.selectOption("select[name=theme]", brt.parent);
  await until(page, `/search?q=atlas&theme=${brt.parent}`);
  await titles("Atlas des stations");
  await page.waitForSelector("main .note >> text=/par thème/");
  assert.equal(await page.locator(".savethis").count(), 0);

  /* In an address it is told by its name as well, and taken off it can be saved. */
  await opened(v, "/search?q=atlas&theme=brt");
  await titles("Atlas des stations");
  await page.waitForFunction((name) => document.querySelector(".chosen li")?.textContent.includes(name), brt.names.fr);
  await page.click(".chosen button");
  await titles("Atlas des stations,Atlas des trottoirs");
  await page.waitForSelector(".savethis button");
  await v.context.close();
});

test("without a line the device's own copy is searched, with people, and says so; letter by letter", { skip }, async () => {
  const v = await hub.member("amina.diop");
  const { page } = v;
  await page.goto(`${hub.url}/t/${id}`);
  await page.waitForSelector(".post[data-seq]");
  await kept(page, id, "Pictogramme numéro x");
  await v.context.setOffline(true);
  await page.goto(`${hub.url}/search`);
  await page.waitForSelector(".offline p");
  await page.type(FIELD, "numero xx", { delay: 5 });
  await page.waitForFunction(() => document.querySelectorAll("main [data-row]").length === 2);
  assert.match(await page.textContent("main .note"), /only what is kept on this device/);
  await page.fill(FIELD, "amina");
  await page.waitForSelector(".people button");
  assert.match(await page.textContent(".people"), /Amina/);
  await v.context.setOffline(false);
  await page.waitForFunction(() => !/kept on this device/.test(document.querySelector("main")?.textContent));
  await v.context.close();
});

test("a saved search tells what somebody else writes, is silenced, and deleted with a way back", { skip }, async () => {
  const v = await hub.member("grace.nakato", PHONE);
  const { page } = v;
  await page.evaluate(() => localStorage.removeItem("baraza.saver"));
  await opened(v, "/search?q=signaletique");
  await page.waitForSelector("main .empty");
  await page.click(".savethis button");
  await page.waitForSelector(".savethis .chip");
  assert.match(await page.textContent(".toast"), /told when something new/);

  await page.goto(`${hub.url}/me`);
  await page.waitForSelector("main .with-action"); /* by now it is known here what is told of */
  await rpc(a.page, "post.create", { thread: id, text: "La signalétique est posée.", cid: "sig1" });
  await page.waitForSelector(".tabs a[href='/search'] .dot");
  assert.match(await page.textContent(".toast"), /Something new for “signaletique”/);
  await page.click(".tabs a[href='/search']");
  await page.waitForSelector("main .with-action .badge");
  assert.match(await page.textContent("main .group .note"), /whole words/);
  await page.click("main .with-action a");
  await page.waitForSelector("main mark");
  await page.waitForFunction(() => !document.querySelector(".tabs a[href='/search'] .dot"));

  /* What comes while it is shown is offered, not pushed in. */
  await rpc(a.page, "post.create", { thread: id, text: "Autre signalétique.", cid: "sig2" });
  await page.click(".savethis button:has-text('new')");
  await page.waitForFunction(() => document.querySelectorAll("main a[data-row]").length === 2);

  /* Silenced here, it is so after a reload; in Me it can be deleted, and had back. */
  await page.click(".savethis button[aria-pressed=true]");
  await page.waitForSelector(".savethis button[aria-pressed=false]");
  await page.goto(`${hub.url}/me`);
  const row = "main .with-action";
  await page.waitForSelector(`${row} button[aria-pressed=false]`);
  await page.click(`${row} button >> nth=1`);
  await page.waitForFunction((r) => !document.querySelector(r), row);
  await page.click(".toast button");
  await page.waitForSelector(row);
  await page.click(`${row} button >> nth=1`);
  await page.waitForFunction((r) => !document.querySelector(r), row);
  await v.context.setOffline(true); /* a new line is the end of it */
  await page.waitForSelector(".offline p");
  await v.context.setOffline(false);
  await page.waitForFunction(() => !document.querySelector(".offline p"));
  for (;;) if ((await rpc(page, "search.saved", {})).searches.length === 0) break;
  await v.context.close();
});

test("while the hub does not answer the device tells what it has, then gives way to the answer", { skip }, async () => {
  const v = await hub.member("amina.diop");
  const { page } = v;
  const held = [];
  let holds = true;
  await page.routeWebSocket(/\/ws$/, (ws) => {
    const server = ws.connectToServer();
    ws.onMessage((m) => {
      if (holds && /search\.query/.test(m)) held.push(() => server.send(m));
      else server.send(m);
    });
  });
  await page.goto(`${hub.url}/t/${id}`);
  await page.waitForSelector(".post[data-seq]");
  await page.keyboard.press("/");
  await page.waitForSelector(FIELD);
  await page.type(FIELD, "numero xx", { delay: 5 });
  await page.waitForFunction(() => /the device has/.test(document.querySelector("main .note")?.textContent ?? ""));
  assert.ok((await page.locator("main a[data-row]").count()) > 0);
  assert.equal(await page.locator(".savethis").count(), 0);
  holds = false;
  for (const go of held) go();
  await page.waitForSelector(".savethis");
  assert.doesNotMatch(await page.textContent("main .note"), /the device has/);
  await v.context.close();
});
