#include "wire/exchange.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "domain/kinds.h"
#include "domain/policy.h"
#include "wire/poll.h"
#include "wire/queries.h"
#include "wire/session.h"

#define RETRY_MS       1000                        /* when a queue was full, or a query too slow */
#define TOO_LONG_TOGETHER "The answers are too long together; ask for less at once."
#define SCRATCH_KEEP   (256u << 10)                /* memory kept between two answers */

int64_t wire_now_ms(const struct wire *w)
{
    return w->config.env->now_ms(w->config.env->ctx);
}

bool wire_is_barred(const struct wire *w, bz_id member, struct bz_error *e)
{
    int64_t until_ms;
    char end[UNTIL_TEXT];

    if (member == 0 || !fanout_is_barred(w->config.fanout, member, &until_ms))
        return false;
    policy_until(until_ms, end);
    bz_fail(e, BZ_ERR_FORBIDDEN, "You are suspended from this hub%s. POST /rpc sanction.mine says why; sanction.appeal"
            " asks others to look at it.", end);
    return true;
}

struct rights call_rights(const struct call *c)
{
    const struct exchange *x = c->x;

    return x->session != NULL ? x->session->rights : x->rights;
}

struct id_list *rooms_copy(const struct id_list *rooms, struct arena *arena)
{
    if (rooms == NULL)
        return NULL;
    struct id_list *ret = arena_alloc(arena, sizeof *ret);
    *ret = (struct id_list){ .at = arena_alloc(arena, (rooms->count + 1) * sizeof *ret->at), .count = rooms->count, .is_present = true };
    memcpy(ret->at, rooms->at, rooms->count * sizeof *ret->at);
    return ret;
}

struct rights rights_of(const struct session_found *session, struct arena *arena)
{
    const struct id_list rooms = { (bz_id *)session->rooms, session->rooms_count, true };

    return (struct rights){ session->scopes, session->is_bound ? rooms_copy(&rooms, arena) : NULL };
}

enum bz_err rights_check(struct rights rights, const struct method *m, struct bz_error *e)
{
    enum scope needs = method_scope(m);

    if (needs == SCOPE_NONE)
        return BZ_OK;
    if ((rights.scopes & needs) == 0 && scope_wire(needs) != NULL)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "%s: this token has not the scope %s.", m->name, scope_wire(needs));
    if ((rights.scopes & needs) == 0)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "%s is for who signed in, in person: no token has a scope for it.", m->name);
    if (rights.rooms != NULL && !m->is_in_rooms)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "%s is about more than the rooms that this token is bound to.", m->name);
    return BZ_OK;
}

static void exchange_free(struct exchange *x)
{
    for (size_t i = 0; i < x->calls_count; i++)
        buf_done(&x->calls[i].result);
    json_decref(x->doc);
    arena_done(&x->arena);
    free(x);
}

static void read_call(struct exchange *x, struct call *c, const json_t *item)
{
    c->x = x;
    buf_init(&c->result, ANSWER_BYTES);
    if (codec_request(item, &x->arena, &c->request, &c->error) != BZ_OK)
        return;
    c->method = method_by_name(c->request.method);
    if (c->method == NULL)
        bz_fail(&c->error, BZ_ERR_METHOD, "There is no such method.");
}

struct exchange *exchange_from_doc(struct wire *w, json_t *take_doc, struct bz_error *e)
{
    bool is_batch = json_is_array(take_doc);
    size_t count = is_batch ? json_array_size(take_doc) : 1;
    struct exchange *x = NULL;

    if (count == 0 || count > BZ_LIMIT_BATCH_CALLS)
        bz_fail(e, BZ_ERR_REQUEST, "A batch has 1 to %d calls.", BZ_LIMIT_BATCH_CALLS);
    else if ((x = calloc(1, sizeof *x)) == NULL)
        bz_fail(e, BZ_ERR_BUSY, "The server is short of memory; try again soon.");
    if (x == NULL) {
        json_decref(take_doc);
        return NULL;
    }
    x->wire = w;
    x->doc = take_doc;
    x->is_batch = is_batch;
    arena_init(&x->arena);
    x->calls_count = count;
    x->calls = arena_alloc(&x->arena, count * sizeof *x->calls);
    for (size_t i = 0; i < count; i++)
        read_call(x, &x->calls[i], is_batch ? json_array_get(take_doc, i) : take_doc);
    return x;
}

struct exchange *exchange_new(struct wire *w, struct span text, struct bz_error *e)
{
    json_t *doc;

    if (codec_load(text, &doc, e) != BZ_OK)
        return NULL;
    struct exchange *x = exchange_from_doc(w, doc, e);
    if (x != NULL)
        x->bytes = text.len;
    return x;
}

/* ---- The answer. */

/* What goes wrong inside is logged here and nowhere below, without what was asked. The same number stands in the log and
 * in the answer, so that an operator finds the line by what a member read to them. */
static void log_failure(struct call *c)
{
    const struct wire_config *config = &c->x->wire->config;
    unsigned char number[8];

    config->env->random(config->env->ctx, number, sizeof number);
    sodium_bin2hex(c->error.request, sizeof c->error.request, number, sizeof number);
    log_line(config->log, LOG_ERROR, "call failed", "request", c->error.request, "method",
             c->method == NULL ? "" : c->method->name, "error", c->error.text, NULL);
}

static void account(struct call *c)
{
    const struct wire_config *config = &c->x->wire->config;

    stat_add(&config->stats->calls, 1);
    if (c->error.code == BZ_OK)
        return;
    stat_add(&config->stats->calls_failed, 1);
    if (c->error.code == BZ_ERR_RATE_LIMITED)
        stat_add(&config->stats->rate_limited, 1);
    if (c->error.code == BZ_ERR_STORE || c->error.code == BZ_ERR_STORAGE_FULL)
        log_failure(c);
}

static void put_answer(struct call *c, struct buf *out)
{
    if (c->error.code == BZ_OK && out->len + c->result.len > ANSWER_BYTES)
        bz_fail(&c->error, BZ_ERR_TOO_LARGE, TOO_LONG_TOGETHER);
    if (c->error.code == BZ_OK)
        codec_result(c->request.id, buf_span(&c->result), out);
    else
        codec_error(c->request.id, &c->error, out);
}

static struct span put_answers(struct exchange *x)
{
    struct buf *out = &x->wire->scratch;
    size_t answers = 0;

    buf_clear(out);
    for (size_t i = 0; i < x->calls_count; i++)
        answers += x->calls[i].request.id.at != NULL;
    if (answers == 0)
        return (struct span){ NULL, 0 };
    if (x->is_batch)
        json_open(out, '[');
    for (size_t i = 0; i < x->calls_count; i++)
        if (x->calls[i].request.id.at != NULL)
            put_answer(&x->calls[i], out);
    if (x->is_batch)
        json_close(out, ']');
    return buf_span(out);
}

static void complete(struct exchange *x)
{
    struct wire *w = x->wire;

    for (size_t i = 0; i < x->calls_count; i++)
        account(&x->calls[i]);
    struct span answer = x->session == NULL && x->http == NULL ? (struct span){ NULL, 0 } : put_answers(x);
    if (x->session != NULL)
        session_answered(x->session, x, answer);
    else if (x->http != NULL)
        http_answer_send(x->http, x, answer);
    if (x->ends_session)
        wire_end_sessions(w, x->hash);
    exchange_free(x);
    if (w->scratch.cap > SCRATCH_KEEP) {
        buf_done(&w->scratch);
        buf_init(&w->scratch, WIRE_SCRATCH_BYTES);
    }
}

void call_done(struct call *c)
{
    struct exchange *x = c->x;

    x->finished++;
    if (!x->is_running && x->finished == x->calls_count)
        complete(x);
}

void call_fail(struct call *c, enum bz_err code, const char *text)
{
    bz_fail(&c->error, code, "%s", text);
    call_done(c);
}

void call_take_error(struct call *c, const struct bz_error *error)
{
    c->error = *error;
    if ((error->code == BZ_ERR_BUSY || error->code == BZ_ERR_DEADLINE || error->code == BZ_ERR_STORAGE_FULL) &&
        error->retry_after_ms == 0)
        c->error.retry_after_ms = RETRY_MS;
}

/* A /24, or a /56: what one household or office has. */
static int64_t network_of(const struct wire *w, uint64_t address)
{
    unsigned char bytes[8];
    uint64_t number = address ^ (address >> 32 == 0 ? 0 : 0x8000000000000000u);   /* as in net: an IPv6 /64 has this bit turned */
    int64_t ret;

    if (address == 0)
        return 0;
    if (address >> 32 == 0)
        number &= ~(uint64_t)0xff;
    memcpy(bytes, &number, sizeof bytes);
    if (address >> 32 != 0)
        bytes[7] = 0;
    (void)crypto_shorthash((unsigned char *)&ret, bytes, sizeof bytes, w->network_key);
    return ret & INT64_MAX;
}

struct job *call_job(const struct call *c, enum command_kind kind)
{
    struct job *job = job_new(kind);

    job->cmd.network = network_of(c->x->wire, c->x->session != NULL ? c->x->session->address : c->x->address);
    memcpy(job->cmd.browser, c->x->browser, sizeof job->cmd.browser);
    return job;
}

bool call_submit_job(struct call *c, struct job *take_job, void (*done)(struct job *job))
{
    struct bz_error e = { .code = BZ_OK };

    take_job->owner = c;
    take_job->done = done;
    if (writer_submit(c->x->wire->config.writer, take_job, &e) == BZ_OK)
        return true;
    job_free(take_job);
    call_take_error(c, &e);
    call_done(c);
    return false;
}

bool call_submit_query(struct call *c, struct query *take_q, void (*done)(struct query *q))
{
    struct bz_error e = { .code = BZ_OK };

    take_q->owner = c;
    take_q->done = done;
    if (readers_submit(c->x->wire->config.readers, take_q, &e) == BZ_OK)
        return true;
    query_free(take_q);
    call_take_error(c, &e);
    call_done(c);
    return false;
}

struct query *who_query(struct wire *w, const unsigned char hash[TOKEN_HASH_BYTES], bz_id member)
{
    struct query *q = query_new();
    struct who_args *args = arena_alloc(&q->arena, sizeof *args);

    args->hubs = w->config.hubs;
    args->member = member;
    args->now_ms = wire_now_ms(w);
    args->minds_second = w->config.minds_second;
    if (hash != NULL)
        memcpy(args->hash, hash, sizeof args->hash);
    q->args = args;
    q->run = run_who;
    return q;
}

bool call_is_alone(const struct call *c)
{
    return c->x->calls_count == 1;
}

/* ---- Each class of methods. */

static void write_done(struct job *job)
{
    struct call *c = job->owner;
    const struct outcome *o = &job->outcome;
    const struct hubs *hubs = c->x->wire->config.hubs;

    if (o->error.code != BZ_OK) {
        call_take_error(c, &o->error);
    } else if (c->method->answer != NULL) {
        c->method->answer(c, o);
    } else {
        json_open(&c->result, '{');
        if (c->method->class == METHOD_WRITE) {
            if (c->method->makes_id)
                json_put_id(&c->result, hubs, "id", o->id);
            json_put_int(&c->result, "seq", o->seq);
            if (c->method->may_wait && o->is_held)
                json_put_bool(&c->result, "held", true);
            else if (c->method->extra != NULL)
                json_put_id(&c->result, hubs, c->method->extra, o->extra);
            if (c->method->third != NULL)
                json_put_id(&c->result, hubs, c->method->third, o->third);
        }
        json_close(&c->result, '}');
    }
    job_free(job);
    call_done(c);
}

static void start_write(struct call *c, bz_id member)
{
    struct job *job = call_job(c, c->method->command);

    if (params_check(c->method, c->request.params, c->x->wire->config.hubs, &job->arena, &job->cmd, &c->error) !=
        BZ_OK) {
        job_free(job);
        call_done(c);
        return;
    }
    job->cmd.kind = c->method->command;
    job->cmd.actor = member;
    job->cmd.within = rooms_copy(call_rights(c).rooms, &job->arena);
    job->cmd.is_plain = member != 0 && (call_rights(c).scopes & SCOPE_MODERATE) == 0;
    if (c->method->prepare != NULL && !c->method->prepare(c, job)) {
        job_free(job);
        call_done(c);
        return;
    }
    call_submit_job(c, job, c->method->done != NULL ? c->method->done : write_done);
}

static void query_done(struct query *q)
{
    struct call *c = q->owner;

    /* Suspended since it was asked: nothing is answered any more. */
    bool is_late = !c->method->is_for_barred && wire_is_barred(c->x->wire, q->viewer.member, &q->error);
    if (is_late || q->error.code != BZ_OK) {
        call_take_error(c, &q->error);
    } else if (q->out.failed) {
        bz_fail(&c->error, BZ_ERR_TOO_LARGE, "The answer is too long; ask for less at once.");
    } else if (q->out.len > ANSWER_BYTES - c->x->result_bytes) {   /* not kept until the others are done */
        bz_fail(&c->error, BZ_ERR_TOO_LARGE, TOO_LONG_TOGETHER);
    } else {
        c->x->result_bytes += q->out.len;
        buf_done(&c->result);
        c->result = q->out;
        buf_init(&q->out, 0);
    }
    query_free(q);
    call_done(c);
}

static void start_query(struct call *c, struct viewer viewer)
{
    struct query *q = query_new();
    struct query_args *args = arena_alloc(&q->arena, sizeof *args);

    args->hubs = c->x->wire->config.hubs;
    args->now_ms = wire_now_ms(c->x->wire);
    args->keep = c->x->wire->config.keep;
    args->oidc = c->x->wire->oidc;
    memcpy(args->hash, c->x->session != NULL ? c->x->session->hash : c->x->hash, sizeof args->hash);
    if (params_check(c->method, c->request.params, args->hubs, &q->arena, args, &c->error) != BZ_OK) {
        query_free(q);
        call_done(c);
        return;
    }
    q->args = args;
    q->viewer = viewer;
    q->within = rooms_copy(call_rights(c).rooms, &q->arena);
    q->run = c->method->run;
    call_submit_query(c, q, query_done);
}

static void start_act(struct call *c)
{
    struct session_args *args = arena_alloc(&c->x->arena, sizeof *args);

    if (params_check(c->method, c->request.params, c->x->wire->config.hubs, &c->x->arena, args, &c->error) != BZ_OK) {
        call_done(c);
        return;
    }
    c->args = args;
    c->method->act(c, args);
}

static enum admit_bucket bucket_of(enum method_class class)
{
    static const enum admit_bucket buckets[] = {
#define BZ_METHOD_BUCKET(name, wire, bucket) [METHOD_##name] = bucket,
        BZ_METHOD_CLASSES(BZ_METHOD_BUCKET)
#undef BZ_METHOD_BUCKET
    };
    return buckets[class];
}

/* Rate: signed in, by the member over all devices; before, by the connection. HTTP without a member is counted by
 * address, in net. */
static bool is_in_rate(struct call *c, bz_id member)
{
    struct wire *w = c->x->wire;
    uint32_t retry_ms = 0;
    bool is_in = true;

    if (!w->config.enforce_limits)
        return true;
    if (member != 0)
        is_in = admit_take(w->admit, member, bucket_of(c->method->class), wire_now_ms(w), &retry_ms);
    else if (c->x->session != NULL)
        is_in = bucket_take(&c->x->session->attempts, 1, 10, wire_now_ms(w), &retry_ms);
    if (is_in)
        return true;
    bz_fail(&c->error, BZ_ERR_RATE_LIMITED, "That was too fast; nothing was done. Try again in a moment.");
    c->error.retry_after_ms = retry_ms;
    return false;
}

static bool may_start(struct call *c, bz_id member, enum role role)
{
    if (c->method->needs_socket && c->x->session == NULL)
        bz_fail(&c->error, BZ_ERR_REQUEST, "%s needs a WebSocket.", c->method->name);
    else if (c->method->needs_http && c->x->session != NULL)
        bz_fail(&c->error, BZ_ERR_REQUEST, "%s is for POST /rpc.", c->method->name);
    else if (!c->method->is_public && member == 0 && c->x->who_error.code != BZ_OK)
        call_take_error(c, &c->x->who_error);
    else if (!c->method->is_public && member == 0)
        bz_fail(&c->error, BZ_ERR_UNAUTHENTICATED, "Please sign in first.");
    else if (!c->method->is_public && !c->method->is_for_barred && wire_is_barred(c->x->wire, member, &c->error))
        return false;
    else if (!c->method->is_public && !c->method->is_for_weak && c->x->is_weak)
        bz_fail(&c->error, BZ_ERR_SECOND, "Who moderates signs in with a passkey or a second factor: add one first.");
    else if ((!c->method->is_public || (c->method->asks_who && member != 0)) &&
             rights_check(call_rights(c), c->method, &c->error) != BZ_OK)
        return false;
    else if (role < c->method->least)
        bz_fail(&c->error, BZ_ERR_FORBIDDEN, "This is for people with the role %s.", role_wire(c->method->least));
    else
        return is_in_rate(c, member);
    return false;
}

static void call_start(struct call *c)
{
    struct wire *w = c->x->wire;

    if (c->error.code != BZ_OK) {
        call_done(c);
        return;
    }
    bz_id member = c->x->session != NULL ? session_member(c->x->session) : c->x->member;
    enum role role = member == 0 ? ROLE_GUEST : fanout_role(w->config.fanout, member);
    if (!may_start(c, member, role)) {
        call_done(c);
        return;
    }
    if (c->method->act != NULL)
        start_act(c);
    else if (c->method->run != NULL)
        start_query(c, (struct viewer){ member, role });
    else
        start_write(c, member);
}

/* May have a long answer. */
static bool is_read(const struct call *c)
{
    return c->method != NULL && c->method->class == METHOD_QUERY;
}

bool exchange_can_go_on(const struct exchange *x)
{
    const struct session *s = x->session;

    if (x->is_running || x->started == x->calls_count)
        return false;
    if (s == NULL)
        return true;
    return s->state != SESSION_BUSY && (x->is_reading || !is_read(&x->calls[x->started]) || session_may_read(s));
}

static void count_read(struct exchange *x, const struct call *c)
{
    if (x->session == NULL || x->is_reading || !is_read(c))
        return;
    x->is_reading = true;
    x->session->reads++;
}

void exchange_run(struct exchange *x)
{
    while (exchange_can_go_on(x)) {
        struct call *c = &x->calls[x->started++];
        count_read(x, c);
        x->is_running = true;
        call_start(c);
        x->is_running = false;
    }
    if (x->finished == x->calls_count)
        complete(x);
}

void exchange_fail(struct exchange *x, const struct bz_error *error)
{
    for (size_t i = 0; i < x->calls_count; i++)
        if (x->calls[i].error.code == BZ_OK)
            x->calls[i].error = *error;
    x->started = x->finished = x->calls_count;
    complete(x);
}

void exchange_drop(struct exchange *x)
{
    if (x->poll != NULL) {
        poll_free(x->poll);
        x->finished++;
    }
    x->session = NULL;
    x->http = NULL;
    x->finished += x->calls_count - x->started;
    x->started = x->calls_count;
    if (!x->is_running && x->finished == x->calls_count)
        complete(x);
}

bool exchange_needs_member(const struct exchange *x)
{
    for (size_t i = 0; i < x->calls_count; i++)
        if (x->calls[i].method != NULL && (!x->calls[i].method->is_public || x->calls[i].method->asks_who))
            return true;
    return false;
}
