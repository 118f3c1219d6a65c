/* rooms.ts: the screens of rooms; a file of their own, as lazy.ts. */
export { LogView } from "./views/log";
export { RoomView } from "./views/room";
export { RoomsView } from "./views/rooms";
