#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

#define BLOCK_BYTES 2048

struct arena_block {
    struct arena_block *next;
    size_t used, cap;
    _Alignas(16) char bytes[];
};

void arena_init(struct arena *a)
{
    a->first = NULL;
    a->bytes = 0;
}

void arena_done(struct arena *a)
{
    for (struct arena_block *b = a->first, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    arena_init(a);
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    if (bytes > SIZE_MAX / 2)
        abort();
    size_t need = (bytes + 15) & ~(size_t)15;
    struct arena_block *b = a->first;
    if (b == NULL || b->cap - b->used < need) {
        size_t cap = need > BLOCK_BYTES ? need : BLOCK_BYTES;
        b = calloc(1, sizeof *b + cap);
        if (b == NULL)
            abort();   /* 2 KiB are not to be had: nothing sensible is left to do, and nothing was acknowledged */
        b->cap = cap;
        b->next = a->first;
        a->first = b;
        a->bytes += sizeof *b + cap;
    }
    void *at = b->bytes + b->used;
    b->used += need;
    return at;
}

struct span arena_copy(struct arena *a, struct span s)
{
    if (s.at == NULL)
        return s;
    char *at = arena_alloc(a, s.len + 1);
    memcpy(at, s.at, s.len);
    return (struct span){ at, s.len };
}
