/* settings.tsx: what a room's moderators set for it, each in words with what it does. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { notice, roomWords, setRoom } from "../app";
import { duration, number, t } from "../i18n";
import type { Room, Word } from "../types";
import { Choice, Sheet } from "./forms";

const SLOW_S = [0, 10, 30, 60, 300, 900, 3600, 21_600, 86_400];
const DAYS = [0, 7, 30, 90, 180, 365];
const NEW_POSTS = [0, 1, 3, 5, 10, 20];
const NEW_HOUR = [0, 1, 2, 5, 10, 20, 60];
const DAY_S = 86_400;
const ACTS = ["block", "hold", "flag"] as const;

/* What another program set is kept among the choices. */
const among = (usual: number[], now: number): number[] =>
  [...new Set([...usual, now])].sort((a, b) => a - b);

const linesOf = (words: Word[], act: Word["act"]): string =>
  words.filter((w) => w.act === act).map((w) => w.word).join("\n");
const wordsOf = (lines: Record<Word["act"], string>): Word[] =>
  ACTS.flatMap((act) =>
    lines[act]
      .split("\n")
      .map((word) => word.trim())
      .filter(Boolean)
      .map((word) => ({ word, act })),
  );

function Check(p: { label: string; hint: string; on: boolean; set: (on: boolean) => void }): VNode {
  return (
    <label>
      <span class="rule">
        <input type="checkbox" checked={p.on} onChange={(ev) => p.set(ev.currentTarget.checked)} />
        {p.label}
      </span>
      <small>{p.hint}</small>
    </label>
  );
}

/* The room's list of words, one on each line, by what they do. */
function Words(p: {
  lines: Record<Word["act"], string>;
  set: (lines: Record<Word["act"], string>) => void;
}): VNode {
  return (
    <fieldset class="rules words">
      <legend>{t("set.words.label")}</legend>
      <small>{t("set.words.hint")}</small>
      {ACTS.map((act) => (
        <label key={act}>
          {t(`words.${act}`)}
          <textarea
            dir="auto"
            rows={2}
            value={p.lines[act]}
            onInput={(ev) => p.set({ ...p.lines, [act]: ev.currentTarget.value })}
          />
        </label>
      ))}
    </fieldset>
  );
}

export function Settings({ room, onClose }: { room: Room; onClose: () => void }): VNode {
  const [was] = useState({
    slow_s: room.set?.slow_s ?? 0,
    lock_days: room.set?.lock_days ?? 0,
    posting: room.set?.posting ?? "all",
    hold: room.set?.hold ?? "none",
    links: room.set?.links ?? "all",
    hold_threads: room.set?.hold_threads === true,
    approve_join: room.set?.approve_join === true,
    new_posts: room.set?.new_posts ?? 0,
    new_hour: room.set?.new_hour ?? 0,
    new_links: room.set?.new_links ?? "all",
    new_files: room.set?.new_files ?? "all",
    previews: room.set?.previews ?? room.access !== "private",
  });
  const [now, setNow] = useState(was);
  const [words, setWords] = useState<Word[] | null>(room.set?.words ? null : []);
  const [lines, setLines] = useState({ block: "", hold: "", flag: "" });
  const put = (patch: Partial<typeof was>) => setNow({ ...now, ...patch });
  useEffect(() => {
    if (words !== null) return;
    roomWords(room.id).then(
      (all) => {
        setWords(all);
        setLines({ block: linesOf(all, "block"), hold: linesOf(all, "hold"), flag: linesOf(all, "flag") });
      },
      () => notice(t("error.load")),
    );
  }, []);
  const changed = Object.entries(now).filter(([name, is]) => is !== was[name as keyof typeof was]);
  const list = wordsOf(lines);
  const isNew = words !== null && JSON.stringify(list) !== JSON.stringify(wordsOf({
    block: linesOf(words, "block"),
    hold: linesOf(words, "hold"),
    flag: linesOf(words, "flag"),
  }));
  return (
    <Sheet
      title={t("set.title")}
      submit={t("set.do")}
      lacks=""
      onClose={onClose}
      act={async () => {
        await setRoom(room.id, { ...Object.fromEntries(changed), ...(isNew ? { words: list } : {}) });
        notice(t("set.done"));
      }}
    >
      <p class="meta">{t("set.about")}</p>
      <Choice
        label={t("set.slow.label")}
        hint={t("set.slow.hint")}
        value={String(now.slow_s)}
        of={among(SLOW_S, now.slow_s).map((n) => [String(n), n === 0 ? t("set.off") : duration(n)])}
        onChoose={(v) => put({ slow_s: Number(v) })}
      />
      <Choice
        label={t("set.posting.label")}
        hint={t("set.posting.hint")}
        value={now.posting}
        of={[
          ["all", t("set.posting.all")],
          ["moderators", t("set.posting.moderators")],
        ]}
        onChoose={(v) => put({ posting: v as typeof was.posting })}
      />
      <Choice
        label={t("set.days.label")}
        hint={t("set.days.hint")}
        value={String(now.lock_days)}
        of={among(DAYS, now.lock_days).map((n) => [
          String(n),
          n === 0 ? t("set.never") : duration(n * DAY_S),
        ])}
        onChoose={(v) => put({ lock_days: Number(v) })}
      />
      <Choice
        label={t("set.hold.label")}
        hint={t("set.hold.hint")}
        value={now.hold}
        of={[
          ["none", t("set.hold.off")],
          ["first", t("set.hold.first")],
          ["all", t("set.hold.all")],
        ]}
        onChoose={(v) => put({ hold: v as typeof was.hold })}
      />
      <Check
        label={t("set.threads")}
        hint={t("set.threads.hint")}
        on={now.hold_threads}
        set={(hold_threads) => put({ hold_threads })}
      />
      <Choice
        label={t("set.links.label")}
        value={now.links}
        of={[
          ["all", t("set.links.all")],
          ["hold", t("set.links.hold")],
          ["block", t("set.links.block")],
        ]}
        onChoose={(v) => put({ links: v as typeof was.links })}
      />
      <Check
        label={t("set.previews")}
        hint={t("set.previews.hint")}
        on={now.previews}
        set={(previews) => put({ previews })}
      />
      <Choice
        label={t("set.new.label")}
        hint={t("set.new.hint")}
        value={String(now.new_posts)}
        of={among(NEW_POSTS, now.new_posts).map((n) => [String(n), n === 0 ? t("set.new.off") : t("set.new", { n })])}
        onChoose={(v) => put({ new_posts: Number(v) })}
      />
      {now.new_posts > 0 && (
        <>
          <Choice
            label={t("set.new.hour.label")}
            value={String(now.new_hour)}
            of={among(NEW_HOUR, now.new_hour).map((n) => [String(n), n === 0 ? t("set.off") : number(n)])}
            onChoose={(v) => put({ new_hour: Number(v) })}
          />
          {(["links", "files"] as const).map((what) => (
            <Choice
              key={what}
              label={t(`newlabel.${what}`)}
              value={now[`new_${what}`]}
              of={(["all", "hold", "block"] as const).map((v) => [v, t(`newis.${v}`)])}
              onChoose={(v) => put({ [`new_${what}`]: v as typeof was.new_links })}
            />
          ))}
        </>
      )}
      {room.access === "members" && (
        <Check
          label={t("set.join")}
          hint={t("set.join.hint")}
          on={now.approve_join}
          set={(approve_join) => put({ approve_join })}
        />
      )}
      {words !== null && <Words lines={lines} set={setLines} />}
    </Sheet>
  );
}
