/* later.tsx: screens and sheets of lazy.ts, asked for when they are first shown. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { notice } from "../app";
import { t } from "../i18n";

type Lazy = typeof import("../lazy");
declare const LAZY: string; /* its address; written by the build */
let there: Lazy | null = null;

const later =
  <K extends keyof Lazy>(name: K) =>
  (props: Parameters<Lazy[K]>[0]): VNode | null => {
    const [lazy, setLazy] = useState(there);
    useEffect(() => {
      if (lazy) return;
      import(LAZY).then(
        (all: Lazy) => setLazy((there = all)),
        () => notice(t("error.load")),
      );
    }, []);
    const Part = lazy?.[name] as ((p: typeof props) => VNode) | undefined;
    return Part ? <Part {...props} /> : null;
  };

export const AddMember = later("AddMember");
export const AppealDialog = later("AppealDialog");
export const ChooseBar = later("ChooseBar");
export const Invite = later("Invite");
export const LogView = later("LogView");
export const MergeThread = later("MergeThread");
export const MoveThread = later("MoveThread");
export const MyReports = later("MyReports");
export const QueueView = later("QueueView");
export const ReportDialog = later("ReportDialog");
export const WhyDialog = later("WhyDialog");
export const NewRoom = later("NewRoom");
export const Roles = later("Roles");
