/* Moderators open rooms and invite, administrators add members; others see none of it. A room that
 * is empty invites to ask; on a narrow phone a city is not cut off beside a long name. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, rpc, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
let hub;
before(async () => {
  if (!skip) hub = await startHub();
});
after(async () => {
  await hub?.end();
});

test("a room is opened, its empty list asks for the first question, a person is invited", { skip }, async () => {
  const { page, context } = await hub.member("moussa.kone");
  await page.goto(`${hub.url}/rooms`);
  await page.click('.manage button >> nth=0');
  await page.fill("dialog input >> nth=0", "Électrobus & dépôts");
  assert.equal(await page.inputValue("dialog input >> nth=1"), "electrobus-depots");
  await page.selectOption("dialog select >> nth=1", "private");
  await shot(page, "manage-room");
  await page.click("dialog .primary");
  await page.waitForURL(/\/r\//);
  await page.waitForSelector(".empty .ask");
  await page.click('.about button[aria-haspopup="dialog"]');
  await page.fill("dialog input", "amina");
  await page.click("dialog .choices button");
  await page.click("dialog .primary");
  await page.waitForSelector("dialog", { state: "detached" });
  assert.match(await page.textContent(".toast"), /Invited/);
  await page.waitForFunction(() => document.activeElement !== document.body); /* the focus came back */
  const amina = await hub.member("amina.diop");
  const { rooms } = await rpc(amina.page, "room.list", {});
  assert.ok(rooms.some((r) => r.slug === "electrobus-depots"));
  await amina.page.goto(`${hub.url}/rooms`);
  await amina.page.waitForSelector(".rows");
  assert.equal(await amina.page.$(".manage"), null);
  await page.goto(`${hub.url}/rooms`);
  await page.click('.manage button >> nth=0');
  await page.fill("dialog input >> nth=0", "Twice");
  await page.fill("dialog input >> nth=1", "brt");
  const taken = (await rpc(page, "room.list", {})).rooms.find((r) => r.access === "open");
  await page.fill("dialog input >> nth=1", taken.slug);
  await page.selectOption("dialog select >> nth=0", taken.region);
  await page.click("dialog .primary");
  await page.waitForFunction(() => /taken/.test(document.querySelector("dialog .error")?.textContent));
  assert.equal(await page.inputValue("dialog input >> nth=0"), "Twice");
  await amina.context.close();
  await context.close();
});

test("a form says what it lacks, in the reader's words; no letters are offered to a finger", { skip }, async () => {
  const { page, context } = await hub.member("moussa.kone", {
    locale: "fr-FR",
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  await page.goto(`${hub.url}/rooms`);
  await page.waitForSelector('main .region >> text="Afrique"');
  await page.click(".manage button >> nth=0");
  const said = (words) =>
    page.waitForFunction((w) => document.querySelector("dialog .error")?.textContent.endsWith(w), words);
  await page.click("dialog .primary");
  await said("\u202f: Nom");
  await page.fill("dialog input >> nth=0", "Salle");
  await said("");
  await page.fill("dialog input >> nth=1", "Pas ainsi");
  await page.click("dialog .primary");
  await said("Nom dans le lien (Minuscules, chiffres et tirets)");
  await page.goto(`${hub.url}/me`);
  await page.waitForSelector(".settings");
  assert.deepEqual(
    await page.$$eval(".with-keys", (all) => all.map((el) => getComputedStyle(el).display)),
    ["none", "none"],
  );
  const wide = await hub.member("moussa.kone");
  await wide.page.goto(`${hub.url}/me`);
  await wide.page.waitForSelector(".with-keys button");
  await wide.context.close();
  await context.close();
});

test("a role given for a room opens its tools at once to who has it, and there alone", { skip }, async () => {
  const amina = await hub.member("amina.diop");
  const { rooms } = await rpc(amina.page, "room.list", {});
  const [room, other] = rooms.filter((r) => r.access === "open");
  await amina.page.goto(`${hub.url}/r/${room.id}`);
  await amina.page.waitForSelector(".about");
  const invite = amina.page.locator('.about button[aria-haspopup="dialog"]:not(:has-text("Settings"))');
  assert.equal(await invite.count(), 0);
  const { page, context } = await hub.member("zainab.admin");
  await page.goto(`${hub.url}/r/${room.id}`);
  await page.click(".about button >> text=Roles");
  await page.fill("dialog input >> nth=0", "amina");
  await page.click("dialog .choices button");
  await page.fill("dialog input >> nth=1", "Knows everybody here");
  await shot(page, "manage-roles");
  await page.click("dialog .primary");
  await page.waitForSelector("dialog", { state: "detached" });
  await invite.waitFor();
  assert.match(await amina.page.textContent(".about"), /Moderated by .*Amina Diop/);
  assert.equal(await invite.count(), 1); /* to invite, not to give roles */
  await amina.page.goto(`${hub.url}/r/${other.id}`);
  await amina.page.waitForSelector(".about");
  assert.equal(await invite.count(), 0);
  await amina.context.close();
  await context.close();
});

test("an administrator adds a member and learns how they get in", { skip }, async () => {
  const { page, context } = await hub.member("zainab.admin");
  await page.goto(`${hub.url}/rooms`);
  await page.click('.manage button:has-text("Add a member")');
  await page.fill("dialog input >> nth=0", "María José Quintanilla de la Cruz");
  await page.fill("dialog input >> nth=1", "maria.quintanilla");
  await page.fill("dialog input >> nth=2", "San Salvador");
  await page.click("dialog .primary");
  await page.waitForFunction(() => /baraza link maria.quintanilla/.test(document.querySelector(".toast")?.textContent));
  await context.close();
  const v = await hub.member("maria.quintanilla", { viewport: { width: 360, height: 740 } });
  const { rooms } = await rpc(v.page, "room.list", {});
  const room = rooms.find((r) => r.access === "open");
  await rpc(v.page, "room.join", { room: room.id, cid: "join1" });
  const made = await rpc(v.page, "thread.create", { room: room.id, title: "Hola", text: "Hola.", cid: "hola1" });
  await v.page.goto(`${hub.url}/t/${made.id}`);
  await v.page.waitForSelector(".post .place");
  const place = await v.page.$eval(".post .place", (el) => [el.textContent, el.scrollWidth - el.clientWidth]);
  assert.deepEqual(place, ["San Salvador", 0]);
  await shot(v.page, "place-360");
  await v.context.close();
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
