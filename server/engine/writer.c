#include "engine/writer.h"

#include <stdlib.h>

#include "base/limits.h"

struct errand {   /* a function to run on the writer thread between two commits */
    struct errand *next;
    void (*fn)(struct engine *en, void *ctx);
    void (*done)(void *ctx);
    void *ctx;
};

/* What one group brought back: delivered in the order of commits. */
struct group {
    struct group *next;
    struct commit *commit;
    struct job *jobs;          /* in the order they came */
    struct errand *errand;
};

struct writer {
    struct engine *en;
    struct stats *stats;
    struct writer_hooks hooks;
    uv_async_t wake;           /* groups wait for the loop */
    uv_thread_t thread;
    uv_mutex_t lock;           /* guards all below */
    uv_cond_t work;
    struct job *first, **last;
    size_t jobs;
    size_t bytes;
    struct errand *errands;
    struct group *groups, **groups_last;
    bool is_stopping;
};

/* Takes the next group's jobs; an errand waits for a moment of its own. Called with the lock held. */
static size_t take(struct writer *w, struct job *batch[COMMIT_JOBS])
{
    size_t count = 0;
    while (count < COMMIT_JOBS && w->first != NULL) {
        struct job *job = w->first;
        w->first = job->next;
        job->next = NULL;
        w->bytes -= job->arena.bytes;
        batch[count++] = job;
    }
    if (w->first == NULL)
        w->last = &w->first;
    w->jobs -= count;
    atomic_store_explicit(&w->stats->inbox, (int64_t)w->jobs, memory_order_relaxed);
    return count;
}

static void hand_back(struct writer *w, struct group *group)
{
    uv_mutex_lock(&w->lock);
    *w->groups_last = group;
    w->groups_last = &group->next;
    uv_mutex_unlock(&w->lock);
    (void)uv_async_send(&w->wake);
}

static struct group *group_new(void)
{
    struct group *group = calloc(1, sizeof *group);
    if (group == NULL)
        abort();
    return group;
}

static void commit_group(struct writer *w, struct job **batch, size_t count)
{
    struct group *group = group_new();
    engine_commit(w->en, batch, count, &group->commit);
    struct job **last = &group->jobs;
    for (size_t i = 0; i < count; i++) {
        *last = batch[i];
        last = &batch[i]->next;
    }
    hand_back(w, group);
}

static void writer_main(void *arg)
{
    struct writer *w = arg;
    struct job *batch[COMMIT_JOBS];
    bool has_tending = true;
    for (;;) {
        uv_mutex_lock(&w->lock);
        while (w->first == NULL && w->errands == NULL && !w->is_stopping && !has_tending)
            uv_cond_wait(&w->work, &w->lock);
        bool is_idle = w->first == NULL && w->errands == NULL && !w->is_stopping;
        struct errand *errand = w->errands;
        if (errand != NULL)
            w->errands = errand->next;
        size_t count = errand == NULL ? take(w, batch) : 0;
        uv_mutex_unlock(&w->lock);
        if (errand != NULL) {
            struct group *group = group_new();
            errand->fn(w->en, errand->ctx);
            group->errand = errand;
            hand_back(w, group);
            has_tending = true;
        } else if (count > 0) {
            commit_group(w, batch, count);
            has_tending = true;
        } else if (is_idle) {
            has_tending = engine_tend(w->en);
        } else {
            return;   /* stopping, and nothing waits */
        }
    }
}

static void finish_job(struct job *job)
{
    if (job->done != NULL)
        job->done(job);
    else
        job_free(job);
}

static void deliver(uv_async_t *wake)
{
    struct writer *w = wake->data;
    uv_mutex_lock(&w->lock);
    struct group *group = w->groups;
    w->groups = NULL;
    w->groups_last = &w->groups;
    uv_mutex_unlock(&w->lock);
    for (struct group *next; group != NULL; group = next) {
        next = group->next;
        if (group->commit != NULL)
            w->hooks.committed(w->hooks.ctx, group->commit);
        for (struct job *job = group->jobs, *after; job != NULL; job = after) {
            after = job->next;
            finish_job(job);
        }
        if (group->errand != NULL)
            group->errand->done(group->errand->ctx);
        commit_free(group->commit);
        free(group->errand);
        free(group);
    }
}

static void wake_closed(uv_handle_t *handle)
{
    struct writer *w = handle->data;
    uv_mutex_destroy(&w->lock);
    uv_cond_destroy(&w->work);
    free(w);
}

enum bz_err writer_start(struct engine *en, uv_loop_t *loop, struct stats *stats, struct writer_hooks hooks,
                         struct writer **ret, struct bz_error *e)
{
    struct writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    w->en = en;
    w->stats = stats;
    w->hooks = hooks;
    w->last = &w->first;
    w->groups_last = &w->groups;
    w->wake.data = w;
    if (uv_mutex_init(&w->lock) != 0 || uv_cond_init(&w->work) != 0 || uv_async_init(loop, &w->wake, deliver) != 0)
        abort();   /* only without memory, at start */
    if (uv_thread_create(&w->thread, writer_main, w) != 0) {
        uv_close((uv_handle_t *)&w->wake, wake_closed);   /* else the loop would wait for it for ever */
        return bz_fail(e, BZ_ERR_STORE, "cannot start the writer thread: raise the limit of processes");
    }
    *ret = w;
    return BZ_OK;
}

enum bz_err writer_submit(struct writer *w, struct job *take_job, struct bz_error *e)
{
    uv_mutex_lock(&w->lock);
    bool is_full = w->jobs >= INBOX_JOBS || w->bytes + take_job->arena.bytes > INBOX_BYTES || w->is_stopping;
    if (!is_full) {
        take_job->next = NULL;
        *w->last = take_job;
        w->last = &take_job->next;
        w->jobs++;
        w->bytes += take_job->arena.bytes;
        atomic_store_explicit(&w->stats->inbox, (int64_t)w->jobs, memory_order_relaxed);
        uv_cond_signal(&w->work);
    }
    uv_mutex_unlock(&w->lock);
    if (!is_full)
        return BZ_OK;
    bz_fail(e, BZ_ERR_BUSY, "the hub is busy; nothing was stored, send it again in a moment");
    e->retry_after_ms = 500;
    return BZ_ERR_BUSY;
}

enum bz_err writer_run(struct writer *w, void (*fn)(struct engine *en, void *ctx), void (*done)(void *ctx), void *ctx)
{
    struct errand *errand = calloc(1, sizeof *errand);
    if (errand == NULL)
        return BZ_ERR_BUSY;
    *errand = (struct errand){ .fn = fn, .done = done, .ctx = ctx };
    uv_mutex_lock(&w->lock);
    struct errand **last = &w->errands;
    while (*last != NULL)
        last = &(*last)->next;
    *last = errand;
    uv_cond_signal(&w->work);
    uv_mutex_unlock(&w->lock);
    return BZ_OK;
}

void writer_stop(struct writer *w)
{
    if (w == NULL)
        return;
    uv_mutex_lock(&w->lock);
    w->is_stopping = true;
    uv_cond_signal(&w->work);
    uv_mutex_unlock(&w->lock);
    (void)uv_thread_join(&w->thread);
    deliver(&w->wake);
    uv_close((uv_handle_t *)&w->wake, wake_closed);
}
