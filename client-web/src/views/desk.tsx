/* desk.tsx: the secretariat's desk: who asks to join, organisations, people, invitations, what keeps them out, numbers. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { state } from "../app";
import { t } from "../i18n";
import { href } from "../router";
import { RpcError } from "../types";
import { OrgsTab } from "./deskorgs";
import { InvitationsTab, MembersTab, TroubleTab } from "./deskpeople";
import { NumbersTab } from "./numbers";
import { Failed, Skeleton } from "./parts";
import { RequestsTab } from "./requests";
import { Page } from "./shell";

const TABS = ["requests", "orgs", "members", "invitations", "trouble", "numbers"] as const;
type Tab = (typeof TABS)[number];

/* What a tab shows is asked for anew with each line, and again after each act. */
export function useAsked<T>(ask: () => Promise<T>, keys: unknown[]): [T | null, ComponentChildren, () => void] {
  const open = state.value.line === "open";
  const [got, setGot] = useState<T | null>(null);
  const [failed, setFailed] = useState("");
  const [turn, setTurn] = useState(0);
  const again = () => setTurn((n) => n + 1);
  useEffect(() => {
    if (!open) return;
    let current = true;
    ask().then(
      (value) => {
        if (!current) return;
        setFailed("");
        setGot(value);
      },
      (e: unknown) => current && setFailed(e instanceof RpcError ? e.told : "internal"),
    );
    return () => {
      current = false;
    };
  }, [open, turn, ...keys]);
  const note = failed.startsWith("forbidden") ? (
    <p class="note">{t("manage.forbidden")}</p>
  ) : failed ? (
    <Failed code={failed} again={again} />
  ) : got !== null ? null : open ? (
    <Skeleton rows={4} />
  ) : (
    <p class="note">{t("manage.offline")}</p>
  );
  return [got, note, again];
}

export function DeskView({ tab }: { tab: string }): VNode {
  const at: Tab = TABS.find((x) => x === tab) ?? TABS[0];
  return (
    <Page title={t("desk.title")} back={href.rooms}>
      <nav class="filters" aria-label={t("desk.title")}>
        {TABS.map((x) => (
          <a key={x} class="button toggle" href={href.desk(x)} aria-current={x === at ? "page" : undefined}>
            {t(`desk.${x}`)}
          </a>
        ))}
      </nav>
      {at === "requests" && <RequestsTab />}
      {at === "orgs" && <OrgsTab />}
      {at === "members" && <MembersTab />}
      {at === "invitations" && <InvitationsTab />}
      {at === "trouble" && <TroubleTab />}
      {at === "numbers" && <NumbersTab />}
    </Page>
  );
}
