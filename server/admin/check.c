#include "admin/check.h"

#include <stdlib.h>

#include "store/upkeep.h"

struct check {
    uv_work_t work;
    struct db_config config;
    struct stats *stats;
    atomic_bool is_stopping;
    bool is_done;               /* its owner still holds it */
    bool is_let_go;
    enum bz_err rc;
    char finding[CHECK_TEXT];
    struct bz_error error;
    uint64_t began_ms;
};

static void run(uv_work_t *work)
{
    struct check *c = work->data;
    c->rc = store_check(&c->config, &c->is_stopping, c->finding, &c->error);
}

static void say(struct check *c)
{
    if (c->rc != BZ_OK) {
        if (!c->is_let_go)
            log_line(c->config.log, LOG_WARN, "database_not_checked", "error", c->error.text, NULL);
    } else if (c->finding[0] != '\0') {
        atomic_store_explicit(&c->stats->damaged, 1, memory_order_relaxed);
        log_line(c->config.log, LOG_ERROR, "database_damaged", "finding", c->finding, "remedy",
                 "stop the daemon and put the latest backup into a new folder with `baraza restore`", NULL);
    } else {
        log_num(c->config.log, LOG_INFO, "database_checked", "ms", (int64_t)(uv_now(c->work.loop) - c->began_ms));
    }
}

static void done(uv_work_t *work, int status)
{
    struct check *c = work->data;
    if (status == 0)
        say(c);
    c->is_done = true;
    if (c->is_let_go)
        free(c);
}

struct check *check_start(uv_loop_t *loop, const struct db_config *config, struct stats *stats)
{
    struct check *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->config = *config;
    c->stats = stats;
    c->began_ms = uv_now(loop);
    c->work.data = c;
    if (uv_queue_work(loop, &c->work, run, done) != 0) {
        free(c);
        return NULL;
    }
    return c;
}

void check_stop(struct check *c)
{
    if (c == NULL)
        return;
    c->is_let_go = true;
    atomic_store_explicit(&c->is_stopping, true, memory_order_relaxed);
    if (c->is_done)
        free(c);
    else
        (void)uv_cancel((uv_req_t *)&c->work);   /* fails when it runs: then it stops by the flag */
}
