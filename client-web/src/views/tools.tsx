/* tools.tsx: what moderators do with a whole thread. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { moveThread, notice, state } from "../app";
import { t } from "../i18n";
import { watch } from "../loading";
import type { State } from "../store";
import type { Room, Thread } from "../types";
import { Choice, Sheet } from "./manage";

/* How few may read it. */
const CLOSED: Record<Room["access"], number> = { open: 0, members: 1, private: 2 };

/* Who reads afterwards who did not before, or the other way round: said before it is done. */
function change(from: Room | undefined, to: Room | undefined): string {
  if (!from || !to || (from.access === to.access && from.access === "open")) return "";
  if (CLOSED[to.access] === 0) return t("thread.move.opener");
  return from.access === "open" ? t("thread.move.closer") : t("thread.move.other");
}

export function MoveThread({
  s,
  thread: th,
  onClose,
}: {
  s: State;
  thread: Thread;
  onClose: () => void;
}): VNode {
  const [to, setTo] = useState("");
  const name = (r: Room) => [s.regions[r.region]?.name, r.name].filter(Boolean).join(" · ");
  const rooms = Object.values(s.rooms)
    .filter((r) => r.id !== th.room)
    .map((r): [string, string] => [r.id, name(r)]);
  const told = change(s.rooms[th.room], s.rooms[to]);
  return (
    <Sheet
      title={t("thread.move")}
      submit={t("thread.move.do")}
      ready={to !== ""}
      onClose={onClose}
      act={() => moveThread(th, to)}
    >
      <Choice
        label={t("thread.move.to")}
        value={to}
        of={[["", ""], ...rooms]}
        onChoose={setTo}
      />
      {told && <p class="note">{told}</p>}
    </Sheet>
  );
}

/* Who has it open while it goes to another room learns so, and goes on hearing of it. */
export function useMoves(th: Thread | undefined): void {
  const room = useRef("");
  useEffect(() => {
    const before = room.current;
    room.current = th?.room ?? "";
    if (!th || before === "" || before === th.room) return;
    void watch(th.room).catch(() => {
      /* the next hello names it again */
    });
    const name = state.value.rooms[th.room]?.name;
    if (name) notice(t("thread.moved", { room: name }));
  }, [th?.room]);
}
