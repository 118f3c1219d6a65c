#include "store/search_page.h"

#include <stdio.h>
#include <stdlib.h>

#define NUMBERS 8

void search_page_format(const struct search_page *page, char ret[SEARCH_NEXT_CHARS])
{
    (void)snprintf(ret, SEARCH_NEXT_CHARS, "%c%llx.%llx.%llx.%llx.%llx.%llx.%llx", page->is_beginning ? 'b' : 'e',
                   (unsigned long long)page->at_s, (unsigned long long)page->titles.top,
                   (unsigned long long)page->titles.bottom, (unsigned long long)page->posts.top,
                   (unsigned long long)page->posts.bottom, (unsigned long long)page->rank, (unsigned long long)page->id);
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A number of at most 15 digits, so that no sum of them overflows. */
static bool number(struct span text, size_t *pos, int64_t *ret)
{
    size_t from = *pos;
    *ret = 0;
    for (; *pos < text.len && digit(text.at[*pos]) >= 0 && *pos - from < 15; ++*pos)
        *ret = *ret * 16 + digit(text.at[*pos]);
    return *pos > from;
}

bool search_page_parse(struct span text, struct search_page *ret)
{
    int64_t n[NUMBERS - 1];
    size_t pos = 1;
    if (text.len < 2 || (text.at[0] != 'b' && text.at[0] != 'e'))
        return false;
    for (size_t i = 0; i < NUMBERS - 1; i++)
        if (!number(text, &pos, &n[i]) || (i + 1 < NUMBERS - 1 && (pos == text.len || text.at[pos++] != '.')))
            return false;
    *ret = (struct search_page){ n[0], text.at[0] == 'b', { n[1], n[2] }, { n[3], n[4] }, n[5], n[6] };
    return pos == text.len;
}
