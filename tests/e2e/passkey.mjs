/* passkey.mjs: an authenticator in software, right or wrong as told, and the codes of an authenticator app. */
import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";

export const base64 = (bytes) => Buffer.from(bytes).toString("base64url");
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
export const UP = 1, UV = 4, AT = 64;

function head(major, n) {
  if (n < 24) return Buffer.from([major << 5 | n]);
  if (n < 256) return Buffer.from([major << 5 | 24, n]);
  return Buffer.from([major << 5 | 25, n >> 8, n & 255]);
}
const int = (n) => n < 0 ? head(1, -1 - n) : head(0, n);
const bytes = (b) => Buffer.concat([head(2, b.length), b]);
const text = (s) => Buffer.concat([head(3, s.length), Buffer.from(s)]);
const map = (pairs) => Buffer.concat([head(5, pairs.length), ...pairs.flat()]);

export class Passkey {
  constructor() {
    this.id = randomBytes(20);
    this.counter = 0;
    this.keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  }

  #cose() {
    const { x, y } = this.keys.publicKey.export({ format: "jwk" });
    return map([[int(1), int(2)], [int(3), int(-7)], [int(-1), int(1)], [int(-2), bytes(Buffer.from(x, "base64url"))],
                [int(-3), bytes(Buffer.from(y, "base64url"))]]);
  }

  #data(site, flags) {
    const n = Buffer.alloc(4);
    n.writeUInt32BE(this.counter);
    return Buffer.concat([sha256(site), Buffer.from([flags]), n]);
  }

  #client(type, challenge, origin, more) {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...more }));
  }

  /* options of passkey.new; wrong: { origin, site, flags, challenge, more } */
  create(options, origin, wrong = {}) {
    this.handle = Buffer.from(options.user.id, "base64url");
    const data = Buffer.concat([this.#data(wrong.site ?? options.rp.id, wrong.flags ?? (UP | UV | AT)), Buffer.alloc(16),
                                Buffer.from([this.id.length >> 8, this.id.length & 255]), this.id, this.#cose()]);
    return {
      id: base64(this.id),
      client: base64(this.#client("webauthn.create", wrong.challenge ?? options.challenge, wrong.origin ?? origin, wrong.more)),
      attestation: base64(map([[text("fmt"), text("none")], [text("attStmt"), map([])], [text("authData"), bytes(data)]])),
    };
  }

  get(options, origin, wrong = {}) {
    const data = this.#data(wrong.site ?? options.rpId, wrong.flags ?? (UP | UV));
    const client = this.#client("webauthn.get", wrong.challenge ?? options.challenge, wrong.origin ?? origin, wrong.more);
    const by = (wrong.key ?? this.keys).privateKey;
    return {
      id: base64(wrong.id ?? this.id), client: base64(client), data: base64(data), handle: base64(wrong.handle ?? this.handle),
      signature: base64(sign("sha256", Buffer.concat([data, sha256(client)]), by)),
    };
  }
}

/* What an app shows: step 0 is now. */
export function totp(secret, step = 0, now = Date.now()) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30000) + step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}
