#include "engine/readers.h"

#include <stdlib.h>

#include "base/limits.h"

struct reader {
    struct readers *pool;
    uv_thread_t thread;
    struct db *db;             /* opened by the starter, then touched by this thread alone */
    bool is_running;
};

struct readers {
    struct stats *stats;
    uv_async_t wake;
    int threads;
    uv_mutex_t lock;           /* guards all below */
    uv_cond_t work;
    struct query *first, **last;
    size_t waiting;
    struct query *answered, **answered_last;
    bool is_stopping;
    struct reader reader[];
};

struct query *query_new(void)
{
    struct query *q = calloc(1, sizeof *q);
    if (q == NULL)
        abort();
    arena_init(&q->arena);
    buf_init(&q->out, ANSWER_BYTES);
    return q;
}

void query_free(struct query *q)
{
    if (q == NULL)
        return;
    arena_done(&q->arena);
    buf_done(&q->out);
    free(q);
}

static void run(struct readers *r, struct db *db, struct query *q)
{
    struct bz_error e = { 0 };
    enum bz_err rc = db_begin(db, &e);
    if (rc == BZ_OK) {
        db_deadline(db, QUERY_DEADLINE_MS);
        db_within(db, q->within);
        rc = q->run(db, q, &e);
        db_within(db, NULL);
        db_deadline(db, 0);
        db_rollback(db);
    }
    if (rc == BZ_OK && q->out.failed)
        rc = bz_fail(&e, BZ_ERR_TOO_LARGE, "the answer is too large: ask for fewer items");
    e.code = rc;   /* also where something failed that the query went on without */
    q->error = e;
    stat_add(&r->stats->queries, 1);
    if (rc == BZ_ERR_DEADLINE)
        stat_add(&r->stats->query_deadline, 1);
}

static void reader_main(void *arg)
{
    struct reader *self = arg;
    struct readers *r = self->pool;
    for (;;) {
        uv_mutex_lock(&r->lock);
        while (r->first == NULL && !r->is_stopping)
            uv_cond_wait(&r->work, &r->lock);
        struct query *q = r->first;
        if (q != NULL) {
            r->first = q->next;
            r->waiting--;
            if (r->first == NULL)
                r->last = &r->first;
        }
        uv_mutex_unlock(&r->lock);
        if (q == NULL)
            return;
        q->next = NULL;
        run(r, self->db, q);
        uv_mutex_lock(&r->lock);
        *r->answered_last = q;
        r->answered_last = &q->next;
        uv_mutex_unlock(&r->lock);
        (void)uv_async_send(&r->wake);
    }
}

static void deliver(uv_async_t *wake)
{
    struct readers *r = wake->data;
    uv_mutex_lock(&r->lock);
    struct query *q = r->answered;
    r->answered = NULL;
    r->answered_last = &r->answered;
    uv_mutex_unlock(&r->lock);
    for (struct query *next; q != NULL; q = next) {
        next = q->next;
        q->done(q);
    }
}

enum bz_err readers_start(const struct db_config *config, uv_loop_t *loop, struct stats *stats, int threads,
                          struct readers **ret, struct bz_error *e)
{
    struct readers *r = calloc(1, sizeof *r + (size_t)threads * sizeof r->reader[0]);
    if (r == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    r->stats = stats;
    r->threads = threads;
    r->last = &r->first;
    r->answered_last = &r->answered;
    r->wake.data = r;
    if (uv_mutex_init(&r->lock) != 0 || uv_cond_init(&r->work) != 0 || uv_async_init(loop, &r->wake, deliver) != 0)
        abort();   /* only without memory, at start */
    for (int i = 0; i < threads; i++) {
        struct reader *self = &r->reader[i];
        self->pool = r;
        enum bz_err rc = db_open(config, DB_READ, false, &self->db, e);
        if (rc == BZ_OK && uv_thread_create(&self->thread, reader_main, self) != 0)
            rc = bz_fail(e, BZ_ERR_STORE, "cannot start a reader thread: raise the limit of processes");
        if (rc != BZ_OK) {
            readers_stop(r);
            return rc;
        }
        self->is_running = true;
    }
    *ret = r;
    return BZ_OK;
}

enum bz_err readers_submit(struct readers *r, struct query *take_q, struct bz_error *e)
{
    uv_mutex_lock(&r->lock);
    bool is_full = r->waiting >= READER_JOBS || r->is_stopping;
    if (!is_full) {
        take_q->next = NULL;
        *r->last = take_q;
        r->last = &take_q->next;
        r->waiting++;
        uv_cond_signal(&r->work);
    }
    uv_mutex_unlock(&r->lock);
    if (!is_full)
        return BZ_OK;
    bz_fail(e, BZ_ERR_BUSY, "the hub is busy with other questions; ask again in a moment");
    e->retry_after_ms = 500;
    return BZ_ERR_BUSY;
}

static void wake_closed(uv_handle_t *handle)
{
    struct readers *r = handle->data;
    uv_mutex_destroy(&r->lock);
    uv_cond_destroy(&r->work);
    free(r);
}

void readers_stop(struct readers *r)
{
    if (r == NULL)
        return;
    uv_mutex_lock(&r->lock);
    r->is_stopping = true;
    uv_cond_broadcast(&r->work);
    uv_mutex_unlock(&r->lock);
    for (int i = 0; i < r->threads; i++) {
        if (r->reader[i].is_running)
            (void)uv_thread_join(&r->reader[i].thread);
        db_close(r->reader[i].db);
    }
    deliver(&r->wake);
    uv_close((uv_handle_t *)&r->wake, wake_closed);
}
