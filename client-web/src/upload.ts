/* upload.ts: sends files by tus 1.0 (https://tus.io/protocols/resumable-upload), each part from where the hub has it.
 * tus-js-client does that, too, and more; it weighs 14 KB, this 1. Photos lose their metadata, and with it the place
 * where they were taken, before they leave the device. */
import { effect } from "@preact/signals";
import { attached, attachedTo, FILES_MAX, putAttached, sentKey, sharedOf, type Attachment } from "./attach";
import { device, mine, state } from "./core";
import { draft, keepDraft } from "./drafts";
import { SHARED } from "./pages";
import { RpcError, type Command, type Fields, type Params } from "./types";

const TUS = { "Tus-Resumable": "1.0.0" };
const PHOTO_BYTES = 300_000;
const SIDES = [2048, 1600, 1280, 1024];
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
const STILL_MS = 30_000;
const AGAIN = new Set([0, 401, 409, 423, 429, 460, 500, 502, 503, 504]);
export const NAME_CHARS = 120;

const working = new Map<number, XMLHttpRequest | null>();
let next = 1;

/* Where a file is: it keeps its number while it goes from what is written to what is sent. */
const keyOf = (n: number): string | undefined =>
  Object.keys(attached.value).find((key) => attachedTo(key).some((a) => a.n === n));
const find = (n: number): Attachment | undefined => attachedTo(keyOf(n) ?? "").find((a) => a.n === n);
function patch(n: number, change: Partial<Attachment>): void {
  const key = keyOf(n);
  if (key === undefined) return;
  void putAttached(
    key,
    attachedTo(key).map((a) => (a.n === n ? { ...a, ...change } : a)),
  );
}
const isWanted = (a: Attachment | undefined): a is Attachment => a !== undefined && !a.upload && !a.wrong && !a.paused && !a.making;

function request(method: string, url: string, headers: Record<string, string>, n: number, body?: Blob, told?: (sent: number) => void) {
  return new Promise<XMLHttpRequest>((go) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    for (const [name, value] of Object.entries({ ...TUS, ...headers })) xhr.setRequestHeader(name, value);
    /* A line that died without a word: it is given up, and goes on from where the hub has it. */
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => xhr.abort(), STILL_MS);
    };
    if (told)
      xhr.upload.onprogress = (ev) => {
        watch();
        told(ev.loaded);
      };
    if (body) watch();
    xhr.onloadend = () => {
      clearTimeout(timer);
      go(xhr);
    };
    working.set(n, xhr);
    xhr.send(body);
  });
}

const utf8 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/* One step towards the whole file: true once it is there. */
async function step(a: Attachment): Promise<boolean> {
  const status = (x: XMLHttpRequest): void => {
    if (x.status >= 200 && x.status < 300) return;
    throw x.status;
  };
  if (!a.at) {
    const made = await request("POST", "/upload", { "Upload-Length": String(a.file.size), "Upload-Metadata": `filename ${utf8(a.name)}` }, a.n);
    status(made);
    patch(a.n, { at: made.getResponseHeader("Location") ?? undefined, sent: 0 });
    return false;
  }
  const head = await request("HEAD", a.at, {}, a.n);
  if (head.status === 404 || head.status === 410) {
    patch(a.n, { at: undefined, sent: 0 }); /* its time was over */
    return false;
  }
  status(head);
  const from = Number(head.getResponseHeader("Upload-Offset"));
  if (from < a.file.size) {
    const part = { "Upload-Offset": String(from), "Content-Type": "application/offset+octet-stream" };
    let shown = 0;
    status(
      await request("PATCH", a.at, part, a.n, a.file.slice(from), (sent) => {
        if (Date.now() - shown < 250) return;
        shown = Date.now();
        const key = keyOf(a.n); /* shown, and not written to the device each time */
        if (!key) return;
        const all = attachedTo(key).map((x) => (x.n === a.n ? { ...x, sent: from + sent } : x));
        attached.value = { ...attached.value, [key]: all };
      }),
    );
  }
  patch(a.n, { sent: a.file.size, upload: a.at.split("/").at(-1) });
  return true;
}

/* One tab sends it: two would cut each other off. What waits in the outbox is this tab's own: it comes to its turn
 * when another one, in which the same was attached, lets go of it. */
async function work(n: number): Promise<void> {
  if (working.has(n)) return;
  working.set(n, null);
  const locks = navigator.locks as LockManager | undefined;
  const ifAvailable = !keyOf(n)?.startsWith(sentKey(""));
  const turn = async (lock: unknown) => (lock ? (await send(n), true) : false);
  const had = await (locks ? locks.request(`baraza-upload-${n}`, { ifAvailable }, turn) : turn(true));
  working.delete(n);
  if (had && isWanted(find(n))) void work(n); /* it was to go on again, or was handed over, while that ended */
}

/* What the hub said of it for good. */
const wrongOf = (status: number, at: string | undefined): Attachment["wrong"] | null =>
  status === 409 && !at ? "many" : AGAIN.has(status) ? null : status === 413 ? "large" : status === 507 ? "full" : "refused";

const wakes = new Map<number, () => void>();
function pauseBetween(n: number, ms: number): Promise<void> {
  return new Promise<void>((go) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      wakes.delete(n);
      go();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
    wakes.set(n, end);
  });
}

async function send(n: number): Promise<void> {
  for (let failed = 0; ; ) {
    const a = find(n);
    if (!isWanted(a)) break;
    try {
      if (await step(a)) break;
      failed = 0;
    } catch (error) {
      if (!isWanted(find(n))) break;
      const wrong = wrongOf(Number(error), a.at);
      if (wrong) {
        patch(n, { wrong });
        break;
      }
      await pauseBetween(n, WAITS_MS[Math.min(failed++, WAITS_MS.length - 1)]!);
    }
  }
}
function stop(n: number): void {
  working.get(n)?.abort();
  wakes.get(n)?.();
}

export function pause(n: number, on: boolean): void {
  patch(n, { paused: on });
  if (on) stop(n);
  else void work(n);
}
/* After it went wrong. */
export function again(n: number): void {
  patch(n, { wrong: undefined });
  void work(n);
}

/* A photo as others need it: upright, no larger than a screen, without what the camera noted. */
const isPhoto = (file: Blob): boolean =>
  file.size > 0 && /^image\/(jpeg|webp|png)$/.test(file.type) && (file.type !== "image/png" || file.size > PHOTO_BYTES);
async function smaller(file: Blob): Promise<Blob | null> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!picture) return null;
  try {
    return await drawn(picture);
  } finally {
    picture.close(); /* tens of megabytes */
  }
}
async function drawn(picture: ImageBitmap): Promise<Blob | null> {
  let best: Blob | null = null;
  for (const side of SIDES)
    for (const quality of [0.85, 0.7, 0.55]) {
      const by = Math.min(1, side / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * by));
      canvas.height = Math.max(1, Math.round(picture.height * by));
      const on = canvas.getContext("2d")!;
      on.fillStyle = "#fff"; /* where it was transparent */
      on.fillRect(0, 0, canvas.width, canvas.height);
      on.drawImage(picture, 0, 0, canvas.width, canvas.height);
      best = await new Promise<Blob | null>((go) => canvas.toBlob(go, "image/jpeg", quality));
      if (best && best.size <= PHOTO_BYTES) return best;
    }
  return best;
}
const named = (name: string, jpeg: boolean): string => {
  const clean = (name.replace(/[\p{C}/\\]/gu, "_").trim() || "file").normalize();
  const own = jpeg ? clean.replace(/\.[^.]*$|$/, ".jpg") : clean;
  const chars = [...own];
  return chars.length <= NAME_CHARS ? own : chars.slice(0, NAME_CHARS - 8).join("") + chars.slice(-8).join("");
};

/* It stands there at once, so that no message goes without it; its place is that of the photo it becomes. */
function add(key: string, files: File[]) {
  const left = Math.max(0, FILES_MAX - attachedTo(key).length);
  const added = files.slice(0, left).map((file): Attachment => {
    const n = (next = Math.max(next, Date.now()) + 1);
    const wrong = file.size === 0 ? { wrong: "empty" as const } : {};
    return { n, name: named(file.name, false), file, sent: 0, ...wrong, ...(isPhoto(file) ? { making: true } : {}) };
  });
  const stored = putAttached(key, [...attachedTo(key), ...added]);
  return { added, stored, over: Math.max(0, files.length - left) };
}
async function make({ n, making }: Attachment): Promise<void> {
  const { owner } = device;
  const from = find(n);
  const made = making && from ? await smaller(from.file) : null;
  if (device.owner !== owner) return; /* somebody else is here now */
  if (making) patch(n, { making: undefined, ...(made ? { file: made, original: from!.file, name: named(from!.name, true) } : {}) });
  void work(n);
}
/* One after the other: a photo takes much of the device while it is made smaller. */
async function makeAll(list: Attachment[]): Promise<void> {
  for (const a of [...list].sort((x, y) => Number(x.making ?? 0) - Number(y.making ?? 0))) await make(a);
}

/* Answers how many there was no place for. */
export async function attach(key: string, files: File[]): Promise<number> {
  const { added, over } = add(key, files);
  await makeAll(added);
  return over;
}
export function detach(n: number): void {
  const key = keyOf(n);
  const a = find(n);
  if (!key || !a) return;
  void putAttached(
    key,
    attachedTo(key).filter((x) => x.n !== n),
  );
  stop(n);
  if (a.at) void fetch(a.at, { method: "DELETE", headers: TUS }).catch(() => {});
}
/* As it was taken, with all that the camera noted. */
export function original(key: string, n: number, name: string): void {
  const a = find(n);
  if (!a?.original) return;
  const at = attachedTo(key).indexOf(a);
  detach(n);
  const list = [...attachedTo(key)];
  const whole: Attachment = { n: (next = Math.max(next, Date.now()) + 1), name, file: a.original, alt: a.alt, sent: 0 };
  list.splice(at, 0, whole);
  void putAttached(key, list);
  void work(whole.n);
}
export const describe = (n: number, alt: string): void => patch(n, { alt });

/* What an earlier page was sending there goes on. */
const looked = new Map<string, Promise<void>>();
export function goOn(key: string): Promise<void> {
  const once = mine(key);
  if (!looked.has(once)) looked.set(once, fromDevice(key, once));
  return looked.get(once)!;
}
async function fromDevice(key: string, once: string): Promise<void> {
  const kept: Attachment[] = (await device.box.get(mine(`files:${key}`)).catch(() => null)) ?? [];
  if (state.value.phase !== "in" || mine(key) !== once) return;
  const here = attachedTo(key);
  const all = [...kept.filter((a) => !here.some((b) => b.n === a.n)), ...here];
  if (all.length > 0) attached.value = { ...attached.value, [key]: all };
  for (const a of all) if (isWanted(a)) void work(a.n);
  void makeAll(kept.filter((a) => a.making && attachedTo(key).includes(a)));
}

/* ---- What was sent before its files were there. */

/* Answers with the files as they are named to the hub, once it has them all. */
export async function whole({ cid, params }: Command): Promise<Params> {
  const key = sentKey(cid);
  if (attachedTo(key).length === 0) await goOn(key);
  const named = params.files as { upload?: string }[];
  if (attachedTo(key).length === 0 && named.every((f) => f.upload)) return params;
  for (const a of attachedTo(key)) {
    if (a.wrong && a.wrong !== "empty") patch(a.n, { wrong: undefined });
    void work(a.n);
  }
  return new Promise((go, fail) => {
    const stopLooking = effect(() => {
      const list = attached.value[key] ?? [];
      const isWrong = list.length === 0 || list.some((a) => a.wrong);
      if (!isWrong && !list.every((a) => a.upload)) return;
      queueMicrotask(() => stopLooking());
      if (isWrong) fail(new RpcError("upload", "a file could not be sent"));
      else go({ ...params, files: sharedOf(list) });
    });
  });
}

/* Uploads end at the hub when nobody names them for a day: true if some did. They are sent anew, the bytes are here. */
export async function anew({ cid }: Command): Promise<boolean> {
  let ended = false;
  for (const { n, at } of attachedTo(sentKey(cid))) {
    const r = at ? await fetch(at, { method: "HEAD", headers: TUS }).catch(() => null) : null;
    if (r?.status !== 404 && r?.status !== 410) continue;
    patch(n, { at: undefined, upload: undefined, sent: 0 });
    ended = true;
  }
  return ended;
}

/* It is at the hub, or its author took it back. */
export async function endSent(cid: string, isStored: boolean): Promise<void> {
  const key = sentKey(cid);
  if (attachedTo(key).length === 0 && !isStored) await goOn(key);
  if (!isStored) for (const a of attachedTo(key)) detach(a.n);
  void putAttached(key, []);
}

/* What waits for its files or was refused is written on: its words, what was said of it and its files go back to where they came from. */
export function takeBack(c: Command): string {
  const { thread, room, title, kind, text = "", reply_to } = c.params as Record<string, string | undefined>;
  const fields = c.params.fields as Fields | undefined;
  const key = thread ? `post:${thread}` : `ask:${room}`;
  const old = draft(key);
  const said = text === fields?.url ? "" : text; /* a link without words has its address in their place */
  const words = [old?.text?.trim() ?? "", said].filter((x) => x !== "").join("\n\n");
  keepDraft(key, { text: words, ...(title ? { title: old?.title || title, kind } : {}), ...(fields ? { fields: old?.fields ?? fields } : {}), ...(reply_to ? { reply_to } : {}) });
  const files = attachedTo(sentKey(c.cid));
  void putAttached(sentKey(c.cid), []);
  void putAttached(key, [...attachedTo(key), ...files]);
  device.outbox!.drop(c.cid);
  return key;
}

/* What another application shared with this one (sw.ts keeps it until then); answers how many there was no place for. */
export async function takeShared(key: string): Promise<number> {
  if (!(await caches.has(SHARED))) return 0;
  const cache = await caches.open(SHARED);
  await goOn(key);
  const all: Attachment[] = [];
  let left = 0;
  for (const asked of await cache.keys()) {
    const kept = await cache.match(asked);
    const name = decodeURIComponent(kept?.headers.get("x-name") ?? "");
    if (!kept) continue;
    const file = new File([await kept.blob()], name, { type: kept.headers.get("content-type") ?? "" });
    const { added, stored, over } = add(key, [file]);
    await stored;
    await cache.delete(asked); /* it is with the draft now: a reload attaches it neither twice nor never */
    all.push(...added);
    left += over;
  }
  await caches.delete(SHARED);
  void makeAll(all);
  return left;
}
