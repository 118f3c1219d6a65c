/* later.ts: code that comes in files of its own (build.mjs says what is in which), each when it is first used, in any page. */
import { loadTexts, type Part } from "./prefs";
import type { Route } from "./router";

export interface Files {
  account: typeof import("./account");
  acts: typeof import("./acts");
  desk: typeof import("./desk");
  door: typeof import("./door");
  elsewhere: typeof import("./elsewhere");
  files: typeof import("./files");
  further: typeof import("./further");
  invite: typeof import("./invite");
  lazy: typeof import("./lazy");
  library: typeof import("./library");
  people: typeof import("./people");
  poll: typeof import("./poll");
  rooms: typeof import("./rooms");
  screens: typeof import("./screens");
  search: typeof import("./search");
  talks: typeof import("./talks");
}
export type File = keyof Files;
declare const LATER: Record<File, string>; /* their addresses; written by the build */
export const there: Partial<Files> = {};
let failures = 0;

/* The screens that are in such a file: who begins with one has it on the way with the first texts. */
export const SCREENS: Partial<Record<Route["name"], File>> = {
  account: "account",
  ask: "screens",
  desk: "desk",
  log: "rooms",
  me: "screens",
  org: "desk",
  peers: "people",
  people: "people",
  person: "people",
  profile: "people",
  queue: "lazy",
  resources: "library",
  room: "rooms",
  rooms: "rooms",
  search: "search",
  talks: "talks",
};
/* One tap away from the first picture: brought after it, before somebody waits for them. */
export const SOON: File[] = ["acts", "rooms"];

/* Their texts are a part of their own: who signs in waits for no others. */
const OWN: Partial<Record<File, Part>> = { door: "door", elsewhere: "door", further: "door" };

/* Some browsers keep a failure for as long as the page lives: each one changes the address. */
export async function bring<F extends File>(file: F, texts = (): Promise<unknown> => loadTexts(OWN[file] ?? "more")): Promise<Files[F]> {
  const have = there[file];
  if (have) return have;
  try {
    const [made] = await Promise.all([import(LATER[file] + (failures ? `#${failures}` : "")), texts()]);
    there[file] = made;
    return made;
  } catch (error) {
    failures++;
    throw error;
  }
}
