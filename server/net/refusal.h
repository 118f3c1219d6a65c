/* refusal.h: one line in the log for each refusal, so that an operator sees why somebody could not get in; and no more
 * lines than anybody may cause. Private to net/. */
#ifndef BZ_NET_REFUSAL_H
#define BZ_NET_REFUSAL_H
#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

#define REFUSAL_LINES 10          /* a second; the others are counted */

struct refusals {
    unsigned lines;               /* in this second */
    uint64_t left_out;
};
struct refusal {
    const char *event, *reason;   /* ours: never anything that was received */
    int code;                     /* HTTP status or close code; 0: closed without a word */
    uint64_t connection;          /* its number since the start */
    uint64_t address;             /* as in struct conn; only its network is written */
};

/* At the level error for 500, else info. */
void refusal_log(struct refusals *r, struct log *log, const struct refusal *refusal);
void refusal_tick(struct refusals *r, struct log *log);   /* a second has passed: tells how many lines were left out */
void refusal_network(uint64_t address, char ret[32]);     /* "192.0.2.0/24", "2001:db8:1::/48" */
#endif
