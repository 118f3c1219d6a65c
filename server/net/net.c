#include "net/http.h"

#include <stdlib.h>

static const struct lws_protocols protocols[] = {
    { "baraza", conn_callback, 0, 0, 0, NULL, 64 * 1024 },
    { NULL, NULL, 0, 0, 0, NULL, 0 },
};

/* A policy without a hang-up turns the library's own liveness timers off: each would be a walk through one list. */
static const lws_retry_bo_t no_timers = { .secs_since_valid_ping = 1, .secs_since_valid_hangup = 0 };

static struct log *library_log;   /* the library has one place for all contexts */

static void on_library_log(int level, const char *line)
{
    log_line(library_log, LOG_ERROR, "library", "text", line, NULL);
}

static void on_second(uv_timer_t *timer)
{
    struct net *n = timer->data;
    wheel_tick(&n->wheel, conn_fire);
    refusal_tick(&n->refusals, n->config.log);
    n->lasting_left = LASTING_ASKS_SECOND;
}

void net_handle_closed(uv_handle_t *handle)
{
    struct net *n = handle->data;   /* the last handle, whichever it is, takes the rest with it */
    if (--n->handles > 0)
        return;
    void (*stopped)(void *ctx) = n->stopped;
    void *ctx = n->stopped_ctx;
    guard_done(&n->guard);
    free(n->assets_tag);
    free(n);
    stopped(ctx);
}

/* Runs when all sockets of this turn have been read. The library's context is destroyed here, outside its callbacks,
 * and once: before 4.2 it keeps some memory then, but a second call would unload the plugin under its closing handles. */
static void on_turn(uv_check_t *check)
{
    struct net *n = check->data;
    if (n->stopped == NULL || n->count > 0 || n->jobs > 0) {
        fanout_flush(n->config.fanout);
        download_turn(n);
        lasting_turn(n);
        return;
    }
    lws_context_destroy(n->context);
    uv_close((uv_handle_t *)&n->second, net_handle_closed);
    uv_close((uv_handle_t *)&n->turn, net_handle_closed);
    uv_close((uv_handle_t *)&n->busy, net_handle_closed);
}

static void headers_init(struct net *n)
{
    char sources[400] = "'self'";
    size_t len = strlen(sources);
    for (unsigned i = 0; i < n->guard.count; i++) {   /* older engines do not count ws: as 'self' */
        const char *origin = n->guard.origins[i];
        int more = snprintf(sources + len, sizeof sources - len, " ws%s", origin + 4);
        if (strncmp(origin, "http", 4) != 0 || more < 0 || (size_t)more >= sizeof sources - len)
            sources[len] = '\0';
        else
            len += (size_t)more;
    }
    (void)snprintf(n->csp, sizeof n->csp,
                   "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'%s; "
                   "img-src 'self' data:; connect-src %s; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
                   "frame-ancestors 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types app\r\n"
                   "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
                   "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n",
                   n->style_hash, sources);
}

static enum bz_err context_open(struct net *n, struct bz_error *e)
{
    void *loops[] = { n->config.loop };
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8 |
                   LWS_SERVER_OPTION_VHOST_UPG_STRICT_HOST_CHECK |
                   LWS_SERVER_OPTION_HTTP_HEADERS_SECURITY_BEST_PRACTICES_ENFORCE,
        .foreign_loops = loops,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
        .timeout_secs = 20,
        .keepalive_timeout = IDLE_SECONDS,
        .pt_serv_buf_size = 4096,
        .max_http_header_data = 2048,
        .alpn = "http/1.1",
        .vhost_name = "default",
        .retry_and_idle_policy = &no_timers,
    };
    library_log = n->config.log;
    lws_set_log_level(LLL_ERR, on_library_log);
    n->context = lws_create_context(&info);
    if (n->context != NULL)
        n->vhost = lws_get_vhost_by_name(n->context, "default");
    if (n->vhost != NULL)
        return BZ_OK;
    return bz_fail(e, BZ_ERR_STORE,
                   "libwebsockets has no libuv plugin: install the package libwebsockets-evlib-uv");
}

enum bz_err net_start(const struct net_config *config, struct net **ret, struct bz_error *e)
{
    struct net *n = calloc(1, sizeof *n);
    if (n == NULL)
        return bz_fail(e, BZ_ERR_BUSY, "out of memory");
    n->config = *config;
    n->listen_fd = -1;
    wheel_init(&n->wheel);
    list_init(&n->waiting);
    list_init(&n->all);
    enum bz_err rc = context_open(n, e);
    if (rc == BZ_OK && !files_init(n))
        rc = bz_fail(e, BZ_ERR_BUSY, "out of memory");
    if (rc == BZ_OK)
        rc = listen_open(n, e);
    if (rc != BZ_OK) {
        if (n->context != NULL)
            lws_context_destroy(n->context);
        free(n->assets_tag);
        free(n);
        return rc;
    }
    guard_init(&n->guard, n->url, config->site, config->origins);
    first_init(n);
    headers_init(n);
    n->second.data = n->turn.data = n->busy.data = n;
    (void)uv_idle_init(config->loop, &n->busy);
    (void)uv_timer_init(config->loop, &n->second);
    (void)uv_timer_start(&n->second, on_second, 1000, 1000);
    (void)uv_check_init(config->loop, &n->turn);
    (void)uv_check_start(&n->turn, on_turn);
    n->handles += 3;
    log_line(config->log, LOG_INFO, "listening", "url", n->url, NULL);
    *ret = n;
    return BZ_OK;
}

const char *const *net_origins(const struct net *n, size_t *ret_count)
{
    *ret_count = n->guard.count;
    return (const char *const *)n->guard.origins;
}

const char *net_url(const struct net *n) { return n->url; }

/* Idle connections end now; who is being answered ends with the answer. */
static void tell_all(struct net *n)
{
    for (struct wheel_timer *t = n->all.next, *next; t != &n->all; t = next) {
        struct conn *c = CONN_OF(all, t);
        next = t->next;
        if (c->state == CONN_WS)
            ws_close(c, 1001, "the server restarts");
        else if (c->state == CONN_HEAD)
            conn_kill(c);
    }
}

void net_stop_accepting(struct net *n)
{
    if (n->is_stopping)
        return;
    n->is_stopping = true;
    listen_close(n);
    tell_all(n);
    wire_drain(n->config.wire);
    log_num(n->config.log, LOG_INFO, "draining", "connections", n->count);
}

void net_stop(struct net *n, void (*stopped)(void *ctx), void *ctx)
{
    net_stop_accepting(n);
    n->stopped = stopped;
    n->stopped_ctx = ctx;
    for (struct wheel_timer *t = n->all.next; t != &n->all; t = t->next)
        conn_kill(CONN_OF(all, t));
    (void)uv_timer_start(&n->second, on_second, 0, 1000);   /* a turn, even when nothing was open */
}
