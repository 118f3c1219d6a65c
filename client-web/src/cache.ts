/* cache.ts: what was seen last, kept on the device so that the next start shows it at once. */
import { device, dispatch, freshAt, mine, state } from "./core";
import { restoreDrafts } from "./drafts";

const SAVE_MS = 1_500;
const SAVED_PAGES = 30;
const SAVED_POSTS = 30;

export async function restore(): Promise<void> {
  device.owner = (await device.box.get("owner").catch(() => "")) ?? "";
  if (device.owner === "") return;
  const [saved, texts] = await Promise.all([
    device.box.get(mine("seen")),
    device.box.get(mine("drafts")),
  ]).catch(() => []);
  restoreDrafts(texts);
  if (saved?.me?.id !== device.owner) return;
  freshAt.value = saved.at ?? 0;
  delete saved.at;
  device.watched = new Set(saved.watched);
  delete saved.watched;
  dispatch({ type: "restored", saved: { ...saved, phase: "in" } });
}

let saveTimer: ReturnType<typeof setTimeout> | undefined;
let blocked: string | undefined; /* none: nobody is in yet */

/* Whom I block does not wait: the page may end before, and without a line their words would be shown again. */
export function saveSoon(): void {
  const { me } = state.value;
  const now = me ? String(me.blocked ?? "") : blocked;
  const isOther = blocked !== undefined && now !== blocked;
  blocked = now;
  if (saveTimer !== undefined && !isOther) return;
  clearTimeout(saveTimer);
  saveTimer = setTimeout(save, isOther ? 0 : SAVE_MS);
}

/* The page may not come back: what is waiting to be kept does not wait. */
export function saveNow(): void {
  if (saveTimer === undefined) return;
  clearTimeout(saveTimer);
  save();
}

function save(): void {
  saveTimer = undefined;
  const s = state.value;
  if (s.phase !== "in" || s.me?.id !== device.owner || device.watched === null) return;
  if (s.line === "open") freshAt.value = Date.now();
  const { me, hub, cursor, members, regions, rooms, roomsSeq } = s;
  const { threads, lists, catchup, unanswered } = s;
  const pages = Object.fromEntries(
    Object.entries(s.pages)
      .slice(-SAVED_PAGES)
      .map(([id, p]) => [id, { ...p, posts: p.posts.slice(-SAVED_POSTS) }]),
  );
  void device.box
    .set(mine("seen"), {
      at: freshAt.value,
      me,
      hub,
      cursor,
      members,
      regions,
      rooms,
      roomsSeq,
      threads,
      lists,
      catchup,
      unanswered,
      pages,
      watched: [...device.watched],
    })
    .catch(() => {
      /* a slower next start */
    });
}
