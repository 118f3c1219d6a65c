/* promote.tsx: a file or a link of a message becomes a resource, in the same room. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { notice, state } from "../app";
import { lang, t } from "../i18n";
import { go, href } from "../router";
import { choicesOf, clean, promote } from "../shelf";
import type { Fields, Post, Thread } from "../types";
import { FieldsForm } from "./fields";
import { Choice, Sheet, Text } from "./forms";
import { titleOf } from "./size";

const YEAR = () => new Date().getFullYear();

/* What a link is called in its message: its own words, else those before it in its line. */
function wordsOf({ text, md = [] }: Post, value: string): string {
  let line = "";
  let before: string | null = null;
  for (const token of md) {
    const isText = typeof token === "string" || (Array.isArray(token) && typeof token[0] === "number");
    if (isText) line += typeof token === "string" ? token : text.slice(Number(token[0]), Number(token[1]));
    else if (before !== null && token === -17) break;
    else if (before !== null) continue;
    else if (Array.isArray(token) && token[0] === "a" && token[1] === value) {
      before = line.slice(line.lastIndexOf("\n") + 1);
      line = "";
    } else if (typeof token === "number" && (Math.abs(token) < 13 || token === 18)) line = ""; /* another block, or line */
  }
  const words = /^https?:/.test(line) || before === null ? (before ?? "") : line;
  let end = words.length;
  while (end > 0 && /[\s:–-]/.test(words[end - 1]!)) end--;
  return words.slice(0, end);
}
/* A link has its page's title, if it is known. */
export function titleFor(post: Post, value: string): string {
  if (/^\d+$/.test(value)) return titleOf(post.files?.[Number(value)]?.name ?? "");
  return (post.links?.find((l) => l.url === value)?.title ?? wordsOf(post, value)).trim().slice(0, 200);
}

export function Promote({ post, thread: th, onClose }: { post: Post; thread: Thread; onClose: () => void }): VNode {
  const s = state.value;
  const author = s.members[post.by] ?? s.me;
  const [choices] = useState(() => choicesOf(post));
  const [value, setValue] = useState(choices[0]?.[0] ?? "");
  const [title, setTitle] = useState(() => titleFor(post, value));
  const [f, setF] = useState<Fields>({
    languages: [post.lang || lang.value],
    city: author?.city,
    country: author?.country,
    year: YEAR(),
  });
  const choose = (next: string) => {
    if (title === titleFor(post, value)) setTitle(titleFor(post, next));
    setValue(next);
  };
  return (
    <Sheet
      title={t("lib.promote")}
      submit={t("lib.promote")}
      lacks={title.trim() === "" ? t("ask.titlefield") : ""}
      act={async () => {
        const what = /^\d+$/.test(value) ? { file: Number(value) } : { url: value };
        const made = await promote({ post: post.id, ...what, title: title.trim(), fields: clean(f) });
        if (made.held || !made.id) return notice(t("lib.held"));
        notice(t("lib.done"));
        go(href.thread(made.id));
      }}
      onClose={onClose}
    >
      <p>{t("lib.promote.text", { room: s.rooms[th.room]?.name ?? "" })}</p>
      {choices.length > 1 && <Choice label={t("lib.what")} value={value} of={choices} onChoose={choose} />}
      <Text label={t("ask.titlefield")} value={title} max={200} onText={setTitle} />
      <FieldsForm fields={f} set={setF} />
    </Sheet>
  );
}
