/* forms.h: other forms of a word that somebody looks for, in the languages that libstemmer knows of ours. */
#ifndef BZ_STORE_FORMS_H
#define BZ_STORE_FORMS_H
#include "store/asked.h"

/* The stemmers of one connection. NULL when memory is out: words are then found as they are typed. */
struct forms *forms_new(void);
void forms_free(struct forms *forms);   /* NULL is fine */

/* For each word that stands alone: at most ASKED_FORMS_MAX others that a stemmer takes for the same word, at most
 * ASKED_FORMS_ALL in all. Nothing is looked up: the same text has the same forms, whatever the index holds. */
void forms_add(struct forms *forms, struct asked *asked);
#endif
