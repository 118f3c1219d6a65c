/* signin.tsx: the page of those who are not in. The language comes first. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isSignedIn, signIn, signInCode, signInTrouble } from "../app";
import { LANGS, lang, t, type Lang } from "../i18n";
import { chooseLang } from "../prefs";
import { href } from "../router";

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
  const trouble = useRef<HTMLParagraphElement>(null);
  const enter = async () => {
    setBusy(true);
    await signIn();
    setBusy(false);
  };
  const what = signInTrouble.value;
  /* The button that was pressed is gone; the reason is what comes next. */
  useEffect(() => {
    if (what === "used") trouble.current?.focus();
  }, [what]);
  return (
    <main class="signin" id="main" tabIndex={-1}>
      <LangChoice />
      <p class="hubname">Baraza</p>
      <h1>{t("signin.title")}</h1>
      <p>{t("signin.what")}</p>
      <p ref={trouble} class="error" role="alert" tabIndex={-1}>
        {what && t(`signin.${what}`)}
      </p>
      {signInCode.value !== "" ? (
        <div class="card">
          <p>{t("signin.link")}</p>
          <button class="primary wide" disabled={busy} onClick={() => void enter()}>
            {busy ? t("signin.busy") : t("signin.enter")}
          </button>
        </div>
      ) : (
        <HowTo />
      )}
      {what && what !== "offline" && <Stay />}
    </main>
  );
}

function HowTo(): VNode {
  return (
    <div class="card">
      <h2>{t("signin.how.title")}</h2>
      <ol>
        <li>{t("signin.how.ask")}</li>
        <li>{t("signin.how.open")}</li>
        <li>{t("signin.how.once")}</li>
      </ol>
    </div>
  );
}

/* Who opened an old link once more is often signed in here all the time. */
function Stay(): VNode | null {
  const [isIn, setIn] = useState(false);
  useEffect(() => {
    void isSignedIn().then(setIn);
  }, []);
  return isIn ? (
    <a class="button soft" href={href.catchup} onClick={stay}>
      {t("signin.stay")}
    </a>
  ) : null;
}

function stay(ev: MouseEvent): void {
  ev.preventDefault();
  location.replace(href.catchup); /* a fresh page: this one has let go of who was here */
}
