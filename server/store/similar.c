#include <stdlib.h>

#include "base/utf8.h"
#include "store/query.h"
#include "store/statement.h"
#include "store/words.h"

/* Threads whose titles share words with a title. They are ranked by how many letters of its words they hold and not by
 * how rare a word is: rarity would be counted over titles, too, that the viewer may not see, and tell of them. */
#define WORDS_USED 6        /* the longest ones: short ones say the least */
#define PER_WORD "400"      /* newest threads that the viewer may read, for each word */
#define EXAMINED "3000"     /* newest titles with the word that are looked at to find them: the bound of the cost */
#define CANDIDATES (WORDS_USED * 400)
#define CHARS_MIN 2
#define PREFIX_CHARS 3      /* the last word is still being written */
#define TRIGRAM_CHARS 3

#define SIMILAR_BY(fts)                                                                                              \
    "SELECT t.id FROM (SELECT rowid AS id FROM " fts " WHERE " fts " MATCH ?3 ORDER BY rowid DESC LIMIT " EXAMINED   \
    ") AS f CROSS JOIN thread AS t ON t.id = f.id CROSS JOIN room AS r ON r.id = t.room"                             \
    " WHERE t.kind <> 1 AND t.merged_into IS NULL AND (?4 = 0 OR t.room = ?4) AND " CAN_READ("r", "?1", "?2") " LIMIT " PER_WORD
#define SIMILAR_STATEMENTS(X)                          \
    X(SQL_SIMILAR, SIMILAR_BY("title_fts"))            \
    X(SQL_SIMILAR_TRI, SIMILAR_BY("title_tri"))
STATEMENTS(SIMILAR_STATEMENTS, similar, false)

struct term { struct span word; size_t chars; bool is_last; };
struct candidate { bz_id thread; size_t letters; };
struct candidates { size_t count; struct candidate at[CANDIDATES]; };

static int longest_first(const void *a, const void *b)
{
    const struct term *x = a, *y = b;
    return (x->chars < y->chars) - (x->chars > y->chars);
}

static int by_thread(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return (x->thread < y->thread) - (x->thread > y->thread);
}

static int most_letters_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->letters != y->letters ? (x->letters < y->letters) - (x->letters > y->letters) : by_thread(a, b);
}

static size_t terms_of(struct span text, size_t chars_min, struct term ret[BZ_LIMIT_SEARCH_WORDS])
{
    struct words words;
    size_t count = 0;
    words_split(text, &words);
    for (size_t i = 0; i < words.count; i++) {
        size_t chars = utf8_chars(words.word[i]);
        if (chars >= chars_min)
            ret[count++] = (struct term){ words.word[i], chars, i + 1 == words.count };
    }
    qsort(ret, count, sizeof *ret, longest_first);
    return count < WORDS_USED ? count : WORDS_USED;
}

static enum bz_err gather(struct db *db, struct viewer v, bz_id room, const struct term *term, int statement,
                          struct candidates *ret, struct bz_error *e)
{
    const struct words one = { .count = 1, .word = { term->word } };
    char match[WORDS_MATCH_BYTES];
    bool has_row;
    enum bz_err rc;
    words_match(&one, term->is_last && statement == SQL_SIMILAR ? PREFIX_CHARS : 0, match);
    sqlite3_stmt *s = db_bind(db, LIST_SIMILAR, statement, "iisi", v.member, (int64_t)v.role, span_of(match), room);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        if (ret->count < CANDIDATES)
            ret->at[ret->count++] = (struct candidate){ sqlite3_column_int64(s, 0), term->chars };
    return rc;
}

/* One row for each thread, with all its letters; the best first. */
static void rank(struct candidates *c)
{
    size_t kept = 0;
    qsort(c->at, c->count, sizeof *c->at, by_thread);
    for (size_t i = 0; i < c->count; i++) {
        if (kept > 0 && c->at[kept - 1].thread == c->at[i].thread)
            c->at[kept - 1].letters += c->at[i].letters;
        else
            c->at[kept++] = c->at[i];
    }
    c->count = kept;
    qsort(c->at, c->count, sizeof *c->at, most_letters_first);
}

enum bz_err query_similar(struct db *db, struct viewer v, struct span text, bz_id room, int limit, thread_visit visit,
                          void *ctx, struct bz_error *e)
{
    struct term terms[BZ_LIMIT_SEARCH_WORDS];
    struct candidates found = { .count = 0 };
    bool has_spaces = !is_spaceless(text);
    size_t all = 0, count = terms_of(text, has_spaces ? CHARS_MIN : TRIGRAM_CHARS, terms);
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; i < count && rc == BZ_OK; i++) {
        rc = gather(db, v, room, &terms[i], has_spaces ? SQL_SIMILAR : SQL_SIMILAR_TRI, &found, e);
        all += terms[i].chars;
    }
    if (rc != BZ_OK)
        return rc;
    rank(&found);
    for (size_t i = 0; i < found.count && (int)i < limit && rc == BZ_OK; i++) {
        if (found.at[i].letters * 4 < all)   /* less than a quarter in common is chance */
            break;
        rc = query_thread(db, v, found.at[i].thread, visit, ctx, e);
    }
    return rc;
}
