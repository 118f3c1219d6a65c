#include "base/env.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t real_now_ms(void *ctx)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void real_random(void *ctx, void *ret, size_t bytes) { randombytes_buf(ret, bytes); }

static bool real_fault(void *ctx, const char *site)
{
#ifdef BZ_FAULTS
    static _Atomic long calls;
    const char *armed = getenv("BARAZA_FAULT");   /* "store.commit.before:3" fails the third call, ":3+" it and all later */
    size_t len = strlen(site);
    if (armed == NULL || strncmp(armed, site, len) != 0 || armed[len] != ':')
        return false;
    char *end;
    long n = strtol(armed + len + 1, &end, 10);
    long call = atomic_fetch_add(&calls, 1) + 1;
    return call == n || (*end == '+' && call > n);
#else
    return false;
#endif
}

const struct env env_real = { real_now_ms, real_random, real_fault, NULL };
