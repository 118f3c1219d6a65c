/* Lighthouse as on a mid-range phone, on the two screens that are read most. A run takes ten
 * seconds and wants the machine for itself, and a Release build: only with BARAZA_LONG=1. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { ARGS, bin, freePort, startHub } from "./harness.mjs";
import { furnish } from "./states.mjs";

const skip = !bin ? "BARAZA_BIN is not set" : !process.env.BARAZA_LONG && "BARAZA_LONG is not set";
const LEAST = { performance: 0.95, accessibility: 1, "best-practices": 1 };
const FLOORS = { catchup: LEAST, thread: LEAST };
let hub, set, browser, over, port;
before(async () => {
  if (skip) return;
  hub = await startHub();
  set = await furnish(hub);
  port = await freePort();
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [...ARGS, `--remote-debugging-port=${port}`],
  });
  /* Lighthouse opens its page in the browser's own context, which only CDP reaches. */
  over = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  await over.contexts()[0].addCookies(set.state.cookies);
  /* The page of those who are not signed in would pass too easily. */
  const asked = await over.contexts()[0].request.get(`${hub.url}/rpc/catchup.list?limit=1`);
  assert.equal(asked.status(), 200);
});
after(async () => {
  await over?.close();
  await browser?.close();
  await hub?.end();
});

async function measure(url) {
  const { default: lighthouse } = await import("lighthouse");
  const { lhr } = await lighthouse(url, {
    port,
    output: "json",
    onlyCategories: Object.keys(LEAST),
    disableStorageReset: true,
  });
  const failed = Object.values(lhr.audits)
    .filter((a) => a.score !== null && a.score < 0.9)
    .map((a) => `${a.id} ${a.displayValue ?? ""}`);
  const scores = Object.fromEntries(Object.entries(lhr.categories).map(([k, c]) => [k, c.score]));
  return { scores, failed };
}

for (const name of Object.keys(FLOORS))
  test(`Lighthouse on a phone: ${name}`, { skip }, async () => {
    const { path } = set.screens.find((x) => x.name === name);
    const floors = FLOORS[name];
    const runs = [];
    for (let i = 0; i < 3; i++) {
      const run = await measure(hub.url + path);
      runs.push(run);
      if (Object.entries(floors).every(([k, least]) => run.scores[k] >= least)) break;
    }
    console.log(`${name}: ${JSON.stringify(runs.map((r) => r.scores))}`);
    for (const [k, least] of Object.entries(floors)) {
      const best = Math.max(...runs.map((r) => r.scores[k]));
      assert.ok(best >= least, `${k} ${best}: ${runs.at(-1).failed.join("; ")}`);
    }
  });
