/* letter_text.h: what letters say. A subject, and a body of paragraphs. Each has one or more wordings, parted by `|`: the first
 * counts of which everything in braces is known; where none is, the paragraph is left out. */
#ifndef BZ_WORK_LETTER_TEXT_H
#define BZ_WORK_LETTER_TEXT_H
#include "domain/mail.h"

#define LETTER_LANGS 4
#define LETTER_KINDS 12   /* the highest number of a kind, and one */

struct letter_text { const char *subject, *body; };
struct letter_words {
    const char *lang;
    const char *passkey, *totp, *recovery, *password, *site, *address, *other;   /* {what} */
    const char *end;                                 /* of each body */
    struct letter_text text[LETTER_KINDS];
};
extern const struct letter_words letter_words[LETTER_LANGS];
#endif
