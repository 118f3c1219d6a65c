/* clearing.tsx: one field of what somebody says of themselves is taken out by those who moderate the hub, with a warning that says why. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { notice } from "../app";
import { call, random } from "../core";
import type { Profile, Said } from "../folk";
import { t } from "../i18n";
import { RpcError, RULES, type Rule } from "../types";
import { fieldName } from "./fieldname";
import { Choice, Sheet, Text } from "./forms";
import { ruleName } from "./whyof";

export function ClearSheet({ id, name, profile, onClose, done }: { id: string; name: string; profile: Profile; onClose: () => void; done: () => void }): VNode {
  const of = (Object.keys(profile) as Said[]).map((f): [string, string] => [f, fieldName(f)]);
  const [field, setField] = useState(of.length === 1 ? of[0]![0] : "");
  const [rule, setRule] = useState<Rule | "">("");
  const [reason, setReason] = useState("");
  const any: [string, string] = ["", t("lib.none.short")];
  const lacks = !field ? t("clear.what") : !rule ? t("mod.why") : rule === "other" && !reason.trim() ? t("mod.words") : "";
  return (
    <Sheet
      title={`${t("clear.title")}${t("punct.colon")}${name}`}
      submit={t("clear.do")}
      danger
      lacks={lacks}
      says={(e) => t(e instanceof RpcError && e.code === "forbidden" ? "person.higher" : "error.notdone")}
      act={async () => {
        await call("member.sanction", { member: id, act: "warn", field, rule, ...(reason.trim() ? { reason: reason.trim() } : {}), cid: random() });
        notice(t("clear.done"));
        done();
      }}
      onClose={onClose}
    >
      <p>{t("clear.text")}</p>
      <Choice label={t("clear.what")} value={field} of={of.length === 1 ? of : [any, ...of]} onChoose={setField} />
      <Choice label={t("mod.why")} value={rule} of={[any, ...RULES.map((r): [string, string] => [r, ruleName(r)])]} onChoose={(r) => setRule(r as Rule)} />
      <Text label={t("mod.words")} value={reason} max={200} onText={setReason} />
    </Sheet>
  );
}
