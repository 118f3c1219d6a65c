/* qr.h: a text as a QR code (ISO/IEC 18004, level L): for a terminal, or as bits for a screen. Any thread. */
#ifndef BZ_BASE_QR_H
#define BZ_BASE_QR_H
#include <stdio.h>

#include "base/buf.h"

void qr_print(const char *text, FILE *out);   /* two modules a character, on a light ground whatever the terminal's colours are */
/* A '1' for each dark module, a '0' for each light one, row by row, without a margin; the side in modules. 0: too long for a code. */
int qr_bits(const char *text, struct buf *ret);
#endif
