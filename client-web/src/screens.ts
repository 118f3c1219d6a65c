/* screens.ts: screens that nobody begins with; a file of their own, as lazy.ts. */
export { AskView } from "./views/ask";
export { HelpSheet } from "./views/help";
export { MeView } from "./views/me";
export { Preview } from "./views/preview";
