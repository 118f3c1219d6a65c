#include "store/words.h"

#include "base/utf8.h"

/* What separates words: everything in ASCII that is no letter or digit, general punctuation, symbols, spaces, private
 * use. Coarser than the tokenizer's table and harmless so: a quoted word is cut again by the tokenizer itself. */
static bool is_separator(uint32_t c)
{
    if (c < 0x80)
        return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
    static const struct { uint32_t from, to; } ranges[] = {
        { 0x80, 0xa9 },     { 0xab, 0xb1 },     { 0xb4, 0xb4 },     { 0xb6, 0xb8 },     { 0xbb, 0xbb },
        { 0xbf, 0xbf },     { 0xd7, 0xd7 },     { 0xf7, 0xf7 },     { 0x2000, 0x200b }, { 0x200e, 0x2070 },
        { 0x20a0, 0x20cf }, { 0x2190, 0x245f }, { 0x2500, 0x2bff }, { 0x3000, 0x3004 }, { 0x3008, 0x3020 },
        { 0xe000, 0xf8ff }, { 0xfe30, 0xfe6f }, { 0xfeff, 0xff0f }, { 0xff1a, 0xff20 }, { 0xff3b, 0xff40 },
        { 0xff5b, 0xff65 }, { 0xffe0, 0xffff }, { 0x1f000, 0x1faff }, { 0xe0000, 0x10ffff },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i].from && c <= ranges[i].to)
            return true;
    return false;
}

bool words_next(struct span text, size_t *pos, struct span *ret)
{
    size_t from = *pos;
    while (*pos < text.len && is_separator(utf8_next(text, pos)))
        from = *pos;
    while (*pos < text.len) {
        size_t next = *pos;
        if (is_separator(utf8_next(text, &next)))
            break;
        *pos = next;
    }
    *ret = (struct span){ text.at + from, *pos - from };
    return from < text.len;
}

void words_split(struct span text, struct words *ret)
{
    ret->count = 0;
    if (text.len > WORDS_TEXT_BYTES) {
        text.len = WORDS_TEXT_BYTES;
        while (text.len > 0 && ((unsigned char)text.at[text.len] & 0xc0) == 0x80)
            text.len--;
    }
    for (size_t i = 0; ret->count < BZ_LIMIT_SEARCH_WORDS && words_next(text, &i, &ret->word[ret->count]);)
        ret->count++;
}

#define ALIKE_BYTES_MIN 4
#define ALIKE_TAIL_BYTES 3

bool words_alike(struct span a, struct span b)
{
    size_t least = a.len < b.len ? a.len : b.len, most = a.len < b.len ? b.len : a.len, same = 0;
    while (same < least && a.at[same] == b.at[same])
        same++;
    return same >= ALIKE_BYTES_MIN && same + ALIKE_TAIL_BYTES >= most;
}

void words_match(const struct words *words, size_t prefix_chars, char ret[WORDS_MATCH_BYTES])
{
    size_t len = 0;
    for (size_t i = 0; i < words->count; i++) {
        struct span w = words->word[i];
        if (i > 0)
            ret[len++] = ' ';
        ret[len++] = '"';   /* a word holds no quote: splitting took them out */
        memcpy(ret + len, w.at, w.len);
        len += w.len;
        ret[len++] = '"';
        if (i + 1 == words->count && prefix_chars > 0 && utf8_chars(w) >= prefix_chars)
            ret[len++] = '*';
    }
    ret[len] = '\0';
}
