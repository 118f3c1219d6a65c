/* later.tsx: what comes in files of its own (later.ts), asked for when it is first shown. Where a file does
 * not come, that is said in the place of what it brings, and it can be asked for again. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t, type Key } from "../i18n";
import { bring, there, type File, type Files as Made } from "../later";
import { Dialog, Failed, Skeleton } from "./parts";
import { Page } from "./shell";

/* `title`: of the screen that it is; others are a sheet, if they can be closed, or a part of a screen. */
function later<F extends File, K extends keyof Made[F]>(file: F, name: K, title?: Key) {
  type Props = Made[F][K] extends (props: infer P) => VNode | null ? P : never;
  return (props: Props): VNode | null => {
    const [state, setState] = useState(there[file] ? "there" : "");
    useEffect(() => {
      if (state === "")
        bring(file).then(
          () => setState("there"),
          () => setState("failed"),
        );
    }, [state]);
    const Part = (there[file] as any)?.[name] as ((p: Props) => VNode | null) | undefined;
    if (Part) return <Part {...(props as any)} />;
    const failed = state === "failed" && <Failed code="closed" again={() => setState("")} />;
    if (title)
      return (
        <Page held title={t(title)}>
          {failed || <Skeleton />}
        </Page>
      );
    if (!failed) return null;
    const onClose = (props as { onClose?: () => void } | undefined)?.onClose;
    return onClose ? (
      <Dialog title="Baraza" onClose={onClose}>
        {failed}
      </Dialog>
    ) : (
      failed
    );
  };
}

export const AccountView = later("account", "AccountView", "account.title");
export const AddMember = later("lazy", "AddMember");
export const AppealDialog = later("lazy", "AppealDialog");
export const AskedAbout = later("talks", "AskedAbout");
export const AskCard = later("further", "AskCard");
export const AskView = later("screens", "AskView", "ask.title");
export const Attach = later("files", "Attach");
export const BarredView = later("lazy", "BarredView");
export const BackCard = later("elsewhere", "BackCard");
export const Blocked = later("lazy", "Blocked");
export const ChooseBar = later("lazy", "ChooseBar");
export const CollectionsSheet = later("lazy", "CollectionsSheet");
export const DeskView = later("desk", "DeskView", "desk.title");
export const EraseSheet = later("desk", "EraseSheet");
export const FieldsForm = later("library", "FieldsForm");
export const Files = later("files", "Files");
export const HeldNote = later("lazy", "HeldNote");
export const HelpSheet = later("screens", "HelpSheet");
export const Invite = later("lazy", "Invite");
export const InvitePeople = later("invite", "InvitePeople");
export const KeptUse = later("library", "KeptUse");
export const LogView = later("rooms", "LogView", "log.title");
export const MergeThread = later("lazy", "MergeThread");
export const MeView = later("screens", "MeView", "tab.me");
export const MoveThread = later("lazy", "MoveThread");
export const MyReports = later("lazy", "MyReports");
export const NewRoom = later("lazy", "NewRoom");
export const OrgView = later("desk", "OrgView", "org.title");
export const PeersView = later("people", "PeersView", "peers.find");
export const PeopleView = later("people", "PeopleView", "tab.people");
export const PersonView = later("people", "PersonView", "tab.people");
export const ProfileView = later("people", "ProfileView", "tab.people");
export const PasswordCard = later("further", "PasswordCard");
export const PersonSheet = later("lazy", "PersonSheet");
export const PostActions = later("acts", "PostActions");
export const PostEditor = later("acts", "PostEditor");
export const PostHistory = later("acts", "PostHistory");
export const Preview = later("screens", "Preview");
export const Promote = later("library", "Promote");
export const QueueView = later("lazy", "QueueView", "queue.title");
export const ReportDialog = later("lazy", "ReportDialog");
export const ResourceHead = later("library", "ResourceHead");
export const ResourcesView = later("library", "ResourcesView", "tab.resources");
export const Roles = later("lazy", "Roles");
export const RoomView = later("rooms", "RoomView", "tab.rooms");
export const RoomsView = later("rooms", "RoomsView", "tab.rooms");
export const SentFiles = later("files", "SentFiles");
export const SignInView = later("door", "SignInView");
export const SecondCard = later("further", "SecondCard");
export const Settings = later("lazy", "Settings");
export const Saved = later("search", "Saved");
export const SearchView = later("search", "SearchView", "tab.search");
export const SiteButtons = later("elsewhere", "SiteButtons");
export const TalkHead = later("talks", "TalkHead");
export const TalksView = later("talks", "TalksView", "talks.title");
export const ThemesSheet = later("lazy", "ThemesSheet");
export const ThreadSheet = later("lazy", "ThreadSheet");
export const WhoMayWrite = later("talks", "WhoMayWrite");
export const WeakView = later("account", "WeakView");
export const WhyDialog = later("lazy", "WhyDialog");
export const WriteTo = later("talks", "WriteTo");
