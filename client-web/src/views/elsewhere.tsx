/* elsewhere.tsx: buttons to other sites, and the page that they lead back to. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { brought, comeIn, isNear, isSignedIn } from "../coming";
import { post } from "../rpc";
import { named } from "../devicename";
import { lang, t, type Key } from "../i18n";
import { href } from "../router";
import { comeBack, going, goTo, keepGoing, type Found, type Going, type Site } from "../sites";
import { troubleOf, type Trouble } from "../trouble";
import { RpcError } from "../types";
import { SecondCard } from "./doorways";
import { Text } from "./inputs";
import { Skeleton } from "./pieces";
import { Step, Wrong } from "./step";

export function SiteButtons({ list, invite }: { list: Site[]; invite?: string }): VNode {
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Trouble>("");
  const go = (site: Site) => {
    setBusy(true);
    setWhy("");
    goTo(site, invite).catch((e: unknown) => {
      setWhy(troubleOf(e));
      setBusy(false);
    });
  };
  return (
    <>
      {list.map((site) => (
        <button key={site.provider} type="button" class="soft wide" disabled={busy} onClick={() => go(site)}>
          {t("door.site.with", { where: site.title })}
        </button>
      ))}
      <Wrong why={why} />
    </>
  );
}

const anew = () => {
  keepGoing(null);
  /* who is signed in goes on from the page of their account */
  void isSignedIn().then((is) => (is ? location.replace(href.account) : (brought.value = null)));
};
const here = () => {
  brought.value = null; /* what is to be linked waits in this tab */
};

export function BackCard({ way }: { way: string }): VNode {
  const [it] = useState<Going | null>(() => {
    const held = going();
    return held && way.startsWith(`${held.provider}?`) && !held.links ? held : null;
  });
  const [found, setFound] = useState<Found | null>(null);
  const [why, setWhy] = useState<Trouble>(it ? "" : "over");
  const [notDone, setNotDone] = useState<Key>("door.trouble.notdone");
  useEffect(() => {
    if (!it) return;
    isNear.value = true;
    comeBack(it, way).then(
      async (is) => {
        if (is.me) return;
        /* who is signed in is asked on the page of their account */
        if (is.link && (await isSignedIn())) return location.replace(href.account);
        setFound(is);
      },
      (e: unknown) => {
        const code = e instanceof RpcError ? e.code : "";
        if (code === "stopped") setNotDone("door.site.stopped");
        if (code === "conflict") setNotDone("door.site.taken");
        if (code === "forbidden") setNotDone("door.site.unproved");
        setWhy(troubleOf(e));
      },
    );
  }, []);
  if (found?.more) return <SecondCard ticket={it!.ticket} again={anew} />;
  if (found?.join) return <NewCard it={it!} called={found.name ?? ""} />;
  if (found?.link)
    return (
      <div class="card">
        <h2>{it!.title}</h2>
        <p role="status">{t("door.site.known", { where: it!.title })}</p>
        <button class="primary wide" onClick={here}>
          {t("door.site.mail")}
        </button>
      </div>
    );
  if (!why) return <Skeleton rows={2} />;
  return (
    <div class="card">
      <h2>{it?.title ?? t("door.site.title")}</h2>
      <Wrong why={why} focus texts={{ wrong: "door.site.wrong", over: "door.site.over", notdone: notDone }} />
      <button class="primary wide" onClick={anew}>
        {t("door.site.again")}
      </button>
    </div>
  );
}

/* Invited, and the site said who it is. */
function NewCard({ it, called }: { it: Going; called: string }): VNode {
  const [name, setName] = useState(called);
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Trouble>("");
  const [lacks, setLacks] = useState(false);
  const join = () => {
    setLacks(name.trim() === "");
    if (name.trim() === "") return;
    setBusy(true);
    setWhy("");
    post("invite.take", { invite: it.invite, ticket: it.ticket, name: name.trim(), lang: lang.value, ...named() }).then(
      ({ me }) => {
        keepGoing(null);
        return comeIn(me, true);
      },
      (e: unknown) => {
        setWhy(troubleOf(e));
        setBusy(false);
      },
    );
  };
  return (
    <div class="card">
      <h2>{it.title}</h2>
      <Step submit={t("signin.enter")} busy={busy} why={why} texts={{ wrong: "door.site.over", over: "door.join.over" }} onSubmit={join}>
        <Text label={t("door.join.name")} value={name} onText={setName} autocomplete="name" invalid={lacks} />
        {lacks && <p class="error">{t("form.lacks", { what: t("door.join.name") })}</p>}
      </Step>
    </div>
  );
}
