/* account.ts: how somebody signs in, what the hub has of them, and how they leave; a file of its own, as lazy.ts. */
export { AccountView } from "./views/account";
export { WeakView } from "./views/weak";
