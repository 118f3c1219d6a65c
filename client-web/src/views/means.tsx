/* means.tsx: what I sign in with: passkeys, an authenticator app with its codes on paper, a password. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { state } from "../app";
import { post } from "../rpc";
import { deviceName } from "../devicename";
import { full, t } from "../i18n";
import { knowsPasskeys, makePasskey } from "../passkey";
import { RpcError } from "../types";
import { Sheet, Text } from "./forms";
import { Dialog, Failed, Skeleton } from "./parts";
import { QrCode } from "./qr";

interface Factor {
  id: number;
  kind: "passkey" | "totp" | "password";
  name?: string;
  at: number;
  used?: number;
}
interface Means {
  factors: Factor[];
  recovery: number;
}
type Open = "" | "passkey" | "totp" | "renew" | "password" | Factor;

/* What the hub says, in words for this screen; `known`: of a code, other than usual. */
const says =
  (known: Record<string, string>) =>
  (e: unknown): string => {
    const { code, field } = e instanceof RpcError ? e : { code: "", field: "" };
    const word = known[`${code}.${field}`] ?? known[code];
    if (word) return word;
    if (code === "second_factor") return t("account.second");
    if (code === "conflict") return t("account.again");
    return t("error.notdone");
  };

function NewPasskey({ onClose, done }: { onClose: () => void; done: () => void }): VNode {
  const [name, setName] = useState(() => deviceName());
  const add = async () => {
    const { ticket, options } = await post("passkey.new", {});
    const credential = await makePasskey(options).catch((e: unknown) => {
      throw new RpcError((e as Error).name === "InvalidStateError" ? "there" : "stopped", "");
    });
    await post("passkey.add", { ticket, credential, name: name.trim() });
    done();
  };
  return (
    <Sheet
      title={t("account.passkey.add")}
      submit={t("account.passkey.add")}
      lacks={name.trim() ? "" : t("account.passkey.name")}
      anywhere
      says={says({
        there: t("account.passkey.there"),
        stopped: t("account.passkey.stopped"),
        "invalid.credential": t("account.passkey.stopped"),
      })}
      act={add}
      onClose={onClose}
    >
      <p>{t("account.passkey.how")}</p>
      <Text label={t("account.passkey.name")} hint={t("account.passkey.name.hint")} value={name} onText={setName} />
    </Sheet>
  );
}

function Codes({ codes, onClose }: { codes: string[]; onClose: () => void }): VNode {
  const [copied, setCopied] = useState(false);
  const words = `Baraza, ${location.host}\n\n${codes.join("\n")}\n`;
  const first = useRef<HTMLParagraphElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <Dialog title={t("account.codes")} onClose={onClose}>
      <p ref={first} tabIndex={-1}>
        {t("account.codes.text")}
      </p>
      <ol class="codes" translate={false}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <p class="buttons">
        <button
          class="soft"
          onClick={() => void navigator.clipboard?.writeText(words).then(() => setCopied(true), () => undefined)}
        >
          {copied ? t("account.codes.copied") : t("account.codes.copy")}
        </button>
        <a class="button soft" download="baraza-codes.txt" href={`data:text/plain;charset=utf-8,${encodeURIComponent(words)}`}>
          {t("account.codes.save")}
        </a>
      </p>
      <p class="sr" role="status">
        {copied && t("account.codes.copied")}
      </p>
      <button class="primary wide" onClick={onClose}>
        {t("account.codes.done")}
      </button>
    </Dialog>
  );
}

function NewApp({ onClose, done }: { onClose: () => void; done: (codes: string[]) => void }): VNode {
  const [made, setMade] = useState<{ ticket: string; secret: string; url: string } | null>(null);
  const [failed, setFailed] = useState("");
  const [code, setCode] = useState("");
  useEffect(() => {
    post("totp.new", {}).then(setMade, (e: unknown) => setFailed(says({})(e)));
  }, []);
  const add = async () => done((await post("totp.add", { ticket: made!.ticket, code })).recovery);
  return (
    <Sheet
      title={t("account.app.add")}
      submit={t("account.app.done")}
      lacks={code.replace(/\D/g, "").length === 6 ? "" : t("account.app.code")}
      anywhere
      says={says({ "invalid.code": t("account.app.wrong") })}
      act={add}
      onClose={onClose}
    >
      {failed && (
        <p class="error" role="alert">
          {failed}
        </p>
      )}
      <p>{t("account.app.scan")}</p>
      {made ? (
        <>
          <QrCode text={made.url} label={t("account.app.qr")} />
          <p>
            {t("account.app.key")}: <code class="key">{made.secret.match(/.{4}/g)!.join(" ")}</code>
          </p>
          <p>
            <a href={made.url} rel="noopener">
              {t("account.app.here")}
            </a>
          </p>
        </>
      ) : (
        !failed && <Skeleton rows={2} />
      )}
      <label>
        {t("account.app.code")}
        <input
          inputMode="numeric"
          autocomplete="one-time-code"
          maxLength={11}
          value={code}
          onInput={(ev) => setCode(ev.currentTarget.value)}
        />
      </label>
    </Sheet>
  );
}

function Secret(p: { label: string; hint?: string; auto: string; value: string; onText: (v: string) => void }): VNode {
  return (
    <label>
      {p.label}
      <input
        type="password"
        autocomplete={p.auto as "new-password"}
        maxLength={128}
        value={p.value}
        onInput={(ev) => p.onText(ev.currentTarget.value)}
      />
      {p.hint && <small>{p.hint}</small>}
    </label>
  );
}

function NewPassword({ has, onClose, done }: { has: boolean; onClose: () => void; done: () => void }): VNode {
  const [old, setOld] = useState("");
  const [password, setPassword] = useState("");
  const set = async () => {
    await post("password.set", { password, ...(has ? { old } : {}) });
    done();
  };
  const lacks = has && !old ? t("account.password.old") : password ? "" : t("account.password.new");
  return (
    <Sheet
      title={t(has ? "account.password.change" : "account.password.set")}
      submit={t("action.save")}
      lacks={lacks}
      anywhere
      says={says({
        "invalid.password": t("account.password.bad"),
        "invalid.old": t("account.password.wrong"),
        unavailable: t("account.password.busy"),
      })}
      act={set}
      onClose={onClose}
    >
      <input class="sr" tabIndex={-1} aria-hidden="true" readOnly autocomplete="username" value={state.value.me?.handle ?? ""} />
      {has && <Secret label={t("account.password.old")} auto="current-password" value={old} onText={setOld} />}
      <Secret
        label={t("account.password.new")}
        hint={t("account.password.hint")}
        auto="new-password"
        value={password}
        onText={setPassword}
      />
    </Sheet>
  );
}

const nameOf = (f: Factor): string =>
  f.kind === "passkey" ? (f.name ?? "") : t(f.kind === "totp" ? "account.app" : "account.password");

function Remove({ factor, onClose, done }: { factor: Factor; onClose: () => void; done: () => void }): VNode {
  return (
    <Sheet
      title={t("account.remove.title", { what: nameOf(factor) })}
      submit={t("account.remove")}
      lacks=""
      anywhere
      says={says({ conflict: t("account.last"), not_found: t("account.gone") })}
      act={() => post("factor.drop", { id: factor.id }).then(done)}
      onClose={onClose}
    >
      <p>{t("account.remove.text")}</p>
    </Sheet>
  );
}

function Row({ factor, remove, children }: { factor: Factor; remove: () => void; children?: ComponentChildren }): VNode {
  const what = nameOf(factor);
  return (
    <li>
      <div>
        <b dir="auto">{what}</b>
        <p class="meta">
          {t("account.added", { time: full(factor.at) })}
          {factor.used !== undefined && ` · ${t("account.used", { time: full(factor.used) })}`}
        </p>
        {children}
      </div>
      <button class="soft" aria-label={`${t("account.remove")}: ${what}`} onClick={remove}>
        {t("account.remove")}
      </button>
    </li>
  );
}

function Part(p: { title: string; text: string; children: ComponentChildren }): VNode {
  return (
    <section class="means">
      <h2>{p.title}</h2>
      <p class="meta">{p.text}</p>
      {p.children}
    </section>
  );
}

/* Beside the line: who has to add something first has none. `added`: something strong, and what it told was read. */
/* `added`: for who needs a second factor first, which a password is not. */
export function Means({ added }: { added?: () => void }): VNode {
  const [means, setMeans] = useState<Means | null>(null);
  const [failed, setFailed] = useState("");
  const [open, setOpen] = useState<Open>("");
  const [codes, setCodes] = useState<string[]>([]);
  const [said, setSaid] = useState("");
  const load = () =>
    post("factor.list", {}).then(setMeans, (e: unknown) => setFailed(e instanceof RpcError ? e.told : "closed"));
  useEffect(() => void load(), []);
  const close = () => setOpen("");
  const done = (word: string) => () => {
    setSaid(word);
    void load();
  };
  const shown = (list: string[]) => {
    setCodes(list);
    void load();
  };
  if (failed && !means)
    return (
      <Failed
        code={failed}
        again={() => {
          setFailed("");
          void load();
        }}
      />
    );
  if (!means) return <Skeleton />;
  const of = (kind: Factor["kind"]) => means.factors.filter((f) => f.kind === kind);
  const app = of("totp")[0];
  const password = of("password")[0];
  const rows = (kind: Factor["kind"]) =>
    of(kind).map((f) => <Row key={f.id} factor={f} remove={() => setOpen(f)} />);
  return (
    <>
      <p class="sr" role="status">
        {said}
      </p>
      <Part title={t("account.passkeys")} text={t("account.passkeys.text")}>
        <ul class="factors">{rows("passkey")}</ul>
        {knowsPasskeys() ? (
          <button class="soft" onClick={() => setOpen("passkey")}>
            {t("account.passkey.add")}
          </button>
        ) : (
          <p class="meta">{t("account.passkey.none")}</p>
        )}
      </Part>
      <Part title={t("account.app")} text={t("account.app.text")}>
        {app ? (
          <>
            <ul class="factors">
              <Row factor={app} remove={() => setOpen(app)}>
                <p class="meta">{t("account.codes.left", { n: means.recovery })}</p>
              </Row>
            </ul>
            <button class="soft" onClick={() => setOpen("renew")}>
              {t("account.codes.renew")}
            </button>
          </>
        ) : (
          <button class="soft" onClick={() => setOpen("totp")}>
            {t("account.app.add")}
          </button>
        )}
      </Part>
      {!added && (
        <Part title={t("account.password")} text={t("account.password.text")}>
          <ul class="factors">{rows("password")}</ul>
          <button class="soft" onClick={() => setOpen("password")}>
            {t(password ? "account.password.change" : "account.password.set")}
          </button>
        </Part>
      )}
      {open === "passkey" && <NewPasskey onClose={close} done={added ?? done(t("account.passkey.done"))} />}
      {open === "totp" && <NewApp onClose={close} done={shown} />}
      {open === "password" && <NewPassword has={!!password} onClose={close} done={done(t("account.password.done"))} />}
      {open === "renew" && (
        <Sheet
          title={t("account.codes.renew")}
          submit={t("account.codes.renew")}
          lacks=""
          anywhere
          says={says({})}
          act={() => post("recovery.renew", {}).then((made) => shown(made.recovery))}
          onClose={close}
        >
          <p>{t("account.codes.old")}</p>
        </Sheet>
      )}
      {typeof open === "object" && <Remove factor={open} onClose={close} done={done(t("account.removed"))} />}
      {open === "" && codes.length > 0 && <Codes codes={codes} onClose={added ?? (() => setCodes([]))} />}
    </>
  );
}
