#include <stdlib.h>

#include "base/json_out.h"
#include "baraza/limits.h"
#include "store/people.h"
#include "store/profile.h"
#include "store/statement.h"
#include "store/words.h"

#define SIMILAR_THREADS 30     /* with titles like what is asked */
#define THEME_RESOURCES "40"   /* the newest of its themes */
#define PER_THREAD "200"       /* newest posts of each of these threads */
#define WISHED_THEMES_MAX 16
#define TELLING_BYTES 5        /* a shorter word says little about a theme */
#define TELLING_THEMES 2       /* and neither does one that stands in the names of more */

#define PRIMARY(lang) "substr(" lang ", 1, instr(" lang " || '-', '-') - 1)"
/* A viewer's languages. */
#define OWN_LANGS                                                                                                    \
    "(SELECT " PRIMARY("o.lang") " FROM member AS o WHERE o.id = ?1 UNION SELECT ok.value FROM profile_key AS ok"    \
    " WHERE ok.member = ?1 AND ok.field = 2)"
/* A field of candidate c, with its keys, that the viewer sees. */
#define SEEN "f.member = c.id AND " SHOWN("f", "0", "c.near", "c.same")
#define KEYS "profile_key AS k CROSS JOIN profile_field AS f ON f.member = k.member AND f.field = k.field WHERE k.member = c.id AND " SEEN
/* Where a member says nothing about their city, their organisation does, for all. */
#define SIZE_OF_ORG(member) "(SELECT og.size FROM org_member AS om JOIN org AS og ON og.id = om.org WHERE om.member = " member ")"
#define WISHED "k.value IN (SELECT value FROM json_each(?2))"

#define PEER_STATEMENTS(X)                                                                                           \
    X(SQL_ROOM_NAME, "SELECT r.name FROM thread AS t JOIN room AS r ON r.id = t.room WHERE t.id = ?1")               \
    X(SQL_WORDS, "SELECT words_of(?1), fold_of(?2)")                                                                 \
    X(SQL_THEME_WORDS, "SELECT slug, (SELECT words_of(group_concat(n.value, ' ')) FROM json_each(names) AS n), slug = ?1" \
                       " OR coalesce(parent = ?1, 0), EXISTS (SELECT 1 FROM json_each(?2, '$.themes') AS o"          \
                       " WHERE o.value = slug) FROM theme WHERE NOT retired LIMIT ?3")                               \
    X(SQL_CANDIDATES, "WITH c AS MATERIALIZED (SELECT m.id, m.city, m.country, m.lang, m.id IN " NEAR_VIEWER " AS near," \
                      " m.region = " REGION_OF_VIEWER " AS same FROM profile AS p CROSS JOIN member AS m ON m.id = p.member" \
                      " WHERE p.peers AND m.id <> ?1 AND NOT " IS_OUT("m", "3")                                      \
                      " AND NOT EXISTS (SELECT 1 FROM blocked WHERE member = ?1 AND blocked = m.id)"                 \
                      " AND NOT EXISTS (SELECT 1 FROM blocked WHERE member = m.id AND blocked = ?1))"                \
                      " SELECT c.id, fold_of(c.city), c.city, c.country,"                                            \
                      " (SELECT count(*) FROM " KEYS " AND k.field = 5 AND " WISHED "),"                             \
                      " (SELECT count(*) FROM " KEYS " AND k.field = 3 AND " WISHED "),"                             \
                      " (SELECT k.value FROM " KEYS " AND k.field IN (3, 5) AND " WISHED " ORDER BY k.field DESC LIMIT 1)," \
                      " coalesce((SELECT common_words(f.words, ?3) FROM profile_field AS f WHERE f.field = 4"        \
                      " AND f.words IS NOT NULL AND " SEEN "), 0),"                                                  \
                      " coalesce(coalesce((SELECT f.value FROM profile_field AS f WHERE f.field = 8 AND " SEEN "),"  \
                      " " SIZE_OF_ORG("c.id") ") = coalesce((SELECT value FROM profile_field WHERE member = ?1 AND field = 8)," \
                      " " SIZE_OF_ORG("?1") "), 0),"                                                                 \
                      " coalesce((SELECT " PRIMARY("c.lang") " WHERE " PRIMARY("c.lang") " IN " OWN_LANGS "),"       \
                      " (SELECT k.value FROM " KEYS " AND k.field = 2 AND k.value IN " OWN_LANGS " LIMIT 1)),"       \
                      " coalesce(c.same, 0), coalesce(fold_of(c.city) = ?4, 0) FROM c ORDER BY c.id")                \
    X(SQL_RESOURCES, "SELECT t.id, t.by FROM resource_key AS k CROSS JOIN thread AS t ON t.id = k.thread"            \
                     " CROSS JOIN room AS r ON r.id = t.room WHERE k.key IN (SELECT 't' || value FROM json_each(?3))" \
                     " AND " CAN_READ("r", "?1", "?2") " ORDER BY k.thread DESC LIMIT " THEME_RESOURCES)             \
    X(SQL_WRITERS, "SELECT p.by, count(*), sum(p.id = t.answer) FROM (SELECT id, by, thread FROM post WHERE thread = ?1" \
                   " AND redacted_at IS NULL ORDER BY id DESC LIMIT " PER_THREAD ") AS p CROSS JOIN thread AS t"     \
                   " ON t.id = p.thread WHERE NOT " IS_HIDDEN("p") " GROUP BY p.by")
STATEMENTS(PEER_STATEMENTS, peer, false)

#define BIND(name, ...) db_bind(db, LIST_PEER, name, __VA_ARGS__)

struct candidate {
    bz_id id;
    struct span folded, city, country, theme, lang;
    struct peer_signs signs;
    int64_t score;
    bool is_proposed;
};
struct city { const struct candidate *best; int64_t people, score; };

struct search_for {
    struct arena arena;
    struct peer_wish wish;
    struct span title, fields, room, words, city;   /* words: of the title or the text, folded */
    struct buf themes;                              /* JSON list of those that it is about */
    struct candidate *at;
    size_t count, cap;
    bz_id threads[SIMILAR_THREADS];
    size_t threads_count;
};

static void on_thread(void *ctx, const struct thread_row *row)
{
    struct search_for *s = ctx;
    s->title = arena_copy(&s->arena, row->title);
    if (row->fields.at != NULL)
        s->fields = arena_copy(&s->arena, row->fields);
}

static void on_similar(void *ctx, const struct thread_row *row)
{
    struct search_for *s = ctx;
    if (row->id != s->wish.thread && s->threads_count < SIMILAR_THREADS)
        s->threads[s->threads_count++] = row->id;
}

static enum bz_err one_text(struct db *db, sqlite3_stmt *s, struct arena *arena, struct span *ret, struct span *ret_other,
                            struct bz_error *e)
{
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    if (column_span(s, 0).at != NULL)
        *ret = arena_copy(arena, column_span(s, 0));
    if (ret_other != NULL && column_span(s, 1).at != NULL)
        *ret_other = arena_copy(arena, column_span(s, 1));
    db_reset(s);
    return BZ_OK;
}

/* What it is about, in words. */
static enum bz_err understand(struct db *db, struct viewer v, struct search_for *s, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    s->title = s->wish.text.at == NULL ? SPAN("") : s->wish.text;
    if (s->wish.thread != 0)
        rc = query_thread(db, v, s->wish.thread, on_thread, s, e);
    if (rc == BZ_OK && s->wish.thread != 0)
        rc = one_text(db, BIND(SQL_ROOM_NAME, "i", s->wish.thread), &s->arena, &s->room, NULL, e);
    if (rc == BZ_OK)
        rc = one_text(db, BIND(SQL_WORDS, "ss", s->title, s->wish.city), &s->arena, &s->words, &s->city, e);
    struct span room = s->room;
    if (rc == BZ_OK && room.at != NULL)
        rc = one_text(db, BIND(SQL_WORDS, "ss", room, (struct span){ NULL, 0 }), &s->arena, &s->room, NULL, e);
    return rc;
}

struct theme_words { struct span slug, words; bool is_wished; };

static bool has_alike(struct span words, struct span word)
{
    struct span other;
    for (size_t i = 0; words_next(words, &i, &other);)
        if (words_alike(word, other))
            return true;
    return false;
}

/* A word that stands in the names of few themes tells of them. */
static void hear(struct theme_words *themes, size_t count, struct span words)
{
    struct span word;
    for (size_t i = 0; words_next(words, &i, &word);) {
        size_t in[TELLING_THEMES], found = 0;
        for (size_t t = 0; word.len >= TELLING_BYTES && t < count; t++)
            if (has_alike(themes[t].words, word) && ++found <= TELLING_THEMES)
                in[found - 1] = t;
        for (size_t k = 0; found <= TELLING_THEMES && k < found; k++)
            themes[in[k]].is_wished = true;
    }
}

/* The themes that are named, and those that the words tell of. */
static enum bz_err find_themes(struct db *db, struct search_for *s, struct bz_error *e)
{
    struct theme_words *themes = arena_alloc(&s->arena, BZ_LIMIT_THEMES_MAX * sizeof *themes);
    size_t count = 0, wished = 0;
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *q = BIND(SQL_THEME_WORDS, "ssi", s->wish.theme, s->fields.at == NULL ? SPAN("{}") : s->fields,
                           (int64_t)BZ_LIMIT_THEMES_MAX);
    while ((rc = db_step(db, q, &has_row, e)) == BZ_OK && has_row)
        themes[count++] = (struct theme_words){ arena_copy(&s->arena, column_span(q, 0)), arena_copy(&s->arena, column_span(q, 1)),
                                                sqlite3_column_int(q, 2) != 0 || sqlite3_column_int(q, 3) != 0 };
    if (rc == BZ_OK && s->wish.theme.at == NULL) {
        hear(themes, count, s->words);
        if (s->room.at != NULL)
            hear(themes, count, s->room);
    }
    json_open(&s->themes, '[');
    for (size_t i = 0; i < count && wished < WISHED_THEMES_MAX; i++)
        if (themes[i].is_wished) {
            json_text(&s->themes, themes[i].slug);
            wished++;
        }
    json_close(&s->themes, ']');
    return rc;
}

static struct span kept(struct arena *arena, sqlite3_stmt *s, int column)
{
    struct span text = column_span(s, column);
    return text.at == NULL ? text : arena_copy(arena, text);
}

/* Everybody who can be asked, by id. */
static enum bz_err load_candidates(struct db *db, struct viewer v, struct search_for *s, struct bz_error *e)
{
    static const struct { int column; enum peer_sign sign; } counts[] = {
        { 4, PEER_CAN_THEME }, { 5, PEER_THEME }, { 7, PEER_CAN }, { 8, PEER_SIZE }, { 10, PEER_REGION }, { 11, PEER_CITY } };
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *q = BIND(SQL_CANDIDATES, "isss", v.member, buf_span(&s->themes), s->words, s->city);
    while ((rc = db_step(db, q, &has_row, e)) == BZ_OK && has_row) {
        if (s->count == s->cap) {
            s->cap = s->cap == 0 ? 256 : s->cap * 2;
            s->at = realloc(s->at, s->cap * sizeof *s->at);
            if (s->at == NULL)
                abort();
        }
        struct candidate *c = &s->at[s->count++];
        *c = (struct candidate){ .id = sqlite3_column_int64(q, 0), .folded = kept(&s->arena, q, 1), .city = kept(&s->arena, q, 2),
                                 .country = kept(&s->arena, q, 3), .theme = kept(&s->arena, q, 6), .lang = kept(&s->arena, q, 9) };
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
            c->signs.count[counts[i].sign] = sqlite3_column_int64(q, counts[i].column);
        c->signs.count[PEER_LANGUAGE] = c->lang.at != NULL;
    }
    return rc;
}

static struct candidate *find(struct search_for *s, bz_id id)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->at[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->count && s->at[low].id == id ? &s->at[low] : NULL;
}

static enum bz_err count_writers(struct db *db, struct search_for *s, bz_id thread, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *q = BIND(SQL_WRITERS, "i", thread);
    while ((rc = db_step(db, q, &has_row, e)) == BZ_OK && has_row) {
        struct candidate *c = find(s, sqlite3_column_int64(q, 0));
        if (c == NULL)
            continue;
        int64_t accepted = sqlite3_column_int64(q, 2);
        c->signs.count[PEER_ACCEPTED] += accepted;
        c->signs.count[PEER_POSTS] += sqlite3_column_int64(q, 1) - accepted;
    }
    return rc;
}

/* What people wrote and shared about it, where the viewer may read it. */
static enum bz_err look_around(struct db *db, struct viewer v, struct search_for *s, struct bz_error *e)
{
    bz_id resources[SIMILAR_THREADS * 2];
    size_t count = 0;
    bool has_row;
    enum bz_err rc = s->title.len == 0 ? BZ_OK : query_similar(db, v, s->title, 0, SIMILAR_THREADS, on_similar, s, e);
    for (size_t i = 0; i < s->threads_count && rc == BZ_OK; i++)
        rc = count_writers(db, s, s->threads[i], e);
    if (rc != BZ_OK)
        return rc;
    sqlite3_stmt *q = BIND(SQL_RESOURCES, "iis", v.member, (int64_t)v.role, buf_span(&s->themes));
    while ((rc = db_step(db, q, &has_row, e)) == BZ_OK && has_row) {
        bz_id thread = sqlite3_column_int64(q, 0);
        bool is_known = thread == s->wish.thread;
        for (size_t i = 0; i < count && !is_known; i++)   /* one of two themes of the wish */
            is_known = resources[i] == thread;
        struct candidate *c = find(s, sqlite3_column_int64(q, 1));
        if (c != NULL && !is_known)
            c->signs.count[PEER_RESOURCES]++;
        if (!is_known && count < sizeof resources / sizeof *resources)
            resources[count++] = thread;
    }
    return rc;
}

static int best_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->is_proposed != y->is_proposed)
        return x->is_proposed ? -1 : 1;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void rank(struct search_for *s)
{
    bool is_of_something = s->title.len > 0 || s->wish.theme.at != NULL || s->wish.city.at != NULL;
    for (size_t i = 0; i < s->count; i++) {
        struct candidate *c = &s->at[i];
        c->score = peer_score(&c->signs);
        c->is_proposed = c->score > 0 && (!is_of_something || peer_is_of_matter(&c->signs));
    }
    if (s->count > 0)
        qsort(s->at, s->count, sizeof *s->at, best_first);
}

struct telling { const struct peer_visit *visit; const struct candidate *next; };

static void on_person(void *ctx, const struct person_row *row)
{
    struct telling *t = ctx;
    const struct candidate *c = t->next++;
    t->visit->person(t->visit->ctx, &(struct peer_row){ *row, c->score, c->signs, c->theme, c->lang });
}

static enum bz_err tell_people(struct db *db, struct viewer v, struct search_for *s, const struct peer_visit *visit, struct bz_error *e)
{
    struct telling t = { visit, s->at };
    struct buf ids;
    buf_init(&ids, 32 * BZ_LIMIT_PEERS_MAX);
    json_open(&ids, '[');
    for (size_t i = 0; i < s->count && i < BZ_LIMIT_PEERS_MAX && s->at[i].is_proposed; i++)
        json_int(&ids, s->at[i].id);
    json_close(&ids, ']');
    enum bz_err rc = query_persons(db, v, buf_span(&ids), on_person, &t, e);
    buf_done(&ids);
    return rc;
}

static int best_city_first(const void *a, const void *b)
{
    const struct city *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return best_first(x->best, y->best);
}

/* Candidates stand the best first, so each city's first is its best. */
static void tell_cities(struct search_for *s, const struct peer_visit *visit)
{
    struct city *cities = arena_alloc(&s->arena, (s->count + 1) * sizeof *cities);
    size_t count = 0;
    for (size_t i = 0; i < s->count && s->at[i].is_proposed; i++) {
        const struct candidate *c = &s->at[i];
        size_t k = 0;
        if (c->folded.at == NULL)
            continue;
        while (k < count && !span_eq(cities[k].best->folded, c->folded))
            k++;
        if (k == count)
            cities[count++] = (struct city){ .best = c };
        cities[k].people++;
    }
    for (size_t k = 0; k < count; k++)
        cities[k].score = peer_city_score(cities[k].best->score, cities[k].people);
    if (count > 0)
        qsort(cities, count, sizeof *cities, best_city_first);
    for (size_t k = 0; k < count && k < BZ_LIMIT_PEERS_MAX; k++) {
        const struct candidate *c = cities[k].best;
        visit->city(visit->ctx, &(struct peer_city_row){ c->city, c->country, cities[k].score, cities[k].people, c->signs, c->theme });
    }
}

enum bz_err query_peers(struct db *db, struct viewer v, const struct peer_wish *wish, const struct peer_visit *visit, struct bz_error *e)
{
    struct search_for s = { .wish = *wish };
    arena_init(&s.arena);
    buf_init(&s.themes, WISHED_THEMES_MAX * (BZ_LIMIT_SLUG_CHARS + 4));
    enum bz_err rc = understand(db, v, &s, e);
    if (rc == BZ_OK)
        rc = find_themes(db, &s, e);
    if (rc == BZ_OK)
        rc = load_candidates(db, v, &s, e);
    if (rc == BZ_OK)
        rc = look_around(db, v, &s, e);
    if (rc == BZ_OK) {
        rank(&s);
        rc = tell_people(db, v, &s, visit, e);
    }
    if (rc == BZ_OK)
        tell_cities(&s, visit);
    buf_done(&s.themes);
    arena_done(&s.arena);
    free(s.at);
    return rc;
}
