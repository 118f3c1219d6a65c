/* Seeded runs of random commands, retries, crashes, disconnects, full lines, store faults and clock jumps against the
 * real engine, journal and fan-out: no acknowledged command is lost or doubled, seq has no gaps, every client gets
 * exactly what it may see, once and in order, and a rebuild ends in identical tables.
 * SIM_RUNS sets how many (default 1000), SIM_SEED replays one; SIM_PART=odd or even runs half of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domain/policy.h"
#include "fanout/fanout.h"
#include "sim/world.h"

/* The world is one daemon's inside, some people, and what each of them remembers. */
static void one_run(uint64_t seed)
{
    struct world *w = world_new(seed);
    int steps = 40 + (int)(world_random(w) % 40);
    for (int i = 0; i < steps; i++)
        world_step(w);
    world_settle(w);
    world_check(w);
    world_free(w);
}

static void seeded_runs_hold(void **state)
{
    const char *seed = getenv("SIM_SEED"), *runs = getenv("SIM_RUNS"), *part = getenv("SIM_PART");
    if (seed != NULL) {
        one_run(strtoull(seed, NULL, 10));
        return;
    }
    int count = runs == NULL ? 1000 : atoi(runs);
    int step = part == NULL ? 1 : 2, from = part != NULL && strcmp(part, "even") == 0 ? 2 : 1, done = 0;
    for (int i = from; i <= count; i += step, done++)
        one_run((uint64_t)i);
    print_message("%d seeds\n", done);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(seeded_runs_hold) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
