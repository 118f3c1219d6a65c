// raw.mjs: drives HTTP and WebSocket over a bare socket, so that a test can send what no client library would.
import net from "node:net";
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// A server to test: BARAZA_ADDR names one that runs; else the binary BARAZA_BIN is started on a fresh hub.
export async function serve() {
  if (process.env.BARAZA_ADDR) {
    const [host, port] = process.env.BARAZA_ADDR.split(":");
    return { host, port: Number(port), stop() {} };
  }
  const bin = process.env.BARAZA_BIN ?? "build/baraza";
  const dir = mkdtempSync(join(tmpdir(), "baraza-raw-"));
  execFileSync(bin, ["init", "--data", join(dir, "d"), "--hub", "raw", "--name", "Raw"]);
  const child = spawn(bin, ["serve", "--data", join(dir, "d"), "--listen", "127.0.0.1:0"],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ASAN_OPTIONS: "abort_on_error=1" } });
  const port = await new Promise((resolve, reject) => {
    let text = "";
    const look = (data) => {
      text += data;
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
      if (found) resolve(Number(found[1]));
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.on("exit", () => reject(new Error(`the daemon ended: ${text}`)));
  });
  return {
    host: "127.0.0.1", port,
    async stop() {
      const gone = new Promise((resolve) => child.on("exit", resolve));
      child.kill("SIGTERM");
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

// One connection. until(test) resolves with all bytes once test(bytes) holds or the peer has closed.
export function open(server) {
  const socket = net.connect({ host: server.host, port: server.port });
  const c = { socket, data: Buffer.alloc(0), closed: false, waiting: [] };
  const wake = () => { c.waiting = c.waiting.filter((w) => !w()); };
  socket.on("data", (d) => { c.data = Buffer.concat([c.data, d]); wake(); });
  socket.on("error", () => {});
  socket.on("close", () => { c.closed = true; wake(); });
  c.send = (bytes) => { if (!socket.destroyed) socket.write(bytes); };
  c.until = (test, ms = 8000) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing within ${ms} ms: ${c.data.toString("latin1").slice(0, 200)}`)), ms);
    const w = () => (c.closed || test(c.data)) && (clearTimeout(timer), resolve(c.data), true);
    if (!w()) c.waiting.push(w);
  });
  c.end = () => socket.destroy();
  return c;
}

const whole = (data) => {
  const at = data.indexOf("\r\n\r\n");
  if (at < 0) return false;
  const length = /content-length: (\d+)/i.exec(data.subarray(0, at).toString("latin1"));
  return !length || data.length >= at + 4 + Number(length[1]);
};

// Sends one request as it stands and reads one answer; waits for the end of the connection when closes is set.
export async function ask(server, text, { closes = false, head = false } = {}) {
  const c = open(server);
  c.send(Buffer.from(text, "latin1"));
  const data = await c.until((d) => !closes && (head ? d.includes("\r\n\r\n") : whole(d)));
  c.end();
  const [top, ...rest] = data.toString("latin1").split("\r\n\r\n");
  const lines = top.split("\r\n");
  const headers = {};
  for (const line of lines.slice(1)) headers[line.split(":")[0].toLowerCase()] = line.slice(line.indexOf(":") + 1).trim();
  return { status: Number(lines[0].split(" ")[1] ?? 0), headers, body: rest.join("\r\n\r\n"), closed: c.closed, text: data.toString("latin1") };
}

export const upgrade = (server, more = "", { drop = [] } = {}) =>
  ["GET /ws HTTP/1.1", `Host: ${server.host}:${server.port}`, "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: baraza.v1"]
    .filter((line) => !drop.some((d) => line.toLowerCase().startsWith(d))).join("\r\n") + `\r\n${more}\r\n`;

export async function websocket(server) {
  const c = open(server);
  c.send(upgrade(server));
  const head = await c.until((d) => d.includes("\r\n\r\n"));
  if (!head.toString("latin1").startsWith("HTTP/1.1 101")) throw new Error(head.toString("latin1"));
  c.data = c.data.subarray(c.data.indexOf("\r\n\r\n") + 4);
  return c;
}

// A client frame. length overrides what the header claims, long its form (2 or 8 bytes), mask: false leaves it out.
export function frame(opcode, payload = "", { fin = true, rsv = 0, mask = true, long, length } = {}) {
  const body = Buffer.from(payload);
  const n = BigInt(length ?? body.length);
  const form = long ?? (n < 126n ? 0 : n < 65536n ? 2 : 8);
  const head = Buffer.alloc(2 + form);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (mask ? 0x80 : 0) | (form === 0 ? Number(n) : form === 2 ? 126 : 127);
  for (let i = 0; i < form; i++) head[1 + form - i] = Number((n >> BigInt(8 * i)) & 255n);
  if (!mask) return Buffer.concat([head, body]);
  const key = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
  return Buffer.concat([head, key, body.map((b, i) => b ^ key[i & 3])]);
}

// The frames in what a server sent.
export function frames(data) {
  const list = [];
  for (let at = 0; at + 2 <= data.length;) {
    let n = data[at + 1] & 127;
    const head = n === 126 ? 4 : n === 127 ? 10 : 2;
    if (at + head > data.length) break;   /* a segment may end within a header */
    if (head === 4) n = data.readUInt16BE(at + 2);
    if (head === 10) n = Number(data.readBigUInt64BE(at + 2));
    if (at + head + n > data.length) break;
    list.push({ opcode: data[at] & 15, payload: data.subarray(at + head, at + head + n) });
    at += head + n;
  }
  return list;
}

// Sends bytes after the handshake and tells the close code (0: closed without one).
export async function closeCode(server, bytes, ms) {
  const c = await websocket(server);
  for (const b of [bytes].flat()) c.send(b);
  const data = await c.until((d) => frames(d).some((f) => f.opcode === 8), ms);
  c.end();
  const close = frames(data).find((f) => f.opcode === 8);
  return close && close.payload.length >= 2 ? close.payload.readUInt16BE(0) : 0;
}
