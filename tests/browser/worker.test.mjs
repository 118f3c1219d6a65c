/* The service worker: opens without a line, keeps nothing private, changes builds when asked to. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startFront } from "./front.mjs";
import { bin, newThread, rpc, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
let hub, front;
before(async () => {
  if (skip) return;
  hub = await startHub();
  front = await startFront(hub.url);
});
after(async () => {
  front?.end();
  await hub?.end();
});

async function member(handle) {
  const v = await hub.visitor();
  await v.page.goto(front.url + hub.link(handle));
  await v.page.click(".signin button.primary");
  await v.page.waitForSelector(".bar h1");
  return v;
}
/* The worker runs, and the language of the page lies in its cache. */
const ready = (page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const lang = document.documentElement.lang;
    for (;;) {
      const all = await (await caches.open((await caches.keys()).at(-1))).keys();
      if (all.some((r) => new URL(r.url).pathname.startsWith(`/a/${lang}.`))) return;
      await new Promise((go) => setTimeout(go, 20));
    }
  });
/* What the member saw lies on the device. */
const saved = (page) =>
  page.evaluate(async () => {
    const db = await new Promise((go) => {
      indexedDB.open("baraza").onsuccess = (ev) => go(ev.target.result);
    });
    const get = () =>
      new Promise((go) => {
        const r = db.transaction("values").objectStore("values").getAll();
        r.onsuccess = () => go(r.result);
      });
    while (!(await get()).some((v) => v?.me)) await new Promise((go) => setTimeout(go, 20));
    db.close();
  });
const kept = (page) =>
  page.evaluate(async () => {
    const all = [];
    for (const name of await caches.keys())
      for (const r of await (await caches.open(name)).keys()) all.push(new URL(r.url).pathname);
    return all.sort();
  });

test("/sw.js is revalidated, policed, and the only script that a policy lets through", { skip }, async () => {
  const r = await fetch(`${hub.url}/sw.js`);
  assert.equal(r.headers.get("cache-control"), "no-cache");
  assert.match(r.headers.get("content-type"), /^text\/javascript/);
  assert.match(r.headers.get("content-security-policy"), /worker-src 'self'.*trusted-types app/);
  const again = await fetch(`${hub.url}/sw.js`, { headers: { "if-none-match": r.headers.get("etag") } });
  assert.equal(again.status, 304);
});

test("the page brings the reader's language along; what the device keeps of it does not", { skip }, async () => {
  /* as who is not signed in has it, and as the worker asks for it */
  const texts = async (path, wanted) => {
    const r = await fetch(hub.url + path, { headers: { "accept-language": wanted } });
    assert.match(r.headers.get("vary"), /Accept-Language/);
    return /^<\/a\/((?:door-)?[a-z]{2})\.\w+\.json>; rel=preload; as=fetch; crossorigin$/.exec(r.headers.get("link"))?.[1];
  };
  for (const [wanted, lang] of [
    ["fr-SN,fr;q=0.9,en;q=0.8", "fr"],
    ["es", "es"],
    ["wo, pt;q=0.8", "pt"],
    ["sw-KE", "en"],
    ["", "en"],
    ["enfr,frx", "en"],
  ]) {
    assert.equal(await texts("/rooms", wanted), `door-${lang}`, wanted);
    assert.equal(await texts("/index.html", wanted), lang, wanted);
  }
  assert.equal((await fetch(`${hub.url}/sw.js`)).headers.get("link"), null);
  const { page, context } = await member("ana.moreira");
  await ready(page);
  await page.reload();
  const kept = await page.evaluate(async () => (await fetch("/")).headers.get("content-security-policy"));
  assert.match(kept, /trusted-types app/);
  const links = await page.evaluate(async () => {
    const page = await caches.match("/index.html");
    return [page.headers.get("link"), page.headers.get("content-security-policy") !== null];
  });
  assert.deepEqual(links, [null, true]);
  await context.close();
});

test("every screen opens without a line, and only public files are kept", { skip }, async () => {
  const { page, context } = await member("amina.diop");
  const { id, room } = await newThread(page, "Opened offline", "Kept on the device.");
  await page.goto(`${front.url}/t/${id}`);
  await page.waitForSelector(".post[data-seq]");
  await ready(page);
  const files = await kept(page);
  assert.ok(files.includes("/index.html"));
  for (const path of files) assert.match(path, /^\/(index\.html|a\/[\w.-]+\.\w{10}\.\w+)$/);
  await page.reload();
  await rpc(page, "room.list", {});
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  assert.deepEqual(await kept(page), files);
  await context.setOffline(true);
  for (const path of [`/t/${id}`, "/", "/rooms", `/r/${room}`, "/search", "/me", "/ask"]) {
    await page.goto(front.url + path);
    await page.waitForSelector("#main");
    assert.doesNotMatch(await page.textContent("body"), /\b[a-z]+\.[a-z]+\.[a-z]+\b/);
  }
  await assert.rejects(page.goto(`${front.url}/healthz`));
  await assert.rejects(page.evaluate(() => fetch("/rpc/room.list")));
  await context.close();
});

test("a screen whose file does not come says so, and comes when asked for again", { skip }, async () => {
  const { page, context } = await hub.visitor({ serviceWorkers: "block" });
  await page.goto(hub.url + hub.link("amina.diop"));
  await page.click(".signin button.primary");
  await page.waitForSelector(".bar h1");
  const files = /\/a\/(lazy|rooms|screens|search)\./;
  const stop = (route) => route.abort();
  await page.route(files, stop);
  for (const [path, there] of [["/search", ".searchform"], ["/rooms", ".group"], ["/me", ".settings"], ["/ask", "form.form"]]) {
    await page.goto(hub.url + path);
    await page.waitForSelector("#main .failed button");
    assert.notEqual((await page.textContent(".bar h1")).trim(), "", path);
    await page.unroute(files, stop);
    await page.click("#main .failed button");
    await page.waitForSelector(`#main ${there}`);
    await page.route(files, stop);
  }
  await page.goto(hub.url);
  await page.waitForSelector(".rail");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog .failed button");
  await page.unroute(files, stop);
  await page.click("dialog .failed button");
  await page.waitForSelector("dialog .keys");
  await context.close();
});

test("another language that was chosen is there offline, too", { skip }, async () => {
  const { page, context } = await member("moussa.kone");
  await page.goto(`${front.url}/me`);
  await ready(page);
  await page.click('.langs button[lang="fr"]');
  await page.waitForFunction(() => document.documentElement.lang === "fr");
  await Promise.all([ready(page), saved(page)]);
  assert.match(await page.getAttribute("link[rel=manifest]", "href"), /app-fr\./);
  await context.setOffline(true);
  await page.reload();
  await page.waitForSelector(".settings h2");
  assert.match(await page.textContent(".settings"), /Langue/);
  await context.close();
});

test("a new build waits for its reader, who loses no word", { skip }, async () => {
  const { page, context } = await member("luisa.rojas");
  const { id } = await newThread(page, "Update");
  await page.goto(`${front.url}/t/${id}`);
  await ready(page);
  await page.reload();
  await page.fill(".composer textarea", "half a sen");
  const builds = () => page.evaluate(() => caches.keys());
  const [old] = await builds();
  await page.evaluate(() => {
    globalThis.sameDocument = true;
  });
  front.change = (path, body) => {
    if (path === "/sw.js") return Buffer.from(String(body).replaceAll(old, "baraza-next").replaceAll(old.slice(7), "next"));
    if (path === "/index.html")
      return Buffer.from(String(body).replace("<body>", '<body data-build="next">'));
    return body;
  };
  try {
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
    await page.waitForSelector(".update button");
    assert.equal(await page.evaluate(() => globalThis.sameDocument), true);
    assert.equal(await page.inputValue(".composer textarea"), "half a sen");
    await page.click(".update button");
    await page.waitForSelector('body[data-build="next"]');
    await page.waitForSelector(".composer textarea");
    assert.equal(await page.inputValue(".composer textarea"), "half a sen");
    assert.equal(await page.locator(".update button").count(), 0);
    assert.deepEqual(await builds(), [old, "baraza-next"]);
    assert.ok((await kept(page)).filter((p) => p.startsWith("/a/en.")).length >= 2);
  } finally {
    front.change = (_path, body) => body;
  }
  await context.close();
});

test("signing out empties the caches", { skip }, async () => {
  const { page, context } = await member("carlos.quispe");
  await ready(page);
  await page.goto(`${front.url}/me`);
  await page.click(".settings .danger");
  await page.click("dialog .primary");
  await page.waitForSelector(".signin");
  /* What the page asks for from now on may lie there again, its icons, its texts and the sign-in: public files. */
  assert.deepEqual((await kept(page)).filter((p) => !/^\/a\/(?:icon|door|[a-z]{2}\.)/.test(p)), []);
  const left = await page.evaluate(async () => {
    const db = await new Promise((go) => {
      indexedDB.open("baraza").onsuccess = (ev) => go(ev.target.result);
    });
    const out = {};
    for (const store of db.objectStoreNames)
      out[store] = await new Promise((go) => {
        db.transaction(store).objectStore(store).getAllKeys().onsuccess = (ev) => go(ev.target.result);
      });
    db.close();
    return out;
  });
  assert.deepEqual(Object.values(left).flat(), []);
  await context.close();
});

test("nothing happened that the policy forbids", { skip }, () => {
  assert.deepEqual(hub.reports, []);
});
