/* folk.ts: people as this client knows them: what is asked of the hub, and what an address says of it. */
import { call, device, dispatch, mine, random } from "./core";
import type { Member, Params, Thread } from "./types";

export const CIRCLES = ["nobody", "rooms", "region", "all"] as const;
export type Circle = (typeof CIRCLES)[number];
export const SIZES = ["small", "medium", "large", "mega"] as const;

export interface Profile {
  title?: string;
  languages?: string[];
  themes?: string[];
  can?: string;
  can_themes?: string[];
  seeks?: string;
  about?: string;
  size?: (typeof SIZES)[number];
  contact?: string;
}
export type Said = keyof Profile;
export interface Person {
  member: Member;
  profile: Profile;
  peers?: boolean /* they say that they can be asked */;
}
export interface Whole extends Person {
  shown?: Partial<Record<Said, Circle>> /* mine */;
  org?: string /* the organisation that they are in */;
  wrote: { posts: number; answers: number; resources: number };
  threads: Thread[];
}
export const SIGNS = ["can_theme", "can", "accepted", "posts", "resources", "theme", "city", "size", "language", "region"] as const;
export type Sign = (typeof SIGNS)[number];
export type Why = Partial<Record<Sign, number>>;
export interface Peer extends Person {
  score: number;
  why: Why;
  theme?: string;
  lang?: string;
}
export interface PeerCity {
  city: string;
  country?: string;
  people: number;
  score: number;
  why: Why;
  theme?: string;
}
export interface Facets {
  count: number;
  countries: { country: string; count: number }[];
  cities: { city: string; count: number }[];
  languages: { lang: string; count: number }[];
  themes: { slug: string; count: number }[];
}

/* What the directory may be narrowed to; an address holds them in this order. */
export const FILTERS = ["text", "can", "theme", "region", "country", "city", "lang", "org"] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;
export const WISHES = ["thread", "text", "theme", "city"] as const;
export type Wish = Partial<Record<(typeof WISHES)[number], string>>;

function said<K extends string>(names: readonly K[], query: string): Partial<Record<K, string>> {
  const asked = new URLSearchParams(query);
  const all: Partial<Record<K, string>> = {};
  for (const name of names) {
    const value = asked.get(name)?.trim();
    if (value) all[name] = value;
  }
  return all;
}
function query<K extends string>(names: readonly K[], all: Partial<Record<K, string>>): string {
  const asked = new URLSearchParams();
  for (const name of names) if (all[name]) asked.set(name, all[name]);
  const text = asked.toString();
  return text && `?${text}`;
}
export const filtersOf = (asked: string): Filters => said(FILTERS, asked);
export const addressOf = (f: Filters): string => `/people${query(FILTERS, f)}`;
/* A thread says by itself what it is about. */
export function wishOf(asked: string): Wish {
  const wish = said(WISHES, asked);
  return wish.thread ? { thread: wish.thread } : wish;
}
export const wishAddress = (wish: Wish): string => `/peers${query(WISHES, wish)}`;

export const PAGE = 40;
export async function list(f: Filters, before = ""): Promise<Person[]> {
  const { people } = await call<{ people: Person[] }>("member.find", { ...f, limit: PAGE, ...(before ? { before } : {}) });
  dispatch({ type: "members", members: people.map((p) => p.member) });
  return people;
}
export const facetsOf = (region = ""): Promise<Facets> => call("member.facets", region ? { region } : {});

/* By their id, or by the handle that somebody wrote down. */
export async function read(who: string): Promise<Whole | null> {
  let member = who;
  if (!who.includes("-")) {
    const { members } = await call<{ members: Member[] }>("member.list", { prefix: who, limit: 20 });
    const found = members.find((m) => m.handle === who);
    if (!found) return null;
    member = found.id;
  }
  const { members, ...whole } = await call<Whole & { members: Member[] }>("profile.get", { member });
  dispatch({ type: "members", members: [whole.member, ...members] });
  return whole;
}
export const own = (): Promise<Whole> => call("profile.get");
export async function peers(wish: Wish): Promise<{ people: Peer[]; cities: PeerCity[] }> {
  const found = await call<{ people: Peer[]; cities: PeerCity[] }>("peer.find", wish);
  dispatch({ type: "members", members: found.people.map((p) => p.member) });
  return found;
}

/* What is empty is taken away; what is as it was is not sent again. */
export function changes(was: Profile, now: Profile): Params {
  const all: Params = {};
  for (const name of Object.keys({ ...was, ...now }) as Said[]) {
    const value = now[name];
    const next = typeof value === "string" ? value.trim() || null : value?.length ? value : null;
    if (JSON.stringify(next) !== JSON.stringify(was[name] ?? null)) all[name] = next;
  }
  return all;
}
export const setProfile = (params: Params) => call("profile.set", params);
export const setMember = (params: Params) => call("member.set", { ...params, cid: random() });

/* The directory as it was last seen stands on the device, for when there is no line. */
export interface Seen {
  at: number;
  people: Person[];
}
const SEEN_MAX = 100;
export const keepSeen = (people: Person[]): void =>
  void device.box.set(mine("people"), { at: Date.now(), people: people.slice(0, SEEN_MAX) }).catch(() => {
    /* for as long as the page lives */
  });
export const lastSeen = (): Promise<Seen | null> => device.box.get(mine("people")).catch(() => null);
