#include "wire/session.h"

#include <stdlib.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "wire/account.h"
#include "wire/poll.h"
#include "wire/queries.h"

#define SESSION_CALLS   64                 /* calls of one connection under way; more: `unavailable` */
#define SESSION_BYTES   (256u << 10)       /* and the bytes of their text */
#define SESSION_REFUSED 200                /* messages refused in a row, then the connection is closed (1008) */
#define SESSION_DAYS    90                 /* a session opened by a code ends after */
#define DAY_MS          ((int64_t)24 * 3600 * 1000)
#define RETRY_MS        1000

/* ---- The connection. */

struct session *session_new(struct wire *w, const struct session_ops *ops, void *conn, struct span token)
{
    struct session *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->wire = w;
    s->ops = ops;
    s->conn = conn;
    s->born_ms = wire_now_ms(w);
    s->has_hash = token_hash(token, s->hash);
    s->next = w->sessions;
    if (s->next != NULL)
        s->next->prev = s;
    w->sessions = s;
    return s;
}

void session_from(struct session *s, uint64_t address) { s->address = address; }

/* ---- The line. What is answered while it is full waits here; what has not begun to read waits unread. So one that
 * reads slowly gets everything it asked for, and holds no more than SESSION_READS answers in memory. */

struct held { struct held *next; size_t len; char text[]; };

static void drop_held(struct session *s)
{
    while (s->held != NULL) {
        struct held *h = s->held;
        s->held = h->next;
        free(h);
    }
    s->held_last = NULL;
    s->held_bytes = 0;
}

static void note_full(struct session *s)
{
    s->is_full = true;
    if (s->subscriber != NULL)
        subscriber_block(s->subscriber);
}

static void hold(struct session *s, struct span text)
{
    struct held *h = s->held_bytes + text.len > SESSION_HELD_BYTES ? NULL : malloc(sizeof *h + text.len);

    if (h == NULL) {
        session_close(s, 1013, "reading too slowly; connect again and resume");
        return;
    }
    h->next = NULL;
    h->len = text.len;
    memcpy(h->text, text.at, text.len);
    if (s->held == NULL)
        s->held = h;
    else
        s->held_last->next = h;
    s->held_last = h;
    s->held_bytes += text.len;
}

static void say(struct session *s, struct span text)
{
    if (s->is_full)
        hold(s, text);
    else if (!s->ops->send(s->conn, text))
        note_full(s);
}

static void send_held(struct session *s)
{
    while (s->held != NULL && !s->is_full) {
        struct held *h = s->held;
        s->held = h->next;
        s->held_bytes -= h->len;
        say(s, (struct span){ h->text, h->len });
        free(h);
    }
}

bool session_may_read(const struct session *s) { return !s->is_full && s->reads < SESSION_READS; }

void session_drained(struct session *s)
{
    if (s->state == SESSION_CLOSED)
        return;
    s->is_full = false;
    send_held(s);
    session_resume(s);
    if (s->is_full || s->subscriber == NULL)
        return;
    subscriber_drained(s->subscriber);
    if (s->is_late_start) {
        s->is_late_start = false;
        subscriber_start(s->subscriber);
    }
}

static void unlink_exchange(struct session *s, struct exchange *x)
{
    *(x->prev == NULL ? &s->first : &x->prev->next) = x->next;
    *(x->next == NULL ? &s->last : &x->next->prev) = x->prev;
    x->prev = x->next = NULL;
    s->calls -= x->calls_count;
    s->bytes -= x->bytes;
    s->reads -= x->is_reading;
}

static void drop_exchanges(struct session *s)
{
    while (s->first != NULL) {
        struct exchange *x = s->first;
        unlink_exchange(s, x);
        exchange_drop(x);
    }
}

void session_free(struct session *s)
{
    if (s == NULL)
        return;
    *(s->prev == NULL ? &s->wire->sessions : &s->prev->next) = s->next;
    if (s->next != NULL)
        s->next->prev = s->prev;
    drop_exchanges(s);
    drop_held(s);
    subscriber_free(s->subscriber);
    free((void *)s->rights.rooms);
    free(s);
}

void session_close(struct session *s, int code, const char *reason)
{
    if (s->state == SESSION_CLOSED)
        return;
    s->state = SESSION_CLOSED;
    drop_held(s);
    subscriber_free(s->subscriber);
    s->subscriber = NULL;
    s->ops->close(s->conn, code, reason);
}

bz_id session_member(struct session *s)
{
    if (s->state != SESSION_READY)
        return 0;
    if (s->expires_ms != 0 && s->expires_ms <= wire_now_ms(s->wire))
        return 0;
    return s->member;
}

static void say_error(struct session *s, const struct bz_error *error)
{
    struct buf text;

    buf_init(&text, 4096);
    wire_error(error, &text);
    say(s, buf_span(&text));
    buf_done(&text);
}

/* A connection that sends nothing but refused messages costs others: it is told why, then closed. */
static void count_refusal(struct session *s, bool is_refused)
{
    s->refused = is_refused ? s->refused + 1 : 0;
    if (s->refused > SESSION_REFUSED && s->wire->config.enforce_limits)
        session_close(s, 1008, "too many refused messages");
}

void session_receive(struct session *s, struct span text)
{
    struct bz_error e = { .code = BZ_OK };

    if (s->state == SESSION_CLOSED)
        return;
    struct exchange *x = exchange_new(s->wire, text, &e);
    if (x == NULL) {
        say_error(s, &e);
        count_refusal(s, true);
        return;
    }
    x->session = s;
    x->prev = s->last;
    *(s->last == NULL ? &s->first : &s->last->next) = x;
    s->last = x;
    s->calls += x->calls_count;
    s->bytes += x->bytes;
    if (s->calls > SESSION_CALLS || s->bytes > SESSION_BYTES) {
        bz_fail(&e, BZ_ERR_BUSY, "Too many calls of this connection are under way; nothing was done.");
        e.retry_after_ms = RETRY_MS;
        exchange_fail(x, &e);
        return;
    }
    exchange_run(x);
}

void session_answered(struct session *s, struct exchange *x, struct span answer)
{
    bool is_refused = true;

    unlink_exchange(s, x);
    if (s->state == SESSION_CLOSED)
        return;
    for (size_t i = 0; i < x->calls_count; i++)
        if (x->calls[i].error.code != BZ_ERR_RATE_LIMITED && x->calls[i].error.code != BZ_ERR_REQUEST)
            is_refused = false;
    if (answer.at != NULL)
        say(s, answer);
    count_refusal(s, is_refused);
    if (x->starts_subscriber && s->is_full)
        s->is_late_start = true;
    else if (x->starts_subscriber && s->subscriber != NULL)
        subscriber_start(s->subscriber);
    session_resume(s);
}

void session_resume(struct session *s)
{
    if (s->is_resuming)
        return;
    s->is_resuming = true;
    for (struct exchange *x = s->first; x != NULL;) {
        bool can_go_on = exchange_can_go_on(x);
        if (can_go_on)
            exchange_run(x);   /* x may be gone after it */
        x = can_go_on ? s->first : x->next;
    }
    s->is_resuming = false;
}

void wire_end_sessions(struct wire *w, const unsigned char hash[TOKEN_HASH_BYTES])
{
    for (struct session *s = w->sessions; s != NULL; s = s->next)
        if (s->has_hash && memcmp(s->hash, hash, TOKEN_HASH_BYTES) == 0)
            session_close(s, 1008, "the session was closed");
    polls_end(w, hash);
    w->rights++;
    w->ends++;
}

void wire_rename_sessions(struct wire *w, const unsigned char old[TOKEN_HASH_BYTES], const unsigned char hash[TOKEN_HASH_BYTES])
{
    for (struct session *s = w->sessions; s != NULL; s = s->next)
        if (s->has_hash && memcmp(s->hash, old, TOKEN_HASH_BYTES) == 0)
            memcpy(s->hash, hash, TOKEN_HASH_BYTES);
}

void wire_end_others(struct wire *w, bz_id member, const unsigned char hash[TOKEN_HASH_BYTES])
{
    for (struct session *s = w->sessions; s != NULL; s = s->next)
        if (s->state == SESSION_READY && s->member == member && memcmp(s->hash, hash, TOKEN_HASH_BYTES) != 0)
            session_close(s, 1012, "who is signed in was changed; connect again");
    polls_end_others(w, member, hash);
    w->rights++;
    w->ends++;
}

/* Who came to moderate, by a session that is too weak for it: the next hello says what is missing. */
static void end_weak(struct wire *w, bz_id member)
{
    for (struct session *s = w->sessions; s != NULL; s = s->next)
        if (s->state == SESSION_READY && s->member == member && s->may_weaken)
            session_close(s, 1012, "your role was changed; connect again");
}

uint64_t wire_rights(const struct wire *w) { return w->rights; }

/* Of the kinds that come often, those that take nothing from anybody. A kind that is missing here costs some questions, no more. */
static bool takes_nothing(enum entry_kind kind)
{
    static const enum entry_kind kinds[] = { ENTRY_POST, ENTRY_POST_EDIT, ENTRY_REACT, ENTRY_THREAD, ENTRY_ROOM_JOIN, ENTRY_MEMBER,
                                             ENTRY_REPORT, ENTRY_REPORT_CLAIM, ENTRY_ASK, ENTRY_THREAD_ANSWER, ENTRY_LINK };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kind == kinds[i])
            return true;
    return false;
}

void wire_committed(struct wire *w, const struct commit *commit)
{
    for (size_t i = 0; i < commit->count; i++) {
        struct bz_error e = { .code = BZ_OK };
        bz_id member = commit->entries[i].subject;
        w->rights += !takes_nothing(commit->entries[i].kind);
        if (commit->entries[i].kind == ENTRY_MEMBER_ROLE)
            end_weak(w, member);
        w->ends += commit->entries[i].kind == ENTRY_MEMBER_ROLE || commit->entries[i].kind == ENTRY_MEMBER_ERASE;
        bool has_left = commit->entries[i].kind == ENTRY_MEMBER_ERASE;
        if (has_left)
            (void)bz_fail(&e, BZ_ERR_UNAUTHENTICATED, "this account was closed");
        else if (commit->entries[i].kind != ENTRY_MEMBER_SANCTION || !wire_is_barred(w, member, &e))
            continue;
        for (struct session *s = w->sessions; s != NULL; s = s->next) {
            if (s->state != SESSION_READY || s->member != member)
                continue;
            say_error(s, &e);
            session_close(s, 1008, has_left ? "this account was closed" : "suspended from this hub");
        }
        polls_bar(w, member, &e);
    }
}

void wire_tick(struct wire *w)
{
    int64_t now_ms = wire_now_ms(w);

    for (struct session *s = w->sessions; s != NULL; s = s->next)
        if (s->state == SESSION_READY && s->expires_ms != 0 && s->expires_ms <= now_ms)
            session_close(s, 1008, "the session has expired");
        else if (s->state < SESSION_READY && now_ms - s->born_ms >= HELLO_MS) {
            stat_add(&w->config.stats->no_hello, 1);
            session_close(s, 1008, "no session.hello within 30 s");
        }
    polls_expire(w, now_ms);
}

/* ---- session.hello */

static bool send_frames(void *conn, struct span frames)
{
    struct session *s = conn;

    bool is_free = s->ops->send_frames(s->conn, frames);
    s->is_full = s->is_full || !is_free;
    return !s->is_full;
}

static void drop(void *conn)
{
    struct session *s = conn;

    s->ops->close(s->conn, 1013, "too slow, come back with your cursor");
}

static const struct subscriber_ops subscriber_ops = { send_frames, drop, NULL, NULL };

void session_put_cursor(struct buf *b, const struct wire *w, int64_t seq)
{
    json_name(b, "cursor");
    json_open(b, '{');
    json_put_int(b, w->config.hubs->code[0], seq);
    json_close(b, '}');
}

void session_put_hub(struct buf *b, const struct wire *w)
{
    json_name(b, "hub");
    json_open(b, '{');
    json_put_text(b, "code", span_of(w->config.hubs->code[0]));
    json_put_text(b, "name", span_of(w->config.hub_name));
    json_put_text(b, "version", span_of(BARAZA_VERSION));
    json_close(b, '}');
}

static void put_hello(struct buf *b, const struct wire *w, struct span me)
{
    json_open(b, '{');
    json_put_raw(b, "me", me);
    session_put_hub(b, w);
    session_put_cursor(b, w, fanout_head(w->config.fanout));
    json_close(b, '}');
}

static enum bz_err subscribe(struct call *c, struct viewer viewer, struct bz_error *e)
{
    struct session *s = c->x->session;
    const struct session_args *args = c->args;
    const bz_id *watch = args->watch.is_present ? args->watch.at : NULL;
    int64_t cursor = args->cursor.is_present ? args->cursor.seq : -1;

    return subscriber_new(s->wire->config.fanout, viewer, watch, args->watch.count, cursor, &subscriber_ops, s,
                          &s->subscriber, e);
}

static void hello_done(struct query *q);

static void ask_who(struct call *c, struct session *s)
{
    s->ends = s->wire->ends;
    if (!call_submit_query(c, who_query(s->wire, s->hash, 0), hello_done))
        s->state = SESSION_NEW;
}

static void hello_done(struct query *q)
{
    struct call *c = q->owner;
    struct session *s = c->x->session;
    const struct who_args *who = q->args;
    struct bz_error e = q->error;

    if (s != NULL && s->state == SESSION_BUSY && e.code == BZ_OK && s->ends != s->wire->ends) {
        query_free(q);   /* what was read may be over since: looked at once more */
        ask_who(c, s);
        return;
    }
    if (s != NULL && s->state == SESSION_BUSY) {
        s->state = SESSION_NEW;
        if (e.code == BZ_OK && who->is_weak)
            bz_fail(&e, BZ_ERR_SECOND, "Who moderates signs in with a passkey or a second factor: add one first.");
        struct viewer viewer = { q->viewer.member, fanout_role(s->wire->config.fanout, q->viewer.member) };
        if (e.code == BZ_OK)
            (void)rights_check(who->rights, c->method, &e);
        if (e.code == BZ_OK && !wire_is_barred(s->wire, viewer.member, &e) && subscribe(c, viewer, &e) == BZ_OK) {
            s->state = SESSION_READY;
            s->member = viewer.member;
            s->expires_ms = who->expires_ms;
            s->rights = (struct rights){ who->rights.scopes, rooms_owned(who->rights.rooms) };
            s->may_weaken = who->may_weaken;
            subscriber_bind(s->subscriber, who->rights.rooms, (who->rights.scopes & SCOPE_MODERATE) == 0);
            note_seen(s->wire, s->hash, who->seen_ms);
            c->x->starts_subscriber = true;
            put_hello(&c->result, s->wire, buf_span(&q->out));
        }
    }
    if (e.code != BZ_OK)
        call_take_error(c, &e);
    query_free(q);
    call_done(c);
    if (s != NULL)
        session_resume(s);
}

void act_hello(struct call *c, const struct session_args *args)
{
    struct session *s = c->x->session;

    if (s->state != SESSION_NEW) {
        call_fail(c, BZ_ERR_REQUEST, "This connection has said hello already.");
        return;
    }
    if (args->token.at != NULL)
        s->has_hash = token_hash(args->token, s->hash);
    if (!s->has_hash) {
        call_fail(c, BZ_ERR_UNAUTHENTICATED, "Please sign in first.");
        return;
    }
    s->state = SESSION_BUSY;
    ask_who(c, s);
}

/* ---- session.open, session.close */

static void open_leave(struct session *s)
{
    if (s != NULL && s->state == SESSION_BUSY) {
        s->state = SESSION_NEW;
        session_resume(s);
    }
}

static void open_read(struct query *q)
{
    struct call *c = q->owner;
    struct session *s = c->x->session;

    if (q->error.code != BZ_OK) {
        call_take_error(c, &q->error);
    } else {
        json_open(&c->result, '{');
        json_put_raw(&c->result, "me", buf_span(&q->out));
        json_close(&c->result, '}');
        if (s != NULL)
            s->has_hash = token_hash(span_of(c->x->new_token), s->hash);
    }
    query_free(q);
    call_done(c);
    open_leave(s);
}

static void open_done(struct job *job)
{
    struct call *c = job->owner;
    struct session *s = c->x->session;
    bz_id member = job->outcome.member;

    if (job->outcome.error.code == BZ_OK) {
        job_free(job);
        if (!call_submit_query(c, who_query(c->x->wire, NULL, member), open_read))
            open_leave(s);
        return;
    }
    call_take_error(c, &job->outcome.error);
    job_free(job);
    call_done(c);
    open_leave(s);
}

void act_open(struct call *c, const struct session_args *args)
{
    struct session *s = c->x->session;

    if (s != NULL && s->state != SESSION_NEW) {
        call_fail(c, BZ_ERR_REQUEST, "This connection is signed in already.");
        return;
    }
    if (!call_is_alone(c) && s == NULL) {
        call_fail(c, BZ_ERR_REQUEST, "session.open stands alone in its request.");
        return;
    }
    struct job *job = call_job(c, COMMAND_SESSION_OPEN);
    token_make(c->x->wire->config.env, c->x->new_token);
    token_hash(args->code, job->cmd.secret);
    token_hash(span_of(c->x->new_token), job->cmd.new_secret);
    job->cmd.device = arena_copy(&job->arena, args->device);
    job->cmd.expires_ms = wire_now_ms(c->x->wire) + SESSION_DAYS * DAY_MS;
    if (s != NULL)
        s->state = SESSION_BUSY;
    if (!call_submit_job(c, job, open_done) && s != NULL)
        s->state = SESSION_NEW;
}

static void close_done(struct job *job)
{
    struct call *c = job->owner;

    if (job->outcome.error.code != BZ_OK) {
        call_take_error(c, &job->outcome.error);
    } else {
        buf_add_text(&c->result, "{}");
        c->x->ends_session = true;
    }
    job_free(job);
    call_done(c);
}

void act_close(struct call *c, const struct session_args *args)
{
    struct session *s = c->x->session;

    if (!call_is_alone(c)) {
        call_fail(c, BZ_ERR_REQUEST, "session.close stands alone in its request.");
        return;
    }
    if (s != NULL)
        memcpy(c->x->hash, s->hash, sizeof c->x->hash);
    struct job *job = job_new(COMMAND_SESSION_CLOSE);
    job->cmd.actor = s != NULL ? s->member : c->x->member;
    memcpy(job->cmd.secret, c->x->hash, sizeof job->cmd.secret);
    call_submit_job(c, job, close_done);
}

/* ---- session.watch, signal.send, rpc.discover */

void act_watch(struct call *c, const struct session_args *args)
{
    subscriber_watch(c->x->session->subscriber, args->watch.at, args->watch.count);
    json_open(&c->result, '{');
    session_put_cursor(&c->result, c->x->wire, fanout_head(c->x->wire->config.fanout));
    json_close(&c->result, '}');
    call_done(c);
}

static void signal_pass(struct session *s)
{
    struct fanout *f = s->wire->config.fanout;
    struct viewer viewer = { s->member, fanout_role(f, s->member) };

    if (s->subscriber != NULL && fanout_can_read(f, viewer, s->place_room))
        fanout_typing(f, s->subscriber, s->place_room, s->place_thread);
}

static void place_done(struct query *q)
{
    struct call *c = q->owner;
    struct session *s = c->x->session;
    const struct place_args *place = q->args;

    if (q->error.code != BZ_OK) {
        call_take_error(c, &q->error);
    } else {
        buf_add_text(&c->result, "{}");
        if (s != NULL && s->state == SESSION_READY) {
            s->place_thread = place->thread;
            s->place_room = place->room;
            signal_pass(s);
        }
    }
    query_free(q);
    call_done(c);
}

void act_signal(struct call *c, const struct session_args *args)
{
    struct session *s = c->x->session;
    struct fanout *f = s->wire->config.fanout;
    struct viewer viewer = { s->member, fanout_role(f, s->member) };

    if (args->thread == s->place_thread && fanout_can_read(f, viewer, s->place_room)) {
        signal_pass(s);
        buf_add_text(&c->result, "{}");
        call_done(c);
        return;
    }
    struct query *q = query_new();
    struct place_args *place = arena_alloc(&q->arena, sizeof *place);
    place->thread = args->thread;
    q->args = place;
    q->viewer = viewer;
    q->within = rooms_copy(s->rights.rooms, &q->arena);
    q->run = run_place;
    call_submit_query(c, q, place_done);
}

void act_discover(struct call *c, const struct session_args *args)
{
    buf_add_span(&c->result, c->x->wire->config.openrpc);
    call_done(c);
}
