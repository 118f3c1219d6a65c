/* weak.tsx: in the place of everything else, for who moderates and came in without a second factor. */
import type { VNode } from "preact";
import { signOut } from "../app";
import { t } from "../i18n";
import { LangChoice } from "./langchoice";
import { Means } from "./means";
import { PasskeyButton } from "./ways";

export function WeakView(): VNode {
  return (
    <main class="signin" id="main" tabIndex={-1}>
      <LangChoice />
      <p class="hubname">Baraza</p>
      <h1>{t("weak.title")}</h1>
      <p>{t("weak.why")}</p>
      <div class="card">
        <PasskeyButton primary />
        <p>{t("weak.have")}</p>
        <button class="soft" onClick={() => void signOut().then(() => location.reload())}>
          {t("me.signout")}
        </button>
      </div>
      <div class="card settings">
        <Means added={() => location.reload()} />
      </div>
    </main>
  );
}
