/* typeicon.tsx: what kind of thing a resource is, as 24-px strokes like the other icons. */
import type { VNode } from "preact";
import { t, type Key } from "../i18n";
import type { Type } from "../shelf";

const PAGE = "M6 3h8l4 4v14H6zM14 3v4h4";
const PATHS: Record<Type, string> = {
  document: `${PAGE}M9 12h6M9 16h6`,
  sheet: "M4 5h16v14H4zM4 10h16M4 14.500h16M10 5v14",
  slides: "M4 5h16v10H4zM12 15v3M8 20l4-2 4 2",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01",
  audio: "M9 17V6l9-2v11M9 17a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0zM18 15a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0z",
  video: "M4 6h11v12H4zM15 10.500l5-3v9l-5-3",
  archive: "M4 8h16v12H4zM3 4h18v4H3zM10 12h4",
  link: "M10 14a4 4 0 0 0 6 .500l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6-.500l-3 3a4 4 0 0 0 6 6l1-1",
  other: PAGE,
};

export function TypeIcon({ type }: { type: Type }): VNode {
  return (
    <span class="type">
      <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d={PATHS[type]} />
      </svg>
      <span class="sr">{t(`libtype.${type}` as Key)}</span>
    </span>
  );
}
