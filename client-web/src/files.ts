/* files.ts: what shows and sends files; a file of its own, as lazy.ts. */
export { anew, endSent, takeBack, takeShared, whole } from "./upload";
export { Attach, Files, SentFiles } from "./views/files";
