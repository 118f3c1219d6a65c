/* world.ts: what the browser gives the line: its carriers, timers, and a memory as long as the
 * window. */
import { metered } from "./meter";
import { pollSocket } from "./poll";
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

export function browserWorld(): World {
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
  const isHidden = () => document.visibilityState === "hidden";
  return {
    carriers: [
      { name: "socket", open: () => metered(new WebSocket(url, "baraza.v1")) },
      {
        name: "poll",
        open: () => pollSocket({ post, setTimer, clearTimer, now: Date.now, isHidden }),
      },
    ],
    recall,
    remember,
    setTimer,
    clearTimer,
    random: Math.random,
  };
}
