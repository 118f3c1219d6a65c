/* account.tsx: what I sign in with, where I am signed in, where codes are sent, and programs that act for me. */
import type { VNode } from "preact";
import { t } from "../i18n";
import { href } from "../router";
import { Addresses, Devices } from "./devices";
import { OwnData } from "./leaving";
import { Means } from "./means";
import { Programs } from "./programs";
import { Page } from "./shell";

export function AccountView(): VNode {
  return (
    <Page title={t("account.title")} back={href.me}>
      <div class="settings">
        <Means />
        <Devices />
        <Addresses />
        <Programs />
        <OwnData />
      </div>
    </Page>
  );
}
