/* pick.tsx: one person is looked for and chosen. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { findMembers } from "../app";
import { t } from "../i18n";
import type { Member } from "../types";
import { Text } from "./forms";
import { place } from "./parts";

export function Person({
  chosen,
  onChoose,
}: {
  chosen: string;
  onChoose: (id: string) => void;
}): VNode {
  const [words, setWords] = useState("");
  const [found, setFound] = useState<Member[]>([]);
  useEffect(() => {
    if (words.trim() === "") return setFound([]);
    let current = true;
    const timer = setTimeout(() => {
      findMembers(words.trim()).then(
        (list) => current && setFound(list),
        () => current && setFound([]),
      );
    }, 200);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [words]);
  return (
    <>
      <Text
        label={t("manage.who")}
        value={words}
        onText={(text) => {
          setWords(text);
          onChoose("");
        }}
      />
      <div class="choices" role="group" aria-label={t("manage.who")}>
        {found.map((m) => (
          <button
            key={m.id}
            type="button"
            class="toggle"
            aria-pressed={m.id === chosen}
            onClick={() => onChoose(m.id)}
          >
            <b dir="auto">{m.name}</b>
            <small dir="auto">{[`@${m.handle}`, place(m)].filter(Boolean).join(" · ")}</small>
          </button>
        ))}
      </div>
    </>
  );
}
