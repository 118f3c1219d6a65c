/* choose.ts: choosing messages of a thread, and what whoever has it open learns when it moves. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { notice, state } from "../app";
import { t } from "../i18n";
import { watch } from "../loading";
import type { Page } from "../store";
import type { Thread } from "../types";

const CHOSEN_MAX = 100;

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

export interface Chooser {
  chosen: string[] | null /* null: nobody is choosing */;
  begin(): void;
  end(): void;
  choose(id: string, upTo: boolean): void;
  between(): void;
}

/* Which messages are chosen. What is not shown any more, because it went elsewhere, is not chosen either. */
export function useChooser(thread: string, page: Page | undefined): Chooser {
  const [chosen, setChosen] = useState<string[] | null>(null);
  const ids = useRef<string[]>([]);
  const last = useRef("");
  ids.current = page?.posts.map((p) => p.id) ?? [];
  const run = (a: string, b: string): string[] => {
    const [i, j] = [ids.current.indexOf(a), ids.current.indexOf(b)].sort((x, y) => x - y);
    return i === undefined || i < 0 ? [b] : ids.current.slice(i, j! + 1);
  };
  const add = (old: string[], more: string[]) =>
    [...old, ...more.filter((id) => !old.includes(id))].slice(0, CHOSEN_MAX);
  useEffect(() => setChosen(null), [thread]);
  const choose = useCallback((id: string, upTo: boolean) => {
    const from = last.current;
    last.current = id;
    setChosen((old) => {
      if (old === null) return old;
      if (upTo && from !== "") return add(old, run(from, id));
      return old.includes(id) ? old.filter((other) => other !== id) : add(old, [id]);
    });
  }, []);
  return {
    chosen: chosen && chosen.filter((id) => ids.current.includes(id)),
    begin: () => setChosen([]),
    end: () => setChosen(null),
    choose,
    between: () =>
      setChosen((old) => {
        const here = ids.current.filter((id) => old?.includes(id));
        return here.length > 1 ? add(here, run(here[0]!, here.at(-1)!)) : old;
      }),
  };
}
