/* profileform.tsx: what I say of myself, and who sees each part of it. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { notice, state } from "../app";
import { changes, CIRCLES, own, setMember, setProfile, SIZES, type Circle, type Profile, type Said, type Whole } from "../folk";
import { languageName, LANGS, regionName, t, type Key } from "../i18n";
import { go, href } from "../router";
import { loadThemes, themeName } from "../shelf";
import { RpcError, type Member, type Params } from "../types";
import { byName, countries } from "./country";
import { LANGUAGES, Several, themeOptions } from "./fields";
import { Choice, Text } from "./forms";
import { Failed, numbered, Skeleton } from "./parts";
import { Page } from "./shell";

const LIST_MAX = 8;
const TEXT_MAX = 500;
type Shown = Partial<Record<Said, Circle>>;
type Basics = Pick<Member, "name" | "city" | "country" | "region">;
interface Form {
  basics: Basics;
  profile: Profile;
  shown: Shown;
  peers: boolean;
}
/* What was typed and not saved yet outlives a look at another screen. */
let begun: { of: string; was: Whole; form: Form } | null = null;

const basicsOf = (m: Member): Basics => ({ name: m.name, city: m.city, country: m.country, region: m.region });
const formOf = (w: Whole): Form => ({ basics: basicsOf(w.member), profile: w.profile, shown: w.shown ?? {}, peers: w.peers === true });
const circleOf = (shown: Shown, field: Said): Circle => shown[field] ?? (field === "contact" ? "nobody" : "rooms");

/* What the hub is asked to change, and nothing else. */
export function asked(was: Whole, form: Form): { member: Params; profile: Params } {
  const member: Params = {};
  const before = basicsOf(was.member);
  for (const key of ["name", "city", "country", "region"] as const) {
    const value = form.basics[key]?.trim() || null;
    if (value !== (before[key] ?? null) && (value || key !== "name")) member[key] = value;
  }
  const profile = changes(was.profile, form.profile);
  const shown = Object.fromEntries(Object.entries(form.shown).filter(([k, v]) => was.shown?.[k as Said] !== v));
  if (Object.keys(shown).length > 0) profile.shown = shown;
  if (form.peers !== (was.peers === true)) profile.peers = form.peers;
  return { member, profile };
}

function Seen({ field, label, form, set }: { field: Said; label: string; form: Form; set: (f: Form) => void }): VNode {
  return (
    <label class="seen">
      <span class="sr">{t("profile.who", { what: label })}</span>
      <select
        value={circleOf(form.shown, field)}
        onChange={(ev) => {
          const circle = ev.currentTarget.value as Circle;
          set({ ...form, shown: { ...form.shown, [field]: circle, ...(field === "can" ? { can_themes: circle } : {}) } });
        }}
      >
        {CIRCLES.map((c) => (
          <option key={c} value={c} selected={c === circleOf(form.shown, field)}>
            {t(`circle.${c}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function ProfileView(): VNode {
  const s = state.value;
  const kept = begun?.of === s.me?.id ? begun : null;
  const [was, setWas] = useState<Whole | null>(kept?.was ?? null);
  const [form, setForm] = useState<Form | null>(kept?.form ?? null);
  const [failed, setFailed] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const [turn, setTurn] = useState(0);
  const online = s.line === "open";
  useEffect(() => void loadThemes(), [online]);
  useEffect(() => {
    if (!online || form) return;
    setFailed("");
    own().then(
      (w) => {
        setWas(w);
        setForm(formOf(w));
      },
      (e: unknown) => setFailed(e instanceof RpcError ? e.told : "internal"),
    );
  }, [online, turn]);
  const set = (next: Form) => {
    begun = { of: s.me!.id, was: was!, form: next };
    setForm(next);
  };
  const save = async () => {
    const { member, profile } = asked(was!, form!);
    if (Object.keys(member).length > 0) await setMember(member);
    if (Object.keys(profile).length > 0) await setProfile(profile);
  };
  const submit = (ev: Event) => {
    ev.preventDefault();
    if (busy) return;
    if (!form!.basics.name.trim()) return setError(t("form.lacks", { what: t("profile.name") }));
    setBusy(true);
    setError("");
    save().then(
      () => {
        begun = null;
        notice(t("profile.saved"));
        go(href.person(s.me!.id));
      },
      (e: unknown) => {
        const code = e instanceof RpcError ? e.code : "";
        setError(code === "invalid" ? t("manage.invalid") : code === "forbidden" ? t("profile.silenced") : numbered(t("error.notdone"), e instanceof RpcError ? e.request : ""));
        setBusy(false);
      },
    );
  };
  return (
    <Page title={t("profile.mine")} back={s.me ? href.person(s.me.id) : href.me}>
      {failed && <Failed code={failed} again={() => setTurn(turn + 1)} />}
      {!form && !failed && (online || s.line === "connecting" ? <Skeleton rows={5} /> : <p class="note">{t("profile.offline")}</p>)}
      {form && (
        <form class="form profile-form" onSubmit={submit}>
          {was && Object.keys(was.profile).length === 0 && (
            <p>
              {t("profile.new")} <a href={href.catchup}>{t("profile.later")}</a>
            </p>
          )}
          <Fields form={form} set={set} />
          <p class="error" role="alert">
            {error}
          </p>
          {!online && <p class="note">{t("manage.offline")}</p>}
          <button class="primary wide" disabled={busy || !online}>
            {busy ? t("state.loading") : t("action.save")}
          </button>
        </form>
      )}
    </Page>
  );
}

function Fields({ form, set }: { form: Form; set: (f: Form) => void }): VNode {
  const s = state.value;
  const { basics, profile } = form;
  const put = (part: Partial<Profile>) => set({ ...form, profile: { ...profile, ...part } });
  const base = (part: Partial<Basics>) => set({ ...form, basics: { ...basics, ...part } });
  const part = (field: Said, label: Key, children: ComponentChildren) => (
    <div class="said">
      {children}
      <Seen field={field} label={t(label)} form={form} set={set} />
    </div>
  );
  const long = (field: "can" | "seeks" | "about", label: Key, hint: Key) => (
    <label>
      {t(label)}
      <textarea rows={3} dir="auto" maxLength={TEXT_MAX} value={profile[field] ?? ""} onInput={(ev) => put({ [field]: ev.currentTarget.value })} />
      <small>{t(hint)}</small>
    </label>
  );
  const several = (field: "themes" | "can_themes", label: Key) => (
    <Several label={t(label)} chosen={profile[field] ?? []} max={LIST_MAX} name={themeName} options={themeOptions(profile[field] ?? [])} set={(v) => put({ [field]: v })} />
  );
  return (
    <>
      <h2>{t("profile.forall")}</h2>
      <Text label={t("profile.name")} value={basics.name} onText={(name) => base({ name })} />
      <div class="pair">
        <Text label={t("lib.city")} value={basics.city ?? ""} onText={(city) => base({ city })} />
        <Choice label={t("lib.country")} value={basics.country ?? ""} of={[["", t("lib.none.short")], ...countries()]} onChoose={(country) => base({ country })} />
      </div>
      <Choice
        label={t("profile.region")}
        value={basics.region ?? ""}
        of={[["", t("lib.none.short")], ...Object.values(s.regions).map((g): [string, string] => [g.id, regionName(g)])]}
        onChoose={(region) => base({ region })}
      />
      <h2>{t("profile.forsome")}</h2>
      <p>{t("profile.forsome.text")}</p>
      <label class="check">
        <input type="checkbox" name="peers" checked={form.peers} onChange={(ev) => set({ ...form, peers: ev.currentTarget.checked })} />
        <span>
          {t("profile.peers")}
          <small>{t("profile.peers.text")}</small>
        </span>
      </label>
      {part("title", "profile.role", <Text label={t("profile.role")} value={profile.title ?? ""} onText={(title) => put({ title })} />)}
      {part(
        "languages",
        "profile.languages",
        <Several
          label={t("profile.languages")}
          chosen={profile.languages ?? []}
          max={LIST_MAX}
          name={languageName}
          options={[...Object.entries(LANGS), ...byName(LANGUAGES, languageName)]}
          set={(languages) => put({ languages })}
        />,
      )}
      {part("themes", "profile.themes", several("themes", "profile.themes"))}
      {part(
        "can",
        "profile.can",
        <>
          {long("can", "profile.can", "profile.can.hint")}
          {several("can_themes", "profile.canthemes")}
        </>,
      )}
      {part("seeks", "profile.seeks", long("seeks", "profile.seeks", "profile.seeks.hint"))}
      {part("about", "profile.about", long("about", "profile.about", "profile.about.hint"))}
      {part(
        "size",
        "profile.size",
        <Choice
          label={t("profile.size")}
          value={profile.size ?? ""}
          of={[["", t("lib.none.short")], ...SIZES.map((x): [string, string] => [x, t(`org.size.${x}`)])]}
          onChoose={(size) => put({ size: (size || undefined) as Profile["size"] })}
        />,
      )}
      {part(
        "contact",
        "profile.contact",
        <label>
          {t("profile.contact")}
          <input dir="auto" autocomplete="off" maxLength={120} value={profile.contact ?? ""} onInput={(ev) => put({ contact: ev.currentTarget.value })} />
          <small>{t("profile.contact.hint")}</small>
        </label>,
      )}
    </>
  );
}
