/* letters.h: text as the letters that a reader takes it for. Pure; linear in the text. */
#ifndef BZ_STORE_LETTERS_H
#define BZ_STORE_LETTERS_H
#include "base/buf.h"

/* Appends the text in one form of each letter (Unicode's NFKC, lower case) without what nobody sees: joiners, marks of
 * direction, soft hyphens, strokes and accents laid over a letter. are_alike: letters of Greek and Cyrillic that look like
 * Latin ones count as those in words that hold Latin letters, and in texts whose words of theirs are made of nothing else.
 * At most six times the bytes. false: no memory. */
bool letters_add(struct buf *ret, struct span text, bool are_alike);
bool letters_may_be_alike(struct span letters);   /* of letters_add: would others be added with are_alike? false is certain */
#endif
