/* log.tsx: what was moderated in a room and why, for everybody who reads it. Acts are told in the name of
 * the role; persons are named where the server names them. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { acts, now, state } from "../app";
import { day, list as listOf, t } from "../i18n";
import { href } from "../router";
import { rulesOf } from "../rules";
import type { State } from "../store";
import { RpcError, type Act, type Entry, type Role, type RoomSet, type SanctionAct, type Why, type Word } from "../types";
import { fieldName } from "./fieldname";
import { Empty, Failed, nameOf, Skeleton, Time } from "./parts";
import { Page } from "./shell";
import { whyOf } from "./whyof";

const FILTERS = ["all", "posts", "threads", "people"] as const;
type Filter = (typeof FILTERS)[number];
const part = (e: Entry): Filter =>
  /^posts?\./.test(e.kind) ? "posts" : e.kind.startsWith("member.") ? "people" : "threads";

/* What was set, each in words; what was taken back, too. */
function settingsOf(e: Entry): string[] {
  const set = e as RoomSet & Entry;
  const words = e.words as Word[] | undefined;
  const off = [
    set.slow_s === 0 && t("set.slow.off"),
    set.posting === "all" && t("set.posting.all"),
    set.lock_days === 0 && t("set.locks.off"),
    (set.hold === "none" || set.hold_threads === false) && t("set.hold.off"),
    set.links === "all" && t("set.links.all"),
    words?.length === 0 && t("set.words.off"),
    set.approve_join === false && t("set.join.off"),
    set.previews !== undefined && t(set.previews ? "set.previews" : "set.previews.off"),
    (e.new_posts ?? e.new_hour ?? e.new_links ?? e.new_files) !== undefined && !set.new_posts && t("set.new.changed"),
  ];
  const on = rulesOf({ ...set, words: (words?.length ?? 0) > 0 });
  return [...on, ...off].filter((text): text is string => typeof text === "string");
}

/* What waited for a second moderator. */
const byTwo = (e: Entry, what: string): string => (e.approved ? t("log.second", { what }) : what);

/* A kind of a newer server is told as an act of moderation, no more. */
function said(s: State, a: Act): string {
  const e = a.entry;
  const of = a.of ? nameOf(s, a.of) : "";
  const room = s.rooms[String(e.to ?? e.from ?? "")]?.name ?? t("log.elsewhere");
  if (e.erased && e.kind === "thread.rename") return t("log.other");
  switch (e.kind) {
    case "post.hide":
    case "post.restore":
    case "post.redact":
      return t(`log.${e.kind}`, { name: of });
    case "thread.rename":
      return t("log.thread.rename", { title: String(e.title ?? "") });
    case "thread.lock":
      return t(e.locked ? "log.thread.lock" : "log.thread.unlock");
    case "thread.pin":
      return t(e.pinned ? "log.thread.pin" : "log.thread.unpin");
    case "thread.feature":
      return t(e.featured ? "log.thread.feature" : "log.thread.unfeature");
    case "post.lock":
      return t(e.locked ? "log.post.lock" : "log.post.unlock", { name: of });
    case "thread.close":
      return t(e.closed ? "log.thread.close" : "log.thread.reopen");
    case "thread.archive":
      return t(e.archived ? "log.thread.archive" : "log.thread.unarchive");
    case "thread.kind":
    case "thread.fields":
      return t(`log.${e.kind}`);
    case "posts.moved_in":
    case "posts.moved_out":
      return byTwo(e, t(e.undo ? "log.posts.back" : e.merged ? "log.posts.merged" : `log.${e.kind}`));
    case "thread.moved_in":
    case "thread.moved_out":
      return t(`log.${e.kind}`, { room });
    case "room.set":
      return t("log.room.set", { what: listOf(settingsOf(e)) });
    case "member.role":
      return t("log.member.role", { name: of, role: t(`role.${e.role as Role}`) });
    case "member.sanction":
    case "member.pardon":
      if (e.field) return t("log.cleared", { name: of || t("log.somebody"), what: fieldName(String(e.field)) });
      return t(e.kind === "member.pardon" ? "log.pardon" : `log.${e.act as SanctionAct}`, {
        name: of || t("log.somebody"),
      });
    default:
      return t("log.other");
  }
}

function Row({ s, act: a }: { s: State; act: Act }): VNode {
  const e = a.entry;
  const why: Why = { rule: e.rule as Why["rule"], reason: e.reason as string | undefined };
  const title = a.title ?? "";
  const one = e.by ? nameOf(s, e.by) : t(e.as === "admin" ? "role.admin" : "role.moderator");
  const who = listOf([one, ...(a.second ? [nameOf(s, a.second)] : [])]);
  return (
    <li class="act">
      <p>{said(s, a)}</p>
      {e.thread && title && (
        <a href={href.thread(e.thread, typeof e.post === "string" ? e.post : "")} dir="auto">
          {title}
        </a>
      )}
      {(why.rule || why.reason) && (
        <p class="why" dir="auto">
          {whyOf(why)}
        </p>
      )}
      <p class="meta">
        <span dir="auto">{who}</span> · <Time at={e.at} />
      </p>
    </li>
  );
}

export function LogView({ room: id }: { room: string }): VNode {
  const s = state.value;
  const [list, setList] = useState<Act[] | null>(null);
  const [more, setMore] = useState(false);
  const [failed, setFailed] = useState("");
  const [filter, setFilter] = useState<Filter>("all");
  const open = s.line === "open";
  const load = (before = "") =>
    acts(id, before).then(
      (some) => {
        setFailed("");
        setMore(some.length > 0);
        setList((old) => (before && old ? [...old, ...some] : some));
      },
      (e: unknown) => setFailed(e instanceof RpcError ? e.told : "internal"),
    );
  useEffect(() => {
    if (open) void load();
  }, [id, open]);
  const shown = (list ?? []).filter((a) => filter === "all" || part(a.entry) === filter);
  const last = list?.at(-1)?.entry;
  let before = "";
  return (
    <Page
      title={t("log.title")}
      back={href.room(id)}
      lead={<span dir="auto">{s.rooms[id]?.name}</span>}
    >
      <p class="note">{t("log.about")}</p>
      <div class="filters" role="group" aria-label={t("room.filter")}>
        {FILTERS.map((f) => (
          <button key={f} class="toggle" aria-pressed={f === filter} onClick={() => setFilter(f)}>
            {t(`log.${f}`)}
          </button>
        ))}
      </div>
      {failed && <Failed code={failed} again={() => void load()} />}
      {!list && !failed && (open ? <Skeleton rows={4} /> : <p class="note">{t("log.offline")}</p>)}
      {list && shown.length === 0 && (
        <Empty title={t("log.empty")}>
          <p>{t("log.empty.text")}</p>
        </Empty>
      )}
      <ul class="acts">
        {shown.flatMap((a) => {
          const at = day(a.entry.at, now.value);
          const isNew = at !== before;
          before = at;
          const row = <Row key={a.entry.seq} s={s} act={a} />;
          if (!isNew) return [row];
          const head = (
            <li key={`d${a.entry.seq}`} class="act-day">
              <h2>
                <time dateTime={new Date(a.entry.at).toISOString()}>{at}</time>
              </h2>
            </li>
          );
          return [head, row];
        })}
      </ul>
      {more && last && (
        <p class="center">
          <button class="soft" onClick={() => void load(`${last.hub}-${last.seq}`)}>
            {t("action.more")}
          </button>
        </p>
      )}
    </Page>
  );
}
