/* elsewhere.ts: signing in by other sites, in a file of its own: for who is led back by one, and for hubs that name some. */
export { BackCard, SiteButtons } from "./views/elsewhere";
