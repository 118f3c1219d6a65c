/* rooms.tsx: all rooms by region, the joined ones first. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { join, loadRooms, state, toModerate } from "../app";
import { call } from "../core";
import { regionName, t } from "../i18n";
import { unreadTalks } from "../home";
import { href } from "../router";
import type { State } from "../store";
import type { Room } from "../types";
import { Badge, Empty, Failed, Icon, roomAccent, Skeleton } from "./parts";
import { AddMember, InvitePeople, NewRoom } from "./later";
import { isAdmin, isModerator } from "./post";
import { Page } from "./shell";

/* How many wait for the secretariat. */
function Asking(): VNode | null {
  const [n, setN] = useState(0);
  const open = state.value.line === "open";
  useEffect(() => {
    if (open)
      call("request.list").then(
        (r) => setN(r.requests.length),
        () => setN(0),
      );
  }, [open]);
  return <Badge n={n} />;
}

export function RoomsView(): VNode {
  const s = state.value;
  const rooms = Object.values(s.rooms).filter((r) => !r.with);
  const regions = Object.values(s.regions)
    .filter((g) => rooms.some((r) => r.region === g.id))
    .sort((a, b) => Number(b.id === s.me?.region) - Number(a.id === s.me?.region));
  const loaded = s.roomsSeq > 0;
  const [sheet, setSheet] = useState<"" | "room" | "member" | "people">("");
  return (
    <Page title={t("tab.rooms")}>
      <div class="buttons crossings">
        <a class="button soft only-narrow" href={href.people}>
          <Icon name="people" />
          {t("tab.people")}
        </a>
        <a class="button soft only-narrow" href={href.peers}>
          {t("peers.find")}
        </a>
        <a class="button soft" href={href.talks}>
          {t("talks.title")}
          <Badge n={unreadTalks(s)} />
        </a>
      </div>
      {(isModerator(s) || Object.keys(s.rooms).some((id) => isModerator(s, id))) && (
        <div class="buttons manage">
          {isAdmin(s) && (
            <a class="button soft" href={href.desk()}>
              {t("desk.title")}
              <Asking />
            </a>
          )}
          <a class="button soft" href={href.queue}>
            <Icon name="alert" />
            {t("queue.title")}
            <Badge n={toModerate.value} />
          </a>
          <button class="soft" aria-haspopup="dialog" onClick={() => setSheet("room")}>
            <Icon name="plus" />
            {t("manage.room")}
          </button>
          <button class="soft" aria-haspopup="dialog" onClick={() => setSheet("people")}>
            <Icon name="plus" />
            {t("invite.people.do")}
          </button>
          {s.me?.role === "admin" && (
            <button class="soft" aria-haspopup="dialog" onClick={() => setSheet("member")}>
              <Icon name="plus" />
              {t("manage.member")}
            </button>
          )}
        </div>
      )}
      {sheet === "room" && <NewRoom onClose={() => setSheet("")} />}
      {sheet === "people" && <InvitePeople onClose={() => setSheet("")} />}
      {sheet === "member" && <AddMember onClose={() => setSheet("")} />}
      {s.failed.rooms && !loaded && <Failed code={s.failed.rooms} again={() => void loadRooms()} />}
      {!loaded && !s.failed.rooms && <Skeleton rows={6} />}
      {loaded && rooms.length === 0 && <Empty title={t("rooms.empty")} />}
      {regions.map((g) => {
        const here = rooms
          .filter((r) => r.region === g.id)
          .sort((a, b) => Number(b.joined) - Number(a.joined) || a.name.localeCompare(b.name));
        return (
          <section class="group" key={g.id}>
            <header>
              <h2 class={`region ${roomAccent(s, here[0])}`} dir="auto">
                {regionName(g)}
              </h2>
            </header>
            <ul class="rows">
              {here.map((r) => (
                <RoomRow key={r.id} s={s} room={r} />
              ))}
            </ul>
          </section>
        );
      })}
    </Page>
  );
}

function RoomRow({ s, room: r }: { s: State; room: Room }): VNode {
  return (
    <li class="with-action">
      <a
        data-row
        class={`row ${roomAccent(s, r)}${r.unread > 0 ? " unread" : ""}`}
        href={href.room(r.id)}
      >
        <span class="row-title" dir="auto">
          {r.name}
        </span>
        <span class="row-side">
          <Badge n={r.joined ? r.unread : 0} mention={r.mentions > 0} />
        </span>
        {r.about && (
          <span class="row-text" dir="auto">
            {r.about}
          </span>
        )}
        <span class="meta">
          {(r.joined || r.access === "open") && <>{t("room.threads", { n: r.threads })} · </>}
          {t("room.members", { n: r.members })}
          {r.access !== "open" && (
            <> · {t(r.access === "private" ? "room.private" : "room.restricted")}</>
          )}
        </span>
      </a>
      {!r.joined && <JoinButton s={s} room={r} />}
    </li>
  );
}

export function JoinButton({ s, room }: { s: State; room: Room }): VNode {
  const going = s.pending.find(
    (c) =>
      c.params.room === room.id &&
      c.status !== "refused" &&
      (c.method === "room.join" || c.method === "room.leave"),
  );
  return (
    <button
      class={room.joined ? "quiet" : "soft"}
      disabled={going !== undefined || room.asked}
      onClick={() => join(room.id, !room.joined)}
    >
      {going && <Icon name="clock" />}
      {room.asked
        ? t("room.asked")
        : room.joined
          ? t("room.leave")
          : t(room.set?.approve_join && !isModerator(s, room.id) ? "room.ask" : "room.join")}
      <span class="sr"> {room.name}</span>
    </button>
  );
}
