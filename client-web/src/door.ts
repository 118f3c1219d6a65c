/* door.ts: what who is not signed in sees, in a file of its own. */
export { SignInView } from "./views/signin";
