/* postacts.tsx: what a reader does with a post: the buttons, changing it, taking it back, what it was before. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import {
  accept,
  draft,
  editPost,
  endDraft,
  hidePost,
  history,
  keepDraft,
  lockPost,
  members,
  notice,
  react,
  redactPost,
  state,
} from "../app";
import { full, t } from "../i18n";
import { href } from "../router";
import { isLink, type Post } from "../types";
import { Promote, ReportDialog, WhyDialog } from "./later";
import { Dialog, Icon, nameOf } from "./parts";
import { isModerator, type PostProps } from "./post";

const EMOJI = ["👍", "❤️", "💡", "🙏", "🎉", "👀"];

export function PostActions({
  post: p,
  thread: th,
  mine,
  acts,
  person,
}: PostProps & { mine: boolean; person: () => void }): VNode {
  const s = state.value;
  const [asking, setAsking] = useState<"" | "hide" | "redact" | "report" | "promote">("");
  const box = useRef<HTMLDivElement>(null);
  /* below the last message in view they would open behind the composer */
  useEffect(() => box.current?.scrollIntoView({ block: "nearest" }), []);
  const done = (act: () => void) => () => {
    act();
    acts.open("");
    /* the button is gone: the focus stays with its message */
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) document.getElementById(p.id)?.focus();
    });
  };
  const copy = () =>
    navigator.clipboard?.writeText(location.origin + href.thread(th.id, p.id)).then(
      () => notice(t("post.copied")),
      () => notice(t("error.notdone")),
    );
  const close = () => {
    setAsking("");
    acts.open("");
  };
  const mayAnswer = th.kind === "question" && (th.by === s.me?.id || isModerator(s, th.room));
  return (
    <div ref={box} class="actions" role="group" aria-label={t("post.actions", { name: nameOf(s, p.by) })}>
      <div class="emoji">
        {EMOJI.map((e) => (
          <button
            key={e}
            class="quiet"
            aria-label={t("post.react", { emoji: e })}
            onClick={done(() => react(p.id, e, !p.reactions?.some((r) => r.emoji === e && r.mine)))}
          >
            {e}
          </button>
        ))}
      </div>
      <div class="buttons">
        {!th.locked && (
          <button class="soft" onClick={done(() => acts.quote(p))}>
            <Icon name="reply" />
            {t("post.quote")}
          </button>
        )}
        {mine && !th.locked && !p.locked && (
          <button class="soft" onClick={done(() => acts.edit(p.id))}>
            {t("post.edit")}
          </button>
        )}
        {mayAnswer && (
          <button
            class="soft"
            onClick={done(() => accept(th.id, th.answer === p.id ? null : p.id))}
          >
            <Icon name="check" />
            {th.answer === p.id ? t("post.unaccept") : t("post.accept")}
          </button>
        )}
        <button class="soft" onClick={done(() => void copy())}>
          {t("post.copy")}
        </button>
        <button class="soft" onClick={person}>
          {t("person.about", { name: nameOf(s, p.by) })}
        </button>
        {!s.rooms[th.room]?.with && (p.files || p.links?.length || p.md?.some(isLink)) && (
          <button class="soft" onClick={() => setAsking("promote")}>
            {t("lib.promote")}
          </button>
        )}
        {!mine && (
          <button class="soft" onClick={() => setAsking("report")}>
            {t("report.do")}
          </button>
        )}
        {isModerator(s, th.room) && (
          <>
            <button class="soft" onClick={() => setAsking("hide")}>
              {t("mod.hide")}
            </button>
            <button class="soft" onClick={done(() => lockPost(p.id, !p.locked))}>
              {t(p.locked ? "post.unlock" : "post.lock")}
            </button>
          </>
        )}
        {(mine || isModerator(s, th.room)) && (
          <button class="soft danger" onClick={() => setAsking("redact")}>
            {t("post.redact")}
          </button>
        )}
      </div>
      {asking === "report" && <ReportDialog thread={th} post={p} onClose={close} />}
      {asking === "promote" && <Promote post={p} thread={th} onClose={close} />}
      {asking === "redact" && <Redact post={p} close={close} />}
      {asking === "hide" && (
        <WhyDialog
          title={t("mod.hide.title")}
          text={t("mod.hide.text")}
          submit={t("mod.hide")}
          act={(why) => hidePost(p.id, why)}
          onClose={close}
        />
      )}
    </div>
  );
}

function Redact({ post: p, close }: { post: Post; close: () => void }): VNode {
  const [reason, setReason] = useState("");
  const [lacks, setLacks] = useState(false);
  return (
    <Dialog title={t("post.redact.title")} onClose={close}>
      <form
        class="form"
        onSubmit={(ev) => {
          ev.preventDefault();
          if (reason.trim() === "") return setLacks(true);
          redactPost(p.id, reason.trim());
          close();
        }}
      >
        <p>{t("post.redact.text")}</p>
        <label>
          {t("post.redact.reason")}
          <input
            dir="auto"
            value={reason}
            maxLength={200}
            onInput={(ev) => setReason(ev.currentTarget.value)}
          />
        </label>
        <p class="error" role="alert">
          {lacks && reason.trim() === ""
            ? t("form.lacks", { what: t("post.redact.reason") })
            : ""}
        </p>
        <button class="primary danger wide">{t("post.redact")}</button>
      </form>
    </Dialog>
  );
}

export function PostEditor({ post: p, done }: { post: Post; done: () => void }): VNode {
  const key = `edit:${p.id}`;
  const text = draft(key)?.text ?? p.text;
  const end = () => {
    endDraft(key);
    done();
  };
  const save = () => {
    if (text.trim() === "") return;
    if (text.trim() !== p.text) editPost(p.id, text.trim());
    end();
  };
  return (
    <form
      class="editor"
      onSubmit={(ev) => {
        ev.preventDefault();
        save();
      }}
    >
      <textarea
        dir="auto"
        rows={4}
        value={text}
        aria-label={t("post.edit")}
        autoFocus={draft(key) === undefined} /* one that was begun before stands open, and waits */
        onInput={(ev) => keepDraft(key, { text: ev.currentTarget.value })}
        onKeyDown={(ev) => {
          if (ev.key === "Escape") {
            ev.preventDefault();
            end();
          }
          if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) {
            ev.preventDefault();
            save();
          }
        }}
      />
      <div class="buttons">
        <button class="primary">{t("action.save")}</button>
        <button type="button" class="quiet" onClick={end}>
          {t("action.cancel")}
        </button>
      </div>
    </form>
  );
}

export function PostHistory({ post: p }: { post: Post }): VNode {
  const [versions, setVersions] = useState<{ at: number; by: string; text: string }[] | null>(null);
  return (
    <>
      <button
        class="link meta"
        onClick={() => void history(p.id).then(setVersions, () => notice(t("error.load")))}
      >
        {t("post.edited")}
      </button>
      {versions && (
        <Dialog title={t("post.history")} onClose={() => setVersions(null)}>
          <ol class="versions">
            {versions.map((v) => (
              <li key={v.at}>
                <p class="meta">
                  {full(v.at)} · {nameOf({ members: members.value }, v.by)}
                </p>
                <p class="plain" dir="auto">
                  {v.text}
                </p>
              </li>
            ))}
          </ol>
        </Dialog>
      )}
    </>
  );
}
