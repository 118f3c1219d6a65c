#include "store/letters.h"

#include <stdlib.h>
#include <utf8proc.h>

#define GREEK 0x370          /* to the end of Cyrillic */
#define CYRILLIC_END 0x530
#define FORM (UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE)

/* Beyond what the library leaves out: what is not assigned yet, and marks that are laid over a letter of any script. */
static bool is_unseen(int32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff)
        || (c >= 0x20d0 && c <= 0x20ff) || c == 0x2065 || (c >= 0xe0000 && c <= 0xe0fff);
}

/* Latin letters in other clothes, which no normal form undresses: without a dot, phonetic, small capitals. */
static int32_t plain_of(int32_t c)
{
    static const struct { uint16_t c; char as; } pairs[] = {
        { 0x131, 'i' },  { 0x237, 'j' },  { 0x251, 'a' },  { 0x261, 'g' },  { 0x262, 'g' },  { 0x269, 'i' },  { 0x26a, 'i' },
        { 0x274, 'n' },  { 0x280, 'r' },  { 0x28f, 'y' },  { 0x299, 'b' },  { 0x29c, 'h' },  { 0x29f, 'l' },  { 0x1d00, 'a' },
        { 0x1d04, 'c' }, { 0x1d05, 'd' }, { 0x1d07, 'e' }, { 0x1d0a, 'j' }, { 0x1d0b, 'k' }, { 0x1d0d, 'm' }, { 0x1d0f, 'o' },
        { 0x1d18, 'p' }, { 0x1d1b, 't' }, { 0x1d1c, 'u' }, { 0x1d20, 'v' }, { 0x1d21, 'w' }, { 0x1d22, 'z' }, { 0xa730, 'f' },
        { 0xa731, 's' },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs && c >= pairs[i].c; i++)
        if (c == pairs[i].c)
            return pairs[i].as;
    return c;
}

/* The Latin letter that one of Greek or Cyrillic looks like, in either case; 0: none. */
static char latin_of(int32_t c)
{
#define AT(letter) [letter - GREEK]
    static const char latin[CYRILLIC_END - GREEK] = {
        AT(0x391) = 'a', AT(0x392) = 'b', AT(0x395) = 'e', AT(0x396) = 'z', AT(0x397) = 'h', AT(0x399) = 'i', AT(0x39a) = 'k',
        AT(0x39c) = 'm', AT(0x39d) = 'n', AT(0x39f) = 'o', AT(0x3a1) = 'p', AT(0x3a4) = 't', AT(0x3a5) = 'y', AT(0x3a7) = 'x',
        AT(0x386) = 'a', AT(0x388) = 'e', AT(0x389) = 'h', AT(0x38a) = 'i', AT(0x38c) = 'o', AT(0x38e) = 'y', AT(0x37f) = 'j',
        AT(0x3b1) = 'a', AT(0x3b3) = 'y', AT(0x3b5) = 'e', AT(0x3b7) = 'n', AT(0x3b9) = 'i', AT(0x3ba) = 'k', AT(0x3bd) = 'v',
        AT(0x3bf) = 'o', AT(0x3c1) = 'p', AT(0x3c2) = 'c', AT(0x3c3) = 'o', AT(0x3c4) = 't', AT(0x3c5) = 'u', AT(0x3c7) = 'x',
        AT(0x3c9) = 'w', AT(0x3ac) = 'a', AT(0x3ad) = 'e', AT(0x3ae) = 'n', AT(0x3af) = 'i', AT(0x3cc) = 'o', AT(0x3cd) = 'u',
        AT(0x3ce) = 'w', AT(0x390) = 'i', AT(0x3ca) = 'i', AT(0x3cb) = 'u', AT(0x3b0) = 'u', AT(0x3f3) = 'j',
        AT(0x410) = 'a', AT(0x412) = 'b', AT(0x413) = 'r', AT(0x415) = 'e', AT(0x41a) = 'k', AT(0x41c) = 'm', AT(0x41d) = 'h',
        AT(0x41e) = 'o', AT(0x41f) = 'n', AT(0x420) = 'p', AT(0x421) = 'c', AT(0x422) = 't', AT(0x423) = 'y', AT(0x425) = 'x',
        AT(0x42c) = 'b', AT(0x400) = 'e', AT(0x401) = 'e', AT(0x405) = 's', AT(0x406) = 'i', AT(0x407) = 'i', AT(0x408) = 'j',
        AT(0x430) = 'a', AT(0x432) = 'b', AT(0x433) = 'r', AT(0x435) = 'e', AT(0x43a) = 'k', AT(0x43c) = 'm', AT(0x43d) = 'h',
        AT(0x43e) = 'o', AT(0x43f) = 'n', AT(0x440) = 'p', AT(0x441) = 'c', AT(0x442) = 't', AT(0x443) = 'y', AT(0x445) = 'x',
        AT(0x44c) = 'b', AT(0x450) = 'e', AT(0x451) = 'e', AT(0x455) = 's', AT(0x456) = 'i', AT(0x457) = 'i', AT(0x458) = 'j',
        AT(0x40e) = 'y', AT(0x45e) = 'y', AT(0x474) = 'v', AT(0x475) = 'v', AT(0x4ae) = 'y', AT(0x4af) = 'y', AT(0x4ba) = 'h',
        AT(0x4bb) = 'h', AT(0x4c0) = 'i', AT(0x4cf) = 'i', AT(0x501) = 'd', AT(0x51a) = 'q', AT(0x51b) = 'q', AT(0x51c) = 'w',
        AT(0x51d) = 'w',
    };
#undef AT
    return c >= GREEK && c < CYRILLIC_END ? latin[c - GREEK] : 0;
}

enum { OTHER = 0, LATIN = 1, ALIKE = 2, FOREIGN = 4, DIGIT = 8 };   /* FOREIGN: Greek or Cyrillic, and like no Latin letter */

static int kind_of(int32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? LATIN : c >= '0' && c <= '9' ? DIGIT : OTHER;
    utf8proc_category_t category = utf8proc_category(c);
    if (category < UTF8PROC_CATEGORY_LU || category > UTF8PROC_CATEGORY_ND)
        return OTHER;
    if (c < 0x2b0 || (c >= 0x1d00 && c < 0x1f00))
        return LATIN;
    return latin_of(c) != 0 ? ALIKE : c >= GREEK && c < CYRILLIC_END ? FOREIGN : DIGIT;
}

static void fold_alike(int32_t *at, size_t count)
{
    int whole = 0;
    for (size_t i = 0; i < count; i++)
        whole |= kind_of(at[i]);
    if (!(whole & ALIKE) || !(whole & LATIN))
        return;
    for (size_t from = 0, to; from < count; from = to + 1) {
        int word = 0, kind;
        for (to = from; to < count && (kind = kind_of(at[to])) != OTHER; to++)
            word |= kind;
        bool is_latin = (word & LATIN) || !(whole & FOREIGN);
        for (size_t i = from; i < to && is_latin && (word & ALIKE); i++)
            if (latin_of(at[i]) != 0)
                at[i] = latin_of(at[i]);
    }
}

/* Two ligatures stand for whole sentences: a post of nothing else would take 20 times as long. */
static int32_t sentence_out(int32_t c, void *ctx) { return c == 0xfdfa || c == 0xfdfb ? ' ' : c; }

/* The code points of the text in their normal form; NULL: no memory. */
static int32_t *points_of(struct span text, size_t *ret_count)
{
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text.at;
    ssize_t max = (ssize_t)text.len, count = max + 1;
    int32_t *at = NULL;
    while (count > max || at == NULL) {   /* again only where they are more than the bytes */
        max = count;
        free(at);
        at = malloc(((size_t)max + 1) * sizeof *at);
        if (at == NULL)
            return NULL;
        count = utf8proc_decompose_custom(bytes, (ssize_t)text.len, at, max, FORM, sentence_out, NULL);
    }
    if (count >= 0)
        count = utf8proc_normalize_utf32(at, count, FORM);
    if (count >= 0) {
        *ret_count = (size_t)count;
        return at;
    }
    free(at);
    return NULL;
}

static bool is_ascii(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] >= 0x80)
            return false;
    return true;
}

/* Greek and Cyrillic, by their first byte. */
bool letters_may_be_alike(struct span letters)
{
    for (size_t i = 0; i < letters.len; i++)
        if ((unsigned char)letters.at[i] >= 0xcd && (unsigned char)letters.at[i] <= 0xd4)
            return true;
    return false;
}

bool letters_add(struct buf *ret, struct span text, bool are_alike)
{
    if (text.len == 0)
        return true;
    if (is_ascii(text)) {
        char *to = buf_reserve(ret, text.len);
        for (size_t i = 0; i < text.len && to != NULL; i++)
            to[i] = text.at[i] >= 'A' && text.at[i] <= 'Z' ? (char)(text.at[i] | 0x20) : text.at[i];
        ret->len += to != NULL ? text.len : 0;
        return !ret->failed;
    }
    size_t count, kept = 0;
    int32_t *at = points_of(text, &count);
    if (at == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_unseen(at[i]))
            at[kept++] = plain_of(at[i]);
    if (are_alike)
        fold_alike(at, kept);
    for (size_t i = 0; i < kept; i++) {
        utf8proc_uint8_t bytes[4];
        buf_add(ret, bytes, (size_t)utf8proc_encode_char(utf8proc_tolower(at[i]), bytes));
    }
    free(at);
    return !ret->failed;
}
