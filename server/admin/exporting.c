#include "admin/exporting.h"

#include <stdlib.h>

#include "work/export.h"

struct slot {
    struct exporting *ex;
    uv_work_t work;
    struct export_work make;
    int64_t bytes;             /* 0: it failed */
    struct bz_error error;
    bool is_busy;
};

struct exporting {
    struct exporting_config config;
    struct slot slots[EXPORTS_MAX];
    uv_timer_t wait;           /* only to be closed in the end: what is under way holds the rest */
    atomic_bool stop;
    bool is_due, is_asking;
    unsigned jobs;             /* under way */
};

static void go_on(struct exporting *ex);

static void on_closed(uv_handle_t *wait) { free(wait->data); }

static bool is_over(struct exporting *ex)
{
    bool is_stopping = atomic_load(&ex->stop);
    if (is_stopping && ex->jobs == 0 && !uv_is_closing((uv_handle_t *)&ex->wait))
        uv_close((uv_handle_t *)&ex->wait, on_closed);
    return is_stopping;
}

static void told(struct job *job)
{
    struct exporting *ex = job->owner;
    job_free(job);
    ex->jobs--;
    if (!is_over(ex))
        go_on(ex);
}

static void tell(struct exporting *ex, const struct slot *slot)
{
    struct bz_error e = { 0 };
    struct job *job = job_new(COMMAND_EXPORT_DONE);
    job->cmd.member = slot->make.due.member;
    job->cmd.seq = slot->bytes;
    job->done = told;
    job->owner = ex;
    ex->jobs++;
    if (writer_submit(ex->config.writer, job, &e) != BZ_OK)   /* it is made anew at the next start */
        told(job);
}

static void run_make(uv_work_t *work)
{
    struct slot *slot = work->data;
    if (export_make(&slot->make, &slot->bytes, &slot->error) != BZ_OK)
        slot->bytes = 0;
}

static void made(uv_work_t *work, int status)
{
    struct slot *slot = work->data;
    struct exporting *ex = slot->ex;
    (void)status;
    slot->is_busy = false;
    ex->jobs--;
    if (is_over(ex))
        return;
    if (slot->bytes == 0)
        log_line(ex->config.log, LOG_WARN, "export_failed", "reason", slot->error.text, NULL);
    ex->is_due = true;
    tell(ex, slot);
}

static void start(struct exporting *ex, const struct export_due *due)
{
    struct slot *slot = NULL;
    for (size_t i = 0; i < EXPORTS_MAX; i++) {
        if (ex->slots[i].is_busy && ex->slots[i].make.due.member == due->member)
            return;
        if (!ex->slots[i].is_busy)
            slot = &ex->slots[i];
    }
    if (slot == NULL)
        return;
    *slot = (struct slot){ .ex = ex, .is_busy = true,
                           .make = { .db = ex->config.db, .due = *due, .hub_name = ex->config.hub_name, .stop = &ex->stop } };
    slot->work.data = slot;
    ex->jobs++;
    ex->is_due = true;   /* there may be another */
    if (uv_queue_work(ex->config.loop, &slot->work, run_make, made) != 0)
        abort();   /* only for a missing function */
}

static bz_id busy_member(const struct exporting *ex)
{
    for (size_t i = 0; i < EXPORTS_MAX; i++)
        if (ex->slots[i].is_busy)
            return ex->slots[i].make.due.member;
    return 0;
}

static size_t busy_slots(const struct exporting *ex)
{
    size_t count = 0;
    for (size_t i = 0; i < EXPORTS_MAX; i++)
        count += ex->slots[i].is_busy;
    return count;
}

struct look { struct export_due due; bz_id but; };

static enum bz_err run_look(struct db *db, struct query *q, struct bz_error *e)
{
    struct look *look = q->args;
    return export_next(db, look->but, &look->due, e);
}

static void looked(struct query *q)
{
    struct exporting *ex = q->owner;
    struct export_due due = ((struct look *)q->args)->due;
    bool is_known = q->error.code == BZ_OK;
    query_free(q);
    ex->is_asking = false;
    ex->jobs--;
    if (is_over(ex))
        return;
    if (is_known && due.member != 0)
        start(ex, &due);
    go_on(ex);
}

static void go_on(struct exporting *ex)
{
    struct bz_error e = { 0 };
    if (!ex->is_due || ex->is_asking || busy_slots(ex) == EXPORTS_MAX)
        return;
    struct query *q = query_new();
    struct look *look = arena_alloc(&q->arena, sizeof *look);
    *look = (struct look){ .but = busy_member(ex) };
    q->args = look;
    q->run = run_look;
    q->done = looked;
    q->owner = ex;
    ex->is_due = false;
    if (readers_submit(ex->config.readers, q, &e) != BZ_OK) {
        query_free(q);
        ex->is_due = true;   /* the next commit tries again */
        return;
    }
    ex->is_asking = true;
    ex->jobs++;
}

void exporting_committed(struct exporting *ex, const struct commit *commit)
{
    if (ex == NULL)
        return;
    for (size_t i = 0; i < commit->personal_count && !ex->is_due; i++)
        ex->is_due = commit->personal[i].kind == COMMAND_EXPORT_BEGIN;
    go_on(ex);
}

enum bz_err exporting_start(const struct exporting_config *config, struct exporting **ret, struct bz_error *e)
{
    struct exporting *ex = calloc(1, sizeof *ex);
    if (ex == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    ex->config = *config;
    (void)uv_timer_init(config->loop, &ex->wait);
    ex->wait.data = ex;
    *ret = ex;
    ex->is_due = true;
    go_on(ex);
    return BZ_OK;
}

void exporting_stop(struct exporting *ex)
{
    if (ex == NULL)
        return;
    atomic_store(&ex->stop, true);
    (void)is_over(ex);
}
