#include "work/child.h"

#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

struct child {
    child_done *done;          /* NULL: stopped */
    void *ctx;
    uv_process_t process;
    uv_pipe_t in, out;
    uv_timer_t timer;
    uv_write_t write;
    struct buf input, answer;
    bool is_sound;             /* the worker ended as it should */
    bool is_read, is_ended;
    int handles;
};

static void closed(uv_handle_t *handle)
{
    struct child *c = handle->data;
    if (--c->handles > 0)
        return;
    if (c->input.at != NULL)
        sodium_memzero(c->input.at, c->input.len);
    buf_done(&c->input);
    buf_done(&c->answer);
    free(c);
}

static void end_when_over(struct child *c)
{
    if (!c->is_read || !c->is_ended)
        return;
    if (c->done != NULL)
        c->done(c->ctx, c->is_sound && c->answer.len > 0 ? buf_span(&c->answer) : (struct span){ NULL, 0 });
    uv_handle_t *all[] = { (uv_handle_t *)&c->timer, (uv_handle_t *)&c->in, (uv_handle_t *)&c->out, (uv_handle_t *)&c->process };
    for (size_t i = 0; i < 4; i++)
        if (!uv_is_closing(all[i]))
            uv_close(all[i], closed);
}

static void exited(uv_process_t *process, int64_t status, int signal)
{
    struct child *c = process->data;
    c->is_ended = true;
    c->is_sound = status == 0 && signal == 0;
    end_when_over(c);
}

static void make_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct child *c = handle->data;
    *ret = uv_buf_init(buf_reserve(&c->answer, 1), 1);
    if (ret->base != NULL)
        ret->len = c->answer.cap - c->answer.len;
}

static void got_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct child *c = stream->data;
    if (n > 0) {
        c->answer.len += (size_t)n;
    } else if (n < 0) {
        if (n != UV_EOF && !c->is_ended)   /* it says more than it may */
            (void)uv_process_kill(&c->process, SIGKILL);
        (void)uv_read_stop(stream);
        c->is_read = true;
        end_when_over(c);
    }
}

static void at_deadline(uv_timer_t *timer)
{
    struct child *c = timer->data;
    if (!c->is_ended)
        (void)uv_process_kill(&c->process, SIGKILL);
}

static void written(uv_write_t *write, int status)
{
    struct child *c = write->data;
    if (!uv_is_closing((uv_handle_t *)&c->in))
        uv_close((uv_handle_t *)&c->in, closed);   /* that was all */
}

static int spawn(struct child *c, const struct child_config *config)
{
    char *nothing[] = { NULL };
    uv_stdio_container_t io[3] = { { .flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&c->in },
                                   { .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->out },
                                   { .flags = UV_IGNORE } };
    uv_process_options_t options = { .exit_cb = exited, .file = "/proc/self/exe", .args = (char **)(uintptr_t)config->args,
                                     .env = nothing, .stdio_count = 3, .stdio = io };
    return uv_spawn(config->loop, &c->process, &options);
}

enum bz_err child_start(const struct child_config *config, child_done *done, void *ctx, struct child **ret, struct bz_error *e)
{
    struct child *c = calloc(1, sizeof *c);
    if (c == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    *c = (struct child){ .done = done, .ctx = ctx, .handles = 4 };
    buf_init(&c->input, config->input.len);
    buf_init(&c->answer, config->answer_max);
    buf_add_span(&c->input, config->input);
    (void)uv_timer_init(config->loop, &c->timer);
    (void)uv_pipe_init(config->loop, &c->in, 0);
    (void)uv_pipe_init(config->loop, &c->out, 0);
    c->timer.data = c->in.data = c->out.data = c->process.data = c->write.data = c;
    if (c->input.failed || spawn(c, config) != 0 || uv_read_start((uv_stream_t *)&c->out, make_room, got_bytes) != 0) {
        c->done = NULL;
        c->is_read = c->is_ended = true;
        end_when_over(c);
        return bz_fail(e, BZ_ERR_STORE, "no worker could be started");
    }
    uv_buf_t bytes = uv_buf_init(c->input.at, (unsigned)c->input.len);
    if (uv_write(&c->write, (uv_stream_t *)&c->in, &bytes, 1, written) != 0)
        uv_close((uv_handle_t *)&c->in, closed);
    (void)uv_timer_start(&c->timer, at_deadline, config->deadline_ms, 0);
    *ret = c;
    return BZ_OK;
}

void child_stop(struct child *c)
{
    if (c == NULL)
        return;
    c->done = NULL;
    if (!c->is_ended)
        (void)uv_process_kill(&c->process, SIGKILL);
}

/* ---- The worker's side. */

bool child_read_all(int fd, struct buf *ret)
{
    char some[4096];
    ssize_t n;
    while ((n = read(fd, some, sizeof some)) > 0)
        buf_add(ret, some, (size_t)n);
    sodium_memzero(some, sizeof some);
    return n == 0 && !ret->failed;
}

bool child_send_all(struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(CHILD_OUT, bytes.at, bytes.len);
        if (n <= 0)
            return false;
        bytes.at += n;
        bytes.len -= (size_t)n;
    }
    return true;
}
