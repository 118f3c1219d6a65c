/* requests.tsx: who asks to join, for the secretariat to decide. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { notice, state } from "../app";
import { call } from "../core";
import { pages, type Cell } from "../csv";
import { languageName, regionName, t } from "../i18n";
import { mailTo } from "../mailto";
import { href } from "../router";
import { RpcError, type Org, type OrgKind } from "../types";
import { useAsked } from "./desk";
import { Csv, dayOf } from "./deskcsv";
import { orgs, placeOf, regionsOf, write } from "./deskorgs";
import { Choice, Sheet, Text } from "./forms";
import { Empty, nameOf, Time } from "./parts";

interface JoinRequest {
  id: number;
  at: number;
  email: string;
  name: string;
  title?: string;
  kind: OrgKind;
  org: string;
  country: string;
  city?: string;
  region?: string;
  langs?: string[];
  lang: string;
  website?: string;
  text?: string;
  member?: string;
  decided?: { at: number; by: string; approved: boolean; reason?: string; org?: string };
}

const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/* With a new organisation, or into one that is there: those of the country are offered, the likest first. */
function Approve({ r, onClose }: { r: JoinRequest; onClose: () => void }): VNode {
  const [found] = useAsked(() => orgs({ country: r.country }), [r.id]);
  const [org, setOrg] = useState<string | null>(null);
  const [region, setRegion] = useState(r.region ?? "");
  const same = found?.find((o) => fold(o.name) === fold(r.org));
  const chosen = org ?? same?.id ?? "";
  const likely = (o: Org) => Number(fold(o.name).includes(fold(r.org)) || fold(r.org).includes(fold(o.name)) || (o.city !== undefined && fold(o.city) === fold(r.city ?? "")));
  const others = (found ?? []).slice().sort((a, b) => likely(b) - likely(a) || a.name.localeCompare(b.name));
  return (
    <Sheet
      title={t("req.approve")}
      submit={t("req.approve")}
      lacks={region || chosen ? "" : t("manage.region")}
      conflict={t("req.conflict")}
      onClose={onClose}
      act={async () => {
        await write("request.decide", { request: r.id, approve: true, ...(chosen ? { org: chosen } : {}), ...(region !== (r.region ?? "") ? { region } : {}) });
        notice(t("req.approved", { name: r.name }));
      }}
    >
      <p dir="auto">{t("req.approve.text", { email: r.email })}</p>
      <Choice
        label={t("org.title")}
        value={chosen}
        of={[["", t("req.new", { name: r.org })], ...others.map((o): [string, string] => [o.id, `${o.name} · ${placeOf(o)}`])]}
        onChoose={setOrg}
      />
      {state.value.me?.role === "admin" && (
        <Choice
          label={t("manage.region")}
          hint={t(r.region ? "req.region" : "req.region.none")}
          value={region}
          of={[...(r.region ? [] : [["", t("form.choose")] as [string, string]]), ...regionsOf()]}
          onChoose={setRegion}
        />
      )}
    </Sheet>
  );
}

function Refuse({ r, onClose }: { r: JoinRequest; onClose: () => void }): VNode {
  const [reason, setReason] = useState("");
  return (
    <Sheet
      title={t("req.refuse")}
      submit={t("req.refuse")}
      lacks=""
      conflict={t("req.conflict")}
      onClose={onClose}
      act={async () => {
        await write("request.decide", { request: r.id, approve: false, ...(reason.trim() ? { reason: reason.trim() } : {}) });
        notice(t("req.refused", { name: r.name }));
      }}
    >
      <p>{t("req.refuse.text")}</p>
      <Text label={t("req.reason")} value={reason} max={500} onText={setReason} />
    </Sheet>
  );
}

function Card({ r, again }: { r: JoinRequest; again: () => void }): VNode {
  const s = state.value;
  const [asking, setAsking] = useState<"" | "yes" | "no">("");
  const done = () => {
    setAsking("");
    again();
  };
  const website = r.website && /^https?:\/\//.test(r.website) ? r.website : "";
  return (
    <li class="card matter">
      <h2 dir="auto">{r.org}</h2>
      <p class="meta" dir="auto">
        {[t(`org.${r.kind}`), placeOf(r), regionName(s.regions[r.region ?? ""]), (r.langs ?? []).map(languageName).join(", ")].filter(Boolean).join(" · ")}
      </p>
      <p dir="auto">{[r.name, r.title].filter(Boolean).join(", ")}</p>
      <p>
        <a href={mailTo(r.email)} rel="self" dir="ltr">
          {r.email}
        </a>{" "}
        · {languageName(r.lang)} · <Time at={r.at} />
      </p>
      {r.website && (website ? <a href={website} rel="noreferrer noopener" target="_blank">{r.website}</a> : <p dir="auto">{r.website}</p>)}
      {r.text && <blockquote dir="auto">{r.text}</blockquote>}
      {r.member && <p class="note">{t("req.member", { name: nameOf(s, r.member) })}</p>}
      {r.decided ? (
        <p class="meta" dir="auto">
          {t(r.decided.approved ? "req.was.approved" : "req.was.refused")} · <Time at={r.decided.at} />
          {r.decided.reason && ` · ${r.decided.reason}`}
          {r.decided.org && (
            <>
              {" "}
              · <a href={href.org(r.decided.org)}>{t("org.title")}</a>
            </>
          )}
        </p>
      ) : (
        <div class="buttons">
          <button class="primary" aria-haspopup="dialog" aria-label={`${t("req.approve")}${t("punct.colon")}${r.org}`} onClick={() => setAsking("yes")}>
            {t("req.approve")}
          </button>
          <button class="soft danger" aria-haspopup="dialog" aria-label={`${t("req.refuse")}${t("punct.colon")}${r.org}`} onClick={() => setAsking("no")}>
            {t("req.refuse")}
          </button>
        </div>
      )}
      {asking === "yes" && <Approve r={r} onClose={done} />}
      {asking === "no" && <Refuse r={r} onClose={done} />}
    </li>
  );
}

const PAGE = 100;
const asked = (decided: boolean, next?: number): Promise<JoinRequest[]> =>
  call<{ requests: JoinRequest[] }>("request.list", { decided, ...(next ? { next } : {}) }).then((r) => r.requests);
const heads = (decided: boolean): string[] => [
  ...[t("req.at"), t("org.title"), t("org.kind"), t("org.city"), t("lib.country"), t("manage.region"), t("org.langs"), t("manage.name"), t("door.ask.role"), t("bulk.email")],
  ...[t("me.language"), t("door.ask.website"), t("door.ask.why")],
  ...(decided ? [t("bulk.state"), t("req.decided.at"), t("manage.reason")] : []),
];
const cells = (r: JoinRequest): Cell[] => [
  ...[dayOf(r.at), r.org, t(`org.${r.kind}`), r.city, r.country, regionName(state.value.regions[r.region ?? ""]), (r.langs ?? []).map(languageName).join(", "), r.name, r.title, r.email],
  ...[languageName(r.lang), r.website, r.text],
  ...(r.decided ? [t(r.decided.approved ? "req.was.approved" : "req.was.refused"), dayOf(r.decided.at), r.decided.reason] : []),
];

export function RequestsTab(): VNode {
  const [decided, setDecided] = useState(false);
  const [more, setMore] = useState<JoinRequest[]>([]);
  const [first, note, again] = useAsked(() => asked(decided).then((got) => (setMore([]), got)), [decided]);
  const list = first && [...first, ...more].filter((r) => !decided === !r.decided);
  return (
    <>
      <div class="filters" role="group" aria-label={t("desk.requests")}>
        {[false, true].map((d) => (
          <button key={String(d)} class="toggle" aria-pressed={d === decided} onClick={() => setDecided(d)}>
            {t(d ? "queue.decided" : "queue.open")}
          </button>
        ))}
      </div>
      <div class="buttons manage">
        <Csv name="requests" rows={async () => [heads(decided), ...(await pages<JoinRequest>(PAGE, (last) => asked(decided, last?.id))).map(cells)]} />
      </div>
      {note}
      {list?.length === 0 && (
        <Empty title={t("req.none")}>
          <p>{t("req.none.text")}</p>
        </Empty>
      )}
      <ul class="matters">{list?.map((r) => <Card key={r.id} r={r} again={again} />)}</ul>
      {list && list.length > 0 && (first!.length + more.length) % PAGE === 0 && (
        <p class="center">
          <button class="soft" onClick={() => void asked(decided, list.at(-1)!.id).then((next) => setMore([...more, ...next]), (e: unknown) => notice(whyNot(e)))}>
            {t("action.more")}
          </button>
        </p>
      )}
    </>
  );
}

/* What came of a write, in words. */
export const whyNot = (e: unknown): string =>
  t(e instanceof RpcError && (e.code === "forbidden" || e.code === "not_found") ? "manage.forbidden" : "error.notdone");
