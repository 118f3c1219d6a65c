/* field.tsx: a text field for Markdown: completes mentions, makes links and quotes of what is
 * pasted. The suggestions follow the combobox pattern: the focus stays in the text. */
import type { RefObject, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { findMembers, state } from "../app";
import { isLong, linkOver, mentionAt, quoted } from "../compose";
import { t } from "../i18n";
import { enterSends } from "../prefs";
import type { Member } from "../types";
import { place } from "./parts";

const ASK_MS = 150;

export interface FieldProps {
  id: string;
  field: RefObject<HTMLTextAreaElement | null>;
  room: string;
  label?: string;
  rows: number;
  value: string;
  invalid?: boolean;
  onText: (text: string) => void;
  onEnter?: (ev: KeyboardEvent) => boolean;
}

export function Field(props: FieldProps): VNode {
  const { id, field, label, rows, value, invalid, onText, onEnter } = props;
  const [caret, setCaret] = useState(-1);
  const [pasted, setPasted] = useState<[number, number] | null>(null);
  const people = useMention(props, caret);
  useEffect(() => grow(field.current), [value]);
  const listId = `who-${id}`;

  /* Puts words in place of a stretch, as typing would. */
  const replace = (words: string, from: number, to: number) => {
    const el = field.current!;
    el.focus();
    el.setRangeText(words, from, to, "end");
    onText(el.value);
    setCaret(el.selectionStart);
  };
  const accept = (m: Member) => {
    const at = mentionAt(value, caret);
    if (at) replace(`@${m.handle} `, at.at, caret);
    setCaret(-1);
  };
  const keyed = (ev: KeyboardEvent) => {
    if (ev.isComposing) return;
    if (people.list.length > 0) {
      const step = ev.key === "ArrowDown" ? 1 : ev.key === "ArrowUp" ? -1 : 0;
      if (step !== 0) {
        ev.preventDefault();
        return people.setAt((people.at + step + people.list.length) % people.list.length);
      }
      if (ev.key === "Escape") {
        ev.preventDefault();
        return setCaret(-1);
      }
      if ((ev.key === "Enter" && !ev.ctrlKey && !ev.metaKey) || ev.key === "Tab") {
        ev.preventDefault();
        return accept(people.list[people.at]!);
      }
    }
    if (ev.key === "Enter" && !ev.shiftKey && onEnter?.(ev)) ev.preventDefault();
  };
  const paste = (ev: ClipboardEvent) => {
    const el = field.current!;
    const words = ev.clipboardData?.getData("text/plain") ?? "";
    const link = linkOver(value.slice(el.selectionStart, el.selectionEnd), words);
    if (link !== null) {
      ev.preventDefault();
      return replace(link, el.selectionStart, el.selectionEnd);
    }
    const from = el.selectionStart;
    setPasted(isLong(words) ? [from, from + words.replace(/\r\n?/g, "\n").length] : null);
  };
  return (
    <span class="field">
      {people.list.length > 0 && (
        <ul class="suggest" role="listbox" id={listId} aria-label={t("compose.who")}>
          {people.list.map((m, i) => (
            <li
              key={m.id}
              id={`${listId}-${i}`}
              role="option"
              aria-selected={i === people.at}
              onPointerDown={(ev) => {
                ev.preventDefault();
                accept(m);
              }}
            >
              <b dir="auto">{m.name}</b> <span class="meta">@{m.handle}</span>{" "}
              <span class="meta" dir="auto">
                {place(m)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <textarea
        ref={field}
        rows={rows}
        dir="auto"
        value={value}
        aria-label={label}
        placeholder={label}
        aria-invalid={invalid}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={people.list.length > 0 ? listId : undefined}
        aria-activedescendant={people.list.length > 0 ? `${listId}-${people.at}` : undefined}
        enterkeyhint={enterSends.value && onEnter ? "send" : "enter"}
        onInput={(ev) => {
          setCaret(ev.currentTarget.selectionStart);
          onText(ev.currentTarget.value);
        }}
        onClick={() => setCaret(-1)}
        onBlur={() => setCaret(-1)}
        onKeyDown={keyed}
        onPaste={paste}
      />
      <span class="sr" role="status">
        {people.list.length > 0 && t("compose.who.count", { n: people.list.length })}
      </span>
      {pasted && value.length >= pasted[1] && (
        <span class="pasted">
          <button
            type="button"
            class="soft small"
            onClick={() => {
              const [from, to] = pasted;
              const before = from > 0 && value[from - 1] !== "\n" ? "\n\n" : "";
              setPasted(null);
              replace(before + quoted(value.slice(from, to)), from, to);
            }}
          >
            {t("compose.asquote")}
          </button>
          <button type="button" class="quiet small" onClick={() => setPasted(null)}>
            {t("compose.asis")}
          </button>
        </span>
      )}
    </span>
  );
}

/* Who may be meant: members who can read this room, asked for when the typing pauses. */
function useMention({ room, value }: FieldProps, caret: number) {
  const [list, setList] = useState<Member[]>([]);
  const [at, setAt] = useState(0);
  const prefix = caret < 0 ? "" : (mentionAt(value, caret)?.prefix ?? "");
  useEffect(() => {
    if (prefix === "" || room === "" || state.value.line !== "open") return setList([]);
    let current = true;
    const timer = setTimeout(() => {
      findMembers(prefix, room).then(
        (found) => {
          if (!current) return;
          setList(found);
          setAt(0);
        },
        () => current && setList([]),
      );
    }, ASK_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [prefix, room]);
  return { list: prefix === "" ? [] : list, at: Math.min(at, list.length - 1), setAt };
}

/* Grows with its text; the stylesheet sets the limit. */
function grow(el: HTMLTextAreaElement | null): void {
  if (!el) return;
  el.style.height = "auto";
  el.style.height = `${el.scrollHeight + 2}px`;
}
