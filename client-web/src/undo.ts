/* undo.ts: acts that can be taken back for a while. What the server cannot take back (a read
 * position never moves down) is told to it only when that time is over. One act at a time: the
 * next one settles the one before. Timers are arguments. */
export const UNDO_MS = 10_000;

export interface Act {
  text: string;
  undo(): void;
  settle?(): void;
}
export interface Undo {
  offer(act: Act): void;
  takeBack(): void;
  settle(): void;
  /* While somebody is about to choose, time stands still; it begins anew afterwards. */
  hold(on: boolean): void;
}

export function makeUndo(world: {
  setTimer(fn: () => void, ms: number): unknown;
  clearTimer(handle: unknown): void;
  show(act: Act | null): void;
}): Undo {
  let act: Act | null = null;
  let timer: unknown = null;
  const stop = () => {
    if (timer !== null) world.clearTimer(timer);
    timer = null;
  };
  const start = () => {
    stop();
    timer = world.setTimer(settle, UNDO_MS);
  };
  const end = (): Act | null => {
    const ended = act;
    stop();
    act = null;
    if (ended) world.show(null);
    return ended;
  };
  function settle(): void {
    end()?.settle?.();
  }
  return {
    offer(next) {
      settle();
      act = next;
      world.show(next);
      start();
    },
    takeBack: () => end()?.undo(),
    settle,
    hold(on) {
      if (!act) return;
      if (on) stop();
      else start();
    },
  };
}
