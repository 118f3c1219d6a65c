#include "base/qr.h"

#include <qrencode.h>
#include <stdbool.h>
#include <unistd.h>

#define QUIET 2 /* light modules around; scanners ask for some */

static bool is_light(const QRcode *code, int x, int y)
{
    if (x < 0 || y < 0 || x >= code->width || y >= code->width)
        return true;
    return (code->data[y * code->width + x] & 1) == 0;
}

void qr_print(const char *text, FILE *out)
{
    static const char *const halves[] = { " ", "\u2584", "\u2580",
                                          "\u2588" }; /* upper half, lower half light */
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
    bool is_terminal = isatty(fileno(out)) == 1;
    if (code == NULL)
        return;
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        (void)fputs(is_terminal ? "\033[40;97m" : "", out);
        for (int x = -QUIET; x < code->width + QUIET; x++)
            (void)fputs(halves[is_light(code, x, y) * 2 + is_light(code, x, y + 1)], out);
        (void)fputs(is_terminal ? "\033[0m\n" : "\n", out);
    }
    QRcode_free(code);
}

int qr_bits(const char *text, struct buf *ret)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
    int side = code == NULL ? 0 : code->width;
    for (int i = 0; i < side * side; i++)
        buf_add_char(ret, '0' + (code->data[i] & 1));
    QRcode_free(code);
    return side;
}
