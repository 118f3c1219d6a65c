/* profile.tsx: one person: what they say of themselves to me, and what they wrote where I may read it. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { state } from "../app";
import { lastSeen, read, wishAddress, type Person, type Whole } from "../folk";
import { languageName, list, regionName, t, type Key } from "../i18n";
import { href } from "../router";
import { loadThemes, themeName } from "../shelf";
import { RpcError, type Member, type Role } from "../types";
import { ClearSheet } from "./clearing";
import { countryName } from "./country";
import { PersonSheet, WriteTo } from "./later";
import { Empty, Failed, Initials, Skeleton } from "./parts";
import { ThreadRow } from "./rows";
import { Page } from "./shell";

const RANK: Role[] = ["guest", "member", "moderator", "admin"];
const whereOf = (m: Member): string => [m.city, m.country && countryName(m.country)].filter(Boolean).join(", ");

/* In the order in which they help to decide whether to ask. */
export function Facts({ person: { member: m, profile: p }, org }: { person: Person; org?: string }): VNode {
  const s = state.value;
  const facts: [Key, string][] = [
    ["profile.can", [p.can, list((p.can_themes ?? []).map(themeName))].filter(Boolean).join("\n")],
    ["profile.seeks", p.seeks ?? ""],
    ["profile.themes", list((p.themes ?? []).map(themeName))],
    ["profile.languages", list((p.languages ?? [m.lang]).map(languageName))],
    ["profile.about", p.about ?? ""],
    ["profile.org", m.org ?? ""],
    ["profile.city", [whereOf(m), p.size && t(`org.size.${p.size}`)].filter(Boolean).join(" · ")],
    ["profile.region", regionName(s.regions[m.region ?? ""])],
    ["profile.contact", p.contact ?? ""],
  ];
  return (
    <dl class="facts profile-facts">
      {facts
        .filter(([, text]) => text)
        .map(([key, text]) => (
          <div key={key}>
            <dt>{t(key)}</dt>
            <dd dir="auto">{key === "profile.org" && org ? <a href={href.org(org)}>{text}</a> : text}</dd>
          </div>
        ))}
    </dl>
  );
}

/* Without a line: as they stood in the directory that was seen last. */
async function seenOf(who: string): Promise<Person | null> {
  const seen = await lastSeen();
  return seen?.people.find((p) => p.member.id === who || p.member.handle === who) ?? null;
}

export function PersonView({ who }: { who: string }): VNode {
  const s = state.value;
  const [whole, setWhole] = useState<Whole | null>(null);
  const [seen, setSeen] = useState<Person | null>(null);
  const [failed, setFailed] = useState("");
  const [turn, setTurn] = useState(0);
  const [sheet, setSheet] = useState<"" | "ask" | "more" | "clear">("");
  const offline = s.line === "down";
  useEffect(() => void loadThemes(), [s.line === "open"]);
  useEffect(() => {
    if (s.line !== "open") return void (offline && seenOf(who).then(setSeen));
    let current = true;
    setFailed("");
    read(who).then(
      (got) => current && (got ? setWhole(got) : setFailed("not_found")),
      (e: unknown) => current && setFailed(e instanceof RpcError ? e.told : "internal"),
    );
    return () => {
      current = false;
    };
  }, [who, turn, s.line]);
  const person = whole ?? seen;
  const m = person && (s.members[person.member.id] ?? person.member);
  const isMe = m?.id === s.me?.id;
  const mine = RANK.indexOf(s.me?.role ?? "guest");
  const mayClear = m && !isMe && whole && mine >= RANK.indexOf("moderator") && mine > RANK.indexOf(m.role) && Object.keys(whole.profile).length > 0;
  return (
    <Page title={m?.name ?? t("profile.title")} back={href.people}>
      {failed && <Failed code={failed} again={() => setTurn(turn + 1)} />}
      {!person && !failed && (offline ? <Empty title={t("profile.offline")} /> : <Skeleton rows={4} />)}
      {person && m && (
        <>
          <section class="person profile-head">
            <Initials id={m.id} />
            <div>
              {person.profile.title && (
                <p dir="auto">
                  <b>{person.profile.title}</b>
                </p>
              )}
              <p class="meta" dir="auto">
                {[`@${m.handle}`, t(`role.${m.role}`), m.org].filter(Boolean).join(" · ")}
              </p>
            </div>
          </section>
          <div class="buttons manage">
            {isMe ? (
              <a class="button soft" href={href.profile}>
                {t("profile.edit")}
              </a>
            ) : (
              <>
                <button class={person.peers ? "primary" : "soft"} aria-haspopup="dialog" disabled={offline} onClick={() => setSheet("ask")}>
                  {t("ask.person")}
                </button>
                <button class="quiet" aria-haspopup="dialog" onClick={() => setSheet("more")}>
                  {t("action.more.person")}
                </button>
                {mayClear && (
                  <button class="quiet" aria-haspopup="dialog" disabled={offline} onClick={() => setSheet("clear")}>
                    {t("clear.title")}
                  </button>
                )}
              </>
            )}
          </div>
          {person.peers && !isMe && <p class="note">{t("profile.peers.theirs", { name: m.name })}</p>}
          {offline && <p class="note">{t("people.offline.one")}</p>}
          <Facts person={{ ...person, member: m }} org={whole?.org} />
          {whole && <Contributions whole={whole} />}
          {!isMe && m.city && (
            <p class="center">
              <a class="button soft small" href={wishAddress({ city: m.city })}>{t("peers.city", { city: m.city })}</a>
            </p>
          )}
          {sheet === "ask" && <WriteTo id={m.id} onClose={() => setSheet("")} />}
          {sheet === "clear" && <ClearSheet id={m.id} name={m.name} profile={whole!.profile} onClose={() => setSheet("")} done={() => setTurn(turn + 1)} />}
          {sheet === "more" && <PersonSheet id={m.id} room="" onClose={() => setSheet("")} />}
        </>
      )}
    </Page>
  );
}

function Contributions({ whole: { wrote, threads } }: { whole: Whole }): VNode | null {
  const s = state.value;
  if (wrote.posts === 0) return null;
  return (
    <section class="group">
      <header>
        <h2>{t("profile.wrote")}</h2>
      </header>
      <p class="note">
        {[
          t("profile.posts", { n: wrote.posts }),
          wrote.answers > 0 && t("profile.answers", { n: wrote.answers }),
          wrote.resources > 0 && t("profile.resources", { n: wrote.resources }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <ul class="rows">
        {threads.map((th) => (
          <ThreadRow key={th.id} s={s} thread={th} room />
        ))}
      </ul>
    </section>
  );
}
