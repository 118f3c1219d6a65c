/* composer.tsx: writing into a thread. The draft survives everything but sending. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { attached, handOver, sharedOf } from "../attach";
import { chooseDraft, draft, endDraft, keepDraft, sendPost, state, typing } from "../app";
import { guessLang } from "../compose";
import { LANGS, lang, t } from "../i18n";
import { enterSends } from "../prefs";
import { Field } from "./field";
import { SlowNote, useWait } from "./foot";
import { Icon, nameOf } from "./parts";
import { Attach, Preview } from "./later";

export function Composer({ thread, onSent }: { thread: string; onSent: () => void }): VNode {
  const s = state.value;
  const key = `post:${thread}`;
  const field = useRef<HTMLTextAreaElement | null>(null);
  const d = draft(key);
  const text = d?.text ?? "";
  const [preview, setPreview] = useState(false);
  const [chosen, setChosen] = useState("");
  const quote = d?.reply_to
    ? s.pages[thread]?.posts.find((p) => p.id === d.reply_to)
    : undefined;
  const tag = chosen || guessLang(text) || s.threads[thread]?.lang || lang.value;
  const first = useRef(true);
  useEffect(() => {
    if (d?.reply_to && !first.current) field.current?.focus();
    first.current = false;
  }, [d?.reply_to]);

  const room = s.rooms[s.threads[thread]?.room ?? ""];
  const wait = useWait(room);

  const files = attached.value[key] ?? [];
  const making = files.some((a) => a.making);
  const lacks = making || (text.trim() === "" && files.length === 0) || wait > 0 || files.some((a) => a.wrong);
  const send = () => {
    if (lacks) return;
    handOver(key, sendPost(thread, text.trim(), d?.reply_to, tag, sharedOf(files)));
    endDraft(key);
    setPreview(false);
    setChosen("");
    onSent();
    field.current?.focus();
  };
  return (
    <form
      class="composer"
      onSubmit={(ev) => {
        ev.preventDefault();
        send();
      }}
    >
      <OtherDraft id={key} />
      {d?.reply_to && (
        <p class="quoting">
          <span dir="auto">
            {quote ? (
              <>
                <b>{nameOf(s, quote.by)}</b>
                {t("punct.colon")}
                {quote.text.slice(0, 120)}
              </>
            ) : (
              t("post.quoted")
            )}
          </span>
          <button
            type="button"
            class="quiet"
            aria-label={t("compose.unquote")}
            onClick={() => {
              keepDraft(key, { reply_to: undefined });
              field.current?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        </p>
      )}
      {preview && <Preview text={text} />}
      {room && wait > 0 && <SlowNote room={room} left={wait} />}
      <div class="line">
        <Attach id={key} />
        <Field
          id={key}
          field={field}
          room={s.threads[thread]?.room ?? ""}
          label={t("compose.field")}
          rows={1}
          value={text}
          onText={(value) => {
            keepDraft(key, { text: value });
            if (value !== "") typing(thread);
          }}
          onEnter={(ev) => {
            if (!ev.ctrlKey && !ev.metaKey && !enterSends.value) return false;
            send();
            return true;
          }}
        />
        <button
          class="primary send"
          disabled={lacks}
          aria-label={making ? t("file.making") : s.line === "open" ? t("compose.send") : t("ask.later")}
        >
          <Icon name={s.line === "open" && !making && wait === 0 ? "send" : "clock"} />
        </button>
      </div>
      {text.trim().length > 12 && (
        <div class="compose-tools">
          <LangTag value={tag} onChoose={setChosen} />
          <button
            type="button"
            class="quiet small"
            aria-pressed={preview}
            onClick={() => setPreview(!preview)}
          >
            {t("compose.preview")}
          </button>
        </div>
      )}
    </form>
  );
}

export function LangTag({
  value,
  onChoose,
}: {
  value: string;
  onChoose: (code: string) => void;
}): VNode {
  return (
    <select
      class="lang-tag"
      aria-label={t("ask.lang")}
      value={value}
      onChange={(ev) => onChoose(ev.currentTarget.value)}
    >
      {Object.entries({ ...(value in LANGS ? {} : { [value]: value }), ...LANGS }).map(
        ([code, name]) => (
          <option key={code} value={code} selected={code === value}>
            {name}
          </option>
        ),
      )}
    </select>
  );
}

/* Two devices wrote different things: nothing is thrown away without being asked. */
export function OtherDraft({ id }: { id: string }): VNode | null {
  const other = draft(id)?.other;
  if (!other) return null;
  return (
    <div class="note other" role="alert">
      <p>{t("draft.other")}</p>
      <p class="plain" dir="auto">
        {[other.title, other.text].filter(Boolean).join(" · ").slice(0, 160)}
      </p>
      <div class="buttons">
        <button type="button" class="soft" onClick={() => chooseDraft(id, true)}>
          {t("draft.theirs")}
        </button>
        <button type="button" class="quiet" onClick={() => chooseDraft(id, false)}>
          {t("draft.mine")}
        </button>
      </div>
    </div>
  );
}
