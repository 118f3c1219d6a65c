/* wheel.h: many coarse timers for the price of one: a ring of lists, one list a second. Adding and taking out are
 * constant time, which the library's sorted list is not. Loop thread only. */
#ifndef BZ_NET_WHEEL_H
#define BZ_NET_WHEEL_H
#include <stdbool.h>
#include <stdint.h>

#define WHEEL_SLOTS 64        /* no timer is longer than this many seconds */

struct wheel_timer {
    struct wheel_timer *next, *prev;   /* NULL: not set */
};
struct wheel {
    struct wheel_timer slot[WHEEL_SLOTS];
    unsigned now;
};

void wheel_init(struct wheel *w);
void wheel_set(struct wheel *w, struct wheel_timer *t, unsigned seconds);   /* moves it when it was set */
void wheel_unset(struct wheel_timer *t);
/* One second has passed. fire may set, unset or free any timer. */
void wheel_tick(struct wheel *w, void (*fire)(struct wheel_timer *t));
#endif
