/* waits.tsx: what I wrote that a moderator is to look at first, where it will stand; and why it was refused. */
import type { VNode } from "preact";
import { keepDraft, now, state } from "../app";
import { t } from "../i18n";
import type { State } from "../store";
import type { Matter } from "../types";
import { Icon, Initials } from "./parts";
import { whyOf } from "./whyof";

const TOLD_MS = 2 * 24 * 3_600_000; /* a refusal stands where it was written for two days, then in Me alone */

const isShown = (m: Matter): boolean =>
  !m.decided || (m.decided.decision === "refuse" && now.value - m.decided.at < TOLD_MS);
export const waitsIn = (s: State, thread: string): Matter[] =>
  s.asks.filter((m) => m.ask === "post" && m.thread === thread && isShown(m)).reverse();
export const threadsWaitIn = (s: State, room: string): Matter[] =>
  s.asks.filter((m) => m.ask === "thread" && m.room === room && isShown(m));

export function HeldState({ matter: m }: { matter: Matter }): VNode {
  return m.decided ? (
    <p class="state bad">
      <Icon name="alert" />
      <span dir="auto">{t("waits.refused", { why: whyOf(m.decided) })}</span>
    </p>
  ) : (
    <p class="meta state">
      <Icon name="clock" />
      {t("waits.here")}
    </p>
  );
}

export function HeldPost({ matter: m }: { matter: Matter }): VNode {
  return (
    <li class="post mine pending waits" data-ask={m.id}>
      <Initials id={state.value.me?.id ?? ""} />
      <div class="post-body">
        <header>
          <b dir="auto">{state.value.me?.name}</b>
        </header>
        <p class="plain" dir="auto">
          {m.text}
        </p>
        <HeldState matter={m} />
        {m.decided && (
          <button class="soft" onClick={() => keepDraft(`post:${m.thread}`, { text: m.text ?? "" })}>
            {t("waits.again")}
          </button>
        )}
      </div>
    </li>
  );
}
