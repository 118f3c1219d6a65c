/* Nothing personal is forgotten: every column of the real schema is told to whom it is about, or kept back by name, or of a table
 * that is nobody's; and every table of somebody's own rows is erased. */
#include "world.h"

#include <ctype.h>

#include "store/columns.h"

enum what { DERIVED, OWN, NOBODYS };
static const struct { const char *name; enum what what; const char *kept_back; } tables[] = {
#define ROW(table, what, kept_back) { table, what, kept_back },
    COLUMN_TABLES(ROW)
#undef ROW
};
static const struct { const char *name, *sql; } exports[] = {
#define ROW(name, sql) { #name, sql },
    COLUMN_EXPORTS(ROW)
#undef ROW
}, erasures[] = {
#define ROW(name, sql) { #name, sql },
    COLUMN_ERASURES(ROW)
#undef ROW
};
#define COUNT(list) (sizeof list / sizeof *list)

static bool is_of(const char *name, const char *prefix, const char *table)
{
    size_t len = strlen(prefix);
    if (strncmp(name, prefix, len) != 0 || strlen(name + len) != strlen(table))
        return false;
    for (size_t i = 0; table[i] != '\0'; i++)
        if (tolower((unsigned char)name[len + i]) != table[i])
            return false;
    return true;
}

static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static int table_at(const char *name)
{
    for (size_t i = 0; i < COUNT(tables); i++)
        if (strcmp(tables[i].name, name) == 0)
            return (int)i;
    return -1;
}

static bool is_told(struct world *w, const char *table, const char *column)
{
    bool found = false;
    for (size_t i = 0; i < COUNT(exports); i++) {
        sqlite3_stmt *s = NULL;
        if (!is_of(exports[i].name, "EXPORT_", table))
            continue;
        assert_int_equal(sqlite3_prepare_v2(w->db->sq, exports[i].sql, -1, &s, NULL), SQLITE_OK);
        for (int k = 0; k < sqlite3_column_count(s); k++)
            found |= strcmp(sqlite3_column_name(s, k), column) == 0;
        (void)sqlite3_finalize(s);
    }
    return found;
}

static sqlite3 *raw(struct world *w)
{
    char path[FOLDER_BYTES + 16];
    sqlite3 *sq;
    (void)snprintf(path, sizeof path, "%s/baraza.db", w->dir);
    assert_int_equal(db_open_raw(path, &sq, NULL), BZ_OK);
    return sq;
}

static void every_column_has_a_rule(void **state)
{
    struct world *w = world_new();
    sqlite3 *sq = raw(w);
    sqlite3_stmt *s = NULL;
    int columns = 0, wrong = 0;
    bool seen[COUNT(tables)] = { 0 };
    /* Shadow tables of the search indexes hold what these are made of. */
    assert_int_equal(sqlite3_prepare_v2(sq, "SELECT m.name, c.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND m.name NOT LIKE 'sqlite_%'"
        " AND NOT EXISTS (SELECT 1 FROM sqlite_schema AS v WHERE v.sql LIKE 'CREATE VIRTUAL%' AND m.name LIKE v.name || '_%')", -1, &s, NULL),
        SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(s, 0), *column = (const char *)sqlite3_column_text(s, 1);
        int at = table_at(table);
        columns++;
        if (at >= 0)
            seen[at] = true;
        if (at >= 0 && (tables[at].what == NOBODYS || has_word(tables[at].kept_back, column) || is_told(w, table, column)))
            continue;
        print_error("%s.%s: say in server/store/columns.h what becomes of it in an export and when its member leaves\n", table, column);
        wrong++;
    }
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(sq);
    assert_int_equal(wrong, 0);
    for (size_t i = 0; i < COUNT(tables); i++)
        if (!seen[i])
            fail_msg("%s: there is no such table", tables[i].name);
    assert_true(columns > 200);
    world_free(w);
}

static void every_row_of_somebodys_own_goes(void **state)
{
    for (size_t i = 0; i < COUNT(tables); i++) {
        bool goes = false;
        for (size_t k = 0; k < COUNT(erasures); k++)
            goes |= is_of(erasures[k].name, "ERASE_", tables[i].name);
        if (goes != (tables[i].what == OWN))
            fail_msg("%s: %s", tables[i].name, goes ? "erased, and not somebody's own" : "not erased");
    }
}

static void no_rule_is_of_nothing(void **state)
{
    for (size_t i = 0; i < COUNT(exports); i++) {
        bool is_known = false;
        for (size_t k = 0; k < COUNT(tables); k++)
            is_known |= is_of(exports[i].name, "EXPORT_", tables[k].name) && tables[k].what != NOBODYS;
        if (!is_known)
            fail_msg("%s: of no table", exports[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests_of[] = {
        cmocka_unit_test(every_column_has_a_rule), cmocka_unit_test(every_row_of_somebodys_own_goes), cmocka_unit_test(no_rule_is_of_nothing),
    };
    return cmocka_run_group_tests(tests_of, NULL, NULL);
}
