/* leaving.tsx: what this hub has of me: to be taken along, how long it is kept, and how to leave. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { notice, state } from "../app";
import { call, random } from "../core";
import { post } from "../rpc";
import { full, t } from "../i18n";
import { forgetHere } from "../session";
import { RpcError } from "../types";
import { KeepsChoice, Sheet, Text } from "./forms";
import { sizeOf } from "./size";

interface Made {
  state: "none" | "making" | "ready" | "failed";
  bytes?: number;
  until?: number;
}
const LOOK_MS = 2000;

function Everything(): VNode {
  const [made, setMade] = useState<Made>({ state: "none" });
  const [error, setError] = useState("");
  const look = () => call<Made>("export.get").then(setMade, () => {});
  useEffect(() => void look(), []);
  useEffect(() => {
    if (made.state !== "making") return;
    const timer = setTimeout(look, LOOK_MS);
    return () => clearTimeout(timer);
  }, [made]);
  const begin = () => {
    setError("");
    call("export.begin").then(
      () => setMade({ state: "making" }),
      (e: unknown) => setError(t(e instanceof RpcError && e.code === "rate_limited" ? "data.export.later" : "error.notdone")),
    );
  };
  const mayBegin = made.state === "none" || made.state === "failed";
  return (
    <>
      <p class="meta">{t("data.export.text")}</p>
      <p role="status">
        {made.state === "making" && t("data.export.making")}
        {made.state === "ready" && t("data.export.ready", { size: sizeOf(made.bytes ?? 0), when: full(made.until ?? 0) })}
        {made.state === "failed" && t("data.export.failed")}
      </p>
      <p class="error" role="alert">
        {error}
      </p>
      <p>
        {mayBegin && (
          <button class="soft" onClick={begin}>
            {t("data.export")}
          </button>
        )}
        {made.state === "ready" && (
          <a class="button primary" href="/export" download>
            {t("data.export.take")}
          </a>
        )}
      </p>
    </>
  );
}

const KEPT = ["sessions", "drafts", "invitations", "requests", "mail"] as const;

function Kept(): VNode | null {
  const [days, setDays] = useState<Record<string, number> | null>(null);
  useEffect(() => void call<{ days: Record<string, number> }>("keep.get").then((got) => setDays(got.days), () => {}), []);
  if (days === null) return null;
  return (
    <details>
      <summary>{t("data.kept")}</summary>
      <p class="meta">{t("data.kept.text")}</p>
      <ul>
        {KEPT.filter((what) => what in days).map((what) => (
          <li key={what}>
            {t(`retain.${what}`)}
            {t("punct.colon")}
            {days[what] ? t("data.days", { n: days[what]! }) : t("data.forever")}
          </li>
        ))}
      </ul>
      <p class="meta">{t("data.kept.browser")}</p>
    </details>
  );
}

function Leave({ onClose }: { onClose: () => void }): VNode {
  const handle = state.value.me?.handle ?? "";
  const [keeps, setKeeps] = useState(false);
  const [typed, setTyped] = useState("");
  const isSure = typed.trim().replace(/^@/, "").toLowerCase() === handle;
  return (
    <Sheet
      title={t("leave.title")}
      submit={t("leave.do")}
      lacks={isSure ? "" : `@${handle}`}
      conflict={t("leave.last")}
      act={async () => {
        await post("member.erase", { handle, keep_posts: keeps, cid: random() });
        await forgetHere();
        notice(t("leave.done"));
      }}
      onClose={onClose}
    >
      <KeepsChoice legend={t("leave.choose")} keeps={keeps} choose={setKeeps} />
      <ul class="record">
        <li>{t("leave.once")}</li>
        <li>{t(keeps ? "leave.stays" : "leave.words")}</li>
        <li>{t("leave.others")}</li>
        <li>{t("leave.handle", { handle })}</li>
        <li>{t("leave.end")}</li>
      </ul>
      <Text label={t("leave.type", { handle: `@${handle}` })} value={typed} autocomplete="off" onText={setTyped} />
    </Sheet>
  );
}

export function OwnData(): VNode {
  const [leaving, setLeaving] = useState(false);
  return (
    <>
      <h2>{t("data.title")}</h2>
      <Everything />
      <Kept />
      <h2>{t("leave.title")}</h2>
      <p class="meta">{t("leave.text")}</p>
      <p>
        <button class="soft danger" aria-haspopup="dialog" onClick={() => setLeaving(true)}>
          {t("leave.title")}
        </button>
      </p>
      {leaving && <Leave onClose={() => setLeaving(false)} />}
    </>
  );
}
