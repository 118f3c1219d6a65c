/* signin.tsx: the page of those who are not in. The language comes first. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { signIn, signInCode } from "../app";
import { LANGS, lang, t, type Lang } from "../i18n";
import { chooseLang } from "../prefs";
import { RpcError } from "../types";

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

export function SignInView(): VNode {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const enter = async () => {
    setBusy(true);
    setError("");
    try {
      await signIn();
    } catch (e) {
      setError(
        e instanceof RpcError && e.code === "offline" ? t("signin.offline") : t("signin.expired"),
      );
      if (!(e instanceof RpcError && e.code === "offline")) signInCode.value = "";
    }
    setBusy(false);
  };
  return (
    <main class="signin" id="main" tabIndex={-1}>
      <LangChoice />
      <p class="hubname">Baraza</p>
      <h1>{t("signin.title")}</h1>
      <p>{t("signin.what")}</p>
      {signInCode.value !== "" ? (
        <div class="card">
          <p>{t("signin.link")}</p>
          <button class="primary wide" disabled={busy} onClick={() => void enter()}>
            {busy ? t("signin.busy") : t("signin.enter")}
          </button>
        </div>
      ) : (
        <div class="card">
          <h2>{t("signin.how.title")}</h2>
          <ol>
            <li>{t("signin.how.ask")}</li>
            <li>{t("signin.how.open")}</li>
            <li>{t("signin.how.once")}</li>
          </ol>
        </div>
      )}
      <p class="error" role="alert">
        {error}
      </p>
    </main>
  );
}
