/* settings.tsx: what a room's moderators set for it, each in words with what it does. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { notice, setRoom } from "../app";
import { duration, t } from "../i18n";
import type { Room, RoomSet } from "../types";
import { Choice, Sheet } from "./manage";

const SLOW_S = [0, 10, 30, 60, 300, 900, 3600, 21_600, 86_400];
const DAYS = [0, 7, 30, 90, 180, 365];
const DAY_S = 86_400;

/* What another program set is kept among the choices. */
const among = (usual: number[], now: number): number[] =>
  [...new Set([...usual, now])].sort((a, b) => a - b);

export function Settings({ room, onClose }: { room: Room; onClose: () => void }): VNode {
  const [was] = useState<RoomSet>(room.set ?? {});
  const [slow, setSlow] = useState(was.slow_s ?? 0);
  const [days, setDays] = useState(was.lock_days ?? 0);
  const [posting, setPosting] = useState(was.posting ?? "all");
  const changed = {
    ...(slow !== (was.slow_s ?? 0) ? { slow_s: slow } : {}),
    ...(days !== (was.lock_days ?? 0) ? { lock_days: days } : {}),
    ...(posting !== (was.posting ?? "all") ? { posting } : {}),
  };
  return (
    <Sheet
      title={t("set.title")}
      submit={t("set.do")}
      lacks=""
      onClose={onClose}
      act={async () => {
        await setRoom(room.id, changed);
        notice(t("set.done"));
      }}
    >
      <p class="meta">{t("set.about")}</p>
      <Choice
        label={t("set.slow.label")}
        hint={t("set.slow.hint")}
        value={String(slow)}
        of={among(SLOW_S, slow).map((n) => [String(n), n === 0 ? t("set.off") : duration(n)])}
        onChoose={(v) => setSlow(Number(v))}
      />
      <Choice
        label={t("set.posting.label")}
        hint={t("set.posting.hint")}
        value={posting}
        of={[
          ["all", t("set.posting.all")],
          ["moderators", t("set.posting.moderators")],
        ]}
        onChoose={(v) => setPosting(v as typeof posting)}
      />
      <Choice
        label={t("set.days.label")}
        hint={t("set.days.hint")}
        value={String(days)}
        of={among(DAYS, days).map((n) => [String(n), n === 0 ? t("set.never") : duration(n * DAY_S)])}
        onChoose={(v) => setDays(Number(v))}
      />
    </Sheet>
  );
}
