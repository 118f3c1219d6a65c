/* home.ts: what the first screen shows out of the state, and how much is unread. Pure, like store.ts. */
import { FEATURED_MAX, type State } from "./store";
import type { Thread } from "./types";

export function unreadTotal(state: State): number {
  return Object.values(state.rooms).reduce((n, r) => n + (r.joined ? r.unread : 0), 0);
}

export function unreadTalks(state: State): number {
  return Object.values(state.rooms).reduce((n, r) => n + (r.with ? r.unread : 0), 0);
}

/* What Catch-up shows: unread in joined rooms and not muted, in the order of the server. */
export function unreadThreads(state: State): Thread[] {
  return (state.catchup?.ids ?? [])
    .map((id) => state.threads[id])
    .filter((th): th is Thread => th !== undefined && th.unread > 0 && th.level !== "mute" && !th.archived);
}

export interface CatchupPart {
  room: string;
  threads: Thread[];
}

/* Threads that name me stand first, outside of their rooms, then conversations of two, together (room ""); the rooms of a region
 * side by side. */
export function catchupParts(state: State): { named: Thread[]; parts: CatchupPart[] } {
  const all = unreadThreads(state);
  const parts: CatchupPart[] = [];
  for (const th of all) {
    if (th.mentions > 0) continue;
    const room = state.rooms[th.room]?.with ? "" : th.room;
    const part = parts.find((p) => p.room === room);
    if (part) part.threads.push(th);
    else parts.push({ room, threads: [th] });
  }
  const region = (p: CatchupPart) => (p.room ? (state.rooms[p.room]?.region ?? "") : p.room);
  const order = [...new Set(["", state.me?.region ?? "", ...parts.map(region)])];
  parts.sort((a, b) => order.indexOf(region(a)) - order.indexOf(region(b)));
  return { named: all.filter((th) => th.mentions > 0), parts };
}

/* What moderators want all to find, where it does not stand above already. */
export function featured(state: State): Thread[] {
  return Object.values(state.threads)
    .filter((th) => th.featured && !th.archived && th.unread === 0 && th.level !== "mute")
    .sort((a, b) => b.last_seq - a.last_seq)
    .slice(0, FEATURED_MAX);
}

/* Questions that the reader may be able to answer and has not met in the list above. */
export function openQuestions(state: State, max: number): Thread[] {
  return (state.unanswered ?? [])
    .map((id) => state.threads[id])
    .filter(
      (th): th is Thread =>
        th !== undefined && !th.answer && !th.locked && !th.closed && !th.archived && th.unread === 0 && th.level !== "mute",
    )
    .slice(0, max);
}
