/* lazy.ts: what few people open comes in a file of its own, when it is first used. It holds no copy of what the
 * page has already: the build hands it that (build.mjs). */
export { CollectionsSheet, ThemesSheet } from "./views/curate";
export { BarredView, HeldNote } from "./views/held";
export { AddMember, Invite, NewRoom, Roles } from "./views/manage";
export { Blocked, PersonSheet } from "./views/person";
export { MyReports, QueueView } from "./views/queue";
export { Settings } from "./views/settings";
export { AppealDialog, ReportDialog, WhyDialog } from "./views/why";
export { ChooseBar, MergeThread, MoveThread } from "./views/tools";
export { ThreadSheet } from "./views/threadsheet";
