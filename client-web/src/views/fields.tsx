/* fields.tsx: what is said of a resource, to be filled in. Nothing but the title has to be. */
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { state } from "../app";
import { languageName, LANGS, t } from "../i18n";
import { languagesOf, LANGUAGES_MAX, loadThemes, themeName, themes, THEMES_MAX, treeOf } from "../shelf";
import type { Fields } from "../types";
import { byName, countries } from "./country";
import { passFocus } from "./focus";
import { Text } from "./forms";
import { Icon } from "./parts";

/* Those that people here write in, after the four of the client. */
export const LANGUAGES =
  "ar sw am ha yo ig zu xh wo ln rw so om mg bm ff tw hi bn ur ta te mr pa ne si zh id ms th vi tl km my ja ko fa tr ru uk pl de it nl ro qu gn ht".split(" ");
const LICENCES = ["CC BY 4.0", "CC BY-SA 4.0", "CC BY-NC 4.0", "CC0 1.0", "ODbL 1.0"];


/* Some of many: those that were chosen stand there and can be taken away again. */
export function Several(p: {
  label: string;
  chosen: string[];
  max: number;
  name: (code: string) => string;
  options: (VNode | [string, string])[];
  set: (codes: string[]) => void;
}): VNode {
  return (
    <div class="several">
      <label>
        {p.label}
        <select
          value=""
          disabled={p.chosen.length >= p.max}
          onChange={(ev) => {
            const code = ev.currentTarget.value;
            ev.currentTarget.value = "";
            if (code && !p.chosen.includes(code)) p.set([...p.chosen, code]);
          }}
        >
          <option value="">{t("lib.choose")}</option>
          {p.options.map((o) =>
            Array.isArray(o) ? (
              <option key={o[0]} value={o[0]} disabled={p.chosen.includes(o[0])}>
                {o[1]}
              </option>
            ) : (
              o
            ),
          )}
        </select>
      </label>
      {p.chosen.length > 0 && (
        <ul class="picked">
          {p.chosen.map((code) => (
            <li key={code}>
              <button
                type="button"
                class="soft small"
                aria-label={t("lib.without", { what: p.name(code) })}
                onClick={(ev) => {
                  const box = ev.currentTarget.closest(".several");
                  passFocus(ev.currentTarget, () => box?.querySelector("select"));
                  p.set(p.chosen.filter((c) => c !== code));
                }}
              >
                <span dir="auto">{p.name(code)}</span>
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/* The themes as choices: each of the upper level with those below it. */
export const themeOptions = (but: string[] = [], count?: (slug: string) => number): VNode[] =>
  treeOf(themes.value, []).flatMap((b) =>
    [b, ...b.children].map((x) => {
      const n = count?.(x.slug);
      return (
        <option key={x.slug} value={x.slug} disabled={but.includes(x.slug)}>
          {x === b ? "" : "\u2003"}
          {themeName(x.slug)}
          {n ? ` (${n})` : ""}
        </option>
      );
    }),
  );

/* `link`: it is one, and no file. */
export function FieldsForm({ fields: f, link, set }: { fields: Fields; link?: boolean; set: (f: Fields) => void }): VNode {
  const open = state.value.line === "open";
  useEffect(() => void loadThemes(), [open]);
  const put = (part: Partial<Fields>) => set({ ...f, ...part });
  const languages = languagesOf(f);
  const chosen = f.themes ?? [];
  return (
    <>
      {link && (
        <label>
          {t("lib.url")}
          <input type="url" dir="ltr" maxLength={2000} value={f.url ?? ""} onInput={(ev) => put({ url: ev.currentTarget.value })} />
        </label>
      )}
      <Several
        label={t("lib.themes")}
        chosen={chosen}
        max={THEMES_MAX}
        name={themeName}
        options={themeOptions(chosen)}
        set={(v) => put({ themes: v })}
      />
      <Several
        label={t("lib.languages")}
        chosen={languages}
        max={LANGUAGES_MAX}
        name={languageName}
        options={[...Object.entries(LANGS), ...byName(LANGUAGES, languageName)]}
        set={(v) => put({ languages: v, language: undefined })}
      />
      <div class="pair">
        <Text label={t("lib.city")} value={f.city ?? ""} max={80} onText={(v) => put({ city: v })} />
        <label>
          {t("lib.country")}
          <select value={f.country ?? ""} onChange={(ev) => put({ country: ev.currentTarget.value })}>
            <option value="">{t("lib.none.short")}</option>
            {countries().map(([code, name]) => (
              <option key={code} value={code} selected={code === f.country}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div class="pair">
        <label>
          {t("lib.year")}
          <input
            inputMode="numeric"
            maxLength={4}
            pattern="[12][0-9]{3}"
            value={f.year ?? ""}
            onInput={(ev) => put({ year: Number(ev.currentTarget.value) || undefined })}
          />
        </label>
        <label>
          {t("lib.licence")}
          <input
            dir="auto"
            list="licences"
            maxLength={80}
            value={f.licence ?? ""}
            onInput={(ev) => put({ licence: ev.currentTarget.value })}
          />
          <datalist id="licences">
            {[...LICENCES, t("lib.licence.public"), t("lib.licence.all")].map((x) => (
              <option key={x} value={x} />
            ))}
          </datalist>
        </label>
      </div>
      <Text label={t("lib.source")} value={f.source ?? ""} max={200} hint={t("lib.source.hint")} onText={(v) => put({ source: v })} />
    </>
  );
}
