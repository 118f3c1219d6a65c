/* programs.tsx: tokens for programs that act for me: made for a purpose, shown once, taken back. */
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { notice, state } from "../app";
import { call } from "../core";
import { full, t, type Key } from "../i18n";
import { RpcError, type Room } from "../types";
import { useList } from "./devices";
import { Choice, Sheet, Text } from "./forms";
import { Dialog, Failed, roomName, Skeleton } from "./parts";

interface Token {
  id: string;
  name?: string;
  scopes: string[];
  whole?: true /* the hub's operator made it: it may all that I may */;
  rooms?: string[];
  at: number;
  seen?: number;
  until: number;
}
const DAYS = [7, 30, 90, 365];
const ROOMS_MAX = 50; /* limits.json: token_rooms */

const scopeName = (scope: string): string => t(`program.scope.${scope}` as Key);
const nameOf = (token: Token): string => token.name ?? t("program.unnamed");
const says = (e: unknown): string => {
  const code = e instanceof RpcError ? e.code : "";
  if (code === "conflict") return t("program.full");
  if (code === "second_factor") return t("account.second");
  return t("error.notdone");
};

function Check(p: { text: string; on: boolean; set: (on: boolean) => void }): VNode {
  return (
    <label class="check">
      <input type="checkbox" checked={p.on} onChange={(ev) => p.set(ev.currentTarget.checked)} />
      <span dir="auto">{p.text}</span>
    </label>
  );
}

function NewToken({ onClose }: { onClose: () => void }): VNode {
  const s = state.value;
  const rooms: Room[] = Object.values(s.rooms)
    .filter((r) => r.access !== "direct" && (r.joined || r.access === "open"))
    .sort((a, b) => roomName(s, a).localeCompare(roomName(s, b)));
  const moderates = Object.values(s.rooms).some((r) => r.role === "moderator" || r.role === "admin");
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["read"]);
  const [where, setWhere] = useState<"all" | "rooms">("rooms");
  const [chosen, setChosen] = useState<string[]>([]);
  const [days, setDays] = useState("90");
  const [made, setMade] = useState("");
  const shows = useRef(false);
  const flip = (list: string[], one: string, on: boolean) => (on ? [...list, one] : list.filter((x) => x !== one));
  if (made) return <Made token={made} name={name} onClose={onClose} />;
  const lacks = !name.trim()
    ? t("program.name")
    : scopes.length === 0
      ? t("program.may")
      : where === "rooms" && chosen.length === 0
        ? t("program.where.rooms")
        : "";
  return (
    <Sheet
      title={t("program.add")}
      submit={t("program.make")}
      lacks={lacks}
      says={says}
      onClose={() => {
        if (!shows.current) onClose(); /* else what was made takes its place */
      }}
      act={async () => {
        const { token } = await call<{ token: string }>("token.create", {
          name: name.trim(),
          scopes,
          days: Number(days),
          ...(where === "rooms" ? { rooms: chosen } : {}),
        });
        shows.current = true;
        setMade(token);
      }}
    >
      <Text label={t("program.name")} hint={t("program.name.hint")} max={60} value={name} onText={setName} />
      <fieldset class="rules">
        <legend>{t("program.may")}</legend>
        {["read", "post", ...(moderates ? ["moderate"] : [])].map((one) => (
          <Check
            key={one}
            text={scopeName(one)}
            on={scopes.includes(one)}
            set={(on) => setScopes(flip(scopes, one, on))}
          />
        ))}
      </fieldset>
      <Choice
        label={t("program.where")}
        value={where}
        of={[
          ["rooms", t("program.where.rooms")],
          ["all", t("program.where.all")],
        ]}
        onChoose={(v) => setWhere(v as "all" | "rooms")}
      />
      {where === "rooms" && (
        <fieldset class="rules rooms-of">
          <legend>{t("program.where.rooms")}</legend>
          {rooms.map((r) => (
            <Check
              key={r.id}
              text={roomName(s, r)}
              on={chosen.includes(r.id)}
              set={(on) => setChosen(flip(chosen, r.id, on).slice(0, ROOMS_MAX))}
            />
          ))}
        </fieldset>
      )}
      <Choice
        label={t("invite.days")}
        value={days}
        of={DAYS.map((n) => [String(n), t("invite.days.n", { n })])}
        onChoose={setDays}
      />
    </Sheet>
  );
}

/* It is kept nowhere: whoever closes this makes another one. */
function Made({ token, name, onClose }: { token: string; name: string; onClose: () => void }): VNode {
  const [copied, setCopied] = useState(false);
  return (
    <Dialog title={name} onClose={onClose}>
      <div class="form">
        <p>{t("program.once")}</p>
        <input
          class="made"
          readOnly
          dir="ltr"
          translate={false}
          autocomplete="off"
          aria-label={t("program.token")}
          value={token}
          onFocus={(ev) => ev.currentTarget.select()}
        />
        <div class="choices">
          <button
            class="primary"
            type="button"
            onClick={() =>
              navigator.clipboard.writeText(token).then(
                () => setCopied(true),
                () => notice(t("program.copy.by")),
              )
            }
          >
            {copied ? t("account.codes.copied") : t("account.codes.copy")}
          </button>
          <button class="soft" type="button" onClick={onClose}>
            {t("program.kept")}
          </button>
        </div>
        <p class="sr" role="status">
          {copied && t("account.codes.copied")}
        </p>
      </div>
    </Dialog>
  );
}

function Row({ token, drop }: { token: Token; drop: () => void }): VNode {
  const s = state.value;
  const what = nameOf(token);
  const rooms = token.rooms?.map((id) => (s.rooms[id] ? roomName(s, s.rooms[id]) : t("program.room.gone")));
  return (
    <li>
      <div>
        <b dir="auto">{what}</b>
        <p class="meta">
          {token.whole ? t("program.whole") : token.scopes.map((one) => t(`program.short.${one}` as Key)).join(" · ")}
        </p>
        {rooms && (
          <p class="meta" dir="auto">
            {rooms.join(" · ")}
          </p>
        )}
        <p class="meta">
          {token.seen !== undefined ? t("account.used", { time: full(token.seen) }) : t("program.unused")}
          {" · "}
          {t("program.until", { time: full(token.until) })}
        </p>
      </div>
      <button class="soft" aria-label={`${t("invite.back")}${t("punct.colon")}${what}`} onClick={drop}>
        {t("invite.back")}
      </button>
    </li>
  );
}

export function Programs(): VNode {
  const [list, failed, load] = useList<Token>("token.list", "tokens");
  const [open, setOpen] = useState<"" | "new" | Token>("");
  const close = () => {
    setOpen("");
    load();
  };
  return (
    <section class="means programs">
      <h2>{t("program.title")}</h2>
      <p class="meta">{t("program.text")}</p>
      {failed && <Failed code={failed} again={load} />}
      {!list && !failed && <Skeleton rows={1} />}
      {list && (
        <ul class="factors">
          {list.map((token) => (
            <Row key={token.id} token={token} drop={() => setOpen(token)} />
          ))}
        </ul>
      )}
      <button class="soft" aria-haspopup="dialog" onClick={() => setOpen("new")}>
        {t("program.add")}
      </button>
      {open === "new" && <NewToken onClose={close} />}
      {typeof open === "object" && (
        <Sheet
          title={t("program.back.title", { what: nameOf(open) })}
          submit={t("invite.back")}
          lacks=""
          says={says}
          act={async () => {
            await call("token.drop", { id: open.id });
            notice(t("program.ended"));
          }}
          onClose={close}
        >
          <p>{t("program.back.text")}</p>
        </Sheet>
      )}
    </section>
  );
}
