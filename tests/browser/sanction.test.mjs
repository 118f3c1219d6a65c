/* Who somebody is, and what moderators do about them: from the name to a silence, what the silenced person sees, their appeal,
 * and another moderator who lifts it; a ban closes the page and says why. At 320 px, and by keyboard. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, holdUndo, newThread, rpc, send, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const small = { viewport: { width: 320, height: 640 } };
let hub;
before(async () => {
  if (!skip) hub = await startHub();
});
after(async () => {
  await hub?.end();
});

const fits = async (page) =>
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "it scrolls sideways");

test("a silence from the name; the member sees why, appeals, and another moderator lifts it", { skip }, async () => {
  const mod = await hub.member("moussa.kone", small);
  const author = await hub.member("amina.diop", small);
  const admin = await hub.member("zainab.admin");
  const reader = await hub.member("grace.nakato");
  const { id, room } = await newThread(author.page, "A heated talk", "It began well.");
  for (const m of [mod, author, reader]) {
    await m.page.goto(`${hub.url}/t/${id}`);
    await m.page.waitForSelector(".post[data-seq]");
  }

  await reader.page.click(".post .who"); /* others read who it is, no more */
  await reader.page.waitForSelector("dialog .person");
  assert.match(await reader.page.textContent("dialog"), /@amina\.diop/);
  assert.deepEqual(await reader.page.locator("dialog .buttons button").allTextContents(), ["Block"]);
  await reader.page.keyboard.press("Escape");

  await mod.page.focus(".post .more"); /* by keyboard: among the message's actions */
  await mod.page.keyboard.press("Enter");
  await mod.page.focus(".actions button >> text=About Amina Diop");
  await mod.page.keyboard.press("Enter");
  await mod.page.waitForSelector("dialog .note >> text=Nothing in the record");
  await fits(mod.page);
  await shot(mod.page, "person-320");
  await mod.page.click("dialog .buttons button >> text=Silence");
  const why = "dialog dialog";
  await mod.page.check(`${why} input[value=rude]`);
  await mod.page.selectOption(`${why} select`, { label: "7 days" });
  await mod.page.fill(`${why} input:not([type])`, "Come back calmer");
  await fits(mod.page);
  await shot(mod.page, "silence-320");
  await mod.page.click(`${why} .primary`);
  await holdUndo(mod.page);
  await author.page.waitForSelector(".held");
  assert.match(await author.page.textContent(".held"), /You read here, but do not write\. Until .*Offends or attacks people – Come back calmer.*Moderator/s);
  assert.equal(await author.page.locator(".composer").count(), 0);
  assert.equal(await reader.page.locator(".held").count(), 0);
  await fits(author.page);
  await shot(author.page, "held-320");

  assert.equal(await mod.page.locator("dialog").count(), 0); /* nothing stands before what is told of it */
  await mod.page.click(".toast button >> text=Undo");
  await author.page.waitForSelector(".composer");
  await mod.page.click(".post .who");
  await mod.page.waitForSelector("dialog .record >> text=Lifted");
  await mod.page.click("dialog .buttons button >> text=Silence");
  await mod.page.check(`${why} input[value=rude]`);
  await mod.page.click(`${why} .primary`);
  await author.page.waitForSelector(".held");

  await author.page.goto(`${hub.url}/ask/${room}`); /* nor does a new thread go there */
  await author.page.waitForSelector(".held");
  assert.equal(await author.page.locator("form .primary").isDisabled(), true);
  await author.page.goto(`${hub.url}/r/${room}`);
  await author.page.waitForSelector(".held");
  assert.equal(await author.page.locator('a[href^="/ask/"]').count(), 0);
  await author.page.goto(`${hub.url}/t/${id}`); /* it is known again */
  await author.page.waitForSelector(".held");
  await author.page.click(".held button >> text=Appeal");
  await author.page.fill("dialog textarea", "I was quoting somebody");
  await author.page.click("dialog .primary");
  await author.page.waitForSelector(".held >> text=You appealed");
  await mod.page.goto(`${hub.url}/queue`);
  await mod.page.waitForSelector(".matter");
  assert.match(await mod.page.textContent(".matter"), /Amina Diop appeals.*You acted in this yourself/s);
  await admin.page.goto(`${hub.url}/queue`);
  await admin.page.waitForSelector(".matter >> text=I was quoting somebody");
  await admin.page.waitForSelector(".matter blockquote >> text=Silence · Offends or attacks people");
  await admin.page.click(".matter button >> text=Lift");
  await admin.page.click(".filters button >> text=Decided");
  await author.page.waitForSelector(".composer");
  await send(author.page, "Thank you");

  await reader.page.goto(`${hub.url}/r/${room}`);
  await reader.page.click(".about a >> text=Moderation log");
  await reader.page.waitForSelector(".act");
  const told = await reader.page.$$eval(".act", (all) => all.map((a) => a.innerText.replace(/\s+/g, " ")));
  assert.match(told[0], /Lifted: a measure against a member/);
  assert.match(told[1], /Silence for a member Offends or attacks people Moderator/);
  for (const m of [mod, author, admin, reader]) await m.context.close();
});

test("nobody is offered acts against who is as much as they are, or more", { skip }, async () => {
  const mod = await hub.member("moussa.kone", small);
  const admin = await hub.member("zainab.admin");
  const { id } = await newThread(admin.page, "By an admin", "Words.");
  await mod.page.goto(`${hub.url}/t/${id}`);
  await mod.page.waitForSelector(".post[data-seq]");
  await mod.page.click(".post .who");
  await mod.page.waitForSelector("dialog .note >> text=Somebody with a higher role has to do this.");
  await mod.page.waitForSelector("dialog .note >> text=Nothing in the record");
  assert.deepEqual(await mod.page.locator("dialog .buttons button").allTextContents(), ["Block"]);
  await fits(mod.page);
  for (const m of [mod, admin]) await m.context.close();
});

test("a ban closes the page at once and says why; what is left is to appeal", { skip }, async () => {
  const admin = await hub.member("zainab.admin");
  const author = await hub.member("ibrahima.sarr", small);
  const { id, room } = await newThread(author.page, "Last words", "Here.");
  await author.page.goto(`${hub.url}/t/${id}`);
  await author.page.waitForSelector(".post[data-seq]");
  const me = (await rpc(admin.page, "member.list", { prefix: "ibrahima" })).members[0].id;
  await rpc(admin.page, "member.sanction", { member: me, act: "warn", room, rule: "off_topic", cid: "w1" });
  await author.page.waitForSelector(".held >> text=The moderators warn you"); /* told once, and nothing is taken */
  assert.equal(await author.page.locator(".composer").count(), 1);
  await author.page.click(".held button >> text=Understood");
  await author.page.reload();
  await author.page.waitForSelector(".composer");
  assert.equal(await author.page.locator(".held").count(), 0);
  await rpc(admin.page, "member.sanction", { member: me, act: "ban", rule: "spam", reason: "Nothing but links", cid: "b1" });
  await author.page.waitForSelector("h1 >> text=You cannot come in now");
  await author.page.waitForSelector(".held");
  assert.match(await author.page.textContent(".held"), /You are banned.*Nothing but links/s);
  await fits(author.page);
  await shot(author.page, "barred-320");
  await author.page.reload();
  await author.page.waitForSelector(".held");
  assert.equal((await author.page.textContent("body")).includes("Last words"), false);
  await author.page.click(".held button >> text=Appeal");
  await author.page.fill("dialog textarea", "I sold nothing");
  await author.page.click("dialog .primary");
  await author.page.waitForSelector(".held >> text=You appealed");
  const { sanctions } = await rpc(admin.page, "sanction.list", { member: me });
  assert.equal(sanctions[0].appealed, true);
  await rpc(admin.page, "member.pardon", { sanction: sanctions[0].id, rule: "undone", cid: "p1" });
  await author.page.click("button >> text=Try again");
  await author.page.waitForSelector(".post[data-seq]");
  for (const m of [admin, author]) await m.context.close();
});
