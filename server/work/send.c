#include "work/send.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "work/child.h"
#include "work/letter.h"

struct send {
    send_done *done;
    void *ctx;
    struct child *child;
};

/* ---- Where to. */

static const char *host_at(const char *url)
{
    return strncmp(url, "smtp://", 7) == 0 ? url + 7 : strncmp(url, "smtps://", 8) == 0 ? url + 8 : NULL;
}

static size_t host_len(const char *host)
{
    return host[0] == '[' ? strspn(host + 1, "0123456789abcdef:.") + 2
                          : strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");
}

bool send_is_url(const char *text)
{
    const char *host = host_at(text);
    size_t len = host == NULL ? 0 : host_len(host);
    if (len == 0 || len > strlen(host) || len > 253 || host[0] == '.' || host[0] == '-' || (host[0] == '[' && host[len - 1] != ']'))
        return false;
    if (host[len] == '\0')
        return true;
    const char *port = host + len + 1;
    size_t digits = strspn(port, "0123456789");
    return host[len] == ':' && digits > 0 && digits <= 5 && port[digits] == '\0' && atol(port) > 0 && atol(port) <= 65535;
}

bool send_is_loopback(const char *url)
{
    const char *host = host_at(url);
    size_t len = host == NULL ? 0 : host_len(host);
    struct span name = { host, len };
    return span_is(name, "localhost") || span_is(name, "[::1]")
           || (len > 4 && strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len);
}

/* ---- The order. */

void send_put(struct buf *b, struct span field)
{
    const unsigned char len[3] = { (unsigned char)(field.len >> 16), (unsigned char)(field.len >> 8), (unsigned char)field.len };
    b->failed |= field.len >= 1u << 24;
    buf_add(b, len, sizeof len);
    buf_add_span(b, field);
}

static bool take(struct span *rest, struct span *ret)
{
    if (rest->len < 3)
        return false;
    const unsigned char *at = (const unsigned char *)rest->at;
    size_t len = (size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2];
    if (len > rest->len - 3)
        return false;
    *ret = (struct span){ rest->at + 3, len };
    *rest = (struct span){ rest->at + 3 + len, rest->len - 3 - len };
    return true;
}

bool send_take(struct span order, enum send_tls *ret_tls, struct span ret[SEND_FIELDS])
{
    if (order.len < 1 || order.at[0] < '0' || order.at[0] > '0' + (int)SEND_TLS_NONE)
        return false;
    *ret_tls = (enum send_tls)(order.at[0] - '0');
    struct span rest = { order.at + 1, order.len - 1 };
    for (size_t i = 0; i < SEND_FIELDS; i++)
        if (!take(&rest, &ret[i]))
            return false;
    return rest.len == 0;
}

/* ---- The record. */

#define TEXT_MAX 200

void send_write(struct buf *b, const struct sent *sent)
{
    buf_add_text(b, "BZM1");
    buf_add_char(b, (char)('0' + sent->end));
    send_put(b, sent->brief);
    send_put(b, sent->why);
}

static bool is_line(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < ' ' || s.at[i] >= 0x7f)
            return false;
    return s.len <= TEXT_MAX;
}

bool send_read(struct span record, struct sent *ret)
{
    struct sent sent;
    if (record.len < 5 || memcmp(record.at, "BZM1", 4) != 0 || record.at[4] < '0' || record.at[4] > '0' + (int)SEND_FAILED)
        return false;
    sent.end = (enum send_end)(record.at[4] - '0');
    struct span rest = { record.at + 5, record.len - 5 };
    if (!take(&rest, &sent.brief) || !take(&rest, &sent.why) || rest.len != 0 || !is_line(sent.brief) || !is_line(sent.why))
        return false;
    *ret = sent;
    return true;
}

/* ---- The worker. */

static void answered(void *ctx, struct span answer)
{
    struct send *s = ctx;
    struct sent sent;
    if (answer.at == NULL || !send_read(answer, &sent))
        sent = (struct sent){ SEND_FAILED, SPAN("the worker did not end as it should"), SPAN("the worker did not end as it should") };
    s->done(s->ctx, &sent);
    free(s);
}

enum bz_err send_start(uv_loop_t *loop, const struct send_server *server, const char *hello, struct span from, struct span to,
                       struct span mail, send_done *done, void *ctx, struct send **ret, struct bz_error *e)
{
    char *args[] = { "baraza", MAIL_WORKER, NULL };
    const struct span fields[SEND_FIELDS] = { span_of(server->url), span_of(server->user), span_of(server->password), span_of(server->ca),
                                              span_of(hello), from, to, mail };
    struct buf order;
    struct send *s = malloc(sizeof *s);
    if (s == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    *s = (struct send){ .done = done, .ctx = ctx };
    buf_init(&order, SEND_ORDER_BYTES);
    (void)buf_reserve(&order, SEND_ORDER_BYTES);   /* at once: what is copied on the way would not be wiped */
    buf_add_char(&order, (char)('0' + server->tls));
    for (size_t i = 0; i < SEND_FIELDS; i++)
        send_put(&order, fields[i]);
    enum bz_err rc = order.failed || !letter_is_address(from) || !letter_is_address(to) ? bz_fail(e, BZ_ERR_INVALID, "a mail is too long")
        : child_start(&(struct child_config){ .loop = loop, .args = args, .input = buf_span(&order), .answer_max = SEND_RECORD_BYTES,
                                              .deadline_ms = SEND_DEADLINE_MS }, answered, s, &s->child, e);
    if (order.at != NULL)
        explicit_bzero(order.at, order.len);
    buf_done(&order);
    if (rc != BZ_OK)
        free(s);
    else
        *ret = s;
    return rc;
}

void send_stop(struct send *s)
{
    if (s == NULL)
        return;
    child_stop(s->child);
    free(s);
}
