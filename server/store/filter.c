#include "store/filter.h"

#include <stdlib.h>

#include "baraza/limits.h"
#include "domain/markup.h"
#include "store/letters.h"
#include "store/statement.h"

/* Title, fields, text and files at their limits, at the most that letters make of them, and that twice. */
#define TEXT_BYTES_MAX ((size_t)1 << 20)
#define SHOWN_BYTES_MAX ((size_t)64 << 10)
#define LISTS_KEPT 16
#define BUCKETS 64

#define FILTER_STATEMENTS(X)                                                                                       \
    X(SQL_TOKENIZER, "SELECT fts5(?1)")                                                                            \
    X(SQL_FIELDS, "SELECT value FROM json_each(CASE WHEN json_valid(?1) THEN ?1 ELSE '[]' END)")                    \
    X(SQL_UPLOAD, "SELECT name FROM upload WHERE id = ?1 AND member = ?2")                                         \
    X(SQL_LIST, "SELECT words FROM room_words WHERE room = ?1")                                                    \
    X(SQL_WORDS, "SELECT json_extract(w.value, '$.word'), number_of('word', json_extract(w.value, '$.act')) AS act" \
                 " FROM room_words AS rw, json_each(rw.words) AS w WHERE rw.room = ?1 ORDER BY act DESC, w.key")
STATEMENTS(FILTER_STATEMENTS, filter, true)

#define BIND(name, ...) db_bind(db, LIST_FILTER, name, __VA_ARGS__)

/* letters: of a script without spaces, found wherever they stand; else folded: "one two three ". */
struct phrase { struct span word, letters, folded; enum word_act act; int next; };

/* A room's list, folded once: kept as long as its words are those. The strongest come first. */
struct list {
    struct span words;
    struct arena arena;
    int count, first[BUCKETS];     /* by the first token: a place in phrases, from 1 */
    struct phrase phrases[BZ_LIMIT_WORDS_MAX];
};

/* The tokenizer of the full-text indexes: what is found by search is found here. */
struct filter { fts5_tokenizer tokenizer; Fts5Tokenizer *instance; struct list *lists[LISTS_KEPT]; };

static void list_free(struct list *list)
{
    if (list != NULL)
        arena_done(&list->arena);
    free(list);
}

void filter_free(struct filter *filter)
{
    if (filter == NULL)
        return;
    for (size_t i = 0; i < LISTS_KEPT; i++)
        list_free(filter->lists[i]);
    if (filter->instance != NULL)
        filter->tokenizer.xDelete(filter->instance);
    free(filter);
}

static enum bz_err tokenizer_find(struct db *db, struct filter *filter, struct bz_error *e)
{
    fts5_api *api = NULL;
    void *ctx = NULL;
    bool has_row;
    static const char *args[] = { "remove_diacritics", "2" };
    sqlite3_stmt *s = BIND(SQL_TOKENIZER, "n", (int64_t)0);   /* a pointer takes the place */
    if (s == NULL || sqlite3_bind_pointer(s, 1, (void *)&api, "fts5_api_ptr", NULL) != SQLITE_OK)
        return sqlite_fail(db->sq, "find the tokenizer", e);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (has_row)
        db_reset(s);
    if (api == NULL || api->xFindTokenizer(api, "unicode61", &ctx, &filter->tokenizer) != SQLITE_OK
        || filter->tokenizer.xCreate(ctx, args, 2, &filter->instance) != SQLITE_OK)
        return bz_fail(e, BZ_ERR_STORE, "the database failed: no tokenizer");
    return BZ_OK;
}

static enum bz_err filter_of(struct db *db, struct filter **ret, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    if (db->filter == NULL) {
        struct filter *made = calloc(1, sizeof *made);
        rc = made == NULL ? bz_fail(e, BZ_ERR_STORE, "out of memory") : tokenizer_find(db, made, e);
        if (rc == BZ_OK)
            db->filter = made;
        else
            free(made);
    }
    *ret = db->filter;
    return rc;
}

static int add_token(void *ctx, int flags, const char *token, int len, int from, int to)
{
    struct buf *b = ctx;
    buf_add(b, token, (size_t)len);
    buf_add_char(b, ' ');
    return SQLITE_OK;
}

/* Appends "one two three ". */
static void fold(struct filter *f, struct span letters, struct buf *ret)
{
    if (letters.len > 0)
        (void)f->tokenizer.xTokenize(f->instance, ret, FTS5_TOKENIZE_AUX, letters.at, (int)letters.len, add_token);
}

/* ---- The list. */

/* Of the token that begins here, up to its space. */
static size_t bucket_of(const char *at)
{
    uint32_t hash = 2166136261u;
    for (; *at != ' '; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    return hash % BUCKETS;
}

static bool phrase_add(struct filter *f, struct list *list, struct span word, enum word_act act)
{
    struct buf letters, folded;
    buf_init(&letters, BZ_LIMIT_FIELDS_BYTES);
    buf_init(&folded, BZ_LIMIT_FIELDS_BYTES);
    bool is_whole = letters_add(&letters, word, true);
    fold(f, buf_span(&letters), &folded);
    struct phrase *phrase = &list->phrases[list->count];
    *phrase = (struct phrase){ .word = arena_copy(&list->arena, word), .act = act };
    if (is_spaceless(buf_span(&letters)))
        phrase->letters = arena_copy(&list->arena, buf_span(&letters));
    else
        phrase->folded = arena_copy(&list->arena, buf_span(&folded));
    is_whole = is_whole && !folded.failed;
    buf_done(&letters);
    buf_done(&folded);
    list->count++;
    if (phrase->folded.len == 0)
        return is_whole;
    size_t bucket = bucket_of(phrase->folded.at);
    phrase->next = list->first[bucket];
    list->first[bucket] = list->count;
    return is_whole;
}

static enum bz_err list_make(struct db *db, struct filter *f, bz_id room, struct list *ret, struct bz_error *e)
{
    bool has_row = true, is_whole = true;
    enum bz_err rc = BZ_OK;
    sqlite3_stmt *s = BIND(SQL_WORDS, "i", room);
    while (is_whole && (rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row && ret->count < BZ_LIMIT_WORDS_MAX)
        is_whole = phrase_add(f, ret, column_span(s, 0), (enum word_act)sqlite3_column_int(s, 1));
    if (rc == BZ_OK && has_row)
        db_reset(s);
    return rc == BZ_OK && !is_whole ? bz_fail(e, BZ_ERR_STORE, "out of memory") : rc;
}

static enum bz_err list_of(struct db *db, struct filter *f, bz_id room, const struct list **ret, struct bz_error *e)
{
    struct list **kept = &f->lists[(uint64_t)room % LISTS_KEPT];
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_LIST, "i", room);
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret = NULL;
    if (rc != BZ_OK || !has_row)
        return rc;
    struct span words = column_span(s, 0);
    if (*kept == NULL || !span_eq((*kept)->words, words)) {
        list_free(*kept);
        *kept = calloc(1, sizeof **kept);
        if (*kept != NULL) {
            arena_init(&(*kept)->arena);
            (*kept)->words = arena_copy(&(*kept)->arena, words);
        }
        rc = *kept == NULL ? bz_fail(e, BZ_ERR_STORE, "out of memory") : list_make(db, f, room, *kept, e);
    }
    db_reset(s);
    if (rc == BZ_OK) {
        *ret = *kept;
        return BZ_OK;
    }
    list_free(*kept);
    *kept = NULL;
    return rc;
}

/* ---- What is said. */

/* Files come last: *_len is what is there without them. */
struct said { struct buf letters, folded, shown, bare; size_t letters_len, folded_len; };

static void drop_marks(struct span text, struct buf *ret)
{
    buf_clear(ret);
    for (size_t i = 0; i < text.len; i++)
        if (strchr("*_~`\\", text.at[i]) == NULL)
            buf_add_char(ret, text.at[i]);
}

/* No phrase goes on from one text into the next. false: no memory. */
static bool add_letters(struct filter *f, struct span text, bool are_alike, struct said *ret)
{
    size_t from = ret->letters.len;
    if (!letters_add(&ret->letters, text, are_alike))
        return false;
    fold(f, (struct span){ ret->letters.at + from, ret->letters.len - from }, &ret->folded);
    buf_add_text(&ret->folded, "\n ");
    buf_add_char(&ret->letters, '\n');
    return !ret->letters.failed && !ret->folded.failed;
}

/* Once as it is written, and once as it reads: "bad" in b**a**d and in b[a](http://x)d, too, and in look-alikes of its
 * letters. false: no memory. */
static bool add_part(struct filter *f, struct span part, bool is_markup, struct said *ret)
{
    if (part.len == 0)
        return true;
    if (is_markup)
        markup_words(part, &ret->shown);
    drop_marks(is_markup && ret->shown.len > 0 ? buf_span(&ret->shown) : part, &ret->bare);
    size_t from = ret->letters.len;
    if (ret->bare.failed || !add_letters(f, part, false, ret))
        return false;
    struct span written = { ret->letters.at + from, ret->letters.len - from };
    if (span_eq(buf_span(&ret->bare), part) && !letters_may_be_alike(written))
        return true;
    return add_letters(f, buf_span(&ret->bare), true, ret);
}

/* Before their form is looked at: what is no JSON is refused for that. */
static enum bz_err add_fields(struct db *db, struct filter *f, struct span fields, struct said *ret, struct bz_error *e)
{
    bool has_row = fields.at != NULL, is_whole = true;
    enum bz_err rc = BZ_OK;
    sqlite3_stmt *s = BIND(SQL_FIELDS, "s", fields);
    while (has_row && (rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row && is_whole)
        is_whole = add_part(f, column_span(s, 0), false, ret);
    if (rc == BZ_OK && has_row)
        db_reset(s);
    return rc == BZ_OK && !is_whole ? bz_fail(e, BZ_ERR_STORE, "out of memory") : rc;
}

/* Under the name that the post gives it, else under its own. */
static enum bz_err add_file(struct db *db, struct filter *f, const struct command *cmd, size_t i, struct said *ret, struct bz_error *e)
{
    const struct file_ref *file = &cmd->files.at[i];
    bool has_row = false, is_whole = add_part(f, file->alt, false, ret) && add_part(f, file->name, false, ret);
    if (file->name.at == NULL && is_whole) {
        sqlite3_stmt *s = BIND(SQL_UPLOAD, "si", file->upload, cmd->actor);
        enum bz_err rc = db_step(db, s, &has_row, e);
        if (rc != BZ_OK || !has_row)
            return rc;
        is_whole = add_part(f, column_span(s, 0), false, ret);
        db_reset(s);
    }
    return is_whole ? BZ_OK : bz_fail(e, BZ_ERR_STORE, "out of memory");
}

static enum bz_err said_init(struct db *db, struct filter *f, const struct command *cmd, struct said *ret, struct bz_error *e)
{
    buf_init(&ret->letters, TEXT_BYTES_MAX);
    buf_init(&ret->folded, TEXT_BYTES_MAX);
    buf_init(&ret->shown, SHOWN_BYTES_MAX);
    buf_init(&ret->bare, SHOWN_BYTES_MAX);
    if (!add_part(f, cmd->title, false, ret) || !add_part(f, cmd->text, true, ret))
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    enum bz_err rc = add_fields(db, f, cmd->fields, ret, e);
    ret->letters_len = ret->letters.len;
    ret->folded_len = ret->folded.len;
    for (size_t i = 0; i < cmd->files.count && rc == BZ_OK; i++)
        rc = add_file(db, f, cmd, i, ret, e);
    return rc;
}

static void said_done(struct said *said)
{
    buf_done(&said->letters);
    buf_done(&said->folded);
    buf_done(&said->shown);
    buf_done(&said->bare);
}

static bool stands_at(struct span folded, size_t at, const struct phrase *phrase)
{
    size_t len = phrase->folded.len;
    return len <= folded.len - at && memcmp(folded.at + at, phrase->folded.at, len) == 0;
}

/* The place of the first phrase of the list that was said, or the list's end. Each word said is looked up once, whatever
 * the length of the list. */
static int first_said(const struct list *list, struct span folded, struct span letters)
{
    int best = list->count;
    for (size_t at = 0; at < folded.len;) {
        for (int i = list->first[bucket_of(folded.at + at)]; i != 0; i = list->phrases[i - 1].next)
            if (i - 1 < best && stands_at(folded, at, &list->phrases[i - 1]))
                best = i - 1;
        at += (size_t)((const char *)memchr(folded.at + at, ' ', folded.len - at) - (folded.at + at)) + 1;
    }
    for (int i = 0; i < best; i++) {
        const struct phrase *phrase = &list->phrases[i];
        if (phrase->letters.len > 0 && memmem(letters.at, letters.len, phrase->letters.at, phrase->letters.len) != NULL)
            best = i;
    }
    return best;
}

/* Else it is refused for its length. */
static bool is_in_bounds(const struct command *cmd)
{
    bool are_files = cmd->files.count <= BZ_LIMIT_FILES_MAX;
    for (size_t i = 0; i < cmd->files.count && are_files; i++)
        are_files = cmd->files.at[i].name.len <= BZ_LIMIT_FILE_NAME_CHARS * 4 && cmd->files.at[i].alt.len <= BZ_LIMIT_ALT_CHARS * 4;
    return are_files && cmd->title.len <= BZ_LIMIT_TITLE_CHARS * 4 && cmd->fields.len <= BZ_LIMIT_FIELDS_BYTES
        && cmd->text.len <= BZ_LIMIT_POST_BYTES;
}

enum bz_err filter_find(struct db *db, bz_id room, const struct command *cmd, struct arena *arena,
                        enum word_act *ret_act, struct span *ret_word, bool *ret_in_files, struct bz_error *e)
{
    struct filter *f = NULL;
    const struct list *list = NULL;
    struct said said;
    if (!is_in_bounds(cmd))
        return BZ_OK;
    enum bz_err rc = filter_of(db, &f, e);
    if (rc == BZ_OK)
        rc = list_of(db, f, room, &list, e);
    if (rc != BZ_OK || list == NULL)
        return rc;
    rc = said_init(db, f, cmd, &said, e);
    int i = rc == BZ_OK ? first_said(list, buf_span(&said.folded), buf_span(&said.letters)) : list->count;
    if (i < list->count) {
        *ret_in_files = cmd->files.count > 0 && i < first_said(list, (struct span){ said.folded.at, said.folded_len },
                                                               (struct span){ said.letters.at, said.letters_len });
        *ret_word = arena_copy(arena, list->phrases[i].word);
        *ret_act = list->phrases[i].act;
    }
    said_done(&said);
    return rc;
}
