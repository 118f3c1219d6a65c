#include "store/forget.h"

#include "store/statement.h"

/* A negative number of pages puts all segments into one level, a positive one goes on merging what was begun. */
#define FORGET_STATEMENTS(X)                                                              \
    X(SQL_NEWEST, "SELECT max(entry) FROM unmerged")                                      \
    X(SQL_POSTS, "INSERT INTO post_fts(post_fts, rank) VALUES('merge', ?1)")              \
    X(SQL_TRIS, "INSERT INTO post_tri(post_tri, rank) VALUES('merge', ?1)")               \
    X(SQL_TITLES, "INSERT INTO title_fts(title_fts, rank) VALUES('merge', ?1)")           \
    X(SQL_TITLE_TRIS, "INSERT INTO title_tri(title_tri, rank) VALUES('merge', ?1)")       \
    X(SQL_MEMBERS, "INSERT INTO member_fts(member_fts, rank) VALUES('merge', ?1)")        \
    X(SQL_UNTEXT, "UPDATE blob SET text = NULL WHERE since IS NOT NULL AND text IS NOT NULL"   \
                  " AND NOT EXISTS (SELECT 1 FROM post_file AS f WHERE f.hash = blob.hash)"    \
                  " AND NOT EXISTS (SELECT 1 FROM upload AS u WHERE u.hash = blob.hash)")      \
    X(SQL_FORGOTTEN, "DELETE FROM unmerged WHERE entry <= ?1")
STATEMENTS(FORGET_STATEMENTS, forget, true)

#define BIND(name, ...) db_bind(db, LIST_FORGET, name, __VA_ARGS__)
#define STEP_PAGES 128

static enum bz_err merge(struct db *db, int64_t pages, bool *ret_more, struct bz_error *e)
{
    enum bz_err rc = db_begin(db, e);
    if (rc != BZ_OK)
        return rc;
    rc = db_run(db, BIND(SQL_UNTEXT, ""), e);   /* the words of files go before their bytes do */
    static const int merges[] = { SQL_POSTS, SQL_TRIS, SQL_TITLES, SQL_TITLE_TRIS, SQL_MEMBERS };
    const int count = sizeof merges / sizeof *merges;
    int before = sqlite3_total_changes(db->sq);
    for (int i = 0; i < count && rc == BZ_OK; i++)
        rc = db_run(db, BIND(merges[i], "i", pages), e);
    *ret_more = sqlite3_total_changes(db->sq) - before > count;   /* each statement itself counts as one */
    if (rc == BZ_OK)
        return db_commit(db, e);
    db_rollback(db);
    return rc;
}

/* Nobody waits for a reader here: it is tried again after the next redaction, or at the next start. */
static bool empty_log(struct db *db)
{
    int busy_ms = 2000;
    (void)sqlite3_busy_timeout(db->sq, 0);
    int rc = sqlite3_wal_checkpoint_v2(db->sq, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)sqlite3_busy_timeout(db->sq, busy_ms);
    return rc == SQLITE_OK;
}

enum bz_err store_forget(struct db *db, int64_t *state, bool *ret_more, struct bz_error *e)
{
    bool has_row, is_first = *state == 0;
    enum bz_err rc = BZ_OK;
    *ret_more = false;
    if (is_first) {
        sqlite3_stmt *s = BIND(SQL_NEWEST, "");
        if ((rc = db_step(db, s, &has_row, e)) != BZ_OK)
            return rc;
        *state = has_row ? sqlite3_column_int64(s, 0) : 0;
        db_reset(s);
        if (*state == 0)
            return BZ_OK;
    }
    rc = merge(db, is_first ? -STEP_PAGES : STEP_PAGES, ret_more, e);
    if (rc != BZ_OK || *ret_more)
        return rc;
    if (!empty_log(db) || (rc = db_begin(db, e)) != BZ_OK)
        return rc;
    rc = db_run(db, BIND(SQL_FORGOTTEN, "i", *state), e);
    if (rc == BZ_OK)
        return db_commit(db, e);
    db_rollback(db);
    return rc;
}
