/* devices.tsx: where I am signed in, and the addresses that codes are sent to. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { notice } from "../app";
import { call } from "../core";
import { lang, t, type Key } from "../i18n";
import { RpcError } from "../types";
import { Sheet, Text } from "./forms";
import { Failed, Skeleton, Time } from "./parts";

interface Session {
  id: string;
  device?: string;
  how: string;
  strong: boolean;
  own: boolean;
  at: number;
  seen: number;
}

/* A list that is asked for when it is shown, and again after each change. */
export function useList<T>(method: string, name: string): [T[] | null, string, () => void] {
  const [list, setList] = useState<T[] | null>(null);
  const [failed, setFailed] = useState("");
  const load = () => {
    setFailed("");
    call<Record<string, T[]>>(method).then(
      (r) => setList(r[name]!),
      (e: unknown) => setFailed(e instanceof RpcError ? e.code : "closed"),
    );
  };
  useEffect(load, []);
  return [list, failed, load];
}

export function Devices(): VNode {
  const [list, failed, load] = useList<Session>("session.list", "sessions");
  const end = (id?: string) =>
    call("session.end", id ? { id } : {}).then(
      () => {
        notice(id ? t("device.ended") : t("device.ended.all"));
        load();
      },
      () => {
        notice(t("error.notdone"));
        load();
      },
    );
  return (
    <section>
      <h2>{t("device.title")}</h2>
      {failed && <Failed code={failed} again={load} />}
      {!list && !failed && <Skeleton rows={2} />}
      {list && (
        <ul class="plain devices">
          {list.map((d) => (
            <li key={d.id}>
              <span>
                <b dir="auto">{d.device ?? t("device.unknown")}</b>
                {d.own && <> · {t("device.own")}</>}
                <br />
                <small>
                  {t(`device.how.${d.how}` as Key)}
                  {d.strong && <> · {t("device.strong")}</>} · {t("device.seen")} <Time at={d.seen} />
                </small>
              </span>
              {!d.own && (
                <button
                  class="soft small"
                  aria-label={`${t("device.end")}${t("punct.colon")}${d.device ?? t("device.unknown")}`}
                  onClick={() => void end(d.id)}
                >
                  {t("device.end")}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {list && list.length > 1 && (
        <button class="soft" onClick={() => void end()}>
          {t("device.end.all")}
        </button>
      )}
    </section>
  );
}

export function Addresses(): VNode {
  const [list, failed, load] = useList<{ email: string; at: number }>("address.list", "addresses");
  const [adds, setAdds] = useState(false);
  return (
    <section>
      <h2>{t("address.title")}</h2>
      <p class="meta">{t("address.what")}</p>
      {failed && <Failed code={failed} again={load} />}
      {!list && !failed && <Skeleton rows={1} />}
      {list && (
        <ul class="plain devices">
          {list.map((a) => (
            <li key={a.email}>
              <bdi>{a.email}</bdi>
              {list.length > 1 && (
                <button
                  class="soft small"
                  aria-label={`${t("address.drop")}${t("punct.colon")}${a.email}`}
                  onClick={() =>
                    void call("address.drop", { email: a.email }).then(load, () => {
                      notice(t("error.notdone"));
                      load();
                    })
                  }
                >
                  {t("address.drop")}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <button class="soft" aria-haspopup="dialog" onClick={() => setAdds(true)}>
        {t("address.add")}
      </button>
      {adds && (
        <AddAddress
          onClose={() => {
            setAdds(false);
            load();
          }}
        />
      )}
    </section>
  );
}

/* Two steps in one sheet: the address, then the digits that were sent there. */
function AddAddress({ onClose }: { onClose: () => void }): VNode {
  const [email, setEmail] = useState("");
  const [ticket, setTicket] = useState("");
  const goesOn = useRef(false);
  const [code, setCode] = useState("");
  return ticket === "" ? (
    <Sheet
      key="address"
      title={t("address.add")}
      submit={t("door.mail.send")}
      lacks={email.includes("@") ? "" : t("door.email")}
      onClose={() => {
        if (!goesOn.current) onClose(); /* else the next step takes its place */
      }}
      act={async () => {
        const asked = await call<{ ticket: string }>("address.code", { email: email.trim(), lang: lang.value });
        goesOn.current = true;
        setTicket(asked.ticket);
      }}
    >
      <Text label={t("door.email")} value={email} max={254} onText={setEmail} autocomplete="email" />
    </Sheet>
  ) : (
    <Sheet
      key="code"
      title={t("address.add")}
      submit={t("address.confirm")}
      lacks={code.replace(/\D/g, "").length === 6 ? "" : t("door.code")}
      conflict={t("address.taken")}
      onClose={onClose}
      act={async () => {
        await call("address.add", { ticket, code });
        notice(t("address.added"));
      }}
    >
      <p>{t("address.sent", { email })}</p>
      <Text label={t("door.code")} value={code} max={12} onText={setCode} autocomplete="one-time-code" />
    </Sheet>
  );
}
