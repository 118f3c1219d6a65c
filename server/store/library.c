#include "store/library.h"

#include "store/statement.h"

#define LIBRARY_STATEMENTS(X)                                                                                        \
    X(SQL_FIELDS_NOW, "SELECT fields FROM thread WHERE id = ?1")                                                     \
    /* A retired theme stays where it is, and comes to no other. */                                                  \
    X(SQL_NO_THEME, "SELECT j.value FROM json_each(CASE WHEN json_valid(?1) THEN ?1 ELSE '{}' END, '$.themes') AS j" \
                    " WHERE NOT EXISTS (SELECT 1 FROM theme AS m WHERE m.slug = j.value AND NOT m.retired)"          \
                    " AND NOT EXISTS (SELECT 1 FROM thread AS t, json_each(t.fields, '$.themes') AS o"               \
                    " WHERE t.id = ?2 AND o.value = j.value) LIMIT 1")
STATEMENTS(LIBRARY_STATEMENTS, library, true)

#define BIND(name, ...) db_bind(db, LIST_LIBRARY, name, __VA_ARGS__)

/* One text of a statement that answers at most one row, kept in the arena. */
static enum bz_err load_text(struct db *db, sqlite3_stmt *s, struct arena *arena, struct span *ret, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    struct span text = column_span(s, 0);
    if (text.at != NULL)
        *ret = arena_copy(arena, text);
    db_reset(s);
    return BZ_OK;
}

enum bz_err library_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e)
{
    static const char themes[] = "\"themes\":";
    enum bz_err rc = BZ_OK;
    if (cmd->kind == COMMAND_THREAD_FIELDS)
        rc = load_text(db, BIND(SQL_FIELDS_NOW, "i", ret->thread.id), arena, &ret->fields, e);
    bool has_themes = cmd->fields.at != NULL && memmem(cmd->fields.at, cmd->fields.len, themes, sizeof themes - 1) != NULL;
    if (rc == BZ_OK && has_themes)
        rc = load_text(db, BIND(SQL_NO_THEME, "si", cmd->fields, cmd->kind == COMMAND_THREAD_FIELDS ? ret->thread.id : 0), arena,
                       &ret->no_theme, e);
    return rc;
}
