/* password.tsx: in by a password, and the second factor behind it or behind a code by mail. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { post } from "../rpc";
import { named } from "../devicename";
import { t } from "../i18n";
import { comeIn, isNear } from "../coming";
import { troubleOf, type Trouble } from "../trouble";
import { EmailField, Step } from "./step";

export function PasswordCard({ email: known, back }: { email: string; back: () => void }): VNode {
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [ticket, setTicket] = useState("");
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Trouble>("");
  useEffect(() => {
    isNear.value = true;
  }, []);
  const enter = () => {
    setBusy(true);
    setWhy("");
    post("password.enter", { email: email.trim(), password, ...named() })
      .then((answer) => (answer.me ? comeIn(answer.me) : setTicket(answer.ticket)))
      .catch((e: unknown) => {
        setWhy(troubleOf(e));
        setBusy(false);
      });
  };
  if (ticket) return <SecondCard ticket={ticket} again={back} />;
  return (
    <div class="card">
      <h2>{t("door.password.title")}</h2>
      <Step submit={t("signin.enter")} busy={busy} why={why} texts={{ wrong: "door.password.wrong" }} onSubmit={enter}>
        <EmailField value={email} onText={setEmail} />
        <label>
          {t("door.password")}
          <input
            type="password"
            name="password"
            autocomplete="current-password"
            maxLength={128}
            required
            value={password}
            onInput={(ev) => setPassword(ev.currentTarget.value)}
          />
        </label>
      </Step>
      <p class="note">{t("door.password.lost")}</p>
      <button type="button" class="soft" onClick={back}>
        {t("door.password.mail")}
      </button>
    </div>
  );
}

/* The digits of an app, or a code from the paper. */
export function SecondCard({ ticket, again }: { ticket: string; again: () => void }): VNode {
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Trouble>("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const give = () => {
    setBusy(true);
    setWhy("");
    post("session.second", { ticket, code: code.trim(), ...named() })
      .then(({ me }) => comeIn(me))
      .catch((e: unknown) => {
        setWhy(troubleOf(e));
        setBusy(false);
        field.current?.focus();
      });
  };
  return (
    <div class="card">
      <h2>{t("door.second")}</h2>
      <Step submit={t("signin.enter")} busy={busy} why={why} texts={{ wrong: "door.second.wrong" }} onSubmit={give}>
        <label>
          {t("door.second.code")}
          <input
            ref={field}
            class="code"
            name="second"
            autocomplete="one-time-code"
            autocapitalize="none"
            spellcheck={false}
            maxLength={32}
            required
            dir="ltr"
            value={code}
            onInput={(ev) => setCode(ev.currentTarget.value)}
          />
          <small>{t("door.second.paper")}</small>
        </label>
      </Step>
      <button type="button" class="soft" onClick={again}>
        {t("door.second.again")}
      </button>
    </div>
  );
}
