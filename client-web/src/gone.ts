/* gone.ts: what is left here of somebody who left. Pure; called by the reducer only. */
import type { State } from "./store";
import type { Entry, Member, Post } from "./types";

/* Somebody left: nobody here knows their name any more, nor, unless they left them behind, their words. What is loaded
 * meanwhile may still have some: when it is done, it is said again. */
export function gone(state: State, e: Entry): State {
  const id = String(e.member);
  const m: Member = { id, handle: "", name: "", role: "guest", lang: "en", former: true };
  const members = { ...state.members, [id]: m };
  if (e.posts === "keep") return { ...state, members };
  const threads = { ...state.threads };
  const theirs = Object.values(threads).filter((t) => t.by === id || t.last_by === id);
  for (const t of theirs) threads[t.id] = { ...t, excerpt: "", ...(t.by === id ? { title: "", fields: undefined } : {}) };
  const pages = Object.fromEntries(
    Object.entries(state.pages).map(([at, page]) => [at, { ...page, posts: page.posts.map((p) => wordless(p, id, e.at)) }]),
  );
  const recent = state.recent.map((r) => {
    const { hub, seq, at, by, kind, room, thread } = r;
    return by === id && r !== e ? { hub, seq, at, by, kind, room, thread, erased: true } : r;
  });
  const wantThreads = [...new Set([...state.wantThreads, ...theirs.map((t) => t.id)])];
  return { ...state, members, threads, pages, recent, wantThreads };
}

function wordless(p: Post, by: string, at: number): Post {
  if (p.by !== by || p.redacted) return p;
  const { id, seq, thread, at: said, lang, n } = p;
  return { id, seq, thread, at: said, by, lang, n, text: "", redacted: { by, at, reason: "" } };
}
