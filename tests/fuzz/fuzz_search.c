/* Any valid text is words and phrases, and the expression made of it is one that FTS5 takes, with as many phrases as are
 * mapped; where a list goes on is what was said, or nothing. */
#include <sqlite3.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "store/forms.h"
#include "store/search_page.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static sqlite3_stmt *finder(void)
{
    static sqlite3 *db;
    static sqlite3_stmt *s;
    if (s != NULL)
        return s;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK
        || sqlite3_exec(db, "CREATE VIRTUAL TABLE f USING fts5(a, b, tokenize = \"unicode61 remove_diacritics 2\");"
                            "INSERT INTO f VALUES('the city and its minibuses', 'la ville'), ('a b c', '公共')", NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_prepare_v2(db, "SELECT count(*) FROM f WHERE f MATCH ?1", -1, &s, NULL) != SQLITE_OK)
        abort();
    return s;
}

static void check_match(const struct asked *asked, bool is_beginning)
{
    struct asked_match m;
    asked_match(asked, is_beginning, &m);
    if (m.len >= sizeof m.text || strlen(m.text) != m.len || strlen(m.map) >= sizeof m.map)
        abort();
    size_t quotes = 0;
    for (size_t i = 0; i < m.len; i++)
        quotes += m.text[i] == '"';
    if (quotes != 2 * strlen(m.map))
        abort();
    if (asked->count == 0)
        return;
    sqlite3_stmt *s = finder();
    (void)sqlite3_bind_text(s, 1, m.text, (int)m.len, SQLITE_STATIC);
    if (sqlite3_step(s) != SQLITE_ROW)
        abort();
    (void)sqlite3_reset(s);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static struct forms *forms;
    struct span text = { (const char *)data, size };
    struct search_page page, again;
    char said[SEARCH_NEXT_CHARS], twice[SEARCH_NEXT_CHARS];
    if (search_page_parse(text, &page)) {
        search_page_format(&page, said);
        if (!search_page_parse(span_of(said), &again))
            abort();
        search_page_format(&again, twice);
        if (strcmp(said, twice) != 0)
            abort();
    }
    if (!utf8_valid(text) || memchr(text.at, '\0', text.len) != NULL)
        return 0;
    if (forms == NULL)
        forms = forms_new();
    struct asked asked;
    asked_read(text, &asked);
    for (size_t i = 0; i < asked.count; i++)
        if (asked.group[i].count == 0 || asked.group[i].first + asked.group[i].count > asked.words.count)
            abort();
    forms_add(forms, &asked);
    check_match(&asked, false);
    check_match(&asked, true);
    return 0;
}
