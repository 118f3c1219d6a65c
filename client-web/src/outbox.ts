/* outbox.ts: what the member has written and the server has not confirmed.
 *
 * A command is kept on the device until its outcome is known, so it survives a cut line and a dead
 * tab. Exactly one tab sends it: each tab holds the lock of its own name for as long as it lives,
 * and takes over the commands of a tab whose lock is free. The cid makes a repeat harmless anyway.
 * Commands on the same subject go one after the other, so their order is kept. */
import { openDB } from "idb";
import { RpcError, type Command, type Params } from "./types";

export interface Saved extends Command {
  owner: string /* who wrote it: it goes out in no other name */;
  tab: string;
  order: number;
}
export interface Box {
  put(saved: Saved): Promise<unknown>;
  remove(cid: string): Promise<unknown>;
  all(): Promise<Saved[]>;
  get(key: string): Promise<any>;
  set(key: string, value: unknown): Promise<unknown>;
  /* Reads and writes a value in one step; answers what was there before. */
  swap(key: string, change: (old: any) => unknown): Promise<any>;
  clear(): Promise<unknown>;
}
export interface Locks {
  request(
    name: string,
    options: { ifAvailable?: boolean },
    held: (lock: unknown) => Promise<unknown> | unknown,
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
  on(event: OutboxEvent): void;
}
export interface Outbox {
  add(method: string, params: Params): string;
  retry(cid: string): void;
  drop(cid: string): void;
  sweep(): Promise<void>;
}

const RETRY_MS = 2_000;
const WILL_PASS = new Set(["unavailable", "rate_limited", "storage_full", "deadline"]);

/* The commands that must keep their order among themselves. */
function lane(params: Params): string {
  return String(params.thread ?? params.post ?? params.room ?? "");
}

export function openOutbox(world: OutboxWorld): Outbox {
  const { box, tab } = world;
  const lanes = new Map<string, Saved[]>();
  const known = new Map<string, Saved>();
  let order = 0;

  world.locks?.request(
    `baraza-tab-${tab}`,
    {},
    () =>
      new Promise(() => {
        /* until we die */
      }),
  );

  const publicPart = ({ owner: _w, tab: _t, order: _o, ...command }: Saved): Command => command;

  function send(saved: Saved) {
    const name = lane(saved.params);
    const queue = lanes.get(name);
    if (queue) {
      queue.push(saved);
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
        const result = await world.call(saved.method, { ...saved.params, cid: saved.cid });
        known.delete(saved.cid);
        world.on({ type: "stored", cid: saved.cid, result });
        await box.remove(saved.cid).catch(() => {
          /* the cid keeps a repeat harmless */
        });
        return;
      } catch (error) {
        const e = error as RpcError;
        if (e.code === "closed" || e.code === "unauthenticated")
          return; /* stays on the device until somebody is signed in again */
        if (e.retryMs === undefined && !WILL_PASS.has(e.code)) {
          saved.status = "refused";
          saved.error = e.code;
          world.on({ type: "refused", cid: saved.cid, code: e.code });
          await box.put(saved).catch(() => {
            /* it is still shown */
          });
          return;
        }
        await new Promise<void>((go) => world.later(go, e.retryMs ?? RETRY_MS));
      }
    }
  }

  async function take(saved: Saved) {
    saved.tab = tab;
    known.set(saved.cid, saved);
    await box.put(saved).catch(() => {
      /* see add */
    });
    world.on({ type: "queued", command: publicPart(saved) });
    if (saved.status === "waiting") send(saved);
  }

  /* Takes over what dead tabs left behind, in the order of writing. */
  async function sweep() {
    const owner = world.owner();
    const left = (await box.all().catch(() => [])).filter(
      (s) => s.owner === owner && !known.has(s.cid),
    );
    left.sort((a, b) => a.at - b.at || a.order - b.order);
    for (const dead of new Set(left.map((s) => s.tab))) {
      const adopt = async (lock: unknown) => {
        if (lock === null) return; /* that tab lives and sends them itself */
        for (const saved of left.filter((s) => s.tab === dead && !known.has(s.cid)))
          await take(saved);
      };
      if (dead === tab) continue;
      if (world.locks === null) await adopt({});
      else await world.locks.request(`baraza-tab-${dead}`, { ifAvailable: true }, adopt);
    }
  }

  return {
    add(method, params) {
      const saved: Saved = {
        cid: world.newCid(),
        method,
        params,
        at: world.now(),
        status: "waiting",
        owner: world.owner(),
        tab,
        order: order++,
      };
      known.set(saved.cid, saved);
      world.on({ type: "queued", command: publicPart(saved) });
      /* First the device, then the line; a device without storage still gets to send. */
      void box
        .put(saved)
        .catch(() => {
          /* said above */
        })
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
    async request(name, { ifAvailable }, held) {
      const key = `lease:${name}`;
      const lives = (at: unknown) => typeof at === "number" && now() - at < LEASE_MS;
      if (ifAvailable) {
        const at = await box.swap(key, (old) => (lives(old) ? old : now()));
        return held(lives(at) ? null : {});
      }
      const beat = () => {
        void box.set(key, now()).catch(() => {
          /* then nobody else reads it, either */
        });
        later(beat, BEAT_MS);
      };
      beat();
      return held({});
    },
  };
}

/* The device's storage: commands, and a few named values (drafts, what was seen last). */
export async function deviceBox(name: string): Promise<Box> {
  try {
    const db = await openDB(name, 1, {
      upgrade(d) {
        d.createObjectStore("commands", { keyPath: "cid" });
        d.createObjectStore("values");
      },
    });
    return {
      put: (saved) => db.put("commands", saved),
      remove: (cid) => db.delete("commands", cid),
      all: () => db.getAll("commands"),
      get: (key) => db.get("values", key),
      set: (key, value) => db.put("values", value, key),
      async swap(key, change) {
        const tx = db.transaction("values", "readwrite");
        const old = await tx.store.get(key);
        await tx.store.put(change(old), key);
        await tx.done;
        return old;
      },
      clear: () => Promise.all([db.clear("commands"), db.clear("values")]),
    };
  } catch {
    return memoryBox(); /* private windows of some browsers refuse storage */
  }
}

export function memoryBox(): Box {
  const commands = new Map<string, Saved>();
  const values = new Map<string, unknown>();
  return {
    put: async (saved) => {
      commands.set(saved.cid, structuredClone(saved));
    },
    remove: async (cid) => {
      commands.delete(cid);
    },
    all: async () => [...commands.values()].map((s) => structuredClone(s)),
    get: async (key) => values.get(key),
    set: async (key, value) => {
      values.set(key, structuredClone(value));
    },
    swap: async (key, change) => {
      const old = values.get(key);
      values.set(key, structuredClone(change(old)));
      return old;
    },
    clear: async () => {
      commands.clear();
      values.clear();
    },
  };
}
