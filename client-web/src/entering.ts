/* entering.ts: how somebody comes in: a code by mail, a link, an invitation. The ticket is this browser's alone; it is kept on the
 * device, so that a phone may drop the page while its owner reads the mail. */
import { signal } from "@preact/signals";
import { post } from "./rpc";
import { named } from "./devicename";
import { lang } from "./i18n";
import { comeIn, type Arrival } from "./coming";
import type { Member } from "./types";

const KEY = "baraza-ticket";
const TICKET_MS = 10 * 60 * 1000;

export interface Asked {
  ticket: string;
  email: string;
  at: number;
  invite?: string;
  who?: Who;
  peers?: boolean /* who is new says that they can be asked */;
}
/* What who is new says of themselves. */
export interface Who {
  name: string;
  org?: string;
  city?: string;
  country?: string;
}
export interface Invitation {
  role: string;
  until: number;
  by_name?: string;
  org_name?: string;
  room_name?: string;
  region_name?: string;
  email?: string;
  lang?: string;
  said?: { name?: string; city?: string; country?: string } /* by the list of people that they were on */;
}

function read(): Asked | null {
  try {
    const asked = JSON.parse(localStorage.getItem(KEY) ?? "null") as Asked | null;
    return asked && Date.now() - asked.at < TICKET_MS ? asked : null;
  } catch {
    return null;
  }
}
export function keep(asked: Asked | null): void {
  held.value = asked;
  try {
    if (asked) localStorage.setItem(KEY, JSON.stringify(asked));
    else localStorage.removeItem(KEY);
  } catch {
    /* this page alone remembers it then */
  }
}
export const held = signal<Asked | null>(read());

export async function askCode(email: string, more: { invite?: string; who?: Who; peers?: boolean } = {}): Promise<void> {
  const { ticket } = await post("session.code", {
    email,
    lang: lang.value,
    ...(more.invite ? { invite: more.invite } : {}),
  });
  keep({ ticket, email, at: Date.now(), ...more });
}

export async function giveCode(asked: Asked, code: string): Promise<Arrival> {
  const common = { ticket: asked.ticket, code, ...named() };
  const answer: { me?: Member; more?: string[] } =
    asked.invite && asked.who
      ? await post("invite.take", { ...common, invite: asked.invite, lang: lang.value, ...asked.who })
      : await post("session.enter", common);
  if (!answer.me) return { more: answer.more ?? [] };
  keep(null);
  if (asked.peers)
    await post("profile.set", { peers: true }).catch(() => {
      /* it is asked for in the profile, too */
    });
  await comeIn(answer.me, asked.invite !== undefined);
  return { more: [] };
}

export const look = (code: string): Promise<Invitation> => post("invite.look", { code });
