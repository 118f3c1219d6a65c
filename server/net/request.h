/* request.h: reads the head of one HTTP/1.1 request, strictly: what two readers could understand differently is refused.
 * Pure; spans point into the head. */
#ifndef BZ_NET_REQUEST_H
#define BZ_NET_REQUEST_H
#include <stdint.h>

#include "base/span.h"

#define REQUEST_HEAD_BYTES 8192
#define REQUEST_HEADERS 64

enum method { METHOD_OTHER, METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OPTIONS, METHOD_PATCH, METHOD_DELETE };

struct request {
    enum method method;
    bool is_http10, keep_alive, is_upgrade, is_forwarded, expects_continue;
    struct span path, args;          /* args without the '?'; absent when there is none */
    int64_t body_bytes;              /* 0 when no Content-Length */
    struct span host, connection, upgrade, content_type, origin, cookie, authorization, accept_encoding, accept_language;
    struct span if_none_match, range, if_range;
    struct span tus, upload_length, upload_offset, upload_metadata, upload_checksum, upload_concat, method_override;   /* tus 1.0 */
    struct span ws_key, ws_version, ws_protocol, fetch_site, content_length, transfer_encoding, expect;
};

/* Length of the head with its empty line, 0 when more must come, -1 when it cannot become a head (bare CR, LF, NUL). */
int64_t request_head_length(struct span in);
/* head: whole, as measured above. Returns 0 or the HTTP status to refuse with (400, 411, 417, 505); then close. */
int request_parse(struct span head, struct request *ret);
/* True when a comma-separated list has this token, without regard to case. */
bool list_has(struct span list, const char *token);
#endif
