/* csv.ts: tables as spreadsheets read them (RFC 4180), and whole lists to put into them. */
import { RpcError } from "./types";

export type Cell = string | number | undefined;
const WAIT_MS = 1000;
const TRIES = 20;

/* A cell that a spreadsheet would take for a formula begins with an apostrophe: then it is text to all of them. */
const cell = (value: Cell): string => {
  const text = value === undefined ? "" : String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",;\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
};

/* With a BOM, without which one of them reads no accents. */
export const csvOf = (rows: Cell[][]): string =>
  `\uFEFF${rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;

const rest = (ms: number) => new Promise<void>((go) => setTimeout(go, ms));

/* One page after another until one is short; where the hub asks to wait, it is waited. */
export async function pages<T>(size: number, ask: (last: T | undefined) => Promise<T[]>, wait = rest): Promise<T[]> {
  const all: T[] = [];
  for (let tries = 0; ; ) {
    try {
      const some = await ask(all.at(-1));
      all.push(...some);
      tries = 0;
      if (some.length < size) return all;
    } catch (e) {
      if (!(e instanceof RpcError) || !/^(rate_limited|unavailable)$/.test(e.code) || ++tries > TRIES) throw e;
      await wait(e.retryMs ?? WAIT_MS);
    }
  }
}

export function save(name: string, rows: Cell[][]): void {
  const url = URL.createObjectURL(new Blob([csvOf(rows)], { type: "text/csv;charset=utf-8" }));
  const a = document.createElement("a");
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
