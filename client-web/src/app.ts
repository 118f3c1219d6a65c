/* app.ts: joins state, line and device. Views call what is exported here and read `state`. */
import { effect } from "@preact/signals";
import { startBadge } from "./badge";
import { deviceBox } from "./box";
import { restore, saveNow, saveSoon } from "./cache";
import { takeLink } from "./coming";
import { call, device, dispatch, now, random, state } from "./core";
import { forgetDrafts, saveDrafts, tellDrafts } from "./drafts";
import { useFirst, type First } from "./first";
import { bring } from "./later";
import { fetchWanted, loadCatchup, loadFor, loadUnanswered } from "./loading";
import { leases, openOutbox } from "./outbox";
import { undo } from "./presence";
import { startMeter } from "./meter";
import { loadAsks, loadWaiting } from "./queue";
import { route } from "./router";
import { askWhy, hearNeighbours, startLine } from "./session";
import { RpcError } from "./types";
import { lookForNewer } from "./worker";

export { blocked, freshAt, members, myself, notice, now, regions, searches, state } from "./core";
export { begunEdits, chooseDraft, draft, endDraft, keepDraft } from "./drafts";
export {
  acts,
  archiveOf,
  findMembers,
  history,
  loadCatchup,
  loadNewer,
  loadNewest,
  loadOlder,
  loadRoom,
  loadRooms,
  loadUnanswered,
  openThread,
  preview,
  similar,
} from "./loading";
export { markRead, markRoomRead, markSeen, typing, undo, undoing } from "./presence";
export * from "./queue";
export * from "./sanctions";
export * from "./sending";
export { signOut } from "./session";

const HOUR_MS = 3_600_000;

const upload = () =>
  bring("files").catch(() => {
    throw new RpcError("unavailable", "what sends files is not here yet");
  });
const withFiles = (cid: string): boolean =>
  state.value.pending.some((c) => c.cid === cid && c.params.files !== undefined);

export async function start(first: First | null): Promise<void> {
  const isLink = takeLink();
  device.box = await deviceBox("baraza");
  device.forget = forgetDrafts;
  device.outbox = openOutbox({
    box: device.box,
    owner: () => device.owner,
    locks: (navigator.locks as any) ?? leases(device.box, Date.now, (fn, ms) => setTimeout(fn, ms)),
    tab: random(),
    newCid: random,
    now: Date.now,
    later: (fn, ms) => setTimeout(fn, ms),
    call,
    files: {
      ready: async (c) => (await upload()).whole(c),
      anew: async (c) => (await upload()).anew(c),
    },
    on(ev) {
      const had = (ev.type === "stored" || ev.type === "dropped") && withFiles(ev.cid);
      dispatch(ev);
      if (had) void upload().then((u) => u.endSent(ev.cid, ev.type === "stored"));
      if (ev.type === "stored" && ev.result?.held) loadAsks(true);
    },
  });
  if (isLink) {
    dispatch({ type: "out" });
  } else {
    await restore();
    const r = route.value;
    if (first && state.value.phase === "boot" && (device.owner || first.me.id) === first.me.id)
      useFirst(first, r.name === "room" ? r.room : "");
    startLine();
    /* What an earlier page could not send is shown, and waits with the rest for the line. */
    if (state.value.phase === "in") void device.outbox.sweep();
  }
  hearNeighbours();
  startMeter();
  startBadge();
  let refusals = 0;
  effect(() => {
    const s = state.value;
    if (s.line === "down" && s.me === null && s.phase === "boot" && ++refusals % 2 === 1)
      void askWhy();
  });
  effect(() => {
    saveSoon();
    fetchWanted();
    void state.value;
  });
  effect(() => {
    const r = route.value;
    queueMicrotask(() => void loadFor(r));
  });
  setInterval(() => {
    now.value = Date.now();
  }, 20_000);
  setInterval(loadWaiting, HOUR_MS); /* what nobody decided goes up, without an entry that tells of it */
  addEventListener("online", () => device.line?.wake(true));
  addEventListener("offline", () => device.line?.drop());
  document.addEventListener("visibilitychange", () => {
    now.value = Date.now();
    if (document.visibilityState !== "visible") {
      undo.settle(); /* nobody is there to take it back, and the page may not come back */
      tellDrafts();
      saveNow();
      return void saveDrafts();
    }
    lookForNewer();
    device.line?.wake();
    void device.outbox?.sweep();
    if (state.value.line === "open") {
      void loadCatchup();
      loadWaiting();
      void loadUnanswered();
    }
  });
}
