#include "store/apply.h"
#include "store/statement.h"

/* Posts keep their ids and stand in the order of ids wherever they are; their places, the turns and what a thread says of
 * its newest post are made anew for both threads. */
#define MOVE_STATEMENTS(X)                                                                                           \
    X(SQL_RANGES, "SELECT id_of(json_extract(value, '$[0]')), id_of(json_extract(value, '$[1]'))"                    \
                  " FROM json_each(?1, '$.posts')")                                                                  \
    X(SQL_POSTS, "UPDATE post SET thread = ?2, moved = ?3 WHERE thread = ?1 AND id BETWEEN ?4 AND ?5")               \
    X(SQL_POSTS_BACK, "UPDATE post SET thread = ?2, moved = ?3 WHERE thread = ?1"                                    \
                      " AND moved = id_of(json_extract(?4, '$.undo'))")                                              \
    X(SQL_MENTIONS, "UPDATE mention SET thread = ?1 WHERE post IN (SELECT id FROM post WHERE thread = ?1"            \
                    " AND moved = ?2)")                                                                              \
    X(SQL_MATTERS, "UPDATE matter SET thread = ?1, room = (SELECT room FROM thread WHERE id = ?1)"                   \
                   " WHERE post IN (SELECT id FROM post WHERE thread = ?1 AND moved = ?2)")                          \
    X(SQL_FILES, "UPDATE post_file SET room = (SELECT room FROM thread WHERE id = ?1) WHERE post IN"                 \
                 " (SELECT id FROM post WHERE thread = ?1 AND moved = ?2)")                                          \
    X(SQL_PLACES, "UPDATE post SET n = x.n FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM post"          \
                  " WHERE thread = ?1) AS x WHERE post.id = x.id AND post.n <> x.n")                                 \
    X(SQL_TURNS_DROP, "DELETE FROM turn WHERE thread = ?1")                                                          \
    X(SQL_TURNS, "INSERT INTO turn(thread, first, by) SELECT ?1, id, by FROM (SELECT id, by,"                        \
                 " lag(by) OVER (ORDER BY id) AS previous FROM post WHERE thread = ?1)"                              \
                 " WHERE previous IS NULL OR previous <> by")                                                        \
    X(SQL_NEWEST, "UPDATE thread SET posts = (SELECT count(*) FROM post WHERE thread = ?1),"                         \
                  " last = coalesce((SELECT max(id) FROM post WHERE thread = ?1), id),"                              \
                  " answer = (SELECT p.id FROM post AS p WHERE p.id = thread.answer AND p.thread = ?1) WHERE id = ?1") \
    X(SQL_NEWEST_BY, "UPDATE thread SET last_at = coalesce((SELECT at_ms FROM post WHERE id = thread.last), at_ms)," \
                     " last_by = coalesce((SELECT by FROM post WHERE id = thread.last), by) WHERE id = ?1")          \
    X(SQL_ANSWER_BACK, "UPDATE thread SET answer = p.id FROM post AS p WHERE thread.id = ?1"                         \
                       " AND p.id = id_of(json_extract(?2, '$.answer')) AND p.thread = ?1 AND thread.answer IS NULL"  \
                       " AND json_extract(?2, '$.undo') IS NOT NULL")                                                \
    X(SQL_OPEN, "UPDATE thread SET merged_into = NULL WHERE id = ?1 AND merged_into = ?2")                           \
    X(SQL_MERGE, "UPDATE thread SET merged_into = ?2 WHERE id = ?1 AND json_extract(?3, '$.merged')")                \
    X(SQL_COUNT, "UPDATE room SET threads = threads + ?2 FROM thread AS t WHERE t.id = ?1 AND room.id = t.room"      \
                 " AND t.kind <> 1")
STATEMENTS(MOVE_STATEMENTS, move, true)

#define BIND(name, ...) db_bind(db, LIST_MOVE, name, __VA_ARGS__)

static enum bz_err run(struct db *db, enum bz_err rc, sqlite3_stmt *s, struct bz_error *e)
{
    return rc == BZ_OK ? db_run(db, s, e) : rc;
}
#define RUN(name, ...) (rc = run(db, rc, BIND(name, __VA_ARGS__), e))

static enum bz_err move_posts(struct db *db, const struct entry *en, bz_id id, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    bool has_row;
    RUN(SQL_POSTS_BACK, "iiis", en->subject, en->thread, id, en->body);   /* none unless it is an undo */
    if (rc != BZ_OK)
        return rc;
    sqlite3_stmt *s = BIND(SQL_RANGES, "s", en->body);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        int64_t first = sqlite3_column_int64(s, 0), last = sqlite3_column_int64(s, 1);
        RUN(SQL_POSTS, "iiiii", en->subject, en->thread, id, first, last);
        if (rc != BZ_OK) {
            db_reset(s);
            break;
        }
    }
    return rc;
}

static enum bz_err make_anew(struct db *db, bz_id thread, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN(SQL_PLACES, "i", thread);
    RUN(SQL_TURNS_DROP, "i", thread);
    RUN(SQL_TURNS, "i", thread);
    RUN(SQL_NEWEST, "i", thread);
    RUN(SQL_NEWEST_BY, "i", thread);
    return rc;
}

/* A thread that gets posts back is shown again; one that is merged is counted no more. */
static enum bz_err merge(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN(SQL_OPEN, "ii", en->thread, en->subject);
    if (rc == BZ_OK && sqlite3_changes(db->sq) > 0)
        RUN(SQL_COUNT, "ii", en->thread, (int64_t)1);
    RUN(SQL_MERGE, "iis", en->subject, en->thread, en->body);
    if (rc == BZ_OK && sqlite3_changes(db->sq) > 0)
        RUN(SQL_COUNT, "ii", en->subject, (int64_t)-1);
    return rc;
}

enum bz_err apply_posts_moved(struct db *db, const struct entry *en, struct bz_error *e)
{
    bz_id id = id_make(en->hub, en->seq);
    enum bz_err rc = move_posts(db, en, id, e);
    RUN(SQL_MENTIONS, "ii", en->thread, id);
    RUN(SQL_MATTERS, "ii", en->thread, id);
    RUN(SQL_FILES, "ii", en->thread, id);
    if (rc == BZ_OK)
        rc = apply_links_moved(db, en, e);
    if (rc == BZ_OK)
        rc = make_anew(db, en->subject, e);
    if (rc == BZ_OK)
        rc = make_anew(db, en->thread, e);
    RUN(SQL_ANSWER_BACK, "is", en->thread, en->body);
    if (rc == BZ_OK)
        rc = merge(db, en, e);
    if (rc == BZ_OK)
        rc = apply_resource(db, en->subject, e);
    return rc == BZ_OK ? apply_resource(db, en->thread, e) : rc;
}
