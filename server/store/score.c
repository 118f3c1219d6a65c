#include "store/asked.h"
#include "store/statement.h"

/* What a hit's own words are worth. Nothing but the hit itself is looked at: how rare a word is would be counted over
 * texts, too, that the viewer may not see, and tell of them. */
#define INSTANCES_MAX 64      /* looked at in one hit */
#define TEXT_WORTH_MAX 48     /* every word as typed, in the text */
#define IN_A_ROW 8

struct group { int worth, instances, column, offset; };
struct tally { size_t count; bool is_in_a_row; int last; struct group group[BZ_LIMIT_SEARCH_WORDS]; };

/* Text or title, names of files, what stands inside, what links lead to. */
static int column_worth(int column)
{
    static const int worth[] = { 3, 2, 1, 2 };
    return column >= 0 && column < (int)(sizeof worth / sizeof *worth) ? worth[column] : 1;
}

static void note(struct tally *t, char mean, int column, int offset)
{
    bool is_exact = mean >= ASKED_EXACT && mean < ASKED_EXACT + BZ_LIMIT_SEARCH_WORDS;
    int i = mean - (is_exact ? ASKED_EXACT : ASKED_LIKE);
    if (i < 0 || i >= BZ_LIMIT_SEARCH_WORDS)
        return;
    struct group *g = &t->group[i];
    int worth = column_worth(column) * (is_exact ? 4 : 3);
    g->worth = worth > g->worth ? worth : g->worth;
    g->instances++;
    const struct group *before = i > 0 ? &t->group[i - 1] : NULL;
    if (before != NULL && before->instances > 0 && before->column == column && before->offset + 1 == offset)
        t->is_in_a_row = true;
    g->column = column;
    g->offset = offset;
    t->count = (size_t)i + 1 > t->count ? (size_t)i + 1 : t->count;
}

static int worth_of(const struct tally *t)
{
    int sum = 0, instances = 0;
    if (t->count == 0)
        return 0;
    for (size_t i = 0; i < t->count; i++) {
        sum += t->group[i].worth;
        instances += t->group[i].instances;
    }
    int more = instances / (int)t->count;
    return sum * TEXT_WORTH_MAX / (12 * (int)t->count) + (more > 3 ? 3 : more) * 2 + (t->is_in_a_row ? IN_A_ROW : 0);
}

/* worth(index, map): how well the hit's own words answer. place(index): the first column that holds one of them. */
static void worth(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct tally t = { 0 };
    const char *map = argc > 0 ? (const char *)sqlite3_value_text(argv[0]) : NULL;
    int count = 0, phrases = map == NULL ? 0 : (int)strlen(map);
    int rc = api->xInstCount(fts, &count);
    for (int i = 0; i < count && i < INSTANCES_MAX && rc == SQLITE_OK; i++) {
        int phrase, column, offset;
        rc = api->xInst(fts, i, &phrase, &column, &offset);
        if (rc == SQLITE_OK && phrase < phrases)
            note(&t, map[phrase], column, offset);
    }
    if (rc != SQLITE_OK)
        sqlite3_result_error_code(ctx, rc);
    else
        sqlite3_result_int(ctx, worth_of(&t));
}

static void place(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    int count = 0, phrase, column = 0, offset;
    int rc = api->xInstCount(fts, &count);
    if (rc == SQLITE_OK && count > 0)
        rc = api->xInst(fts, 0, &phrase, &column, &offset);   /* in the order of columns */
    if (rc != SQLITE_OK)
        sqlite3_result_error_code(ctx, rc);
    else
        sqlite3_result_int(ctx, column);
}

enum bz_err score_add(struct db *db, struct bz_error *e)
{
    fts5_api *api = NULL;
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db->sq, "SELECT fts5(?1)", -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_pointer(s, 1, (void *)&api, "fts5_api_ptr", NULL);
    if (rc == SQLITE_OK)
        (void)sqlite3_step(s);
    (void)sqlite3_finalize(s);
    if (rc == SQLITE_OK && api != NULL)
        rc = api->xCreateFunction(api, "worth", NULL, worth, NULL);
    if (rc == SQLITE_OK && api != NULL)
        rc = api->xCreateFunction(api, "place", NULL, place, NULL);
    if (rc == SQLITE_OK && api != NULL)
        return BZ_OK;
    return sqlite_fail(db->sq, "prepare the database", e);
}
