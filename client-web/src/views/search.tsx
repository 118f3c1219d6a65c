/* search.tsx: one box over everything that somebody may read here. What is looked for is the address. */
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { draft, keepDraft, state } from "../app";
import { dispatch } from "../core";
import { addressOf, makeNewest, makePace, readAsked, SLOW_MS, type Asked, type Clock } from "../finding";
import { keepFound, keptFound, search, type Found } from "../finds";
import { t } from "../i18n";
import { rows, screenKeys } from "../keys";
import { peopleLocal, searchLocal, type Shelf } from "../local";
import { there } from "../later";
import { saves } from "../prefs";
import { go, href, returnTo, takePlace } from "../router";
import type { State } from "../store";
import { Chips, Filters, useLibrary } from "./filters";
import { HitRow, People } from "./hits";
import { Empty, Icon, Failed, Skeleton } from "./parts";
import { Saved, SaveThis } from "./saved";
import { Page } from "./shell";

const clock: Clock = {
  set: (fn, ms) => setTimeout(fn, ms),
  clear: (handle) => clearTimeout(handle as any),
  now: () => Date.now(),
};
const newest = makeNewest<Found>(clock);

/* Nothing is asked for with each letter over a line that is slow or dear; the device itself costs nothing. */
function isThin(): boolean {
  const type = (navigator as any).connection?.effectiveType as string | undefined;
  return state.value.line !== "down" && (saves.value || /2g/.test(type ?? "") || newest.isSlow());
}

interface Shown {
  address: string;
  found?: Found;
  code?: string;
}

const shelf = (): Shelf => ({
  kept: Object.values(there.library?.kept.value ?? {}),
  themes: there.library?.themes.value ?? [],
});
const local = (s: State, asked: Asked): Found => ({
  hits: searchLocal(s, asked, shelf()),
  people: addressOf({ ...asked, text: "" }) === href.search ? peopleLocal(s, asked.text) : [],
  isLocal: true,
});

/* What was found for this address; what was found before stays until then. */
function useFound(asked: Asked, address: string) {
  const online = state.value.line !== "down";
  const [shown, setShown] = useState<Shown | null>(() => {
    const found = keptFound(address);
    return found && { address, found };
  });
  const onDevice = useLibrary(!online)?.kept.value;
  useEffect(() => {
    const members = Object.values(onDevice ?? {}).flatMap((k) => k.members);
    if (!online && members.length > 0) dispatch({ type: "members", members });
  }, [online, onDevice]);
  const [turn, setTurn] = useState(0);
  const turned = useRef(0);
  const tell = (found: Found) => {
    keepFound(address, found);
    setShown({ address, found });
  };
  useEffect(() => {
    const isThere = shown?.address === address && shown.found && !shown.found.isLocal;
    if (isThere && turned.current === turn) return;
    turned.current = turn;
    newest.drop();
    if (asked.text === "") return setShown(null);
    if (!online) return setShown({ address, found: local(state.value, asked) });
    newest.ask(
      () => search(asked),
      (told) => ("value" in told ? tell(told.value) : setShown((was) => ({ ...own(was), code: told.code }))),
    );
    /* Over a slow line the device tells what it has until the hub answers. */
    const own = (was: Shown | null): Shown => (was?.address === address ? was : { address });
    const timer = setTimeout(() => setShown((was) => ({ found: local(state.value, asked), ...own(was) })), SLOW_MS);
    return () => clearTimeout(timer);
  }, [address, turn, online, online || onDevice]);
  useEffect(() => () => newest.drop(), []);
  useLayoutEffect(() => {
    const place = takePlace();
    if (place && shown?.address === address) returnTo(place);
  }, [address]);
  const [further, setFurther] = useState(""); /* "…": asked for; else why the next page did not come */
  const more = () => {
    setFurther("…");
    newest.ask(
      () => search(asked, shown?.found),
      (told) => {
        setFurther("code" in told ? told.code : "");
        if ("value" in told) tell(told.value);
      },
    );
  };
  useEffect(() => setFurther(""), [address, turn]);
  return { shown, again: () => setTurn(turn + 1), more, further };
}

export function SearchView({ query }: { query: string }): VNode {
  const asked = readAsked(query);
  const address = addressOf(asked);
  const field = useRef<HTMLInputElement>(null);
  const { shown, again, more, further } = useFound(asked, address);
  const [text, setText] = useState(asked.text);
  const wanted = useRef(asked.text);
  const now = useRef(asked);
  now.current = asked;
  /* Each letter changes the entry that the first ones made: back leads to where somebody came from. */
  const pace = useMemo(
    () =>
      makePace(clock, isThin, (words) => {
        wanted.current = words;
        go(addressOf({ ...now.current, text: words }), now.current.text !== "");
      }),
    [],
  );
  useEffect(() => pace.stop, []);
  useEffect(() => {
    if (asked.text === "") field.current?.focus();
  }, []);
  useEffect(() => {
    if (asked.text === wanted.current) return;
    pace.stop();
    wanted.current = asked.text;
    setText(asked.text);
  }, [asked.text]);
  useEffect(() => {
    screenKeys["/"] = () => field.current?.select();
    return () => {
      delete screenKeys["/"];
    };
  }, []);

  const type = (words: string) => {
    setText(words);
    pace.typed(words);
  };
  const found = shown?.found;
  const isBusy = asked.text !== "" && shown?.address !== address;
  return (
    <Page title={t("tab.search")}>
      <form
        class="searchform"
        role="search"
        onSubmit={(ev) => {
          ev.preventDefault();
          if (text.trim() === asked.text) again();
          pace.enter(text);
        }}
      >
        <input
          ref={field}
          type="search"
          dir="auto"
          autocomplete="off"
          enterkeyhint="search"
          value={text}
          aria-label={t("search.field")}
          placeholder={t("search.field")}
          onInput={(ev) => type(ev.currentTarget.value)}
          onKeyDown={(ev) => {
            if (ev.key === "ArrowDown") step(ev);
            if (ev.key !== "Escape" || text === "") return;
            ev.preventDefault();
            type("");
          }}
        />
        <button class="primary" aria-label={t("search.go")}>
          <Icon name="search" />
        </button>
      </form>
      <Filters asked={asked} change={(next) => go(addressOf({ ...next, text: text.trim() }))} />
      <Chips asked={asked} change={(next) => go(addressOf({ ...next, text: text.trim() }))} />
      {isThin() && text.trim() !== asked.text && <p class="note">{t("search.enter")}</p>}
      {asked.text === "" && (
        <>
          <Saved />
          <Empty title={t("search.start")}>
            <p>{t("search.start.text")}</p>
          </Empty>
        </>
      )}
      {isBusy && !found && <Skeleton rows={4} />}
      {shown?.code && !isBusy && <SearchFailed code={shown.code} again={again} />}
      {asked.text !== "" && found && <Result {...{ found, asked, isBusy, again, more, further }} />}
      <Said text={found && !isBusy ? countOf(found) : ""} />
    </Page>
  );
}

/* Down into the hits, up again to the field; letters do the same where they are not switched off. */
function step(ev: KeyboardEvent): void {
  const field = document.querySelector<HTMLInputElement>(".searchform input");
  const all = rows();
  const at = all.findIndex((el) => el.contains(document.activeElement));
  const by = { ArrowDown: 1, ArrowUp: -1, Escape: -all.length }[ev.key];
  if (by === undefined || (ev.target as Element).closest("dialog")) return;
  const next = at + by < 0 ? field : all[at + by];
  if (!next) return;
  ev.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

const countOf = (found: Found): string =>
  t(found.next ? "search.count.more" : "search.count", { n: found.hits.length });

/* Said once the answers have come to rest, not with each letter. */
const SAID_AFTER_MS = 1_000;
function Said({ text }: { text: string }): VNode {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), SAID_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p class="sr" role="status">
      {said}
    </p>
  );
}

function SearchFailed({ code, again }: { code: string; again: () => void }): VNode {
  const isLate = /^(deadline|unavailable|rate_limited)/.test(code);
  if (!isLate) return <Failed code={code} again={again} />;
  return (
    <div class="failed" role="alert">
      <Icon name="clock" />
      <p>{t("search.late")}</p>
      <button class="soft" onClick={again}>
        {t("action.again")}
      </button>
    </div>
  );
}

interface Results {
  found: Found;
  asked: Asked;
  isBusy: boolean;
  again: () => void;
  more: () => void;
  further: string;
}
function Result({ found, asked, isBusy, again, more, further }: Results): VNode {
  const from = useRef(-1);
  useEffect(() => {
    if (from.current >= 0) rows()[from.current]?.focus({ preventScroll: true });
    from.current = -1;
  }, [found.hits.length]);
  /* Who asks by keys goes on at the first hit that comes. */
  const ask = (ev: MouseEvent) => {
    if (further === "…") return;
    from.current = ev.detail === 0 ? found.hits.length : -1;
    more();
  };
  const isNothing = found.hits.length + found.people.length === 0 && !found.next;
  return (
    <div aria-busy={isBusy} class={isBusy ? "busy" : undefined} onKeyDown={step}>
      {!found.isLocal && !isBusy && <SaveThis asked={asked} at={found.at ?? 0} again={again} />}
      {(found.isLocal || found.hits.length > 0) && (
        <p class="note">
          {found.isLocal && `${t(state.value.line === "down" ? "search.local" : "search.meanwhile")} `}
          {countOf(found)}
        </p>
      )}
      {isNothing && (
        <Empty title={t("search.none")}>
          <p>{t("search.none.text")}</p>
        </Empty>
      )}
      <People list={found.people} />
      <ul class="rows">
        {found.hits.map((h) => (
          <HitRow key={`${h.thread}/${h.post ?? ""}/${h.file ?? ""}`} hit={h} />
        ))}
      </ul>
      {found.next &&
        (further && further !== "…" ? (
          <SearchFailed code={further} again={more} />
        ) : (
          <p class="center">
            <button class="soft" aria-disabled={further !== ""} onClick={ask}>
              {t(further ? "state.loading" : "action.more")}
            </button>
          </p>
        ))}
      <AskThis asked={asked} isNothing={isNothing} />
    </div>
  );
}

const TITLE_CHARS = 200;
/* The words are the title of a new question; what was begun there before is kept as its text. */
function AskThis({ asked, isNothing }: { asked: Asked; isNothing: boolean }): VNode {
  const room = asked.room && state.value.rooms[asked.room]?.set?.posting !== "moderators" ? asked.room : "";
  const begin = () => {
    const title = asked.text.replace(/["“”«»]/g, "").slice(0, TITLE_CHARS);
    const old = draft(`ask:${room}`);
    const text = [old?.title !== title && old?.title, old?.text].filter(Boolean).join("\n\n");
    keepDraft(`ask:${room}`, { title, text, kind: "question" });
  };
  return (
    <p class="askthis">
      {!isNothing && <span class="meta">{t("search.notthere")}</span>}
      <a class="button soft" href={href.ask(room)} onClick={begin}>
        {t("search.askthis")}
      </a>
    </p>
  );
}
