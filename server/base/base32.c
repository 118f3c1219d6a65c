#include "base/base32.h"

void base32_encode(const unsigned char *at, size_t bytes, bool is_upper, char *ret)
{
    const char *digits = is_upper ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" : "abcdefghijklmnopqrstuvwxyz234567";
    unsigned held = 0, bits = 0;
    for (size_t i = 0; i < bytes; i++) {
        held = held << 8 | at[i];
        bits += 8;
        for (; bits >= 5; bits -= 5)
            *ret++ = digits[held >> (bits - 5) & 31];
        held &= (1u << bits) - 1;
    }
    if (bits > 0)
        *ret++ = digits[held << (5 - bits) & 31];
    *ret = '\0';
}
