#include "net/conn.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static size_t put_header(uint8_t ret[10], int opcode, size_t len)
{
    ret[0] = (uint8_t)(0x80 | opcode);
    if (len < 126) {
        ret[1] = (uint8_t)len;
        return 2;
    }
    int bytes = len < 65536 ? 2 : 8;
    ret[1] = bytes == 2 ? 126 : 127;
    for (int i = 0; i < bytes; i++)
        ret[2 + i] = (uint8_t)(len >> (8 * (bytes - 1 - i)));
    return 2 + (size_t)bytes;
}

/* One write for header and payload, so that the line is either free or full between frames. */
static bool send_frame(struct conn *c, int opcode, struct span payload)
{
    uint8_t small[512 + 10];
    uint8_t *frame = payload.len <= 512 ? small : malloc(payload.len + 10);
    if (frame == NULL) {
        conn_kill(c);
        return false;
    }
    size_t head = put_header(frame, opcode, payload.len);
    memcpy(frame + head, payload.at, payload.len);
    bool is_free = conn_write(c, frame, head + payload.len);
    if (frame != small)
        free(frame);
    return is_free;
}

void ws_close(struct conn *c, int code, const char *reason)
{
    if (c->state != CONN_WS)
        return;
    if (code >= 1002)
        conn_refused(c, "socket closed", code, reason);
    char payload[CONTROL_BYTES] = { (char)(code >> 8), (char)code };
    size_t len = reason == NULL ? 0 : strlen(reason);
    if (len > CONTROL_BYTES - 2)
        len = 0;
    memcpy(payload + 2, reason == NULL ? "" : reason, len);
    c->state = CONN_CLOSING;
    (void)send_frame(c, FRAME_CLOSE, (struct span){ payload, 2 + len });
    if (c->state == CONN_CLOSING)   /* behind a full line the frame waits for a reader, as long as any silence may last */
        conn_timer(c, c->is_full ? SILENCE_MS / 1000 : CLOSE_SECONDS);
}

static bool op_send(void *conn, struct span text)
{
    struct conn *c = conn;
    return c->state == CONN_WS && send_frame(c, FRAME_TEXT, text);
}

static bool op_send_frames(void *conn, struct span frames)
{
    struct conn *c = conn;
    return c->state == CONN_WS && conn_write(c, frames.at, frames.len);
}

static void op_close(void *conn, int code, const char *reason) { ws_close(conn, code, reason); }

static const struct session_ops ops = { op_send, op_send_frames, op_close };

static void accept_key(struct span key, char ret[32])
{
    char text[64];
    unsigned char hash[20];
    memcpy(text, key.at, 24);
    memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    lws_SHA1((unsigned char *)text, 60, hash);
    sodium_bin2base64(ret, 32, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
}

void ws_open(struct conn *c, const struct request *r, struct span token)
{
    char accept[32], head[256];
    accept_key(r->ws_key, accept);
    c->frames = malloc(sizeof *c->frames);
    if (c->frames == NULL) {
        conn_kill(c);
        return;
    }
    frames_init(c->frames);
    int len = snprintf(head, sizeof head,
                       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: baraza.v1\r\n\r\n",
                       accept);
    conn_settled(c);
    c->state = CONN_WS;
    stat_add(&c->net->config.stats->connections, 1);
    (void)conn_write(c, head, (size_t)len);
    c->session = session_new(c->net->config.wire, &ops, c, token);
    if (c->session == NULL) {
        ws_close(c, 1013, "the server is full");
        return;
    }
    session_from(c->session, c->is_loopback ? 0 : c->address);
    conn_timer(c, PING_MS / 1000);
}

static void on_message(void *ctx, struct span text)
{
    struct conn *c = ctx;
    if (c->state != CONN_WS)
        return;
    if (conn_may_send(c, text))
        session_receive(c->session, text);
    else
        ws_close(c, 1008, "too many sign-ins from this address; wait a minute");
}

/* A ping that comes while the line is full is dropped: at most one pong waits. */
static void on_ping(struct conn *c, struct span payload)
{
    if (c->net->wheel.now - c->pings_from >= 10) {
        c->pings_from = c->net->wheel.now;
        c->pings = 0;
    }
    if (++c->pings > PINGS_MAX)
        ws_close(c, 1008, "too many pings");
    else if (!c->is_full)
        (void)send_frame(c, FRAME_PONG, payload);
}

static void on_control(void *ctx, int opcode, struct span payload)
{
    struct conn *c = ctx;
    if (opcode == FRAME_PING && c->state == CONN_WS) {
        on_ping(c, payload);
    } else if (opcode == FRAME_CLOSE) {
        c->frames->is_stopped = true;
        if (c->state == CONN_WS)
            (void)send_frame(c, FRAME_CLOSE, (struct span){ payload.at, payload.len < 2 ? 0 : 2 });
        conn_finish(c);
    }
}

static const struct frames_ops frame_ops = { on_message, on_control };

/* After our own close frame the peer's is read for, under the same limits, and no message before it is acted upon. Its
 * close frame, its end of the connection or the timer ends ours; frames that broke the rules cannot be read on. */
void ws_receive(struct conn *c, char *in, size_t len)
{
    if (c->is_quiet && c->state == CONN_WS) {
        c->is_quiet = false;
        conn_timer(c, PING_MS / 1000);
    }
    bool was_open = c->frames->in_message || c->frames->have > 0;
    uint32_t ended = c->frames->ended;
    int code = frames_feed(c->frames, in, len, &frame_ops, c);
    c->frames->is_stopped = c->frames->is_stopped || code != 0;
    if (code != 0 && c->state == CONN_WS) {
        stat_add(&c->net->config.stats->refused, 1);
        ws_close(c, code, code == 1009 ? "message too big" : code == 1007 ? "not UTF-8" : "not as RFC 6455 has it");
    }
    if (c->state != CONN_WS || c->finishes)
        return;
    bool is_open = c->frames->in_message || c->frames->have > 0;
    if (is_open && (!was_open || c->frames->ended != ended)) {
        c->is_late = true;
        conn_timer(c, MESSAGE_DEADLINE_MS / 1000);
    } else if (!is_open && was_open) {
        c->is_late = false;
        conn_timer(c, PING_MS / 1000);
    }
}

/* Nothing was read while the line was full, pongs included: who reads again is not silent. */
void ws_drained(struct conn *c)
{
    if (c->is_quiet) {
        c->is_quiet = false;
        conn_timer(c, PING_MS / 1000);
    }
    if (c->is_late)
        conn_timer(c, MESSAGE_DEADLINE_MS / 1000);
    if (c->session != NULL)
        session_drained(c->session);
}

/* Fires PING_MS after the last answer to a ping, or when that answer is overdue. */
void ws_timer(struct conn *c)
{
    if (c->is_late) {
        ws_close(c, 1008, "message took too long");
    } else if (!c->is_quiet) {
        c->is_quiet = true;
        if (!c->is_full)
            (void)send_frame(c, FRAME_PING, SPAN(""));
        conn_timer(c, (SILENCE_MS - PING_MS) / 1000);
    } else {
        conn_kill(c);
    }
}

void ws_gone(struct conn *c)
{
    if (c->frames == NULL)
        return;
    stat_add(&c->net->config.stats->connections, -1);
    struct session *s = c->session;
    c->session = NULL;
    session_free(s);
    frames_done(c->frames);
    free(c->frames);
    c->frames = NULL;
}
