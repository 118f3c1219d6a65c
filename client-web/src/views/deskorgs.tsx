/* deskorgs.tsx: organisations, to find, make and change. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { state } from "../app";
import { call, dispatch, random } from "../core";
import { pages } from "../csv";
import { languageName, LANGS, regionName, t } from "../i18n";
import { href } from "../router";
import type { Member, Org, OrgKind, OrgMember, Params } from "../types";
import { countries, countryName } from "./country";
import { useAsked } from "./desk";
import { Csv, dayOf } from "./deskcsv";
import { Choice, Sheet, Text } from "./forms";
import { accent, Empty, Icon, nameOf, Time } from "./parts";

export const KINDS: OrgKind[] = ["city", "government", "partner", "secretariat"];
const SIZES = ["small", "medium", "large", "mega"] as const;

export const write = (method: string, p: Params) => call(method, { ...p, cid: random() });

const PAGE = 100;
export const orgs = (p: Params = {}): Promise<Org[]> =>
  pages<Org>(PAGE, (last) => call<{ orgs: Org[] }>("org.list", { ...p, limit: PAGE, ...(last ? { before: last.id } : {}) }).then((r) => r.orgs));
export async function due(): Promise<OrgMember[]> {
  const r: { due: OrgMember[]; members: Member[] } = await call("org.due");
  dispatch({ type: "members", members: r.members });
  return r.due;
}

export const placeOf = (o: Pick<Org, "city" | "country">): string =>
  [o.city, countryName(o.country)].filter(Boolean).join(", ");
export const regionsOf = (): [string, string][] => Object.values(state.value.regions).map((g) => [g.id, regionName(g)]);

/* People whom nobody confirmed for a year, by their organisation. */
export function Due({ list }: { list: OrgMember[] }): VNode | null {
  if (list.length === 0) return null;
  return (
    <section class="card desk-due">
      <h2>{t("org.due", { n: list.length })}</h2>
      <ul>
        {list.map((x) => (
          <li key={x.member}>
            <a href={href.org(x.org)} dir="auto">
              {nameOf(state.value, x.member)} · {x.name}
            </a>{" "}
            <Time at={x.confirmed_at} />
          </li>
        ))}
      </ul>
    </section>
  );
}

export function OrgsTab(): VNode {
  const [kind, setKind] = useState("");
  const [region, setRegion] = useState("");
  const [words, setWords] = useState("");
  const [making, setMaking] = useState(false);
  const [got, note, again] = useAsked(() => Promise.all([orgs(), due()]), []);
  const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const shown = (got?.[0] ?? [])
    .filter((o) => (!kind || o.kind === kind) && (!region || o.region === region))
    .filter((o) => fold(`${o.name} ${o.city ?? ""} ${countryName(o.country)}`).includes(fold(words.trim())))
    .sort((a, b) => a.name.localeCompare(b.name));
  return (
    <>
      <div class="form desk-narrow">
        <Text label={t("tab.search")} value={words} onText={setWords} />
        <Choice label={t("org.kind")} value={kind} of={[["", t("desk.all")], ...KINDS.map((k): [string, string] => [k, t(`org.${k}`)])]} onChoose={setKind} />
        <Choice label={t("manage.region")} value={region} of={[["", t("desk.all")], ...regionsOf()]} onChoose={setRegion} />
      </div>
      <div class="buttons manage">
        <button class="soft" aria-haspopup="dialog" onClick={() => setMaking(true)}>
          <Icon name="plus" />
          {t("org.new")}
        </button>
        <Csv
          name="organisations"
          rows={() => [
            [t("manage.name"), t("org.kind"), t("org.city"), t("lib.country"), t("manage.region"), t("org.size"), t("org.langs"), t("desk.members")],
            ...shown.map((o) => [o.name, t(`org.${o.kind}`), o.city, o.country, regionName(state.value.regions[o.region ?? ""]), o.size && t(`org.size.${o.size}` as "org.size.small"),
              (o.langs ?? []).map(languageName).join(", "), o.members]),
          ]}
        />
        {got && got[1].length > 0 && (
          <Csv
            name="unconfirmed"
            label={t("org.due.csv")}
            rows={() => [
              [t("manage.name"), t("manage.handle"), t("org.title"), t("org.since"), t("org.confirmed.at")],
              ...got[1].map((x) => [nameOf(state.value, x.member), state.value.members[x.member]?.handle, x.name, dayOf(x.since), dayOf(x.confirmed_at)]),
            ]}
          />
        )}
      </div>
      {making && <OrgForm onClose={() => (setMaking(false), again())} />}
      {got && <Due list={got[1]} />}
      {note}
      {got && shown.length === 0 && <Empty title={t("org.none")} />}
      <ul class="rows">
        {shown.map((o) => (
          <li key={o.id}>
            <a class={`row ${accent(state.value.regions[o.region ?? ""]?.slug)}`} data-row href={href.org(o.id)}>
              <span class="row-title" dir="auto">
                {o.name}
              </span>
              <span class="meta" dir="auto">
                {[t(`org.${o.kind}`), placeOf(o), regionName(state.value.regions[o.region ?? ""]), t("org.people", { n: o.members })].filter(Boolean).join(" · ")}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

/* A new one, or what is said of one; of delegates only what is theirs to say. */
export function OrgForm({ of: o, own, onClose }: { of?: Org; own?: boolean; onClose: () => void }): VNode {
  const [x, setX] = useState({ kind: "city", name: "", country: "", city: "", region: "", contact: "", size: "", ...o, langs: o?.langs ?? [] });
  const put = (some: Partial<typeof x>) => setX({ ...x, ...some });
  const codes = [...new Set([...Object.keys(LANGS), ...x.langs])];
  const isCity = x.kind === "city";
  const lacks = own ? "" : x.name.trim() === "" ? t("manage.name") : x.country === "" ? t("lib.country") : isCity && x.city.trim() === "" ? t("manage.city") : "";
  return (
    <Sheet
      title={o?.name ?? t("org.new")}
      submit={t("action.save")}
      lacks={lacks}
      conflict={t("org.taken")}
      onClose={onClose}
      act={async () => {
        const said: Params = { contact: x.contact.trim(), langs: x.langs };
        if (!own) {
          Object.assign(said, { kind: x.kind, name: x.name.trim(), country: x.country });
          if (isCity && x.city.trim()) said.city = x.city.trim();
          if (isCity && x.size) said.size = x.size;
          if (x.region) said.region = x.region;
        }
        await (o ? write("org.set", { org: o.id, ...said }) : write("org.create", said));
      }}
    >
      {!own && (
        <>
          <Choice label={t("org.kind")} value={x.kind} of={KINDS.map((k) => [k, t(`org.${k}`)])} onChoose={(kind) => put({ kind })} />
          <Text label={t("manage.name")} value={x.name} onText={(name) => put({ name })} />
          <Choice label={t("lib.country")} value={x.country} of={[["", t("lib.none.short")], ...countries()]} onChoose={(country) => put({ country })} />
          {isCity && <Text label={t("manage.city")} value={x.city} onText={(city) => put({ city })} />}
          {isCity && (
            <Choice label={t("org.size")} value={x.size} of={[["", t("lib.none.short")], ...SIZES.map((k): [string, string] => [k, t(`org.size.${k}`)])]} onChoose={(size) => put({ size })} />
          )}
          <Choice label={t("manage.region")} value={x.region} of={[...(o?.region ? [] : [["", t("lib.none.short")] as [string, string]]), ...regionsOf()]} onChoose={(region) => put({ region })} />
        </>
      )}
      <label>
        {t("org.contact")}
        <textarea rows={3} maxLength={240} dir="auto" value={x.contact} onInput={(ev) => put({ contact: ev.currentTarget.value })} />
        <small>{t("org.contact.hint")}</small>
      </label>
      <fieldset>
        <legend>{t("org.langs")}</legend>
        {codes.map((code) => (
          <label key={code} class="check">
            <input
              type="checkbox"
              checked={x.langs.includes(code)}
              onChange={(ev) => put({ langs: ev.currentTarget.checked ? [...x.langs, code] : x.langs.filter((l) => l !== code) })}
            />
            {LANGS[code as keyof typeof LANGS] ?? code}
          </label>
        ))}
      </fieldset>
    </Sheet>
  );
}
