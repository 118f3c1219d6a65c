/* saving.ts: searches that are saved: the hub looks for them anew and tells what it finds. Told at once here, put
 * right where the hub does not agree. */
import { call, notice, random, searches } from "./core";
import { addressOf, askedOf, paramsOf, type Asked } from "./finding";
import { forgetFound } from "./finds";
import { t } from "./i18n";
import { loadSearches } from "./loading";
import { undo } from "./presence";
import { RpcError, type SavedSearch, type Signal } from "./types";

export const savedOf = (address: string): SavedSearch | undefined =>
  searches.value.find((x) => addressOf(askedOf(x)) === address);

const patch = (id: string, to: Partial<SavedSearch>): void => {
  searches.value = searches.value.map((x) => (x.id === id ? { ...x, ...to } : x));
};
const failed = (e: unknown): void => {
  const isFull = e instanceof RpcError && e.code === "conflict";
  notice(t(isFull ? "search.saved.many" : "error.notdone"));
  void loadSearches();
};

export async function saveSearch(asked: Asked): Promise<void> {
  try {
    await call("search.save", { id: `s${random()}`, ...paramsOf(asked), notify: true });
    await loadSearches();
    notice(t("search.saved.done"));
  } catch (e) {
    failed(e);
  }
}

export function setNotify(x: SavedSearch, notify: boolean): void {
  patch(x.id, { notify });
  call("search.save", { id: x.id, ...paramsOf(askedOf(x)), notify }).catch(failed);
}

/* For good once it can no longer be taken back. */
export function dropSearch(x: SavedSearch): void {
  const before = searches.value;
  undo.offer({
    text: t("search.saved.gone", { text: x.text }),
    undo: () => {
      searches.value = before;
    },
    settle: () => void call("search.drop", { id: x.id }).then(loadSearches, failed),
  });
  searches.value = before.filter((other) => other.id !== x.id);
}

export function sawSearch(x: SavedSearch): void {
  patch(x.id, { fresh: 0 });
  call("search.seen", { id: x.id }).catch(() => {
    /* it is told again */
  });
}

/* What the hub says of one of them; on another device it may have been looked at. */
export function heardSearch(s: Signal & { id?: string; fresh?: number }): void {
  const x = searches.value.find((other) => other.id === s.id);
  if (!x) return void loadSearches();
  const fresh = s.fresh ?? 0;
  const more = fresh - (x.fresh ?? 0);
  forgetFound();
  patch(x.id, { fresh });
  if (more > 0 && x.notify) notice(t("search.saved.new", { n: more, text: x.text }));
}
