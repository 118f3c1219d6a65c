/* prefs.ts: what this device's user chose about language, theme and keys. */
import { signal } from "@preact/signals";
import { LANGS, useCatalogue, type Lang } from "./i18n";
import { keepLanguage } from "./worker";

declare const LOCALES: Record<string, string>; /* language -> address; written by the build */
declare const MANIFESTS: Record<string, string>; /* language -> the install manifest in it */

export type Theme = "auto" | "light" | "dark";
export const theme = signal<Theme>("auto");
export const enterSends = signal(false);
export const shortcuts = signal(true);

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

export async function setLang(code: Lang): Promise<void> {
  const r = await fetch(LOCALES[code]!);
  useCatalogue(code, await r.json());
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
  await setLang(firstLang());
}
