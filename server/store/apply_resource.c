#include "store/apply.h"
#include "store/statement.h"

/* What is found of a resource is made anew from its thread and posts whenever one of them changes: so it follows from
 * what stands there, in whichever order that came about. ?1 is the thread. */

/* Posts whose file is the resource's: the one that began it, and those that its keepers said to be new versions of it. What
 * was removed or is hidden is none, whoever looks. */
#define VERSIONS                                                                                                     \
    " FROM post AS p JOIN thread AS t ON t.id = p.thread WHERE p.id IN (SELECT id FROM post WHERE thread = ?1"       \
    " AND is_version UNION ALL SELECT min(id) FROM post WHERE thread = ?1) AND p.files IS NOT NULL"                  \
    " AND (p.is_version OR p.by = t.by) AND NOT " IS_HIDDEN("p")
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
    X(SQL_FIELDS, "UPDATE thread SET fields = nullif(json_extract(?2, '$.fields'), '{}') WHERE id = ?1")
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

enum bz_err apply_fields(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = db_run_one(db, BIND(SQL_FIELDS, "is", en->thread, en->body), e);
    return rc == BZ_OK ? apply_resource(db, en->thread, e) : rc;
}
