#include "base/cbor.h"

enum { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };

static bool take(struct cbor *c, uint64_t len, struct span *ret)
{
    if (len > c->in.len - c->pos)
        return false;
    *ret = (struct span){ c->in.at + c->pos, (size_t)len };
    c->pos += (size_t)len;
    return true;
}

/* The first byte of an item and its number. */
static bool head(struct cbor *c, int *ret_major, uint64_t *ret_n)
{
    struct span s;
    if (!take(c, 1, &s))
        return false;
    unsigned first = (unsigned char)s.at[0], low = first & 31;
    *ret_major = (int)(first >> 5);
    *ret_n = low;
    if (low < 24)
        return true;
    if (low > 27 || !take(c, (uint64_t)1 << (low - 24), &s))
        return false;   /* 28 to 30 mean nothing, 31 is a length that is not stated */
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n = n << 8 | (unsigned char)s.at[i];
    *ret_n = n;
    return low == 24 ? n >= 24 : *ret_major == SIMPLE || n >> (s.len * 4) != 0;
}

static bool item(struct cbor *c, int major, uint64_t *ret_n)
{
    int found;
    return head(c, &found, ret_n) && found == major;
}

bool cbor_int(struct cbor *c, int64_t *ret)
{
    int major;
    uint64_t n;
    if (!head(c, &major, &n) || major > NEGATIVE || n > INT64_MAX)
        return false;
    *ret = major == UNSIGNED ? (int64_t)n : -1 - (int64_t)n;
    return true;
}

bool cbor_bytes(struct cbor *c, struct span *ret)
{
    uint64_t n;
    return item(c, BYTES, &n) && take(c, n, ret);
}

bool cbor_text(struct cbor *c, struct span *ret)
{
    uint64_t n;
    return item(c, TEXT, &n) && take(c, n, ret);
}

bool cbor_map(struct cbor *c, uint64_t *ret_pairs)
{
    return item(c, MAP, ret_pairs) && *ret_pairs <= (c->in.len - c->pos) / 2;
}

static bool skip(struct cbor *c, int depth)
{
    int major;
    uint64_t n;
    struct span s;
    if (depth > CBOR_DEPTH || !head(c, &major, &n))
        return false;
    if (major == BYTES || major == TEXT)
        return take(c, n, &s);
    if (major == TAG)
        return skip(c, depth + 1);
    if (major != ARRAY && major != MAP)
        return true;
    if (n > c->in.len - c->pos)
        return false;
    for (uint64_t left = major == MAP ? 2 * n : n; left > 0; left--)
        if (!skip(c, depth + 1))
            return false;
    return true;
}

bool cbor_skip(struct cbor *c) { return skip(c, 0); }
