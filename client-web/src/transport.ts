/* transport.ts: owns the socket.
 *
 * A call stays alive until it is answered, over any number of sockets: after each reconnect all
 * unanswered calls go out again, in their order. That is harmless, because queries and personal
 * writes repeat without effect and every other write carries its cid.
 * Calls made in the same turn leave as one batch. Socket, timers and random are arguments. */
import { RpcError, type Params } from "./types";

export interface SocketLike {
  send(data: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((ev: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
}
export interface World {
  socket(): SocketLike;
  setTimer(fn: () => void, ms: number): unknown;
  clearTimer(handle: unknown): void;
  random(): number;
}
export type Line = "connecting" | "open" | "down";
export interface Handlers {
  hello(): Params;
  onHello(result: any, sent: Params): void;
  onNote(method: string, params: any): void;
  onLine(line: Line): void;
  /* hello was refused because of what it said */
  onHelloFailed(error: RpcError): void;
  /* hello was refused for good: nobody is signed in */
  onDenied(error: RpcError): void;
}
export interface Transport {
  call<T = any>(method: string, params?: Params): Promise<T>;
  wake(): void;
  drop(): void;
  close(): void;
}

export const BACKOFF_MIN_MS = 500;
export const BACKOFF_MAX_MS = 30_000;
export const SILENCE_MS = 20_000;
const BATCH_MAX = 16;

interface Call {
  id: number;
  method: string;
  params: Params;
  resolve(value: any): void;
  reject(error: RpcError): void;
}

export function backoffMs(attempt: number, random: number): number {
  return Math.round(random * Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** attempt));
}

export function errorOf(error: any): RpcError {
  const data = error?.data ?? {};
  return new RpcError(
    String(data.code ?? "internal"),
    String(error?.message ?? ""),
    typeof data.retry_after_ms === "number" ? data.retry_after_ms : undefined,
  );
}

export function connect(world: World, on: Handlers): Transport {
  const calls = new Map<number, Call>();
  let unsent: Call[] = [];
  let socket: SocketLike | null = null;
  let hello: Call | null = null; /* sent on this socket, not answered yet */
  let ready = false; /* hello was answered on this socket */
  let closed = false;
  let attempt = 0;
  let nextId = 1;
  let retryTimer: unknown = null;
  let silenceTimer: unknown = null;
  let flushing = false;

  const frame = (c: Call) => ({ jsonrpc: "2.0", id: c.id, method: c.method, params: c.params });

  function listenForSilence() {
    world.clearTimer(silenceTimer);
    silenceTimer = null;
    if (socket !== null && (calls.size > 0 || !ready))
      silenceTimer = world.setTimer(lost, SILENCE_MS);
  }

  function flush() {
    flushing = false;
    if (!ready || socket === null) return;
    while (unsent.length > 0) {
      const some = unsent.splice(0, BATCH_MAX);
      socket.send(JSON.stringify(some.length === 1 ? frame(some[0]!) : some.map(frame)));
    }
    listenForSilence();
  }

  function flushSoon() {
    if (flushing) return;
    flushing = true;
    queueMicrotask(flush);
  }

  function answered(message: any) {
    const call = hello !== null && message.id === hello.id ? hello : calls.get(message.id);
    if (call === undefined) return; /* an answer to a call that was answered before */
    if (call === hello) hello = null;
    else calls.delete(message.id);
    if (message.error) call.reject(errorOf(message.error));
    else call.resolve(message.result);
  }

  function received(data: unknown) {
    let message: any;
    try {
      message = JSON.parse(String(data));
    } catch {
      return lost(); /* not our protocol: start afresh */
    }
    const own = socket;
    for (const one of Array.isArray(message) ? message : [message]) {
      if (own !== socket || one === null || typeof one !== "object") continue;
      if (typeof one.method === "string") on.onNote(one.method, one.params);
      else answered(one);
    }
    listenForSilence();
  }

  /* Each socket has its own hello; it is not among the calls that are repeated. */
  function greet() {
    const params = on.hello();
    const call: Call = { id: nextId++, method: "session.hello", params, resolve, reject };
    hello = call;
    socket!.send(JSON.stringify(frame(call)));
    listenForSilence();

    function resolve(result: any) {
      attempt = 0;
      ready = true;
      on.onHello(result, params);
      if (closed) return; /* somebody else is signed in now: nothing goes out in their name */
      on.onLine("open");
      unsent = [...calls.values()];
      flush();
    }
    function reject(error: RpcError) {
      if (error.code !== "unauthenticated") {
        if (error.code === "invalid" || error.code === "not_found") on.onHelloFailed(error);
        return lost();
      }
      close();
      on.onDenied(error);
    }
  }

  function open() {
    if (closed || socket !== null) return;
    world.clearTimer(retryTimer);
    retryTimer = null;
    const mine = world.socket();
    socket = mine;
    mine.onopen = () => {
      if (mine === socket) greet();
    };
    mine.onmessage = (ev) => {
      if (mine === socket) received(ev.data);
    };
    mine.onclose = () => {
      if (mine === socket) lost();
    };
    mine.onerror = () => {
      if (mine === socket) lost();
    };
    listenForSilence();
  }

  function lost() {
    const old = socket;
    socket = null;
    hello = null;
    ready = false;
    world.clearTimer(silenceTimer);
    if (old !== null) {
      old.onopen = old.onmessage = old.onclose = old.onerror = null;
      try {
        old.close();
      } catch {
        /* it is gone already */
      }
    }
    if (closed) return;
    on.onLine("down");
    world.clearTimer(retryTimer);
    retryTimer = world.setTimer(
      () => {
        retryTimer = null;
        open();
      },
      backoffMs(attempt++, world.random()),
    );
  }

  function close() {
    closed = true;
    world.clearTimer(retryTimer);
    const had = socket !== null;
    if (had) lost();
  }

  on.onLine("connecting");
  open();
  return {
    call(method, params = {}) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new RpcError("closed", "the line was closed"));
        const call: Call = { id: nextId++, method, params, resolve, reject };
        calls.set(call.id, call);
        if (ready) {
          unsent.push(call);
          flushSoon();
        }
      });
    },
    /* The device says that the network may be back: do not wait for the timer. */
    wake() {
      if (closed || socket !== null) return;
      attempt = 0;
      open();
    },
    /* The device says that the network is gone: believe it, but keep trying. */
    drop() {
      if (!closed && socket !== null) lost();
    },
    close,
  };
}
