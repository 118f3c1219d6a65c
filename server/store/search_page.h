/* search_page.h: where a page of hits goes on, as a text that clients hand back. Pure.
 * Hits come in windows: the newest ones of titles and of posts that were not shown yet, ranked inside. A window is fixed by
 * its ids, and a page by the last hit before it, so that nothing is shown twice or left out whatever is written meanwhile. */
#ifndef BZ_STORE_SEARCH_PAGE_H
#define BZ_STORE_SEARCH_PAGE_H
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define SEARCH_NEXT_CHARS 160

struct search_span { int64_t top, bottom; };   /* ids, both included; top 0: there are no more; bottom 0: not walked yet, 1: to the end */
struct search_page {
    int64_t at_s;                              /* when the first page was asked for: ages are counted from it */
    bool is_beginning;                         /* the last word may be a beginning, in posts as well */
    struct search_span titles, posts;
    int64_t rank, id;                          /* of the last hit shown of this window; id 0: none was */
};

void search_page_format(const struct search_page *page, char ret[SEARCH_NEXT_CHARS]);
bool search_page_parse(struct span text, struct search_page *ret);   /* false: not one of ours */
#endif
