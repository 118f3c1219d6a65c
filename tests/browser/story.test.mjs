/* From a city that is not here yet to an answer: it asks to join; the secretariat says yes; its delegate invites colleagues by a QR
 * code; one of them comes in on a phone with a code by mail, adds a passkey, finds somebody who handled minibus reform, asks, and is
 * answered. The colleague's taps are counted: 25 at most. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, bin, rpc, shot, startHub } from "./harness.mjs";

const skip = !bin && "BARAZA_BIN is not set";
const TAPS = 25;
let hub, site;

before(async () => {
  if (skip) return;
  hub = await startHub();
  site = hub.url.replace("127.0.0.1", "localhost"); /* passkeys are of names */
});
after(() => hub?.end());

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

test("a city asks to join, and its colleague gets an answer", { skip, timeout: 180_000 }, async (t) => {
  /* The city. */
  const city = await hub.visitor({ viewport: { width: 360, height: 740 } });
  await city.page.goto(site);
  await press(city.page, "Ask to join");
  const field = (page, label) => page.locator("label").filter({ hasText: new RegExp(`^${label}`) }).locator("input, select, textarea").first();
  await field(city.page, "Where you work").fill("City of Mombasa");
  await field(city.page, "Country").selectOption("KE");
  await field(city.page, "City").fill("Mombasa");
  await field(city.page, "Your name").fill("Halima Said");
  await field(city.page, "E-mail address").fill("halima@mombasa.example");
  await press(city.page, "Go on");
  await field(city.page, "Code of six digits").fill(await hub.codeFor("halima@mombasa.example"));
  if (await city.page.getByRole("status").filter({ has: city.page.locator("h2") }).count() === 0)
    await city.page.locator(".signin .form button.primary").click().catch(() => undefined);
  await city.page.waitForSelector(".signin .card[role=status]");
  await shot(city.page, "story-1-asked");

  /* The secretariat. */
  const desk = await hub.member("zainab.admin");
  await desk.page.goto(`${hub.url}/desk/requests`);
  const request = desk.page.locator("li", { hasText: "City of Mombasa" }).first();
  await request.waitFor();
  await shot(desk.page, "story-2-desk");
  await request.locator("button.primary").click();
  await desk.page.waitForSelector("dialog[open]");
  await shot(desk.page, "story-2-approve");
  await desk.page.locator("dialog[open] select").last().selectOption({ label: "Africa" });
  await desk.page.locator("dialog[open] button.primary").click();
  await desk.page.waitForSelector("dialog[open]", { state: "detached" });

  /* The delegate, by the mail's invitation. */
  const invitation = await hub.mailed("halima@mombasa.example", /#join=([\w-]{43})/);
  const { page: delegate } = await hub.visitor({ viewport: { width: 360, height: 740 } });
  await delegate.goto(`${site}/#join=${invitation}`);
  await field(delegate, "Your name").fill("Halima Said");
  await press(delegate, "Go on");
  await field(delegate, "Code of six digits").fill(await hub.codeFor("halima@mombasa.example"));
  await delegate.waitForSelector(".bar h1");
  await delegate.goto(`${site}/org/mine`);
  await press(delegate, "Invite colleagues");
  await press(delegate, "Make an invitation");
  await delegate.waitForSelector("dialog[open] svg.qr path");
  const link = await delegate.inputValue("dialog[open] input.made"); /* what the camera of a phone reads from the code */
  await shot(delegate, "story-3-qr");

  /* The colleague, on a phone. A tap: into a field, onto a button, a link or a key that sends. */
  const colleague = await hub.visitor({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  const { page } = colleague;
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable", { enableUI: false });
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  let taps = 0;
  const tap = async (what) => {
    taps++;
    await what.tap();
  };
  const button = (name) => page.getByRole("button", { name, exact: true }).first();
  const write = async (label, text) => {
    await tap(field(page, label));
    await page.keyboard.type(text);
  };
  await page.goto(link); /* the camera opens it */
  taps++;
  await write("Your name", "Juma Bakari");
  await write("E-mail address", "juma@mombasa.example");
  await tap(button("Go on"));
  await page.waitForSelector("input.code");
  await tap(page.locator("input.code"));
  await page.keyboard.type(await hub.codeFor("juma@mombasa.example"));
  await page.waitForSelector(".bar h1");
  const came = taps;
  await shot(page, "story-4-profile");
  /* A passkey. */
  await tap(page.locator("nav.tabs a[href='/me']"));
  await tap(page.locator("a[href='/me/account']"));
  await tap(button("Add a passkey"));
  const name = page.locator("dialog[open] button.primary");
  if (await name.waitFor({ timeout: 5000 }).then(() => true, () => false)) await tap(name);
  await page.waitForFunction(() => document.querySelector(".means")?.textContent.includes("Juma") || document.querySelectorAll(".means li").length > 0);
  const secured = taps;
  await shot(page, "story-5-passkey");
  /* Whom to ask. */
  await tap(page.locator("nav.tabs a[href='/rooms']"));
  await tap(page.locator("a[href='/people']:visible").first());
  await tap(page.locator("a.ask").first());
  await tap(page.locator("main form input").first());
  await page.keyboard.type("minibus reform");
  await page.keyboard.press("Enter");
  taps++;
  const first = page.locator(".peers li.with-action").first();
  await first.waitFor();
  assert.ok((await first.locator(".reasons li").count()) > 0, "with reasons");
  await shot(page, "story-6-peers");
  await accessible(page);
  const asked = (await rpc(page, "peer.find", { text: "minibus reform" })).people[0].member;
  assert.match(await first.textContent(), new RegExp(asked.name));
  await tap(first.locator("button"));
  await page.waitForSelector("dialog[open] textarea");
  await tap(page.locator("dialog[open] textarea"));
  await page.keyboard.type("How did you begin with your minibus associations?");
  await shot(page, "story-7-ask");
  await tap(page.locator("dialog[open] button.primary"));
  await page.waitForSelector("dialog[open]", { state: "detached" });
  t.diagnostic(`taps: in after ${came}, with a passkey after ${secured}, asked after ${taps}`);
  assert.ok(taps <= TAPS, `${taps} taps`);

  /* Who was asked answers, and it stands before the colleague. */
  const peer = await hub.member(asked.handle);
  const { threads } = await rpc(peer.page, "direct.list", {});
  assert.equal(threads.length, 1);
  await rpc(peer.page, "post.create", { thread: threads[0].id, text: "With their chairs, at one table, every Friday.", cid: "answer" });
  await page.waitForFunction(() => document.body.textContent.includes("every Friday"), null, { timeout: 15_000 });
  await shot(page, "story-8-answer");
});
