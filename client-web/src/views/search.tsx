/* search.tsx: find threads and posts. The words are part of the address. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { search, state } from "../app";
import { LANGS, languageName, t, type Lang } from "../i18n";
import { searchLocal } from "../local";
import { Marked } from "../markup";
import { go, href } from "../router";
import { RpcError, type Hit } from "../types";
import { Empty, Failed, nameOf, roomAccent, Skeleton, Time } from "./parts";
import { Page } from "./shell";

type Found = { hits: Hit[] } | { code: string } | null;

export function SearchView({ q }: { q: string }): VNode {
  const s = state.value;
  const online = s.line !== "down";
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(q);
  const [room, setRoom] = useState("");
  const [tag, setTag] = useState("");
  const [found, setFound] = useState<Found>(null);
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    field.current?.focus();
  }, []);
  useEffect(() => {
    setText(q);
    setFound(null);
    if (q.trim() === "") return;
    if (!online) return setFound({ hits: searchLocal(state.value, q, room, tag) });
    let current = true;
    search(q, room, tag).then(
      (hits) => current && setFound({ hits }),
      (e) => current && setFound({ code: e instanceof RpcError ? e.told : "internal" }),
    );
    return () => {
      current = false;
    };
  }, [q, room, tag, turn, online]);

  const rooms = Object.values(s.rooms);
  return (
    <Page title={t("tab.search")}>
      <form
        class="searchform"
        role="search"
        onSubmit={(ev) => {
          ev.preventDefault();
          go(href.query(text.trim()), q !== "");
        }}
      >
        <input
          ref={field}
          type="search"
          dir="auto"
          value={text}
          aria-label={t("search.field")}
          placeholder={t("search.field")}
          onInput={(ev) => setText(ev.currentTarget.value)}
        />
        <button class="primary">{t("search.go")}</button>
        <select
          aria-label={t("search.room")}
          value={room}
          onChange={(ev) => setRoom(ev.currentTarget.value)}
        >
          <option value="">{t("search.allrooms")}</option>
          {rooms.map((r) => (
            <option key={r.id} value={r.id}>
              {r.name}
            </option>
          ))}
        </select>
        <select
          aria-label={t("search.lang")}
          value={tag}
          onChange={(ev) => setTag(ev.currentTarget.value)}
        >
          <option value="">{t("search.alllangs")}</option>
          {(Object.keys(LANGS) as Lang[]).map((l) => (
            <option key={l} value={l}>
              {LANGS[l]}
            </option>
          ))}
        </select>
      </form>
      {q === "" && (
        <Empty title={t("search.start")}>
          <p>{t("search.start.text")}</p>
        </Empty>
      )}
      {q !== "" && found === null && <Skeleton rows={4} />}
      {found && "code" in found && <Failed code={found.code} again={() => setTurn(turn + 1)} />}
      {found && "hits" in found && (
        <>
          <p class={found.hits.length > 0 || !online ? "note" : "sr"} role="status">
            {!online && `${t("search.local")} `}
            {t("search.count", { n: found.hits.length })}
          </p>
          {found.hits.length === 0 && (
            <Empty title={t("search.none")}>
              <p>{t("search.none.text")}</p>
              <p>
                <a class="button soft" href={href.ask("")}>
                  {t("action.ask")}
                </a>
              </p>
            </Empty>
          )}
          <ul class="rows">
            {found.hits.map((h) => (
              <HitRow key={`${h.thread}/${h.post ?? ""}`} hit={h} />
            ))}
          </ul>
        </>
      )}
    </Page>
  );
}

function HitRow({ hit: h }: { hit: Hit }): VNode {
  const s = state.value;
  const r = s.rooms[h.room];
  /* A hit in the title is marked there, not told twice. */
  const inTitle = h.kind !== "chat" && h.snippet === h.title;
  return (
    <li>
      <a data-row class={`row ${roomAccent(s, r)}`} href={href.thread(h.thread, h.post)}>
        <span class="row-title" dir="auto">
          {h.kind === "chat" ? (
            t("thread.lobby")
          ) : inTitle ? (
            <Marked text={h.title} marks={h.marks} />
          ) : (
            h.title
          )}
        </span>
        <span class="row-side meta">
          <Time at={h.at} />
        </span>
        {h.file && !h.snippet.includes(h.file) && (
          <span class="meta" dir="auto">
            📎 {h.file}
          </span>
        )}
        {!inTitle && (
          <span class="snippet" dir="auto">
            <Marked text={h.snippet} marks={h.marks} />
          </span>
        )}
        <span class="meta" dir="auto">
          {nameOf(s, h.by)} · {r?.name}
          {h.lang ? ` · ${languageName(h.lang)}` : ""}
        </span>
      </a>
    </li>
  );
}
