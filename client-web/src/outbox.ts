/* outbox.ts: what the member has written and the server has not confirmed.
 *
 * A command is kept on the device until its outcome is known, so it survives a cut line and a dead
 * tab. Exactly one tab sends it: each tab holds the lock of its own name for as long as it lives,
 * and takes over the commands of a tab as soon as its lock is free. The cid makes a repeat harmless
 * anyway. Commands on the same subject go one after the other, in the order of writing, so a tab
 * sends nothing of its own before it has looked what a dead one left. */
import type { Box } from "./box";
import type { Command, Params, RpcError } from "./types";

export interface Saved extends Command {
  owner: string /* who wrote it: it goes out in no other name */;
  tab: string;
}
export interface Locks {
  request(
    name: string,
    /* wait: somebody else's, to be had when they are dead */
    options: { wait?: boolean },
    held: () => Promise<unknown> | unknown,
  ): Promise<unknown>;
}
export type OutboxEvent =
  | { type: "queued"; command: Command }
  | { type: "stored"; cid: string; result: any }
  | { type: "refused"; cid: string; code: string }
  | { type: "dropped"; cid: string };
export interface OutboxWorld {
  box: Box;
  owner(): string;
  locks: Locks | null;
  tab: string;
  newCid(): string;
  now(): number;
  later(fn: () => void, ms: number): unknown;
  call(method: string, params: Params): Promise<any>;
  /* Of a command with files. */
  files?: {
    /* How it is sent, once they are all at the hub. */
    ready(command: Command): Promise<Params>;
    /* It was refused: true if some had ended there, and are sent anew. */
    anew(command: Command): Promise<boolean>;
  };
  on(event: OutboxEvent): void;
}
export interface Outbox {
  add(method: string, params: Params): string;
  retry(cid: string): void;
  drop(cid: string): void;
  sweep(): Promise<void>;
}

const RETRY_MS = 2_000;
/* A tab whose lock is not free by then lives, and sends what it wrote itself. */
export const LIVES_MS = 1_000;
const BY_HAND = "slow_mode"; /* it would pass, but its author is not to wait for it unknowingly */
const WILL_PASS = new Set(["unavailable", "rate_limited", "storage_full", "deadline"]);

/* The commands that must keep their order among themselves. One that waits for its files holds up no other. */
function lane({ cid, params }: Command): string {
  const files = params.files as { upload?: string }[] | undefined;
  return files?.some((f) => !f.upload) ? cid : String(params.thread ?? params.post ?? params.room ?? "");
}

export function openOutbox(world: OutboxWorld): Outbox {
  const { box, tab } = world;
  const lanes = new Map<string, Saved[]>();
  const known = new Map<string, Saved>();
  const awaited = new Map<string, Promise<unknown>>(); /* tabs whose end is waited for */
  let looked: Promise<void> | null = null; /* what was left before this tab is in the lanes */
  let added: Promise<unknown> = Promise.resolve(); /* what was written before is in its lane */
  let newest = 0; /* `at` of what was written last; grows even if the clock goes back */

  world.locks?.request(
    `baraza-tab-${tab}`,
    {},
    () =>
      new Promise(() => {
        /* until we die */
      }),
  );

  const publicPart = ({ owner: _w, tab: _t, ...command }: Saved): Command => command;

  function send(saved: Saved) {
    const name = lane(saved);
    const queue = lanes.get(name);
    if (queue) {
      let place = queue.length;
      while (place > 1 && queue[place - 1]!.at > saved.at) place--; /* the first is under way */
      queue.splice(place, 0, saved);
      return;
    }
    lanes.set(name, [saved]);
    void work(name);
  }

  async function work(name: string) {
    const queue = lanes.get(name)!;
    while (queue.length > 0) {
      await deliver(queue[0]!);
      queue.shift();
    }
    lanes.delete(name);
  }

  async function deliver(saved: Saved): Promise<void> {
    for (;;) {
      if (!known.has(saved.cid)) return; /* dropped by its author */
      try {
        const params = saved.params.files && world.files ? await world.files.ready(saved) : saved.params;
        if (!known.has(saved.cid)) return;
        const result = await world.call(saved.method, { ...params, cid: saved.cid });
        known.delete(saved.cid);
        world.on({ type: "stored", cid: saved.cid, result });
        await box.remove(saved.cid).catch(() => {
          /* the cid keeps a repeat harmless */
        });
        return;
      } catch (error) {
        const e = error as RpcError;
        if (!known.has(saved.cid)) return;
        if (e.code === "closed" || e.code === "unauthenticated")
          return; /* stays on the device until somebody is signed in again */
        if (e.code === "not_found" && saved.params.files && (await world.files?.anew(saved))) continue;
        if (e.code === BY_HAND || (e.retryMs === undefined && !WILL_PASS.has(e.code))) {
          saved.status = "refused";
          saved.error = e.told;
          world.on({ type: "refused", cid: saved.cid, code: e.told });
          await box.put(saved).catch(() => {
            /* it is still shown */
          });
          return;
        }
        await new Promise<void>((go) => world.later(go, e.retryMs ?? RETRY_MS));
      }
    }
  }

  /* What this member wrote in other tabs, in the order of writing. */
  async function others(): Promise<Saved[]> {
    const all = await box.all().catch(() => []);
    const left = all.filter(
      (s) => s.owner === world.owner() && s.tab !== tab && !known.has(s.cid),
    );
    return left.sort((a, b) => a.at - b.at);
  }

  /* That tab is dead. Another one may have been faster, and may be dead by now, too. */
  async function adopt(dead: string) {
    const left = (await others()).filter((s) => s.tab === dead);
    for (const saved of left) {
      saved.tab = tab;
      known.set(saved.cid, saved);
      newest = Math.max(newest, saved.at);
    }
    await Promise.all(left.map((saved) => box.put(saved))).catch(() => {
      /* see add */
    });
    for (const saved of left) {
      world.on({ type: "queued", command: publicPart(saved) });
      if (saved.status === "waiting") send(saved);
    }
    awaited.delete(dead);
    void sweep();
  }

  async function sweep() {
    for (const { tab: other } of await others()) {
      if (awaited.has(other)) continue;
      const end = world.locks
        ? world.locks.request(`baraza-tab-${other}`, { wait: true }, () => adopt(other))
        : adopt(other);
      awaited.set(
        other,
        end.catch(() => awaited.delete(other)), /* asked again by the next sweep */
      );
    }
  }

  function look(): Promise<void> {
    return (looked ??= sweep().then(async () => {
      if (awaited.size === 0) return;
      const alive = new Promise((go) => world.later(go as () => void, LIVES_MS));
      await Promise.race([Promise.all(awaited.values()), alive]);
    }));
  }

  return {
    add(method, params) {
      const saved: Saved = {
        cid: world.newCid(),
        method,
        params,
        at: (newest = Math.max(world.now(), newest + 1)),
        status: "waiting",
        owner: world.owner(),
        tab,
      };
      known.set(saved.cid, saved);
      world.on({ type: "queued", command: publicPart(saved) });
      /* First the device, then the line; a device without storage still gets to send. Storage may
       * fail sooner or later than it works: what was written before goes first all the same. */
      const kept = box.put(saved).catch(() => {
        /* said above */
      });
      added = Promise.all([added, kept])
        .then(look)
        .then(() => send(saved));
      return saved.cid;
    },
    retry(cid) {
      const saved = known.get(cid);
      if (saved === undefined || saved.status !== "refused") return;
      saved.status = "waiting";
      saved.error = undefined;
      world.on({ type: "queued", command: publicPart(saved) });
      send(saved);
    },
    drop(cid) {
      known.delete(cid);
      void box.remove(cid).catch(() => {
        /* shown no more */
      });
      world.on({ type: "dropped", cid });
    },
    sweep,
  };
}

const BEAT_MS = 2_000;
const LEASE_MS = 15_000; /* longer than a busy tab is silent */

/* Where the browser has no locks: a tab says every BEAT_MS that it lives. Who finds a silent one
 * takes its place in the same step, so only one does. A tab that was only put to sleep meanwhile
 * sends again with the same cid, which is harmless. */
export function leases(box: Box, now: () => number, later: OutboxWorld["later"]): Locks {
  return {
    async request(name, { wait }, held) {
      const key = `lease:${name}`;
      const lives = (at: unknown) => typeof at === "number" && now() - at < LEASE_MS;
      if (wait) {
        while (lives(await box.swap(key, (old) => (lives(old) ? old : now()))))
          await new Promise<void>((go) => later(go, BEAT_MS));
        return held();
      }
      const beat = () => {
        void box.set(key, now()).catch(() => {
          /* then nobody else reads it, either */
        });
        later(beat, BEAT_MS);
      };
      beat();
      return held();
    },
  };
}
