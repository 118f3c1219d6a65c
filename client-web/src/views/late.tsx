/* late.tsx: what comes in files of its own (later.ts), asked for when it is first shown. Where a file does
 * not come, that is said in the place of what it brings, and it can be asked for again. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { bring, there, type File, type Files as Made } from "../later";
import { Dialog, Failed, Skeleton } from "./pieces";

/* `frame`: of the screen that it is; others are a sheet, if they can be closed, or a part of a screen. */
export function later<F extends File, K extends keyof Made[F]>(file: F, name: K, frame?: (held: VNode) => VNode) {
  type Props = Made[F][K] extends (props: infer P) => VNode | null ? P : never;
  return (props: Props): VNode | null => {
    const [state, setState] = useState(there[file] ? "there" : "");
    useEffect(() => {
      if (state === "")
        bring(file).then(
          () => setState("there"),
          () => setState("failed"),
        );
    }, [state]);
    const Part = (there[file] as any)?.[name] as ((p: Props) => VNode | null) | undefined;
    if (Part) return <Part {...(props as any)} />;
    const failed = state === "failed" && <Failed code="closed" again={() => setState("")} />;
    if (frame) return frame(failed || <Skeleton />);
    if (!failed) return null;
    const onClose = (props as { onClose?: () => void } | undefined)?.onClose;
    return onClose ? (
      <Dialog title="Baraza" onClose={onClose}>
        {failed}
      </Dialog>
    ) : (
      failed
    );
  };
}
