/* files.tsx: the files of a message, and those that are going along with the one being written. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { attached, FILES_MAX, sentKey, type Attachment } from "../attach";
import { notice, state } from "../app";
import { t, type Key } from "../i18n";
import { saves } from "../prefs";
import { go, href } from "../router";
import type { Command, Link, SharedFile } from "../types";
import { again, attach, describe, detach, goOn, original, pause, takeBack } from "../upload";
import { passFocus } from "./focus";
import { LinkCard } from "./links";
import { Dialog, Icon, type IconName } from "./parts";
import { kindOf, sizeOf } from "./size";

function Picture({ at, file: f }: { at: string; file: SharedFile }): VNode {
  const [shown, setShown] = useState(!saves.value);
  const [open, setOpen] = useState(false);
  const label = f.alt || f.name;
  const small = f.thumb ? `${at}/thumb` : `${at}?view`;
  return (
    <figure>
      {shown ? (
        <button type="button" class="picture" aria-label={t("file.open", { name: label })} onClick={() => setOpen(true)}>
          <img src={small} alt={f.alt ?? ""} width={f.w} height={f.h} loading="lazy" decoding="async" />
        </button>
      ) : (
        <button type="button" class="picture soft" onClick={() => setShown(true)}>
          {t("file.show", { size: sizeOf(f.thumb ? 20_000 : f.bytes) })}
        </button>
      )}
      <figcaption class="meta" dir="auto">
        <a href={at} download={f.name}>
          {f.name}
        </a>{" "}
        · {sizeOf(f.bytes)}
      </figcaption>
      {open && (
        <Dialog title={label} onClose={() => setOpen(false)}>
          <img class="whole" src={`${at}?view`} alt={f.alt ?? ""} width={f.w} height={f.h} />
          <p class="buttons">
            <a class="button soft" href={at} download={f.name}>
              {t("file.get", { size: sizeOf(f.bytes) })}
            </a>
          </p>
        </Dialog>
      )}
    </figure>
  );
}

/* `of`: the post, or what waits to be one. */
export function Files({ of, files, links = [] }: { of: string; files: SharedFile[]; links?: Link[] }): VNode {
  return (
    <>
      {files.map((f, n) => {
        const at = `/file/${of}/${n}`;
        if (f.w && f.h) return <Picture key={n} at={at} file={f} />;
        return (
          <a key={n} class="file" href={at} download={f.name}>
            <Icon name="file" />
            <span>
              <b dir="auto">{f.name}</b>
              <span class="meta">{[kindOf(f.type), sizeOf(f.bytes)].filter(Boolean).join(" · ")}</span>
            </span>
          </a>
        );
      })}
      {links.map((l) => (
        <LinkCard key={l.url} of={of} link={l} />
      ))}
    </>
  );
}

const WRONG: Record<NonNullable<Attachment["wrong"]>, Key> = {
  large: "file.large",
  full: "file.full",
  many: "file.toomany",
  refused: "file.refused",
  empty: "file.empty",
};

/* What became of it so far, and what to do where it does not go on. */
function told(a: Attachment): string {
  const all = a.file.size;
  const percent = Math.floor((100 * a.sent) / all);
  const size = sizeOf(all - a.sent);
  if (a.wrong) return t(WRONG[a.wrong]);
  if (a.making) return t("file.making");
  if (a.upload) return `${t("file.ready")} · ${sizeOf(all)}`;
  if (a.paused) return t("file.paused", { percent, size });
  return state.value.line === "open" ? t("file.left", { percent, size }) : t("file.waits", { percent });
}

/* A file on its way; `children`: what can be said of it or done with it where it stands. */
function Going({ a, children, last }: { a: Attachment; children?: ComponentChildren; last?: ComponentChildren }): VNode {
  const isGoing = !a.upload && !a.wrong && !a.making;
  const act = (icon: IconName, text: Key, go: () => void) => (
    <button type="button" class="quiet" aria-label={t(text, { name: a.name })} onClick={go}>
      <Icon name={icon} />
    </button>
  );
  return (
    <li key={a.n}>
      <div>
        <b dir="auto">{a.name}</b>
        <span class={a.wrong ? "error" : "meta"} role={a.wrong ? "alert" : undefined}>
          {told(a)}
        </span>
        {isGoing && <progress max={a.file.size} value={a.sent} aria-label={t("file.sending", { name: a.name })} />}
        {children}
      </div>
      {isGoing &&
        (a.paused
          ? act("play", "file.resume", () => pause(a.n, false))
          : act("pause", "file.pause", () => pause(a.n, true)))}
      {last}
    </li>
  );
}

/* Of a message that was sent: its files until they are all there; it can be taken back as long as one is not. */
export function SentFiles({ command: c }: { command: Command }): VNode | null {
  const key = sentKey(c.cid);
  const list = attached.value[key];
  useEffect(() => {
    void goOn(key);
  }, [key]);
  const names = (c.params.files as { name: string }[]).map((f) => f.name);
  if (!list) return <p class="meta">{names.join(", ")}</p>;
  const isBack = (c.status === "refused" && c.method !== "thread.create") || (c.status === "waiting" && list.some((a) => !a.upload));
  return (
    <div class="attach sent">
      <ul>
        {list.map((a) => (
          <Going key={a.n} a={a} />
        ))}
      </ul>
      {isBack && (
        <button
          type="button"
          class="soft"
          onClick={() => {
            const back = takeBack(c);
            if (back.startsWith("ask:")) go(href.ask(back.slice(4)));
            else document.querySelector<HTMLElement>(".composer textarea")?.focus();
          }}
        >
          {t("post.takeback")}
        </button>
      )}
    </div>
  );
}

/* A file hovers over the page: what takes it shows that. */
const hovers = (is: boolean) => document.body.classList.toggle("dropping", is);

/* The button, and what was chosen with it; also what is dropped or pasted. */
export function Attach({ id }: { id: string }): VNode {
  const list = attached.value[id] ?? [];
  const [busy, setBusy] = useState(0);
  const pass = (ev: { currentTarget: HTMLElement }) => passFocus(ev.currentTarget, () => document.querySelector<HTMLElement>(".pick input:enabled"));
  const take = (files: Iterable<File> | null | undefined) => {
    const all = [...(files ?? [])];
    if (all.length === 0) return false;
    setBusy((n) => n + 1);
    void attach(id, all)
      .then((over) => over > 0 && notice(t("file.many", { max: FILES_MAX })))
      .finally(() => setBusy((n) => n - 1));
    return true;
  };
  useEffect(() => {
    void goOn(id);
    const over = (ev: DragEvent) => {
      if (!ev.dataTransfer?.types.includes("Files")) return;
      ev.preventDefault();
      hovers(!document.querySelector("dialog[open]"));
    };
    /* it has left the window, or was let go of in the air */
    const leave = (ev: DragEvent) => ev.relatedTarget || hovers(false);
    const drop = (ev: DragEvent) => {
      hovers(false);
      if (!document.querySelector("dialog[open]") && take(ev.dataTransfer?.files)) ev.preventDefault();
    };
    const paste = (ev: ClipboardEvent) => {
      if (!document.querySelector("dialog[open]") && take(ev.clipboardData?.files)) ev.preventDefault();
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      hovers(false);
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, [id]);
  return (
    <div class="attach">
      {list.length > 0 && (
        <ul>
          {list.map((a) => (
            <Going
              key={a.n}
              a={a}
              last={
                <button type="button" class="quiet" aria-label={t("file.remove", { name: a.name })} onClick={(ev) => (pass(ev), detach(a.n))}>
                  <Icon name="close" />
                </button>
              }
            >
              {a.wrong && a.wrong !== "empty" && a.wrong !== "large" && (
                <button type="button" class="soft small" onClick={(ev) => (pass(ev), again(a.n))}>
                  {t("action.again")}
                </button>
              )}
              {/^image\//.test(a.file.type) && (
                <input
                  class="alt"
                  dir="auto"
                  maxLength={500}
                  value={a.alt ?? ""}
                  placeholder={t("file.alt.short")}
                  aria-label={`${t("file.alt")}${t("punct.colon")}${a.name}`}
                  onInput={(ev) => describe(a.n, ev.currentTarget.value)}
                />
              )}
              {a.original && (
                <button
                  type="button"
                  class="link meta"
                  onClick={(ev) => (pass(ev), original(id, a.n, (a.original as File).name || a.name))}
                >
                  {t("file.original", { size: sizeOf(a.original.size) })}
                </button>
              )}
            </Going>
          ))}
        </ul>
      )}
      <label class="button quiet pick" title={t("file.add")}>
        <Icon name="clip" />
        <span class="sr">{t("file.add")}</span>
        <input
          type="file"
          multiple
          disabled={busy > 0}
          onChange={(ev) => {
            take(ev.currentTarget.files);
            ev.currentTarget.value = "";
          }}
        />
      </label>
    </div>
  );
}
