#include "net/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define PIPELINE_BYTES (REQUEST_HEAD_BYTES + BZ_LIMIT_FRAME_BYTES)

void http_free(struct http *h)
{
    lasting_end(h);
    free(h->head);
    buf_done(&h->body);
    buf_done(&h->extra);
    buf_done(&h->out);
    free(h);
}

const char *http_phrase(int status)
{
    static const struct { int status; const char *text; } phrases[] = {
        { 200, "OK" }, { 201, "Created" }, { 204, "No Content" }, { 206, "Partial Content" },
        { 303, "See Other" }, { 304, "Not Modified" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
        { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 408, "Request Timeout" },
        { 409, "Conflict" }, { 411, "Length Required" }, { 412, "Precondition Failed" }, { 413, "Content Too Large" },
        { 415, "Unsupported Media Type" }, { 416, "Range Not Satisfiable" },
        { 423, "Locked" }, { 460, "Checksum Mismatch" }, { 417, "Expectation Failed" }, { 421, "Misdirected Request" },
        { 426, "Upgrade Required" }, { 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" }, { 503, "Service Unavailable" },
        { 505, "HTTP Version Not Supported" }, { 507, "Insufficient Storage" },
    };
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (phrases[i].status == status)
            return phrases[i].text;
    return "Answer";
}

/* By hand: strftime would follow the locale. */
static void put_date(struct buf *out)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    uv_timeval64_t now = { 0 };
    struct tm tm;
    (void)uv_gettimeofday(&now);
    time_t seconds = (time_t)now.tv_sec;
    if (gmtime_r(&seconds, &tm) != NULL)
        buf_printf(out, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d GMT\r\n", days + 3 * tm.tm_wday,
                   tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                   tm.tm_sec);
}

void http_answer(struct http *h, int status, const char *type, const char *extra, struct span body)
{
    struct conn *c = h->conn;
    bool is_closing = h->is_closing || !h->request.keep_alive || h->net->is_stopping;
    struct buf out;
    buf_init(&out, body.len + 4096);
    buf_printf(&out, "HTTP/1.1 %d %s\r\n", status, http_phrase(status));
    put_date(&out);
    buf_printf(&out, "%s%s", h->net->csp, extra);
    if (status != 304 && status != 204)
        buf_printf(&out, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, body.len);
    buf_add_text(&out, is_closing ? "Connection: close\r\n\r\n" : "\r\n");
    if (h->request.method != METHOD_HEAD && status != 304)
        buf_add_span(&out, body);
    c->http = NULL;
    http_free(h);
    if (out.failed)
        conn_kill(c);
    else
        (void)conn_write(c, out.at, out.len);
    buf_done(&out);
    if (is_closing)
        conn_finish(c);
    else
        http_next(c);
}

void http_refuse(struct http *h, int status, const char *extra, const char *text)
{
    struct bz_error error = { .code = status == 413 ? BZ_ERR_TOO_LARGE : status == 403 ? BZ_ERR_FORBIDDEN
                                    : status == 404 ? BZ_ERR_NOT_FOUND : status == 429 ? BZ_ERR_RATE_LIMITED
                                                                                       : BZ_ERR_REQUEST };
    snprintf(error.text, sizeof error.text, "%s", text);
    struct buf body;
    buf_init(&body, 4096);
    wire_error(&error, &body);
    stat_add(&h->net->config.stats->refused, 1);
    conn_refused(h->conn, "request refused", status, text);
    h->is_closing = h->is_closing || status != 404;
    http_answer(h, status, "application/json", extra, buf_span(&body));
    buf_done(&body);
}

void http_fail(struct http *h, const char *extra, const struct bz_error *error)
{
    struct buf body;
    char lines[256], retry[64] = "";
    buf_init(&body, 4096);
    wire_error(error, &body);
    if (error->retry_after_ms > 0)
        (void)snprintf(retry, sizeof retry, "Retry-After: %u\r\n", (error->retry_after_ms + 999) / 1000);
    (void)snprintf(lines, sizeof lines, "%s%s", extra, retry);
    http_answer(h, bz_err_http(error->code), "application/json", lines, buf_span(&body));
    buf_done(&body);
}

static bool is_key(struct span key)
{
    for (size_t i = 0; i + 2 < key.len; i++)
        if (memchr("+/", key.at[i], 2) == NULL && !((key.at[i] >= '0' && key.at[i] <= '9') ||
            ((key.at[i] | 32) >= 'a' && (key.at[i] | 32) <= 'z')))
            return false;
    return key.len == 24 && memcmp(key.at + 22, "==", 2) == 0;
}

/* Only "websocket" is ever answered with 101, so no other protocol can be switched to (h2c least of all). */
static void upgrade(struct http *h)
{
    const struct request *r = &h->request;
    const struct guard *g = &h->net->guard;
    struct conn *c = h->conn;
    bool from_cookie;
    struct span token = guard_token(g, r, &from_cookie);
    h->is_closing = true;
    if (r->method != METHOD_GET || r->is_http10 || r->body_bytes > 0 || r->upgrade.len != 9 ||
        strncasecmp(r->upgrade.at, "websocket", 9) != 0 || !list_has(r->connection, "upgrade") || !is_key(r->ws_key)) {
        http_refuse(h, 400, "", "this upgrade is not understood");
    } else if (!span_is(r->path, "/ws")) {
        http_refuse(h, 404, "", "no such address");
    } else if (!span_is(r->ws_version, "13")) {
        http_refuse(h, 426, "Sec-WebSocket-Version: 13\r\n", "only version 13 of the protocol is spoken");
    } else if (!list_has(r->ws_protocol, "baraza.v1")) {
        http_refuse(h, 400, "", "the subprotocol baraza.v1 must be offered");
    } else if (r->origin.at != NULL && !guard_origin(g, r->origin)) {
        http_refuse(h, 403, "", "this origin may not connect");
    } else {
        if (from_cookie && r->origin.at == NULL)
            token = (struct span){ 0 };   /* any page could have sent it */
        c->http = NULL;
        ws_open(c, r, token);
        http_free(h);
    }
}

static void dispatch(struct http *h)
{
    const struct request *r = &h->request;
    h->conn->state = CONN_ANSWER;
    wheel_unset(&h->conn->timer);
    if (span_is(r->path, "/rpc") && r->method == METHOD_POST)
        rpc_post(h);
    else if (span_is(r->path, "/rpc"))
        http_refuse(h, 405, "Allow: POST\r\n", "POST to this address");
    else if (r->method != METHOD_GET && r->method != METHOD_HEAD)
        http_refuse(h, 405, "Allow: GET, HEAD\r\n", "this address is only read");
    else if (span_is(r->path, "/ws"))
        http_refuse(h, 426, "Upgrade: websocket\r\n", "this address speaks WebSocket");
    else if (r->path.len > 5 && memcmp(r->path.at, "/rpc/", 5) == 0)
        rpc_get(h, (struct span){ r->path.at + 5, r->path.len - 5 });
    else if (!download_serve(h) && !pages_serve(h) && !files_serve(h))
        http_refuse(h, 404, "", "no such address");
}

/* What a phone's share sheet posts is taken by the service worker of the client. Where there is none its body is not read: the
 * page comes and says so. */
static void share(struct http *h)
{
    h->is_closing = true;
    http_answer(h, 303, "text/plain", "Location: /ask?files=lost\r\nCache-Control: no-store\r\n", SPAN(""));
}

static void begin(struct http *h)
{
    const struct request *r = &h->request;
    stat_add(&h->net->config.stats->requests, 1);
    if (r->method == METHOD_OTHER) {
        http_refuse(h, 405, "Allow: GET, HEAD, POST\r\n", "this method is not known here");
    } else if (!guard_host(&h->net->guard, r->host)) {
        h->is_closing = true;
        http_refuse(h, 421, "", "this server has another name");
    } else if (!r->is_upgrade && upload_serve(h)) {
        return;
    } else if (r->method == METHOD_POST && span_is(r->path, "/ask")) {
        share(h);
    } else if (r->method == METHOD_OPTIONS) {
        http_refuse(h, 403, "", "other origins may not ask");
    } else if (r->is_upgrade) {
        upgrade(h);
    } else if (r->body_bytes > 0 && r->method != METHOD_POST) {
        http_refuse(h, 400, "", "a body is not expected here");
    } else if (r->body_bytes > BZ_LIMIT_FRAME_BYTES) {
        http_refuse(h, 413, "", "the body is too large");
    } else if (r->body_bytes > 0) {
        h->conn->state = CONN_BODY;
        conn_timer(h->conn, MESSAGE_DEADLINE_MS / 1000);
        if (r->expects_continue)
            (void)conn_write(h->conn, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    } else {
        dispatch(h);
    }
}

void http_consume(struct conn *c, size_t len)
{
    c->in_len -= (uint32_t)len;
    memmove(c->in, c->in + len, c->in_len);
    if (c->in_len == 0) {
        free(c->in);
        c->in = NULL;
        c->in_cap = 0;
    }
}

static struct http *http_new(struct conn *c, size_t head_len)
{
    struct http *h = calloc(1, sizeof *h);
    if (h == NULL || (h->head = malloc(head_len + 1)) == NULL) {
        free(h);
        conn_kill(c);
        return NULL;
    }
    memcpy(h->head, c->in, head_len);
    h->conn = c;
    h->net = c->net;
    buf_init(&h->body, BZ_LIMIT_FRAME_BYTES);
    buf_init(&h->extra, 2048);
    buf_init(&h->out, ANSWER_BYTES + 65536);
    c->http = h;
    return h;
}

static void take_head(struct conn *c)
{
    int64_t len = request_head_length((struct span){ c->in, c->in_len });
    int status = len < 0 ? 400 : len > REQUEST_HEAD_BYTES || (len == 0 && c->in_len >= REQUEST_HEAD_BYTES) ? 431 : 0;
    if (len == 0 && status == 0)
        return;
    struct http *h = http_new(c, len > 0 ? (size_t)len : 0);
    if (h == NULL)
        return;
    conn_settled(c);
    if (status == 0) {
        http_consume(c, (size_t)len);
        status = request_parse((struct span){ h->head, (size_t)len }, &h->request);
    }
    if (status == 0 && !conn_join(c))
        http_refuse(h, 429, "Retry-After: 60\r\n", "too many connections from this address; try again in a minute");
    else if (status == 0)
        begin(h);
    else
        http_refuse(h, status, "", "this request is not understood");
}

static void take_body(struct conn *c)
{
    struct http *h = c->http;
    size_t left = (size_t)h->request.body_bytes - h->body.len;
    size_t len = left < c->in_len ? left : c->in_len;
    buf_add(&h->body, c->in, len);
    http_consume(c, len);
    if (h->body.failed)
        conn_kill(c);
    else if (len == left)
        dispatch(h);
}

void http_process(struct conn *c)
{
    if (c->is_processing)
        return;
    c->is_processing = true;
    /* While an answer waits in the library no request is begun: its answer would be heaped on. */
    for (uint32_t before = 0;
         c->in_len > 0 && c->in_len != before && !c->finishes && !c->is_full;) {
        before = c->in_len;
        if (c->state == CONN_HEAD)
            take_head(c);
        else if (c->state == CONN_BODY)
            take_body(c);
        else if (c->state == CONN_UPLOAD && !c->is_paused)
            upload_take(c->http, c->in_len);
    }
    c->is_processing = false;
    if (c->state == CONN_WS && c->in_len > 0) {
        char *in = c->in;
        size_t len = c->in_len;
        c->in = NULL;
        c->in_len = c->in_cap = 0;
        ws_receive(c, in, len);
        free(in);
    }
}

void http_receive(struct conn *c, const char *in, size_t len)
{
    size_t need = c->in_len + len;
    if (need > PIPELINE_BYTES) {
        conn_kill(c);
        return;
    }
    if (need > c->in_cap) {
        size_t cap = need < 1024 ? 1024 : need * 2;
        char *at = realloc(c->in, cap);
        if (at == NULL) {
            conn_kill(c);
            return;
        }
        c->in = at;
        c->in_cap = (uint32_t)cap;
    }
    memcpy(c->in + c->in_len, in, len);
    c->in_len += (uint32_t)len;
    if (c->http != NULL && c->http->call != NULL)
        wire_http_hurry(c->http->call);
    http_process(c);
}

void http_next(struct conn *c)
{
    if (c->state == CONN_DEAD)
        return;
    c->state = CONN_HEAD;
    conn_timer(c, c->is_full ? SILENCE_MS / 1000 : IDLE_SECONDS);
    http_process(c);
}

void http_drained(struct conn *c)
{
    if (c->state == CONN_HEAD)
        conn_timer(c, IDLE_SECONDS);
    http_process(c);
}

void http_timeout(struct conn *c)
{
    if (c->http != NULL && c->http->upload != NULL) {
        upload_gone(c->http->upload);
        c->http->upload = NULL;
    }
    if (c->http != NULL)
        http_refuse(c->http, 408, "", "the body took too long");
}

void http_gone(struct conn *c)
{
    struct http *h = c->http;
    c->http = NULL;
    if (h == NULL)
        return;
    h->conn = NULL;
    lasting_end(h);
    if (h->call != NULL)
        wire_http_cancel(h->call);
    if (h->page != NULL)
        wire_page_cancel(h->page);
    if (h->upload != NULL)
        upload_gone(h->upload);
    if (h->download != NULL)
        download_gone(h->download);
    if (h->encoding == NULL)   /* else the worker still writes into it */
        http_free(h);
}
