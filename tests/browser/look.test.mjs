/* The main screens look as they did: on a phone and a desktop, light and dark, against the pictures in look/.
 * What moves with time stands still: the community is made at one moment, the page's clock too, nothing is animated.
 * A picture may differ in 0.1 % of its points; a point differs by more than a tenth of the way from black to white.
 * BARAZA_LOOK=renew writes the pictures anew. Differences go to the folder BARAZA_LOOK_OUT, or one that is named. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { bin, startHub } from "./harness.mjs";

const AT = "2026-03-12 15:00:00";
const POINTS = 0.001;
const SHADE = 0.1;
const kept = new URL("look/", import.meta.url).pathname;
const renew = process.env.BARAZA_LOOK === "renew";

/* The letters of another font are another picture. */
function lacks() {
  if (!bin) return "BARAZA_BIN is not set";
  if (spawnSync("faketime", ["--version"]).error) return "faketime is not installed";
  const font = execFileSync("fc-match", ["-f", "%{family}", "system-ui"], { encoding: "utf8" });
  return font.startsWith("DejaVu Sans") ? false : `the pictures are set in DejaVu Sans, here it is ${font}`;
}
const skip = lacks();

const THREAD = 'a.row:has-text("Pistes cyclables")';
const SCREENS = {
  catchup: ["/", ".with-acts a.row"],
  rooms: ["/rooms", ".rows a.row"],
  thread: ["", ".post[data-seq]"],
  ask: ["/ask", "form textarea"],
  me: ["/me", ".langs"],
};
const SIZES = { 360: { width: 360, height: 740 }, 1280: { width: 1280, height: 800 } };
let out;

/* Two pictures that are alike, and nothing on the way any more. */
async function still(page) {
  await page.waitForFunction(() => !document.querySelector(".skeleton"));
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
  let last = null;
  for (let i = 0; i < 60; i++) {
    const now = await page.screenshot({ animations: "disabled", caret: "hide" });
    if (last?.equals(now)) return now;
    last = now;
    await new Promise((go) => setTimeout(go, 400));
  }
  throw new Error("the screen does not come to rest");
}

/* What is wrong, or nothing. */
function compare(name, picture) {
  const file = join(kept, `${name}.png`);
  if (renew) {
    mkdirSync(kept, { recursive: true });
    writeFileSync(file, picture);
    return "";
  }
  if (!existsSync(file)) return `${name}: there is no picture; BARAZA_LOOK=renew makes it`;
  const [was, is] = [PNG.sync.read(readFileSync(file)), PNG.sync.read(picture)];
  if (is.width !== was.width || is.height !== was.height) return `${name}: another size`;
  const diff = new PNG({ width: is.width, height: is.height });
  const points = pixelmatch(was.data, is.data, diff.data, is.width, is.height, { threshold: SHADE });
  if (points <= is.width * is.height * POINTS) return "";
  out ??= process.env.BARAZA_LOOK_OUT ?? mkdtempSync(join(tmpdir(), "baraza-look-"));
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, `${name}.is.png`), picture);
  writeFileSync(join(out, `${name}.diff.png`), PNG.sync.write(diff));
  return `${name}: ${points} points differ, see ${out}`;
}

for (const [width, viewport] of Object.entries(SIZES))
  for (const colorScheme of ["light", "dark"])
    test(`${width} px, ${colorScheme}`, { skip }, async (t) => {
      const hub = await startHub({ at: AT }); // each its own: what was read elsewhere is unread here
      t.after(() => hub.end());
      const { page } = await hub.visitor({
        viewport,
        colorScheme,
        hasTouch: width === "360",
        isMobile: width === "360",
        reducedMotion: "reduce",
        timezoneId: "UTC",
        serviceWorkers: "block",
      });
      await page.clock.setFixedTime(new Date(`${AT.replace(" ", "T")}Z`));
      const wrong = [];
      const look = async (name) =>
        wrong.push(compare(`${width}-${colorScheme}-${name}`, await still(page)));
      await page.goto(hub.url + hub.link("amina.diop"));
      await page.waitForSelector(".signin button.primary");
      await look("signin");
      await page.click(".signin button.primary");
      await page.waitForSelector(THREAD);
      const thread = await page.getAttribute(THREAD, "href");
      for (const [name, [path, sign]] of Object.entries(SCREENS)) {
        await page.goto(hub.url + (path || thread));
        await page.waitForSelector(sign);
        await look(name);
      }
      assert.deepEqual(wrong.filter(Boolean), []);
    });
