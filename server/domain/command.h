/* command.h: what somebody asks for, typed and checked for form, not yet decided.
 * All spans borrow from the job's arena. One flat struct: the kind says which members matter. */
#ifndef BZ_DOMAIN_COMMAND_H
#define BZ_DOMAIN_COMMAND_H
#include "baraza/kinds.h"
#include "base/id.h"

/*    name            wire method       class: W journal, P personal, S secret */
#define BZ_COMMANDS(X)                         \
    X(HUB_INIT,       "hub.init",       W)     \
    X(REGION_CREATE,  "region.create",  W)     \
    X(ROOM_CREATE,    "room.create",    W)     \
    X(MEMBER_ADD,     "member.add",     W)     \
    X(MEMBER_ROLE,    "member.role",    W)     \
    X(MEMBER_SET,     "member.set",     W)     \
    X(MEMBER_SANCTION, "member.sanction", W)   \
    X(MEMBER_PARDON,  "member.pardon",  W)     \
    X(SANCTION_APPEAL, "sanction.appeal", W)   \
    X(MEMBER_ERASE,   "member.erase",   W)     \
    X(ERASE_STEP,     "erase.step",     W)     \
    X(ROOM_JOIN,      "room.join",      W)     \
    X(ROOM_LEAVE,     "room.leave",     W)     \
    X(ROOM_INVITE,    "room.invite",    W)     \
    X(ROOM_SET,       "room.set",       W)     \
    X(THREAD_CREATE,  "thread.create",  W)     \
    X(THREAD_RENAME,  "thread.rename",  W)     \
    X(THREAD_LOCK,    "thread.lock",    W)     \
    X(THREAD_PIN,     "thread.pin",     W)     \
    X(THREAD_FEATURE, "thread.feature", W)     \
    X(THREAD_CLOSE,   "thread.close",   W)     \
    X(THREAD_ARCHIVE, "thread.archive", W)     \
    X(THREAD_KIND,    "thread.kind",    W)     \
    X(THREAD_FIELDS,  "thread.fields",  W)     \
    X(THREAD_ANSWER,  "thread.answer",  W)     \
    X(THREAD_MOVE,    "thread.move",    W)     \
    X(THREAD_MERGE,   "thread.merge",   W)     \
    X(THREAD_UNDO,    "thread.undo",    W)     \
    X(POST_MOVE,      "post.move",      W)     \
    X(DIRECT_OPEN,    "direct.open",    W)     \
    X(POST_CREATE,    "post.create",    W)     \
    X(POST_EDIT,      "post.edit",      W)     \
    X(POST_REDACT,    "post.redact",    W)     \
    X(POST_HIDE,      "post.hide",      W)     \
    X(POST_RESTORE,   "post.restore",   W)     \
    X(POST_LOCK,      "post.lock",      W)     \
    X(POST_REACT,     "post.react",     W)     \
    X(RESOURCE_PROMOTE, "resource.promote", W) \
    X(THEME_SET,      "theme.set",      W)     \
    X(COLLECTION_CREATE, "collection.create", W) \
    X(COLLECTION_SET, "collection.set", W)     \
    X(COLLECTION_PUT, "collection.put", W)     \
    X(ORG_CREATE,     "org.create",     W)     \
    X(ORG_SET,        "org.set",        W)     \
    X(ORG_MEMBER,     "org.member",     W)     \
    X(ORG_CONFIRM,    "org.confirm",    W)     \
    X(REQUEST_DECIDE, "request.decide", W)     \
    X(LINK_TELL,      "link.tell",      W)     \
    X(REPORT_CREATE,  "report.create",  W)     \
    X(REPORT_CLAIM,   "report.claim",   W)     \
    X(REPORT_DECIDE,  "report.decide",  W)     \
    X(APPEAL_CREATE,  "appeal.create",  W)     \
    X(READ_MARK,      "read.mark",      P)     \
    X(READ_ROOM,      "read.room",      P)     \
    X(THREAD_FOLLOW,  "thread.follow",  P)     \
    X(DRAFT_SET,      "draft.set",      P)     \
    X(MEMBER_BLOCK,   "member.block",   P)     \
    X(PROFILE_SET,    "profile.set",    P)     \
    X(DIRECT_SET,     "direct.set",     P)     \
    X(EXPORT_BEGIN,   "export.begin",   P)     \
    X(EXPORT_DONE,    "export.done",    P)     \
    X(SEARCH_SAVE,    "search.save",    P)     \
    X(SEARCH_SEEN,    "search.seen",    P)     \
    X(SEARCH_DROP,    "search.drop",    P)     \
    X(UPLOAD_OPEN,    "upload.open",    P)     \
    X(UPLOAD_DONE,    "upload.done",    P)     \
    X(UPLOAD_DROP,    "upload.drop",    P)     \
    X(INVITE_TAKE,    "invite.take",    W)     \
    X(INVITE_CREATE,  "invite.create",  S)     \
    X(INVITE_BULK,    "invite.bulk",    S)     \
    X(REQUEST_CREATE, "request.create", S)     \
    X(INVITE_DROP,    "invite.drop",    S)     \
    X(SESSION_CODE,   "session.code",   S)     \
    X(SESSION_ENTER,  "session.enter",  S)     \
    X(SESSION_END,    "session.end",    S)     \
    X(SESSION_SEEN,   "session.seen",   S)     \
    X(SESSION_SECOND, "session.second", S)     \
    X(FACTOR_DROP,    "factor.drop",    S)     \
    X(PASSKEY_BEGIN,  "passkey.begin",  S)     \
    X(PASSKEY_ENTER,  "passkey.enter",  S)     \
    X(PASSKEY_NEW,    "passkey.new",    S)     \
    X(PASSKEY_ADD,    "passkey.add",    S)     \
    X(TOTP_NEW,       "totp.new",       S)     \
    X(TOTP_ADD,       "totp.add",       S)     \
    X(RECOVERY_RENEW, "recovery.renew", S)     \
    X(PASSWORD_SET,   "password.set",   S)     \
    X(PASSWORD_ENTER, "password.enter", S)     \
    X(OIDC_BEGIN,     "oidc.begin",     S)     \
    X(OIDC_TAKE,      "oidc.take",      S)     \
    X(OIDC_ENTER,     "oidc.enter",     S)     \
    X(OIDC_LINK,      "oidc.link",      S)     \
    X(OIDC_UNLINK,    "oidc.unlink",    S)     \
    X(ADDRESS_CODE,   "address.code",   S)     \
    X(ADDRESS_ADD,    "address.add",    S)     \
    X(ADDRESS_DROP,   "address.drop",   S)     \
    X(ADDRESS_PUT,    "address.put",    S)     \
    X(SESSION_OPEN,   "session.open",   S)     \
    X(SESSION_CLOSE,  "session.close",  S)     \
    X(TOKEN_CREATE,   "token.create",   S)     \
    X(TOKEN_DROP,     "token.drop",     S)     \
    X(TOKEN_ISSUE,    "token.issue",    S)     \
    X(LINK_ISSUE,     "link.issue",     S)     \
    X(MAIL_DONE,      "mail.done",      S)     \
    X(MAIL_FAILED,    "mail.failed",    S)

enum command_kind {
#define BZ_COMMAND_E(name, wire, class) COMMAND_##name,
    BZ_COMMANDS(BZ_COMMAND_E)
#undef BZ_COMMAND_E
    COMMAND_COUNT
};

#define SECRET_BYTES 32
#define UPLOAD_CHARS 32            /* of an upload's id: hexadecimal */

/* Settings of a room: those that its moderators may change. */
struct room_set {
    int64_t slow_s, lock_days;
    int64_t new_posts;             /* somebody is new until moderators read as many of their posts; 0: nobody is */
    int64_t new_hour;              /* posts of theirs in an hour; 0: as of others */
    enum posting posting;
    enum hold hold;                /* posts that wait for a moderator */
    enum links links;
    enum links new_links, new_files;   /* of who is new, where that is more than for all */
    bool hold_threads;             /* so do all new threads */
    bool approve_join;             /* who wants into a room of members asks */
    bool previews;                 /* what links lead to is asked, and told here */
    bool has_words;                /* facts, lists: there are words that are looked for */
    struct span words;             /* command: the whole list, canonical JSON; facts of room.set: as it is */
};
enum { SETS_SLOW = 1, SETS_LOCK_DAYS = 2, SETS_POSTING = 4, SETS_HOLD = 8, SETS_HOLD_THREADS = 16, SETS_LINKS = 32,
       SETS_WORDS = 64, SETS_APPROVE_JOIN = 128, SETS_NEW_POSTS = 256, SETS_NEW_HOUR = 512, SETS_NEW_LINKS = 1024, SETS_NEW_FILES = 2048,
       SETS_PREVIEWS = 4096,
       SETS_RETIRED = 1,     /* of theme.set and collection.set: `on` says whether */
       SETS_DELEGATE = 1,    /* of org.member: `is_delegate` says whether */
       SETS_NAME = 1, SETS_ORG = 2, SETS_CITY = 4, SETS_COUNTRY = 8, SETS_REGION = 16, SETS_LANG = 32,   /* of member.set */
       SETS_PEERS = 1 };     /* of profile.set: `on` says whether; and 1 << field */

/* profile.set: what `sets` names; an absent value takes the field away. Lists are JSON. */
struct profile_set {
    struct span value[PROFILE_END];
    unsigned char shown[PROFILE_END];   /* 1 + enum circle; 0: as it is */
};

struct id_list { bz_id *at; size_t count; bool is_present; };

#define BLOB_HASH_BYTES 32
/* The bytes of a file, known by their hash. What they are was found in them, not told by a name. */
struct blob {
    unsigned char hash[BLOB_HASH_BYTES];     /* BLAKE2b */
    int64_t bytes, width, height;  /* pixels; 0: it is no picture */
    struct span type;              /* media type */
    struct span dot;               /* of a picture: a few colours to stand in its place, base64url; or absent */
    struct span text;              /* words found inside; or absent */
    bool has_thumb;
};
/* What is shared along with a post: an upload of the actor that is complete. */
struct file_ref { struct span upload, name, alt; };
struct file_refs { const struct file_ref *at; size_t count; };

/* What came of asking a link: it answers and says what it is, it answers, it does not, it is not to be asked, we could not ask. */
enum link_found { LINK_READ, LINK_ANSWERS, LINK_DEAD, LINK_REFUSED, LINK_UNKNOWN };

/* What a browser says that a passkey made, as bytes: a new one has an attestation, a sign-in the rest. */
struct credential { struct span id, client, attestation, data, signature, handle; };

/* What somebody signs in with, shown or set. Secrets come as hashes where that is enough. */
struct factor_ask {
    struct credential credential;  /* passkey.add, passkey.enter */
    struct span site;              /* passkey.add, passkey.enter: the domain that passkeys are of */
    struct span code;              /* session.second, totp.add: as it was typed */
    struct span key;               /* totp.new: the new secret */
    struct span stored;            /* password.set, password.enter: the hash that was looked at, or absent: there was none */
    struct span fresh;             /* and the one to be kept; or absent */
    bool is_right;                 /* it was the hash of what was typed */
    bool minds_second;             /* who moderates needs a strong one */
    const unsigned char (*recovery)[SECRET_BYTES];   /* totp.add, recovery.renew: RECOVERY_CODES hashes */
};

/* An account elsewhere, and which of the sites that the operator named said so. */
/* is_believed: what the provider says of addresses counts also of who is not signed in here. */
struct oidc_ask { struct span provider, issuer, subject; bool is_believed; };

struct command {
    enum command_kind kind;
    bz_id actor;                   /* 0: the operator (command line): may everything */
    int64_t at_ms;                 /* 0: now. Other values only from the operator (demo, import) */
    struct span cid;
    bz_id region, room, thread, post, member, reply_to;
    bz_id matter;                  /* a report or an appeal */
    bz_id sanction;                /* member.pardon, sanction.appeal */
    bz_id to_room, to_thread;      /* where something is moved to; direct.open: to_thread is what it is about, or 0 */
    struct id_list posts;          /* post.move */
    bz_id approved;                /* the matter whose approval carries this out; 0: it comes from who asks for it */
    /* hub.init: handle is the hub's code, name its name, slug its first region (absent: "general"). */
    struct span slug, name, about, title, text, lang, reason, rule, decision, emoji, handle, org, city, country;
    struct file_refs files;        /* post.create, thread.create */
    enum link_found found;         /* link.tell */
    struct span upload;            /* upload.*: its id, UPLOAD_CHARS */
    struct blob blob;              /* upload.done; upload.open: its bytes alone */
    struct span metadata;          /* upload.open: as its sender wrote it, or absent */
    struct span fields;            /* typed fields of a thread: canonical JSON object, or absent */
    bz_id collection;
    bz_id organisation;            /* org.*, invite.take (of the invitation, or 0); its name, city, country and region are those above */
    struct span org_kind, size, langs, contact;   /* langs: canonical JSON array */
    struct id_list members;        /* org.confirm */
    bool is_delegate, is_gone;     /* org.member */
    int64_t request;               /* request.decide */
    struct span website;           /* request.create; title is of who asks, org of their organisation, text what they say */
    struct span url;               /* resource.promote: the link of the post, or absent: its file_n-th file; link.tell: as it stands in
                                      post_link, and title, about and lang are what is there */
    int64_t file_n;
    struct span parent, names;     /* theme.set; names: canonical JSON */
    bool is_version;               /* post.create: its file is a new version of the resource's */
    struct room_set set;           /* room.set: those that `sets` names */
    unsigned sets;
    struct profile_set profile;    /* profile.set */
    enum access access;
    enum thread_kind thread_kind;
    enum role role;
    enum sanction act;             /* member.sanction */
    enum follow_level level;
    enum from from;                /* direct.set */
    enum profile_field field;      /* member.sanction: of what they say of themselves this is taken out; 0: nothing */
    bool on;                       /* locked, pinned, featured, closed, archived, blocked, reaction on; member.erase: the posts stay */
    int64_t until_ms;              /* thread.pin, thread.feature, member.sanction, report.decide: ends then; 0: never by itself */
    int64_t seq;                   /* export.done: its bytes, 0: it could not be made.
                                      read.mark, read.room; thread.undo: of the first entry of what is taken back */
    int64_t edited_ms;             /* draft.set: of its last change, by its writer's clock */
    int64_t year;                  /* search.save: a filter, as are region, room, thread_kind, member (who wrote it), lang */
    bool has_file;                 /* and this; slug is its name, `on` whether it notifies */
    int64_t expires_ms;            /* secrets: when they end (time of day) */
    int64_t mail;                  /* mail.done, mail.failed; failed: text is why, `on` whether for good: the address refuses it */
    int64_t uses;                  /* link.issue, invite.create; member.erase: 1: again, they are not told;
                                      erase.step: entries that are taken out at most,
                                      0: as many as take some milliseconds */
    struct span email;             /* in the form of mailbox.h; or absent */
    unsigned scopes;               /* token.create, token.issue: enum scope; 0: all that its owner may */
    struct id_list rooms;          /* token.create: it is bound to these, if present */
    const struct id_list *within;  /* of whom a token is bound to rooms: it is about those alone; or NULL */
    bool is_plain;                 /* of a token that does not moderate: its owner acts as a member */
    struct span code;              /* session.code, address.code: as it goes into the mail */
    struct span device;            /* as its owner's browser calls itself, or absent */
    int64_t days;                  /* invite.create, token.create: how long it lasts; 0: as usual */
    unsigned char code_hash[SECRET_BYTES];   /* of ticket and code together */
    unsigned char browser[SECRET_BYTES];     /* of the mark that the browser keeps; zeros: none */
    int64_t network;               /* of who asks: a number of the running process for it; 0: not known */
    unsigned char invitation[SECRET_BYTES];  /* of an invitation's code; zeros: none */
    unsigned char ticket[SECRET_BYTES];      /* of who is signed in and has one besides: BLAKE2b */
    struct factor_ask factor;
    struct oidc_ask oidc;
    unsigned char secret[SECRET_BYTES];      /* BLAKE2b of the code or token presented */
    unsigned char new_secret[SECRET_BYTES];  /* BLAKE2b of the session token, token or code to be stored */
};

const char *command_wire(enum command_kind kind);
bool command_is_journalled(enum command_kind kind);
#endif
