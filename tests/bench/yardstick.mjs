// yardstick.mjs: the same room on Node and the npm package `ws`, with nothing stored: what a quick chat server would do.
// Speaks as much of the protocol as bench_load needs: hello, and posts that go to everybody. Prints its address.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false, handleProtocols: () => "baraza.v1" });
let seq = 0;
server.on("connection", (ws) => {
  ws.on("message", (data) => {
    const { id, method, params } = JSON.parse(data);
    if (method === "post.create") {
      const entry = JSON.stringify({
        jsonrpc: "2.0",
        method: "entry",
        params: { hub: "africa", seq: ++seq, at: Date.now(), by: "africa-5", kind: "post", thread: params.thread, text: params.text },
      });
      const frame = Buffer.from(entry);
      for (const client of server.clients) client.send(frame, { binary: false });
    }
    ws.send(JSON.stringify({ jsonrpc: "2.0", id, result: { seq } }));
  });
});
server.on("listening", () => console.log(`http://127.0.0.1:${server.address().port}`));
