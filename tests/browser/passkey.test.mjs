/* What one signs in with, on its own screen: a passkey of an authenticator that is part of the browser is added, signs in, is refused
 * on another site and without its owner; an app is set up by keyboard alone; at 320 px, in light and dark axe finds nothing. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { totp } from "../e2e/passkey.mjs";
import { bin, rpc, shot, startHub } from "./harness.mjs";

const skip = !bin && "BARAZA_BIN is not set";
const axe = { path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") };
const small = { viewport: { width: 320, height: 640 } };
let hub, site;

before(async () => {
  if (skip) return;
  hub = await startHub();
  site = hub.url.replace("127.0.0.1", "localhost"); /* passkeys are of names */
});
after(() => hub?.end());

async function authenticator(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    keys: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    take: (credential) => cdp.send("WebAuthn.addCredential", { authenticatorId, credential }),
  };
}

async function member(handle, options = {}) {
  const v = await hub.visitor(options);
  await v.page.goto(site + hub.link(handle));
  await v.page.click(".signin button.primary");
  await v.page.waitForSelector(".bar h1");
  return v;
}
async function account(page) {
  await page.goto(`${site}/me/account`);
  await page.waitForSelector(".means");
}
const press = (page, name) => page.getByRole("button", { name }).click();
const violations = (page) =>
  page.evaluate(async () => {
    const { violations: found } = await globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    });
    return found.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
  });
const tooSmall = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("main a, main button, dialog a, dialog button, dialog input:not(.sr)")]
      .filter((el) => el.offsetParent !== null && getComputedStyle(el).display !== "inline")
      .filter((el) => el.getBoundingClientRect().height < 43.5)
      .map((el) => el.outerHTML.slice(0, 100)),
  );
async function looksWell(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    assert.deepEqual(await violations(page), [], `${name}, ${colorScheme}`);
  }
  assert.equal(await page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth)), 0, name);
  assert.deepEqual(await tooSmall(page), [], name);
  await shot(page, `account-${name}`);
}

/* What the sign-in page does, without its buttons. */
const enter = (page, userVerification = "required") =>
  page.evaluate(async (wanted) => {
    const ask = async (method, params) => {
      const r = await fetch("/rpc", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      });
      return r.json();
    };
    const bytes = (t) => Uint8Array.from(atob(t.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    const { ticket, options } = (await ask("passkey.begin", {})).result;
    const shown = await navigator.credentials.get({
      publicKey: { ...options, userVerification: wanted, challenge: bytes(options.challenge) },
    });
    const said = shown.response;
    return ask("passkey.enter", {
      ticket,
      credential: {
        id: text(shown.rawId), client: text(said.clientDataJSON), data: text(said.authenticatorData),
        signature: text(said.signature), handle: text(said.userHandle),
      },
    });
  }, userVerification);

test("a passkey is added, named, used, and removed", { skip }, async () => {
  const { page, context } = await member("amina.diop");
  const device = await authenticator(page);
  await account(page);
  await press(page, "Add a passkey");
  await page.fill("dialog input", "Work laptop");
  await page.locator("dialog button.primary").click();
  await page.waitForSelector(".factors li");
  assert.match(await page.textContent(".factors li"), /Work laptop/);
  assert.equal(await page.locator("dialog").count(), 0);
  const [key] = await device.keys();
  assert.equal(key.rpId, "localhost");
  assert.equal((await rpc(page, "session.list", {})).sessions.find((s) => s.own).strong, true);

  await press(page, "Add a passkey"); /* this device has one */
  await page.locator("dialog button.primary").click();
  await page.waitForSelector("dialog .error:not(:empty)");
  assert.match(await page.textContent("dialog .error"), /already/);
  await page.keyboard.press("Escape");

  const other = await hub.visitor();
  const same = await authenticator(other.page);
  await same.take(key);
  await other.page.goto(site);
  assert.equal((await enter(other.page)).result?.me.handle, "amina.diop");
  assert.equal((await enter(other.page, "discouraged")).error.data.code, "unauthenticated", "its owner was not there");

  await page.bringToFront();
  await account(page);
  assert.match(await page.textContent(".factors li"), /last used/);
  await press(page, "Remove: Work laptop");
  await page.locator("dialog button.primary").click();
  await page.waitForFunction(() => !document.querySelector(".factors li"));
  assert.equal((await enter(other.page)).error.data.code, "unauthenticated", "it was removed");
  await context.close();
  await other.context.close();
});

test("a page of another site gets nothing by a passkey", { skip }, async () => {
  const { page, context } = await member("grace.nakato");
  const device = await authenticator(page);
  await account(page);
  await press(page, "Add a passkey");
  await page.locator("dialog button.primary").click();
  await page.waitForSelector(".factors li");
  const [key] = await device.keys();
  const thief = await hub.visitor();
  await thief.context.route("http://localhost:9/**", (route) =>
    route.fulfill({ contentType: "text/html", body: "<title>Somebody else</title>" }),
  );
  const theirs = await authenticator(thief.page);
  await theirs.take(key);
  const asked = await (await fetch(`${hub.url}/rpc`, {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "passkey.begin", params: {} }) })).json();
  await thief.page.goto("http://localhost:9/");   /* the same domain, so that the browser has nothing against it */
  const credential = await thief.page.evaluate(async ({ challenge, rpId }) => {
    const bytes = (t) => Uint8Array.from(atob(t.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    const { rawId, response: said } = await navigator.credentials.get({ publicKey: { challenge: bytes(challenge), rpId, userVerification: "required" } });
    return { id: text(rawId), client: text(said.clientDataJSON), data: text(said.authenticatorData), signature: text(said.signature), handle: text(said.userHandle) };
  }, asked.result.options);
  const answer = await (await fetch(`${hub.url}/rpc`, {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "passkey.enter", params: { ticket: asked.result.ticket, credential } }) })).json();
  assert.deepEqual([answer.error.data.code, answer.error.data.field], ["invalid", "credential"]);
  await context.close();
  await thief.context.close();
});

test("an app is set up by keyboard alone at 320 px; its codes are shown once", { skip }, async () => {
  const { page, context } = await member("moses.okello", small);
  await page.addInitScript(axe);
  await account(page);
  await looksWell(page, "empty");
  const tabTo = async (name) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent);
      if (at.startsWith(name)) return;
    }
    assert.fail(`${name} is not reached`);
  };
  await tabTo("Set up an app");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog .qr path");
  await looksWell(page, "app");
  const secret = (await page.textContent("dialog code.key")).replace(/\s/g, "");
  await page.waitForFunction(() => document.activeElement?.closest("dialog"));
  for (let i = 0; i < 20 && !(await page.evaluate(() => document.activeElement.matches("dialog input"))); i++) await page.keyboard.press("Tab");
  await page.keyboard.type("000000");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog .error:not(:empty)");
  assert.match(await page.textContent("dialog .error"), /not what the app shows/);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(totp(secret));
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog .codes");
  assert.equal(await page.locator("dialog .codes li").count(), 10);
  await looksWell(page, "codes");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByText("Download").click()]);
  assert.equal(file.suggestedFilename(), "baraza-codes.txt");
  await tabTo("I have kept them");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !document.querySelector("dialog"));
  assert.match(await page.textContent(".factors li"), /10 recovery codes left/);
  await looksWell(page, "with-app");
  await press(page, "New recovery codes");
  await page.locator("dialog button.primary").click();
  await page.waitForSelector("dialog .codes");
  await context.close();
});

test("a password: what is wrong with it is said, and it is set and changed", { skip }, async () => {
  const { page, context } = await member("afi.mensah", small);
  await page.addInitScript(axe);
  await account(page);
  await press(page, "Set a password");
  await page.fill('dialog [autocomplete="new-password"]', "password123");
  await page.locator("dialog button.primary").click();
  await page.waitForSelector("dialog .error:not(:empty)");
  assert.match(await page.textContent("dialog .error"), /less usual/);
  await page.fill('dialog [autocomplete="new-password"]', "a bus to the sea");
  await looksWell(page, "password");
  await page.locator("dialog button.primary").click();
  await page.waitForFunction(() => !document.querySelector("dialog"));
  await press(page, "Change the password");
  await page.fill('dialog [autocomplete="current-password"]', "a bus to the see");
  await page.fill('dialog [autocomplete="new-password"]', "another bus to it");
  await page.locator("dialog button.primary").click();
  await page.waitForSelector("dialog .error:not(:empty)");
  await page.fill('dialog [autocomplete="current-password"]', "a bus to the sea");
  await page.locator("dialog button.primary").click();
  await page.waitForFunction(() => !document.querySelector("dialog"));
  await context.close();
});

/* Who signs in at the door, with an authenticator that has this passkey. */
async function door(options = {}) {
  const v = await hub.visitor(options);
  await v.page.goto(site);
  await v.page.waitForSelector(".signin input[type=email]");
  return v;
}
const isIn = (page) => page.waitForSelector(".bar h1");

test("at the door: a passkey signs in by one press; one that is not known here says so", { skip }, async () => {
  const { page, context } = await member("kwame.boateng");
  const device = await authenticator(page);
  await account(page);
  await press(page, "Add a passkey");
  await page.locator("dialog button.primary").click();
  await page.waitForSelector(".factors li");
  const [key] = await device.keys();
  const visitor = await door(small);
  await visitor.page.addInitScript(axe);
  const theirs = await authenticator(visitor.page);
  await theirs.take(key);
  await press(visitor.page, "With a passkey");
  await isIn(visitor.page);
  assert.equal((await rpc(visitor.page, "session.list", {})).sessions.find((s) => s.own).how, "passkey");
  await visitor.context.close();

  await press(page, /^Remove/);
  await page.locator("dialog button.primary").click();
  await page.waitForFunction(() => !document.querySelector(".factors li"));
  const late = await door(small);
  const old = await authenticator(late.page);
  await old.take(key);
  await press(late.page, "With a passkey");
  await late.page.waitForSelector(".signin .error:not(:empty)");
  assert.match(await late.page.textContent(".signin .error:not(:empty)"), /not known here/);
  await late.context.close();
  await context.close();
});

test("at the door: a password, what is wrong with it, and the app behind it, at 320 px", { skip }, async () => {
  hub.cli("address", "clarisse.hounkpatin", "--email", "clarisse@ville.example");
  const first = await member("clarisse.hounkpatin");
  const app = await first.page.evaluate(async () => {
    const ask = async (method, params) => (await (await fetch("/rpc", { method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) })).json()).result;
    await ask("password.set", { password: "a bus to the sea" });
    return ask("totp.new", {});
  });
  const { recovery } = await rpc(first.page, "totp.add", { ticket: app.ticket, code: totp(app.secret, -1) });
  await first.context.close();
  const { page, context } = await door(small);
  await page.addInitScript(axe);
  await page.reload();
  await page.waitForSelector(".signin input[type=email]");
  await press(page, "With a password");
  await page.fill("input[type=email]", "clarisse@ville.example");
  await page.fill("input[type=password]", "a bus to the see");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".signin .error:not(:empty)");
  assert.match(await page.textContent(".signin .error:not(:empty)"), /do not belong together/);
  await looksWell(page, "door-password");
  await page.fill("input[type=password]", "a bus to the sea");
  await page.keyboard.press("Enter");
  await page.waitForSelector("input[name=second]");
  await looksWell(page, "door-second");
  await page.keyboard.type("000 000");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".signin .error:not(:empty)");
  await page.fill("input[name=second]", recovery[0]);
  await page.keyboard.press("Enter");
  await isIn(page);
  await context.close();
});

test("who moderates and came in by a password alone adds a passkey first", { skip }, async () => {
  hub.cli("address", "akosua.owusu", "--email", "akosua@ville.example");
  const first = await member("akosua.owusu");
  await rpc(first.page, "password.set", { password: "a bus to the sea" });
  await first.context.close();
  const { page, context } = await door(small);
  await page.addInitScript(axe);
  await authenticator(page);
  await press(page, "With a password");
  await page.fill("input[type=email]", "akosua@ville.example");
  await page.fill("input[type=password]", "a bus to the sea");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".means");
  assert.match(await page.textContent("main"), /Who moderates needs more/);
  assert.equal(await page.getByRole("button", { name: /password/ }).count(), 0); /* another one would not help */
  await looksWell(page, "weak");
  await press(page, "Add a passkey");
  await page.locator("dialog button.primary").click();
  await isIn(page);
  await context.close();
});
