/* The secretariat's desk: organisations are made, found and changed, their delegates keep them in order, numbers stand in plots and
 * in a table and can be taken away. On small screens, by keyboard, in other languages; axe finds nothing. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { bin, rpc, startHub } from "./harness.mjs";
import { settled } from "./states.mjs";

const skip = bin ? false : "BARAZA_BIN is not set";
const axe = { path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") };
const SIZES = [
  { width: 320, height: 640 },
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];
let hub;
before(async () => {
  if (!skip) hub = await startHub();
});
after(async () => {
  await hub?.end();
});

/* Nothing is wider than the screen, nothing is too small to touch, and axe finds nothing. */
async function looksRight(page, what) {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await page.waitForFunction(() => document.getAnimations().length === 0); /* half a change of colour is no colour */
    const found = await page.evaluate(async () => {
      const { violations } = await globalThis.axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        resultTypes: ["violations"],
      });
      const small = [...document.querySelectorAll("main button, main a.button, main select, main input:not([type=checkbox])")]
        .filter((el) => el.offsetParent !== null && el.getBoundingClientRect().height < 43.5)
        .map((el) => `small: ${el.outerHTML.slice(0, 120)}`);
      const wide = document.documentElement.scrollWidth > innerWidth ? [`wide: ${document.documentElement.scrollWidth}`] : [];
      return [...violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`), ...small, ...wide];
    });
    assert.deepEqual(found, [], `${what} at ${size.width}`);
  }
}
const member = async (handle, options = {}) => {
  const v = await hub.member(handle, { serviceWorkers: "block", ...options });
  await v.context.addInitScript(axe);
  return v;
};
const open = async (page, path) => {
  await page.goto(hub.url + path);
  await settled(page);
};

test("an admin makes an organisation, names a delegate, and the delegate keeps it", { skip }, async () => {
  const { page, context } = await member("zainab.admin");
  await open(page, "/rooms");
  await page.click('.manage a[href="/desk"]');
  await page.click('nav.filters a:has-text("Organisations")');
  await page.waitForSelector(".rows .row");
  await looksRight(page, "organisations");
  await page.click(".manage button");
  await page.click("dialog .primary");
  await page.waitForFunction(() => /Name/.test(document.querySelector("dialog .error")?.textContent));
  await page.fill("dialog input >> nth=0", "Mairie de Ziguinchor");
  await page.selectOption("dialog select >> nth=1", "SN");
  await page.fill("dialog input >> nth=1", "Ziguinchor");
  await page.fill("dialog textarea", "1, rue du Port\n+221 33 000 00 00");
  await page.click('dialog .check:has-text("Français")');
  await page.click("dialog .primary");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.fill(".desk-narrow input", "ziguinchor");
  await page.click('.row:has-text("Mairie de Ziguinchor")');
  await page.waitForSelector(".org-facts");
  assert.match(await page.textContent(".org-facts"), /1, rue du Port/);
  await looksRight(page, "an organisation");
  const { people } = await rpc(page, "org.get", { org: page.url().split("/").at(-1) });
  assert.deepEqual(people, []);
  const org = page.url().split("/").at(-1);
  const find = async (prefix) => (await rpc(page, "member.list", { prefix })).members[0].id;
  const amina = await find("amina");
  await rpc(page, "org.member", { org, member: amina, cid: "d1" });
  await page.reload();
  await page.click('.org-people button:has-text("Make delegate")');
  await page.waitForSelector('.org-people :text("Delegate")');

  const own = await member("amina.diop", { locale: "fr-FR", viewport: SIZES[0] });
  await open(own.page, "/me");
  await own.page.click('a[href="/org/mine"]');
  await own.page.waitForSelector(".org-people");
  await looksRight(own.page, "my organisation");
  await own.page.click('.manage button:has-text("Qui y travaille encore")');
  await looksRight(own.page, "who still works there");
  assert.ok(await own.page.$eval("dialog label.check", (el) => el.getBoundingClientRect().height < 60)); /* a name stands beside its box */
  await own.page.keyboard.press("Tab");
  await own.page.click("dialog .primary");
  await own.page.waitForSelector("dialog", { state: "detached" });
  await own.page.click('.manage button:has-text("Modifier")');
  assert.equal(await own.page.$("dialog select"), null); /* name and place are not hers to change */
  await own.page.fill("dialog textarea", "2, rue du Port");
  await own.page.keyboard.press("Tab");
  await own.page.click("dialog .primary");
  await own.page.waitForFunction(() => /2, rue du Port/.test(document.querySelector(".org-facts")?.textContent));
  await own.context.close();
  await context.close();
});

test("who is no admin is told so, and finds no way there", { skip }, async () => {
  const { page, context } = await member("grace.nakato");
  await open(page, "/rooms");
  assert.equal(await page.$('a[href="/desk"]'), null);
  await open(page, "/desk/numbers");
  await page.waitForSelector("main .note");
  await context.close();
});

test("numbers are plots and one table, and a file that a spreadsheet reads", { skip }, async () => {
  const { page, context } = await member("zainab.admin", { acceptDownloads: true });
  await open(page, "/desk/numbers");
  await page.waitForSelector(".plot rect");
  assert.equal(await page.locator(".plot").count(), 7);
  assert.equal(await page.locator(".desk-table tbody tr").count(), 26);
  await looksRight(page, "numbers");
  const [file] = await Promise.all([page.waitForEvent("download"), page.click(".manage button")]);
  const rows = readFileSync(await file.path(), "utf8").replace(/^\uFEFF/, "").trimEnd().split("\r\n");
  const { weeks } = await rpc(page, "desk.numbers", {});
  assert.equal(rows.length, weeks.length + 1);
  assert.equal(rows[1].split(",").length, 9);
  await page.focus('nav.filters a[href="/desk/orgs"]');
  await page.keyboard.press("Enter");
  await page.waitForSelector(".rows .row");
  for (const locale of ["fr-FR", "es-ES", "pt-BR"]) {
    const other = await member("zainab.admin", { locale, viewport: SIZES[1] });
    await open(other.page, "/desk/numbers");
    await other.page.waitForSelector(".plot rect");
    await looksRight(other.page, `numbers, ${locale}`);
    await other.context.close();
  }
  await context.close();
});

test("somebody asks to join at the door, an admin approves, they come in as its delegate", { skip }, async () => {
  const door = await hub.visitor({ serviceWorkers: "block", locale: "fr-FR", viewport: SIZES[0] });
  await door.context.addInitScript(axe);
  await door.page.goto(hub.url);
  await door.page.click('button:has-text("Demander à rejoindre")');
  await door.page.waitForSelector(".card select >> nth=2");   /* the regions are asked for */
  await looksRight(door.page, "asking");
  await door.page.setViewportSize(SIZES[0]);
  await door.page.fill('input[name="email"]', "afi@kara.example");
  await door.page.click('button:has-text("Continuer")');
  await door.page.waitForSelector(".error:has-text('Où vous travaillez')");
  const fields = door.page.locator(".card .form input");
  await fields.nth(0).fill("Ville de Kara");
  await door.page.selectOption(".card select >> nth=1", "TG");
  await fields.nth(1).fill("Kara");
  await door.page.selectOption(".card select >> nth=2", { label: "Afrique" });
  await fields.nth(2).fill("Afi Mensah");
  await fields.nth(3).fill("Urbaniste");
  await fields.nth(4).fill("https://kara.example");
  await door.page.fill(".card textarea", "Nous cherchons des villes de notre taille.");
  await door.page.click('button:has-text("Continuer")');
  await door.page.waitForSelector("input.code");
  await door.page.reload();   /* a phone dropped the page while its owner read the mail */
  await door.page.waitForSelector("input.code");
  await looksRight(door.page, "the digits");
  await door.page.fill("input.code", await hub.codeFor("afi@kara.example"));
  await door.page.keyboard.press("Enter");
  await door.page.waitForSelector('h2:has-text("Votre demande est envoyée")');
  await door.page.reload();   /* it is sent: nothing is asked for any more */
  await door.page.waitForSelector('button:has-text("Demander à rejoindre")');
  assert.equal(await door.page.$("input.code"), null);
  await door.context.close();

  const { page, context } = await member("zainab.admin");
  await open(page, "/desk");
  await page.waitForSelector('.matter:has-text("Ville de Kara")');
  assert.equal(await page.locator(".matter").count(), 3); /* with the demo's two */
  await looksRight(page, "requests");
  await page.click('.matter:has-text("Ville de Kara") .primary');
  await page.waitForSelector('.matter:has-text("Ville de Kara") .meta:has-text("Africa")');
  const chosen = () => page.locator("dialog select >> nth=1").evaluate((x) => x.selectedOptions[0].textContent);
  assert.equal(await chosen(), "Africa", "what they named");
  assert.equal(await page.locator("dialog select >> nth=1").locator("option").count(), (await rpc(page, "room.list")).regions.length);
  await looksRight(page, "approving");
  await page.focus("dialog .primary");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.waitForSelector('.matter:has-text("Ville de Kara")', { state: "detached" });
  const { orgs: [made] } = await rpc(page, "org.list", { text: "kara" });
  assert.equal(made.region, (await rpc(page, "room.list")).regions.find((g) => g.name === "Africa").id);
  await page.click('.matter:has-text("Tarija") .primary');   /* who named none */
  await page.waitForSelector("dialog select >> nth=1");
  assert.equal(await chosen(), "Choose");
  await page.click("dialog .primary");
  await page.waitForSelector("dialog .error:not(:empty)");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.click('.matter:has-text("Tarija") .danger');
  await page.fill("dialog input", "No longer needed");
  await page.click("dialog .primary");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.click('.filters .toggle:has-text("Decided")');
  await page.waitForSelector('.matter:has-text("Tarija"):has-text("No longer needed")');
  await page.waitForSelector('.matter:has-text("Ville de Kara") a:has-text("Organisation")');
  const { invitations } = await rpc(page, "invite.list", { all: true });
  assert.deepEqual(invitations.filter((i) => i.email === "afi@kara.example").map((i) => [i.org_name, i.uses]), [["Ville de Kara", 1]]);
  await context.close();
  const invited = await hub.visitor({ serviceWorkers: "block", viewport: SIZES[0] });
  await invited.page.goto(`${hub.url}/#join=${await hub.mailed("afi@kara.example", /#join=([\w-]{43})/)}`);
  await invited.page.waitForSelector("label:has-text('Your name') input");
  assert.equal(await invited.page.inputValue("label:has-text('Your name') input"), "Afi Mensah"); /* said once is enough */
  await invited.context.close();
});

test("members, invitations and sign-in problems are looked after; a list is checked, then sent", { skip }, async () => {
  const { page, context } = await member("zainab.admin", { acceptDownloads: true });
  await open(page, "/desk/members");
  await page.waitForSelector(".desk-list li");
  await looksRight(page, "members");
  await page.fill(".desk-narrow input", "kwame");
  await page.waitForFunction(() => document.querySelectorAll(".desk-list li").length === 1);
  const [file] = await Promise.all([page.waitForEvent("download"), page.click(".manage button")]);
  assert.match(readFileSync(await file.path(), "utf8"), /Kwame Boateng,kwame\.boateng,Member/);
  await page.click('.desk-list button:has-text("Role")');
  await page.selectOption("dialog select >> nth=1", "moderator");
  await page.click("dialog .primary");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.waitForSelector('.desk-list li:has-text("Moderator")');
  await page.click(".desk-list .link");
  await page.waitForSelector("dialog .person");
  await page.keyboard.press("Escape");
  await page.selectOption(".desk-narrow select >> nth=2", "unreachable");
  await page.waitForSelector("main .empty"); /* everybody in the demo has an address */

  await page.click('nav.filters a:has-text("Invitations")');
  await page.click('.manage button:has-text("Invite a list")');
  await page.fill("dialog textarea", "name;email;organisation\nDan;dan@kara.example;Nowhere\nEve;eve\nDan;DAN@kara.example\n");
  await page.click("dialog .primary");
  await page.waitForSelector('dialog td:has-text("Cannot be: E-mail")');
  /* What has to be looked at comes first, and is seen; what is counted is what is sent. */
  assert.deepEqual(await page.$$eval("dialog tbody tr", (all) => all.map((row) => [...row.cells].map((c) => c.textContent).join("|"))), [
    "3|eve|Cannot be: E-mail",
    "4|DAN@kara.example|Stands in a row above",
    "2|dan@kara.example|Is invited, into no organisation: none here is called so",
  ]);
  assert.match(await page.textContent("dialog .bulk-count"), /^1 person.* 2 rows are left out/);
  assert.ok(await page.$eval("dialog .bulk-count", (el) => el === document.activeElement && el.getBoundingClientRect().bottom < innerHeight));
  await looksRight(page, "a list of people");
  await page.click('dialog .primary:has-text("Send 1 invitation")');
  await page.waitForSelector("dialog", { state: "detached" });
  await page.waitForSelector('.desk-list li:has-text("Dan · dan@kara.example")');
  await looksRight(page, "invitations");
  await page.click('.desk-list li:has-text("dan@kara.example") .danger');
  await page.waitForSelector('.desk-list li:has-text("dan@kara.example")', { state: "detached" });
  await page.click('nav.filters a:has-text("Sign-in problems")');
  await page.waitForSelector(".desk-head >> nth=2");
  await looksRight(page, "sign-in problems");
  for (const locale of ["fr-FR", "es-ES", "pt-BR"]) {
    const other = await member("zainab.admin", { locale, viewport: SIZES[0] });
    for (const tab of ["requests", "members", "invitations", "trouble", "orgs"]) {
      await open(other.page, `/desk/${tab}`);
      await other.page.waitForSelector("main .desk-list li, main .matter, main .rows li, main .empty, main .desk-head");
      await looksRight(other.page, `${tab}, ${locale}`);
      await other.page.setViewportSize(SIZES[0]);
    }
    await other.context.close();
  }
  await context.close();
});

/* What a file holds: cells of RFC 4180, without the BOM that begins it. */
async function fileOf(page, button) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  const text = readFileSync(await file.path(), "utf8");
  assert.ok(text.startsWith("\uFEFF") && text.endsWith("\r\n"));
  const rows = [[]];
  for (const [, quoted, plain, end] of text.slice(1).matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1).push(quoted?.replace(/""/g, '"') ?? plain);
    if (end !== ",") rows.push([]);
  }
  rows.pop();
  assert.ok(rows.every((row) => row.length === rows[0].length), text.slice(0, 400));
  assert.ok(rows.flat().every((cell) => !/^[=+\-@\t\r]/.test(cell)), "a formula");
  assert.doesNotMatch(text, /[\w-]{43}|\b[0-9a-f]{16}\b/, "a secret, or the name of one");
  return rows;
}

test("every table of the desk is a file, with what the table shows and no formula", { skip }, async () => {
  const { page, context } = await member("zainab.admin", { acceptDownloads: true });
  const csv = 'button:has-text("Download as CSV")';
  const regions = (await open(page, "/desk"), (await rpc(page, "room.list")).regions);
  const { id: org } = await rpc(page, "org.create", { kind: "partner", name: '=HYPERLINK("http://evil.example")', country: "KE", region: regions[0].id, cid: "f1" });
  const amina = (await rpc(page, "member.list", { prefix: "kwame" })).members[0];
  await rpc(page, "org.member", { org, member: amina.id, cid: "f2" }).catch(() => {});
  await rpc(page, "invite.create", { email: "file@kara.example", org, cid: "f3" }).catch(() => {});
  const of = {};
  for (const tab of ["requests", "orgs", "members", "invitations", "trouble", "numbers"]) {
    await open(page, `/desk/${tab}`);
    await page.waitForSelector(`${csv}:enabled`);
    await page.waitForSelector("main .desk-list li, main .matter, main .rows li, main .empty, main .desk-head, main .plot");
    of[tab] = await fileOf(page, csv);
  }
  const { requests } = await rpc(page, "request.list", { decided: false });
  assert.deepEqual(of.requests.slice(1).map((r) => r[9]), requests.map((r) => r.email));
  const { orgs } = await rpc(page, "org.list", { limit: 100 });
  assert.equal(of.orgs.length, orgs.length + 1);
  assert.ok(of.orgs.some(([name]) => name === `'=HYPERLINK("http://evil.example")`));
  assert.ok(of.members.length > 5);
  const { invitations } = await rpc(page, "invite.list", { all: true });
  assert.equal(of.invitations.length, invitations.length + 1);
  assert.ok(of.trouble.length >= 1);
  await open(page, "/desk/requests");
  await page.click('.filters .toggle:has-text("Decided")');
  await page.waitForSelector(".matter, .empty");
  const decided = (await rpc(page, "request.list", { decided: true })).requests;
  const file = await fileOf(page, csv);
  assert.deepEqual(file.slice(1).map((r) => r[1]), decided.map((r) => r.org));
  await open(page, `/org/${org}`);
  await page.waitForSelector(csv);
  const people = await fileOf(page, csv);
  assert.equal(people.length, (await rpc(page, "org.get", { org })).people.length + 1);
  await looksRight(page, "an organisation with a file");
  await context.close();
});
