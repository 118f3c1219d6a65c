/* step.tsx: what each step of coming in is made of. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Trouble } from "../trouble";
import { t, type Key } from "../i18n";

/* What went wrong is read aloud, and comes into view. */
export function Wrong({
  why,
  texts = {},
  focus,
}: {
  why: Trouble;
  texts?: Partial<Record<Trouble, Key>>;
  focus?: boolean /* what was pressed is gone: the reason is what comes next */;
}): VNode {
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (why && focus) line.current?.focus();
    else if (why) line.current?.scrollIntoView({ block: "nearest" });
  }, [why]);
  return (
    <p ref={line} class="error" role="alert" tabIndex={-1}>
      {why && (texts[why] ? t(texts[why]) : t(`door.trouble.${why}`))}
    </p>
  );
}

/* One thing to fill in and one button: the form of every step. */
export function Step({
  submit,
  busy,
  why,
  texts,
  onSubmit,
  children,
}: {
  submit: string;
  busy: boolean;
  why: Trouble;
  texts?: Partial<Record<Trouble, Key>>;
  onSubmit: () => void;
  children: ComponentChildren;
}): VNode {
  return (
    <form
      class="form"
      onSubmit={(ev) => {
        ev.preventDefault();
        if (!busy) onSubmit();
      }}
    >
      {children}
      <Wrong why={why} texts={texts} />
      <button class="primary wide" disabled={busy}>
        {busy ? t("signin.busy") : submit}
      </button>
    </form>
  );
}

export function EmailField({ value, onText, onFocus }: { value: string; onText: (v: string) => void; onFocus?: () => void }): VNode {
  return (
    <label>
      {t("door.email")}
      <input
        type="email"
        name="email"
        autocomplete="username webauthn"
        inputMode="email"
        maxLength={254}
        required
        dir="ltr"
        value={value}
        onInput={(ev) => onText(ev.currentTarget.value)}
        onFocus={onFocus}
      />
    </label>
  );
}
