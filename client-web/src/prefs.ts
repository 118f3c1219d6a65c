/* prefs.ts: what this device's user chose about language, theme and keys. */
import { computed, signal } from "@preact/signals";
import { lang, LANGS, useCatalogue, useMore, type Catalogue, type Lang } from "./i18n";
import { keepLanguage } from "./worker";

declare const LOCALES: Record<string, string>; /* language -> address; written by the build */
declare const MORE: Record<string, string>; /* of the texts that come with lazy files */
declare const MANIFESTS: Record<string, string>; /* language -> the install manifest in it */

export type Theme = "auto" | "light" | "dark";
export const theme = signal<Theme>("auto");
export const enterSends = signal(false);
export const shortcuts = signal(true);
/* Data saver: chosen here, or asked for by the browser. */
export const saverChosen = signal(false);
export const saverAsked = signal(false);
export const saves = computed(() => saverChosen.value || saverAsked.value);
const typingChosen = signal(true);
/* Whether signs of writing are sent and shown. */
export const showsTyping = computed(() => typingChosen.value && !saves.value);

function read(key: string): string | null {
  try {
    return localStorage.getItem(`baraza.${key}`);
  } catch {
    return null;
  }
}
function write(key: string, value: string): void {
  try {
    localStorage.setItem(`baraza.${key}`, value);
  } catch {
    /* for this visit only */
  }
}

export function setTheme(value: Theme): void {
  theme.value = value;
  write("theme", value);
  if (value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
}
export function setEnterSends(on: boolean): void {
  enterSends.value = on;
  write("enter", on ? "1" : "0");
}
export function setShortcuts(on: boolean): void {
  shortcuts.value = on;
  write("keys", on ? "1" : "0");
}

export function setSaver(on: boolean): void {
  saverChosen.value = on;
  write("saver", on ? "1" : "0");
}
export function setTyping(on: boolean): void {
  typingChosen.value = on;
  write("typing", on ? "1" : "0");
}

const texts = async (address: string): Promise<Catalogue> => (await fetch(address)).json();
let hasMore: Promise<void> | null = null;

/* Once, and again with each change of the language from then on. */
export function loadMore(): Promise<void> {
  const code = lang.value;
  hasMore ??= texts(MORE[code]!).then((t) => {
    if (code === lang.value) useMore(t);
  });
  hasMore.catch(() => {
    hasMore = null;
  });
  return hasMore;
}

export async function setLang(code: Lang): Promise<void> {
  const [first, more] = await Promise.all([texts(LOCALES[code]!), hasMore && texts(MORE[code]!)]);
  useCatalogue(code, { ...first, ...more });
  document.documentElement.lang = code;
  document.querySelector<HTMLLinkElement>("link[rel=manifest]")!.href = MANIFESTS[code]!;
}
export async function chooseLang(code: Lang): Promise<void> {
  write("lang", code);
  await setLang(code);
  keepLanguage();
}

/* The choice made here, else the browser's first language that we speak. */
export function firstLang(): Lang {
  const wanted = [read("lang"), ...navigator.languages.map((l) => l.toLowerCase().split("-")[0]!)];
  return (wanted.find((l) => l !== null && l in LANGS) ?? "en") as Lang;
}
export const langChosen = (): boolean => read("lang") !== null;

export async function loadPrefs(): Promise<void> {
  const saved = read("theme");
  if (saved === "light" || saved === "dark") setTheme(saved);
  enterSends.value = read("enter") === "1";
  shortcuts.value = read("keys") !== "0";
  saverChosen.value = read("saver") === "1";
  typingChosen.value = read("typing") !== "0";
  const connection = (navigator as any).connection;
  const ask = () => {
    saverAsked.value = connection?.saveData === true;
  };
  ask();
  connection?.addEventListener?.("change", ask);
  await setLang(firstLang());
}
