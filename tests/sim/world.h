/* world.h: one hub's inside (engine, journal, readers, fan-out) with people whose lines break, all from one seed. */
#ifndef BZ_SIM_WORLD_H
#define BZ_SIM_WORLD_H
#include <stdint.h>

struct world;
struct world *world_new(uint64_t seed);
void world_free(struct world *w);
uint64_t world_random(struct world *w);
void world_step(struct world *w);      /* one random thing happens */
void world_settle(struct world *w);    /* faults end, everybody connects, retries and reads to the end */
void world_check(struct world *w);     /* fails the test with the seed when an invariant is broken */
#endif
