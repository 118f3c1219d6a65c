#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf){ .max = max_bytes };
}

void buf_done(struct buf *b)
{
    free(b->at);
    *b = (struct buf){ .max = b->max };
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

char *buf_reserve(struct buf *b, size_t bytes)
{
    if (b->failed || bytes > b->max - b->len) {
        b->failed = true;
        return NULL;
    }
    if (bytes > b->cap - b->len) {
        size_t cap = b->cap < 256 ? 256 : b->cap;
        while (cap - b->len < bytes)
            cap *= 2;
        if (cap > b->max)
            cap = b->max;
        char *at = realloc(b->at, cap);
        if (at == NULL) {
            b->failed = true;
            return NULL;
        }
        b->at = at;
        b->cap = cap;
    }
    return b->at + b->len;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
    char *to = len == 0 ? NULL : buf_reserve(b, len);   /* nothing is added to nothing without an allocation */
    if (to == NULL)
        return;
    memcpy(to, bytes, len);
    b->len += len;
}

void buf_add_span(struct buf *b, struct span s) { buf_add(b, s.at, s.len); }
void buf_add_text(struct buf *b, const char *text) { buf_add(b, text, strlen(text)); }
void buf_add_char(struct buf *b, char c) { buf_add(b, &c, 1); }

void buf_add_int(struct buf *b, int64_t n)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (n < 0)
        *--at = '-';
    buf_add(b, at, (size_t)(digits + sizeof digits - at));
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *to = len < 0 ? NULL : buf_reserve(b, (size_t)len + 1);
    if (to != NULL) {
        (void)vsnprintf(to, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

struct span buf_span(const struct buf *b) { return (struct span){ b->at == NULL ? "" : b->at, b->len }; }
