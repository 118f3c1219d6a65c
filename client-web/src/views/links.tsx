/* links.tsx: what is known of the links in a message: words alone, and nothing is asked of the place that they lead to. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { now, state } from "../app";
import { call, dispatch } from "../core";
import { day, t } from "../i18n";
import { REL, safeLink } from "../markup";
import { href } from "../router";
import { RpcError, type Link, type SharedIn } from "../types";
import { Dialog, Failed, Icon, nameOf, roomName, Skeleton, Time } from "./parts";

const PAGE = 20;
const COUNTED = 20; /* the hub counts no further */

/* The messages in which a link stands, with the way to each. */
function Also({ link, of, onClose }: { link: Link; of: string; onClose: () => void }): VNode {
  const s = state.value;
  const [list, setList] = useState<SharedIn[]>([]);
  const [before, setBefore] = useState<string | undefined>("");   /* undefined: that is all */
  const [failed, setFailed] = useState("");
  const load = () =>
    call("link.posts", { url: link.url, limit: PAGE, ...(before ? { before } : {}) }).then(
      (r) => {
        const posts = r.posts as SharedIn[];
        dispatch({ type: "members", members: r.members });
        setFailed("");
        setBefore(posts.length === PAGE ? posts.at(-1)!.post : undefined);
        setList([...list, ...posts.filter((p) => p.post !== of)]);
      },
      (e: unknown) => setFailed(e instanceof RpcError ? e.told : "internal"),
    );
  useEffect(() => void load(), []);
  return (
    <Dialog title={t("link.list")} onClose={onClose}>
      <p class="meta" dir="auto">
        {link.title ?? link.url}
      </p>
      {before === "" && !failed && <Skeleton rows={2} />}
      <ul class="shared-in">
        {list.map((p) => (
          <li key={p.post}>
            <a href={href.thread(p.thread, p.post)} onClick={onClose}>
              <b dir="auto">{p.title || roomName(s, s.rooms[p.room])}</b>
              <span class="meta">
                <span dir="auto">{s.rooms[p.room]?.name}</span> · <span dir="auto">{nameOf(s, p.by)}</span> · <Time at={p.at} />
              </span>
            </a>
          </li>
        ))}
      </ul>
      {failed && <Failed code={failed} again={() => void load()} />}
      {before && !failed && (
        <p class="center">
          <button class="soft" onClick={() => void load()}>
            {t("action.more")}
          </button>
        </p>
      )}
    </Dialog>
  );
}

/* `of`: the message that it stands in. What the page says of itself is a stranger's: plain text, beside the host that it is from. */
export function LinkCard({ of, link: l }: { of: string; link: Link }): VNode | null {
  const [open, setOpen] = useState(false);
  const url = safeLink(l.url);
  if (url === null) return null;
  return (
    <div class="link-card">
      <a href={url.href} rel={REL} target="_blank">
        <b dir="auto" lang={l.title && l.lang}>
          {l.title ?? url.host}
        </b>
        {l.about && (
          <span class="gist" dir="auto" lang={l.lang}>
            {l.about}
          </span>
        )}
        {l.title && (
          <span class="meta" dir="ltr">
            {url.host}
          </span>
        )}
      </a>
      {l.dead && (
        <p class="meta">
          <Icon name="alert" />
          {t("link.dead", { day: day(l.dead, now.value) })}
        </p>
      )}
      {l.also && (
        <button type="button" class="link" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          {t(l.also < COUNTED ? "link.also" : "link.also.many", { n: l.also })}
        </button>
      )}
      {open && <Also link={l} of={of} onClose={() => setOpen(false)} />}
    </div>
  );
}
