/* Moderation in the open: what is hidden, why, and who still sees it, live on three screens; taken back within ten seconds, or
 * restored afterwards. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, holdUndo, newThread, rpc, send, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
let hub;
before(async () => {
  if (!skip) hub = await startHub();
});
after(async () => {
  await hub?.end();
});

const words = "Words that hurt somebody";
const shows = (page, text, yes = true) =>
  page.waitForFunction(
    ([t, on]) => document.querySelector(".posts, main")?.textContent.includes(t) === on,
    [text, yes],
  );

test("a moderator hides a message with a reason; its author and moderators still see it, and it comes back", { skip }, async () => {
  const mod = await hub.member("moussa.kone", { viewport: { width: 360, height: 740 } });
  const author = await hub.member("amina.diop");
  const reader = await hub.member("grace.nakato");
  const { id } = await newThread(author.page, "A quarrel", "It began well.");
  for (const m of [mod, author, reader]) {
    await m.page.goto(`${hub.url}/t/${id}`);
    await m.page.waitForSelector(".post[data-seq]");
  }
  await send(author.page, words);
  await shows(reader.page, words);
  await shows(mod.page, words);

  await mod.page.click(".post:last-child .more");
  await mod.page.waitForFunction(
    () =>
      document.querySelector(".actions")?.getBoundingClientRect().bottom <=
      document.querySelector(".composer").getBoundingClientRect().top,
  ); /* all of them in view, though the message is the last one */
  await mod.page.click(".actions button >> text=Hide");
  await mod.page.click("dialog .primary");
  assert.match(await mod.page.textContent("dialog .error"), /choose a reason/);
  await mod.page.check("dialog input[value=rude]");
  await mod.page.fill("dialog input:not([type])", "We talk about buses");
  await shot(mod.page, "hide-360");
  await mod.page.click("dialog .primary");
  await holdUndo(mod.page);
  await shows(reader.page, words, false);
  assert.match(await reader.page.textContent(".post:last-child .hidden"), /Hidden by the moderators\..*Offends or attacks people – We talk about buses/);
  await author.page.waitForSelector(".post:last-child .hidden");
  assert.match(await author.page.textContent(".post:last-child"), /The moderators hid your message/);
  await shows(author.page, words);
  await shows(mod.page, words);
  await shot(reader.page, "hidden-reader");
  await shot(author.page, "hidden-author");
  await shot(mod.page, "hidden-mod-360");
  assert.equal(await reader.page.locator(".hidden button").count(), 0);

  await mod.page.click(".toast button >> text=Undo");
  await shows(reader.page, words);
  await reader.page.waitForSelector(".hidden", { state: "detached" });

  /* again, and restored from the post by who comes later */
  await mod.page.click(".post:last-child .more");
  await mod.page.click(".actions button >> text=Hide");
  await mod.page.check("dialog input[value=spam]");
  await mod.page.click("dialog .primary");
  await shows(reader.page, words, false);
  await mod.page.reload();
  await mod.page.waitForSelector(".hidden");
  await shows(mod.page, words);
  await reader.page.reload();
  await reader.page.waitForSelector(".hidden");
  await shows(reader.page, words, false);
  await mod.page.click(".hidden button");
  await shows(reader.page, words);
  for (const m of [mod, author, reader]) await m.context.close();
});

test("whoever reads a room reads in their language what was moderated there, and why", { skip }, async () => {
  const mod = await hub.member("moussa.kone");
  const { id, room } = await newThread(mod.page, "To be told", "Said.");
  const { posts } = await rpc(mod.page, "post.list", { thread: id });
  await rpc(mod.page, "post.hide", { post: posts[0].id, rule: "private_data", reason: "Un numéro", cid: "h1" });
  await rpc(mod.page, "thread.lock", { thread: id, locked: true, cid: "l1" });
  const { page, context } = await hub.member("grace.nakato", { viewport: { width: 360, height: 740 } });
  await page.goto(`${hub.url}/me`);
  await page.click(".langs button >> text=Français");
  await page.waitForFunction(() => document.documentElement.lang === "fr");
  await page.goto(`${hub.url}/r/${room}`);
  await page.click(".about a >> text=Journal de modération");
  await page.waitForSelector(".act");
  const told = await page.$$eval(".act", (all) => all.map((a) => a.innerText.replace(/\s+/g, " ")));
  assert.match(told[0], /Un fil a été verrouillé/);
  assert.match(told[1], /Un message de Moussa Koné a été masqué To be told Montre des données personnelles – Un numéro Modérat/);
  await shot(page, "log-360-fr");
  await page.click(".filters button >> text=Fils");
  await page.waitForFunction(() => [...document.querySelectorAll(".act")].every((a) => /fil/i.test(a.textContent)));
  await page.goBack();
  await page.waitForSelector(".about");
  await context.close();
  await mod.context.close();
});

test("report, claim, hide with a reason, appeal, and another moderator restores", { skip }, async () => {
  const phone = { viewport: { width: 360, height: 740 } };
  const reader = await hub.member("grace.nakato", phone);
  const author = await hub.member("amina.diop", phone);
  const mod = await hub.member("moussa.kone", phone);
  const admin = await hub.member("zainab.admin");
  const { id } = await newThread(author.page, "To be reported", "It began well.");
  for (const m of [author, reader]) {
    await m.page.goto(`${hub.url}/t/${id}`);
    await m.page.waitForSelector(".post[data-seq]");
  }
  await send(author.page, words);
  await shows(reader.page, words);
  await mod.page.goto(`${hub.url}/queue`);
  await mod.page.waitForSelector(".empty");
  await reader.page.click(".post:last-child .more");
  await reader.page.click(".actions button >> text=Report");
  await reader.page.selectOption("dialog select >> nth=1", "rude");
  await reader.page.fill("dialog input", "Please look at it");
  await shot(reader.page, "report-360");
  await reader.page.click("dialog .primary");
  await reader.page.waitForSelector("dialog", { state: "detached" });

  await mod.page.waitForSelector(".matter"); /* live */
  await mod.page.waitForSelector('.tabs a[href="/rooms"] .dot'); /* on every screen of a phone */
  assert.match(await mod.page.textContent(".matter"), /A message of Amina Diop.*Words that hurt.*Grace Nakato.*Offends or attacks people – Please look at it/s);
  await mod.page.click(".matter button >> text=I look at it");
  await mod.page.waitForSelector(".matter button >> text=Leave it to others");
  await shot(mod.page, "queue-360");
  await admin.page.goto(`${hub.url}/queue`);
  await admin.page.waitForSelector(".matter .note");
  assert.match(await admin.page.textContent(".matter .note"), /Moussa Koné looks at it/);
  await mod.page.click(".matter button >> text=Hide");
  await mod.page.check("dialog input[value=rude]");
  await mod.page.click("dialog .primary");
  await mod.page.waitForSelector(".matter", { state: "detached" });
  await mod.page.click(".toast button >> text=Undo"); /* nothing was sent yet */
  await mod.page.waitForSelector(".matter");
  await mod.page.click(".matter button >> text=Hide");
  await mod.page.check("dialog input[value=rude]");
  await mod.page.click("dialog .primary");
  await mod.page.click(".filters button >> text=Decided"); /* the ten seconds go on */
  await shows(reader.page, words, false);

  await author.page.waitForSelector(".hidden");
  await author.page.click(".hidden button >> text=Appeal");
  await author.page.fill("dialog textarea", "I meant the traffic, not the person");
  await shot(author.page, "appeal-360");
  await author.page.click("dialog .primary");
  await author.page.waitForFunction(() => /You appealed/.test(document.querySelector(".hidden")?.textContent));
  await mod.page.goto(`${hub.url}/queue`);
  await mod.page.waitForSelector(".matter .note");
  assert.match(await mod.page.textContent(".matter"), /another moderator decides/);
  assert.equal(await mod.page.locator(".matter .buttons").count(), 0);
  await admin.page.waitForFunction(() => /Amina Diop appeals/.test(document.querySelector(".matter")?.textContent ?? ""));
  await admin.page.click(".matter button >> text=Show again");
  await admin.page.goto(`${hub.url}/`); /* leaving the screen does not take it back */
  await shows(reader.page, words);
  await reader.page.goto(`${hub.url}/me`);
  await reader.page.waitForFunction(() => /It was hidden/.test(document.querySelector("main")?.textContent));
  for (const m of [reader, author, mod, admin]) await m.context.close();
});

test("nothing happened that the policy forbids", { skip }, () => assert.deepEqual(hub.reports, []));
