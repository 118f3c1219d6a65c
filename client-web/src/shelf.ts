/* shelf.ts: the library as this client knows it: what is asked of the hub, and what an address says of it. */
import { signal } from "@preact/signals";
import { call, device, dispatch, mine, random } from "./core";
import { lang } from "./i18n";
import { saves } from "./prefs";
import { isLink, RpcError, type Collection, type Facets, type Fields, type Params, type Post, type Resource, type Theme, type Version } from "./types";

/* What the list may be narrowed to; an address holds them in this order. */
export const FILTERS = ["text", "theme", "region", "room", "city", "country", "language", "year", "type", "collection"] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number] | "kept", string>>;
export const TYPES = ["document", "sheet", "slides", "image", "audio", "video", "archive", "link", "other"] as const;
export type Type = (typeof TYPES)[number];

export function filtersOf(query: string): Filters {
  const said = new URLSearchParams(query);
  const all: Filters = {};
  for (const name of [...FILTERS, "kept"] as const) {
    const value = said.get(name)?.trim();
    if (value) all[name] = value;
  }
  return all;
}
export function addressOf(f: Filters): string {
  const said = new URLSearchParams();
  for (const name of [...FILTERS, "kept"] as const) if (f[name]) said.set(name, f[name]);
  const query = said.toString();
  return `/resources${query ? `?${query}` : ""}`;
}

/* What the hub is asked: a year is a number there, and a city that it does not know is nothing that is found. */
export function askedFor({ kept: _, year, ...f }: Filters): Params {
  return { ...f, ...(year && /^\d{4}$/.test(year) ? { year: Number(year) } : {}) };
}

const OFFICE: [RegExp, Type][] = [
  [/spreadsheet|ms-excel|csv/, "sheet"],
  [/presentation|powerpoint/, "slides"],
  [/^image\//, "image"],
  [/^audio\//, "audio"],
  [/^video\//, "video"],
  [/pdf|word|opendocument|^text\/|rtf|epub/, "document"],
  [/zip|x-tar|x-7z|rar$/, "archive"],
];
export function typeOf(r: Pick<Resource, "file" | "type">): Type {
  const told = TYPES.find((x) => x === r.type);
  if (told || !r.file) return told ?? "link";
  return OFFICE.find(([is]) => is.test(r.file!.type))?.[1] ?? "other";
}

/* ---- Themes: a tree of two levels, in the reader's language. */
export const themes = signal<Theme[]>([]);
let asked: Promise<void> | null = null;

export function loadThemes(again = false): Promise<void> {
  if (again) asked = null;
  /* What was asked waits for the line: until then they have the names that are on the device. */
  if (themes.value.length === 0) void themesHere();
  asked ??= call<{ themes: Theme[] }>("theme.list").then(
    (r) => {
      themes.value = r.themes;
      void device.box.set(mine("themes"), r.themes).catch(() => {
        /* for as long as the page lives */
      });
    },
    async () => {
      asked = null;
      await themesHere();
    },
  );
  return asked;
}
async function themesHere(): Promise<void> {
  const here: Theme[] | null = await device.box.get(mine("themes")).catch(() => null);
  if (themes.value.length === 0 && here) themes.value = here;
}
export const themeName = (slug: string): string => {
  const names = themes.value.find((x) => x.slug === slug)?.names;
  return names?.[lang.value] || names?.en || slug;
};

export interface Branch {
  slug: string;
  count: number /* with its children's */;
  retired?: boolean;
  children: Branch[];
}
/* With how many resources each has; what is retired is there only as long as something bears it. */
export function treeOf(list: Theme[], counts: { slug: string; count: number }[]): Branch[] {
  const own = new Map(counts.map((c) => [c.slug, c.count]));
  const by = (parent: string | undefined): Branch[] =>
    list
      .filter((x) => (x.parent ?? undefined) === parent)
      .map((x) => {
        const children = parent === undefined ? by(x.slug) : [];
        /* The hub counts what stands in two of its children once; a theme that it leaves out is rarer than the others. */
        const count = own.get(x.slug) ?? Math.max(0, ...children.map((c) => c.count));
        return { slug: x.slug, count, children, ...(x.retired ? { retired: true } : {}) };
      })
      .filter((b) => !b.retired || b.count > 0);
  return by(undefined);
}

/* ---- Resources. */
export const pageSize = (): number => (saves.value ? 20 : 40);

export async function list(f: Filters, before = ""): Promise<Resource[]> {
  const r = await call("resource.list", { ...askedFor(f), limit: pageSize(), ...(before ? { before } : {}) });
  if (r.members) dispatch({ type: "members", members: r.members });
  return r.resources;
}
/* The first page came anew below which others were loaded: those stay, where it reaches them without a gap. */
export interface Rows {
  resources: Resource[];
  more: boolean;
}
export function renewed(old: Rows | null, first: Resource[], size: number): Rows {
  const more = first.length >= size;
  const at = more && old ? old.resources.findIndex((r) => r.thread === first.at(-1)!.thread) : -1;
  const rest = at < 0 ? [] : old!.resources.slice(at + 1).filter((r) => !first.some((x) => x.thread === r.thread));
  return { resources: [...first, ...rest], more: rest.length > 0 ? old!.more : more };
}
export const facetsOf = (f: Filters): Promise<Facets> =>
  call("resource.facets", { ...(f.region ? { region: f.region } : {}), ...(f.room ? { room: f.room } : {}) });

export interface Whole {
  resource: Resource;
  versions: Version[];
  collections: { id: string; title: string }[];
  from?: string /* the post that it was made from */;
}
export async function get(thread: string): Promise<Whole> {
  const { members, ...whole } = await call("resource.get", { thread });
  if (members) dispatch({ type: "members", members });
  return { collections: [], ...whole };
}

export const setFields = (thread: string, fields: Fields) =>
  call("thread.fields", { thread, fields, cid: random() });
export const rename = (thread: string, title: string) => call("thread.rename", { thread, title, cid: random() });
export const promote = (p: Params): Promise<{ id?: string; held?: boolean }> =>
  call("resource.promote", { ...p, cid: random() });
export const addVersion = (thread: string, files: unknown[], text: string, code: string) =>
  call("post.create", { thread, files, version: true, lang: code, ...(text ? { text } : {}), cid: random() });

/* ---- Collections. */
export const collections = async (region = ""): Promise<Collection[]> =>
  (await call("collection.list", region ? { region } : {})).collections;
export const putInto = (collection: string, thread: string, on: boolean) =>
  call("collection.put", { collection, thread, on, cid: random() });

/* Nothing that is left out is sent, and nothing twice. */
export function clean(f: Fields): Fields {
  const all: Fields = {};
  const words = ["url", "city", "country", "licence", "source"] as const;
  for (const name of words) if (f[name]?.trim()) all[name] = f[name].trim();
  if (f.languages?.length) all.languages = [...new Set(f.languages)].slice(0, LANGUAGES_MAX);
  if (f.themes?.length) all.themes = [...new Set(f.themes)].slice(0, THEMES_MAX);
  if (f.year) all.year = f.year;
  return all;
}
export const LANGUAGES_MAX = 8;
export const THEMES_MAX = 5;
export const languagesOf = (f: Fields): string[] => f.languages ?? (f.language ? [f.language] : []);

/* The links of a message as the hub read them, each once. */
export const linksIn = ({ md = [], links = [] }: Pick<Post, "md" | "links">): string[] => [
  ...new Set([...md.filter(isLink).map((token) => token[1]), ...links.map((l) => l.url)]),
];
/* What a message has that could stand in the library: its files by their place, its links. */
export function choicesOf(post: Pick<Post, "files" | "md" | "links">): [value: string, text: string][] {
  const files = (post.files ?? []).map((f, n): [string, string] => [String(n), f.name]);
  return [...files, ...linksIn(post).map((url): [string, string] => [url, url])];
}

export const isGone = (error: unknown): boolean =>
  error instanceof RpcError && (error.code === "not_found" || error.code === "forbidden");
