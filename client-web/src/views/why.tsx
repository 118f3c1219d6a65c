/* why.tsx: the reason of an act of moderation is asked for, and so are a report and an appeal. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { appeal, appealHeld, notice, report, state } from "../app";
import { duration, t } from "../i18n";
import { RULES, type Post, type Rule, type Sanction, type Thread, type Why } from "../types";
import { Choice, Sheet } from "./forms";
import { Dialog, nameOf } from "./parts";
import { ruleName } from "./whyof";

const DAY_S = 86_400;
const ENDS = [3600, DAY_S, 7 * DAY_S, 30 * DAY_S, 0] /* 0: no end */;

export function WhyDialog(p: {
  title: string;
  text: string;
  submit: string;
  words?: boolean /* words of one's own are needed */;
  ends?: boolean /* it is asked, too, when it ends */;
  act: (why: Why, until?: number) => void;
  onClose: () => void;
}): VNode {
  const [end, setEnd] = useState(DAY_S);
  const [rule, setRule] = useState<Rule | "">("");
  const [words, setWords] = useState("");
  const [lacks, setLacks] = useState(false);
  const needsWords = rule === "other" || p.words === true;
  const isWhole = rule !== "" && (!needsWords || words.trim() !== "");
  return (
    <Dialog title={p.title} onClose={p.onClose}>
      <form
        class="form"
        onSubmit={(ev) => {
          ev.preventDefault();
          if (!isWhole) return setLacks(true);
          p.act(
            { rule: rule as Rule, ...(words.trim() ? { reason: words.trim() } : {}) },
            p.ends && end ? Date.now() + end * 1000 : undefined,
          );
          p.onClose();
        }}
      >
        <p>{p.text}</p>
        <fieldset class="rules">
          <legend>{t("mod.why")}</legend>
          {RULES.map((r) => (
            <label key={r} class="rule">
              <input
                type="radio"
                name="rule"
                value={r}
                checked={rule === r}
                onChange={() => {
                  setRule(r);
                  setLacks(false);
                }}
              />
              {ruleName(r)}
            </label>
          ))}
        </fieldset>
        <label>
          {t("mod.words")}
          <input
            dir="auto"
            value={words}
            maxLength={200}
            onInput={(ev) => setWords(ev.currentTarget.value)}
          />
        </label>
        {p.ends && (
          <Choice
            label={t("ends.label")}
            value={String(end)}
            of={ENDS.map((n) => [String(n), n ? duration(n) : t("ends.never")])}
            onChoose={(v) => setEnd(Number(v))}
          />
        )}
        <p class="error" role="alert">
          {lacks && !isWhole ? t(rule === "" ? "mod.why.lack" : "mod.words.lack") : ""}
        </p>
        <button class="primary wide">{p.submit}</button>
      </form>
    </Dialog>
  );
}

/* To moderators alone: about a message or who wrote it, or about a whole thread. */
export function ReportDialog({
  thread: th,
  post: p,
  onClose,
}: {
  thread: Thread;
  post?: Post;
  onClose: () => void;
}): VNode {
  const [rule, setRule] = useState<Rule | "">("");
  const [words, setWords] = useState("");
  const [isPerson, setPerson] = useState(false);
  const of = p ? nameOf(state.value, p.by) : "";
  const what = !p
    ? { thread: th.id }
    : isPerson
      ? { member: p.by, room: th.room }
      : { post: p.id };
  return (
    <Sheet
      title={t("report.title")}
      submit={t("report.do")}
      lacks={
        rule === "" ? t("mod.why") : rule === "other" && words.trim() === "" ? t("report.words") : ""
      }
      onClose={onClose}
      act={async () => {
        await report({ ...what, rule, ...(words.trim() ? { reason: words.trim() } : {}) });
        notice(t("report.done"));
      }}
    >
      <p>{t(state.value.rooms[th.room]?.with ? "report.text.two" : "report.text")}</p>
      {p && (
        <label>
          {t("report.what")}
          <select
            value={isPerson ? "person" : "post"}
            onChange={(ev) => setPerson(ev.currentTarget.value === "person")}
          >
            <option value="post">{t("report.post")}</option>
            <option value="person">{t("report.person", { name: of })}</option>
          </select>
        </label>
      )}
      <label>
        {t("mod.why")}
        <select value={rule} onChange={(ev) => setRule(ev.currentTarget.value as Rule | "")}>
          <option value="">{t("report.choose")}</option>
          {RULES.map((r) => (
            <option key={r} value={r}>
              {ruleName(r)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("report.words")}
        <input
          dir="auto"
          value={words}
          maxLength={300}
          onInput={(ev) => setWords(ev.currentTarget.value)}
        />
      </label>
    </Sheet>
  );
}

export function AppealDialog({
  post: p,
  sanction: x,
  onDone,
  onClose,
}: {
  post?: Post;
  sanction?: Sanction /* one of the two */;
  onDone: () => void;
  onClose: () => void;
}): VNode {
  const label = t(x ? "appeal.words.held" : "appeal.words");
  const [words, setWords] = useState("");
  return (
    <Sheet
      title={t("appeal.title")}
      submit={t("appeal.do")}
      lacks={words.trim() === "" ? label : ""}
      anywhere={x !== undefined}
      onClose={onClose}
      act={async () => {
        await (x ? appealHeld(x.id, words.trim()) : appeal(p!.id, words.trim()));
        onDone();
        notice(t("appeal.done"));
      }}
    >
      <p>{t(x ? "appeal.text.held" : "appeal.text")}</p>
      <label>
        {label}
        <textarea
          dir="auto"
          rows={4}
          value={words}
          maxLength={900}
          onInput={(ev) => setWords(ev.currentTarget.value)}
        />
      </label>
    </Sheet>
  );
}
