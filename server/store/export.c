#include "store/export.h"

#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "store/columns.h"
#include "store/statement.h"

#define HOUR_MS (3600 * (int64_t)1000)   /* one that takes longer was given up */

#define EXPORT_STATE_STATEMENTS(X)                                                                                   \
    X(SQL_LAST, "SELECT at_ms, done_ms IS NOT NULL AND bytes IS NULL, (SELECT count(*) FROM export WHERE done_ms IS NULL" \
                " AND at_ms > ?2) FROM (SELECT ?1 AS who) LEFT JOIN export ON member = who")                         \
    X(SQL_BEGIN, "INSERT OR REPLACE INTO export(member, id, at_ms) SELECT id, ?2 || ?3, ?4 FROM member" \
                 " WHERE id = ?1 AND erased_ms IS NULL")                                                             \
    X(SQL_DONE, "UPDATE export SET done_ms = ?2, bytes = nullif(?3, 0) WHERE member = ?1 AND done_ms IS NULL")       \
    X(SQL_OLD, "SELECT member, id FROM export WHERE at_ms <= ?1 LIMIT 1")                                            \
    X(SQL_ITS, "SELECT member, id FROM export WHERE member = ?1")                                                    \
    X(SQL_GONE, "DELETE FROM export WHERE member = ?1")
STATEMENTS(EXPORT_STATE_STATEMENTS, export_state, true)

#define EXPORT_STATEMENTS(X)                                                                                         \
    X(SQL_NEXT, "SELECT member, id FROM export WHERE done_ms IS NULL AND member <> ?1 ORDER BY at_ms LIMIT 1")       \
    X(SQL_SEEN, "SELECT x.at_ms, x.done_ms IS NOT NULL, coalesce(x.bytes, 0), x.id, m.handle FROM export AS x"       \
                " JOIN member AS m ON m.id = x.member WHERE x.member = ?1")                                          \
    COLUMN_EXPORTS(X)
STATEMENTS(EXPORT_STATEMENTS, export, false)

#define BIND(name, ...) db_bind(db, LIST_EXPORT_STATE, name, __VA_ARGS__)
#define READ(name, ...) db_bind(db, LIST_EXPORT, name, __VA_ARGS__)

static const struct { int sql; const char *name; } tables[] = {
#define ROW(name, sql) { name, #name },
    COLUMN_EXPORTS(ROW)
#undef ROW
};
const size_t export_tables = sizeof tables / sizeof *tables;

static enum bz_err begin(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    bool has_row;
    unsigned char id[2][16];
    sqlite3_stmt *s = BIND(SQL_LAST, "ii", cmd->actor, now_ms - HOUR_MS);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    int64_t wait_ms = sqlite3_column_int64(s, 0) + EXPORT_MS - now_ms, making = sqlite3_column_int64(s, 2);
    bool has_failed = sqlite3_column_int(s, 1) != 0;
    db_reset(s);
    if (wait_ms > 0 && !has_failed) {
        (void)bz_fail(e, BZ_ERR_RATE_LIMITED, "once a day: the last one was asked for less than 24 hours ago");
        e->retry_after_ms = (uint32_t)wait_ms;
        return BZ_ERR_RATE_LIMITED;
    }
    if (making >= EXPORTS_MAX) {
        (void)bz_fail(e, BZ_ERR_RATE_LIMITED, "others are being made just now; ask again in a minute");
        e->retry_after_ms = 60000;
        return BZ_ERR_RATE_LIMITED;
    }
    db->env->random(db->env->ctx, id, sizeof id);
    char hex[2][33];
    for (int i = 0; i < 2; i++)
        (void)sodium_bin2hex(hex[i], sizeof hex[i], id[i], sizeof id[i]);
    rc = db_run(db, BIND(SQL_BEGIN, "issi", cmd->actor, span_of(hex[0]), span_of(hex[1]), now_ms), e);
    if (rc == BZ_OK && sqlite3_changes(db->sq) != 1)
        rc = bz_fail(e, BZ_ERR_UNAUTHENTICATED, "sign in first");
    return rc;
}

enum bz_err export_apply(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    if (cmd->kind == COMMAND_EXPORT_BEGIN)
        return begin(db, cmd, now_ms, e);
    return db_run(db, BIND(SQL_DONE, "iii", cmd->member, now_ms, cmd->seq), e);
}

void export_path(const char *dir, const char *id, const char *suffix, char ret[EXPORT_PATH_BYTES])
{
    (void)snprintf(ret, EXPORT_PATH_BYTES, "%s/export/%s%s", dir, id, suffix);
}

/* The file of a row, and the row. *ret_more: there was one. */
static enum bz_err remove_one(struct db *db, const char *dir, sqlite3_stmt *s, bool *ret_more, struct bz_error *e)
{
    char path[EXPORT_PATH_BYTES], id[EXPORT_ID_CHARS + 1];
    enum bz_err rc = db_step(db, s, ret_more, e);
    if (rc != BZ_OK || !*ret_more)
        return rc;
    bz_id member = sqlite3_column_int64(s, 0);
    struct span name = column_span(s, 1);
    (void)snprintf(id, sizeof id, "%.*s", (int)name.len, name.at);
    db_reset(s);
    export_path(dir, id, "", path);
    (void)unlink(path);
    return db_run(db, BIND(SQL_GONE, "i", member), e);
}

enum bz_err export_tend(struct db *db, const char *dir, int64_t now_ms, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    for (bool more = true; more && rc == BZ_OK;)
        rc = remove_one(db, dir, BIND(SQL_OLD, "i", now_ms - EXPORT_MS), &more, e);
    return rc;
}

enum bz_err export_forget(struct db *db, const char *dir, bz_id member, struct bz_error *e)
{
    bool more;
    return remove_one(db, dir, BIND(SQL_ITS, "i", member), &more, e);
}

enum bz_err export_next(struct db *db, bz_id but, struct export_due *ret, struct bz_error *e)
{
    bool has_row;
    *ret = (struct export_due){ 0 };
    sqlite3_stmt *s = READ(SQL_NEXT, "i", but);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    struct span id = column_span(s, 1);
    ret->member = sqlite3_column_int64(s, 0);
    (void)snprintf(ret->id, sizeof ret->id, "%.*s", (int)id.len, id.at);
    db_reset(s);
    return BZ_OK;
}

enum bz_err export_seen(struct db *db, bz_id member, struct arena *arena, struct export_seen *ret, struct bz_error *e)
{
    bool has_row;
    *ret = (struct export_seen){ 0 };
    sqlite3_stmt *s = READ(SQL_SEEN, "i", member);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = (struct export_seen){ .is_there = true, .at_ms = sqlite3_column_int64(s, 0), .is_done = sqlite3_column_int(s, 1) != 0,
                                 .bytes = sqlite3_column_int64(s, 2), .id = arena_copy(arena, column_span(s, 3)),
                                 .handle = arena_copy(arena, column_span(s, 4)) };
    db_reset(s);
    return BZ_OK;
}

/* EXPORT_READ_POS: read_pos. */
const char *export_table_name(size_t table)
{
    static _Thread_local char name[64];
    size_t i = 0;
    for (const char *at = tables[table].name + sizeof "EXPORT_" - 1; *at != '\0' && i + 1 < sizeof name; at++)
        name[i++] = (char)tolower((unsigned char)*at);
    name[i] = '\0';
    return name;
}

static bool is_json(const char *name)
{
    static const char *const names[] = { "fields", "opens", "says", "langs" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

#define CELLS 32

enum bz_err export_table(struct db *db, size_t table, bz_id member, export_visit visit, void *ctx, struct bz_error *e)
{
    struct export_cell cells[CELLS];
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = READ(tables[table].sql, "i", member);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        int count = sqlite3_column_count(s) < CELLS ? sqlite3_column_count(s) : CELLS;
        for (int i = 0; i < count; i++) {
            int type = sqlite3_column_type(s, i);
            const char *name = sqlite3_column_name(s, i);
            cells[i] = (struct export_cell){ .name = name, .type = type == SQLITE_NULL ? EXPORT_NULL : type == SQLITE_INTEGER ? EXPORT_INT
                                             : is_json(name) ? EXPORT_JSON : EXPORT_TEXT };
            if (type == SQLITE_INTEGER)
                cells[i].n = sqlite3_column_int64(s, i);
            else if (type != SQLITE_NULL)
                cells[i].text = column_span(s, i);
        }
        visit(ctx, cells, (size_t)count);
    }
    return rc;
}
