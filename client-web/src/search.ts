/* search.ts: the search; a file of its own, as lazy.ts. */
export { heardSearch } from "./saving";
export { Saved } from "./views/saved";
export { SearchView } from "./views/search";
