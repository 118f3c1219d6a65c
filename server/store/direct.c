#include "store/direct.h"

#include "store/query.h"
#include "store/statement.h"

/* Whoever moderates nowhere and of whose posts, in rooms of more than two, moderators read few: counted among the first hundred. */
#define DIRECT_STATEMENTS(X)                                                                                         \
    X(SQL_ROOM_OF_TWO, "SELECT room FROM direct WHERE low = min(?1, ?2) AND high = max(?1, ?2)")                     \
    X(SQL_OTHER, "SELECT CASE low WHEN ?2 THEN high ELSE low END FROM direct WHERE room = ?1")                       \
    /* Who left takes no more of anybody's. */                                                                       \
    X(SQL_BLOCKS, "SELECT EXISTS (SELECT 1 FROM blocked WHERE member = ?1 AND blocked = ?2) OR EXISTS (SELECT 1"     \
                  " FROM member WHERE id = ?1 AND erased_ms IS NOT NULL),"                                           \
                  " EXISTS (SELECT 1 FROM blocked WHERE member = ?2 AND blocked = ?1)")                              \
    /* Who says in their profile that they can be asked lets all begin (3), unless they take from nobody (1). */      \
    X(SQL_LETS, "SELECT CASE WHEN EXISTS (SELECT 1 FROM profile WHERE member = ?1 AND peers) AND NOT EXISTS (SELECT 1" \
                " FROM direct_from WHERE member = ?1 AND who = 1) THEN 3"                                            \
                " ELSE coalesce((SELECT who FROM direct_from WHERE member = ?1), 0) END, EXISTS (SELECT 1"           \
                " FROM membership AS a JOIN membership AS b ON b.room = a.room AND b.member = ?2"                    \
                " JOIN room AS r ON r.id = a.room WHERE a.member = ?1 AND r.access <> 3"                             \
                " AND NOT " IS_SUSPENDED("r", "?2") " AND NOT " IS_SUSPENDED("r", "?1") "),"                         \
                " (SELECT region FROM member WHERE id = ?1) = (SELECT region FROM member WHERE id = ?2),"            \
                " EXISTS (SELECT 1 FROM sanction AS s WHERE s.member = ?1 AND s.scope = 0 AND s.act >= 3 AND "       \
                IN_FORCE("s", "?3") ")")                                                                             \
    X(SQL_NTH_BEGUN, "SELECT at_ms FROM direct WHERE by = ?1 ORDER BY room DESC LIMIT 1 OFFSET ?2 - 1")              \
    X(SQL_IS_NEW, "WITH mods AS MATERIALIZED (SELECT id, 0 AS scope FROM member WHERE role >= 2"                     \
                  " UNION ALL SELECT member, scope FROM given_role WHERE role >= 2)"                                 \
                  " SELECT NOT EXISTS (SELECT 1 FROM mods WHERE id = ?1) AND ?2 > (SELECT count(*) FROM (SELECT 1"   \
                  " FROM (SELECT p.id, p.thread FROM post AS p INDEXED BY post_by WHERE p.by = ?1"                   \
                  " AND p.redacted_at IS NULL AND NOT " IS_HIDDEN("p") " ORDER BY p.id LIMIT 100) AS own"            \
                  " CROSS JOIN thread AS t ON t.id = own.thread CROSS JOIN room AS r ON r.id = t.room"               \
                  " WHERE r.access <> 3 AND EXISTS (SELECT 1 FROM mods AS m CROSS JOIN read_pos AS rp"               \
                  " ON rp.member = m.id AND rp.thread = own.thread WHERE m.scope IN (0, r.id, r.region)"             \
                  " AND rp.seq >= own.id) LIMIT ?2))")                                                               \
    X(SQL_READS, "SELECT 1 FROM room AS r JOIN member AS m ON m.id = ?2 WHERE r.id = ?1 AND "                        \
                 CAN_READ("r", "m.id", "m.role"))                                                                    \
    X(SQL_FROM_NOW, "SELECT who FROM direct_from WHERE member = ?1")
STATEMENTS(DIRECT_STATEMENTS, direct, false)

#define BIND(name, ...) db_bind(db, LIST_DIRECT, name, __VA_ARGS__)

enum bz_err direct_room(struct db *db, bz_id one, bz_id other, bz_id *ret, struct bz_error *e)
{
    *ret = 0;
    return db_number(db, BIND(SQL_ROOM_OF_TWO, "ii", one, other), ret, e);
}

static enum bz_err load_blocks(struct db *db, bz_id actor, bz_id other, struct direct_facts *d, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_BLOCKS, "ii", other, actor);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    d->is_blocked = sqlite3_column_int(s, 0) != 0;
    d->blocks = sqlite3_column_int(s, 1) != 0;
    db_reset(s);
    return BZ_OK;
}

/* Whether the first words may be said at all, and now. */
static enum bz_err load_first(struct db *db, bz_id actor, bz_id other, struct facts *f, struct bz_error *e)
{
    bool has_row;
    struct direct_facts *d = &f->direct;
    sqlite3_stmt *s = BIND(SQL_LETS, "iii", other, actor, f->now_ms);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    d->from = (enum from)sqlite3_column_int(s, 0);
    d->shares_room = sqlite3_column_int(s, 1) != 0;
    d->is_of_region = sqlite3_column_int(s, 2) != 0;
    d->is_barred = sqlite3_column_int(s, 3) != 0;
    db_reset(s);
    int64_t is_new = 0;
    if ((rc = db_number(db, BIND(SQL_IS_NEW, "ii", actor, (int64_t)BZ_LIMIT_DIRECT_KNOWN), &is_new, e)) != BZ_OK)
        return rc;
    d->is_new = is_new != 0;
    int64_t a_day = d->is_new ? BZ_LIMIT_DIRECT_NEW_DAY : BZ_LIMIT_DIRECT_DAY;
    if ((rc = db_number(db, BIND(SQL_NTH_BEGUN, "ii", actor, a_day), &d->day_own_ms, e)) != BZ_OK)
        return rc;
    return db_number(db, BIND(SQL_NTH_BEGUN, "ii", actor, (int64_t)BZ_LIMIT_DIRECT_HOUR), &d->hour_own_ms, e);
}

enum bz_err direct_load(struct db *db, const struct command *cmd, struct facts *f, struct bz_error *e)
{
    bool is_opening = cmd->kind == COMMAND_DIRECT_OPEN, has_row;
    bz_id other = is_opening ? f->member.id : 0;
    enum bz_err rc = BZ_OK;
    if (!is_opening && f->room.id != 0 && f->room.access == ACCESS_DIRECT)
        rc = db_number(db, BIND(SQL_OTHER, "ii", f->room.id, cmd->actor), &other, e);
    if (rc != BZ_OK || other == 0)
        return rc;
    if ((rc = load_blocks(db, cmd->actor, other, &f->direct, e)) != BZ_OK || !is_opening)
        return rc;
    if (f->to_room.id != 0) {
        sqlite3_stmt *s = BIND(SQL_READS, "ii", f->to_room.id, other);
        if ((rc = db_step(db, s, &has_row, e)) != BZ_OK)
            return rc;
        f->direct.reads_there = has_row;
        if (has_row)
            db_reset(s);
    }
    return f->room.id == 0 ? load_first(db, cmd->actor, other, f, e) : BZ_OK;
}

enum bz_err query_direct_from(struct db *db, struct viewer v, enum from *ret, struct bz_error *e)
{
    int64_t from = FROM_ROOMS;
    enum bz_err rc = db_number(db, BIND(SQL_FROM_NOW, "i", v.member), &from, e);
    *ret = (enum from)from;
    return rc;
}
