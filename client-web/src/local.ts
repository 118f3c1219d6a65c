/* local.ts: searches what lies on the device, for when there is no line. */
import type { State } from "./store";
import type { Hit, Post, Thread } from "./types";

const HITS_MAX = 50;
const BEFORE = 40;
const AFTER = 120;

/* Without case and accents; each letter keeps its place, so that marks fit the text. */
export function fold(text: string): string {
  return Array.from(text, (c) => {
    const plain = c.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    return plain.length === c.length ? plain : c.toLowerCase().slice(0, c.length).padEnd(c.length);
  }).join("");
}

/* The piece of the text around the first word, and where the words are in it. */
function snippet(text: string, words: string[]): Pick<Hit, "snippet" | "marks"> {
  const folded = fold(text);
  const found = words.map((w) => folded.indexOf(w)).filter((at) => at >= 0);
  const first = Math.min(...found, text.length);
  const start = first > BEFORE ? text.indexOf(" ", first - BEFORE) + 1 : 0;
  const piece = text.slice(start, start + BEFORE + AFTER);
  const marks: [number, number][] = [];
  for (const w of words)
    for (let at = fold(piece).indexOf(w); at >= 0; at = fold(piece).indexOf(w, at + w.length))
      marks.push([at, at + w.length]);
  return { snippet: piece, marks: marks.sort((a, b) => a[0] - b[0]) };
}

/* Every word has to be in the title or the post; newest first. */
export function searchLocal(s: State, text: string, room: string, lang: string): Hit[] {
  const words = fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  if (words.length === 0) return [];
  const has = (where: string) => words.every((w) => fold(where).includes(w));
  const hits: Hit[] = [];
  const add = (th: Thread, p: Post | null) =>
    hits.push({
      thread: th.id,
      ...(p ? { post: p.id } : {}),
      room: th.room,
      kind: th.kind,
      title: th.title,
      by: p?.by ?? th.by,
      at: p?.at ?? th.at,
      lang: p?.lang ?? th.lang,
      ...snippet(p?.text ?? th.title, words),
    });
  for (const th of Object.values(s.threads)) {
    if (room && th.room !== room) continue;
    if (has(th.title) && (!lang || th.lang === lang)) add(th, null);
    for (const p of s.pages[th.id]?.posts ?? [])
      if (!p.redacted && has(p.text) && (!lang || p.lang === lang)) add(th, p);
  }
  return hits.sort((a, b) => b.at - a.at).slice(0, HITS_MAX);
}
