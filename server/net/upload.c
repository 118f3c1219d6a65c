/* upload.c: tus 1.0 (https://tus.io/protocols/resumable-upload): creation, checksum, expiration, termination. What arrived is in
 * the part's file, whose length is the offset: it outlives cuts, kills and restarts without being noted anywhere else.
 * Every step that touches the disk is a worker's; meanwhile the connection is not read. */
#include "net/upload.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/utf8.h"
#include "wire/file.h"

#define CHUNK_BYTES  (128u << 10)    /* written at a time */
#define UPLOADS_AT_ONCE 128          /* requests that bring bytes */
#define UPLOADS_MEMBER 16            /* and of one member, who so never has all the places */
#define INPUT_BYTES  (256 << 10)     /* what the system takes in ahead of us: lost when we are killed, and memory */
#define LATE_BYTES   (2 << 20)       /* taken of who is leaving: all that can have come by then */
#define METADATA_BYTES 2048          /* kept of what a sender tells */
#define LOOK_TEXT_MAX  (512u << 10)
#define LOOK_THUMB_MAX (64u << 10)
#define TUS          "Tus-Resumable: 1.0.0\r\n"
#define TUS_VERSION  "Tus-Version: 1.0.0\r\n"
#define TUS_ABOUT    TUS_VERSION "Tus-Extension: creation,expiration,termination,checksum\r\nTus-Checksum-Algorithm: sha1\r\n"
#define LOCATION     "Location: " UPLOAD_PATH "/%s\r\n"
#define PART_TYPE    "application/offset+octet-stream"

static void free_upload(struct upload *u)
{
    if (u->is_listed) {
        if (u->next != NULL)
            u->next->prev = u->prev;
        *(u->prev == NULL ? &u->net->uploads : &u->prev->next) = u->next;
        u->net->uploads_count--;
    }
    if (u->fd >= 0)
        (void)close(u->fd);
    EVP_MD_CTX_free(u->sum);
    buf_done(&u->text);
    buf_done(&u->thumb);
    free(u->chunk);
    free(u->metadata);
    free(u);
}

/* Answers and ends. extra: header lines, may be "". */
static void answer(struct upload *u, int status, const char *extra)
{
    struct http *h = u->http;
    char lines[METADATA_BYTES + 512];
    (void)snprintf(lines, sizeof lines, TUS "Cache-Control: no-store\r\n%s", extra);
    h->upload = NULL;
    h->is_closing = h->is_closing || u->left > 0;   /* what is not read of a body would be taken for a request */
    conn_pause(h->conn, false);
    free_upload(u);
    http_answer(h, status, "text/plain", lines, SPAN(""));
}

static void refuse(struct upload *u, int status, const char *extra, const char *text)
{
    struct http *h = u->http;
    char lines[512];
    (void)snprintf(lines, sizeof lines, TUS "Cache-Control: no-store\r\n%s", extra);
    h->upload = NULL;
    conn_pause(h->conn, false);
    free_upload(u);
    http_refuse(h, status, lines, text);
}

static void fail(struct upload *u, const struct bz_error *error)
{
    struct http *h = u->http;
    h->upload = NULL;
    h->is_closing = h->is_closing || u->left > 0;
    conn_pause(h->conn, false);
    free_upload(u);
    http_fail(h, TUS, error);
}

static void fail_disk(struct upload *u)
{
    struct bz_error e = { 0 };
    bool is_full = u->error == ENOSPC || u->error == EDQUOT;
    (void)bz_fail(&e, is_full ? BZ_ERR_STORAGE_FULL : BZ_ERR_STORE,
                  is_full ? "the disk is full; what arrived is kept, go on in a while" : "the file could not be stored; go on in a while");
    e.retry_after_ms = 5000;
    fail(u, &e);
}

static void opened(struct upload *u);
static void written(struct upload *u);
static void look(struct upload *u);
static void finished(struct upload *u);

static void on_worked(uv_work_t *work, int status)
{
    struct upload *u = work->data;
    enum step step = u->step;
    (void)status;
    u->net->jobs--;
    u->step = STEP_NONE;
    if (u->http == NULL)
        upload_gone(u);
    else if (u->error != 0)
        fail_disk(u);
    else if (step == STEP_OPEN)
        opened(u);
    else if (step == STEP_WRITE)
        written(u);
    else if (step == STEP_FINISH)
        look(u);
    else
        finished(u);
}

static void begin_step(struct upload *u, enum step step)
{
    u->step = step;
    u->is_last = u->left == 0 || u->http == NULL;
    u->work.data = u;
    u->net->jobs++;
    if (uv_queue_work(u->net->config.loop, &u->work, upload_work, on_worked) != 0)
        abort();   /* only for a missing function */
}

/* What has come of a part whose sender went away is kept, unless only its whole could be checked. */
void upload_gone(struct upload *u)
{
    u->http = NULL;
    if (u->call != NULL)
        wire_file_cancel(u->call);
    u->call = NULL;
    if (u->step != STEP_NONE)
        return;
    if (u->fd >= 0 && u->error == 0 && (u->chunk_len > 0 || (u->sum != NULL && u->left > 0 && !u->is_wrong))) {
        begin_step(u, STEP_WRITE);
        return;
    }
    free_upload(u);
}

/* ---- On the loop. */

static void put_expiry(int64_t at_ms, char *ret, size_t size)
{
    time_t at = (time_t)(at_ms / 1000);
    struct tm tm;
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    *ret = '\0';
    if (gmtime_r(&at, &tm) != NULL)
        (void)snprintf(ret, size, "Upload-Expires: %.3s, %02d %.3s %d %02d:%02d:%02d GMT\r\n", days + 3 * tm.tm_wday, tm.tm_mday,
                       months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void tell_offset(struct upload *u)
{
    char lines[METADATA_BYTES + 256], expiry[80];
    put_expiry(u->ends_ms, expiry, sizeof expiry);
    int len = snprintf(lines, sizeof lines, "Upload-Offset: %lld\r\n%s", (long long)u->offset, expiry);
    if (u->method == METHOD_HEAD)
        len += snprintf(lines + len, sizeof lines - (size_t)len, "Upload-Length: %lld\r\n", (long long)u->bytes);
    if (u->method == METHOD_HEAD && u->metadata != NULL)
        (void)snprintf(lines + len, sizeof lines - (size_t)len, "Upload-Metadata: %s\r\n", u->metadata);
    answer(u, u->method == METHOD_HEAD ? 200 : 204, lines);
}

static void on_complete(void *ctx, const struct file_answer *a)
{
    struct upload *u = ctx;
    u->call = NULL;
    if (a->error.code == BZ_OK)
        tell_offset(u);
    else
        fail(u, &a->error);
}

static void keep(char *to, size_t size, struct span from, struct span *ret)
{
    size_t len = from.len < size ? from.len : 0;
    memcpy(to, from.at == NULL ? "" : from.at, len);
    *ret = (struct span){ from.at == NULL || len == 0 ? NULL : to, len };
}

static void on_looked(void *who, const struct blob *found, struct span thumb)
{
    struct upload *u = who;
    u->net->jobs--;
    u->step = STEP_NONE;
    if (u->http == NULL) {
        upload_gone(u);
        return;
    }
    if (found == NULL) {
        u->error = EAGAIN;
        fail_disk(u);
        return;
    }
    u->blob.width = found->width;
    u->blob.height = found->height;
    keep(u->type, sizeof u->type, found->type, &u->blob.type);
    keep(u->dot, sizeof u->dot, found->dot, &u->blob.dot);
    buf_add_span(&u->text, found->text);
    u->blob.text = u->text.len > 0 ? buf_span(&u->text) : (struct span){ NULL, 0 };
    buf_add_span(&u->thumb, thumb);
    if (u->thumb.len > 0)
        begin_step(u, STEP_THUMB);
    else
        finished(u);
}

/* What the bytes are is found out before anybody is served them. */
static void look(struct upload *u)
{
    const struct net_looker *looker = &u->net->config.looker;
    buf_init(&u->text, LOOK_TEXT_MAX);
    buf_init(&u->thumb, LOOK_THUMB_MAX);
    if (looker->look == NULL) {
        finished(u);
        return;
    }
    int fd = dup(u->fd);
    u->step = STEP_LOOK;
    u->net->jobs++;
    if (fd >= 0 && looker->look(looker->ctx, fd, on_looked, u))
        return;
    u->net->jobs--;
    u->step = STEP_NONE;
    u->error = EAGAIN;
    fail_disk(u);
}

static void finished(struct upload *u)
{
    struct span id = { u->id, UPLOAD_CHARS };
    struct file_call *call = wire_file_complete(u->net->config.wire, u->member, id, &u->blob, on_complete, u);
    if (call != NULL)   /* else u is answered and gone */
        u->call = call;
}

static void want_more(struct upload *u)
{
    struct conn *c = u->http->conn;
    conn_timer(c, SILENCE_MS / 1000);
    conn_pause(c, false);
    http_process(c);
}

static void written(struct upload *u)
{
    if (u->is_wrong)
        refuse(u, 460, "", "the checksum is another: this part is not kept, send it again");
    else if (u->left > 0)
        want_more(u);
    else if (u->offset == u->bytes)
        begin_step(u, STEP_FINISH);
    else
        tell_offset(u);
}

void upload_take(struct http *h, size_t len)
{
    struct upload *u = h->upload;
    struct conn *c = h->conn;
    size_t room = CHUNK_BYTES - u->chunk_len;
    len = len < room ? len : room;
    len = (int64_t)len < u->left ? len : (size_t)u->left;
    memcpy(u->chunk + u->chunk_len, c->in, len);
    http_consume(c, len);
    u->chunk_len += len;
    u->left -= (int64_t)len;
    u->late += u->is_leaving ? (int64_t)len : 0;
    if (u->late > LATE_BYTES) {
        conn_kill(c);
        return;
    }
    if (u->chunk_len < CHUNK_BYTES && u->left > 0) {
        conn_timer(c, SILENCE_MS / 1000);
        return;
    }
    conn_pause(c, true);
    wheel_unset(&c->timer);
    begin_step(u, STEP_WRITE);
}

static bool is_same(const struct upload *u, const struct upload *other)
{
    return u != other && memcmp(other->id, u->id, UPLOAD_CHARS) == 0;
}

/* Of two requests on one upload the older has lost its line, and the end of it has not come through yet. What came of it is taken,
 * so that it need not come again, then it ends; meanwhile the newer is told to come again. */
static bool is_taken(struct upload *u)
{
    bool ret = false;
    for (struct upload *other = u->net->uploads; other != NULL; other = other->next) {
        if (!is_same(u, other))
            continue;
        ret = true;
        if (other->http != NULL && !other->is_leaving)
            conn_last(other->http->conn);
        other->is_leaving = true;
    }
    return ret;
}

static void cut_off(struct upload *u)
{
    for (struct upload *other = u->net->uploads; other != NULL; other = other->next)
        if (is_same(u, other) && other->http != NULL)
            conn_kill(other->http->conn);
}

static unsigned count_of(const struct upload *u)
{
    unsigned count = 0;
    for (const struct upload *other = u->net->uploads; other != NULL; other = other->next)
        count += other->member == u->member;
    return count;
}

static void list(struct upload *u)
{
    u->next = u->net->uploads;
    if (u->next != NULL)
        u->next->prev = u;
    u->net->uploads = u;
    u->is_listed = true;
    u->net->uploads_count++;
}

static void opened(struct upload *u)
{
    struct http *h = u->http;
    if (u->method == METHOD_PATCH && u->from != u->offset) {
        char lines[64];
        (void)snprintf(lines, sizeof lines, "Upload-Offset: %lld\r\n", (long long)u->offset);
        refuse(u, 409, lines, "the upload goes on at another place: ask for it by HEAD");
        return;
    }
    if (u->offset == u->bytes) {   /* whole, but its sender was cut off before it was told */
        begin_step(u, STEP_FINISH);
        return;
    }
    if (u->left == 0) {
        tell_offset(u);
        return;
    }
    u->chunk = malloc(CHUNK_BYTES);
    if (u->chunk == NULL || (u->sum != NULL && EVP_DigestInit_ex(u->sum, EVP_sha1(), NULL) != 1)) {
        u->error = ENOMEM;
        fail_disk(u);
        return;
    }
    conn_input(h->conn, INPUT_BYTES);
    if (h->request.expects_continue)
        (void)conn_write(h->conn, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    want_more(u);
}

static void on_found(void *ctx, const struct file_answer *a)
{
    struct upload *u = ctx;
    u->call = NULL;
    if (a->error.code != BZ_OK) {
        fail(u, &a->error);
        return;
    }
    u->bytes = a->seen.bytes;
    u->member = a->seen.member;
    u->ends_ms = a->seen.at_ms + BZ_LIMIT_UPLOAD_HOURS * (int64_t)3600000;
    u->metadata = a->seen.metadata.len > 0 ? strndup(a->seen.metadata.at, a->seen.metadata.len) : NULL;
    if (a->seen.is_done) {
        u->offset = u->bytes;
        if (u->method == METHOD_HEAD)
            tell_offset(u);
        else
            refuse(u, 409, "", "the upload is complete");
    } else if (is_taken(u)) {
        refuse(u, 423, "Retry-After: 1\r\n", "another request writes to this upload; come again in a second");
    } else if (u->method == METHOD_PATCH && u->left > u->bytes - u->from) {
        refuse(u, 413, "", "this is more than the upload was said to have");
    } else if (u->net->uploads_count >= UPLOADS_AT_ONCE || count_of(u) >= UPLOADS_MEMBER) {
        refuse(u, 503, "Retry-After: 5\r\n", "many files are being sent; what arrived is kept, go on in a few seconds");
    } else {
        list(u);
        lasting_begin(u->http);
        begin_step(u, STEP_OPEN);
    }
}

static void on_opened(void *ctx, const struct file_answer *a)
{
    struct upload *u = ctx;
    char lines[256], expiry[80];
    u->call = NULL;
    if (a->error.code != BZ_OK) {
        fail(u, &a->error);
        return;
    }
    put_expiry(((int64_t)time(NULL) + BZ_LIMIT_UPLOAD_HOURS * 3600) * 1000, expiry, sizeof expiry);
    (void)snprintf(lines, sizeof lines, LOCATION "%s", a->upload, expiry);
    answer(u, 201, lines);
}

static void on_dropped(void *ctx, const struct file_answer *a)
{
    struct upload *u = ctx;
    u->call = NULL;
    if (a->error.code == BZ_OK)
        answer(u, 204, "");
    else
        fail(u, &a->error);
}

/* ---- The head. */

/* "filename cGxhbi5wZGY=,other dmFsdWU=": the name is taken, the rest is the client's own. */
static bool file_name(struct span list, char *ret, size_t size, size_t *ret_len)
{
    static const char key[] = "filename ";
    *ret_len = 0;
    for (size_t at = 0; at < list.len;) {
        const char *comma = memchr(list.at + at, ',', list.len - at);
        size_t len = comma == NULL ? list.len - at : (size_t)(comma - list.at) - at;
        const char *one = list.at + at;
        at += len + 1;
        while (len > 0 && *one == ' ')
            one++, len--;
        if (len <= sizeof key - 1 || memcmp(one, key, sizeof key - 1) != 0)
            continue;
        return sodium_base642bin((unsigned char *)ret, size, one + sizeof key - 1, len - (sizeof key - 1), NULL, ret_len, NULL,
                                 sodium_base64_VARIANT_ORIGINAL) == 0;
    }
    return true;
}

/* It is told again as it came, in a header. */
static bool is_told_again(struct span metadata)
{
    for (size_t i = 0; i < metadata.len; i++)
        if (metadata.at[i] < 0x20 || metadata.at[i] > 0x7e)
            return false;
    return metadata.len <= METADATA_BYTES;
}

static void ask_wire(struct upload *u, const struct file_ask *ask, file_done done)
{
    struct file_call *call = wire_file(u->net->config.wire, ask, done, u);
    if (call != NULL)   /* else u is answered and gone */
        u->call = call;
}

static void take_open(struct upload *u, struct file_ask *ask)
{
    const struct request *r = &u->http->request;
    char name[4 * BZ_LIMIT_FILE_NAME_CHARS];
    size_t len;
    int64_t max = u->net->config.file_bytes_max;
    if (u->left > 0) {
        refuse(u, 400, "", "the bytes come with PATCH");
    } else if (!decimal_whole(r->upload_length, &ask->bytes)) {
        refuse(u, 400, "", "Upload-Length: how many bytes will come");
    } else if (max > 0 && ask->bytes > max) {
        refuse(u, 413, "", "the file is larger than this hub takes");
    } else if (r->upload_concat.at != NULL) {
        refuse(u, 400, "", "files are not put together of parts here: one upload is one file");
    } else if (!is_told_again(r->upload_metadata) || !file_name(r->upload_metadata, name, sizeof name, &len)
               || (len > 0 && !utf8_is_name((struct span){ name, len }, BZ_LIMIT_FILE_NAME_CHARS))) {
        refuse(u, 400, "", "Upload-Metadata: filename is one line of readable characters in base64, and not too long");
    } else {
        ask->kind = FILE_OPEN;
        ask->name = len > 0 ? (struct span){ name, len } : SPAN("file");
        ask->metadata = r->upload_metadata;
        ask_wire(u, ask, on_opened);
    }
}

static bool take_sum(struct upload *u, struct span told)
{
    static const char key[] = "sha1 ";
    size_t len;
    if (told.at == NULL)
        return true;
    if (told.len <= sizeof key - 1 || memcmp(told.at, key, sizeof key - 1) != 0
        || sodium_base642bin(u->wanted, sizeof u->wanted, told.at + sizeof key - 1, told.len - (sizeof key - 1), NULL, &len, NULL,
                             sodium_base64_VARIANT_ORIGINAL) != 0 || len != SHA1_BYTES)
        return false;
    u->sum = EVP_MD_CTX_new();
    return u->sum != NULL;
}

static void take_patch(struct upload *u, struct file_ask *ask)
{
    const struct request *r = &u->http->request;
    if (!span_is(r->content_type, PART_TYPE)) {
        refuse(u, 415, "", "Content-Type must be " PART_TYPE);
    } else if (!decimal_whole(r->upload_offset, &u->from)) {
        refuse(u, 400, "", "Upload-Offset: where these bytes go");
    } else if (!take_sum(u, r->upload_checksum)) {
        refuse(u, 400, "", "Upload-Checksum: sha1 in base64");
    } else {
        ask->kind = FILE_FIND;
        ask_wire(u, ask, on_found);
    }
}

/* For lines where something in between knows no other methods than GET and POST. */
static enum method method_of(const struct request *r)
{
    static const struct { const char *name; enum method method; } methods[] = {
        { "PATCH", METHOD_PATCH }, { "DELETE", METHOD_DELETE }, { "HEAD", METHOD_HEAD },
    };
    for (size_t i = 0; i < sizeof methods / sizeof methods[0] && r->method == METHOD_POST; i++)
        if (span_is(r->method_override, methods[i].name))
            return methods[i].method;
    return r->method;
}

bool upload_ask_again(const struct http *h, struct file_ask *ret)
{
    const struct request *r = &h->request;
    ret->kind = FILE_FIND;
    ret->upload = (struct span){ r->path.at + sizeof UPLOAD_PATH, UPLOAD_CHARS };
    return h->upload != NULL && r->path.len == sizeof UPLOAD_PATH + UPLOAD_CHARS;
}

/* Methods of /upload/ID. */
static void take_one(struct upload *u, struct span id, struct file_ask *ask)
{
    if (id.len != UPLOAD_CHARS || strspn(id.at, "0123456789abcdef") < UPLOAD_CHARS) {
        refuse(u, 404, "", "there is no such upload, or it ended: send the file again");
        return;
    }
    memcpy(u->id, id.at, UPLOAD_CHARS);
    ask->upload = id;
    if (u->method == METHOD_PATCH) {
        take_patch(u, ask);
    } else if (u->left > 0) {
        refuse(u, 400, "", "a body is not expected here");
    } else if (u->method == METHOD_HEAD) {
        ask->kind = FILE_FIND;
        ask_wire(u, ask, on_found);
    } else if (u->method == METHOD_DELETE) {
        cut_off(u);
        ask->kind = FILE_DROP;
        ask_wire(u, ask, on_dropped);
    } else {
        refuse(u, 405, "Allow: HEAD, PATCH, DELETE\r\n", "this address takes HEAD, PATCH and DELETE");
    }
}

static void about(struct upload *u)
{
    char lines[256];
    long long max = (long long)u->net->config.file_bytes_max;
    int len = snprintf(lines, sizeof lines, TUS_ABOUT);
    if (max > 0)
        (void)snprintf(lines + len, sizeof lines - (size_t)len, "Tus-Max-Size: %lld\r\n", max);
    answer(u, 204, lines);
}

bool upload_serve(struct http *h)
{
    const struct request *r = &h->request;
    size_t len = sizeof UPLOAD_PATH - 1;
    if (r->path.len < len || memcmp(r->path.at, UPLOAD_PATH, len) != 0 || (r->path.len > len && r->path.at[len] != '/'))
        return false;
    struct upload *u = calloc(1, sizeof *u);
    if (u == NULL) {
        conn_kill(h->conn);
        return true;
    }
    h->request.method = method_of(r);
    *u = (struct upload){ .net = h->net, .http = h, .fd = -1, .method = r->method, .left = r->body_bytes };
    h->upload = u;
    h->conn->state = CONN_UPLOAD;
    wheel_unset(&h->conn->timer);
    conn_pause(h->conn, true);
    lasting_asked(h);
    bool from_cookie;
    struct file_ask ask = { .token = guard_token(&h->net->guard, r, &from_cookie) };
    if (r->method == METHOD_OPTIONS)
        about(u);
    else if (!span_is(r->tus, "1.0.0"))
        refuse(u, 412, TUS_VERSION, "Tus-Resumable: 1.0.0 is spoken here");
    else if ((from_cookie || r->origin.at != NULL) && r->method != METHOD_HEAD && !guard_same_site(&h->net->guard, r))
        refuse(u, 403, "", "this origin may not write");
    else if (r->path.len > len + 1)
        take_one(u, (struct span){ r->path.at + len + 1, r->path.len - len - 1 }, &ask);
    else if (r->method == METHOD_POST)
        take_open(u, &ask);
    else
        refuse(u, 405, "Allow: POST, OPTIONS\r\n", "this address takes POST");
    return true;
}
