/* later.tsx: the screens and parts of the rooms that come in files of their own. */
import { t, type Key } from "../i18n";
import type { File, Files as Made } from "../later";
import { later } from "./late";
import { Page } from "./shell";

const screen = <F extends File, K extends keyof Made[F]>(file: F, name: K, title: Key) =>
  later(file, name, (held) => (
    <Page held title={t(title)}>
      {held}
    </Page>
  ));

export const AccountView = screen("account", "AccountView", "account.title");
export const AddMember = later("lazy", "AddMember");
export const AppealDialog = later("lazy", "AppealDialog");
export const AskedAbout = later("talks", "AskedAbout");
export const AskView = screen("screens", "AskView", "ask.title");
export const Attach = later("files", "Attach");
export const BarredView = later("lazy", "BarredView");
export const Blocked = later("lazy", "Blocked");
export const ChooseBar = later("lazy", "ChooseBar");
export const CollectionsSheet = later("lazy", "CollectionsSheet");
export const DeskView = screen("desk", "DeskView", "desk.title");
export const EraseSheet = later("desk", "EraseSheet");
export const FieldsForm = later("library", "FieldsForm");
export const Files = later("files", "Files");
export const HeldNote = later("lazy", "HeldNote");
export const HelpSheet = later("screens", "HelpSheet");
export const Invite = later("lazy", "Invite");
export const InvitePeople = later("invite", "InvitePeople");
export const KeptUse = later("library", "KeptUse");
export const LogView = screen("rooms", "LogView", "log.title");
export const MergeThread = later("lazy", "MergeThread");
export const MeView = screen("screens", "MeView", "tab.me");
export const MoveThread = later("lazy", "MoveThread");
export const MyReports = later("lazy", "MyReports");
export const NewRoom = later("lazy", "NewRoom");
export const OrgView = screen("desk", "OrgView", "org.title");
export const PeersView = screen("people", "PeersView", "peers.find");
export const PeopleView = screen("people", "PeopleView", "tab.people");
export const PersonView = screen("people", "PersonView", "tab.people");
export const ProfileView = screen("people", "ProfileView", "tab.people");
export const PersonSheet = later("lazy", "PersonSheet");
export const PostActions = later("acts", "PostActions");
export const PostEditor = later("acts", "PostEditor");
export const PostHistory = later("acts", "PostHistory");
export const Preview = later("screens", "Preview");
export const Promote = later("library", "Promote");
export const QueueView = screen("lazy", "QueueView", "queue.title");
export const ReportDialog = later("lazy", "ReportDialog");
export const ResourceHead = later("library", "ResourceHead");
export const ResourcesView = screen("library", "ResourcesView", "tab.resources");
export const Roles = later("lazy", "Roles");
export const RoomView = screen("rooms", "RoomView", "tab.rooms");
export const RoomsView = screen("rooms", "RoomsView", "tab.rooms");
export const SentFiles = later("files", "SentFiles");
export const SignInView = later("door", "SignInView");
export const Settings = later("lazy", "Settings");
export const Saved = later("search", "Saved");
export const SearchView = screen("search", "SearchView", "tab.search");
export const TalkHead = later("talks", "TalkHead");
export const TalksView = screen("talks", "TalksView", "talks.title");
export const ThemesSheet = later("lazy", "ThemesSheet");
export const ThreadSheet = later("lazy", "ThreadSheet");
export const WhoMayWrite = later("talks", "WhoMayWrite");
export const WeakView = later("account", "WeakView");
export const WhyDialog = later("lazy", "WhyDialog");
export const WriteTo = later("talks", "WriteTo");
