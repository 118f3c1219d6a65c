/* words.h: what somebody typed into a search box, as words; never a query language. */
#ifndef BZ_STORE_WORDS_H
#define BZ_STORE_WORDS_H
#include "base/limits.h"
#include "base/span.h"

#define WORDS_TEXT_BYTES BZ_LIMIT_SEARCH_BYTES                              /* what is longer is cut at a character */
#define WORDS_MATCH_BYTES (WORDS_TEXT_BYTES + 4 * BZ_LIMIT_SEARCH_WORDS + 8)

struct words {
    size_t count;
    struct span word[BZ_LIMIT_SEARCH_WORDS];   /* they borrow from the text; letters and digits only */
};
/* Runs of letters, digits and marks; at most BZ_LIMIT_SEARCH_WORDS of them. text: valid UTF-8. */
void words_split(struct span text, struct words *ret);

/* The next of them from *pos on, however many there are; *pos moves behind it. false: none is left. */
bool words_next(struct span text, size_t *pos, struct span *ret);

/* Forms of one word, as far as their beginnings tell: both have four bytes or more, and differ in the last three at most. Folded. */
bool words_alike(struct span a, struct span b);

/* `"a" "b" "c"*`: every word quoted, all must occur; the last may be a beginning if it has prefix_chars characters
 * (0: never). NUL-terminated. */
void words_match(const struct words *words, size_t prefix_chars, char ret[WORDS_MATCH_BYTES]);
#endif
