/* download.c: files of posts, to who may see the post now. Whole or from a place on (RFC 9110 §14), straight from the system's
 * memory to the socket; what is not in memory yet is read by a worker first, so that the loop never waits for the disk.
 * Nothing is ever run here: an attachment in a sandbox, but for the kinds of pictures that were looked at; and a PDF, where
 * it is asked for to be read, goes to the browser's own viewer as that and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/decimal.h"
#include "net/http.h"
#include "store/blob.h"
#include "store/export.h"
#include "wire/file.h"

#define LOOK_BYTES   (64u << 10)     /* between two looks whether a piece is in memory */
#define PIECE_BYTES  (256u << 10)    /* sent to one reader before others have their turn */
#define TURN_BYTES   (1u << 20)      /* sent in one turn of the loop, before posts have theirs */
#define ASKS         256             /* questions under way who may have what; more wait */
#define AHEAD_BYTES  (512u << 10)    /* read by a worker at a time */
#define PREFIX       "/file/"
#define EXPORT       "/export"
#define SAFE         "Content-Security-Policy: sandbox; default-src 'none'\r\nX-Content-Type-Options: nosniff\r\n" \
                     "Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n"

/* One file, open once however many are sent it. */
struct open_file {
    struct open_file *next;
    char path[BLOB_NAME_CHARS + 8];  /* name, and whether it is the thumbnail */
    unsigned users;
    int fd;
};

struct download {
    struct download *prev, *next;    /* of the list it waits in */
    struct downloads *list;          /* NULL: none */
    struct net *net;
    struct http *http;               /* NULL: the client is gone, only the worker still needs this */
    struct file_call *call;
    struct open_file *file;
    uv_work_t work;
    bool is_working, is_asking, is_thumb, is_view, is_read, is_export;
    char name[BLOB_NAME_CHARS + 1];
    char type[128];
    char *headers;                   /* name of the file, until the answer begins */
    int64_t bytes, at, end;          /* of the file; what is sent next and where it stops */
    int error;
};

static void leave_list(struct download *d)
{
    struct downloads *list = d->list;
    if (list == NULL)
        return;
    *(d->prev == NULL ? &list->first : &d->prev->next) = d->next;
    *(d->next == NULL ? &list->last : &d->next->prev) = d->prev;
    d->prev = d->next = NULL;
    d->list = NULL;
}

static void join_list(struct downloads *list, struct download *d)
{
    if (d->list != NULL)
        return;
    d->list = list;
    d->prev = list->last;
    *(list->last == NULL ? &list->first : &list->last->next) = d;
    list->last = d;
}

static void join_front(struct download *d)
{
    struct downloads *list = d->list;
    leave_list(d);
    d->list = list;
    d->next = list->first;
    *(list->first == NULL ? &list->last : &list->first->prev) = d;
    list->first = d;
}

static void asked(struct download *d)
{
    d->net->down_asking -= d->is_asking;
    d->is_asking = false;
}

static struct open_file **chain_of(struct net *n, const char *name)
{
    unsigned hash = 0;
    for (; *name != '\0'; name++)
        hash = hash * 31 + (unsigned char)*name;
    return &n->open_files[hash % OPEN_FILE_CHAINS];
}

static void key_of(const struct download *d, char ret[BLOB_NAME_CHARS + 8])
{
    (void)snprintf(ret, BLOB_NAME_CHARS + 8, "%s%s", d->name, d->is_thumb ? ".thumb" : "");
}

static struct open_file *find_open(struct download *d)
{
    char key[BLOB_NAME_CHARS + 8];
    key_of(d, key);
    for (struct open_file *f = *chain_of(d->net, key); f != NULL; f = f->next)
        if (strcmp(f->path, key) == 0)
            return f;
    return NULL;
}

static void leave(struct download *d)
{
    struct open_file *f = d->file;
    if (f == NULL || --f->users > 0)
        return;
    struct open_file **at = chain_of(d->net, f->path);
    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    (void)close(f->fd);
    free(f);
}

static void free_download(struct download *d)
{
    leave_list(d);
    asked(d);
    leave(d);
    free(d->headers);
    free(d);
}

void download_gone(struct download *d)
{
    d->http = NULL;
    leave_list(d);
    if (d->call != NULL)
        wire_file_cancel(d->call);
    if (!d->is_working)
        free_download(d);
}

static struct http *detach(struct download *d)
{
    struct http *h = d->http;
    h->download = NULL;
    free_download(d);
    return h;
}

static void fail(struct download *d, enum bz_err code, const char *text)
{
    struct bz_error e = { 0 };
    (void)bz_fail(&e, code, "%s", text);
    http_fail(detach(d), "", &e);
}

/* ---- Sending. */

static void work_ahead(uv_work_t *work)
{
    struct download *d = work->data;
    char page[1];
    (void)readahead(d->file->fd, d->at, AHEAD_BYTES);
    d->error = pread(d->file->fd, page, 1, d->at) == 1 ? 0 : EIO;
}

/* It can send: in its turn. */
static void ready(struct download *d)
{
    if (d->http->conn->state == CONN_FILE && !d->http->conn->is_full && !d->is_working)
        join_list(&d->net->down_ready, d);
}

static void on_ahead(uv_work_t *work, int status)
{
    struct download *d = work->data;
    (void)status;
    d->net->jobs--;
    d->is_working = false;
    if (d->http == NULL)
        free_download(d);
    else if (d->error != 0)
        conn_kill(d->http->conn);   /* the answer has begun: only its end can tell */
    else
        ready(d);
}

static void read_ahead(struct download *d)
{
    d->work.data = d;
    d->is_working = true;
    d->net->jobs++;
    if (uv_queue_work(d->net->config.loop, &d->work, work_ahead, on_ahead) != 0)
        abort();   /* only for a missing function */
}

/* Is the next piece in memory? */
static bool is_near(const struct download *d, size_t len)
{
    char page[1];
    const struct iovec io = { page, sizeof page };
    for (size_t at = 0; at < len; at += LOOK_BYTES)
        if (preadv2(d->file->fd, &io, 1, d->at + (int64_t)at, RWF_NOWAIT) != 1)
            return false;
    return preadv2(d->file->fd, &io, 1, d->at + (int64_t)len - 1, RWF_NOWAIT) == 1;
}

static void done(struct download *d)
{
    struct http *h = detach(d);
    struct conn *c = h->conn;
    bool is_closing = h->is_closing || !h->request.keep_alive || h->net->is_stopping;
    c->http = NULL;
    http_free(h);
    if (is_closing)
        conn_finish(c);
    else
        http_next(c);
}

/* Sends one piece. Returns the bytes. The library is asked to tell of an empty line only when the line is full: each time costs
 * several calls of the system. */
static size_t pump(struct download *d)
{
    struct conn *c = d->http->conn;
    int64_t left = d->end - d->at;
    size_t len = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
    off_t at = d->at;
    if (c->state != CONN_FILE || c->is_full)
        return 0;
    if (len > 0 && !is_near(d, len) && errno == EAGAIN) {
        read_ahead(d);
        return 0;
    }
    ssize_t n = len > 0 ? sendfile(lws_get_socket_fd(c->wsi), d->file->fd, &at, len) : 0;
    if (n < 0 && errno == EAGAIN) {
        conn_timer(c, LOOK_SECONDS);
        conn_full(c);
        return 0;
    }
    if (n < 0 || (n == 0 && len > 0)) {
        conn_kill(c);
        return 0;
    }
    d->at += n;
    if (d->at == d->end) {
        done(d);
    } else if ((size_t)n < len) {
        conn_timer(c, LOOK_SECONDS);
        conn_full(c);
    } else {
        conn_timer(c, SILENCE_MS / 1000);
        ready(d);
    }
    return (size_t)n;
}

void download_drained(struct conn *c)
{
    if (c->http != NULL && c->http->download != NULL && c->http->download->file != NULL)
        ready(c->http->download);
}

/* ---- The answer's head. */

static const char *const shown[] = { "image/png", "image/jpeg", "image/gif", "image/webp" };
/* What is no page and no script in any reader. */
static const char *const plain[] = { "application/pdf", "application/x-pdf", "application/zip", "application/msword", "application/vnd.",
                                     "application/epub+zip", "audio/", "video/", "text/csv", "text/plain", "image/png", "image/jpeg",
                                     "image/gif", "image/webp", "image/tiff", "image/heic", "image/heif", "image/avif" };

static bool is_among(const char *type, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(type, list[i], strlen(list[i])) == 0)
            return true;
    return false;
}

static bool is_plain_char(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c != '\0' && strchr("-._", c) != NULL);
}

/* RFC 6266 with RFC 8187: an ASCII name for old readers, and the whole one in any script. What turns the text around or
 * names a folder is left out. */
static char *put_name(struct span name, bool is_inline)
{
    char ascii[BZ_LIMIT_FILE_NAME_CHARS + 1], utf8[12 * BZ_LIMIT_FILE_NAME_CHARS + 8];
    size_t a = 0, u = 0;
    for (size_t i = 0; i < name.len && u + 4 < sizeof utf8 && a + 1 < sizeof ascii; i++) {
        unsigned char c = (unsigned char)name.at[i];
        bool is_path = c == '/' || c == '\\' || c < 0x20 || c == 0x7f;
        if (c < 0x80 || (c & 0xc0) == 0xc0)
            ascii[a++] = is_plain_char(c) || c == ' ' ? (char)c : '_';
        if (is_plain_char(c))
            utf8[u++] = (char)c;
        else
            u += (size_t)snprintf(utf8 + u, sizeof utf8 - u, "%%%02X", is_path ? '_' : c);
    }
    ascii[a] = utf8[u] = '\0';
    static const char form[] = "Content-Disposition: %s; filename=\"%s\"; filename*=UTF-8''%s\r\n";
    size_t size = sizeof form + sizeof "attachment" + a + u;
    char *ret = malloc(size);
    if (ret != NULL)
        (void)snprintf(ret, size, form, is_inline ? "inline" : "attachment", ascii, utf8);
    return ret;
}

enum range { RANGE_NONE, RANGE_ONE, RANGE_BAD };

/* One range, "bytes=5-9", "5-" or "-5"; several, or another unit: as if none were asked for. */
static enum range range_of(struct span s, int64_t bytes, int64_t *ret_from, int64_t *ret_end)
{
    static const char unit[] = "bytes=";
    int64_t first = 0, last = 0;
    if (s.len <= sizeof unit - 1 || memcmp(s.at, unit, sizeof unit - 1) != 0)
        return RANGE_NONE;
    size_t at = sizeof unit - 1;
    bool has_first = decimal_next(s, &at, &first);
    if (at == s.len || s.at[at++] != '-')
        return RANGE_NONE;
    bool has_last = decimal_next(s, &at, &last);
    if (at != s.len || (!has_first && !has_last) || (has_first && has_last && last < first))
        return RANGE_NONE;
    *ret_from = has_first ? first : last < bytes ? bytes - last : 0;
    *ret_end = has_first && has_last && last < bytes ? last + 1 : bytes;
    return *ret_from < *ret_end ? RANGE_ONE : RANGE_BAD;
}

static void begin(struct download *d)
{
    struct http *h = d->http;
    struct conn *c = h->conn;
    const struct request *r = &h->request;
    char tag[BLOB_NAME_CHARS + 12], head[4096], key[BLOB_NAME_CHARS + 8], part[96] = "";
    key_of(d, key);
    (void)snprintf(tag, sizeof tag, "\"%s\"", key);
    bool is_known = r->if_none_match.len > 0 && memmem(r->if_none_match.at, r->if_none_match.len, tag, strlen(tag)) != NULL;
    bool may_range = r->range.at != NULL && (r->if_range.at == NULL || span_is(r->if_range, tag));
    d->end = d->bytes;
    enum range range = may_range ? range_of(r->range, d->bytes, &d->at, &d->end) : RANGE_NONE;
    int status = is_known ? 304 : range == RANGE_BAD ? 416 : range == RANGE_ONE ? 206 : 200;
    bool is_closing = h->is_closing || !r->keep_alive || h->net->is_stopping;
    if (status == 206)
        (void)snprintf(part, sizeof part, "Content-Range: bytes %lld-%lld/%lld\r\n", (long long)d->at, (long long)d->end - 1,
                       (long long)d->bytes);
    else if (status == 416)
        (void)snprintf(part, sizeof part, "Content-Range: bytes */%lld\r\n", (long long)d->bytes);
    if (status == 416 || status == 304)
        d->at = d->end = 0;
    bool is_text = strcmp(d->type, "text/plain") == 0 || strcmp(d->type, "text/csv") == 0;
    int len = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\n" SAFE "ETag: %s\r\nAccept-Ranges: bytes\r\n"
                       "Cache-Control: private, %s\r\nVary: Cookie, Authorization\r\n%sContent-Type: %s%s\r\n%s%s",
                       status, http_phrase(status), tag, d->is_export ? "no-store" : "no-cache", d->headers,
                       d->type, is_text ? "; charset=utf-8" : "", part,
                       is_closing ? "Connection: close\r\n" : "");
    if (status != 304)
        len += snprintf(head + len, sizeof head - (size_t)len, "Content-Length: %lld\r\n", (long long)(d->end - d->at));
    len += snprintf(head + len, sizeof head - (size_t)len, "\r\n");
    free(d->headers);
    d->headers = NULL;
    if (r->method == METHOD_HEAD)
        d->at = d->end;
    c->state = CONN_FILE;
    lasting_begin(h);
    conn_timer(c, SILENCE_MS / 1000);
    (void)conn_write(c, head, (size_t)len);
    ready(d);
    if (d->list != NULL)   /* what is small comes at once, however many large ones are on their way */
        join_front(d);
}

/* ---- Opening. */

static void work_open(uv_work_t *work)
{
    struct download *d = work->data;
    char path[BLOB_PATH_BYTES];
    struct stat st;
    struct span name = { d->name, BLOB_NAME_CHARS };
    if (d->is_export)
        export_path(d->net->config.dir, d->name, "", path);
    else if (d->is_thumb)
        blob_thumb_path(d->net->config.dir, name, path);
    else
        blob_path(d->net->config.dir, name, path);
    d->file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    d->error = d->file->fd < 0 || fstat(d->file->fd, &st) != 0 ? errno : 0;
    if (d->error == 0)
        d->bytes = st.st_size;
}

static void on_open(uv_work_t *work, int status)
{
    struct download *d = work->data;
    struct open_file *mine = d->file, *other;
    (void)status;
    d->net->jobs--;
    d->is_working = false;
    d->file = NULL;
    if (d->error != 0 || d->http == NULL) {
        if (mine->fd >= 0)
            (void)close(mine->fd);
        free(mine);
        if (d->http == NULL)
            free_download(d);
        else
            fail(d, d->error == ENOENT ? BZ_ERR_NOT_FOUND : BZ_ERR_BUSY,
                 d->error == ENOENT ? "the file is missing on the server; whoever runs it can restore it" : "the file cannot be read now");
        return;
    }
    if ((other = find_open(d)) != NULL) {   /* opened twice at once */
        (void)close(mine->fd);
        free(mine);
        mine = other;
    } else {
        struct open_file **chain = chain_of(d->net, mine->path);
        mine->next = *chain;
        *chain = mine;
    }
    mine->users++;
    d->file = mine;
    begin(d);
}

static void open_it(struct download *d)
{
    struct open_file *f = find_open(d);
    if (f != NULL) {
        struct stat st;
        f->users++;
        d->file = f;
        if (fstat(f->fd, &st) == 0)
            d->bytes = st.st_size;
        begin(d);
        return;
    }
    if ((f = calloc(1, sizeof *f)) == NULL) {
        fail(d, BZ_ERR_BUSY, "the server is short of memory; try again soon");
        return;
    }
    key_of(d, f->path);
    d->file = f;
    d->work.data = d;
    d->is_working = true;
    d->net->jobs++;
    if (uv_queue_work(d->net->config.loop, &d->work, work_open, on_open) != 0)
        abort();   /* only for a missing function */
}

static void on_file(void *ctx, const struct file_answer *a)
{
    struct download *d = ctx;
    d->call = NULL;
    asked(d);
    if (a->error.code != BZ_OK) {
        http_fail(detach(d), "", &a->error);
        return;
    }
    if (a->file.hash.len != BLOB_NAME_CHARS || (d->is_thumb && !a->file.has_thumb)) {
        fail(d, BZ_ERR_NOT_FOUND, "there is no such file, or it is not open to you");
        return;
    }
    memcpy(d->name, a->file.hash.at, BLOB_NAME_CHARS);
    (void)snprintf(d->type, sizeof d->type, "%.*s", (int)a->file.type.len, a->file.type.at);
    if (d->is_thumb)
        (void)snprintf(d->type, sizeof d->type, "image/webp");
    else if (!is_among(d->type, plain, sizeof plain / sizeof plain[0]))
        (void)snprintf(d->type, sizeof d->type, "application/octet-stream");
    bool is_inline = d->is_read ? strcmp(d->type, "application/pdf") == 0
                                : d->is_view && is_among(d->type, shown, sizeof shown / sizeof shown[0]);
    d->headers = put_name(a->file.name, is_inline);
    if (d->headers != NULL)
        open_it(d);
    else
        fail(d, BZ_ERR_BUSY, "the server is short of memory; try again soon");
}

/* /file/POST/PLACE and /file/POST/PLACE/thumb */
static bool parse(struct span path, struct file_ask *ask, bool *ret_is_thumb)
{
    *ret_is_thumb = false;
    if (ask->kind == FILE_EXPORT)
        return true;
    const char *at = path.at + sizeof PREFIX - 1, *end = path.at + path.len;
    const char *slash = memchr(at, '/', (size_t)(end - at));
    if (slash == NULL)
        return false;
    ask->post = (struct span){ at, (size_t)(slash - at) };
    struct span rest = { slash + 1, (size_t)(end - slash - 1) };
    size_t pos = 0;
    if (!decimal_next(rest, &pos, &ask->n) || ask->n >= BZ_LIMIT_FILES_MAX)
        return false;
    *ret_is_thumb = span_is((struct span){ rest.at + pos, rest.len - pos }, "/thumb");
    return pos == rest.len || *ret_is_thumb;
}

bool download_ask_again(const struct http *h, struct file_ask *ret)
{
    bool is_thumb;
    ret->kind = span_is(h->request.path, EXPORT) ? FILE_EXPORT : FILE_GET;
    return h->download != NULL && parse(h->request.path, ret, &is_thumb);
}

bool download_serve(struct http *h)
{
    const struct request *r = &h->request;
    bool is_export = span_is(r->path, EXPORT);
    if (!is_export && (r->path.len < sizeof PREFIX - 1 || memcmp(r->path.at, PREFIX, sizeof PREFIX - 1) != 0))
        return false;
    bool from_cookie, is_thumb;
    struct file_ask ask = { .kind = is_export ? FILE_EXPORT : FILE_GET };
    (void)guard_token(&h->net->guard, r, &from_cookie);
    struct span site = r->fetch_site;
    if (!parse(r->path, &ask, &is_thumb)) {
        http_refuse(h, 404, "", "no such address");
        return true;
    }
    if (from_cookie && site.at != NULL && !span_is(site, "same-origin") && !span_is(site, "none")) {
        http_refuse(h, 403, "", "other sites may not read");
        return true;
    }
    struct download *d = calloc(1, sizeof *d);
    if (d == NULL) {
        conn_kill(h->conn);
        return true;
    }
    *d = (struct download){ .net = h->net, .http = h, .is_thumb = is_thumb, .is_view = span_is(r->args, "view"),
                             .is_read = span_is(r->args, "read"), .is_export = is_export };
    h->download = d;
    join_list(&h->net->down_waiting, d);
    return true;
}

static void ask_first(struct download *d)
{
    struct net *n = d->net;
    bool from_cookie;
    struct file_ask ask = { .token = guard_token(&n->guard, &d->http->request, &from_cookie) };
    leave_list(d);
    if (!download_ask_again(d->http, &ask))
        return;
    n->down_asking++;
    d->is_asking = true;
    lasting_asked(d->http);
    struct file_call *call = wire_file(n->config.wire, &ask, on_file, d);
    if (call != NULL)   /* else d is answered, and may be gone */
        d->call = call;
}

static void on_busy(uv_idle_t *idle) { (void)idle; }

void download_turn(struct net *n)
{
    while (n->down_waiting.first != NULL && n->down_asking < ASKS)
        ask_first(n->down_waiting.first);
    for (size_t sent = 0; n->down_ready.first != NULL && sent < TURN_BYTES;) {
        struct download *d = n->down_ready.first;
        leave_list(d);
        sent += pump(d);
    }
    if (n->down_ready.first != NULL)   /* the loop looks what else there is, and comes back at once */
        (void)uv_idle_start(&n->busy, on_busy);
    else
        (void)uv_idle_stop(&n->busy);
}
