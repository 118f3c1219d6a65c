#include "admin/erasing.h"

#include <stdlib.h>

#include "store/erase.h"

#define WAIT_MS 250        /* until indexes were merged and files are gone, or the hub is less busy */

struct erasing {
    struct erasing_config config;
    uv_timer_t wait;
    bool is_due, is_stopping;
    unsigned jobs;             /* under way */
};

static void go_on(struct erasing *er);

static void on_closed(uv_handle_t *wait) { free(wait->data); }

/* true: it is over, and nothing more is to be done here. */
static bool is_over(struct erasing *er)
{
    if (er->is_stopping && er->jobs == 0 && !uv_is_closing((uv_handle_t *)&er->wait))
        uv_close((uv_handle_t *)&er->wait, on_closed);
    return er->is_stopping;
}

static void on_wait(uv_timer_t *wait) { go_on(wait->data); }

static void later(struct erasing *er)
{
    er->is_due = true;
    (void)uv_timer_start(&er->wait, on_wait, WAIT_MS, 0);
}

static void stepped(struct job *job)
{
    struct erasing *er = job->owner;
    bool has_done = job->outcome.error.code == BZ_OK && job->outcome.id != 0;
    job_free(job);
    er->jobs--;
    if (is_over(er))
        return;
    er->is_due = true;
    if (has_done)
        go_on(er);
    else
        later(er);
}

static void step(struct erasing *er, bz_id member)
{
    struct bz_error e = { 0 };
    struct job *job = job_new(COMMAND_ERASE_STEP);
    job->cmd.member = member;
    job->done = stepped;
    job->owner = er;
    if (writer_submit(er->config.writer, job, &e) == BZ_OK) {
        er->jobs++;
        return;
    }
    job_free(job);
    later(er);
}

static enum bz_err run_next(struct db *db, struct query *q, struct bz_error *e) { return erase_next(db, q->args, e); }

static void found(struct query *q)
{
    struct erasing *er = q->owner;
    bz_id member = *(bz_id *)q->args;
    bool is_known = q->error.code == BZ_OK;
    query_free(q);
    er->jobs--;
    if (is_over(er))
        return;
    if (!is_known)
        later(er);
    else if (member != 0)
        step(er, member);
}

static void go_on(struct erasing *er)
{
    struct bz_error e = { 0 };
    if (!er->is_due || er->jobs > 0 || er->is_stopping)
        return;
    struct query *q = query_new();
    q->args = arena_alloc(&q->arena, sizeof(bz_id));
    *(bz_id *)q->args = 0;
    q->run = run_next;
    q->done = found;
    q->owner = er;
    er->is_due = false;
    er->jobs++;
    if (readers_submit(er->config.readers, q, &e) == BZ_OK)
        return;
    query_free(q);
    er->jobs--;
    later(er);
}

void erasing_committed(struct erasing *er, const struct commit *commit)
{
    for (size_t i = 0; er != NULL && i < commit->count && !er->is_due; i++)
        er->is_due = commit->entries[i].kind == ENTRY_MEMBER_ERASE;
    if (er != NULL)
        go_on(er);
}

enum bz_err erasing_start(const struct erasing_config *config, struct erasing **ret, struct bz_error *e)
{
    struct erasing *er = calloc(1, sizeof *er);
    if (er == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    er->config = *config;
    (void)uv_timer_init(config->loop, &er->wait);
    er->wait.data = er;
    *ret = er;
    later(er);
    return BZ_OK;
}

void erasing_stop(struct erasing *er)
{
    if (er == NULL)
        return;
    er->is_stopping = true;
    (void)uv_timer_stop(&er->wait);
    (void)is_over(er);
}
