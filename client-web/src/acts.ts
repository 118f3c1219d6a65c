/* acts.ts: what is done with a post; a file of its own, as lazy.ts. */
export { PostActions, PostEditor, PostHistory } from "./views/postacts";
