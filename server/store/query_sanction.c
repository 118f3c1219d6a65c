#include "store/query.h"
#include "store/statement.h"

/* ?1 viewer, ?2 their role in the hub, ?3 before, ?4 limit, ?5 member. A member's record is for those who moderate the
 * place of each of its parts: who was suspended there themselves does not. */
#define SANCTION_COLUMNS                                                                                            \
    "s.id, s.member, s.scope, s.room, s.act, s.at_ms, s.until, s.role, s.rule, s.reason, s.pardoned_ms,"            \
    " s.pardon_role, s.pardon_rule, s.pardon_reason, s.appeal IS NOT NULL, mt.decision, s.by, s.field"
#define SANCTION_SOURCE " FROM sanction AS s LEFT JOIN matter AS mt ON mt.id = s.appeal"
#define SANCTION_STATEMENTS(X)                                                                                      \
    X(SQL_RECORD, "SELECT " SANCTION_COLUMNS ", " ROLE_AT("s", "?1", "?2") " AS here" SANCTION_SOURCE                \
                  " WHERE s.member = ?5 AND s.id < ?3 AND here >= 2 ORDER BY s.id DESC LIMIT ?4")                   \
    X(SQL_MINE, "SELECT " SANCTION_COLUMNS ", 3" SANCTION_SOURCE " WHERE s.member = ?1 AND s.id < ?3"               \
                " ORDER BY s.id DESC LIMIT ?4")
STATEMENTS(SANCTION_STATEMENTS, sanction, false)

#define BIND(name, ...) db_bind(db, LIST_SANCTION, name, __VA_ARGS__)

static enum bz_err visit_all(struct db *db, sqlite3_stmt *s, struct viewer v, sanction_visit visit, void *ctx,
                             struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct sanction_row row = {
            .id = sqlite3_column_int64(s, 0),
            .member = sqlite3_column_int64(s, 1),
            .scope = sqlite3_column_int64(s, 2),
            .room = sqlite3_column_int64(s, 3),
            .act = (enum sanction)sqlite3_column_int(s, 4),
            .at_ms = sqlite3_column_int64(s, 5),
            .until_ms = sqlite3_column_int64(s, 6),
            .role = (enum role)sqlite3_column_int(s, 7),
            .rule = column_span(s, 8),
            .reason = column_span(s, 9),
            .pardoned_ms = sqlite3_column_int64(s, 10),
            .pardon_role = (enum role)sqlite3_column_int(s, 11),
            .pardon_rule = column_span(s, 12),
            .pardon_reason = column_span(s, 13),
            .is_appealed = sqlite3_column_int(s, 14) != 0,
            .decision = column_span(s, 15),
            .by = sqlite3_column_int64(s, 16),
            .field = column_span(s, 17),
        };
        bool names_person = sqlite3_column_int(s, 18) >= (int)ROLE_ADMIN || row.by == v.member;
        if (!names_person)
            row.by = 0;
        visit(ctx, &row);
    }
    return rc;
}

enum bz_err query_sanctions(struct db *db, struct viewer v, bz_id member, bz_id before, int limit, sanction_visit visit,
                            void *ctx, struct bz_error *e)
{
    return visit_all(db, BIND(SQL_RECORD, "iiiii", v.member, (int64_t)v.role, before == 0 ? INT64_MAX : before,
                              (int64_t)limit, member), v, visit, ctx, e);
}

enum bz_err query_own_sanctions(struct db *db, struct viewer v, bz_id before, int limit, sanction_visit visit, void *ctx,
                                struct bz_error *e)
{
    return visit_all(db, BIND(SQL_MINE, "iiii", v.member, (int64_t)v.role, before == 0 ? INT64_MAX : before,
                              (int64_t)limit), v, visit, ctx, e);
}
