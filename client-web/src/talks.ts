/* talks.ts: conversations of two; a file of their own, as lazy.ts. */
export { AskedAbout, TalkHead, TalksView, WhoMayWrite, WriteTo } from "./views/talks";
