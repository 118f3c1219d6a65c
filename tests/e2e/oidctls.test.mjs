/* Signing in by a site that is asked over TLS, with certificates of an authority of our own, which the settings name: who has the right
 * one is believed. Another's name, one that ran out, an authority that nobody named, TLS 1.1, and a way from https to http are not; the
 * operator's log says which it was, and nothing was said to who is none. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cli, hub, serve, tempDir } from "./daemon.mjs";
import { provider } from "./provider.mjs";

const certs = tempDir(), dir = tempDir(), at = (name) => join(certs, name);
const openssl = (...args) => execFileSync("openssl", args, { stdio: "pipe", cwd: certs });
const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
let daemon, sites, elsewhere;

function authority(name) {
  openssl("req", "-x509", ...EC, "-days", "2", "-subj", `/CN=${name}`, "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", `${name}.key`, "-out", `${name}.pem`);
}
/* Good from a time on, and until another: YYYYMMDDHHMMSSZ. */
function certificate(name, { ca = "ours", san = "IP:127.0.0.1", from = "20200101000000Z", until = "20490101000000Z" } = {}) {
  writeFileSync(at("ca.cnf"), `[ca]\ndefault_ca = c\n[c]\nnew_certs_dir = .\ndatabase = ${name}.txt\nrand_serial = yes\ndefault_md = sha256\npolicy = p\ncopy_extensions = none\n`
    + `x509_extensions = x\n[p]\ncommonName = supplied\n[x]\nbasicConstraints = CA:FALSE\nsubjectAltName = ${san}\n`);
  writeFileSync(at(`${name}.txt`), "");
  openssl("req", "-new", ...EC, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
  openssl("ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", `${ca}.pem`, "-keyfile", `${ca}.key`, "-startdate", from, "-enddate", until,
    "-in", `${name}.csr`, "-out", `${name}.crt`);
  return { key: readFileSync(at(`${name}.key`)), cert: readFileSync(at(`${name}.crt`)) };
}

async function call(method, params) {
  const answer = await fetch(`${daemon.url}/rpc`, { method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) });
  return answer.json();
}
const said = (name) => daemon.log.trim().split("\n").filter((l) => l.includes("provider_silent")).map((l) => JSON.parse(l)).filter((l) => l.provider === name);

before(async () => {
  hub(dir, []);
  cli("member", "add", "--data", dir, "eva", "--name", "Eva", "--email", "eva@ville.example");
  authority("ours");
  authority("theirs");
  const good = certificate("good");
  elsewhere = await provider();
  sites = {
    good: await provider(good),
    name: await provider(certificate("name", { san: "DNS:login.example,IP:127.0.0.2" })),
    late: await provider(certificate("late", { until: "20250101000000Z" })),
    early: await provider(certificate("early", { from: "20480101000000Z" })),
    stranger: await provider(certificate("stranger", { ca: "theirs" })),
    system: await provider(good),
    old: await provider({ ...good, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }),
    leads: await provider(good),
    keys: await provider(good),
  };
  const lead = (req, res, path) => res.writeHead(302, { location: `${elsewhere.url}${path}` }).end();
  sites.leads.tricks = { answer: lead };
  sites.keys.tricks = { answer: (req, res, path) => path === "/keys" && lead(req, res, path) };
  const section = ([name, site]) => `[${name}]\ntitle = ${name}\nissuer = ${site.url}\nclient_id = c\ninside = yes\ntrust_email = yes\n`
    + (name === "system" ? "" : `ca = ${at("ours.pem")}\n`);
  writeFileSync(join(dir, "p.ini"), Object.entries(sites).map(section).join("\n"));
  daemon = await serve(dir, { env: { BARAZA_SIGNIN_PROVIDERS: join(dir, "p.ini"), BARAZA_LIMITS_ENFORCE: "no", BARAZA_NET_SITE: "https://hub.example" } });
});
after(async () => {
  for (const p of [...Object.values(sites ?? {}), elsewhere]) p?.stop();
  assert.equal(await daemon?.stop(), 0);
});

test("a site whose certificate is of its address, of an authority that the settings name, is believed", async () => {
  const { result: begun } = await call("oidc.begin", { provider: "good" });
  assert.equal(new URL(begun.url).searchParams.get("redirect_uri"), "https://hub.example/oidc/good");
  sites.good.who = { sub: "e", email: "eva@ville.example", email_verified: true };
  const { result } = await call("oidc.finish", { ticket: begun.ticket, provider: "good", ...sites.good.authorize(begun.url) });
  assert.equal(result?.link, true, daemon.log);
  assert.deepEqual(sites.good.asked.map((r) => r.path), ["/.well-known/openid-configuration", "/token", "/keys"]);
  assert.deepEqual(said("good"), []);
});

for (const [name, words, what] of [
  ["name", /no alternative certificate subject name matches/, "a certificate of another name"],
  ["late", /certificate has expired/, "a certificate that ran out"],
  ["early", /certificate is not yet valid/, "a certificate that is not good yet"],
  ["stranger", /unable to get local issuer certificate|self.signed certificate/, "a certificate of another authority"],
  ["system", /unable to get local issuer certificate/, "an authority that nobody named"],
  ["old", /unsupported protocol|protocol version|version/i, "TLS 1.1 and no newer"],
])
  test(`${what} is refused, before anything is said, and the log says why`, async () => {
    const { error } = await call("oidc.begin", { provider: name });
    assert.equal(error?.data.code, "unavailable");
    assert.ok(!words.test(error.message), "strangers are not told why");
    assert.deepEqual(sites[name].asked, []);
    assert.equal(said(name).length, 1, daemon.log);
    assert.match(said(name)[0].reason, words);
    assert.match(said(name)[0].reason, /^no description: /);
  });

test("a way from https to http is not gone, neither for the description nor for the keys", async () => {
  const { error } = await call("oidc.begin", { provider: "leads" });
  assert.equal(error?.data.code, "unavailable");
  assert.match(said("leads")[0].reason, /^no description: it leads elsewhere \(302\)/);
  const { result: begun } = await call("oidc.begin", { provider: "keys" });
  const finished = await call("oidc.finish", { ticket: begun.ticket, provider: "keys", ...sites.keys.authorize(begun.url) });
  assert.equal(finished.error?.data.code, "unavailable");
  assert.match(said("keys")[0].reason, /^no keys: it leads elsewhere \(302\)/);
  assert.deepEqual(elsewhere.asked, []);
});
