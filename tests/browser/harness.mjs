/* One daemon with the demo community, and browsers that report what the policy forbids.
 * BARAZA_BIN names the daemon. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { chromium } from "playwright-core";

export const bin = process.env.BARAZA_BIN;
export const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function freePort() {
  return new Promise((resolve, reject) => {
    const s = createServer().once("error", reject);
    s.listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

async function answers(url) {
  for (let i = 0; i < 200; i++) {
    if (
      await fetch(url).then(
        (r) => r.ok,
        () => false,
      )
    )
      return;
    await new Promise((go) => setTimeout(go, 50));
  }
  throw new Error(`${url} does not answer`);
}

/* The demo community, made once for each moment: of a whole run where BARAZA_DEMOS is a folder for it, else of this file. */
let demos = process.env.BARAZA_DEMOS;
function demo(at) {
  if (!demos) {
    demos = mkdtempSync(join(tmpdir(), "baraza-demos-"));
    process.on("exit", () => rmSync(demos, { recursive: true, force: true }));
  }
  const there = join(demos, at.replace(/\W/g, "-") || "now");
  if (existsSync(there)) return there;
  const made = `${there}.${process.pid}`;
  const make = [...(at ? ["faketime", "-f", at] : []), bin, "demo", "--data", made];
  /* faketime is loaded before the address sanitizer, which minds. */
  const asan = [process.env.ASAN_OPTIONS, "verify_asan_link_order=0"].filter(Boolean).join(":");
  execFileSync(make[0], make.slice(1), {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, TZ: "UTC", ...(at ? { ASAN_OPTIONS: asan } : {}) },
  });
  try {
    renameSync(made, there);
  } catch {
    rmSync(made, { recursive: true, force: true }); /* another file was faster */
  }
  return there;
}

/* origins: further addresses under which the browsers of a test open the hub; env: settings of the daemon;
 * at: the moment at which the community is made ("2026-03-12 15:00:00", UTC), now if it is not said. */
export async function startHub({ origins = [], env = {}, at = "" } = {}) {
  const data = mkdtempSync(join(tmpdir(), "baraza-browser-"));
  execFileSync("cp", ["-a", `${demo(at)}/.`, data]);
  const url = `http://127.0.0.1:${await freePort()}`;
  let child = null;
  const taken = new Set();
  const hub = {
    url,
    data,
    async start() {
      child = spawn(bin, ["serve", "--data", data, "--listen", url.slice(7)], {
        stdio: "ignore",
        env: { BARAZA_LINKS_PREVIEW: "no", ...process.env, BARAZA_NET_ORIGINS: origins.join(" "), ...env },
      });
      await answers(`${url}/healthz`);
    },
    stop() {
      const gone = new Promise((go) => child.once("exit", go));
      child.kill("SIGTERM");
      return gone;
    },
    cli: (...args) => execFileSync(bin, [...args, "--data", data], { encoding: "utf8" }).trim(),
    /* A mail that came to this address and in which `form` finds something new: without a mail server mails are files. */
    async mailed(email, form, wait_ms = 15_000) {
      const folder = join(data, "mail");
      for (const end = Date.now() + wait_ms; Date.now() < end; await new Promise((go) => setTimeout(go, 100)))
        for (const name of existsSync(folder) ? readdirSync(folder) : []) {
          if (!name.endsWith(".eml")) continue;
          const mail = await simpleParser(readFileSync(join(folder, name)));
          const found = mail.to?.value.some((to) => to.address === email) && form.exec(`${mail.subject}\n${mail.text}`)?.[1];
          if (!found || taken.has(email + found)) continue;
          taken.add(email + found);
          return found;
        }
      throw new Error(`no mail for ${email} has ${form}`);
    },
    codeFor: (email) => hub.mailed(email, /#code=(\d{6})/),
    link: (handle) =>
      execFileSync(bin, ["link", "--data", data, handle], { encoding: "utf8" })
        .trim()
        .split(/\s+/)
        .find((word) => word.includes("#in="))
        .replace(/^https?:\/\/[^/]*/, ""),
  };
  await hub.start();
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGS });
  const reports = [];

  async function watch(page) {
    page.on("dialog", (d) => {
      reports.push(`dialog: ${d.message()}`);
      void d.dismiss();
    });
    page.on("pageerror", (e) => reports.push(`error: ${e.message}`));
    page.on("console", (m) => {
      if (/content security|trusted|refused to|violat/i.test(m.text())) reports.push(m.text());
    });
    await page.exposeFunction("reportViolation", (text) => reports.push(text));
    await page.addInitScript(() =>
      document.addEventListener("securitypolicyviolation", (ev) =>
        globalThis.reportViolation(`${ev.violatedDirective} ${ev.blockedURI} ${ev.sample}`),
      ),
    );
  }

  return {
    ...hub,
    browser,
    reports,
    async visitor(options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        locale: "en-GB",
        ...options,
      });
      context.on("page", (p) => {
        p.setDefaultTimeout(30_000); /* another file runs beside this one */
      });
      const page = await context.newPage();
      await watch(page);
      return {
        context,
        page,
        async another() {
          const p = await context.newPage();
          await watch(p);
          return p;
        },
      };
    },
    async member(handle, options = {}) {
      const v = await this.visitor(options);
      await v.page.goto(url + hub.link(handle));
      await v.page.click(".signin button.primary");
      await v.page.waitForSelector(".bar h1");
      return v;
    },
    /* No test file ends well after something that the policy forbids, or an error of a page. */
    async end() {
      await browser.close();
      await hub.stop();
      rmSync(data, { recursive: true, force: true });
      assert.deepEqual(reports, []);
    },
  };
}

/* Boxes and circles to tick that do not stand beside their words. */
export const astray = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("label:has(> input[type=checkbox], > input[type=radio])")]
      .filter((label) => {
        const words = document.createRange();
        words.selectNodeContents(label);
        words.setStartAfter(label.firstElementChild);
        const box = label.firstElementChild.getBoundingClientRect(), text = words.getBoundingClientRect();
        return label.checkVisibility() && (box.bottom <= text.top || box.right > text.left || box.width > 24);
      })
      .map((label) => label.textContent),
  );

/* Calls a method as the page's member; waits where the server asks for patience. */
export function rpc(page, method, params) {
  return page.evaluate(
    async ([m, p]) => {
      for (;;) {
        const r = await fetch("/rpc", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: m, params: p }),
        });
        const answer = await r.json();
        if (answer.result) return answer.result;
        const { code, retry_after_ms: wait } = answer.error.data ?? {};
        if (code !== "rate_limited" && code !== "unavailable")
          throw new Error(`${m}: ${JSON.stringify(answer.error)}`);
        await new Promise((go) => setTimeout(go, wait ?? 500));
      }
    },
    [method, params],
  );
}

/* A fresh thread that both members of a test can read. */
export async function newThread(page, title, text = "First.") {
  const { rooms } = await rpc(page, "room.list", {});
  const room =
    rooms.find((r) => r.joined && r.access === "open") ?? rooms.find((r) => r.access === "open");
  const made = await rpc(page, "thread.create", {
    room: room.id,
    title,
    text,
    kind: "question",
    cid: `t${Date.now()}${Math.random().toString(36).slice(2, 8)}`,
  });
  return { ...made, room: room.id };
}

export async function send(page, text) {
  await page.fill(".composer textarea", text);
  await page.press(".composer textarea", "Control+Enter");
}

/* Until a post of these words is there; until everything that was written is stored. */
export const has = (page, text) =>
  page.waitForFunction(
    (t) => [...document.querySelectorAll(".post[data-seq] .md")].some((el) => el.textContent === t),
    text,
  );
export const sent = (page) =>
  page.waitForFunction(() => document.querySelectorAll(".post.pending").length === 0);

export const shown = (page) =>
  page.$$eval(".post[data-seq]", (all) =>
    all.map((el) => [el.id, el.querySelector(".md")?.textContent ?? ""]),
  );

export async function shot(page, name) {
  const dir = process.env.BARAZA_SHOTS;
  if (!dir) return;
  mkdirSync(dir, { recursive: true });
  await page.screenshot({ path: join(dir, `${name}.png`) });
}

/* "Undo" is offered for ten seconds, but not while somebody points at it: a busy machine may need more than ten. */
export const holdUndo = (page) => page.hover(".toast button");

/* The worker is there, and the device holds the post of these words: one of a thread's newest, after a moment. */
export async function kept(page, thread, text, ms = 30_000) {
  await page.evaluate(
    async ([id, words, limit]) => {
      const end = Date.now() + limit;
      const until = async (what, is) => {
        while (!(await is())) {
          if (Date.now() > end) throw new Error(`after ${limit} ms the device does not have ${what}`);
          await new Promise((go) => setTimeout(go, 20));
        }
      };
      await until("the worker", async () => (await navigator.serviceWorker.getRegistration())?.active);
      const texts = `/a/${document.documentElement.lang}.`;
      await until(`the texts ${texts}`, async () => {
        const names = await caches.keys();
        const own = names.findLast((name) => name.startsWith("baraza-"));
        const all = own ? await (await caches.open(own)).keys() : [];
        return all.some((r) => new URL(r.url).pathname.startsWith(texts));
      });
      const db = await new Promise((go) => {
        indexedDB.open("baraza").onsuccess = (ev) => go(ev.target.result);
      });
      try {
        await until(`the post “${words}” of ${id}`, async () => {
          const all = await new Promise((go) => {
            const r = db.transaction("values").objectStore("values").getAll();
            r.onsuccess = () => go(r.result);
          });
          return all.some((v) => v?.pages?.[id]?.posts.some((p) => p.text === words));
        });
      } finally {
        db.close();
      }
    },
    [thread, text, ms],
  );
}

/* axe finds nothing against WCAG 2.2 AA in the page as it stands, and nothing reaches over its side. */
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export async function accessible(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
      resultTypes: ["violations"],
    });
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
  });
  if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) found.push("wider than the screen");
  assert.deepEqual(found, []);
}
