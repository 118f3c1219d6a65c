/* A bad line to the hub, in user space: so many bytes in a second, a long way, and cuts.
 *
 * Each direction of the line is one queue that all its connections share, as a phone's are. What
 * is under way when a connection is cut is lost. A cut is heard by both ends, by the near end
 * alone, or by nobody: then what is sent goes nowhere until somebody gives up. Without `sockets` it
 * lets no WebSocket through. */
import { connect, createServer } from "node:net";
import { once } from "node:events";

const QUEUE_BYTES = 32 * 1024; /* as much waits on the way; then the sender feels it */

const UPGRADE = Buffer.from("GET /ws ");

/* A seeded source of numbers from 0 to 1 (mulberry32). */
export function seeded(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export async function thinLine({ bytesPerSecond = 12_500, roundTripMs = 800, sockets = true } = {}) {
  const half = roundTripMs / 2;
  const pairs = new Set();
  const line = { url: "", target: 0, cuts: 0, bytes: 0 };
  const freeAt = { up: 0, down: 0 };

  /* Carries from one socket to the other; silent once the pair is dead. */
  function carry(pair, way, from, to, firstMs) {
    let waiting = 0;
    let notBefore = Date.now() + firstMs;
    from.on("data", (chunk) => {
      if (pair.dead) return;
      if (!sockets && chunk.subarray(0, 8).equals(UPGRADE)) return pair.near.resetAndDestroy();
      line.bytes += chunk.length;
      freeAt[way] = Math.max(Date.now(), freeAt[way]) + (chunk.length * 1000) / bytesPerSecond;
      notBefore = Math.max(notBefore, freeAt[way] + half);
      waiting += chunk.length;
      if (waiting > QUEUE_BYTES) from.pause();
      setTimeout(() => {
        waiting -= chunk.length;
        if (pair.dead) return;
        to.write(chunk);
        if (waiting <= QUEUE_BYTES) from.resume();
      }, notBefore - Date.now());
    });
    from.on("end", () => {
      setTimeout(() => !pair.dead && to.end(), Math.max(half, notBefore - Date.now()));
    });
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: line.target, host: "127.0.0.1", allowHalfOpen: true });
    const pair = { near, far, dead: false };
    pairs.add(pair);
    const end = () => {
      pair.dead = true;
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const s of [near, far]) s.setNoDelay(true).on("error", end);
    near.on("close", () => (far.destroyed ? end() : pair.dead || far.end()));
    far.on("close", () => (near.destroyed ? end() : pair.dead || near.end()));
    carry(pair, "up", near, far, roundTripMs); /* the handshake took as long */
    carry(pair, "down", far, near, 0);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  line.url = `http://127.0.0.1:${server.address().port}`;

  /* heard: "both", "near" or "nobody". */
  line.cut = (heard) => {
    line.cuts++;
    for (const pair of [...pairs]) {
      pair.dead = true;
      if (heard !== "nobody") pair.near.resetAndDestroy();
      if (heard === "both") pair.far.resetAndDestroy();
    }
  };
  line.end = () => {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
    server.close();
  };
  return line;
}
