/* share.ts: words and files that another application shares with this one begin a new thread. */
import { draft, keepDraft } from "./drafts";

const TITLE_CHARS = 200;
const TEXT_CHARS = 8_000;

export interface Shared {
  title: string;
  text: string;
  files?: "here" | "lost" /* kept by the service worker; or there was none, and nothing came along */;
}

/* The query that the service worker makes of a share (the manifest's share_target), or null. Applications put a link
 * into any of the three. */
export function readShare(query: string): Shared | null {
  const said = new URLSearchParams(query);
  const part = (name: string) => (said.get(name) ?? "").trim();
  const title = part("title").replace(/\s+/g, " ").slice(0, TITLE_CHARS);
  const text = part("text");
  const url = part("url");
  const words = [text, text.includes(url) ? "" : url].filter((x) => x !== "").join("\n\n");
  const files = /^(here|lost)$/.exec(part("files"))?.[0] as Shared["files"];
  if (title === "" && words === "" && !files) return null;
  return { title, text: words.slice(0, TEXT_CHARS), ...(files ? { files } : {}) };
}

/* Nothing that was written there before is lost: what is shared comes after it. */
export function takeShare(shared: Shared): void {
  const old = draft("ask:");
  const text = [old?.text?.trim() ?? "", shared.text].filter((x) => x !== "").join("\n\n");
  keepDraft("ask:", { title: old?.title || shared.title, text });
}
