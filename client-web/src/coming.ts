/* coming.ts: how somebody comes in: what a link brought along, and whose the device is from then on. */
import { signal } from "@preact/signals";
import { deviceBox } from "./box";
import { device } from "./device";
import { href } from "./router";
import type { Member } from "./types";

/* What a link brought along: of a sign-in, an invitation, or a code to be read (entering.ts). */
export interface Brought {
  kind: "in" | "join" | "code" | "site";
  code: string /* "": it is not whole; of a site: its name and what it gave along */;
}
export const brought = signal<Brought | null>(null);
/* Somebody is about to come in: what they will see first may be brought ahead. */
export const isNear = signal(false);
export interface Arrival {
  more: string[] /* second factors, one of which is to come */;
}

/* The page was opened by a link: keeps its code and takes it out of the address. A full stop that was copied along is not part
 * of it. */
export function takeLink(): boolean {
  const form = /^#(in|join|code)=/;
  /* pasted into the address of a page that is open already: only a fresh one takes it */
  addEventListener("hashchange", () => {
    if (form.test(location.hash)) location.reload();
  });
  const site = /^\/oidc\/([\w-]+)$/.exec(location.pathname)?.[1];
  if (site) {
    brought.value = { kind: "site", code: site + location.search };
    history.replaceState(null, "", "/");
    return true;
  }
  const kind = form.exec(location.hash)?.[1] as Brought["kind"] | undefined;
  if (!kind) return false;
  const code = /^#\w+=([\w-]+)[^\w-]*$/.exec(location.hash)?.[1] ?? "";
  brought.value = { kind, code: (kind === "code" ? /^\d{6}$/ : /^[\w-]{43}$/).test(code) ? code : "" };
  history.replaceState(null, "", location.pathname);
  return true;
}

/* Whoever began to link an account elsewhere is asked for their consent (sites.ts). */
function links(): boolean {
  try {
    return sessionStorage.getItem("baraza-site")?.includes('"links":true') === true;
  } catch {
    return false; /* no storage, nothing was begun here */
  }
}

/* Somebody is in: a fresh page, in which nothing of who was here before lives on. */
export async function comeIn(me: Member, isNew = false): Promise<void> {
  await claim(me);
  location.replace(isNew ? href.profile : links() ? href.account : href.catchup);
}

/* The device belongs to one member at a time: nothing is kept or sent for another one. */
export async function claim(me: Member): Promise<void> {
  device.box ??= await deviceBox("baraza");
  const owner = await device.box.get("owner").catch(() => undefined);
  if (owner !== undefined && owner !== me.id) {
    neighbours?.postMessage("out");
    device.forget();
    await device.box.clear();
    dropKept();
  }
  device.owner = me.id;
  await device.box.set("owner", me.id).catch(() => {
    /* no storage, nothing to protect */
  });
}

/* Tabs of one device: signing out in one of them ends all of them at once. */
export const neighbours =
  typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("baraza-session");

/* What a member keeps on the device (kept.ts) is for nobody else. */
export const dropKept = (): void =>
  void globalThis.caches?.delete("kept").catch(() => {
    /* there is none */
  });

/* Nobody is signed in any more: what was seen goes, what was written stays for its author. */
export function letGo(owner: string): void {
  dropKept();
  for (const key of ["seen", "people", "themes"])
    void device.box.set(`${key}:${owner}`, null).catch(() => {
      /* nothing was kept */
    });
}

/* On the page of who is not signed in: a session that ended elsewhere left here what its member saw. */
export async function letGoHere(): Promise<void> {
  device.box ??= await deviceBox("baraza");
  const owner = await device.box.get("owner").catch(() => undefined);
  if (owner !== undefined && (await look())?.status === 401) letGo(owner);
}

export const look = (): Promise<Response | null> =>
  fetch("/rpc/catchup.list?limit=1", { headers: { accept: "application/json" } }).catch(() => null);

export const isSignedIn = async (): Promise<boolean> => (await look())?.ok === true;
