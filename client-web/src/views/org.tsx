/* org.tsx: an organisation and who acts for it: all read it, its delegates and admins keep it in order. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { notice, now, state } from "../app";
import { call, dispatch } from "../core";
import { languageName, regionName, t } from "../i18n";
import { href } from "../router";
import { RpcError, type Member, type Org, type OrgMember } from "../types";
import { BulkSheet } from "./bulk";
import { useAsked } from "./desk";
import { Csv, dayOf } from "./deskcsv";
import { OrgForm, placeOf, write } from "./deskorgs";
import { Sheet } from "./forms";
import { InvitePeople, PersonSheet } from "./later";
import { Empty, Initials, nameOf, Time } from "./parts";
import { Person } from "./pick";
import { isAdmin } from "./post";
import { Page } from "./shell";

const YEAR_MS = 365 * 86_400_000;

interface Whole {
  org: Org;
  people: OrgMember[];
}
async function read(id: string): Promise<Whole | "none"> {
  let org = id;
  if (id === "mine") {
    const { orgs } = await call<{ orgs: Org[] }>("org.list", { member: state.value.me!.id });
    if (!orgs[0]) return "none";
    org = orgs[0].id;
  }
  const r: Whole & { members: Member[] } = await call("org.get", { org });
  dispatch({ type: "members", members: r.members });
  return r;
}

function AddColleague({ org, onClose }: { org: string; onClose: () => void }): VNode {
  const [chosen, setChosen] = useState("");
  return (
    <Sheet
      title={t("org.add")}
      submit={t("org.add")}
      lacks={chosen ? "" : t("manage.who")}
      conflict={t("org.elsewhere")}
      act={() => write("org.member", { org, member: chosen })}
      onClose={onClose}
    >
      <Person chosen={chosen} onChoose={setChosen} />
    </Sheet>
  );
}

/* Who still works there, ticked; who is not any more is taken out one by one. */
function Confirm({ whole, onClose }: { whole: Whole; onClose: () => void }): VNode {
  const [ticked, setTicked] = useState(whole.people.map((p) => p.member));
  return (
    <Sheet
      title={t("org.confirm")}
      submit={t("org.confirm.do")}
      lacks={ticked.length ? "" : t("manage.who")}
      act={async () => {
        await write("org.confirm", { org: whole.org.id, members: ticked.slice(0, 100) });
        notice(t("org.confirmed"));
      }}
      onClose={onClose}
    >
      <p>{t("org.confirm.text")}</p>
      {whole.people.map(({ member }) => (
        <label key={member} class="check">
          <input
            type="checkbox"
            checked={ticked.includes(member)}
            onChange={(ev) => setTicked(ev.currentTarget.checked ? [...ticked, member] : ticked.filter((m) => m !== member))}
          />
          <span dir="auto">{nameOf(state.value, member)}</span>
        </label>
      ))}
    </Sheet>
  );
}

function Row({ p, whole, again }: { p: OrgMember; whole: Whole; again: () => void }): VNode {
  const s = state.value;
  const [open, setOpen] = useState(false);
  const [error, setError] = useState("");
  const admin = isAdmin(s);
  const name = nameOf(s, p.member);
  const act = (more: Record<string, boolean>) => {
    setError("");
    void write("org.member", { org: whole.org.id, member: p.member, ...more }).then(again, (e: unknown) =>
      setError(t(e instanceof RpcError && e.code === "forbidden" ? "manage.forbidden" : "error.notdone")),
    );
  };
  const isMe = p.member === s.me?.id;
  const mayDrop = admin || isMe || (whole.org.delegate && !p.delegate);
  const drop = t(isMe ? "org.leave" : "org.drop");
  return (
    <li>
      <Initials id={p.member} />
      <span>
        <button class="link" aria-haspopup="dialog" dir="auto" onClick={() => setOpen(true)}>
          {name}
        </button>
        <span class="meta">
          {p.delegate && <b>{t("org.delegate")} · </b>}
          {t("org.since")} <Time at={p.since} />
          {(admin || whole.org.delegate) && now.value - p.confirmed_at > YEAR_MS && <> · {t("org.unconfirmed")}</>}
        </span>
        <span class="error" role="alert">
          {error}
        </span>
      </span>
      <span class="buttons">
        {admin && (
          <button class="soft small" aria-label={`${t(p.delegate ? "org.delegate.end" : "org.delegate.make")}${t("punct.colon")}${name}`} onClick={() => act({ delegate: !p.delegate })}>
            {t(p.delegate ? "org.delegate.end" : "org.delegate.make")}
          </button>
        )}
        {mayDrop && (
          <button class="quiet small" aria-label={`${drop}${t("punct.colon")}${name}`} onClick={() => act({ gone: true })}>
            {drop}
          </button>
        )}
      </span>
      {open && <PersonSheet id={p.member} room="" onClose={() => setOpen(false)} />}
    </li>
  );
}

export function OrgView({ org: id }: { org: string }): VNode {
  const s = state.value;
  const [sheet, setSheet] = useState<"" | "invite" | "edit" | "add" | "confirm" | "bulk">("");
  const [got, note, again] = useAsked(() => read(id), [id]);
  const whole = got === "none" ? null : got;
  const o = whole?.org;
  const mayKeep = o && (o.delegate || isAdmin(s));
  const close = () => {
    setSheet("");
    again();
  };
  const facts: [string, string][] = o
    ? [
        [t("org.kind"), t(`org.${o.kind}`)],
        [t("org.place"), [placeOf(o), o.size ? t(`org.size.${o.size}` as "org.size.small") : ""].filter(Boolean).join(" · ")],
        [t("manage.region"), regionName(s.regions[o.region ?? ""])],
        [t("org.langs"), (o.langs ?? []).map(languageName).join(", ")],
        [t("org.contact"), o.contact ?? ""],
      ]
    : [];
  return (
    <Page title={o?.name ?? t("org.title")} back={isAdmin(s) ? href.desk("orgs") : href.me}>
      {note}
      {got === "none" && <Empty title={t("org.nowhere")} />}
      {o && whole && (
        <>
          <dl class="facts org-facts">
            {facts
              .filter(([, text]) => text)
              .map(([name, text]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd dir="auto">{text}</dd>
                </div>
              ))}
          </dl>
          {mayKeep && (
            <div class="buttons manage">
              <button class="primary" aria-haspopup="dialog" onClick={() => setSheet("invite")}>
                {t("invite.colleagues")}
              </button>
              {(["edit", "add", "confirm", "bulk"] as const).map((x) => (
                <button key={x} class="soft" aria-haspopup="dialog" onClick={() => setSheet(x)}>
                  {t(x === "edit" ? "lib.change" : x === "add" ? "org.add" : x === "bulk" ? "bulk.title" : "org.confirm")}
                </button>
              ))}
              <Csv
                name="organisation"
                rows={() => [
                  [t("manage.name"), t("manage.handle"), t("org.delegate"), t("org.since"), t("org.confirmed.at")],
                  ...whole.people.map((p) => [nameOf(s, p.member), s.members[p.member]?.handle, p.delegate ? t("org.delegate") : "", dayOf(p.since), dayOf(p.confirmed_at)]),
                ]}
              />
            </div>
          )}
          {sheet === "invite" && <InvitePeople org={o} onClose={close} />}
          {sheet === "edit" && <OrgForm of={o} own={!isAdmin(s)} onClose={close} />}
          {sheet === "add" && <AddColleague org={o.id} onClose={close} />}
          {sheet === "confirm" && <Confirm whole={whole} onClose={close} />}
          {sheet === "bulk" && <BulkSheet org={o.id} onClose={close} />}
          <h2 class="desk-head">{t("org.people", { n: whole.people.length })}</h2>
          <ul class="org-people">
            {whole.people.map((p) => (
              <Row key={p.member} p={p} whole={whole} again={again} />
            ))}
          </ul>
        </>
      )}
    </Page>
  );
}
