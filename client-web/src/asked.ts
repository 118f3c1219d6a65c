/* asked.ts: what somebody who asks to join has said so far: kept on the device while its owner reads the mail. */
import { signal } from "@preact/signals";

const KEY = "baraza-asking";
const KEPT_MS = 10 * 60 * 1000;

export interface Said {
  kind: string;
  org: string;
  country: string;
  city: string;
  region: string;
  name: string;
  title: string;
  website: string;
  text: string;
  email: string;
  ticket: string /* once the digits are on their way */;
  at: number;
}
export const NOTHING: Said = { kind: "city", org: "", country: "", city: "", region: "", name: "", title: "", website: "", text: "", email: "", ticket: "", at: 0 };

/* Kept on the device while its owner reads the mail. */
function read(): Said | null {
  try {
    const said = JSON.parse(localStorage.getItem(KEY) ?? "null") as Said | null;
    return said && Date.now() - said.at < KEPT_MS ? { ...NOTHING, ...said } : null;
  } catch {
    return null;
  }
}
export function keepAsking(said: Said | null): void {
  asking.value = said;
  try {
    if (said?.ticket) localStorage.setItem(KEY, JSON.stringify(said));
    else localStorage.removeItem(KEY);
  } catch {
    /* this page alone remembers it then */
  }
}
export const asking = signal<Said | null>(read());
