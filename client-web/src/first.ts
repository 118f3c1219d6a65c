/* first.ts: what came with the page itself: the answers to its first questions, of one snapshot. */
import { device, dispatch } from "./core";
import type { Hub, Member, Post, Region, Room, Thread } from "./types";

interface Rows {
  threads: Thread[];
  members: Member[];
  seq: number;
}
export interface First {
  me: Member;
  hub: Hub;
  cursor: Record<string, number>;
  limit: number /* rows of a list, when there are so many */;
  rooms: { rooms: Room[]; regions: Region[]; seq: number };
  thread?: { thread: Thread; members: Member[]; seq: number };
  posts?: { posts: Post[]; members: Member[]; seq: number };
  list?: Rows;
  catchup?: Rows;
  unanswered?: Rows;
}

/* Null: the page came without. */
export function readFirst(): First | null {
  const at = document.getElementById("first") as HTMLTemplateElement | null;
  try {
    return at ? (JSON.parse(at.content.textContent ?? "") as First) : null;
  } catch {
    return null;
  }
}

/* For a device that has nothing newer of its own. The line goes on from the snapshot's cursor. */
export function useFirst(f: First, room: string): void {
  device.owner = f.me.id;
  dispatch({ type: "hello", me: f.me, hub: f.hub, cursor: f.cursor, resumed: false });
  dispatch({ type: "rooms", ...f.rooms });
  const page = (rows: Rows) => ({ ...rows, older: false, more: rows.threads.length >= f.limit });
  const fresh = ["rooms"];
  if (f.catchup) {
    dispatch({ type: "catchup", ...page(f.catchup) });
    fresh.push("catchup");
  }
  if (f.unanswered) {
    dispatch({ type: "unanswered", ...f.unanswered });
    fresh.push("unanswered");
  }
  if (f.list) {
    dispatch({ type: "threads", room, ...page(f.list) });
    fresh.push(`room:${room}`);
  }
  if (f.thread && f.posts) {
    const th = f.thread.thread;
    const last = f.posts.posts.at(-1);
    const newer = last !== undefined && last.seq < th.last_seq && last.n < th.posts;
    dispatch({ type: "thread", ...f.thread });
    dispatch({ type: "posts", thread: th.id, ...f.posts, newer });
  }
  const joined = f.rooms.rooms.filter((r) => r.joined).map((r) => r.id);
  const open = [room, f.thread?.thread.room ?? ""].filter((id) => id !== "");
  device.watched = new Set([...joined, ...open]);
  device.fresh = new Set(fresh);
}
