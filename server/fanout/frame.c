#include <stdlib.h>

#include "base/json_out.h"
#include "fanout/fanout_in.h"

#define HEAD_SHORT 2     /* bytes of a frame's header: lengths below 126, */
#define HEAD_MIDDLE 4    /* of 16 bits, */
#define HEAD_LONG 10     /* of 64 (RFC 6455 §5.2) */

size_t frame_entry(const struct entry *entry, const struct hubs *hubs, struct buf *ret)
{
    buf_add_text(ret, "{\"jsonrpc\":\"2.0\",\"method\":\"entry\",\"params\":{");
    entry_put_head(entry, hubs, false, ret);
    size_t head_end = ret->len;
    entry_put_body(entry, ret);
    buf_add_text(ret, "}}");
    return head_end;
}

void frame_wrap(struct span text, struct buf *ret)
{
    unsigned char head[HEAD_LONG] = { 0x81 };   /* FIN, text (RFC 6455 §5.2); a server does not mask */
    size_t len = HEAD_SHORT;
    if (text.len < 126) {
        head[1] = (unsigned char)text.len;
    } else if (text.len <= 0xffff) {
        head[1] = 126;
        head[2] = (unsigned char)(text.len >> 8);
        head[3] = (unsigned char)text.len;
        len = HEAD_MIDDLE;
    } else {
        head[1] = 127;
        for (size_t i = 0; i < 8; i++)
            head[2 + i] = (unsigned char)((uint64_t)text.len >> (56 - 8 * i));
        len = HEAD_LONG;
    }
    buf_add(ret, head, len);
    buf_add_span(ret, text);
}

struct span frame_text(struct span frame)
{
    unsigned char len = (unsigned char)frame.at[1];
    size_t head = len < 126 ? HEAD_SHORT : len == 126 ? HEAD_MIDDLE : HEAD_LONG;
    return (struct span){ frame.at + head, frame.len - head };
}

struct span frame_erased(struct span head)
{
    struct buf text, frame;
    buf_init(&text, head.len + sizeof ENTRY_ERASED + 2);
    buf_init(&frame, head.len + sizeof ENTRY_ERASED + 2 + HEAD_LONG);
    buf_add_span(&text, head);
    buf_add_text(&text, ENTRY_ERASED "}}");
    frame_wrap(buf_span(&text), &frame);
    if (frame.failed)
        abort();
    buf_done(&text);
    return buf_span(&frame);
}

/* The body is canonical: `mentions` is its last member, and inside a string every quote is escaped, so the unescaped
 * sequence below stands nowhere else. */
size_t frame_mentions(struct span body, const struct hubs *hubs, bz_id ret[BZ_LIMIT_MENTIONS_MAX])
{
    static const char mark[] = ",\"mentions\":[";
    const char *at = body.at == NULL ? NULL : memmem(body.at, body.len, mark, sizeof mark - 1);
    const char *end = body.at + body.len;
    size_t count = 0;
    for (at = at == NULL ? end : at + sizeof mark - 1; at < end && *at == '"' && count < BZ_LIMIT_MENTIONS_MAX;) {
        const char *close = memchr(at + 1, '"', (size_t)(end - at - 1));
        if (close == NULL)
            break;
        if (id_parse(hubs, (struct span){ at + 1, (size_t)(close - at - 1) }, &ret[count]))
            count++;
        at = close + 1 < end && close[1] == ',' ? close + 2 : end;
    }
    return count;
}
