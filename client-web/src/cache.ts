/* cache.ts: what was seen last, kept on the device so that the next start shows it at once. */
import { device, dispatch, state } from "./core";
import { restoreDrafts } from "./drafts";

const SAVE_MS = 1_500;
const SAVED_PAGES = 30;
const SAVED_POSTS = 30;

export async function restore(): Promise<void> {
  const [saved, texts] = await Promise.all([
    device.box.get("seen"),
    device.box.get("drafts"),
  ]).catch(() => []);
  restoreDrafts(texts);
  if (!saved?.me) return;
  device.watched = new Set(saved.watched);
  delete saved.watched;
  dispatch({ type: "restored", saved: { ...saved, phase: "in" } });
}

let saveTimer: ReturnType<typeof setTimeout> | null = null;
export function saveSoon(): void {
  saveTimer ??= setTimeout(() => {
    saveTimer = null;
    const s = state.value;
    if (s.phase !== "in" || !s.me || device.watched === null) return;
    const { me, hub, cursor, members, regions, rooms, roomsSeq, threads, lists, catchup, unanswered } = s;
    const pages = Object.fromEntries(
      Object.entries(s.pages)
        .slice(-SAVED_PAGES)
        .map(([id, p]) => [id, { ...p, posts: p.posts.slice(-SAVED_POSTS) }]),
    );
    void device.box
      .set("seen", {
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
  }, SAVE_MS);
}
