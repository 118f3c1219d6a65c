/* Two people write into one thread over lines that are thin, slow and keep breaking, the second of
 * which lets no WebSocket through, while their windows, tabs and browsers die in mid-sentence and in
 * mid-sending. Each does what people do: look what is there, finish the sentence, write on. Every post
 * arrives once, in its author's order, and everybody sees the same. BARAZA_SEED repeats a run;
 * BARAZA_LONG=1 runs more. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { ARGS, bin, newThread, rpc, send, shown, startHub } from "./harness.mjs";
import { seeded, thinLine } from "./thinline.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const long = Boolean(process.env.BARAZA_LONG);
const POSTS = long ? 100 : 50; /* of each author */
const KILLS = long ? 12 : 5; /* of each author */
const CUT_MS = [2_000, 9_000];
const seed = Number(process.env.BARAZA_SEED ?? Date.now() % 1_000_000);
const random = seeded(seed);
const between = (low, high) => low + random() * (high - low);
const pause = (ms) => new Promise((go) => setTimeout(go, ms));

let hub;
const lines = [];
const authors = [];
before(async () => {
  if (skip) return;
  for (const sockets of [true, false]) lines.push(await thinLine({ sockets }));
  hub = await startHub({ origins: lines.map((l) => l.url) });
  for (const l of lines) l.target = Number(new URL(hub.url).port);
});
after(async () => {
  for (const a of authors) await a.end();
  for (const l of lines) l.end();
  await hub?.end();
});

/* A browser with a profile on the disk, whose process can die. */
class Author {
  constructor(name, handle, line) {
    Object.assign(this, { name, handle, line });
    this.folder = mkdtempSync(join(tmpdir(), "baraza-profile-"));
    this.log = []; /* what was done to them, for the report of a failure */
    authors.push(this);
  }
  text(i) {
    return `${this.name}${i} wrote this over a bad line`;
  }
  async browse() {
    this.process = spawn(
      "/usr/bin/chromium",
      [...ARGS, `--user-data-dir=${this.folder}`, "--remote-debugging-port=0", "about:blank"],
      { stdio: ["ignore", "ignore", "pipe"], detached: true },
    );
    const address = await new Promise((go, no) => {
      let text = "";
      this.process.stderr.on("data", (d) => {
        text += d;
        const m = /DevTools listening on (ws:\S+)/.exec(text);
        if (m) go(m[1]);
      });
      this.process.once("exit", () => no(new Error(`the browser ended: ${text}`)));
    });
    this.browser = await chromium.connectOverCDP(address);
    this.context = this.browser.contexts()[0];
  }
  async tab() {
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(60_000);
  }
  async signIn() {
    await this.browse();
    await this.tab();
    await this.page.goto(this.line.url + hub.link(this.handle));
    await this.page.click(".signin button.primary");
    await this.page.waitForSelector(".bar h1");
    await this.page.evaluate(() => navigator.serviceWorker.ready.then(() => null));
    /* A browser writes its cookies down when it is closed: this is a member since yesterday. */
    const cdp = await this.browser.newBrowserCDPSession();
    const gone = new Promise((go) => this.process.once("exit", go));
    await cdp.send("Browser.close");
    await gone;
    this.browser = null;
  }
  /* Opens the thread, as often as it takes. */
  async open() {
    if (!this.browser) await this.browse();
    for (let i = 0; ; i++) {
      await this.tab();
      try {
        await this.page.goto(`${this.line.url}/t/${this.thread}`, { waitUntil: "commit" });
        await this.page.waitForSelector(".post[data-seq]", { timeout: 20_000 });
        return;
      } catch (error) {
        const screen = await this.page.innerText("body", { timeout: 1_000 }).catch(() => "");
        this.log.push(`${this.name} opens: ${error.message.split("\n")[0]} ${screen.slice(0, 200)}`);
        if (i === 9) throw error;
        await this.page.close().catch(() => {});
      }
    }
  }
  async kill(how) {
    if (how === "close") return this.page.close();
    if (how === "crash") {
      const cdp = await this.context.newCDPSession(this.page);
      const gone = new Promise((go) => this.page.once("crash", go));
      void cdp.send("Page.crash").catch(() => {});
      await gone;
      return this.page.close().catch(() => {});
    }
    const gone = new Promise((go) => this.process.once("exit", go));
    process.kill(-this.process.pid, "SIGKILL"); /* the browser and its children, at once */
    await gone;
    await this.browser.close().catch(() => {});
    this.browser = null;
  }
  /* What the window says of a text: in the thread or on its way, in the field, or nowhere. */
  look(text) {
    return this.page.evaluate(
      (words) => ({
        isThere: [...document.querySelectorAll(".post .md")].some((el) => el.textContent === words),
        field: document.querySelector(".composer textarea")?.value ?? "",
      }),
      text,
    );
  }
  async write(i) {
    const text = this.text(i);
    const kill = this.kills.get(i);
    if (kill?.when === "sentence") {
      const half = text.slice(0, Math.floor(text.length / 2));
      await this.page.fill(".composer textarea", half);
      await pause(600); /* a draft is on the device 300 ms after the first letter */
      await this.kill(kill.how);
      await this.open();
      const { field } = await this.look(text);
      assert.equal(field, half, `${this.name}${i}: the half sentence is in the field again`);
    }
    if (kill?.when === "send") {
      await this.page.fill(".composer textarea", text);
      /* What a dead tab was told is on the device; of a dead browser, what stood there for a while. */
      await pause(kill.how === "browser" ? 600 : kill.restMs);
    }
    await send(this.page, text);
    if (kill?.when !== "send") return;
    await pause(kill.afterMs);
    await this.kill(kill.how);
    await this.open();
    for (let n = 0; ; n++) {
      const { isThere, field } = await this.look(text);
      if (isThere) {
        assert.notEqual(field, text, `${text} is sent, and in the field as if it were not`);
        return;
      }
      if (field === text && n > 20) {
        this.log.push(`${text}: was not sent yet, the author sends it`);
        return send(this.page, text);
      }
      assert.ok(n < 100, `${text}: is neither in the thread nor in the field`);
      await pause(50);
    }
  }
  async writeAll() {
    this.kills = killPlan();
    for (let i = 0; i < POSTS; i++) {
      await this.write(i);
      await pause(between(100, 1_200));
    }
  }
  /* Nothing waits to be sent any more. */
  async allSent() {
    const isDone = () => document.querySelectorAll(".post.pending").length === 0;
    await this.page.waitForFunction(isDone, null, { timeout: 200_000 }); /* one after the other, 800 ms each */
  }
  async end() {
    await this.browser?.close().catch(() => {});
    try {
      process.kill(-this.process.pid, "SIGKILL");
    } catch {
      /* it has ended */
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/* Which posts of an author are written while something dies, and what. */
function killPlan() {
  const plan = new Map();
  while (plan.size < KILLS) {
    const at = 1 + Math.floor(random() * (POSTS - 1));
    const how = ["crash", "browser", "close"][plan.size % 3];
    const when = random() < 0.4 ? "sentence" : "send";
    /* At once, and while it is on its way. */
    const afterMs = random() < 0.4 ? 0 : between(0, 2_000);
    const restMs = random() < 0.5 ? 0 : 600;
    if (!plan.has(at)) plan.set(at, { how, when, afterMs, restMs });
  }
  return plan;
}

async function wholeThread(page, count) {
  for (let i = 0; i < 20; i++) {
    if ((await page.locator(".post[data-seq]").count()) >= count) break;
    const more = page.locator("p.center button.soft");
    /* Coming into view may load by itself, and take the button away. */
    if ((await more.count()) > 0) await more.first().click({ timeout: 3_000 }).catch(() => {});
    await pause(1_000);
  }
  return shown(page);
}

/* Cuts a line at random moments until it is told to stop. */
function cutting(line) {
  let timer = null;
  const again = () => {
    timer = setTimeout(() => {
      const p = random();
      line.cut(p < 0.45 ? "both" : p < 0.93 ? "near" : "nobody");
      again();
    }, between(...CUT_MS));
  };
  again();
  return () => clearTimeout(timer);
}

test("cuts, dead windows: every post once, in its author's order, the same for all", { skip }, async (t) => {
  const began = Date.now();
  console.log(`# seed ${seed}`);
  const a = new Author("A", "amina.diop", lines[0]);
  const b = new Author("B", "moussa.kone", lines[1]);
  await Promise.all([a.signIn(), b.signIn()]);
  const fresh = await hub.member("luisa.rojas");
  const { id } = await newThread(fresh.page, "A bad line");
  for (const x of [a, b]) {
    x.thread = id;
    await x.open();
  }
  const stops = lines.map(cutting);
  try {
    await Promise.all([a.writeAll(), b.writeAll()]);
  } catch (error) {
    const screens = [a, b].map((x) => x.page.innerText("body").catch((e) => e.message));
    error.message += `\nseed ${seed}\n${JSON.stringify([a, b].map((x) => [[...x.kills], x.log]))}`;
    error.message += `\n${(await Promise.all(screens)).map((s) => s.slice(-600)).join("\n----\n")}`;
    throw error;
  } finally {
    for (const stop of stops) stop();
  }
  const wrote = Date.now();
  await Promise.all([a, b].map((x) => x.allSent())); /* of both: what the other still sends is not there yet */
  const seen = await Promise.all([a, b].map((x) => wholeThread(x.page, 1 + 2 * POSTS)));
  await fresh.page.goto(`${hub.url}/t/${id}`);
  await fresh.page.waitForSelector(".post[data-seq]");
  const truth = await wholeThread(fresh.page, 1 + 2 * POSTS);
  const texts = truth.map(([, text]) => text);
  for (const x of [a, b])
    assert.deepEqual(
      texts.filter((text) => text.startsWith(x.name) && text !== "A bad line"),
      Array.from({ length: POSTS }, (_, i) => x.text(i)),
      `seed ${seed}: what ${x.name} wrote, once and in order`,
    );
  assert.equal(truth.length, 1 + 2 * POSTS);
  for (const one of seen) assert.deepEqual(one, truth, `seed ${seed}: the same for everybody`);
  assert.equal(await b.page.evaluate(() => sessionStorage.getItem("carrier")), "poll");
  t.diagnostic(
    `${2 * POSTS} posts, ${2 * KILLS} deaths, ${lines.map((l) => l.cuts).join(" + ")} cuts; written ` +
      `after ${Math.round((wrote - began) / 1000)} s, there after ` +
      `${Math.round((Date.now() - began) / 1000)} s; ${[...a.log, ...b.log].join("; ")}`,
  );
  await fresh.context.close();
});
