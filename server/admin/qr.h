/* qr.h: a QR code for a terminal, two modules a character, on a light ground whatever the terminal's colours are. */
#ifndef BZ_ADMIN_QR_H
#define BZ_ADMIN_QR_H
#include <stdio.h>

void qr_print(const char *text, FILE *out);   /* nothing when the text is too long for a code */
#endif
