/* room.tsx: one room. Its lobby, its threads, what waits to be sent to it. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { archiveOf, drop, heldIn, loadRoom, notice, retry, state } from "../app";
import { list as listOf, regionName, t } from "../i18n";
import { bring } from "../later";
import { go, href } from "../router";
import { rulesOf } from "../rules";
import type { State } from "../store";
import type { Command, Room, Thread } from "../types";
import { AskLink } from "./catchup";
import { HeldState, threadsWaitIn } from "./waits";
import { HeldNote, Invite, Roles, SentFiles, Settings } from "./later";
import { isModerator, roleIn } from "./post";
import { Badge, Empty, Failed, Icon, nameOf, refusal, roomAccent, Skeleton } from "./parts";
import { JoinButton } from "./rooms";
import { ThreadRow } from "./rows";
import { Page } from "./shell";

export function RoomView({ room: id }: { room: string }): VNode {
  const s = state.value;
  const [filter, setFilter] = useState<"all" | "open" | "archive">("all");
  const [aside, setAside] = useState<Thread[] | null>(null);
  const open = filter === "open";
  const online = s.line === "open"; /* the archive is not kept on the device */
  useEffect(() => {
    if (filter !== "archive") return setAside(null);
    if (online) archiveOf(id).then(setAside, () => notice(t("error.load")));
  }, [id, filter, online]);
  const r = s.rooms[id];
  const list = s.lists[id];
  const failed = s.failed[`room:${id}`];
  const here = filter === "archive" ? aside : list?.ids.map((x) => s.threads[x]);
  const threads = (here ?? [])
    .filter((th): th is Thread => th !== undefined && th.kind !== "chat")
    .filter((th) => !open || (th.kind === "question" && !th.answer));
  const waiting = s.pending.filter(
    (c) =>
      c.method === "thread.create" &&
      c.params.room === id &&
      !(c.status === "stored" && c.result?.id && s.threads[c.result.id]),
  );
  const held = threadsWaitIn(s, id);
  const sanction = heldIn(id);
  const mayAsk =
    (!sanction || sanction.act === "warn") &&
    (r?.set?.posting !== "moderators" || isModerator(s, id));
  return (
    <Page
      title={r?.name ?? t("tab.rooms")}
      back={href.rooms}
      actions={mayAsk && <AskLink room={id} />}
      lead={r && <p class={`region ${roomAccent(s, r)}`}>{regionName(s.regions[r.region])}</p>}
    >
      {sanction && <HeldNote key={sanction.id} sanction={sanction} />}
      {r && <About s={s} room={r} />}
      <div class="filters" role="group" aria-label={t("room.filter")}>
        <button class="toggle" aria-pressed={filter === "all"} onClick={() => setFilter("all")}>
          {t("room.all")}
        </button>
        <button class="toggle" aria-pressed={open} onClick={() => setFilter("open")}>
          {t("room.unanswered")}
        </button>
        <button class="toggle" aria-pressed={filter === "archive"} onClick={() => setFilter("archive")}>
          {t("room.archive")}
        </button>
      </div>
      {waiting.length + held.length > 0 && (
        <ul class="rows">
          {waiting.map((c) => (
            <WaitingRow key={c.cid} command={c} />
          ))}
          {held.map((m) => (
            <li key={m.id} data-ask={m.id}>
              <div class="row">
                <span class="row-title" dir="auto">
                  {m.title}
                </span>
                <HeldState matter={m} />
              </div>
            </li>
          ))}
        </ul>
      )}
      {failed && <Failed code={failed} again={() => void loadRoom(id)} />}
      {(!here || !list) && !failed && <Skeleton rows={5} />}
      {list && here && threads.length === 0 && waiting.length === 0 && (
        <Empty
          title={t(
            open ? "room.allanswered" : filter === "all" ? "room.empty.title" : "room.noarchive",
          )}
        >
          {filter === "all" && (
            <>
              <p>{t("room.empty.text")}</p>
              <ul class="examples">
                <li>{t("room.empty.example1")}</li>
                <li>{t("room.empty.example2")}</li>
              </ul>
              {mayAsk && (
                <p>
                  <AskLink room={id} />
                </p>
              )}
            </>
          )}
        </Empty>
      )}
      <ul class="rows">
        {threads.map((th) => (
          <ThreadRow key={th.id} s={s} thread={th} />
        ))}
      </ul>
      {list?.more && filter !== "archive" && (
        <p class="center">
          <button class="soft" onClick={() => void loadRoom(id, true)}>
            {t("action.more")}
          </button>
        </p>
      )}
    </Page>
  );
}

function About({ s, room: r }: { s: State; room: Room }): VNode {
  const chat = s.threads[r.chat];
  const [sheet, setSheet] = useState<"" | "invite" | "roles" | "settings">("");
  const close = () => setSheet("");
  return (
    <section class="about">
      {r.about && <p dir="auto">{r.about}</p>}
      <p class="meta">
        {t("room.threads", { n: r.threads })} · {t("room.members", { n: r.members })}
      </p>
      {r.moderators && (
        <p class="meta">
          {t("room.moderators", { names: listOf(r.moderators.map((id) => nameOf(s, id))) })}
        </p>
      )}
      <Rules room={r} />
      <div class="buttons">
        {r.chat && (
          <a class="button soft" data-row href={href.thread(r.chat)}>
            <Icon name="rooms" />
            {t("thread.lobby")}
            <Badge n={chat?.unread ?? 0} />
          </a>
        )}
        <JoinButton s={s} room={r} />
        {isModerator(s, r.id) && (
          <button class="quiet" aria-haspopup="dialog" onClick={() => setSheet("invite")}>
            <Icon name="plus" />
            {t("manage.invite.do")}
          </button>
        )}
        {isModerator(s, r.id) && (
          <button class="quiet" aria-haspopup="dialog" onClick={() => setSheet("settings")}>
            <Icon name="more" />
            {t("set.button")}
          </button>
        )}
        <a class="button quiet" href={`${href.resources}?room=${r.id}`}>
          {t("tab.resources")}
        </a>
        <a class="button quiet" href={href.log(r.id)}>
          {t("log.title")}
        </a>
        {roleIn(s, r.id) === "admin" && (
          <button class="quiet" aria-haspopup="dialog" onClick={() => setSheet("roles")}>
            <Icon name="me" />
            {t("manage.roles")}
          </button>
        )}
      </div>
      {sheet === "invite" && <Invite room={r} onClose={close} />}
      {sheet === "roles" && <Roles room={r} onClose={close} />}
      {sheet === "settings" && <Settings room={r} onClose={close} />}
    </section>
  );
}

/* What moderators set, in words: nobody is to find out by trying. */
function Rules({ room: r }: { room: Room }): VNode | null {
  const rules = rulesOf(r.set ?? {});
  return rules.length > 0 ? (
    <ul class="rules-set">
      {rules.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  ) : null;
}

function WaitingRow({ command: c }: { command: Command }): VNode {
  const refused = c.status === "refused";
  return (
    <li>
      <div class="row">
        <span class="row-title" dir="auto">
          {String(c.params.title)}
        </span>
        <span class={`meta state ${refused ? "bad" : ""}`}>
          <Icon name={refused ? "alert" : "clock"} />
          {refused ? refusal(c.error) : t(c.params.files && state.value.line === "open" ? "post.files" : "post.waiting")}
        </span>
        {c.params.files && <SentFiles command={c} />}
        {refused && (
          <span class="buttons">
            <button class="soft" onClick={() => retry(c.cid)}>
              {t("action.again")}
            </button>
            <button class="soft" onClick={() => void bring("files").then((f) => go(href.ask(f.takeBack(c).slice(4))), () => notice(t("error.notdone")))}>
              {t("post.takeback")}
            </button>
            <button class="quiet" onClick={() => drop(c.cid)}>
              {t("post.discard")}
            </button>
          </span>
        )}
      </div>
    </li>
  );
}
