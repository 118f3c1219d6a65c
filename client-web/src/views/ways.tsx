/* ways.tsx: in by a passkey, pressed for or offered among what the browser fills in. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { named } from "../devicename";
import { troubleOf, type Trouble } from "../trouble";
import { post } from "../rpc";
import { t } from "../i18n";
import { knowsPasskeys, showPasskey } from "../passkey";
import { comeIn, isNear } from "../coming";
import { Wrong } from "./step";

/* Not what the hub refused: the device, or its owner, did not go on. */
class Stopped extends Error {}

async function byPasskey(quiet?: AbortSignal): Promise<void> {
  const { ticket, options } = await post("passkey.begin", {});
  const credential = await showPasskey(options, quiet).catch(() => {
    throw new Stopped();
  });
  isNear.value = true;
  const { me } = await post("passkey.enter", { ticket, credential, ...named() });
  await comeIn(me);
}

/* Offered among what the browser fills into the address, once somebody is there; `end` before anything else asks for one. */
export function usePasskeyOffer(): { offer: () => void; end: () => void } {
  const quiet = useRef<AbortController | null>(null);
  const end = () => quiet.current?.abort();
  useEffect(() => end, []);
  const offer = () => {
    if (quiet.current || !knowsPasskeys()) return;
    quiet.current = new AbortController();
    const asked = PublicKeyCredential.isConditionalMediationAvailable?.() ?? Promise.resolve(false);
    void asked
      .then((is) => (is ? byPasskey(quiet.current!.signal) : undefined))
      .catch(() => {
        /* nobody asked for it */
      });
  };
  return { offer, end };
}

export function PasskeyButton({ primary, begin }: { primary?: boolean; begin?: () => void }): VNode | null {
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Trouble>("");
  if (!knowsPasskeys()) return null;
  const enter = () => {
    begin?.();
    setBusy(true);
    setWhy("");
    byPasskey().catch((e: unknown) => {
      setWhy(e instanceof Stopped ? "over" : troubleOf(e));
      setBusy(false);
    });
  };
  return (
    <>
      <button type="button" class={`${primary ? "primary" : "soft"} wide`} disabled={busy} onClick={enter}>
        {t("door.passkey")}
      </button>
      <Wrong why={why} texts={{ wrong: "door.passkey.wrong", over: "door.passkey.stopped" }} />
    </>
  );
}
