/* carrier.ts: what a line may run over, and which one the next attempt takes. Pure.
 *
 * The first carrier is the best (WebSocket); where it never gets as far as an answered hello, the
 * others have their turn, and the one that worked is kept until a better one is found to work. */
export interface SocketLike {
  send(data: string): void;
  close(): void;
  /* The page is looked at again: ask now. */
  wake?(): void;
  onopen: (() => void) | null;
  onmessage: ((ev: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
}
export interface Carrier {
  name: string;
  open(): SocketLike;
}

/* Attempts without an answered hello before another carrier has its turn. */
export const MISSES = 2;
/* While a lesser one is in use the first is tried again after so long, then after twice as long. */
export const TRIAL_MIN_MS = 15_000;
export const TRIAL_MAX_MS = 300_000;

export interface Choice {
  kept: number /* the carrier that worked last */;
  misses: number /* attempts since then that did not */;
}

/* The kept one, and after MISSES every second time one of the others. */
export function choose(c: Choice, carriers: number): number {
  const extra = c.misses - MISSES;
  if (extra < 0 || extra % 2 === 1 || carriers < 2) return c.kept;
  return (c.kept + 1 + ((extra / 2) % (carriers - 1))) % carriers;
}

export function trialMs(trials: number, random: number): number {
  return Math.round((1 + random) * 0.5 * Math.min(TRIAL_MAX_MS, TRIAL_MIN_MS * 2 ** trials));
}

const BATCH_MAX = 16;
const BATCH_BYTES = 60_000 /* a message has at most 65,536 */;
const bytes = (text: string) => new TextEncoder().encode(text).length;

/* As many calls from the front of the list as one message may carry; at least one. */
export function takeBatch<T>(list: T[]): T[] {
  let count = 0;
  let size = 2;
  while (count < list.length && count < BATCH_MAX) {
    size += bytes(JSON.stringify(list[count])) + 1;
    if (count > 0 && size > BATCH_BYTES) break;
    count++;
  }
  return list.splice(0, count);
}
