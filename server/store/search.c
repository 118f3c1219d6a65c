#include "baraza/limits.h"
#include "store/query.h"
#include "store/statement.h"
#include "store/words.h"

/* Two kinds of hits: titles, then posts; newest first in each, every word must occur. So a page costs what it shows:
 * the index is walked from its newest end and stops at the page's limit, whatever the number of matches.
 * ?1 viewer, ?2 role, ?3 words, ?4 room, ?5 kind, ?6 author, ?7 language, ?8 only older than this, ?9 limit. */
#define MARK_OPEN "char(57344)"
#define MARK_CLOSE "char(57345)"
#define LANG_IS(alias) \
    "(?7 IS NULL OR " alias ".lang = ?7 OR substr(" alias ".lang, 1, length(?7) + 1) = ?7 || '-')"
#define FILTER(alias, fts)                                                                                         \
    " AND t.merged_into IS NULL AND (?4 = 0 OR t.room = ?4) AND (?5 = 0 OR t.kind = ?5)"                            \
    " AND (?6 = 0 OR " alias ".by = ?6) AND " LANG_IS(alias)                                                        \
    " AND (?8 = 0 OR " fts " < ?8) AND " CAN_READ("r", "?1", "?2")
#define TITLE_COLUMNS "SELECT t.id, 0, t.room, t.by, t.kind, t.title, t.lang, t.title, t.at_ms, "
#define POST_COLUMNS "SELECT t.id, p.id, t.room, p.by, t.kind, t.title, p.lang, p.text, p.at_ms, "
#define SNIPPET(fts, column) "snippet(" fts ", " column ", " MARK_OPEN ", " MARK_CLOSE ", '…', 32)"
#define OF_FILES(what) "CASE WHEN p.files IS NOT NULL THEN " what " END"
/* All that a post is found by. Most have no files, and their text is read where it lies. */
#define ALL_WORDS                                                                                                  \
    "CASE WHEN p.files IS NULL THEN p.text ELSE (SELECT y.text || char(10) || coalesce(y.names, '') || char(10)"   \
    " || coalesce(y.inside, '') FROM post_text AS y WHERE y.id = p.id) END"
#define TITLE_BY(fts)                                                                                              \
    TITLE_COLUMNS SNIPPET(fts, "0")                                                                                \
    " FROM " fts " CROSS JOIN thread AS t ON t.id = " fts ".rowid CROSS JOIN room AS r ON r.id = t.room"           \
    " WHERE " fts " MATCH ?3" FILTER("t", fts ".rowid")
#define POST_BY(fts)                                                                                               \
    POST_COLUMNS SNIPPET(fts, "0") ", " OF_FILES(SNIPPET(fts, "1")) ", " OF_FILES(SNIPPET(fts, "2"))               \
    " FROM " fts " CROSS JOIN post AS p ON p.id = " fts ".rowid CROSS JOIN thread AS t ON t.id = p.thread"         \
    " CROSS JOIN room AS r ON r.id = t.room WHERE " fts " MATCH ?3 AND NOT " IS_HIDDEN("p") FILTER("p", fts ".rowid")
/* Words of a script without spaces that are too short for three-character indexes: ?10 is a JSON array of them. */
#define SHORT(text) " AND NOT EXISTS (SELECT 1 FROM json_each(?10) WHERE instr(" text ", value) = 0)"
#define SCAN_SNIPPET(text)                                                                                         \
    "replace(substr(" text ", max(1, instr(" text ", ?3) - 24), 96), ?3, " MARK_OPEN " || ?3 || " MARK_CLOSE ")"

#define SEARCH_STATEMENTS(X)                                                                                       \
    X(SQL_TITLE, TITLE_BY("title_fts") " ORDER BY title_fts.rowid DESC LIMIT ?9")                                  \
    X(SQL_POST, POST_BY("post_fts") " ORDER BY post_fts.rowid DESC LIMIT ?9")                                      \
    X(SQL_TITLE_TRI, TITLE_BY("title_tri") SHORT("t.title") " ORDER BY title_tri.rowid DESC LIMIT ?9")             \
    X(SQL_POST_TRI, POST_BY("post_tri") SHORT(ALL_WORDS) " ORDER BY post_tri.rowid DESC LIMIT ?9")                  \
    X(SQL_TITLE_SCAN, TITLE_COLUMNS SCAN_SNIPPET("x.title") " FROM title_spaceless AS s"                           \
                      " CROSS JOIN thread AS t ON t.id = s.id CROSS JOIN thread_title AS x ON x.id = s.id"         \
                      " CROSS JOIN room AS r ON r.id = t.room WHERE instr(t.title, ?3) > 0"                        \
                      FILTER("t", "s.id") SHORT("t.title") " ORDER BY s.id DESC LIMIT ?9")                         \
    X(SQL_POST_SCAN, POST_COLUMNS SCAN_SNIPPET("x.text") ", " OF_FILES(SCAN_SNIPPET("x.names")) ", "              \
                     OF_FILES(SCAN_SNIPPET("x.inside")) " FROM post_spaceless AS s"                               \
                     " CROSS JOIN post AS p ON p.id = s.id CROSS JOIN post_text AS x ON x.id = s.id"               \
                     " CROSS JOIN thread AS t ON t.id = p.thread CROSS JOIN room AS r ON r.id = t.room"            \
                     " WHERE instr(" ALL_WORDS ", ?3) > 0 AND NOT " IS_HIDDEN("p") FILTER("p", "s.id") SHORT(ALL_WORDS) \
                     " ORDER BY s.id DESC LIMIT ?9")                                                               \
    /* The file that a snippet of names (?3 1) or of what stands inside (2) is from: the first, if it is of several. */   \
    X(SQL_FILE, "SELECT f.name FROM post_file AS f LEFT JOIN blob AS b ON b.hash = f.hash"         \
                " WHERE f.post = ?1 ORDER BY instr(CASE ?3 WHEN 1 THEN f.name || char(10)"                           \
                " || coalesce(f.alt, '') ELSE b.text END, ?2) > 0 DESC, f.n LIMIT 1") \
    /* A hidden post is none: else the page would tell that it exists. */                                          \
    X(SQL_IS_POST, "SELECT 1 FROM post AS p JOIN thread AS t ON t.id = p.thread JOIN room AS r ON r.id = t.room"   \
                   " WHERE p.id = ?3 AND " CAN_READ("r", "?1", "?2"))
STATEMENTS(SEARCH_STATEMENTS, search, false)

#define PREFIX_CHARS 3   /* shorter beginnings match too much */
#define TRIGRAM_CHARS 3

struct plan {
    int title, post;                       /* statements */
    char match[WORDS_MATCH_BYTES];         /* ?3 */
    char shorts[WORDS_MATCH_BYTES];        /* ?10 */
    bool has_shorts;
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
    struct words longs = { 0 };
    size_t len = 0;
    ret->has_shorts = true;
    ret->shorts[len++] = '[';
    for (size_t i = 0; i < words->count; i++) {
        struct span w = words->word[i];
        if (chars(w) >= TRIGRAM_CHARS) {
            longs.word[longs.count++] = w;
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
    ret->title = longs.count > 0 ? SQL_TITLE_TRI : SQL_TITLE_SCAN;
    ret->post = longs.count > 0 ? SQL_POST_TRI : SQL_POST_SCAN;
    if (longs.count > 0) {
        words_match(&longs, 0, ret->match);
        return;
    }
    memcpy(ret->match, words->word[0].at, words->word[0].len);
    ret->match[words->word[0].len] = '\0';
}

static void plan_make(struct span text, const struct words *words, struct plan *ret)
{
    if (is_spaceless(text)) {
        plan_spaceless(words, ret);
        return;
    }
    *ret = (struct plan){ .title = SQL_TITLE, .post = SQL_POST };
    words_match(words, PREFIX_CHARS, ret->match);
}

static sqlite3_stmt *bind(struct db *db, struct viewer v, const struct search *q, const struct plan *plan, int index,
                          bz_id before, int limit)
{
    struct span lang = q->lang.at != NULL && q->lang.len > 0 ? q->lang : (struct span){ 0 };
    int64_t role = v.role, kind = q->kind, most = limit;
    if (!plan->has_shorts)
        return db_bind(db, LIST_SEARCH, index, "iisiiisii", v.member, role, span_of(plan->match), q->room, kind, q->by,
                       lang, before, most);
    return db_bind(db, LIST_SEARCH, index, "iisiiisiis", v.member, role, span_of(plan->match), q->room, kind, q->by,
                   lang, before, most, span_of(plan->shorts));
}

enum place { IN_TEXT, IN_NAMES, IN_FILE };   /* columns of the snippets, from 9 on */
#define SNIPPET_COLUMN 9
#define PIECE_BYTES 1024

static bool has_mark(struct span s)
{
    static const char open[] = "\xee\x80\x80";
    return s.len > 0 && memmem(s.at, s.len, open, sizeof open - 1) != NULL;
}

/* Where the words stand: in the text if one is there, then in the names of files, then inside. */
static enum place place_of(sqlite3_stmt *s)
{
    bool has_files = sqlite3_column_count(s) > SNIPPET_COLUMN + IN_FILE;
    if (!has_files || has_mark(column_span(s, SNIPPET_COLUMN)))
        return IN_TEXT;
    for (enum place p = IN_NAMES; p <= IN_FILE; p++)
        if (has_mark(column_span(s, SNIPPET_COLUMN + (int)p)))
            return p;
    return IN_TEXT;
}

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

/* The row is handed on with the name of its file. */
static enum bz_err visit_file(struct db *db, struct hit_row *row, enum place place, hit_visit visit, void *ctx, struct bz_error *e)
{
    char piece[PIECE_BYTES];
    bool has_row;
    sqlite3_stmt *s = db_bind(db, LIST_SEARCH, SQL_FILE, "isi", row->post, bare(row->snippet, piece), (int64_t)place);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc == BZ_OK && has_row)
        row->file = column_span(s, 0);
    if (rc == BZ_OK)
        visit(ctx, row);
    if (has_row)
        db_reset(s);
    return rc;
}

static enum bz_err visit_all(struct db *db, sqlite3_stmt *s, hit_visit visit, void *ctx, int *ret_count,
                             struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct hit_row row = {
            .thread = sqlite3_column_int64(s, 0),
            .post = sqlite3_column_int64(s, 1),
            .room = sqlite3_column_int64(s, 2),
            .by = sqlite3_column_int64(s, 3),
            .kind = (enum thread_kind)sqlite3_column_int(s, 4),
            .title = column_span(s, 5),
            .lang = column_span(s, 6),
            .text = column_span(s, 7),
            .at_ms = sqlite3_column_int64(s, 8),
        };
        enum place place = place_of(s);
        row.snippet = column_span(s, SNIPPET_COLUMN + (int)place);
        if (place == IN_TEXT)
            visit(ctx, &row);
        else if ((rc = visit_file(db, &row, place, visit, ctx, e)) != BZ_OK)
            break;
        ++*ret_count;
    }
    if (rc != BZ_OK && s != NULL)
        db_reset(s);
    return rc;
}

enum bz_err query_search(struct db *db, struct viewer v, const struct search *search, hit_visit visit, void *ctx,
                         struct bz_error *e)
{
    struct words words;
    struct plan plan = { 0 };
    bool before_is_post = false;
    int count = 0;
    enum bz_err rc = BZ_OK;
    words_split(search->text, &words);
    if (words.count == 0 || search->limit <= 0)
        return BZ_OK;
    plan_make(search->text, &words, &plan);
    if (search->before != 0) {
        sqlite3_stmt *s = db_bind(db, LIST_SEARCH, SQL_IS_POST, "iii", v.member, (int64_t)v.role,
                                  search->before);
        if ((rc = db_step(db, s, &before_is_post, e)) != BZ_OK)
            return rc;
        db_reset(s);
    }
    if (!before_is_post)
        rc = visit_all(db, bind(db, v, search, &plan, plan.title, search->before, search->limit), visit, ctx, &count, e);
    if (rc == BZ_OK && count < search->limit)
        rc = visit_all(db, bind(db, v, search, &plan, plan.post, before_is_post ? search->before : 0,
                                search->limit - count), visit, ctx, &count, e);
    return rc;
}
