/* Signing in by an account elsewhere. An honest provider (npm oidc-provider) and one of our own that lies in every way we know: whoever is
 * not who they say gets nothing, and all for the same sentence. An e-mail address alone links nothing to nobody. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cli, hub, person, rpc, serve, tempDir } from "./daemon.mjs";
import { jws, keys, provider } from "./provider.mjs";

let daemon, tokens, dir, honest, evil, trusted;
const secret = "canary-client-secret & more";

/* npm's provider: interactions are its own, so its test pages are clicked through here as a browser would. */
async function honestProvider(redirects) {
  const { default: Provider } = await import("oidc-provider");
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${server.address().port}`;
  const op = new Provider(url, {
    clients: [{ client_id: "hub & co", client_secret: secret, redirect_uris: redirects(url), grant_types: ["authorization_code"] }],
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@ville.example`, email_verified: true, name: `Person ${id}` }) }),
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ["a"] },
  });
  server.on("request", op.callback());
  return { url, stop: () => { server.closeAllConnections(); server.close(); } };
}

/* A browser without a screen: keeps cookies, follows redirects until it is led back to the hub. */
async function walk(address, login) {
  const jar = new Map();
  const go = async (url, options = {}) => {
    for (let hops = 0; hops < 20; hops++) {
      if (url.startsWith(`${daemon.url}/oidc/`)) return { back: new URL(url) };
      const r = await fetch(url, { ...options, redirect: "manual", headers: { ...options.headers, cookie: [...jar].map(([k, v]) => `${k}=${v}`).join("; ") } });
      for (const c of r.headers.getSetCookie()) {
        const [pair] = c.split(";");
        jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
      }
      if (r.status < 300 || r.status >= 400) return { url, html: await r.text() };
      url = new URL(r.headers.get("location"), url).href;
      options = {};
    }
  };
  let at = await go(address);
  while (!at.back) {
    const action = /action="([^"]+)"/.exec(at.html)?.[1];
    assert.ok(action, at.html);
    const prompt = /name="prompt" value="(\w+)"/.exec(at.html)[1];
    at = await go(new URL(action, at.url).href, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" },
                                                   body: new URLSearchParams({ prompt, login, password: "x" }) });
  }
  return Object.fromEntries(at.back.searchParams);
}

async function call(method, params, { cookie, token } = {}) {
  const answer = await fetch(`${daemon.url}/rpc`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }),
               ...(cookie && { cookie, origin: daemon.url, "sec-fetch-site": "same-origin" }) },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const body = await answer.json();
  return { ...body, cookie: answer.headers.get("set-cookie")?.split(";")[0] };
}
const good = async (...args) => {
  const answer = await call(...args);
  assert.ok(answer.result, JSON.stringify(answer.error));
  return { ...answer.result, cookie: answer.cookie };
};
const refused = async (code, ...args) => {
  const { error, cookie, result } = await call(...args);
  assert.equal(error?.data.code, code, JSON.stringify(error ?? result));
  assert.equal(cookie, undefined);
  return error.message;
};
const finish = (name, ticket, back, more) => ({ ticket, provider: name, code: back.code, state: back.state, ...(back.iss && { iss: back.iss }), ...more });
async function codeFor(email, from) {
  for (let i = 0; i < 200; i++) {
    const all = [...daemon.out.slice(from).matchAll(/Sign-in code for (\S+): (\d{6})/g)].filter((m) => m[1] === email);
    if (all.length > 0) return all.at(-1)[2];
    await sleep(50);
  }
  assert.fail(`no code for ${email}`);
}
async function byMail(email) {
  const from = daemon.out.length;
  const { ticket } = await good("session.code", { email });
  return good("session.enter", { ticket, code: await codeFor(email, from) });
}
/* At our own provider. */
async function attempt(name, p, more = {}) {
  const begun = await good("oidc.begin", { provider: name, ...more });
  return { ...begun, back: p.authorize(begun.url) };
}
const SENTENCE = "this is wrong or too old; begin to sign in anew";
async function isRefused(name, ticket, back, options) {
  assert.equal(await refused("unauthenticated", "oidc.finish", finish(name, ticket, back), options), SENTENCE);
}
const reason = () => JSON.parse(daemon.log.trim().split("\n").filter((l) => l.includes("signin_refused")).at(-1)).reason;

before(async () => {
  dir = tempDir();
  tokens = hub(dir, ["ana", "ben", "mod"]);
  cli("member", "add", "--data", dir, "eva", "--name", "Eva", "--email", "eva@ville.example");
  cli("member", "add", "--data", dir, "kim", "--name", "Kim", "--email", "kim@ville.example");
  for (const email of ["ana@old.example", "ana@ville.example"]) cli("address", "--data", dir, "ana", "--email", email);
  cli("address", "--data", dir, "ben", "--email", "ben@ville.example");
  [evil, trusted] = [await provider(), await provider()];
  const port = 20000 + (process.pid % 20000);
  honest = await honestProvider(() => [`http://127.0.0.1:${port}/oidc/honest`]);
  writeFileSync(join(dir, "secret"), `${secret}\n`, { mode: 0o600 });
  const section = (name, url, more) => `[${name}]\ntitle = Site ${name}\nissuer = ${url}\nclient_id = hub & co\ninside = yes\n${more}\n`;
  writeFileSync(join(dir, "providers.ini"), section("honest", honest.url, `client_secret_file = ${dir}/secret\ntrust_email = yes`)
    + section("evil", evil.url, "") + section("trusted", trusted.url, "trust_email = yes\ndomains = ville.example"));
  daemon = await serve(dir, { port, env: { BARAZA_SIGNIN_PROVIDERS: join(dir, "providers.ini"), BARAZA_LIMITS_ENFORCE: "no" } });
  for (const who of ["ana", "ben"]) tokens[who] = await person(daemon, dir, who);
});
after(async () => {
  for (const p of [honest, evil, trusted]) p?.stop();
  assert.ok(!daemon.log.includes("canary"), "a secret stands in the log");
  assert.equal(await daemon?.stop(), 0);
});

test("providers are listed by name and title, and nothing else of them", async () => {
  const { providers } = await good("oidc.list", {});
  assert.deepEqual(providers, ["honest", "evil", "trusted"].map((provider) => ({ provider, title: `Site ${provider}` })));
  assert.equal((await (await fetch(`${daemon.url}/rpc/oidc.list`)).json()).result.providers.length, 3);
  await refused("invalid", "oidc.begin", { provider: "other" });
  assert.equal((await fetch(`${daemon.url}/rpc/oidc.begin?provider=evil`)).status, 405);
});

test("the way back is a page that changes nothing, is not kept, and tells no referrer", async () => {
  const r = await fetch(`${daemon.url}/oidc/evil?code=x&state=y`);
  assert.equal(r.headers.get("referrer-policy"), "no-referrer");
  assert.match(r.headers.get("cache-control"), /no-store/);
  assert.equal(r.headers.get("set-cookie"), null);
});

test("an honest provider: nobody without a link; by consent of who has the address; then in", async () => {
  const go = async () => {
    const { ticket, url } = await good("oidc.begin", { provider: "honest" });
    const q = new URL(url).searchParams;
    assert.equal(q.get("redirect_uri"), `${daemon.url}/oidc/honest`);
    assert.equal(q.get("code_challenge_method"), "S256");
    assert.ok(!url.includes(ticket));
    return { ticket, back: await walk(url, "eva") };
  };
  const first = await go();
  assert.ok(first.back.iss, "the provider names itself");
  const answer = await call("oidc.finish", finish("honest", first.ticket, first.back));
  assert.equal(answer.result?.link, true, daemon.log.split("\n").slice(-4).join("\n"));
  assert.equal(answer.cookie, undefined);
  /* the same way back once more */
  await isRefused("honest", first.ticket, first.back);
  /* a stranger, and somebody else signed in, may not link it */
  await refused("unauthenticated", "oidc.link", { ticket: first.ticket });
  await refused("unauthenticated", "oidc.link", { ticket: first.ticket }, { token: tokens.ana });
  const eva = await byMail("eva@ville.example");
  assert.deepEqual((await good("oidc.links", {}, eva)).links, []);
  await good("oidc.link", { ticket: first.ticket }, eva);
  await refused("unauthenticated", "oidc.link", { ticket: first.ticket }, eva);
  const { links } = await good("oidc.links", {}, eva);
  assert.equal(links.length, 1);
  assert.equal(links[0].issuer, honest.url);
  assert.equal(links[0].title, "Site honest");
  const second = await go();
  const inside = await call("oidc.finish", finish("honest", second.ticket, second.back, { device: "Firefox" }));
  assert.equal(inside.result?.me.handle, "eva", JSON.stringify(inside.error));
  const sessions = (await good("session.list", {}, inside)).sessions;
  assert.equal(sessions.find((s) => s.own).how, "oidc");
  await refused("not_found", "oidc.unlink", { id: links[0].id }, { token: tokens.ana });
  await good("oidc.unlink", { id: links[0].id }, eva);
  const third = await go();
  assert.equal((await call("oidc.finish", finish("honest", third.ticket, third.back))).result?.link, true);
});

test("an unverified address, and a verified one of a provider that is not believed, link nothing", async () => {
  evil.who = { sub: "e1", email: "kim@ville.example", email_verified: true };
  let a = await attempt("evil", evil);
  await isRefused("evil", a.ticket, a.back);
  for (const email_verified of [false, "true", 1, undefined]) {
    trusted.who = { sub: "e1", email: "kim@ville.example", email_verified };
    a = await attempt("trusted", trusted);
    await isRefused("trusted", a.ticket, a.back);
  }
  for (const email of ["kim@ville.example.evil", "kim@xville.example", "kim@sub.ville.example", "kim@ville.example@evil.example", "Kim <kim@ville.example>"]) {
    trusted.who = { sub: "e1", email, email_verified: true };
    a = await attempt("trusted", trusted);
    await isRefused("trusted", a.ticket, a.back);
  }
  trusted.who = { sub: "e1", email: "KIM@Ville.example", email_verified: true };
  a = await attempt("trusted", trusted);
  assert.equal((await good("oidc.finish", finish("trusted", a.ticket, a.back))).link, true);
  /* and without their owner nothing came of it */
  a = await attempt("trusted", trusted);
  assert.equal((await call("oidc.finish", finish("trusted", a.ticket, a.back))).result.me, undefined);
});

test("who is signed in links an account by consent, if the provider says that one of their addresses is its; it is nobody else's then", async () => {
  const options = { token: tokens.ben };
  const began = async () => {
    const { ticket, url } = await good("oidc.begin", { provider: "evil" }, options);
    return { ticket, back: evil.authorize(url) };
  };
  /* no address, one that is not verified, nobody's, somebody else's: the same words */
  const words = new Set();
  for (const who of [{}, { email: "ben@ville.example" }, { email: "ben@ville.example", email_verified: false }, { email: "ben@ville.example", email_verified: "true" },
                     { email: "nobody@ville.example", email_verified: true }, { email: "eva@ville.example", email_verified: true }]) {
    evil.who = { sub: "bens", ...who };
    const { ticket, back } = await began();
    words.add(await refused("forbidden", "oidc.finish", finish("evil", ticket, back), options));
    await refused("unauthenticated", "oidc.link", { ticket }, options);
  }
  assert.deepEqual([...words], ["this account has no confirmed address that is one of yours here: add that one first"]);
  evil.who = { sub: "bens", email: "ben@ville.example", email_verified: true };
  const begun = await good("oidc.begin", { provider: "evil" }, options);
  const back = evil.authorize(begun.url);
  /* another browser that was led back with it: not signed in, or somebody else */
  await isRefused("evil", begun.ticket, back);
  const again = await good("oidc.begin", { provider: "evil" }, options);
  const way = evil.authorize(again.url);
  await isRefused("evil", again.ticket, way, { token: tokens.ana });
  const shown = await good("oidc.finish", finish("evil", again.ticket, way), options);
  assert.deepEqual([shown.link, shown.email], [true, "ben@ville.example"]);
  assert.deepEqual((await good("oidc.links", {}, options)).links, [], "not without consent");
  await refused("unauthenticated", "oidc.link", { ticket: again.ticket }, { token: tokens.ana });
  await good("oidc.link", { ticket: again.ticket }, options);
  const a = await attempt("evil", evil);
  assert.equal((await good("oidc.finish", finish("evil", a.ticket, a.back))).me.handle, "ben");
  const anas = await good("oidc.begin", { provider: "evil" }, { token: tokens.ana });
  await refused("conflict", "oidc.finish", finish("evil", anas.ticket, evil.authorize(anas.url)), { token: tokens.ana });
});

test("an address that is no longer theirs links nothing", async () => {
  const options = { token: tokens.ana };
  const mine = async (sub, email) => {
    evil.who = { sub, email, email_verified: true };
    const begun = await good("oidc.begin", { provider: "evil" }, options);
    assert.equal((await good("oidc.finish", finish("evil", begun.ticket, evil.authorize(begun.url)), options)).link, true);
    return begun.ticket;
  };
  const old = await mine("anas", "ana@old.example");
  await good("address.drop", { email: "ana@old.example" }, options);
  await refused("unauthenticated", "oidc.link", { ticket: old }, options);
  const ticket = await mine("anas", "ana@ville.example");
  await good("oidc.link", { ticket }, options);
  const { links } = await good("oidc.links", {}, options);
  assert.equal(links.length, 1);
  await good("oidc.unlink", { id: links[0].id }, options);
  assert.deepEqual((await good("oidc.links", {}, options)).links, []);
});

test("an invitation makes a member of who the provider says it is", async () => {
  const { code: invite } = await good("invite.create", { uses: 1 }, { token: tokens.admin });
  evil.who = { sub: "newcomer", name: "Zoé Nováková", email: "zoe@elsewhere.example", email_verified: true };
  let a = await attempt("evil", evil);
  await isRefused("evil", a.ticket, a.back);   /* without one */
  a = await attempt("evil", evil, { invite });
  const shown = await good("oidc.finish", finish("evil", a.ticket, a.back));
  assert.deepEqual({ join: shown.join, name: shown.name, email: shown.email }, { join: true, name: "Zoé Nováková", email: undefined });
  const take = { invite, ticket: a.ticket, name: "Zoé N." };
  await refused("unauthenticated", "invite.take", { ...take, ticket: "A".repeat(43) });
  const another = (await good("invite.create", { uses: 1 }, { token: tokens.admin })).code;
  await refused("unauthenticated", "invite.take", { ...take, invite: another });   /* not the one it was begun with */
  const zoe = await good("invite.take", take);
  assert.equal(zoe.me.name, "Zoé N.");
  a = await attempt("evil", evil);
  assert.equal((await good("oidc.finish", finish("evil", a.ticket, a.back))).me.handle, zoe.me.handle);
  assert.deepEqual((await good("address.list", {}, zoe)).addresses, []);   /* of who is not believed */
  await refused("conflict", "oidc.unlink", { id: (await good("oidc.links", {}, zoe)).links[0].id }, zoe);   /* her only way in */

  /* an invitation to one address: only who is believed to have it */
  const { code: named } = await good("invite.create", { email: "lea@ville.example" }, { token: tokens.admin });
  evil.who = { sub: "lea", email: "lea@ville.example", email_verified: true };
  a = await attempt("evil", evil, { invite: named });
  await isRefused("evil", a.ticket, a.back);
  trusted.who = { sub: "lea", email: "lea@ville.example", email_verified: true };
  a = await attempt("trusted", trusted, { invite: named });
  assert.equal((await good("oidc.finish", finish("trusted", a.ticket, a.back))).join, true);
  const lea = await good("invite.take", { invite: named, ticket: a.ticket, name: "Lea" });
  assert.equal((await good("address.list", {}, lea)).addresses[0].email, "lea@ville.example");
});

test("state: missing, of another sign-in, replayed, of a ticket that was never given", async () => {
  evil.who = { sub: "bens" };
  const a = await attempt("evil", evil), b = await attempt("evil", evil);
  const params = finish("evil", a.ticket, a.back);
  delete params.state;
  await refused("invalid", "oidc.finish", params);
  await isRefused("evil", a.ticket, { ...a.back, state: b.back.state });
  await isRefused("evil", a.ticket, { ...a.back, state: a.back.state.slice(0, -1) });
  await isRefused("evil", "A".repeat(43), a.back);
  await isRefused("evil", b.ticket, a.back);
  await good("oidc.finish", finish("evil", a.ticket, a.back));
  await isRefused("evil", a.ticket, a.back);
});

test("a code that was stolen is worth nothing with another ticket: PKCE", async () => {
  evil.who = { sub: "bens" };
  const victim = await attempt("evil", evil), thief = await attempt("evil", evil);
  await isRefused("evil", thief.ticket, { code: victim.back.code, state: thief.back.state });
  assert.equal(reason(), "the code is not taken");
  await isRefused("evil", victim.ticket, victim.back);   /* and its own turn is over at the provider */
});

test("a token that is not for this sign-in, site, issuer or time, or that nobody signed", async () => {
  const other = await attempt("evil", evil);
  const lies = {
    "it answers to another sign-in": [(c) => ({ ...c, nonce: new URL(other.url).searchParams.get("nonce") }), ({ nonce, ...c }) => c],
    "it is of another issuer": [(c) => ({ ...c, iss: trusted.url }), (c) => ({ ...c, iss: `${c.iss}/` })],
    "it is for another site": [(c) => ({ ...c, aud: "another" }), (c) => ({ ...c, aud: [c.aud, "another"] }), (c) => ({ ...c, aud: [c.aud, "another"], azp: "another" }), (c) => ({ ...c, azp: "another" })],
    "it is too old, or not yet good": [(c) => ({ ...c, exp: c.iat - 100 }), (c) => ({ ...c, iat: c.iat + 100 }), (c) => ({ ...c, nbf: c.iat + 100 }), ({ exp, ...c }) => c],
    "it came with another access token": [(c) => ({ ...c, at_hash: "AAAAAAAAAAAAAAAAAAAAAA" })],
    "it does not say who it is about": [({ sub, ...c }) => c, (c) => ({ ...c, sub: 7 }), (c) => ({ ...c, sub: "x".repeat(256) })],
  };
  for (const [why, tricks] of Object.entries(lies))
    for (const claims of tricks) {
      evil.who = { sub: "bens" };
      evil.tricks = { claims };
      const a = await attempt("evil", evil);
      await isRefused("evil", a.ticket, a.back);
      assert.equal(reason(), why, String(claims));
    }
  const pem = keys.rsa.publicKey.export({ type: "spki", format: "pem" });
  const forged = {
    "its signature is of a kind that is not taken": [(c) => jws(c, { head: { alg: "none" } }), (c) => jws(c, { head: { alg: "HS256", kid: "k1" }, mac: pem }),
      (c) => jws(c, { head: { alg: "HS256", kid: "k1" }, mac: JSON.stringify(keys.rsa.publicKey.export({ format: "jwk" })) })],
    "the signature is not of the provider": [(c) => jws(c, { pair: keys.other })],
    "it is not well formed": [() => "x", () => "a.b.c", (c) => jws(c, { head: { alg: "none" } }).slice(0, -1)],
  };
  for (const [why, tricks] of Object.entries(forged))
    for (const token of tricks) {
      evil.tricks = { token };
      const a = await attempt("evil", evil);
      await isRefused("evil", a.ticket, a.back);
      assert.ok([why, "it is not well formed"].includes(reason()), `${reason()} ${token}`);
    }
  evil.tricks = {};
  const a = await attempt("evil", evil);
  assert.equal((await good("oidc.finish", finish("evil", a.ticket, a.back))).me.handle, "ben");
});

test("mix-up: what one provider gave is not shown to another, and who names another issuer is not heard", async () => {
  evil.who = trusted.who = { sub: "bens" };
  const a = await attempt("evil", evil);
  const before = trusted.asked.length;
  await isRefused("trusted", a.ticket, a.back);
  assert.equal(trusted.asked.slice(before).filter((r) => r.path === "/token").length, 0, "a code went to another provider");
  const b = await attempt("evil", evil);
  await isRefused("evil", b.ticket, { ...b.back, iss: trusted.url });
  assert.equal(reason(), "another issuer leads back");
  assert.equal((await good("oidc.finish", finish("evil", b.ticket, { ...b.back, iss: evil.url }))).me.handle, "ben");
  const c = await good("oidc.begin", { provider: "honest" });
  const back = await walk(c.url, "eva");
  await isRefused("honest", c.ticket, { ...back, iss: undefined });   /* it said that it would name itself */
  assert.equal(reason(), "another issuer leads back");
});

test("where people are led back to comes from the settings, whatever the request says", async () => {
  for (const more of [{ return_to: "https://evil.example" }, { redirect_uri: "https://evil.example" }])
    await refused("invalid", "oidc.begin", { provider: "evil", ...more });
  const r = await fetch(`${daemon.url}/rpc`, { method: "POST", headers: { "content-type": "application/json", "x-forwarded-host": "evil.example" },
                                               body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "oidc.begin", params: { provider: "evil" } }) });
  const { result } = await r.json();
  assert.equal(new URL(result.url).searchParams.get("redirect_uri"), `${daemon.url}/oidc/evil`);
  assert.equal(new URL(result.url).origin, evil.url);
});

/* Each on a hub of its own, which knows nothing of the provider yet. */
async function fresh(tricks, inside = "yes") {
  const p = await provider();
  p.tricks = tricks;
  p.who = { sub: "x" };
  const folder = tempDir();
  hub(folder, ["ana"]);
  writeFileSync(join(folder, "p.ini"), `[p]\ntitle = P\nissuer = ${p.url}\nclient_id = c\ninside = ${inside}\n`);
  const d = await serve(folder, { env: { BARAZA_SIGNIN_PROVIDERS: join(folder, "p.ini"), BARAZA_LIMITS_ENFORCE: "no" } });
  const was = daemon;
  daemon = d;
  return { p, d, end: async () => { daemon = was; p.stop(); await d.stop(); } };
}

test("a description that lies, keys without end, slow and endless answers, and redirects inside", async () => {
  const big = "x".repeat(70000);
  const lies = [
    { discovery: (doc) => ({ ...doc, issuer: "http://127.0.0.1:1" }) }, { discovery: (doc) => ({ ...doc, token_endpoint: "http://169.254.169.254/token" }) },
    { discovery: (doc) => ({ ...doc, jwks_uri: "file:///etc/passwd" }) }, { discovery: (doc) => ({ ...doc, code_challenge_methods_supported: ["plain"] }) },
    { discovery: (doc) => ({ ...doc, more: big }) }, { discovery: () => [] },
    { answer: (req, res) => res.writeHead(302, { location: "http://127.0.0.1:1/" }).end() }, { answer: (req, res) => res.writeHead(500).end("{}") },
  ];
  for (const tricks of lies) {
    const { p, end } = await fresh(tricks);
    try {
      await refused("unavailable", "oidc.begin", { provider: "p" });
      await refused("unavailable", "oidc.begin", { provider: "p" });
      assert.equal(p.asked.length, 1, "who failed is not asked again at once");
    } finally {
      await end();
    }
  }
  const later = [
    [{ keys: () => ({ keys: Array.from({ length: 33 }, () => ({ kty: "RSA" })) }) }, "unauthenticated"], [{ keys: (set) => ({ ...set, more: big }) }, "unavailable"],
    [{ keys: () => ({}) }, "unauthenticated"], [{ answer: (req, res, path) => path === "/keys" && res.writeHead(307, { location: "/keys2" }).end() }, "unavailable"],
    [{ answer: (req, res, path) => path === "/token" && res.writeHead(307, { location: "http://127.0.0.1:1/" }).end() }, "unauthenticated"],
    [{ answer: (req, res, path) => path === "/token" && res.writeHead(200).end(big) }, "unavailable"],
  ];
  for (const [tricks, code] of later) {
    const { p, end } = await fresh(tricks);
    try {
      const a = await attempt("p", p);
      await refused(code, "oidc.finish", finish("p", a.ticket, a.back));
    } finally {
      await end();
    }
  }
});

test("one that never ends is left after 10 s, while others go on; a hub that stops does not wait", async () => {
  const drip = (req, res, path) => {
    if (path !== "/token") return false;
    res.writeHead(200);
    const timer = setInterval(() => res.write(" "), 100);
    res.on("close", () => clearInterval(timer));
    return true;
  };
  const { p, d, end } = await fresh({ answer: drip });
  try {
    const a = await attempt("p", p), b = await attempt("p", p);
    const from = Date.now();
    const slow = refused("unavailable", "oidc.finish", finish("p", a.ticket, a.back));
    await rpc(d, cli("token", "--data", d.child.spawnargs[3], "ana"), "room.list", {});
    await slow;
    assert.ok(Date.now() - from < 12000, `${Date.now() - from} ms`);
    const last = call("oidc.finish", finish("p", b.ticket, b.back)).catch(() => null);
    await sleep(300);
    const stop = Date.now();
    await d.stop();
    await last;
    assert.ok(Date.now() - stop < 6000, `${Date.now() - stop} ms`);
    assert.equal(d.code, 0, d.log);
  } finally {
    await end();
  }
});

test("keys that change are asked for again, once a minute at most; 16 at once and no more", async () => {
  const { p, end } = await fresh({});
  try {
    const one = await attempt("p", p);
    await refused("unauthenticated", "oidc.finish", finish("p", one.ticket, one.back));
    const asked = () => p.asked.filter((r) => r.path === "/keys").length;
    assert.equal(asked(), 1);
    p.tricks = { token: (c) => jws(c, { head: { alg: "RS256", kid: "k2" } }) };
    for (let i = 0; i < 3; i++) {
      const a = await attempt("p", p);
      await refused("unauthenticated", "oidc.finish", finish("p", a.ticket, a.back));
    }
    assert.equal(asked(), 1, "an unknown key made the hub ask at once");
    p.tricks = { answer: (req, res, path) => path === "/token" };   /* never answers */
    const many = await Promise.all(Array.from({ length: 20 }, () => attempt("p", p)));
    const codes = await Promise.all(many.map(async (a) => (await call("oidc.finish", finish("p", a.ticket, a.back))).error.data.code));
    assert.ok(codes.every((c) => c === "unavailable"), String(codes));
    assert.equal(p.asked.filter((r) => r.path === "/token").length, 4 + 16);
  } finally {
    await end();
  }
});

test("the settings are checked with their file", async () => {
  const file = join(dir, "bad.ini");
  const check = (text) => {
    writeFileSync(file, text);
    try {
      return cli("config", "check", "--data", dir, "--config", join(dir, "c.ini"));
    } catch (error) {
      return `${error.status} ${error.stderr}`;
    }
  };
  writeFileSync(join(dir, "c.ini"), `[net]\nsite = https://hub.example\n[signin]\nproviders = ${file}\n`);
  assert.match(check("[a]\ntitle = A\nissuer = https://id.example\nclient_id = x\n"), /in order/);
  assert.match(check("[a]\ntitle = A\nissuer = https://id.example\nclient_id = x\ncolour = red\n"), /^78 .*bad.ini:5: unknown key: colour/s);
  assert.match(check("[a]\ntitle = A\nissuer = http://id.example\nclient_id = x\n"), /^78 .*bad.ini:3: issuer must be https/s);
  chmodSync(join(dir, "secret"), 0o644);
  const open = check(`[a]\ntitle = A\nissuer = https://id.example\nclient_id = x\nclient_secret_file = ${join(dir, "secret")}\n`);
  assert.match(open, /^78 .*others may open/s);
  assert.ok(!open.includes("canary"));
  chmodSync(join(dir, "secret"), 0o600);
});

test("the client's secret goes to its own provider, escaped, and a public client has none", async () => {
  const asked = evil.asked.filter((r) => r.path === "/token");
  assert.ok(asked.length > 0 && asked.every((r) => r.authorization === undefined && r.body.includes("client_id=hub%20%26%20co")));
  assert.ok(asked.every((r) => /code_verifier=[\w-]{43}(&|$)/.test(r.body)));
  assert.ok(asked.every((r) => createHash("sha256").update(new URLSearchParams(r.body).get("code_verifier")).digest("base64url").length === 43));
});
