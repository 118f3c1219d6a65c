/* admit.h: rate limits as token buckets, one per member and kind of call, over all of the member's connections.
 * A bucket is one number (GCRA): the time at which it will be full again. Members whose buckets are full are forgotten,
 * so the memory follows who is active. Loop thread only. */
#ifndef BZ_ENGINE_ADMIT_H
#define BZ_ENGINE_ADMIT_H
#include <stdbool.h>

#include "base/id.h"

/*    name     per second, burst */
#define BZ_ADMIT_BUCKETS(X) \
    X(WRITE,   10,  60)     \
    X(QUERY,   30,  120)    \
    X(SIGNAL,  2,   10)

enum admit_bucket {
#define BZ_ADMIT_E(name, rate, burst) ADMIT_##name,
    BZ_ADMIT_BUCKETS(BZ_ADMIT_E)
#undef BZ_ADMIT_E
    ADMIT_BUCKETS
};

/* One bucket by itself. now_ms may step back (a corrected clock): then it starts full again. */
struct bucket { int64_t full_us; };
bool bucket_take(struct bucket *b, int rate, int burst, int64_t now_ms, uint32_t *ret_retry_after_ms);

struct admit;
struct admit *admit_new(void);            /* NULL: memory is out */
void admit_free(struct admit *a);         /* NULL is fine */
/* false: not now; *ret_retry_after_ms says when. When memory is out: true. */
bool admit_take(struct admit *a, bz_id member, enum admit_bucket bucket, int64_t now_ms,
                uint32_t *ret_retry_after_ms);
size_t admit_members(const struct admit *a);   /* remembered now */
#endif
