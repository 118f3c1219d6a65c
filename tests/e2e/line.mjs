// line.mjs: a client that never gives up. It keeps what it sent until it is acknowledged, sends it again with the same
// cid after a cut, and goes on from its cursor: what the protocol promises, from the client's side, on both carriers. And a
// proxy that cuts.
import http from "node:http";
import net from "node:net";
import { WebSocket } from "ws";

export class Line {
  // host: what the daemon is called when the line goes through a proxy.
  constructor(url, token, { watch, hub, host } = {}) {
    Object.assign(this, { url, token, watch, host, hub: hub ?? null, cursor: null, entries: [], pending: new Map(), resets: 0 });
    this.bytes = 0;
    this.next = 1;
    this.isClosed = false;
    this.waiters = new Set();
    this.calls = new Map();
    this.open();
  }
  open() {
    if (this.isClosed) return;
    const ws = new WebSocket(this.url, "baraza.v1", {
      headers: { authorization: `Bearer ${this.token}`, ...(this.host && { host: this.host }) },
      perMessageDeflate: false,
    });
    this.ws = ws;
    this.isReady = false;
    ws.on("open", () => {
      const params = {};
      if (this.cursor !== null) params.cursor = { [this.hub]: this.cursor };
      if (this.watch) params.watch = this.watch;
      this.request("session.hello", params).then((hello) => {
        if (ws !== this.ws) return;
        this.hub = hello.hub.code;
        this.me = hello.me;
        if (this.cursor === null) this.cursor = hello.cursor[this.hub];
        this.isReady = true;
        for (const [cid, p] of this.pending) this.push(cid, p);
        this.wake();
      }, () => ws.terminate());
    });
    ws.on("message", (data) => {
      this.bytes += data.length;
      const text = JSON.parse(data);
      for (const m of Array.isArray(text) ? text : [text]) this.take(m);
      this.wake();
    });
    ws.on("error", () => {});
    ws.on("close", () => ws === this.ws && this.lost());
  }
  lost() {
    for (const [, call] of this.calls) call.reject(new Error("cut"));
    this.calls.clear();
    this.isReady = false;
    if (!this.isClosed) setTimeout(() => this.open(), 20 + Math.random() * 60);
  }
  take(m) {
    if (m.method === "entry") {
      if (this.cursor !== null && m.params.seq <= this.cursor) this.doubled = (this.doubled ?? 0) + 1;
      this.cursor = m.params.seq;
      this.entries.push(m.params);
    } else if (m.method === "reset") {
      this.resets++;
    } else if (m.id !== undefined && this.calls.has(m.id)) {
      const call = this.calls.get(m.id);
      this.calls.delete(m.id);
      if (m.error) call.reject(Object.assign(new Error(m.error.message), { data: m.error.data }));
      else call.resolve(m.result);
    }
  }
  request(method, params) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject });
      this.ws.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }), (err) => err && reject(err));
    });
  }
  push(cid, p) {
    if (!this.isReady) return;
    this.request(p.method, { ...p.params, cid }).then(
      (result) => { if (this.pending.delete(cid)) p.resolve(result); this.wake(); },
      (error) => {
        if (!error.data) return; // the line was cut: it is sent again when it is back
        if (["unavailable", "rate_limited", "storage_full", "internal"].includes(error.data.code))
          setTimeout(() => this.pending.has(cid) && this.push(cid, p), error.data.retry_after_ms ?? 200);
        else if (this.pending.delete(cid)) p.reject(error);
      });
  }
  // A write that will be acknowledged exactly once, whatever happens to the line.
  write(method, params, cid = `t${process.pid}-${Math.random().toString(36).slice(2)}`) {
    return new Promise((resolve, reject) => {
      const p = { method, params, resolve, reject };
      this.pending.set(cid, p);
      this.push(cid, p);
    });
  }
  wake() { for (const w of [...this.waiters]) w(); }
  until(condition, what, ms = 30000) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => { this.waiters.delete(look); reject(new Error(`waited ${ms} ms for ${what}`)); }, ms);
      const look = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.waiters.delete(look);
        resolve();
      };
      this.waiters.add(look);
      look();
    });
  }
  cut() { this.ws.terminate(); }
  close() { this.isClosed = true; this.ws.terminate(); }
}

// The same line over requests: session.poll brings what a socket would, one POST at a time carries the calls, so that
// writes keep their order. What is lost on the way of either ends the line, as the end of a socket does.
export class PollLine extends Line {
  open() {
    if (this.isClosed) return;
    const agent = this.agent = new http.Agent({ keepAlive: true });
    this.queue = [];
    this.isSending = false;
    this.live(agent).catch(() => this.gone(agent));
  }
  gone(agent) {
    if (agent !== this.agent) return;
    this.agent = null;
    agent.destroy();
    this.lost();
  }
  async live(agent) {
    const ask = (more) => this.exchange(agent, [this.call("session.poll", {
      ...(this.cursor !== null && this.hub !== null && { cursor: { [this.hub]: this.cursor } }), ...(this.watch && { watch: this.watch }), ...more })]);
    await null; // as with a socket, who made the line may still say where it goes on
    for (let answer = ask({}); ; answer = ask({ wait_ms: 25000 })) {
      const result = await answer;
      if (agent !== this.agent) return;
      if (result.me) Object.assign(this, { hub: result.hub.code, me: result.me });
      this.cursor ??= result.cursor[this.hub];
      for (const note of result.notes) this.take(note);
      this.cursor = result.cursor[this.hub];
      if (!this.isReady) {
        this.isReady = true;
        for (const [cid, p] of this.pending) this.push(cid, p);
      }
      this.wake();
    }
  }
  call(method, params) {
    const call = { jsonrpc: "2.0", id: this.next++, method, params };
    call.answer = new Promise((resolve, reject) => this.calls.set(call.id, { resolve, reject }));
    call.answer.catch(() => {});
    return call;
  }
  // Resolves with the first call's result; a lost answer ends the line.
  async exchange(agent, calls) {
    const asked = calls.map(({ answer, ...call }) => call);
    const text = await this.post(agent, JSON.stringify(asked.length === 1 ? asked[0] : asked));
    if (agent !== this.agent) throw new Error("cut");
    this.bytes += Buffer.byteLength(text);
    const message = JSON.parse(text);
    for (const m of Array.isArray(message) ? message : [message]) this.take(m);
    this.wake();
    return calls[0].answer;
  }
  post(agent, body) {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json", ...(this.host && { host: this.host }) };
      const url = this.url.replace(/^ws/, "http").replace(/\/ws$/, "/rpc");
      const req = http.request(url, { method: "POST", agent, headers }, (res) => {
        const parts = [];
        res.on("data", (d) => parts.push(d)).on("error", reject).on("end", () => resolve(Buffer.concat(parts).toString()));
      });
      req.on("error", reject).end(body);
    });
  }
  request(method, params) {
    if (this.agent === null) return Promise.reject(new Error("cut"));
    const call = this.call(method, params);
    this.queue.push(call);
    void this.send(this.agent);
    return call.answer;
  }
  async send(agent) {
    if (this.isSending) return;
    this.isSending = true;
    try {
      while (agent === this.agent && this.queue.length > 0) await this.exchange(agent, this.queue.splice(0, 50)).catch((e) => { if (!e.data) throw e; });
      if (agent === this.agent) this.isSending = false;
    } catch { this.gone(agent); }
  }
  cut() { if (this.agent) this.gone(this.agent); }
  close() { this.isClosed = true; this.cut(); }
}
export const carriers = { WebSocket: Line, "session.poll": PollLine };

// Forwards TCP to a port and cuts every connection at once when told to.
export async function proxy(port) {
  const pairs = new Set();
  const server = net.createServer((a) => {
    const b = net.connect(port, "127.0.0.1");
    const pair = { a, b };
    pairs.add(pair);
    const end = () => { a.destroy(); b.destroy(); pairs.delete(pair); };
    for (const s of [a, b]) s.on("error", end).on("close", end);
    a.pipe(b);
    b.pipe(a);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: server.address().port,
    cut() { for (const { a, b } of pairs) { a.resetAndDestroy(); b.resetAndDestroy(); } },
    close() { this.cut(); server.close(); },
  };
}
