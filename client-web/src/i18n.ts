/* i18n.ts: one catalogue at a time, plural forms and formats by Intl. */
import { signal } from "@preact/signals";
import type en from "../locales/en.json";

export type Key = keyof typeof en;
export type Catalogue = Record<string, string | Record<string, string>>;
export const LANGS = { en: "English", fr: "Français", es: "Español", pt: "Português" } as const;
export type Lang = keyof typeof LANGS;

const catalogue = signal<Catalogue>({});
export const lang = signal<Lang>("en");

/* The language as this device's region writes its dates and numbers. */
let locale = "en";

export function useCatalogue(code: Lang, texts: Catalogue): void {
  catalogue.value = texts;
  locale = globalThis.navigator?.languages?.find((l) => l.startsWith(`${code}-`)) ?? code;
  lang.value = code;
  made.clear();
}

/* The texts of what comes in files of its own. */
export function useMore(texts: Catalogue): void {
  catalogue.value = { ...catalogue.value, ...texts };
}

/* The formatters that a first picture takes: each costs up to 80 ms on a slow phone when it is made,
 * so they are made one by one before it. */
export const makeReady: Record<"talk" | "lists", (() => void)[]> = {
  talk: [() => clock(0), () => weekday(0)],
  lists: [() => day(0, 0)],
};

const made = new Map<string, any>();
function once<T>(key: string, make: () => T): T {
  if (!made.has(key)) made.set(key, make());
  return made.get(key);
}

/* The text of a key; {n} chooses the plural form, {name} is replaced by params.name. */
export function t(key: Key, params: Record<string, string | number> = {}): string {
  const found = catalogue.value[key];
  let text = typeof found === "string" ? found : undefined;
  if (found !== undefined && typeof found !== "string") {
    const rules = once("plural", () => new Intl.PluralRules(lang.value));
    text = found[rules.select(Number(params.n))] ?? found.other;
  }
  return (text ?? key).replace(/\{(\w+)\}/g, (all, name: string) => {
    const value = params[name];
    return value === undefined ? all : typeof value === "number" ? number(value) : value;
  });
}

/* Small whole numbers look the same in all our languages; the first formatter costs 45 ms. */
export function number(n: number): string {
  if (Number.isInteger(n) && n >= 0 && n < 1000) return String(n);
  return once("number", () => new Intl.NumberFormat(locale)).format(n);
}

/* "5 min ago" for a week, then the date. The texts are our own: the browser's formatter takes 200 ms of a slow phone. */
export function ago(at: number, now: number): string {
  const min = (now - at) / 60_000;
  if (min < 0.75) return t("time.now");
  if (min < 57) return t("time.ago.min", { n: Math.max(1, Math.round(min)) });
  if (min < 22.8 * 60) return t("time.ago.hr", { n: Math.round(min / 60) });
  const days = Math.round(min / 1440);
  if (min > 6.5 * 1440) return day(at, now);
  return days < 2 ? t("time.ago.day") : t("time.ago.days", { n: days });
}

export function day(at: number, now: number): string {
  const year = new Date(at).getFullYear() !== new Date(now).getFullYear();
  return once(
    `day${year}`,
    () =>
      new Intl.DateTimeFormat(locale, {
        day: "numeric",
        month: "short",
        year: year ? "numeric" : undefined,
      }),
  ).format(at);
}

export function clock(at: number): string {
  return once("clock", () => new Intl.DateTimeFormat(locale, { timeStyle: "short" })).format(at);
}

/* "14:05" today, "Tue 14:05" within a week, then with its date. */
export function moment(at: number, now: number): string {
  const days = (now - at) / 86_400_000;
  const today = new Date(at).toDateString() === new Date(now).toDateString();
  const form: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };
  if (!today) form.weekday = "short";
  if (days > 6.5) Object.assign(form, { day: "numeric", month: "short" });
  return once(`moment${today}${days > 6.5}`, () => new Intl.DateTimeFormat(locale, form)).format(at);
}

export function weekday(at: number): string {
  return once(
    "weekday",
    () => new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" }),
  ).format(at);
}

/* When something was last: the time today, the name of a day of this week, else the date. */
export function since(at: number, now: number): string {
  if (new Date(at).toDateString() === new Date(now).toDateString()) return clock(at);
  if (now - at > 6 * 86_400_000) return weekday(at);
  return once("name", () => new Intl.DateTimeFormat(locale, { weekday: "long" })).format(at);
}

export function full(at: number): string {
  return once(
    "full",
    () => new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" }),
  ).format(at);
}

const UNITS: [unit: string, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/* "5 minutes": in the largest unit of which it is a whole number. */
export function duration(seconds: number): string {
  const [unit, size] = UNITS.find(([, s]) => seconds % s === 0)!;
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(seconds / size);
}

/* "0:42", "1:05:00": what is left, in whole seconds. */
export function countdown(ms: number): string {
  const s = Math.ceil(ms / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor((s % 3600) / 60);
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(s % 60)}`;
}

export function list(items: string[]): string {
  return once("list", () => new Intl.ListFormat(locale)).format(items);
}

/* The name of a language in its own words, for the tag on a post. */
export function languageName(code: string): string {
  if (code === "ff") return "Fulfulde"; /* Chromium has no name for it */
  try {
    return (
      once(`lang-${code}`, () => new Intl.DisplayNames(lang.value, { type: "language" })).of(
        code,
      ) ?? code
    );
  } catch {
    return code;
  }
}

const REGIONS: [name: string, key: Key][] = [
  ["africa", "region.africa"],
  ["asia", "region.asia"],
  ["global", "region.global"],
  ["latin america", "region.latinamerica"],
];

/* A region that has its plain English name is called as the reader's language calls it; a hub's own name stays. */
export function regionName(g: { name: string } | undefined): string {
  const known = REGIONS.find(([name]) => name === g?.name.toLowerCase());
  return known ? t(known[1]) : (g?.name ?? "");
}
