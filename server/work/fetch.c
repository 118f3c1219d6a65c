#include "work/fetch.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "domain/kinds.h"

struct fetch {
    fetch_done *done;          /* NULL: stopped */
    void *ctx;
    uv_process_t process;
    uv_pipe_t in, out;
    uv_timer_t timer;
    uv_write_t write;
    struct buf url, got;
    bool is_sound;             /* the worker ended as it should */
    bool is_read, is_ended;
    int handles;
};

/* ---- The record. */

static void put_text(struct buf *b, struct span s)
{
    const unsigned char len[2] = { (unsigned char)(s.len >> 8), (unsigned char)s.len };
    buf_add(b, len, sizeof len);
    buf_add_span(b, s);
}

void fetch_write(struct buf *b, const struct fetched *found)
{
    buf_add_text(b, "BZP1");
    buf_add_char(b, (char)('0' + found->end));
    put_text(b, found->title);
    put_text(b, found->about);
    put_text(b, found->lang);
}

static bool take_text(struct span *rest, struct span *ret)
{
    if (rest->len < 2)
        return false;
    size_t len = (size_t)(unsigned char)rest->at[0] << 8 | (unsigned char)rest->at[1];
    if (len > rest->len - 2)
        return false;
    *ret = len > 0 ? (struct span){ rest->at + 2, len } : (struct span){ NULL, 0 };
    *rest = (struct span){ rest->at + 2 + len, rest->len - 2 - len };
    return true;
}

bool fetch_read(struct span record, struct fetched *ret)
{
    struct span rest = { record.at + 5, record.len - 5 };
    if (record.len < 5 || memcmp(record.at, "BZP1", 4) != 0 || record.at[4] < '0' || record.at[4] > '0' + (int)FETCH_UNKNOWN)
        return false;
    struct fetched found = { .end = (enum fetch_end)(record.at[4] - '0') };
    if (!take_text(&rest, &found.title) || !take_text(&rest, &found.about) || !take_text(&rest, &found.lang) || rest.len != 0)
        return false;
    bool says = found.title.at != NULL || found.about.at != NULL || found.lang.at != NULL;
    if ((says && found.end != FETCH_READ) || (found.title.at != NULL && !utf8_is_name(found.title, BZ_LIMIT_LINK_TITLE_CHARS))
        || (found.about.at != NULL && !utf8_is_name(found.about, BZ_LIMIT_LINK_ABOUT_CHARS))
        || (found.lang.at != NULL && !lang_valid(found.lang)))
        return false;
    *ret = found;
    return true;
}

/* ---- The worker. */

static void closed(uv_handle_t *handle)
{
    struct fetch *f = handle->data;
    if (--f->handles > 0)
        return;
    buf_done(&f->url);
    buf_done(&f->got);
    free(f);
}

static void end_when_over(struct fetch *f)
{
    if (!f->is_read || !f->is_ended)
        return;
    struct fetched found = { .end = FETCH_UNKNOWN };
    if (f->is_sound && !fetch_read(buf_span(&f->got), &found))
        found = (struct fetched){ .end = FETCH_UNKNOWN };
    if (f->done != NULL)
        f->done(f->ctx, &found);
    uv_handle_t *all[] = { (uv_handle_t *)&f->timer, (uv_handle_t *)&f->in, (uv_handle_t *)&f->out, (uv_handle_t *)&f->process };
    for (size_t i = 0; i < 4; i++)
        if (!uv_is_closing(all[i]))
            uv_close(all[i], closed);
}

static void exited(uv_process_t *process, int64_t status, int signal)
{
    struct fetch *f = process->data;
    f->is_ended = true;
    f->is_sound = status == 0 && signal == 0;
    end_when_over(f);
}

static void make_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct fetch *f = handle->data;
    *ret = uv_buf_init(buf_reserve(&f->got, 1), 1);
    if (ret->base != NULL)
        ret->len = f->got.cap - f->got.len;
}

static void got_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct fetch *f = stream->data;
    if (n > 0) {
        f->got.len += (size_t)n;
    } else if (n < 0) {
        if (n != UV_EOF && !f->is_ended)   /* it says more than it may */
            (void)uv_process_kill(&f->process, SIGKILL);
        (void)uv_read_stop(stream);
        f->is_read = true;
        end_when_over(f);
    }
}

static void at_deadline(uv_timer_t *timer)
{
    struct fetch *f = timer->data;
    if (!f->is_ended)
        (void)uv_process_kill(&f->process, SIGKILL);
}

static void written(uv_write_t *write, int status)
{
    struct fetch *f = write->data;
    if (!uv_is_closing((uv_handle_t *)&f->in))
        uv_close((uv_handle_t *)&f->in, closed);   /* that was all */
}

static int spawn(struct fetch *f, const struct fetch_config *config, bool is_check)
{
    char *args[] = { "baraza", LINK_WORKER, is_check ? "check" : "get", (char *)(uintptr_t)config->resolver,
                     (char *)(uintptr_t)config->ports, (char *)(uintptr_t)config->inside, (char *)(uintptr_t)config->agent, NULL };
    char *nothing[] = { NULL };
    uv_stdio_container_t io[3] = { { .flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&f->in },
                                   { .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&f->out },
                                   { .flags = UV_IGNORE } };
    uv_process_options_t options = { .exit_cb = exited, .file = "/proc/self/exe", .args = args, .env = nothing,
                                     .stdio_count = 3, .stdio = io };
    return uv_spawn(config->loop, &f->process, &options);
}

enum bz_err fetch_start(const struct fetch_config *config, struct span url, bool is_check, fetch_done *done, void *ctx,
                        struct fetch **ret, struct bz_error *e)
{
    struct fetch *f = calloc(1, sizeof *f);
    if (f == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    *f = (struct fetch){ .done = done, .ctx = ctx, .handles = 4 };
    buf_init(&f->url, BZ_LIMIT_LINK_BYTES);
    buf_init(&f->got, FETCH_RECORD_BYTES);
    buf_add_span(&f->url, url);
    (void)uv_timer_init(config->loop, &f->timer);
    (void)uv_pipe_init(config->loop, &f->in, 0);
    (void)uv_pipe_init(config->loop, &f->out, 0);
    f->timer.data = f->in.data = f->out.data = f->process.data = f->write.data = f;
    *ret = f;
    if (spawn(f, config, is_check) != 0 || uv_read_start((uv_stream_t *)&f->out, make_room, got_bytes) != 0) {
        f->done = NULL;
        f->is_read = f->is_ended = true;
        end_when_over(f);
        return bz_fail(e, BZ_ERR_STORE, "no worker could be started");
    }
    uv_buf_t bytes = uv_buf_init(f->url.at, (unsigned)f->url.len);
    if (uv_write(&f->write, (uv_stream_t *)&f->in, &bytes, 1, written) != 0)
        uv_close((uv_handle_t *)&f->in, closed);
    (void)uv_timer_start(&f->timer, at_deadline, FETCH_DEADLINE_MS, 0);
    return BZ_OK;
}

void fetch_stop(struct fetch *f)
{
    if (f == NULL)
        return;
    f->done = NULL;
    if (!f->is_ended)
        (void)uv_process_kill(&f->process, SIGKILL);
}
