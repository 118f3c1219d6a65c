#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "baraza/limits.h"
#include "store/query.h"
#include "store/statement.h"
#include "store/words.h"

/* What is asked for are keys: the one that fewest have is walked from its newest end, and the others are looked up for each
 * resource on the way, the rarest first; so a page costs about what it shows, whatever is asked for together. Rights are
 * looked at last: an open room costs nothing, and the others are the fewer.
 * ?1 viewer, ?2 role, ?3 before, ?4 limit, ?5 the words of the title, ?6 the rarest key, ?7.. others or NULL. */
#define KEYS_MAX 9             /* of what is asked for; if it is nothing, '*' */
#define HAS(n) " AND (" n " IS NULL OR EXISTS (SELECT 1 FROM resource_key WHERE key = " n " AND thread = s.thread))"
#define HAS_ALL HAS("?7") HAS("?8") HAS("?9") HAS("?10") HAS("?11") HAS("?12") HAS("?13") HAS("?14")
#define COLUMNS                                                                                                      \
    "t.id, t.room, t.by, t.title, t.lang, t.fields, t.at_ms, t.last_at, t.posts, s.post, s.versions, s.type,"        \
    " (SELECT json_extract(files, '$[0]') FROM post WHERE id = s.post)"
#define JOINS " CROSS JOIN thread AS t ON t.id = s.thread CROSS JOIN room AS r ON r.id = s.room"
/* Titles of all threads are walked; only a resource has its row, and only a listed one the key ?6. */
#define BY_WORDS(fts)                                                                                                \
    "SELECT " COLUMNS " FROM " fts " CROSS JOIN resource AS s ON s.thread = " fts ".rowid" JOINS                     \
    " WHERE " fts " MATCH ?5 AND " fts ".rowid < ?3" HAS("?6") HAS_ALL " AND " CAN_READ("r", "?1", "?2")             \
    " ORDER BY " fts ".rowid DESC LIMIT ?4"

/* As the newest of them writes it. */
#define CITY                                                                                                         \
    "SELECT json_extract(t.fields, '$.city') FROM resource_key AS k CROSS JOIN thread AS t ON t.id = k.thread"       \
    " WHERE k.key = c.key AND t.room IN (SELECT id FROM open) ORDER BY k.thread DESC LIMIT 1"

#define SHELF_STATEMENTS(X)                                                                                          \
    X(SQL_SHELF, "SELECT " COLUMNS " FROM resource_key AS k CROSS JOIN resource AS s ON s.thread = k.thread" JOINS   \
                 " WHERE k.key = ?6 AND k.thread < ?3" HAS_ALL " AND " CAN_READ("r", "?1", "?2")                     \
                 " ORDER BY k.thread DESC LIMIT ?4")                                                                 \
    X(SQL_SHELF_WORDS, BY_WORDS("title_fts"))                                                                        \
    X(SQL_SHELF_TRI, BY_WORDS("title_tri"))                                                                          \
    X(SQL_KEY, "SELECT CASE WHEN ?2 IS NULL THEN ?1 WHEN ?1 = 'c' THEN 'c' || fold_of(?2) ELSE ?1 || ?2 END")        \
    X(SQL_COMMON, "SELECT coalesce(sum(n), 0) FROM resource_count WHERE key = ?1")                                   \
    X(SQL_READABLE, "SELECT 1 FROM room AS r WHERE r.id = ?3 AND " CAN_READ("r", "?1", "?2"))                        \
    X(SQL_ONE, "SELECT " COLUMNS " FROM resource AS s" JOINS " WHERE s.thread = ?3 AND " CAN_READ("r", "?1", "?2"))  \
    X(SQL_EDITIONS, "SELECT p.id, p.by, p.at_ms, p.text, json_extract(p.files, '$[0]')," \
                    " row_number() OVER (ORDER BY p.id)" VERSIONS " ORDER BY p.id DESC LIMIT ?2")                    \
    X(SQL_FACETS, "WITH open AS MATERIALIZED (SELECT r.id FROM room AS r WHERE (?3 = 0 OR r.region = ?3)"            \
                  " AND (?4 = 0 OR r.id = ?4) AND " CAN_READ("r", "?1", "?2") ")"                                    \
                  " SELECT CASE WHEN ?5 = 'c' THEN (" CITY ") ELSE substr(c.key, 2) END, sum(c.n) AS many"           \
                  " FROM resource_count AS c WHERE c.key >= ?5 AND c.key < char(unicode(?5) + 1)"                    \
                  " AND c.room IN (SELECT id FROM open) AND NOT (?5 = 'l' AND instr(c.key, '-') > 0)"                \
                  " GROUP BY c.key ORDER BY many DESC, c.key LIMIT ?6")                                              \
    X(SQL_COLLECTIONS, "SELECT id, region, title, about, by, at_ms, retired, (SELECT coalesce(sum(n), 0)"            \
                       " FROM resource_count AS n CROSS JOIN room AS r ON r.id = n.room WHERE n.key = 'g' || g.id AND " \
                       CAN_READ("r", "?1", "?2") ") FROM collection AS g WHERE ?3 = 0 OR region = ?3 ORDER BY id DESC") \
    X(SQL_COLLECTIONS_OF, "SELECT g.id, g.region, g.title, g.about, g.by, g.at_ms, g.retired, 0"                     \
                          " FROM collection_item AS i JOIN collection AS g ON g.id = i.collection"                   \
                          " WHERE i.thread = ?1 AND NOT g.retired ORDER BY g.id DESC LIMIT ?2")                      \
    X(SQL_IS_COLLECTION, "SELECT 1 FROM collection WHERE id = ?1")                                                   \
    X(SQL_THEMES, "SELECT slug, parent, names, retired FROM theme ORDER BY place, slug")
STATEMENTS(SHELF_STATEMENTS, shelf, false)

#define BIND(name, ...) db_bind(db, LIST_SHELF, name, __VA_ARGS__)

#define KEY_BYTES_MAX 512      /* a city's name, folded */
#define WALKED_TRI_CHARS 3
#define PREFIX_CHARS 3

struct key { char text[KEY_BYTES_MAX]; size_t len; int64_t count; };
struct keys { struct key at[KEYS_MAX]; size_t count; };

static enum bz_err not_found(struct bz_error *e)
{
    return bz_fail(e, BZ_ERR_NOT_FOUND, "there is nothing here, or it is not open to you");
}

/* A key as apply made it, and how many have it, whoever may see them: that decides about the way alone. */
static enum bz_err key_add(struct db *db, char letter, struct span value, struct keys *ret, struct bz_error *e)
{
    bool has_row;
    struct key *key = &ret->at[ret->count];
    sqlite3_stmt *s = BIND(SQL_KEY, "ss", (struct span){ &letter, 1 }, value);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    struct span text = column_span(s, 0);
    key->len = text.len < KEY_BYTES_MAX ? text.len : KEY_BYTES_MAX;
    memcpy(key->text, text.at, key->len);
    db_reset(s);
    s = BIND(SQL_COMMON, "s", (struct span){ key->text, key->len });
    if ((rc = db_step(db, s, &has_row, e)) != BZ_OK || !has_row)
        return rc;
    key->count = sqlite3_column_int64(s, 0);
    db_reset(s);
    ret->count++;
    return BZ_OK;
}

static enum bz_err number_add(struct db *db, char letter, int64_t n, struct keys *ret, struct bz_error *e)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)n);
    return n == 0 ? BZ_OK : key_add(db, letter, span_of(text), ret, e);
}

static int rarest_first(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    return (x->count > y->count) - (x->count < y->count);
}

static enum bz_err keys_of(struct db *db, const struct shelf *shelf, struct keys *ret, struct bz_error *e)
{
    const struct { char letter; struct span value; } texts[] = {
        { 't', shelf->theme }, { 'c', shelf->city }, { 'n', shelf->country }, { 'l', shelf->lang }, { 'k', shelf->type },
    };
    ret->count = 0;
    enum bz_err rc = number_add(db, 'g', shelf->collection, ret, e);
    if (rc == BZ_OK)
        rc = number_add(db, 'r', shelf->region, ret, e);
    if (rc == BZ_OK)
        rc = number_add(db, 'o', shelf->room, ret, e);
    if (rc == BZ_OK)
        rc = number_add(db, 'y', shelf->year, ret, e);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && rc == BZ_OK; i++)
        if (texts[i].value.at != NULL)
            rc = key_add(db, texts[i].letter, texts[i].value, ret, e);
    if (rc == BZ_OK && ret->count == 0)
        rc = key_add(db, '*', (struct span){ NULL, 0 }, ret, e);
    if (rc == BZ_OK)
        qsort(ret->at, ret->count, sizeof *ret->at, rarest_first);
    return rc;
}

static enum bz_err visit_all(struct db *db, sqlite3_stmt *s, resource_visit visit, void *ctx, int *ret_count, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        visit(ctx, &(struct resource_row){
            .thread = sqlite3_column_int64(s, 0),
            .room = sqlite3_column_int64(s, 1),
            .by = sqlite3_column_int64(s, 2),
            .title = column_span(s, 3),
            .lang = column_span(s, 4),
            .fields = column_span(s, 5),
            .at_ms = sqlite3_column_int64(s, 6),
            .last_at_ms = sqlite3_column_int64(s, 7),
            .posts = sqlite3_column_int64(s, 8),
            .post = sqlite3_column_int64(s, 9),
            .versions = sqlite3_column_int64(s, 10),
            .type = column_span(s, 11),
            .file = column_span(s, 12),
        });
        ++*ret_count;
    }
    return rc;
}

/* The words of a title, as search reads them; false: there are none, and so nothing that has them. */
static bool plan_words(struct span text, int *ret_statement, char ret_match[WORDS_MATCH_BYTES])
{
    struct words words, longs = { 0 };
    words_split(text, &words);
    if (!is_spaceless(text)) {
        *ret_statement = SQL_SHELF_WORDS;
        if (words.count > 0)
            words_match(&words, PREFIX_CHARS, ret_match);
        return words.count > 0;
    }
    for (size_t i = 0; i < words.count; i++)   /* what is shorter than the index's pieces is not looked for */
        if (utf8_chars(words.word[i]) >= WALKED_TRI_CHARS)
            longs.word[longs.count++] = words.word[i];
    *ret_statement = SQL_SHELF_TRI;
    if (longs.count > 0)
        words_match(&longs, 0, ret_match);
    return longs.count > 0;
}

static struct span key_at(const struct keys *keys, size_t i)
{
    return i < keys->count ? (struct span){ keys->at[i].text, keys->at[i].len } : (struct span){ NULL, 0 };
}

static enum bz_err exists(struct db *db, sqlite3_stmt *s, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc == BZ_OK && !has_row)
        return not_found(e);
    if (rc == BZ_OK)
        db_reset(s);
    return rc;
}

static enum bz_err may_read(struct db *db, struct viewer v, bz_id room, struct bz_error *e)
{
    return room == 0 ? BZ_OK : exists(db, BIND(SQL_READABLE, "iii", v.member, (int64_t)v.role, room), e);
}

enum bz_err query_resources(struct db *db, struct viewer v, const struct shelf *shelf, resource_visit visit, void *ctx,
                            struct bz_error *e)
{
    struct keys keys;
    char match[WORDS_MATCH_BYTES] = "";
    int statement = SQL_SHELF, count = 0;
    enum bz_err rc = may_read(db, v, shelf->room, e);
    if (rc == BZ_OK && shelf->collection != 0)
        rc = exists(db, BIND(SQL_IS_COLLECTION, "i", shelf->collection), e);
    if (rc != BZ_OK)
        return rc;
    if (shelf->text.at != NULL && !plan_words(shelf->text, &statement, match))
        return BZ_OK;
    if ((rc = keys_of(db, shelf, &keys, e)) != BZ_OK)
        return rc;
    sqlite3_stmt *s = BIND(statement, "iiiissssssssss", v.member, (int64_t)v.role, shelf->before != 0 ? shelf->before : INT64_MAX,
             (int64_t)shelf->limit, span_of(match), key_at(&keys, 0), key_at(&keys, 1), key_at(&keys, 2), key_at(&keys, 3),
             key_at(&keys, 4), key_at(&keys, 5), key_at(&keys, 6), key_at(&keys, 7), key_at(&keys, 8));
    return visit_all(db, s, visit, ctx, &count, e);
}

enum bz_err query_resource(struct db *db, struct viewer v, bz_id thread, resource_visit visit, void *ctx, struct bz_error *e)
{
    int count = 0;
    enum bz_err rc = visit_all(db, BIND(SQL_ONE, "iii", v.member, (int64_t)v.role, thread), visit, ctx, &count, e);
    return rc == BZ_OK && count == 0 ? not_found(e) : rc;
}

enum bz_err query_editions(struct db *db, bz_id thread, edition_visit visit, void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_EDITIONS, "ii", thread, (int64_t)BZ_LIMIT_PAGE_MAX);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct edition_row){
            .post = sqlite3_column_int64(s, 0), .by = sqlite3_column_int64(s, 1), .at_ms = sqlite3_column_int64(s, 2),
            .text = column_span(s, 3), .file = column_span(s, 4), .n = sqlite3_column_int64(s, 5) });
    return rc;
}

enum bz_err query_facets(struct db *db, struct viewer v, bz_id region, bz_id room, enum facet of, facet_visit visit, void *ctx,
                         struct bz_error *e)
{
    const char letter = (char)of;
    bool has_row;
    enum bz_err rc = may_read(db, v, room, e);
    if (rc != BZ_OK)
        return rc;
    sqlite3_stmt *s = BIND(SQL_FACETS, "iiiisi", v.member, (int64_t)v.role, region, room, (struct span){ &letter, 1 },
                           (int64_t)BZ_LIMIT_FACETS_MAX);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct facet_row){ .value = column_span(s, 0), .count = sqlite3_column_int64(s, 1) });
    return rc;
}

static enum bz_err visit_collections(struct db *db, sqlite3_stmt *s, collection_visit visit, void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct collection_row){
            .id = sqlite3_column_int64(s, 0), .region = sqlite3_column_int64(s, 1), .title = column_span(s, 2),
            .about = column_span(s, 3), .by = sqlite3_column_int64(s, 4), .at_ms = sqlite3_column_int64(s, 5),
            .is_retired = sqlite3_column_int(s, 6) != 0, .count = sqlite3_column_int64(s, 7) });
    return rc;
}

enum bz_err query_collections(struct db *db, struct viewer v, bz_id region, collection_visit visit, void *ctx, struct bz_error *e)
{
    return visit_collections(db, BIND(SQL_COLLECTIONS, "iii", v.member, (int64_t)v.role, region), visit, ctx, e);
}

enum bz_err query_collections_of(struct db *db, bz_id thread, collection_visit visit, void *ctx, struct bz_error *e)
{
    return visit_collections(db, BIND(SQL_COLLECTIONS_OF, "ii", thread, (int64_t)BZ_LIMIT_PAGE_MAX), visit, ctx, e);
}

enum bz_err query_themes(struct db *db, theme_visit visit, void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_THEMES, "");
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct theme_row){ .slug = column_span(s, 0), .parent = column_span(s, 1), .names = column_span(s, 2),
                                        .is_retired = sqlite3_column_int(s, 3) != 0 });
    return rc;
}
