#include "net/request.h"

#include <stddef.h>
#include <strings.h>

#include "base/decimal.h"

int64_t request_head_length(struct span in)
{
    for (size_t i = 0; i < in.len; i++) {
        if (in.at[i] == '\0' || (in.at[i] == '\n' && (i == 0 || in.at[i - 1] != '\r')))
            return -1;
        if (in.at[i] == '\r' && i + 1 < in.len && in.at[i + 1] != '\n')
            return -1;
        if (in.at[i] == '\n' && i >= 3 && in.at[i - 2] == '\n')
            return (int64_t)i + 1;
    }
    return 0;
}

static bool is_token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_token_char(s.at[i]))
            return false;
    return s.len > 0;
}

static bool same_text(struct span s, const char *text)
{
    return s.len == strlen(text) && strncasecmp(s.at, text, s.len) == 0;
}

static struct span trim(struct span s)
{
    while (s.len > 0 && (*s.at == ' ' || *s.at == '\t'))
        s.at++, s.len--;
    while (s.len > 0 && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
        s.len--;
    return s;
}

bool list_has(struct span list, const char *token)
{
    while (list.len > 0) {
        const char *comma = memchr(list.at, ',', list.len);
        size_t len = comma == NULL ? list.len : (size_t)(comma - list.at);
        if (same_text(trim((struct span){ list.at, len }), token))
            return true;
        if (comma == NULL)
            return false;
        list.at += len + 1;
        list.len -= len + 1;
    }
    return false;
}

/* Every header that decides anything may come once: a second one is how two readers are made to disagree. */
static const struct header {
    const char *name;
    size_t at;
} headers[] = {
    { "host", offsetof(struct request, host) },
    { "connection", offsetof(struct request, connection) },
    { "upgrade", offsetof(struct request, upgrade) },
    { "content-type", offsetof(struct request, content_type) },
    { "content-length", offsetof(struct request, content_length) },
    { "transfer-encoding", offsetof(struct request, transfer_encoding) },
    { "origin", offsetof(struct request, origin) },
    { "cookie", offsetof(struct request, cookie) },
    { "authorization", offsetof(struct request, authorization) },
    { "accept-encoding", offsetof(struct request, accept_encoding) },
    { "accept-language", offsetof(struct request, accept_language) },
    { "if-none-match", offsetof(struct request, if_none_match) },
    { "range", offsetof(struct request, range) },
    { "if-range", offsetof(struct request, if_range) },
    { "tus-resumable", offsetof(struct request, tus) },
    { "upload-length", offsetof(struct request, upload_length) },
    { "upload-offset", offsetof(struct request, upload_offset) },
    { "upload-metadata", offsetof(struct request, upload_metadata) },
    { "upload-checksum", offsetof(struct request, upload_checksum) },
    { "upload-concat", offsetof(struct request, upload_concat) },
    { "x-http-method-override", offsetof(struct request, method_override) },
    { "sec-websocket-key", offsetof(struct request, ws_key) },
    { "sec-websocket-version", offsetof(struct request, ws_version) },
    { "sec-websocket-protocol", offsetof(struct request, ws_protocol) },
    { "sec-fetch-site", offsetof(struct request, fetch_site) },
    { "expect", offsetof(struct request, expect) },
};

static bool take_header(struct request *r, struct span line)
{
    const char *colon = memchr(line.at, ':', line.len);
    if (colon == NULL)
        return false;
    struct span name = { line.at, (size_t)(colon - line.at) };
    struct span value = trim((struct span){ colon + 1, line.len - name.len - 1 });
    if (!is_token(name))
        return false;   /* also a folded line, and a blank before the colon */
    for (size_t i = 0; i < value.len; i++)
        if (((unsigned char)value.at[i] < 0x20 && value.at[i] != '\t') || value.at[i] == 0x7f)
            return false;
    if (same_text(name, "forwarded") || (name.len > 12 && strncasecmp(name.at, "x-forwarded-", 12) == 0) ||
        same_text(name, "x-real-ip") || same_text(name, "via"))
        r->is_forwarded = true;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        if (!same_text(name, headers[i].name))
            continue;
        struct span *field = (struct span *)((char *)r + headers[i].at);
        if (field->at != NULL)
            return false;
        *field = value;
    }
    return true;
}

static int take_line(struct request *r, struct span line)
{
    const char *first = memchr(line.at, ' ', line.len);
    const char *last = memrchr(line.at, ' ', line.len);
    if (first == NULL || last == first)
        return 400;
    struct span method = { line.at, (size_t)(first - line.at) };
    struct span target = { first + 1, (size_t)(last - first - 1) };
    struct span version = { last + 1, line.len - (size_t)(last + 1 - line.at) };
    if (!is_token(method) || target.len == 0)
        return 400;
    if (span_is(version, "HTTP/1.0"))
        r->is_http10 = true;
    else if (!span_is(version, "HTTP/1.1"))
        return version.len == 8 && memcmp(version.at, "HTTP/", 5) == 0 ? 505 : 400;
    static const char *const names[] = { NULL, "GET", "HEAD", "POST", "OPTIONS", "PATCH", "DELETE" };
    for (int i = METHOD_GET; i <= METHOD_DELETE; i++)
        if (span_is(method, names[i]))
            r->method = (enum method)i;
    if (r->method == METHOD_OTHER) {
        r->path = target;   /* refused by its method, whatever the form of its target */
        return 0;
    }
    if (*target.at != '/')
        return 400;
    for (size_t i = 0; i < target.len; i++)
        if (target.at[i] <= 0x20 || target.at[i] >= 0x7f || target.at[i] == '#')
            return 400;
    const char *mark = memchr(target.at, '?', target.len);
    r->path = target;
    if (mark != NULL) {
        r->path.len = (size_t)(mark - target.at);
        r->args = (struct span){ mark + 1, target.len - r->path.len - 1 };
    }
    return 0;
}

static int take_framing(struct request *r)
{
    if (r->host.at == NULL || r->host.len == 0)
        return 400;
    if (r->transfer_encoding.at != NULL) {
        if (r->content_length.at != NULL || r->is_http10 || !same_text(r->transfer_encoding, "chunked"))
            return 400;
        return 411;   /* no client of ours sends chunks; not reading them leaves nothing to disagree about */
    }
    if (r->content_length.at != NULL) {
        if (r->content_length.len > 12 || !decimal_whole(r->content_length, &r->body_bytes))
            return 400;
    }
    if (r->expect.at != NULL) {
        if (!same_text(r->expect, "100-continue"))
            return 417;
        r->expects_continue = !r->is_http10;
    }
    r->is_upgrade = r->upgrade.at != NULL;
    r->keep_alive = !r->is_http10 && !list_has(r->connection, "close");
    return 0;
}

int request_parse(struct span head, struct request *ret)
{
    *ret = (struct request){ 0 };
    int count = 0;
    const char *at = head.at, *end = head.at + head.len - 2;
    while (at < end) {
        const char *stop = memchr(at, '\r', (size_t)(end - at));
        if (stop == NULL)
            return 400;
        struct span line = { at, (size_t)(stop - at) };
        if (count == 0) {
            int status = take_line(ret, line);
            if (status != 0)
                return status;
        } else if (count > REQUEST_HEADERS || !take_header(ret, line)) {
            return 400;
        }
        count++;
        at = stop + 2;
    }
    return count == 0 ? 400 : take_framing(ret);
}
