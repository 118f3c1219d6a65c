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
                      " AND post IN (SELECT id FROM post WHERE thread = ?1)")                                        \
    X(SQL_DUE, "INSERT OR IGNORE INTO link_due(post, url, due_ms) SELECT l.post, l.url, CASE WHEN " PREVIEWS("r")     \
               " THEN ?2 END FROM post_link AS l JOIN room AS r ON r.id = l.room WHERE l.post = ?1")                 \
    X(SQL_UNDUE, "DELETE FROM link_due WHERE post = ?1 AND url NOT IN (SELECT url FROM post_link WHERE post = ?1)")  \
    X(SQL_DUE_MOVED, "UPDATE link_due SET due_ms = CASE WHEN (SELECT " PREVIEWS("r") " FROM room AS r WHERE r.id = ?2)" \
                     " THEN coalesce(due_ms, ?3) END WHERE post IN (SELECT id FROM post WHERE thread = ?1)")          \
    X(SQL_DUE_SET, "UPDATE link_due SET due_ms = CASE WHEN json_extract(?2, '$.previews') THEN coalesce(due_ms, ?3) END" \
                   " WHERE post IN (SELECT post FROM post_link WHERE room = ?1)"                                     \
                   " AND json_extract(?2, '$.previews') IS NOT NULL")                                                \
    X(SQL_HAS, "SELECT 1 FROM post_link WHERE post = ?1 AND url = json_extract(?2, '$.url')")                        \
    X(SQL_TELL, "UPDATE post_link SET title = json_extract(?2, '$.title'), about = json_extract(?2, '$.about'),"      \
                " lang = json_extract(?2, '$.lang'), dead = json_extract(?2, '$.dead')"                              \
                " WHERE post = ?1 AND url = json_extract(?2, '$.url')")                                              \
    X(SQL_TOLD, "INSERT INTO link_told(post, entry) VALUES(?1, ?2)")                                                 \
    X(SQL_UNTOLD, "DELETE FROM link_told WHERE post = ?1")
STATEMENTS(LINK_STATEMENTS, link, true)

#define BIND(name, ...) db_bind(db, LIST_LINK, name, __VA_ARGS__)

/* Most posts have none: spare them the parsing. */
static bool tells_links(struct span body)
{
    static const char name[] = "[\"a\",\"";
    return body.at != NULL && memmem(body.at, body.len, name, sizeof name - 1) != NULL;
}

/* One that is not asked yet is from now on, where the room lets it. */
static enum bz_err due(struct db *db, const struct entry *en, bz_id post, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    if (en->kind == ENTRY_POST_EDIT)
        rc = db_run(db, BIND(SQL_UNDUE, "i", post), e);
    return rc == BZ_OK ? db_run(db, BIND(SQL_DUE, "ii", post, en->at_ms), e) : rc;
}

enum bz_err apply_links(struct db *db, const struct entry *en, bz_id post, struct bz_error *e)
{
    bool has_links = tells_links(en->body);
    enum bz_err rc = BZ_OK;
    if (en->kind == ENTRY_POST_EDIT)   /* what is known of those that stay is kept */
        rc = db_run(db, has_links ? BIND(SQL_UNLINK, "is", post, en->body) : BIND(SQL_UNLINK_ALL, "i", post), e);
    if (rc == BZ_OK && has_links)
        rc = db_run(db, BIND(SQL_LINK, "iis", post, en->room, en->body), e);
    return rc == BZ_OK && (has_links || en->kind == ENTRY_POST_EDIT) ? due(db, en, post, e) : rc;
}

enum bz_err apply_unlink(struct db *db, bz_id post, struct bz_error *e)
{
    static const int gone[] = { SQL_UNLINK_ALL, SQL_UNDUE, SQL_UNTOLD };
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; i < sizeof gone / sizeof *gone && rc == BZ_OK; i++)
        rc = db_run(db, BIND(gone[i], "i", post), e);
    return rc;
}

enum bz_err apply_links_moved(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = db_run(db, BIND(SQL_MOVE_LINKS, "ii", en->thread, en->room), e);
    bool is_moved = rc == BZ_OK && sqlite3_changes(db->sq) > 0;
    return is_moved ? db_run(db, BIND(SQL_DUE_MOVED, "iii", en->thread, en->room, en->at_ms), e) : rc;
}

enum bz_err apply_links_set(struct db *db, const struct entry *en, struct bz_error *e)
{
    static const char name[] = "\"previews\":";
    bool tells = en->body.at != NULL && memmem(en->body.at, en->body.len, name, sizeof name - 1) != NULL;
    return tells ? db_run(db, BIND(SQL_DUE_SET, "isi", en->room, en->body, en->at_ms), e) : BZ_OK;
}

/* The post is found by it from now on. */
static enum bz_err tell(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = apply_post_words(db, en->subject, false, e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_TELL, "is", en->subject, en->body), e);
    return rc == BZ_OK ? apply_post_words(db, en->subject, true, e) : rc;
}

/* What is told of one that the post has no more changes nothing. */
enum bz_err apply_link(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = db_run(db, BIND(SQL_TOLD, "ii", en->subject, id_make(en->hub, en->seq)), e);
    if (rc != BZ_OK || en->body.at == NULL)
        return rc;
    bool has_link;
    sqlite3_stmt *s = BIND(SQL_HAS, "is", en->subject, en->body);
    rc = db_step(db, s, &has_link, e);
    if (rc != BZ_OK || !has_link)
        return rc;
    db_reset(s);
    return tell(db, en, e);
}
