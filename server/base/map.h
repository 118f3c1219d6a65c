/* map.h: id to pointer, open addressing. Keys are never 0. Not shared between threads. */
#ifndef BZ_BASE_MAP_H
#define BZ_BASE_MAP_H
#include <stddef.h>
#include <stdint.h>

struct map {
    struct map_slot { int64_t key; void *value; } *slots;
    size_t count, cap;
};

void map_done(struct map *m);                            /* the values stay the caller's */
void *map_get(const struct map *m, int64_t key);         /* NULL: not there */
void map_put(struct map *m, int64_t key, void *value);   /* replaces; aborts when memory is out */
#endif
