#include "store/query.h"
#include "store/statement.h"

/* Acts of moderation in a chain. What people do to their own posts and threads is none. The first condition is that of the
 * index journal_act, word by word. A thread that went elsewhere is not named: it may be where not all may look.
 * Where the viewer may not look, neither who wrote a post that went there is named, nor the title that the thread had
 * (9: thread.rename, 21: thread.moved_in).
 * ?1 room (0: the hub's chain), ?2 before, ?3 limit, ?4 viewer, ?5 their role in the hub. */
#define ACT                                                                                                         \
    "j.id, j.at_ms, j.actor, j.kind, j.room, j.thread, j.subject, j.cid,"                                           \
    " CASE WHEN j.kind IN (9, 21) AND t.room <> ?1 AND NOT " CAN_READ("tr", "?4", "?5") " THEN NULL ELSE j.body END," \
    " CASE WHEN t.room = ?1 THEN t.title END,"                                                                      \
    " CASE WHEN j.kind IN (15, 17, 18, 28) THEN CASE WHEN p.by = ?4 OR " CAN_READ("tr", "?4", "?5") " THEN p.by END"  \
    " WHEN j.kind IN (19, 30, 31) THEN j.subject END,"                                                              \
    " CASE WHEN j.kind IN (22, 23) THEN (SELECT decided_by FROM matter"                                              \
    " WHERE id = id_of(json_extract(j.body, '$.approved'))) END"
#define ACT_JOINS                                                                                                   \
    " LEFT JOIN post AS p ON p.id = j.subject LEFT JOIN thread AS t ON t.id = coalesce(p.thread, j.thread)"        \
    " LEFT JOIN room AS tr ON tr.id = t.room"
/* What was imposed on members in the room's region, or in the hub. */
#define IS_WIDER "room = 0 AND scope IN (0, (SELECT region FROM room WHERE id = ?1))"
#define LOG_STATEMENTS(X)                                                                                           \
    X(SQL_ROOM_ROLE, "SELECT " ROLE_IN("r", "?1", "?2") " FROM room AS r WHERE r.id = ?3 AND " CAN_READ("r", "?1", "?2")) \
    X(SQL_ACTS, "SELECT * FROM (SELECT " ACT " FROM journal AS j INDEXED BY journal_act" ACT_JOINS                   \
                " WHERE j.kind NOT IN (1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 16) AND j.room = ?1 AND j.id < ?2"       \
                " AND j.kind <> 45 AND NOT (j.kind = 32 AND (j.actor IN (0, j.subject) OR json_extract(j.body, '$.done')))"  \
                " AND j.id < 1 << 40 AND j.kind NOT BETWEEN 40 AND 50"                                                    \
                " AND j.kind NOT BETWEEN 61 AND 64 AND NOT (j.kind = 15 AND p.by = j.actor)"     \
                " AND NOT (j.kind IN (9, 24, 26, 60) AND t.by = j.actor) ORDER BY j.id DESC LIMIT ?3)"                  \
                " UNION ALL SELECT * FROM (SELECT " ACT " FROM journal AS j" ACT_JOINS " WHERE ?1 <> 0 AND is_within(0)" \
                " AND j.id IN (SELECT id FROM sanction WHERE " IS_WIDER " UNION ALL SELECT pardon FROM sanction"    \
                " WHERE pardon IS NOT NULL AND " IS_WIDER ") AND j.id < ?2 ORDER BY j.id DESC LIMIT ?3)"            \
                " ORDER BY 1 DESC LIMIT ?3")
STATEMENTS(LOG_STATEMENTS, log, false)

#define BIND(name, ...) db_bind(db, LIST_LOG, name, __VA_ARGS__)

static enum bz_err role_in(struct db *db, struct viewer v, bz_id room, enum role *ret, struct bz_error *e)
{
    bool has_row;
    *ret = v.role;
    if (room == 0 && is_within(db, 0))
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_ROOM_ROLE, "iii", v.member, (int64_t)v.role, room);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (!has_row)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is nothing here, or it is not open to you");
    *ret = (enum role)sqlite3_column_int(s, 0);
    db_reset(s);
    return BZ_OK;
}

enum bz_err query_log(struct db *db, struct viewer v, bz_id room, bz_id before, int limit, act_visit visit, void *ctx,
                      struct bz_error *e)
{
    enum role role;
    bool has_row;
    enum bz_err rc = role_in(db, v, room, &role, e);
    if (rc != BZ_OK)
        return rc;
    sqlite3_stmt *s = BIND(SQL_ACTS, "iiiii", room, before == 0 ? INT64_MAX : before, (int64_t)limit, v.member,
                           (int64_t)v.role);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct act_row row = { .title = column_span(s, 9), .of = sqlite3_column_int64(s, 10) };
        entry_of_row(s, &row.entry);
        if (entry_is_of_member(&row.entry) && role < ROLE_MODERATOR && row.of != v.member)
            row.of = row.entry.subject = 0;   /* on whom is not for all to know */
        row.names_person = role >= ROLE_ADMIN || row.of == v.member || row.entry.actor == v.member;
        bz_id second = sqlite3_column_int64(s, 11);
        row.second = role >= ROLE_ADMIN || second == v.member ? second : 0;
        visit(ctx, &row);
    }
    return rc;
}
