/* core.ts: the state, and what the parts of the client share: the line, the outbox, the storage. */
import { computed, signal } from "@preact/signals";
import type { Box } from "./box";
import type { Outbox } from "./outbox";
import { initial, reduce, type Event, type State } from "./store";
import type { Transport } from "./transport";
import { RpcError, type Params, type SavedSearch } from "./types";

export const state = signal<State>(initial);
export const now = signal(Date.now());

/* Parts that rows look at: a row is drawn again when one of these changed, not with every change. */
export const members = computed(() => state.value.members);
export const regions = computed(() => state.value.regions);
export const myself = computed(() => state.value.me);
export const blocked = computed(() => state.value.me?.blocked ?? []);

/* What the member looks for again and again, and how much is new there. */
export const searches = signal<SavedSearch[]>([]);

/* Set once the page has started; `watched` null means every room that I may read. */
export const device = {
  line: null as Transport | null,
  outbox: null as Outbox | null,
  box: null as unknown as Box,
  watched: null as Set<string> | null,
  headAtHello: {} as Record<string, number>,
  fresh: new Set<string>() /* keys of what came with the page: not asked for the first time */,
  owner: "" /* the member whom the stored values and commands belong to */,
};

/* Up to when what is shown was fresh, while there is no line; 0: not known. */
export const freshAt = signal(0);

/* The key of a value that belongs to one member: nobody else on this device reads it. */
export const mine = (key: string): string => `${key}:${device.owner}`;

export function dispatch(ev: Event): void {
  state.value = reduce(state.value, ev);
}

export function random(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) =>
    b.toString(16).padStart(2, "0"),
  ).join("");
}
export function call<T = any>(method: string, params: Params = {}): Promise<T> {
  return device.line
    ? device.line.call<T>(method, params)
    : Promise.reject(new RpcError("closed", "there is no line"));
}


/* A call beside the line, of who has none. */
export async function post(method: string, params: Params): Promise<any> {
  let answer: any;
  try {
    const r = await fetch("/rpc", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    answer = await r.json();
  } catch {
    throw new RpcError("offline", "no answer");
  }
  if (answer.error) {
    const { code, field } = answer.error.data ?? {};
    throw new RpcError(String(code ?? "internal"), String(answer.error.message), undefined, undefined, undefined, field);
  }
  return answer.result;
}

export function notice(text: string | null): void {
  dispatch({ type: "notice", text });
}
