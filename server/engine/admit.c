#include "engine/admit.h"

#include <stdlib.h>

#define SLOTS_MIN 64           /* power of two; the table doubles when it is half full of active members */

struct slot { bz_id member; struct bucket bucket[ADMIT_BUCKETS]; };   /* member 0: free */
struct admit { size_t slots_count, used; struct slot *slots; };

static const struct { int rate, burst; } specs[ADMIT_BUCKETS] = {
#define BZ_ADMIT_SPEC(name, rate, burst) [ADMIT_##name] = { rate, burst },
    BZ_ADMIT_BUCKETS(BZ_ADMIT_SPEC)
#undef BZ_ADMIT_SPEC
};

bool bucket_take(struct bucket *b, int rate, int burst, int64_t now_ms, uint32_t *ret_retry_after_ms)
{
    const int64_t now_us = now_ms * 1000, one_us = 1000000 / rate, all_us = one_us * burst;

    if (b->full_us < now_us || b->full_us > now_us + all_us)
        b->full_us = now_us;
    int64_t wait_us = b->full_us + one_us - (now_us + all_us);
    if (wait_us > 0) {
        *ret_retry_after_ms = (uint32_t)((wait_us + 999) / 1000);
        return false;
    }
    b->full_us += one_us;
    return true;
}

struct admit *admit_new(void)
{
    struct admit *a = calloc(1, sizeof *a);

    if (a == NULL)
        return NULL;
    a->slots_count = SLOTS_MIN;
    a->slots = calloc(a->slots_count, sizeof *a->slots);
    if (a->slots == NULL) {
        free(a);
        return NULL;
    }
    return a;
}

void admit_free(struct admit *a)
{
    if (a == NULL)
        return;
    free(a->slots);
    free(a);
}

/* The member's slot, or the free one where it belongs. There is always a free one. */
static struct slot *find(struct slot *slots, size_t count, bz_id member)
{
    size_t at = (size_t)((uint64_t)member * 0x9E3779B97F4A7C15u >> 32) & (count - 1);

    while (slots[at].member != 0 && slots[at].member != member)
        at = (at + 1) & (count - 1);
    return &slots[at];
}

static bool is_idle(const struct slot *s, int64_t now_ms)
{
    for (int i = 0; i < ADMIT_BUCKETS; i++)
        if (s->bucket[i].full_us > now_ms * 1000)
            return false;
    return true;
}

/* Moves who is active into a new table, larger only when they would fill a quarter of this one. */
static bool renew(struct admit *a, int64_t now_ms)
{
    size_t active = 0, count = SLOTS_MIN;

    for (size_t i = 0; i < a->slots_count; i++)
        active += a->slots[i].member != 0 && !is_idle(&a->slots[i], now_ms);
    while (count < active * 4)
        count *= 2;
    struct slot *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < a->slots_count; i++)
        if (a->slots[i].member != 0 && !is_idle(&a->slots[i], now_ms))
            *find(slots, count, a->slots[i].member) = a->slots[i];
    free(a->slots);
    *a = (struct admit){ count, active, slots };
    return true;
}

bool admit_take(struct admit *a, bz_id member, enum admit_bucket bucket, int64_t now_ms,
                uint32_t *ret_retry_after_ms)
{
    struct slot *s = find(a->slots, a->slots_count, member);

    if (s->member == 0) {
        if (a->used * 2 >= a->slots_count) {
            if (!renew(a, now_ms))
                return true;
            s = find(a->slots, a->slots_count, member);
        }
        *s = (struct slot){ .member = member };
        a->used++;
    }
    return bucket_take(&s->bucket[bucket], specs[bucket].rate, specs[bucket].burst, now_ms, ret_retry_after_ms);
}

size_t admit_members(const struct admit *a)
{
    return a->used;
}
