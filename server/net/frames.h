/* frames.h: reads a client's WebSocket frames (RFC 6455), strictly, into whole text messages.
 * Pure: no socket, no clock. The library accepts unmasked frames and long forms of short lengths, and answers pings
 * without telling: here each of them is seen. Nothing is allocated from a length that a header claims. */
#ifndef BZ_NET_FRAMES_H
#define BZ_NET_FRAMES_H
#include <stdint.h>

#include "base/buf.h"

enum { FRAME_CONTINUATION = 0, FRAME_TEXT = 1, FRAME_BINARY = 2, FRAME_CLOSE = 8, FRAME_PING = 9, FRAME_PONG = 10 };
#define CONTROL_BYTES 125

struct frames {
    struct buf message;        /* at most FRAME_BYTES; memory only while a message is arriving */
    uint32_t left;             /* bytes of the current frame's payload still to come */
    uint32_t ended;            /* messages read, and control frames outside of one; wraps */
    uint16_t fragments;
    uint8_t header[14], have;  /* bytes of the header read so far */
    uint8_t mask_at;
    bool in_payload, in_message, is_stopped;
    uint8_t control_have;
    char *control;             /* payload of a control frame; only while one is arriving */
};

struct frames_ops {
    void (*message)(void *ctx, struct span text);                     /* whole, valid UTF-8 */
    void (*control)(void *ctx, int opcode, struct span payload);      /* ping, pong, close (its payload was checked) */
};

void frames_init(struct frames *f);
void frames_done(struct frames *f);
/* Unmasks in place. 0, or the close code the peer has earned; then nothing more may be fed. Stops early when a
 * callback sets is_stopped. */
int frames_feed(struct frames *f, char *in, size_t len, const struct frames_ops *ops, void *ctx);
#endif
