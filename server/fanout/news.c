#include <stdlib.h>

#include "base/json_out.h"
#include "fanout/fanout_in.h"

/* News of saved searches: after posts came, a reader looks for members who are here, a bounded part of them each second,
 * and what it finds is told to their lines. The range that is looked through moves on when all were looked for. */
struct news_args {
    int64_t from;
    size_t count, done;                       /* members; looked for */
    size_t found;
    bz_id members[NEWS_MEMBERS];
    struct { bz_id member; char id[BZ_LIMIT_SLUG_CHARS + 1]; int64_t fresh; } news[NEWS_FOUND];
    bz_id now;                                /* the member whose searches are visited */
};

static void on_news(void *ctx, const struct saved_row *row)
{
    struct news_args *a = ctx;
    if (a->found == NEWS_FOUND || row->id.len > BZ_LIMIT_SLUG_CHARS)
        return;
    a->news[a->found].member = a->now;
    a->news[a->found].fresh = row->fresh;
    memcpy(a->news[a->found++].id, row->id.at, row->id.len);   /* the arena is zeroed */
}

static enum bz_err news_run(struct db *db, struct query *q, struct bz_error *e)
{
    struct news_args *a = q->args;
    for (; a->done < a->count && !db_hurries(db) && a->found + BZ_LIMIT_SAVED_MAX <= NEWS_FOUND; a->done++) {
        a->now = a->members[a->done];
        enum bz_err rc = query_notify(db, a->now, a->from, on_news, a, e);
        if (rc == BZ_ERR_DEADLINE)
            continue;   /* theirs cannot be told in time: they see it when they ask */
        if (rc != BZ_OK)
            return rc;
    }
    return BZ_OK;
}

static void news_done(struct query *q)
{
    struct fanout *f = q->owner;
    struct news_args *a = q->args;
    if (f != NULL) {
        f->news.query = NULL;
        f->news.next = q->error.code != BZ_OK ? f->news.count : f->news.next - (a->count - a->done);
        for (size_t i = 0; i < a->found; i++)   /* also what was found before an error */
            signal_news(f, a->news[i].member, span_of(a->news[i].id), a->news[i].fresh);
    }
    query_free(q);
}

/* Who is here when a round begins. */
static void begin_round(struct fanout *f)
{
    f->news.count = f->news.next = 0;
    f->news.from = f->news.upto;
    f->news.upto = fanout_head(f);
    f->news.has_posts = false;
    for (size_t i = 0; i < f->members.cap; i++) {
        const struct member *m = f->members.slots[i].value;
        if (f->members.slots[i].key == 0 || m->subs == NULL)
            continue;
        f->news.members = array_grow(f->news.members, f->news.count, &f->news.cap, sizeof *f->news.members);
        f->news.members[f->news.count++] = m->id;
    }
}

void news_tick(struct fanout *f)
{
    if (f->news.query != NULL || f->config.readers == NULL)
        return;
    if (f->news.next == f->news.count && f->news.has_posts)
        begin_round(f);
    if (f->news.next == f->news.count)
        return;
    struct query *q = query_new();
    struct news_args *a = arena_alloc(&q->arena, sizeof *a);
    struct bz_error e = { 0 };
    a->from = f->news.from;
    while (a->count < NEWS_MEMBERS && f->news.next < f->news.count)
        a->members[a->count++] = f->news.members[f->news.next++];
    q->run = news_run;
    q->done = news_done;
    q->args = a;
    q->owner = f;
    f->news.query = q;
    if (readers_submit(f->config.readers, q, &e) != BZ_OK) {   /* busy with what people wait for: the next second will do */
        f->news.query = NULL;
        f->news.next -= a->count;
        query_free(q);
    }
}

void news_end(struct fanout *f)
{
    if (f->news.query != NULL)
        f->news.query->owner = NULL;
    free(f->news.members);
}
