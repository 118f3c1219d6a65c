/* manage.tsx: what moderators and administrators add: rooms, people in rooms, members. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { addMember, createRoom, giveRole, inviteTo, notice, state } from "../app";
import { LANGS, lang, regionName, t } from "../i18n";
import { go, href } from "../router";
import type { Role, Room } from "../types";
import { Choice, Sheet, Text } from "./forms";
import { InvitePeople } from "./later";
import { Person } from "./pick";

/* A name as an address: "BRT & buses" is brt-buses. */
export const slugOf = (name: string, join = "-"): string =>
  name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, join)
    .slice(0, 24)
    .replace(/^[-.]+|[-.]+$/g, "");

const regions = (): [string, string][] =>
  Object.values(state.value.regions).map((g) => [g.id, regionName(g)]);

export function NewRoom({ onClose }: { onClose: () => void }): VNode {
  const [name, setName] = useState("");
  const [slug, setSlug] = useState<string | null>(null);
  const [about, setAbout] = useState("");
  const [region, setRegion] = useState(state.value.me?.region ?? regions()[0]?.[0] ?? "");
  const [access, setAccess] = useState<Room["access"]>("open");
  const [code, setCode] = useState<string>(lang.value);
  const address = slug ?? slugOf(name);
  return (
    <Sheet
      title={t("manage.room")}
      submit={t("manage.room.make")}
      lacks={
        name.trim() === ""
          ? t("manage.name")
          : /^[a-z0-9-]+$/.test(address)
            ? ""
            : `${t("manage.slug")} (${t("manage.slug.hint")})`
      }
      onClose={onClose}
      act={async () => {
        const id = await createRoom({
          region,
          slug: address,
          name: name.trim(),
          access,
          lang: code,
          ...(about.trim() ? { about: about.trim() } : {}),
        });
        go(href.room(id));
      }}
    >
      <Text label={t("manage.name")} value={name} onText={setName} />
      <Text
        label={t("manage.slug")}
        value={address}
        max={40}
        hint={t("manage.slug.hint")}
        onText={setSlug}
      />
      <Text label={t("manage.about")} value={about} max={500} onText={setAbout} />
      <Choice label={t("manage.region")} value={region} of={regions()} onChoose={setRegion} />
      <Choice
        label={t("manage.access")}
        value={access}
        of={[
          ["open", t("manage.open")],
          ["members", t("room.restricted")],
          ["private", t("room.private")],
        ]}
        onChoose={(v) => setAccess(v as Room["access"])}
      />
      <Choice label={t("me.language")} value={code} of={Object.entries(LANGS)} onChoose={setCode} />
    </Sheet>
  );
}

export function Invite({ room, onClose }: { room: Room; onClose: () => void }): VNode {
  const [chosen, setChosen] = useState("");
  const [isNew, setNew] = useState(false);
  if (isNew) return <InvitePeople room={room} onClose={onClose} />;
  return (
    <Sheet
      title={t("manage.invite")}
      submit={t("manage.invite.do")}
      lacks={chosen === "" ? t("manage.who") : ""}
      onClose={onClose}
      act={async () => {
        await inviteTo(room.id, chosen);
        notice(t("manage.invited"));
      }}
    >
      <Person chosen={chosen} onChoose={setChosen} />
      <button class="soft" type="button" onClick={() => setNew(true)}>
        {t("invite.people.do")}
      </button>
    </Sheet>
  );
}

const ROLES: Role[] = ["guest", "member", "moderator", "admin"];
const choices = (of: Role[]): [string, string][] => of.map((r) => [r, t(`role.${r}`)]);

/* Gives a role here, in the region, or in the hub; a lower one takes it away. */
export function Roles({ room, onClose }: { room: Room; onClose: () => void }): VNode {
  const s = state.value;
  const [chosen, setChosen] = useState("");
  const [role, setRole] = useState<Role>("moderator");
  const [where, setWhere] = useState<"room" | "region" | "hub">("room");
  const [reason, setReason] = useState("");
  const region = regionName(s.regions[room.region]);
  const places: [string, string][] = [["room", room.name]];
  if (s.me?.role === "admin") places.push(["region", region], ["hub", s.hub?.name ?? ""]);
  const of = where === "hub" ? ROLES : ROLES.slice(1);
  return (
    <Sheet
      title={t("manage.roles")}
      submit={t("manage.roles.do")}
      lacks={chosen === "" ? t("manage.who") : ""}
      onClose={onClose}
      act={async () => {
        await giveRole({
          member: chosen,
          role,
          ...(where === "hub" ? {} : { [where]: where === "room" ? room.id : room.region }),
          ...(reason.trim() ? { reason: reason.trim() } : {}),
        });
        notice(t("manage.roles.done"));
      }}
    >
      <Person chosen={chosen} onChoose={setChosen} />
      <Choice
        label={t("manage.where")}
        value={where}
        of={places}
        onChoose={(v) => setWhere(v as typeof where)}
      />
      <Choice
        label={t("manage.role")}
        value={role}
        of={choices(of)}
        onChoose={(v) => setRole(v as Role)}
      />
      <Text label={t("manage.reason")} value={reason} max={200} onText={setReason} />
    </Sheet>
  );
}

export function AddMember({ onClose }: { onClose: () => void }): VNode {
  const [name, setName] = useState("");
  const [handle, setHandle] = useState<string | null>(null);
  const [city, setCity] = useState("");
  const [org, setOrg] = useState("");
  const [region, setRegion] = useState(state.value.me?.region ?? regions()[0]?.[0] ?? "");
  const [role, setRole] = useState<Role>("member");
  const [code, setCode] = useState<string>(lang.value);
  const short = handle ?? slugOf(name, ".");
  return (
    <Sheet
      title={t("manage.member")}
      submit={t("manage.member.add")}
      lacks={
        name.trim() === ""
          ? t("manage.name")
          : /^[a-z0-9]+(\.[a-z0-9]+)*$/.test(short) && short.length > 1
            ? ""
            : `${t("manage.handle")} (${t("manage.handle.hint")})`
      }
      onClose={onClose}
      act={async () => {
        await addMember({
          handle: short,
          name: name.trim(),
          role,
          lang: code,
          ...(region ? { region } : {}),
          ...(city.trim() ? { city: city.trim() } : {}),
          ...(org.trim() ? { org: org.trim() } : {}),
        });
        notice(t("manage.member.done", { command: `baraza link ${short}` }));
      }}
    >
      <Text label={t("manage.name")} value={name} onText={setName} />
      <Text
        label={t("manage.handle")}
        value={short}
        max={24}
        hint={t("manage.handle.hint")}
        onText={setHandle}
      />
      <Text label={t("manage.city")} value={city} onText={setCity} />
      <Text label={t("manage.org")} value={org} onText={setOrg} />
      <Choice label={t("manage.region")} value={region} of={regions()} onChoose={setRegion} />
      <Choice
        label={t("manage.role")}
        value={role}
        of={choices(ROLES)}
        onChoose={(v) => setRole(v as Role)}
      />
      <Choice label={t("me.language")} value={code} of={Object.entries(LANGS)} onChoose={setCode} />
    </Sheet>
  );
}
