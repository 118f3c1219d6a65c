/* text.h: gathers the words found in a file: UTF-8, blanks in a row as one, no controls, up to LOOK_TEXT_BYTES and for
 * LOOK_TEXT_MS of processor time. Used inside a worker. */
#ifndef BZ_WORK_TEXT_H
#define BZ_WORK_TEXT_H
#include "base/buf.h"

struct text {
    struct buf out;
    char gap;          /* the blank that stands before the next letter: '\0', ' ' or '\n' */
};

void text_init(struct text *t);
/* Both are false when nothing more is wanted: it is full, or the time is over. What is no UTF-8 is left out. */
bool text_add(struct text *t, struct span utf8);
bool text_has_room(const struct text *t);
void text_gap(struct text *t, char blank);
struct span text_found(const struct text *t);   /* empty when there is no word in it */

/* The file is text itself: UTF-8, UTF-16 with its mark at the beginning, or else Windows-1252. False: it is not; nothing is
 * taken from it then. */
bool text_take_file(struct text *t, struct span file);
#endif
