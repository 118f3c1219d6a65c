/* core.ts: the state, and what the parts of the client share: the line, the outbox, the storage. */
import { computed, signal } from "@preact/signals";
import { device } from "./device";
import { initial, reduce, type Event, type State } from "./store";
import { RpcError, type Params, type SavedSearch } from "./types";

export { device, mine } from "./device";

export const state = signal<State>(initial);
export const now = signal(Date.now());

/* Parts that rows look at: a row is drawn again when one of these changed, not with every change. */
export const members = computed(() => state.value.members);
export const regions = computed(() => state.value.regions);
export const myself = computed(() => state.value.me);
export const blocked = computed(() => state.value.me?.blocked ?? []);

/* What the member looks for again and again, and how much is new there. */
export const searches = signal<SavedSearch[]>([]);

/* Up to when what is shown was fresh, while there is no line; 0: not known. */
export const freshAt = signal(0);

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

export function notice(text: string | null): void {
  dispatch({ type: "notice", text });
}
