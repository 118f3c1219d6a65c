/* deskpeople.tsx: members, invitations, and what keeps people from coming in, for those who look after them. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { notice, state } from "../app";
import { call, dispatch } from "../core";
import { pages, type Cell } from "../csv";
import { day, regionName, t } from "../i18n";
import { href } from "../router";
import type { Member, Params, Role } from "../types";
import { BulkSheet } from "./bulk";
import { useAsked } from "./desk";
import { Csv, dayOf } from "./deskcsv";
import { regionsOf, write } from "./deskorgs";
import { EraseSheet } from "./erasing";
import { Choice, Sheet, Text } from "./forms";
import { PersonSheet } from "./later";
import { Empty, Initials, nameOf, Time } from "./parts";
import { whyNot } from "./requests";

interface Kept {
  member: string;
  org?: string;
  seen?: number;
  posted?: number;
  unreachable?: true;
  refused?: number;
  why?: string;
  failed?: number;
}
const PAGE = 100;
async function kept(p: Params): Promise<Kept[]> {
  const r: { people: Kept[]; members: Member[] } = await call("desk.members", { limit: PAGE, ...p });
  dispatch({ type: "members", members: r.members });
  return r.people;
}
const keptAll = (p: Params): Promise<Kept[]> => pages<Kept>(PAGE, (last) => kept({ ...p, ...(last ? { before: last.member } : {}) }));

/* What keeps somebody out, in words. */
const troubleOf = (k: Kept): string[] =>
  [
    k.unreachable && t("desk.unreachable"),
    k.refused !== undefined && t("desk.refused", { n: k.refused }),
    k.why,
    k.failed !== undefined && t("desk.failed", { n: k.failed }),
  ].filter((x): x is string => typeof x === "string");
const personHeads = (): string[] =>
  [t("manage.name"), t("manage.handle"), t("manage.role"), t("manage.org"), t("manage.city"), t("lib.country"), t("manage.region"), t("desk.seen"), t("desk.trouble")];
const personCells = (k: Kept): Cell[] => {
  const s = state.value;
  const m = s.members[k.member];
  return [m?.name, m?.handle, m && t(`role.${m.role}`), m?.org, m?.city, m?.country, regionName(s.regions[m?.region ?? ""]), dayOf(k.seen), troubleOf(k).join(" · ")];
};

const ROLES: Role[] = ["guest", "member", "moderator", "admin"];

/* A role of the hub, or of a region. */
function RoleSheet({ id, onClose }: { id: string; onClose: () => void }): VNode {
  const s = state.value;
  const isHubs = s.me?.role === "admin";
  const [where, setWhere] = useState(isHubs ? "" : (regionsOf()[0]?.[0] ?? ""));
  const [role, setRole] = useState<string>(s.members[id]?.role ?? "member");
  const [reason, setReason] = useState("");
  return (
    <Sheet
      title={`${t("manage.role")}${t("punct.colon")}${nameOf(s, id)}`}
      submit={t("manage.roles.do")}
      lacks=""
      onClose={onClose}
      act={async () => {
        await write("member.role", { member: id, role, ...(where ? { region: where } : {}), ...(reason.trim() ? { reason: reason.trim() } : {}) });
        notice(t("manage.roles.done"));
      }}
    >
      <Choice label={t("manage.where")} value={where} of={[...(isHubs ? [["", s.hub?.name ?? ""] as [string, string]] : []), ...regionsOf()]} onChoose={setWhere} />
      <Choice label={t("manage.role")} value={role} of={ROLES.map((r) => [r, t(`role.${r}`)])} onChoose={setRole} />
      <Text label={t("manage.reason")} value={reason} max={200} onText={setReason} />
    </Sheet>
  );
}

function Row({ k, again }: { k: Kept; again: () => void }): VNode | null {
  const s = state.value;
  const [open, setOpen] = useState<"" | "person" | "role" | "erase">("");
  const m = s.members[k.member];
  const name = nameOf(s, k.member);
  const trouble = troubleOf(k);
  if (m?.former && open === "") return null;   /* they left since */
  return (
    <li>
      <Initials id={k.member} />
      <span>
        <button class="link" aria-haspopup="dialog" dir="auto" onClick={() => setOpen("person")}>
          {name}
        </button>
        <span class="meta" dir="auto">
          {[m && `@${m.handle}`, m && t(`role.${m.role}`), regionName(s.regions[m?.region ?? ""])].filter(Boolean).join(" · ")}
        </span>
        {m?.org && (k.org ? <a href={href.org(k.org)} dir="auto">{m.org}</a> : <span class="meta" dir="auto">{m.org}</span>)}
        <span class="meta">{k.seen ? <>{t("desk.seen")} <Time at={k.seen} /></> : t("desk.unseen")}</span>
        {trouble.length > 0 && <span class="error" dir="auto">{trouble.join(" · ")}</span>}
      </span>
      <span class="buttons">
        <button class="soft small" aria-haspopup="dialog" aria-label={`${t("manage.role")}${t("punct.colon")}${name}`} onClick={() => setOpen("role")}>
          {t("manage.role")}
        </button>
        {s.me?.role === "admin" && k.member !== s.me.id && m && (
          <button class="soft small danger" aria-haspopup="dialog" aria-label={`${t("erase.title")}${t("punct.colon")}${name}`} onClick={() => setOpen("erase")}>
            {t("erase.short")}
          </button>
        )}
      </span>
      {open === "person" && <PersonSheet id={k.member} room="" onClose={() => setOpen("")} />}
      {open === "erase" && <EraseSheet id={k.member} onClose={() => setOpen("")} />}
      {open === "role" && (
        <RoleSheet
          id={k.member}
          onClose={() => {
            setOpen("");
            again();
          }}
        />
      )}
    </li>
  );
}

export function MembersTab(): VNode {
  const [words, setWords] = useState("");
  const [region, setRegion] = useState("");
  const [role, setRole] = useState("");
  const [only, setOnly] = useState("");
  const [more, setMore] = useState<Kept[]>([]);
  const [turn, setTurn] = useState(0);
  const asked: Params = {
    ...(words.trim() ? { text: words.trim() } : {}),
    ...(region ? { region } : {}),
    ...(role ? { role } : {}),
    ...(only ? { only } : {}),
  };
  const [first, note, again] = useAsked(() => kept(asked).then((list) => (setMore([]), list)), [words, region, role, only, turn]);
  const all = [...(first ?? []), ...more];
  const any: [string, string] = ["", t("desk.all")];
  return (
    <>
      <div class="form desk-narrow">
        <Text label={t("tab.search")} value={words} onText={setWords} />
        <Choice label={t("manage.region")} value={region} of={[any, ...regionsOf()]} onChoose={setRegion} />
        <Choice label={t("manage.role")} value={role} of={[any, ...ROLES.map((r): [string, string] => [r, t(`role.${r}`)])]} onChoose={setRole} />
        <Choice label={t("desk.only")} value={only} of={[any, ["inactive", t("desk.inactive")], ["unreachable", t("desk.unreachable")]]} onChoose={setOnly} />
      </div>
      <div class="buttons manage">
        <Csv name="members" rows={async () => [personHeads(), ...(await keptAll(asked)).map(personCells)]} />
      </div>
      {note}
      {first && all.length === 0 && <Empty title={t("desk.nobody")} />}
      <ul class="desk-list">{all.map((k) => <Row key={k.member} k={k} again={again} />)}</ul>
      {first && (more.length === 0 ? first : more).length % PAGE === 0 && all.length > 0 && (
        <p class="center">
          <button class="soft" onClick={() => void kept({ ...asked, before: all.at(-1)!.member }).then((next) => (next.length ? setMore([...more, ...next]) : setTurn(turn + 1)))}>
            {t("action.more")}
          </button>
        </p>
      )}
    </>
  );
}

/* ---- Invitations: of all, for admins of the hub; else one's own. */
interface Invitation {
  id: string;
  by?: string;
  by_name?: string;
  role: Role;
  email?: string;
  org_name?: string;
  room_name?: string;
  region_name?: string;
  said?: { name?: string };
  until: number;
  uses: number;
  used: number;
  at: number;
}
const INVITATIONS = 200;   /* of one page */
const invitations = (all: boolean, next?: string): Promise<Invitation[]> =>
  call<{ invitations: Invitation[] }>("invite.list", { all, ...(next ? { next } : {}) }).then((r) => r.invitations);
const isOpen = (i: Invitation): boolean => i.used < i.uses && i.until > Date.now();
const stateOf = (i: Invitation, now: number): string =>
  i.used >= i.uses ? t("inv.used") : isOpen(i) ? t("inv.open", { n: i.uses - i.used, time: day(i.until, now) }) : t("inv.over");
/* Neither the code nor the id: who has the file can neither use nor take back what is in it. */
const invitationHeads = (): string[] =>
  [t("bulk.email"), t("org.title"), t("inv.room"), t("manage.region"), t("manage.role"), t("inv.from"), t("req.at"), t("inv.until"), t("inv.uses"), t("inv.taken"), t("bulk.state")];
const invitationCells = (i: Invitation): Cell[] => {
  const what = i.email ?? i.org_name ?? i.room_name ?? i.region_name ?? t("inv.link");
  const name = i.by_name ?? state.value.hub?.name;
  return [i.email ?? (what === t("inv.link") ? what : ""), i.org_name, i.room_name, i.region_name, t(`role.${i.role}`), name, dayOf(i.at), dayOf(i.until), i.uses, i.used,
    i.used >= i.uses ? t("inv.used") : isOpen(i) ? t("inv.opened") : t("inv.over")];
};

export function InvitationsTab(): VNode {
  const s = state.value;
  const [bulk, setBulk] = useState(false);
  const [error, setError] = useState("");
  const [more, setMore] = useState<Invitation[]>([]);
  const everyones = s.me?.role === "admin";
  const [first, note, again] = useAsked(() => invitations(everyones).then((got) => (setMore([]), got)), []);
  const list = first && [...first, ...more];
  const mayGoOn = first !== null && first.length === INVITATIONS && (more.length === 0 || more.length % INVITATIONS === 0);
  const drop = (id: string) => {
    setError("");
    void call("invite.drop", { id }).then(again, (e: unknown) => setError(whyNot(e)));
  };
  const now = Date.now();
  return (
    <>
      <div class="buttons manage">
        <button class="soft" aria-haspopup="dialog" onClick={() => setBulk(true)}>
          {t("bulk.title")}
        </button>
        <Csv name="invitations" rows={async () => [invitationHeads(), ...(await pages<Invitation>(INVITATIONS, (last) => invitations(everyones, last?.id))).map(invitationCells)]} />
      </div>
      {bulk && (
        <BulkSheet
          onClose={() => {
            setBulk(false);
            again();
          }}
        />
      )}
      <p class="error" role="alert">{error}</p>
      {note}
      {list?.length === 0 && <Empty title={t("inv.none")} />}
      <ul class="desk-list">
        {list?.map((i) => {
          const open = isOpen(i);
          const what = i.email ?? i.org_name ?? i.room_name ?? i.region_name ?? t("inv.link");
          return (
            <li key={i.id}>
              <span>
                <b dir="auto">{[i.said?.name, what].filter(Boolean).join(" · ")}</b>
                <span class="meta" dir="auto">
                  {[t(`role.${i.role}`), what !== i.org_name && i.org_name, i.room_name, i.region_name].filter(Boolean).join(" · ")}
                </span>
                <span class="meta" dir="auto">
                  {t("inv.by", { name: i.by_name ?? s.hub?.name ?? "" })} <Time at={i.at} /> ·{" "}
                  {stateOf(i, now)}
                </span>
              </span>
              {open && (
                <span class="buttons">
                  <button class="soft small danger" aria-label={`${t("inv.drop")}${t("punct.colon")}${what}`} onClick={() => drop(i.id)}>
                    {t("inv.drop")}
                  </button>
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {mayGoOn && (
        <p class="center">
          <button class="soft" onClick={() => void invitations(everyones, list!.at(-1)!.id).then((next) => setMore([...more, ...next]), (e: unknown) => setError(whyNot(e)))}>
            {t("action.more")}
          </button>
        </p>
      )}
    </>
  );
}

/* ---- What keeps people from coming in. */
export function TroubleTab(): VNode {
  const kinds = ["bounces", "failed", "unreachable"] as const;
  const [lists, note, again] = useAsked(() => Promise.all(kinds.map((only) => kept({ only }))), []);
  const titleOf = (kind: (typeof kinds)[number]) => t(kind === "failed" ? "desk.failed.title" : `desk.${kind}`);
  const table = async () => {
    const rows: Cell[][] = [];
    for (const kind of kinds) rows.push(...(await keptAll({ only: kind })).map((k) => [titleOf(kind), ...personCells(k)]));
    return [[t("desk.only"), ...personHeads()], ...rows];
  };
  return (
    <>
      <div class="buttons manage">
        <Csv name="sign-in" rows={table} />
      </div>
      {note}
      {lists &&
        kinds.map((kind, i) => (
          <section key={kind}>
            <h2 class="desk-head">{titleOf(kind)}</h2>
            <p class="note">{t(`desk.${kind}.text`)}</p>
            {lists[i]!.length === 0 && <p class="note">{t("desk.nobody")}</p>}
            <ul class="desk-list">{lists[i]!.map((k) => <Row key={k.member} k={k} again={again} />)}</ul>
          </section>
        ))}
    </>
  );
}
