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

void ring_put(struct ring *r, const struct slot *take_slot)
{
    size_t len = take_slot->frame.len;
    while (r->first < r->next && ((size_t)(r->next - r->first) >= r->cap || r->bytes + len > RING_BYTES))
        drop_first(r);
    r->slots[(size_t)r->next % r->cap] = *take_slot;
    r->bytes += len;
    r->next++;
}

static void erase(struct ring *r, struct slot *slot)
{
    struct span text = frame_text(slot->frame);
    struct span erased = frame_erased((struct span){ text.at, slot->head_len });
    r->bytes = r->bytes - slot->frame.len + erased.len;
    free((char *)slot->frame.at);
    slot->frame = erased;
    slot->post = slot->thread = slot->other = slot->by = 0;
}

void ring_erase(struct ring *r, bz_id post)
{
    for (int64_t seq = r->first; seq < r->next; seq++)
        if (r->slots[(size_t)seq % r->cap].post == post)
            erase(r, &r->slots[(size_t)seq % r->cap]);
}

void ring_erase_by(struct ring *r, bz_id member, bool profile_only)
{
    for (int64_t seq = r->first; seq < r->next; seq++) {
        struct slot *slot = &r->slots[(size_t)seq % r->cap];
        if (slot->by == member && (slot->is_profile || !profile_only))
            erase(r, slot);
    }
}

void ring_moved(struct ring *r, bz_id from, bz_id to)
{
    for (int64_t seq = r->first; seq < r->next; seq++) {
        struct slot *slot = &r->slots[(size_t)seq % r->cap];
        if (slot->thread != from && slot->other != from)
            continue;
        if (slot->other == 0 || slot->other == to)
            slot->other = to;
        else
            erase(r, slot);   /* moved twice while it is held: seldom, and what is lost is asked for anyway */
    }
}

void ring_erase_moved(struct ring *r, bz_id thread, bz_id room, bool reports_only)
{
    for (int64_t seq = r->first; seq < r->next; seq++) {
        struct slot *slot = &r->slots[(size_t)seq % r->cap];
        if ((slot->thread == thread || slot->other == thread) && slot->room != room && slot->room != -room
            && (slot->room < 0 || !reports_only))
            erase(r, slot);
    }
}

const struct slot *ring_at(const struct ring *r, int64_t seq)
{
    return seq < r->first || seq >= r->next ? NULL : &r->slots[(size_t)seq % r->cap];
}
