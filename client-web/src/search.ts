/* search.ts: the search; a file of its own, as lazy.ts. */
export { SearchView } from "./views/search";
