#include "base/utf8.h"

/* Length of the well-formed sequence at s[i], or 0 (Unicode 15, table 3-7). */
static size_t sequence(struct span s, size_t i)
{
    const unsigned char *p = (const unsigned char *)s.at + i;
    size_t left = s.len - i;
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        return left >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (p[0] >= 0xe0 && p[0] <= 0xef) {
        unsigned char low = p[0] == 0xe0 ? 0xa0 : 0x80, high = p[0] == 0xed ? 0x9f : 0xbf;
        return left >= 3 && p[1] >= low && p[1] <= high && (p[2] & 0xc0) == 0x80 ? 3 : 0;
    }
    if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        unsigned char low = p[0] == 0xf0 ? 0x90 : 0x80, high = p[0] == 0xf4 ? 0x8f : 0xbf;
        return left >= 4 && p[1] >= low && p[1] <= high && (p[2] & 0xc0) == 0x80 && (p[3] & 0xc0) == 0x80 ? 4 : 0;
    }
    return 0;
}

bool utf8_valid(struct span s)
{
    for (size_t i = 0; i < s.len;) {
        size_t len = sequence(s, i);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

size_t utf8_chars(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.at[i] & 0xc0) != 0x80;
    return n;
}

size_t utf8_utf16(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        n += (size_t)((c & 0xc0) != 0x80) + (size_t)(c >= 0xf0);
    }
    return n;
}

uint32_t utf8_next(struct span s, size_t *pos)
{
    const unsigned char *p = (const unsigned char *)s.at + *pos;
    size_t len = sequence(s, *pos);
    *pos += len == 0 ? 1 : len;
    if (len <= 1)
        return p[0];
    uint32_t c = p[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++)
        c = c << 6 | (p[i] & 0x3fu);
    return c;
}

static bool is_control(uint32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

/* Bidi embeddings, overrides, isolates and marks: they reorder text around them (Unicode TR 9). */
static bool is_bidi(uint32_t c)
{
    return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Invisible or line-breaking in a one-line name. */
static bool is_unnameable(uint32_t c)
{
    return is_control(c) || is_bidi(c) || c == 0x2028 || c == 0x2029 || c == 0x200b || c == 0xfeff || c == 0xfffc ||
           (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xe0000 && c <= 0xe007f);
}

static bool is_blank(uint32_t c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == 0xa0 || (c >= 0x2000 && c <= 0x200d) || c == 0x3000 || c == 0xfeff ||
           c == 0x2060 || c == 0x202f || c == 0x205f;
}

bool utf8_is_text(struct span s)
{
    if (s.at == NULL || !utf8_valid(s))
        return false;
    bool is_all_blank = true;
    for (size_t i = 0; i < s.len;) {
        uint32_t c = utf8_next(s, &i);
        if (is_control(c) && c != '\n' && c != '\t')
            return false;
        is_all_blank = is_all_blank && is_blank(c);
    }
    return !is_all_blank;
}

bool utf8_is_name(struct span s, size_t chars_max)
{
    if (s.at == NULL || !utf8_valid(s) || utf8_chars(s) > chars_max)
        return false;
    bool is_all_blank = true;
    for (size_t i = 0; i < s.len;) {
        uint32_t c = utf8_next(s, &i);
        if (is_unnameable(c))
            return false;
        is_all_blank = is_all_blank && is_blank(c);
    }
    return !is_all_blank;
}
