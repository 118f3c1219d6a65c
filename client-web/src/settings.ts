/* settings.ts: what moderators set for a room, and what that means to its reader now. */
import type { State } from "./store";
import type { Room, Thread } from "./types";

const DAY_MS = 24 * 3600 * 1000;

/* How long I wait before I may post there. What I wrote and is still on its way counts, too. */
export function waitMs(s: State, r: Room | undefined, now: number): number {
  const slow = r?.set?.slow_s ?? 0;
  if (!r || slow === 0) return 0;
  const mine = s.pending
    .filter((c) => c.status !== "refused" && /^(post|thread)\.create$/.test(c.method))
    .filter((c) => (c.params.room ?? s.threads[String(c.params.thread)]?.room) === r.id)
    .map((c) => c.at);
  const last = Math.max(r.posted_at ?? -Infinity, ...mine);
  const left = last + slow * 1000 - now;
  return Math.min(Math.max(0, left), slow * 1000); /* a clock that is wrong locks nobody out */
}

/* Nobody wrote there for as many days as the room says: it is locked. */
export function isQuiet(s: State, th: Thread, now: number): boolean {
  const days = s.rooms[th.room]?.set?.lock_days ?? 0;
  return days > 0 && th.kind !== "chat" && now - th.last_at > days * DAY_MS;
}
