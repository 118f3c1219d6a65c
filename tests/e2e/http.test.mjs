// Proves that ambiguous, foreign or slow HTTP is refused with the right status and closed, and that honest HTTP is not.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { serve, ask, open, upgrade } from "./raw.mjs";

let server, host;
before(async () => { server = await serve(); host = `${server.host}:${server.port}`; });
after(async () => { await server.stop(); });

const request = (line, headers = [], body = "") => [line, `Host: ${host}`, ...headers].join("\r\n") + "\r\n\r\n" + body;
const alive = async () => assert.equal((await ask(server, request("GET /healthz HTTP/1.1"))).status, 200);
const post = (body, headers = []) =>
  request("POST /rpc HTTP/1.1", ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`, ...headers], body);
const call = '{"jsonrpc":"2.0","id":1,"method":"rpc.discover","params":{}}';

// Sends it, waits for the end of the connection, and finds exactly one answer of this status.
function refused(name, text, status) {
  return test(name, async () => {
    const answer = await ask(server, text, { closes: true });
    assert.ok([status].flat().includes(answer.status), `${answer.status}, expected ${status}`);
    assert.equal(answer.text.split("HTTP/1.1 ").length, 2, "one answer only");
    await alive();
  });
}
const smuggled = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

test("H2 smuggling", async () => {
  const p = (...headers) => request("POST /rpc HTTP/1.1", ["Content-Type: application/json", ...headers], "0\r\n\r\n" + smuggled);
  await refused("length and encoding", p("Content-Length: 4", "Transfer-Encoding: chunked"), 400);
  await refused("encoding and length", p("Transfer-Encoding: chunked", "Content-Length: 4"), 400);
  await refused("chunked", p("Transfer-Encoding: chunked"), 411);
  for (const te of ["identity", "gzip, chunked", "chunked, identity", "xchunked", "\"chunked\"", "chunked;a=b", "", "\x0bchunked"])
    await refused(`encoding ${JSON.stringify(te)}`, p(`Transfer-Encoding: ${te}`), 400);
  await refused("two encodings", p("Transfer-Encoding: chunked", "Transfer-Encoding: identity"), 400);
  await refused("two lengths", p("Content-Length: 4", "Content-Length: 4"), 400);
  await refused("two different lengths", p("Content-Length: 4", "Content-Length: 5"), 400);
  for (const n of ["+4", "-4", "4 4", "4,4", "0x4", "4.0", "", "four", "18446744073709551620", "4\t4"])
    await refused(`length ${JSON.stringify(n)}`, p(`Content-Length: ${n}`), 400);
  await refused("blank before the colon", p("Content-Length : 4"), 400);
  await refused("folded line", p("Content-Length: 4", " 5"), 400);
  await refused("bare LF", `POST /rpc HTTP/1.1\nHost: ${host}\n\n`, 400);
  await refused("bare LF in one header", `GET / HTTP/1.1\r\nHost: ${host}\nX: y\r\n\r\n`, 400);
  await refused("bare CR", `GET / HTTP/1.1\r\nHost: ${host}\rX: y\r\n\r\n`, 400);
  await refused("NUL", `GET /\0 HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400);
  await refused("empty line first", "\r\n\r\n", 400);
  await refused("body on GET", request("GET /healthz HTTP/1.1", ["Content-Length: 5"], "hello"), 400);
  await refused("header without colon", request("GET / HTTP/1.1", ["nonsense"]), 400);
  await refused("header with no name", request("GET / HTTP/1.1", [": x"]), 400);
  await refused("65 headers", request("GET / HTTP/1.1", Array.from({ length: 65 }, (_, i) => `X-${i}: y`)), 400);
  await refused("huge head", request("GET / HTTP/1.1", ["X: " + "y".repeat(20000)]), 431);
});

// Only a service worker reads what a phone shares: without one the page is told, whatever the size of the body.
test("a share that no service worker took is answered with the page that says so, unread", async () => {
  for (const bytes of [0, 7, 2_000_000]) {
    const headers = [`Content-Length: ${bytes}`, "Content-Type: multipart/form-data; boundary=x"];
    const answer = await ask(server, request("POST /ask HTTP/1.1", headers, "y".repeat(bytes)), { closes: true });
    assert.equal(answer.status, 303);
    assert.match(answer.text, /\r\nLocation: \/ask\?files=lost\r\n/);
    await alive();
  }
});

test("H5 methods, H1 paths", async () => {
  for (const method of ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "FOO", "get"])
    await refused(method, request(`${method} / HTTP/1.1`), 405);
  await refused("OPTIONS", request("OPTIONS /rpc HTTP/1.1", ["Origin: https://evil.example", "Access-Control-Request-Method: POST"]), 403);
  await refused("GET /rpc", request("GET /rpc HTTP/1.1"), 405);
  await refused("POST /", request("POST / HTTP/1.1", ["Content-Length: 0"]), 405);
  await refused("HTTP/2.0", request("GET / HTTP/2.0"), 505);
  await refused("HTTP/0.9", "GET /\r\n\r\n", 400);
  await refused("absolute form", request("GET http://evil.example/ HTTP/1.1"), 400);
  await test("HEAD has no body", async () => {
    const answer = await ask(server, request("HEAD /healthz HTTP/1.1"), { head: true });
    assert.equal(answer.status, 200);
    assert.equal(answer.body, "");
  });
  for (const path of ["/../etc/passwd", "/%2e%2e/etc/passwd", "/%252e%252e/x", "/..%5cx", "/a/%00", "/a/../../x", "//etc/passwd", "/a/missing.js", "/.git/config"])
    await test(path, async () => {
      const answer = await ask(server, request(`GET ${path} HTTP/1.1`));
      assert.ok([400, 404].includes(answer.status), String(answer.status));
      await alive();
    });
});

test("H8 Host", async () => {
  await refused("none", "GET / HTTP/1.1\r\n\r\n", 400);
  await refused("two", request("GET / HTTP/1.1", [`Host: ${host}`]), 400);
  for (const name of ["evil.example", "127.0.0.1", `${server.host}:1`, `${host}.evil.example`, `user@${host}`, `${host}:80`])
    await refused(name, `GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`, 421);
  await refused("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 400);
});

test("H6 H7 writes by cookie, no CORS", async () => {
  const status = async (headers, body = call) => (await ask(server, post(body, headers))).status;
  const cookie = "Cookie: baraza=x", own = `Origin: http://${host}`;
  assert.equal(await status([]), 200);
  for (const [name, headers] of Object.entries({
    "no origin": [cookie], "null": [cookie, "Origin: null"], "evil": [cookie, "Origin: https://evil.example"],
    "https twin": [cookie, `Origin: https://${host}`], "cross-site": [cookie, own, "Sec-Fetch-Site: cross-site"],
    "same-site": [cookie, own, "Sec-Fetch-Site: same-site"], "evil without cookie": ["Origin: https://evil.example"] }))
    assert.equal(await status(headers), 403, name);
  assert.notEqual(await status([cookie, own, "Sec-Fetch-Site: same-origin"]), 403);
  for (const type of ["text/plain", "application/json-patch+json", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "x"])
    await refused(type, request("POST /rpc HTTP/1.1", [`Content-Type: ${type}`, `Content-Length: ${call.length}`], call), 415);
  await refused("no type", request("POST /rpc HTTP/1.1", [`Content-Length: ${call.length}`], call), 415);
  await refused("too large", request("POST /rpc HTTP/1.1", ["Content-Type: application/json", "Content-Length: 65537"]), 413);
  const answer = await ask(server, post(call, [`Origin: http://${host}`]));
  assert.ok(!Object.keys(answer.headers).some((h) => h.startsWith("access-control-")));
  assert.match(answer.headers["cache-control"], /private, no-store/);
  for (const h of ["content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"])
    assert.ok(answer.headers[h], h);
});

test("W1 W11 upgrades", async () => {
  const up = (drop, ...more) => upgrade(server, more.map((m) => m + "\r\n").join(""), { drop });
  for (const origin of ["null", "https://evil.example", `https://${host}`, `http://${host}.evil`, `http://${server.host}`, `http://${server.host}:444`,
    `http://user@${host}`, `http://${server.host}.:${server.port}`, `http://${host}/`, `HTTP://${host}`, ""])
    await refused(`origin ${origin}`, up([], `Origin: ${origin}`, "Cookie: baraza=x"), 403);
  for (const what of ["h2c", "foo", "WebSocket, h2c", "h2c, websocket", "TLS/1.0", ""])
    await refused(`upgrade ${what}`, up(["upgrade:"], `Upgrade: ${what}`), 400);
  await refused("doubled upgrade", up([], "Upgrade: websocket"), 400);
  await refused("doubled key", up([], "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 400);
  await refused("short key", up(["sec-websocket-key"], "Sec-WebSocket-Key: abc"), 400);
  await refused("no key", up(["sec-websocket-key"]), 400);
  await refused("no subprotocol", up(["sec-websocket-protocol"]), 400);
  await refused("another subprotocol", up(["sec-websocket-protocol"], "Sec-WebSocket-Protocol: chat"), 400);
  await refused("version 8", up(["sec-websocket-version"], "Sec-WebSocket-Version: 8"), 426);
  await refused("not upgraded", up(["connection"], "Connection: keep-alive"), 400);
  await refused("another path", up([]).replace("/ws", "/rpc"), 404);
  await refused("POST", up([]).replace("GET", "POST"), 400);
  await refused("plain GET /ws", request("GET /ws HTTP/1.1"), 426);
  await refused("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 405, 505]);
  await refused("h2c with settings", request("GET / HTTP/1.1", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"]), 400);
  for (const ok of [[], [`Origin: http://${host}`], ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"],
    ["Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate; server_max_window_bits=99"]])
    await test(`accepted with ${ok}`, async () => {
      const answer = await ask(server, up([], ...ok), { head: true });
      assert.equal(answer.status, 101);
      assert.equal(answer.headers["sec-websocket-protocol"], "baraza.v1");
      assert.equal(answer.headers["sec-websocket-extensions"], undefined);
    });
});

test("requests in one packet are answered in order", async () => {
  const c = open(server);
  c.send(request("GET /healthz HTTP/1.1") + request("GET /readyz HTTP/1.1") + request("GET /healthz HTTP/1.1", ["Connection: close"]));
  const data = (await c.until(() => false)).toString("latin1");
  assert.deepEqual([...data.matchAll(/^(ok|ready)$/gm)].map((m) => m[1]), ["ok", "ready", "ok"]);
});

test("/metrics is for this machine only", async () => {
  assert.equal((await ask(server, request("GET /metrics HTTP/1.1"))).status, 200);
  for (const h of ["X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1", "X-Real-IP: 127.0.0.1"])
    assert.equal((await ask(server, request("GET /metrics HTTP/1.1", [h]))).status, 404);
});

test("W7 500 slow handshakes are closed while an honest request is answered", async () => {
  const slow = Array.from({ length: 500 }, () => open(server));
  const drip = setInterval(() => slow.forEach((c) => c.send("G")), 5000);
  slow.forEach((c) => c.send("G"));
  await new Promise((r) => setTimeout(r, 500));
  for (let i = 0; i < 5; i++) {
    const from = performance.now();
    await alive();
    assert.ok(performance.now() - from < 500, "an honest request waits");
  }
  const from = performance.now();
  await Promise.all(slow.map((c) => c.until(() => false, 25000)));
  clearInterval(drip);
  assert.ok(performance.now() - from < 25000);
  await alive();
});
