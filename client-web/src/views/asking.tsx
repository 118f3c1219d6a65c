/* asking.tsx: who is not a member asks to join, for where they work: what they say, an address, the digits that were sent there. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { NOTHING, type Said } from "../asked";
import { post } from "../rpc";
import { troubleOf, type Trouble } from "../trouble";
import { lang, regionName, t } from "../i18n";
import type { Region } from "../types";
import { countries } from "./country";
import { Choice, Text } from "./inputs";
import { EmailField, Step } from "./step";

const KINDS = ["city", "government", "partner"] as const;

type Keep = (said: Said | null) => void;

export function AskCard({ said, keep }: { said: Said; keep: Keep }): VNode {
  const [done, setDone] = useState(false);
  if (done)
    return (
      <div class="card" role="status">
        <h2>{t("door.ask.done")}</h2>
        <p>{t("door.ask.done.text")}</p>
        <button class="soft wide" onClick={() => keep(null)}>
          {t("action.close")}
        </button>
      </div>
    );
  const sent = () => {
    setDone(true);
    keep(NOTHING); /* who opens the page again is not asked for the digits again */
  };
  return said.ticket ? <Digits said={said} keep={keep} done={sent} /> : <Form said={said} keep={keep} />;
}

function Form({ said, keep }: { said: Said; keep: Keep }): VNode {
  const [x, setX] = useState(said);
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Trouble>("");
  const [lacks, setLacks] = useState("");
  const [regions, setRegions] = useState<Region[]>([]);
  useEffect(() => {
    post("region.list", {}).then(
      (r: { regions: Region[] }) => setRegions(r.regions),
      () => {
        /* the secretariat finds the region */
      },
    );
  }, []);
  const put = (some: Partial<Said>) => setX({ ...x, ...some });
  const missing = (): string =>
    x.org.trim() === ""
      ? t("door.join.org")
      : x.country === ""
        ? t("lib.country")
        : x.kind === "city" && x.city.trim() === ""
          ? t("manage.city")
          : x.name.trim() === ""
            ? t("door.join.name")
            : "";
  const ask = () => {
    const what = missing();
    setLacks(what);
    setWhy("");
    if (what) return;
    setBusy(true);
    const email = x.email.trim();
    post("session.code", { email, join: true, lang: lang.value }).then(
      ({ ticket }) => keep({ ...x, email, ticket, at: Date.now() }),
      (e: unknown) => {
        setWhy(troubleOf(e));
        setBusy(false);
      },
    );
  };
  return (
    <div class="card">
      <h2>{t("door.ask.title")}</h2>
      <p>{t("door.ask.about")}</p>
      <Step submit={t("door.join.go")} busy={busy} why={why} texts={{ wrong: "door.email.wrong" }} onSubmit={ask}>
        <Choice label={t("org.kind")} value={x.kind} of={KINDS.map((k) => [k, t(`org.${k}`)])} onChoose={(kind) => put({ kind })} />
        <Text label={t("door.join.org")} value={x.org} onText={(org) => put({ org })} autocomplete="organization" />
        <Choice label={t("lib.country")} value={x.country} of={[["", t("form.choose")], ...countries()]} onChoose={(country) => put({ country })} />
        {x.kind === "city" && <Text label={t("manage.city")} value={x.city} onText={(city) => put({ city })} />}
        {regions.length > 1 && (
          <Choice
            label={t("manage.region")}
            hint={t("door.ask.region")}
            value={x.region}
            of={[["", t("lib.none.short")], ...regions.map((g): [string, string] => [g.id, regionName(g)])]}
            onChoose={(region) => put({ region })}
          />
        )}
        <Text label={t("door.join.name")} value={x.name} onText={(name) => put({ name })} autocomplete="name" />
        <Text label={t("door.ask.role")} value={x.title} onText={(title) => put({ title })} autocomplete="organization-title" />
        <Text label={t("door.ask.website")} value={x.website} max={200} onText={(website) => put({ website })} />
        <label>
          {t("door.ask.why")}
          <textarea rows={3} maxLength={330} dir="auto" value={x.text} onInput={(ev) => put({ text: ev.currentTarget.value })} />
        </label>
        <EmailField value={x.email} onText={(email) => put({ email })} />
        <p class="note">{t("door.ask.kept")}</p>
        {lacks && (
          <p class="error" role="alert">
            {t("form.lacks", { what: lacks })}
          </p>
        )}
      </Step>
      <button class="soft wide" type="button" onClick={() => keep(null)}>
        {t("door.join.have")}
      </button>
    </div>
  );
}

function Digits({ said, keep, done }: { said: Said; keep: Keep; done: () => void }): VNode {
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Trouble>("");
  const give = () => {
    setBusy(true);
    setWhy("");
    const some = Object.fromEntries(
      (["title", "website", "text"] as const).filter((k) => said[k].trim() !== "").map((k) => [k, said[k].trim()]),
    );
    post("request.create", {
      ticket: said.ticket,
      code,
      kind: said.kind,
      org: said.org.trim(),
      country: said.country,
      ...(said.kind === "city" ? { city: said.city.trim() } : {}),
      ...(said.region ? { region: said.region } : {}),
      name: said.name.trim(),
      lang: lang.value,
      ...some,
    }).then(done, (e: unknown) => {
      setWhy(troubleOf(e));
      setBusy(false);
    });
  };
  return (
    <div class="card">
      <h2>{t("door.code.title")}</h2>
      <p>{t("door.ask.sent", { email: said.email })}</p>
      <Step submit={t("door.ask.send")} busy={busy} why={why} texts={{ wrong: "door.code.wrong", fast: "door.ask.many" }} onSubmit={give}>
        <label>
          {t("door.code")}
          <input
            class="code"
            name="code"
            autocomplete="one-time-code"
            inputMode="numeric"
            maxLength={12}
            required
            dir="ltr"
            value={code}
            onInput={(ev) => setCode(ev.currentTarget.value)}
          />
        </label>
      </Step>
      <p class="note">{t("door.code.wait")}</p>
      <button class="soft wide" type="button" onClick={() => keep({ ...said, ticket: "" })}>
        {t("action.back")}
      </button>
    </div>
  );
}
