#include "store/query.h"
#include "store/statement.h"

/* A thread as its viewer (?1 member, ?2 role) sees it. `pos` is how far they have read: their mark or, where that is
 * later, the moment they joined; NULL outside joined rooms, where nothing counts as unread. */
#define THREAD_SOURCE                                                                                                \
    " FROM thread AS t JOIN room AS r ON r.id = t.room"                                                              \
    " LEFT JOIN membership AS me ON me.room = r.id AND me.member = ?1"                                               \
    " LEFT JOIN read_pos AS rp ON rp.member = ?1 AND rp.thread = t.id"                                               \
    " LEFT JOIN follow AS fo ON fo.member = ?1 AND fo.thread = t.id"
#define POS "max(coalesce(rp.seq, 0), me.since)"
#define MENTIONED "FROM mention AS m JOIN post AS p ON p.id = m.post" \
    " WHERE m.member = ?1 AND m.thread = t.id AND m.post > " POS " AND p.by <> ?1" \
    " AND NOT " IS_BLOCKED("p")
/* The post that a resource was made from, while ?1 may see it. */
#define SOURCE_OF(thread)                                                                                            \
    "SELECT o.id FROM post AS o JOIN thread AS ot ON ot.id = o.thread JOIN room AS r2 ON r2.id = ot.room"            \
    " WHERE o.id = " thread ".source AND o.redacted_at IS NULL AND NOT " IS_HIDDEN("o") " AND " CAN_READ("r2", "?1", "?2")
#define THREAD_COLUMNS                                                                                               \
    "t.id, t.room, t.by, t.last_by, t.answer, t.kind, t.title, t.lang, t.fields,"                                    \
    " (SELECT substr(text, 1, 160) FROM post AS e WHERE e.id = t.last AND NOT " IS_HIDDEN("e") "),"                  \
    " t.at_ms, t.last_at, t.posts, t.last,"                                                                          \
    " coalesce(rp.seq, 0), " IS_PINNED("t") ", t.is_locked, coalesce(fo.level, 0),"                                  \
    " (SELECT count(*) FROM (SELECT 1 " UNREAD_POSTS(POS) " LIMIT 100)),"                                            \
    " (SELECT count(*) FROM (SELECT 1 " MENTIONED " LIMIT 100)),"                                                    \
    " (SELECT p.id " UNREAD_POSTS(POS) " ORDER BY u.first, p.id LIMIT 1), t.is_closed, t.is_archived, t.pinned_until,"  \
    " " IS_FEATURED("t") ","                                                                                         \
    " CASE WHEN t.source IS NOT NULL THEN (" SOURCE_OF("t") ") END,"                                                 \
    " CASE r.access WHEN 3 THEN (SELECT CASE low WHEN ?1 THEN high ELSE low END FROM direct WHERE room = r.id) END"

#define THREAD_STATEMENTS(X)                                                                                         \
    X(SQL_ROOM_OPEN, "SELECT 1 FROM room AS r WHERE r.id = ?3 AND " CAN_READ("r", "?1", "?2"))                       \
    X(SQL_PINNED, "SELECT " THREAD_COLUMNS THREAD_SOURCE                                                             \
                  " WHERE t.room = ?3 AND " IS_PINNED("t") " AND NOT t.is_archived AND t.merged_into IS NULL"         \
                  " AND (?4 = 0 OR t.kind = ?4)"                                                                     \
                  " AND " CAN_READ("r", "?1", "?2")                                                                  \
                  " ORDER BY t.last DESC LIMIT ?5")                                                                  \
    X(SQL_THREADS, "SELECT " THREAD_COLUMNS THREAD_SOURCE                                                            \
                   " WHERE t.room = ?3 AND t.is_archived = ?7 AND (?7 OR NOT " IS_PINNED("t") ")"                     \
                   " AND t.merged_into IS NULL AND (?4 = 0 OR t.kind = ?4)"                                          \
                   " AND " CAN_READ("r", "?1", "?2")                                                                 \
                   " AND (?6 = 0 OR t.last < (SELECT last FROM thread WHERE id = ?6 AND room = ?3))"                 \
                   " ORDER BY t.last DESC LIMIT ?5")                                                                 \
    X(SQL_THREAD, "SELECT " THREAD_COLUMNS THREAD_SOURCE " WHERE t.id = ?3 AND " CAN_READ("r", "?1", "?2"))          \
    X(SQL_MERGED, "SELECT t.merged_into FROM thread AS t JOIN room AS r ON r.id = t.room WHERE t.id = ?3"            \
                  " AND t.merged_into IS NOT NULL AND " CAN_READ("r", "?1", "?2"))                                   \
    X(SQL_STANDS, "SELECT p.thread FROM post AS p JOIN thread AS t ON t.id = p.thread JOIN room AS r ON r.id = t.room" \
                  " WHERE p.id = ?3 AND " CAN_READ("r", "?1", "?2"))                                                 \
    X(SQL_CATCHUP,                                                                                                   \
      "WITH unread AS MATERIALIZED (SELECT t.id, t.last, EXISTS (SELECT 1 " MENTIONED ") AS is_named"                \
      " FROM membership AS me JOIN thread AS t ON t.room = me.room AND t.last > me.since"                            \
      " LEFT JOIN read_pos AS rp ON rp.member = ?1 AND rp.thread = t.id"                                             \
      " LEFT JOIN follow AS fo ON fo.member = ?1 AND fo.thread = t.id"                                               \
      " WHERE me.member = ?1 AND t.last > coalesce(rp.seq, 0) AND coalesce(fo.level, 0) <> 2 AND NOT t.is_archived"  \
      " AND EXISTS (SELECT 1 " UNREAD_POSTS(POS) ")),"                                                               \
      " shown AS (SELECT coalesce((SELECT is_named FROM unread WHERE id = ?3), 0) AS is_named, t.last"               \
      " FROM thread AS t JOIN room AS r ON r.id = t.room WHERE t.id = ?3 AND " CAN_READ("r", "?1", "?2") ")"         \
      " SELECT " THREAD_COLUMNS THREAD_SOURCE " JOIN unread AS u ON u.id = t.id WHERE " CAN_READ("r", "?1", "?2")    \
      " AND (?3 = 0 OR (u.is_named, u.last) < (SELECT is_named, last FROM shown))"                                   \
      " ORDER BY u.is_named DESC, u.last DESC LIMIT ?4")                                                              \
    X(SQL_FEATURED, "SELECT " THREAD_COLUMNS THREAD_SOURCE " WHERE " IS_FEATURED("t") " AND t.merged_into IS NULL"   \
                    " AND NOT t.is_archived AND coalesce(fo.level, 0) <> 2 AND " CAN_READ("r", "?1", "?2")           \
                    " ORDER BY r.region IS (SELECT region FROM member WHERE id = ?1) DESC, t.last DESC LIMIT ?3")    \
    X(SQL_TALKS,                                                                                                     \
      "WITH own AS MATERIALIZED (SELECT room FROM direct WHERE low = ?1 UNION ALL SELECT room FROM direct WHERE high = ?1)" \
      " SELECT " THREAD_COLUMNS THREAD_SOURCE " WHERE t.id IN (SELECT d.chat FROM own JOIN room AS d ON d.id = own.room)" \
      " AND " CAN_READ("r", "?1", "?2") " AND (?3 = 0 OR t.last < (SELECT b.last FROM own JOIN thread AS b"          \
      " ON b.room = own.room WHERE b.id = ?3)) ORDER BY t.last DESC LIMIT ?4")                                        \
    X(SQL_UNANSWERED,                                                                                                \
      "WITH open AS MATERIALIZED (SELECT t.id, t.last, (t.lang = m.lang) + (h.region IS m.region) AS fits"           \
      " FROM member AS m JOIN membership AS me ON me.member = m.id JOIN room AS h ON h.id = me.room"                 \
      " JOIN thread AS t ON t.room = h.id LEFT JOIN follow AS fo ON fo.member = ?1 AND fo.thread = t.id"             \
      " WHERE m.id = ?1 AND t.kind = 3 AND t.merged_into IS NULL AND t.answer IS NULL AND NOT t.is_locked"            \
      " AND NOT t.is_closed AND NOT t.is_archived"                                                                   \
      " AND NOT (h.lock_days > 0 AND t.last_at < now_ms() - h.lock_days * 86400000)"                                 \
      " AND t.by <> ?1"                                                                                              \
      " AND coalesce(fo.level, 0) <> 2 AND " CAN_READ("h", "?1", "?2")                                               \
      " ORDER BY fits DESC, t.last DESC LIMIT ?3)"                                                                   \
      " SELECT " THREAD_COLUMNS THREAD_SOURCE " JOIN open AS o ON o.id = t.id"                                       \
      " ORDER BY o.fits DESC, o.last DESC")
STATEMENTS(THREAD_STATEMENTS, thread, false)

#define BIND(name, ...) db_bind(db, LIST_THREAD, name, __VA_ARGS__)

static enum bz_err not_found(struct bz_error *e)
{
    return bz_fail(e, BZ_ERR_NOT_FOUND, "there is nothing here, or it is not open to you");
}

static enum bz_err visit_all(struct db *db, sqlite3_stmt *s, thread_visit visit, void *ctx, int *ret_count,
                             struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct thread_row row = {
            .id = sqlite3_column_int64(s, 0),
            .room = sqlite3_column_int64(s, 1),
            .by = sqlite3_column_int64(s, 2),
            .last_by = sqlite3_column_int64(s, 3),
            .answer = sqlite3_column_int64(s, 4),
            .kind = (enum thread_kind)sqlite3_column_int(s, 5),
            .title = column_span(s, 6),
            .lang = column_span(s, 7),
            .fields = column_span(s, 8),
            .excerpt = column_span(s, 9),
            .at_ms = sqlite3_column_int64(s, 10),
            .last_at_ms = sqlite3_column_int64(s, 11),
            .posts = sqlite3_column_int64(s, 12),
            .last_seq = id_seq(sqlite3_column_int64(s, 13)),
            .read_seq = sqlite3_column_int64(s, 14),
            .is_pinned = sqlite3_column_int(s, 15) != 0,
            .is_locked = sqlite3_column_int(s, 16) != 0,
            .level = (enum follow_level)sqlite3_column_int(s, 17),
            .unread = sqlite3_column_int64(s, 18),
            .mentions = sqlite3_column_int64(s, 19),
            .first_unread = sqlite3_column_int64(s, 20),
            .is_closed = sqlite3_column_int(s, 21) != 0,
            .is_archived = sqlite3_column_int(s, 22) != 0,
            .pinned_until_ms = sqlite3_column_int64(s, 23),
            .is_featured = sqlite3_column_int(s, 24) != 0,
            .source = sqlite3_column_int64(s, 25),
            .with = sqlite3_column_int64(s, 26),
        };
        visit(ctx, &row);
        ++*ret_count;
    }
    return rc;
}

enum bz_err query_threads(struct db *db, struct viewer v, bz_id room, enum thread_kind kind, struct page page,
                          thread_visit visit, void *ctx, struct bz_error *e)
{
    bool is_open;
    int count = 0;
    sqlite3_stmt *s = BIND(SQL_ROOM_OPEN, "iii", v.member, (int64_t)v.role, room);
    enum bz_err rc = db_step(db, s, &is_open, e);
    if (rc != BZ_OK)
        return rc;
    if (!is_open)
        return not_found(e);
    db_reset(s);
    if (page.before == 0 && !page.is_archive) {
        s = BIND(SQL_PINNED, "iiiii", v.member, (int64_t)v.role, room, (int64_t)kind, (int64_t)page.limit);
        rc = visit_all(db, s, visit, ctx, &count, e);
    }
    if (rc == BZ_OK && count < page.limit) {
        s = BIND(SQL_THREADS, "iiiiiii", v.member, (int64_t)v.role, room, (int64_t)kind, (int64_t)(page.limit - count),
                 page.before, (int64_t)page.is_archive);
        rc = visit_all(db, s, visit, ctx, &count, e);
    }
    return rc;
}

enum bz_err query_thread(struct db *db, struct viewer v, bz_id thread, thread_visit visit, void *ctx,
                         struct bz_error *e)
{
    int count = 0;
    enum bz_err rc = visit_all(db, BIND(SQL_THREAD, "iii", v.member, (int64_t)v.role, thread), visit, ctx, &count, e);
    return rc == BZ_OK && count == 0 ? not_found(e) : rc;
}

enum bz_err query_catchup(struct db *db, struct viewer v, struct page page, thread_visit visit, void *ctx,
                          struct bz_error *e)
{
    int count = 0;
    return visit_all(db, BIND(SQL_CATCHUP, "iiii", v.member, (int64_t)v.role, page.before, (int64_t)page.limit), visit,
                     ctx, &count, e);
}

enum bz_err query_talks(struct db *db, struct viewer v, struct page page, thread_visit visit, void *ctx, struct bz_error *e)
{
    int count = 0;
    return visit_all(db, BIND(SQL_TALKS, "iiii", v.member, (int64_t)v.role, page.before, (int64_t)page.limit), visit, ctx,
                     &count, e);
}

enum bz_err query_unanswered(struct db *db, struct viewer v, int limit, thread_visit visit, void *ctx,
                             struct bz_error *e)
{
    int count = 0;
    return visit_all(db, BIND(SQL_UNANSWERED, "iii", v.member, (int64_t)v.role, (int64_t)limit), visit, ctx, &count, e);
}

enum bz_err query_featured(struct db *db, struct viewer v, int limit, thread_visit visit, void *ctx,
                           struct bz_error *e)
{
    int count = 0;
    return visit_all(db, BIND(SQL_FEATURED, "iii", v.member, (int64_t)v.role, (int64_t)limit), visit, ctx, &count, e);
}

#define REDIRECTS_MAX 100

enum bz_err query_place(struct db *db, struct viewer v, bz_id post, bz_id *thread, struct bz_error *e)
{
    bool has_row = post != 0;
    enum bz_err rc = BZ_OK;
    for (int i = 0; i < REDIRECTS_MAX; i++) {   /* first by the post, then from one merged thread to the next */
        sqlite3_stmt *s = i == 0 && post != 0 ? BIND(SQL_STANDS, "iii", v.member, (int64_t)v.role, post)
                                              : BIND(SQL_MERGED, "iii", v.member, (int64_t)v.role, *thread);
        rc = db_step(db, s, &has_row, e);
        if (rc != BZ_OK || (!has_row && (i > 0 || post == 0)))
            break;
        if (has_row) {
            *thread = sqlite3_column_int64(s, 0);
            db_reset(s);
        }
    }
    return rc;
}
