/* erasing.tsx: an account is closed for good for somebody who asked for it: what goes and what stays is said first, and their handle
 * is typed to confirm it. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { notice, state } from "../app";
import { random } from "../core";
import { t, type Key } from "../i18n";
import { post } from "../rpc";
import { RpcError } from "../types";
import { KeepsChoice, Sheet, Text } from "./forms";
import { nameOf } from "./parts";

const GOES: Key[] = ["erase.once", "erase.words", "erase.reasons"];
const STAYS: Key[] = ["erase.others", "erase.made", "erase.copies"];

export function EraseSheet({ id, onClose, done }: { id: string; onClose: () => void; done?: () => void }): VNode {
  const [{ handle, name }] = useState(() => ({ handle: state.value.members[id]?.handle ?? "", name: nameOf(state.value, id) }));   /* gone while this is open */
  const [keeps, setKeeps] = useState(false);
  const [typed, setTyped] = useState("");
  const isSure = handle !== "" && typed.trim().replace(/^@/, "").toLowerCase() === handle;
  const says = (e: unknown) => {
    const code = e instanceof RpcError ? e.code : "";
    return t(code === "not_found" ? "erase.gone" : code === "forbidden" ? "manage.forbidden" : "error.notdone");
  };
  const [goes, stays] = keeps ? [GOES.filter((x) => x !== "erase.words"), ["erase.kept" as Key, ...STAYS]] : [GOES, STAYS];
  return (
    <Sheet
      title={`${t("erase.title")}${t("punct.colon")}${name}`}
      submit={t("erase.do")}
      danger
      lacks={isSure ? "" : `@${handle}`}
      says={says}
      act={async () => {
        await post("member.erase", { member: id, handle, keep_posts: keeps, cid: random() });
        notice(t("erase.done"));
        done?.();
      }}
      onClose={onClose}
    >
      <p>{t("erase.text")}</p>
      <KeepsChoice legend={t("erase.choose")} keeps={keeps} choose={setKeeps} />
      {([["erase.goes", goes], ["erase.stays", stays]] as const).map(([title, what]) => (
        <section key={title} aria-label={t(title)}>
          <h3>{t(title)}</h3>
          <ul>
            {what.map((x) => (
              <li key={x}>{t(x)}</li>
            ))}
          </ul>
        </section>
      ))}
      <p>
        <b>{t("erase.end")}</b>
      </p>
      <Text label={t("leave.type", { handle: `@${handle}` })} value={typed} autocomplete="off" onText={setTyped} />
    </Sheet>
  );
}
