/* Moderators put threads where they belong: another window sees it at once, and it can be taken back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bin, has, holdUndo, newThread, rpc, shot, startHub } from "./harness.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const phone = { viewport: { width: 320, height: 640 } };
let hub;
let n = 0;
const cid = () => `th${Date.now()}${n++}`;
before(async () => {
  if (!skip) hub = await startHub();
});
after(async () => {
  await hub?.end();
});

const inRoom = (page, name) =>
  page.waitForFunction(
    (room) => document.querySelector(".region a")?.textContent === room,
    name,
  );

test("a thread is moved into another room, seen by another window, and moved back", { skip }, async () => {
  const mod = await hub.member("moussa.kone", phone);
  const made = await newThread(mod.page, "Moved about", "Where does this belong?");
  const { rooms } = await rpc(mod.page, "room.list", {});
  const old = rooms.find((r) => r.id === made.room);
  const other = rooms.find((r) => r.access === "open" && r.id !== made.room);
  const amina = await hub.member("amina.diop");
  await amina.page.goto(`${hub.url}/t/${made.id}`);
  await has(amina.page, "Where does this belong?");
  await mod.page.goto(`${hub.url}/t/${made.id}`);
  await mod.page.click('.bar button[aria-haspopup="dialog"]');
  await mod.page.getByRole("button", { name: "Move to another room" }).click();
  await mod.page.selectOption("dialog select", other.id);
  await shot(mod.page, "move-thread-320");
  const wide = await mod.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} px too wide`);
  await mod.page.waitForSelector("dialog .primary:not([disabled])");
  await mod.page.focus("dialog select");
  await mod.page.keyboard.press("Tab");
  await mod.page.keyboard.press("Enter");
  await holdUndo(mod.page);
  await inRoom(amina.page, other.name);
  await inRoom(mod.page, other.name);
  await amina.page.waitForFunction((name) => document.querySelector(".toast")?.textContent.includes(name), other.name);
  await mod.page.getByRole("button", { name: "Undo" }).click();
  await inRoom(amina.page, old.name);
  await mod.context.close();
  await amina.context.close();
});

test("a moderator features a thread: others find it at home; and locks the editing of a message", { skip }, async () => {
  const author = await hub.member("amina.diop");
  const made = await newThread(author.page, "Fares for all", "What we agreed upon.");
  const mod = await hub.member("moussa.kone", phone);
  const reader = await hub.member("grace.nakato", phone);
  await rpc(reader.page, "read.mark", { thread: made.id, seq: 1 << 30 }); /* else it stands among what is unread */
  await reader.page.goto(`${hub.url}/`);
  await reader.page.waitForSelector("h1");
  await mod.page.goto(`${hub.url}/t/${made.id}`);
  await has(mod.page, "What we agreed upon.");
  await author.page.goto(`${hub.url}/t/${made.id}`);
  await has(author.page, "What we agreed upon.");
  await mod.page.click('.bar button[aria-haspopup="dialog"]');
  await mod.page.getByRole("button", { name: "Feature for four weeks" }).click();
  const group = reader.page.locator(".group", { has: reader.page.locator("h2", { hasText: "Featured" }) });
  await group.getByText("Fares for all").waitFor();
  await shot(reader.page, "featured-360");
  await mod.page.waitForSelector(".thread-head .chip");

  await mod.page.click(".post .more");
  await mod.page.getByRole("button", { name: "Lock editing" }).click();
  await author.page.waitForSelector(".post .chip >> text=Editing locked");
  await author.page.click(".post .more");
  await author.page.getByRole("button", { name: "Remove" }).waitFor();
  assert.equal(await author.page.getByRole("button", { name: "Edit", exact: true }).count(), 0);
  await shot(author.page, "fixed-1280");

  await mod.page.click('.bar button[aria-haspopup="dialog"]');
  await mod.page.getByRole("button", { name: "No longer feature" }).click();
  await group.waitFor({ state: "detached" });
  for (const m of [author, mod, reader]) await m.context.close();
});

test("a thread that goes where one may not read leaves the screen with a word", { skip }, async () => {
  const admin = await hub.member("zainab.admin");
  const { regions } = await rpc(admin.page, "room.list", {});
  const room = await rpc(admin.page, "room.create", {
    region: regions[0].id, slug: "board", name: "Board", access: "private", cid: cid(),
  });
  const made = await newThread(admin.page, "Not for all", "A private matter.");
  const amina = await hub.member("amina.diop");
  await amina.page.goto(`${hub.url}/t/${made.id}`);
  await has(amina.page, "A private matter.");
  await rpc(admin.page, "thread.move", { thread: made.id, room: room.id, cid: cid() });
  await amina.page.waitForFunction(() => /room that is not open to you/.test(document.body.textContent));
  assert.equal(await amina.page.evaluate(() => document.body.textContent.includes("A private matter.")), false);
  await amina.page.goto(`${hub.url}/r/${made.room}`);
  await amina.page.waitForSelector(".rows");
  assert.equal(await amina.page.evaluate(() => document.body.textContent.includes("Not for all")), false);
  await amina.context.close();
  await admin.context.close();
});

test("messages of a lobby become a thread of their own, live in another window, and go back", { skip }, async () => {
  const mod = await hub.member("moussa.kone", phone);
  const amina = await hub.member("amina.diop");
  const { rooms } = await rpc(mod.page, "room.list", {});
  const room = rooms.find((r) => r.joined && r.access === "open");
  const posts = [];
  for (const text of ["Which tram?", "The yellow one.", "By the way: lunch?", "It is on time."])
    posts.push((await rpc(amina.page, "post.create", { thread: room.chat, text, cid: cid() })).id);
  await amina.page.goto(`${hub.url}/t/${room.chat}`);
  await has(amina.page, "It is on time.");
  await mod.page.goto(`${hub.url}/t/${room.chat}`);
  await has(mod.page, "It is on time.");
  await mod.page.click('.bar button[aria-haspopup="dialog"]');
  await mod.page.getByRole("button", { name: "Move messages" }).click();
  const box = (id) => `[id="${id}"] input.choose`;
  await mod.page.focus(box(posts[0]));
  await mod.page.keyboard.press("Space");
  await mod.page.click(box(posts[3]));
  await mod.page.getByRole("button", { name: "All between" }).click();
  await mod.page.click(box(posts[2]));
  await mod.page.waitForFunction(() => /^3 messages chosen/.test(document.querySelector(".choosing p")?.textContent));
  await shot(mod.page, "choose-320");
  assert.ok((await mod.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
  await mod.page.getByRole("button", { name: "Move…" }).click();
  await mod.page.fill("dialog input", "The yellow tram");
  await shot(mod.page, "move-posts-320");
  await mod.page.click("dialog .primary");
  await holdUndo(mod.page);
  const gone = (page, id) => page.waitForFunction((i) => document.getElementById(i) === null, id);
  const there = (page, id) => page.waitForFunction((i) => document.getElementById(i) !== null, id);
  for (const { page } of [mod, amina]) {
    await gone(page, posts[0]);
    await there(page, posts[2]);
  }
  assert.equal(await mod.page.$(".choosing"), null);
  const { hits } = await rpc(amina.page, "search.query", { text: "yellow" });
  const thread = hits.find((h) => h.title === "The yellow tram").thread;
  assert.ok(hits.every((h) => h.thread === thread || h.post !== posts[1]));
  const other = await amina.another();
  await other.goto(`${hub.url}/t/${room.chat}/${posts[1]}`); // an old link
  await other.waitForURL(`${hub.url}/t/${thread}/${posts[1]}`);
  await there(other, posts[3]);
  await mod.page.getByRole("button", { name: "Undo" }).click();
  await there(amina.page, posts[0]);
  await other.waitForURL(new RegExp(`/t/${room.chat}`)); // the thread is no more: it leads back
  await there(mod.page, posts[3]);
  await mod.context.close();
  await amina.context.close();
});

test("a thread is merged into another: links lead there, a reply that was begun comes along", { skip }, async () => {
  const mod = await hub.member("moussa.kone");
  const amina = await hub.member("amina.diop", phone);
  const one = await newThread(mod.page, "Twice asked one", "The same question.");
  const two = await newThread(mod.page, "Twice asked two", "The same question again.");
  await amina.page.goto(`${hub.url}/t/${two.id}`);
  await has(amina.page, "The same question again.");
  await amina.page.fill(".composer textarea", "I was about to say");
  await mod.page.goto(`${hub.url}/t/${two.id}`);
  await mod.page.click('.bar button[aria-haspopup="dialog"]');
  await mod.page.getByRole("button", { name: "Merge into another thread" }).click();
  await mod.page.fill("dialog input", "Twice asked one");
  await mod.page.click('dialog .choices button:has-text("Twice asked one")');
  await mod.page.click("dialog .primary");
  for (const { page } of [mod, amina]) {
    await page.waitForURL(new RegExp(`/t/${one.id}`));
    await has(page, "The same question again.");
    await has(page, "The same question.");
  }
  assert.equal(await amina.page.inputValue(".composer textarea"), "I was about to say");
  await mod.page.goto(`${hub.url}/t/${two.id}`);
  await mod.page.waitForURL(new RegExp(`/t/${one.id}`));
  await mod.context.close();
  await amina.context.close();
});

test("each act of the thread's sheet can be taken back for ten seconds", { skip }, async () => {
  const mod = await hub.member("moussa.kone", phone);
  const made = await newThread(mod.page, "To and fro", "What was it?");
  const now = async () => (await rpc(mod.page, "thread.get", { thread: made.id })).thread;
  const settled = async (test) => {
    for (let i = 0; i < 100 && !test(await now()); i++) await mod.page.waitForTimeout(50);
    assert.ok(test(await now()));
  };
  await mod.page.goto(`${hub.url}/t/${made.id}`);
  await mod.page.waitForSelector(".composer");
  const reply = (await rpc(mod.page, "post.create", { thread: made.id, text: "This", cid: "tofro1" })).id;
  await rpc(mod.page, "thread.answer", { thread: made.id, post: reply, cid: "tofro2" });
  for (const [name, is] of [["Lock", (th) => th.locked], ["Pin", (th) => th.pinned && !th.pinned_until], ["Pin for a week", (th) => th.pinned_until > 0],
                            [/^Feature/, (th) => th.featured], ["Close", (th) => th.closed], ["Archive", (th) => th.archived],
                            [/discussion/i, (th) => th.kind === "discussion"]]) {
    await mod.page.click('.bar button[aria-haspopup="dialog"]');
    await mod.page.locator("dialog .buttons").getByRole("button", { name, exact: typeof name === "string" }).click();
    await settled(is);
    assert.match(await mod.page.textContent(".toast"), /Done:/);
    assert.ok((await mod.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
    await mod.page.click(".toast button >> text=Undo");
    await settled((th) => !is(th));
  }
  await settled((th) => th.answer === reply && th.kind === "question");
  await mod.page.click('.bar button[aria-haspopup="dialog"]');
  await mod.page.fill("dialog form input", "Renamed");
  await mod.page.click("dialog form button");
  await settled((th) => th.title === "Renamed");
  await shot(mod.page, "undo-320");
  await mod.page.click(".toast button >> text=Undo");
  await settled((th) => th.title === "To and fro");
  await mod.context.close();
});

test("its author closes a thread and opens it again; moderators archive one, and it is found in the archive", { skip }, async () => {
  const amina = await hub.member("amina.diop", phone);
  const mod = await hub.member("moussa.kone");
  const made = await newThread(amina.page, "Soon over", "Who comes tomorrow?");
  await mod.page.goto(`${hub.url}/t/${made.id}`);
  await has(mod.page, "Who comes tomorrow?");
  await amina.page.goto(`${hub.url}/t/${made.id}`);
  const tool = async (page, name) => {
    await page.click('.bar button[aria-haspopup="dialog"]');
    await page.locator("dialog").getByRole("button", { name, exact: true }).click();
  };
  await amina.page.waitForSelector(".composer");
  await amina.page.click('.bar button[aria-haspopup="dialog"]');
  await amina.page.locator('dialog .buttons button:has-text("Close")').click();
  await mod.page.waitForSelector(".note.locked");
  assert.equal(await mod.page.$(".composer"), null);
  await shot(amina.page, "closed-320");
  await tool(amina.page, "Open again");
  await mod.page.waitForSelector(".composer");
  await tool(mod.page, "Archive");
  await holdUndo(mod.page);
  await amina.page.waitForFunction(() => /archived/.test(document.querySelector(".note.locked")?.textContent));
  await amina.page.goto(`${hub.url}/r/${made.room}`);
  await amina.page.waitForSelector(".rows .row");
  assert.equal(await amina.page.getByText("Soon over").count(), 0);
  await amina.page.getByRole("button", { name: "Archive" }).click();
  await amina.page.getByText("Soon over").waitFor();
  await mod.page.getByRole("button", { name: "Undo" }).click();
  await mod.page.waitForSelector(".composer");
  await amina.page.getByRole("button", { name: "All", exact: true }).click();
  await amina.page.getByText("Soon over").waitFor();
  await amina.context.close();
  await mod.context.close();
});
