/* finding.ts: what is looked for, as the address says it, and when it is asked. Timers are arguments. */
import { RpcError, type Params, type SavedSearch } from "./types";

/* What somebody looks for. Each part is a part of the address. */
export interface Asked {
  text: string;
  region?: string;
  room?: string;
  kind?: string;
  lang?: string;
  by?: string;
  year?: string;
  file?: string /* "1": with one */;
  theme?: string /* of the library; what is below it, too */;
}
export type Filter = Exclude<keyof Asked, "text">;
/* What each may be; anything else in an address is left out. */
const FORMS: Record<Filter, RegExp> = {
  region: /^[\w-]{1,40}-\d{1,19}$/,
  room: /^[\w-]{1,40}-\d{1,19}$/,
  kind: /^[a-z]{1,20}$/,
  lang: /^[A-Za-z]{2,3}(-[A-Za-z\d]{1,8})*$/,
  by: /^[\w-]{1,40}-\d{1,19}$/,
  year: /^(19[7-9]|[2-9]\d\d)\d$/,
  file: /^1$/,
  theme: /^[a-z\d-]{1,40}$/,
};
export const FILTERS = Object.keys(FORMS) as Filter[];

export function readAsked(query: string): Asked {
  const said = new URLSearchParams(query);
  const asked: Asked = { text: said.get("q")?.trim() ?? "" };
  for (const f of FILTERS) {
    const value = said.get(f) ?? "";
    if (FORMS[f].test(value)) asked[f] = value;
  }
  return asked;
}

/* As the hub wants it; a question has its limit in bytes. */
const TEXT_BYTES = 200;
export function paramsOf(asked: Asked): Params {
  let { text } = asked;
  while (new TextEncoder().encode(text).length > TEXT_BYTES) text = [...text].slice(0, -1).join("");
  const { year, file, ...same } = asked;
  return { ...same, text, ...(year ? { year: Number(year) } : {}), ...(file ? { file: true } : {}) };
}

/* A search that was saved, as it is asked. The hub saves none with a theme. */
export function askedOf(saved: SavedSearch): Asked {
  const asked: Asked = { text: saved.text };
  for (const f of FILTERS) {
    const value = f !== "theme" && saved[f];
    if (value) asked[f] = value === true ? "1" : String(value);
  }
  return asked;
}

export function addressOf(asked: Asked): string {
  const parts = FILTERS.filter((f) => asked[f]).map((f) => `${f}=${encodeURIComponent(asked[f]!)}`);
  const text = asked.text.replace(/[\ud800-\udfff]/gu, ""); /* half a letter has no place in an address */
  if (text) parts.unshift(`q=${encodeURIComponent(text)}`);
  return `/search${parts.length > 0 ? "?" : ""}${parts.join("&")}`;
}

export const LETTERS_MIN = 3;
export const PAUSE_MS = 250;
/* An answer that took longer: from then on letters are not asked for one by one. */
export const SLOW_MS = 1_500;

export const hasLetters = (text: string): boolean =>
  (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) >= LETTERS_MIN;

export interface Clock {
  set(fn: () => void, ms: number): unknown;
  clear(handle: unknown): void;
  now(): number;
}
export interface Pace {
  typed(text: string): void;
  enter(text: string): void;
  stop(): void;
}

/* Wants what was typed once the typing pauses, and at once with Enter or when all of it was taken out.
 * `saves`: only then. */
export function makePace(clock: Clock, saves: () => boolean, want: (text: string) => void): Pace {
  let timer: unknown = null;
  const stop = () => {
    if (timer !== null) clock.clear(timer);
    timer = null;
  };
  const enter = (text: string) => {
    stop();
    want(text.trim());
  };
  return {
    enter,
    stop,
    typed(text) {
      stop();
      if (text.trim() === "") return enter("");
      if (!saves() && hasLetters(text)) timer = clock.set(() => enter(text), PAUSE_MS);
    },
  };
}

export type Told<T> = { value: T } | { code: string };
export interface Newest<T> {
  ask(work: () => Promise<T>, tell: (told: Told<T>) => void): void;
  drop(): void;
  isSlow(): boolean;
}

/* Tells the answer to the newest question alone, whatever order they come in. */
export function makeNewest<T>(clock: Clock): Newest<T> {
  let newest = 0;
  let isSlow = false;
  return {
    ask(work, tell) {
      const own = ++newest;
      const began = clock.now();
      const end = (told: Told<T>) => {
        if ("value" in told) isSlow = clock.now() - began > SLOW_MS;
        if (own === newest) tell(told);
      };
      work().then(
        (value) => end({ value }),
        (e: unknown) => end({ code: e instanceof RpcError ? e.told : "internal" }),
      );
    },
    drop() {
      newest++;
    },
    isSlow: () => isSlow,
  };
}
