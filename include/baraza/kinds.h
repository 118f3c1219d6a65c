/* kinds.h: the kinds of journal entries and of threads, roles and accesses, with their wire names.
 * The number is stored: never reuse or change one. proto/ is held to these lists by a test. */
#ifndef BARAZA_KINDS_H
#define BARAZA_KINDS_H

/*      number name           wire             room? thread? member that names the subject ("" = it is the created thing) */
#define BZ_ENTRY_KINDS(X)                                       \
    X(1,  HUB,           "hub",            0, 0, "")             \
    X(2,  REGION,        "region",         0, 0, "")             \
    X(3,  ROOM,          "room",           0, 0, "")             \
    X(4,  MEMBER,        "member",         0, 0, "")             \
    X(5,  ROOM_JOIN,     "room.join",      1, 0, "")             \
    X(6,  ROOM_LEAVE,    "room.leave",     1, 0, "")             \
    X(7,  ROOM_INVITE,   "room.invite",    1, 0, "member")       \
    X(8,  THREAD,        "thread",         1, 0, "")             \
    X(9,  THREAD_RENAME, "thread.rename",  0, 1, "")             \
    X(10, THREAD_LOCK,   "thread.lock",    0, 1, "")             \
    X(11, THREAD_PIN,    "thread.pin",     0, 1, "")             \
    X(12, THREAD_ANSWER, "thread.answer",  0, 1, "")             \
    X(13, POST,          "post",           0, 1, "")             \
    X(14, POST_EDIT,     "post.edit",      0, 1, "post")         \
    X(15, POST_REDACT,   "post.redact",    0, 1, "post")         \
    X(16, REACT,         "react",          0, 1, "post")         \
    X(17, POST_HIDE,     "post.hide",      0, 1, "post")         \
    X(18, POST_RESTORE,  "post.restore",   0, 1, "post")         \
    X(19, MEMBER_ROLE,   "member.role",    0, 0, "member")       \
    X(20, THREAD_MOVED_OUT, "thread.moved_out", 1, 1, "")        \
    X(21, THREAD_MOVED_IN, "thread.moved_in", 1, 1, "")          \
    X(22, POSTS_MOVED_OUT, "posts.moved_out", 1, 1, "")          \
    X(23, POSTS_MOVED_IN, "posts.moved_in", 1, 1, "")            \
    X(24, THREAD_CLOSE,  "thread.close",   0, 1, "")             \
    X(25, THREAD_ARCHIVE, "thread.archive", 0, 1, "")            \
    X(26, THREAD_KIND,   "thread.kind",    0, 1, "")             \
    X(27, THREAD_FEATURE, "thread.feature", 0, 1, "")            \
    X(28, POST_LOCK,     "post.lock",      0, 1, "post")         \
    X(29, MEMBER_SET,    "member.set",     0, 0, "member")       \
    X(30, MEMBER_SANCTION, "member.sanction", 0, 0, "member")    \
    X(31, MEMBER_PARDON, "member.pardon", 0, 0, "member")        \
    X(32, MEMBER_ERASE,  "member.erase",   0, 0, "member")       \
    X(33, ROOM_SET,      "room.set",       1, 0, "")             \
    X(40, REPORT,        "report",         1, 1, "")             \
    X(41, REPORT_CLAIM,  "report.claim",   1, 1, "report")       \
    X(42, REPORT_DECIDE, "report.decide",  1, 1, "report")       \
    X(43, APPEAL,        "appeal",         1, 1, "")             \
    X(44, ASK,           "ask",            1, 1, "")             \
    X(45, ERASE,         "erase",          0, 0, "member")       \
    X(50, LINK,          "link",           0, 1, "post")             \
    X(60, THREAD_FIELDS, "thread.fields",  0, 1, "")             \
    X(61, THEME,         "theme",          0, 0, "")             \
    X(62, COLLECTION,    "collection",     0, 0, "")             \
    X(63, COLLECTION_SET, "collection.set", 0, 0, "collection")  \
    X(64, COLLECTION_PUT, "collection.put", 0, 1, "collection")  \
    X(70, ORG,           "org",            0, 0, "")             \
    X(71, ORG_SET,       "org.set",        0, 0, "org")          \
    X(72, ORG_MEMBER,    "org.member",     0, 0, "org")

/*      bit name        wire: what a program may do with a token */
#define BZ_SCOPES(X)              \
    X(1, READ,     "read")        \
    X(2, POST,     "post")        \
    X(4, MODERATE, "moderate")

/*      number name        wire */
#define BZ_THREAD_KINDS(X)            \
    X(1, CHAT,       "chat")          \
    X(2, DISCUSSION, "discussion")    \
    X(3, QUESTION,   "question")      \
    X(4, RESOURCE,   "resource")

#define BZ_ROLES(X)                   \
    X(0, GUEST,      "guest")         \
    X(1, MEMBER,     "member")        \
    X(2, MODERATOR,  "moderator")     \
    X(3, ADMIN,      "admin")

#define BZ_ACCESSES(X)                \
    X(0, OPEN,       "open")          \
    X(1, MEMBERS,    "members")       \
    X(2, PRIVATE,    "private")       \
    X(3, DIRECT,     "direct")

/* Who may begin a conversation of two with somebody: who shares a room with them, nobody, who is of their region or shares a
 * room, all. */
#define BZ_FROMS(X)                   \
    X(0, ROOMS,      "rooms")         \
    X(1, NOBODY,     "nobody")        \
    X(2, REGION,     "region")        \
    X(3, ALL,        "all")

#define BZ_LEVELS(X)                  \
    X(0, DIGEST,     "digest")        \
    X(1, FOLLOW,     "follow")        \
    X(2, MUTE,       "mute")

/* Who posts in a room; its moderators always may. */
#define BZ_POSTINGS(X)                \
    X(0, ALL,        "all")           \
    X(1, MODERATORS, "moderators")
/* What moderators impose on a member; a later one weighs more. */
#define BZ_SANCTIONS(X)               \
    X(1, WARN,       "warn")          \
    X(2, SILENCE,    "silence")       \
    X(3, SUSPEND,    "suspend")       \
    X(4, BAN,        "ban")

/* Whose posts wait for a moderator: nobody's, those of who has no approved one in the room yet, all. */
#define BZ_HOLDS(X)                   \
    X(0, NONE,       "none")          \
    X(1, FIRST,      "first")         \
    X(2, ALL,        "all")

/* What becomes of posts with links. */
#define BZ_LINKS(X)                   \
    X(0, ALL,        "all")           \
    X(1, HOLD,       "hold")          \
    X(2, BLOCK,      "block")

/* What a word on a room's list does, the strongest last. */
#define BZ_WORD_ACTS(X)               \
    X(1, FLAG,       "flag")          \
    X(2, HOLD,       "hold")          \
    X(3, BLOCK,      "block")

/* What waits for a moderator's yes; the last two are acts of moderation, and wait for a second moderator's. */
#define BZ_ASKS(X)                    \
    X(1, POST,       "post")          \
    X(2, THREAD,     "thread")        \
    X(3, JOIN,       "join")      \
    X(4, MOVE,       "move")      \
    X(5, MERGE,      "merge")

/* Why something was moderated, told to each in their own language. The words stand in entries: never change one. */
#define BZ_RULES(X) X("off_topic") X("spam") X("rude") X("private_data") X("false") X("duplicate") X("wrong_place") \
    X("unlawful") X("kept") X("undone") X("words") X("other")

/* What moderators decide about a report or an appeal. */
#define BZ_DECISIONS(X) X("keep") X("hide") X("redact") X("lock") X("warned") X("silence") \
    X("suspend") X("restore") X("approve") X("refuse")

/* What a member says of themselves, each for a circle of their own choice. */
#define BZ_PROFILE_FIELDS(X)          \
    X(1, TITLE,      "title")         \
    X(2, LANGUAGES,  "languages")     \
    X(3, THEMES,     "themes")        \
    X(4, CAN,        "can")           \
    X(5, CAN_THEMES, "can_themes")    \
    X(6, SEEKS,      "seeks")         \
    X(7, ABOUT,      "about")         \
    X(8, SIZE,       "size")          \
    X(9, CONTACT,    "contact")

/* Who sees a field: nobody else, who shares a room with them, who is of their region, every member. */
#define BZ_CIRCLES(X)                 \
    X(0, NOBODY,     "nobody")        \
    X(1, ROOMS,      "rooms")         \
    X(2, REGION,     "region")        \
    X(3, ALL,        "all")

/* What a resource is, by its newest file's bytes, or by its address alone. */
#define BZ_RESOURCE_TYPES(X) X("document") X("sheet") X("slides") X("image") X("audio") X("video") X("archive") X("link") \
    X("other")

/* What an organisation is, and how many people live in its city: below 200,000, a million, five million, more. */
#define BZ_ORG_KINDS(X) X("city") X("government") X("partner") X("secretariat")
#define BZ_CITY_SIZES(X) X("small") X("medium") X("large") X("mega")

#define BZ_KIND_E(number, name, wire, room, thread, subject) ENTRY_##name = number,
enum entry_kind { BZ_ENTRY_KINDS(BZ_KIND_E) };
#undef BZ_KIND_E
#define BZ_KIND_T(number, name, wire) THREAD_KIND_##name = number,
enum thread_kind { BZ_THREAD_KINDS(BZ_KIND_T) };
#undef BZ_KIND_T
#define BZ_KIND_R(number, name, wire) ROLE_##name = number,
enum role { BZ_ROLES(BZ_KIND_R) };
#undef BZ_KIND_R
/* OWNER: what is their owner's alone, of who signed in and of the operator's tokens. PERSON: how they sign in, what is made of that, and
 * that they are forgotten: of who signed in alone, of no token. NONE: of anybody. */
#define BZ_KIND_S(bit, name, wire) SCOPE_##name = bit,
enum scope { BZ_SCOPES(BZ_KIND_S) SCOPE_OWNER = 8, SCOPE_PERSON = 16, SCOPE_NONE = 32 };
#undef BZ_KIND_S
#define SCOPES_OF_TOKENS   (SCOPE_READ | SCOPE_POST | SCOPE_MODERATE)
#define SCOPES_OF_OPERATOR (SCOPES_OF_TOKENS | SCOPE_OWNER)
#define SCOPES_OF_PEOPLE   (SCOPES_OF_OPERATOR | SCOPE_PERSON)
#define BZ_KIND_A(number, name, wire) ACCESS_##name = number,
enum access { BZ_ACCESSES(BZ_KIND_A) };
#undef BZ_KIND_A
#define BZ_KIND_F(number, name, wire) FROM_##name = number,
enum from { BZ_FROMS(BZ_KIND_F) };
#undef BZ_KIND_F
#define BZ_KIND_L(number, name, wire) LEVEL_##name = number,
enum follow_level { BZ_LEVELS(BZ_KIND_L) };
#undef BZ_KIND_L
#define BZ_KIND_P(number, name, wire) POSTING_##name = number,
enum posting { BZ_POSTINGS(BZ_KIND_P) };
#undef BZ_KIND_P
#define BZ_KIND_S(number, name, wire) SANCTION_##name = number,
enum sanction { SANCTION_NONE = 0, BZ_SANCTIONS(BZ_KIND_S) };
#undef BZ_KIND_S
#define BZ_KIND_H(number, name, wire) HOLD_##name = number,
enum hold { BZ_HOLDS(BZ_KIND_H) };
#undef BZ_KIND_H
#define BZ_KIND_S(number, name, wire) LINKS_##name = number,
enum links { BZ_LINKS(BZ_KIND_S) };
#undef BZ_KIND_S
#define BZ_KIND_W(number, name, wire) WORD_##name = number,
enum word_act { BZ_WORD_ACTS(BZ_KIND_W) };
#undef BZ_KIND_W
#define BZ_KIND_F(number, name, wire) PROFILE_##name = number,
enum profile_field { BZ_PROFILE_FIELDS(BZ_KIND_F) PROFILE_END };
#undef BZ_KIND_F
#define BZ_KIND_C(number, name, wire) CIRCLE_##name = number,
enum circle { BZ_CIRCLES(BZ_KIND_C) };
#undef BZ_KIND_C
#define BZ_KIND_Q(number, name, wire) ASK_##name = number,
enum ask { BZ_ASKS(BZ_KIND_Q) };
#undef BZ_KIND_Q

/* The six reactions, in the order of the menu. */
#define BZ_REACTIONS(X) X("👍") X("❤️") X("💡") X("🙏") X("🎉") X("👀")

#endif
