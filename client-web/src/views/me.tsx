/* me.tsx: who I am here and what this device does. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { searches, signOut, state } from "../app";
import { call } from "../core";
import { t } from "../i18n";
import { helpOpen } from "../keys";
import {
  enterSends,
  saverAsked,
  saves,
  setEnterSends,
  setSaver,
  setTyping,
  showsTyping,
  setShortcuts,
  setTheme,
  shortcuts,
  theme,
  type Theme,
} from "../prefs";
import { Blocked, KeptUse, MyReports, Saved, WhoMayWrite } from "./later";
import { href } from "../router";
import { Dialog, Initials, place } from "./parts";
import { usedBytes } from "../meter";
import { Page } from "./shell";
import { sizeOf } from "./size";
import { LangChoice } from "./langchoice";
import { installer } from "../worker";

const THEMES: Theme[] = ["auto", "light", "dark"];

/* A delegate is reminded, once a year, of colleagues whom nobody confirmed since. */
function Unconfirmed(): VNode | null {
  const [n, setN] = useState(0);
  const open = state.value.line === "open";
  useEffect(() => {
    if (open)
      call("org.due").then(
        (r) => setN(r.due.filter((x: { name: string }) => x.name === state.value.me?.org).length),
        () => setN(0),
      );
  }, [open]);
  return n > 0 ? (
    <p>
      <a class="button soft small" href={href.org("mine")}>{t("org.due", { n })}</a>
    </p>
  ) : null;
}

function Data(): VNode {
  return (
    <>
      <h2>{t("me.data")}</h2>
      <p class="meta used">{t("me.data.used", { size: sizeOf(usedBytes.value) })}</p>
      <label class="check">
        <input
          type="checkbox"
          name="saver"
          checked={saves.value}
          disabled={saverAsked.value}
          onChange={(ev) => setSaver(ev.currentTarget.checked)}
        />
        {t("me.data.saver")}
      </label>
      {saverAsked.value && <p class="meta">{t("me.data.asked")}</p>}
      <label class="check">
        <input
          type="checkbox"
          name="typing"
          checked={showsTyping.value}
          disabled={saves.value}
          onChange={(ev) => setTyping(ev.currentTarget.checked)}
        />
        {t("me.typing")}
      </label>
    </>
  );
}

/* Not offered where it runs as an app already. */
function Install(): VNode | null {
  if (matchMedia("(display-mode: standalone)").matches) return null;
  return (
    <>
      <h2>{t("me.install")}</h2>
      <p class="meta">{t("me.install.text")}</p>
      {installer.value && (
        <p>
          <button class="soft" onClick={() => void installer.value?.prompt()}>
            {t("me.install")}
          </button>
        </p>
      )}
    </>
  );
}

export function MeView(): VNode {
  const s = state.value;
  const [leaving, setLeaving] = useState(false);
  const [error, setError] = useState("");
  const unsent = s.pending.filter((c) => c.status !== "stored").length;
  const leave = () => signOut().catch(() => setError(t("me.signout.offline")));
  return (
    <Page title={t("tab.me")}>
      {s.me && (
        <section class="card person">
          <Initials id={s.me.id} />
          <div>
            <h2 dir="auto">{s.me.name}</h2>
            <p class="meta">
              @{s.me.handle} · {t(`role.${s.me.role}`)}
            </p>
            {place(s.me) && (
              <p class="meta" dir="auto">
                {place(s.me)}
              </p>
            )}
            <div class="buttons">
              <a class="button soft small" href={href.profile}>
                {t("profile.mine")}
              </a>
              {s.me.org && (
                <a class="button soft small" href={href.org("mine")}>
                  {t("org.mine")}
                </a>
              )}
              {s.me.org && <Unconfirmed />}
            </div>
          </div>
        </section>
      )}
      {searches.value.length > 0 && <Saved />}
      <MyReports s={s} />
      {s.me?.blocked && <Blocked />}
      <WhoMayWrite />
      <section class="settings">
        <h2>{t("me.language")}</h2>
        <LangChoice />
        <h2>{t("me.theme")}</h2>
        <div class="langs" role="group" aria-label={t("me.theme")}>
          {THEMES.map((x) => (
            <button
              key={x}
              class="toggle"
              aria-pressed={theme.value === x}
              onClick={() => setTheme(x)}
            >
              {t(`theme.${x}`)}
            </button>
          ))}
        </div>
        <h2>{t("me.keys")}</h2>
        <label class="check">
          <input
            type="checkbox"
            checked={enterSends.value}
            onChange={(ev) => setEnterSends(ev.currentTarget.checked)}
          />
          {t("me.enter")}
        </label>
        <label class="check with-keys">
          <input
            type="checkbox"
            checked={shortcuts.value}
            onChange={(ev) => setShortcuts(ev.currentTarget.checked)}
          />
          {t("me.shortcuts")}
        </label>
        <p class="with-keys">
          <button
            class="soft"
            onClick={() => {
              helpOpen.value = true;
            }}
          >
            {t("help.title")}
          </button>
        </p>
        <Data />
        <KeptUse />
        <Install />
        <h2>{t("account.title")}</h2>
        <p>
          <a class="button soft" href={href.account}>
            {t("account.open")}
          </a>
        </p>
        <h2>{t("me.device")}</h2>
        <p class="meta">{t("me.device.text")}</p>
        <p>
          <button class="soft danger" onClick={() => setLeaving(true)}>
            {t("me.signout")}
          </button>
        </p>
      </section>
      {leaving && (
        <Dialog title={t("me.signout")} onClose={() => setLeaving(false)}>
          <p>{unsent > 0 ? t("me.signout.unsent", { n: unsent }) : t("me.signout.text")}</p>
          <p class="error" role="alert">
            {error}
          </p>
          <button class="primary wide" onClick={() => void leave()}>
            {t("me.signout")}
          </button>
        </Dialog>
      )}
    </Page>
  );
}
