#include <stdlib.h>

#include "store/apply.h"
#include "store/statement.h"

/* The entries of an erase entry (?1) are in its body by their seq, with what is left of each. What a table says of one is made
 * as if its words had never been there: so it is the same when the journal is replayed. */
#define NAMED "id IN (SELECT CAST(key AS INTEGER) FROM json_each(?1, '$.entries'))"
/* What thread ?1 is called, and what is said of it, by the entries before ?2. */
#define BODY_OF(j) "coalesce(" j ".body, (SELECT rest FROM erased WHERE entry = " j ".id))"
#define SAID(kinds)                                                                                                  \
    " FROM (SELECT id, kind, " BODY_OF("a") " AS body FROM journal AS a WHERE id = ?1 UNION ALL SELECT id, kind, "    \
    BODY_OF("b") " FROM journal AS b WHERE thread = ?1 AND kind IN (9, 21, 26, 60) AND kind IN " kinds " AND id < ?2)" \
    " ORDER BY id DESC LIMIT 1"

#define ERASED_STATEMENTS(X)                                                                                         \
    X(SQL_REST, "SELECT rest FROM erased WHERE entry = ?1 AND rest IS NOT NULL")                                     \
    X(SQL_MEMBER_UNWORD, "INSERT INTO member_fts(member_fts, rowid, handle, name, org, city) SELECT 'delete', id, handle, name," \
                         " org, city FROM member WHERE id = ?1 AND " IS_CALLED)                            \
    X(SQL_MEMBER_LEFT, "UPDATE member SET handle = '~' || id, name = '', role = 0, org = NULL, city = NULL, country = NULL," \
                       " region = NULL, lang = 'en', erased_ms = ?2 WHERE id = ?1")                                  \
    X(SQL_LEFT_ROOMS, "UPDATE room SET members = members - 1 WHERE id IN (SELECT room FROM membership WHERE member = ?1)") \
    X(SQL_LEFT_MEMBERSHIP, "DELETE FROM membership WHERE member = ?1")                                               \
    X(SQL_LEFT_GIVEN, "DELETE FROM given_role WHERE member = ?1")                                                    \
    X(SQL_LEFT_ORG, "DELETE FROM org_member WHERE member = ?1")                                                      \
    X(SQL_LEFT_MENTIONS, "DELETE FROM mention WHERE member = ?1")                                                    \
    X(SQL_LEFT_LAST_OWN, "DELETE FROM last_own WHERE member = ?1")                                                   \
    X(SQL_UNMERGED, "INSERT OR IGNORE INTO unmerged(entry) VALUES(?1)")                                              \
    X(SQL_ERASED, "INSERT OR REPLACE INTO erased(entry, rest) SELECT CAST(key AS INTEGER), CASE type WHEN 'null' THEN NULL" \
                  " ELSE value END FROM json_each(?1, '$.entries')")                                                 \
    X(SQL_UNBODY, "UPDATE journal SET body = NULL WHERE " NAMED " AND body IS NOT NULL")                             \
    X(SQL_EACH, "SELECT j.id, j.kind, j.actor, j.thread, j.subject FROM journal AS j WHERE " NAMED " ORDER BY j.id") \
    X(SQL_STANDS, "SELECT 1 FROM post WHERE id = ?1 AND redacted_at IS NULL")                                        \
    X(SQL_TITLE, "UPDATE thread SET title = (SELECT coalesce(json_extract(body, '$.title'), '')" SAID("(9)") ")"     \
                 " WHERE id = ?1")                                                                                   \
    X(SQL_FIELDS, "UPDATE thread SET fields = (SELECT CASE kind WHEN 26 THEN NULL ELSE"                              \
                  " nullif(json_extract(body, '$.fields'), '{}') END" SAID("(26, 60)") ") WHERE id = ?1")            \
    X(SQL_UNREASON, "UPDATE post SET reason = '' WHERE id = ?1 AND redacted_at IS NOT NULL")                         \
    X(SQL_UNREACT, "DELETE FROM reaction WHERE post = ?1 AND member = ?2")                                           \
    X(SQL_REPORT, "UPDATE report SET reason = NULL WHERE id = ?1")                                                   \
    X(SQL_SANCTION, "UPDATE sanction SET reason = NULL WHERE id = ?1")                                               \
    X(SQL_PARDON, "UPDATE sanction SET pardon_reason = NULL WHERE pardon = ?1")                                      \
    /* The appeal that it answered, unless a decision about that did: then it is the entry before. */                \
    X(SQL_PARDON_HEARD, "UPDATE matter SET reason = NULL WHERE id = (SELECT appeal FROM sanction WHERE pardon = ?1)" \
                        " AND decided_ms = (SELECT pardoned_ms FROM sanction WHERE pardon = ?1) AND NOT EXISTS"      \
                        " (SELECT 1 FROM journal WHERE id = ?1 - 1 AND kind = 42 AND subject = matter.id)")          \
    X(SQL_UNASK, "UPDATE matter SET decided_by = 0, decided_ms = ?2, decision = 'refuse' WHERE id = ?1 AND decided_ms IS NULL") \
    X(SQL_UNHOLD, "UPDATE held SET why = NULL, word = NULL, opens = NULL, says = NULL, does = NULL WHERE id = ?1")   \
    X(SQL_FILES_UNNAMED, "UPDATE blob SET since = 0 WHERE hash IN (SELECT hash FROM post_file WHERE post = ?1)")     \
    X(SQL_UNFILE, "DELETE FROM post_file WHERE post = ?1")
STATEMENTS(ERASED_STATEMENTS, erased, true)

#define BIND(name, ...) db_bind(db, LIST_ERASED, name, __VA_ARGS__)
#define RUN(name, ...) (rc = rc == BZ_OK ? db_run(db, BIND(name, __VA_ARGS__), e) : rc)

enum bz_err erased_rest(struct db *db, struct entry *entry, char **ret_body, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_REST, "i", id_make(entry->hub, entry->seq));
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    struct span rest = column_span(s, 0);
    *ret_body = malloc(rest.len + 1);
    if (*ret_body == NULL)
        abort();
    memcpy(*ret_body, rest.at, rest.len);
    entry->body = (struct span){ *ret_body, rest.len };
    db_reset(s);
    return BZ_OK;
}

/* One whose words were taken out. */
struct gone { bz_id id, actor, thread, subject; enum entry_kind kind; };

/* A thread is called what it was last called by anybody whose words stand, or nothing. */
static enum bz_err thread_anew(struct db *db, const struct gone *g, bz_id by, struct bz_error *e)
{
    bz_id thread = g->kind == ENTRY_THREAD ? g->id : g->thread;
    enum bz_err rc = apply_title_words(db, thread, false, e);
    RUN(SQL_TITLE, "ii", thread, by);
    RUN(SQL_FIELDS, "ii", thread, by);
    if (rc == BZ_OK)
        rc = apply_title_words(db, thread, true, e);
    return rc == BZ_OK ? apply_resource(db, thread, e) : rc;
}

static enum bz_err post_gone(struct db *db, const struct gone *g, const struct entry *en, struct bz_error *e)
{
    bool stands;
    sqlite3_stmt *s = BIND(SQL_STANDS, "i", g->id);
    enum bz_err rc = db_step(db, s, &stands, e);
    if (rc != BZ_OK || !stands)
        return rc;
    db_reset(s);
    return apply_redaction(db, &(struct redaction){ .post = g->id, .thread = g->thread, .entry = id_make(en->hub, en->seq),
                                                    .by = g->actor, .at_ms = en->at_ms, .unnamed_ms = 0,
                                                    .body = SPAN("{\"reason\":\"\"}") }, e);
}

/* What waits for a yes is not said any more. */
static enum bz_err ask_gone(struct db *db, const struct gone *g, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN(SQL_UNASK, "ii", g->id, en->at_ms);
    RUN(SQL_UNHOLD, "i", g->id);
    RUN(SQL_FILES_UNNAMED, "i", g->id);
    RUN(SQL_UNFILE, "i", g->id);
    return rc;
}

static enum bz_err one_gone(struct db *db, const struct gone *g, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    switch ((int)g->kind) {
    case ENTRY_POST:
        return post_gone(db, g, en, e);
    case ENTRY_THREAD: case ENTRY_THREAD_RENAME: case ENTRY_THREAD_FIELDS:
        return thread_anew(db, g, id_make(en->hub, en->seq), e);
    case ENTRY_POST_REDACT:
        RUN(SQL_UNREASON, "i", g->subject);
        return rc;
    case ENTRY_REACT:
        RUN(SQL_UNREACT, "ii", g->subject, g->actor);
        return rc;
    case ENTRY_REPORT: case ENTRY_APPEAL:
        RUN(SQL_REPORT, "i", g->id);
        return rc;
    case ENTRY_ASK:
        return ask_gone(db, g, en, e);
    case ENTRY_MEMBER_SANCTION:
        RUN(SQL_SANCTION, "i", g->id);
        return rc;
    case ENTRY_MEMBER_PARDON:
        RUN(SQL_PARDON, "i", g->id);
        RUN(SQL_PARDON_HEARD, "i", g->id);
        return rc;
    default:
        return BZ_OK;   /* no table has words of it */
    }
}

/* Read whole before the first is changed. */
static enum bz_err read_gone(struct db *db, struct span body, struct gone **ret, size_t *ret_count, struct bz_error *e)
{
    size_t cap = 0;
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_EACH, "s", body);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        if (*ret_count == cap) {
            cap = cap == 0 ? 64 : cap * 2;
            *ret = realloc(*ret, cap * sizeof **ret);
            if (*ret == NULL)
                abort();
        }
        (*ret)[(*ret_count)++] = (struct gone){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 2), sqlite3_column_int64(s, 3),
                                                sqlite3_column_int64(s, 4), (enum entry_kind)sqlite3_column_int(s, 1) };
    }
    return rc;
}

static enum bz_err words_gone(struct db *db, const struct entry *en, struct bz_error *e)
{
    struct gone *gone = NULL;
    size_t count = 0;
    enum bz_err rc = read_gone(db, en->body, &gone, &count, e);
    RUN(SQL_ERASED, "s", en->body);
    for (size_t i = 0; i < count && rc == BZ_OK; i++)   /* posts are found by what they are about to lose */
        rc = gone[i].kind == ENTRY_POST ? one_gone(db, &gone[i], en, e) : BZ_OK;
    RUN(SQL_UNBODY, "s", en->body);
    for (size_t i = 0; i < count && rc == BZ_OK; i++)
        rc = gone[i].kind == ENTRY_POST ? BZ_OK : one_gone(db, &gone[i], en, e);
    free(gone);
    return rc;
}

static enum bz_err member_left(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN(SQL_MEMBER_UNWORD, "i", en->subject);
    RUN(SQL_MEMBER_LEFT, "ii", en->subject, en->at_ms);
    RUN(SQL_LEFT_ROOMS, "i", en->subject);
    RUN(SQL_LEFT_MEMBERSHIP, "i", en->subject);
    RUN(SQL_LEFT_GIVEN, "i", en->subject);
    RUN(SQL_LEFT_ORG, "i", en->subject);
    RUN(SQL_LEFT_MENTIONS, "i", en->subject);
    RUN(SQL_LEFT_LAST_OWN, "i", en->subject);
    return rc;
}

enum bz_err apply_erased(struct db *db, const struct entry *en, struct bz_error *e)
{
    static const char done[] = ",\"done\":";
    if (en->body.at == NULL)
        return bz_fail(e, BZ_ERR_STORE, "an entry that takes out words has no body");
    if (memmem(en->body.at, en->body.len, done, sizeof done - 1) != NULL)
        return BZ_OK;
    enum bz_err rc = en->kind == ENTRY_ERASE ? words_gone(db, en, e) : member_left(db, en, e);
    RUN(SQL_UNMERGED, "i", id_make(en->hub, en->seq));
    return rc;
}
