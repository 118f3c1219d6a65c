/* forms.tsx: what the sheets that ask the server while they are open are made of. */
import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import { state } from "../app";
import { t } from "../i18n";
import { RpcError } from "../types";
import { Dialog, numbered } from "./pieces";

export { Choice, Text } from "./inputs";

function why(error: unknown, conflict?: string): string {
  const code = error instanceof RpcError ? error.code : "";
  if (code === "conflict") return conflict ?? t("manage.taken");
  if (code === "forbidden" || code === "not_found") return t("manage.forbidden");
  if (code === "invalid") return t("manage.invalid");
  return numbered(t("error.notdone"), error instanceof RpcError ? error.request : "");
}

/* A form that keeps what was typed until the server has said yes. Its button is never grey for what is missing: whoever
 * presses it is told what that is. */
export function Sheet({
  title,
  submit,
  danger,
  lacks,
  conflict,
  says,
  anywhere,
  act,
  onClose,
  children,
}: {
  title: string;
  submit: string;
  danger?: boolean /* what cannot be taken back */;
  lacks: string /* the name of the first field that is not filled in yet */;
  conflict?: string /* what is said when it cannot be done as things stand */;
  says?: (error: unknown) => string /* instead of the usual words */;
  anywhere?: boolean /* it needs no line of its own */;
  act: () => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}): VNode {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [asked, setAsked] = useState(false);
  const online = anywhere || state.value.line === "open";
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="form"
        onSubmit={(ev) => {
          ev.preventDefault();
          setAsked(lacks !== "");
          if (lacks !== "" || busy) return;
          setBusy(true);
          setError("");
          act().then(onClose, (e: unknown) => {
            setError(says ? says(e) : why(e, conflict));
            setBusy(false);
          });
        }}
      >
        {children}
        <p class="error" role="alert">
          {asked && lacks !== "" ? t("form.lacks", { what: lacks }) : error}
        </p>
        {!online && <p class="note">{t("manage.offline")}</p>}
        <button class={`primary wide${danger ? " danger" : ""}`} disabled={busy || !online}>
          {busy ? t("state.loading") : submit}
        </button>
      </form>
    </Dialog>
  );
}

/* Whoever leaves, or has to: what they wrote stays, or goes. */
export function KeepsChoice({ legend, keeps, choose }: { legend: string; keeps: boolean; choose: (keeps: boolean) => void }): VNode {
  return (
    <fieldset class="rules">
      <legend>{legend}</legend>
      {[false, true].map((keep) => (
        <label key={String(keep)} class="rule">
          <input type="radio" name="keeps" checked={keeps === keep} onChange={() => choose(keep)} />
          {t(keep ? "leave.keep" : "leave.erase")}
        </label>
      ))}
    </fieldset>
  );
}
