/* resource.tsx: what stands above the talk about a resource: the file or link, what is known of it, its versions. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { notice, now, state } from "../app";
import { attached, putAttached, sharedOf } from "../attach";
import { ago, lang, languageName, t } from "../i18n";
import { coming, drop, keep, kept, keptAt, mayKeep, NoRoom, readKept } from "../kept";
import { REL, safeLink } from "../markup";
import { saves } from "../prefs";
import { href } from "../router";
import { addressOf, addVersion, clean, collections, get, languagesOf, loadThemes, putInto, rename, setFields, themeName, typeOf, type Whole } from "../shelf";
import { RpcError, type Collection, type Fields, type SharedFile, type Thread } from "../types";
import { countryName } from "./country";
import { FieldsForm } from "./fields";
import { Sheet, Text } from "./forms";
import { Attach } from "./later";
import { Dialog, Failed, Icon, nameOf, Skeleton } from "./parts";
import { isModerator } from "./post";
import { kindOf, sizeOf } from "./size";
import { TypeIcon } from "./typeicon";

const PDF = /^application\/pdf$/;
const SHOWN = /^image\/(png|jpeg|gif|webp)$/;

export function ResourceHead({ thread: th }: { thread: Thread }): VNode {
  const s = state.value;
  const mine = kept.value[th.id];
  const [found, setFound] = useState<Whole | null>(null);
  const [failed, setFailed] = useState("");
  const [sheet, setSheet] = useState<"" | "edit" | "version" | "collections">("");
  const [turn, setTurn] = useState(0);
  const news = s.recent.filter((e) => e.thread === th.id && e.kind !== "post.react").at(-1)?.seq ?? 0;
  const open = s.line === "open";
  useEffect(() => {
    void loadThemes();
    void readKept();
  }, [open]);
  useEffect(() => {
    if (!open) return;
    let current = true;
    get(th.id).then(
      (w) => {
        if (!current) return;
        setFound(w);
        setFailed("");
      },
      (e) => current && setFailed(e instanceof RpcError ? e.told : "internal"),
    );
    return () => {
      current = false;
    };
  }, [th.id, news, turn, open]);
  const whole = found ?? mine;
  const may = open && (th.by === s.me?.id || isModerator(s, th.room));
  const again = () => setTurn(turn + 1);
  const close = () => setSheet("");
  if (!whole)
    return (
      <section class="resource-head">
        {failed && failed !== "closed" ? <Failed code={failed} again={again} /> : <Skeleton rows={2} />}
      </section>
    );
  const { resource: r, versions } = whole;
  const { fields: x, file } = r;
  return (
    <section class="resource-head" aria-label={t("thread.resource")}>
      {file ? <TheFile key={`${file.post}/${file.n}`} file={file} at={`/file/${file.post}/${file.n}`} local={mine?.resource.file?.post === file.post ? keptAt(file.post, file.n) : ""} /> : x.url ? <TheLink url={x.url} /> : <p class="note">{t("lib.nofile")}</p>}
      <Facts fields={x} whole={whole} link={file !== undefined} />
      {versions.length > 1 && <Versions whole={whole} />}
      <Keeping thread={th.id} bytes={file?.bytes ?? 0} />
      {may && (
        <div class="buttons">
          <button class="soft" aria-haspopup="dialog" onClick={() => setSheet("edit")}>
            {t("lib.edit")}
          </button>
          <button class="soft" aria-haspopup="dialog" onClick={() => setSheet("version")}>
            <Icon name="plus" />
            {t("lib.version.add")}
          </button>
          {isModerator(s, th.room) && (
            <button class="soft" aria-haspopup="dialog" onClick={() => setSheet("collections")}>
              {t("lib.collections")}
            </button>
          )}
        </div>
      )}
      {sheet === "edit" && <Edit thread={th} fields={x} done={again} onClose={close} />}
      {sheet === "version" && <NewVersion thread={th} done={again} onClose={close} />}
      {sheet === "collections" && <Into thread={th} whole={whole} done={again} onClose={close} />}
    </section>
  );
}

/* `local`: where it lies on the device, if it does. */
function TheFile({ file: f, at, local }: { file: SharedFile; at: string; local: string }): VNode {
  const [shown, setShown] = useState(!saves.value || local !== "");
  const [open, setOpen] = useState(false);
  const picture = SHOWN.test(f.type);
  const size = sizeOf(f.bytes);
  return (
    <div class="the-file">
      {f.thumb && picture ? (
        shown ? (
          <button type="button" class="picture" aria-label={t("file.open", { name: f.alt || f.name })} onClick={() => setOpen(true)}>
            <img src={`${at}/thumb${local && "?kept"}`} alt={f.alt ?? ""} width={f.w} height={f.h} loading="lazy" decoding="async" />
          </button>
        ) : (
          <button type="button" class="picture soft" onClick={() => setShown(true)}>
            {t("file.show", { size: sizeOf(20_000) })}
          </button>
        )
      ) : (
        <TypeIcon type={typeOf({ file: f } as never)} />
      )}
      <div>
        <b dir="auto">{f.name}</b>
        <p class="meta" dir="auto">
          {[kindOf(f.type), size].filter(Boolean).join(" · ")}
        </p>
        <div class="buttons">
          {PDF.test(f.type) && (
            <a class="button primary" href={local || `${at}?read`} target="_blank" rel="noopener noreferrer">
              {t("lib.open")}
            </a>
          )}
          {picture && (
            <button class="primary" onClick={() => setOpen(true)}>
              {t("lib.open")}
            </button>
          )}
          <a class={`button ${PDF.test(f.type) || picture ? "soft" : "primary"}`} href={local || at} download={f.name} rel="noopener">
            {t("file.get", { size })}
          </a>
        </div>
      </div>
      {open && (
        <Dialog title={f.alt || f.name} onClose={() => setOpen(false)}>
          <img class="whole" src={local || `${at}?view`} alt={f.alt ?? ""} width={f.w} height={f.h} />
        </Dialog>
      )}
    </div>
  );
}

function TheLink({ url: said }: { url: string }): VNode {
  const url = safeLink(said);
  return (
    <div class="the-file">
      <TypeIcon type="link" />
      <div>
        <b class="host" dir="auto">
          {url?.host ?? said}
        </b>
        {url && (
          <div class="buttons">
            <a class="button primary" href={url.href} target="_blank" rel={REL}>
              {t("lib.open.link")}
            </a>
          </div>
        )}
      </div>
    </div>
  );
}

/* All that is known, each with its name; what can be looked for leads there. */
function Facts({ fields: x, whole, link }: { fields: Fields; whole: Whole; link: boolean }): VNode {
  const s = state.value;
  const r = whole.resource;
  const row = (name: string, what: ComponentChildren) => (
    <div key={name}>
      <dt>{name}</dt>
      <dd dir="auto">{what}</dd>
    </div>
  );
  const links = (all: [string, string][]) =>
    all.map(([to, text], i) => (
      <span key={to}>
        {i > 0 && ", "}
        <a href={to}>{text}</a>
      </span>
    ));
  const url = safeLink(x.url ?? "");
  const languages = languagesOf(x);
  const place = [x.city, x.country && countryName(x.country)].filter(Boolean).join(", ");
  return (
    <dl class="facts">
      {x.themes?.length ? row(t("lib.themes"), links(x.themes.map((v) => [addressOf({ theme: v }), themeName(v)]))) : null}
      {languages.length > 0 && row(t("lib.languages"), links(languages.map((v) => [addressOf({ language: v }), languageName(v)])))}
      {place && row(t("lib.place"), x.city ? links([[addressOf({ city: x.city }), place]]) : links([[addressOf({ country: x.country }), place]]))}
      {x.year && row(t("lib.year"), links([[addressOf({ year: String(x.year) }), String(x.year)]]))}
      {x.licence && row(t("lib.licence"), x.licence)}
      {x.source && row(t("lib.source"), x.source)}
      {link && x.url && row(t("lib.url"), url ? <a href={url.href} target="_blank" rel={REL}>{url.host}</a> : x.url)}
      {whole.collections.length > 0 && row(t("lib.collections"), links(whole.collections.map((c) => [addressOf({ collection: c.id }), c.title])))}
      {row(t("lib.by"), `${nameOf(s, r.by)} · ${ago(r.at, now.value)}`)}
      {whole.from && row(t("lib.from"), <a href={href.thread(r.thread, whole.from)}>{t("lib.from.post")}</a>)}
    </dl>
  );
}

function Versions({ whole }: { whole: Whole }): VNode {
  const s = state.value;
  const [open, setOpen] = useState(false);
  return (
    <div>
      <button class="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="clock" />
        {t("lib.versions", { n: whole.versions.length })}
      </button>
      {open && (
        <ol class="version-list">
          {whole.versions.map((v, i) => (
            <li key={v.n}>
              <a class="file" href={`/file/${v.file.post}/${v.file.n}`} download={v.file.name} rel="noopener">
                <Icon name="file" />
                <span>
                  <b dir="auto">{v.file.name}</b>
                  <span class="meta" dir="auto">
                    {[i === 0 ? t("lib.version.now") : "", ago(v.at, now.value), nameOf(s, v.by), sizeOf(v.file.bytes)].filter(Boolean).join(" · ")}
                  </span>
                </span>
              </a>
              {v.text && (
                <p class="plain" dir="auto">
                  {v.text}
                </p>
              )}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function Keeping({ thread, bytes }: { thread: string; bytes: number }): VNode | null {
  const s = state.value;
  const k = kept.value[thread];
  const percent = coming.value[thread];
  const [error, setError] = useState("");
  if (!mayKeep() || (!k && s.line !== "open")) return null;
  const size = sizeOf(k?.bytes || bytes);
  const bring = () => {
    setError("");
    keep(thread).then(
      () => notice(t("keep.done")),
      (e) => setError(e instanceof NoRoom ? t("keep.noroom", { size }) : t("keep.failed")),
    );
  };
  return (
    <div class="keeping">
      <label class="check">
        <input
          type="checkbox"
          checked={k !== undefined || percent !== undefined}
          disabled={percent !== undefined}
          onChange={(ev) => {
            if (ev.currentTarget.checked) return bring();
            void drop(thread).then(() => notice(t("keep.gone")));
          }}
        />
        <span>
          {bytes > 0 || k?.bytes ? t("keep.size", { size }) : t("keep.do")}
          {percent !== undefined && <progress max={100} value={percent} aria-label={t("keep.coming")} />}
        </span>
      </label>
      {k?.old && percent === undefined && s.line === "open" && (
        <button class="soft" onClick={bring}>
          {t("keep.newer", { size: sizeOf(bytes) })}
        </button>
      )}
      <p class="error" role="alert">
        {error}
      </p>
    </div>
  );
}

function Edit({ thread: th, fields, done, onClose }: { thread: Thread; fields: Fields; done: () => void; onClose: () => void }): VNode {
  const [title, setTitle] = useState(th.title);
  const [f, setF] = useState<Fields>(fields);
  return (
    <Sheet
      title={t("lib.edit")}
      submit={t("action.save")}
      lacks={title.trim() === "" ? t("ask.titlefield") : ""}
      act={async () => {
        if (title.trim() !== th.title) await rename(th.id, title.trim());
        await setFields(th.id, clean(f));
        done();
      }}
      onClose={onClose}
    >
      <Text label={t("ask.titlefield")} value={title} max={200} onText={setTitle} />
      <FieldsForm fields={f} link set={setF} />
    </Sheet>
  );
}

function NewVersion({ thread: th, done, onClose }: { thread: Thread; done: () => void; onClose: () => void }): VNode {
  const key = `version:${th.id}`;
  const [text, setText] = useState("");
  const files = attached.value[key] ?? [];
  const saved = useRef(false);
  const lacks = files.length !== 1 ? t("lib.version.one") : files[0]!.upload ? "" : t("lib.version.going");
  return (
    <Sheet
      title={t("lib.version.add")}
      submit={t("lib.version.send")}
      lacks={lacks}
      act={async () => {
        await addVersion(th.id, sharedOf(files), text.trim(), lang.value);
        saved.current = true;
        void putAttached(key, []);
        notice(t("lib.version.done"));
        done();
      }}
      onClose={onClose}
    >
      <p>{t("lib.version.text")}</p>
      <div class="picking">
        <Attach id={key} />
        {files.length === 0 && <span>{t("lib.version.pick")}</span>}
      </div>
      <Text label={t("lib.version.what")} value={text} max={500} onText={setText} />
    </Sheet>
  );
}

/* Which collections of its region it stands in. */
function Into({ thread: th, whole, done, onClose }: { thread: Thread; whole: Whole; done: () => void; onClose: () => void }): VNode {
  const region = state.value.rooms[th.room]?.region ?? "";
  const [all, setAll] = useState<Collection[] | null>(null);
  const [on, setOn] = useState(whole.collections.map((c) => c.id));
  useEffect(() => {
    collections(region).then((list) => setAll(list.filter((c) => !c.retired)), () => setAll([]));
  }, []);
  const [error, setError] = useState("");
  const set = (id: string, is: boolean) => {
    setError("");
    setOn((old) => (is ? [...old, id] : old.filter((x) => x !== id)));
    putInto(id, th.id, is).then(done, () => {
      setOn((old) => (is ? old.filter((x) => x !== id) : [...old, id]));
      setError(t("error.notdone"));
    });
  };
  return (
    <Dialog title={t("lib.collections")} onClose={onClose}>
      {!all && <Skeleton rows={2} />}
      {all?.length === 0 && <p>{t("lib.collections.none")}</p>}
      {all?.map((c) => (
        <label key={c.id} class="check">
          <input type="checkbox" checked={on.includes(c.id)} onChange={(ev) => set(c.id, ev.currentTarget.checked)} />
          <span dir="auto">{c.title}</span>
        </label>
      ))}
      <p class="error" role="alert">
        {error}
      </p>
    </Dialog>
  );
}
