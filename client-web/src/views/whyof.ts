/* whyof.ts: the reason of an act of moderation, as it is told: the rule in the reader's own language, and the words of
 * who acted. */
import { t } from "../i18n";
import type { Rule, Why } from "../types";

export const ruleName = (rule: Rule): string => t(`rule.${rule}`);

export function whyOf({ rule, reason }: Why): string {
  const named = rule && rule !== "other" ? ruleName(rule) : "";
  return [named, reason ?? ""].filter(Boolean).join(" – ") || t("rule.other");
}
