/* local.ts: searches what lies on the device, for when there is no line. */
import type { Asked } from "./finding";
import type { Kept } from "./kept";
import type { State } from "./store";
import type { Hit, Member, Post, Theme, Thread } from "./types";

const HITS_MAX = 50;
const PEOPLE_MAX = 5;
const BEFORE = 40;
const AFTER = 120;

/* Without case and accents; each letter keeps its place, so that marks fit the text. */
export function fold(text: string): string {
  return Array.from(text, (c) => {
    const plain = c.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    return plain.length === c.length ? plain : c.toLowerCase().slice(0, c.length).padEnd(c.length);
  }).join("");
}

/* Words, and what stands in quotes as one. */
function wordsOf(text: string): string[] {
  const parts = [...fold(text).matchAll(/"([^"]+)"?|[\p{L}\p{N}]+/gu)];
  return parts.map(([all, quoted]) => (quoted ?? all).trim()).filter(Boolean);
}

/* The piece of the text around the first word, and where the words are in it. */
function snippet(text: string, words: string[]): Pick<Hit, "snippet" | "marks"> {
  const folded = fold(text);
  const found = words.map((w) => folded.indexOf(w)).filter((at) => at >= 0);
  const first = Math.min(...found, text.length);
  const start = found.length > 0 && first > BEFORE ? text.indexOf(" ", first - BEFORE) + 1 : 0;
  const piece = text.slice(start, start + BEFORE + AFTER);
  const marks: [number, number][] = [];
  for (const w of words)
    for (let at = fold(piece).indexOf(w); at >= 0; at = fold(piece).indexOf(w, at + w.length))
      marks.push([at, at + w.length]);
  return { snippet: piece, marks: marks.sort((a, b) => a[0] - b[0]) };
}

const hasAll = (words: string[], where: string): boolean => words.every((w) => fold(where).includes(w));

/* What the library has on the device: the resources that are kept, and which theme is below which. */
export interface Shelf {
  kept: Kept[];
  themes: Theme[];
}

/* Every word has to be in the title, the post or the name of one of its files; newest first. */
export function searchLocal(s: State, asked: Asked, { kept, themes }: Shelf = { kept: [], themes: [] }): Hit[] {
  const words = wordsOf(asked.text);
  if (words.length === 0) return [];
  const hits: Hit[] = [];
  const fits = (of: { by: string; lang: string; at: number }) =>
    (!asked.lang || of.lang === asked.lang) &&
    (!asked.by || of.by === asked.by) &&
    (!asked.year || new Date(of.at).getUTCFullYear() === Number(asked.year));
  const isAbout = (slugs: string[] = []) =>
    slugs.some((x) => x === asked.theme || themes.some((th) => th.slug === x && th.parent === asked.theme));
  const add = (th: Thread, p: Post | null, file?: string) =>
    hits.push({
      thread: th.id,
      ...(p ? { post: p.id } : {}),
      ...(file === undefined ? {} : { file }),
      ...(th.answer ? { answered: true } : {}),
      room: th.room,
      kind: th.kind,
      title: th.title,
      by: p?.by ?? th.by,
      at: p?.at ?? th.at,
      lang: p?.lang ?? th.lang,
      ...snippet(file ?? p?.text ?? th.title, words),
    });
  const keptOf = new Map(kept.map((k) => [k.thread.id, k]));
  for (const th of Object.values({ ...Object.fromEntries(kept.map((k) => [k.thread.id, k.thread])), ...s.threads })) {
    if ((asked.room && th.room !== asked.room) || (asked.kind && th.kind !== asked.kind)) continue;
    if (asked.theme && !isAbout(th.fields?.themes)) continue;
    if (asked.region && s.rooms[th.room]?.region !== asked.region) continue;
    const k = keptOf.get(th.id);
    const f = k?.resource.file;
    if ((!asked.file || f) && fits(th) && hasAll(words, th.title)) add(th, null);
    const seen = s.pages[th.id]?.posts ?? [];
    const posts = [...seen, ...(k?.posts ?? []).filter((p) => !seen.some((o) => o.id === p.id))];
    /* Its message may not be among those that are kept with it; the thread begins with the file. */
    if (f && !posts.some((p) => p.id === f.post) && fits(th) && hasAll(words, `${f.name} ${f.alt ?? ""}`)) add(th, null, f.name);
    for (const p of posts) {
      if (p.redacted || !fits(p) || (asked.file && !p.files?.length)) continue;
      const file = p.files?.find((f) => hasAll(words, `${f.name} ${f.alt ?? ""}`));
      if (hasAll(words, p.text)) add(th, p);
      else if (file) add(th, p, file.name);
    }
  }
  return hits.sort((a, b) => b.at - a.at).slice(0, HITS_MAX);
}

/* Members whom this device has met, by name, city or organisation. */
export function peopleLocal(s: State, text: string): Member[] {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  return Object.values(s.members)
    .filter((m) => hasAll(words, [m.name, m.handle, m.city, m.org].filter(Boolean).join(" ")))
    .sort((a, b) => a.name.localeCompare(b.name))
    .slice(0, PEOPLE_MAX);
}
