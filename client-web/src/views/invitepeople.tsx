/* invitepeople.tsx: an invitation for somebody who is not here yet: a link and a QR code for whoever is in the room with you, or a
 * mail to one address; and those that are open, to be taken back. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { notice, state } from "../app";
import { call } from "../core";
import { lang, regionName, t } from "../i18n";
import type { Org, Region, Room } from "../types";
import { Choice, Sheet, Text } from "./forms";
import { Dialog, Time } from "./parts";
import { QrCode } from "./qr";

interface Open {
  id: string;
  email?: string;
  org_name?: string;
  room_name?: string;
  region_name?: string;
  uses: number;
  used: number;
  until: number;
}
const DAYS = [1, 7, 14, 30, 90];

/* To a room, an organisation, or else to a region of one's choice or the hub. */
export function InvitePeople({ room, org, onClose }: { room?: Room; org?: Pick<Org, "id" | "name">; onClose: () => void }): VNode {
  const s = state.value;
  const regions: Region[] = Object.values(s.regions);
  const [how, setHow] = useState<"link" | "mail">("link");
  const [email, setEmail] = useState("");
  const [uses, setUses] = useState("1");
  const [days, setDays] = useState("14");
  const [region, setRegion] = useState(s.me?.role === "admin" ? "" : (s.me?.region ?? regions[0]?.id ?? ""));
  const [made, setMade] = useState("");
  const shows = useRef(false);
  const where = room?.name ?? org?.name ?? (region ? regionName(s.regions[region]) : (s.hub?.name ?? "Baraza"));
  if (made) return <Made link={`${location.origin}/#join=${made}`} where={where} many={uses !== "1"} onClose={onClose} />;
  const places: [string, string][] = regions.map((g) => [g.id, regionName(g)]);
  if (s.me?.role === "admin") places.unshift(["", s.hub?.name ?? "Baraza"]);
  return (
    <Sheet
      title={t("invite.title", { where })}
      submit={how === "mail" ? t("invite.send") : t("invite.make")}
      lacks={how === "mail" && !email.includes("@") ? t("door.email") : ""}
      conflict={t("invite.full")}
      onClose={() => {
        if (!shows.current) onClose(); /* else what was made takes its place */
      }}
      act={async () => {
        const { code } = await call<{ code: string }>("invite.create", {
          lang: lang.value,
          days: Number(days),
          ...(room ? { room: room.id } : org ? { org: org.id } : region ? { region } : {}),
          ...(how === "mail" ? { email: email.trim() } : { uses: Number(uses) }),
        });
        if (how === "mail")
          notice(t("invite.sent", { email: email.trim() }));
        shows.current = how === "link";
        if (how === "link") setMade(code);
      }}
    >
      <Choice
        label={t("invite.how")}
        value={how}
        of={[
          ["link", t("invite.how.link")],
          ["mail", t("invite.how.mail")],
        ]}
        onChoose={(v) => setHow(v as "link" | "mail")}
      />
      {!room && !org && places.length > 1 && (
        <Choice label={t("manage.region")} value={region} of={places} onChoose={setRegion} />
      )}
      {how === "mail" ? (
        <Text label={t("door.email")} value={email} max={254} onText={setEmail} />
      ) : (
        <Choice
          label={t("invite.uses")}
          value={uses}
          of={["1", "5", "20", "100"].map((n) => [n, t("invite.people", { n: Number(n) })])}
          onChoose={setUses}
        />
      )}
      <Choice
        label={t("invite.days")}
        value={days}
        of={DAYS.map((n) => [String(n), t("invite.days.n", { n })])}
        onChoose={setDays}
      />
      <OpenOnes />
    </Sheet>
  );
}

function Made({ link, where, many, onClose }: { link: string; where: string; many: boolean; onClose: () => void }): VNode {
  const [copied, setCopied] = useState(false);
  return (
    <Dialog title={t("invite.title", { where })} onClose={onClose}>
      <div class="form">
        <p>{many ? t("invite.made.many") : t("invite.made")}</p>
        <QrCode text={link} label={t("invite.qr")} />
        <input class="made" readOnly dir="ltr" aria-label={t("invite.link")} value={link} onFocus={(ev) => ev.currentTarget.select()} />
        <div class="choices">
          <button
            class="primary"
            type="button"
            onClick={() =>
              navigator.clipboard.writeText(link).then(
                () => setCopied(true),
                () => notice(t("invite.copy.by")),
              )
            }
          >
            {copied ? t("invite.copied") : t("invite.copy")}
          </button>
          {"share" in navigator && (
            <button class="soft" type="button" onClick={() => void navigator.share({ url: link }).catch(() => undefined)}>
              {t("invite.share")}
            </button>
          )}
        </div>
        <p class="note" role="status">
          {t("invite.once")}
        </p>
      </div>
    </Dialog>
  );
}

function OpenOnes(): VNode | null {
  const [open, setOpen] = useState<Open[]>([]);
  const load = () =>
    call<{ invitations: Open[] }>("invite.list").then(
      (r) => setOpen(r.invitations.filter((i) => i.used < i.uses && i.until > Date.now())),
      () => setOpen([]),
    );
  useEffect(() => void load(), []);
  if (open.length === 0) return null;
  return (
    <details>
      <summary>{t("invite.open", { n: open.length })}</summary>
      <ul class="plain">
        {open.map((i) => {
          const what = i.email ?? i.org_name ?? i.room_name ?? i.region_name ?? "Baraza";
          return (
            <li key={i.id}>
              <span>
                <bdi>{what}</bdi> · {t("invite.left", { n: i.uses - i.used })} · <Time at={i.until} />
              </span>
              <button
                class="soft small"
                type="button"
                aria-label={`${t("invite.back")}${t("punct.colon")}${what}`}
                onClick={() => void call("invite.drop", { id: i.id }).finally(load)}
              >
                {t("invite.back")}
              </button>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
