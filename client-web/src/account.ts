/* account.ts: how somebody signs in; a file of its own, as lazy.ts. */
export { AccountView } from "./views/account";
