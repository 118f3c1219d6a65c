/* session.ts: who is signed in here, and the line that is theirs. */
import { signal } from "@preact/signals";
import { claim, letGo, look, neighbours } from "./coming";
import { device, dispatch, freshAt, state } from "./core";
import { draftSignal, forgetDrafts, loadDrafts } from "./drafts";
import { bring } from "./later";
import { loadCatchup, loadFor, loadRooms, loadSearches, loadUnanswered } from "./loading";
import { undo } from "./presence";
import { showsTyping } from "./prefs";
import { hearOfReports, loadAsks, loadWaiting } from "./queue";
import { go, href, route } from "./router";
import { post } from "./rpc";
import { askBarred, hearOfSanctions, loadHeld } from "./sanctions";
import { connect } from "./transport";
import { dropFiles } from "./worker";
import type { Entry } from "./types";
import { browserWorld } from "./world";

/* Who moderates is to show, or to add, more than they came in with. */
export const isWeak = signal(false);

export async function signOut(): Promise<void> {
  undo.settle();
  await post("session.close", {});
  await forgetHere();
}

/* Nothing of who was here stays on the device. */
export async function forgetHere(): Promise<void> {
  device.line?.close();
  device.line = null;
  device.watched = null;
  device.owner = "";
  neighbours?.postMessage("out");
  forgetDrafts();
  await device.box.clear();
  await dropFiles();
  dispatch({ type: "out" });
  go(href.catchup, true);
}

/* Signing out in one tab ends all of them. */
export function hearNeighbours(): void {
  neighbours?.addEventListener("message", () => {
    device.owner = "";
    device.line?.close();
    forgetDrafts();
    dispatch({ type: "out" });
  });
}

/* What every screen counts on; the open one's own content goes first over a thin line. */
function loadAround(): void {
  void loadRooms().then(() => {
    loadWaiting();
    loadAsks();
  });
  void loadCatchup();
  void loadUnanswered();
  void loadSearches();
  void loadDrafts();
  loadHeld().catch(() => {
    /* asked for again with the next line */
  });
}

export function startLine(): void {
  device.line = connect(
    browserWorld(),
    {
      hello: () => ({
        ...(Object.keys(state.value.cursor).length > 0 ? { cursor: state.value.cursor } : {}),
        ...(device.watched ? { watch: [...device.watched] } : {}),
      }),
      onHello(result, sent) {
        if (device.owner !== "" && device.owner !== result.me.id) {
          device.line?.close();
          void claim(result.me).finally(() => location.reload());
          return;
        }
        if (sent.cursor === undefined) device.fresh.clear();
        const first = state.value.phase !== "in" || state.value.roomsSeq === 0;
        device.headAtHello = result.cursor;
        dispatch({ type: "hello", ...result, resumed: sent.cursor !== undefined });
        device.owner = result.me.id;
        void claim(result.me).finally(() => device.outbox!.sweep());
        undo.settle(); /* the counts that come now must hold it */
        if (first || Object.keys(state.value.failed).length > 0)
          void loadFor(route.value).finally(loadAround);
        else loadAround();
      },
      onNote(method, params) {
        if (method === "entry") {
          dispatch({ type: "entry", entry: params as Entry });
          hearOfReports(params as Entry);
          hearOfSanctions(params as Entry);
          if (params.kind === "room.invite" && params.member === state.value.me?.id)
            void loadRooms();
        } else if (method === "signal" && params.kind === "ask") {
          loadAsks(true);
          if (params.gone) void loadRooms(); /* I may have been let in, or not */
        } else if (method === "signal" && params.kind === "draft") draftSignal(params);
        else if (method === "signal" && params.kind === "search")
          void bring("search").then((made) => made.heardSearch(params), loadSearches);
        else if (method === "signal" && (params.kind !== "typing" || showsTyping.value))
          dispatch({ type: "signal", signal: params, now: Date.now() });
        else if (method === "reset") {
          device.fresh.clear();
          dispatch({ type: "reset", cursor: device.headAtHello });
          void loadFor(route.value).finally(loadAround);
        }
      },
      onLine(l) {
        if (state.value.line === "open" && l !== "open") freshAt.value = Date.now();
        dispatch({ type: "line", line: l });
      },
      /* The server does not know our rooms or cursor any more: begin anew. */
      onHelloFailed() {
        device.fresh.clear();
        device.watched = null;
        dispatch({ type: "reset", cursor: {} });
      },
      onDenied(error) {
        isWeak.value = error.code === "second_factor";
        if (isWeak.value || error.code === "unauthenticated") return leave();
        askBarred().then(leave, leave);
      },
    },
  );
}

/* A socket that never opens may mean that nobody is signed in: browsers do not say why. */
export async function askWhy(): Promise<void> {
  if ((await look())?.status !== 401) return;
  device.line?.close();
  leave();
}

function leave(): void {
  letGo(device.owner);
  dispatch({ type: "out" });
}
