/* rules.ts: what moderators set for a room, in words. */
import { duration, t } from "./i18n";
import type { RoomSet } from "./types";

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
