/* ask.tsx: a new question or discussion. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { ask, draft, join, keepDraft, notice, search, state } from "../app";
import { LANGS, lang, t, type Lang } from "../i18n";
import { go, href } from "../router";
import type { Hit } from "../types";
import { Page } from "./shell";

const SIMILAR_AFTER_MS = 500;
let similarTimer: ReturnType<typeof setTimeout> | undefined;

export function AskView({ room: given }: { room: string }): VNode {
  const s = state.value;
  const rooms = Object.values(s.rooms).filter(
    (r) => r.joined || r.id === given || r.access === "open",
  );
  const [chosen, setRoom] = useState(given);
  const room = chosen || rooms.find((r) => r.joined)?.id || rooms[0]?.id || "";
  const [kind, setKind] = useState<"question" | "discussion">("question");
  const [title, setTitle] = useState(draft("ask:title"));
  const [text, setText] = useState(draft("ask:text"));
  const [tag, setTag] = useState<string>(lang.value);
  const [missing, setMissing] = useState(false);
  const [similar, setSimilar] = useState<Hit[]>([]);

  const typed = (value: string) => {
    setTitle(value);
    keepDraft("ask:title", value);
    clearTimeout(similarTimer);
    if (value.trim().length < 6 || s.line !== "open") return setSimilar([]);
    similarTimer = setTimeout(() => {
      search(value, "", "").then(
        (hits) => {
          const once = new Map(hits.map((h) => [h.thread, h]));
          setSimilar([...once.values()].slice(0, 3));
        },
        () => setSimilar([]),
      );
    }, SIMILAR_AFTER_MS);
  };
  const submit = (ev?: Event) => {
    ev?.preventDefault();
    if (!room || title.trim() === "" || text.trim() === "") return setMissing(true);
    clearTimeout(similarTimer);
    if (s.rooms[room]?.joined === false) join(room, true);
    const cid = ask({ room, title: title.trim(), kind, text: text.trim(), lang: tag });
    keepDraft("ask:title", "");
    keepDraft("ask:text", "");
    go(href.room(room), true);
    openWhenStored(cid, href.room(room));
  };
  return (
    <Page
      title={kind === "question" ? t("ask.title") : t("ask.title.discussion")}
      back={given ? href.room(given) : href.catchup}
    >
      <form
        class="form"
        onSubmit={submit}
        onKeyDown={(ev) => {
          if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) submit(ev);
        }}
      >
        <div class="filters" role="group" aria-label={t("ask.kind")}>
          {(["question", "discussion"] as const).map((k) => (
            <button
              key={k}
              type="button"
              class="toggle"
              aria-pressed={kind === k}
              onClick={() => setKind(k)}
            >
              {t(`ask.${k}`)}
            </button>
          ))}
        </div>
        <label>
          {t("ask.room")}
          <select value={room} onChange={(ev) => setRoom(ev.currentTarget.value)}>
            {Object.values(s.regions).map((g) => (
              <optgroup key={g.id} label={g.name}>
                {rooms
                  .filter((r) => r.region === g.id)
                  .map((r) => (
                    <option key={r.id} value={r.id} selected={r.id === room}>
                      {r.name}
                    </option>
                  ))}
              </optgroup>
            ))}
          </select>
        </label>
        <label>
          {t("ask.titlefield")}
          <input
            dir="auto"
            value={title}
            maxLength={200}
            aria-describedby="ask-hint"
            aria-invalid={missing && title.trim() === ""}
            onInput={(ev) => typed(ev.currentTarget.value)}
          />
          <small id="ask-hint">{t("ask.hint")}</small>
        </label>
        <div role="status">
          {similar.length > 0 && (
            <aside class="similar">
              <h2>{t("ask.similar")}</h2>
              <ul>
                {similar.map((h) => (
                  <li key={h.thread}>
                    <a href={href.thread(h.thread)} dir="auto">
                      {h.title}
                    </a>
                  </li>
                ))}
              </ul>
            </aside>
          )}
        </div>
        <label>
          {t("ask.text")}
          <textarea
            dir="auto"
            rows={6}
            value={text}
            aria-invalid={missing && text.trim() === ""}
            onInput={(ev) => {
              setText(ev.currentTarget.value);
              keepDraft("ask:text", ev.currentTarget.value);
            }}
          />
          <small>{t("compose.markdown")}</small>
        </label>
        <label>
          {t("ask.lang")}
          <select value={tag} onChange={(ev) => setTag(ev.currentTarget.value)}>
            {(Object.keys(LANGS) as Lang[]).map((l) => (
              <option key={l} value={l} selected={l === tag}>
                {LANGS[l]}
              </option>
            ))}
          </select>
        </label>
        <p class="error" role="alert">
          {missing && (title.trim() === "" || text.trim() === "" || !rooms.length)
            ? t("ask.missing")
            : ""}
        </p>
        <button class="primary wide">{s.line === "open" ? t("ask.send") : t("ask.later")}</button>
      </form>
    </Page>
  );
}

/* Goes on to the new thread if its author still waits for it in the room. */
function openWhenStored(cid: string, room: string): void {
  const stop = state.subscribe((s) => {
    const c = s.pending.find((x) => x.cid === cid);
    const id = c?.result?.id;
    if (c && !id) return;
    queueMicrotask(() => {
      stop();
      if (id && location.pathname === room) go(href.thread(id), true);
      else if (id) notice(t("ask.done"));
    });
  });
}
