/* files.ts: what shows and sends files; a file of its own, as lazy.ts. */
export { Attach, Files } from "./views/files";
