/* limits.h: sizes that both sides of the wire rely on. proto/limits.json is held to this list by a test. */
#ifndef BARAZA_LIMITS_H
#define BARAZA_LIMITS_H

/*      name                     value        unit and meaning */
#define BZ_LIMITS(X)                                                                          \
    X(FRAME_BYTES,               65536,  "bytes of one WebSocket message or /rpc body")       \
    X(JSON_DEPTH,                16,     "nesting of arrays and objects")                     \
    X(JSON_KEYS,                 64,     "keys in one object")                                \
    X(BATCH_CALLS,               50,     "calls in one batch")                                \
    X(POST_BYTES,                16384,  "bytes of a post's text, UTF-8")                     \
    X(FILES_MAX,                 10,     "files of one post")                                 \
    X(FILE_NAME_CHARS,           120,    "code points of a file's name")                      \
    X(ALT_CHARS,                 500,    "code points of what a picture shows")               \
    X(LINKS_MAX,                 20,     "links of one post that are kept")                   \
    X(LINK_BYTES,                2000,   "bytes of a link's address")                         \
    X(LINK_TITLE_CHARS,          200,    "code points of the title of what a link leads to")  \
    X(LINK_ABOUT_CHARS,          400,    "code points of its description")                    \
    X(UPLOAD_HOURS,              24,     "hours in which an upload must be finished and shared") \
    X(TITLE_CHARS,               200,    "code points of a thread's title")                   \
    X(NAME_CHARS,                80,     "code points of a person's, room's or region's name") \
    X(ABOUT_BYTES,               2000,   "bytes of a room's description")                     \
    X(SLOW_S,                    86400,  "seconds between two posts of a member in a room, at most") \
    X(LOCK_DAYS,                 365,    "days without a post after which a room's threads are locked, at most") \
    X(NEW_POSTS,                 20,     "posts that moderators read until a member is not new, at most") \
    X(NEW_HOUR,                  60,     "posts that a new member may write in an hour, at most") \
    X(ASKS_MAX,                  20,     "posts and threads of a member that may wait for a moderator in a room; moves, too") \
    X(SECOND_ABOVE,              20,     "posts that one moderator moves without a second one's yes") \
    X(WORDS_MAX,                 100,    "words and phrases on a room's list")                \
    X(WORD_BYTES,                80,     "bytes of one of them")                              \
    X(REASON_BYTES,              1000,   "bytes of a reason for moderation")                  \
    X(FIELDS_BYTES,              4096,   "bytes of a thread's typed fields, as JSON")         \
    X(HANDLE_CHARS,              24,     "characters of a handle [a-z0-9.], at least 2")      \
    X(SLUG_CHARS,                40,     "characters of a slug [a-z0-9-], at least 1")        \
    X(CID_CHARS,                 64,     "characters of a command id [A-Za-z0-9_-]")          \
    X(LANG_CHARS,                11,     "characters of a language tag (BCP 47)")             \
    X(PAGE_DEFAULT,              50,     "items of a list when no limit is given")            \
    X(PAGE_MAX,                  100,    "items of a list at most")                           \
    X(IDS_MAX,                   100,    "ids in one request")                                \
    X(WATCH_MAX,                 500,    "rooms a connection may watch")                      \
    X(PROFILE_CHARS,             500,    "code points of each text of a profile")             \
    X(PROFILE_BYTES,             2000,   "bytes of it, UTF-8")                                \
    X(CONTACT_CHARS,             120,    "code points of how to reach a member")              \
    X(PROFILE_LIST,              8,      "themes of each list of a profile")                  \
    X(PEERS_MAX,                 20,     "people, and cities, that peer.find proposes")       \
    X(ADDRESSES_MAX,             5,      "e-mail addresses of one member")                    \
    X(OIDC_LINKS_MAX,            10,     "accounts elsewhere by which one member may sign in") \
    X(INVITATIONS_MAX,           200,    "open invitations of one member")                    \
    X(INVITATION_USES,           500,    "uses of one invitation, at most")                   \
    X(INVITATION_DAYS,           90,     "days that an invitation lasts, at most")            \
    X(QR_BYTES,                  400,    "bytes of a text that qr.draw draws")                \
    X(DEVICE_CHARS,              60,     "code points of what a browser calls itself")        \
    X(TOKENS_MAX,                20,     "tokens for programs of one member")                 \
    X(TOKEN_ROOMS,               50,     "rooms that one of them may be bound to")            \
    X(TOKEN_DAYS,                365,    "days that one of them lasts, at most")              \
    X(BLOCKED_MAX,               500,    "members that somebody blocks for themselves")       \
    X(DIRECT_DAY,                10,     "conversations of two that a member begins within 24 hours") \
    X(DIRECT_HOUR,               3,      "conversations of two that a member begins within an hour") \
    X(DIRECT_NEW_DAY,            3,      "the same within 24 hours by who is new")            \
    X(DIRECT_KNOWN,              3,      "posts that moderators read until a member is not new in that") \
    X(DRAFTS_MAX,                100,    "drafts of one member")                              \
    X(PASSKEYS_MAX,              20,     "passkeys of one member")                            \
    X(SAVED_MAX,                 50,     "searches that a member keeps")                      \
    X(MENTIONS_MAX,              20,     "members named in one post")                         \
    X(MARKUP_TOKENS,             2000,   "tokens of a parsed post; more: it is shown as plain text") \
    X(LANGUAGES_MAX,             8,      "languages of a resource")                           \
    X(THEMES_OF_MAX,             5,      "themes of a resource")                              \
    X(THEMES_MAX,                200,    "themes of a hub, retired ones included")            \
    X(COLLECTIONS_MAX,           200,    "collections of a region, retired ones included")    \
    X(CONTACT_BYTES,             500,    "bytes of how an organisation's office is reached")  \
    X(CONFIRM_DAYS,              365,    "days after which a delegate is asked who still works there") \
    X(REQUESTS_OPEN,             50,     "requests to join that wait for the secretariat; what comes beyond is not kept") \
    X(REQUEST_BYTES,             1000,   "bytes of what somebody says who asks to join")      \
    X(BULK_ROWS,                 500,    "rows of a list of people to invite")                \
    X(BULK_BYTES,                49152,  "bytes of such a list")                              \
    X(FACETS_MAX,                100,    "values of each kind that resource.facets counts")   \
    X(SEARCH_BYTES,              200,    "bytes of a search text")                            \
    X(SEARCH_WORDS,              16,     "words of a search text that are used")              \
    X(SIMILAR_MAX,               5,      "threads that are similar to a title")               \
    X(FEATURED_MAX,              5,      "featured threads that are told at a time")           \
    X(UNANSWERED_MAX,            20,     "unanswered questions that are told at a time")      \
    X(RESUME_ENTRIES,            10000,  "entries a client may have missed before `reset`")   \
    X(UNREAD_MAX,                100,    "unread counts stop here")                           \
    X(LINK_ALSO,                 20,     "other posts with a link are counted to this")       \
    X(POLL_WAIT_MS,              25000,  "milliseconds that session.poll may be held")

enum {
#define BZ_LIMIT_ENUM(name, value, text) BZ_LIMIT_##name = value,
    BZ_LIMITS(BZ_LIMIT_ENUM)
#undef BZ_LIMIT_ENUM
};

#endif
