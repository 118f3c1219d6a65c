#include "base/map.h"

#include <stdlib.h>

static size_t place(const struct map *m, int64_t key)
{
    size_t at = (size_t)((uint64_t)key * 0x9e3779b97f4a7c15u >> 20) & (m->cap - 1);
    while (m->slots[at].key != 0 && m->slots[at].key != key)
        at = (at + 1) & (m->cap - 1);
    return at;
}

static void grow(struct map *m)
{
    struct map old = *m;
    m->cap = old.cap == 0 ? 16 : old.cap * 2;
    m->slots = calloc(m->cap, sizeof *m->slots);
    if (m->slots == NULL)
        abort();
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].key != 0)
            m->slots[place(m, old.slots[i].key)] = old.slots[i];
    free(old.slots);
}

void map_done(struct map *m)
{
    free(m->slots);
    *m = (struct map){ 0 };
}

void *map_get(const struct map *m, int64_t key) { return m->cap == 0 ? NULL : m->slots[place(m, key)].value; }

void map_put(struct map *m, int64_t key, void *value)
{
    if ((m->count + 1) * 4 > m->cap * 3)
        grow(m);
    size_t at = place(m, key);
    m->count += m->slots[at].key == 0;
    m->slots[at] = (struct map_slot){ key, value };
}
