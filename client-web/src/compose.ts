/* compose.ts: what the composers make of a text that is being written. Pure. */

/* Words as a Markdown quote, a line to write on below. */
export function quoted(words: string): string {
  return `${words
    .trim()
    .split("\n")
    .map((line) => `> ${line}`.trimEnd())
    .join("\n")}\n\n`;
}

const ADDRESS = /^https?:\/\/\S+$/i;
/* The link that an address pasted over these words makes; null: paste it as it is. */
export function linkOver(words: string, pasted: string): string | null {
  const label = words.trim();
  if (!ADDRESS.test(pasted.trim()) || label === "" || ADDRESS.test(label)) return null;
  if (/[\n[\]]/.test(label)) return null;
  return `[${label}](${pasted.trim().replace(/[()]/g, (c) => (c === "(" ? "%28" : "%29"))})`;
}

export const LONG_CHARS = 600;
export const LONG_LINES = 8;
export const isLong = (text: string): boolean =>
  text.length >= LONG_CHARS || text.split("\n").length > LONG_LINES;

/* The beginning of a handle or a name before the caret, and where its "@" stands. */
export function mentionAt(text: string, caret: number): { at: number; prefix: string } | null {
  const m = /(?:^|[\s(])@([\p{L}\p{N}._-]{1,30})$/u.exec(text.slice(0, caret));
  return m ? { at: caret - m[1]!.length - 1, prefix: m[1]! } : null;
}

/* Short words that say which of our languages a text is in; shared ones count for each. */
const WORDS: Record<string, string> = {
  en: "the of and to in is for on with that we our are have how what you from this it not was be by at or as an can do does which",
  fr: "le la les des du et est une un pour dans que qui nous avec sur pas vous ce cette au aux sont avez comment par ou plus votre notre quel quelle je il en ne",
  es: "el la los las de del y es una un para en que con por no se su como lo al son tienen nosotros más pero este esta cuál cómo qué hay ya o",
  pt: "o a os as do da dos das e é uma um para em que com por não se no na nos nas como são têm nós mais mas este esta qual ao você ou já",
};
const SETS = Object.entries(WORDS).map(
  ([code, words]) => [code, new Set(words.split(" "))] as const,
);

/* The language of a text, or "" while it says too little: a guess that its writer may correct. */
export function guessLang(text: string): string {
  const words = text
    .replace(/^>.*$|`[^`]*`|https?:\S+/gm, " ")
    .toLowerCase()
    .match(/\p{L}+/gu);
  if (!words || words.length < 4) return "";
  const scores = SETS.map(([code, set]) => [code, words.filter((w) => set.has(w)).length] as const);
  scores.sort((a, b) => b[1] - a[1]);
  const [best, next] = scores;
  return best![1] >= 2 && best![1] > next![1] ? best![0] : "";
}
