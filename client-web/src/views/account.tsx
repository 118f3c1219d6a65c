/* account.tsx: what I sign in with, where I am signed in, where codes are sent, and programs that act for me. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { href } from "../router";
import { going } from "../sites";
import { Addresses, Devices } from "./devices";
import { OwnData } from "./leaving";
import { Means } from "./means";
import { Programs } from "./programs";
import { Page } from "./shell";
import { Consent, Sites } from "./sites";

export function AccountView(): VNode {
  const [asked, setAsked] = useState(() => (going()?.links ? going() : null));
  return (
    <Page title={t("account.title")} back={href.me}>
      <div class="settings">
        {asked && <Consent it={asked} done={() => setAsked(null)} />}
        <Means />
        <Sites key={asked ? "asked" : ""} />
        <Devices />
        <Addresses />
        <Programs />
        <OwnData />
      </div>
    </Page>
  );
}
