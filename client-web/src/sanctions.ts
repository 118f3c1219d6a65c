/* sanctions.ts: what moderators imposed on me, and what they impose on others. */
import { signal } from "@preact/signals";
import { call, device, dispatch, now, random, state } from "./core";
import { post } from "./rpc";
import { t } from "./i18n";
import { loadFor, loadRooms } from "./loading";
import { undo } from "./presence";
import { route } from "./router";
import type { Entry, Params, Sanction, SanctionAct, Why } from "./types";

const DAY_MS = 86_400_000;
const TOLD_MS = 14 * DAY_MS /* a warning is shown for so long, or until it was read */;
const WEIGHT: SanctionAct[] = ["warn", "silence", "suspend", "ban"];

/* On me, not lifted; `barred`: no line is open to me, and why. */
export const held = signal<Sanction[]>([]);
export const barred = signal<Sanction[] | null>(null);
let ending: ReturnType<typeof setTimeout> | undefined;

export const isOver = (x: Sanction, at: number): boolean =>
  x.pardoned !== undefined || (x.until !== undefined && x.until <= at);

function keep(all: Sanction[]): void {
  const left = all.filter((x) => !isOver(x, Date.now()));
  held.value = left;
  clearTimeout(ending);
  const next = Math.min(...left.map((x) => x.until ?? Infinity)) - Date.now();
  if (next < DAY_MS) ending = setTimeout(() => void renew().catch(() => {}), next + 500);
}

export async function loadHeld(): Promise<void> {
  keep((await call("sanction.mine", { limit: 50 })).sanctions);
}
/* What I may read may have changed: all is loaded anew. */
async function renew(): Promise<void> {
  now.value = Date.now();
  await loadHeld();
  dispatch({ type: "reset", cursor: state.value.cursor });
  await loadRooms();
  await loadFor(route.value);
}
export async function askBarred(): Promise<void> {
  const all: Sanction[] = (await post("sanction.mine", { limit: 50 })).sanctions;
  barred.value = all.filter((x) => !x.room && !x.region && !isOver(x, Date.now()));
}

/* The heaviest that is in force in a room; a warning only while nothing else is. */
export function heldIn(room: string): Sanction | undefined {
  const region = state.value.rooms[room]?.region;
  return held.value
    .filter((x) => !isOver(x, now.value) && (x.act !== "warn" || now.value - x.at < TOLD_MS))
    .filter((x) => (x.room ? x.room === room : !x.region || x.region === region))
    .sort((a, b) => WEIGHT.indexOf(b.act) - WEIGHT.indexOf(a.act))[0];
}

export function hearOfSanctions(e: Entry): void {
  if (!/^member\.(sanction|pardon)$/.test(e.kind) || e.member !== state.value.me?.id) return;
  const work = e.act === "suspend" ? renew() : loadHeld();
  work.catch(() => {
    /* asked for again with the next line */
  });
}

export async function recordOf(member: string): Promise<Sanction[]> {
  const r = await call("sanction.list", { member, limit: 50 });
  dispatch({ type: "members", members: r.members });
  return r.sanctions;
}
export const pardon = (sanction: string, why: Why = {}) =>
  call("member.pardon", { sanction, ...why, cid: random() });

/* A warning goes out when nobody takes it back; what holds somebody does at once, and is lifted by an undo. */
export async function impose(what: Params & { act: SanctionAct }, failed: () => void): Promise<void> {
  const write = () => call("member.sanction", { ...what, cid: random() });
  const text = t(`done.${what.act}`);
  if (what.act === "warn")
    return undo.offer({ text, undo: () => {}, settle: () => void write().catch(failed) });
  const { id } = await write();
  undo.offer({ text, undo: () => void pardon(id, { rule: "undone" }).catch(failed) });
}

export const appealHeld = (sanction: string, reason: string) =>
  (device.line && barred.value === null ? call : post)("sanction.appeal", { sanction, reason, cid: random() });
