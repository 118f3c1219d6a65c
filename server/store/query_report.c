#include "store/matter.h"
#include "store/query.h"

/* ?1 viewer, ?2 their role, ?3 decided ones, ?4 before, ?5 limit. The queue is for those who moderate the room; a report's
 * maker is told what became of it, not who decided. */
#define MATTER_COLUMNS                                                                                              \
    "m.id, m.room, m.thread, m.post, m.member, m.is_appeal, m.at_ms, m.claimed_by, m.claimed_ms, m.decided_by,"     \
    " m.decided_ms, m.decision, m.rule, m.reason, t.title, " CONCERNED ","                                          \
    " CASE WHEN p.redacted_at IS NULL THEN substr(p.text, 1, 600) END, coalesce(hd.by, sn.by)"
/* Whether the viewer moderates just that. */
#define VIEWER_IS(scope) "EXISTS (SELECT 1 FROM given_role WHERE member = ?1 AND scope = " scope " AND role >= 2)"
#define ASKED_COLUMNS                                                                                               \
    ", " SOMEBODY("m.room") ", " SOMEBODY(REGION) ", " VIEWER_IS("m.room") ", " VIEWER_IS(REGION)                   \
    ", " MAY_DECIDE("?1") ", m.sanction," HELD_COLUMNS("coalesce(json_extract(he.says, '$.files'), p.files)")
#define HELD_COLUMNS(files)                                                                                         \
    " m.ask, he.why, he.word, coalesce(json_extract(he.opens, '$.title'), " TITLE_OF("thread") "),"                  \
    " coalesce(substr(json_extract(he.says, '$.text'), 1, 600), " FIRST_OF("posts[0]") "), he.does, " TITLE_OF("to") ", " files
/* Of what an act is about: as it is now, and only where the viewer may look. */
#define TITLE_OF(thread)                                                                                            \
    "(SELECT dt.title FROM thread AS dt JOIN room AS dr ON dr.id = dt.room"                                         \
    " WHERE dt.id = id_of(json_extract(he.does, '$." thread "')) AND " CAN_READ("dr", "?1", "?2") ")"
#define FIRST_OF(post)                                                                                              \
    "(SELECT substr(dp.text, 1, 600) FROM post AS dp JOIN thread AS dt ON dt.id = dp.thread"                        \
    " JOIN room AS dr ON dr.id = dt.room WHERE dp.id = id_of(json_extract(he.does, '$." post "'))"                  \
    " AND dp.redacted_at IS NULL AND NOT " IS_HIDDEN("dp") " AND " CAN_READ("dr", "?1", "?2") ")"
#define REPORT_STATEMENTS(X)                                                                                        \
    X(SQL_QUEUE, "SELECT " MATTER_COLUMNS ASKED_COLUMNS MATTER_SOURCE                                               \
                 " WHERE (m.decided_ms IS NOT NULL) = ?3 AND m.id < ?4"                                             \
                 " AND CASE WHEN r.id IS NULL THEN is_within(0) AND " ROLE_AT("sn", "?1", "?2") " >= 2 ELSE "                        \
                 ROLE_IN("r", "?1", "?2") " >= 2 AND " CAN_READ("r", "?1", "?2") " END"                             \
                 " ORDER BY m.id DESC LIMIT ?5")                                                                    \
    X(SQL_OF_MATTER, "SELECT by, at_ms, rule, reason FROM report WHERE matter = ?1 ORDER BY id LIMIT 50")           \
    X(SQL_MINE, "SELECT rp.id, m.room, m.thread, m.post, m.member, m.is_appeal, rp.at_ms, NULL, NULL, NULL,"        \
                " m.decided_ms, m.decision, m.rule, m.reason, t.title, NULL, NULL, NULL, 0, 0, 0, 0, 0, m.sanction," \
                HELD_COLUMNS("json_extract(he.says, '$.files')")                                                     \
                " FROM report AS rp JOIN matter AS m ON m.id = rp.matter LEFT JOIN room AS r ON r.id = m.room"      \
                " LEFT JOIN thread AS t ON t.id = m.thread LEFT JOIN held AS he ON he.id = m.id"                    \
                " WHERE rp.by = ?1 AND rp.id < ?3 AND (m.room IS NULL"                                              \
                " OR CASE m.ask WHEN 3 THEN " CAN_FIND("r", "?1", "?2") " ELSE " CAN_READ("r", "?1", "?2") " END)"  \
                " ORDER BY rp.id DESC LIMIT ?4")
STATEMENTS(REPORT_STATEMENTS, report, false)

#define BIND(name, ...) db_bind(db, LIST_REPORT, name, __VA_ARGS__)

/* Who is reported does not learn by whom, though they moderate. */
static enum bz_err reports_of(struct db *db, struct viewer v, struct matter_row *row, struct bz_error *e)
{
    bool is_own = row->of == v.member && !row->is_appeal;
    sqlite3_stmt *s = BIND(SQL_OF_MATTER, "i", row->id);
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct report_row report = { is_own ? 0 : sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
                                     column_span(s, 2), column_span(s, 3) };
        row->visit(row->ctx, &report);
    }
    return rc;
}

/* Those closest to the room are asked first; each OVERDUE_MS without a decision asks the next as well. */
static enum asked_whom asked_now(sqlite3_stmt *s, int64_t waits_ms)
{
    bool has_room = sqlite3_column_int(s, 18) != 0, has_region = sqlite3_column_int(s, 19) != 0;
    enum asked_whom asked = has_room ? ASKED_ROOM : has_region ? ASKED_REGION : ASKED_HUB;

    for (; waits_ms >= OVERDUE_MS && asked != ASKED_HUB; waits_ms -= OVERDUE_MS)
        asked = asked == ASKED_ROOM && has_region ? ASKED_REGION : ASKED_HUB;
    return asked;
}

/* now_ms 0: to who made the report, without the reports and whom they wait for. */
static enum bz_err visit_all(struct db *db, struct viewer v, sqlite3_stmt *s, int64_t now_ms,
                             const struct matter_visit *visit, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct matter_row row = {
            .id = sqlite3_column_int64(s, 0),
            .room = sqlite3_column_int64(s, 1),
            .thread = sqlite3_column_int64(s, 2),
            .post = sqlite3_column_int64(s, 3),
            .member = sqlite3_column_int64(s, 4),
            .is_appeal = sqlite3_column_int(s, 5) != 0,
            .at_ms = sqlite3_column_int64(s, 6),
            .claimed_by = sqlite3_column_int64(s, 7),
            .claimed_ms = sqlite3_column_int64(s, 8),
            .decided_by = sqlite3_column_int64(s, 9),
            .decided_ms = sqlite3_column_int64(s, 10),
            .decision = column_span(s, 11),
            .rule = column_span(s, 12),
            .reason = column_span(s, 13),
            .title = column_span(s, 14),
            .of = sqlite3_column_int64(s, 15),
            .text = column_span(s, 16),
            .hidden_by = sqlite3_column_int64(s, 17),
            .sanction = sqlite3_column_int64(s, 23),
            .ask = (enum ask)sqlite3_column_int(s, 24),
            .held_why = column_span(s, 25),
            .word = column_span(s, 26),
            .files = column_span(s, 31),
            .visit = visit->report,
            .ctx = visit->ctx,
        };
        if (now_ms != 0 && row.decided_ms == 0) {
            row.asked = asked_now(s, now_ms - row.at_ms);
            enum asked_whom viewer = sqlite3_column_int(s, 20) != 0 ? ASKED_ROOM
                                     : sqlite3_column_int(s, 21) != 0 ? ASKED_REGION : ASKED_HUB;
            row.may_viewer = sqlite3_column_int(s, 22) != 0;
            row.is_for_viewer = row.asked >= viewer && row.may_viewer;
        }
        if (row.title.at == NULL)
            row.title = column_span(s, 27);
        if (row.text.at == NULL)
            row.text = column_span(s, 28);
        row.does = column_span(s, 29);
        row.to_title = column_span(s, 30);
        visit->open(visit->ctx, &row);
        rc = now_ms != 0 ? reports_of(db, v, &row, e) : BZ_OK;
        visit->close(visit->ctx, &row);
        if (rc != BZ_OK) {
            db_reset(s);
            return rc;
        }
    }
    return rc;
}

enum bz_err query_queue(struct db *db, struct viewer v, const struct queue_page *page, const struct matter_visit *visit,
                        struct bz_error *e)
{
    int64_t decided = page->is_decided, role = v.role, limit = page->limit;
    sqlite3_stmt *s = BIND(SQL_QUEUE, "iiiii", v.member, role, decided, page->before == 0 ? INT64_MAX : page->before, limit);
    return visit_all(db, v, s, page->now_ms, visit, e);
}

enum bz_err query_own_reports(struct db *db, struct viewer v, bz_id before, int limit, const struct matter_visit *visit,
                              struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_MINE, "iiii", v.member, (int64_t)v.role, before == 0 ? INT64_MAX : before, (int64_t)limit);
    return visit_all(db, v, s, 0, visit, e);
}
