/* sending.ts: what the member writes. It goes by the outbox, so it outlives a cut line. */
import { call, device, dispatch, notice, random, state } from "./core";
import { t } from "./i18n";
import { loadRooms, watch } from "./loading";
import { undo } from "./presence";
import type { Fields, Level, Params, Thread, Why, Word } from "./types";

const add = (method: string, params: Params): string => device.outbox!.add(method, params);

export const sendPost = (thread: string, text: string, reply_to?: string, lang?: string, files: unknown[] = []) =>
  add("post.create", {
    thread,
    text,
    ...(files.length > 0 ? { files } : {}),
    ...(reply_to ? { reply_to } : {}),
    ...(lang ? { lang } : {}),
  });
export const ask = (p: { room: string; title: string; kind: string; text: string; lang: string; files?: unknown[]; fields?: Fields }) =>
  add("thread.create", p);
export const editPost = (post: string, text: string) => add("post.edit", { post, text });
export const redactPost = (post: string, reason: string) => add("post.redact", { post, reason });
export function hidePost(post: string, why: Why): void {
  add("post.hide", { post, ...why });
  undo.offer({ text: t("mod.hidden"), undo: () => restorePost(post, { rule: "undone" }) });
}
export const restorePost = (post: string, why: Why) => add("post.restore", { post, ...why });
export const react = (post: string, emoji: string, on: boolean) =>
  add("post.react", { post, emoji, on });
export const accept = (thread: string, post: string | null) =>
  add("thread.answer", { thread, post });
export function lockPost(post: string, locked: boolean): void {
  const set = (on: boolean) => void add("post.lock", { post, locked: on });
  set(locked);
  undo.offer({ text: t("undo.did", { what: t(locked ? "post.lock" : "post.unlock") }), undo: () => set(!locked) });
}

export const retry = (cid: string) => device.outbox!.retry(cid);
export const drop = (cid: string) => device.outbox!.drop(cid);

export function join(room: string, on: boolean): void {
  void watch(room).catch(() => {
    /* the next hello names it again */
  });
  add(on ? "room.join" : "room.leave", { room });
}

/* Answered while the form is open, so they do not go by the outbox. */
export async function createRoom(p: Params): Promise<string> {
  const { id } = await call("room.create", { ...p, cid: random() });
  await loadRooms();
  return id;
}
export const inviteTo = (room: string, member: string) =>
  call("room.invite", { room, member, cid: random() });
export const roomWords = async (room: string): Promise<Word[]> =>
  (await call("room.words", { room })).words;
export const setRoom = (room: string, set: Params) =>
  call("room.set", { room, ...set, cid: random() });
export const giveRole = (p: Params) => call("member.role", { ...p, cid: random() });
export const addMember = (p: Params) => call("member.add", { ...p, cid: random() });

/* Answered while the form is open. Whoever moved something may take that back. */
const offerBack = (text: string, back: () => Promise<unknown>): void =>
  undo.offer({ text, undo: () => void back().catch(() => notice(t("error.notdone"))) });
const takeBack = (entry: number) => () => call("thread.undo", { entry, cid: random() });

export async function moveThread(th: Thread, room: string): Promise<void> {
  const to = (where: string) => call("thread.move", { thread: th.id, room: where, cid: random() });
  await to(room);
  offerBack(t("thread.moved", { room: state.value.rooms[room]?.name ?? "" }), () => to(th.room));
}

/* Whoever agreed to it may, too. n 0: a whole thread was merged. */
export const offerMoveBack = (n: number, entry: number): void =>
  offerBack(n > 0 ? t("undo.postsmoved", { n }) : t("undo.merged"), takeBack(entry));

/* What waits for a second moderator is taken back in the queue. */
async function put(method: string, what: Params, n: number): Promise<void> {
  const p = { ...what, cid: random() };
  const { seq, held } = await call<{ seq: number; held?: true }>(method, p);
  if (held) notice(t("second.waits"));
  else offerMoveBack(n, seq);
}

export const movePosts = (posts: string[], where: Params): Promise<void> =>
  put("post.move", { posts, ...where }, posts.length);
export const mergeThread = (thread: string, into: string): Promise<void> =>
  put("thread.merge", { thread, into }, 0);

/* Mutes, or undoes it, and offers to take that back. */
export function mute(th: Thread): void {
  const old = th.level;
  const to: Level = old === "mute" ? "digest" : "mute";
  undo.offer({
    text: t(to === "mute" ? "undo.muted" : "undo.unmuted"),
    undo: () => follow(th.id, old),
  });
  follow(th.id, to);
}

export function follow(thread: string, level: Level): void {
  const old = state.value.threads[thread]?.level;
  dispatch({ type: "level", thread, level });
  call("thread.follow", { thread, level }).catch(() => {
    if (old) dispatch({ type: "level", thread, level: old });
    notice(t("error.notdone"));
  });
}
