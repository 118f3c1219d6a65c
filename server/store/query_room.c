#include "store/query.h"
#include "store/statement.h"

/* ?1 is the viewer, ?2 their role. Counts of a room that may be found but not read stay 0. A room's unread posts are
 * counted over its threads that moved since the viewer came, at most BZ_LIMIT_UNREAD_MAX. */
#define POS "max(coalesce(rp.seq, 0), f.since)"
/* The room in which what entry j speaks of stands now, and whether that is neither open to all nor one of those asked
 * for: then its words are not for who asks; those of a report (kinds 40 to 49) only for who moderates that room.
 * moved_out of threads and posts (20, 22) say only that something left. */
#define ROOM_NOW                                                                                                     \
    "coalesce(CASE WHEN j.kind BETWEEN 40 AND 49 THEN (SELECT m.room FROM report AS rp JOIN matter AS m"             \
    " ON m.id = rp.matter WHERE rp.id = j.subject) END,"                                                              \
    " (SELECT t.room FROM post AS p JOIN thread AS t ON t.id = p.thread WHERE p.id = j.subject),"            \
    " (SELECT t.room FROM thread AS t WHERE t.id = CASE j.thread WHEN 0 THEN j.subject ELSE j.thread END), j.room)"
#define IS_ELSEWHERE                                                                                                 \
    "j.room <> 0 AND j.kind NOT IN (20, 22) AND " ROOM_NOW " <> j.room AND CASE WHEN j.kind BETWEEN 40 AND 49"        \
    " THEN -" ROOM_NOW " NOT IN (SELECT value FROM json_each(?1)) ELSE EXISTS (SELECT 1 FROM room WHERE id = " ROOM_NOW \
    " AND (access <> 0 OR ?6) AND id NOT IN (SELECT value FROM json_each(?1))) END"
/* The words (13: post, 14: its edit) of a post that is hidden now. */
#define IS_UNSAID "(j.kind IN (13, 14, 50) AND EXISTS (SELECT 1 FROM hidden WHERE post = j.subject))"
/* Entries of the hub and of rooms, and those for moderators (kinds 40 to 49) in rooms of which the negative is given. */
#define IN_SPAN "id > ?2 AND id <= ?3 AND id < 1 << 40"
#define IDS_OF_ALL                                                                                                   \
    "SELECT id FROM journal INDEXED BY journal_room WHERE room IN (SELECT 0 WHERE NOT ?6 UNION SELECT value FROM json_each(?1))"  \
    " AND " IN_SPAN " AND id NOT IN (SELECT id FROM journal INDEXED BY journal_report WHERE kind BETWEEN 40 AND 49"  \
    " AND " IN_SPAN " UNION ALL " IDS_OF_SANCTIONS ") ORDER BY id LIMIT ?4"
#define IDS_OF_MODERATORS                                                                                            \
    "SELECT id FROM journal INDEXED BY journal_report WHERE kind BETWEEN 40 AND 49 AND " IN_SPAN                     \
    " AND -room IN (SELECT value FROM json_each(?1)) ORDER BY id LIMIT ?4"
/* What was imposed or lifted: for the member, ?5, and who moderates there; 0 in the list: the hub is moderated. */
#define IDS_OF_SANCTIONS                                                                                             \
    "SELECT id FROM sanction WHERE " IN_SPAN " UNION ALL SELECT pardon FROM sanction WHERE pardon > ?2 AND pardon <= ?3"
#define IDS_OF_CONCERNED                                                                                             \
    "SELECT id FROM (SELECT id, member, room FROM sanction WHERE " IN_SPAN " UNION ALL SELECT pardon, member, room"  \
    " FROM sanction WHERE pardon > ?2 AND pardon <= ?3) WHERE member = ?5"                                           \
    " OR -room IN (SELECT value FROM json_each(?1)) ORDER BY id LIMIT ?4"
#define IDS_OF_ANY "SELECT * FROM (" IDS_OF_ALL ") UNION ALL SELECT * FROM (" IDS_OF_MODERATORS ")"                  \
    " UNION ALL SELECT * FROM (" IDS_OF_CONCERNED ")"
#define ROOM_STATEMENTS(X)                                                                                           \
    X(SQL_REGIONS, "SELECT id, slug, name, lang FROM region AS g WHERE is_within(0)"                                  \
                   " OR EXISTS (SELECT 1 FROM room AS r WHERE r.region = g.id AND is_within(r.id)) ORDER BY name, id") \
    X(SQL_ROOMS,                                                                                                     \
      "WITH seen AS MATERIALIZED (SELECT r.*, ms.since AS joined, " CAN_READ("r", "?1", "?2") " AS is_open"          \
      " FROM room AS r LEFT JOIN membership AS ms ON ms.room = r.id AND ms.member = ?1"                                        \
      " WHERE (r.access < 3 OR ms.member IS NOT NULL) AND " CAN_FIND("r", "?1", "?2") "),"   /* of two there may be thousands */ \
      " found AS (SELECT *, CASE WHEN is_open THEN joined END AS since FROM seen)"                                   \
      " SELECT f.id, f.region, f.chat, f.slug, f.name, f.about, f.lang, f.access, f.since IS NOT NULL,"              \
      " CASE WHEN f.is_open THEN f.threads ELSE 0 END, f.members,"                                                   \
      " CASE WHEN f.is_open THEN (SELECT max(last) FROM thread WHERE room = f.id) ELSE 0 END,"                       \
      " CASE WHEN f.since IS NULL THEN 0 ELSE (SELECT count(*) FROM (SELECT 1 FROM thread AS t"                      \
      "  LEFT JOIN read_pos AS rp ON rp.member = ?1 AND rp.thread = t.id"                                            \
      "  LEFT JOIN follow AS fo ON fo.member = ?1 AND fo.thread = t.id"                                              \
      "  CROSS JOIN turn AS u CROSS JOIN post AS p" UNREAD_WHERE(POS)                                                \
      "  AND t.room = f.id AND t.last > " POS " AND t.last > f.since"                                                \
      "  AND coalesce(fo.level, 0) <> 2 AND NOT t.is_archived LIMIT 100)) END,"                                                            \
      " CASE WHEN f.since IS NULL THEN 0 ELSE (SELECT count(*) FROM (SELECT 1 FROM mention AS m"                     \
      "  JOIN thread AS t ON t.id = m.thread AND t.room = f.id"                                                      \
      "  LEFT JOIN read_pos AS rp ON rp.member = ?1 AND rp.thread = t.id"                                            \
      "  LEFT JOIN follow AS fo ON fo.member = ?1 AND fo.thread = t.id"                                              \
      "  JOIN post AS p ON p.id = m.post"                                                                            \
      "  WHERE m.member = ?1 AND m.post > max(coalesce(rp.seq, 0), f.since) AND coalesce(fo.level, 0) <> 2"          \
      "  AND NOT t.is_archived AND p.by <> ?1 AND NOT " IS_BLOCKED("p") " LIMIT 100)) END,"                          \
      " " ROLE_IN("f", "?1", "?2") ","                                                                               \
      " (SELECT group_concat(member) FROM (SELECT DISTINCT member FROM given_role AS g WHERE scope IN (f.id, f.region)" \
      "  AND role >= 2 AND NOT EXISTS (SELECT 1 FROM sanction AS sg WHERE sg.member = g.member"                      \
      "  AND sg.scope IN (0, f.id, f.region) AND sg.act >= 2 AND " IN_FORCE("sg", "now_ms()") ")"                     \
      "  ORDER BY member LIMIT 20)), " ROOM_SET("f") ","                                                             \
      " CASE f.access WHEN 3 THEN (SELECT CASE low WHEN ?1 THEN high ELSE low END FROM direct WHERE room = f.id) END," \
      " CASE WHEN f.slow_s > 0 THEN (" LAST_OWN("?1", "f.id") ") ELSE 0 END,"                                        \
      " f.since IS NULL AND EXISTS (SELECT 1 FROM matter AS m WHERE m.room = f.id AND m.decided_ms IS NULL"          \
      "  AND m.ask = 3 AND m.member = ?1)"                                                                           \
      " FROM found AS f ORDER BY f.region, f.id")                                                                    \
    X(SQL_WORDS, "SELECT coalesce(rw.words, '[]') FROM room AS r LEFT JOIN room_words AS rw ON rw.room = r.id"       \
                 " WHERE r.id = ?3 AND " CAN_READ("r", "?1", "?2"))                                                  \
    X(SQL_ENTRIES, "SELECT id, at_ms, actor, kind, room, thread, subject, cid,"                                      \
                   " CASE WHEN " IS_ELSEWHERE " OR " IS_UNSAID " THEN NULL ELSE body END FROM journal AS j"                           \
                   " WHERE id IN (" IDS_OF_ANY ")"                                                    \
                   " ORDER BY id LIMIT ?4")                                                                          \
    X(SQL_ENTRIES_COUNT, "SELECT count(*) FROM (" IDS_OF_ANY " LIMIT ?4)")                                           \
    X(SQL_ALL_ROOMS, "SELECT id, region, access FROM room ORDER BY id")                                              \
    X(SQL_ALL_MEMBERS, "SELECT id, role FROM member ORDER BY id")                                                    \
    X(SQL_ALL_ROLES, "SELECT member, scope, role FROM given_role ORDER BY member, scope")                            \
    X(SQL_ALL_HELD, "SELECT id, member, scope, act, coalesce(until, 9223372036854775807) FROM sanction AS s"         \
                    " WHERE act > 1 AND " IN_FORCE("s", "now_ms()"))                                                 \
    X(SQL_ALL_JOINED, "SELECT room, member FROM membership ORDER BY room, member")
STATEMENTS(ROOM_STATEMENTS, room, false)

#define BIND(name, ...) db_bind(db, LIST_ROOM, name, __VA_ARGS__)

enum bz_err query_head(struct db *db, int64_t *ret_seq, struct bz_error *e)
{
    int64_t at_ms;
    return db_head(db, ret_seq, &at_ms, e);
}

enum bz_err query_regions(struct db *db, region_visit visit, void *ctx, struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_REGIONS, "");
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct region_row row = { sqlite3_column_int64(s, 0), column_span(s, 1), column_span(s, 2),
                                  column_span(s, 3) };
        visit(ctx, &row);
    }
    return rc;
}

enum bz_err query_rooms(struct db *db, struct viewer v, room_visit visit, void *ctx, struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_ROOMS, "ii", v.member, (int64_t)v.role);
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct room_row row = {
            .id = sqlite3_column_int64(s, 0),
            .region = sqlite3_column_int64(s, 1),
            .chat = sqlite3_column_int64(s, 2),
            .slug = column_span(s, 3),
            .name = column_span(s, 4),
            .about = column_span(s, 5),
            .lang = column_span(s, 6),
            .access = (enum access)sqlite3_column_int(s, 7),
            .is_joined = sqlite3_column_int(s, 8) != 0,
            .threads = sqlite3_column_int64(s, 9),
            .members = sqlite3_column_int64(s, 10),
            .last_seq = id_seq(sqlite3_column_int64(s, 11)),
            .unread = sqlite3_column_int64(s, 12),
            .mentions = sqlite3_column_int64(s, 13),
            .role = (enum role)sqlite3_column_int(s, 14),
            .moderators = column_span(s, 15),
            .set = room_set_of_row(s, 16),
            .with = sqlite3_column_int64(s, 16 + ROOM_SET_COLUMNS),
            .last_own_ms = sqlite3_column_int64(s, 17 + ROOM_SET_COLUMNS),
            .has_asked = sqlite3_column_int(s, 18 + ROOM_SET_COLUMNS) != 0,
        };
        visit(ctx, &row);
    }
    return rc;
}

enum bz_err query_words(struct db *db, struct viewer v, bz_id room, void (*visit)(void *ctx, struct span json), void *ctx,
                        struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_WORDS, "iii", v.member, (int64_t)v.role, room);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (!has_row)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is nothing here, or it is not open to you");
    visit(ctx, column_span(s, 0));
    db_reset(s);
    return BZ_OK;
}

enum bz_err query_entries(struct db *db, const struct reach *reach, int64_t from, int64_t upto, int limit, entry_visit visit,
                          void *ctx, struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_ENTRIES, "siiiii", reach->rooms, from, upto, (int64_t)limit, reach->member, (int64_t)reach->is_bound);
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct entry entry;
        entry_of_row(s, &entry);
        if (!visit(ctx, &entry)) {
            db_reset(s);
            break;
        }
    }
    return rc;
}

enum bz_err query_entries_count(struct db *db, const struct reach *reach, int64_t from, int64_t upto, int limit, int64_t *ret,
                                struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_ENTRIES_COUNT, "siiiii", reach->rooms, from, upto, (int64_t)limit, reach->member,
                           (int64_t)reach->is_bound);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = sqlite3_column_int64(s, 0);
    db_reset(s);
    return BZ_OK;
}

enum bz_err query_audience(struct db *db, const struct audience_visit *visit, void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_ALL_ROOMS, "");
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit->room(ctx, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), (enum access)sqlite3_column_int(s, 2));
    if (rc != BZ_OK)
        return rc;
    s = BIND(SQL_ALL_MEMBERS, "");
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit->member(ctx, sqlite3_column_int64(s, 0), (enum role)sqlite3_column_int(s, 1));
    if (rc != BZ_OK)
        return rc;
    s = BIND(SQL_ALL_ROLES, "");
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit->given(ctx, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), (enum role)sqlite3_column_int(s, 2));
    if (rc != BZ_OK)
        return rc;
    s = BIND(SQL_ALL_HELD, "");
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        const struct held_row row = { sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 2),
                                      (enum sanction)sqlite3_column_int(s, 3), sqlite3_column_int64(s, 4) };
        visit->held(ctx, &row);
    }
    if (rc != BZ_OK)
        return rc;
    s = BIND(SQL_ALL_JOINED, "");
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit->joined(ctx, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1));
    return rc;
}
