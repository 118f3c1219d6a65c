/* finds.ts: what was found, by the hub or on the device. */
import { call, device, dispatch } from "./core";
import { paramsOf, type Asked } from "./finding";
import type { Hit, Member } from "./types";

const HITS = 20; /* a page: it is asked for while somebody types */
const EMPTY_MAX = 4; /* pages without a hit, of which filters held back all */

export interface Found {
  hits: Hit[];
  people: Member[];
  next?: string /* there may be more: what to ask for them with */;
  isLocal?: boolean /* only the device was searched */;
  at?: number /* when its first page was asked for */;
}

/* The first page, or the one after `old`; what is empty is gone past. */
export async function search(asked: Asked, old?: Found): Promise<Found> {
  const found: Found = { hits: [], people: [], at: Date.now(), ...old };
  const had = found.hits.length;
  for (let i = 0; i < EMPTY_MAX; i++) {
    const before = found.next ? { before: found.next } : {};
    const r = await call("search.query", { ...paramsOf(asked), ...before, limit: HITS });
    dispatch({ type: "members", members: [...r.members, ...(r.people ?? [])] });
    found.hits = [...found.hits, ...r.hits];
    found.people = [...found.people, ...(r.people ?? [])];
    found.next = r.next;
    if (found.hits.length > had || !r.next) break;
  }
  return found;
}

/* What was found last: who comes back to it finds it as it was left. */
const KEPT_MS = 300_000;
let last: { owner: string; address: string; at: number; found: Found } | null = null;

export function keepFound(address: string, found: Found): void {
  last = { owner: device.owner, address, at: Date.now(), found };
}
/* There is more by now. */
export function forgetFound(): void {
  last = null;
}
export function keptFound(address: string): Found | null {
  const isGood = last?.owner === device.owner && last.address === address && Date.now() - last.at < KEPT_MS;
  return isGood ? last!.found : null;
}
