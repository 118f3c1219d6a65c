/* buf.h: a growing byte buffer with a stated maximum.
 * Writes beyond the maximum set `failed` and change nothing more, so a chain of appends is checked once at its end. */
#ifndef BZ_BASE_BUF_H
#define BZ_BASE_BUF_H
#include <stdarg.h>
#include <stdint.h>

#include "base/span.h"

struct buf {
    char *at;
    size_t len, cap, max;
    bool failed;
};

void buf_init(struct buf *b, size_t max_bytes);   /* allocates nothing */
void buf_done(struct buf *b);
void buf_clear(struct buf *b);                    /* empty again, memory kept */
char *buf_reserve(struct buf *b, size_t bytes);   /* room for bytes at the end, or NULL (failed is set) */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_add_span(struct buf *b, struct span s);
void buf_add_text(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
void buf_add_int(struct buf *b, int64_t n);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct span buf_span(const struct buf *b);
#endif
