/* helper.mjs: the real daemon on a temporary folder and a random port, and a client that holds every frame, sent or
 * received, against proto/. Used by all end-to-end tests. BARAZA_BIN names the daemon (default build/baraza). */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import Ajv from "ajv";
import WebSocket from "ws";

const run = promisify(execFile);
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const BIN = resolve(process.env.BARAZA_BIN ?? join(ROOT, "build/baraza"));
export const SHARED = resolve(process.env.BARAZA_SHARED ?? join(ROOT, "../shared"));
const BASE = "https://baraza.invalid/proto/";
const START_MS = 10_000;
const CALL_MS = 10_000;

/* ---- The contract. */

export const openrpc = JSON.parse(readFileSync(join(ROOT, "proto/openrpc.json"), "utf8"));
export const limits = Object.fromEntries(
  JSON.parse(readFileSync(join(ROOT, "proto/limits.json"), "utf8")).map((l) => [l.name, l.value]));
export const errors = JSON.parse(readFileSync(join(ROOT, "proto/errors.json"), "utf8"));
export const methods = new Map(openrpc.methods.map((m) => [m.name, m]));

const ajv = new Ajv({ strict: true, strictTypes: false, allErrors: false });
ajv.addVocabulary(["components"]);
ajv.addKeyword({ keyword: "x-maxBytes", type: "string", schemaType: "number",
                 validate: (max, text) => Buffer.byteLength(text) <= max });
ajv.addSchema({ $id: BASE + "openrpc.json", components: { schemas: openrpc.components.schemas } });
for (const name of readdirSync(join(ROOT, "proto/schemas")))
  ajv.addSchema(JSON.parse(readFileSync(join(ROOT, "proto/schemas", name), "utf8")));

const absolute = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"${BASE}openrpc.json#/`));
const compiled = new Map();
function schemaOf(kind, name) {
  const key = kind + " " + name;
  if (!compiled.has(key)) {
    const m = methods.get(name);
    assert(m, `no method ${name} in openrpc.json`);
    const schema = kind === "result" ? m.result.schema : {
      type: "object", additionalProperties: false,
      properties: Object.fromEntries(m.params.map((p) => [p.name, p.schema])),
      required: m.params.filter((p) => p.required).map((p) => p.name),
    };
    compiled.set(key, ajv.compile(absolute(schema)));
  }
  return compiled.get(key);
}

function hold(validate, value, what) {
  if (!validate(value))
    assert.fail(`${what}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value).slice(0, 2000)}`);
}
export const paramsAreValid = (method, params) => schemaOf("params", method)(params);
export const holdParams = (method, params) => hold(schemaOf("params", method), params, `params of ${method}`);
export const holdResult = (method, result) => hold(schemaOf("result", method), result, `result of ${method}`);
export const holdError = (error) => {
  hold(ajv.getSchema(BASE + "schemas/error.json"), error, "error");
  const row = errors.find((e) => e.code === error.data.code);
  assert.equal(error.code, row.rpc, `the number of ${error.data.code}`);
};
export const holdNote = (method, params) => {
  assert(["entry", "signal", "reset"].includes(method), `notification ${method}`);
  const validate = ajv.getSchema(`${BASE}schemas/${method}.json`);
  if (validate(params)) return;
  /* the message of a failed oneOf is long: name the kind */
  assert.fail(`notification ${method} ${params.kind}: ${ajv.errorsText(validate.errors).slice(0, 600)}\n` +
              JSON.stringify(params).slice(0, 1000));
};

export class RpcError extends Error {
  constructor(error) {
    super(`${error.data.code}: ${error.message}`);
    this.code = error.data.code;
    this.field = error.data.field;
    this.retryMs = error.data.retry_after_ms;
  }
}

/* ---- The daemon. */

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export class Hub {
  /* { demo, code, name, env, args }: demo fills the folder with the sample community */
  static async start(options = {}) {
    const hub = new Hub();
    hub.dir = mkdtempSync(join(tmpdir(), "baraza-e2e-"));
    hub.options = options;
    hub.log = "";
    hub.count = 0;
    if (options.demo)
      await hub.cli("demo", "--data", hub.dir);
    else
      await hub.cli("init", "--data", hub.dir, "--hub", options.code ?? "test", "--name", options.name ?? "Test Hub");
    await hub.serve();
    return hub;
  }

  async cli(...args) {
    const { stdout } = await run(BIN, args, { env: { ...process.env, ...this.options?.env } });
    return stdout.trim();
  }

  async serve() {
    this.port ??= await freePort();
    this.origin = `http://127.0.0.1:${this.port}`;
    this.child = spawn(BIN, ["serve", "--data", this.dir, "--listen", `127.0.0.1:${this.port}`, ...(this.options.args ?? [])],
      { env: { BARAZA_LINKS_PREVIEW: "no", ...process.env, ...this.options.env }, stdio: ["ignore", "pipe", "pipe"] });
    this.exit = new Promise((done) => this.child.once("exit", (code, signal) => done({ code, signal })));
    this.child.once("exit", () => { this.child = null; });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.on("data", (chunk) => { this.log = (this.log + chunk).slice(-100_000); });
    const end = Date.now() + START_MS;
    while (Date.now() < end && this.child !== null) {
      const answer = await fetch(this.origin + "/readyz").catch(() => null);
      await answer?.arrayBuffer();
      if (answer?.status === 200)
        return;
      await new Promise((done) => setTimeout(done, 20));
    }
    throw new Error(`the daemon is not ready:\n${this.log}`);
  }

  get isAlive() { return this.child !== null && this.child.exitCode === null; }

  async stop(signal = "SIGTERM") {
    if (this.child === null)
      return this.exit;
    this.child.kill(signal);
    return this.exit;
  }

  /* At the end of a test: the daemon must have lived until now and must leave cleanly. */
  async done() {
    try {
      assert(this.isAlive, `the daemon died:\n${this.log}`);
      const { code, signal } = await this.stop();
      assert.deepEqual({ code, signal }, { code: 0, signal: null }, `the daemon left badly:\n${this.log}`);
    } finally {
      rmSync(this.dir, { recursive: true, force: true });
    }
  }

  token(handle) { return this.cli("token", "--data", this.dir, handle); }

  async person(handle) {
    const code = /#in=([\w-]{43})/.exec(await this.cli("link", "--data", this.dir, handle))[1];
    const answer = await fetch(`${this.origin}/rpc`, { method: "POST", headers: { "content-type": "application/json", origin: this.origin },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "session.open", params: { code } }) });
    return /=([\w-]{43})/.exec(answer.headers.get("set-cookie"))[1];
  }

  async member(handle, role = "member") {
    await this.cli("member", "add", "--data", this.dir, handle, "--name", `Name of ${handle}`, "--role", role);
    return this.token(handle);
  }

  /* A signed-in client. options: token or handle; hello: further parameters, or false for none */
  async client(options = {}) {
    const token = options.token ?? await this.token(options.handle ?? "admin");
    const client = await Client.open(this, options.header === false ? undefined : token);
    client.token = token;
    if (options.hello !== false)
      client.hello = await client.call("session.hello", {
        ...(options.header === false ? { token } : {}), ...(options.hello ?? {}) });
    return client;
  }

  async post(body, token, headers = {}) {
    const answer = await fetch(this.origin + "/rpc", {
      method: "POST", body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers } });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: text === "" ? undefined : JSON.parse(text) };
  }

  async get(path, token, headers = {}) {
    const answer = await fetch(this.origin + path, { headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers } });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text,
             json: answer.headers.get("content-type")?.startsWith("application/json") ? JSON.parse(text) : undefined };
  }
}

/* ---- The client. */

export class Client {
  static async open(hub, token, headers = {}) {
    const c = new Client();
    c.hub = hub;
    c.nextId = 1;
    c.calls = new Map();
    c.notes = [];
    c.waiters = [];
    c.faults = [];
    c.socket = new WebSocket(hub.origin.replace("http", "ws") + "/ws", "baraza.v1",
      { headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers } });
    c.closed = new Promise((done) => c.socket.on("close", (code, reason) => done({ code, reason: String(reason) })));
    c.socket.on("message", (data, isBinary) => c.#received(String(data), isBinary));
    c.socket.on("error", () => {});
    await new Promise((done, fail) => { c.socket.once("open", done); c.socket.once("error", fail); });
    void c.closed.then(({ code }) => {
      for (const call of c.calls.values()) call.reject(new Error(`closed with ${code}`));
      for (const w of c.waiters) w.reject(new Error(`closed with ${code}`));
    });
    return c;
  }

  #received(text, isBinary) {
    try {
      assert(!isBinary, "a text frame");
      const message = JSON.parse(text);
      if (Array.isArray(message)) assert(message.length > 0, "an empty batch");
      const all = [message].flat();
      if (this.stray && all.every((one) => !("method" in one) && !this.calls.has(one.id))) {
        for (const one of all) holdError(one.error);
        this.stray(all[0]);
        return;
      }
      for (const one of all) this.#one(one);
    } catch (e) {
      this.faults.push(e);
      for (const call of this.calls.values()) call.reject(e);
      for (const w of this.waiters) w.reject(e);
    }
  }

  #one(one) {
    assert.equal(one.jsonrpc, "2.0");
    if ("method" in one) {
      assert.deepEqual(Object.keys(one), ["jsonrpc", "method", "params"]);
      holdNote(one.method, one.params);
      this.notes.push(one);
      this.waiters = this.waiters.filter((w) => !(w.test(one) && (w.done(one), true)));
      return;
    }
    assert.deepEqual(Object.keys(one), ["jsonrpc", "id", "error" in one ? "error" : "result"]);
    if ("error" in one) holdError(one.error);
    const call = this.calls.get(one.id);
    assert(call, `an answer to nothing: ${JSON.stringify(one).slice(0, 200)}`);
    this.calls.delete(one.id);
    if ("error" in one) call.reject(new RpcError(one.error));
    else {
      holdResult(call.method, one.result);
      call.done(one.result);
    }
  }

  #expect(id, method) {
    return new Promise((done, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer\n${this.hub.log}`)), CALL_MS);
      const end = (then) => (value) => { clearTimeout(timer); then(value); };
      this.calls.set(id, { method, done: end(done), reject: end(reject) });
    });
  }

  /* params are held against the contract before they leave */
  call(method, params = {}) {
    holdParams(method, params);
    return this.callAnyway(method, params);
  }

  callAnyway(method, params) {
    const id = this.nextId++;
    const answer = this.#expect(id, method);
    this.socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return answer;
  }

  /* [[method, params], …] in one frame; settled as Promise.allSettled does */
  batchAnyway(calls) {
    const frame = calls.map(([method, params]) => ({ jsonrpc: "2.0", id: this.nextId++, method, params }));
    const answers = frame.map((f) => this.#expect(f.id, f.method));
    this.socket.send(JSON.stringify(frame));
    return Promise.allSettled(answers);
  }

  /* One raw frame; its answer, or how the connection was closed. */
  raw(text) {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`no answer to ${String(text).slice(0, 80)}`)), CALL_MS);
      this.stray = (one) => { clearTimeout(timer); this.stray = undefined; done(one); };
      void this.closed.then((how) => { clearTimeout(timer); done(how); });
      this.socket.send(text, { binary: false });
    });
  }

  /* The first notification, past or to come, that passes the test. */
  note(test, what = "notification") {
    const found = this.notes.find(test);
    if (found) return Promise.resolve(found);
    return new Promise((done, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${what}\n${this.hub.log.slice(-2000)}`)), CALL_MS);
      const end = (then) => (value) => { clearTimeout(timer); then(value); };
      this.waiters.push({ test, done: end(done), reject: end(reject) });
    });
  }

  entry(seq) { return this.note((n) => n.method === "entry" && n.params.seq === seq, `entry ${seq}`); }

  async close() {
    this.socket.close();
    await this.closed;
    assert.deepEqual(this.faults, []);
  }
}

export async function fails(promise, code, field) {
  const e = await promise.then((r) => assert.fail(`answered ${JSON.stringify(r).slice(0, 200)}, expected ${code}`), (x) => x);
  assert(e instanceof RpcError, String(e.stack ?? e));
  assert.equal(e.code, code, e.message);
  if (field !== undefined) assert.equal(e.field, field, e.message);
  return e;
}

let cids = 0;
export const cid = () => `t-${process.pid}-${++cids}`;
export const headSeq = async (client) => (await client.call("room.list")).seq;
