#include "store/library.h"

#include "store/statement.h"

#define LIBRARY_STATEMENTS(X)                                                                                        \
    X(SQL_COLLECTION, "SELECT id, region, retired, EXISTS (SELECT 1 FROM collection_item AS i WHERE i.collection = ?1"  \
                      " AND i.thread = ?2), title, about FROM collection WHERE id = ?1")                             \
    X(SQL_FILE_NAMES, "SELECT name, alt FROM post_file WHERE post = ?1 AND n = ?2")                                  \
    X(SQL_THEME, "SELECT retired, EXISTS (SELECT 1 FROM theme AS c WHERE c.parent = ?1), parent,"                    \
                 " json_patch(names, coalesce(?2, '{}')) <> names FROM theme WHERE slug = ?1")                       \
    X(SQL_IS_TOP, "SELECT 1 FROM theme WHERE slug = ?1 AND parent IS NULL")                                          \
    X(SQL_THEMES_COUNT, "SELECT count(*) FROM theme")                                                                \
    X(SQL_COLLECTIONS_COUNT, "SELECT count(*) FROM collection WHERE region = ?1")                                    \
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

enum bz_err library_collection(struct db *db, const struct command *cmd, struct arena *arena, struct collection_facts *ret,
                               struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_COLLECTION, "ii", cmd->collection, cmd->thread);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = (struct collection_facts){
        .id = sqlite3_column_int64(s, 0), .region = sqlite3_column_int64(s, 1), .is_retired = sqlite3_column_int(s, 2) != 0,
        .has_thread = sqlite3_column_int(s, 3) != 0, .title = arena_copy(arena, column_span(s, 4)),
    };
    if (column_span(s, 5).at != NULL)
        ret->about = arena_copy(arena, column_span(s, 5));
    db_reset(s);
    return BZ_OK;
}

enum bz_err library_said(struct db *db, const struct command *cmd, struct arena *arena, struct command *ret, struct bz_error *e)
{
    bool has_row;
    *ret = *cmd;
    if (cmd->kind != COMMAND_RESOURCE_PROMOTE || cmd->url.at != NULL)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_FILE_NAMES, "ii", cmd->post, cmd->file_n);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    struct file_ref *file = arena_alloc(arena, sizeof *file);
    *file = (struct file_ref){ .name = arena_copy(arena, column_span(s, 0)) };
    if (column_span(s, 1).at != NULL)
        file->alt = arena_copy(arena, column_span(s, 1));
    db_reset(s);
    ret->files = (struct file_refs){ file, 1 };
    return BZ_OK;
}

static enum bz_err load_count(struct db *db, sqlite3_stmt *s, int64_t *ret, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = sqlite3_column_int64(s, 0);
    db_reset(s);
    return BZ_OK;
}

static enum bz_err load_theme(struct db *db, const struct command *cmd, struct arena *arena, struct facts *f, struct bz_error *e)
{
    struct theme_facts *theme = &f->theme;
    sqlite3_stmt *s = BIND(SQL_THEME, "ss", cmd->slug, cmd->names);
    enum bz_err rc = db_step(db, s, &theme->is_there, e);
    if (rc == BZ_OK && theme->is_there) {
        theme->is_retired = sqlite3_column_int(s, 0) != 0;
        theme->has_children = sqlite3_column_int(s, 1) != 0;
        if (column_span(s, 2).at != NULL)
            theme->parent = arena_copy(arena, column_span(s, 2));
        theme->names_differ = sqlite3_column_int(s, 3) != 0;
        db_reset(s);
    }
    if (rc == BZ_OK && cmd->parent.at != NULL) {
        s = BIND(SQL_IS_TOP, "s", cmd->parent);
        rc = db_step(db, s, &theme->parent_is_top, e);
        if (rc == BZ_OK && theme->parent_is_top)
            db_reset(s);
    }
    return rc == BZ_OK ? load_count(db, BIND(SQL_THEMES_COUNT, ""), &f->shelf_count, e) : rc;
}

enum bz_err library_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e)
{
    static const char themes[] = "\"themes\":";
    enum bz_err rc = BZ_OK;
    if (cmd->kind == COMMAND_THEME_SET)
        return load_theme(db, cmd, arena, ret, e);
    if (cmd->kind == COMMAND_COLLECTION_CREATE)
        return load_count(db, BIND(SQL_COLLECTIONS_COUNT, "i", cmd->region), &ret->shelf_count, e);
    if (cmd->kind == COMMAND_THREAD_FIELDS)
        rc = load_text(db, BIND(SQL_FIELDS_NOW, "i", ret->thread.id), arena, &ret->fields, e);
    bool has_themes = cmd->fields.at != NULL && memmem(cmd->fields.at, cmd->fields.len, themes, sizeof themes - 1) != NULL;
    if (rc == BZ_OK && has_themes)
        rc = load_text(db, BIND(SQL_NO_THEME, "si", cmd->fields, cmd->kind == COMMAND_THREAD_FIELDS ? ret->thread.id : 0), arena,
                       &ret->no_theme, e);
    return rc;
}
