/* hits.tsx: what was found, as rows: people first, then words with what they stand in. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { state } from "../app";
import { languageName, t, type Key } from "../i18n";
import { Marked, safeLink } from "../markup";
import { href } from "../router";
import type { Hit, Member } from "../types";
import { PersonSheet } from "./later";
import { Icon, Initials, nameOf, place, roomAccent, Time, titleOf } from "./parts";

const KINDS: Record<string, Key> = { question: "thread.question", resource: "search.resource" };

/* What it stands in, as a picture and as a word. */
function Kind({ hit: h }: { hit: Hit }): VNode | null {
  const key = h.answered ? "thread.answered" : KINDS[h.kind];
  if (!key) return null;
  return (
    <span class={h.answered ? "chip ok" : "chip"}>
      {h.answered ? <Icon name="check" /> : h.kind === "resource" && <Icon name="file" />}
      {t(key)}
    </span>
  );
}

export function HitRow({ hit: h }: { hit: Hit }): VNode {
  const s = state.value;
  const r = s.rooms[h.room];
  const isFolded = s.me?.blocked?.includes(h.by) === true;
  /* A hit in the title is marked there, not told twice. */
  const inTitle = h.kind !== "chat" && h.snippet === h.title;
  const inFile = h.file !== undefined && h.snippet === h.file;
  const host = h.link && safeLink(h.link)?.host; /* whose words they are */
  return (
    <li>
      <a data-row class={`row hit ${roomAccent(s, r)}`} href={href.thread(h.thread, h.post)}>
        <span class="row-title" dir="auto">
          {h.kind === "chat" ? (
            titleOf(s, h)
          ) : inTitle && !isFolded ? (
            <Marked text={h.title} marks={h.marks} />
          ) : (
            h.title || t("thread.untitled")
          )}
        </span>
        <span class="row-side meta">
          <Time at={h.at} />
        </span>
        {isFolded ? (
          <span class="snippet">{t("block.post", { name: nameOf(s, h.by) })}</span>
        ) : (
          <>
            {h.file !== undefined && (
              <span class="snippet found-file" dir="auto">
                <Icon name="clip" />
                {inFile ? <Marked text={h.file} marks={h.marks} /> : <span>{h.file}</span>}
              </span>
            )}
            {host && (
              <span class="snippet found-file" dir="ltr">
                <span>{host}</span>
              </span>
            )}
            {!inTitle && !inFile && (
              <span class="snippet" dir="auto">
                <Marked text={h.snippet} marks={h.marks} />
              </span>
            )}
          </>
        )}
        <span class="hit-foot">
          <Kind hit={h} />
          <span class="meta" dir="auto">
            {[nameOf(s, h.by), r?.name, h.lang && languageName(h.lang)].filter(Boolean).join(" · ")}
          </span>
        </span>
      </a>
    </li>
  );
}

export function People({ list }: { list: Member[] }): VNode | null {
  const [open, setOpen] = useState("");
  if (list.length === 0) return null;
  return (
    <section class="people" aria-label={t("search.people")}>
      <ul>
        {list.map((m) => (
          <li key={m.id}>
            <button class="quiet" onClick={() => setOpen(m.id)}>
              <Initials id={m.id} />
              <span>
                <b dir="auto">{m.name}</b>
                <span class="meta" dir="auto">
                  {place(m)}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {open && <PersonSheet id={open} room="" onClose={() => setOpen("")} />}
    </section>
  );
}
