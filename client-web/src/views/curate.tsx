/* curate.tsx: what moderators keep in order: the collections of a region, and the tree of themes. It is opened from the library,
 * whose own file is there by then, and not part of it: readers have no use for it. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { state, undo } from "../app";
import { call, random } from "../core";
import { LANGS, regionName, t, type Lang } from "../i18n";
import { there } from "../later";
import { RpcError, type Collection, type Params, type Theme } from "../types";
import { Choice, Sheet, Text } from "./forms";
import { Dialog, Icon, Skeleton } from "./parts";
import { isModerator } from "./post";

const library = () => there.library!;
const themes = (): Theme[] => library().themes.value;
const themeName = (slug: string): string => library().themeName(slug);
const newCollection = (p: Params) => call("collection.create", { ...p, cid: random() });
const setCollection = (p: Params) => call("collection.set", { ...p, cid: random() });
async function setTheme(p: Params): Promise<void> {
  await call("theme.set", { ...p, cid: random() });
  await library().loadThemes(true);
}

/* Where I moderate everything, or at least a room: the hub says no where that is not enough. */
function myRegions(): [string, string][] {
  const s = state.value;
  return Object.values(s.regions)
    .filter((g) => isModerator(s) || Object.values(s.rooms).some((r) => r.region === g.id && isModerator(s, r.id)))
    .map((g) => [g.id, regionName(g)]);
}

export function CollectionsSheet({ onClose }: { onClose: () => void }): VNode {
  const [all, setAll] = useState<Collection[] | null>(null);
  const [editing, setEditing] = useState<Collection | "new" | null>(null);
  const [error, setError] = useState("");
  const load = () => library().collections().then(setAll, () => setAll([]));
  useEffect(() => void load(), []);
  const retire = (c: Collection, retired: boolean) => {
    setError("");
    return setCollection({ collection: c.id, retired }).then(load, () => setError(t("error.notdone")));
  };
  if (editing)
    return (
      <CollectionForm
        of={editing === "new" ? null : editing}
        onClose={() => {
          setEditing(null);
          void load();
        }}
      />
    );
  const regions = myRegions();
  return (
    <Dialog title={t("lib.collections")} onClose={onClose}>
      <p>{t("lib.collections.text")}</p>
      {!all && <Skeleton rows={3} />}
      <ul class="curated">
        {all
          ?.filter((c) => regions.some(([id]) => id === c.region))
          .map((c) => (
            <li key={c.id}>
              <span>
                <b dir="auto">{c.title}</b>
                <span class="meta" dir="auto">
                  {[regionName(state.value.regions[c.region]), t("lib.count", { n: c.count }), c.retired ? t("lib.retired") : ""].filter(Boolean).join(" · ")}
                </span>
              </span>
              <span class="buttons">
                <button class="soft small" aria-label={`${t("lib.change")}${t("punct.colon")}${c.title}`} onClick={() => setEditing(c)}>
                  {t("lib.change")}
                </button>
                <button
                  class="quiet small"
                  aria-label={`${t(c.retired ? "lib.unretire" : "lib.retire")}${t("punct.colon")}${c.title}`}
                  onClick={() => {
                    void retire(c, !c.retired);
                    if (!c.retired) undo.offer({ text: t("undo.did", { what: t("lib.retire") }), undo: () => void retire(c, false) });
                  }}
                >
                  {t(c.retired ? "lib.unretire" : "lib.retire")}
                </button>
              </span>
            </li>
          ))}
      </ul>
      <p class="error" role="alert">
        {error}
      </p>
      <button class="primary wide" onClick={() => setEditing("new")}>
        <Icon name="plus" />
        {t("lib.collection.new")}
      </button>
    </Dialog>
  );
}

function CollectionForm({ of: c, onClose }: { of: Collection | null; onClose: () => void }): VNode {
  const regions = myRegions();
  const [title, setTitle] = useState(c?.title ?? "");
  const [about, setAbout] = useState(c?.about ?? "");
  const [region, setRegion] = useState(c?.region ?? state.value.me?.region ?? "");
  const own = regions.some(([id]) => id === region) ? region : (regions[0]?.[0] ?? "");
  return (
    <Sheet
      title={t(c ? "lib.collection" : "lib.collection.new")}
      submit={t("action.save")}
      lacks={title.trim() === "" ? t("ask.titlefield") : ""}
      act={async () => {
        const said = { title: title.trim(), about: about.trim() };
        if (c) await setCollection({ collection: c.id, ...said });
        else await newCollection({ region: own, title: said.title, ...(said.about ? { about: said.about } : {}) });
      }}
      onClose={onClose}
    >
      <Text label={t("ask.titlefield")} value={title} max={120} onText={setTitle} />
      <Text label={t("lib.collection.about")} value={about} max={500} onText={setAbout} />
      {!c && <Choice label={t("lib.region")} value={own} of={regions} onChoose={setRegion} />}
    </Sheet>
  );
}

export function ThemesSheet({ onClose }: { onClose: () => void }): VNode {
  const [editing, setEditing] = useState<{ theme: Theme | null; parent?: string } | null>(null);
  const [error, setError] = useState("");
  useEffect(() => void library().loadThemes(true), []);
  if (editing) return <ThemeForm {...editing} onClose={() => setEditing(null)} />;
  const tops = themes().filter((x) => !x.parent);
  const retire = (x: Theme, retired: boolean) => {
    setError("");
    return setTheme({ slug: x.slug, retired }).catch(() => setError(t("error.notdone")));
  };
  const row = (x: Theme) => (
    <li key={x.slug} class={x.parent ? "below" : undefined}>
      <span>
        <b dir="auto">{themeName(x.slug)}</b>
        {x.retired && <span class="meta">{t("lib.retired")}</span>}
      </span>
      <span class="buttons">
        {!x.parent && !x.retired && (
          <button
            class="quiet"
            aria-label={`${t("lib.theme.below")}${t("punct.colon")}${themeName(x.slug)}`}
            onClick={() => setEditing({ theme: null, parent: x.slug })}
          >
            <Icon name="plus" />
          </button>
        )}
        <button class="soft small" aria-label={`${t("lib.change")}${t("punct.colon")}${themeName(x.slug)}`} onClick={() => setEditing({ theme: x })}>
          {t("lib.change")}
        </button>
        <button
          class="quiet small"
          aria-label={`${t(x.retired ? "lib.unretire" : "lib.retire")}${t("punct.colon")}${themeName(x.slug)}`}
          onClick={() => {
            void retire(x, !x.retired);
            if (!x.retired) undo.offer({ text: t("undo.did", { what: t("lib.retire") }), undo: () => void retire(x, false) });
          }}
        >
          {t(x.retired ? "lib.unretire" : "lib.retire")}
        </button>
      </span>
    </li>
  );
  return (
    <Dialog title={t("lib.themes")} onClose={onClose}>
      <p>{t("lib.themes.text")}</p>
      <ul class="curated">{tops.flatMap((x) => [row(x), ...themes().filter((y) => y.parent === x.slug).map(row)])}</ul>
      <p class="error" role="alert">
        {error}
      </p>
      <button class="primary wide" onClick={() => setEditing({ theme: null })}>
        <Icon name="plus" />
        {t("lib.theme.new")}
      </button>
    </Dialog>
  );
}

/* "Bus lanes & kerbs" is bus-lanes-kerbs, for good: names may change, it does not. */
export const slugFor = (name: string): string =>
  name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");

function ThemeForm({ theme, parent, onClose }: { theme: Theme | null; parent?: string; onClose: () => void }): VNode {
  const [names, setNames] = useState<Record<string, string>>(theme?.names ?? {});
  const [above, setAbove] = useState(theme?.parent ?? parent ?? "");
  const isParent = themes().some((x) => x.parent === theme?.slug);
  const missing = (Object.keys(LANGS) as Lang[]).find((l) => !names[l]?.trim());
  return (
    <Sheet
      title={t(theme ? "lib.theme" : "lib.theme.new")}
      submit={t("action.save")}
      lacks={missing ? LANGS[missing] : ""}
      conflict={theme ? undefined : t("lib.theme.exists")}
      act={async () => {
        const said = Object.fromEntries(Object.keys(LANGS).map((l) => [l, names[l]!.trim()]));
        const slug = theme?.slug ?? slugFor(said.en!);
        if (!theme) {
          await library().loadThemes(true);
          if (themes().some((x) => x.slug === slug)) throw new RpcError("conflict", "there is one of this name");
        }
        await setTheme({ slug, names: said, ...(above ? { parent: above } : {}) });
      }}
      onClose={onClose}
    >
      <p>{t("lib.theme.names")}</p>
      {(Object.keys(LANGS) as Lang[]).map((l) => (
        <Text key={l} label={LANGS[l]} value={names[l] ?? ""} max={60} onText={(v) => setNames({ ...names, [l]: v })} />
      ))}
      {!isParent && (
        <Choice
          label={t("lib.theme.above")}
          value={above}
          of={[...(theme?.parent ? [] : [["", t("lib.none.short")] as [string, string]]), ...themes().filter((x) => !x.parent && !x.retired && x.slug !== theme?.slug).map((x): [string, string] => [x.slug, themeName(x.slug)])]}
          onChoose={setAbove}
        />
      )}
    </Sheet>
  );
}
