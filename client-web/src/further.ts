/* further.ts: what few need at the door: asking to join, a password, a second factor. */
export { AskCard } from "./views/asking";
export { PasswordCard, SecondCard } from "./views/password";
