/* query.h: every read, filtered by what the viewer may see (one SQL view of readable rooms, the same rule as
 * domain/policy; a test holds one to the other). Rows are borrowed until the visit returns. Reader threads. */
#ifndef BZ_STORE_QUERY_H
#define BZ_STORE_QUERY_H
#include "baraza/limits.h"
#include "domain/command.h"
#include "domain/entry.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/search_page.h"

struct sqlite3_stmt;
struct viewer { bz_id member; enum role role; };

struct member_row {
    bz_id id, region;
    enum role role;
    struct span handle, name, org, city, country, lang;
    struct span blocked;                           /* of query_me: decimal numbers with commas */
};
struct region_row { bz_id id; struct span slug, name, lang; };
struct room_row {
    bz_id id, region, chat;
    struct span slug, name, about, lang;
    enum access access;
    enum role role;                                /* the viewer's there */
    struct span moderators;                        /* decimal numbers with commas: who was made one for it or its region */
    bool is_joined;
    struct room_set set;
    bool has_asked;                                /* the viewer waits for a yes to come in */
    bz_id with;                                    /* of two: the other one, or 0 */
    int64_t last_own_ms;                           /* in a slow room: when the viewer last posted there; 0: never */
    int64_t threads, members, unread, mentions, last_seq;
};
struct thread_row {
    bz_id id, room, by, last_by, answer, first_unread;
    enum thread_kind kind;
    struct span title, lang, fields, excerpt;      /* fields: JSON or absent; excerpt: start of the newest post's text */
    int64_t at_ms, last_at_ms, posts, last_seq, read_seq, unread, mentions;
    int64_t pinned_until_ms;                       /* 0: until it is unpinned */
    bool is_pinned, is_locked, is_closed, is_archived, is_featured;
    enum follow_level level;
    bz_id with;                                    /* in a room of two: the other one, or 0 */
    bz_id source;                                  /* the post that a resource was made from, where the viewer may see it; or 0 */
};
struct reaction_row { struct span emoji; int64_t count; bool is_mine; };
struct post_row {
    bz_id id, thread, by, reply_to, redacted_by;
    int64_t seq, at_ms, edited_at_ms, redacted_at_ms, n;      /* seq: of the entry that last changed text or redaction */
    struct span lang, text, md, redact_reason;                /* md: JSON or absent */
    int64_t hidden_at_ms;                                     /* 0: it is not */
    bz_id hidden_by;                                          /* 0: not for the viewer to know */
    struct span hide_rule, hide_reason;
    bool is_appealed;                                         /* told to its author and moderators */
    bool is_locked;                                           /* its wording */
    bz_id about;                                              /* a thread that was asked about, or 0 */
    bool is_version;                                          /* of a resource: its file follows on the one before */
    struct span files;                                        /* JSON as in its entry, or absent */
    struct span links;                                        /* JSON as on the wire, or absent */
    const struct reaction_row *reactions;
    size_t reactions_count;
};
struct shared_row { bz_id thread, post, room, by; struct span title; int64_t at_ms; };   /* a post with an address; title: its thread's */
struct file_row { struct span hash, name, type; int64_t bytes; bool has_thumb; };   /* hash: BLOB_NAME_CHARS */
/* A thread of kind resource. file: JSON as in its post's entry, or absent; of the newest version that all may see. */
struct resource_row {
    bz_id thread, room, by, post, source;
    struct span title, lang, fields, file, type;
    int64_t at_ms, last_at_ms, versions, posts;
};
/* One of its versions, the oldest that all may see is number 1. */
struct edition_row { bz_id post, by; int64_t n, at_ms; struct span text, file; };
struct facet_row { struct span value; int64_t count; };
struct collection_row {
    bz_id id, region, by;
    int64_t at_ms, count;                          /* count: for the viewer */
    struct span title, about;
    bool is_retired;
};
struct org_row {
    bz_id id, region;
    int64_t at_ms, members;
    struct span kind, name, country, city, size, langs, contact;   /* langs: JSON; or absent */
    bool is_own, is_delegate;                      /* the viewer's; and a delegate there */
};
struct org_member_row {
    bz_id org, member;
    struct span name;                              /* of the organisation */
    int64_t since_ms, confirmed_ms;
    bool is_delegate;
};
struct theme_row { struct span slug, parent, names; bool is_retired; };   /* names: JSON */
struct upload_seen { bz_id member; int64_t bytes, at_ms; bool is_done; struct span metadata; };   /* at_ms: of its beginning */
struct draft_row {
    bz_id thread, room, reply_to;                  /* thread, room: at most one; neither: a room is not chosen yet */
    int64_t at_ms;                                 /* of its last change, by its writer's clock */
    enum thread_kind kind;                         /* 0: not said */
    struct span title, text;
};
struct version_row { int64_t at_ms; bz_id by; struct span text, md, lang; };
struct hit_row {
    bz_id thread, post, room, by;                  /* post 0: the title matched */
    enum thread_kind kind;
    struct span title, lang;
    bool is_answered;                              /* a question that has its answer */
    struct span snippet;                           /* UTF-8; matches are between U+E000 and U+E001 */
    struct span file, link;                        /* its name or its address, when the words are of one; or absent */
    int64_t at_ms;
};

struct act_row {                                   /* one act of moderation */
    struct entry entry;
    struct span title;                             /* of the thread, as it is now; or absent */
    bz_id of;                                      /* whom it concerns, or 0 */
    bz_id second;                                  /* who agreed to it, where the viewer may know; or 0 */
    bool names_person;                             /* the viewer may know who did it */
};

/* What was imposed on a member. by: 0 where the viewer may not know who. */
struct sanction_row {
    bz_id id, member, scope, room, by;
    enum sanction act;
    enum role role, pardon_role;
    int64_t at_ms, until_ms, pardoned_ms;          /* 0: no end; not lifted */
    struct span rule, reason, pardon_rule, pardon_reason;
    bool is_appealed;
    struct span decision;                          /* about the appeal, or absent */
    struct span field;                             /* of the profile, that was taken out; or absent */
};
struct report_row { bz_id by; int64_t at_ms; struct span rule, reason; };
/* A matter waits for those who moderate its room alone, as well for those of its region, or of the hub: who is there at all
 * and may decide is asked first, and after each OVERDUE_MS the next. Anyone who moderates the room may decide at any time. */
#define OVERDUE_MS (24 * 3600 * (int64_t)1000)
enum asked_whom { ASKED_NOBODY, ASKED_ROOM, ASKED_REGION, ASKED_HUB };
/* What moderators were asked to look at, or what became of one's own report (then without persons). */
struct matter_row {
    bz_id id, room, thread, post, member, sanction, of, claimed_by, decided_by, hidden_by;   /* of: who wrote it, or the member */
    int64_t at_ms, claimed_ms, decided_ms;
    bool is_appeal, is_for_viewer, may_viewer;     /* may_viewer: decide it */
    enum asked_whom asked;                              /* ASKED_NOBODY when it is decided */
    enum ask ask;                                  /* 0: none; text and title are of what is held */
    struct span held_why, word, files;
    struct span does, to_title;                    /* of an act that waits: as in its ask; of where it goes */
    struct span decision, rule, reason, title, text;
    void (*visit)(void *ctx, const struct report_row *row);
    void *ctx;
};
struct matter_visit {      /* open, its reports, close */
    void (*open)(void *ctx, const struct matter_row *row);
    void (*report)(void *ctx, const struct report_row *row);
    void (*close)(void *ctx, const struct matter_row *row);
    void *ctx;
};

typedef void (*act_visit)(void *ctx, const struct act_row *row);
typedef void (*sanction_visit)(void *ctx, const struct sanction_row *row);
typedef void (*member_visit)(void *ctx, const struct member_row *row);
typedef void (*region_visit)(void *ctx, const struct region_row *row);
typedef void (*room_visit)(void *ctx, const struct room_row *row);
typedef void (*thread_visit)(void *ctx, const struct thread_row *row);
typedef void (*post_visit)(void *ctx, const struct post_row *row);
typedef void (*draft_visit)(void *ctx, const struct draft_row *row);
typedef void (*shared_visit)(void *ctx, const struct shared_row *row);
typedef void (*file_visit)(void *ctx, const struct file_row *row);
typedef void (*version_visit)(void *ctx, const struct version_row *row);
typedef void (*resource_visit)(void *ctx, const struct resource_row *row);
typedef void (*edition_visit)(void *ctx, const struct edition_row *row);
typedef void (*facet_visit)(void *ctx, const struct facet_row *row);
typedef void (*collection_visit)(void *ctx, const struct collection_row *row);
typedef void (*theme_visit)(void *ctx, const struct theme_row *row);
typedef void (*org_visit)(void *ctx, const struct org_row *row);
typedef void (*org_member_visit)(void *ctx, const struct org_member_row *row);
typedef void (*hit_visit)(void *ctx, const struct hit_row *row);

struct page { bz_id before, after, around; int limit; bool is_archive; };   /* limit 1..100; at most one anchor */
struct search {                                        /* 0/absent: any */
    struct span text, lang, theme, before;         /* before: what query_search said before */
    bz_id room, region, by;
    enum thread_kind kind;
    bool has_file;
    int64_t from_ms, to_ms;                        /* written from .. before; to_ms 0: any time */
    bz_id not_by;
    int limit;
};
void search_year(int64_t year, struct search *ret);     /* sets from_ms and to_ms: that year in UTC */
struct saved_row {
    struct span id;
    const struct search *search;
    int64_t year, seen, fresh;                     /* fresh: found since `seen`, at most FRESH_MAX; -1: not counted in time */
    bool is_notifying;
};
typedef void (*saved_visit)(void *ctx, const struct saved_row *row);

/* All: BZ_OK, NOT_FOUND (not there, or not for this viewer), DEADLINE, STORE. Run inside db_begin..db_rollback. */
enum bz_err query_head(struct db *db, int64_t *ret_seq, struct bz_error *e);
enum bz_err query_regions(struct db *db, region_visit visit, void *ctx, struct bz_error *e);
enum bz_err query_rooms(struct db *db, struct viewer v, room_visit visit, void *ctx, struct bz_error *e);
/* The words that are looked for in a room, as JSON, for who reads it; borrowed until the visit returns. */
enum bz_err query_words(struct db *db, struct viewer v, bz_id room, void (*visit)(void *ctx, struct span json), void *ctx,
                        struct bz_error *e);
/* The lobby is a thread like others here; room_row.threads does not count it. Pinned threads stand on the newest page
 * alone (within its limit), the others follow by their newest post; `before`: those whose newest post is older. */
enum bz_err query_threads(struct db *db, struct viewer v, bz_id room, enum thread_kind kind, struct page page,
                          thread_visit visit, void *ctx, struct bz_error *e);
enum bz_err query_thread(struct db *db, struct viewer v, bz_id thread, thread_visit visit, void *ctx,
                         struct bz_error *e);
/* Where a link leads now: the thread in which that post stands, if it may be seen; else, and without a post, the thread
 * itself or the one that it was merged into. */
enum bz_err query_place(struct db *db, struct viewer v, bz_id post, bz_id *thread, struct bz_error *e);
/* Threads in which the viewer is mentioned first, newest activity first in each part. `before` continues after the
 * place which that thread has now: one that was read since counts as not mentioning. */
enum bz_err query_catchup(struct db *db, struct viewer v, struct page page, thread_visit visit, void *ctx,
                          struct bz_error *e);
/* Questions of others in joined rooms that have no answer and take one, neither locked nor muted: first those in the
 * viewer's language or region, both before one; then newest activity. At most limit. */
enum bz_err query_talks(struct db *db, struct viewer v, struct page page, thread_visit visit, void *ctx, struct bz_error *e);
enum bz_err query_direct_from(struct db *db, struct viewer v, enum from *ret, struct bz_error *e);
enum bz_err query_unanswered(struct db *db, struct viewer v, int limit, thread_visit visit, void *ctx,
                             struct bz_error *e);
/* Those that moderators feature, of the viewer's region first. */
enum bz_err query_featured(struct db *db, struct viewer v, int limit, thread_visit visit, void *ctx,
                           struct bz_error *e);
/* `around` is on the page, after half of it, if it is a post of the thread. */
enum bz_err query_posts(struct db *db, struct viewer v, bz_id thread, struct page page, post_visit visit, void *ctx,
                        struct bz_error *e);
/* Inside the store: the links of a post that the viewer may see, as JSON, borrowed from *ret_row (or NULL), which is then reset. */
enum bz_err query_links(struct db *db, struct viewer v, bz_id post, struct sqlite3_stmt **ret_row, struct span *ret,
                        struct bz_error *e);
/* Oldest first; nothing when the post was redacted, or is hidden from the viewer. */
enum bz_err query_history(struct db *db, struct viewer v, bz_id post, version_visit visit, void *ctx,
                          struct bz_error *e);
/* Posts in which the address stands, however it is written, the newest first. */
enum bz_err query_link_posts(struct db *db, struct viewer v, struct span url, struct page page, shared_visit visit, void *ctx,
                             struct bz_error *e);
/* A file of a post, from 0 on; or of what waits to be a post. */
enum bz_err query_file(struct db *db, struct viewer v, bz_id post, int64_t n, file_visit visit, void *ctx, struct bz_error *e);
/* What ret points to is in the arena. */
enum bz_err query_upload(struct db *db, struct viewer v, struct span id, struct arena *arena, struct upload_seen *ret,
                         struct bz_error *e);
/* The public log: acts of moderation in a room (0: in the hub), newest first, before an entry's id (0: from the newest). */
enum bz_err query_log(struct db *db, struct viewer v, bz_id room, bz_id before, int limit, act_visit visit, void *ctx,
                      struct bz_error *e);
/* Newest first. The queue of all rooms that the viewer moderates; one's own reports and appeals. */
struct queue_page { bool is_decided; bz_id before; int limit; int64_t now_ms; };
enum bz_err query_queue(struct db *db, struct viewer v, const struct queue_page *page, const struct matter_visit *visit,
                        struct bz_error *e);
enum bz_err query_own_reports(struct db *db, struct viewer v, bz_id before, int limit, const struct matter_visit *visit,
                              struct bz_error *e);
/* Newest first: what was imposed on a member where the viewer moderates; on the viewer. */
enum bz_err query_sanctions(struct db *db, struct viewer v, bz_id member, bz_id before, int limit, sanction_visit visit,
                            void *ctx, struct bz_error *e);
enum bz_err query_own_sanctions(struct db *db, struct viewer v, bz_id before, int limit, sanction_visit visit, void *ctx,
                                struct bz_error *e);
/* The viewer's own drafts, newest first, where they may still read; place (thread or room) 0: all. */
enum bz_err query_drafts(struct db *db, struct viewer v, bz_id place, draft_visit visit, void *ctx, struct bz_error *e);
enum bz_err query_member(struct db *db, bz_id member, member_visit visit, void *ctx, struct bz_error *e);
/* As themselves: with what only they may know. */
/* NOT_FOUND also for who is in none of the rooms that the token is bound to. */
enum bz_err query_member_near(struct db *db, bz_id member, member_visit visit, void *ctx, struct bz_error *e);
enum bz_err query_me(struct db *db, bz_id member, member_visit visit, void *ctx, struct bz_error *e);
enum bz_err query_member_by_handle(struct db *db, struct span handle, member_visit visit, void *ctx,
                                   struct bz_error *e);
/* By start of handle or of a word of the name; room 0: any, else only who can read it (NOT_FOUND: the viewer
 * cannot find that room). prefix absent: all. */
enum bz_err query_members(struct db *db, struct viewer v, struct span prefix, bz_id room, int limit,
                          member_visit visit, void *ctx, struct bz_error *e);
/* Who is called by every word of text (handle, name), by handle; then who has them all in handle, name, organisation and city
 * together, who came first first. The last word may be a beginning of three letters or more. */
enum bz_err query_members_found(struct db *db, struct span text, int limit, member_visit visit, void *ctx, struct bz_error *e);
/* Whom the viewer blocks, the last one first. */
enum bz_err query_blocked(struct db *db, struct viewer v, member_visit visit, void *ctx, struct bz_error *e);
/* Every word and "quoted phrase" must occur; the last word may be a beginning of three letters or more (in posts where fewer
 * than a window hold the word itself). The newest titles and posts come first as one window, ranked inside by how well they
 * answer, how new they are, whether they are or have an answer, and by region; then the next newest. ret_next: where the
 * next page goes on ("" at the end); a page may be short before that, when a filter held back most of what was looked at. */
enum bz_err query_search(struct db *db, struct viewer v, const struct search *search, hit_visit visit, void *ctx,
                         char ret_next[SEARCH_NEXT_CHARS], struct bz_error *e);
/* How much of it was written after `since` by others than the viewer: at most FRESH_MAX. */
#define FRESH_MAX 100
enum bz_err query_fresh(struct db *db, struct viewer v, const struct search *search, int64_t since, int64_t *ret, struct bz_error *e);
/* The viewer's saved searches, the last one changed first. One that takes too long is told without its count. */
enum bz_err query_saved(struct db *db, struct viewer v, saved_visit visit, void *ctx, struct bz_error *e);
/* Those of a member that ask to notify and found something after `from`. */
enum bz_err query_notify(struct db *db, bz_id member, int64_t from, saved_visit visit, void *ctx, struct bz_error *e);
/* Threads (no lobbies) whose titles have words in common with text, most letters in common first, then the newest; the
 * last word of text may be a beginning of three letters or more. room 0: any. At most limit. */
enum bz_err query_similar(struct db *db, struct viewer v, struct span text, bz_id room, int limit, thread_visit visit,
                          void *ctx, struct bz_error *e);

/* Resources that fit all that is asked for (0, absent: any), newest first by their id, before one; text: words of the title,
 * as in search. NOT_FOUND: a room that the viewer may not read, no collection. */
struct shelf { bz_id region, room, collection, before; int64_t year; struct span theme, city, country, lang, type, text; int limit; };
enum bz_err query_resources(struct db *db, struct viewer v, const struct shelf *shelf, resource_visit visit, void *ctx,
                            struct bz_error *e);
/* One, also if it is archived. NOT_FOUND: no resource, or not for this viewer. */
enum bz_err query_resource(struct db *db, struct viewer v, bz_id thread, resource_visit visit, void *ctx, struct bz_error *e);
/* Of a resource that the viewer may read: its newest versions, the newest first. */
enum bz_err query_editions(struct db *db, bz_id thread, edition_visit visit, void *ctx, struct bz_error *e);
/* How many resources that the viewer may see, in a region and a room (0: any), have which value, the most first; at most
 * BZ_LIMIT_FACETS_MAX. of: the letter of a key; FACET_ALL is one row. NOT_FOUND: a room that the viewer may not read. */
enum facet {
    FACET_ALL = '*', FACET_THEME = 't', FACET_LANG = 'l', FACET_YEAR = 'y', FACET_TYPE = 'k', FACET_CITY = 'c', FACET_COUNTRY = 'n'
};
enum bz_err query_facets(struct db *db, struct viewer v, bz_id region, bz_id room, enum facet of, facet_visit visit, void *ctx,
                         struct bz_error *e);
/* Those of a region (0: of all), the newest first. */
enum bz_err query_collections(struct db *db, struct viewer v, bz_id region, collection_visit visit, void *ctx, struct bz_error *e);
/* Those that a resource is in and that are not retired, the newest first; count is not told. */
enum bz_err query_collections_of(struct db *db, bz_id thread, collection_visit visit, void *ctx, struct bz_error *e);
enum bz_err query_themes(struct db *db, theme_visit visit, void *ctx, struct bz_error *e);

/* Organisations that fit all that is asked for (0, absent: any), newest first by their id, before one; text: stands in name, city
 * or country, whatever its accents and case; member: who is in it. */
struct org_query { bz_id region, member, before; struct span kind, country, text; int limit; };
enum bz_err query_orgs(struct db *db, struct viewer v, const struct org_query *q, org_visit visit, void *ctx, struct bz_error *e);
enum bz_err query_org(struct db *db, struct viewer v, bz_id org, org_visit visit, void *ctx, struct bz_error *e);
/* Who is in it, delegates first, at most limit. */
enum bz_err query_org_members(struct db *db, bz_id org, int limit, org_member_visit visit, void *ctx, struct bz_error *e);
/* Who was not confirmed since before_ms, the longest ago first: of the organisations that the viewer is a delegate of, or administers. */
enum bz_err query_org_due(struct db *db, struct viewer v, int64_t before_ms, int limit, org_member_visit visit, void *ctx,
                          struct bz_error *e);

/* What happened in one week (UTC, from Monday) in a region, or in the hub (0), as the secretariat counts it. */
#define DESK_WEEKS 26
struct week_row {
    bz_id region;
    int64_t at_ms;                                 /* its beginning */
    int64_t members, active, posts, questions, answered;   /* members: at its end; active: wrote in the 30 days before its end */
    int64_t first_ms, accepted_ms;                 /* medians of its questions: until somebody else wrote, until the answer; -1: none */
};
typedef void (*week_visit)(void *ctx, const struct week_row *row);
/* The last DESK_WEEKS, the running one included, oldest first: of the hub (for its admins), then of each region that the viewer
 * administers. FORBIDDEN: none. */
enum bz_err query_weeks(struct db *db, struct viewer v, int64_t now_ms, week_visit visit, void *ctx, struct bz_error *e);

/* Members as the secretariat looks after them. */
struct kept_row {
    bz_id member, org;
    int64_t seen_ms, posted_ms;                    /* when they were last here, and last wrote; 0: not known */
    int64_t refused, refused_ms, failed;           /* mails that their address refused in a row; wrong codes within the hour */
    struct span why;                               /* what their mail server said, or absent */
    bool has_address;
};
typedef void (*kept_visit)(void *ctx, const struct kept_row *row);
enum kept_only { KEPT_ALL, KEPT_INACTIVE, KEPT_UNREACHABLE, KEPT_BOUNCES, KEPT_FAILED };
#define INACTIVE_MS ((int64_t)90 * 24 * 3600 * 1000)
/* Those who fit all that is asked for (0, absent: any), newest first by their id, before one; text: stands in name, handle, organisation
 * or city. role: ROLE_GUEST - 1 is any. FORBIDDEN: the viewer administers nothing. */
struct kept_query { bz_id region, org, before; int role; struct span text; enum kept_only only; int64_t now_ms; int limit; };
enum bz_err query_kept(struct db *db, struct viewer v, const struct kept_query *q, kept_visit visit, void *ctx, struct bz_error *e);

/* A session or bearer token (BLAKE2b of it): who, until when. UNAUTHENTICATED: unknown, expired at now_ms, or not used for long.
 * is_single: by one factor alone that others could steal (a mail, a password, another site); moderates: somewhere. */
struct session_found {
    int64_t expires_ms, seen_ms;
    bool is_single, moderates;
    unsigned scopes;                               /* enum scope */
    bool is_bound;                                 /* to these rooms */
    size_t rooms_count;
    bz_id rooms[BZ_LIMIT_TOKEN_ROOMS];
};
enum bz_err query_session(struct db *db, const unsigned char hash[32], int64_t now_ms, struct viewer *ret,
                          struct session_found *ret_session, struct bz_error *e);

/* Resume: entries of this hub in (from, upto] of the hub's chain and of the given rooms, ascending, at most limit.
 * rooms: JSON array of integers; a negative one: the room is moderated, 0: the hub is; what is for moderators comes, too.
 * member: what was imposed on them, too. What was moved
 * into another room that is not open comes without its body, as if erased, and so do the words of a post that is hidden
 * now, for whoever asks. */
struct reach { struct span rooms; bz_id member; bool is_bound; };   /* is_bound: nothing of the hub */
enum bz_err query_entries(struct db *db, const struct reach *reach, int64_t from, int64_t upto, int limit, entry_visit visit,
                          void *ctx, struct bz_error *e);
enum bz_err query_entries_count(struct db *db, const struct reach *reach, int64_t from, int64_t upto, int limit,
                                int64_t *ret, struct bz_error *e);   /* stops counting at limit */

/* Everything fan-out must know at start. thread -> room pairs are not included: entries carry their room. */
struct held_row { bz_id id, member, scope; enum sanction act; int64_t until_ms; };   /* INT64_MAX: no end */
struct audience_visit {
    void (*room)(void *ctx, bz_id room, bz_id region, enum access access);
    void (*member)(void *ctx, bz_id member, enum role role);
    void (*given)(void *ctx, bz_id member, bz_id scope, enum role role);   /* for a region or a room */
    void (*held)(void *ctx, const struct held_row *row);                   /* silenced, suspended, banned now */
    void (*joined)(void *ctx, bz_id room, bz_id member);
};
enum bz_err query_audience(struct db *db, const struct audience_visit *visit, void *ctx, struct bz_error *e);
#endif
