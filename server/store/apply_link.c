#include "store/apply.h"
#include "store/statement.h"

/* The addresses in an entry's tokens, each once, in their order. */
#define URLS(body)                                                                                                   \
    "SELECT link_url(json_extract(value, '$[1]')) AS url, min(key) AS n FROM json_each(" body ", '$.md')"            \
    " WHERE type = 'array' AND json_extract(value, '$[0]') = 'a'"                                                    \
    " GROUP BY 1 HAVING url IS NOT NULL ORDER BY 2 LIMIT 20"   /* BZ_LIMIT_LINKS_MAX */

#define LINK_STATEMENTS(X)                                                                                           \
    X(SQL_LINK, "INSERT INTO post_link(post, url, n, room) SELECT ?1, url, n, ?2 FROM (" URLS("?3") ") WHERE true"    \
                " ON CONFLICT(post, url) DO UPDATE SET n = excluded.n")                                              \
    X(SQL_UNLINK, "DELETE FROM post_link WHERE post = ?1 AND url NOT IN (SELECT url FROM (" URLS("?2") "))")         \
    X(SQL_UNLINK_ALL, "DELETE FROM post_link WHERE post = ?1")                                                       \
    X(SQL_MOVE_LINKS, "UPDATE post_link SET room = ?2 WHERE room <> ?2"                                              \
                      " AND post IN (SELECT id FROM post WHERE thread = ?1)")
STATEMENTS(LINK_STATEMENTS, link, true)

#define BIND(name, ...) db_bind(db, LIST_LINK, name, __VA_ARGS__)

/* Most posts have none: spare them the parsing. */
static bool tells_links(struct span body)
{
    static const char name[] = "[\"a\",\"";
    return body.at != NULL && memmem(body.at, body.len, name, sizeof name - 1) != NULL;
}

enum bz_err apply_links(struct db *db, const struct entry *en, bz_id post, struct bz_error *e)
{
    bool has_links = tells_links(en->body);
    enum bz_err rc = BZ_OK;
    if (en->kind == ENTRY_POST_EDIT)   /* what is known of those that stay is kept */
        rc = db_run(db, has_links ? BIND(SQL_UNLINK, "is", post, en->body) : BIND(SQL_UNLINK_ALL, "i", post), e);
    if (rc == BZ_OK && has_links)
        rc = db_run(db, BIND(SQL_LINK, "iis", post, en->room, en->body), e);
    return rc;
}

enum bz_err apply_unlink(struct db *db, bz_id post, struct bz_error *e) { return db_run(db, BIND(SQL_UNLINK_ALL, "i", post), e); }

enum bz_err apply_links_moved(struct db *db, bz_id thread, bz_id room, struct bz_error *e)
{
    return db_run(db, BIND(SQL_MOVE_LINKS, "ii", thread, room), e);
}
