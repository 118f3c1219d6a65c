/* The reference client's own specs (the bundle that npm tus-js-client carries), in a browser. Most of them speak to a line that they
 * make themselves; those called end-to-end speak to a server, and that is the daemon here: whatever they send to tusd.tusdemo.net goes
 * to its /upload, with a sign-in. They also fetch what they sent by GET, which tus does not know and the daemon does not have: that is
 * answered with the bytes that the daemon stored. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { hub, serve, tempDir } from "../e2e/daemon.mjs";
import { ARGS, bin } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set", SITE = "https://tusd.tusdemo.net";
const from = createRequire(import.meta.url), core = join(from.resolve("jasmine-core/package.json"), "../lib/jasmine-core");
const read = (...path) => readFileSync(join(...path), "utf8");
const specs = () => read(from.resolve("tus-js-client/package.json"), "../dist/browser-test-bundle.js");
let daemon, token, browser, dir;
before(async () => {
  if (skip) return;
  dir = tempDir();
  ({ ana: token } = hub(dir, ["ana"]));
  daemon = await serve(dir, { env: { BARAZA_LIMITS_ENFORCE: "no" } });
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGS });
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
});

function stored() {
  const files = join(dir, "files");
  const [one] = readdirSync(files).filter((f) => f !== "part").flatMap((f) => readdirSync(join(files, f)).map((name) => join(files, f, name)));
  return readFileSync(one);
}

test("the reference client's own specs pass, and those end-to-end against the daemon", { skip }, async () => {
  const page = await browser.newPage(), asked = [];
  await page.route("**/*", (route) => route.abort());
  await page.route(`${SITE}/`, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>specs</title>" }));
  await page.route(`${SITE}/files/**`, async (route) => {
    const request = route.request(), method = request.method(), path = new URL(request.url()).pathname.replace(/^\/files/, "/upload").replace(/\/$/, "");
    const headers = { ...request.headers(), authorization: `Bearer ${token}` };
    for (const name of ["origin", "host", "cookie", "referer"]) delete headers[name];
    const real = await fetch(daemon.url + path, { method: method === "GET" ? "HEAD" : method, headers: { "tus-resumable": "1.0.0", ...headers }, body: request.postDataBuffer() ?? undefined });
    asked.push(`${method} ${real.status}`);
    const told = Object.fromEntries([...real.headers].filter(([name]) => name !== "content-length"));
    if (told.location) told.location = SITE + told.location.replace(/^\/upload/, "/files");
    const body = method === "GET" && real.status === 200 ? stored() : Buffer.from(await real.arrayBuffer());
    await route.fulfill({ status: real.status, headers: method === "GET" ? { "content-type": "text/plain" } : told, body });
  });
  await page.goto(`${SITE}/`);
  const add = (content) => page.addScriptTag({ content });
  await add(read(core, "jasmine.js"));
  await page.evaluate(() => {
    window.jasmine = window.jasmineRequire.core(window.jasmineRequire);
    const env = window.jasmine.getEnv();
    Object.assign(window, window.jasmineRequire.interface(window.jasmine, env));
    env.configure({ random: false, autoCleanClosures: false });
    window.told = { specs: [], end: null };
    env.addReporter({
      specDone: (s) => window.told.specs.push({ name: s.fullName, status: s.status, why: s.failedExpectations.map((f) => f.message) }),
      jasmineDone: (all) => { window.told.end = all.overallStatus; },
    });
  });
  await add(read(from.resolve("jasmine-ajax/package.json"), "../lib/mock-ajax.js"));
  await add(specs());
  await page.evaluate(() => void window.jasmine.getEnv().execute());
  await page.waitForFunction(() => window.told.end !== null, null, { timeout: 120_000 });
  const { specs: all, end } = await page.evaluate(() => window.told);
  const failed = all.filter((s) => s.status !== "passed");
  assert.deepEqual(failed, []);
  assert.equal(end, "passed");
  const reached = all.filter((s) => / end-to-end /.test(s.name));
  assert.equal(reached.length, 2);
  assert.ok(all.length >= 50, `${all.length} specs`);
  assert.deepEqual(asked, ["POST 201", "PATCH 204", "GET 200", "HEAD 200", "DELETE 204", "GET 404", "POST 201", "PATCH 204", "GET 200", "HEAD 200"]);
  console.log(`# ${all.length} specs of tus-js-client passed, ${reached.length} of them against the daemon`);
});
