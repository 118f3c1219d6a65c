/* held.tsx: what moderators imposed on me: what it is, why, until when, and how to have it looked at again. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { barred, loadHeld, signOut } from "../app";
import { full, t } from "../i18n";
import type { Sanction } from "../types";
import { fieldName } from "./fieldname";
import { LangChoice } from "./langchoice";
import { AppealDialog } from "./why";
import { whyOf } from "./whyof";

const read = (id: string) => `baraza.warned.${id}`;
const wasRead = (id: string): boolean => {
  try {
    return localStorage.getItem(read(id)) !== null;
  } catch {
    return false;
  }
};

export function HeldNote({ sanction: x }: { sanction: Sanction }): VNode | null {
  const [asking, setAsking] = useState(false);
  const [appealed, setAppealed] = useState(false);
  const [gone, setGone] = useState(false);
  if (x.act === "warn" && (gone || wasRead(x.id))) return null;
  return (
    <div class="note held" role="status">
      <p>
        <b>{t(`held.${x.act}`)}</b>{" "}
        {x.act !== "warn" && (x.until ? t("held.until", { time: full(x.until) }) : t("ends.never"))}
      </p>
      {x.field && <p>{t("held.cleared", { what: fieldName(x.field) })}</p>}
      <p dir="auto">{whyOf(x)}</p>
      <p>
        {t(x.as === "admin" ? "role.admin" : "role.moderator")}
        {x.decision === "keep" ? ` · ${t("held.kept")}` : (x.appealed || appealed) && ` · ${t("appeal.done")}`}
      </p>
      <div class="buttons">
        {!x.appealed && !appealed && (
          <button class="soft" onClick={() => setAsking(true)}>
            {t("appeal.do")}
          </button>
        )}
        {x.act === "warn" && (
          <button
            class="soft"
            onClick={() => {
              setGone(true);
              try {
                localStorage.setItem(read(x.id), "1");
              } catch {
                /* for this visit only */
              }
            }}
          >
            {t("held.understood")}
          </button>
        )}
      </div>
      {asking && (
        <AppealDialog
          sanction={x}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAppealed(true);
            if (barred.value === null) void loadHeld().catch(() => {});
          }}
        />
      )}
    </div>
  );
}

/* In the place of everything else. */
export function BarredView(): VNode {
  return (
    <main class="signin" id="main" tabIndex={-1}>
      <LangChoice />
      <p class="hubname">Baraza</p>
      <h1>{t("held.barred")}</h1>
      {barred.value?.map((x) => (
        <div key={x.id} class="card">
          <HeldNote sanction={x} />
        </div>
      ))}
      <p class="buttons">
        <button class="soft" onClick={() => location.reload()}>
          {t("action.again")}
        </button>
        <button class="quiet" onClick={() => void signOut().then(() => location.reload())}>
          {t("me.signout")}
        </button>
      </p>
    </main>
  );
}
