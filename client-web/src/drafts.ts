/* drafts.ts: what is being written, kept on the device until it is sent. */
import { device, mine } from "./core";

const drafts = new Map<string, string>();

export const draft = (key: string): string => drafts.get(key) ?? "";
let draftTimer: ReturnType<typeof setTimeout> | null = null;
export function keepDraft(key: string, text: string): void {
  if (text === "") drafts.delete(key);
  else drafts.set(key, text);
  draftTimer ??= setTimeout(() => void saveDrafts(), 300);
}
export function forgetDrafts(): void {
  drafts.clear();
}
export function restoreDrafts(texts: Record<string, unknown> | undefined): void {
  for (const [key, text] of Object.entries(texts ?? {})) drafts.set(key, String(text));
}
export async function saveDrafts(): Promise<void> {
  draftTimer = null;
  if (device.owner === "") return;
  await device.box.set(mine("drafts"), Object.fromEntries(drafts)).catch(() => {
    /* still in memory */
  });
}
