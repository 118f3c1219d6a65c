/* expected.ts: a post as it will be once what its reader did to it has gone through. */
import type { Command, Post, Reaction, Rule } from "./types";

function reacted(all: Reaction[], emoji: string, on: boolean): Reaction[] {
  const old = all.find((r) => r.emoji === emoji);
  if ((old?.mine ?? false) === on) return all;
  if (!old) return [...all, { emoji, count: 1, mine: true }];
  const now = { ...old, count: old.count + (on ? 1 : -1), mine: on };
  return all.map((r) => (r === old ? now : r)).filter((r) => r.count > 0);
}

/* What was refused does not count: it is shown with its reason instead. */
export function expected(post: Post, pending: Command[]): Post {
  let p = post;
  for (const c of pending) {
    if (c.params.post !== post.id || c.status === "refused" || post.redacted) continue;
    if (c.result && c.result.seq <= (post.as_of ?? 0)) continue; /* it is in there */
    if (c.method === "post.react")
      p = {
        ...p,
        reactions: reacted(p.reactions ?? [], String(c.params.emoji), c.params.on === true),
      };
    else if (c.method === "post.hide")
      p = { ...p, hidden: { at: c.at, rule: c.params.rule as Rule, reason: c.params.reason as string } };
    else if (c.method === "post.restore") p = { ...p, hidden: undefined };
    else if (c.method === "post.lock") p = { ...p, locked: c.params.locked === true };
    else if (c.method === "post.edit")
      p = { ...p, text: String(c.params.text), md: undefined, edited_at: c.at };
  }
  return p;
}
