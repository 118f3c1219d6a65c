// provider.mjs: a provider of sign-ins that does as it is told, also what no honest one would.
import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import { createServer as createTls } from "node:https";

const b64 = (x) => Buffer.from(typeof x === "string" ? x : JSON.stringify(x)).toString("base64url");
export const keys = { rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }), other: generateKeyPairSync("rsa", { modulusLength: 2048 }) };
const jwk = (pair, kid) => ({ ...pair.publicKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" });

export function jws(claims, { head = { alg: "RS256", kid: "k1" }, pair = keys.rsa, mac } = {}) {
  const text = `${b64(head)}.${b64(claims)}`;
  if (head.alg === "none") return `${text}.`;
  const signature = mac ? createHmac("sha256", mac).update(text).digest("base64url") : sign("sha256", Buffer.from(text), pair.privateKey).toString("base64url");
  return `${text}.${signature}`;
}

/* tricks: what it does otherwise: discovery(doc), keys(set), claims(claims), token(claims) -> text, answer(req, res, path) -> true. */
/* tls: the settings of a server of node's, where it is to talk TLS. */
export async function provider(tls) {
  const p = { tricks: {}, asked: [], codes: new Map(), who: { sub: "sub-1" } };
  const server = (tls ? (then) => createTls(tls, then) : createServer)(async (req, res) => {
    const url = new URL(req.url, p.url);
    let body = "";
    for await (const part of req) body += part;
    p.asked.push({ path: url.pathname, body, authorization: req.headers.authorization });
    if (p.tricks.answer?.(req, res, url.pathname)) return;
    const say = (status, doc) => res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(doc));
    if (url.pathname === "/.well-known/openid-configuration") {
      const doc = { issuer: p.url, authorization_endpoint: `${p.url}/authorize`, token_endpoint: `${p.url}/token`, jwks_uri: `${p.url}/keys` };
      return say(200, p.tricks.discovery?.(doc) ?? doc);
    }
    if (url.pathname === "/keys") {
      const set = { keys: [jwk(keys.rsa, "k1")] };
      return say(200, p.tricks.keys?.(set) ?? set);
    }
    if (url.pathname !== "/token") return say(404, {});
    const form = Object.fromEntries(new URLSearchParams(body));
    const asked = p.codes.get(form.code);
    p.codes.delete(form.code);
    const challenge = createHash("sha256").update(form.code_verifier ?? "").digest("base64url");
    if (!asked || asked.challenge !== challenge || asked.redirect !== form.redirect_uri) return say(400, { error: "invalid_grant" });
    const now = Math.floor(Date.now() / 1000);
    const access = "an-access-token";
    const claims = { iss: p.url, aud: asked.client, iat: now, exp: now + 300, nonce: asked.nonce, ...p.who,
                     at_hash: createHash("sha256").update(access).digest().subarray(0, 16).toString("base64url") };
    const said = p.tricks.claims?.(claims) ?? claims;
    say(200, { access_token: access, token_type: "Bearer", id_token: p.tricks.token?.(said) ?? jws(said) });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  p.url = `${tls ? "https" : "http"}://127.0.0.1:${server.address().port}`;
  p.stop = () => { server.closeAllConnections(); server.close(); };
  /* As if somebody had signed in there: what their browser is sent back with. */
  p.authorize = (address) => {
    const q = new URL(address).searchParams;
    const code = b64(`code-${p.codes.size}-${Math.random()}`);
    p.codes.set(code, { challenge: q.get("code_challenge"), nonce: q.get("nonce"), client: q.get("client_id"), redirect: q.get("redirect_uri") });
    return { code, state: q.get("state") };
  };
  return p;
}
