/* why.tsx: the reason of an act of moderation, asked for and told. A reason from the list is told to
 * each in their own language; words of one's own may be added. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { RULES, type Rule, type Why } from "../types";
import { Dialog } from "./parts";

export const ruleName = (rule: Rule): string => t(`rule.${rule}`);

export function whyOf({ rule, reason }: Why): string {
  const named = rule && rule !== "other" ? ruleName(rule) : "";
  return [named, reason ?? ""].filter(Boolean).join(" – ") || t("rule.other");
}

export function WhyDialog(p: {
  title: string;
  text: string;
  submit: string;
  act: (why: Why) => void;
  onClose: () => void;
}): VNode {
  const [rule, setRule] = useState<Rule | "">("");
  const [words, setWords] = useState("");
  const [lacks, setLacks] = useState(false);
  const isWhole = rule !== "" && (rule !== "other" || words.trim() !== "");
  return (
    <Dialog title={p.title} onClose={p.onClose}>
      <form
        class="form"
        onSubmit={(ev) => {
          ev.preventDefault();
          if (!isWhole) return setLacks(true);
          p.act({ rule: rule as Rule, ...(words.trim() ? { reason: words.trim() } : {}) });
          p.onClose();
        }}
      >
        <p>{p.text}</p>
        <fieldset class="rules">
          <legend>{t("mod.why")}</legend>
          {RULES.map((r) => (
            <label key={r} class="rule">
              <input
                type="radio"
                name="rule"
                value={r}
                checked={rule === r}
                onChange={() => {
                  setRule(r);
                  setLacks(false);
                }}
              />
              {ruleName(r)}
            </label>
          ))}
        </fieldset>
        <label>
          {t("mod.words")}
          <input
            dir="auto"
            value={words}
            maxLength={200}
            onInput={(ev) => setWords(ev.currentTarget.value)}
          />
        </label>
        <p class="error" role="alert">
          {lacks && !isWhole ? t(rule === "other" ? "mod.words.lack" : "mod.why.lack") : ""}
        </p>
        <button class="primary wide">{p.submit}</button>
      </form>
    </Dialog>
  );
}
