/* ask.tsx: a new question or discussion. */
import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, draft, endDraft, heldIn, join, keepDraft, notice, similar, state } from "../app";
import { attached, FILES_MAX, handOver, sharedOf } from "../attach";
import { guessLang } from "../compose";
import { lang, regionName, t } from "../i18n";
import { bring } from "../later";
import { SHARED } from "../pages";
import { go, href } from "../router";
import { readShare, takeShare } from "../share";
import type { Fields, Thread } from "../types";
import { LangTag, OtherDraft } from "./composer";
import { Field } from "./field";
import { SlowNote, useWait } from "./foot";
import { Attach, FieldsForm, HeldNote } from "./later";
import { isModerator } from "./post";
import { Preview } from "./preview";
import { Flags } from "./rows";
import { Page } from "./shell";
import { titleOf } from "./size";

const SIMILAR_AFTER_MS = 400;
const SIMILAR_CHARS = 6;
const KINDS = ["question", "discussion", "resource"] as const;

/* What was said of a resource that is being written, as long as the page lives; with its draft, once there is one. */
const said = signal<Record<string, Fields | undefined>>({});
const aboutMe = (): Fields => {
  const { city, country } = state.value.me ?? {};
  return { languages: [lang.value], city, country, year: new Date().getFullYear() };
};
const filled = (f: Fields): Fields =>
  Object.fromEntries(
    Object.entries(f)
      .map(([name, v]) => [name, typeof v === "string" ? v.trim() : v])
      .filter(([, v]) => v && (!Array.isArray(v) || v.length > 0)),
  );

export function AskView({ room: given }: { room: string }): VNode {
  const s = state.value;
  const key = `ask:${given}`;
  const rooms = Object.values(s.rooms)
    .filter((r) => !r.with && (r.joined || r.id === given || r.access === "open"))
    .filter((r) => r.set?.posting !== "moderators" || isModerator(s, r.id));
  const [chosen, setRoom] = useState(given);
  const room = chosen || rooms.find((r) => r.joined)?.id || rooms[0]?.id || "";
  const wait = useWait(s.rooms[room]);
  const sanction = heldIn(room);
  const isHeld = sanction !== undefined && sanction.act !== "warn";
  const d = draft(key);
  const title = d?.title ?? "";
  const text = d?.text ?? "";
  const [wanted, setWanted] = useState(() => new URLSearchParams(location.search).get("kind"));
  const kind = KINDS.find((k) => k === (wanted ?? d?.kind)) ?? "question";
  const isResource = kind === "resource";
  /* Where a kind is in the address, the library led here. */
  const [back] = useState(() => (!wanted ? (given ? href.room(given) : href.catchup) : href.resources + (given && `?room=${given}`)));
  const about = said.value[key] ?? d?.fields ?? aboutMe();
  const setAbout = (f: Fields): void => {
    said.value = { ...said.value, [key]: f };
    if (d) keepDraft(key, { fields: f });
  };
  const [tagged, setTag] = useState("");
  const tag = tagged || guessLang(`${title}\n${text}`) || lang.value;
  const [missing, setMissing] = useState(false);
  const [preview, setPreview] = useState(false);
  const field = useRef<HTMLTextAreaElement | null>(null);
  const alike = useSimilar(title, s.line === "open");
  useShare(given);

  const files = attached.value[key] ?? [];
  const isWrong = files.some((a) => a.wrong);
  const making = files.some((a) => a.making);
  const hasThing = files.length > 0 || (isResource && /^https?:\/\/\S/.test(about.url ?? ""));
  const lacks = title.trim() === "" || (isResource ? !hasThing : text.trim() === "");
  /* The first file gives the title, as long as there is none. */
  const named = isResource ? files[0]?.name : undefined;
  useEffect(() => {
    if (named && title.trim() === "") keepDraft(key, { title: titleOf(named) });
  }, [named]);
  const submit = (ev?: Event) => {
    ev?.preventDefault();
    if (!room || lacks) return setMissing(true);
    if (wait > 0 || isHeld || isWrong || making) return;
    if (s.rooms[room]?.joined === false) join(room, true);
    const shared = files.length > 0 ? { files: sharedOf(files) } : {};
    const words = text.trim() || (isResource && files.length === 0 ? about.url!.trim() : "");
    const more = isResource ? { ...shared, fields: filled(about) } : shared;
    const cid = ask({ room, title: title.trim(), kind, text: words, lang: tag, ...more });
    said.value = { ...said.value, [key]: undefined };
    handOver(key, cid);
    endDraft(key);
    go(href.room(room), true);
    openWhenStored(cid, href.room(room));
  };
  return (
    <Page
      title={t(kind === "question" ? "ask.title" : isResource ? "lib.add.title" : "ask.title.discussion")}
      back={back}
    >
      <form
        class="form"
        onSubmit={submit}
        onKeyDown={(ev) => {
          if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) submit(ev);
        }}
      >
        <OtherDraft id={key} />
        <div class="filters" role="group" aria-label={t("ask.kind")}>
          {KINDS.map((k) => (
            <button
              key={k}
              type="button"
              class="toggle"
              aria-pressed={kind === k}
              onClick={() => {
                setWanted(k);
                keepDraft(key, { kind: k });
              }}
            >
              {t(`ask.${k}`)}
            </button>
          ))}
        </div>
        <label>
          {t("ask.room")}
          <select value={room} onChange={(ev) => setRoom(ev.currentTarget.value)}>
            {Object.values(s.regions).map((g) => (
              <optgroup key={g.id} label={regionName(g)}>
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
        {isResource && (
          <>
            <div class="picking">
              <Attach id={key} />
              {files.length === 0 && <span>{t("lib.file.pick")}</span>}
            </div>
            {files.length === 0 && (
              <label>
                {t("lib.url")}
                <input
                  type="url"
                  dir="ltr"
                  maxLength={2000}
                  value={about.url ?? ""}
                  aria-invalid={missing && !hasThing}
                  onInput={(ev) => setAbout({ ...about, url: ev.currentTarget.value })}
                />
              </label>
            )}
          </>
        )}
        <label>
          {t("ask.titlefield")}
          <input
            dir="auto"
            value={title}
            maxLength={200}
            aria-describedby="ask-hint"
            aria-invalid={missing && title.trim() === ""}
            onInput={(ev) => keepDraft(key, { title: ev.currentTarget.value })}
          />
          <small id="ask-hint">{t(isResource ? "lib.title.hint" : "ask.hint")}</small>
        </label>
        <div role="status">
          {alike.length > 0 && (
            <aside class="similar">
              <h2>{t("ask.similar")}</h2>
              <ul>
                {alike.map((th) => (
                  <li key={th.id}>
                    <a href={href.thread(th.id)} dir="auto">
                      {th.title}
                    </a>{" "}
                    <Flags thread={th} />
                  </li>
                ))}
              </ul>
            </aside>
          )}
        </div>
        <label>
          {t(isResource ? "lib.about" : "ask.text")}
          <Field
            id={key}
            field={field}
            room={room}
            rows={isResource ? 3 : 6}
            value={text}
            invalid={missing && !isResource && text.trim() === ""}
            onText={(value) => keepDraft(key, { text: value })}
          />
          <small>{t("compose.markdown")}</small>
        </label>
        {isResource ? (
          <FieldsForm fields={about} set={setAbout} />
        ) : (
          <Attach id={key} />
        )}
        {text.trim() !== "" && (
          <div>
            <button
              type="button"
              class="soft"
              aria-pressed={preview}
              onClick={() => setPreview(!preview)}
            >
              {t("compose.preview")}
            </button>
            {preview && <Preview text={text} />}
          </div>
        )}
        <label>
          {t("ask.lang")}
          <LangTag value={tag} onChoose={setTag} />
        </label>
        <p class="error" role="alert">
          {missing && (lacks || !rooms.length) ? t(isResource ? "lib.missing" : "ask.missing") : ""}
        </p>
        {s.rooms[room] && wait > 0 && <SlowNote room={s.rooms[room]!} left={wait} />}
        {sanction && <HeldNote key={sanction.id} sanction={sanction} />}
        <button class="primary wide" disabled={wait > 0 || isHeld || isWrong || making}>{making ? t("file.making") : s.line === "open" ? t("ask.send") : t("ask.later")}</button>
      </form>
    </Page>
  );
}

/* What another application shares: the address that brought it is gone afterwards, so a reload does not share it again. */
function useShare(given: string): void {
  useEffect(() => {
    if (given !== "") return;
    const shared = readShare(location.search);
    if (shared?.files === "lost") notice(t("share.lost"));
    /* also without being told: a reload may have come before they were taken */
    void globalThis.caches?.has(SHARED).then((is) => {
      if (!is && shared?.files !== "here") return;
      bring("files")
        .then((f) => f.takeShared("ask:"))
        .then(
          (over) => over > 0 && notice(t("file.many", { max: FILES_MAX })),
          () => notice(t("share.lost")),
        );
    });
    if (!shared) return;
    takeShare(shared);
    go(href.ask(""), true);
  }, []);
}

/* What was discussed already, while the title is being written. */
function useSimilar(title: string, online: boolean): Thread[] {
  const [found, setFound] = useState<Thread[]>([]);
  const words = title.trim();
  useEffect(() => {
    if (words.length < SIMILAR_CHARS || !online) return setFound([]);
    let current = true;
    const timer = setTimeout(() => {
      similar(words).then(
        (threads) => current && setFound(threads),
        () => current && setFound([]),
      );
    }, SIMILAR_AFTER_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [words, online]);
  return found;
}

/* Goes on to the new thread if its author still waits for it in the room. */
function openWhenStored(cid: string, room: string): void {
  const stop = state.subscribe((s) => {
    const c = s.pending.find((x) => x.cid === cid);
    const id = c?.result?.held ? "" : c?.result?.id;
    if (c && id === undefined) return;
    queueMicrotask(() => {
      stop();
      if (id && location.pathname === room) go(href.thread(id), true);
      else if (id) notice(t("ask.done"));
    });
  });
}
