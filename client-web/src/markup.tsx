/* markup.tsx: a post's text and tokens as elements. Nothing here makes HTML from a string, and
 * only http, https and mailto links leave it, whatever the server sent. */
import type { ComponentChildren, VNode } from "preact";
import { h } from "preact";
import type { Token } from "./types";

const TAGS: Record<number, string> = {
  1: "p",
  2: "h3",
  3: "ul",
  4: "ol",
  5: "li",
  6: "blockquote",
  7: "pre",
  9: "table",
  10: "tr",
  11: "th",
  12: "td",
  13: "em",
  14: "strong",
  15: "code",
  16: "del",
  17: "a",
  19: "span",
};
const NAMES: Record<string, number> = {
  p: 1,
  h: 2,
  ul: 3,
  ol: 4,
  li: 5,
  blockquote: 6,
  quote: 6,
  pre: 7,
  code: 7,
  table: 9,
  tr: 10,
  th: 11,
  td: 12,
  a: 17,
  "@": 19,
};
const DEPTH_MAX = 40;

export const REL = "noopener noreferrer nofollow ugc";

/* The address as the browser reads it, or null if it is not one to follow. */
export function safeLink(href: string): URL | null {
  try {
    const url = new URL(href);
    return url.protocol === "http:" || url.protocol === "https:" || url.protocol === "mailto:"
      ? url
      : null;
  } catch {
    return null;
  }
}

/* The host that a link's words claim, if they look like an address. */
function claimed(words: string): string | null {
  const m =
    /^\s*(?:[a-z][a-z0-9+.-]*:\/\/)?((?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,})(?=[/:?#\s]|$)/iu.exec(
      words,
    );
  return m ? m[1]!.toLowerCase() : null;
}

/* Says where a link leads when its words claim another place or its letters may deceive. */
export function warning(words: string, url: URL): string | null {
  if (url.protocol === "mailto:") return null;
  const bare = (host: string) => host.replace(/^www\./, "");
  const host = bare(url.hostname);
  const claim = claimed(words);
  if (claim !== null && bare(claim) !== host) return url.hostname;
  return host.split(".").some((label) => label.startsWith("xn--")) ? url.hostname : null;
}

interface Frame {
  code: number;
  attr: string | number | undefined;
  kids: ComponentChildren[];
  words: string;
}

export interface MarkupProps {
  text: string;
  md?: Token[];
  nameOf?: (member: string) => string;
}

function close(frame: Frame, nameOf: MarkupProps["nameOf"]): ComponentChildren {
  const { code, attr, kids } = frame;
  if (code === 17) {
    const url = safeLink(String(attr ?? ""));
    if (url === null) return h("span", null, kids);
    const host = warning(frame.words, url);
    return h(
      "span",
      null,
      h("a", { href: url.href, rel: REL, target: "_blank" }, kids),
      host ? h("small", { class: "host" }, ` [${host}]`) : null,
    );
  }
  if (code === 19) {
    const name = nameOf?.(String(attr ?? "")) ?? "";
    return h("span", { class: "mention" }, kids.length ? kids : `@${name}`);
  }
  if (code === 5 && typeof attr === "number") return h("li", { value: attr }, kids);
  if (code === 7) return h("pre", { tabIndex: 0 }, h("code", null, kids));
  if (code === 9)
    return h("div", { class: "scroller", tabIndex: 0 }, h("table", null, h("tbody", null, kids)));
  return h(TAGS[code]!, null, kids);
}

export function renderTokens({ text, md, nameOf }: MarkupProps): ComponentChildren[] {
  const root: Frame = { code: 0, attr: undefined, kids: [], words: "" };
  const stack: Frame[] = [root];
  const top = () => stack[stack.length - 1]!;
  const add = (words: string) => {
    top().kids.push(words);
    for (const frame of stack) if (frame.code === 17) frame.words += words;
  };
  const open = (code: number, attr?: string | number) => {
    if (TAGS[code] !== undefined && stack.length < DEPTH_MAX)
      stack.push({ code, attr, kids: [], words: "" });
  };
  const shut = (code: number) => {
    if (!stack.some((f) => f.code === code)) return;
    for (let frame = stack.pop()!; ; frame = stack.pop()!) {
      top().kids.push(close(frame, nameOf));
      if (frame.code === code) return;
    }
  };
  for (const token of md ?? []) {
    if (typeof token === "string") add(token);
    else if (token === 8) top().kids.push(h("hr", null));
    else if (token === 18) top().kids.push(h("br", null));
    else if (typeof token === "number") token > 0 ? open(token) : shut(-token);
    else if (!Array.isArray(token)) continue;
    else if (typeof token[0] === "number") add(text.slice(token[0], Number(token[1])));
    else open(NAMES[String(token[0])] ?? 0, token[1]);
  }
  while (stack.length > 1) shut(top().code);
  return root.kids;
}

export function Markup(props: MarkupProps): VNode {
  return props.md ? (
    <div class="md" dir="auto">
      {renderTokens(props)}
    </div>
  ) : (
    <div class="md plain" dir="auto">
      {props.text}
    </div>
  );
}

/* The signs of Markdown say nothing in a snippet: a pair of stars may even be cut in two. */
const bareText = (text: string): string => text.replace(/\*\*|`+|^#+ /gm, "");

/* A snippet with its hits; marks are sorted and do not overlap, anything else is left out. */
export function Marked({ text, marks }: { text: string; marks: [number, number][] }): VNode {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const [start, end] of marks) {
    if (!(start >= at && end > start && end <= text.length)) continue;
    parts.push(bareText(text.slice(at, start)), <mark>{bareText(text.slice(start, end))}</mark>);
    at = end;
  }
  parts.push(bareText(text.slice(at)));
  return <span dir="auto">{parts}</span>;
}
