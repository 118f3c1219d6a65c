/* queue.tsx: what waits for moderators, what they decided, and, for everybody, what became of their reports. A decision
 * goes out ten seconds later, so that it can be taken back. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import {
  claim,
  decide,
  matters,
  notice,
  now,
  offerMoveBack,
  ownMatters,
  queueNews,
  recordOf,
  undo,
} from "../app";
import { t, type Key } from "../i18n";
import { href } from "../router";
import type { State } from "../store";
import {
  RpcError,
  type Decision,
  type Matter,
  type Proposal,
  type Sanction,
  type Why,
} from "../types";
import { Files } from "./later";
import { Empty, Failed, nameOf, numbered, Skeleton, Time } from "./parts";
import { Page } from "./shell";
import { WhyDialog } from "./why";
import { whyOf } from "./whyof";

const OVERDUE_MS = 24 * 3_600_000;
const CLAIM_MS = 30 * 60_000;

const about = (s: State, m: Matter): string => {
  const name = m.of ? nameOf(s, m.of) : "";
  if (m.ask) return t(`asks.${m.ask}`, { name, n: m.does?.count ?? 0 });
  if (m.appeal) return t("queue.appeal", { name });
  if (m.post) return t("queue.post", { name });
  return m.member ? t("queue.person", { name }) : t("queue.thread");
};
const outcome = (m: Matter, d: Decision): string => {
  if (d === "silence" || d === "suspend") return t(`done.${d}`);
  return t(`decided.${d}${m.sanction && (d === "keep" || d === "restore") ? ".held" : ""}` as Key);
};

/* What an appeal is against. */
function Against({ matter: m }: { matter: Matter }): VNode | null {
  const [x, setX] = useState<Sanction | undefined>();
  useEffect(() => {
    recordOf(m.of!).then(
      (all) => setX(all.find((one) => one.id === m.sanction)),
      () => {
        /* the appeal's own words stand there */
      },
    );
  }, [m.id]);
  return x ? (
    <blockquote dir="auto">
      {t(`act.${x.act}`)} · {whyOf(x)}
    </blockquote>
  ) : null;
}

/* What can be decided about it, besides keeping it. */
const HOLDING: Decision[] = ["warned", "silence", "suspend"];
const decisions = (m: Matter): Decision[] => {
  if (m.ask) return ["refuse"];
  if (m.appeal) return ["restore"];
  const own: Decision[] = m.post ? ["hide", "redact"] : m.member ? [] : ["lock"];
  return m.of ? [...own, ...HOLDING] : own;
};
const verb = (m: Matter, d: Decision): string =>
  HOLDING.includes(d)
    ? t(d === "warned" ? "act.warn" : (`act.${d}` as Key))
    : t(`decide.${d}${m.sanction ? ".held" : ""}` as Key);

/* A yes that cannot be done as things stand: the matter waits on, and its card says why. */
const WAYS: Record<string, Key> = { member: "queue.way.member", room: "queue.way.room", thread: "queue.way.thread" };
const ACT_WAYS: Record<string, Key> = { member: "second.lost", thread: "second.changed" };
const inTheWay = (e: unknown, m: Matter): Key | undefined =>
  e instanceof RpcError && e.code === "conflict" ? (m.does ? ACT_WAYS : WAYS)[e.field ?? ""] : undefined;

function refusal(e: unknown): string {
  const code = e instanceof RpcError ? e.code : "";
  if (code === "conflict") return t("queue.conflict");
  if (code === "forbidden") return t("queue.forbidden");
  return numbered(t("error.notdone"), e instanceof RpcError ? e.request : "");
}

/* What is moved where: a link to what may be looked at. */
function Moves({ s, matter: m, does: d }: { s: State; matter: Matter; does: Proposal }): VNode {
  const told = (key: Key, title: string | undefined, room: string): string =>
    t(key, { title: title ?? t("queue.thread"), room: s.rooms[room]?.name ?? t("log.elsewhere") });
  const from = told("second.from", m.title, d.room);
  const to = d.to ? told("second.to", m.to_title, d.to_room) : told("second.new", d.title, d.to_room);
  return (
    <>
      {m.title ? (
        <a href={href.thread(d.thread, d.posts?.[0] ?? "")} dir="auto">
          {from}
        </a>
      ) : (
        <p dir="auto">{from}</p>
      )}
      {d.to && m.to_title ? (
        <a href={href.thread(d.to)} dir="auto">
          {to}
        </a>
      ) : (
        <p dir="auto">{to}</p>
      )}
    </>
  );
}

function Said({ s, matter: m }: { s: State; matter: Matter }): VNode {
  return (
    <>
      <h2 dir="auto">{about(s, m)}</h2>
      {m.title && m.thread && (
        <a href={href.thread(m.thread, m.post ?? "")} dir="auto">
          {m.title}
        </a>
      )}
      {m.does && <Moves s={s} matter={m} does={m.does} />}
      {m.title && !m.thread && !m.does && <p dir="auto">{m.title}</p>}
      {m.text && <blockquote dir="auto">{m.text}</blockquote>}
      {m.files && (
        <div class="files">
          <Files of={m.post ?? m.id} files={m.files} />
        </div>
      )}
      {m.sanction && m.of && <Against matter={m} />}
      {!m.room && !m.sanction && <p class="note">{t("queue.two")}</p>}
      <p class="meta" dir="auto">
        {m.room ? s.rooms[m.room]?.name : s.hub?.name} · <Time at={m.at} />
      </p>
    </>
  );
}

/* Why others decide. */
const notYours = (m: Matter, concerns: boolean): Key =>
  m.does ? (concerns ? "second.yours" : "second.both") : concerns ? "queue.notyours" : m.appeal ? "queue.acted" : "queue.reportedit";

type Drop = (on: boolean, trouble?: string) => void;

function Card({ s, matter: m, drop, trouble }: { s: State; matter: Matter; drop: Drop; trouble?: string }): VNode {
  const [asking, setAsking] = useState<Decision | "">("");
  const mine = m.claimed?.by === s.me?.id;
  const taken = m.claimed && !mine && now.value - m.claimed.at < CLAIM_MS;
  const concerns = m.of === s.me?.id;
  const mayNot = concerns || m.not_yours;
  const act = (work: Promise<unknown>) =>
    work.catch((e: unknown) => {
      const stays = inTheWay(e, m);
      if (!stays) notice(refusal(e));
      drop(false, stays && t(stays));
    });
  const settle = (decision: Decision, why: Why, until?: number) => {
    drop(true);
    undo.offer({
      text: outcome(m, decision),
      undo: () => drop(false),
      settle: () => void act(decide(m.id, decision, why, until)),
    });
  };
  return (
    <li class="card matter">
      <Said s={s} matter={m} />
      {now.value - m.at > OVERDUE_MS && (
        <p>
          <span class="chip">{t("queue.overdue")}</span>{" "}
          {(m.asked === "region" || m.asked === "hub") && (
            <span class="meta">{t(`asked.${m.asked}`)}</span>
          )}
        </p>
      )}
      {m.why && <p class="note">{[t(`waits.${m.why}`), m.word].filter(Boolean).join(" – ")}</p>}
      <ul>
        {(m.ask ? [] : m.reports).map((r) => (
          <li key={`${r.by}${r.at}`} dir="auto">
            {r.by && (
              <>
                <b>{nameOf(s, r.by)}</b>
                {t("punct.colon")}
              </>
            )}
            {whyOf(r)}
          </li>
        ))}
      </ul>
      {trouble && (
        <p class="error" role="alert">
          {trouble}
        </p>
      )}
      {mayNot && <p class="note">{t(notYours(m, concerns))}</p>}
      {concerns && m.does && (
        <div class="buttons">
          <button
            class="soft"
            onClick={() => {
              drop(true);
              void act(decide(m.id, "refuse", {}).then(() => notice(t("second.taken"))));
            }}
          >
            {t("second.back")}
          </button>
        </div>
      )}
      {taken && <p class="note">{t("queue.taken", { name: nameOf(s, m.claimed!.by) })}</p>}
      {!mayNot && !taken && (
        <div class="buttons">
          <button class="soft" aria-pressed={mine} onClick={() => void act(claim(m.id, !mine))}>
            {t(mine ? "queue.release" : "queue.claim")}
          </button>
          {m.ask ? (
            <button
              class="primary"
              onClick={() => {
                drop(true);
                const done = decide(m.id, "approve", {});
                void act(done.then(({ seq }) => m.does && offerMoveBack(m.does.posts?.length ?? 0, seq)));
              }}
            >
              {t("decide.approve")}
            </button>
          ) : (
            <button class="soft" onClick={() => settle("keep", { rule: "kept" })}>
              {t(m.sanction ? "decide.keep.held" : m.appeal ? "decide.keep.appeal" : "decide.keep")}
            </button>
          )}
          {decisions(m).map((d) => (
            <button
              key={d}
              class={`soft${d === "redact" ? " danger" : ""}`}
              onClick={() => (d === "restore" ? settle(d, { rule: "kept" }) : setAsking(d))}
            >
              {verb(m, d)}
            </button>
          ))}
        </div>
      )}
      {asking && (
        <WhyDialog
          title={verb(m, asking)}
          text={t("queue.why")}
          submit={verb(m, asking)}
          words={asking === "redact"}
          ends={asking === "silence" || asking === "suspend"}
          act={(why, until) => settle(asking, why, until)}
          onClose={() => setAsking("")}
        />
      )}
    </li>
  );
}

function Decided({ s, matter: m }: { s: State; matter: Matter }): VNode {
  return (
    <li class="card matter">
      <Said s={s} matter={m} />
      <p>
        <b>{m.decided ? outcome(m, m.decided.decision) : t("queue.waits")}</b>
      </p>
      {m.decided && (
        <p class="meta" dir="auto">
          {[whyOf(m.decided), m.decided.by && nameOf(s, m.decided.by)].filter(Boolean).join(" · ")}
        </p>
      )}
    </li>
  );
}

export function QueueView({ s }: { s: State }): VNode {
  const [list, setList] = useState<Matter[] | null>(null);
  const [decided, setDecided] = useState(false);
  const [failed, setFailed] = useState("");
  const [gone, setGone] = useState<string[]>([]);
  const [troubles, setTroubles] = useState<Record<string, string | undefined>>({});
  const open = s.line === "open";
  const load = () =>
    matters(decided).then(
      (all) => {
        setFailed("");
        setList(decided ? all : all.slice().sort((a, b) => a.at - b.at));
      },
      (e: unknown) => setFailed(e instanceof RpcError ? e.told : "internal"),
    );
  useEffect(() => {
    if (open) void load();
  }, [decided, open, queueNews.value]);
  const shown = (list ?? []).filter((m) => !gone.includes(m.id));
  const drop = (id: string) => (on: boolean, trouble?: string) => {
    setTroubles((old) => ({ ...old, [id]: trouble }));
    setGone((old) => (on ? [...old, id] : old.filter((other) => other !== id)));
  };
  const mine = shown.filter((m) => m.decided || m.yours);
  const others = shown.filter((m) => !m.decided && !m.yours);
  const card = (m: Matter) =>
    m.decided ? (
      <Decided key={m.id} s={s} matter={m} />
    ) : (
      <Card key={m.id} s={s} matter={m} drop={drop(m.id)} trouble={troubles[m.id]} />
    );
  return (
    <Page title={t("queue.title")} back={href.rooms}>
      <div class="filters" role="group" aria-label={t("queue.title")}>
        {[false, true].map((d) => (
          <button
            key={String(d)}
            class="toggle"
            aria-pressed={d === decided}
            onClick={() => {
              setList(null);
              setDecided(d);
            }}
          >
            {t(d ? "queue.decided" : "queue.open")}
          </button>
        ))}
      </div>
      {failed && <Failed code={failed} again={() => void load()} />}
      {!list && !failed && (open ? <Skeleton rows={3} /> : <p class="note">{t("queue.offline")}</p>)}
      {list && shown.length === 0 && (
        <Empty title={t("queue.empty")}>
          <p>{t("queue.empty.text")}</p>
        </Empty>
      )}
      <ul class="matters">{mine.map(card)}</ul>
      {others.length > 0 && (
        <>
          <h2 class="others">{t("queue.others")}</h2>
          <ul class="matters">{others.map(card)}</ul>
        </>
      )}
    </Page>
  );
}

/* What became of my reports and appeals; nothing is shown to who made none. */
export function MyReports({ s }: { s: State }): VNode | null {
  const [list, setList] = useState<Matter[]>([]);
  useEffect(() => {
    if (s.line === "open")
      ownMatters().then(setList, () => {
        /* shown the next time */
      });
  }, [s.line]);
  if (list.length === 0) return null;
  return (
    <section>
      <h2>{t("me.reports")}</h2>
      <ul class="matters">
        {list.map((m) => (
          <Decided key={m.id} s={s} matter={m} />
        ))}
      </ul>
    </section>
  );
}
