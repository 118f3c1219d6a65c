/* pieces.tsx: the small pieces that every page is made of, whoever is in. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";

/* 24-px strokes; the paths are the whole icon set. */
const ICONS = {
  inbox: "M4 13h4l1.5 3h5L16 13h4M4 13l3-8h10l3 8v6H4z",
  rooms: "M4 5h16v11H9l-5 4z",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20",
  me: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20c.6-3.6 3.600-5.500 7.500-5.500s6.900 1.900 7.500 5.500",
  people: "M9 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM3 19c.5-3.500 3-5 6-5s5.500 1.500 6 5M15.500 5.500a3 3 0 0 1 0 5.500M17.500 14.500c2 .6 3.200 2 3.500 4.500",
  back: "M14.500 5 8 12l6.500 7",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  reply: "M9 7l-5 5 5 5M4 12h9c4 0 6.500 2 7 6",
  check: "M5 12.500l4.500 4.500L19 7",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.500l3 2",
  send: "M4 12 20 5l-5 15-3.500-6.500z",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
  plus: "M12 5v14M5 12h14",
  down: "M12 5v14M6 13l6 6 6-6",
  mute: "M6 16h12l-1.500-2.500V10a4.500 4.500 0 0 0-9 0v3.500zM10 19h4M4 4l16 16",
  close: "M6 6l12 12M18 6 6 18",
  clip: "M8 12.500l6-6a3 3 0 0 1 4.500 4.500l-8 8a5 5 0 0 1-7-7l7-7",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  pause: "M9 5v14M15 5v14",
  play: "M8 5v14l11-7z",
  alert: "M12 4 3 20h18zM12 10v4M12 17h.01",
} as const;
export type IconName = keyof typeof ICONS;

export function Icon({ name }: { name: IconName }): VNode {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}

export function Skeleton({ rows = 4 }: { rows?: number }): VNode {
  return (
    <div class="skeleton" role="status">
      <span class="sr">{t("state.loading")}</span>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} class="row">
          <i />
          <i />
        </div>
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }): VNode {
  return (
    <section class="empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/* `why` is what RpcError.told says. */
export function Failed({ code: why, again }: { code: string; again: () => void }): VNode {
  const [code, number] = why.split(" ");
  if (code === "moved") return <p class="note">{t("thread.movedaway")}</p>;
  const text = code === "not_found" || code === "invalid" ? t("error.not_found") : t("error.load");
  return (
    <div class="failed" role="alert">
      <Icon name="alert" />
      <p>
        {text}
        {number && <small> {t("error.request", { n: number })}</small>}
      </p>
      {code !== "not_found" && (
        <button class="soft" onClick={again}>
          {t("action.again")}
        </button>
      )}
    </div>
  );
}

/* A real dialog: focus is kept inside and comes back; Esc closes. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}): VNode {
  const ref = useRef<HTMLDialogElement>(null);
  const outside = useRef(false); /* it was pressed there, and not only let go of after marking words */
  useEffect(() => {
    const from = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    /* Closing gives the focus back; being taken away does not. */
    return () => {
      if (document.activeElement === document.body) from?.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      onClose={onClose}
      aria-label={title}
      onPointerDown={(ev) => {
        outside.current = ev.target === ref.current;
      }}
      onClick={(ev) => {
        if (ev.target === ref.current && outside.current) ref.current?.close();
      }}
    >
      <div class="sheet">
        <div class="sheet-head">
          <h2>{title}</h2>
          <button class="quiet" aria-label={t("action.close")} onClick={() => ref.current?.close()}>
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

/* An internal error has a number that stands in the hub's log as well. */
export const numbered = (text: string, n: string | undefined): string =>
  n ? `${text} ${t("error.request", { n })}` : text;
