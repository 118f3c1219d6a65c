/* span.h: borrowed bytes with a length. A span never outlives its source. */
#ifndef BZ_BASE_SPAN_H
#define BZ_BASE_SPAN_H
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *at;   /* NULL means absent; "" with len 0 means empty */
    size_t len;
};

#define SPAN(literal) ((struct span){ "" literal, sizeof(literal) - 1 })

static inline struct span span_of(const char *text)
{
    return (struct span){ text, text == NULL ? 0 : strlen(text) };
}

static inline bool span_is(struct span a, const char *text)
{
    return a.at != NULL && a.len == strlen(text) && memcmp(a.at, text, a.len) == 0;
}

static inline bool span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}
#endif
