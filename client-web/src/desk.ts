/* desk.ts: the secretariat's desk and the screens of organisations; a file of its own, as lazy.ts. */
export { DeskView } from "./views/desk";
export { EraseSheet } from "./views/erasing";
export { OrgView } from "./views/org";
