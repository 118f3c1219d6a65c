#include "store/factor.h"
#include "store/statement.h"

#define FACTOR_READ_STATEMENTS(X)                                                                                     \
    X(SQL_FACTORS, "SELECT id, kind, name, at_ms, coalesce(used_ms, 0) FROM factor WHERE member = ?1 AND kind <> 4"    \
                   " ORDER BY kind, id LIMIT 100")                                                                     \
    X(SQL_RECOVERY, "SELECT count(*) FROM factor WHERE member = ?1 AND kind = 4")                                      \
    X(SQL_CREDENTIALS, "SELECT credential FROM factor WHERE member = ?1 AND kind = 1 ORDER BY id")                     \
    X(SQL_PASSWORD, "SELECT m.id, m.handle, coalesce(?1, (SELECT key FROM address WHERE member = m.id ORDER BY at_ms LIMIT 1)),"  \
                    " (SELECT CAST(secret AS TEXT) FROM factor WHERE member = m.id AND kind = 3) FROM member AS m"     \
                    " WHERE m.id = coalesce((SELECT member FROM address WHERE key = ?1), ?2)")
STATEMENTS(FACTOR_READ_STATEMENTS, factor_read, false)

#define BIND(name, ...) db_bind(db, LIST_FACTOR_READ, name, __VA_ARGS__)

enum bz_err query_factors(struct db *db, bz_id member, factor_visit visit, void *ctx, int64_t *ret_recovery, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_FACTORS, "i", member);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct factor_row){ .id = sqlite3_column_int64(s, 0), .kind = (enum factor_kind)sqlite3_column_int(s, 1),
                                         .name = column_span(s, 2), .at_ms = sqlite3_column_int64(s, 3),
                                         .used_ms = sqlite3_column_int64(s, 4) });
    if (rc != BZ_OK)
        return rc;
    s = BIND(SQL_RECOVERY, "i", member);
    if ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        *ret_recovery = sqlite3_column_int64(s, 0);
        db_reset(s);
    }
    return rc;
}

enum bz_err query_credentials(struct db *db, bz_id member, credential_visit visit, void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_CREDENTIALS, "i", member);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, (struct span){ sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0) });
    return rc;
}

enum bz_err query_password(struct db *db, struct span email, bz_id member, struct arena *arena, struct password_row *ret,
                           struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_PASSWORD, "si", email, member);
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret = (struct password_row){ 0 };
    if (rc == BZ_OK && has_row) {
        *ret = (struct password_row){ sqlite3_column_int64(s, 0), arena_copy(arena, column_span(s, 1)),
                                      arena_copy(arena, column_span(s, 2)), arena_copy(arena, column_span(s, 3)) };
        db_reset(s);
    }
    return rc;
}
