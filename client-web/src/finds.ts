/* finds.ts: what was found, by the hub or on the device. */
import { call, device, dispatch } from "./core";
import { FILTERS, type Asked } from "./finding";
import type { Params } from "./types";
import type { Hit, Member } from "./types";

const HITS = 20; /* a page: it is asked for while somebody types */

export interface Found {
  hits: Hit[];
  people: Member[];
  next?: string /* there are more: what to ask for them with */;
  isLocal?: boolean /* only the device was searched */;
}

export const paramsOf = (asked: Asked): Params => {
  const params: Params = { text: asked.text };
  for (const f of FILTERS) if (asked[f]) params[f] = asked[f];
  return params;
};

export async function search(asked: Asked): Promise<Found> {
  const r = await call("search.query", { ...paramsOf(asked), limit: HITS });
  dispatch({ type: "members", members: r.members });
  return { hits: r.hits, people: [] };
}

/* What was found last: who comes back to it finds it as it was left. */
const KEPT_MS = 300_000;
let last: { owner: string; address: string; at: number; found: Found } | null = null;

export function keepFound(address: string, found: Found): void {
  last = { owner: device.owner, address, at: Date.now(), found };
}
export function keptFound(address: string): Found | null {
  const isGood = last?.owner === device.owner && last.address === address && Date.now() - last.at < KEPT_MS;
  return isGood ? last!.found : null;
}
