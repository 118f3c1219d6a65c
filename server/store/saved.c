#include "baraza/limits.h"
#include "store/apply.h"
#include "store/query.h"
#include "store/statement.h"

#define SAVED_STATEMENTS(X)                                                                                          \
    X(SQL_SAVED_COUNT, "SELECT count(*) FROM saved WHERE member = ?1 AND id <> ?2")                                  \
    X(SQL_SAVE, "INSERT INTO saved(member, id, at_ms, seen, notify, text, region, room, kind, by, has_file, year, lang)" \
                " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT(member, id) DO UPDATE SET"  \
                " seen = CASE WHEN (text, region, room, kind, by, has_file, year, lang) IS (excluded.text, excluded.region," \
                " excluded.room, excluded.kind, excluded.by, excluded.has_file, excluded.year, excluded.lang) THEN seen" \
                " ELSE excluded.seen END, at_ms = excluded.at_ms, notify = excluded.notify, text = excluded.text,"   \
                " region = excluded.region, room = excluded.room, kind = excluded.kind, by = excluded.by,"           \
                " has_file = excluded.has_file, year = excluded.year, lang = excluded.lang")                         \
    X(SQL_SEEN, "UPDATE saved SET seen = max(seen, ?3) WHERE member = ?1 AND id = ?2")                               \
    X(SQL_DROP, "DELETE FROM saved WHERE member = ?1 AND id = ?2")
STATEMENTS(SAVED_STATEMENTS, saved, true)

#define COLUMNS "s.id, s.at_ms, s.seen, s.notify, s.text, s.region, s.room, s.kind, s.by, s.has_file, s.year, s.lang, m.role"
#define SAVED_READ_STATEMENTS(X)                                                                                     \
    X(SQL_ALL_OF, "SELECT " COLUMNS " FROM saved AS s JOIN member AS m ON m.id = s.member WHERE s.member = ?1"       \
                  " ORDER BY s.at_ms DESC, s.id LIMIT ?2")                                                           \
    X(SQL_NOTIFYING, "SELECT " COLUMNS " FROM saved AS s JOIN member AS m ON m.id = s.member WHERE s.member = ?1 AND s.notify" \
                     " ORDER BY s.at_ms DESC, s.id LIMIT ?2")
STATEMENTS(SAVED_READ_STATEMENTS, saved_read, false)

#define BIND(name, ...) db_bind(db, LIST_SAVED, name, __VA_ARGS__)

static enum bz_err save(struct db *db, const struct command *cmd, int64_t now_ms, int64_t head, struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_SAVED_COUNT, "is", cmd->actor, cmd->slug);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    int64_t count = sqlite3_column_int64(s, 0);
    db_reset(s);
    if (count >= BZ_LIMIT_SAVED_MAX)
        return bz_fail(e, BZ_ERR_CONFLICT, "you keep %d searches already: drop one of them first", BZ_LIMIT_SAVED_MAX);
    return db_run(db, BIND(SQL_SAVE, "isiiisiiiiiis", cmd->actor, cmd->slug, now_ms, head, (int64_t)cmd->on, cmd->text,
                           cmd->region, cmd->room, (int64_t)cmd->thread_kind, cmd->member, (int64_t)cmd->has_file,
                           cmd->year, cmd->lang), e);
}

enum bz_err saved_apply(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    int64_t head, at_ms;
    enum bz_err rc = db_head(db, &head, &at_ms, e);
    if (rc != BZ_OK)
        return rc;
    if (cmd->kind == COMMAND_SEARCH_SAVE)
        return save(db, cmd, now_ms, head, e);
    bool is_seen = cmd->kind == COMMAND_SEARCH_SEEN;
    rc = is_seen ? db_run(db, BIND(SQL_SEEN, "isi", cmd->actor, cmd->slug, head), e)
                 : db_run(db, BIND(SQL_DROP, "is", cmd->actor, cmd->slug), e);
    if (rc == BZ_OK && is_seen && sqlite3_changes(db->sq) == 0)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "you keep no such search");
    return rc;
}

struct kept { struct saved_row row; struct search search; };

static void copy_row(sqlite3_stmt *s, struct arena *arena, struct kept *ret, enum role *ret_role)
{
    int64_t year = sqlite3_column_int64(s, 10);
    *ret = (struct kept){
        .row = { .id = arena_copy(arena, column_span(s, 0)), .seen = sqlite3_column_int64(s, 2),
                 .is_notifying = sqlite3_column_int(s, 3) != 0, .year = year, .fresh = -1 },
        .search = { .text = arena_copy(arena, column_span(s, 4)), .region = sqlite3_column_int64(s, 5),
                    .room = sqlite3_column_int64(s, 6), .kind = (enum thread_kind)sqlite3_column_int(s, 7),
                    .by = sqlite3_column_int64(s, 8), .has_file = sqlite3_column_int(s, 9) != 0,
                    .lang = arena_copy(arena, column_span(s, 11)) },
    };
    if (year != 0)
        search_year(year, &ret->search);
    *ret_role = (enum role)sqlite3_column_int(s, 12);
}

/* The rows are copied before any is searched for: both read by statements of this connection. */
static enum bz_err load(struct db *db, bz_id member, int statement, struct arena *arena, struct kept ret[BZ_LIMIT_SAVED_MAX],
                        size_t *ret_count, enum role *ret_role, struct bz_error *e)
{
    sqlite3_stmt *s = db_bind(db, LIST_SAVED_READ, statement, "ii", member, (int64_t)BZ_LIMIT_SAVED_MAX);
    bool has_row;
    enum bz_err rc;
    *ret_count = 0;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        if (*ret_count < BZ_LIMIT_SAVED_MAX)
            copy_row(s, arena, &ret[(*ret_count)++], ret_role);
    return rc;
}

enum bz_err query_saved(struct db *db, struct viewer v, saved_visit visit, void *ctx, struct bz_error *e)
{
    struct kept kept[BZ_LIMIT_SAVED_MAX];
    struct arena arena;
    size_t count;
    enum role role;
    arena_init(&arena);
    enum bz_err rc = load(db, v.member, SQL_ALL_OF, &arena, kept, &count, &role, e);
    for (size_t i = 0; i < count && rc == BZ_OK; i++) {
        if (!db_hurries(db))
            rc = query_fresh(db, v, &kept[i].search, kept[i].row.seen, &kept[i].row.fresh, e);
        if (rc == BZ_ERR_DEADLINE) {
            kept[i].row.fresh = -1;
            rc = BZ_OK;
        }
        kept[i].row.search = &kept[i].search;
        if (rc == BZ_OK)
            visit(ctx, &kept[i].row);
    }
    arena_done(&arena);
    return rc;
}

/* What is news since `from` is asked for first: mostly nothing. */
enum bz_err query_notify(struct db *db, bz_id member, int64_t from, saved_visit visit, void *ctx, struct bz_error *e)
{
    struct kept kept[BZ_LIMIT_SAVED_MAX];
    struct arena arena;
    size_t count;
    struct viewer v = { member, ROLE_GUEST };
    arena_init(&arena);
    enum bz_err rc = load(db, member, SQL_NOTIFYING, &arena, kept, &count, &v.role, e);
    for (size_t i = 0; i < count && rc == BZ_OK; i++) {
        int64_t news = 0;
        struct saved_row *row = &kept[i].row;
        rc = query_fresh(db, v, &kept[i].search, row->seen > from ? row->seen : from, &news, e);
        if (rc == BZ_OK && news > 0)
            rc = query_fresh(db, v, &kept[i].search, row->seen, &row->fresh, e);
        row->search = &kept[i].search;
        if (rc == BZ_OK && news > 0)
            visit(ctx, row);
    }
    arena_done(&arena);
    return rc;
}
