#include "engine/engine.h"

#include <stdlib.h>

#include "store/erase.h"
#include "store/leavers.h"

#define STEP_ENTRIES 1000   /* nobody waits */

static enum bz_err run(struct engine *en, struct job *take_job, bz_id *ret_id, struct bz_error *e)
{
    struct commit *commit;
    engine_commit(en, &take_job, 1, &commit);
    *e = take_job->outcome.error;
    *ret_id = take_job->outcome.id;
    commit_free(commit);
    job_free(take_job);
    return e->code;
}

static enum bz_err meet(struct engine *en, const struct leaver *leaver, bool *ret_is_here, struct bz_error *e)
{
    enum bz_err rc = db_begin(engine_db(en), e);
    if (rc != BZ_OK)
        return rc;
    rc = leavers_meet(engine_db(en), leaver, ret_is_here, e);
    if (rc == BZ_OK)
        return db_commit(engine_db(en), e);
    db_rollback(engine_db(en));
    return rc;
}

static enum bz_err next(struct engine *en, bz_id *ret, struct bz_error *e)
{
    enum bz_err rc = db_begin(engine_db(en), e);
    if (rc != BZ_OK)
        return rc;
    rc = erase_next(engine_db(en), ret, e);
    db_rollback(engine_db(en));
    return rc;
}

/* Until nothing is left of anybody. */
static enum bz_err forget_all(struct engine *en, struct bz_error *e)
{
    bz_id member, id;
    enum bz_err rc;
    while ((rc = next(en, &member, e)) == BZ_OK && member != 0) {
        struct job *job = job_new(COMMAND_ERASE_STEP);
        job->cmd.member = member;
        job->cmd.uses = STEP_ENTRIES;
        if ((rc = run(en, job, &id, e)) != BZ_OK)
            return rc;
        while (engine_tend(en))
            continue;
    }
    return rc;
}

static enum bz_err leave(struct engine *en, const struct leaver *list, size_t count, size_t *ret, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; i < count && rc == BZ_OK; i++) {
        bool is_here;
        bz_id id;
        rc = meet(en, &list[i], &is_here, e);
        if (rc != BZ_OK || !is_here)
            continue;
        struct job *job = job_new(COMMAND_MEMBER_ERASE);
        job->cmd.member = list[i].member;
        job->cmd.on = list[i].keeps;
        job->cmd.uses = 1;
        if ((rc = run(en, job, &id, e)) == BZ_OK)
            ++*ret;
    }
    return rc;
}

enum bz_err engine_leave_again(struct engine *en, const char *path, bool any_key, size_t *ret, struct bz_error *e)
{
    struct leaver *list = NULL;
    size_t count = 0;
    *ret = 0;
    enum bz_err rc = leavers_read(engine_db(en), path, any_key ? NULL : engine_key(en), &list, &count, e);
    if (rc == BZ_OK)
        rc = leave(en, list, count, ret, e);
    if (rc == BZ_OK && *ret > 0)
        rc = forget_all(en, e);
    free(list);
    return rc;
}
