/* WebSocket frames, cut anywhere: what comes out does not depend on the cut, is bounded and valid UTF-8. The first byte
 * says how long the pieces are. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "net/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen { size_t messages, controls, bytes; uint32_t sum; };

static void add(struct seen *seen, struct span s)
{
    seen->bytes += s.len;
    for (size_t i = 0; i < s.len; i++)
        seen->sum = seen->sum * 31 + (unsigned char)s.at[i];
}

static void on_message(void *ctx, struct span text)
{
    struct seen *seen = ctx;
    if (text.len > BZ_LIMIT_FRAME_BYTES || !utf8_valid(text))
        abort();
    seen->messages++;
    add(seen, text);
}

static void on_control(void *ctx, int opcode, struct span payload)
{
    struct seen *seen = ctx;
    if (payload.len > CONTROL_BYTES || opcode < FRAME_CLOSE || opcode > FRAME_PONG)
        abort();
    seen->controls++;
    add(seen, payload);
}

static const struct frames_ops ops = { on_message, on_control };

static int feed(const uint8_t *data, size_t size, size_t piece, struct seen *seen)
{
    struct frames f;
    int code = 0;
    char *in = malloc(size + 1);
    memcpy(in, data, size);
    frames_init(&f);
    for (size_t at = 0; at < size && code == 0; at += piece)
        code = frames_feed(&f, in + at, size - at < piece ? size - at : piece, &ops, seen);
    if (code != 0 && (code < 1002 || code > 1009))
        abort();
    frames_done(&f);
    free(in);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct seen whole = { 0 }, cut = { 0 };
    int a = feed(data + 1, size - 1, size, &whole), b = feed(data + 1, size - 1, 1 + data[0] % 17, &cut);
    if (a != b || whole.messages != cut.messages || whole.controls != cut.controls || whole.bytes != cut.bytes || whole.sum != cut.sum)
        abort();
    return 0;
}
