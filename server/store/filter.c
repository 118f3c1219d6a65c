#include "store/filter.h"

#include "baraza/limits.h"
#include "base/utf8.h"
#include "store/statement.h"

#define TEXT_BYTES_MAX ((size_t)256 << 10)   /* folded: title, fields and text, twice; more than their limits together */

#define FILTER_STATEMENTS(X)                                                                                       \
    X(SQL_TOKENIZER, "SELECT fts5(?1)")                                                                            \
    X(SQL_WORDS, "SELECT json_extract(w.value, '$.word'), number_of('word', json_extract(w.value, '$.act')) AS act" \
                 " FROM room_words AS rw, json_each(rw.words) AS w WHERE rw.room = ?1 ORDER BY act DESC, w.key")
STATEMENTS(FILTER_STATEMENTS, filter, true)

#define BIND(name, ...) db_bind(db, LIST_FILTER, name, __VA_ARGS__)

/* The tokenizer of the full-text indexes: what is found by search is found here. */
struct folder { fts5_tokenizer tokenizer; Fts5Tokenizer *instance; };

static enum bz_err folder_init(struct db *db, struct folder *ret, struct bz_error *e)
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
    if (api == NULL || api->xFindTokenizer(api, "unicode61", &ctx, &ret->tokenizer) != SQLITE_OK
        || ret->tokenizer.xCreate(ctx, args, 2, &ret->instance) != SQLITE_OK)
        return bz_fail(e, BZ_ERR_STORE, "the database failed: no tokenizer");
    return BZ_OK;
}

static int add_token(void *ctx, int flags, const char *token, int len, int from, int to)
{
    struct buf *b = ctx;
    buf_add(b, token, (size_t)len);
    buf_add_char(b, ' ');
    return SQLITE_OK;
}

/* " one two three " */
static void fold(struct folder *f, struct span text, struct buf *ret)
{
    buf_add_char(ret, ' ');
    if (text.len > 0)
        (void)f->tokenizer.xTokenize(f->instance, ret, FTS5_TOKENIZE_AUX, text.at, (int)text.len, add_token);
}

/* Joiners, marks of direction, soft hyphens, variation selectors: what nobody sees. */
static bool is_unseen(uint32_t c)
{
    return c == 0xad || c == 0x34f || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f)
        || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

static void add_seen(struct span text, bool is_plain, struct buf *ret)
{
    for (size_t i = 0; i < text.len;) {
        size_t from = i;
        uint32_t c = utf8_next(text, &i);
        bool is_mark = is_plain && c < 0x80 && strchr("*_~`\\", (int)c) != NULL;
        if (!is_unseen(c) && !is_mark)
            buf_add(ret, text.at + from, i - from);
    }
    buf_add_char(ret, '\n');
}

struct said { struct buf seen, folded; };

/* Once as it is written, and once as it reads without its markup: "bad" in b**a**d, too. */
static void said_init(struct folder *f, const struct command *cmd, struct said *ret)
{
    const struct span parts[] = { cmd->title, cmd->fields, cmd->text };
    buf_init(&ret->seen, TEXT_BYTES_MAX);
    buf_init(&ret->folded, TEXT_BYTES_MAX);
    for (int is_plain = 0; is_plain < 2; is_plain++)
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
            if (parts[i].at != NULL)
                add_seen(parts[i], is_plain != 0, &ret->seen);
    fold(f, buf_span(&ret->seen), &ret->folded);
}

static bool stands_in(struct folder *f, struct span word, const struct said *said)
{
    struct buf folded;
    if (is_spaceless(word))
        return memmem(said->seen.at, said->seen.len, word.at, word.len) != NULL;
    buf_init(&folded, BZ_LIMIT_FIELDS_BYTES);
    fold(f, word, &folded);
    bool ret = folded.len > 1 && memmem(said->folded.at, said->folded.len, folded.at, folded.len) != NULL;
    buf_done(&folded);
    return ret;
}

enum bz_err filter_find(struct db *db, bz_id room, const struct command *cmd, struct arena *arena,
                        enum word_act *ret_act, struct span *ret_word, struct bz_error *e)
{
    struct folder f = { 0 };
    struct said said;
    bool has_row = true;
    enum bz_err rc = folder_init(db, &f, e);
    if (rc != BZ_OK)
        return rc;
    said_init(&f, cmd, &said);
    sqlite3_stmt *s = BIND(SQL_WORDS, "i", room);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        if (!stands_in(&f, column_span(s, 0), &said))
            continue;
        *ret_word = arena_copy(arena, column_span(s, 0));
        *ret_act = (enum word_act)sqlite3_column_int(s, 1);
        db_reset(s);
        break;
    }
    buf_done(&said.seen);
    buf_done(&said.folded);
    f.tokenizer.xDelete(f.instance);
    return rc;
}
