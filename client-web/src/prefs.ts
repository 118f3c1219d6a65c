/* prefs.ts: what this device's user chose about language, theme and keys. */
import { computed, signal } from "@preact/signals";
import { lang, LANGS, useCatalogue, useMore, type Catalogue, type Lang } from "./i18n";

/* The texts come in parts: of the page where people sign in, of the first screens, of all others. */
export type Part = "door" | "first" | "more";
declare const TEXTS: Record<Part, Record<string, string>>; /* part -> language -> address; written by the build */
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

const wanted = new Set<Part>();
const asked: Record<string, Promise<Catalogue>> = {};
let speaks: Lang | null = null; /* what was asked for last; null: nothing yet */

/* Asked for once; what did not come, again. */
function texts(part: Part, code: Lang): Promise<Catalogue> {
  const at = TEXTS[part][code]!;
  asked[at] ??= fetch(at).then((r) => r.json());
  asked[at].catch(() => delete asked[at]);
  return asked[at];
}

/* Now, and again with each change of the language from then on. */
export async function loadTexts(part: Part): Promise<void> {
  const code = speaks ?? firstLang();
  wanted.add(part);
  try {
    const some = await texts(part, code);
    if (code === lang.value) useMore(some);
  } catch (error) {
    wanted.delete(part);
    throw error;
  }
}

export async function setLang(code: Lang): Promise<void> {
  const before = speaks;
  speaks = code;
  try {
    let all: Catalogue[] = [];
    while (all.length < wanted.size) all = await Promise.all([...wanted].map((part) => texts(part, code)));
    if (speaks !== code) return;
    useCatalogue(code, Object.assign({}, ...all));
  } catch (error) {
    speaks = before;
    throw error;
  }
  document.documentElement.lang = code;
  document.querySelector<HTMLLinkElement>("link[rel=manifest]")!.href = MANIFESTS[code]!;
}
export async function chooseLang(code: Lang): Promise<void> {
  write("lang", code);
  await setLang(code);
}

/* The address of a part in the language that is spoken. */
export const textsAt = (part: Part): string => TEXTS[part][lang.value]!;

/* The choice made here, else the browser's first language that we speak. */
export function firstLang(): Lang {
  const wanted = [read("lang"), ...navigator.languages.map((l) => l.toLowerCase().split("-")[0]!)];
  return (wanted.find((l) => l !== null && l in LANGS) ?? "en") as Lang;
}
export const langChosen = (): boolean => read("lang") !== null;

export async function loadPrefs(part: Part): Promise<void> {
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
  wanted.add(part);
  await setLang(firstLang());
}
