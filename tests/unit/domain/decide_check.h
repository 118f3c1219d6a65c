/* decide_check.h: runs one command through decide() and keeps what came of it. */
#ifndef BZ_TESTS_DECIDE_CHECK_H
#define BZ_TESTS_DECIDE_CHECK_H
#include "domain_check.h"

static struct arena arena;
static struct decision decision;
static struct bz_error error;

static enum bz_err run(const struct facts *f, const struct command *cmd)
{
    decision = (struct decision){ 0 };
    error = (struct bz_error){ 0 };
    return decide(f, cmd, &arena, &decision, &error);
}

static int done(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}
#endif
