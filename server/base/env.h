/* env.h: the only clock, random and fault source in the program. */
#ifndef BZ_BASE_ENV_H
#define BZ_BASE_ENV_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct env {
    int64_t (*now_ms)(void *ctx);                         /* wall clock, milliseconds since 1970 UTC */
    void (*random)(void *ctx, void *ret, size_t bytes);
    bool (*fault)(void *ctx, const char *site);           /* production: always false */
    void *ctx;
};

/* The real world: system clock, libsodium's random, no faults. Thread-safe. Fault sites can be armed for tests
 * of the whole binary by BARAZA_FAULT="site:n" (fails the n-th call), only when built with BZ_FAULTS. */
extern const struct env env_real;

static inline bool fails(const struct env *env, const char *site) { return env->fault(env->ctx, site); }
#endif
