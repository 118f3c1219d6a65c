/* sites.ts: signing in by an account at another site. The ticket stays in this tab; the site is handed nothing of it. */
import { post } from "./rpc";
import { named } from "./devicename";
import { comeIn } from "./coming";
import { RpcError, type Member } from "./types";

const KEY = "baraza-site";
const TICKET_MS = 10 * 60 * 1000;

export interface Site {
  provider: string;
  title: string;
}
export interface Going extends Site {
  ticket: string;
  at: number;
  invite?: string;
  links?: boolean /* the site said who it is: its owner may link it */;
  email?: string /* as the site calls them */;
}

export function going(): Going | null {
  try {
    const it = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Going | null;
    return it && Date.now() - it.at < TICKET_MS ? it : null;
  } catch {
    return null;
  }
}
export function keepGoing(it: Going | null): void {
  try {
    if (it) sessionStorage.setItem(KEY, JSON.stringify(it));
    else sessionStorage.removeItem(KEY);
  } catch {
    /* whoever comes back is told to begin again */
  }
}

export const sites = (): Promise<Site[]> => post("oidc.list", {}).then(({ providers }) => providers as Site[]);

export async function goTo(site: Site, invite?: string): Promise<void> {
  const { ticket, url } = await post("oidc.begin", { provider: site.provider, ...(invite ? { invite } : {}) });
  keepGoing({ ...site, ticket, at: Date.now(), ...(invite ? { invite } : {}) });
  location.assign(url);
}

export interface Found {
  me?: Member;
  link?: true;
  join?: true;
  name?: string;
  email?: string;
  more?: string[];
}
/* way: "PROVIDER?code=…&state=…", as the page was called. Without a code the site, or its visitor, did not go on. */
export async function comeBack(it: Going, way: string): Promise<Found> {
  const q = new URLSearchParams(way.slice(way.indexOf("?")));
  if (!q.get("code")) throw new RpcError("stopped", "no code came back");
  const said = Object.fromEntries(["code", "state", "iss"].flatMap((k) => (q.get(k) ? [[k, q.get(k)]] : [])));
  const found = await post("oidc.finish", { ticket: it.ticket, provider: it.provider, ...said, ...named() });
  keepGoing(found.link || found.join ? { ...it, links: found.link === true, ...(found.link ? { email: found.email } : {}) } : null);
  if (found.me) await comeIn(found.me);
  return found;
}
