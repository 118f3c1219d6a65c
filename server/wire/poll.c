#include "wire/poll.h"

#include <stdlib.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "wire/queries.h"
#include "wire/session.h"

#define RETRY_MS 1000
#define ROOM_MS  5000   /* and when another request of the same session took its place */

struct poll {
    struct poll *prev, *next;      /* of its chain, newest first */
    struct call *call;
    struct subscriber *subscriber;
    uv_timer_t due;                /* answered then */
    uint64_t until;                /* of the loop's clock: held no longer */
    struct buf me;                 /* Member, for the first answer of a line; else empty */
    struct buf notes;              /* notifications, JSON, with commas between */
    struct bz_error error;         /* code not BZ_OK: the answer */
    bool is_level, is_woken, is_ripe;
};

static struct poll **chain_of(struct wire *w, const unsigned char hash[TOKEN_HASH_BYTES])
{
    return &w->polls[hash[0] % POLL_CHAINS];
}

static uint16_t *held_of(struct wire *w, uint64_t address)
{
    return &w->held[(address * 0x9e3779b97f4a7c15u) >> 54];
}

static void on_due(uv_timer_t *timer);
static void on_closed(uv_handle_t *handle) { free(handle->data); }

/* What is nearer stays. */
static void ripen(struct poll *p, uint64_t in_ms)
{
    if (p->is_ripe && in_ms > 0)
        return;
    p->is_ripe = true;
    (void)uv_timer_start(&p->due, on_due, in_ms, 0);
}

void poll_hurry(struct poll *p)
{
    p->until = 0;
    ripen(p, 0);
}

static void poll_refuse(struct poll *p, enum bz_err code, const char *text, uint32_t retry_ms)
{
    bz_fail(&p->error, code, "%s", text);
    p->error.retry_after_ms = retry_ms;
    ripen(p, 0);
}

/* ---- What the fan-out says. All of it may come while the fan-out is at work: the answer is left to the timer. */

/* The texts out of ready-made frames (fanout.h): whole ones, unmasked, of one length form each. */
static void unwrap(struct span frames, struct buf *ret)
{
    for (size_t at = 0; at + 2 <= frames.len;) {
        const unsigned char *head = (const unsigned char *)frames.at + at;
        size_t len = head[1], more = len < 126 ? 0 : len == 126 ? 2 : 8;
        if (more > 0)
            len = 0;
        for (size_t i = 0; i < more; i++)
            len = len << 8 | head[2 + i];
        if (ret->len > 0)
            buf_add_char(ret, ',');
        at += 2 + more;
        buf_add(ret, frames.at + at, len);
        at += len;
    }
}

static bool on_send(void *conn, struct span frames)
{
    struct poll *p = conn;
    unwrap(frames, &p->notes);
    bool is_free = p->is_level && p->notes.len < POLL_BYTES;   /* only signals come to who is level */
    ripen(p, is_free ? POLL_GATHER_MS : 0);
    return is_free;
}

static void on_drop(void *conn) { poll_refuse(conn, BZ_ERR_BUSY, "Too much is being asked at once; try again soon.", RETRY_MS); }

static void on_wake(void *conn)
{
    struct poll *p = conn;
    p->is_woken = true;
    p->is_level = false;
    ripen(p, POLL_GATHER_MS);
}

static void on_level(void *conn)
{
    struct poll *p = conn;
    p->is_level = true;
    if (p->until <= uv_now(p->due.loop))
        ripen(p, 0);
}

static const struct subscriber_ops ops = { on_send, on_drop, on_wake, on_level };

/* ---- From its call to its answer. */

void poll_free(struct poll *p)
{
    struct exchange *x = p->call->x;
    struct wire *w = x->wire;

    *(p->prev == NULL ? chain_of(w, x->hash) : &p->prev->next) = p->next;
    if (p->next != NULL)
        p->next->prev = p->prev;
    if (x->address != 0)
        --*held_of(w, x->address);
    w->polls_count--;
    stat_add(&w->config.stats->held, -1);
    w->http_count++;   /* its answer counts again like any other */
    x->poll = NULL;
    subscriber_free(p->subscriber);
    buf_done(&p->me);
    buf_done(&p->notes);
    uv_close((uv_handle_t *)&p->due, on_closed);
}

static void put_result(const struct poll *p, struct buf *b)
{
    const struct wire *w = p->call->x->wire;

    json_open(b, '{');
    if (p->me.len > 0) {
        json_put_raw(b, "me", buf_span(&p->me));
        session_put_hub(b, w);
    }
    session_put_cursor(b, w, subscriber_cursor(p->subscriber));
    json_name(b, "notes");
    json_open(b, '[');
    buf_add_span(b, buf_span(&p->notes));
    json_close(b, ']');
    json_close(b, '}');
}

static void answer(struct poll *p)
{
    struct call *c = p->call;

    if (p->error.code != BZ_OK)
        c->error = p->error;
    else if (p->notes.failed)
        bz_fail(&c->error, BZ_ERR_BUSY, "The server is short of memory; try again soon.");
    else
        put_result(p, &c->result);
    poll_free(p);
    call_done(c);
}

static void on_due(uv_timer_t *timer)
{
    struct poll *p = timer->data;
    uint64_t now = uv_now(timer->loop);

    p->is_ripe = false;
    if (p->is_woken) {
        p->is_woken = false;
        subscriber_drained(p->subscriber);
        if (p->notes.len == 0 && p->error.code == BZ_OK && p->until > now) {   /* nothing for it, or it is being read */
            (void)uv_timer_start(timer, on_due, p->until - now, 0);
            return;
        }
    }
    answer(p);
}

/* A session holds few requests: the oldest gives way, for it may be of a line that is dead and does not know it yet. */
static void make_room(struct wire *w, const struct exchange *x)
{
    struct poll *oldest = NULL;
    unsigned count = 0;

    for (struct poll *p = *chain_of(w, x->hash); p != NULL; p = p->next)
        if (p->error.code == BZ_OK && memcmp(p->call->x->hash, x->hash, TOKEN_HASH_BYTES) == 0) {
            oldest = p;
            count++;
        }
    if (count >= POLLS_SESSION)
        poll_refuse(oldest, BZ_ERR_BUSY, "Another window of yours waits in this one's place.", ROOM_MS);
}

static bool is_full(struct wire *w, const struct exchange *x, struct bz_error *e)
{
    if (w->polls_count < POLLS_MAX && (x->address == 0 || *held_of(w, x->address) < POLLS_ADDRESS))
        return false;
    bz_fail(e, BZ_ERR_BUSY, "Too many requests are waiting; try again soon.");
    e->retry_after_ms = ROOM_MS;
    return true;
}

static struct poll *poll_new(struct call *c, const struct session_args *args, struct bz_error *e)
{
    struct exchange *x = c->x;
    struct wire *w = x->wire;
    struct viewer viewer = { x->member, fanout_role(w->config.fanout, x->member) };
    struct poll *p = is_full(w, x, e) ? NULL : calloc(1, sizeof *p);

    if (p == NULL) {
        if (e->code == BZ_OK)
            bz_fail(e, BZ_ERR_BUSY, "The server is short of memory; try again soon.");
        return NULL;
    }
    if (subscriber_new(w->config.fanout, viewer, args->watch.is_present ? args->watch.at : NULL, args->watch.count,
                       args->cursor.is_present ? args->cursor.seq : -1, &ops, p, &p->subscriber, e) != BZ_OK) {
        free(p);
        return NULL;
    }
    subscriber_bind(p->subscriber, x->rights.rooms, (x->rights.scopes & SCOPE_MODERATE) == 0);
    make_room(w, x);
    p->call = c;
    p->next = *chain_of(w, x->hash);
    if (p->next != NULL)
        p->next->prev = p;
    *chain_of(w, x->hash) = p;
    if (x->address != 0)
        ++*held_of(w, x->address);
    w->polls_count++;
    stat_add(&w->config.stats->held, 1);
    w->http_count--;   /* who is held takes no place from those who are at work */
    (void)uv_timer_init(w->config.loop, &p->due);
    p->due.data = p;
    x->poll = p;
    return p;
}

static void begin(struct call *c, struct buf *take_me)
{
    struct exchange *x = c->x;
    struct bz_error e = { .code = BZ_OK };
    struct poll *p = wire_is_barred(x->wire, x->member, &e) ? NULL : poll_new(c, c->args, &e);

    if (p == NULL) {
        call_take_error(c, &e);
        call_done(c);
        return;
    }
    buf_init(&p->notes, ANSWER_BYTES / 2);
    if (take_me != NULL) {
        p->me = *take_me;
        buf_init(take_me, 0);
    }
    json_decref(x->doc);   /* it may be held for long: what it was asked with is not needed any more */
    x->doc = NULL;
    c->request.params = NULL;
    c->request.method = (struct span){ NULL, 0 };
    uint64_t wait_ms = take_me != NULL || x->wire->is_draining ? 0 : (uint64_t)c->args->wait_ms;
    p->until = uv_now(x->wire->config.loop) + wait_ms;
    (void)uv_timer_start(&p->due, on_due, wait_ms > 0 ? wait_ms : POLL_READ_MS, 0);
    subscriber_start(p->subscriber);
}

static void me_read(struct query *q)
{
    struct call *c = q->owner;

    if (q->error.code != BZ_OK || c->x->http == NULL) {   /* refused, or nobody waits any more */
        call_take_error(c, &q->error);
        call_done(c);
    } else {
        begin(c, &q->out);
    }
    query_free(q);
}

void act_poll(struct call *c, const struct session_args *args)
{
    if (!call_is_alone(c) || c->request.id.at == NULL)
        call_fail(c, BZ_ERR_REQUEST, "session.poll stands alone in its request, and has an id.");
    else if (args->wait_ms > 0)
        begin(c, NULL);
    else
        call_submit_query(c, who_query(c->x->wire, c->x->hash, 0), me_read);
}

/* ---- The end of many. */

void polls_end(struct wire *w, const unsigned char hash[TOKEN_HASH_BYTES])
{
    for (struct poll *p = *chain_of(w, hash); p != NULL; p = p->next)
        if (memcmp(p->call->x->hash, hash, TOKEN_HASH_BYTES) == 0)
            poll_refuse(p, BZ_ERR_UNAUTHENTICATED, "The session was closed.", 0);
}

void polls_end_others(struct wire *w, bz_id member, const unsigned char hash[TOKEN_HASH_BYTES])
{
    for (size_t i = 0; i < POLL_CHAINS; i++)
        for (struct poll *p = w->polls[i]; p != NULL; p = p->next)
            if (p->call->x->member == member && memcmp(p->call->x->hash, hash, TOKEN_HASH_BYTES) != 0)
                poll_refuse(p, BZ_ERR_BUSY, "Who is signed in was changed; ask again.", 0);
}

void polls_bar(struct wire *w, bz_id member, const struct bz_error *why)
{
    for (size_t i = 0; i < POLL_CHAINS; i++)
        for (struct poll *p = w->polls[i]; p != NULL; p = p->next)
            if (p->call->x->member == member)
                poll_refuse(p, why->code, why->text, 0);
}

void polls_expire(struct wire *w, int64_t now_ms)
{
    for (size_t i = 0; i < POLL_CHAINS; i++)
        for (struct poll *p = w->polls[i]; p != NULL; p = p->next)
            if (p->call->x->expires_ms != 0 && p->call->x->expires_ms <= now_ms)
                poll_refuse(p, BZ_ERR_UNAUTHENTICATED, "The session has expired.", 0);
}

void wire_drain(struct wire *w)
{
    w->is_draining = true;
    for (size_t i = 0; i < POLL_CHAINS; i++)
        for (struct poll *p = w->polls[i]; p != NULL; p = p->next)
            poll_hurry(p);
}
