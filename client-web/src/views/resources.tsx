/* resources.tsx: the library, to walk through and to narrow down. What is chosen is part of the address. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { state } from "../app";
import { kept, mayKeep, readKept, type Kept } from "../kept";
import { languageName, regionName, t, type Key } from "../i18n";
import { fold } from "../local";
import { go, href } from "../router";
import {
  addressOf,
  collections,
  facetsOf,
  filtersOf,
  FILTERS,
  languagesOf,
  list,
  loadThemes,
  pageSize,
  renewed,
  themeName,
  themes,
  treeOf,
  typeOf,
  TYPES,
  type Filters,
  type Rows,
} from "../shelf";
import { RpcError, type Collection, type Facets, type Fields, type Resource } from "../types";
import { countryName } from "./country";
import { themeOptions } from "./fields";
import { CollectionsSheet, ThemesSheet } from "./later";
import { passFocus } from "./focus";
import { TypeIcon } from "./typeicon";
import { Empty, Failed, Icon, roomAccent, Skeleton } from "./parts";
import { isModerator } from "./post";
import { Page } from "./shell";
import { kindOf, sizeOf } from "./size";

interface Shown extends Rows {
  key: string;
}
/* What was shown last stands there at once for who comes back to it. */
let last: Shown | null = null;

/* Without a line: those that are on the device, by the same words. */
function keptFor(f: Filters): Resource[] {
  const words = fold(f.text ?? "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const rooms = state.value.rooms;
  return Object.values(kept.value)
    .filter((k: Kept) => {
      const { fields: x, title, file, room } = k.resource;
      const said = fold([title, file?.name, x.city, x.source, ...k.posts.map((p) => p.text)].join(" "));
      const parents = (x.themes ?? []).flatMap((s) => [s, themes.value.find((th) => th.slug === s)?.parent]);
      return (
        words.every((w) => said.includes(w)) &&
        (!f.region || rooms[room]?.region === f.region) &&
        (!f.room || room === f.room) &&
        (!f.theme || parents.includes(f.theme)) &&
        (!f.city || x.city === f.city) &&
        (!f.country || x.country === f.country) &&
        (!f.language || languagesOf(x).includes(f.language)) &&
        (!f.year || x.year === Number(f.year)) &&
        (!f.type || typeOf(k.resource) === f.type) &&
        (!f.collection || k.collections.some((c) => c.id === f.collection))
      );
    })
    .map((k) => k.resource)
    .sort((a, b) => b.at - a.at);
}

export function ResourcesView({ q }: { q: string }): VNode {
  const s = state.value;
  const f = filtersOf(q);
  const key = addressOf(f);
  const online = s.line !== "down";
  const here = !online || f.kept !== undefined;
  const [shown, setShown] = useState<Shown | null>(last?.key === key ? last : null);
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const [turn, setTurn] = useState(0);
  const told = (error: unknown) => setFailed(error instanceof RpcError ? error.told : "internal");
  useEffect(() => {
    void loadThemes();
    void readKept();
  }, [s.line === "open"]);
  useEffect(() => {
    setFailed("");
    if (shown?.key !== key) setShown(null);
    if (here || s.line !== "open") return;
    let current = true;
    list(f).then((resources) => {
      if (!current) return;
      last = { key, ...renewed(last?.key === key ? last : null, resources, pageSize()) };
      setShown(last);
    }, told);
    return () => {
      current = false;
    };
  }, [key, here, turn, s.line === "open"]);
  const more = () => {
    if (!shown || busy) return;
    setBusy(true);
    list(f, shown.resources.at(-1)?.thread)
      .then((next) => {
        const here = new Set(shown.resources.map((r) => r.thread));
        last = { key, resources: [...shown.resources, ...next.filter((r) => !here.has(r.thread))], more: next.length >= pageSize() };
        setShown(last);
      }, told)
      .finally(() => setBusy(false));
  };
  const all = here ? keptFor(f) : shown?.resources;
  const isNarrow = Object.keys(f).some((name) => name !== "kept");
  return (
    <Page title={t("tab.resources")} actions={<Add room={f.room ?? ""} />}>
      <Narrow f={f} here={here} online={online} />
      {!online && <p class="note">{t("lib.offline")}</p>}
      {failed && !here && <Failed code={failed} again={() => setTurn(turn + 1)} />}
      {!all && !failed && <Skeleton rows={6} />}
      {all && (
        <p class="sr" role="status">
          {t("lib.count", { n: all.length })}
        </p>
      )}
      {all?.length === 0 && (
        <Empty title={t(here && !isNarrow ? "lib.kept.none" : isNarrow ? "lib.none" : "lib.empty")}>
          <p>{t(here && !isNarrow ? "lib.kept.none.text" : isNarrow ? "lib.none.text" : "lib.empty.text")}</p>
          {isNarrow && (
            <p>
              <a class="button soft" href={href.resources}>
                {t("lib.all")}
              </a>
            </p>
          )}
        </Empty>
      )}
      {f.text && !here && online && (
        <p>
          <a href={`${href.search}?kind=resource&q=${encodeURIComponent(f.text)}`}>{t("lib.inside", { words: f.text })}</a>
        </p>
      )}
      <ul class="rows">
        {all?.map((r) => (
          <ResourceRow key={r.thread} r={r} />
        ))}
      </ul>
      {shown?.more && !here && (
        <p class="center">
          <button class="soft" disabled={busy} onClick={more}>
            {t("action.more")}
          </button>
        </p>
      )}
    </Page>
  );
}

/* A resource is a thread: it is begun where threads are. */
function Add({ room }: { room: string }): VNode {
  return (
    <a class="button primary ask" href={`${href.ask(room)}?kind=resource`}>
      <Icon name="plus" />
      {t("lib.add")}
    </a>
  );
}

export const whatOf = (x: Fields): string[] => [
  languagesOf(x).map(languageName).join(", "),
  [x.city, x.country && !x.city ? countryName(x.country) : ""].filter(Boolean).join(", "),
  x.year ? String(x.year) : "",
  x.licence ?? "",
];

function ResourceRow({ r }: { r: Resource }): VNode {
  const s = state.value;
  const room = s.rooms[r.room];
  const { file, fields } = r;
  const type = typeOf(r);
  return (
    <li>
      <a data-row class={`row resource ${roomAccent(s, room)}`} href={href.thread(r.thread)}>
        <TypeIcon type={type} />
        <span class="row-title" dir="auto">
          {r.title || t("thread.untitled")}
        </span>
        <span class="row-side meta" dir="auto">
          <span>{file ? kindOf(file.type) || t("libtype.other") : t("libtype.link")}</span>
          {file && <span>{sizeOf(file.bytes)}</span>}
        </span>
        <span class="meta" dir="auto">
          {whatOf(fields).filter(Boolean).join(" · ") || room?.name}
        </span>
        {((fields.themes?.length ?? 0) > 0 || kept.value[r.thread]) && (
          <span class="flags">
            {kept.value[r.thread] && (
              <span class="chip ok">
                <Icon name="check" />
                {t("keep.here")}
              </span>
            )}
            {fields.themes?.map((x) => (
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
function Narrow({ f, here, online }: { f: Filters; here: boolean; online: boolean }): VNode {
  const s = state.value;
  const field = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [facets, setFacets] = useState<Facets | null>(null);
  const [groups, setGroups] = useState<Collection[]>([]);
  const [sheet, setSheet] = useState<"" | "collections" | "themes">("");
  const [turn, setTurn] = useState(0);
  const ready = s.line === "open";
  useEffect(() => {
    if (!ready) return;
    facetsOf(f).then(setFacets, () => setFacets(null));
  }, [f.region, f.room, ready]);
  useEffect(() => {
    if (ready) collections().then(setGroups, () => setGroups([]));
  }, [ready, turn]);
  useEffect(() => {
    if (field.current) field.current.value = f.text ?? "";
  }, [f.text]);
  const to = (part: Filters): string => addressOf({ ...f, ...part });
  const names: Record<string, (v: string) => string> = {
    theme: themeName,
    region: (v) => regionName(s.regions[v]),
    room: (v) => s.rooms[v]?.name ?? "…",
    language: languageName,
    country: countryName,
    type: (v) => ((TYPES as readonly string[]).includes(v) ? t(`libtype.${v}` as Key) : v),
    collection: (v) => groups.find((c) => c.id === v)?.title ?? "…",
    text: String,
  };
  const active = FILTERS.filter((name) => f[name]);
  const tree = treeOf(themes.value, facets?.themes ?? []);
  const inside = tree.find((b) => b.slug === f.theme || b.children.some((c) => c.slug === f.theme));
  const about = groups.find((c) => c.id === f.collection)?.about;
  const shelf = (inside ? inside.children : tree).filter((b) => b.count > 0);
  const choice = (name: keyof Filters, label: Key, options: [string, string][]) =>
    (options.length > 0 || f[name]) && (
      <label key={name}>
        {t(label)}
        <select value={f[name] ?? ""} onChange={(ev) => go(to({ [name]: ev.currentTarget.value }), true)}>
          <option value="">{t("lib.any")}</option>
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
  const passOn = (ev: { currentTarget: HTMLElement }) => passFocus(ev.currentTarget, () => document.querySelector<HTMLElement>(".picked.active a"));
  const moderates = isModerator(s) || Object.keys(s.rooms).some((id) => isModerator(s, id));
  return (
    <>
      <form
        class="shelf"
        role="search"
        onSubmit={(ev) => {
          ev.preventDefault();
          go(to({ text: field.current?.value.trim() }));
        }}
      >
        <input ref={field} type="search" dir="auto" aria-label={t("lib.search")} placeholder={t("lib.search")} defaultValue={f.text ?? ""} />
        <button class="soft">{t("search.go")}</button>
        <div class="buttons">
          <button type="button" class="toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t("lib.filters")}
            {active.length > 0 && ` (${active.length})`}
            <Icon name="down" />
          </button>
          {mayKeep() && online && (
            <button type="button" class="toggle" aria-pressed={f.kept !== undefined} onClick={() => go(to({ kept: f.kept ? "" : "1" }), true)}>
              {t("keep.here")}
            </button>
          )}
          {moderates && online && (
            <>
              <button type="button" class="quiet" aria-haspopup="dialog" onClick={() => setSheet("collections")}>
                {t("lib.collections")}
              </button>
              {isModerator(s) && (
                <button type="button" class="quiet" aria-haspopup="dialog" onClick={() => setSheet("themes")}>
                  {t("lib.themes")}
                </button>
              )}
            </>
          )}
        </div>
        {open && (
          <div class="shelf-all form">
            <label>
              {t("lib.theme")}
              <select value={f.theme ?? ""} onChange={(ev) => go(to({ theme: ev.currentTarget.value }), true)}>
                <option value="">{t("lib.any")}</option>
                {themeOptions([], (slug) => tree.flatMap((b) => [b, ...b.children]).find((b) => b.slug === slug)?.count ?? 0)}
              </select>
            </label>
            {choice("region", "lib.region", Object.values(s.regions).map((g) => [g.id, regionName(g)]))}
            {choice(
              "room",
              "ask.room",
              Object.values(s.rooms)
                .filter((r) => !r.with && (!f.region || r.region === f.region))
                .map((r) => [r.id, r.name]),
            )}
            {choice("city", "lib.city", counted(facets?.cities, (x) => x.city, (v) => v))}
            {choice("language", "lib.language", counted(facets?.languages, (x) => x.lang, languageName))}
            {choice("year", "lib.year", counted(facets?.years, (x) => String(x.year), (v) => v))}
            {choice("type", "lib.type", counted(facets?.types, (x) => x.type, names.type!))}
            {choice(
              "collection",
              "lib.collection",
              groups.filter((c) => !f.region || c.region === f.region).map((c) => [c.id, `${c.title} (${c.count})`]),
            )}
          </div>
        )}
      </form>
      {active.length > 0 && (
        <ul class="picked active" aria-label={t("lib.filters")}>
          {active.map((name) => (
            <li key={name}>
              <a class="button soft small" href={to({ [name]: "" })} aria-label={t("lib.without", { what: (names[name] ?? String)(f[name]!) })} onClick={pass}>
                <span dir="auto">{(names[name] ?? String)(f[name]!)}</span>
                <Icon name="close" />
              </a>
            </li>
          ))}
          {active.length > 1 && (
            <li>
              <a class="button quiet small" href={href.resources} onClick={pass}>
                {t("lib.all")}
              </a>
            </li>
          )}
        </ul>
      )}
      {about && (
        <p class="note" dir="auto">
          {about}
        </p>
      )}
      {!here && shelf.length > 0 && (
        <nav class="themes" aria-label={t("lib.bytheme")}>
          <h2 dir="auto">{inside ? themeName(inside.slug) : t("lib.bytheme")}</h2>
          <ul>
            {shelf.map((b) => (
              <li key={b.slug}>
                <a href={to({ theme: b.slug })} aria-current={b.slug === f.theme || undefined} dir="auto" onClick={passOn}>
                  {themeName(b.slug)} <span class="meta">{b.count}</span>
                </a>
              </li>
            ))}
          </ul>
        </nav>
      )}
      {sheet === "collections" && (
        <CollectionsSheet
          onClose={() => {
            setSheet("");
            setTurn(turn + 1);
          }}
        />
      )}
      {sheet === "themes" && <ThemesSheet onClose={() => setSheet("")} />}
    </>
  );
}
