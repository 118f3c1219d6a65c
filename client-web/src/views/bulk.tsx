/* bulk.tsx: a list of people, from a file or pasted: first what would become of each row, then the invitations go. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { notice, state } from "../app";
import { call } from "../core";
import { t, type Key } from "../i18n";
import { RpcError, type Params } from "../types";
import { Csv } from "./deskcsv";
import { regionsOf } from "./deskorgs";
import { Choice } from "./forms";
import { Dialog } from "./parts";

interface BulkRow {
  line: number;
  state: "ok" | "member" | "invited" | "twice" | "error";
  email?: string;
  name?: string;
  column?: string;
  no_org?: true;
}

const COLUMNS: Record<string, Key> = { name: "manage.name", email: "bulk.email", org: "org.title", city: "manage.city", country: "lib.country", lang: "me.language", title: "bulk.title.column" };

/* A file of a spreadsheet is UTF-8, or what it was before. */
async function textOf(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/* What somebody has to look at comes first. */
const ORDER = ["error", "twice", "member", "invited", "ok"];
const weight = (r: BulkRow) => (r.no_org ? ORDER.length - 1.5 : ORDER.indexOf(r.state));
const becomes = (r: BulkRow): string =>
  r.state === "error" ? t("bulk.error", { what: t(COLUMNS[r.column ?? "email"] ?? "bulk.email") }) : t(r.no_org ? "bulk.ok.no" : `bulk.${r.state}`);

export function BulkSheet({ org, onClose }: { org?: string; onClose: () => void }): VNode {
  const s = state.value;
  const [csv, setCsv] = useState("");
  const [region, setRegion] = useState(s.me?.role === "admin" ? "" : (regionsOf()[0]?.[0] ?? ""));
  const [rows, setRows] = useState<BulkRow[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const online = s.line === "open";
  const where: Params = { ...(org ? { org } : {}), ...(!org && region ? { region } : {}) };
  const send = (dry: boolean) => {
    if (csv.trim() === "") return setError(t("form.lacks", { what: t("bulk.list") }));
    setBusy(true);
    setError("");
    call<{ rows: BulkRow[] }>("invite.bulk", { csv, dry, ...where })
      .then(
        (r) => {
          if (dry) return setRows(r.rows.slice().sort((a, b) => weight(a) - weight(b) || a.line - b.line));
          notice(t("bulk.sent", { n: r.rows.filter((x) => x.state === "ok").length }));
          onClose();
        },
        (e: unknown) => {
          const code = e instanceof RpcError ? e.code : "";
          setRows(null);
          setError(code === "invalid" ? t("bulk.invalid") : code === "forbidden" ? t("manage.forbidden") : code === "conflict" || code === "rate_limited" ? t("bulk.full") : t("error.notdone"));
        },
      )
      .finally(() => setBusy(false));
  };
  const take = (text: string) => {
    setCsv(text);
    setRows(null);
  };
  const good = rows?.filter((r) => r.state === "ok").length ?? 0;
  const found = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (rows) found.current?.focus();
  }, [rows]);
  return (
    <Dialog title={t("bulk.title")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(ev) => {
          ev.preventDefault();
          if (!busy) send(rows === null);
        }}
      >
        <p>{t("bulk.text")}</p>
        <p class="note" dir="auto">
          name, email, organisation, city, country, language, role title
        </p>
        <label>
          {t("bulk.file")}
          <input
            type="file"
            accept=".csv,text/csv,text/plain"
            onChange={(ev) => {
              const file = ev.currentTarget.files?.[0];
              if (file) void textOf(file).then(take);
            }}
          />
        </label>
        <label>
          {t("bulk.list")}
          <textarea rows={5} dir="auto" spellcheck={false} value={csv} onInput={(ev) => take(ev.currentTarget.value)} />
        </label>
        {!org && <Choice label={t("manage.region")} value={region} of={[...(s.me?.role === "admin" ? [["", t("desk.all")] as [string, string]] : []), ...regionsOf()]} onChoose={(v) => (setRegion(v), setRows(null))} />}
        {rows && (
          <p class="bulk-count" role="status" tabIndex={-1} ref={found}>
            {t("bulk.count", { n: good })}
            {good < rows.length && ` ${t("bulk.not", { n: rows.length - good })}`}
          </p>
        )}
        {rows && (
          <div class="desk-table" tabIndex={0} role="region" aria-label={t("bulk.rows")}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("bulk.line")}</th>
                  <th scope="col" class="start">{t("bulk.email")}</th>
                  <th scope="col" class="start">{t("bulk.state")}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((r) => (
                  <tr key={r.line}>
                    <th scope="row">{r.line}</th>
                    <td class="start" dir="auto">{r.email ?? r.name ?? ""}</td>
                    <td class={r.state === "ok" ? "start" : "start lacks"}>{becomes(r)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {rows && (
          <p>
            <Csv name="list" rows={() => [[t("bulk.line"), t("manage.name"), t("bulk.email"), t("bulk.state")], ...rows.map((r) => [r.line, r.name, r.email, becomes(r)])]} />
          </p>
        )}
        <p class="error" role="alert">{error}</p>
        {!online && <p class="note">{t("manage.offline")}</p>}
        <button class="primary wide" disabled={busy || !online || (rows !== null && good === 0)}>
          {busy ? t("state.loading") : rows ? t("bulk.send", { n: good }) : t("bulk.check")}
        </button>
      </form>
    </Dialog>
  );
}
