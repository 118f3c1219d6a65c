#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "baraza/limits.h"
#include "store/forms.h"
#include "store/query.h"
#include "store/search_page.h"
#include "store/statement.h"

/* A page costs a window, whatever the number of matches: the indexes are walked from their newest end until enough titles
 * and posts are found, those are ranked, and what is shown of them is looked up. What the viewer may not read is passed over
 * without being counted. ?1 viewer, ?2 role, ?3 words, ?4 newest id, ?5 oldest id, ?6 room, ?7 region, ?8 kind, ?9 author,
 * ?10 language, ?11 with a file, ?12 and ?13 from and to (time), ?14 what each phrase means, ?15 short words, ?16 not by,
 * ?17 theme. */
#define MARK_OPEN "char(57344)"
#define MARK_CLOSE "char(57345)"
#define LANG_IS(alias) \
    "(?10 IS NULL OR " alias ".lang = ?10 OR substr(" alias ".lang, 1, length(?10) + 1) = ?10 || '-')"
/* A resource's themes and what they belong to, as the library keeps them. */
#define OF_THEME "(?17 IS NULL OR EXISTS (SELECT 1 FROM resource_key AS k WHERE k.thread = t.id AND k.key = 't' || ?17))"
#define PASSES(alias, has_file)                                                                                    \
    "(?6 = 0 OR t.room = ?6) AND (?7 = 0 OR r.region = ?7) AND (?8 = 0 OR t.kind = ?8) AND (?9 = 0 OR " alias ".by = ?9)" \
    " AND " alias ".by <> ?16 AND " OF_THEME                                                                        \
    " AND " LANG_IS(alias) " AND (?11 = 0 OR " has_file ") AND " alias ".at_ms >= ?12 AND " alias ".at_ms < ?13"
#define CANDIDATE(alias, has_file, worth, is_answer)                                                               \
    "SELECT " alias ".id, CASE WHEN " PASSES(alias, has_file) " THEN " worth " END, " alias ".at_ms, r.region,"    \
    " (t.kind = 3 AND t.answer IS NOT NULL) + " is_answer
#define READABLE " AND t.merged_into IS NULL AND " CAN_READ("r", "?1", "?2")
#define IN_WINDOW(id) id " <= ?4 AND " id " >= ?5"
/* The file of a thread is that of its first post. */
#define TITLE_HAS_FILE \
    "EXISTS (SELECT 1 FROM post_file AS f WHERE f.post = (SELECT min(o.id) FROM post AS o WHERE o.thread = t.id)" \
    " AND NOT EXISTS (SELECT 1 FROM hidden AS hd WHERE hd.post = f.post))"
#define OF_TITLE(index) " FROM " index " CROSS JOIN thread AS t ON t.id = " index ".rowid CROSS JOIN room AS r ON r.id = t.room"
#define OF_POST(index)                                                                                             \
    " FROM " index " CROSS JOIN post AS p ON p.id = " index ".rowid CROSS JOIN thread AS t ON t.id = p.thread"     \
    " CROSS JOIN room AS r ON r.id = t.room"
/* All that a post is found by. Most have no files and no links, and their text is read where it lies. */
#define ALL_WORDS                                                                                                  \
    "CASE WHEN p.files IS NULL AND NOT EXISTS (SELECT 1 FROM post_link AS l WHERE l.post = p.id) THEN p.text"      \
    " ELSE (SELECT y.text || char(10) || coalesce(y.names, '') || char(10) || coalesce(y.inside, '') || char(10)"  \
    " || coalesce(y.links, '') FROM post_text AS y WHERE y.id = p.id) END"
/* Words of a script without spaces that are too short for three-character indexes: ?15 is a JSON array of them. */
#define SHORT(text) " AND NOT EXISTS (SELECT 1 FROM json_each(?15) WHERE instr(" text ", value) = 0)"
#define WALK_TITLES(index, worth, more)                                                                            \
    CANDIDATE("t", TITLE_HAS_FILE, worth, "0") OF_TITLE(index) " WHERE " IN_WINDOW(index ".rowid") more READABLE   \
    " ORDER BY " index ".rowid DESC"
#define WALK_POSTS(index, worth, more)                                                                             \
    CANDIDATE("p", "p.files IS NOT NULL", worth, "(t.kind = 3 AND t.answer IS p.id)") OF_POST(index)               \
    " WHERE " IN_WINDOW(index ".rowid") more " AND NOT " IS_HIDDEN("p") READABLE " ORDER BY " index ".rowid DESC"
#define FOUND(index) " AND " index " MATCH ?3"
#define NO_INDEX " AND ?14 IS NOT NULL"   /* every walk has the same parameters */

/* What was found is shown: ?1 words, ?2 newest id, ?3 oldest id, ?4 a JSON array of ids, in any order. */
#define SHOWN(alias, post, text) \
    "SELECT t.id, " post ", t.room, " alias ".by, t.kind, t.title, " alias ".lang, " alias ".at_ms," \
    " t.kind = 3 AND t.answer IS NOT NULL, "
#define SNIPPET(index, column) "snippet(" index ", " column ", " MARK_OPEN ", " MARK_CLOSE ", '…', 32)"
#define PLACED(index) \
    "place(" index "), CASE place(" index ") WHEN 1 THEN " SNIPPET(index, "1") " WHEN 2 THEN " SNIPPET(index, "2") \
    " WHEN 3 THEN " SNIPPET(index, "3") " ELSE " SNIPPET(index, "0") " END"
#define CHOSEN(index) \
    " WHERE " index " MATCH ?1 AND " index ".rowid <= ?2 AND " index ".rowid >= ?3" \
    " AND +" index ".rowid IN (SELECT value FROM json_each(?4)) ORDER BY " index ".rowid DESC"
#define SHOW_TITLES(index) SHOWN("t", "0", "title") "0, " SNIPPET(index, "0") OF_TITLE(index) CHOSEN(index)
#define SHOW_POSTS(index) SHOWN("p", "p.id", "text") PLACED(index) OF_POST(index) CHOSEN(index)
#define SCAN_SNIPPET(text)                                                                                         \
    "replace(substr(" text ", max(1, instr(" text ", ?1) - 24), 96), ?1, " MARK_OPEN " || ?1 || " MARK_CLOSE ")"

#define SEARCH_STATEMENTS(X)                                                                                       \
    X(SQL_TITLE, WALK_TITLES("title_fts", "worth(title_fts, ?14)", FOUND("title_fts") " AND ?15 IS NOT NULL"))     \
    X(SQL_POST, WALK_POSTS("post_fts", "worth(post_fts, ?14)", FOUND("post_fts") " AND ?15 IS NOT NULL"))          \
    X(SQL_TITLE_TRI, WALK_TITLES("title_tri", "worth(title_tri, ?14)", FOUND("title_tri") SHORT("t.title")))       \
    X(SQL_POST_TRI, WALK_POSTS("post_tri", "worth(post_tri, ?14)", FOUND("post_tri") SHORT(ALL_WORDS)))            \
    X(SQL_TITLE_SCAN, WALK_TITLES("title_spaceless", "24", NO_INDEX " AND instr(t.title, ?3) > 0" SHORT("t.title"))) \
    X(SQL_POST_SCAN, WALK_POSTS("post_spaceless", "24", NO_INDEX " AND instr(" ALL_WORDS ", ?3) > 0" SHORT(ALL_WORDS))) \
    X(SQL_SHOW_TITLE, SHOW_TITLES("title_fts"))                                                                    \
    X(SQL_SHOW_POST, SHOW_POSTS("post_fts"))                                                                       \
    X(SQL_SHOW_TITLE_TRI, SHOW_TITLES("title_tri"))                                                                \
    X(SQL_SHOW_POST_TRI, SHOW_POSTS("post_tri"))                                                                   \
    X(SQL_SHOW_TITLE_SCAN, SHOWN("t", "0", "title") "0, " SCAN_SNIPPET("x.title")                                  \
                           " FROM json_each(?4) AS j CROSS JOIN thread AS t ON t.id = j.value"                     \
                           " CROSS JOIN thread_title AS x ON x.id = t.id WHERE ?2 >= ?3")                          \
    X(SQL_SHOW_POST_SCAN, SHOWN("p", "p.id", "text") "CASE WHEN instr(x.text, ?1) > 0 THEN 0"                      \
                          " WHEN instr(x.names, ?1) > 0 THEN 1 WHEN instr(x.inside, ?1) > 0 THEN 2 ELSE 3 END,"    \
                          " CASE WHEN instr(x.text, ?1) > 0 THEN " SCAN_SNIPPET("x.text")                          \
                          " WHEN instr(x.names, ?1) > 0 THEN " SCAN_SNIPPET("x.names")                             \
                          " WHEN instr(x.inside, ?1) > 0 THEN " SCAN_SNIPPET("x.inside")                           \
                          " ELSE " SCAN_SNIPPET("x.links") " END FROM json_each(?4) AS j"                          \
                          " CROSS JOIN post AS p ON p.id = j.value CROSS JOIN post_text AS x ON x.id = p.id"       \
                          " CROSS JOIN thread AS t ON t.id = p.thread WHERE ?2 >= ?3")                             \
    /* The file that a snippet of names (?3 1) or of what stands inside (2) is from: the first, if it is of several. */   \
    X(SQL_FILE, "SELECT f.name FROM post_file AS f LEFT JOIN blob AS b ON b.hash = f.hash"                         \
                " WHERE f.post = ?1 ORDER BY instr(CASE ?3 WHEN 1 THEN f.name || char(10)"                         \
                " || coalesce(f.alt, '') ELSE b.text END, ?2) > 0 DESC, f.n LIMIT 1")                              \
    /* As that for files: the link whose title or description it is from. */                                       \
    X(SQL_OF_LINK, "SELECT l.url FROM post_link AS l WHERE l.post = ?1 AND (l.title IS NOT NULL OR l.about IS NOT NULL)" \
                   " ORDER BY instr(coalesce(l.title || char(10), '') || coalesce(l.about, ''), ?2) > 0 DESC,"     \
                   " l.n LIMIT 1")                                                                                 \
    X(SQL_HOLDING, "SELECT count(*) FROM (SELECT 1" OF_POST("post_fts") " WHERE post_fts MATCH ?3"                  \
                   " AND NOT " IS_HIDDEN("p") READABLE " ORDER BY post_fts.rowid DESC LIMIT ?4)")                   \
    X(SQL_NEWEST, "SELECT max(id) FROM journal")                                                                   \
    X(SQL_TIME, "SELECT at_ms FROM journal WHERE id <= ?1 ORDER BY id DESC LIMIT 1")                               \
    X(SQL_REGION, "SELECT region FROM member WHERE id = ?1")
STATEMENTS(SEARCH_STATEMENTS, search, false)

#define TRIGRAM_CHARS 3
#define TITLES_MAX 80            /* of one window */
#define POSTS_MAX 160
#define SLACK 50                 /* what was restored or edited into a window that was walked before */
#define TITLES_EXAMINED 1500     /* that the viewer may read and a filter may hold back: then the page ends early */
#define POSTS_EXAMINED 3000
#define LATE_ROWS 64             /* between two looks at the clock */

#define TITLE_BONUS 25
#define NEW_BONUS 30             /* halves in NEW_DAYS, and so on ever more slowly */
#define NEW_DAYS 60
#define ANSWERED_BONUS 6         /* for what stands in an answered question, twice for the answer itself */
#define REGION_BONUS 8

struct plan {
    int titles, posts, shows_titles, shows_posts;   /* statements */
    struct asked asked;
    struct asked_match exact, beginning;
    char shorts[WORDS_MATCH_BYTES];                 /* ?15 */
};

struct candidate { bz_id id; int rank; bool is_title; };

struct finder {
    struct db *db;
    struct viewer viewer;
    const struct search *search;
    struct plan plan;
    struct search_page page;
    int64_t region;                                 /* the viewer's */
    int64_t from, to;                               /* ids of the time asked for */
    size_t count;
    struct candidate at[TITLES_MAX + POSTS_MAX + 2 * SLACK];
};

static size_t chars(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.at[i] & 0xc0) != 0x80;
    return n;
}

/* Long words into ?3, short ones into a JSON array: their letters need no escape. */
static void plan_spaceless(const struct words *words, struct plan *ret)
{
    struct asked longs = { 0 };
    size_t len = 0;
    ret->shorts[len++] = '[';
    for (size_t i = 0; i < words->count; i++) {
        struct span w = words->word[i];
        if (chars(w) >= TRIGRAM_CHARS) {
            longs.group[longs.count++] = (struct asked_group){ longs.words.count, 1, false };
            longs.words.word[longs.words.count++] = w;
            continue;
        }
        if (len > 1)
            ret->shorts[len++] = ',';
        ret->shorts[len++] = '"';
        memcpy(ret->shorts + len, w.at, w.len);
        len += w.len;
        ret->shorts[len++] = '"';
    }
    ret->shorts[len++] = ']';
    ret->shorts[len] = '\0';
    bool has_longs = longs.count > 0;
    ret->titles = has_longs ? SQL_TITLE_TRI : SQL_TITLE_SCAN;
    ret->posts = has_longs ? SQL_POST_TRI : SQL_POST_SCAN;
    ret->shows_titles = has_longs ? SQL_SHOW_TITLE_TRI : SQL_SHOW_TITLE_SCAN;
    ret->shows_posts = has_longs ? SQL_SHOW_POST_TRI : SQL_SHOW_POST_SCAN;
    if (has_longs) {
        asked_match(&longs, false, &ret->exact);
    } else {
        memcpy(ret->exact.text, words->word[0].at, words->word[0].len);
        ret->exact.len = words->word[0].len;
    }
    ret->beginning = ret->exact;
}

static void plan_make(struct db *db, struct span text, struct plan *ret)
{
    asked_read(text, &ret->asked);
    if (is_spaceless(text) && ret->asked.count > 0) {
        ret->asked.may_go_on = false;
        plan_spaceless(&ret->asked.words, ret);
        return;
    }
    ret->titles = SQL_TITLE;
    ret->posts = SQL_POST;
    ret->shows_titles = SQL_SHOW_TITLE;
    ret->shows_posts = SQL_SHOW_POST;
    memcpy(ret->shorts, "[]", 3);
    if (db->forms == NULL)
        db->forms = forms_new();
    forms_add(db->forms, &ret->asked);
    asked_match(&ret->asked, false, &ret->exact);
    asked_match(&ret->asked, true, &ret->beginning);
}

static const struct asked_match *match_of(const struct finder *f, bool is_title)
{
    return is_title || f->page.is_beginning ? &f->plan.beginning : &f->plan.exact;
}

static struct span match_text(const struct asked_match *m) { return (struct span){ m->text, m->len }; }

/* ---- a window is walked */

static sqlite3_stmt *bind_walk(struct finder *f, bool is_title, int64_t top, int64_t bottom)
{
    const struct search *q = f->search;
    const struct asked_match *m = match_of(f, is_title);
    struct span lang = q->lang.at != NULL && q->lang.len > 0 ? q->lang : (struct span){ 0 };
    int64_t to_ms = q->to_ms == 0 ? INT64_MAX : q->to_ms;
    return db_bind(f->db, LIST_SEARCH, is_title ? f->plan.titles : f->plan.posts, "iisiiiiiisiiissis", f->viewer.member,
                   (int64_t)f->viewer.role, match_text(m), top, bottom, q->room, q->region, (int64_t)q->kind, q->by, lang,
                   (int64_t)q->has_file, q->from_ms, to_ms, span_of(m->map), span_of(f->plan.shorts), q->not_by, q->theme);
}

static int rank_of(const struct finder *f, sqlite3_stmt *s, bool is_title)
{
    int64_t days = (f->page.at_s - sqlite3_column_int64(s, 2) / 1000) / 86400;
    int rank = sqlite3_column_int(s, 1) + (is_title ? TITLE_BONUS : 0);
    rank += NEW_BONUS * NEW_DAYS / (NEW_DAYS + (int)(days < 0 ? 0 : days > 36500 ? 36500 : days));
    rank += f->region != 0 && sqlite3_column_int64(s, 3) == f->region ? REGION_BONUS : 0;
    return rank + sqlite3_column_int(s, 4) * ANSWERED_BONUS;
}

/* Walks from the span's top down to its bottom, which is set where the walk ends when it is not known yet. */
static enum bz_err walk(struct finder *f, bool is_title, struct search_span *span, struct bz_error *e)
{
    bool is_known = span->bottom != 0, has_row;
    int64_t top = span->top < f->to ? span->top : f->to, bottom = span->bottom > f->from ? span->bottom : f->from;
    size_t found = 0, wanted = (size_t)(is_title ? TITLES_MAX : POSTS_MAX) + (is_known ? SLACK : 0);
    int examined = 0, most = is_title ? TITLES_EXAMINED : POSTS_EXAMINED;
    enum bz_err rc;
    if (!is_known)
        span->bottom = 1;
    if (top < bottom || span->top == 0)
        return BZ_OK;
    sqlite3_stmt *s = bind_walk(f, is_title, top, bottom);
    while ((rc = db_step(f->db, s, &has_row, e)) == BZ_OK && has_row) {
        bz_id id = sqlite3_column_int64(s, 0);
        if (sqlite3_column_type(s, 1) != SQLITE_NULL) {
            f->at[f->count++] = (struct candidate){ id, rank_of(f, s, is_title), is_title };
            found++;
        }
        examined++;
        bool is_late = !is_known && (examined >= most || (examined % LATE_ROWS == 0 && db_hurries(f->db)));
        if (found < wanted && !is_late)
            continue;
        if (!is_known)
            span->bottom = id;
        db_reset(s);
        break;
    }
    return rc;
}

static int best_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->rank != y->rank ? (x->rank < y->rank) - (x->rank > y->rank) : (x->id < y->id) - (x->id > y->id);
}

static enum bz_err number(struct db *db, sqlite3_stmt *s, int64_t *ret, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret = 0;
    if (rc == BZ_OK && has_row) {
        *ret = sqlite3_column_int64(s, 0);
        db_reset(s);
    }
    return rc;
}

/* Few posts hold the last word itself, of those that the viewer may read: it may be a beginning. A common one is a word, and
 * FTS5 gathers all posts of a beginning before it tells the first. */
static enum bz_err may_begin(struct finder *f, bool *ret, struct bz_error *e)
{
    struct words last = { .count = 1, .word = { f->plan.asked.words.word[f->plan.asked.words.count - 1] } };
    char match[WORDS_MATCH_BYTES];
    int64_t holding;
    words_match(&last, 0, match);
    enum bz_err rc = number(f->db, db_bind(f->db, LIST_SEARCH, SQL_HOLDING, "iisi", f->viewer.member, (int64_t)f->viewer.role,
                                           span_of(match), (int64_t)POSTS_MAX), &holding, e);
    *ret = rc == BZ_OK && holding < POSTS_MAX;
    return rc;
}

static enum bz_err gather(struct finder *f, bool is_first, struct bz_error *e)
{
    struct search_page *page = &f->page;
    enum bz_err rc = walk(f, true, &page->titles, e);
    size_t titles = f->count;
    struct search_span posts = page->posts;
    bool is_beginning = false;
    if (rc == BZ_OK)
        rc = walk(f, false, &page->posts, e);
    if (rc == BZ_OK && is_first && f->plan.asked.may_go_on && page->posts.bottom == 1)
        rc = may_begin(f, &is_beginning, e);
    if (rc == BZ_OK && is_beginning) {
        f->count = titles;
        page->posts = posts;
        page->is_beginning = true;
        rc = walk(f, false, &page->posts, e);
    }
    qsort(f->at, f->count, sizeof f->at[0], best_first);
    return rc;
}

#define PIECE_BYTES 1024

/* The line of the first mark as it stands in the file: without marks, and without the dots at the ends. */
static struct span bare(struct span snippet, char ret[PIECE_BYTES])
{
    static const char dots[] = "…";
    const size_t n = sizeof dots - 1;
    size_t len = 0;
    if (snippet.len >= n && memcmp(snippet.at, dots, n) == 0)
        snippet = (struct span){ snippet.at + n, snippet.len - n };
    if (snippet.len >= n && memcmp(snippet.at + snippet.len - n, dots, n) == 0)
        snippet.len -= n;
    for (size_t i = 0, marks = 0; i < snippet.len && len < PIECE_BYTES; i++) {
        bool is_mark = snippet.len - i >= 3 && memcmp(snippet.at + i, "\xee\x80", 2) == 0 && (snippet.at[i + 2] & '\xfe') == '\x80';
        if (is_mark) {
            i += 2;
            marks++;
        } else if (snippet.at[i] != '\n') {
            ret[len++] = snippet.at[i];
        } else if (marks > 0) {
            break;
        } else {
            len = 0;
        }
    }
    return (struct span){ ret, len };
}

/* ---- what is shown of it */

struct shown { struct hit_row row; bool is_there; };

static void copy_row(sqlite3_stmt *s, struct arena *arena, struct hit_row *ret)
{
    *ret = (struct hit_row){
        .thread = sqlite3_column_int64(s, 0),
        .post = sqlite3_column_int64(s, 1),
        .room = sqlite3_column_int64(s, 2),
        .by = sqlite3_column_int64(s, 3),
        .kind = (enum thread_kind)sqlite3_column_int(s, 4),
        .title = arena_copy(arena, column_span(s, 5)),
        .lang = arena_copy(arena, column_span(s, 6)),
        .at_ms = sqlite3_column_int64(s, 7),
        .is_answered = sqlite3_column_int(s, 8) != 0,
        .snippet = arena_copy(arena, column_span(s, 10)),
    };
}

/* Names the file or the link that the snippet is of. */
static enum bz_err find_source(struct db *db, struct hit_row *row, int place, struct arena *arena, struct bz_error *e)
{
    char piece[PIECE_BYTES];
    bool has_row, is_link = place == 3;
    struct span line = bare(row->snippet, piece);
    sqlite3_stmt *s = is_link ? db_bind(db, LIST_SEARCH, SQL_OF_LINK, "is", row->post, line)
                              : db_bind(db, LIST_SEARCH, SQL_FILE, "isi", row->post, line, (int64_t)place);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc == BZ_OK && has_row) {
        *(is_link ? &row->link : &row->file) = arena_copy(arena, column_span(s, 0));
        db_reset(s);
    }
    return rc;
}

static enum bz_err show(struct finder *f, bool is_title, const struct candidate *at, size_t count, struct shown *ret,
                        struct arena *arena, struct bz_error *e)
{
    char ids[BZ_LIMIT_PAGE_MAX * 21 + 2];
    size_t len = 0;
    bz_id low = INT64_MAX, high = 0;
    enum bz_err rc;
    for (size_t i = 0; i < count; i++) {
        if (at[i].is_title != is_title)
            continue;
        len += (size_t)snprintf(ids + len, sizeof ids - len, "%c%lld", len == 0 ? '[' : ',', (long long)at[i].id);
        low = at[i].id < low ? at[i].id : low;
        high = at[i].id > high ? at[i].id : high;
    }
    if (len == 0)
        return BZ_OK;
    ids[len++] = ']';
    bool has_row;
    sqlite3_stmt *s = db_bind(f->db, LIST_SEARCH, is_title ? f->plan.shows_titles : f->plan.shows_posts, "siis",
                              match_text(match_of(f, is_title)), high, low, (struct span){ ids, len });
    while ((rc = db_step(f->db, s, &has_row, e)) == BZ_OK && has_row) {
        bz_id id = sqlite3_column_int64(s, is_title ? 0 : 1);
        for (size_t i = 0; i < count; i++) {
            if (at[i].is_title != is_title || at[i].id != id)
                continue;
            copy_row(s, arena, &ret[i].row);
            ret[i].is_there = true;
            int place = sqlite3_column_int(s, 9);
            if (place > 0)
                rc = find_source(f->db, &ret[i].row, place, arena, e);
        }
        if (rc != BZ_OK) {
            db_reset(s);
            return rc;
        }
    }
    return rc;
}

static enum bz_err show_all(struct finder *f, const struct candidate *at, size_t count, hit_visit visit, void *ctx,
                            struct bz_error *e)
{
    struct shown shown[BZ_LIMIT_PAGE_MAX] = { 0 };
    struct arena arena;
    arena_init(&arena);
    enum bz_err rc = show(f, true, at, count, shown, &arena, e);
    if (rc == BZ_OK)
        rc = show(f, false, at, count, shown, &arena, e);
    for (size_t i = 0; i < count && rc == BZ_OK; i++)
        if (shown[i].is_there)
            visit(ctx, &shown[i].row);
    arena_done(&arena);
    return rc;
}

/* ---- pages */

/* The first id that is of that time or later: times in the journal never fall. */
static enum bz_err id_at(struct db *db, int64_t newest, int64_t ms, int64_t *ret, struct bz_error *e)
{
    int64_t low = 1, high = newest + 1, at_ms;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        enum bz_err rc = number(db, db_bind(db, LIST_SEARCH, SQL_TIME, "i", middle), &at_ms, e);
        if (rc != BZ_OK)
            return rc;
        if (at_ms >= ms)
            high = middle;
        else
            low = middle + 1;
    }
    *ret = low;
    return BZ_OK;
}

/* Ids of a time asked for lie side by side, in a hub that is alone. */
static enum bz_err limit_ids(struct finder *f, int64_t newest, struct bz_error *e)
{
    int64_t after = 0;
    f->from = 1;
    f->to = INT64_MAX;
    if (f->search->to_ms == 0 || db_hubs(f->db)->count > 1)
        return BZ_OK;
    enum bz_err rc = id_at(f->db, newest, f->search->from_ms, &f->from, e);
    if (rc == BZ_OK)
        rc = id_at(f->db, newest, f->search->to_ms, &after, e);
    f->to = after - 1;
    return rc;
}

static enum bz_err begin(struct finder *f, struct bz_error *e)
{
    int64_t newest;
    enum bz_err rc = number(f->db, db_bind(f->db, LIST_SEARCH, SQL_NEWEST, ""), &newest, e);
    if (rc == BZ_OK)
        rc = number(f->db, db_bind(f->db, LIST_SEARCH, SQL_REGION, "i", f->viewer.member), &f->region, e);
    if (rc == BZ_OK)
        rc = limit_ids(f, newest, e);
    if (f->search->before.at == NULL)
        f->page = (struct search_page){ .at_s = (int64_t)(f->db->env->now_ms(f->db->env->ctx) / 1000),
                                        .titles.top = newest, .posts.top = newest };
    return rc;
}

static int64_t below(const struct search_span *span) { return span->bottom > 1 ? span->bottom - 1 : 0; }

/* Where to go on after `shown` of the window's candidates. */
static void go_on(const struct finder *f, size_t shown, char ret[SEARCH_NEXT_CHARS])
{
    struct search_page next = f->page;
    if (shown < f->count) {
        next.rank = f->at[shown - 1].rank;
        next.id = f->at[shown - 1].id;
    } else {
        next = (struct search_page){ .at_s = f->page.at_s, .is_beginning = f->page.is_beginning,
                                     .titles.top = below(&f->page.titles), .posts.top = below(&f->page.posts) };
        if (next.titles.top == 0 && next.posts.top == 0)
            return;
    }
    search_page_format(&next, ret);
}

static enum bz_err find(struct finder *f, hit_visit visit, void *ctx, char ret_next[SEARCH_NEXT_CHARS], struct bz_error *e)
{
    const struct search *q = f->search;
    size_t from = 0, most = (size_t)q->limit;
    if (q->before.at != NULL && !search_page_parse(q->before, &f->page))
        return bz_invalid(e, "before", "before: what `next` said is expected.");
    enum bz_err rc = begin(f, e);
    if (rc == BZ_OK)
        rc = gather(f, q->before.at == NULL, e);
    if (rc != BZ_OK)
        return rc;
    const struct candidate last = { f->page.id, (int)f->page.rank, false };
    while (last.id != 0 && from < f->count && best_first(&f->at[from], &last) <= 0)
        from++;
    size_t count = f->count - from < most ? f->count - from : most;
    rc = show_all(f, f->at + from, count, visit, ctx, e);
    if (rc == BZ_OK)
        go_on(f, from + count, ret_next);
    return rc;
}

enum bz_err query_search(struct db *db, struct viewer v, const struct search *search, hit_visit visit, void *ctx,
                         char ret_next[SEARCH_NEXT_CHARS], struct bz_error *e)
{
    struct finder *f = calloc(1, sizeof *f);
    enum bz_err rc = BZ_OK;
    ret_next[0] = '\0';
    if (f == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    *f = (struct finder){ .db = db, .viewer = v, .search = search };
    plan_make(db, search->text, &f->plan);
    if (f->plan.asked.count > 0 && search->limit > 0)
        rc = find(f, visit, ctx, ret_next, e);
    free(f);
    return rc;
}

/* The first millisecond of a year in the calendar of today. */
static int64_t year_ms(int64_t year)
{
    int64_t y = year - 1, leaps = y / 4 - y / 100 + y / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
    return ((year - 1970) * 365 + leaps) * 86400000;
}

void search_year(int64_t year, struct search *ret)
{
    ret->from_ms = year_ms(year);
    ret->to_ms = year_ms(year + 1);
}

/* Whole words alone: a saved text is not being written any more. */
enum bz_err query_fresh(struct db *db, struct viewer v, const struct search *search, int64_t since, int64_t *ret, struct bz_error *e)
{
    struct search q = *search;
    enum bz_err rc = BZ_OK;
    *ret = 0;
    if (fails(db->env, "store.fresh"))
        return bz_fail(e, BZ_ERR_DEADLINE, "this took too long");
    struct finder *f = calloc(1, sizeof *f);
    if (f == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    q.before = (struct span){ 0 };
    q.not_by = v.member;
    *f = (struct finder){ .db = db, .viewer = v, .search = &q };
    plan_make(db, q.text, &f->plan);
    f->plan.beginning = f->plan.exact;
    if (f->plan.asked.count > 0)
        rc = begin(f, e);
    f->from = f->from > since + 1 ? f->from : since + 1;
    if (rc == BZ_OK)
        rc = walk(f, true, &f->page.titles, e);
    if (rc == BZ_OK && f->count < FRESH_MAX)
        rc = walk(f, false, &f->page.posts, e);
    *ret = (int64_t)(f->count < FRESH_MAX ? f->count : FRESH_MAX);
    free(f);
    return rc;
}
