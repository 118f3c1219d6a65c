/* signin.h: how often one address may try to sign in. A code is spent with the writer, so guesses
 * cost everyone; each carrier asks here before it passes a message on. Pure: no clock. */
#ifndef BZ_NET_SIGNIN_H
#define BZ_NET_SIGNIN_H
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define SIGNIN_SLOTS 1024
#define SIGNIN_CALLS 60          /* of one address in a minute: an office, or a training, has one together */
#define SIGNIN_CALLS_NEAR 600    /* of this machine: a proxy on it speaks for everyone */

struct signin {
    struct { int64_t minute; unsigned used; } slot[SIGNIN_SLOTS];
};

/* How many strings of this JSON text are methods by which strangers come in, however they are escaped: a batch is as many tries as
 * it has calls. A text that is not JSON may be told either way: it is refused before it can sign anyone in. */
unsigned signin_asked(struct span json);
/* Takes one try. Addresses that share a slot share its tries, so that no two can refill each other's.
 * minute: goes up by one a minute, never 0. most: tries a minute. False: too many. */
bool signin_take(struct signin *s, uint64_t address, int64_t minute, unsigned calls, unsigned most);
#endif
