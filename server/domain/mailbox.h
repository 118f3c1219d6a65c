/* mailbox.h: an e-mail address in the one form by which it is known, kept and written to. Pure.
 * Local part: RFC 5321 dot-atom, ASCII, small letters. Domain: small letters, labels of other scripts as punycode (RFC 5891, UTS 46).
 * What could be read in two ways is refused: quoted local parts, comments, several addresses, look-alikes of '@' and '.',
 * a dot at either end. Dots and +tags count: whose mail server ignores them still has one address. */
#ifndef BZ_DOMAIN_MAILBOX_H
#define BZ_DOMAIN_MAILBOX_H
#include "base/span.h"

#define MAILBOX_BYTES 254          /* RFC 5321 §4.5.3.1.3, without <> */

/* Blanks around it are left out. NUL-terminated. False: not the form of an address. */
bool mailbox_key(struct span typed, char ret[MAILBOX_BYTES + 1]);
#endif
