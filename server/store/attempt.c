#include "store/attempt.h"

#include <sodium.h>

#include "store/statement.h"

/* ?1 of SQL_OPEN is a ticket; one that is over is like one that never was. */
#define ATTEMPT_STATEMENTS(X)                                                                                       \
    X(SQL_SWEEP, "DELETE FROM attempt WHERE at_ms <= ?1")                                                           \
    X(SQL_MAKE_ROOM, "DELETE FROM attempt WHERE ticket IN (SELECT ticket FROM attempt WHERE at_ms <= ?1 LIMIT 500)") \
    X(SQL_UNDER_WAY, "SELECT attempts FROM under_way")                                                              \
    X(SQL_ATTEMPT_ADD, "INSERT INTO attempt(ticket, kind, key, member, code, how, data, at_ms, expires_ms)"         \
                       " VALUES(?1, ?2, ?3, ?4, CASE WHEN ?5 THEN ?6 END, ?7, ?8, ?9, ?10)")                        \
    X(SQL_TRY, "UPDATE attempt SET tries = tries + 1 WHERE ticket = ?1")                                            \
    X(SQL_OPEN, "SELECT kind, how, member, key, data, code FROM attempt WHERE ticket = ?1 AND kind = ?2"            \
                " AND tries <= ?3 AND expires_ms > ?4")                                                             \
    X(SQL_OVER, "UPDATE attempt SET expires_ms = 0, code = NULL, data = NULL WHERE ticket = ?1")                    \
    X(SQL_SECONDS_OVER, "UPDATE attempt SET expires_ms = 0 WHERE member = ?1 AND kind = 3")                         \
    X(SQL_PASS, "UPDATE attempt SET kind = 3, how = ?2, member = ?3, tries = 0, code = NULL WHERE ticket = ?1")
STATEMENTS(ATTEMPT_STATEMENTS, attempt, true)

#define RETRY_MS (5 * 60 * 1000)
#define BIND(name, ...) db_bind(db, LIST_ATTEMPT, name, __VA_ARGS__)

enum bz_err attempt_refuse(struct bz_error *e)
{
    return bz_fail(e, BZ_ERR_UNAUTHENTICATED, "this is wrong or too old; begin to sign in anew");
}

enum bz_err attempt_add(struct db *db, const unsigned char ticket[SECRET_BYTES], const struct attempt *a, int64_t now_ms,
                        struct bz_error *e)
{
    int64_t count = 0;
    enum bz_err rc = db_run(db, BIND(SQL_SWEEP, "i", now_ms - ATTEMPTS_KEPT_MS), e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_UNDER_WAY, ""), &count, e);
    if (rc == BZ_OK && count >= ATTEMPTS_MAX
        && (rc = db_run(db, BIND(SQL_MAKE_ROOM, "i", now_ms - ATTEMPT_MS), e)) == BZ_OK)
        rc = db_number(db, BIND(SQL_UNDER_WAY, ""), &count, e);
    if (rc == BZ_OK && count >= ATTEMPTS_MAX) {
        (void)bz_fail(e, BZ_ERR_RATE_LIMITED, "too many people sign in just now; try again in a few minutes");
        if (e != NULL)
            e->retry_after_ms = RETRY_MS;
        return BZ_ERR_RATE_LIMITED;
    }
    return rc != BZ_OK ? rc : db_run(db, BIND(SQL_ATTEMPT_ADD, "hisiihisii", ticket, (int64_t)a->kind, a->key, a->member,
                                              (int64_t)a->has_code, a->code, (int64_t)a->how, a->data, now_ms,
                                              now_ms + (a->lasts_ms == 0 ? ATTEMPT_MS : a->lasts_ms)), e);
}

enum bz_err attempt_take(struct db *db, const unsigned char ticket[SECRET_BYTES], enum attempt_kind kind, struct arena *arena,
                         int64_t now_ms, struct attempt *ret, struct bz_error *e)
{
    bool has_row = false;
    enum bz_err rc = db_run(db, BIND(SQL_TRY, "h", ticket), e);
    sqlite3_stmt *s = rc != BZ_OK ? NULL : BIND(SQL_OPEN, "hiii", ticket, (int64_t)kind, (int64_t)ATTEMPT_TRIES, now_ms);
    if (rc == BZ_OK)
        rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (!has_row)
        return attempt_refuse(e);
    *ret = (struct attempt){
        .kind = (enum attempt_kind)sqlite3_column_int(s, 0),
        .how = (enum session_kind)sqlite3_column_int(s, 1),
        .member = sqlite3_column_int64(s, 2),
        .key = arena_copy(arena, column_span(s, 3)),
        .data = arena_copy(arena, column_span(s, 4)),
        .has_code = sqlite3_column_bytes(s, 5) == SECRET_BYTES,
    };
    if (ret->has_code)
        memcpy(ret->code, sqlite3_column_blob(s, 5), SECRET_BYTES);
    db_reset(s);
    return BZ_OK;
}

enum bz_err attempt_pass(struct db *db, const unsigned char ticket[SECRET_BYTES], enum session_kind how, bz_id member,
                         struct bz_error *e)
{
    return db_run(db, BIND(SQL_PASS, "hii", ticket, (int64_t)how, member), e);
}

enum bz_err attempt_end(struct db *db, const unsigned char ticket[SECRET_BYTES], struct bz_error *e)
{
    return db_run(db, BIND(SQL_OVER, "h", ticket), e);
}

enum bz_err attempt_end_seconds(struct db *db, bz_id member, struct bz_error *e)
{
    return db_run(db, BIND(SQL_SECONDS_OVER, "i", member), e);
}

enum bz_err attempt_code(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct attempt *ret,
                         struct bz_error *e)
{
    enum bz_err rc = attempt_take(db, cmd->secret, ATTEMPT_CODE, arena, now_ms, ret, e);
    if (rc != BZ_OK)
        return rc;
    bool is_right = ret->has_code && sodium_memcmp(ret->code, cmd->code_hash, SECRET_BYTES) == 0;
    if (span_is(ret->data, ATTEMPT_SILENT))   /* it can only be guessed */
        is_right = false;
    return is_right ? BZ_OK : attempt_refuse(e);
}
