/* numbers.tsx: half a year in numbers, as plots and as one table, of the hub or of a region. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { state } from "../app";
import { call } from "../core";
import { lang, number, regionName, t } from "../i18n";
import type { Week } from "../types";
import { Choice } from "./forms";
import { useAsked } from "./desk";
import { Csv, dayOf } from "./deskcsv";

const HOUR = 3_600_000;
type Measure = "members" | "active" | "posts" | "questions" | "answered" | "first" | "accepted";
const MEASURES: Measure[] = ["members", "active", "posts", "questions", "answered", "first", "accepted"];
const titleOf = (m: Measure): string => t(`num.${m}`);

/* Hours to a tenth below ten, whole ones above. */
const hours = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : ms < 10 * HOUR ? Math.round((ms / HOUR) * 10) / 10 : Math.round(ms / HOUR);
const valueOf = (w: Week, m: Measure): number | undefined =>
  m === "first" ? hours(w.first_ms) : m === "accepted" ? hours(w.accepted_ms) : w[m];
const weekOf = (at: number): string =>
  new Intl.DateTimeFormat(lang.value, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(at);
const shown = (n: number | undefined): string => (n === undefined ? "–" : number(n));

const W = 260;
const H = 72;

/* A bar for each week; what it says stands in the table, too. */
function Plot({ weeks, measure: m }: { weeks: Week[]; measure: Measure }): VNode {
  const values = weeks.map((w) => valueOf(w, m));
  const most = Math.max(1, ...values.map((v) => v ?? 0));
  const wide = W / weeks.length;
  const last = values.filter((v) => v !== undefined).at(-1);
  return (
    <figure class="plot">
      <figcaption>
        <span>{titleOf(m)}</span>
        <b>{shown(last)}</b>
      </figcaption>
      <svg viewBox={`0 0 ${W} ${H}`} role="img" aria-label={t("num.plot", { what: titleOf(m), most: number(most) })}>
        <path class="plot-line" d={`M0 ${H - 0.5}H${W}`} />
        {values.map((v, i) =>
          v === undefined ? null : (
            <rect key={i} x={i * wide + 1} y={H - (v / most) * (H - 4)} width={wide - 2} height={(v / most) * (H - 4)}>
              <title>{`${weekOf(weeks[i]!.at)}${t("punct.colon")}${number(v)}`}</title>
            </rect>
          ),
        )}
      </svg>
    </figure>
  );
}

export function NumbersTab(): VNode {
  const s = state.value;
  const [scope, setScope] = useState<string | null>(null);
  const [all, note] = useAsked(() => call<{ weeks: Week[] }>("desk.numbers").then((r) => r.weeks), []);
  const scopes = [...new Set((all ?? []).map((w) => w.region ?? ""))];
  const at = scope ?? scopes[0] ?? "";
  const nameOf = (id: string) => (id ? regionName(s.regions[id]) : (s.hub?.name ?? ""));
  const weeks = (all ?? []).filter((w) => (w.region ?? "") === at);
  if (!all) return <>{note}</>;
  const heads = [t("num.week"), ...MEASURES.map((m) => titleOf(m))];
  return (
    <>
      {note}
      <div class="form desk-narrow">
        <Choice label={t("num.where")} value={at} of={scopes.map((id) => [id, nameOf(id)])} onChoose={setScope} />
      </div>
      <div class="plots">
        {MEASURES.map((m) => (
          <Plot key={m} weeks={weeks} measure={m} />
        ))}
      </div>
      <div class="buttons manage">
        <Csv
          name="numbers"
          rows={() => [
            [t("num.where"), ...heads],
            ...all.map((w) => [nameOf(w.region ?? ""), dayOf(w.at), ...MEASURES.map((m) => valueOf(w, m))]),
          ]}
        />
      </div>
      <div class="desk-table" tabIndex={0} role="region" aria-label={t("desk.numbers")}>
        <table>
          <thead>
            <tr>
              {heads.map((h) => (
                <th key={h} scope="col">
                  {h}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeks
              .slice()
              .reverse()
              .map((w) => (
                <tr key={w.at}>
                  <th scope="row">{weekOf(w.at)}</th>
                  {MEASURES.map((m) => (
                    <td key={m}>{shown(valueOf(w, m))}</td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
