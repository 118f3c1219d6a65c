/* send.c: an answer whose body was made for it, compressed where that pays; a long one by a worker. */
#include <brotli/encode.h>
#include <stdlib.h>
#include <zlib.h>

#include "net/http.h"

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
    http_answer(h, failed ? 500 : h->status, h->type, failed ? "" : extra.at, buf_span(&out));
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

void http_send(struct http *h, const char *type, bool may_shrink)
{
    const char *encoding = list_has(h->request.accept_encoding, "br")     ? "br"
                           : list_has(h->request.accept_encoding, "gzip") ? "gzip"
                                                                          : NULL;
    h->type = type;
    if (!may_shrink || h->out.len <= COMPRESS_LEAST || encoding == NULL || h->out.failed) {
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
