// From `git clone`, with the packages installed, to the first post sent by a browser: README's first command, the printed
// link, one sentence in a room. Prints how long it took, the build included.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { ARGS } from "./harness.mjs";

const top = new URL("../../", import.meta.url).pathname;

function freePort() {
  return new Promise((resolve, reject) => {
    const s = createServer().once("error", reject);
    s.listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

test("from a clone to the first post", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "baraza-clone-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const began = Date.now();
  const seconds = () => ((Date.now() - began) / 1000).toFixed(1);
  execFileSync("git", ["clone", "-q", top, join(dir, "baraza")]);
  const env = { ...process.env, BARAZA_DATA: join(dir, "data"), BARAZA_LISTEN: `127.0.0.1:${await freePort()}` };
  const child = spawn("sh", ["deploy/run.sh"], { cwd: join(dir, "baraza"), env, stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise((go) => child.once("exit", go));
  let out = "";
  child.stdout.on("data", (d) => {
    out += d;
  });
  const isServing = await Promise.race([
    gone.then(() => false),
    new Promise((go) => {
      child.stdout.on("data", () => /baraza: serving/.test(out) && go(true));
    }),
  ]);
  assert.ok(isServing, out);
  const served = seconds();
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGS });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 360, height: 740 }, locale: "en-GB" });
  page.setDefaultTimeout(20_000);
  await page.goto(/http:\S+#in=\S+/.exec(out)[0]);
  await page.click(".signin button.primary");
  await page.waitForSelector(".bar h1");
  await page.click('a[href^="/t/"]');
  const text = `Hello from a fresh machine, ${began}`;
  await page.fill(".composer textarea", text);
  await page.click(".composer button.send");
  await page.locator(".post[data-seq] .md", { hasText: text }).waitFor();
  console.log(`# from the clone to serving ${served} s, to the first post ${seconds()} s`);
  child.kill("SIGTERM");
  assert.equal(await gone, 0);
});
