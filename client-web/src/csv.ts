/* csv.ts: tables as spreadsheets read them (RFC 4180). Pure. */

/* A cell that a spreadsheet would take for a formula begins with an apostrophe: then it is text to all of them. */
const cell = (value: string | number | undefined): string => {
  const text = value === undefined ? "" : String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",;\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
};

/* With a BOM, without which one of them reads no accents. */
export const csvOf = (rows: (string | number | undefined)[][]): string =>
  `\uFEFF${rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;

export function save(name: string, rows: (string | number | undefined)[][]): void {
  const url = URL.createObjectURL(new Blob([csvOf(rows)], { type: "text/csv;charset=utf-8" }));
  const a = document.createElement("a");
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
