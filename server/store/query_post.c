#include "store/query.h"
#include "store/statement.h"

#define POST_COLUMNS                                                                                              \
    "p.id, p.thread, p.by, p.reply_to,"                                                                           \
    " CASE WHEN p.redacted_by = p.by OR ?4 >= 3 OR ?5 IN (p.by, p.redacted_by) THEN p.redacted_by END,"           \
    " p.changed, p.at_ms, p.edited_at, p.redacted_at, p.n, p.lang,"                                               \
    " CASE WHEN " IS_SEEN " THEN p.text ELSE '' END, CASE WHEN " IS_SEEN " THEN p.md END, p.reason,"              \
    " hd.at_ms, CASE WHEN ?4 >= 3 OR ?5 IN (p.by, hd.by) THEN hd.by END, hd.rule, hd.reason, " IS_SEEN ","             \
    " hd.appeal IS NOT NULL AND (?4 >= 2 OR p.by = ?5), p.is_locked,"        \
    " CASE WHEN " IS_SEEN " THEN p.files END, p.is_version, CASE WHEN " IS_SEEN " THEN p.about END"
/* ?4 is the viewer's role in the room, ?5 the viewer. */
#define IS_SEEN "(hd.post IS NULL OR ?4 >= 2 OR p.by = ?5)"
#define POSTS "post AS p LEFT JOIN hidden AS hd ON hd.post = p.id"
#define OLDER "SELECT * FROM (SELECT " POST_COLUMNS " FROM " POSTS " WHERE p.thread = ?1 AND p.id "

#define POST_STATEMENTS(X)                                                                                        \
    X(SQL_THREAD_OPEN, "SELECT " ROLE_IN("r", "?1", "?2") " FROM thread AS t JOIN room AS r ON r.id = t.room"      \
                       " WHERE t.id = ?3 AND " CAN_READ("r", "?1", "?2"))                                         \
    X(SQL_BEFORE, OLDER "< ?2 ORDER BY p.id DESC LIMIT ?3) ORDER BY id")                                          \
    X(SQL_FROM, "SELECT " POST_COLUMNS " FROM " POSTS " WHERE p.thread = ?1 AND p.id >= ?2 ORDER BY p.id LIMIT ?3") \
    X(SQL_REACTIONS, "SELECT emoji, count(*), sum(member = ?2) FROM reaction WHERE post = ?1 GROUP BY emoji")     \
    X(SQL_POST_OPEN, "SELECT p.redacted_at IS NOT NULL OR (" IS_HIDDEN("p") " AND p.by <> ?1"                     \
                     " AND " ROLE_IN("r", "?1", "?2") " < 2) FROM post AS p JOIN thread AS t ON t.id = p.thread"  \
                     " JOIN room AS r ON r.id = t.room WHERE p.id = ?3 AND " CAN_READ("r", "?1", "?2"))           \
    X(SQL_HISTORY, "SELECT at_ms, by, text, md, lang, entry FROM post_version WHERE post = ?1"                    \
                   " UNION ALL SELECT coalesce(edited_at, at_ms), by, text, md, lang, changed FROM post"          \
                   " WHERE id = ?1 ORDER BY entry")
STATEMENTS(POST_STATEMENTS, post, false)

#define BIND(name, ...) db_bind(db, LIST_POST, name, __VA_ARGS__)

static enum bz_err not_found(struct bz_error *e)
{
    return bz_fail(e, BZ_ERR_NOT_FOUND, "there is nothing here, or it is not open to you");
}

static enum bz_err is_open(struct db *db, sqlite3_stmt *s, int *ret_column, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (!has_row)
        return not_found(e);
    *ret_column = sqlite3_column_int(s, 0);
    db_reset(s);
    return BZ_OK;
}

/* The reactions that exist, in the order of the menu. */
static const char *const menu[] = {
#define EMOJI(text) text,
    BZ_REACTIONS(EMOJI)
#undef EMOJI
};
#define MENU (sizeof menu / sizeof *menu)

static enum bz_err reactions(struct db *db, bz_id post, bz_id viewer, struct reaction_row ret[MENU], size_t *ret_count,
                             struct bz_error *e)
{
    struct reaction_row found[MENU] = { 0 };
    sqlite3_stmt *s = BIND(SQL_REACTIONS, "ii", post, viewer);
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct span emoji = column_span(s, 0);
        for (size_t i = 0; i < MENU; i++)
            if (span_is(emoji, menu[i]))
                found[i] = (struct reaction_row){ span_of(menu[i]), sqlite3_column_int64(s, 1),
                                                  sqlite3_column_int64(s, 2) > 0 };
    }
    *ret_count = 0;
    for (size_t i = 0; i < MENU; i++)
        if (found[i].count > 0)
            ret[(*ret_count)++] = found[i];
    return rc;
}

/* Most posts have none: spare them the question. */
static bool tells_links(struct span md)
{
    static const char name[] = "[\"a\",\"";
    return md.at != NULL && memmem(md.at, md.len, name, sizeof name - 1) != NULL;
}

static enum bz_err visit_all(struct db *db, struct viewer v, sqlite3_stmt *s, post_visit visit, void *ctx,
                             struct bz_error *e)
{
    struct reaction_row rows[MENU];
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct post_row row = {
            .id = sqlite3_column_int64(s, 0),
            .thread = sqlite3_column_int64(s, 1),
            .by = sqlite3_column_int64(s, 2),
            .reply_to = sqlite3_column_int64(s, 3),
            .redacted_by = sqlite3_column_int64(s, 4),
            .seq = id_seq(sqlite3_column_int64(s, 5)),
            .at_ms = sqlite3_column_int64(s, 6),
            .edited_at_ms = sqlite3_column_int64(s, 7),
            .redacted_at_ms = sqlite3_column_int64(s, 8),
            .n = sqlite3_column_int64(s, 9),
            .lang = column_span(s, 10),
            .text = column_span(s, 11),
            .md = column_span(s, 12),
            .redact_reason = column_span(s, 13),
            .hidden_at_ms = sqlite3_column_int64(s, 14),
            .hidden_by = sqlite3_column_int64(s, 15),
            .hide_rule = column_span(s, 16),
            .hide_reason = column_span(s, 17),
            .is_appealed = sqlite3_column_int(s, 19) != 0,
            .is_locked = sqlite3_column_int(s, 20) != 0,
            .files = column_span(s, 21),
            .is_version = sqlite3_column_int(s, 22) != 0,
            .about = sqlite3_column_int64(s, 23),
            .reactions = rows,
        };
        sqlite3_stmt *links = NULL;
        if (sqlite3_column_int(s, 18) != 0)
            rc = reactions(db, row.id, v.member, rows, &row.reactions_count, e);
        if (rc == BZ_OK && tells_links(row.md))
            rc = query_links(db, v, row.id, &links, &row.links, e);
        if (rc != BZ_OK) {
            db_reset(s);
            return rc;
        }
        visit(ctx, &row);
        if (links != NULL)
            db_reset(links);
    }
    return rc;
}

enum bz_err query_posts(struct db *db, struct viewer v, bz_id thread, struct page page, post_visit visit, void *ctx,
                        struct bz_error *e)
{
    int role_here;
    int64_t limit = page.limit;
    enum bz_err rc = is_open(db, BIND(SQL_THREAD_OPEN, "iii", v.member, (int64_t)v.role, thread), &role_here, e);
    if (rc != BZ_OK)
        return rc;
    int64_t role = role_here;
    if (page.after != 0)
        return visit_all(db, v, BIND(SQL_FROM, "iiiii", thread, page.after + 1, limit, role, v.member), visit, ctx, e);
    if (page.around == 0) {
        bz_id before = page.before != 0 ? page.before : INT64_MAX;
        return visit_all(db, v, BIND(SQL_BEFORE, "iiiii", thread, before, limit, role, v.member), visit, ctx, e);
    }
    if (limit > 1)   /* half a page before it, itself, and the rest of the page after it */
        rc = visit_all(db, v, BIND(SQL_BEFORE, "iiiii", thread, page.around, limit / 2, role, v.member), visit, ctx, e);
    if (rc == BZ_OK)
        rc = visit_all(db, v, BIND(SQL_FROM, "iiiii", thread, page.around, limit - limit / 2, role,
                                    v.member), visit, ctx, e);
    return rc;
}

enum bz_err query_history(struct db *db, struct viewer v, bz_id post, version_visit visit, void *ctx,
                          struct bz_error *e)
{
    int is_redacted;
    enum bz_err rc = is_open(db, BIND(SQL_POST_OPEN, "iii", v.member, (int64_t)v.role, post), &is_redacted, e);
    if (rc != BZ_OK || is_redacted)
        return rc;
    sqlite3_stmt *s = BIND(SQL_HISTORY, "i", post);
    bool has_row;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct version_row row = { sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), column_span(s, 2),
                                   column_span(s, 3), column_span(s, 4) };
        visit(ctx, &row);
    }
    return rc;
}
