/* signin.tsx: the page of those who are not in. The language comes first. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { named } from "../devicename";
import { askCode, giveCode, held, keep } from "../entering";
import { troubleOf, type Trouble } from "../trouble";
import { asking, keepAsking, NOTHING } from "../asked";
import { t } from "../i18n";
import { href } from "../router";
import { brought, comeIn, isNear, isSignedIn } from "../coming";
import { post } from "../rpc";
import { AskCard, BackCard, PasswordCard, SecondCard } from "./doorways";
import { JoinCard } from "./join";
import { LangChoice } from "./langchoice";
import { OtherSites } from "./othersites";
import { EmailField, Step, Wrong } from "./step";
import { PasskeyButton, usePasskeyOffer } from "./ways";

export function SignInView(): VNode {
  const what = brought.value;
  return (
    <main class="signin" id="main" tabIndex={-1}>
      <LangChoice />
      <p class="hubname">Baraza</p>
      <h1>{t("signin.title")}</h1>
      <p>{t("signin.what")}</p>
      {what?.kind === "in" ? (
        <LinkCard />
      ) : what?.kind === "site" ? (
        <BackCard way={what.code} />
      ) : what?.kind === "join" ? (
        <JoinCard code={what.code} />
      ) : what?.kind === "code" && !held.value ? (
        <Elsewhere code={what.code} />
      ) : asking.value && what?.kind !== "code" ? (
        <AskCard said={asking.value} keep={keepAsking} />
      ) : (
        <MailCard shown={what?.kind === "code" ? what.code : ""} />
      )}
      {!what && !asking.value && !held.value && <AskButton />}
      {what?.kind !== "join" && what?.kind !== "site" && <HowTo />}
    </main>
  );
}

function AskButton(): VNode {
  return (
    <div class="card">
      <h2>{t("door.ask.title")}</h2>
      <p>{t("door.ask.text")}</p>
      <button class="soft wide" onClick={() => keepAsking(NOTHING)}>
        {t("door.ask.go")}
      </button>
    </div>
  );
}

function MailCard({ shown }: { shown: string }): VNode {
  const [email, setEmail] = useState(held.value?.email ?? "");
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Trouble>("");
  const [byPassword, setByPassword] = useState(false);
  const passkeys = usePasskeyOffer();
  const asked = held.value;
  const ask = (to: string) => {
    setBusy(true);
    setWhy("");
    askCode(to.trim()).then(
      () => setBusy(false),
      (e: unknown) => {
        setWhy(troubleOf(e));
        setBusy(false);
      },
    );
  };
  if (asked && !(asked.invite && asked.who)) return <CodeCard shown={shown} again={() => ask(asked.email)} />;
  if (byPassword) return <PasswordCard email={email} back={() => setByPassword(false)} />;
  return (
    <div class="card">
      <h2>{t("door.mail.title")}</h2>
      <Step submit={t("door.mail.send")} busy={busy} why={why} texts={{ wrong: "door.email.wrong" }} onSubmit={() => ask(email)}>
        <EmailField value={email} onText={setEmail} onFocus={passkeys.offer} />
      </Step>
      <div class="ways">
        <PasskeyButton begin={passkeys.end} />
        <button
          type="button"
          class="soft wide"
          onClick={() => {
            passkeys.end();
            setByPassword(true);
          }}
        >
          {t("door.password.with")}
        </button>
      </div>
      <OtherSites />
    </div>
  );
}

/* The digits from the mail. A phone offers them by itself; the mail's link brings them, too. */
export function CodeCard({ shown = "", again }: { shown?: string; again: () => void }): VNode | null {
  const asked = held.value;
  const [code, setCode] = useState(shown);
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Trouble>("");
  const [more, setMore] = useState<string[]>([]);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  if (!asked) return null;
  const give = (digits: string) => {
    setBusy(true);
    setWhy("");
    giveCode(asked, digits).then(
      (arrived) => {
        setMore(arrived.more);
        setBusy(arrived.more.length === 0); /* the page goes on by itself */
      },
      (e: unknown) => {
        setWhy(troubleOf(e));
        setBusy(false);
        field.current?.focus();
      },
    );
  };
  const typed = (text: string) => {
    setCode(text);
    const digits = text.replace(/\D/g, "");
    if (digits.length === 6 && !busy && code.replace(/\D/g, "").length < 6) give(digits);
  };
  if (more.length > 0) return <SecondCard ticket={asked.ticket} again={() => keep(null)} />;
  return (
    <div class="card">
      <h2>{t("door.code.title")}</h2>
      <p>{t(asked.invite ? "door.join.sent" : "door.code.sent", { email: asked.email })}</p>
      <Step submit={t(asked.invite ? "door.join.in" : "signin.enter")} busy={busy} why={why} texts={{ wrong: "door.code.wrong" }} onSubmit={() => give(code)}>
        <label>
          {t("door.code")}
          <input
            ref={field}
            class="code"
            name="code"
            autocomplete="one-time-code"
            inputMode="numeric"
            maxLength={12}
            required
            dir="ltr"
            value={code}
            onInput={(ev) => typed(ev.currentTarget.value)}
          />
        </label>
      </Step>
      <p class="note">{t("door.code.wait")}</p>
      <div class="choices">
        <button class="soft" type="button" disabled={busy} onClick={again}>
          {t("door.code.again")}
        </button>
        <button class="soft" type="button" onClick={() => keep(null)}>
          {t("door.code.other")}
        </button>
      </div>
    </div>
  );
}

/* The mail was opened elsewhere than where the code was asked for: there it is to be typed in. */
function Elsewhere({ code }: { code: string }): VNode {
  return (
    <div class="card">
      <h2>{t("door.shown.title")}</h2>
      {code === "" ? <Wrong why="wrong" texts={{ wrong: "signin.wrong" }} /> : <p class="digits">{code}</p>}
      <p>{t("door.shown.where")}</p>
    </div>
  );
}

/* A link that the operator made. */
function LinkCard(): VNode {
  const code = brought.value?.code ?? "";
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Trouble>(code === "" ? "notdone" : "");
  useEffect(() => {
    isNear.value = code !== "";
  }, []);
  const enter = () => {
    setBusy(true);
    setWhy("");
    post("session.open", { code, ...named() }).then(
      ({ me }) => comeIn(me),
      (e: unknown) => {
        setWhy(troubleOf(e));
        setBusy(false);
      },
    );
  };
  const used = why === "wrong";
  return (
    <>
      <Wrong
        why={why}
        focus={used}
        texts={{ wrong: "signin.used", offline: "signin.offline", notdone: code === "" ? "signin.wrong" : "door.trouble.notdone" }}
      />
      {code !== "" && !used ? (
        <div class="card">
          <p>{t("signin.link")}</p>
          <button class="primary wide" disabled={busy} onClick={enter}>
            {busy ? t("signin.busy") : t("signin.enter")}
          </button>
        </div>
      ) : (
        <MailCard shown="" />
      )}
      {(used || code === "") && <Stay />}
    </>
  );
}

function HowTo(): VNode {
  return (
    <details class="card">
      <summary>{t("signin.how.title")}</summary>
      <ol>
        <li>{t("signin.how.ask")}</li>
        <li>{t("signin.how.open")}</li>
        <li>{t("signin.how.once")}</li>
      </ol>
    </details>
  );
}

/* Who opened an old link once more is often signed in here all the time. */
export function Stay(): VNode | null {
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
