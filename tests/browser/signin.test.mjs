/* What a person sees who opens a sign-in link that is good, used up, cut off, or opened where they are in already. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, shot, startHub } from "./harness.mjs";

const skip = !bin && "BARAZA_BIN is not set";
const button = ".signin button.primary";
let hub;

before(async () => {
  if (!skip) hub = await startHub();
});
after(() => hub?.end());

test("a used-up link says so, where the eye and the focus are", { skip }, async () => {
  const link = hub.link("amina.diop");
  const first = await hub.visitor();
  await first.page.goto(hub.url + link);
  await first.page.click(button);
  await first.page.waitForSelector(".bar h1");

  const { page } = await hub.visitor({ viewport: { width: 360, height: 740 } });
  await page.goto(hub.url + link);
  await page.click(button);
  await page.waitForFunction(() => document.activeElement?.matches(".signin .error"));
  assert.match(await page.textContent(".signin .error"), /used already or has expired/);
  const above = (a, b) => page.evaluate(([x, y]) =>
    document.querySelector(x).getBoundingClientRect().bottom <= document.querySelector(y).getBoundingClientRect().top, [a, b]);
  assert.ok(await above(".signin .error", ".signin .card"), "the reason comes before the way out");
  assert.match(await page.textContent(".signin .card"), /E-mail address/, "who is a member gets a code by mail");
  assert.match(await page.textContent(".signin details"), /How to get in/);
  assert.equal(await page.$(".signin a.button"), null, "nobody is signed in here");
  await shot(page, "signin-used");

  // Who is signed in here goes on with one press.
  await first.page.goto(`${hub.url}/me`);
  await first.page.waitForSelector(".bar h1");
  await first.page.goto("about:blank");
  await first.page.goto(hub.url + link);
  await first.page.click(button);
  await first.page.click(".signin a.button");
  await first.page.waitForSelector(".bar h1");
});

test("a link that was cut off says so at once; a full stop copied along does no harm", { skip }, async () => {
  const { page } = await hub.visitor({ locale: "fr-FR" });
  const link = hub.link("amina.diop");
  await page.goto(hub.url + link.slice(0, -4));
  await page.waitForSelector(".signin .error:not(:empty)");
  assert.match(await page.textContent(".signin .error"), /incomplet/);
  assert.equal(await page.getByRole("button", { name: "Se connecter" }).count(), 0);
  assert.ok(!page.url().includes("#"), "no part of a code stays in the address");

  // The whole one, pasted into the address of the same tab: only the part after # differs.
  await page.goto(`${hub.url}${link}.`);
  await page.click(button);
  await page.waitForSelector(".bar h1");
});

test("without a connection the link stays good", { skip }, async () => {
  const { page, context } = await hub.visitor();
  await page.goto(hub.url + hub.link("amina.diop"));
  await page.waitForSelector(button);
  await context.setOffline(true);
  await page.click(button);
  await page.waitForSelector(".signin .error:not(:empty)");
  assert.match(await page.textContent(".signin .error"), /still good/);
  await context.setOffline(false);
  await page.click(button);
  await page.waitForSelector(".bar h1");
});
