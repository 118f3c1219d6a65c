/* filters.tsx: what narrows a search: folded away, and what is set as chips that can be taken off. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { findMembers, now, state } from "../app";
import { call, dispatch } from "../core";
import { FILTERS, type Asked, type Filter } from "../finding";
import { LANGS, languageName, regionName, t, type Key, type Lang } from "../i18n";
import { bring, there, type Files } from "../later";
import { fold } from "../local";
import type { State } from "../store";
import type { Member, Room } from "../types";
import { Icon, nameOf, place } from "./parts";

type Change = (next: Asked) => void;
interface Props {
  asked: Asked;
  change: Change;
}

const LABELS: Record<Filter, Key> = {
  region: "search.region",
  room: "search.room",
  kind: "search.kind",
  lang: "search.lang",
  by: "search.by",
  year: "search.year",
  file: "search.file",
  theme: "lib.theme",
};
const YEARS = 10;
const KINDS: Record<string, Key> = {
  question: "ask.question",
  discussion: "ask.discussion",
  resource: "search.resource",
  chat: "thread.lobby",
};

/* The library's own file, which knows the themes and what is kept: brought once it is wanted. */
export function useLibrary(isWanted: boolean): Files["library"] | undefined {
  const [, setCome] = useState(there.library !== undefined);
  const online = state.value.line === "open";
  useEffect(() => {
    if (!isWanted) return;
    let current = true;
    bring("library").then(
      (library) => {
        void library.loadThemes();
        if (current) setCome(true);
      },
      () => {
        /* a theme goes by its own word then */
      },
    );
    return () => {
      current = false;
    };
  }, [isWanted, online]);
  return there.library;
}

function valueOf(s: State, filter: Filter, value: string): string {
  switch (filter) {
    case "region":
      return regionName(s.regions[value]) || "…";
    case "room":
      return s.rooms[value]?.name ?? "…";
    case "kind":
      return KINDS[value] ? t(KINDS[value]) : value;
    case "lang":
      return languageName(value);
    case "by":
      return nameOf(s, value);
    case "theme":
      return there.library?.themeName(value) ?? value;
    default:
      return value;
  }
}

/* Each filter that is set, in words. */
function told(s: State, asked: Asked, f: Filter): string {
  const label = t(LABELS[f]);
  return f === "file" ? label : `${label}${t("punct.colon")}${valueOf(s, f, asked[f]!)}`;
}
export const narrowed = (s: State, asked: Asked): string[] =>
  FILTERS.filter((f) => asked[f]).map((f) => told(s, asked, f));

const without = (asked: Asked, filter: Filter): Asked => {
  const next = { ...asked };
  delete next[filter];
  return next;
};

function Choice({
  asked,
  change,
  filter,
  any,
  children,
}: Props & { filter: Filter; any: Key; children: VNode | (VNode | false)[] }): VNode {
  return (
    <label>
      {t(LABELS[filter])}
      <select
        name={filter}
        value={asked[filter] ?? ""}
        onChange={(ev) => {
          const { value } = ev.currentTarget;
          change(value ? { ...asked, [filter]: value } : without(asked, filter));
        }}
      >
        <option value="">{t(any)}</option>
        {children}
      </select>
    </label>
  );
}

export function Filters({ asked, change }: Props): VNode {
  const s = state.value;
  const set = FILTERS.filter((f) => asked[f]).length;
  const thisYear = new Date(now.value).getUTCFullYear();
  const years = Array.from({ length: YEARS }, (_, i) => String(thisYear - i));
  if (asked.year && !years.includes(asked.year)) years.push(asked.year);
  /* A room of another region would find nothing. */
  const inRegion = (r: Room) => !asked.region || r.region === asked.region;
  const langs = new Set([...Object.keys(LANGS), ...(asked.lang ? [asked.lang] : [])]);
  const [isOpen, setOpen] = useState(false);
  const themes = useLibrary(isOpen)?.themeOptions() ?? [];
  return (
    <details class="narrow" onToggle={(ev) => setOpen(ev.currentTarget.open)}>
      <summary class="quiet">
        {t("search.filters")}
        {set > 0 && (
          <>
            {" "}
            <span class="badge" aria-hidden="true">
              {set}
            </span>
            <span class="sr">{t("search.filters.set", { n: set })}</span>
          </>
        )}
      </summary>
      <div class="form">
        <Choice
          asked={asked}
          change={(next) => {
            const isHome = !next.region || s.rooms[next.room ?? ""]?.region === next.region;
            change(isHome ? next : without(next, "room"));
          }}
          filter="region"
          any="search.allregions"
        >
          {Object.values(s.regions).map((g) => (
            <option key={g.id} value={g.id}>
              {regionName(g)}
            </option>
          ))}
        </Choice>
        <Choice asked={asked} change={change} filter="room" any="search.allrooms">
          {Object.values(s.regions).map((g) => (
            <optgroup key={g.id} label={regionName(g)}>
              {Object.values(s.rooms)
                .filter((r) => r.region === g.id && inRegion(r))
                .map((r) => (
                  <option key={r.id} value={r.id}>
                    {r.name}
                  </option>
                ))}
            </optgroup>
          ))}
        </Choice>
        <Choice asked={asked} change={change} filter="kind" any="search.any">
          {Object.entries(KINDS).map(([kind, key]) => (
            <option key={kind} value={kind}>
              {t(key)}
            </option>
          ))}
        </Choice>
        <Choice asked={asked} change={change} filter="theme" any="search.allthemes">
          {[
            ...themes,
            asked.theme !== undefined && !themes.some((o) => o.key === asked.theme) && (
              <option key={asked.theme} value={asked.theme}>
                {valueOf(s, "theme", asked.theme)}
              </option>
            ),
          ]}
        </Choice>
        <Choice asked={asked} change={change} filter="lang" any="search.alllangs">
          {[...langs].map((l) => (
            <option key={l} value={l}>
              {LANGS[l as Lang] ?? languageName(l)}
            </option>
          ))}
        </Choice>
        <Choice asked={asked} change={change} filter="year" any="search.anyyear">
          {years.map((y) => (
            <option key={y} value={y}>
              {y}
            </option>
          ))}
        </Choice>
        <Person choose={(m) => change({ ...asked, by: m.id })} />
        <label class="check">
          <input
            type="checkbox"
            name="file"
            checked={asked.file !== undefined}
            onChange={(ev) => change(ev.currentTarget.checked ? { ...asked, file: "1" } : without(asked, "file"))}
          />
          {t("search.file")}
        </label>
      </div>
    </details>
  );
}

/* What is set; each can be taken off. */
export function Chips({ asked, change }: Props): VNode | null {
  const s = state.value;
  const by = asked.by;
  const isUnknown = by !== undefined && !s.members[by];
  useLibrary(asked.theme !== undefined);
  useEffect(() => {
    if (!isUnknown || s.line !== "open") return;
    call("member.list", { ids: [by] }).then(
      (r) => dispatch({ type: "members", members: r.members }),
      () => {
        /* the chip stays without a name */
      },
    );
  }, [by, isUnknown, s.line]);
  const set = FILTERS.filter((f) => asked[f]);
  if (set.length === 0) return null;
  const off = (next: Asked) => () => {
    change(next);
    document.querySelector<HTMLElement>(".narrow summary")?.focus();
  };
  return (
    <ul class="chosen" aria-label={t("search.filters")}>
      {set.map((f) => {
        const text = told(s, asked, f);
        return (
          <li key={f}>
            <button class="toggle" aria-label={t("search.off", { what: text })} onClick={off(without(asked, f))}>
              <span dir="auto">{text}</span>
              <Icon name="close" />
            </button>
          </li>
        );
      })}
      {set.length > 1 && (
        <li>
          <button class="quiet" onClick={off({ text: asked.text })}>
            {t("search.off.all")}
          </button>
        </li>
      )}
    </ul>
  );
}

const PERSON_AFTER_MS = 150;

/* Whose words: found by the beginning of a name. The focus stays in the field. */
function Person({ choose }: { choose: (m: Member) => void }): VNode {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = usePeople(text.trim());
  const accept = (m: Member) => {
    dispatch({ type: "members", members: [m] });
    setText("");
    choose(m);
  };
  return (
    <label class="field-of">
      {t("search.by")}
      <span class="field">
        <input
          type="text"
          name="by"
          dir="auto"
          role="combobox"
          autocomplete="off"
          aria-autocomplete="list"
          aria-expanded={list.length > 0}
          aria-controls="search-who"
          aria-activedescendant={list.length > 0 ? `search-who-${at}` : undefined}
          placeholder={t("search.by.field")}
          value={text}
          onInput={(ev) => {
            setText(ev.currentTarget.value);
            setAt(0);
          }}
          onBlur={() => setText("")}
          onKeyDown={(ev) => {
            const step = ev.key === "ArrowDown" ? 1 : ev.key === "ArrowUp" ? -1 : 0;
            if (step && list.length > 0) setAt((at + step + list.length) % list.length);
            else if (ev.key === "Enter" && list[at]) accept(list[at]);
            else if (ev.key === "Escape" && text !== "") setText("");
            else return;
            ev.preventDefault();
          }}
        />
        <ul class="suggest below" role="listbox" id="search-who" aria-label={t("search.by")} hidden={list.length === 0}>
          {list.map((m, i) => (
            <li
              key={m.id}
              id={`search-who-${i}`}
              role="option"
              aria-selected={i === at}
              onPointerDown={(ev) => {
                ev.preventDefault();
                accept(m);
              }}
            >
              <b dir="auto">{m.name}</b> <span class="meta" dir="auto">@{m.handle}</span>{" "}
              <span class="meta" dir="auto">
                {place(m)}
              </span>
            </li>
          ))}
        </ul>
      </span>
    </label>
  );
}

function usePeople(prefix: string): Member[] {
  const [list, setList] = useState<Member[]>([]);
  const online = state.value.line === "open";
  useEffect(() => {
    if (prefix === "") return setList([]);
    const known = Object.values(state.value.members).filter((m) =>
      [m.handle, ...m.name.split(" ")].some((w) => fold(w).startsWith(fold(prefix))),
    );
    if (!online) return setList(known.slice(0, 6));
    let current = true;
    const timer = setTimeout(() => {
      findMembers(prefix).then(
        (found) => current && setList(found),
        () => current && setList(known.slice(0, 6)),
      );
    }, PERSON_AFTER_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [prefix, online]);
  return prefix === "" ? [] : list;
}
