#include <stdlib.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "domain/link.h"
#include "baraza/kinds.h"
#include "domain/kinds.h"
#include "store/statement.h"
#include "store/words.h"

/* id_of('africa-12'): the number, NULL for NULL. What is no id must not become NULL in silence. */
static void id_of(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const struct hubs *hubs = sqlite3_user_data(ctx);
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
        return;
    const char *at = (const char *)sqlite3_value_text(argv[0]);
    struct span text = { at, (size_t)sqlite3_value_bytes(argv[0]) };
    bz_id id;
    if (at == NULL || !id_parse(hubs, text, &id))
        sqlite3_result_error(ctx, "not an id", -1);
    else
        sqlite3_result_int64(ctx, id);
}

/* id_text(12): 'africa-12', for people and for files that leave the hub; NULL for NULL and 0. */
static void id_text(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    char text[BZ_ID_TEXT];
    bz_id id = sqlite3_value_int64(argv[0]);
    if (id != 0)
        sqlite3_result_text(ctx, text, (int)id_format(sqlite3_user_data(ctx), id, text), SQLITE_TRANSIENT);
}

bool is_within(const struct db *db, bz_id room)
{
    if (db->within == NULL)
        return true;
    for (size_t i = 0; i < db->within->count; i++)
        if (db->within->at[i] == room)
            return true;
    return false;
}

static void within(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    sqlite3_result_int(ctx, is_within(sqlite3_user_data(ctx), sqlite3_value_int64(argv[0])));
}

static const struct { const char *list, *wire; int number; } numbers[] = {
#define ROW_ROLE(number, name, wire) { "role", wire, number },
    BZ_ROLES(ROW_ROLE)
#undef ROW_ROLE
#define ROW_ACCESS(number, name, wire) { "access", wire, number },
    BZ_ACCESSES(ROW_ACCESS)
#undef ROW_ACCESS
#define ROW_SANCTION(number, name, wire) { "sanction", wire, number },
    BZ_SANCTIONS(ROW_SANCTION)
#undef ROW_SANCTION
#define ROW_THREAD(number, name, wire) { "thread", wire, number },
    BZ_THREAD_KINDS(ROW_THREAD)
#undef ROW_THREAD
#define ROW_POSTING(number, name, wire) { "posting", wire, number },
    BZ_POSTINGS(ROW_POSTING)
#undef ROW_POSTING
#define ROW_HOLD(number, name, wire) { "hold", wire, number },
    BZ_HOLDS(ROW_HOLD)
#undef ROW_HOLD
#define ROW_LINKS(number, name, wire) { "links", wire, number },
    BZ_LINKS(ROW_LINKS)
#undef ROW_LINKS
#define ROW_WORD(number, name, wire) { "word", wire, number },
    BZ_WORD_ACTS(ROW_WORD)
#undef ROW_WORD
#define ROW_ASK(number, name, wire) { "ask", wire, number },
    BZ_ASKS(ROW_ASK)
#undef ROW_ASK
#define ROW_LEVEL(number, name, wire) { "level", wire, number },
    BZ_LEVELS(ROW_LEVEL)
#undef ROW_LEVEL
};

/* number_of('role', 'admin'): the stored number of a wire name. */
static void number_of(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const char *list = (const char *)sqlite3_value_text(argv[0]);
    const char *wire = (const char *)sqlite3_value_text(argv[1]);
    if (list == NULL || wire == NULL)
        return;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(numbers[i].list, list) == 0 && strcmp(numbers[i].wire, wire) == 0) {
            sqlite3_result_int(ctx, numbers[i].number);
            return;
        }
    }
    sqlite3_result_error(ctx, "unknown name", -1);
}

/* word_of('role', 3): 'admin', NULL for what is none. */
static void word_of(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const char *list = (const char *)sqlite3_value_text(argv[0]);
    int number = sqlite3_value_int(argv[1]);
    if (list == NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL)
        return;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].number == number && strcmp(numbers[i].list, list) == 0) {
            sqlite3_result_text(ctx, numbers[i].wire, -1, SQLITE_STATIC);
            return;
        }
}

/* Scripts that are written without spaces between words: Thai, Lao, Myanmar, Khmer, Tai, Han, kana, Bopomofo. */
static bool spaceless_char(uint32_t c)
{
    static const struct { uint32_t from, to; } ranges[] = {
        { 0x0e00, 0x0eff }, { 0x1000, 0x109f }, { 0x1780, 0x17ff }, { 0x1950, 0x19ff }, { 0x1a20, 0x1aaf },
        { 0x2e80, 0x2fdf }, { 0x3005, 0x3007 }, { 0x3040, 0x312f }, { 0x31a0, 0x31bf }, { 0x31f0, 0x31ff },
        { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xa9e0, 0xa9ff }, { 0xaa60, 0xaadf }, { 0xf900, 0xfaff },
        { 0xff66, 0xff9f }, { 0x1b000, 0x1b16f }, { 0x20000, 0x3ffff },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges && c >= ranges[i].from; i++)
        if (c <= ranges[i].to)
            return true;
    return false;
}

bool is_spaceless(struct span text)
{
    for (size_t i = 0; i < text.len;) {
        if ((unsigned char)text.at[i] < 0xe0)   /* all of them take three bytes or more */
            i++;
        else if (spaceless_char(utf8_next(text, &i)))
            return true;
    }
    return false;
}

static void spaceless(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const char *at = (const char *)sqlite3_value_text(argv[0]);
    sqlite3_result_int(ctx, at != NULL && is_spaceless((struct span){ at, (size_t)sqlite3_value_bytes(argv[0]) }));
}

static utf8proc_uint8_t *folded_of(sqlite3_value *value)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)sqlite3_value_text(value);
    utf8proc_uint8_t *folded = NULL;
    if (at != NULL)
        (void)utf8proc_map(at, sqlite3_value_bytes(value), &folded,
                           UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD);
    return folded;
}

/* fold_of('Saint-Étienne'): letters without accents and case. What cannot be folded stays as it is. */
static void fold_of(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    utf8proc_uint8_t *folded = folded_of(argv[0]);
    if (folded != NULL)
        sqlite3_result_text(ctx, (const char *)folded, -1, free);
    else
        sqlite3_result_value(ctx, argv[0]);
}

/* words_of('L''été à Lomé'): ' l ete a lome'; '' where there is none. */
static void words_of(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    utf8proc_uint8_t *folded = folded_of(argv[0]);
    struct buf words;
    struct span word;
    if (folded == NULL)
        return;
    struct span text = span_of((const char *)folded);
    buf_init(&words, 2 * text.len + 1);
    for (size_t i = 0; words_next(text, &i, &word);) {
        buf_add_char(&words, ' ');
        buf_add_span(&words, word);
    }
    sqlite3_result_text(ctx, words.len > 0 ? words.at : "", (int)words.len, SQLITE_TRANSIENT);
    buf_done(&words);
    free(folded);
}

static struct span value_span(sqlite3_value *value)
{
    const char *at = (const char *)sqlite3_value_text(value);
    return (struct span){ at == NULL ? "" : at, at == NULL ? 0 : (size_t)sqlite3_value_bytes(value) };
}

/* has_words(words, wanted), both of words_of: each that is wanted begins one of them; in a script without spaces it stands
 * somewhere. */
static void has_words(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct span words = value_span(argv[0]), wanted = value_span(argv[1]), word;
    bool has_all = true;
    for (size_t i = 0; has_all && words_next(wanted, &i, &word);) {
        bool is_part = is_spaceless(word);
        has_all = is_part ? memmem(words.at, words.len, word.at, word.len) != NULL
                          : memmem(words.at, words.len, word.at - 1, word.len + 1) != NULL;   /* with the blank before it */
    }
    sqlite3_result_int(ctx, has_all);
}

/* The next of what words_of made: nothing but blanks parts them. */
static bool next_of(struct span words, size_t *pos, struct span *ret)
{
    if (*pos >= words.len)
        return false;
    size_t from = *pos + (words.at[*pos] == ' ');
    const char *end = memchr(words.at + from, ' ', words.len - from);
    *pos = end == NULL ? words.len : (size_t)(end - words.at);
    *ret = (struct span){ words.at + from, *pos - from };
    return true;
}

/* common_words(words, wanted), both of words_of: how many of those wanted are among them in some form, short ones aside. */
static void common_words(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct span words = value_span(argv[0]), wanted = value_span(argv[1]), word, other;
    int count = 0;
    for (size_t i = 0; next_of(wanted, &i, &word);) {
        bool is_there = false;
        for (size_t k = 0; !is_there && next_of(words, &k, &other);)
            is_there = words_alike(word, other);
        count += is_there;
    }
    sqlite3_result_int(ctx, count);
}

static void field_name(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    int field = sqlite3_value_int(argv[0]);
    if (field > 0 && field < PROFILE_END)
        sqlite3_result_text(ctx, profile_field_wire((enum profile_field)field), -1, SQLITE_STATIC);
}

static void type_of(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const char *at = (const char *)sqlite3_value_text(argv[0]);
    struct span media_type = { at, at == NULL ? 0 : (size_t)sqlite3_value_bytes(argv[0]) };
    sqlite3_result_text(ctx, resource_type_of(media_type), -1, SQLITE_STATIC);
}

/* link_url('HTTP://A.org#top'): the one form of an address; NULL: it is none. */
static void url_of(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    char url[BZ_LIMIT_LINK_BYTES];
    const char *at = (const char *)sqlite3_value_text(argv[0]);
    size_t len = at == NULL ? 0 : link_url((struct span){ at, (size_t)sqlite3_value_bytes(argv[0]) }, url);
    if (len > 0)
        sqlite3_result_text(ctx, url, (int)len, SQLITE_TRANSIENT);
}

/* handle_mark(mark of the erasure, handle): with a key of its own for each, so that no table of names answers for all. */
static void handle_mark(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    const unsigned char *mark = sqlite3_value_blob(argv[0]);
    const unsigned char *handle = sqlite3_value_text(argv[1]);
    size_t len = (size_t)sqlite3_value_bytes(argv[0]);
    if (mark == NULL || handle == NULL || len > crypto_generichash_KEYBYTES_MAX)
        return;
    (void)crypto_generichash(hash, sizeof hash, handle, (size_t)sqlite3_value_bytes(argv[1]), mark, len);
    sqlite3_result_blob(ctx, hash, sizeof hash, SQLITE_TRANSIENT);
}

/* now_ms(): the time of day, for what ends by itself. Never in what is applied. */
static void now_ms(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const struct env *env = sqlite3_user_data(ctx);
    sqlite3_result_int64(ctx, (sqlite3_int64)env->now_ms(env->ctx));
}

enum bz_err functions_add(struct db *db, struct bz_error *e)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    if (sqlite3_create_function_v2(db->sq, "is_within", 1, flags & ~SQLITE_DETERMINISTIC, db, within, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "id_of", 1, flags & ~SQLITE_DETERMINISTIC, &db->hubs, id_of, NULL, NULL,
                                   NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "id_text", 1, flags & ~SQLITE_DETERMINISTIC, &db->hubs, id_text, NULL, NULL, NULL)
               != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "word_of", 2, flags, NULL, word_of, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "number_of", 2, flags, NULL, number_of, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "now_ms", 0, flags & ~SQLITE_DETERMINISTIC, (void *)(uintptr_t)db->env, now_ms,
                                      NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "fold_of", 1, flags, NULL, fold_of, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "words_of", 1, flags, NULL, words_of, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "has_words", 2, flags, NULL, has_words, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "common_words", 2, flags, NULL, common_words, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "profile_field", 1, flags, NULL, field_name, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "resource_type", 1, flags, NULL, type_of, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "link_url", 1, flags, NULL, url_of, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "handle_mark", 2, flags, NULL, handle_mark, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_create_function_v2(db->sq, "is_spaceless", 1, flags, NULL, spaceless, NULL, NULL, NULL)
               != SQLITE_OK)
        return sqlite_fail(db->sq, "prepare the database", e);
    return score_add(db, e);
}
