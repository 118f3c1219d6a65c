#include "net/http.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

void list_init(struct wheel_timer *head) { head->next = head->prev = head; }

void list_add(struct wheel_timer *head, struct wheel_timer *t)
{
    t->next = head;
    t->prev = head->prev;
    head->prev->next = t;
    head->prev = t;
}

void conn_timer(struct conn *c, unsigned seconds) { wheel_set(&c->net->wheel, &c->timer, seconds); }

void conn_settled(struct conn *c)
{
    if (!c->is_waiting)
        return;
    c->is_waiting = false;
    list_del(&c->waiting);
    c->net->handshakes--;
}

bool conn_join(struct conn *c)
{
    struct net *n = c->net;
    if (c->is_loopback || c->peer != NULL)
        return true;
    c->peer = peers_join(&n->peers, c->address, n->address_max);
    if (c->peer == NULL)
        stat_add(&n->config.stats->address_full, 1);
    return c->peer != NULL;
}

void conn_refused(struct conn *c, const char *event, int code, const char *reason)
{
    refusal_log(&c->net->refusals, c->net->config.log,
                &(struct refusal){ event, reason, code, c->serial, c->address });
}

void conn_adopt(struct net *n, int fd, uint64_t address, bool is_loopback)
{
    struct conn *c = calloc(1, sizeof *c);
    if (c == NULL) {
        close(fd);
        return;
    }
    *c = (struct conn){ .net = n, .address = address, .is_loopback = is_loopback, .state = CONN_HEAD,
                        .serial = ++n->serial };
    lws_sock_file_fd_type sock = { .sockfd = fd };
    c->wsi = lws_adopt_descriptor_vhost(n->vhost, LWS_ADOPT_SOCKET, sock, "baraza", NULL);
    if (c->wsi == NULL) {   /* the library has closed the socket */
        free(c);
        return;
    }
    lws_set_wsi_user(c->wsi, c);
    lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);   /* ours is the wheel */
    list_add(&n->all, &c->all);
    list_add(&n->waiting, &c->waiting);
    c->is_waiting = true;
    n->count++;
    n->handshakes++;
    conn_timer(c, HEAD_SECONDS);
}

/* While the library holds bytes it neither reads nor sleeps when input is there, so reading stops for as long: a peer
 * that does not read is not read either. */
static void set_full(struct conn *c, bool is_full)
{
    if (c->is_full == is_full)
        return;
    c->is_full = is_full;
    struct line_state state;
    if (is_full && !c->line.is_watched && line_look(lws_get_socket_fd(c->wsi), &state))
        line_watch(&c->line, &state, c->net->wheel.now);
    lws_rx_flow_control(c->wsi, is_full || c->is_paused ? 0 : 1);
}

void conn_pause(struct conn *c, bool is_paused)
{
    if (c->is_paused == is_paused)
        return;
    c->is_paused = is_paused;
    lws_rx_flow_control(c->wsi, c->is_full || is_paused ? 0 : 1);
}

void conn_last(struct conn *c) { (void)shutdown(lws_get_socket_fd(c->wsi), SHUT_RD); }

void conn_input(struct conn *c, int bytes)
{
    (void)setsockopt(lws_get_socket_fd(c->wsi), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

void conn_full(struct conn *c)
{
    set_full(c, true);
    lws_callback_on_writable(c->wsi);
}

bool conn_write(struct conn *c, const void *bytes, size_t len)
{
    if (c->state == CONN_DEAD || len == 0)
        return false;
    if (lws_write(c->wsi, (unsigned char *)bytes, len, LWS_WRITE_RAW) < 0) {
        conn_kill(c);
        return false;
    }
    if (lws_partial_buffered(c->wsi) == 0)
        return true;
    set_full(c, true);
    return false;
}

/* The library frees a socket only from its own callbacks. Shutting it down makes the loop call one next turn,
 * in every version and whether or not the peer reads. */
void conn_kill(struct conn *c)
{
    if (c->state == CONN_DEAD)
        return;
    c->state = CONN_DEAD;
    wheel_unset(&c->timer);
    conn_settled(c);
    (void)shutdown(lws_get_socket_fd(c->wsi), SHUT_RDWR);
    set_full(c, false);
    conn_pause(c, false);
    lws_callback_on_writable(c->wsi);
}

void conn_finish(struct conn *c)
{
    if (c->state == CONN_DEAD || c->state == CONN_LINGER)
        return;
    c->finishes = true;
    conn_settled(c);
    if (c->is_full) {
        conn_timer(c, SILENCE_MS / 1000);
        return;
    }
    c->state = CONN_LINGER;   /* what still comes is read and dropped: a reset would take the answer away */
    (void)shutdown(lws_get_socket_fd(c->wsi), SHUT_WR);
    conn_timer(c, LINGER_SECONDS);
}

/* Time is up only for who is waited for: not for a peer on a slow line that has not got yet what it would answer to. But
 * the end of a message or a body is waited for on its own account, unless it is us who do not read it. */
static enum line_pace pace_of(struct conn *c)
{
    struct line_state state;
    bool is_owing = c->state == CONN_BODY || c->state == CONN_UPLOAD || (c->state == CONN_WS && c->is_late);
    if ((is_owing && !c->is_full) || !line_look(lws_get_socket_fd(c->wsi), &state))
        return LINE_IDLE;
    return line_pace(&c->line, &state, c->is_full, c->net->wheel.now);
}

void conn_fire(struct wheel_timer *t)
{
    struct conn *c = CONN_OF(timer, t);
    enum line_pace pace = pace_of(c);
    if (pace == LINE_TAKES)
        conn_timer(c, LOOK_SECONDS);
    else if (pace == LINE_STUCK)
        conn_kill(c);
    else if (c->state == CONN_WS && !c->finishes)
        ws_timer(c);
    else if ((c->state == CONN_BODY || c->state == CONN_UPLOAD) && !c->finishes)
        http_timeout(c);
    else
        conn_kill(c);
}

bool conn_may_send(struct conn *c, struct span json)
{
    struct net *n = c->net;
    int64_t minute = (int64_t)(uv_hrtime() / 60000000000u) + 1;
    unsigned most = c->is_loopback ? SIGNIN_CALLS_NEAR : SIGNIN_CALLS;
    unsigned calls = n->config.enforce_limits ? signin_asked(json) : 0;
    if (calls == 0 || signin_take(&n->signin, c->address, minute, calls, most))
        return true;
    stat_add(&n->config.stats->rate_limited, 1);
    return false;
}

static void receive(struct conn *c, char *in, size_t len)
{
    if (c->state == CONN_WS || c->state == CONN_CLOSING)
        ws_receive(c, in, len);
    else if (c->state != CONN_LINGER && c->state != CONN_DEAD && !c->finishes)
        http_receive(c, in, len);
}

static void drained(struct conn *c)
{
    if (lws_partial_buffered(c->wsi) != 0)
        return;
    bool was_full = c->is_full;
    set_full(c, false);
    if (c->finishes)
        conn_finish(c);
    else if (c->state == CONN_WS)
        ws_drained(c);
    else if (c->state == CONN_CLOSING)
        conn_timer(c, CLOSE_SECONDS);
    else if (c->state == CONN_FILE)
        download_drained(c);
    else if (was_full)
        http_drained(c);
}

static void gone(struct conn *c)
{
    struct net *n = c->net;
    c->state = CONN_DEAD;
    wheel_unset(&c->timer);
    conn_settled(c);
    list_del(&c->all);
    peers_leave(&n->peers, c->peer);
    http_gone(c);
    ws_gone(c);
    free(c->in);
    free(c);
    n->count--;
}

int conn_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct conn *c = user;
    switch ((int)reason) {
    case LWS_CALLBACK_RAW_RX:
        if (c != NULL)
            receive(c, in, len);
        return c == NULL || c->state == CONN_DEAD ? -1 : 0;
    case LWS_CALLBACK_RAW_WRITEABLE:
        if (c != NULL && c->state != CONN_DEAD)
            drained(c);
        return c == NULL || c->state == CONN_DEAD ? -1 : 0;
    case LWS_CALLBACK_RAW_CLOSE:
        if (c != NULL) {
            lws_set_wsi_user(wsi, NULL);
            gone(c);
        }
        return 0;
    /* Nothing is adopted as HTTP, so these cannot come; were one to, it ends there. Its `in` may dangle and is not read. */
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return -1;
    default:
        return 0;
    }
}
