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

/* A link has its page's title, else the words before it, if there are some in its line. */
function titleFor(post: Post, value: string): string {
  if (/^\d+$/.test(value)) return titleOf(post.files?.[Number(value)]?.name ?? "");
  const told = post.links?.find((l) => l.url === value)?.title;
  if (told) return told.slice(0, 200);
  const line = post.text.split("\n").find((l) => l.includes(value)) ?? "";
  const named = new RegExp("\\[([^\\]]+)\\]\\($").exec(line.slice(0, line.indexOf(value)))?.[1];
  return (named ?? line.split(value)[0] ?? "").replace(/[\s:–-]+$/, "").trim().slice(0, 200);
}

export function Promote({ post, thread: th, onClose }: { post: Post; thread: Thread; onClose: () => void }): VNode {
  const s = state.value;
  const author = s.members[post.by] ?? s.me;
  const choices = choicesOf(post);
  const [value, setValue] = useState(choices[0]?.[0] ?? "");
  const [title, setTitle] = useState(titleFor(post, value));
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
