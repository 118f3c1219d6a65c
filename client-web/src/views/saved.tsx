/* saved.tsx: what somebody looks for again and again: the list of it, and a search as one of them. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { searches, state } from "../app";
import { addressOf, askedOf, type Asked } from "../finding";
import { t } from "../i18n";
import { dropSearch, saveSearch, savedOf, sawSearch, setNotify } from "../saving";
import type { SavedSearch } from "../types";
import { narrowed } from "./filters";
import { keepFocus } from "./focus";
import { Badge, Icon } from "./parts";

function Bell(): VNode {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M6 16h12l-1.5-2.5V10a4.5 4.5 0 0 0-9 0v3.500zM10 19h4" />
    </svg>
  );
}

/* Is what comes in told? And away with it. */
function Acts({ saved: x, gone }: { saved: SavedSearch; gone: (ev: MouseEvent) => void }): VNode {
  const online = state.value.line === "open";
  return (
    <>
      <button
        class="quiet"
        aria-pressed={x.notify}
        aria-label={`${t("search.saved.tell")}${t("punct.colon")}${x.text}`}
        title={t("search.saved.tell")}
        disabled={!online}
        onClick={() => setNotify(x, !x.notify)}
      >
        {x.notify ? <Bell /> : <Icon name="mute" />}
      </button>
      <button
        class="quiet"
        aria-label={`${t("search.saved.drop")}${t("punct.colon")}${x.text}`}
        title={t("search.saved.drop")}
        disabled={!online}
        onClick={(ev) => {
          gone(ev);
          dropSearch(x);
        }}
      >
        <Icon name="close" />
      </button>
    </>
  );
}

export function Saved(): VNode | null {
  const s = state.value;
  const list = searches.value;
  if (list.length === 0) return null;
  return (
    <section class="group">
      <header>
        <h2>{t("search.saved")}</h2>
      </header>
      <p class="note">{t("search.saved.words")}</p>
      <ul class="rows">
        {list.map((x) => {
          const asked = askedOf(x);
          return (
            <li key={x.id} class="with-action">
              <a data-row class="row" href={addressOf(asked)}>
                <span class="row-title" dir="auto">
                  {x.text}
                </span>
                <span class="meta" dir="auto">
                  {narrowed(s, asked).join(" · ")}
                </span>
                <span class="row-side">
                  <Badge n={x.fresh ?? 0} />
                </span>
              </a>
              <Acts
                saved={x}
                gone={(ev) => keepFocus((ev.currentTarget as HTMLElement).closest("li")!.querySelector("a")!)}
              />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/* The button that had the focus made place for another one. */
const keepHere = (): void => {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body)
      document.querySelector<HTMLElement>(".savethis button:enabled")?.focus();
  });
};

/* What is looked for now: saved already, or to be. `at`: when it was asked for; what the hub found since is shown
 * when it is asked for again. */
export function SaveThis({ asked, at, again }: { asked: Asked; at: number; again: () => void }): VNode | null {
  const x = savedOf(addressOf(asked));
  const [isGoing, setGoing] = useState(false);
  useEffect(() => {
    if (x && x.fresh !== 0) sawSearch(x); /* it may not have been counted */
  }, [x?.id, at]);
  const fresh = x?.fresh ?? 0;
  if (asked.theme) return <p class="note">{t("search.save.theme")}</p>;
  if (!x)
    return (
      <p class="savethis">
        <button
          class="soft small"
          aria-disabled={isGoing}
          onClick={() => {
            if (isGoing) return;
            setGoing(true);
            void saveSearch(asked).finally(() => {
              setGoing(false);
              keepHere();
            });
          }}
        >
          <Bell />
          {t("search.save")}
        </button>
      </p>
    );
  return (
    <p class="savethis">
      <span class="chip ok">
        <Icon name="check" />
        {t("search.saved.is")}
      </span>
      <Acts saved={x} gone={keepHere} />
      {fresh > 0 && (
        <button class="soft small" onClick={again}>
          {t("search.saved.show", { n: fresh })}
        </button>
      )}
    </p>
  );
}
