#include <stdlib.h>

#include "base/limits.h"
#include "store/query.h"
#include "store/statement.h"

/* Numbers of the secretariat. Lists come sorted by who or where, and are counted here: a statement for each week and region
 * would read the same posts thirty times. */

#define DAY_MS  ((int64_t)24 * 3600 * 1000)
#define WEEK_MS (7 * DAY_MS)
#define MONDAY_MS (4 * DAY_MS)          /* 1970-01-05 */
#define ACTIVE_DAYS 30
#define PLACES_MAX 65                   /* the hub, and as many regions */

/* What was said since ?1, where; rooms of two are nobody's business. */
#define SAID " FROM post AS p CROSS JOIN thread AS t ON t.id = p.thread CROSS JOIN room AS r ON r.id = t.room"              \
             " WHERE p.id > ?1 AND p.redacted_at IS NULL AND r.access <= 2"
/* When they last wrote, in rooms of more than two: who writes to whom is for nobody. */
#define OWN_SAID "last_own AS lo JOIN room AS lr ON lr.id = lo.room WHERE lo.member = m.id AND lr.access <= 2"
#define DESK_STATEMENTS(X)                                                                                           \
    X(SQL_REGIONS, "SELECT id FROM region AS g WHERE " ADMINISTERS("g.id") " ORDER BY id LIMIT ?3")                  \
    /* Entries are in the order of their times. */                                                                   \
    X(SQL_BEFORE, "SELECT id, at_ms FROM journal WHERE id <= ?1 ORDER BY id DESC LIMIT 1")                           \
    X(SQL_CAME, "SELECT m.region, j.at_ms FROM member AS m CROSS JOIN journal AS j ON j.id = m.id")                  \
    X(SQL_POSTS, "SELECT r.region, (p.at_ms - ?2) / 604800000, count(*)" SAID " AND p.at_ms >= ?2 GROUP BY 1, 2")    \
    X(SQL_WROTE, "SELECT DISTINCT p.by, r.region, p.at_ms / 86400000" SAID " ORDER BY 1, 2")                         \
    X(SQL_QUESTIONS, "SELECT r.region, t.at_ms, (SELECT min(p.at_ms) FROM post AS p WHERE p.thread = t.id AND p.by <> t.by" \
                     " AND p.redacted_at IS NULL), (SELECT p.at_ms FROM post AS p WHERE p.id = t.answer)"            \
                     " FROM thread AS t CROSS JOIN room AS r ON r.id = t.room WHERE t.id > ?1 AND t.at_ms >= ?2 AND t.kind = 3" \
                     " AND t.merged_into IS NULL AND r.access <= 2") \
    X(SQL_IS_ADMIN, "SELECT 1 WHERE ?2 >= 3 OR EXISTS (SELECT 1 FROM region AS g WHERE " ADMINISTERS("g.id") ")")    \
    X(SQL_KEPT, "SELECT * FROM (SELECT m.id AS id, coalesce(o.org, 0) AS org,"                                       \
                " max(coalesce((SELECT max(s.seen_ms) FROM session AS s WHERE s.member = m.id), 0),"                 \
                " coalesce((SELECT max(at_ms) FROM " OWN_SAID "), 0)) AS seen,"             \
                " coalesce((SELECT max(at_ms) FROM " OWN_SAID "), 0),"                      \
                " coalesce(t.refused, 0) AS refused, coalesce(t.at_ms, 0), t.why,"                                   \
                " EXISTS (SELECT 1 FROM address AS a WHERE a.member = m.id) AS has_address,"                         \
                " coalesce((SELECT sum(c.tries - (c.expires_ms = 0)) FROM attempt AS c WHERE c.member = m.id AND c.kind = 1), 0)" \
                " AS failed"                                                                                         \
                " FROM member AS m LEFT JOIN org_member AS o ON o.member = m.id LEFT JOIN mail_trouble AS t ON t.member = m.id" \
                " WHERE m.id < ?3 AND m.erased_ms IS NULL AND " ADMINISTERS("m.region")                              \
                " AND (?4 = 0 OR m.region = ?4) AND (?5 = 0 OR o.org = ?5) AND (?6 < 0 OR m.role = ?6)"              \
                " AND (?7 IS NULL OR instr(fold_of(m.name || ' ' || m.handle || ' ' || coalesce(m.org, '') || ' '"   \
                " || coalesce(m.city, ''))," \
                " fold_of(?7)) > 0)) WHERE CASE ?8 WHEN 0 THEN 1 WHEN 1 THEN seen < ?9 WHEN 2 THEN NOT has_address"  \
                " WHEN 3 THEN refused > 0 ELSE failed > 0 END ORDER BY id DESC LIMIT ?10")
STATEMENTS(DESK_STATEMENTS, desk, false)

#define BIND(name, ...) db_bind(db, LIST_DESK, name, __VA_ARGS__)

struct question { int64_t first_ms, accepted_ms; size_t place, week; };   /* place 0: of a region that is not told */
struct counting {
    int64_t from_ms;
    size_t count;                       /* places; the first is the hub */
    bz_id places[PLACES_MAX];
    struct week_row rows[PLACES_MAX][DESK_WEEKS];
    struct question *questions;
    size_t questions_count, questions_cap;
    int64_t *values;                    /* for one median */
};

static size_t place_of(const struct counting *c, bz_id region)
{
    for (size_t i = 1; i < c->count; i++)
        if (c->places[i] == region)
            return i;
    return 0;
}

static bool is_week(int64_t week) { return week >= 0 && week < DESK_WEEKS; }

static enum bz_err load_places(struct db *db, struct viewer v, struct counting *c, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_REGIONS, "iii", v.member, (int64_t)v.role, (int64_t)PLACES_MAX - 1);
    c->count = 1;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        c->places[c->count++] = sqlite3_column_int64(s, 0);
    if (rc == BZ_OK && c->count == 1 && v.role < ROLE_ADMIN)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "only admins may do this");
    for (size_t i = 0; i < c->count; i++)
        for (int w = 0; w < DESK_WEEKS; w++)
            c->rows[i][w] = (struct week_row){ .region = c->places[i], .at_ms = c->from_ms + w * WEEK_MS,
                                               .first_ms = -1, .accepted_ms = -1 };
    return rc;
}

/* The last entry before a time, or 0. */
static enum bz_err last_before(struct db *db, int64_t at_ms, bz_id *ret, struct bz_error *e)
{
    int64_t head, head_ms, low = 0;
    enum bz_err rc = db_head(db, &head, &head_ms, e);
    for (int64_t high = head; rc == BZ_OK && low < high;) {
        int64_t middle = low + (high - low + 1) / 2, found_ms = 0;
        bool has_row;
        sqlite3_stmt *s = BIND(SQL_BEFORE, "i", id_make(0, middle));
        if ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
            found_ms = sqlite3_column_int64(s, 1);
            db_reset(s);
        }
        if (found_ms < at_ms)
            low = middle;
        else
            high = middle - 1;
    }
    *ret = low == 0 ? 0 : id_make(0, low);
    return rc;
}

static enum bz_err count_members(struct db *db, struct counting *c, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_CAME, "");
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        int64_t at_ms = sqlite3_column_int64(s, 1);
        size_t place = place_of(c, sqlite3_column_int64(s, 0));
        int64_t week = at_ms < c->from_ms ? 0 : (at_ms - c->from_ms) / WEEK_MS;
        for (; week < DESK_WEEKS; week++) {
            c->rows[0][week].members++;
            c->rows[place][week].members += place != 0;
        }
    }
    return rc;
}

static enum bz_err count_posts(struct db *db, struct counting *c, bz_id after, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_POSTS, "ii", after, c->from_ms);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        size_t place = place_of(c, sqlite3_column_int64(s, 0));
        int64_t week = sqlite3_column_int64(s, 1), count = sqlite3_column_int64(s, 2);
        if (!is_week(week))
            continue;
        c->rows[0][week].posts += count;
        c->rows[place][week].posts += place != 0 ? count : 0;
    }
    return rc;
}

/* The weeks at whose end somebody had written within the days before it, one bit each. */
static uint32_t weeks_of_day(const struct counting *c, int64_t day)
{
    uint32_t ret = 0;
    for (int week = 0; week < DESK_WEEKS; week++) {
        int64_t end = (c->from_ms + (week + 1) * WEEK_MS) / DAY_MS;
        if (day < end && day >= end - ACTIVE_DAYS)
            ret |= 1u << week;
    }
    return ret;
}

static void add_active(struct counting *c, size_t place, uint32_t weeks)
{
    for (int week = 0; week < DESK_WEEKS; week++)
        c->rows[place][week].active += weeks >> week & 1;
}

static enum bz_err count_active(struct db *db, struct counting *c, bz_id after, struct bz_error *e)
{
    bool has_row;
    bz_id by = 0, region = 0;
    uint32_t here = 0, anywhere = 0;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_WROTE, "i", after);
    do {
        rc = db_step(db, s, &has_row, e);
        bool is_row = rc == BZ_OK && has_row;
        bool is_other = !is_row || sqlite3_column_int64(s, 0) != by;
        if ((is_other || sqlite3_column_int64(s, 1) != region) && here != 0) {
            size_t place = place_of(c, region);
            if (place != 0)
                add_active(c, place, here);
            here = 0;
        }
        if (is_other) {
            add_active(c, 0, anywhere);
            anywhere = 0;
        }
        if (is_row) {
            by = sqlite3_column_int64(s, 0);
            region = sqlite3_column_int64(s, 1);
            uint32_t weeks = weeks_of_day(c, sqlite3_column_int64(s, 2));
            here |= weeks;
            anywhere |= weeks;
        }
    } while (rc == BZ_OK && has_row);
    return rc;
}

static void question_add(struct counting *c, const struct question *q)
{
    if (c->questions_count == c->questions_cap) {
        c->questions_cap = c->questions_cap == 0 ? 256 : c->questions_cap * 2;
        c->questions = realloc(c->questions, c->questions_cap * sizeof *c->questions);
        if (c->questions == NULL)
            abort();
    }
    c->questions[c->questions_count++] = *q;
}

static enum bz_err count_questions(struct db *db, struct counting *c, bz_id after, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_QUESTIONS, "ii", after, c->from_ms);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        int64_t at_ms = sqlite3_column_int64(s, 1), week = (at_ms - c->from_ms) / WEEK_MS;
        bool is_answered = sqlite3_column_type(s, 3) != SQLITE_NULL;
        struct question q = { .place = place_of(c, sqlite3_column_int64(s, 0)), .first_ms = -1, .accepted_ms = -1 };
        if (!is_week(week))
            continue;
        q.week = (size_t)week;
        if (sqlite3_column_type(s, 2) != SQLITE_NULL)
            q.first_ms = sqlite3_column_int64(s, 2) - at_ms;
        if (is_answered)
            q.accepted_ms = sqlite3_column_int64(s, 3) - at_ms;
        question_add(c, &q);
        for (size_t place = 0; place <= q.place; place += q.place == 0 ? 1 : q.place) {
            c->rows[place][week].questions++;
            c->rows[place][week].answered += is_answered;
        }
    }
    return rc;
}

static int smallest_first(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Of an even number the mean of the two in the middle. */
static int64_t median(int64_t *values, size_t count)
{
    if (count == 0)
        return -1;
    qsort(values, count, sizeof *values, smallest_first);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static int64_t median_of(struct counting *c, size_t place, size_t week, bool is_first)
{
    size_t count = 0;
    for (size_t i = 0; i < c->questions_count; i++) {
        const struct question *q = &c->questions[i];
        int64_t value = is_first ? q->first_ms : q->accepted_ms;
        if (q->week == week && (place == 0 || q->place == place) && value >= 0)
            c->values[count++] = value;
    }
    return median(c->values, count);
}

static void count_medians(struct counting *c)
{
    c->values = calloc(c->questions_count + 1, sizeof *c->values);
    if (c->values == NULL)
        abort();
    for (size_t place = 0; place < c->count; place++)
        for (size_t week = 0; week < DESK_WEEKS; week++) {
            c->rows[place][week].first_ms = median_of(c, place, week, true);
            c->rows[place][week].accepted_ms = median_of(c, place, week, false);
        }
}

enum bz_err query_weeks(struct db *db, struct viewer v, int64_t now_ms, week_visit visit, void *ctx, struct bz_error *e)
{
    bz_id after = 0, long_after = 0;
    struct counting *c = calloc(1, sizeof *c);
    if (c == NULL)
        abort();
    db_deadline(db, NUMBERS_DEADLINE_MS);
    c->from_ms = (now_ms - MONDAY_MS) / WEEK_MS * WEEK_MS + MONDAY_MS - (DESK_WEEKS - 1) * WEEK_MS;
    enum bz_err rc = load_places(db, v, c, e);
    if (rc == BZ_OK)
        rc = last_before(db, c->from_ms, &after, e);
    if (rc == BZ_OK)
        rc = last_before(db, c->from_ms - ACTIVE_DAYS * DAY_MS, &long_after, e);
    if (rc == BZ_OK)
        rc = count_members(db, c, e);
    if (rc == BZ_OK)
        rc = count_posts(db, c, after, e);
    if (rc == BZ_OK)
        rc = count_active(db, c, long_after, e);
    if (rc == BZ_OK)
        rc = count_questions(db, c, after, e);
    if (rc == BZ_OK)
        count_medians(c);
    for (size_t place = v.role >= ROLE_ADMIN ? 0 : 1; rc == BZ_OK && place < c->count; place++)
        for (int week = 0; week < DESK_WEEKS; week++)
            visit(ctx, &c->rows[place][week]);
    free(c->questions);
    free(c->values);
    free(c);
    return rc;
}

enum bz_err query_kept(struct db *db, struct viewer v, const struct kept_query *q, kept_visit visit, void *ctx, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_IS_ADMIN, "ii", v.member, (int64_t)v.role);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (!has_row)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "only admins may do this");
    db_reset(s);
    s = BIND(SQL_KEPT, "iiiiiisiii", v.member, (int64_t)v.role, q->before != 0 ? q->before : INT64_MAX, q->region, q->org, (int64_t)q->role,
             q->text, (int64_t)q->only, q->now_ms - INACTIVE_MS, (int64_t)q->limit);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct kept_row){
            .member = sqlite3_column_int64(s, 0), .org = sqlite3_column_int64(s, 1), .seen_ms = sqlite3_column_int64(s, 2),
            .posted_ms = sqlite3_column_int64(s, 3), .refused = sqlite3_column_int64(s, 4), .refused_ms = sqlite3_column_int64(s, 5),
            .why = column_span(s, 6), .has_address = sqlite3_column_int(s, 7) != 0, .failed = sqlite3_column_int64(s, 8) });
    return rc;
}
