#include "store/link.h"

#include "store/statement.h"

#define HOUR "3600000"
#define DAY "86400000"
#define WEEK "604800000"

#define LINK_WORK_STATEMENTS(X)                                                                                      \
    X(SQL_FACTS, "SELECT l.title, l.about, l.lang, l.dead, d.failures, d.failed_ms, " PREVIEWS("r") " FROM post_link AS l" \
                 " JOIN room AS r ON r.id = l.room LEFT JOIN link_due AS d ON d.post = l.post AND d.url = l.url"     \
                 " WHERE l.post = ?1 AND l.url = ?2")                                                                \
    X(SQL_ANSWERED, "UPDATE link_due SET due_ms = ?3 + " WEEK ", asked_ms = ?3, read_ms = ?3, failed_ms = NULL, failures = 0, tries = 0" \
                    " WHERE post = ?1 AND url = ?2 AND due_ms IS NOT NULL")                                          \
    X(SQL_FAILED, "UPDATE link_due SET due_ms = ?3 + CASE failures WHEN 0 THEN " DAY " ELSE " WEEK " END, asked_ms = ?3," \
                  " failed_ms = coalesce(failed_ms, ?3), failures = failures + 1, tries = 0"                         \
                  " WHERE post = ?1 AND url = ?2 AND due_ms IS NOT NULL")                                            \
    X(SQL_NEVER, "UPDATE link_due SET due_ms = NULL, asked_ms = ?3  WHERE post = ?1 AND url = ?2 AND due_ms IS NOT NULL")                    \
    X(SQL_LATER, "UPDATE link_due SET due_ms = ?3 + CASE tries WHEN 0 THEN " HOUR " WHEN 1 THEN 4 * " HOUR " WHEN 2 THEN " DAY  \
                 " ELSE " WEEK " END, tries = tries + 1 WHERE post = ?1 AND url = ?2 AND due_ms IS NOT NULL")
STATEMENTS(LINK_WORK_STATEMENTS, link_work, true)

/* What was heard within a day is told again where that says nothing new of anybody: in the same room, or of an open one that
 * has no words of which it says nothing. */
#define KNOWN                                                                                                        \
    "(SELECT o.post FROM link_due AS o JOIN post_link AS ol ON ol.post = o.post AND ol.url = o.url JOIN room AS ro"  \
    " ON ro.id = ol.room WHERE o.url = d.url AND o.post <> d.post AND o.due_ms IS NOT NULL AND o.asked_ms > ?1 - " DAY " * 3 / 4" \
    " AND (ol.room = l.room OR (ro.access = 0 AND " PREVIEWS("ro") " AND NOT " HAS_WORDS("ro") ")) LIMIT 1)"

#define DUE                                                                                                          \
    "SELECT d.post, d.url, d.read_ms IS NOT NULL, " KNOWN ", d.due_ms FROM link_due AS d INDEXED BY link_due_at"     \
    " JOIN post_link AS l ON l.post = d.post AND l.url = d.url JOIN room AS r ON r.id = l.room JOIN post AS p"       \
    " ON p.id = d.post WHERE d.due_ms <= ?1 AND " PREVIEWS("r") " AND NOT " IS_HIDDEN("p")

#define LINK_DUE_STATEMENTS(X)                                                                                       \
    X(SQL_DUE_LAST, DUE " ORDER BY d.due_ms DESC LIMIT ?2")                                                          \
    X(SQL_DUE_FIRST, DUE " AND d.due_ms < ?3 ORDER BY d.due_ms LIMIT ?2")                                            \
    X(SQL_KNOWN, "SELECT l.title, l.about, l.lang, d.failures = 0 FROM link_due AS d JOIN post_link AS l ON l.post = d.post" \
                 " AND l.url = d.url WHERE d.post = ?1 AND d.url = ?2")
STATEMENTS(LINK_DUE_STATEMENTS, link_due, false)

#define BIND(name, ...) db_bind(db, LIST_LINK_WORK, name, __VA_ARGS__)

enum bz_err link_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e)
{
    bool has_row;
    if (cmd->kind != COMMAND_LINK_TELL)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_FACTS, "is", cmd->post, cmd->url);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    ret->link = (struct link_facts){
        .is_there = true,
        .title = arena_copy(arena, column_span(s, 0)), .about = arena_copy(arena, column_span(s, 1)),
        .lang = arena_copy(arena, column_span(s, 2)), .dead_ms = sqlite3_column_int64(s, 3),
        .failures = sqlite3_column_int64(s, 4), .failed_ms = sqlite3_column_int64(s, 5),
        .is_shown = sqlite3_column_int(s, 6) != 0,
    };
    db_reset(s);
    return BZ_OK;
}

enum bz_err link_asked(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    static const int done[] = { [LINK_READ] = SQL_ANSWERED, [LINK_ANSWERS] = SQL_ANSWERED, [LINK_DEAD] = SQL_FAILED,
                                [LINK_REFUSED] = SQL_NEVER, [LINK_UNKNOWN] = SQL_LATER };
    return cmd->kind == COMMAND_LINK_TELL ? db_run(db, BIND(done[cmd->found], "isi", cmd->post, cmd->url, now_ms), e) : BZ_OK;
}

static enum bz_err visit_one(struct db *db, sqlite3_stmt *s, void (*visit)(void *ctx, const struct due_link *link), void *ctx,
                             struct bz_error *e)
{
    struct due_link link = { .post = sqlite3_column_int64(s, 0), .url = column_span(s, 1), .is_check = sqlite3_column_int(s, 2) != 0 };
    bz_id known = sqlite3_column_int64(s, 3);
    if (known == 0) {
        visit(ctx, &link);
        return BZ_OK;
    }
    sqlite3_stmt *k = db_bind(db, LIST_LINK_DUE, SQL_KNOWN, "is", known, link.url);
    enum bz_err rc = db_step(db, k, &link.is_known, e);
    if (rc != BZ_OK || !link.is_known)
        return rc;
    link.title = column_span(k, 0);
    link.about = column_span(k, 1);
    link.lang = column_span(k, 2);
    link.is_alive = sqlite3_column_int(k, 3) != 0;
    visit(ctx, &link);
    db_reset(k);
    return BZ_OK;
}

/* *ret_last: when the last of them was due, or 0 where these were all. */
static enum bz_err visit_some(struct db *db, sqlite3_stmt *s, int64_t count, int64_t *ret_last,
                              void (*visit)(void *ctx, const struct due_link *link), void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    *ret_last = 0;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        if (--count == 0)
            *ret_last = sqlite3_column_int64(s, 4);
        if ((rc = visit_one(db, s, visit, ctx, e)) != BZ_OK) {
            db_reset(s);
            break;
        }
    }
    return rc;
}

enum bz_err link_due(struct db *db, int64_t now_ms, int limit, void (*visit)(void *ctx, const struct due_link *link), void *ctx,
                     struct bz_error *e)
{
    int64_t half = (int64_t)limit / 2, last;
    sqlite3_stmt *s = db_bind(db, LIST_LINK_DUE, SQL_DUE_LAST, "ii", now_ms, half);
    enum bz_err rc = visit_some(db, s, half, &last, visit, ctx, e);
    if (rc != BZ_OK || last == 0)
        return rc;
    s = db_bind(db, LIST_LINK_DUE, SQL_DUE_FIRST, "iii", now_ms, half, last);
    return visit_some(db, s, half, &last, visit, ctx, e);
}
