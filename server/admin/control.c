#include "admin/control.h"

#include <sodium.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "store/upkeep.h"

struct line;

struct control {
    struct control_config config;
    uv_pipe_t listener;
    int dir_fd;
    struct line *lines;
    int count;
    bool is_stopping;
    char site[sizeof((struct answer *)NULL)->site];
};

/* One connection: it asks once and is answered once. It lives until the socket is closed and no
 * work is under way. */
struct line {
    struct control *control;
    struct line *next;
    uv_pipe_t pipe;
    uv_write_t write;
    uv_work_t work;
    struct buf in, out;
    struct operation op;
    struct bz_error error;
    int64_t entries;
    bool is_busy, is_asked, is_closed;
};

static void line_free(struct line *line)
{
    struct line **at = &line->control->lines;
    while (*at != line)
        at = &(*at)->next;
    *at = line->next;
    line->control->count--;
    operation_done(&line->op);
    buf_done(&line->in);
    buf_done(&line->out);
    free(line);
}

static void on_closed(uv_handle_t *handle)
{
    struct line *line = handle->data;
    line->is_closed = true;
    if (!line->is_busy)
        line_free(line);
}

static void line_close(struct line *line)
{
    if (!uv_is_closing((uv_handle_t *)&line->pipe))
        uv_close((uv_handle_t *)&line->pipe, on_closed);
}

static void on_written(uv_write_t *write, int status) { line_close(write->data); }

static void put(json_t *doc, struct buf *ret)
{
    char *text = json_dumps(doc, JSON_COMPACT);
    if (text == NULL)
        abort();
    buf_add_text(ret, text);
    buf_add_char(ret, '\n');
    sodium_memzero(text, strlen(text));
    free(text);
    json_decref(doc);
}

static void answer(struct line *line)
{
    line->is_busy = false;
    if (line->is_closed) {
        line_free(line);
        return;
    }
    struct buf text;
    buf_init(&text, CONTROL_BYTES);
    if (line->error.code != BZ_OK)
        buf_add_text(&text, line->error.text);
    else if (line->op.kind == OPERATION_REBUILD)
        buf_printf(&text, "rebuilt from %lld entries", (long long)line->entries);
    else
        operation_text(&line->op, &text);
    put(json_pack("{s:i, s:s%, s:s}", "code", (int)line->error.code, "text",
                  text.at == NULL ? "" : text.at, text.len, "site", line->control->site),
        &line->out);
    if (text.at != NULL)
        sodium_memzero(text.at, text.len);
    buf_done(&text);
    uv_buf_t out = uv_buf_init(line->out.at, (unsigned)line->out.len);
    line->write.data = line;
    if (uv_is_closing((uv_handle_t *)&line->pipe)
        || uv_write(&line->write, (uv_stream_t *)&line->pipe, &out, 1, on_written) != 0)
        line_close(line);
}

static void fail(struct line *line, const struct bz_error *e)
{
    line->error = *e;
    answer(line);
}

static void step(struct line *line);

static void on_job(struct job *job)
{
    struct line *line = job->owner;
    struct bz_error e;
    enum bz_err rc = operation_outcome(&line->op, line->control->config.hubs, &job->outcome, &e);
    job_free(job);
    if (rc != BZ_OK)
        fail(line, &e);
    else
        step(line);
}

/* The next command of the operation, or its answer when there is none. */
static void step(struct line *line)
{
    struct bz_error e;
    struct job *job = operation_next(&line->op);
    if (job == NULL) {
        answer(line);
        return;
    }
    job->owner = line;
    job->done = on_job;
    if (writer_submit(line->control->config.writer, job, &e) != BZ_OK) {
        job_free(job);
        fail(line, &e);
    }
}

static enum bz_err run_resolve(struct db *db, struct query *q, struct bz_error *e)
{
    return operation_resolve(&((struct line *)q->owner)->op, db, e);
}

static void on_resolved(struct query *q)
{
    struct line *line = q->owner;
    struct bz_error e = q->error;
    query_free(q);
    if (e.code != BZ_OK)
        fail(line, &e);
    else
        step(line);
}

static void resolve(struct line *line)
{
    struct bz_error e;
    struct query *q = query_new();
    q->run = run_resolve;
    q->done = on_resolved;
    q->owner = line;
    if (readers_submit(line->control->config.readers, q, &e) != BZ_OK) {
        query_free(q);
        fail(line, &e);
    }
}

static void run_rebuild(struct engine *en, void *ctx)
{
    struct line *line = ctx;
    (void)store_rebuild(engine_db(en), &line->entries, &line->error);
}

static void on_rebuilt(void *ctx) { answer(ctx); }

static void run_backup(uv_work_t *work)
{
    struct line *line = work->data;
    const struct control_config *config = &line->control->config;
    struct db_config db_config = { .dir = config->dir, .env = config->env, .log = config->log };
    (void)operation_backup(&line->op, &db_config, &line->error);
}

static void on_backup(uv_work_t *work, int status) { answer(work->data); }

static void start(struct line *line)
{
    struct control *c = line->control;
    json_t *doc = json_loadb(line->in.at, line->in.len, JSON_REJECT_DUPLICATES, NULL);
    line->is_busy = true;
    memset(&line->error, 0, sizeof line->error);
    (void)operation_from_json(&line->op, doc, c->config.env, &line->error);
    json_decref(doc);
    if (line->error.code != BZ_OK) {
        answer(line);
    } else if (line->op.kind == OPERATION_REBUILD) {
        if (writer_run(c->config.writer, run_rebuild, on_rebuilt, line) != BZ_OK) {
            bz_fail(&line->error, BZ_ERR_BUSY, "the daemon is busy; try again in a moment");
            answer(line);
        }
    } else if (line->op.kind == OPERATION_BACKUP) {
        line->work.data = line;
        if (uv_queue_work(c->config.loop, &line->work, run_backup, on_backup) != 0)
            abort(); /* fails only without a work function */
    } else {
        resolve(line);
    }
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *ret)
{
    struct line *line = handle->data;
    size_t room = CONTROL_BYTES - line->in.len;
    char *at = room == 0 ? NULL : buf_reserve(&line->in, room);
    *ret = uv_buf_init(at, at == NULL ? 0 : (unsigned)room);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct line *line = stream->data;
    if (count < 0) {
        line_close(line);
        return;
    }
    if (line->is_asked)
        return;
    line->in.len += (size_t)count;
    const char *end = line->in.len == 0 ? NULL : memchr(line->in.at, '\n', line->in.len);
    if (end != NULL) {
        line->is_asked = true;
        line->in.len = (size_t)(end - line->in.at);
        start(line);
    }
}

static bool is_same_user(uv_pipe_t *pipe)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    uv_os_fd_t fd;
    return uv_fileno((uv_handle_t *)pipe, &fd) == 0
           && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid();
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct control *c = listener->data;
    struct line *line = status == 0 ? calloc(1, sizeof *line) : NULL;
    if (line == NULL)
        return;
    line->control = c;
    line->next = c->lines;
    c->lines = line;
    c->count++;
    buf_init(&line->in, CONTROL_BYTES);
    buf_init(&line->out, 2 * CONTROL_BYTES);
    (void)uv_pipe_init(c->config.loop, &line->pipe, 0);
    line->pipe.data = line;
    if (uv_accept(listener, (uv_stream_t *)&line->pipe) != 0 || !is_same_user(&line->pipe)
        || c->count > CONTROL_CONNECTIONS
        || uv_read_start((uv_stream_t *)&line->pipe, on_alloc, on_read) != 0)
        line_close(line);
}

/* A path of any length fits through the folder's descriptor, where the socket's name itself is
 * limited to 107 bytes. */
static void socket_path(int dir_fd, char ret[64])
{
    (void)snprintf(ret, 64, "/proc/self/fd/%d/control.sock", dir_fd);
}

void control_site(struct control *c, const char *site)
{
    (void)snprintf(c->site, sizeof c->site, "%s", site);
}

enum bz_err control_start(const struct control_config *config, struct control **ret,
                          struct bz_error *e)
{
    struct control *c = calloc(1, sizeof *c);
    if (c == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    c->config = *config;
    c->dir_fd = open(config->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)unlinkat(c->dir_fd, "control.sock", 0);
    (void)uv_pipe_init(config->loop, &c->listener, 0);
    c->listener.data = c;
    char path[64];
    socket_path(c->dir_fd, path);
    mode_t mask = umask(0177);
    int rc = uv_pipe_bind(&c->listener, path);
    (void)umask(mask);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&c->listener, CONTROL_CONNECTIONS, on_connection);
    *ret = c;
    if (rc != 0)
        return bz_fail(e, BZ_ERR_STORE, "cannot make control.sock in the data folder: %s",
                       uv_strerror(rc));
    return BZ_OK;
}

void control_stop(struct control *c)
{
    if (c == NULL || c->is_stopping)
        return;
    c->is_stopping = true;
    (void)unlinkat(c->dir_fd, "control.sock", 0);
    uv_close((uv_handle_t *)&c->listener, NULL);
    for (struct line *line = c->lines; line != NULL; line = line->next)
        line_close(line);
}

void control_free(struct control *c)
{
    if (c == NULL)
        return;
    close(c->dir_fd);
    free(c);
}
