/* upload.ts: sends files by tus 1.0 (https://tus.io/protocols/resumable-upload), each part from where the hub has it.
 * tus-js-client does that, too, and more; it weighs 14 KB, this 1. Photos lose their metadata, and with it the place
 * where they were taken, before they leave the device. */
import { attached, attachedTo, putAttached, type Attachment } from "./attach";
import { device, mine, state } from "./core";

const TUS = { "Tus-Resumable": "1.0.0" };
const PHOTO_BYTES = 300_000;
const SIDES = [2048, 1600, 1280, 1024];
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
const AGAIN = new Set([0, 401, 409, 423, 429, 460, 500, 502, 503, 504]);
export const FILES_MAX = 10;
export const NAME_CHARS = 120;

const working = new Map<number, XMLHttpRequest | null>();
let next = 1;

function patch(key: string, n: number, change: Partial<Attachment>): void {
  putAttached(
    key,
    attachedTo(key).map((a) => (a.n === n ? { ...a, ...change } : a)),
  );
}
const find = (key: string, n: number) => attachedTo(key).find((a) => a.n === n);

function request(method: string, url: string, headers: Record<string, string>, n: number, body?: Blob, told?: (sent: number) => void) {
  return new Promise<XMLHttpRequest>((go) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    for (const [name, value] of Object.entries({ ...TUS, ...headers })) xhr.setRequestHeader(name, value);
    if (told) xhr.upload.onprogress = (ev) => told(ev.loaded);
    xhr.onloadend = () => go(xhr);
    working.set(n, xhr);
    xhr.send(body);
  });
}

const utf8 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/* One step towards the whole file: true once it is there. */
async function step(key: string, a: Attachment): Promise<boolean> {
  const status = (x: XMLHttpRequest): void => {
    if (x.status >= 200 && x.status < 300) return;
    throw x.status;
  };
  if (!a.at) {
    const made = await request("POST", "/upload", { "Upload-Length": String(a.file.size), "Upload-Metadata": `filename ${utf8(a.name)}` }, a.n);
    status(made);
    patch(key, a.n, { at: made.getResponseHeader("Location") ?? undefined, sent: 0 });
    return false;
  }
  const head = await request("HEAD", a.at, {}, a.n);
  if (head.status === 404 || head.status === 410) {
    patch(key, a.n, { at: undefined, sent: 0 }); /* its time was over */
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
        const all = attached.value[key] ?? []; /* shown, and not written to the device each time */
        attached.value = { ...attached.value, [key]: all.map((x) => (x.n === a.n ? { ...x, sent: from + sent } : x)) };
      }),
    );
  }
  patch(key, a.n, { sent: a.file.size, upload: a.at.split("/").at(-1) });
  return true;
}

/* One tab sends it: two would cut each other off. */
async function work(key: string, n: number): Promise<void> {
  if (working.has(n)) return;
  working.set(n, null);
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) await send(key, n);
  else await locks.request(`baraza-upload-${n}`, { ifAvailable: true }, (lock) => (lock ? send(key, n) : undefined));
  working.delete(n);
}

async function send(key: string, n: number): Promise<void> {
  for (let failed = 0; ; ) {
    const a = find(key, n);
    if (!a || a.upload || a.wrong) break;
    try {
      if (await step(key, a)) break;
      failed = 0;
    } catch (error) {
      const status = Number(error);
      if (!find(key, n)) break;
      if (!AGAIN.has(status)) {
        patch(key, n, { wrong: status === 413 ? "large" : status === 507 ? "full" : "refused" });
        break;
      }
      const wait = WAITS_MS[Math.min(failed++, WAITS_MS.length - 1)]!;
      await new Promise<void>((go) => {
        const end = () => {
          clearTimeout(timer);
          removeEventListener("online", end);
          go();
        };
        const timer = setTimeout(end, wait);
        addEventListener("online", end);
      });
    }
  }
}

/* A photo as others need it: upright, no larger than a screen, without what the camera noted. */
async function smaller(file: Blob): Promise<Blob | null> {
  if (!/^image\/(jpeg|webp|png)$/.test(file.type) || (file.type === "image/png" && file.size <= PHOTO_BYTES)) return null;
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!picture) return null;
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

/* Answers how many there was no place for. */
export async function attach(key: string, files: File[]): Promise<number> {
  const left = Math.max(0, FILES_MAX - attachedTo(key).length);
  for (const file of files.slice(0, left)) {
    const made = await smaller(file);
    const n = (next = Math.max(next, Date.now()) + 1);
    const a: Attachment = { n, name: named(file.name, made !== null), file: made ?? file, sent: 0 };
    if (made) a.original = file;
    if (a.file.size === 0) a.wrong = "empty";
    putAttached(key, [...attachedTo(key), a]);
    void work(key, n);
  }
  return Math.max(0, files.length - left);
}
export function detach(key: string, n: number): void {
  const a = find(key, n);
  putAttached(
    key,
    attachedTo(key).filter((x) => x.n !== n),
  );
  working.get(n)?.abort();
  if (a?.at) void fetch(a.at, { method: "DELETE", headers: TUS }).catch(() => {});
}
/* As it was taken, with all that the camera noted. */
export function original(key: string, n: number, name: string): void {
  const a = find(key, n);
  if (!a?.original) return;
  const at = attachedTo(key).indexOf(a);
  detach(key, n);
  const list = [...attachedTo(key)];
  const whole: Attachment = { n: ++next, name, file: a.original, alt: a.alt, sent: 0 };
  list.splice(at, 0, whole);
  putAttached(key, list);
  void work(key, whole.n);
}
export const describe = (key: string, n: number, alt: string): void => patch(key, n, { alt });

/* What an earlier page was sending there goes on. */
const looked = new Set<string>();
export async function goOn(key: string): Promise<void> {
  const once = mine(key);
  if (looked.has(once)) return;
  looked.add(once);
  const kept: Attachment[] = (await device.box.get(mine(`files:${key}`)).catch(() => null)) ?? [];
  if (state.value.phase !== "in" || mine(key) !== once) return;
  const here = attachedTo(key);
  attached.value = { ...attached.value, [key]: [...kept.filter((a) => !here.some((b) => b.n === a.n)), ...here] };
  for (const a of attachedTo(key)) void work(key, a.n);
}
