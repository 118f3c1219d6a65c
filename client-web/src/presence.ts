/* presence.ts: what the member does without writing: reading and typing. */
import { call, dispatch, state } from "./core";

const READ_MS = 800;
const TYPING_EVERY_MS = 4_000;

const seen = new Map<string, number>();
let seenTimer: ReturnType<typeof setTimeout> | null = null;

/* What was really seen is told to the server at most every READ_MS. */
export function markSeen(thread: string, seq: number): void {
  const th = state.value.threads[thread];
  if (!th || seq <= Math.max(th.read_seq, seen.get(thread) ?? 0)) return;
  seen.set(thread, seq);
  seenTimer ??= setTimeout(() => {
    seenTimer = null;
    for (const [id, upTo] of seen) {
      dispatch({ type: "read", thread: id, seq: upTo });
      call("read.mark", { thread: id, seq: upTo }).catch(() => {
        /* seen again next time */
      });
    }
    seen.clear();
  }, READ_MS);
}

let typedAt = 0;
export function typing(thread: string): void {
  if (state.value.line !== "open" || Date.now() - typedAt < TYPING_EVERY_MS) return;
  typedAt = Date.now();
  call("signal.send", { kind: "typing", thread }).catch(() => {
    /* lossy by nature */
  });
}
