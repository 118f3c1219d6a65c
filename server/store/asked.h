/* asked.h: what somebody typed into the search box: words and "quoted phrases", never a query language. Pure. */
#ifndef BZ_STORE_ASKED_H
#define BZ_STORE_ASKED_H
#include "store/words.h"

#define ASKED_MATCH_BYTES 4096   /* more forms of words than fit are left out */

#define ASKED_FORM_BYTES 48
#define ASKED_FORMS_MAX 7        /* of one word, beside itself */
#define ASKED_FORMS_ALL 40       /* of all */

struct asked_forms { size_t count; char text[ASKED_FORMS_MAX][ASKED_FORM_BYTES]; };   /* words, without a quote */

struct asked {
    struct words words;
    size_t count;                                /* groups: each must be found */
    struct asked_group { size_t first, count; bool is_quoted; } group[BZ_LIMIT_SEARCH_WORDS];   /* quoted: its words, in a row */
    struct asked_forms forms[BZ_LIMIT_SEARCH_WORDS];   /* of each group: found as well */
    bool may_go_on;                              /* the last word is still being written: it may be a beginning */
};

/* One phrase of an FTS5 expression for each character of `map`, which tells the group and how it is meant. */
#define ASKED_EXACT 'A'          /* + the group: as typed */
#define ASKED_LIKE  'a'          /* + the group: a beginning, or another form of the word */
struct asked_match { size_t len; char text[ASKED_MATCH_BYTES]; char map[160]; };

/* text: valid UTF-8. What quotes hold (" “ ” „ « ») is a group, and each other word; at most BZ_LIMIT_SEARCH_WORDS words. */
void asked_read(struct span text, struct asked *ret);

/* An expression for FTS5 in which every word is quoted. is_beginning: the last word may be one, where asked.may_go_on. */
void asked_match(const struct asked *asked, bool is_beginning, struct asked_match *ret);
#endif
