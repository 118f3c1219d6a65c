/* deskcsv.tsx: what a table of the desk shows, as a file: all of it, not only the page that is on the screen. It is asked for by the
 * table's own method, so nobody gets more than the table gives them. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { notice, state } from "../app";
import { save, type Cell } from "../csv";
import { t } from "../i18n";
import { whyNot } from "./requests";

export const dayOf = (at: number | undefined): string => (at ? new Date(at).toISOString().slice(0, 10) : "");

export function Csv({ name, label, rows }: { name: string; label?: string /* where a screen has two */; rows: () => Promise<Cell[][]> | Cell[][] }): VNode {
  const [busy, setBusy] = useState(false);
  const take = async () => {
    setBusy(true);
    try {
      save(`${name}.csv`, await rows());
    } catch (e) {
      notice(whyNot(e));
    }
    setBusy(false);
  };
  return (
    <button class="soft" type="button" disabled={busy || state.value.line !== "open"} onClick={() => void take()}>
      {busy ? t("state.loading") : (label ?? t("desk.csv"))}
    </button>
  );
}
