/* statement.h: inside the store only. Every SQL statement of the daemon has a name in an X-list of the module that uses
 * it; all are prepared when a connection opens, so a typo fails at boot, and none is ever built from strings.
 * A row is read or handed on before the statement is stepped or bound again. */
#ifndef BZ_STORE_STATEMENT_H
#define BZ_STORE_STATEMENT_H
#include <sodium.h>
#include <pthread.h>
#include <sqlite3.h>

#include "domain/command.h"
#include "domain/entry.h"
#include "store/db.h"

/* One list per module. Lists of writers are prepared only on the connection opened with DB_WRITE. */
#define STATEMENT_LISTS(X)     \
    X(DB, db)                  \
    X(COMMIT, commit)          \
    X(JOURNAL_READ, journal_read) \
    X(JOURNAL, journal)        \
    X(APPLY, apply)            \
    X(MOVE, move)              \
    X(RESOURCE, resource)      \
    X(ORG, org)                \
    X(ORG_FACTS, org_facts)    \
    X(REQUEST, request)        \
    X(BULK, bulk)              \
    X(ERASED, erased)          \
    X(ERASE, erase)            \
    X(ERASE_READ, erase_read)  \
    X(LEAVERS, leavers)        \
    X(RETENTION, retention)    \
    X(EXPORT, export)          \
    X(EXPORT_STATE, export_state) \
    X(LINK, link)              \
    X(LINK_WORK, link_work)    \
    X(LINK_DUE, link_due)      \
    X(FACTS, facts)            \
    X(FILTER, filter)          \
    X(PROPOSAL, proposal)      \
    X(DIRECT, direct)          \
    X(LIBRARY, library)        \
    X(FACTOR, factor)          \
    X(FACTOR_READ, factor_read) \
    X(OIDC, oidc)              \
    X(OIDC_READ, oidc_read)    \
    X(MAIL, mail)              \
    X(MAIL_READ, mail_read)    \
    X(PERSONAL, personal)      \
    X(ALLOWANCE, allowance)    \
    X(BROWSER, browser)        \
    X(ATTEMPT, attempt)        \
    X(ACCOUNT, account)        \
    X(ACCOUNT_READ, account_read) \
    X(DRAFT, draft)            \
    X(PROFILE, profile)        \
    X(PEOPLE, people)          \
    X(PEER, peer)              \
    X(UPLOAD, upload)          \
    X(FILE, file)              \
    X(DRAFT_READ, draft_read)  \
    X(ROOM, room)              \
    X(THREAD, thread)          \
    X(SHELF, shelf)            \
    X(POST, post)              \
    X(LINK_READ, link_read)    \
    X(MEMBER, member)          \
    X(ORG_READ, org_read)      \
    X(DESK, desk)              \
    X(REQUEST_READ, request_read) \
    X(SEARCH, search)          \
    X(SAVED, saved)            \
    X(SAVED_READ, saved_read)  \
    X(SIMILAR, similar)        \
    X(LOG, log)                \
    X(REPORT, report)          \
    X(SANCTION, sanction)      \
    X(CHECKPOINT, checkpoint)  \
    X(REBUILD, rebuild)        \
    X(FORGET, forget)          \
    X(LEVEL, level)            \
    X(DIGEST, digest)

enum statement_lists {
#define STATEMENT_LIST_E(NAME, name) LIST_##NAME,
    STATEMENT_LISTS(STATEMENT_LIST_E)
#undef STATEMENT_LIST_E
    LISTS
};

struct statement_list { const char *const *sql; int count; bool is_write; };
#define STATEMENT_LIST_X(NAME, name) extern const struct statement_list name##_statements;
STATEMENT_LISTS(STATEMENT_LIST_X)
#undef STATEMENT_LIST_X

/* STATEMENTS(POST_STATEMENTS, post, false) makes the enum of names, the texts and the list. */
#define STATEMENT_E(name, text) name,
#define STATEMENT_T(name, text) text,
#define STATEMENTS(LIST, list, is_write)                              \
    enum { LIST(STATEMENT_E) list##_count };                          \
    static const char *const list##_sql[] = { LIST(STATEMENT_T) };    \
    const struct statement_list list##_statements = { list##_sql, list##_count, is_write };

/* The one rule of what may be read, the same as policy_can_read and policy_can_find: `room` is an alias of table room,
 * `member` and `role` are expressions. */
#define IS_PART(room, member) \
    "EXISTS (SELECT 1 FROM membership AS ms WHERE ms.room = " room ".id AND ms.member = " member ")"
/* Their role there: the highest of the hub's (`role`), the region's and the room's own; of two, nobody moderates the other. */
#define ROLE_IN(room, member, role)                                                               \
    "CASE WHEN " IS_SUSPENDED(room, member) " THEN 0 ELSE " ROLE_GIVEN(room, member, role) " END"
#define ROLE_GIVEN(room, member, role)                                                            \
    "min(max(" role ", coalesce((SELECT max(gr.role) FROM given_role AS gr WHERE gr.member = " member \
    " AND gr.scope IN (" room ".id, " room ".region)), 0)), CASE " room ".access WHEN 3 THEN 1 ELSE 3 END)"
/* A sanction that was neither lifted nor has ended. */
#define IN_FORCE(sanction, now) "(" sanction ".pardon IS NULL AND coalesce(" sanction ".until, 1 << 62) > " now ")"
/* Whom moderators suspended from a place is part of nothing there, and no more than a guest. */
#define IS_SUSPENDED(room, member)                                                                \
    "EXISTS (SELECT 1 FROM sanction AS sn WHERE sn.member = " member " AND sn.scope IN (" room ".id, " room ".region, 0)" \
    " AND sn.act >= 3 AND " IN_FORCE("sn", "now_ms()") ")"
/* is_within(room): what is asked for by a token that is bound to rooms is about those; is_within(0): no such token asks. */
#define CAN_READ(room, member, role)                                                              \
    "(" MAY_READ(room, member, role) " AND is_within(" room ".id))"
#define MAY_READ(room, member, role)                                                              \
    "(" room ".access = 0 OR ((" IS_PART(room, member)                                            \
    " OR " ROLE_GIVEN(room, member, role) " >= CASE " room ".access WHEN 1 THEN 2 WHEN 2 THEN 3 END)" \
    " AND NOT " IS_SUSPENDED(room, member) "))"
#define CAN_FIND(room, member, role) "(is_within(" room ".id) AND (" room ".access < 2 OR " MAY_READ(room, member, role) "))"

/* Moderates there, and neither silenced nor suspended: may do now what moderators do. */
#define MODERATES(room, member, role)                                                             \
    "(" ROLE_GIVEN(room, member, role) " >= 2 AND NOT EXISTS (SELECT 1 FROM sanction AS sn WHERE sn.member = " member  \
    " AND sn.scope IN (" room ".id, " room ".region, 0) AND sn.act >= 2 AND " IN_FORCE("sn", "now_ms()") ")"           \
    " AND " CAN_READ(room, member, role) ")"

/* Has a session, or a link that makes one. */
#define CAN_SIGN_IN(member)                                                                                         \
    "(EXISTS (SELECT 1 FROM session WHERE member = " member " AND expires_ms > now_ms() AND scopes IS NULL)"                            \
    " OR EXISTS (SELECT 1 FROM link WHERE member = " member " AND uses > 0 AND expires_ms > now_ms())"               \
    " OR EXISTS (SELECT 1 FROM address WHERE member = " member "))"

/* Whether a room lets what links lead to be asked: where nothing is set, a private one does not; one of two never. */
#define PREVIEWS(room) "(" room ".access <> 3 AND coalesce(" room ".previews, " room ".access <> 2))"

/* Whether there are words that are looked for in what is said in a room. */
#define HAS_WORDS(room) "EXISTS (SELECT 1 FROM room_words AS rw WHERE rw.room = " room ".id AND rw.words <> '[]')"

/* A room's settings, read by room_set_of_row. */
#define ROOM_SET(room)                                                                                               \
    room ".slow_s, " room ".lock_days, " room ".posting, " room ".hold, " room ".links, " room ".hold_threads, "     \
    room ".approve_join, " room ".new_posts, " room ".new_hour, " room ".new_links, " room ".new_files, "            \
    PREVIEWS(room) ", " HAS_WORDS(room)
#define ROOM_SET_COLUMNS 13
struct room_set room_set_of_row(sqlite3_stmt *s, int column);

/* A member has a handle that people type; who left has none, and stands in no index. */
#define IS_CALLED "substr(handle, 1, 1) <> '~'"

/* When somebody last posted in a room. */
#define LAST_OWN(member, room)                                                                                       \
    "SELECT lo.at_ms FROM last_own AS lo WHERE lo.member = " member " AND lo.room = " room

/* A role where sanction `sn` holds: its room, its region, or the hub. */
#define ROLE_AT(sn, member, role)                                                                 \
    "CASE WHEN EXISTS (SELECT 1 FROM sanction AS own LEFT JOIN room AS rr ON rr.id = " sn ".room WHERE own.member = " member \
    " AND own.scope IN (0, " sn ".scope, rr.region) AND own.act >= 3 AND " IN_FORCE("own", "now_ms()") ") THEN 0" \
    " ELSE max(" role ", coalesce((SELECT max(gr.role) FROM given_role AS gr WHERE gr.member = " member \
    " AND gr.scope IN (" sn ".scope, (SELECT region FROM room WHERE id = " sn ".room))), 0)) END"

/* What the viewer (?1, with the hub's role ?2) administers: all, or what is of their regions. */
#define ADMINISTERS(region)                                                                                          \
    "(?2 >= 3 OR (EXISTS (SELECT 1 FROM given_role AS gr WHERE gr.member = ?1 AND gr.scope = " region " AND gr.role >= 3)" \
    " AND NOT EXISTS (SELECT 1 FROM sanction AS sn WHERE sn.member = ?1 AND sn.scope = " region " AND sn.act >= 3"   \
    " AND " IN_FORCE("sn", "now_ms()") ")))"

/* A hidden post's words are for its author and those who moderate its room. */
#define IS_HIDDEN(post) "EXISTS (SELECT 1 FROM hidden AS hd WHERE hd.post = " post ".id)"

/* What others than ?1 wrote in thread t after pos, turn by turn: p are the posts. A pos of NULL: nothing. In the order of
 * the posts with ORDER BY u.first, p.id. */
/* Who blocked somebody (?1) is not told that they were mentioned by them. */
#define IS_BLOCKED(post) "EXISTS (SELECT 1 FROM blocked AS bl WHERE bl.member = ?1 AND bl.blocked = " post ".by)"

#define UNREAD_POSTS(pos) "FROM turn AS u CROSS JOIN post AS p" UNREAD_WHERE(pos)
#define UNREAD_WHERE(pos)                                                                                            \
    " WHERE u.thread = t.id AND u.by <> ?1"                                                                          \
    " AND u.first >= coalesce((SELECT max(first) FROM turn WHERE thread = t.id AND first <= " pos "), " pos ")"      \
    " AND p.thread = t.id AND p.id >= max(u.first, " pos " + 1)"                                                     \
    " AND p.id < coalesce((SELECT min(first) FROM turn WHERE thread = t.id AND first > u.first), 1 << 62)"

struct db {
    sqlite3 *sq;
    enum db_mode mode;
    const struct env *env;
    struct log *log;
    struct hubs hubs;
    bool hub_is_new;               /* the code was learned in the open transaction */
    sqlite3_stmt **statements[LISTS];
    int lock_fd;                   /* -1 without */
    pthread_t owner;               /* of the open transaction */
    bool in_transaction;
    const struct id_list *within;  /* rooms that what is asked for is about alone; NULL: all */
    int64_t mails;                 /* put in it, or in the one before */
    int64_t deadline_ns;           /* 0: none */
    int64_t began_ns, began_cpu_ns;   /* what runs under the deadline, by the clock and of this thread's processor */
    bool head_known;               /* of hub 0; forgotten on rollback */
    int64_t head_seq, head_at_ms;
    /* The journal on this connection, if any: what it must write before a commit and drop after a rollback. */
    void *journal;
    enum bz_err (*journal_flush)(void *journal, struct bz_error *e);
    void (*journal_forget)(void *journal);
    struct forms *forms;           /* made by the first search */
    struct filter *filter;         /* the rooms' lists of words, made when the first is asked for */
};

/* Maps the last SQLite error of a connection. doing: "write a post", for the log of people; no SQL, no paths. */
enum bz_err sqlite_fail(sqlite3 *sq, const char *doing, struct bz_error *e);

/* Binds a statement, ready to step. format has one letter for each parameter: i int64_t, n int64_t where 0 is NULL,
 * s struct span (absent is NULL), b struct span of bytes, h 32 bytes (const unsigned char *).
 * Bytes are borrowed until the statement is done. NULL: it could not be bound; db_step and db_run say so. */
sqlite3_stmt *db_bind(struct db *db, int list, int index, const char *format, ...);
enum bz_err db_step(struct db *db, sqlite3_stmt *s, bool *ret_row, struct bz_error *e);   /* no row: it is reset */
void db_reset(sqlite3_stmt *s);
enum bz_err db_run(struct db *db, sqlite3_stmt *s, struct bz_error *e);                   /* to its end, no rows wanted */
enum bz_err db_number(struct db *db, sqlite3_stmt *s, int64_t *ret, struct bz_error *e);   /* the first of its only row; 0: none */
enum bz_err db_run_one(struct db *db, sqlite3_stmt *s, struct bz_error *e);   /* must change exactly one row, else STORE */

struct span column_span(sqlite3_stmt *s, int column);   /* NULL: absent */

/* seq and time of this hub's newest entry, as the open transaction sees it. */
enum bz_err db_head(struct db *db, int64_t *ret_seq, int64_t *ret_at_ms, struct bz_error *e);
/* The entry `hub` names the hub: ids of this transaction need its code. */
enum bz_err db_learn_hub(struct db *db, const struct entry *entry, struct bz_error *e);

/* A writing connection to a private copy of src, for verification; nothing of it outlives db_close. */
enum bz_err db_open_copy(sqlite3 *src, const struct env *env, struct db **ret, struct bz_error *e);

/* Opens the file for reading alone, without our statements. */
enum bz_err db_open_raw(const char *path, sqlite3 **ret, struct bz_error *e);

/* All pages in one snapshot, by the online backup API. */
enum bz_err copy_pages(sqlite3 *to, sqlite3 *from, struct bz_error *e);

#define ENTRY_COLUMNS "id, at_ms, actor, kind, room, thread, subject, cid, body"
void entry_of_row(sqlite3_stmt *s, struct entry *ret);   /* borrows from the row */

/* One link of the hash chain. hash: in, the previous one (zeros for the first); out, the entry's. false: no memory. */
bool chain_hash(struct buf *scratch, const struct hubs *hubs, const struct entry *entry,
                const unsigned char body_hash[32], unsigned char hash[32]);

/* posts.moved_in: `thread` is where they go, `subject` where they come from. */
enum bz_err apply_posts_moved(struct db *db, const struct entry *entry, struct bz_error *e);

/* The addresses in a post: those that its entry or edit has, none any more, those of all posts of a thread that is in `room` now. */
enum bz_err apply_links(struct db *db, const struct entry *entry, bz_id post, struct bz_error *e);
enum bz_err apply_unlink(struct db *db, bz_id post, struct bz_error *e);
enum bz_err apply_links_moved(struct db *db, const struct entry *entry, struct bz_error *e);   /* also of posts.moved_in */
enum bz_err apply_link(struct db *db, const struct entry *entry, struct bz_error *e);
/* What the room lets be asked from now on. */
enum bz_err apply_links_set(struct db *db, const struct entry *entry, struct bz_error *e);

/* The posts of thread ?1, joined with it, whose file is the resource's: the one that began it, and those that its keepers said
 * to be new versions of it. What was removed or is hidden is none, whoever looks. */
#define VERSIONS                                                                                                     \
    " FROM post AS p JOIN thread AS t ON t.id = p.thread WHERE p.id IN (SELECT id FROM post WHERE thread = ?1"       \
    " AND is_version UNION ALL SELECT min(id) FROM post WHERE thread = ?1) AND p.files IS NOT NULL"                  \
    " AND (p.is_version OR p.by = t.by) AND NOT " IS_HIDDEN("p")

#define IS_PINNED(thread) "(" thread ".is_pinned AND coalesce(" thread ".pinned_until, 1 << 62) > now_ms())"

#define IS_FEATURED(thread) "(" thread ".is_featured AND coalesce(" thread ".featured_until, 1 << 62) > now_ms())"

/* One chain's head, into a hash over all of them in the order of rooms. */
void chain_head_add(crypto_generichash_state *state, bz_id room, bz_id head, const void *hash);

/* Is a handle (a parameter) somebody's, or was it of somebody who left? What was written to it stands for ever, and to others it would be
 * of whoever had the name next: so it is nobody's again. */
#define IS_HANDLE_TAKEN(handle) "SELECT 1 FROM member WHERE handle = " handle                                         \
    " UNION ALL SELECT 1 FROM erasure WHERE handle = handle_mark(mark, " handle ")"

enum membership_how { JOINED = 1, INVITED = 2 };

/* SQL functions: is_within(room), id_of(text), number_of(list, text), is_spaceless(text), now_ms(), fold_of(text): without accents and
 * case, words_of(text), has_words(words, wanted), common_words(words, wanted), profile_field(number),
 * resource_type(media type), link_url(text), handle_mark(mark, handle). */
bool is_within(const struct db *db, bz_id room);
enum bz_err functions_add(struct db *db, struct bz_error *e);
enum bz_err score_add(struct db *db, struct bz_error *e);   /* worth and place, of an FTS5 index's hits */
bool is_spaceless(struct span text);   /* holds a letter of a script that is written without spaces */
#endif
