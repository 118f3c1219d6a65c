/* sites.tsx: accounts at other sites that are mine here: linked with my consent, and let go again. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { notice } from "../app";
import { call } from "../core";
import { goTo, keepGoing, sites, type Going, type Site } from "../sites";
import { t } from "../i18n";
import { RpcError } from "../types";
import { Time } from "./parts";

interface Link {
  id: number;
  issuer: string;
  title?: string;
  at: number;
  used?: number;
}

/* A site has just said who it is: is that me? It is the first thing on the page, and linked by nothing but a yes. */
export function Consent({ it, done }: { it: Going; done: () => void }): VNode {
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => card.current?.focus({ preventScroll: true }), []);
  const answer = (yes: boolean) => {
    keepGoing(null);
    if (yes) call("oidc.link", { ticket: it.ticket }).then(done, () => (notice(t("door.site.over")), done()));
    else done();
  };
  return (
    <div ref={card} class="card consent" role="group" aria-label={it.title} tabIndex={-1}>
      <p>{t("account.sites.ask", { who: it.email ?? "", where: it.title })}</p>
      <button class="primary wide" onClick={() => answer(true)}>
        {t("account.sites.yes")}
      </button>
      <button class="soft wide" onClick={() => answer(false)}>
        {t("action.cancel")}
      </button>
    </div>
  );
}

export function Sites(): VNode | null {
  const [list, setList] = useState<Link[]>([]);
  const [offered, setOffered] = useState<Site[]>([]);
  const load = () => {
    call<{ links: Link[] }>("oidc.links").then(
      (r) => setList(r.links),
      () => notice(t("error.notdone")),
    );
  };
  useEffect(() => {
    load();
    sites().then(setOffered, () => setOffered([]));
  }, []);
  const others = offered.filter((site) => list.every((one) => one.title !== site.title));
  if (list.length === 0 && others.length === 0) return null;
  const fail = (e: unknown) => notice(t(e instanceof RpcError && e.code === "conflict" ? "account.sites.last" : "error.notdone"));
  return (
    <section class="sites">
      <h2>{t("account.sites")}</h2>
      <ul class="plain devices">
        {list.map((one) => (
          <li key={one.id}>
            <span>
              <b dir="auto">{one.title ?? one.issuer}</b>
              <br />
              <small>
                <Time at={one.used ?? one.at} />
              </small>
            </span>
            <button
              class="soft small"
              aria-label={`${t("account.sites.drop")}${t("punct.colon")}${one.title ?? one.issuer}`}
              onClick={() => void call("oidc.unlink", { id: one.id }).then(load, fail)}
            >
              {t("account.sites.drop")}
            </button>
          </li>
        ))}
      </ul>
      {others.map((site) => (
        <button key={site.provider} class="soft" onClick={() => void goTo(site).catch(() => notice(t("error.notdone")))}>
          {t("account.sites.add", { where: site.title })}
        </button>
      ))}
    </section>
  );
}
