/* parts.tsx: what several screens of the rooms show of members, rooms and threads. */
import type { VNode } from "preact";
import { members, now, regions } from "../app";
import { ago, full, t } from "../i18n";
import type { State } from "../store";
import type { Member, Room } from "../types";
import { numbered } from "./pieces";

export { Dialog, Empty, Failed, Icon, numbered, Skeleton, type IconName } from "./pieces";

/* Said where a pointer rests: no formatter for it is made with the picture. */
export const tell = (words: () => string) => (ev: { currentTarget: HTMLElement }) => {
  ev.currentTarget.title = words();
};

export function Time({ at }: { at: number }): VNode {
  return (
    <time dateTime={new Date(at).toISOString()} onPointerEnter={tell(() => full(at))}>
      {ago(at, now.value)}
    </time>
  );
}

/* The region's accent: always beside its name, never the only sign. */
export function accent(slug: string | undefined): string {
  if (!slug) return "acc-cross";
  if (/afri/.test(slug)) return "acc-africa";
  if (/asia|pacific/.test(slug)) return "acc-asia";
  if (/lat|lac|carib|ameri/.test(slug)) return "acc-latin";
  return /global/.test(slug) ? "acc-global" : "acc-cross";
}

export function roomAccent(s: State, room: Room | undefined): string {
  return accent(room ? s.regions[room.region]?.slug : undefined);
}

export function nameOf(s: Pick<State, "members">, id: string): string {
  const m = s.members[id];
  return m?.former ? t("person.former") : (m?.name ?? "…");
}

/* A room of two is called by the other one, and so is the talk in it. */
export const roomName = (s: State, room: Room | undefined): string =>
  room?.with ? nameOf(s, room.with) : (room?.name ?? "");
export function titleOf(s: State, th: { kind: string; title: string; room: string }): string {
  const room = s.rooms[th.room];
  return th.kind !== "chat" ? th.title || t("thread.untitled") : room?.with ? nameOf(s, room.with) : t("thread.lobby");
}

export function place(m: Member | undefined): string {
  return m ? [m.city, m.org].filter(Boolean).join(", ") : "";
}

export function Initials({ id }: { id: string }): VNode {
  const m = members.value[id];
  const letters = (m?.name ?? "").split(/\s+/).filter(Boolean);
  const two = [letters[0], letters.length > 1 ? letters.at(-1) : ""]
    .map((w) => [...(w ?? "")][0] ?? "")
    .join("")
    .toUpperCase();
  const slug = m?.region ? (regions.value[m.region]?.slug ?? m.region) : undefined;
  return (
    <span class={`initials ${accent(slug)}`} aria-hidden="true">
      {two || "·"}
    </span>
  );
}

export function Badge({ n, mention }: { n: number; mention?: boolean }): VNode | null {
  if (n <= 0) return null;
  const text = n >= 100 ? "99+" : String(n);
  return (
    <span class={`badge${mention ? " named" : ""}`}>
      <span aria-hidden="true">
        {mention ? "@" : ""}
        {text}
      </span>
      <span class="sr">{n >= 100 ? t("unread.many") : t("unread.count", { n })}</span>
    </span>
  );
}

/* Says why a refused write was refused (`why` is what RpcError.told says), and that the text is safe. */
export function refusal(why = ""): string {
  const [code, number] = why.split(" ");
  switch (code) {
    case "blocked":
      return number ? t("refused.word", { word: why.slice(8) }) : t("refused.links");
    case "blocked.files":
      return t("refused.files");
    case "not_found":
      return t("refused.not_found");
    case "upload":
      return t("refused.upload");
    case "forbidden":
      return t("refused.forbidden");
    case "conflict":
      return t("refused.conflict");
    case "slow_mode":
      return t("refused.slow_mode");
    case "too_large":
      return t("refused.too_large");
    default:
      return numbered(t("refused.other"), number);
  }
}
