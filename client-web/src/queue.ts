/* queue.ts: what waits for those who moderate: how much it is, and what they do with it. */
import { signal } from "@preact/signals";
import { call, dispatch, random, state } from "./core";
import type { Decision, Entry, Matter, Params, Room, Why } from "./types";

export const toModerate = signal(0) /* what waits for me: others may be asked before me */;
export const queueNews = signal(0) /* grows with every entry that tells of a report */;

const moderates = (): boolean =>
  Object.values(state.value.rooms).some((r) => r.role === "moderator" || r.role === "admin");

export async function matters(decided: boolean, before = ""): Promise<Matter[]> {
  const r = await call("queue.list", { decided, limit: 50, ...(before ? { before } : {}) });
  dispatch({ type: "members", members: r.members });
  if (!decided && !before) toModerate.value = r.matters.filter((m: Matter) => m.yours).length;
  return r.matters;
}
export const ownMatters = async (): Promise<Matter[]> =>
  (await call("report.mine", { limit: 20 })).matters;

/* What of mine waits for a moderator; asked for where there may be some. */
export function loadAsks(always = false): void {
  const holds = (r: Room) => r.asked || r.set?.hold || r.set?.hold_threads || r.set?.links || r.set?.words;
  if (!always && !Object.values(state.value.rooms).some(holds)) return;
  call("report.mine", { limit: 20 }).then(
    (r) => dispatch({ type: "asks", asks: r.matters.filter((m: Matter) => m.ask), seq: r.seq }),
    () => {
      /* asked for again with the next line */
    },
  );
}

/* Asked for only by who may see it. */
export function loadWaiting(): void {
  if (state.value.line !== "open") return;
  if (!moderates()) {
    toModerate.value = 0;
    return;
  }
  matters(false).catch(() => {
    /* counted at the next occasion */
  });
}

export function hearOfReports(e: Entry): void {
  if (!e.kind.startsWith("report") && e.kind !== "appeal" && e.kind !== "ask") return;
  queueNews.value++;
  loadWaiting();
}

const write = (method: string, params: Params) => call(method, { ...params, cid: random() });
export const report = (p: Params) => write("report.create", p);
export const appeal = (post: string, reason: string) => write("appeal.create", { post, reason });
export const claim = (id: string, on: boolean) => write("report.claim", { report: id, on });
export const decide = (id: string, decision: Decision, why: Why, until?: number) =>
  write("report.decide", { report: id, decision, ...(until ? { until } : {}), ...why });
