/* What the hub keeps of whoever asks: everything about them in a file, and how long what is kept. */
#include "base/json_out.h"
#include "store/export.h"
#include "store/retention.h"
#include "wire/method.h"
#include "wire/queries.h"

enum bz_err run_export_get(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct export_seen seen;
    int64_t head;
    enum bz_err rc = export_seen(db, q->viewer.member, &q->arena, &seen, e);
    if (rc == BZ_OK)
        rc = query_head(db, &head, e);
    if (rc != BZ_OK)
        return rc;
    bool is_there = seen.is_there && args->now_ms - seen.at_ms < EXPORT_MS;
    const char *state = !is_there ? "none" : !seen.is_done ? "making" : seen.bytes > 0 ? "ready" : "failed";
    json_open(&q->out, '{');
    json_put_text(&q->out, "state", span_of(state));
    if (is_there)
        json_put_int(&q->out, "at", seen.at_ms);
    if (is_there && seen.bytes > 0) {
        json_put_int(&q->out, "bytes", seen.bytes);
        json_put_int(&q->out, "until", seen.at_ms + EXPORT_MS);
    }
    json_put_int(&q->out, "seq", head);
    json_close(&q->out, '}');
    return BZ_OK;
}

enum bz_err run_keep_get(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    int64_t head;
    enum bz_err rc = query_head(db, &head, e);
    if (rc != BZ_OK)
        return rc;
    json_open(&q->out, '{');
    json_name(&q->out, "days");
    json_open(&q->out, '{');
    for (int i = 0; args->keep != NULL && i < KEEP_COUNT; i++)
        json_put_int(&q->out, keep_words[i], args->keep->days[i]);
    json_close(&q->out, '}');
    json_put_int(&q->out, "seq", head);
    json_close(&q->out, '}');
    return BZ_OK;
}
