#include <stdlib.h>

#include "store/apply.h"
#include "store/statement.h"

/* What is found of a resource is made anew from its thread and posts whenever one of them changes: so it follows from
 * what stands there, in whichever order that came about. ?1 is the thread. */

#define FIELD(name) "json_extract(t.fields, '$." name "')"
/* A language also by its first part alone: pt for pt-BR. */
#define LANG_KEYS(value, from, where)                                                                                \
    " UNION ALL SELECT 'l' || " value from where                                                                     \
    " UNION ALL SELECT 'l' || substr(" value ", 1, instr(" value " || '-', '-') - 1)" from where
#define IS_LISTED "(SELECT listed FROM resource WHERE thread = ?1)"
#define OF_THREAD " FROM thread AS t WHERE t.id = ?1 AND "

#define RESOURCE_STATEMENTS(X)                                                                                       \
    X(SQL_IS_ONE, "SELECT 1 FROM thread AS t WHERE t.id = ?1 AND (t.kind = 4"                                        \
                  " OR EXISTS (SELECT 1 FROM resource AS s WHERE s.thread = ?1))")                                   \
    X(SQL_UNCOUNT, "UPDATE resource_count SET n = n - 1 WHERE key IN (SELECT key FROM resource_key WHERE thread = ?1)" \
                   " AND room = (SELECT room FROM resource WHERE thread = ?1)")                                      \
    X(SQL_UNCOUNTED, "DELETE FROM resource_count WHERE key IN (SELECT key FROM resource_key WHERE thread = ?1)"      \
                     " AND room = (SELECT room FROM resource WHERE thread = ?1) AND n = 0")                          \
    X(SQL_UNKEY, "DELETE FROM resource_key WHERE thread = ?1")                                                       \
    X(SQL_GONE, "DELETE FROM resource WHERE thread = ?1")                                                            \
    X(SQL_MADE, "INSERT INTO resource(thread, room, post, versions, type, listed)"                                   \
                " SELECT t.id, t.room, v.post, v.n, CASE WHEN v.post IS NOT NULL THEN resource_type((SELECT"         \
                " json_extract(files, '$[0].type') FROM post AS f WHERE f.id = v.post))"                             \
                " WHEN " FIELD("url") " IS NOT NULL THEN 'link' ELSE 'other' END, NOT t.is_archived"                 \
                " FROM thread AS t JOIN (SELECT max(p.id) AS post, count(*) AS n" VERSIONS ") AS v"                  \
                " WHERE t.id = ?1 AND t.kind = 4 AND t.merged_into IS NULL")                                         \
    X(SQL_KEYS, "INSERT OR IGNORE INTO resource_key(key, thread) SELECT k, ?1 FROM (SELECT '*' AS k"                 \
                " UNION ALL SELECT 'r' || region FROM room WHERE id = (SELECT room FROM resource WHERE thread = ?1)" \
                " UNION ALL SELECT 'o' || room FROM resource WHERE thread = ?1"                                      \
                " UNION ALL SELECT 'k' || type FROM resource WHERE thread = ?1"                                      \
                " UNION ALL SELECT 'g' || collection FROM collection_item WHERE thread = ?1"                         \
                ") WHERE " IS_LISTED)                                                                                \
    X(SQL_KEYS_SAID, "INSERT OR IGNORE INTO resource_key(key, thread) SELECT k, ?1 FROM ("                            \
                "SELECT 'y' || " FIELD("year") " AS k" OF_THREAD FIELD("year") " IS NOT NULL"                        \
                " UNION ALL SELECT 'c' || fold_of(" FIELD("city") ")" OF_THREAD FIELD("city") " IS NOT NULL"         \
                " UNION ALL SELECT 'n' || " FIELD("country") OF_THREAD FIELD("country") " IS NOT NULL"               \
                ") WHERE " IS_LISTED)                                                                                \
    X(SQL_KEYS_LANGS, "INSERT OR IGNORE INTO resource_key(key, thread) SELECT k, ?1 FROM (SELECT NULL AS k WHERE 0"  \
                LANG_KEYS(FIELD("language"), "", OF_THREAD FIELD("language") " IS NOT NULL")                         \
                LANG_KEYS("j.value", " FROM thread AS t, json_each(t.fields, '$.languages') AS j", " WHERE t.id = ?1") \
                ") WHERE " IS_LISTED)                                                                                \
    X(SQL_KEYS_THEMES, "INSERT OR IGNORE INTO resource_key(key, thread) SELECT k, ?1 FROM ("                         \
                "SELECT 't' || j.value AS k FROM thread AS t, json_each(t.fields, '$.themes') AS j WHERE t.id = ?1" \
                " UNION ALL SELECT 't' || m.parent FROM thread AS t, json_each(t.fields, '$.themes') AS j"           \
                " JOIN theme AS m ON m.slug = j.value WHERE t.id = ?1 AND m.parent IS NOT NULL)"                     \
                " WHERE " IS_LISTED)                                                                                 \
    X(SQL_COUNTED, "INSERT INTO resource_count(key, room, n) SELECT k.key, s.room, 1 FROM resource_key AS k"         \
                   " JOIN resource AS s ON s.thread = k.thread WHERE k.thread = ?1"                                  \
                   " ON CONFLICT(key, room) DO UPDATE SET n = n + 1")                                                \
    X(SQL_FIELDS, "UPDATE thread SET fields = nullif(json_extract(?2, '$.fields'), '{}') WHERE id = ?1")             \
    X(SQL_THEME, "INSERT INTO theme(slug, parent, place, names, retired) SELECT json_extract(?2, '$.slug'),"         \
                 " json_extract(?2, '$.parent'), ?1, coalesce(json_extract(?2, '$.names'), '{}'),"                   \
                 " coalesce(json_extract(?2, '$.retired'), 0) WHERE true ON CONFLICT(slug) DO UPDATE SET"            \
                 " parent = coalesce(excluded.parent, parent), names = json_patch(names, excluded.names),"           \
                 " retired = coalesce(json_extract(?2, '$.retired'), retired)")                                      \
    X(SQL_OF_THEME, "SELECT thread FROM resource_key WHERE key = 't' || json_extract(?1, '$.slug')"                  \
                    " AND json_extract(?1, '$.parent') IS NOT NULL")                                                 \
    X(SQL_COLLECTION, "INSERT INTO collection(id, region, title, about, by, at_ms) SELECT ?1,"                       \
                      " id_of(json_extract(?4, '$.region')), json_extract(?4, '$.title'), json_extract(?4, '$.about'), ?2, ?3") \
    X(SQL_COLLECTION_SET, "UPDATE collection SET title = coalesce(json_extract(?2, '$.title'), title),"              \
                          " about = nullif(coalesce(json_extract(?2, '$.about'), about), ''),"                       \
                          " retired = coalesce(json_extract(?2, '$.retired'), retired) WHERE id = ?1")               \
    X(SQL_PUT, "INSERT OR IGNORE INTO collection_item(collection, thread) SELECT ?1, ?2 WHERE json_extract(?3, '$.on')") \
    X(SQL_TAKE, "DELETE FROM collection_item WHERE collection = ?1 AND thread = ?2 AND NOT json_extract(?3, '$.on')")
STATEMENTS(RESOURCE_STATEMENTS, resource, true)

#define BIND(name, ...) db_bind(db, LIST_RESOURCE, name, __VA_ARGS__)

enum bz_err apply_resource(struct db *db, bz_id thread, struct bz_error *e)
{
    static const int steps[] = { SQL_UNCOUNT, SQL_UNCOUNTED, SQL_UNKEY, SQL_GONE, SQL_MADE, SQL_KEYS, SQL_KEYS_SAID,
                                 SQL_KEYS_LANGS, SQL_KEYS_THEMES, SQL_COUNTED };
    bool is_one;
    sqlite3_stmt *s = BIND(SQL_IS_ONE, "i", thread);
    enum bz_err rc = db_step(db, s, &is_one, e);
    if (rc != BZ_OK || !is_one)
        return rc;
    db_reset(s);
    for (size_t i = 0; i < sizeof steps / sizeof *steps && rc == BZ_OK; i++)
        rc = db_run(db, BIND(steps[i], "i", thread), e);
    return rc;
}

static enum bz_err apply_fields(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = db_run_one(db, BIND(SQL_FIELDS, "is", en->thread, en->body), e);
    return rc == BZ_OK ? apply_resource(db, en->thread, e) : rc;
}

/* Where a theme went below another, its resources are found by that one. */
static enum bz_err apply_theme(struct db *db, const struct entry *en, struct bz_error *e)
{
    size_t count = 0, cap = 0;
    bz_id *threads = NULL;
    bool has_row;
    enum bz_err rc = db_run(db, BIND(SQL_THEME, "is", id_make(en->hub, en->seq), en->body), e);
    if (rc != BZ_OK)
        return rc;
    sqlite3_stmt *s = BIND(SQL_OF_THEME, "s", en->body);   /* read whole before the first is changed */
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        if (count == cap) {
            cap = cap == 0 ? 64 : cap * 2;
            threads = realloc(threads, cap * sizeof *threads);
            if (threads == NULL)
                abort();
        }
        threads[count++] = sqlite3_column_int64(s, 0);
    }
    for (size_t i = 0; i < count && rc == BZ_OK; i++)
        rc = apply_resource(db, threads[i], e);
    free(threads);
    return rc;
}

static enum bz_err apply_collection(struct db *db, const struct entry *en, struct bz_error *e)
{
    if (en->kind == ENTRY_COLLECTION)
        return db_run_one(db, BIND(SQL_COLLECTION, "iiis", id_make(en->hub, en->seq), en->actor, en->at_ms, en->body), e);
    if (en->kind == ENTRY_COLLECTION_SET)
        return db_run_one(db, BIND(SQL_COLLECTION_SET, "is", en->subject, en->body), e);
    enum bz_err rc = db_run(db, BIND(SQL_PUT, "iis", en->subject, en->thread, en->body), e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_TAKE, "iis", en->subject, en->thread, en->body), e);
    return rc == BZ_OK ? apply_resource(db, en->thread, e) : rc;
}

enum bz_err apply_library(struct db *db, const struct entry *en, struct bz_error *e)
{
    if (en->kind == ENTRY_THREAD_FIELDS)
        return apply_fields(db, en, e);
    return en->kind == ENTRY_THEME ? apply_theme(db, en, e) : apply_collection(db, en, e);
}
