/* transport.ts: owns the line.
 *
 * A call stays alive until it is answered, over any number of sockets: after each reconnect all
 * unanswered calls go out again, in their order. That is harmless, because queries and personal
 * writes repeat without effect and every other write carries its cid.
 * Calls made in the same turn leave as one batch. Carriers, timers and random are arguments; which
 * carrier is taken is said in carrier.ts. While a lesser one is in use the first is tried beside
 * it, and takes over with the answer to its hello. */
import { choose, takeBatch, trialMs, type Carrier, type SocketLike } from "./carrier";
import { RpcError, type Params } from "./types";

export interface World {
  carriers: Carrier[];
  /* The name of the carrier that worked last; remembered as long as the window. */
  recall(): string | null;
  remember(name: string): void;
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
  /* hello was refused for good: nobody is signed in, or who is may not come */
  onDenied(error: RpcError): void;
}
export interface Transport {
  call<T = any>(method: string, params?: Params): Promise<T>;
  wake(isNew?: boolean): void;
  drop(): void;
  close(): void;
}

export const BACKOFF_MIN_MS = 500;
export const BACKOFF_MAX_MS = 30_000;
export const SILENCE_MS = 20_000;
export const OPEN_MS = 10_000 /* a socket that is not open by then is blocked */;

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
    typeof data.request === "string" ? data.request : undefined,
    typeof data.word === "string" ? data.word : undefined,
    typeof data.field === "string" ? data.field : undefined,
  );
}

/* One socket, from its opening on. */
interface Link {
  carrier: number;
  socket: SocketLike | null;
  hello: Call | null /* sent, not answered yet */;
  isReady: boolean /* hello was answered */;
  silence: unknown;
}

export function connect(world: World, on: Handlers): Transport {
  const calls = new Map<number, Call>();
  let unsent: Call[] = [];
  let link: Link | null = null;
  let trial: Link | null = null; /* the first carrier, beside a lesser one */
  let trials = 0;
  let closed = false;
  let attempt = 0;
  let nextId = 1;
  let retryTimer: unknown = null;
  let trialTimer: unknown = null;
  let flushing = false;
  const recalled = world.carriers.findIndex((c) => c.name === world.recall());
  const choice = { kept: Math.max(0, recalled), misses: 0 };

  const frame = (c: Call) => ({ jsonrpc: "2.0", id: c.id, method: c.method, params: c.params });
  const isOurs = (l: Link) => l === link || l === trial;

  function listenForSilence(l: Link, ms = SILENCE_MS) {
    world.clearTimer(l.silence);
    l.silence =
      !l.isReady || (l === link && calls.size > 0) ? world.setTimer(() => gone(l), ms) : null;
  }

  function flush() {
    flushing = false;
    if (link === null || !link.isReady) return;
    const own = link;
    while (unsent.length > 0 && own === link) {
      const some = takeBatch(unsent.map(frame));
      unsent.splice(0, some.length);
      own.socket!.send(JSON.stringify(some.length === 1 ? some[0] : some));
    }
    if (own === link) listenForSilence(own);
  }

  function flushSoon() {
    if (flushing) return;
    flushing = true;
    queueMicrotask(flush);
  }

  function answered(l: Link, message: any) {
    const call = l.hello !== null && message.id === l.hello.id ? l.hello : calls.get(message.id);
    if (call === undefined) return; /* an answer to a call that was answered before */
    if (call === l.hello) l.hello = null;
    else calls.delete(message.id);
    if (message.error) call.reject(errorOf(message.error));
    else call.resolve(message.result);
  }

  function received(l: Link, data: unknown) {
    let message: any;
    try {
      message = JSON.parse(String(data));
    } catch {
      return gone(l); /* not our protocol: start afresh */
    }
    for (const one of Array.isArray(message) ? message : [message]) {
      if (!isOurs(l) || one === null || typeof one !== "object") continue;
      if (typeof one.method === "string") on.onNote(one.method, one.params);
      else answered(l, one);
    }
    if (isOurs(l)) listenForSilence(l);
  }

  /* Each socket has its own hello; it is not among the calls that are repeated. */
  function greet(l: Link) {
    const params = on.hello();
    const id = nextId++;
    l.hello = {
      id,
      method: "session.hello",
      params,
      resolve: (result) => greeted(l, result, params),
      reject: (error) => refused(l, error),
    };
    l.socket!.send(JSON.stringify(frame(l.hello)));
    if (isOurs(l)) listenForSilence(l);
  }

  function greeted(l: Link, result: any, params: Params) {
    if (l === trial) {
      hush(link);
      link = l;
      trial = null;
    }
    attempt = 0;
    l.isReady = true;
    choice.kept = l.carrier;
    choice.misses = 0;
    world.remember(world.carriers[l.carrier]!.name);
    on.onHello(result, params);
    if (closed) return; /* somebody else is signed in now: nothing goes out in their name */
    on.onLine("open");
    unsent = [...calls.values()];
    flush();
    planTrial();
  }

  function refused(l: Link, error: RpcError) {
    if (l === trial) return gone(l); /* the line itself will hear why */
    if (!/^(unauthenticated|forbidden|second_factor)$/.test(error.code)) {
      if (error.code === "invalid" || error.code === "not_found") on.onHelloFailed(error);
      return gone(l);
    }
    close();
    on.onDenied(error);
  }

  function dial(carrier: number): Link {
    const l: Link = { carrier, socket: null, hello: null, isReady: false, silence: null };
    try {
      l.socket = world.carriers[carrier]!.open();
    } catch {
      l.silence = world.setTimer(() => gone(l), 0); /* not even begun */
      return l;
    }
    l.socket.onopen = () => greet(l);
    l.socket.onmessage = (ev) => received(l, ev.data);
    l.socket.onclose = l.socket.onerror = () => gone(l);
    listenForSilence(l, OPEN_MS);
    return l;
  }

  function hush(l: Link | null) {
    if (l === null) return;
    world.clearTimer(l.silence);
    const socket = l.socket;
    if (socket === null) return;
    l.socket = null;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    try {
      socket.close();
    } catch {
      /* it is gone already */
    }
  }

  function gone(l: Link) {
    if (l === link) lost();
    else if (l === trial) endTrial();
  }

  function open() {
    if (closed || link !== null) return;
    world.clearTimer(retryTimer);
    retryTimer = null;
    link = dial(choose(choice, world.carriers.length));
  }

  function lost() {
    const old = link;
    link = null;
    if (old !== null && !old.isReady) choice.misses++;
    hush(old);
    hush(trial);
    trial = null;
    world.clearTimer(trialTimer);
    if (closed) return;
    on.onLine("down");
    world.clearTimer(retryTimer);
    retryTimer = world.setTimer(() => open(), backoffMs(attempt++, world.random()));
  }

  function planTrial() {
    world.clearTimer(trialTimer);
    if (choice.kept === 0) trials = 0;
    else trialTimer = world.setTimer(tryFirst, trialMs(trials++, world.random()));
  }

  function tryFirst() {
    if (link?.isReady && link.carrier !== 0 && trial === null) trial = dial(0);
  }

  function endTrial() {
    hush(trial);
    trial = null;
    planTrial();
  }

  function close() {
    closed = true;
    world.clearTimer(retryTimer);
    if (link !== null) lost();
  }

  on.onLine("connecting");
  open();
  return {
    call(method, params = {}) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new RpcError("closed", "the line was closed"));
        const call: Call = { id: nextId++, method, params, resolve, reject };
        calls.set(call.id, call);
        if (link?.isReady) {
          unsent.push(call);
          flushSoon();
        }
      });
    },
    /* The network may be back: do not wait for the timer. With isNew it is, and what was begun
     * without it may hang. */
    wake(isNew = false) {
      if (closed) return;
      if (isNew && link !== null && !link.isReady) {
        hush(link); /* no carrier's fault */
        link = null;
      }
      link?.socket?.wake?.();
      tryFirst();
      if (link !== null) return;
      attempt = 0;
      open();
    },
    /* The device says that the network is gone: believe it, but keep trying. */
    drop() {
      const { misses } = choice;
      if (!closed && link !== null) lost();
      choice.misses = misses; /* no carrier's fault */
    },
    close,
  };
}
