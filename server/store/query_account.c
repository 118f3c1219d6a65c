#include "store/account.h"
#include "store/statement.h"

#define NAME_OF_HASH(hash) "lower(hex(substr(" hash ", 1, 8)))"
#define INVITATION_COLUMNS                                                                                         \
    NAME_OF_HASH("i.hash") ", i.key, i.lang, (SELECT name FROM room WHERE id = i.room),"                             \
    " (SELECT name FROM region WHERE id = coalesce(i.region, (SELECT region FROM room WHERE id = i.room))),"          \
    " (SELECT name FROM member WHERE id = i.by), i.by, i.region, i.room, i.role, i.uses, i.used, i.at_ms, i.expires_ms, i.org," \
    " (SELECT name FROM org WHERE id = i.org), i.is_delegate, i.said"

#define ACCOUNT_READ_STATEMENTS(X)                                                                                  \
    X(SQL_SESSIONS, "SELECT " NAME_OF_HASH("hash") ", device, kind, created_ms, seen_ms, expires_ms, is_strong, hash = ?2" \
                    " FROM session WHERE member = ?1 AND kind <> 2 AND expires_ms > ?3 AND seen_ms > ?4"              \
                    " ORDER BY created_ms DESC, hash LIMIT 100")                                                     \
    X(SQL_TOKENS, "SELECT " NAME_OF_HASH("hash") ", device, rooms, scopes, created_ms, CASE WHEN seen_ms > created_ms THEN seen_ms"  \
                  " ELSE 0 END, expires_ms FROM session WHERE member = ?1 AND kind = 2 AND expires_ms > ?2"           \
                  " ORDER BY created_ms DESC, hash LIMIT 100")                                                       \
    X(SQL_ADDRESSES, "SELECT key, at_ms FROM address WHERE member = ?1 ORDER BY at_ms, key")                         \
    /* The newest first; of a list, which comes at once, by the address. */                                           \
    X(SQL_INVITATIONS, "SELECT " INVITATION_COLUMNS " FROM invitation AS i WHERE (i.by = ?1 OR ?2)"                   \
                       " AND (?3 IS NULL OR (-i.at_ms, coalesce(i.key, ''), i.hash) > (SELECT -b.at_ms, coalesce(b.key, ''), b.hash" \
                       " FROM invitation AS b WHERE (b.by = ?1 OR ?2) AND " NAME_OF_HASH("b.hash") " = ?3))"          \
                       " ORDER BY i.at_ms DESC, coalesce(i.key, ''), i.hash LIMIT 200")                               \
    X(SQL_INVITATION, "SELECT " INVITATION_COLUMNS " FROM invitation AS i WHERE i.hash = ?1 AND i.used < i.uses"      \
                      " AND i.expires_ms > ?2")
STATEMENTS(ACCOUNT_READ_STATEMENTS, account_read, false)

#define BIND(name, ...) db_bind(db, LIST_ACCOUNT_READ, name, __VA_ARGS__)

enum bz_err query_sessions(struct db *db, bz_id member, const unsigned char hash[SECRET_BYTES], int64_t now_ms, session_visit visit,
                           void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_SESSIONS, "ihii", member, hash, now_ms, now_ms - SESSION_IDLE_MS);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct session_row){
            .name = column_span(s, 0), .device = column_span(s, 1), .kind = (enum session_kind)sqlite3_column_int(s, 2),
            .created_ms = sqlite3_column_int64(s, 3), .seen_ms = sqlite3_column_int64(s, 4), .expires_ms = sqlite3_column_int64(s, 5),
            .is_strong = sqlite3_column_int(s, 6) != 0, .is_own = sqlite3_column_int(s, 7) != 0,
        });
    return rc;
}

enum bz_err query_tokens(struct db *db, bz_id member, int64_t now_ms, token_visit visit, void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_TOKENS, "ii", member, now_ms);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct token_row){
            .name = column_span(s, 0), .device = column_span(s, 1), .rooms = column_span(s, 2),
            .scopes = (unsigned)sqlite3_column_int(s, 3), .created_ms = sqlite3_column_int64(s, 4),
            .seen_ms = sqlite3_column_int64(s, 5), .expires_ms = sqlite3_column_int64(s, 6),
        });
    return rc;
}

enum bz_err query_addresses(struct db *db, bz_id member, address_visit visit, void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_ADDRESSES, "i", member);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, column_span(s, 0), sqlite3_column_int64(s, 1));
    return rc;
}

static enum bz_err visit_invitations(struct db *db, sqlite3_stmt *s, invitation_visit visit, void *ctx, int *ret_count, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    *ret_count = 0;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        ++*ret_count;
        visit(ctx, &(struct invitation_row){
            .name = column_span(s, 0), .key = column_span(s, 1), .lang = column_span(s, 2), .room_name = column_span(s, 3),
            .region_name = column_span(s, 4), .by_name = column_span(s, 5), .by = sqlite3_column_int64(s, 6),
            .region = sqlite3_column_int64(s, 7), .room = sqlite3_column_int64(s, 8), .role = (enum role)sqlite3_column_int(s, 9),
            .uses = sqlite3_column_int64(s, 10), .used = sqlite3_column_int64(s, 11), .at_ms = sqlite3_column_int64(s, 12),
            .expires_ms = sqlite3_column_int64(s, 13), .org = sqlite3_column_int64(s, 14), .org_name = column_span(s, 15),
            .is_delegate = sqlite3_column_int(s, 16) != 0, .said = column_span(s, 17),
        });
    }
    return rc;
}

enum bz_err query_invitations(struct db *db, bz_id member, bool everyones, struct span next, invitation_visit visit, void *ctx,
                              struct bz_error *e)
{
    int count;
    return visit_invitations(db, BIND(SQL_INVITATIONS, "iis", member, (int64_t)everyones, next), visit, ctx, &count, e);
}

enum bz_err query_invitation(struct db *db, const unsigned char hash[SECRET_BYTES], int64_t now_ms, invitation_visit visit, void *ctx,
                             struct bz_error *e)
{
    int count;
    enum bz_err rc = visit_invitations(db, BIND(SQL_INVITATION, "hi", hash, now_ms), visit, ctx, &count, e);
    if (rc == BZ_OK && count == 0)
        return invitation_over(e);
    return rc;
}
