/* doorways.tsx: what few need at the door, in files of its own. */
import { later } from "./late";

export const AskCard = later("further", "AskCard");
export const BackCard = later("elsewhere", "BackCard");
export const PasswordCard = later("further", "PasswordCard");
export const SecondCard = later("further", "SecondCard");
export const SiteButtons = later("elsewhere", "SiteButtons");
