/* utf8.h: strict UTF-8 (Unicode 15, table 3-7), validated once at the border. */
#ifndef BZ_BASE_UTF8_H
#define BZ_BASE_UTF8_H
#include <stdint.h>

#include "base/span.h"

bool utf8_valid(struct span s);
size_t utf8_chars(struct span s);                        /* code points of a valid span */
size_t utf8_utf16(struct span s);                        /* UTF-16 units of a valid span */
/* Decodes the code point at *pos of a valid span and moves *pos past it. */
uint32_t utf8_next(struct span s, size_t *pos);
/* Text for many lines: no C0/C1 controls but \n and \t. Name: none at all, no bidi controls, no line breaks,
 * not blank, at most chars_max code points. */
bool utf8_is_text(struct span s);
bool utf8_is_name(struct span s, size_t chars_max);
#endif
