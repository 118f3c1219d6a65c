/* quote.tsx: select words of a post, and a button beside them quotes them. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { draft, keepDraft } from "../app";
import { quoted } from "../compose";
import { t } from "../i18n";
import { Icon } from "./parts";

interface Chosen {
  post: string;
  words: string;
  x: number;
  y: number;
}

/* The words selected inside of one post, if any. */
export function selectedWords(): Chosen | null {
  const sel = getSelection();
  const words = sel?.toString().trim() ?? "";
  if (!sel || sel.isCollapsed || words === "") return null;
  const range = sel.getRangeAt(0);
  const of = (node: Node) =>
    (node instanceof Element ? node : node.parentElement)?.closest(".post[data-seq] .md");
  const from = of(range.startContainer);
  const post = from?.closest(".post");
  if (!post || (of(range.endContainer) ?? from) !== from) return null;
  const box = range.getBoundingClientRect();
  return { post: post.id, words, x: box.left, y: box.bottom };
}

export function quoteWords(thread: string, chosen: Chosen): void {
  const text = draft(`post:${thread}`)?.text ?? "";
  const before = text.trim() === "" ? "" : `${text.trimEnd()}\n\n`;
  keepDraft(`post:${thread}`, { text: before + quoted(chosen.words), reply_to: chosen.post });
  getSelection()?.removeAllRanges();
  requestAnimationFrame(() => {
    const field = document.querySelector<HTMLTextAreaElement>(".composer textarea");
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  });
}

export function Quoter({ thread }: { thread: string }): VNode | null {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  useEffect(() => {
    const look = () => setChosen(selectedWords());
    document.addEventListener("selectionchange", look);
    addEventListener("scroll", look, { passive: true });
    return () => {
      document.removeEventListener("selectionchange", look);
      removeEventListener("scroll", look);
    };
  }, []);
  if (!chosen) return null;
  return (
    <button
      class="soft quoter"
      style={{
        top: `${Math.min(chosen.y + 8, innerHeight - 140)}px`,
        left: `${Math.max(8, Math.min(chosen.x, innerWidth - 160))}px`,
      }}
      aria-keyshortcuts="q"
      onPointerDown={(ev) => ev.preventDefault()}
      onClick={() => quoteWords(thread, chosen)}
    >
      <Icon name="reply" />
      {t("compose.quote")}
    </button>
  );
}
