/* join.tsx: an invitation: who invites, to what; a name and an address; the digits that were sent there. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { askCode, held, look, type Invitation } from "../entering";
import { troubleOf, type Trouble } from "../trouble";
import { t } from "../i18n";
import { brought } from "../coming";
import { Text } from "./inputs";
import { OtherSites } from "./othersites";
import { Skeleton } from "./pieces";
import { CodeCard, Stay } from "./signin";
import { EmailField, Step, Wrong } from "./step";

const placeOf = (i: Invitation): string => i.org_name ?? i.room_name ?? i.region_name ?? "Baraza";

export function JoinCard({ code }: { code: string }): VNode {
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [why, setWhy] = useState<Trouble>(code === "" ? "wrong" : "");
  const load = () => {
    setWhy("");
    look(code).then(setInvitation, (e: unknown) => setWhy(troubleOf(e)));
  };
  useEffect(() => {
    if (code !== "") load();
  }, [code]);
  if (why)
    return (
      <div class="card">
        <Wrong why={why} texts={{ wrong: "door.join.over", over: "door.join.over" }} />
        {why === "offline" || why === "fast" ? (
          <button class="primary wide" onClick={load}>
            {t("action.again")}
          </button>
        ) : (
          <button
            class="soft wide"
            onClick={() => {
              brought.value = null;
            }}
          >
            {t("door.join.have")}
          </button>
        )}
        <Stay />
      </div>
    );
  if (!invitation) return <Skeleton rows={2} />;
  return <Invited code={code} invitation={invitation} />;
}

function Invited({ code, invitation }: { code: string; invitation: Invitation }): VNode {
  const { name: called = "", city, country } = invitation.said ?? {};
  const [name, setName] = useState(called);
  const [org, setOrg] = useState("");
  const [email, setEmail] = useState(invitation.email ?? "");
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Trouble>("");
  const [lacks, setLacks] = useState(false);
  const [peers, setPeers] = useState(false);
  const who = invitation.by_name;
  const ask = (to: string, said = { name: name.trim(), ...(org.trim() ? { org: org.trim() } : {}), ...(city ? { city } : {}), ...(country ? { country } : {}) }) => {
    setLacks(said.name === "");
    if (said.name === "") return;
    setBusy(true);
    setWhy("");
    askCode(to, { invite: code, who: said, peers }).then(
      () => setBusy(false),
      (e: unknown) => {
        setWhy(troubleOf(e));
        setBusy(false);
      },
    );
  };
  const asked = held.value;
  if (asked?.invite === code && asked.who)
    return <CodeCard again={() => ask(asked.email, asked.who as { name: string })} />;
  return (
    <div class="card">
      <h2>
        {who ? t("door.join.by", { who, where: placeOf(invitation) }) : t("door.join.to", { where: placeOf(invitation) })}
      </h2>
      <Step
        submit={t("door.join.go")}
        busy={busy}
        why={why}
        texts={{ wrong: "door.email.wrong" }}
        onSubmit={() => ask(email.trim())}
      >
        <Text label={t("door.join.name")} value={name} onText={setName} autocomplete="name" invalid={lacks} />
        {lacks && <p class="error">{t("form.lacks", { what: t("door.join.name") })}</p>}
        {!invitation.org_name && (
          <Text label={t("door.join.org")} value={org} onText={setOrg} autocomplete="organization" />
        )}
        {invitation.email ? (
          <p>
            {t("door.email")}: <b dir="ltr">{invitation.email}</b>
          </p>
        ) : (
          <EmailField value={email} onText={setEmail} />
        )}
        <label class="check">
          <input type="checkbox" name="peers" checked={peers} onChange={(ev) => setPeers(ev.currentTarget.checked)} />
          <span>
            {t("profile.peers")}
            <small>{t("profile.peers.text")}</small>
          </span>
        </label>
        <p class="note">{t("door.join.password")}</p>
      </Step>
      <OtherSites invite={code} />
    </div>
  );
}
