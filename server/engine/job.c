#include <stdlib.h>

#include "engine/engine.h"

struct job *job_new(enum command_kind kind)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL)
        abort();
    arena_init(&job->arena);
    job->cmd.kind = kind;
    return job;
}

void job_free(struct job *job)
{
    if (job == NULL)
        return;
    arena_done(&job->arena);
    free(job);
}

void commit_free(struct commit *c)
{
    if (c == NULL)
        return;
    arena_done(&c->arena);
    free(c->personal);
    free(c->entries);
    free(c);
}
