/* page.h: what a web page says of itself: the head of an HTML page, read once from its first byte on, in bounded memory. Strangers'
 * bytes: used inside a worker alone. */
#ifndef BZ_WORK_PAGE_H
#define BZ_WORK_PAGE_H
#include "base/buf.h"
#include "baraza/limits.h"

struct page { struct buf title, about, lang; };   /* cleaned; empty: it says nothing */

/* Opens what converts the letters of other scripts, while files can still be opened. Kept until the process ends. */
void page_load(void);

/* type: of the answer (Content-Type), or absent. Of several, the title that is made for sharing wins (og:title), then the page's
 * own. What is no HTML, or in letters that cannot be read, says nothing. */
void page_read(struct span type, struct span html, struct page *ret);
void page_done(struct page *p);   /* not in a worker, which ends: tests, which read many */

/* Is the head over? Asked while the page comes in, so that no more of it is fetched. */
bool page_has_head(struct span html);

/* One line of text without controls, overrides of direction, what is not seen, and blanks beside blanks; at most chars_max
 * characters, cut at a word with an ellipsis. */
void page_clean(struct span text, size_t chars_max, struct buf *ret);
#endif
