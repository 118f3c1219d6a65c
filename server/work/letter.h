/* letter.h: one mail as bytes (RFC 5322): plain text, UTF-8, in the language of who gets it. Pure: the same letter is the same
 * bytes at each try. Nothing in it is counted or fetched from anywhere, and links lead to the hub's own site alone. */
#ifndef BZ_WORK_LETTER_H
#define BZ_WORK_LETTER_H
#include "base/buf.h"
#include "base/err.h"
#include "domain/mail.h"

#define LETTER_BYTES (64u << 10)
#define LETTER_ID_BYTES 16

struct letter {
    enum mail_kind kind;
    struct mail_args args;         /* what reads like an address of the web in `by` or `org` is left out: strangers may have chosen it */
    struct span lang;              /* en, fr, es, pt, also pt-BR and the like; others: en */
    struct span to, to_name;       /* to_name: absent where it is not known */
    struct span from, from_name;   /* addresses: ASCII, one @ */
    struct span hub;               /* its name */
    struct span site;              /* of the settings, such as https://baraza.example.org; links begin with it */
    unsigned char id[LETTER_ID_BYTES];
    int64_t at_ms;
};

/* Appends it, lines ended by CR LF. INVALID: an address or a name could end a line of the head, or it is too long. */
enum bz_err letter_write(const struct letter *l, struct buf *b, struct bz_error *e);

bool letter_is_address(struct span s);   /* ASCII that may stand in a mail's head and in SMTP: one @, nothing that has a meaning there */
#endif
