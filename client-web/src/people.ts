/* people.ts: who is here, what they say of themselves, and whom one could ask; a file of its own, as lazy.ts. */
export { PeopleView } from "./views/directory";
export { PeersView } from "./views/peers";
export { PersonView } from "./views/profile";
export { ProfileView } from "./views/profileform";
