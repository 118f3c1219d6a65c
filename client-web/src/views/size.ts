/* size.ts: what is said of a file: how large it is, what its bytes are, what it is called. */
import { lang } from "../i18n";

/* "3.2 MB", as the language writes it. */
export function sizeOf(bytes: number): string {
  const unit = bytes < 1e6 ? "kilobyte" : "megabyte";
  const options = { style: "unit", unit, maximumFractionDigits: bytes < 1e6 ? 0 : 1 } as const;
  return new Intl.NumberFormat(lang.value, options).format(bytes < 1e6 ? Math.ceil(bytes / 1e3) : bytes / 1e6);
}
/* "PDF", "JPEG". */
export const kindOf = (type: string): string =>
  /wordprocessing/.test(type)
    ? "DOCX"
    : /spreadsheet/.test(type)
      ? "XLSX"
      : /presentation/.test(type)
        ? "PPTX"
        : type === "text/plain"
          ? "TXT"
          : (type.split("/")[1] ?? "").replace(/^(x-|vnd\.)|\+.*$|.*octet-stream/g, "").split(".").at(-1)!.slice(0, 8).toUpperCase();

/* A file's name as a title: without its ending, with spaces where there were none. */
export const titleOf = (name: string): string =>
  name
    .replace(/\.[a-z0-9]{1,5}$/i, "")
    .replace(/[_+]+|\b-\b/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 200);
