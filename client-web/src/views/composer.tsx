/* composer.tsx: writing into a thread. The draft survives everything but sending. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { draft, keepDraft, sendPost, state, typing } from "../app";
import { t } from "../i18n";
import { enterSends } from "../prefs";
import type { Post } from "../types";
import { Icon, nameOf } from "./parts";

export function Composer({
  thread,
  quote,
  onUnquote,
  onSent,
}: {
  thread: string;
  quote: Post | null;
  onUnquote: () => void;
  onSent: () => void;
}): VNode {
  const s = state.value;
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(draft(`post:${thread}`));
  useEffect(() => grow(field.current), [text]);
  useEffect(() => {
    if (quote) field.current?.focus();
  }, [quote?.id]);

  const send = () => {
    const body = text.trim();
    if (body === "") return;
    sendPost(thread, body, quote?.id);
    setText("");
    keepDraft(`post:${thread}`, "");
    onUnquote();
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
      {quote && (
        <p class="quoting">
          <span dir="auto">
            <b>{nameOf(s, quote.by)}</b>
            {t("punct.colon")}
            {quote.text.slice(0, 120)}
          </span>
          <button type="button" class="quiet" aria-label={t("compose.unquote")} onClick={onUnquote}>
            <Icon name="close" />
          </button>
        </p>
      )}
      <div class="line">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={text}
          aria-label={t("compose.field")}
          placeholder={t("compose.field")}
          enterkeyhint={enterSends.value ? "send" : "enter"}
          onInput={(ev) => {
            setText(ev.currentTarget.value);
            keepDraft(`post:${thread}`, ev.currentTarget.value);
            if (ev.currentTarget.value !== "") typing(thread);
          }}
          onKeyDown={(ev) => {
            if (ev.key !== "Enter" || ev.isComposing || ev.shiftKey) return;
            if (ev.ctrlKey || ev.metaKey || enterSends.value) {
              ev.preventDefault();
              send();
            }
          }}
        />
        <button
          class="primary send"
          disabled={text.trim() === ""}
          aria-label={s.line === "open" ? t("compose.send") : t("ask.later")}
        >
          <Icon name={s.line === "open" ? "send" : "clock"} />
        </button>
      </div>
    </form>
  );
}

/* Grows with its text; the stylesheet sets the limit. */
function grow(el: HTMLTextAreaElement | null): void {
  if (!el) return;
  el.style.height = "auto";
  el.style.height = `${el.scrollHeight + 2}px`;
}
