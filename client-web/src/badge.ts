/* badge.ts: the number on the application's icon, where the platform has one. */
import { computed, effect } from "@preact/signals";
import { state } from "./core";
import { unreadTotal } from "./home";

interface Badges {
  setAppBadge?(n: number): Promise<void>;
  clearAppBadge?(): Promise<void>;
}

export function startBadge(badges: Badges = navigator as Badges): void {
  const unread = computed(() => (state.value.phase === "in" ? unreadTotal(state.value) : 0));
  effect(() => {
    const n = unread.value;
    const told = n > 0 ? badges.setAppBadge?.(n) : badges.clearAppBadge?.();
    void told?.catch(() => {
      /* not installed, or not allowed: then there is no icon to write on */
    });
  });
}
