/* The secretariat's desk: what its admins ask for beyond what members do. */
#include "wire/desk.h"

#include <sodium.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "store/request.h"
#include "wire/account.h"
#include "wire/objects.h"
#include "wire/queries.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static enum bz_err end(struct query *q, struct db *db, struct bz_error *e)
{
    int64_t seq = 0;

    if (query_head(db, &seq, e) != BZ_OK)
        return e->code;
    json_close(&q->out, ']');
    json_put_int(&q->out, "seq", seq);
    json_close(&q->out, '}');
    return BZ_OK;
}

static void on_week(void *ctx, const struct week_row *row)
{
    struct query *q = ctx;
    struct buf *b = &q->out;

    json_open(b, '{');
    if (row->region != 0)
        json_put_id(b, ((const struct query_args *)q->args)->hubs, "region", row->region);
    json_put_int(b, "at", row->at_ms);
    json_put_int(b, "members", row->members);
    json_put_int(b, "active", row->active);
    json_put_int(b, "posts", row->posts);
    json_put_int(b, "questions", row->questions);
    json_put_int(b, "answered", row->answered);
    if (row->first_ms >= 0)
        json_put_int(b, "first_ms", row->first_ms);
    if (row->accepted_ms >= 0)
        json_put_int(b, "accepted_ms", row->accepted_ms);
    json_close(b, '}');
}

enum bz_err run_desk_numbers(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;

    json_open(&q->out, '{');
    json_name(&q->out, "weeks");
    json_open(&q->out, '[');
    enum bz_err rc = query_weeks(db, q->viewer, args->now_ms, on_week, q, e);
    return rc == BZ_OK ? end(q, db, e) : rc;
}

/* ---- Members. */

enum kept_only desk_only(struct span word)
{
    static const char *const words[] = { [KEPT_INACTIVE] = "inactive", [KEPT_UNREACHABLE] = "unreachable", [KEPT_BOUNCES] = "bounces",
                                         [KEPT_FAILED] = "failed" };

    for (size_t i = KEPT_INACTIVE; i < sizeof words / sizeof words[0]; i++)
        if (span_is(word, words[i]))
            return (enum kept_only)i;
    return KEPT_ALL;
}

struct listing { struct query *q; size_t count; bz_id members[BZ_LIMIT_PAGE_MAX]; };

static void on_kept(void *ctx, const struct kept_row *row)
{
    struct listing *l = ctx;
    struct buf *b = &l->q->out;
    const struct hubs *hubs = ((const struct query_args *)l->q->args)->hubs;

    json_open(b, '{');
    json_put_id(b, hubs, "member", row->member);
    if (row->org != 0)
        json_put_id(b, hubs, "org", row->org);
    if (row->seen_ms != 0)
        json_put_int(b, "seen", row->seen_ms);
    if (row->posted_ms != 0)
        json_put_int(b, "posted", row->posted_ms);
    if (!row->has_address)
        json_put_bool(b, "unreachable", true);
    if (row->refused != 0) {
        json_put_int(b, "refused", row->refused);
        json_put_int(b, "refused_at", row->refused_ms);
        if (row->why.len > 0)
            json_put_text(b, "why", row->why);
    }
    if (row->failed > 0)
        json_put_int(b, "failed", row->failed);
    json_close(b, '}');
    if (l->count < BZ_LIMIT_PAGE_MAX)
        l->members[l->count++] = row->member;
}

static void on_person(void *ctx, const struct member_row *row)
{
    struct listing *l = ctx;

    put_member(&l->q->out, ((const struct query_args *)l->q->args)->hubs, row);
}

enum bz_err run_desk_members(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    const struct kept_query asked = { .region = args->region, .org = args->org, .before = args->before, .text = args->text,
                                      .role = args->is_on ? (int)args->role : -1, .only = desk_only(args->theme),
                                      .now_ms = args->now_ms, .limit = (int)args->limit };
    struct listing l = { .q = q };

    json_open(&q->out, '{');
    json_name(&q->out, "people");
    json_open(&q->out, '[');
    enum bz_err rc = query_kept(db, q->viewer, &asked, on_kept, &l, e);
    json_close(&q->out, ']');
    json_name(&q->out, "members");
    json_open(&q->out, '[');
    for (size_t i = 0; i < l.count && (rc == BZ_OK || rc == BZ_ERR_NOT_FOUND); i++)
        rc = query_member(db, l.members[i], on_person, &l, e);
    return rc == BZ_OK || rc == BZ_ERR_NOT_FOUND ? end(q, db, e) : rc;
}

/* ---- Requests to join. */

bool prepare_request(struct call *c, struct job *job)
{
    const struct wire *w = c->x->wire;
    int64_t now_ms = wire_now_ms(w), first_ms = now_ms;
    int count = 0, most = c->x->address != 0 ? ASKED_HOUR : ASKED_HOUR_NEAR;

    for (size_t i = 0; i < ASKED_KEPT; i++)
        if (w->asked[i].address == c->x->address && w->asked[i].at_ms > now_ms - HOUR_MS) {
            count++;
            first_ms = w->asked[i].at_ms < first_ms ? w->asked[i].at_ms : first_ms;
        }
    if (count < most || !w->config.enforce_limits)
        return prepare_code(c, job);
    bz_fail(&c->error, BZ_ERR_RATE_LIMITED, "There were %d requests from here within the hour; try again later.", most);
    c->error.retry_after_ms = (uint32_t)(first_ms + HOUR_MS - now_ms);
    return false;
}

/* Counted where it came through: whoever mistypes a code is not kept out by that. */
void answer_request(struct call *c, const struct outcome *o)
{
    struct wire *w = c->x->wire;

    w->asked[w->asked_count % ASKED_KEPT].address = c->x->address;
    w->asked[w->asked_count++ % ASKED_KEPT].at_ms = wire_now_ms(w);
    buf_add_text(&c->result, "{}");
}

bool prepare_decide(struct call *c, struct job *job)
{
    char code[TOKEN_CHARS + 1];

    token_make(c->x->wire->config.env, code);
    (void)token_hash(span_of(code), job->cmd.new_secret);
    job->cmd.code = arena_copy(&job->arena, span_of(code));
    sodium_memzero(code, sizeof code);
    return true;
}

static void put_words(struct buf *b, const char *name, struct span words)
{
    if (words.len > 0)
        json_put_text(b, name, words);
}

static void on_request(void *ctx, const struct request_row *row)
{
    struct query *q = ctx;
    struct buf *b = &q->out;
    const struct hubs *hubs = ((const struct query_args *)q->args)->hubs;

    json_open(b, '{');
    json_put_int(b, "id", row->id);
    json_put_int(b, "at", row->at_ms);
    json_put_text(b, "email", row->key);
    json_put_text(b, "name", row->name);
    put_words(b, "title", row->title);
    json_put_text(b, "kind", row->kind);
    json_put_text(b, "org", row->org);
    json_put_text(b, "country", row->country);
    put_words(b, "city", row->city);
    if (row->region != 0)
        json_put_id(b, hubs, "region", row->region);
    if (row->langs.len > 2)
        json_put_raw(b, "langs", row->langs);
    json_put_text(b, "lang", row->lang);
    put_words(b, "website", row->website);
    put_words(b, "text", row->text);
    if (row->member != 0)
        json_put_id(b, hubs, "member", row->member);
    if (row->decided_ms != 0) {
        json_name(b, "decided");
        json_open(b, '{');
        json_put_int(b, "at", row->decided_ms);
        json_put_id(b, hubs, "by", row->decided_by);
        json_put_bool(b, "approved", row->is_approved);
        put_words(b, "reason", row->reason);
        if (row->org_id != 0)
            json_put_id(b, hubs, "org", row->org_id);
        json_close(b, '}');
    }
    json_close(b, '}');
}

enum bz_err run_request_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;

    json_open(&q->out, '{');
    json_name(&q->out, "requests");
    json_open(&q->out, '[');
    enum bz_err rc = query_requests(db, q->viewer, args->is_on, args->request, on_request, q, e);
    return rc == BZ_OK ? end(q, db, e) : rc;
}

static void on_region(void *ctx, const struct region_row *row)
{
    struct query *q = ctx;
    put_region(&q->out, ((const struct query_args *)q->args)->hubs, row);
}

/* For everybody: who asks to join may name one. */
enum bz_err run_region_list(struct db *db, struct query *q, struct bz_error *e)
{
    json_open(&q->out, '{');
    json_name(&q->out, "regions");
    json_open(&q->out, '[');
    enum bz_err rc = query_regions(db, on_region, q, e);
    return rc == BZ_OK ? end(q, db, e) : rc;
}

/* ---- Lists of people. */

bool prepare_bulk(struct call *c, struct job *job)
{
    const struct env *env = c->x->wire->config.env;

    env->random(env->ctx, job->cmd.new_secret, sizeof job->cmd.new_secret);
    return true;
}

void answer_bulk(struct call *c, const struct outcome *o)
{
    json_open(&c->result, '{');
    json_put_raw(&c->result, "rows", o->report);
    json_close(&c->result, '}');
}
