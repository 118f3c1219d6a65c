/* invite.ts: letting others in, in a file of its own. */
export { InvitePeople } from "./views/invitepeople";
