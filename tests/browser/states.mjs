/* The screens and the states of screens that every test of look and access walks through. */
import { newThread, rpc } from "./harness.mjs";

export const settled = (page) =>
  page.waitForFunction(
    () =>
      document.querySelector(".bar h1, .signin h1") !== null &&
      document.querySelector(".skeleton") === null &&
      [...document.querySelectorAll(".bar a")].every(
        (a) => a.textContent !== "" || a.hasAttribute("aria-label"),
      ),
  );

const press = (key, selector) => async (page) => {
  await page.keyboard.press(key);
  await page.waitForSelector(selector);
};

/* One of the acts on the first post. */
const act = (button) => async (page) => {
  await page.hover(".post[data-seq]");
  await page.click(".post[data-seq] button.more");
  await page.click(`.actions .buttons ${button}`);
  await page.waitForSelector("dialog[open]");
};

/* A thread with everything in it, and the state of a moderator who is signed in. */
export async function furnish(hub) {
  const v = await hub.member("moussa.kone");
  const made = await newThread(
    v.page,
    "Peinture des voies BRT : quel coût par kilomètre en 2026 ?",
    "Bonjour, **combien** avez-vous payé ?\n\n| Ville | USD/km |\n|---|---|\n| Lagos | 0.9 M |\n\n> `km`\n\n- avec [séparateurs](https://example.org/)\n- sans stations",
  );
  const say = (text, more) =>
    rpc(v.page, "post.create", { thread: made.id, text, cid: `s${text.length}`, ...more });
  const asked = await rpc(v.page, "post.list", { thread: made.id, limit: 1 });
  const answer = await say("À Dakar : environ 1,1 M USD.", { reply_to: asked.posts[0].id });
  await rpc(v.page, "post.react", { post: answer.id, emoji: "👍", on: true, cid: "s-react" });
  await rpc(v.page, "thread.answer", { thread: made.id, post: answer.id, cid: "s-answer" });
  const gone = await say("A word too many.");
  await rpc(v.page, "post.redact", { post: gone.id, reason: "Test", cid: "s-redact" });
  const rude = await say("Words that were hidden.");
  await rpc(v.page, "post.hide", { post: rude.id, rule: "rude", cid: "s-hide" });
  const reader = await hub.member("grace.nakato");
  await rpc(reader.page, "report.create", { post: answer.id, rule: "false", reason: "Look at it", cid: "s-report" });
  await rpc(v.page, "room.set", { room: made.room, hold: "all", cid: "s-hold" });
  await rpc(reader.page, "post.create", { thread: made.id, text: "May I?", cid: "s-held" });
  await rpc(v.page, "room.set", { room: made.room, hold: "none", cid: "s-unhold" });
  const { members } = await rpc(reader.page, "member.list", { prefix: "moussa" });
  const talk = await rpc(reader.page, "direct.open", { member: members[0].id, text: "Between us?", thread: made.id, cid: "s-direct" });
  await reader.context.close();
  const guide = await rpc(v.page, "thread.create", {
    room: made.room,
    title: "Guide des voies réservées",
    text: "Le guide que nous suivons.",
    kind: "resource",
    fields: { url: "https://example.org/guide", languages: ["fr", "en"], themes: ["brt"], city: "Dakar", country: "SN", year: 2024, licence: "CC BY 4.0" },
    cid: "s-guide",
  });
  const { rooms } = await rpc(v.page, "room.list", {});
  const room = rooms.find((r) => r.id === made.room);
  const state = await v.context.storageState();
  await v.context.close();
  const thread = `/t/${made.id}`;
  return {
    state,
    thread,
    screens: [
      { name: "catchup", path: "/" },
      { name: "rooms", path: "/rooms" },
      { name: "room", path: `/r/${room.id}` },
      { name: "thread", path: thread },
      {
        name: "thread, the acts on a post",
        path: thread,
        async open(page) {
          await page.hover(".post[data-seq]");
          await page.click(".post[data-seq] button.more");
          await page.waitForSelector(".actions");
        },
      },
      {
        name: "thread, its settings",
        path: thread,
        async open(page) {
          await page.click('.bar [aria-haspopup="dialog"]');
          await page.waitForSelector("dialog[open]");
        },
      },
      {
        name: "a room's settings",
        path: `/r/${room.id}`,
        async open(page) {
          await page.click('.about button[aria-haspopup="dialog"] >> nth=1');
          await page.waitForSelector("dialog textarea");
        },
      },
      { name: "hiding a message", path: thread, open: act("button:has(+ button + .danger)") },
      {
        name: "reporting a thread of others",
        path: `/t/${room.chat}`,
        async open(page) {
          const post = page.locator(".post[data-seq]:not(.mine)").first();
          await post.hover();
          await post.locator("button.more").click();
          await page.click(".actions .buttons button:has(+ button + button + .danger)");
          await page.waitForSelector("dialog[open] select");
        },
      },
      { name: "the queue", path: "/queue" },
      { name: "the log of a room", path: `/r/${room.id}/log` },
      {
        name: "inviting to a room",
        path: `/r/${room.id}`,
        async open(page) {
          await page.click('.about button[aria-haspopup="dialog"]');
          await page.waitForSelector("dialog[open] input");
        },
      },
      { name: "direct messages", path: "/talks" },
      { name: "a conversation of two", path: `/t/${talk.thread}` },
      { name: "lobby", path: `/t/${room.chat}` },
      { name: "ask", path: "/ask" },
      { name: "search", path: "/search?q=peinture" },
      { name: "search, nothing found", path: "/search?q=xyzzyx" },
      {
        name: "search, its filters",
        path: "/search?q=peinture&kind=question&year=2031&theme=brt",
        async open(page) {
          await page.click(".narrow summary");
          await page.fill("input[name=by]", "ami");
          await page.waitForSelector(".suggest li");
        },
      },
      {
        name: "search, people",
        path: "/search?q=moussa",
        open: (page) => page.waitForSelector(".people button"),
      },
      {
        name: "the library and what it is narrowed to",
        path: "/resources?theme=brt",
        async open(page) {
          await page.click(".shelf .toggle");
          await page.waitForSelector(".shelf-all select");
        },
      },
      { name: "a resource", path: `/t/${guide.id}` },
      {
        name: "a resource, its details",
        path: `/t/${guide.id}`,
        async open(page) {
          await page.click('.resource-head [aria-haspopup="dialog"]');
          await page.waitForSelector("dialog[open] .several");
        },
      },
      { name: "a new resource", path: "/ask?kind=resource" },
      { name: "people", path: "/people?theme=paratransit" },
      { name: "a profile", path: "/people/kwame.boateng" },
      { name: "my profile", path: "/me/profile" },
      { name: "peers", path: "/peers?theme=paratransit" },
      { name: "me", path: "/me" },
      { name: "signing in", path: "/me/account" },
      { name: "the keys", path: "/me", open: press("?", "dialog[open]") },
      { name: "lost", path: "/nowhere/at/all" },
    ],
  };
}

/* Goes there and waits until it stands. */
export async function show(page, hub, screen) {
  await page.goto(hub.url + screen.path);
  await settled(page);
  await screen.open?.(page);
}
