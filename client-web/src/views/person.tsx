/* person.tsx: who somebody is, and, for those who moderate, what was imposed on them and may be. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { impose, isOver, notice, now, pardon, recordOf, state, undo } from "../app";
import { call, dispatch } from "../core";
import { full, regionName, t } from "../i18n";
import { href } from "../router";
import type { State } from "../store";
import { RpcError, type Role, type Sanction, type SanctionAct } from "../types";
import { fieldName } from "./fieldname";
import { Choice } from "./forms";
import { EraseSheet, WriteTo } from "./later";
import { Dialog, Failed, Icon, Initials, nameOf, place, Time } from "./parts";
import { isModerator, roleIn } from "./post";
import { WhyDialog } from "./why";
import { whyOf } from "./whyof";

const failure = (e: unknown): string =>
  t(e instanceof RpcError && e.code === "forbidden" ? "person.higher" : "error.notdone");

const RANK: Role[] = ["guest", "member", "moderator", "admin"];
const roleOf = (s: State, room: string, id: string): Role => {
  const hub = s.members[id]?.role ?? "member";
  return hub === "member" && s.rooms[room]?.moderators?.includes(id) ? "moderator" : hub;
};

const where = (s: State, x: Sanction): string =>
  x.room
    ? (s.rooms[x.room]?.name ?? "")
    : x.region
      ? regionName(s.regions[x.region])
      : (s.hub?.name ?? "");

function Row({ s, sanction: x, lifted }: { s: State; sanction: Sanction; lifted: () => void }): VNode {
  const over = isOver(x, now.value);
  const end = x.pardoned
    ? t("person.lifted")
    : x.until
      ? t("held.until", { time: full(x.until) })
      : x.act === "warn"
        ? ""
        : t("ends.never");
  return (
    <li class={over ? "meta" : ""}>
      <b>{t(`act.${x.act}`)}</b> · <span dir="auto">{where(s, x)}</span> · <Time at={x.at} />
      <br />
      <span dir="auto">{[x.field && t("log.cleared.what", { what: fieldName(x.field) }), whyOf(x), end, x.by && nameOf(s, x.by)].filter(Boolean).join(" · ")}</span>
      {!over && x.act !== "warn" && (
        <p>
          <button class="soft" onClick={lifted}>
            {t("person.lift")}
          </button>
        </p>
      )}
    </li>
  );
}

/* For whom a sanction is: this room, or wider for those who moderate the hub. */
function Moderating({ id, room, onClose }: { id: string; room: string; onClose: () => void }): VNode {
  const s = state.value;
  const [list, setList] = useState<Sanction[] | null>(null);
  const [failed, setFailed] = useState("");
  const [refused, setRefused] = useState("");
  const [asking, setAsking] = useState<SanctionAct | "">("");
  const r = s.rooms[room];
  const [scope, setScope] = useState(r ? "room" : "hub");
  const mayJudge = RANK.indexOf(roleOf(s, room, id)) < RANK.indexOf(roleIn(s, room));
  const isHubs = s.me?.role === "moderator" || s.me?.role === "admin";
  const load = () =>
    recordOf(id).then(
      (all) => {
        setFailed("");
        setList(all);
      },
      (e: unknown) => setFailed(e instanceof RpcError ? e.told : "internal"),
    );
  useEffect(() => {
    if (s.line === "open") void load();
  }, [id, s.line]);
  const lift = (x: Sanction) => {
    undo.settle(); /* an undo that is still offered would lift it a second time */
    setRefused("");
    void pardon(x.id, { rule: "undone" }).then(load, (e: unknown) => {
      setRefused(failure(e));
      void load();
    });
  };
  const trouble = (e?: unknown) => notice(failure(e));
  const name = nameOf(s, id);
  return (
    <>
      <h3>{t("person.record")}</h3>
      {failed && <Failed code={failed} again={() => void load()} />}
      {list?.length === 0 && <p class="note">{t("person.clean")}</p>}
      <ul class="record">
        {list?.map((x) => (
          <Row
            key={x.id}
            s={s}
            sanction={x}
            lifted={() => lift(x)}
          />
        ))}
      </ul>
      <p class="error" role="alert">
        {refused}
      </p>
      {!mayJudge && <p class="note">{t("person.higher")}</p>}
      {mayJudge && isHubs && r && (
        <Choice
          label={t("manage.where")}
          value={scope}
          of={[
            ["room", r.name],
            ["region", regionName(s.regions[r.region])],
            ["hub", s.hub?.name ?? ""],
          ]}
          onChoose={setScope}
        />
      )}
      <div class="buttons">
        {(["warn", "silence", "suspend", "ban"] as const)
          .filter((act) => mayJudge && (act !== "ban" || (isHubs && scope === "hub")))
          .map((act) => (
            <button
              key={act}
              class={`soft${act === "ban" ? " danger" : ""}`}
              onClick={() => setAsking(act)}
            >
              {t(`act.${act}`)}
            </button>
          ))}
      </div>
      {asking && (
        <WhyDialog
          title={`${t(`act.${asking}`)}${t("punct.colon")}${name}`}
          text={t(`act.${asking}.text`)}
          submit={t(`act.${asking}`)}
          ends={asking === "silence" || asking === "suspend"}
          act={(why, until) => {
            void impose(
              {
                member: id,
                act: asking,
                ...(scope === "hub" ? {} : { [scope]: scope === "room" ? room : r!.region }),
                ...(until ? { until } : {}),
                ...why,
              },
              trouble,
            ).catch(trouble);
            onClose(); /* what came of it, and the way back, stand on the page below */
          }}
          onClose={() => setAsking("")}
        />
      )}
    </>
  );
}

/* Shown at once, and back as it was where the hub did not hear of it. */
async function block(member: string, on: boolean): Promise<void> {
  const show = (shown: boolean) =>
    dispatch({ type: "signal", signal: { kind: "block", member, on: shown }, now: 0 });
  show(on);
  try {
    await call("member.block", { member, on });
  } catch (e) {
    show(!on);
    return notice(t(e instanceof RpcError && e.code === "conflict" ? "block.many" : "error.notdone"));
  }
  undo.offer({
    text: t(on ? "done.block" : "done.unblock", { name: nameOf(state.value, member) }),
    undo: () => void block(member, !on),
  });
}
async function namesOfBlocked(): Promise<void> {
  const { members } = await call("member.blocked").catch(() => ({ members: [] }));
  dispatch({ type: "members", members });
}

/* For oneself, and nobody else is told. */
function Blocking({ s, id, onClose }: { s: State; id: string; onClose: () => void }): VNode {
  const on = s.me?.blocked?.includes(id) === true;
  return (
    <>
      <p class="note">{t(on ? "block.on" : "block.text")}</p>
      <div class="buttons">
        <button
          class="soft"
          onClick={() => {
            void block(id, !on);
            onClose();
          }}
        >
          {t(on ? "block.end" : "block.do")}
        </button>
      </div>
    </>
  );
}

/* Whom I block, on the screen of what is mine. */
export function Blocked(): VNode | null {
  const s = state.value;
  const ids = s.me?.blocked ?? [];
  useEffect(() => {
    if (ids.length > 0 && s.line === "open") void namesOfBlocked();
  }, [ids.length, s.line]);
  if (ids.length === 0) return null;
  return (
    <section class="settings">
      <h2>{t("block.list")}</h2>
      <p class="meta">{t("block.text")}</p>
      <ul class="record">
        {ids.map((id) => (
          <li key={id}>
            <span dir="auto">{nameOf(s, id)}</span>
            <p>
              <button
                class="soft"
                aria-label={`${t("block.end")}${t("punct.colon")}${nameOf(s, id)}`}
                onClick={() => void block(id, false)}
              >
                {t("block.end")}
              </button>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function PersonSheet({ id, room, onClose }: { id: string; room: string; onClose: () => void }): VNode {
  const s = state.value;
  const m = s.members[id];
  const [sheet, setSheet] = useState<"" | "write" | "erase">("");
  return (
    <Dialog title={nameOf(s, id)} onClose={onClose}>
      <div class="person">
        <Initials id={id} />
        <p class="meta" dir="auto">
          {[m && !m.former && `@${m.handle}`, place(m), t(`role.${roleOf(s, room, id)}`)].filter(Boolean).join(" · ")}
        </p>
      </div>
      <p class="sheet-acts">
        <a class="button soft" href={href.person(id)} onClick={onClose}>
          {t("profile.title")}
        </a>
        {id !== s.me?.id && s.me?.role !== "guest" && (
          <button class="soft" onClick={() => setSheet("write")}>
            <Icon name="reply" />
            {t("talk.write", { name: nameOf(s, id) })}
          </button>
        )}
      </p>
      {sheet === "write" && <WriteTo id={id} onClose={() => setSheet("")} done={onClose} />}
      {id !== s.me?.id && <Blocking s={s} id={id} onClose={onClose} />}
      {isModerator(s, room) && id !== s.me?.id && <Moderating id={id} room={room} onClose={onClose} />}
      {s.me?.role === "admin" && id !== s.me.id && m && !m.former && (
        <p>
          <button class="soft danger" aria-haspopup="dialog" onClick={() => setSheet("erase")}>
            {t("erase.title")}
          </button>
        </p>
      )}
      {sheet === "erase" && <EraseSheet id={id} onClose={() => setSheet("")} done={onClose} />}
    </Dialog>
  );
}
