/* peers.tsx: whom one could ask: by a question of one's own, or by words, a theme, a city; and why they are proposed. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { openThread, state } from "../app";
import { peers, SIGNS, wishAddress, wishOf, type Peer, type PeerCity, type Sign, type Why, type Wish } from "../folk";
import { languageName, t, type Key } from "../i18n";
import { go, href } from "../router";
import { loadThemes, themeName } from "../shelf";
import { RpcError } from "../types";
import { countryName } from "./country";
import { PersonRow } from "./directory";
import { themeOptions } from "./fields";
import { WriteTo } from "./later";
import { Empty, Failed, Skeleton } from "./parts";
import { Page } from "./shell";

/* Each reason as a sentence, the weightiest first. */
const reasons = (why: Why, theme: string | undefined, lang: string | undefined): string[] =>
  SIGNS.filter((sign) => why[sign] && (sign !== "theme" || !why.can_theme)).map((sign) =>
    t(`why.${sign}` as Key, { n: why[sign]!, theme: theme ? themeName(theme) : "", lang: lang ? languageName(lang) : "" }),
  );

function Reasons({ of }: { of: Pick<Peer, "why" | "theme" | "lang"> }): VNode {
  return (
    <ul class="reasons">
      {reasons(of.why, of.theme, of.lang).map((x) => (
        <li key={x} dir="auto">
          {x}
        </li>
      ))}
    </ul>
  );
}

/* Of a city only what is said of the city itself, or of its best member without their name. */
const CITY_SIGNS: Sign[] = ["can_theme", "accepted", "resources", "theme", "size", "region"];

function CityRow({ c }: { c: PeerCity }): VNode {
  const why = Object.fromEntries(CITY_SIGNS.filter((x) => c.why[x]).map((x) => [x, c.why[x]])) as Why;
  return (
    <li>
      <a data-row class="row" href={wishAddress({ city: c.city, theme: c.theme })}>
        <span class="row-title" dir="auto">
          {c.city}
          {c.country && `, ${countryName(c.country)}`}
        </span>
        <span class="row-side meta">{t("people.count", { n: c.people })}</span>
        <Reasons of={{ why, theme: c.theme }} />
      </a>
    </li>
  );
}

export function PeersView({ q }: { q: string }): VNode {
  const s = state.value;
  const wish = wishOf(q);
  const key = wishAddress(wish);
  const [found, setFound] = useState<{ key: string; people: Peer[]; cities: PeerCity[] } | null>(null);
  const [failed, setFailed] = useState("");
  const [turn, setTurn] = useState(0);
  const [asking, setAsking] = useState<Peer | null>(null);
  const title = wish.thread && s.threads[wish.thread]?.title;
  useEffect(() => void loadThemes(), [s.line === "open"]);
  useEffect(() => {
    if (s.line !== "open") return;
    let current = true;
    setFailed("");
    if (wish.thread && !s.threads[wish.thread]) void openThread(wish.thread);
    peers(wish).then(
      (r) => current && setFound({ key, ...r }),
      (e: unknown) => current && setFailed(e instanceof RpcError ? e.told : "internal"),
    );
    return () => {
      current = false;
    };
  }, [key, turn, s.line === "open"]);
  const all = found?.key === key ? found : null;
  return (
    <Page title={t("peers.find")} back={wish.thread ? href.thread(wish.thread) : href.people}>
      {title ? (
        <p class="note" dir="auto">
          {t("peers.for", { title })}
        </p>
      ) : (
        <Asked wish={wish} />
      )}
      {failed && <Failed code={failed} again={() => setTurn(turn + 1)} />}
      {!all && !failed && (s.line === "down" ? <Empty title={t("peers.offline")} /> : <Skeleton rows={5} />)}
      {all && (
        <p class="sr" role="status">
          {t("people.count", { n: all.people.length })}
        </p>
      )}
      {all?.people.length === 0 && (
        <Empty title={t("peers.none")}>
          <p>{t("peers.none.text")}</p>
          <p>
            <a class="button soft" href={href.ask("")}>
              {t("ask.title")}
            </a>
          </p>
          <p>
            <a class="button soft" href={href.profile}>
              {t("peers.offer")}
            </a>
          </p>
        </Empty>
      )}
      <ul class="rows peers">
        {all?.people.map((p) => (
          <li key={p.member.id} class="with-action">
            <ul>
              <PersonRow p={p}>
                <Reasons of={p} />
              </PersonRow>
            </ul>
            <button class="soft" aria-haspopup="dialog" aria-label={t("ask.person.title", { name: p.member.name })} onClick={() => setAsking(p)}>
              {t("peers.ask")}
            </button>
          </li>
        ))}
      </ul>
      {all && all.cities.length > 0 && (
        <section class="group">
          <header>
            <h2>{t("peers.cities")}</h2>
          </header>
          <ul class="rows">
            {all.cities.map((c) => (
              <CityRow key={c.city} c={c} />
            ))}
          </ul>
        </section>
      )}
      {asking && (
        <WriteTo
          id={asking.member.id}
          about={wish.thread}
          words={title ? t("ask.person.about", { title }) : undefined}
          onClose={() => setAsking(null)}
        />
      )}
    </Page>
  );
}

function Asked({ wish }: { wish: Wish }): VNode {
  const words = useRef<HTMLInputElement>(null);
  const city = useRef<HTMLInputElement>(null);
  const to = (part: Wish) => go(wishAddress({ ...wish, text: words.current?.value.trim(), city: city.current?.value.trim(), ...part }), true);
  return (
    <form
      class="form peers-form"
      role="search"
      onSubmit={(ev) => {
        ev.preventDefault();
        to({});
      }}
    >
      <p>{t("peers.text")}</p>
      <label>
        {t("peers.words")}
        <input ref={words} dir="auto" maxLength={100} defaultValue={wish.text ?? ""} />
      </label>
      <div class="pair">
        <label>
          {t("lib.theme")}
          <select value={wish.theme ?? ""} onChange={(ev) => to({ theme: ev.currentTarget.value })}>
            <option value="">{t("lib.any")}</option>
            {themeOptions()}
          </select>
        </label>
        <label>
          {t("lib.city")}
          <input ref={city} dir="auto" maxLength={80} defaultValue={wish.city ?? ""} />
        </label>
      </div>
      <button class="soft">{t("search.go")}</button>
    </form>
  );
}
