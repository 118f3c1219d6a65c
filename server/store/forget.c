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

/* Each time all segments are put into one level, an index that is merged in steps may have a level more; FTS5 takes one of more than
 * 2,000 for damaged. So it is made anew long before: 4 s for a million posts, once in a thousand redactions or more. */
#define LEVELS_MAX 1000
#define LEVEL_STATEMENTS(X)                                                                                          \
    X(SQL_POST_LEVELS, "SELECT block FROM post_fts_data WHERE id = 10")                                              \
    X(SQL_POST_CLEAR, "INSERT INTO post_fts(post_fts) VALUES('delete-all')")                                         \
    X(SQL_POST_FILL, "INSERT INTO post_fts(rowid, text, names, inside, links) SELECT id, text, names, inside, links FROM post_text" \
                     " WHERE text <> '' OR names IS NOT NULL OR links IS NOT NULL ORDER BY id")                      \
    X(SQL_TRI_LEVELS, "SELECT block FROM post_tri_data WHERE id = 10")                                               \
    X(SQL_TRI_CLEAR, "INSERT INTO post_tri(post_tri) VALUES('delete-all')")                                          \
    X(SQL_TRI_FILL, "INSERT INTO post_tri(rowid, text, names, inside, links) SELECT s.id, x.text, x.names, x.inside, x.links" \
                    " FROM post_spaceless AS s JOIN post_text AS x ON x.id = s.id ORDER BY s.id")                    \
    X(SQL_TITLE_LEVELS, "SELECT block FROM title_fts_data WHERE id = 10")                                            \
    X(SQL_TITLE_CLEAR, "INSERT INTO title_fts(title_fts) VALUES('delete-all')")                                      \
    X(SQL_TITLE_FILL, "INSERT INTO title_fts(rowid, title) SELECT id, title FROM thread_title ORDER BY id")          \
    X(SQL_TITLE_TRI_LEVELS, "SELECT block FROM title_tri_data WHERE id = 10")                                        \
    X(SQL_TITLE_TRI_CLEAR, "INSERT INTO title_tri(title_tri) VALUES('delete-all')")                                  \
    X(SQL_TITLE_TRI_FILL, "INSERT INTO title_tri(rowid, title) SELECT s.id, x.title FROM title_spaceless AS s"       \
                          " JOIN thread_title AS x ON x.id = s.id ORDER BY s.id")                                    \
    X(SQL_MEMBER_LEVELS, "SELECT block FROM member_fts_data WHERE id = 10")                                          \
    X(SQL_MEMBER_CLEAR, "INSERT INTO member_fts(member_fts) VALUES('delete-all')")                                   \
    X(SQL_MEMBER_FILL, "INSERT INTO member_fts(rowid, handle, name, org, city) SELECT id, handle, name, org, city FROM member" \
                       " WHERE " IS_CALLED " ORDER BY id")
STATEMENTS(LEVEL_STATEMENTS, level, true)


#define BIND(name, ...) db_bind(db, LIST_FORGET, name, __VA_ARGS__)
#define STEP_PAGES 128

/* How many levels the structure of an index has: a number in seven bits a byte, after four bytes. */
static int64_t levels_of(struct span block)
{
    int64_t n = 0;
    for (size_t i = 4; i < block.len && i < 9; i++) {
        n = n << 7 | ((unsigned char)block.at[i] & 0x7f);
        if (((unsigned char)block.at[i] & 0x80) == 0)
            break;
    }
    return n;
}

static enum bz_err renew(struct db *db, struct bz_error *e)
{
    static const int indexes[][3] = {
        { SQL_POST_LEVELS, SQL_POST_CLEAR, SQL_POST_FILL }, { SQL_TRI_LEVELS, SQL_TRI_CLEAR, SQL_TRI_FILL },
        { SQL_TITLE_LEVELS, SQL_TITLE_CLEAR, SQL_TITLE_FILL }, { SQL_TITLE_TRI_LEVELS, SQL_TITLE_TRI_CLEAR, SQL_TITLE_TRI_FILL },
        { SQL_MEMBER_LEVELS, SQL_MEMBER_CLEAR, SQL_MEMBER_FILL },
    };
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; i < sizeof indexes / sizeof *indexes && rc == BZ_OK; i++) {
        bool has_row;
        sqlite3_stmt *s = db_bind(db, LIST_LEVEL, indexes[i][0], "");
        if ((rc = db_step(db, s, &has_row, e)) != BZ_OK || !has_row)
            continue;
        int64_t levels = levels_of((struct span){ sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0) });
        db_reset(s);
        for (int k = 1; k < 3 && levels > LEVELS_MAX && rc == BZ_OK; k++)
            rc = db_run(db, db_bind(db, LIST_LEVEL, indexes[i][k], ""), e);
    }
    return rc;
}

static enum bz_err merge(struct db *db, int64_t pages, bool *ret_more, struct bz_error *e)
{
    enum bz_err rc = db_begin(db, e);
    if (rc != BZ_OK)
        return rc;
    rc = db_run(db, BIND(SQL_UNTEXT, ""), e);   /* the words of files go before their bytes do */
    if (rc == BZ_OK && pages < 0)
        rc = renew(db, e);
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
