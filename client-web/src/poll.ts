/* poll.ts: a socket made of requests, for where WebSockets are blocked.
 *
 * It takes and gives the same frames as a WebSocket (proto/README.md): session.hello becomes the
 * first session.poll, later ones are held by the server and bring the notifications, everything
 * else goes as POST /rpc, one request at a time, so that writes keep their order. Whatever is out
 * of order ends the socket, and the transport connects anew from its cursor. */
import { takeBatch, type SocketLike } from "./carrier";
import type { Params } from "./types";

export interface PollWorld {
  /* POST /rpc; rejects when there is no answer */
  post(body: string, signal: AbortSignal): Promise<{ status: number; text: string }>;
  setTimer(fn: () => void, ms: number): unknown;
  clearTimer(handle: unknown): void;
  now(): number;
  /* Nobody looks: the few connections that a browser has for one site are left to other windows. */
  isHidden(): boolean;
}

export const WAIT_MS = 25_000;
export const ANSWER_MS = 30_000;
export const HIDDEN_MS = 20_000;
/* Between two answers that came at once and said nothing, as from a hub that stops. */
export const PAUSE_MS = 1_000;
const ROOMS = "other rooms are watched";

interface Frame {
  jsonrpc: string;
  id: number;
  method: string;
  params: Params;
}
interface Polled {
  me?: unknown;
  hub?: unknown;
  cursor: Record<string, number>;
  notes: { method: string }[];
}

export function pollSocket(world: PollWorld): SocketLike {
  const queue: Frame[] = [];
  const requests = new Set<AbortController>();
  let held: AbortController | null = null; /* the request that waits for news */
  let cursor: Record<string, number> | undefined;
  let watch: unknown;
  let sending = false;
  let closed = false;
  let endPause: (() => void) | null = null;

  const socket: SocketLike = {
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send(data) {
      const frame = JSON.parse(data);
      for (const one of Array.isArray(frame) ? frame : [frame]) take(one);
      void sendQueue();
    },
    close,
    wake: () => endPause?.(),
  };

  function close() {
    closed = true;
    endPause?.();
    for (const r of requests) r.abort();
  }

  function fail() {
    if (closed) return;
    close();
    socket.onclose?.();
  }

  const give = (message: unknown) => {
    if (!closed) socket.onmessage?.({ data: JSON.stringify(message) });
  };
  const answer = (id: number, result: unknown) => give({ jsonrpc: "2.0", id, result });

  function take(frame: Frame) {
    if (frame.method === "session.hello") void live(frame);
    else if (frame.method === "signal.send") answer(frame.id, {});
    else if (frame.method === "session.watch") {
      watch = frame.params.rooms;
      held?.abort(ROOMS); /* asked again with these rooms, from the same cursor */
      endPause?.();
      answer(frame.id, { cursor });
    } else queue.push(frame);
  }

  /* The parsed answer; null: there is none, or it is no answer of the hub. */
  async function ask(body: unknown, ms: number, mine = new AbortController()): Promise<any> {
    requests.add(mine);
    const timer = world.setTimer(() => mine.abort(), ms);
    try {
      const { status, text } = await world.post(JSON.stringify(body), mine.signal);
      return status === 200 || status === 401 ? { status, body: JSON.parse(text) } : null;
    } catch {
      return null;
    } finally {
      world.clearTimer(timer);
      requests.delete(mine);
    }
  }

  async function sendQueue() {
    if (sending || queue.length === 0) return;
    sending = true;
    while (queue.length > 0 && !closed) {
      const some = takeBatch(queue);
      const r = await ask(some.length === 1 ? some[0] : some, ANSWER_MS);
      if (r?.status !== 200) return fail(); /* nobody is signed in: the next hello says so */
      give(r.body);
    }
    sending = false;
  }

  function pause(ms: number): Promise<void> {
    return new Promise((go) => {
      const timer = world.setTimer(() => endPause?.(), ms);
      endPause = () => {
        endPause = null;
        world.clearTimer(timer);
        go();
      };
    });
  }

  const poll = (id: number, more: Params, ms: number, mine?: AbortController) => {
    const params = { ...(cursor ? { cursor } : {}), ...(watch ? { watch } : {}), ...more };
    return ask({ jsonrpc: "2.0", id, method: "session.poll", params }, ms, mine);
  };

  async function live(hello: Frame) {
    cursor = hello.params.cursor as typeof cursor;
    watch = hello.params.watch;
    const first = await poll(hello.id, {}, ANSWER_MS);
    if (first === null) return fail();
    if (!first.body.result) return give(first.body); /* refused: the transport knows what to do */
    const { me, hub, cursor: head, notes } = first.body.result as Polled;
    cursor = head;
    answer(hello.id, { me, hub, cursor: head });
    if (notes.length > 0) give(notes);
    while (!closed) await once(hello.id);
  }

  async function once(id: number) {
    const mine = new AbortController();
    const since = world.now();
    held = mine;
    const r = await poll(
      id,
      { wait_ms: world.isHidden() ? 1 : WAIT_MS },
      WAIT_MS + ANSWER_MS,
      mine,
    );
    held = null;
    if (closed) return;
    if (r === null && mine.signal.reason === ROOMS) return;
    const result: Polled | undefined = r?.body.result;
    if (result === undefined) {
      const retry = r?.body.error?.data?.retry_after_ms;
      return typeof retry === "number" ? pause(retry) : fail();
    }
    /* Views are loaded anew after a hello, not in the middle of a line. */
    if (result.notes.some((n) => n.method === "reset")) return fail();
    cursor = result.cursor;
    if (result.notes.length > 0) give(result.notes);
    if (closed) return;
    if (world.isHidden()) await pause(HIDDEN_MS);
    else if (result.notes.length === 0 && world.now() - since < PAUSE_MS) await pause(PAUSE_MS);
  }

  queueMicrotask(() => {
    if (!closed) socket.onopen?.();
  });
  return socket;
}
