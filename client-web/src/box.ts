/* box.ts: the device's storage: commands, and a few named values (drafts, what was seen last). */
import type { Saved } from "./outbox";

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

/* Nothing waits for an answer before it is committed, so a page that dies right afterwards has still written. */
const ended = (tx: IDBTransaction): Promise<void> =>
  new Promise((go, fail) => {
    tx.oncomplete = () => go();
    tx.onabort = () => fail(tx.error ?? new DOMException("aborted", "AbortError"));
  });
const answered = <T>(asked: IDBRequest<T>): Promise<T> =>
  new Promise((go, fail) => {
    asked.onsuccess = () => go(asked.result);
    asked.onerror = () => fail(asked.error);
  });

function open(name: string): Promise<IDBDatabase> {
  const asked = indexedDB.open(name, 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("commands", { keyPath: "cid" });
    asked.result.createObjectStore("values");
  };
  return answered(asked);
}

/* Changes of one turn reach the device as one, at the end of the turn: a post that goes out and its
 * draft that ends are there both or neither, whenever the page dies. */
function together(db: IDBDatabase) {
  type Change = (commands: IDBObjectStore, values: IDBObjectStore) => void;
  let changes: Change[] = [];
  let done: Promise<unknown> = Promise.resolve();
  function flush(): void {
    if (changes.length === 0) return;
    const some = changes;
    changes = [];
    const tx = db.transaction(["commands", "values"], "readwrite");
    done = ended(tx);
    try {
      for (const change of some) change(tx.objectStore("commands"), tx.objectStore("values"));
      tx.commit();
    } catch {
      tx.abort(); /* a value that cannot be kept */
    }
  }
  return {
    flush,
    write(change: Change): Promise<unknown> {
      changes.push(change);
      return Promise.resolve().then(() => (flush(), done));
    },
  };
}

export async function deviceBox(name: string): Promise<Box> {
  try {
    const db = await open(name);
    const { write, flush } = together(db);
    const store = (of: string, mode?: IDBTransactionMode) => (flush(), db.transaction(of, mode).objectStore(of));
    return {
      put: (saved) => write((commands) => commands.put(saved)),
      remove: (cid) => write((commands) => commands.delete(cid)),
      set: (key, value) => write((_, values) => values.put(value, key)),
      clear: () =>
        write((commands, values) => {
          commands.clear();
          values.clear();
        }),
      all: async () => answered(store("commands").getAll()),
      get: async (key) => answered(store("values").get(key)),
      async swap(key, change) {
        const values = store("values", "readwrite");
        const asked = values.get(key);
        asked.onsuccess = () => values.put(change(asked.result), key);
        await ended(values.transaction);
        return asked.result;
      },
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
