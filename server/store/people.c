#include "store/people.h"

#include "base/json_out.h"
#include "baraza/limits.h"
#include "store/profile.h"
#include "store/statement.h"

#define PERSON_COLUMNS                                                                                               \
    "m.id, m.region, m.role, m.handle, m.name, m.org, m.city, m.country, m.lang,"                                    \
    " coalesce((SELECT pr.peers FROM profile AS pr WHERE pr.member = m.id), 0), " PROFILE_OF("m")

/* A key of a field that the viewer sees. ?1 is the viewer everywhere. */
#define HAS_KEY(fields, values)                                                                                      \
    "EXISTS (SELECT 1 FROM profile_key AS k CROSS JOIN profile_field AS f ON f.member = k.member AND f.field = k.field" \
    " WHERE k.member = m.id AND k.field IN (" fields ") AND k.value IN (" values ") AND " SHOWN_TO_VIEWER("f", "m") ")"
#define THEMES_OF "SELECT slug FROM theme WHERE slug = ?9 OR parent = ?9"
#define PRIMARY(lang) "substr(" lang ", 1, instr(" lang " || '-', '-') - 1)"
#define SAYS "words_of(m.name || ' ' || m.handle || ' ' || coalesce(m.org, '') || ' ' || coalesce(m.city, ''))"
#define VISIBLE_WORDS                                                                                                \
    "coalesce((SELECT group_concat(f.words, '') FROM profile_field AS f WHERE f.member = m.id AND f.words IS NOT NULL" \
    " AND " SHOWN_TO_VIEWER("f", "m") "), '')"

/* One walk over what somebody wrote last, as far as the viewer may read it; conversations of two are told to nobody. */
#define WALK                                                                                                         \
    " FROM (SELECT id, thread, n FROM post INDEXED BY post_by WHERE by = ?3 AND redacted_at IS NULL"                 \
    " ORDER BY id DESC LIMIT " PEOPLE_WALKED ") AS p CROSS JOIN thread AS t ON t.id = p.thread"                      \
    " CROSS JOIN room AS r ON r.id = t.room WHERE r.access < 3 AND t.merged_into IS NULL AND " CAN_READ("r", "?1", "?2") \
    " AND NOT " IS_HIDDEN("p")

/* Listed members with what decides about their fields, looked up once for each. */
#define LISTED                                                                                                       \
    "WITH c AS MATERIALIZED (SELECT m.id, m.lang, m.id = ?1 AS own, m.id IN " NEAR_VIEWER " AS near,"                \
    " m.region = " REGION_OF_VIEWER " AS same FROM member AS m WHERE (?2 = 0 OR m.region = ?2) AND " IS_LISTED("m") ") "
#define SEEN_KEYS                                                                                                    \
    "c CROSS JOIN profile_key AS k ON k.member = c.id CROSS JOIN profile_field AS f ON f.member = k.member"          \
    " AND f.field = k.field"

#define PEOPLE_STATEMENTS(X)                                                                                         \
    X(SQL_DIRECTORY, "SELECT " PERSON_COLUMNS " FROM member AS m WHERE m.handle > coalesce((SELECT handle FROM member" \
                     " WHERE id = ?3), '') AND (?4 = 0 OR m.region = ?4) AND (?5 IS NULL OR m.country = ?5 COLLATE NOCASE)" \
                     " AND (?6 IS NULL OR fold_of(m.city) = fold_of(?6)) AND (?7 IS NULL OR fold_of(m.org) = fold_of(?7))" \
                     " AND " IS_LISTED("m")                                                                      \
                     " AND (?8 IS NULL OR m.lang = ?8 OR " PRIMARY("m.lang") " = ?8 OR " HAS_KEY("2", "?8") ")"      \
                     " AND (?9 IS NULL OR " HAS_KEY("3, 5", THEMES_OF) ")"                                           \
                     " AND (?10 IS NULL OR EXISTS (SELECT 1 FROM profile_field AS f WHERE f.member = m.id AND f.field = 4" \
                     " AND has_words(f.words, words_of(?10)) AND " SHOWN_TO_VIEWER("f", "m") "))"                    \
                     " AND (?11 IS NULL OR has_words(" SAYS " || " VISIBLE_WORDS ", words_of(?11)))"                 \
                     " ORDER BY m.handle LIMIT ?2")                                                                  \
    X(SQL_PERSONS, "SELECT " PERSON_COLUMNS " FROM json_each(?2) AS j CROSS JOIN member AS m ON m.id = j.value"      \
                   " ORDER BY j.key LIMIT ?3")                                                                       \
    X(SQL_ORG_OF, "SELECT org FROM org_member WHERE member = ?1")                                                    \
    X(SQL_CIRCLES, "SELECT json_group_object(profile_field(field), CASE shown WHEN 0 THEN 'nobody' WHEN 1 THEN 'rooms'" \
                   " WHEN 2 THEN 'region' ELSE 'all' END) FROM profile_field WHERE member = ?1")                     \
    X(SQL_CONTRIBUTIONS, "SELECT count(*), coalesce(sum(p.id = t.answer), 0),"                                       \
                         " coalesce(sum(t.kind = 4 AND p.n = 1), 0)" WALK)                                           \
    X(SQL_THREADS_OF, "SELECT t.id" WALK " AND t.kind <> 1 GROUP BY t.id ORDER BY max(p.id) DESC LIMIT ?4")          \
    X(SQL_COUNT, "SELECT count(*) FROM member AS m WHERE (?1 = 0 OR m.region = ?1) AND " IS_LISTED("m"))         \
    X(SQL_COUNTRIES, "SELECT upper(country), count(*) AS many FROM member AS m WHERE (?2 = 0 OR m.region = ?2)"      \
                     " AND country IS NOT NULL AND " IS_LISTED("m")                                  \
                     " GROUP BY upper(country) ORDER BY many DESC, 1 LIMIT ?3")                                      \
    X(SQL_CITIES, "SELECT max(city), count(*) AS many FROM member AS m WHERE (?2 = 0 OR m.region = ?2)"              \
                  " AND city IS NOT NULL AND " IS_LISTED("m")                                        \
                  " GROUP BY fold_of(city) ORDER BY many DESC, 1 LIMIT ?3")                                          \
    X(SQL_LANGS, LISTED "SELECT lang, count(*) AS many FROM (SELECT c.id, " PRIMARY("c.lang") " AS lang FROM c UNION" \
                 " SELECT c.id, k.value FROM " SEEN_KEYS " WHERE k.field = 2 AND instr(k.value, '-') = 0"            \
                 " AND " SHOWN("f", "c.own", "c.near", "c.same") ") GROUP BY lang ORDER BY many DESC, lang LIMIT ?3") \
    X(SQL_THEMES, LISTED "SELECT slug, count(*) AS many FROM (SELECT c.id, t.slug FROM " SEEN_KEYS " JOIN theme AS t" \
                  " ON t.slug = k.value OR t.slug = (SELECT parent FROM theme WHERE slug = k.value)"                 \
                  " WHERE k.field IN (3, 5) AND " SHOWN("f", "c.own", "c.near", "c.same") " GROUP BY c.id, t.slug)"  \
                  " GROUP BY slug ORDER BY many DESC, slug LIMIT ?3")
STATEMENTS(PEOPLE_STATEMENTS, people, false)

#define BIND(name, ...) db_bind(db, LIST_PEOPLE, name, __VA_ARGS__)

static enum bz_err visit_all(struct db *db, sqlite3_stmt *s, person_visit visit, void *ctx, int *ret_count, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        visit(ctx, &(struct person_row){
            .member = { .id = sqlite3_column_int64(s, 0), .region = sqlite3_column_int64(s, 1),
                        .role = (enum role)sqlite3_column_int(s, 2), .handle = column_span(s, 3), .name = column_span(s, 4),
                        .org = column_span(s, 5), .city = column_span(s, 6), .country = column_span(s, 7),
                        .lang = column_span(s, 8) },
            .may_ask = sqlite3_column_int(s, 9) != 0, .profile = column_span(s, 10) });
        ++*ret_count;
    }
    return rc;
}

enum bz_err query_directory(struct db *db, struct viewer v, const struct directory *find, person_visit visit, void *ctx,
                            struct bz_error *e)
{
    int count = 0;
    return visit_all(db, BIND(SQL_DIRECTORY, "iiiisssssss", v.member, (int64_t)find->limit, find->before, find->region,
                              find->country, find->city, find->org, find->lang, find->theme, find->can, find->text),
                     visit, ctx, &count, e);
}

enum bz_err query_persons(struct db *db, struct viewer v, struct span ids, person_visit visit, void *ctx, struct bz_error *e)
{
    int count = 0;
    return visit_all(db, BIND(SQL_PERSONS, "isi", v.member, ids, (int64_t)BZ_LIMIT_PAGE_MAX), visit, ctx, &count, e);
}

enum bz_err query_person(struct db *db, struct viewer v, bz_id member, person_visit visit, void *ctx, struct bz_error *e)
{
    struct buf ids;
    int count = 0;
    buf_init(&ids, 32);
    json_open(&ids, '[');
    json_int(&ids, member);
    json_close(&ids, ']');
    enum bz_err rc = visit_all(db, BIND(SQL_PERSONS, "isi", v.member, buf_span(&ids), (int64_t)1), visit, ctx, &count, e);
    buf_done(&ids);
    return rc == BZ_OK && count == 0 ? bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such member") : rc;
}

enum bz_err query_org_of(struct db *db, bz_id member, bz_id *ret, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_ORG_OF, "i", member);
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret = rc == BZ_OK && has_row ? sqlite3_column_int64(s, 0) : 0;
    if (*ret != 0)
        db_reset(s);
    return rc;
}

enum bz_err query_circles(struct db *db, struct viewer v, void (*visit)(void *ctx, struct span json), void *ctx, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_CIRCLES, "i", v.member);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    visit(ctx, column_span(s, 0));
    db_reset(s);
    return BZ_OK;
}

enum bz_err query_contributions(struct db *db, struct viewer v, bz_id member, struct contributions *ret, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_CONTRIBUTIONS, "iii", v.member, (int64_t)v.role, member);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = (struct contributions){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 2) };
    db_reset(s);
    return BZ_OK;
}

enum bz_err query_threads_of(struct db *db, struct viewer v, bz_id member, int limit, thread_visit visit, void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_THREADS_OF, "iiii", v.member, (int64_t)v.role, member, (int64_t)limit);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        if ((rc = query_thread(db, v, sqlite3_column_int64(s, 0), visit, ctx, e)) != BZ_OK) {
            db_reset(s);
            break;
        }
    return rc;
}

enum bz_err query_people_facet(struct db *db, struct viewer v, bz_id region, enum people_facet of, facet_visit visit, void *ctx,
                               struct bz_error *e)
{
    static const int statements[] = { [PEOPLE_COUNTRY] = SQL_COUNTRIES, [PEOPLE_CITY] = SQL_CITIES, [PEOPLE_LANG] = SQL_LANGS,
                                      [PEOPLE_THEME] = SQL_THEMES };
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = db_bind(db, LIST_PEOPLE, statements[of], "iii", v.member, region, (int64_t)BZ_LIMIT_FACETS_MAX);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct facet_row){ .value = column_span(s, 0), .count = sqlite3_column_int64(s, 1) });
    return rc;
}

enum bz_err query_people_count(struct db *db, bz_id region, int64_t *ret, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_COUNT, "i", region);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = sqlite3_column_int64(s, 0);
    db_reset(s);
    return BZ_OK;
}
