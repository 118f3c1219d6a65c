#include "work/look.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "work/record.h"

#define LOG_PAUSE_MS 60000   /* hostile files come in heaps: one line a minute tells it */

struct task {
    struct look_pool *pool;
    struct task *next;
    int fd;
    look_done *done;
    void *ctx;
    uv_process_t process;
    uv_pipe_t pipe;
    uv_timer_t timer;
    struct buf got;
    const char *trouble;       /* why there will be no answer, or NULL */
    int handles;               /* not closed yet */
    bool has_process;
    bool is_read, is_ended;    /* the pipe is at its end; the process is gone */
};

struct look_pool {
    struct look_config config;
    struct task *waiting, **last;
    struct task *running[LOOK_WORKERS];
    unsigned waiting_count, running_count, untold;
    uint64_t told_ms;
    bool is_stopping;
};

static void start_next(struct look_pool *pool);

enum bz_err look_pool_new(const struct look_config *config, struct look_pool **ret, struct bz_error *e)
{
    struct look_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    pool->config = *config;
    pool->last = &pool->waiting;
    *ret = pool;
    return BZ_OK;
}

static void tell(struct look_pool *pool, const char *trouble)
{
    uint64_t now = uv_now(pool->config.loop);
    pool->untold++;
    if (pool->told_ms != 0 && now - pool->told_ms < LOG_PAUSE_MS)
        return;
    char count[16];
    (void)snprintf(count, sizeof count, "%u", pool->untold);
    log_line(pool->config.log, LOG_WARN, "file_not_looked_into", "reason", trouble, "files", count, NULL);
    pool->told_ms = now;
    pool->untold = 0;
}

/* Out of the pool: its place is free, though its handles may still be closing. */
static void leave(struct task *t)
{
    struct look_pool *pool = t->pool;
    for (unsigned i = 0; i < LOOK_WORKERS; i++)
        if (pool->running[i] == t)
            pool->running[i] = NULL;
}

static void closed(uv_handle_t *handle)
{
    struct task *t = handle->data;
    struct look_pool *pool = t->pool;
    if (--t->handles > 0)
        return;
    buf_done(&t->got);
    free(t);
    pool->running_count--;
    if (!pool->is_stopping)
        start_next(pool);
    else if (pool->running_count == 0)
        free(pool);
}

static void answer(struct task *t)
{
    struct look look = look_plain;
    if (t->trouble == NULL && !record_read(buf_span(&t->got), &look))
        t->trouble = "the worker's answer is not in order";
    if (t->trouble != NULL)
        tell(t->pool, t->trouble);
    look_done *done = t->done;
    t->done = NULL;   /* it may stop the pool */
    done(t->ctx, t->trouble == NULL ? &look : &look_plain);
}

static void end_when_over(struct task *t)
{
    if (!t->is_read || !t->is_ended)
        return;
    if (t->done != NULL)
        answer(t);
    leave(t);
    uv_close((uv_handle_t *)&t->timer, closed);
    uv_close((uv_handle_t *)&t->pipe, closed);
    if (t->has_process)
        uv_close((uv_handle_t *)&t->process, closed);
}

static void trouble(struct task *t, const char *what)
{
    if (t->trouble == NULL)
        t->trouble = what;
    if (!t->is_ended)
        (void)uv_process_kill(&t->process, SIGKILL);
}

static void exited(uv_process_t *process, int64_t status, int signal)
{
    struct task *t = process->data;
    t->is_ended = true;
    if (signal != 0)
        trouble(t, signal == SIGSYS ? "the worker did what it may not" : "the worker was ended by a signal");
    else if (status != 0)
        trouble(t, "the worker gave up");
    end_when_over(t);
}

static void make_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct task *t = handle->data;
    *ret = uv_buf_init(buf_reserve(&t->got, 1), 1);
    if (ret->base != NULL)
        ret->len = t->got.cap - t->got.len;
}

static void got_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct task *t = stream->data;
    if (n > 0) {
        t->got.len += (size_t)n;
    } else if (n < 0) {
        if (n != UV_EOF)
            trouble(t, "the worker's answer is too long");
        (void)uv_read_stop(stream);
        t->is_read = true;
        end_when_over(t);
    }
}

static void at_deadline(uv_timer_t *timer)
{
    struct task *t = timer->data;
    if (t->fd < 0) {
        trouble(t, "the worker took too long");
        return;
    }
    close(t->fd);   /* it never began: what look_start could not say without calling back from within */
    t->fd = -1;
    t->is_read = t->is_ended = true;
    end_when_over(t);
}

/* Tests make a worker misbehave through the one seam for faults. */
static const char *misdeed(const struct env *env)
{
#ifdef BZ_FAULTS
    static const char *const sites[] = { "look.worker.open", "look.worker.socket", "look.worker.exec", "look.worker.fork",
                                         "look.worker.ptrace", "look.worker.hang", "look.worker.crash", "look.worker.garbage",
                                         "look.worker.flood", "look.worker.memory", "look.worker.code",
                                         "look.worker.inherited" };
    for (size_t i = 0; i < sizeof sites / sizeof sites[0]; i++)
        if (fails(env, sites[i]))
            return sites[i] + sizeof "look.worker." - 1;
#endif
    return NULL;
}

static int spawn(struct task *t, const uv_file ends[2])
{
    const char *what = misdeed(t->pool->config.env);
    char *args[] = { "baraza", LOOK_WORKER, (char *)(uintptr_t)what, NULL };
    char *nothing[] = { NULL };
    uv_stdio_container_t io[4] = { { .flags = UV_IGNORE },
                                   { .flags = UV_INHERIT_FD, .data.fd = ends[1] },
                                   { .flags = UV_IGNORE },
                                   { .flags = UV_INHERIT_FD, .data.fd = t->fd } };
    uv_process_options_t options = { .exit_cb = exited, .file = "/proc/self/exe", .args = args, .env = nothing,
                                     .stdio_count = 4, .stdio = io };
    if (fails(t->pool->config.env, "look.spawn"))
        return UV_EAGAIN;
    t->has_process = true;   /* a handle that must be closed, even when it fails */
    t->handles++;
    return uv_spawn(t->pool->config.loop, &t->process, &options);
}

static void begin(struct task *t)
{
    uv_loop_t *loop = t->pool->config.loop;
    uv_file ends[2];
    (void)uv_timer_init(loop, &t->timer);
    (void)uv_pipe_init(loop, &t->pipe, 0);
    t->handles = 2;
    t->timer.data = t->pipe.data = t->process.data = t;
    int rc = uv_pipe(ends, UV_NONBLOCK_PIPE, 0);
    bool has_pipe = rc == 0;
    if (has_pipe && (rc = uv_pipe_open(&t->pipe, ends[0])) != 0)
        close(ends[0]);
    if (rc == 0)
        rc = spawn(t, ends);
    if (has_pipe)
        close(ends[1]);
    if (rc != 0) {
        t->trouble = "no worker could be started";
        (void)uv_timer_start(&t->timer, at_deadline, 0, 0);
        return;
    }
    close(t->fd);
    t->fd = -1;
    (void)uv_read_start((uv_stream_t *)&t->pipe, make_room, got_bytes);
    (void)uv_timer_start(&t->timer, at_deadline, t->pool->config.deadline_ms, 0);
}

static void start_next(struct look_pool *pool)
{
    for (unsigned i = 0; i < LOOK_WORKERS && pool->waiting != NULL && pool->running_count < LOOK_WORKERS; i++) {
        if (pool->running[i] != NULL)
            continue;
        struct task *t = pool->waiting;
        pool->waiting = t->next;
        if (pool->waiting == NULL)
            pool->last = &pool->waiting;
        pool->waiting_count--;
        pool->running_count++;
        pool->running[i] = t;
        begin(t);
    }
}

enum bz_err look_start(struct look_pool *pool, int take_fd, look_done *done, void *ctx, struct bz_error *e)
{
    struct task *t = pool->waiting_count < LOOK_QUEUE && !pool->is_stopping ? calloc(1, sizeof *t) : NULL;
    if (t == NULL) {
        close(take_fd);
        return bz_fail(e, BZ_ERR_BUSY, "too many files wait to be looked into");
    }
    *t = (struct task){ .pool = pool, .fd = take_fd, .done = done, .ctx = ctx };
    buf_init(&t->got, LOOK_RECORD_BYTES);
    *pool->last = t;
    pool->last = &t->next;
    pool->waiting_count++;
    start_next(pool);
    return BZ_OK;
}

void look_pool_stop(struct look_pool *pool)
{
    if (pool == NULL)
        return;
    pool->is_stopping = true;
    for (struct task *t = pool->waiting, *next; t != NULL; t = next) {
        next = t->next;
        t->done(t->ctx, NULL);
        close(t->fd);
        free(t);
    }
    pool->waiting = NULL;
    for (unsigned i = 0; i < LOOK_WORKERS; i++) {
        struct task *t = pool->running[i];
        look_done *done = t == NULL ? NULL : t->done;
        if (done == NULL)   /* one that is answering right now */
            continue;
        t->done = NULL;
        done(t->ctx, NULL);
        if (t->fd < 0)
            trouble(t, "stopped");
    }
    if (pool->running_count == 0)
        free(pool);
}
