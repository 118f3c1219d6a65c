/* meter.ts: what this client cost this month on this device, so that nobody has to guess.
 *
 * Counted are the bytes of requests as the browser tells them, and the frames of the socket, which
 * it does not tell: their data and 6 bytes each for their head. */
import { signal } from "@preact/signals";
import type { SocketLike } from "./carrier";

const KEY = "baraza.bytes";
const SAVE_MS = 2_000;
const HEAD = 6;

export const usedBytes = signal(0);

const month = (): string => new Date().toISOString().slice(0, 7);
let unsaved = 0;
let timer: ReturnType<typeof setTimeout> | null = null;

function stored(): number {
  try {
    const [of, bytes] = (localStorage.getItem(KEY) ?? "").split(" ");
    return of === month() ? Number(bytes) || 0 : 0;
  } catch {
    return 0;
  }
}

/* Adds to what other tabs have counted meanwhile. */
function save(): void {
  timer = null;
  const sum = stored() + unsaved;
  unsaved = 0;
  usedBytes.value = sum;
  try {
    localStorage.setItem(KEY, `${month()} ${sum}`);
  } catch {
    /* counts for this visit */
  }
}

export function count(bytes: number): void {
  unsaved += bytes;
  timer ??= setTimeout(save, SAVE_MS);
}

const encoder = new TextEncoder();
const weigh = (data: unknown): number =>
  HEAD + (typeof data === "string" ? encoder.encode(data).length : 0);

/* The same socket, its frames counted. */
export function metered(socket: WebSocket): SocketLike {
  const send = socket.send.bind(socket);
  socket.send = (data) => {
    count(weigh(data));
    send(data);
  };
  socket.addEventListener("message", (ev) => count(weigh(ev.data)));
  return socket as unknown as SocketLike;
}

export function startMeter(): void {
  usedBytes.value = stored();
  const add = (entries: PerformanceEntryList) => {
    let sum = 0;
    for (const one of entries) sum += (one as PerformanceResourceTiming).transferSize || 0;
    if (sum > 0) count(sum);
  };
  add(performance.getEntriesByType("navigation"));
  try {
    new PerformanceObserver((list) => add(list.getEntries())).observe({
      type: "resource",
      buffered: true,
    });
  } catch {
    /* an old browser: the socket alone is counted */
  }
  addEventListener("pagehide", save);
}
