#include "baraza/limits.h"
#include "store/apply.h"
#include "store/query.h"
#include "store/statement.h"

/* Ended drafts that are remembered for one member; the oldest are forgotten. */
#define ENDED_MAX "100"

#define DRAFT_STATEMENTS(X)                                                                                          \
    X(SQL_MAY_DRAFT, "SELECT 1 FROM room AS r JOIN member AS m ON m.id = ?2"                                         \
                     " WHERE r.id = CASE WHEN ?1 = 0 THEN ?3 ELSE (SELECT room FROM thread WHERE id = ?1) END AND "  \
                     CAN_READ("r", "m.id", "m.role"))                                                                \
    X(SQL_MAY_QUOTE, "SELECT 1 FROM post WHERE id = ?1 AND (thread = ?2"                                          \
                     " OR (SELECT subject FROM journal WHERE id = moved) = ?2)")                                             \
    X(SQL_DRAFT_AT, "SELECT at_ms, text IS NOT NULL FROM draft WHERE member = ?1 AND place = ?2")                    \
    X(SQL_DRAFTS_COUNT, "SELECT count(*) FROM draft WHERE member = ?1 AND text IS NOT NULL")                         \
    X(SQL_DRAFT_SET, "INSERT OR REPLACE INTO draft(member, place, at_ms, kind, title, text, reply_to, kept_ms)"               \
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")                                                          \
    X(SQL_HAS_SENT, "SELECT 1 FROM draft WHERE member = ?1 AND text IS NOT NULL AND (place = ?2 OR (place = 0"       \
                    " AND title = ?3)) LIMIT 1")                                                                    \
    X(SQL_DRAFT_SENT, "UPDATE draft SET kind = 0, title = NULL, text = NULL, reply_to = NULL"                        \
                      " WHERE member = ?1 AND text IS NOT NULL AND (place = ?2 OR (place = 0 AND title = ?3))"       \
                      " RETURNING place, at_ms")                                                                     \
    X(SQL_ENDED_SWEEP, "DELETE FROM draft WHERE member = ?1 AND text IS NULL AND place NOT IN (SELECT place"         \
                       " FROM draft WHERE member = ?1 AND text IS NULL ORDER BY at_ms DESC LIMIT " ENDED_MAX ")")
STATEMENTS(DRAFT_STATEMENTS, draft, true)

#define DRAFT_READ_STATEMENTS(X)                                                                                     \
    X(SQL_DRAFTS, "SELECT t.id, r.id, d.at_ms, d.kind, d.title, d.text, d.reply_to FROM draft AS d"                  \
                  " LEFT JOIN thread AS t ON t.id = d.place LEFT JOIN room AS r ON r.id = coalesce(t.room, d.place)" \
                  " WHERE d.member = ?1 AND d.text IS NOT NULL AND (?3 = 0 OR d.place = ?3)"                         \
                  " AND (d.place = 0 OR " CAN_READ("r", "?1", "?2") ") ORDER BY d.at_ms DESC, d.place")
STATEMENTS(DRAFT_READ_STATEMENTS, draft_read, false)

#define BIND(name, ...) db_bind(db, LIST_DRAFT, name, __VA_ARGS__)

static enum bz_err exists(struct db *db, sqlite3_stmt *s, bool *ret, struct bz_error *e)
{
    enum bz_err rc = db_step(db, s, ret, e);
    if (rc == BZ_OK && *ret)
        db_reset(s);
    return rc;
}

static enum bz_err check_place(struct db *db, const struct command *cmd, struct bz_error *e)
{
    bool is_there = true;
    enum bz_err rc = BZ_OK;
    if (cmd->thread != 0 || cmd->room != 0)
        rc = exists(db, BIND(SQL_MAY_DRAFT, "iii", cmd->thread, cmd->actor, cmd->room), &is_there, e);
    if (rc == BZ_OK && !is_there)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such place, or it is not open to you");
    if (rc == BZ_OK && cmd->reply_to != 0)
        rc = exists(db, BIND(SQL_MAY_QUOTE, "ii", cmd->reply_to, cmd->thread), &is_there, e);
    if (rc == BZ_OK && !is_there)
        return bz_invalid(e, "reply_to", "reply_to: a post of this thread");
    return rc;
}

/* Is this draft newer than what is kept? A repeat is not, and changes nothing. */
static enum bz_err is_news(struct db *db, const struct command *cmd, bz_id place, bool *ret, bool *ret_is_kept,
                           struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_DRAFT_AT, "ii", cmd->actor, place);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret = true;
    *ret_is_kept = false;
    if (rc != BZ_OK || !has_row)
        return rc;
    int64_t at_ms = sqlite3_column_int64(s, 0);
    *ret_is_kept = sqlite3_column_int(s, 1) != 0;
    db_reset(s);
    *ret = cmd->edited_ms > at_ms;
    if (cmd->edited_ms < at_ms)
        return bz_fail(e, BZ_ERR_CONFLICT, "another device of yours wrote here since; read it with draft.list first");
    return BZ_OK;
}

static enum bz_err check_room_for_more(struct db *db, bz_id member, struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_DRAFTS_COUNT, "i", member);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    int64_t count = sqlite3_column_int64(s, 0);
    db_reset(s);
    if (count >= BZ_LIMIT_DRAFTS_MAX)
        return bz_fail(e, BZ_ERR_CONFLICT, "you have %d drafts already: send or empty one of them first",
                       BZ_LIMIT_DRAFTS_MAX);
    return BZ_OK;
}

enum bz_err draft_set(struct db *db, const struct command *cmd, int64_t now_ms, bool *ret_changed, struct bz_error *e)
{
    const struct span none = { NULL, 0 };
    bz_id place = cmd->thread != 0 ? cmd->thread : cmd->room;
    bool is_empty = cmd->text.len == 0 && cmd->title.len == 0, is_kept;
    enum bz_err rc = check_place(db, cmd, e);
    *ret_changed = false;
    if (rc == BZ_OK)
        rc = is_news(db, cmd, place, ret_changed, &is_kept, e);
    if (rc == BZ_OK && is_empty && !is_kept)
        *ret_changed = false;
    if (rc != BZ_OK || !*ret_changed)
        return rc;
    if (!is_empty && !is_kept && (rc = check_room_for_more(db, cmd->actor, e)) != BZ_OK)
        return rc;
    struct span text = is_empty ? none : cmd->text.len == 0 ? SPAN("") : cmd->text;
    rc = db_run(db, BIND(SQL_DRAFT_SET, "iiiissni", cmd->actor, place, cmd->edited_ms,
                         is_empty ? 0 : (int64_t)cmd->thread_kind, is_empty ? none : cmd->title, text,
                         is_empty ? 0 : cmd->reply_to, now_ms), e);
    if (rc == BZ_OK && is_empty)
        rc = db_run(db, BIND(SQL_ENDED_SWEEP, "i", cmd->actor), e);
    return rc;
}

enum bz_err draft_sent(struct db *db, const struct command *cmd, struct draft_end ret[DRAFT_ENDS], size_t *ret_count,
                       struct bz_error *e)
{
    bz_id place = cmd->kind == COMMAND_POST_CREATE ? cmd->thread : cmd->room;
    bool has_row;
    *ret_count = 0;
    sqlite3_stmt *s = BIND(SQL_HAS_SENT, "iis", cmd->actor, place, cmd->title);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;   /* as for most posts: an UPDATE of many rows is dear, see apply.c */
    db_reset(s);
    s = BIND(SQL_DRAFT_SENT, "iis", cmd->actor, place, cmd->title);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        if (*ret_count < DRAFT_ENDS)
            ret[(*ret_count)++] = (struct draft_end){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1) };
    if (rc == BZ_OK && *ret_count > 0)
        rc = db_run(db, BIND(SQL_ENDED_SWEEP, "i", cmd->actor), e);
    return rc;
}

enum bz_err query_drafts(struct db *db, struct viewer v, bz_id place, draft_visit visit, void *ctx, struct bz_error *e)
{
    sqlite3_stmt *s = db_bind(db, LIST_DRAFT_READ, SQL_DRAFTS, "iii", v.member, (int64_t)v.role, place);
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        bz_id thread = sqlite3_column_int64(s, 0);
        struct draft_row row = {
            .thread = thread,
            .room = thread != 0 ? 0 : sqlite3_column_int64(s, 1),
            .at_ms = sqlite3_column_int64(s, 2),
            .kind = (enum thread_kind)sqlite3_column_int(s, 3),
            .title = column_span(s, 4),
            .text = column_span(s, 5),
            .reply_to = sqlite3_column_int64(s, 6),
        };
        visit(ctx, &row);
    }
    return rc;
}
