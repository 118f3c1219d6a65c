/* world.ts: what the browser gives the line: its carriers, timers, and a memory as long as the
 * window. */
import type { SocketLike } from "./carrier";
import { bring } from "./later";
import { metered } from "./meter";
import type { PollWorld } from "./poll";
import type { World } from "./transport";

const setTimer = (fn: () => void, ms: number): unknown => setTimeout(fn, ms);
const clearTimer = (handle: unknown): void => clearTimeout(handle as any);

async function post(body: string, signal: AbortSignal) {
  const headers = { "content-type": "application/json" };
  const r = await fetch("/rpc", { method: "POST", headers, body, signal });
  return { status: r.status, text: await r.text() };
}

/* Some windows refuse to keep anything: then it is found out again at each start. */
function recall(): string | null {
  try {
    return sessionStorage.getItem("carrier");
  } catch {
    return null;
  }
}
function remember(name: string): void {
  try {
    sessionStorage.setItem("carrier", name);
  } catch {
    /* see recall */
  }
}

/* Few need a socket made of requests: its file comes with the first attempt. One that does not come is a line
 * that does not open. */
function pollLater(given: PollWorld): SocketLike {
  let made: SocketLike | null = null;
  let closed = false;
  const socket: SocketLike = {
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: (data) => made?.send(data),
    close() {
      closed = true;
      made?.close();
    },
    wake: () => made?.wake?.(),
  };
  bring("poll", async () => {}).then(
    ({ pollSocket }) => {
      if (closed) return;
      made = pollSocket(given);
      made.onopen = () => socket.onopen?.();
      made.onmessage = (ev) => socket.onmessage?.(ev);
      made.onclose = () => socket.onclose?.();
    },
    () => closed || socket.onclose?.(),
  );
  return socket;
}

export function browserWorld(): World {
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
  const isHidden = () => document.visibilityState === "hidden";
  return {
    carriers: [
      { name: "socket", open: () => metered(new WebSocket(url, "baraza.v1")) },
      {
        name: "poll",
        open: () => pollLater({ post, setTimer, clearTimer, now: Date.now, isHidden }),
      },
    ],
    recall,
    remember,
    setTimer,
    clearTimer,
    random: Math.random,
  };
}
