/* attach.ts: files that go along with what is being written. Bytes are sent at once (upload.ts, a file of its own),
 * kept on the device until they are shared, and go on after a cut or a reload. Keys as of drafts; what was sent while
 * its files were still on their way has them under a key of its own, and waits for them in the outbox. */
import { signal } from "@preact/signals";
import { device, mine } from "./core";

export interface Attachment {
  n: number;
  name: string;
  file: Blob /* what is sent */;
  original?: Blob /* of a photo that was made smaller */;
  alt?: string;
  sent: number /* bytes */;
  at?: string /* its address, once it has one */;
  upload?: string /* all of it is there */;
  paused?: boolean;
  making?: boolean /* a photo that is not made smaller yet: nothing of it is sent before */;
  wrong?: "large" | "full" | "many" | "refused" | "empty";
}
export const FILES_MAX = 10;
export const attached = signal<Record<string, Attachment[]>>({});
export const attachedTo = (key: string): Attachment[] => attached.value[key] ?? [];

/* Also in the place of what is on the device; each for itself, so that no tab writes over what another attached elsewhere. */
export function putAttached(key: string, list: Attachment[]): Promise<unknown> {
  const { [key]: _, ...others } = attached.value;
  attached.value = list.length > 0 ? { ...others, [key]: list } : others;
  return device.box.set(mine(`files:${key}`), list).catch(() => {
    /* for as long as the page lives */
  });
}
export const sharedOf = (list: Attachment[]) =>
  list.map(({ upload, name, alt }) => ({ upload, name, ...(alt?.trim() ? { alt: alt.trim() } : {}) }));

export const sentKey = (cid: string): string => `sent:${cid}`;
/* What was attached there goes along with this command of the outbox now. */
export function handOver(key: string, cid: string): void {
  const list = attachedTo(key);
  if (list.length === 0) return;
  void putAttached(sentKey(cid), list.map((a) => ({ ...a, paused: false })));
  void putAttached(key, []);
}
