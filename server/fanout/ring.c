#include <stdlib.h>

#include "fanout/fanout_in.h"

void *array_grow(void *at, size_t count, size_t *cap, size_t item_bytes)
{
    if (count < *cap)
        return at;
    *cap = *cap == 0 ? 4 : *cap * 2;
    at = realloc(at, *cap * item_bytes);
    if (at == NULL)
        abort();
    return at;
}

bool ring_init(struct ring *r, size_t cap, int64_t head)
{
    *r = (struct ring){ .cap = cap, .first = head + 1, .next = head + 1 };
    r->slots = calloc(cap, sizeof *r->slots);
    return r->slots != NULL;
}

static void drop_first(struct ring *r)
{
    struct slot *slot = &r->slots[(size_t)r->first % r->cap];
    r->bytes -= slot->frame.len;
    free((char *)slot->frame.at);
    *slot = (struct slot){ 0 };
    r->first++;
}

void ring_done(struct ring *r)
{
    while (r->slots != NULL && r->first < r->next)
        drop_first(r);
    free(r->slots);
    r->slots = NULL;
}

void ring_put(struct ring *r, bz_id room, struct span take_frame)
{
    while (r->first < r->next && ((size_t)(r->next - r->first) >= r->cap || r->bytes + take_frame.len > RING_BYTES))
        drop_first(r);
    r->slots[(size_t)r->next % r->cap] = (struct slot){ room, take_frame };
    r->bytes += take_frame.len;
    r->next++;
}

const struct slot *ring_at(const struct ring *r, int64_t seq)
{
    return seq < r->first || seq >= r->next ? NULL : &r->slots[(size_t)seq % r->cap];
}
