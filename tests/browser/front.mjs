/* A front before the daemon, as a proxy is one in production: it can serve a newer build of the
 * client, count requests, keep WebSockets out, cut what is under way, and be gone. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";

export async function startFront(backend) {
  const target = new URL(backend);
  const seen = []; /* paths that were asked for */
  const calls = []; /* methods that were called by POST */
  const open = new Set(); /* sockets to the daemon and upgraded ones */
  const front = {
    url: "",
    seen,
    calls,
    sockets: "open" /* or how WebSockets are kept out: "refused", "silent", "cut" */,
    change: (_path, body) => body,
    cut() {
      server.closeAllConnections();
      for (const s of open) s.destroy();
    },
  };
  const headersOf = (headers) => ({
    ...headers,
    host: target.host,
    ...(headers.origin ? { origin: backend } : {}),
  });
  const server = createServer((req, res) => {
    seen.push(req.url);
    const { "accept-encoding": _, "if-none-match": __, ...headers } = headersOf(req.headers);
    const up = request(
      { host: target.hostname, port: target.port, path: req.url, method: req.method, headers },
      (answer) => {
        const parts = [];
        answer.on("data", (d) => parts.push(d));
        answer.on("end", () => {
          const body = front.change(req.url, Buffer.concat(parts));
          const { "content-length": _a, "transfer-encoding": _b, etag: _c, ...more } = answer.headers;
          res.writeHead(answer.statusCode, { ...more, "content-length": body.length });
          res.end(body);
        });
      },
    );
    up.on("error", () => res.destroy());
    res.on("close", () => up.destroy()); /* who asked is gone: the daemon hears of it */
    const asked = [];
    req.on("data", (d) => asked.push(d));
    req.on("end", () => {
      for (const m of Buffer.concat(asked).toString().matchAll(/"method":"([\w.]+)"/g)) calls.push(m[1]);
    });
    req.pipe(up);
  });
  server.on("upgrade", (req, socket, head) => {
    open.add(socket.on("close", () => open.delete(socket)));
    if (front.sockets === "cut") return void socket.resetAndDestroy();
    if (front.sockets === "silent") return void socket.on("error", () => {});
    if (front.sockets === "refused")
      return void socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    const up = connect(Number(target.port), target.hostname, () => {
      const lines = Object.entries(headersOf(req.headers)).map(([k, v]) => `${k}: ${v}`);
      up.write(`GET ${req.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      up.write(head);
      up.pipe(socket).pipe(up);
    });
    open.add(up.on("close", () => open.delete(up)));
    for (const s of [up, socket]) s.on("error", () => (up.destroy(), socket.destroy()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  front.url = `http://127.0.0.1:${server.address().port}`;
  front.end = () => {
    front.cut();
    server.close();
  };
  return front;
}
