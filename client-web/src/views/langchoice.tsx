/* langchoice.tsx: the languages, each in its own name. */
import type { VNode } from "preact";
import { LANGS, lang, t, type Lang } from "../i18n";
import { chooseLang } from "../prefs";

export function LangChoice(): VNode {
  return (
    <div class="langs" role="group" aria-label={t("me.language")}>
      {(Object.keys(LANGS) as Lang[]).map((code) => (
        <button
          key={code}
          class="toggle"
          lang={code}
          aria-pressed={lang.value === code}
          onClick={() => void chooseLang(code)}
        >
          {LANGS[code]}
        </button>
      ))}
    </div>
  );
}
