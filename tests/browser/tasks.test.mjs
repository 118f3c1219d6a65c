/* No picture holds the page up for long: on a processor at a quarter of this one's speed the longest
 * task of a first and of a later visit stays short. What counts is the processor time that the tasks
 * took, not the clock: a busy machine makes no task longer. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, startHub } from "./harness.mjs";
import { furnish } from "./states.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const SLOWER = 4;
const LONGEST_MS = 150; /* of the slow processor */
let hub, set;
before(async () => {
  if (skip) return;
  hub = await startHub();
  set = await furnish(hub);
});
after(async () => {
  await hub?.end();
});

/* The tasks of the page's own thread, in milliseconds of the slow processor, longest first. */
async function tasks(page, address) {
  await hub.browser.startTracing(page, { categories: ["devtools.timeline", "toplevel", "v8"] });
  await page.goto(address);
  await page.waitForSelector(".bar h1");
  await page.waitForTimeout(2_500); /* what comes over the line, too */
  const { traceEvents: all } = JSON.parse(String(await hub.browser.stopTracing()));
  const ours = all.find((e) => /^(v8\.compileModule|FunctionCall)$/.test(e.name) && /\/a\/app\./.test(e.args?.data?.url));
  return all
    .filter((e) => e.pid === ours.pid && e.tid === ours.tid && /RunTask$/.test(e.name) && e.tdur)
    .map((e) => Math.round((e.tdur / 1000) * SLOWER))
    .sort((a, b) => b - a);
}

for (const name of ["catchup", "thread"])
  test(`the longest task of a visit: ${name}`, { skip }, async () => {
    const runs = [];
    const least = (visit) => Math.min(...runs.map((r) => r[visit]));
    /* A neighbour on the same core empties its caches: the quietest of some runs counts, and the first good ones do. */
    for (let i = 0; i < 6 && !(least("first") <= LONGEST_MS && least("later") <= LONGEST_MS); i++) {
      const context = await hub.browser.newContext({
        viewport: { width: 412, height: 823 },
        isMobile: true,
        storageState: set.state,
      });
      const page = await context.newPage();
      const { path } = set.screens.find((x) => x.name === name);
      const first = await tasks(page, hub.url + path);
      const later = await tasks(page, hub.url + path);
      runs.push({ first: first[0], later: later[0] });
      await context.close();
    }
    console.log(`${name}, longest tasks in ms: ${JSON.stringify(runs)}`);
    for (const visit of ["first", "later"]) assert.ok(least(visit) <= LONGEST_MS, `${visit}: ${least(visit)}`);
  });
