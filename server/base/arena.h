/* arena.h: request-scoped memory, freed at once. Not shared between threads; may move whole from one to another. */
#ifndef BZ_BASE_ARENA_H
#define BZ_BASE_ARENA_H
#include "base/span.h"

struct arena {
    struct arena_block *first;   /* newest block */
    size_t bytes;                /* held in all */
};

void arena_init(struct arena *a);
void arena_done(struct arena *a);                          /* frees all; the arena is empty and usable again */
void *arena_alloc(struct arena *a, size_t bytes);          /* zeroed, 16-byte aligned; aborts when memory is out */
struct span arena_copy(struct arena *a, struct span s);    /* with a NUL behind; an absent span stays absent */
#endif
