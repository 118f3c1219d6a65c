/* What is called valid can be walked to its end, and counts agree with the walk. */
#include <stdlib.h>

#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct span s = { (const char *)data, size };
    if (!utf8_valid(s)) {
        if (utf8_is_text(s) || utf8_is_name(s, size))
            abort();
        return 0;
    }
    size_t chars = 0, units = 0, at = 0;
    while (at < size) {
        uint32_t c = utf8_next(s, &at);
        chars++;
        units += c >= 0x10000 ? 2 : 1;
        if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
            abort();
    }
    if (at != size || chars != utf8_chars(s) || units != utf8_utf16(s))
        abort();
    (void)utf8_is_text(s);
    (void)utf8_is_name(s, 80);
    return 0;
}
