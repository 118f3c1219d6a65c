/* othersites.tsx: the other sites by which this hub lets people in, if it names any. It is asked once the picture stands. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { post } from "../rpc";
import type { Site } from "../sites";
import { SiteButtons } from "./doorways";

export function OtherSites({ invite }: { invite?: string }): VNode | null {
  const [list, setList] = useState<Site[]>([]);
  useEffect(() => {
    post("oidc.list", {}).then(
      ({ providers }) => setList(providers),
      () => {
        /* the other ways stay */
      },
    );
  }, []);
  if (list.length === 0) return null;
  return (
    <div class="ways">
      <SiteButtons list={list} invite={invite} />
    </div>
  );
}
