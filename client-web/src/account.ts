/* account.ts: how somebody signs in; a file of its own, as lazy.ts. */
export { AccountView } from "./views/account";
export { WeakView } from "./views/weak";
