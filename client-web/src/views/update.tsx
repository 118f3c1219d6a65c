/* update.tsx: says that a newer build is ready; when to take it is the reader's choice. */
import type { VNode } from "preact";
import { t } from "../i18n";
import { isNewer, takeNewer } from "../worker";

export function UpdateBar(): VNode {
  return (
    <div class="update" role="status">
      {isNewer.value && (
        <p>
          {t("update.ready")}
          <button class="soft" onClick={() => void takeNewer()}>
            {t("update.reload")}
          </button>
        </p>
      )}
    </div>
  );
}
