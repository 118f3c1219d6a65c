#include "store/query.h"
#include "store/statement.h"

/* ?1 is the viewer, ?2 their role. What stands in a hidden post is for its author and who moderates its room. */
#define MAY_SEE(post, room)                                                                                          \
    "(" post ".by = ?1 OR NOT " IS_HIDDEN(post) " OR " ROLE_IN(room, "?1", "?2") " >= 2)"
/* Rooms in which the address of `l` stands, one step in the index for each. */
#define ROOMS                                                                                                        \
    "WITH RECURSIVE there(room) AS (SELECT min(o.room) FROM post_link AS o WHERE o.url = l.url UNION ALL"            \
    " SELECT (SELECT min(o.room) FROM post_link AS o WHERE o.url = l.url AND o.room > there.room) FROM there"        \
    " WHERE there.room IS NOT NULL)"
/* Few are hidden, so the posts themselves are not looked at. ?4: is there time for it? */
#define ALSO                                                                                                         \
    "CASE WHEN ?4 THEN (" ROOMS " SELECT count(*) FROM (SELECT 1 FROM there JOIN room AS r ON r.id = there.room AND "  \
    CAN_READ("r", "?1", "?2") " JOIN post_link AS o ON o.url = l.url AND o.room = r.id WHERE o.post <> l.post"        \
    " AND NOT EXISTS (SELECT 1 FROM hidden AS h JOIN post AS q ON q.id = h.post WHERE h.post = o.post"                \
    " AND NOT " MAY_SEE("q", "r") ") LIMIT 20)) END"   /* BZ_LIMIT_LINK_ALSO */

#define LINK_READ_STATEMENTS(X)                                                                                      \
    X(SQL_OF_POST, "SELECT json_group_array(json(is_told)) FROM (SELECT json_patch('{}', json_object('url', l.url,"   \
                   " 'title', l.title, 'about', l.about, 'lang', l.lang, 'dead', l.dead, 'also', nullif(" ALSO ", 0)))" \
                   " AS is_told FROM post_link AS l WHERE l.post = ?3 ORDER BY l.n LIMIT 20)")                              \
    X(SQL_POSTS, "SELECT t.id, p.id, t.title, t.room, p.by, p.at_ms FROM post_link AS l JOIN post AS p ON p.id = l.post" \
                 " JOIN thread AS t ON t.id = p.thread JOIN room AS r ON r.id = t.room WHERE l.url = link_url(?3)"   \
                 " AND l.post < ?4 AND " CAN_READ("r", "?1", "?2") " AND " MAY_SEE("p", "r")                         \
                 " ORDER BY l.post DESC LIMIT ?5")
STATEMENTS(LINK_READ_STATEMENTS, link_read, false)

#define BIND(name, ...) db_bind(db, LIST_LINK_READ, name, __VA_ARGS__)

enum bz_err query_links(struct db *db, struct viewer v, bz_id post, sqlite3_stmt **ret_row, struct span *ret, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_OF_POST, "iiii", v.member, (int64_t)v.role, post, (int64_t)!db_hurries(db));
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret_row = rc == BZ_OK && has_row ? s : NULL;
    *ret = *ret_row == NULL ? (struct span){ NULL, 0 } : column_span(s, 0);
    if (span_is(*ret, "[]"))
        *ret = (struct span){ NULL, 0 };
    return rc;
}

enum bz_err query_link_posts(struct db *db, struct viewer v, struct span url, struct page page, shared_visit visit, void *ctx,
                             struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_POSTS, "iisii", v.member, (int64_t)v.role, url, page.before != 0 ? page.before : INT64_MAX,
                           (int64_t)page.limit);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct shared_row){ .thread = sqlite3_column_int64(s, 0), .post = sqlite3_column_int64(s, 1),
                                         .title = column_span(s, 2), .room = sqlite3_column_int64(s, 3),
                                         .by = sqlite3_column_int64(s, 4), .at_ms = sqlite3_column_int64(s, 5) });
    return rc;
}
