#include "net/frames.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"

#define IS_CONTROL(opcode) (((opcode) & 8) != 0)

void frames_init(struct frames *f)
{
    *f = (struct frames){ 0 };
    buf_init(&f->message, BZ_LIMIT_FRAME_BYTES);
}

void frames_done(struct frames *f)
{
    buf_done(&f->message);
    free(f->control);
    f->control = NULL;
    f->is_stopped = true;
}

static size_t header_bytes(const struct frames *f)
{
    uint8_t short_len = f->have < 2 ? 0 : f->header[1] & 0x7f;
    return f->have < 2 ? 2 : short_len == 127 ? 14 : short_len == 126 ? 8 : 6;
}

/* The first two bytes decide most: refused before anything else is read. */
static int check_start(const struct frames *f)
{
    uint8_t opcode = f->header[0] & 15;
    bool is_final = (f->header[0] & 0x80) != 0;
    if ((f->header[0] & 0x70) != 0 || (f->header[1] & 0x80) == 0)
        return 1002;
    if (IS_CONTROL(opcode)) {
        if (opcode > FRAME_PONG || !is_final || (f->header[1] & 0x7f) > CONTROL_BYTES)
            return 1002;
        return 0;
    }
    if (opcode > FRAME_BINARY || (opcode == FRAME_CONTINUATION) != f->in_message)
        return 1002;
    return opcode == FRAME_BINARY ? 1003 : 0;
}

static int check_length(struct frames *f)
{
    uint8_t short_len = f->header[1] & 0x7f;
    uint64_t len = short_len;
    if (short_len >= 126) {
        int bytes = short_len == 126 ? 2 : 8;
        len = 0;
        for (int i = 0; i < bytes; i++)
            len = len << 8 | f->header[2 + i];
        if ((len >> 63) != 0 || len < (bytes == 2 ? 126u : 65536u))
            return 1002;
    }
    if (!IS_CONTROL(f->header[0]) && len > BZ_LIMIT_FRAME_BYTES - f->message.len)
        return 1009;
    f->left = (uint32_t)len;
    f->mask_at = 0;
    f->in_payload = true;
    f->control_have = 0;
    return 0;
}

static int check_close(struct span payload)
{
    if (payload.len == 0)
        return 0;
    if (payload.len == 1)
        return 1002;
    unsigned code = (unsigned)(uint8_t)payload.at[0] << 8 | (uint8_t)payload.at[1];
    if (code < 1000 || (code >= 1004 && code <= 1006) || (code >= 1015 && code < 3000) || code >= 5000)
        return 1002;
    return utf8_valid((struct span){ payload.at + 2, payload.len - 2 }) ? 0 : 1007;
}

static int end_frame(struct frames *f, const struct frames_ops *ops, void *ctx)
{
    uint8_t opcode = f->header[0] & 15;
    bool is_final = (f->header[0] & 0x80) != 0;
    f->have = 0;
    f->in_payload = false;
    if (IS_CONTROL(opcode)) {
        struct span payload = { f->control == NULL ? "" : f->control, f->control_have };
        int code = opcode == FRAME_CLOSE ? check_close(payload) : 0;
        if (code == 0)
            ops->control(ctx, opcode, payload);
        free(f->control);
        f->control = NULL;
        f->ended += !f->in_message;
        return code;
    }
    f->in_message = !is_final;
    if (!is_final)
        return ++f->fragments >= FRAGMENTS_MAX ? 1008 : 0;
    f->ended++;
    f->fragments = 0;
    if (!utf8_valid(buf_span(&f->message)))
        return 1007;
    ops->message(ctx, buf_span(&f->message));
    buf_done(&f->message);
    return 0;
}

/* Takes payload bytes: unmasked in place, then copied to where the frame belongs. */
static int take_payload(struct frames *f, char *in, size_t len)
{
    const uint8_t *mask = f->header + header_bytes(f) - 4;
    for (size_t i = 0; i < len; i++)
        in[i] = (char)((uint8_t)in[i] ^ mask[f->mask_at++ & 3]);
    f->left -= (uint32_t)len;
    if (IS_CONTROL(f->header[0])) {
        if (f->control == NULL && (f->control = malloc(CONTROL_BYTES)) == NULL)
            return 1011;
        memcpy(f->control + f->control_have, in, len);
        f->control_have = (uint8_t)(f->control_have + len);
        return 0;
    }
    buf_add(&f->message, in, len);
    return f->message.failed ? 1009 : 0;
}

int frames_feed(struct frames *f, char *in, size_t len, const struct frames_ops *ops, void *ctx)
{
    int code = 0;
    for (size_t at = 0; at < len && code == 0 && !f->is_stopped;) {
        if (!f->in_payload) {
            f->header[f->have++] = (uint8_t)in[at++];
            if (f->have == 2)
                code = check_start(f);
            if (code == 0 && f->have == header_bytes(f))
                code = check_length(f);
        } else {
            size_t part = len - at < f->left ? len - at : f->left;
            code = take_payload(f, in + at, part);
            at += part;
        }
        if (code == 0 && f->in_payload && f->left == 0)
            code = end_frame(f, ops, ctx);
    }
    return code;
}
