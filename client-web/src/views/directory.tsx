/* directory.tsx: who is here, to look through and to narrow down. What is chosen is part of the address. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { now, state } from "../app";
import { addressOf, facetsOf, filtersOf, FILTERS, keepSeen, lastSeen, list, PAGE, wishAddress, type Facets, type Filters, type Person, type Seen } from "../folk";
import { languageName, moment, regionName, t, type Key } from "../i18n";
import { fold } from "../local";
import { go, href } from "../router";
import { loadThemes, themeName } from "../shelf";
import { RpcError } from "../types";
import { countryName } from "./country";
import { themeOptions } from "./fields";
import { passFocus } from "./focus";
import { Empty, Failed, Icon, Initials, place, Skeleton } from "./parts";
import { Page } from "./shell";

interface Shown {
  key: string;
  people: Person[];
  more: boolean;
}
/* What was shown last stands there at once for who comes back to it. */
let last: Shown | null = null;

/* Without a line: those that were seen last, by the same words. */
const seenFor = (seen: Seen | null, f: Filters): Person[] => {
  const words = fold(`${f.text ?? ""} ${f.can ?? ""}`).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return (seen?.people ?? []).filter(({ member: m, profile: p }) => {
    const said = fold([m.name, m.handle, m.org, m.city, p.title, p.can, p.seeks, p.about].join(" "));
    return words.every((w) => said.includes(w));
  });
};

export function PeopleView({ q }: { q: string }): VNode {
  const s = state.value;
  const f = filtersOf(q);
  const key = addressOf(f);
  const offline = s.line === "down";
  const [shown, setShown] = useState<Shown | null>(last?.key === key ? last : null);
  const [seen, setSeen] = useState<Seen | null>(null);
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const [turn, setTurn] = useState(0);
  const told = (error: unknown) => setFailed(error instanceof RpcError ? error.told : "internal");
  const show = (people: Person[], more: boolean) => {
    last = { key, people, more };
    setShown(last);
    keepSeen(people);
  };
  useEffect(() => void loadThemes(), [s.line === "open"]);
  useEffect(() => {
    if (offline) void lastSeen().then(setSeen);
  }, [offline]);
  useEffect(() => {
    setFailed("");
    if (shown?.key !== key) setShown(null);
    if (s.line !== "open") return;
    let current = true;
    list(f).then((people) => current && show(people, people.length >= PAGE), (e: unknown) => current && told(e));
    return () => {
      current = false;
    };
  }, [key, turn, s.line === "open"]);
  const more = () => {
    if (!shown || busy) return;
    setBusy(true);
    list(f, shown.people.at(-1)?.member.id)
      .then((next) => show([...shown.people, ...next], next.length >= PAGE), told)
      .finally(() => setBusy(false));
  };
  const isHere = shown?.key === key;
  const all = isHere ? shown.people : offline ? seenFor(seen, f) : undefined;
  const isNarrow = Object.keys(f).length > 0;
  return (
    <Page
      title={t("tab.people")}
      actions={
        <a class="button primary ask" href={wishAddress({})}>
          {t("peers.find")}
        </a>
      }
    >
      <Narrow f={f} />
      {offline && !isHere && (
        <p class="note">{seen ? t("people.seen", { time: moment(seen.at, now.value) }) : t("people.offline")}</p>
      )}
      {failed && <Failed code={failed} again={() => setTurn(turn + 1)} />}
      {!all && !failed && <Skeleton rows={6} />}
      {all && (
        <p class="sr" role="status">
          {t("people.count", { n: all.length })}
        </p>
      )}
      {all?.length === 0 && !offline && (
        <Empty title={t("people.none")}>
          <p>{t("people.none.text")}</p>
          {isNarrow && (
            <p>
              <a class="button soft" href={href.people}>
                {t("lib.all")}
              </a>
            </p>
          )}
        </Empty>
      )}
      <ul class="rows">
        {all?.map((p) => (
          <PersonRow key={p.member.id} p={p} />
        ))}
      </ul>
      {isHere && shown.more && (
        <p class="center">
          <button class="soft" disabled={busy || offline} onClick={more}>
            {t("action.more")}
          </button>
        </p>
      )}
    </Page>
  );
}

export function PersonRow({ p, children }: { p: Person; children?: ComponentChildren }): VNode {
  const { member: m, profile } = p;
  const themes = [...new Set([...(profile.can_themes ?? []), ...(profile.themes ?? [])])];
  return (
    <li>
      <a data-row class="row person-row" href={href.person(m.id)}>
        <Initials id={m.id} />
        <span class="row-title" dir="auto">
          {m.name}
        </span>
        <span class="meta" dir="auto">
          {[profile.title, place(m) || (m.country && countryName(m.country))].filter(Boolean).join(" · ")}
        </span>
        {profile.can && !children && (
          <span class="row-text" dir="auto">
            {profile.can}
          </span>
        )}
        {children}
        {!children && (p.peers || themes.length > 0) && (
          <span class="flags">
            {p.peers && <span class="chip ok">{t("people.peers")}</span>}
            {themes.slice(0, 3).map((x) => (
              <span key={x} class="chip" dir="auto">
                {themeName(x)}
              </span>
            ))}
          </span>
        )}
      </a>
    </li>
  );
}

/* What the list can be narrowed to, and what it is narrowed to now. */
function Narrow({ f }: { f: Filters }): VNode {
  const s = state.value;
  const field = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [facets, setFacets] = useState<Facets | null>(null);
  const ready = s.line === "open" && open;
  useEffect(() => {
    if (ready) facetsOf(f.region).then(setFacets, () => setFacets(null));
  }, [f.region, ready]);
  useEffect(() => {
    if (field.current) field.current.value = f.text ?? "";
  }, [f.text]);
  const to = (part: Filters): string => addressOf({ ...f, ...part });
  const names: Partial<Record<keyof Filters, (v: string) => string>> = {
    theme: themeName,
    region: (v) => regionName(s.regions[v]) || "…",
    country: countryName,
    lang: languageName,
    can: (v) => `${t("profile.can")}${t("punct.colon")}${v}`,
  };
  const nameFor = (name: keyof Filters): string => (names[name] ?? String)(f[name]!);
  const active = FILTERS.filter((name) => f[name]);
  const choice = (name: keyof Filters, label: Key, options: [string, string][]) =>
    (options.length > 0 || f[name]) && (
      <label key={name}>
        {t(label)}
        <select value={f[name] ?? ""} onChange={(ev) => go(to({ [name]: ev.currentTarget.value }), true)}>
          <option value="">{t("lib.any")}</option>
          {f[name] && !options.some(([v]) => v === f[name]) && <option value={f[name]}>{nameFor(name)}</option>}
          {options.map(([value, text]) => (
            <option key={value} value={value} selected={value === f[name]}>
              {text}
            </option>
          ))}
        </select>
      </label>
    );
  const counted = <T,>(all: (T & { count: number })[] | undefined, value: (x: T) => string, text: (v: string) => string) =>
    (all ?? []).map((x): [string, string] => [value(x), `${text(value(x))} (${x.count})`]);
  const pass = (ev: { currentTarget: HTMLElement }) => passFocus(ev.currentTarget, () => document.querySelector<HTMLElement>(".shelf [aria-expanded]"));
  const can = useRef<HTMLInputElement>(null);
  return (
    <>
      <form
        class="shelf"
        role="search"
        onSubmit={(ev) => {
          ev.preventDefault();
          go(to({ text: field.current?.value.trim(), ...(can.current ? { can: can.current.value.trim() } : {}) }));
        }}
      >
        <input ref={field} type="search" dir="auto" maxLength={100} aria-label={t("people.search")} placeholder={t("people.search")} defaultValue={f.text ?? ""} />
        <button class="soft">{t("search.go")}</button>
        <div class="buttons">
          <button type="button" class="toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t("lib.filters")}
            {active.length > 0 && ` (${active.length})`}
            <Icon name="down" />
          </button>
          <a class="button quiet" href={href.talks}>
            {t("talks.title")}
          </a>
          <a class="button quiet" href={href.profile}>
            {t("profile.mine")}
          </a>
        </div>
        {open && (
          <div class="shelf-all form">
            <label>
              {t("profile.can")}
              <input ref={can} dir="auto" maxLength={100} defaultValue={f.can ?? ""} placeholder={t("people.can.field")} />
            </label>
            <label>
              {t("lib.theme")}
              <select value={f.theme ?? ""} onChange={(ev) => go(to({ theme: ev.currentTarget.value }), true)}>
                <option value="">{t("lib.any")}</option>
                {themeOptions([], (slug) => facets?.themes.find((x) => x.slug === slug)?.count ?? 0)}
              </select>
            </label>
            {choice("region", "lib.region", Object.values(s.regions).map((g) => [g.id, regionName(g)]))}
            {choice("country", "lib.country", counted(facets?.countries, (x) => x.country, countryName).filter(([v]) => /^[A-Z]{2}$/.test(v)))}
            {choice("city", "lib.city", counted(facets?.cities, (x) => x.city, String))}
            {choice("lang", "lib.language", counted(facets?.languages, (x) => x.lang, languageName))}
          </div>
        )}
      </form>
      {active.length > 0 && (
        <ul class="picked active" aria-label={t("lib.filters")}>
          {active.map((name) => (
            <li key={name}>
              <a class="button soft small" href={to({ [name]: "" })} aria-label={t("lib.without", { what: nameFor(name) })} onClick={pass}>
                <span dir="auto">{nameFor(name)}</span>
                <Icon name="close" />
              </a>
            </li>
          ))}
          {active.length > 1 && (
            <li>
              <a class="button quiet small" href={href.people} onClick={pass}>
                {t("lib.all")}
              </a>
            </li>
          )}
        </ul>
      )}
    </>
  );
}
