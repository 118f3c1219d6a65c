/* Heads of HTTP requests, arriving in pieces: a head ends at the same place however it was cut and however much follows,
 * every span lies inside it, and a request that is taken names one host and one length. The first byte says how long the
 * pieces are. */
#include <stdint.h>
#include <stdlib.h>

#include "net/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct span head, struct span part)
{
    if (part.at != NULL && (part.at < head.at || part.at + part.len > head.at + head.len))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct span in = { (const char *)data + 1, size - 1 };
    int64_t length = request_head_length(in), cut = 0;
    if (length > (int64_t)in.len)
        abort();
    for (size_t have = 0; have < in.len && cut == 0;) {
        have += 1 + data[0] % 61;
        cut = request_head_length((struct span){ in.at, have < in.len ? have : in.len });
    }
    if (cut != length)
        abort();
    if (length <= 0)
        return 0;
    struct span head = { in.at, (size_t)length };
    if (request_head_length(head) != length)
        abort();
    struct request r;
    int status = request_parse(head, &r);
    if (status != 0) {
        if (status < 400 || status > 505)
            abort();
        return 0;
    }
    const struct span parts[] = { r.path, r.args, r.host, r.connection, r.upgrade, r.content_type, r.origin, r.cookie,
                                  r.authorization, r.accept_encoding, r.accept_language, r.if_none_match, r.ws_key, r.ws_version, r.ws_protocol,
                                  r.fetch_site, r.content_length, r.transfer_encoding, r.expect };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        inside(head, parts[i]);
    bool has_form = r.method == METHOD_OTHER || (r.path.len > 0 && r.path.at[0] == '/');   /* others are refused by their method */
    if (r.body_bytes < 0 || !has_form || (r.host.at == NULL && !r.is_http10))
        abort();
    (void)list_has(r.connection, "upgrade");
    return 0;
}
