/* The objects of the protocol as the client sees them (proto/README.md). */

export type Role = "guest" | "member" | "moderator" | "admin";
export type Level = "follow" | "digest" | "mute";
export type ThreadKind = "chat" | "discussion" | "question" | "resource";

export interface Member {
  id: string;
  handle: string;
  name: string;
  role: Role;
  org?: string;
  city?: string;
  country?: string;
  region?: string;
  lang: string;
  former?: true /* who left: handle and name say nothing */;
  blocked?: string[] /* of me: whose posts I do not want to see */;
}
export interface Region {
  id: string;
  slug: string;
  name: string;
  lang: string;
}
/* What moderators set for a room, where it is not as in a new one. */
export interface RoomSet {
  slow_s?: number;
  posting?: "all" | "moderators";
  lock_days?: number;
  hold?: "none" | "first" | "all";
  hold_threads?: boolean;
  words?: boolean /* there are some; room.words tells which */;
  links?: "all" | "hold" | "block";
  approve_join?: boolean;
  new_posts?: number /* that moderators read until a member is not new; 0: nobody is */;
  new_hour?: number;
  new_links?: "all" | "hold" | "block";
  new_files?: "all" | "hold" | "block";
  previews?: boolean /* what links lead to is asked by the hub; none: but for a private room it is */;
}
export interface Word {
  word: string;
  act: "flag" | "hold" | "block";
}
export interface Room {
  id: string;
  region: string;
  slug: string;
  name: string;
  about?: string;
  access: "open" | "members" | "private" | "direct";
  with?: string /* direct: the other one of the two, in the place of region, slug and name */;
  lang: string;
  chat: string;
  joined: boolean;
  role: Role /* mine there */;
  moderators?: string[] /* who was made one for it or its region */;
  threads: number;
  members: number;
  unread: number;
  mentions: number;
  last_seq: number;
  set?: RoomSet;
  asked?: boolean /* I wait to be let in */;
  posted_at?: number /* when I last posted there, if it is slow */;
}
/* Why something was moderated. */
export interface Why {
  rule?: Rule;
  reason?: string;
}
export interface Hiding extends Why {
  at: number;
  by?: string /* told to admins and to whom it concerns */;
  appealed?: true;
}
export const RULES = [
  "off_topic",
  "spam",
  "rude",
  "private_data",
  "false",
  "duplicate",
  "wrong_place",
  "unlawful",
  "other",
] as const;
export type Rule = (typeof RULES)[number] | "kept" | "undone" | "words";
export type SanctionAct = "warn" | "silence" | "suspend" | "ban";
/* What was imposed on a member: in a room, in a region, or in the hub. */
export interface Sanction extends Why {
  id: string;
  member: string;
  room?: string;
  region?: string;
  act: SanctionAct;
  field?: string /* of the profile, that was taken out */;
  at: number;
  until?: number;
  as: Role;
  by?: string;
  pardoned?: { at: number; as: Role } & Why;
  appealed?: true;
  decision?: Decision /* about the appeal */;
}
export type Decision =
  | "keep"
  | "hide"
  | "redact"
  | "lock"
  | "warned"
  | "silence"
  | "suspend"
  | "restore"
  | "approve"
  | "refuse";
export interface Report extends Why {
  by: string | null; // null: it concerns me
  at: number;
}
/* What moving or merging would move, and where. */
export interface Proposal {
  thread: string;
  room: string;
  to?: string;
  to_room: string;
  title?: string /* of a new thread */;
  type?: ThreadKind;
  posts?: string[];
  count: number;
}
/* What moderators were asked to look at; of my own report it says no persons. */
export interface Matter {
  id: string;
  room?: string /* none: an appeal about a region or the hub */;
  sanction?: string /* that is appealed against */;
  thread?: string;
  post?: string;
  member?: string;
  at: number;
  appeal?: true;
  ask?: "post" | "thread" | "join" | "move" | "merge" /* it waits for a yes */;
  does?: Proposal /* the last two: an act that waits for a second moderator */;
  to_title?: string;
  why?: "all" | "first" | "words" | "links";
  word?: string;
  title?: string;
  of?: string;
  text?: string;
  hidden_by?: string;
  asked?: "room" | "region" | "hub" /* whose moderators it waits for, and for those below them */;
  yours?: true /* it waits for me as well */;
  files?: SharedFile[];
  not_yours?: true /* others decide */;
  claimed?: { by: string; at: number };
  decided?: { at: number; by?: string; decision: Decision } & Why;
  reports: Report[];
}
/* One act of moderation, as the log tells it. */
export interface Act {
  entry: Entry;
  title?: string /* of its thread, if that is still in the room */;
  of?: string /* whom it concerns */;
  second?: string /* who agreed to it */;
}
export interface Thread {
  id: string;
  room: string;
  kind: ThreadKind;
  title: string;
  by: string;
  at: number;
  lang: string;
  posts: number;
  last_seq: number;
  last_at: number;
  last_by: string;
  unread: number;
  mentions: number;
  read_seq: number;
  first_unread?: string | null;
  pinned: boolean;
  pinned_until?: number;
  locked: boolean;
  closed?: boolean;
  featured?: boolean;
  archived?: boolean;
  answer?: string | null;
  level: Level;
  excerpt?: string;
  fields?: Fields;
  as_of?: number /* as a post's */;
  moved?: boolean /* it went elsewhere; the server is to say what is to be seen of it there */;
}
/* What is told of a resource; whoever adds it says as much as they know. */
export interface Fields {
  url?: string;
  languages?: string[];
  language?: string /* of older ones: the only one */;
  city?: string;
  country?: string;
  themes?: string[];
  year?: number;
  licence?: string;
  source?: string;
}
export interface ResourceFile extends SharedFile {
  post: string;
  n: number;
}
export interface Resource {
  thread: string;
  room: string;
  title: string;
  type?: string;
  fields: Fields;
  by: string;
  at: number;
  last_at: number;
  file?: ResourceFile;
  versions: number;
  posts: number;
}
export interface Version {
  post: string;
  n: number /* from 1, the oldest */;
  at: number;
  by: string;
  text?: string;
  file: ResourceFile;
}
export interface Count {
  count: number;
}
export interface Facets {
  themes: ({ slug: string } & Count)[];
  languages: ({ lang: string } & Count)[];
  years: ({ year: number } & Count)[];
  types: ({ type: string } & Count)[];
  cities: ({ city: string; country?: string } & Count)[];
}
export interface Theme {
  slug: string;
  parent?: string | null;
  names: Record<string, string>;
  retired?: boolean;
}
export interface Collection {
  id: string;
  region: string;
  title: string;
  about?: string;
  count: number;
  by: string;
  at: number;
  retired?: boolean;
}
export type OrgKind = "city" | "government" | "partner" | "secretariat";
export interface Org {
  id: string;
  kind: OrgKind;
  name: string;
  country: string;
  city?: string;
  region?: string;
  langs?: string[];
  contact?: string;
  size?: string;
  members: number;
  at: number;
  mine?: boolean;
  delegate?: boolean;
}
export interface OrgMember {
  org: string;
  name: string;
  member: string;
  delegate?: boolean;
  since: number;
  confirmed_at: number;
}
/* Seven days, in a region or the whole hub. */
export interface Week {
  region?: string;
  at: number;
  members: number;
  active: number;
  posts: number;
  questions: number;
  answered: number;
  first_ms?: number;
  accepted_ms?: number;
}
export interface Reaction {
  emoji: string;
  count: number;
  mine: boolean;
}
export type Token = number | string | [number, number] | [string, string | number];
/* One to a page: mail and places within the hub are none. */
export const isLink = (token: Token): token is [string, string] =>
  Array.isArray(token) && token[0] === "a" && /^https?:/.test(String(token[1]));
export interface SharedFile {
  hash: string;
  name: string;
  type: string;
  bytes: number;
  w?: number /* pixels of a picture */;
  h?: number;
  thumb?: true;
  alt?: string;
}
/* An address in a post, and what is known of what is there. */
export interface Link {
  url: string;
  title?: string;
  about?: string;
  lang?: string;
  dead?: number /* since when it does not answer */;
  also?: number /* posts beside this one in which it stands */;
}
export interface Post {
  id: string;
  seq: number;
  thread: string;
  at: number;
  by: string;
  lang: string;
  text: string;
  md?: Token[];
  files?: SharedFile[];
  links?: Link[];
  about?: string /* the thread that was asked about */;
  reply_to?: string;
  version?: true /* of the resource that its thread is */;
  edited_at?: number;
  redacted?: { by: string; at: number; reason: string };
  locked?: boolean /* its editing */;
  hidden?: Hiding /* its words are here only for its author and moderators */;
  reactions?: Reaction[];
  n: number;
  as_of?: number /* the seq up to which this copy holds every change; ours alone */;
}
export interface Hit {
  thread: string;
  post?: string;
  room: string;
  kind: string;
  title: string;
  by: string;
  at: number;
  lang: string;
  snippet: string;
  marks: [number, number][];
  file?: string /* the words stand in it, or in its name */;
  link?: string /* they stand in what it leads to says of itself */;
  answered?: boolean;
}
/* A post in which a link stands; title: its thread's. */
export interface SharedIn {
  thread: string;
  post: string;
  title: string;
  room: string;
  by: string;
  at: number;
}
/* What somebody looks for again and again, with what narrows it. */
export interface SavedSearch {
  id: string;
  text: string;
  region?: string;
  room?: string;
  kind?: string;
  lang?: string;
  by?: string;
  year?: number;
  file?: boolean;
  notify: boolean;
  fresh?: number /* written by others since its owner last looked */;
}
export interface Hub {
  code: string;
  name: string;
  version: string;
}

/* One committed change; the members beyond the first line depend on `kind`. */
export interface Entry {
  hub: string;
  seq: number;
  at: number;
  by: string;
  kind: string;
  room?: string;
  thread?: string;
  erased?: boolean;
  [more: string]: unknown;
}

/* Who may begin a conversation with somebody. */
export type From = "nobody" | "rooms" | "region" | "all";

export interface Signal {
  kind: string;
  thread?: string;
  room?: string;
  by?: string;
  count?: number;
  mentions?: number;
  seq?: number;
  level?: Level;
  member?: string;
  on?: boolean;
  from?: From;
}

/* A write on its way: it keeps its cid until its entry has arrived. */
export interface Command {
  cid: string;
  method: string;
  params: Record<string, unknown>;
  at: number;
  status: "waiting" | "stored" | "refused";
  result?: { id?: string; seq: number; post?: string; held?: boolean };
  error?: string;
}

export type Params = Record<string, unknown>;

export class RpcError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly retryMs?: number,
    readonly request?: string /* the same stands in the hub's log */,
    readonly word?: string /* that a room does not want */,
    readonly field?: string /* the parameter at fault, or what is in the way */,
  ) {
    super(message);
  }
  /* What a view is told: the code, and behind a space the number of the request if there is one. */
  get told(): string {
    const more = this.request ?? this.word;
    if (more !== undefined) return `${this.code} ${more}`;
    return this.field === "files" ? `${this.code}.files` : this.code;
  }
}
