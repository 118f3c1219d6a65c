/* keptuse.tsx: how much of this device the kept resources take, and the way to be rid of them. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { notice } from "../app";
import { dropAll, kept, mayKeep, readKept } from "../kept";
import { t } from "../i18n";
import { href } from "../router";
import { Dialog } from "./parts";
import { sizeOf } from "./size";

export function KeptUse(): VNode | null {
  const [asking, setAsking] = useState(false);
  useEffect(() => void readKept(), []);
  if (!mayKeep()) return null;
  const all = Object.values(kept.value);
  const n = all.length;
  const size = sizeOf(all.reduce((sum, k) => sum + k.bytes, 0));
  return (
    <>
      <h2>{t("keep.title")}</h2>
      <p class="meta">{n > 0 ? t("keep.used", { n, size }) : t("keep.nothing")}</p>
      <div class="buttons">
        {n > 0 && (
          <a class="button soft" href={`${href.resources}?kept=1`}>
            {t("keep.show")}
          </a>
        )}
        {n > 0 && (
          <button class="soft danger" aria-haspopup="dialog" onClick={() => setAsking(true)}>
            {t("keep.clear")}
          </button>
        )}
      </div>
      {asking && (
        <Dialog title={t("keep.clear")} onClose={() => setAsking(false)}>
          <p>{t("keep.clear.text", { n, size })}</p>
          <button
            class="primary danger wide"
            onClick={() => {
              setAsking(false);
              void dropAll().then(() => notice(t("keep.cleared")));
            }}
          >
            {t("keep.clear")}
          </button>
        </Dialog>
      )}
    </>
  );
}
