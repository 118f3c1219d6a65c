/* In by an account at another site (npm oidc-provider on this machine), as a visitor on a phone of 360 px meets it: by an invitation; linked by
 * consent and used then; what is said when the way back is not the one that was begun; seen and let go of on the page of the account. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { accessible, bin, rpc, shot, startHub } from "./harness.mjs";

const skip = !bin && "BARAZA_BIN is not set";
const TITLE = "Ville d’Exemple";
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
let hub, moderator, site, dir;

/* Whoever signs in there as NAME has the address NAME@demo.example. */
async function provider() {
  const { default: Provider } = await import("oidc-provider");
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${server.address().port}`;
  const open = (redirect) => {
    const op = new Provider(url, {
      clients: [{ client_id: "hub", client_secret: "s", redirect_uris: [redirect], grant_types: ["authorization_code"] }],
      findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@demo.example`, email_verified: true, name: `Person ${id}` }) }),
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
      conformIdTokenClaims: false,
      pkce: { required: () => true },
      features: { devInteractions: { enabled: true } },
      cookies: { keys: ["a"] },
    });
    server.on("request", op.callback());
  };
  return { url, open, stop: () => { server.closeAllConnections(); server.close(); } };
}

before(async () => {
  if (skip) return;
  site = await provider();
  dir = mkdtempSync(join(tmpdir(), "baraza-sites-"));
  writeFileSync(join(dir, "secret"), "s\n", { mode: 0o600 });
  writeFileSync(join(dir, "providers.ini"), `[ville]\ntitle = ${TITLE}\nissuer = ${site.url}\nclient_id = hub\nclient_secret_file = ${dir}/secret\ntrust_email = yes\ninside = yes\n`);
  hub = await startHub({ env: { BARAZA_SIGNIN_PROVIDERS: join(dir, "providers.ini") } });
  site.open(`${hub.url}/oidc/ville`);
  moderator = await hub.member("zainab.admin");
});
after(async () => {
  site?.stop();
  await hub?.end();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

/* The pages of the other site: who it is, and that the hub may know. */
async function signInThere(page, login) {
  await page.waitForSelector("input[name=login]");
  await page.fill("input[name=login]", login);
  await page.fill("input[name=password]", "x");
  await page.click("button[type=submit]");
  await page.waitForSelector("input[name=prompt][value=consent]", { state: "attached" });
  await page.click("button[type=submit]");
}
const to = async (page, text) => {
  for (let i = 0; i < 40; i++) {
    if (await page.evaluate((s) => document.activeElement?.textContent === s, text)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`no way to “${text}”`);
};
const button = (page, name) => page.getByRole("button", { name });

test("invited, by the keyboard: there, back, a name, in; nothing of it stays in the address or the tab", { skip }, async () => {
  const { code } = await rpc(moderator.page, "invite.create", { days: 3 });
  const { page } = await hub.visitor(phone);
  await page.goto(`${hub.url}/#join=${code}`);
  await button(page, `Continue with ${TITLE}`).waitFor();
  await accessible(page);
  await to(page, `Continue with ${TITLE}`);
  await page.keyboard.press("Enter");
  await signInThere(page, "kofi");
  await page.waitForSelector(".signin input[autocomplete=name]");
  assert.equal(page.url(), `${hub.url}/`);
  assert.equal(await page.inputValue("input[autocomplete=name]"), "Person kofi");
  await shot(page, "oidc-join-360");
  await accessible(page);
  await page.fill("input[autocomplete=name]", " ");
  await page.press("input[autocomplete=name]", "Enter");
  await page.waitForSelector(".signin .form .error:not(:empty)");
  await page.fill("input[autocomplete=name]", "Kofi Mensah");
  await page.press("input[autocomplete=name]", "Enter");
  await page.waitForSelector(".bar h1");
  assert.equal(await page.evaluate(() => sessionStorage.getItem("baraza-site")), null);
  const { members } = await rpc(moderator.page, "member.list", { prefix: "Kofi" });
  assert.equal(members[0].name, "Kofi Mensah");
  /* the account is linked by that: it is seen on the page of the account */
  await page.goto(`${hub.url}/me/account`);
  await page.waitForSelector(".sites li");
  assert.match(await page.textContent(".sites li"), new RegExp(TITLE));
});

test("known by the address: first in by mail, then asked, then in by the button alone; let go of again", { skip }, async () => {
  const { page } = await hub.visitor(phone);
  await page.goto(hub.url);
  await button(page, `Continue with ${TITLE}`).waitFor();
  await shot(page, "oidc-door-360");
  await accessible(page);
  await button(page, `Continue with ${TITLE}`).click();
  await signInThere(page, "amina.diop");
  await button(page, "Sign in here").waitFor();
  assert.match(await page.textContent(".signin .card p"), /has the address of your account/);
  await shot(page, "oidc-known-360");
  await accessible(page);
  await button(page, "Sign in here").click();
  await page.fill("input[type=email]", "amina.diop@demo.example");
  await page.press("input[type=email]", "Enter");
  await page.waitForSelector("input.code");
  await page.fill("input.code", await hub.codeFor("amina.diop@demo.example"));
  await page.waitForSelector(".consent");
  assert.equal(new URL(page.url()).pathname, "/me/account");
  assert.equal(await page.$$eval(".sites li", (all) => all.length), 0, "not without consent");
  assert.equal(await page.evaluate(() => document.activeElement.matches(".consent")), true);
  assert.match(await page.textContent(".consent p"), new RegExp(`amina\\.diop@demo\\.example.*${TITLE}`));
  await shot(page, "oidc-consent-360");
  await accessible(page);
  await to(page, "Yes, link them");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".sites li");
  assert.equal(await page.$(".consent"), null);
  assert.equal(await page.evaluate(() => sessionStorage.getItem("baraza-site")), null);

  const second = await hub.visitor(phone);
  await second.page.goto(hub.url);
  await button(second.page, `Continue with ${TITLE}`).click();
  await signInThere(second.page, "amina.diop");
  await second.page.waitForSelector(".bar h1");
  await second.page.goto(`${hub.url}/me/account`);
  await second.page.waitForSelector(".sites li");
  await shot(second.page, "oidc-account-360");
  await accessible(second.page);
  await to(second.page, "Unlink");
  await second.page.keyboard.press("Enter");
  await second.page.waitForSelector(".sites li", { state: "detached" });
  /* who is signed in links one from here: asked once, and not linked by a no */
  await button(second.page, `Link an account: ${TITLE}`).click();
  await second.page.waitForSelector(".consent, input[name=login], input[name=prompt]");
  if (await second.page.$("input[name=prompt]")) await second.page.click("button[type=submit]");
  await second.page.waitForSelector(".consent");
  assert.match(await second.page.textContent(".consent p"), /amina\.diop@demo\.example/);
  await button(second.page, "Cancel").click();
  await second.page.waitForSelector(".consent", { state: "detached" });
  assert.deepEqual((await rpc(second.page, "oidc.links", {})).links, []);
});

test("who is signed in links none that has no address of theirs, and is told what to do", { skip }, async () => {
  const { page } = await hub.member("moussa.kone", phone);
  await page.goto(`${hub.url}/me/account`);
  await button(page, `Link an account: ${TITLE}`).click();
  await signInThere(page, "somebody.else");
  await page.waitForFunction(() => document.activeElement?.matches(".signin .error:not(:empty)"));
  assert.match(await page.textContent(".signin .error"), /confirms no address that is also yours here/);
  await shot(page, "oidc-unproved-360");
  await accessible(page);
  await button(page, "Begin again").click();
  await button(page, `Link an account: ${TITLE}`).waitFor();
  assert.deepEqual((await rpc(page, "oidc.links", {})).links, []);
});

test("a way back that was not begun here, has another state, or was stopped: said, with a way on", { skip }, async () => {
  const { page } = await hub.visitor({ ...phone, colorScheme: "dark" });
  await page.goto(`${hub.url}/oidc/ville?code=stolen&state=stolen`);
  await page.waitForFunction(() => document.activeElement?.matches(".signin .error:not(:empty)"));
  assert.match(await page.textContent(".signin .error"), /another browser/);
  assert.equal(page.url(), `${hub.url}/`, "no code stays in the address");
  await accessible(page);
  await button(page, "Begin again").click();
  await button(page, `Continue with ${TITLE}`).click();
  await page.waitForSelector("input[name=login]");
  await page.goto(`${hub.url}/oidc/ville?code=stolen&state=stolen`);
  await page.waitForFunction(() => document.activeElement?.matches(".signin .error:not(:empty)"));
  assert.match(await page.textContent(".signin .error"), /Nobody is signed in by this/);
  await shot(page, "oidc-wrong-360-dark");
  await accessible(page);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await button(page, `Continue with ${TITLE}`).click();
  await page.waitForSelector("input[name=login]");
  await page.goto(`${hub.url}/oidc/ville?error=access_denied&state=x`);
  await page.waitForFunction(() => document.activeElement?.matches(".signin .error:not(:empty)"));
  assert.match(await page.textContent(".signin .error"), /you stopped there/);
});
