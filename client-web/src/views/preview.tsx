/* preview.tsx: a text as its readers will see it, parsed by the server as every post is: a second
 * parser here would weigh more and could differ. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { preview } from "../app";
import { t } from "../i18n";
import { Markup } from "../markup";
import type { Token } from "../types";

const AFTER_MS = 400;

export function Preview({ text }: { text: string }): VNode {
  const [shown, setShown] = useState<{ text: string; md?: Token[] } | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (text.trim() === "") return setShown(null);
    let current = true;
    const timer = setTimeout(
      () => {
        preview(text.trim()).then(
          (r) => {
            if (!current) return;
            setShown(r);
            setFailed(false);
          },
          () => current && setFailed(true),
        );
      },
      shown ? AFTER_MS : 0,
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text]);
  return (
    <section class="preview" aria-label={t("compose.preview")}>
      {failed ? (
        <p class="meta">{t("compose.preview.offline")}</p>
      ) : shown ? (
        <Markup text={shown.text} md={shown.md} nameOf={() => ""} />
      ) : (
        <p class="meta">{t("state.loading")}</p>
      )}
    </section>
  );
}
