/* presence.ts: what the member does without writing: reading, marking as read, typing. */
import { signal } from "@preact/signals";
import { call, dispatch, state } from "./core";
import { t } from "./i18n";
import { showsTyping } from "./prefs";
import { isUncounted } from "./store";
import { RpcError, type Params, type Thread } from "./types";
import { makeUndo, type Act } from "./undo";

const READ_MS = 800;
const TYPING_EVERY_MS = 4_000;

export const undoing = signal<Act | null>(null);
export const undo = makeUndo({
  setTimer: (fn, ms) => setTimeout(fn, ms),
  clearTimer: (h) => clearTimeout(h as any),
  show: (act) => {
    undoing.value = act;
  },
});

const seen = new Map<string, number>();
let seenTimer: ReturnType<typeof setTimeout> | null = null;

/* Told until it is heard: a mark repeats without effect. */
function tell(method: string, params: Params, heard: () => void): void {
  call(method, params).then(heard, (error: unknown) => {
    const wait = error instanceof RpcError ? error.retryMs : undefined;
    if (wait !== undefined) setTimeout(() => tell(method, params, heard), wait);
  });
}

function tellRead(thread: string, seq: number): void {
  tell("read.mark", { thread, seq }, () => {
    /* Part of a long thread: what is left is counted by the server. */
    if (isUncounted(state.value, thread, seq)) dispatch({ type: "recount", thread });
  });
}

/* What was really seen is told to the server at most every READ_MS. */
export function markSeen(thread: string, seq: number): void {
  const th = state.value.threads[thread];
  if (!th || seq <= Math.max(th.read_seq, seen.get(thread) ?? 0)) return;
  seen.set(thread, seq);
  seenTimer ??= setTimeout(tellSeen, READ_MS);
}
function tellSeen(): void {
  seenTimer = null;
  for (const [id, upTo] of seen) {
    dispatch({ type: "read", thread: id, seq: upTo });
    tellRead(id, upTo);
  }
  seen.clear();
}

/* Marks without reading: shown at once, told to the server when it can no longer be taken back. */
export function markRead(threads: Thread[]): void {
  const before = threads.filter((th) => th.unread > 0);
  if (before.length === 0) return;
  undo.offer({
    text: t("undo.read", { n: before.length }),
    undo: () => dispatch({ type: "unread", threads: before }),
    settle: () => before.forEach((th) => tellRead(th.id, th.last_seq)),
  });
  for (const th of before) dispatch({ type: "read", thread: th.id, seq: th.last_seq });
}

/* Also the threads that were not shown here: one call, whatever the room holds. */
export function markRoomRead(id: string): void {
  const s = state.value;
  const room = s.rooms[id];
  if (!room) return;
  const threads = Object.values(s.threads).filter((th) => th.room === id && th.unread > 0);
  const seq = Math.max(s.cursor[s.hub?.code ?? ""] ?? 0, ...threads.map((th) => th.last_seq));
  undo.offer({
    text: t("undo.readroom", { room: room.name }),
    undo: () => dispatch({ type: "unread", threads, room }),
    settle: () =>
      tell("read.room", { room: id, seq }, () => {
        if ((state.value.rooms[id]?.unread ?? 0) > 0) dispatch({ type: "rooms-wanted" });
      }),
  });
  dispatch({ type: "room-read", room: id });
}

let typedAt = 0;
export function typing(thread: string): void {
  if (!showsTyping.value || state.value.line !== "open") return;
  if (Date.now() - typedAt < TYPING_EVERY_MS) return;
  typedAt = Date.now();
  call("signal.send", { kind: "typing", thread }).catch(() => {
    /* lossy by nature */
  });
}
