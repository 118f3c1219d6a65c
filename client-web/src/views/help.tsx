/* help.tsx: the keys, on one sheet. */
import type { VNode } from "preact";
import { t, type Key } from "../i18n";
import { Dialog } from "./parts";

const KEYS: [string, Key][] = [
  ["n / p", "keys.unread"],
  ["j / k", "keys.step"],
  ["r", "keys.reply"],
  ["q", "keys.quote"],
  ["e", "keys.edit"],
  ["m", "keys.mute"],
  ["x", "keys.read"],
  ["z", "action.undo"],
  ["a", "action.ask"],
  ["/", "tab.search"],
  ["g i", "tab.catchup"],
  ["g r", "tab.rooms"],
  ["g p", "tab.me"],
  ["Ctrl + Enter", "keys.send"],
  ["Esc", "action.close"],
  ["?", "help.title"],
];

export function HelpSheet({ onClose }: { onClose: () => void }): VNode {
  return (
    <Dialog title={t("help.title")} onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([key, text]) => (
          <div key={key}>
            <dt>
              {key
                .split(" ")
                .map((k) => ((k === "/" && key !== "/") || k === "+" ? ` ${k} ` : <kbd>{k}</kbd>))}
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
