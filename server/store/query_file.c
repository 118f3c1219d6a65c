#include "store/query.h"
#include "store/matter.h"

/* Who may see the words of a post may have its files, and nobody else; those of what waits for a moderator are for whoever
 * moderates its room, and for who sent them. */
#define FILE_STATEMENTS(X)                                                                                            \
    X(SQL_OF_POST, "SELECT f.hash, f.name, f.type, f.bytes, f.thumb FROM post_file AS f JOIN post AS p ON p.id = f.post" \
                   " JOIN thread AS t ON t.id = p.thread JOIN room AS r ON r.id = t.room WHERE f.post = ?3 AND f.n = ?4" \
                   " AND " CAN_READ("r", "?1", "?2") " AND (p.by = ?1 OR " ROLE_IN("r", "?1", "?2") " >= 2 OR NOT " \
                   IS_HIDDEN("p") ")")                                                                                \
    X(SQL_OF_ASK, "SELECT f.hash, f.name, f.type, f.bytes, f.thumb FROM post_file AS f JOIN matter AS m ON m.id = f.post" \
                  " JOIN room AS r ON r.id = m.room WHERE f.post = ?3 AND f.n = ?4 AND " CAN_READ("r", "?1", "?2")   \
                  " AND (f.by = ?1 OR " ROLE_IN("r", "?1", "?2") " >= 2)")                                           \
    /* Of two: what was reported, while that is open, for the hub's moderators who decide about it. */                     \
    X(SQL_OF_MATTER, "SELECT f.hash, f.name, f.type, f.bytes, f.thumb FROM post_file AS f JOIN matter AS m"                \
                     " ON m.post = f.post AND m.room IS NULL AND m.decided_ms IS NULL JOIN post AS p ON p.id = m.post"      \
                     " WHERE f.post = ?3 AND f.n = ?4 AND is_within(0) AND ?2 >= 2 AND m.sanction IS NULL"          \
                     " AND NOT " IS_OF_TWO("?1"))                                                                    \
    X(SQL_UPLOAD, "SELECT bytes, hash IS NOT NULL, at_ms, metadata FROM upload WHERE id = ?1 AND member = ?2")
STATEMENTS(FILE_STATEMENTS, file, false)

#define BIND(name, ...) db_bind(db, LIST_FILE, name, __VA_ARGS__)

enum bz_err query_file(struct db *db, struct viewer v, bz_id post, int64_t n, file_visit visit, void *ctx, struct bz_error *e)
{
    bool has_row = false;
    enum bz_err rc = BZ_OK;
    const int ways[] = { SQL_OF_POST, SQL_OF_ASK, SQL_OF_MATTER };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0] && rc == BZ_OK && !has_row; i++) {
        sqlite3_stmt *s = BIND(ways[i], "iiii", v.member, (int64_t)v.role, post, n);
        if ((rc = db_step(db, s, &has_row, e)) != BZ_OK || !has_row)
            continue;
        visit(ctx, &(struct file_row){ .hash = column_span(s, 0), .name = column_span(s, 1), .type = column_span(s, 2),
                                       .bytes = sqlite3_column_int64(s, 3), .has_thumb = sqlite3_column_int(s, 4) != 0 });
        db_reset(s);
    }
    if (rc == BZ_OK && !has_row)
        rc = bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such file, or it is not open to you");
    return rc;
}

enum bz_err query_upload(struct db *db, struct viewer v, struct span id, struct arena *arena, struct upload_seen *ret,
                         struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_UPLOAD, "si", id, v.member);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc != BZ_OK ? rc : bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such upload, or it ended: send the file again");
    *ret = (struct upload_seen){
        .member = v.member, .bytes = sqlite3_column_int64(s, 0), .is_done = sqlite3_column_int(s, 1) != 0,
        .at_ms = sqlite3_column_int64(s, 2), .metadata = arena_copy(arena, column_span(s, 3)),
    };
    db_reset(s);
    return BZ_OK;
}
