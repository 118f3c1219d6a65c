#include "net/http.h"

#include <brotli/encode.h>
#include <sodium.h>
#include <stdlib.h>
#include <strings.h>
#include <zlib.h>

#define COMPRESS_LEAST 1024
#define COMPRESS_INLINE 16384

static bool compress_gzip(struct span in, struct buf *ret)
{
    z_stream z = { 0 };
    if (deflateInit2(&z, 5, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t bound = deflateBound(&z, in.len);
    char *to = buf_reserve(ret, bound);
    z.next_in = (unsigned char *)(uintptr_t)in.at;
    z.avail_in = (unsigned)in.len;
    z.next_out = (unsigned char *)to;
    z.avail_out = (unsigned)bound;
    bool is_whole = to != NULL && deflate(&z, Z_FINISH) == Z_STREAM_END;
    ret->len = is_whole ? z.total_out : 0;
    (void)deflateEnd(&z);
    return is_whole;
}

static bool compress_br(struct span in, struct buf *ret)
{
    size_t len = BrotliEncoderMaxCompressedSize(in.len);
    char *to = buf_reserve(ret, len);
    if (to == NULL || !BrotliEncoderCompress(4, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, in.len, (const uint8_t *)in.at,
                                             &len, (uint8_t *)to))
        return false;
    ret->len = len;
    return true;
}

/* Replaces out by its compressed form; when that fails the plain form stays. Any thread. */
static void shrink(struct http *h)
{
    struct buf small;
    buf_init(&small, h->out.max);
    bool done = strcmp(h->encoding, "br") == 0 ? compress_br(buf_span(&h->out), &small)
                                               : compress_gzip(buf_span(&h->out), &small);
    if (done) {
        buf_done(&h->out);
        h->out = small;
        buf_printf(&h->extra, "Content-Encoding: %s\r\n", h->encoding);
    } else {
        buf_done(&small);
    }
}

static void finish(struct http *h)
{
    struct buf extra = h->extra, out = h->out;
    buf_init(&h->extra, 0);
    buf_init(&h->out, 0);
    buf_add_char(&extra, '\0');
    bool failed = extra.failed || out.failed;
    if (failed) {
        buf_clear(&out);
        conn_refused(h->conn, "answer lost", 500, "out of memory");
    }
    http_answer(h, failed ? 500 : h->status, "application/json", failed ? "" : extra.at,
                buf_span(&out));
    buf_done(&extra);
    buf_done(&out);
}

static void on_work(uv_work_t *work) { shrink(work->data); }

static void on_worked(uv_work_t *work, int status)
{
    struct http *h = work->data;
    struct net *n = h->net;
    n->jobs--;
    h->encoding = NULL;
    if (h->conn == NULL)
        http_free(h);
    else
        finish(h);
}

/* The tag names the content, not its encoding, and so is a weak one. */
static bool put_tag(struct http *h, struct span body)
{
    unsigned char hash[16];
    char tag[2 * sizeof hash + 1];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)body.at, body.len, NULL, 0);
    sodium_bin2hex(tag, sizeof tag, hash, sizeof hash);
    buf_printf(&h->extra, "ETag: W/\"%s\"\r\nVary: Accept-Encoding, Cookie, Authorization\r\n", tag);
    struct span known = h->request.if_none_match;
    return known.len > 0 && memmem(known.at, known.len, tag, strlen(tag)) != NULL;
}

static bool is_cookie_value(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] >= 0x7f || strchr("\",;\\", s.at[i]) != NULL)
            return false;
    return s.len > 0;
}

static void put_cookie(struct http *h, const struct http_answer *answer)
{
    const struct guard *g = &h->net->guard;
    const char *secure = g->is_https ? "; Secure" : "";
    if (answer->set_token.at != NULL && is_cookie_value(answer->set_token))
        buf_printf(&h->extra, "Set-Cookie: %s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s\r\n",
                   guard_cookie(g), (int)answer->set_token.len, answer->set_token.at, (long long)answer->max_age_s,
                   secure);
    else if (answer->clear_token)
        buf_printf(&h->extra, "Set-Cookie: %s=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax%s\r\n", guard_cookie(g),
                   secure);
}

static void on_done(void *ctx, const struct http_answer *answer)
{
    struct http *h = ctx;
    h->call = NULL;
    h->status = answer->status;
    buf_add_text(&h->extra, "Cache-Control: private, no-store\r\n");
    if (answer->retry_after_ms > 0)
        buf_printf(&h->extra, "Retry-After: %u\r\n", (answer->retry_after_ms + 999) / 1000);
    put_cookie(h, answer);
    bool is_read = h->request.method != METHOD_POST && answer->status == 200;
    if (is_read && put_tag(h, answer->body)) {
        h->status = 304;
        finish(h);
        return;
    }
    buf_add_span(&h->out, answer->body);
    const char *encoding = list_has(h->request.accept_encoding, "br")     ? "br"
                           : list_has(h->request.accept_encoding, "gzip") ? "gzip"
                                                                          : NULL;
    if (!is_read || h->out.len <= COMPRESS_LEAST || encoding == NULL || h->out.failed) {
        finish(h);
        return;
    }
    h->encoding = encoding;
    h->work.data = h;
    if (h->out.len > COMPRESS_INLINE && uv_queue_work(h->net->config.loop, &h->work, on_work, on_worked) == 0) {
        h->net->jobs++;
        return;
    }
    shrink(h);
    h->encoding = NULL;
    finish(h);
}

static bool is_json(struct span type)
{
    const char *semi = memchr(type.at, ';', type.len);
    size_t len = semi == NULL ? type.len : (size_t)(semi - type.at);
    while (len > 0 && type.at[len - 1] == ' ')
        len--;
    if (len != 16 || strncasecmp(type.at, "application/json", 16) != 0)
        return false;
    if (semi == NULL)
        return true;
    struct span rest = { semi + 1, type.len - (size_t)(semi + 1 - type.at) };
    return list_has(rest, "charset=utf-8") || list_has(rest, "charset=\"utf-8\"");
}

/* The answer may be held for long: of a POST it needs no more than this. */
static void forget(struct http *h)
{
    h->request = (struct request){ .method = METHOD_POST, .keep_alive = h->request.keep_alive };
    buf_done(&h->body);
    free(h->head);
    h->head = NULL;
}

void rpc_post(struct http *h)
{
    const struct request *r = &h->request;
    bool from_cookie;
    struct span token = guard_token(&h->net->guard, r, &from_cookie);
    struct span body = buf_span(&h->body);
    if (r->content_type.at == NULL || !is_json(r->content_type)) {
        http_refuse(h, 415, "", "Content-Type must be application/json");
        return;
    }
    if ((from_cookie || r->origin.at != NULL) && !guard_same_site(&h->net->guard, r)) {
        http_refuse(h, 403, "", "this origin may not write");
        return;
    }
    if (!conn_may_send(h->conn, body)) {
        http_refuse(h, 429, "Retry-After: 60\r\n", "too many sign-ins from this address; wait a minute");
        return;
    }
    const struct http_post post = {
        .token = token, .body = body, .address = h->conn->is_loopback ? 0 : h->conn->address,
    };
    struct http_call *call = wire_http_post(h->net->config.wire, &post, on_done, h);
    if (call == NULL)   /* h is answered and gone */
        return;
    h->call = call;
    forget(h);
}

void rpc_get(struct http *h, struct span name)
{
    const struct request *r = &h->request;
    bool from_cookie;
    struct span token = guard_token(&h->net->guard, r, &from_cookie);
    struct span site = r->fetch_site;
    if (from_cookie && site.at != NULL && !span_is(site, "same-origin") && !span_is(site, "none")) {
        http_refuse(h, 403, "", "other sites may not read");
        return;
    }
    struct http_call *call = wire_http_get(h->net->config.wire, token, name, r->args, on_done, h);
    if (call != NULL)
        h->call = call;
}
