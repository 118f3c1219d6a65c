/* The secretariat's desk: what its admins ask for beyond what members do. */
#include "base/json_out.h"
#include "wire/method.h"
#include "wire/queries.h"
#include "store/query.h"

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
