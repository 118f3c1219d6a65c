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
let blocked = "";

/* Whom I block does not wait: the page may end before, and without a line their words would be shown again. */
export function saveSoon(): void {
  const now = String(state.value.me?.blocked ?? "");
  if (saveTimer !== undefined && now === blocked) return;
  clearTimeout(saveTimer);
  saveTimer = setTimeout(save, now === blocked ? SAVE_MS : 0);
  blocked = now;
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
