/* drafts.ts: what is being written. Kept on the device at every pause, and on the server so that
 * another device of the member can go on. The newest wins there; where two devices wrote, the
 * member chooses. Keys: `post:<thread>`, `ask:<room>`, `ask:` (no room yet); `edit:<post>` is kept on
 * the device only, for the server has no place for it. */
import { computed, signal } from "@preact/signals";
import { attached } from "./attach";
import { call, device, mine, state } from "./core";
import { RpcError, type Fields } from "./types";

const SAVE_MS = 300;
const TELL_MS = 1_200;

export interface Draft {
  text: string;
  title?: string;
  kind?: string;
  reply_to?: string;
  fields?: Fields /* of a resource; on this device only */;
  at: number;
  told: boolean /* the server has it */;
  refused?: number /* the `at` that the server holds something newer than */;
  other?: Draft /* newer, from another device, and not the same */;
}
type Words = Partial<Pick<Draft, "text" | "title" | "kind" | "reply_to" | "fields">>;

export const drafts = signal<Record<string, Draft>>({});
export const draft = (key: string): Draft | undefined => drafts.value[key];

let saveTimer: ReturnType<typeof setTimeout> | null = null;
let tellTimer: ReturnType<typeof setTimeout> | null = null;

function put(key: string, value: Draft | null): void {
  const all = { ...drafts.value };
  if (value) all[key] = value;
  else delete all[key];
  drafts.value = all;
  saveTimer ??= setTimeout(() => void saveDrafts(), SAVE_MS);
}
const isLocal = (key: string): boolean => key.startsWith("edit:");
/* Posts whose edit was begun; one text, so that it does not change with every letter. */
export const begunEdits = computed(() =>
  Object.keys(drafts.value)
    .filter(isLocal)
    .map((key) => key.slice(key.indexOf(":") + 1))
    .join(" "),
);
const isBlank = (d: Words): boolean => !d.text?.trim() && !d.title?.trim();

export function keepDraft(key: string, words: Words): void {
  const old = drafts.value[key];
  if (!old && isBlank(words) && !words.reply_to && !isLocal(key)) return;
  const at = Math.max(Date.now(), (old?.at ?? 0) + 1);
  put(key, { ...(old ?? { text: "" }), ...words, at, told: false });
  if (tellTimer) clearTimeout(tellTimer);
  tellTimer = setTimeout(tellDrafts, TELL_MS);
}
/* It was sent, or thrown away. */
export function endDraft(key: string): void {
  if (!drafts.value[key]) return;
  if (isLocal(key)) {
    put(key, null);
    return void saveDrafts();
  }
  keepDraft(key, { text: "", title: undefined, kind: undefined, reply_to: undefined, fields: undefined });
  tellDrafts();
  void saveDrafts(); /* at once: what was sent must not come back as a draft */
}

const place = (key: string) => {
  const [what = "", id = ""] = key.split(/:(.*)/s);
  return what === "post" ? { thread: id } : id ? { room: id } : {};
};
const keyOf = (p: { thread?: string; room?: string }): string =>
  p.thread ? `post:${p.thread}` : `ask:${p.room ?? ""}`;

export function tellDrafts(): void {
  tellTimer = null;
  if (state.value.line !== "open" || device.owner === "") return; /* told at the next hello */
  for (const [key, d] of Object.entries(drafts.value))
    if (!d.told && !d.other && d.refused !== d.at && !isLocal(key)) tell(key, d);
}

function tell(key: string, d: Draft): void {
  const blank = isBlank(d);
  const { title, kind, reply_to } = d;
  call("draft.set", {
    ...place(key),
    at: d.at,
    text: d.text.trim() ? d.text : "",
    ...(title?.trim() && !blank ? { title } : {}),
    ...(kind && !blank && key.startsWith("ask") ? { kind } : {}),
    ...(reply_to && !blank && key.startsWith("post") ? { reply_to } : {}),
  }).then(
    () => {
      const now = drafts.value[key];
      if (now?.at !== d.at) return; /* written on since */
      put(key, blank && !now.reply_to ? null : { ...now, told: true });
    },
    (error: unknown) => {
      if (!(error instanceof RpcError) || error.code !== "conflict") return;
      const now = drafts.value[key];
      if (now?.at === d.at) put(key, { ...now, refused: d.at });
      void loadDrafts(place(key));
    },
  );
}

/* What the server holds, of one place or of all. */
export async function loadDrafts(where: { thread?: string; room?: string } = {}): Promise<void> {
  let list: (Draft & { thread?: string; room?: string })[];
  try {
    list = (await call("draft.list", where)).drafts;
  } catch {
    return; /* what is here stays */
  }
  const one = Object.keys(where).length > 0 ? keyOf(where) : null;
  const there = new Map(list.map((d) => [keyOf(d), d]));
  for (const [key, d] of there) if (!one || one === key) merge(key, d);
  for (const [key, d] of Object.entries(drafts.value))
    if ((!one || one === key) && !there.has(key) && d.told) put(key, null); /* ended elsewhere */
  tellDrafts();
}

function merge(key: string, d: Draft): void {
  const { text, title, kind, reply_to, at } = d;
  const mine = drafts.value[key];
  const theirs: Draft = { text, title, kind, reply_to, ...(mine?.fields ? { fields: mine.fields } : {}), at, told: true };
  if (mine && at <= mine.at && !(at === mine.at && !mine.told)) return;
  /* Nothing is lost where theirs holds mine, as when this page died before it could save the rest. */
  const holds = mine && text.includes(mine.text) && (title ?? "").includes(mine.title ?? "");
  if (!mine || mine.told || holds) put(key, theirs);
  else put(key, { ...mine, other: theirs });
}

/* The member chose between the two. */
export function chooseDraft(key: string, theirs: boolean): void {
  const d = drafts.value[key];
  if (!d?.other) return;
  if (theirs) return put(key, d.other);
  put(key, { ...d, other: undefined, at: Math.max(Date.now(), d.other.at + 1), told: false });
  tellDrafts();
}

/* Another device of mine wrote, or ended one. */
export function draftSignal(s: {
  thread?: string;
  room?: string;
  at?: number;
  gone?: boolean;
}): void {
  const key = keyOf(s);
  const mine = drafts.value[key];
  if ((s.at ?? 0) <= (mine?.at ?? 0) && !s.gone) return;
  if (!s.gone) void loadDrafts(s.thread ? { thread: s.thread } : s.room ? { room: s.room } : {});
  else if (mine?.told && (s.at ?? 0) >= mine.at) put(key, null);
}

export function forgetDrafts(): void {
  attached.value = {};
  drafts.value = {};
}
export function restoreDrafts(kept: Record<string, Draft | string> | undefined): void {
  const all: Record<string, Draft> = {};
  for (const [key, d] of Object.entries(kept ?? {}))
    if (typeof d === "object") all[key] = d;
    else if (key.startsWith("post:")) all[key] = { text: d, at: 1, told: false };
  drafts.value = { ...all, ...drafts.value };
}
export async function saveDrafts(): Promise<void> {
  saveTimer = null;
  if (device.owner === "") return;
  await device.box.set(mine("drafts"), drafts.value).catch(() => {
    /* still in memory */
  });
}
