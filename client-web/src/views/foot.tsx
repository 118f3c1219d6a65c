/* foot.tsx: what stands below a thread: the field to write in, or why there is none. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { heldIn, now, state } from "../app";
import { countdown, duration, t } from "../i18n";
import { isQuiet, waitMs } from "../settings";
import type { Room, Thread } from "../types";
import { Composer } from "./composer";
import { HeldNote } from "./later";
import { Icon } from "./parts";
import { isModerator } from "./post";

export function Foot({ thread: th, onSent }: { thread: Thread; onSent: () => void }): VNode {
  const s = state.value;
  const set = s.rooms[th.room]?.set;
  const mod = isModerator(s, th.room);
  const held = heldIn(th.room);
  if (s.me?.blocked?.includes(s.rooms[th.room]?.with ?? "")) return <p class="note locked">{t("talk.blocks")}</p>;
  if (held && held.act !== "warn") return <HeldNote key={held.id} sanction={held} />;
  const closed = th.closed || th.archived;
  const quiet = !mod && isQuiet(s, th, now.value);
  if (closed)
    return (
      <p class="note locked">
        {t(th.archived ? "thread.archived.text" : "thread.closed.text")}
      </p>
    );
  if ((th.locked && !mod) || quiet)
    return (
      <p class="note locked">
        <Icon name="lock" />
        {quiet ? t("set.quiet", { n: set!.lock_days! }) : t("thread.locked.text")}
      </p>
    );
  if (set?.posting === "moderators" && !mod)
    return <p class="note locked">{t("set.moderators.text")}</p>;
  return (
    <>
      {held && <HeldNote key={held.id} sanction={held} />}
      <Composer thread={th.id} onSent={onSent} />
    </>
  );
}

/* Milliseconds until I may post there, counted down; 0: now. */
export function useWait(room: Room | undefined): number {
  const [, tick] = useState(0);
  const s = state.value;
  const left = room && !isModerator(s, room.id) ? waitMs(s, room, Date.now()) : 0;
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => tick((n) => n + 1), left % 1000 || 1000);
    return () => clearTimeout(timer);
  });
  return left;
}

/* Read aloud once, not every second. */
export function SlowNote({ room, left }: { room: Room; left: number }): VNode {
  return (
    <p class="slow">
      <span role="status">{t("set.slow", { time: duration(room.set!.slow_s!) })}</span>{" "}
      <span role="timer">{t("set.slow.left", { time: countdown(left) })}</span>
    </p>
  );
}
