/* settings.ts: what moderators set for a room, and what that means to its reader now. */
import { duration, t } from "./i18n";
import type { State } from "./store";
import type { Room, RoomSet, Thread } from "./types";

const DAY_MS = 24 * 3600 * 1000;

/* How long I wait before I may post there. What I wrote and is still on its way counts, too. */
export function waitMs(s: State, r: Room | undefined, now: number): number {
  const slow = r?.set?.slow_s ?? 0;
  if (!r || slow === 0) return 0;
  const mine = s.pending
    .filter((c) => c.status !== "refused" && /^(post|thread)\.create$/.test(c.method))
    .filter((c) => (c.params.room ?? s.threads[String(c.params.thread)]?.room) === r.id)
    .map((c) => c.at);
  const last = Math.max(r.posted_at ?? -Infinity, ...mine);
  const left = last + slow * 1000 - now;
  return Math.min(Math.max(0, left), slow * 1000); /* a clock that is wrong locks nobody out */
}

/* Nobody wrote there for as many days as the room says: it is locked. */
export function isQuiet(s: State, th: Thread, now: number): boolean {
  const days = s.rooms[th.room]?.set?.lock_days ?? 0;
  return days > 0 && th.kind !== "chat" && now - th.last_at > days * DAY_MS;
}

/* What binds who is new, while anybody is. */
function newcomers({ new_posts: n, new_hour, new_links, new_files }: RoomSet): (string | 0 | false | undefined)[] {
  if (!n) return [];
  const also = [
    new_hour && t("set.new.hour", { n: new_hour }),
    new_links && new_links !== "all" && t(`newlinks.${new_links}`),
    new_files && new_files !== "all" && t(`newfiles.${new_files}`),
  ].filter((text) => typeof text === "string");
  return also.length > 0 ? [`${t("set.new", { n })}${t("punct.colon")}${also.join(", ")}`] : [];
}

/* What is set, each in words. */
export function rulesOf(set: RoomSet): string[] {
  const { slow_s, posting, lock_days, hold, links } = set;
  return [
    posting === "moderators" && t("set.moderators"),
    slow_s && t("set.slow", { time: duration(slow_s) }),
    hold === "first" && t("set.hold.first"),
    hold === "all" && t("set.hold.all"),
    set.hold_threads && hold !== "all" && t("set.threads"),
    links === "hold" && t("set.links.hold"),
    links === "block" && t("set.links.block"),
    set.words && t("set.words"),
    set.approve_join && t("set.join"),
    ...newcomers(set),
    lock_days && t("set.locks", { n: lock_days }),
  ].filter((text): text is string => typeof text === "string");
}
