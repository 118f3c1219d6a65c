#include "wire/people.h"

#include "base/json_out.h"
#include "base/limits.h"
#include "store/people.h"
#include "wire/method.h"
#include "wire/objects.h"

#define THREADS_OF 5           /* of a profile */
#define NAMED_MAX (2 * THREADS_OF)

/* One answer being written: where to, and who was named in its threads. */
struct writing { struct buf *out; const struct hubs *hubs; bz_id named[NAMED_MAX]; size_t named_count; };

static struct writing begin(struct query *q)
{
    const struct query_args *args = q->args;

    json_open(&q->out, '{');
    return (struct writing){ .out = &q->out, .hubs = args->hubs };
}

/* The head is read in the same snapshot as the rows. */
static enum bz_err end(struct writing *w, struct db *db, struct bz_error *e)
{
    int64_t seq = 0;

    if (query_head(db, &seq, e) != BZ_OK)
        return e->code;
    json_put_int(w->out, "seq", seq);
    json_close(w->out, '}');
    return BZ_OK;
}

static void list_open(struct writing *w, const char *name)
{
    json_name(w->out, name);
    json_open(w->out, '[');
}

/* An object's members, as far as they are the same for a person wherever they stand. */
static void put_person(struct writing *w, const struct person_row *row)
{
    json_name(w->out, "member");
    put_member(w->out, w->hubs, &row->member);
    json_put_raw(w->out, "profile", row->profile);
    if (row->may_ask)
        json_put_bool(w->out, "peers", true);
}

static void on_person(void *ctx, const struct person_row *row)
{
    struct writing *w = ctx;

    json_open(w->out, '{');
    put_person(w, row);
    json_close(w->out, '}');
}

static void on_whole_person(void *ctx, const struct person_row *row) { put_person(ctx, row); }

enum bz_err run_member_find(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    const struct directory find = { .region = args->region, .before = args->before, .country = args->country, .city = args->city,
                                    .org = args->org_name, .lang = args->lang, .theme = args->theme, .can = args->can,
                                    .text = args->text, .limit = (int)args->limit };
    struct writing w = begin(q);

    list_open(&w, "people");
    if (query_directory(db, q->viewer, &find, on_person, &w, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    return end(&w, db, e);
}

struct facets { struct buf *out; const char *name; };

static void on_facet(void *ctx, const struct facet_row *row)
{
    const struct facets *f = ctx;

    json_open(f->out, '{');
    json_put_text(f->out, f->name, row->value);
    json_put_int(f->out, "count", row->count);
    json_close(f->out, '}');
}

enum bz_err run_member_facets(struct db *db, struct query *q, struct bz_error *e)
{
    static const struct { const char *list, *name; enum people_facet of; } lists[] = {
        { "countries", "country", PEOPLE_COUNTRY }, { "cities", "city", PEOPLE_CITY }, { "languages", "lang", PEOPLE_LANG },
        { "themes", "slug", PEOPLE_THEME },
    };
    const struct query_args *args = q->args;
    struct writing w = begin(q);
    int64_t count = 0;

    if (query_people_count(db, args->region, &count, e) != BZ_OK)
        return e->code;
    json_put_int(w.out, "count", count);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct facets facets = { w.out, lists[i].name };
        list_open(&w, lists[i].list);
        if (query_people_facet(db, q->viewer, args->region, lists[i].of, on_facet, &facets, e) != BZ_OK)
            return e->code;
        json_close(w.out, ']');
    }
    return end(&w, db, e);
}

static void name_member(struct writing *w, bz_id member)
{
    for (size_t i = 0; i < w->named_count; i++)
        if (w->named[i] == member)
            return;
    if (member != 0 && w->named_count < NAMED_MAX)
        w->named[w->named_count++] = member;
}

static void on_thread(void *ctx, const struct thread_row *row)
{
    struct writing *w = ctx;

    put_thread(w->out, w->hubs, row);
    name_member(w, row->by);
    name_member(w, row->last_by);
}

static void on_member(void *ctx, const struct member_row *row)
{
    struct writing *w = ctx;

    put_member(w->out, w->hubs, row);
}

static void on_circles(void *ctx, struct span json) { json_put_raw(((struct writing *)ctx)->out, "shown", json); }

enum bz_err run_profile_get(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    bz_id member = args->member != 0 ? args->member : q->viewer.member;
    bz_id org = 0;
    struct contributions count = { 0 };
    struct writing w = begin(q);

    if (query_person(db, q->viewer, member, on_whole_person, &w, e) != BZ_OK
        || (member == q->viewer.member && query_circles(db, q->viewer, on_circles, &w, e) != BZ_OK)
        || query_org_of(db, member, &org, e) != BZ_OK
        || query_contributions(db, q->viewer, member, &count, e) != BZ_OK)
        return e->code;
    if (org != 0)
        json_put_id(w.out, w.hubs, "org", org);
    json_name(w.out, "wrote");
    json_open(w.out, '{');
    json_put_int(w.out, "posts", count.posts);
    json_put_int(w.out, "answers", count.answers);
    json_put_int(w.out, "resources", count.resources);
    json_close(w.out, '}');
    list_open(&w, "threads");
    if (query_threads_of(db, q->viewer, member, THREADS_OF, on_thread, &w, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    list_open(&w, "members");
    for (size_t i = 0; i < w.named_count; i++) {
        enum bz_err rc = query_member(db, w.named[i], on_member, &w, e);
        if (rc != BZ_OK && rc != BZ_ERR_NOT_FOUND)
            return rc;
    }
    json_close(w.out, ']');
    return end(&w, db, e);
}

/* Why, as words of the table of weights with how often. */
static void put_reasons(struct writing *w, int64_t score, const struct peer_signs *signs)
{
    json_put_int(w->out, "score", score);
    json_name(w->out, "why");
    json_open(w->out, '{');
    for (int i = 0; i < PEER_SIGNS; i++)
        if (signs->count[i] > 0)
            json_put_int(w->out, peer_sign_wire((enum peer_sign)i), signs->count[i]);
    json_close(w->out, '}');
}

static void on_peer(void *ctx, const struct peer_row *row)
{
    struct writing *w = ctx;

    json_open(w->out, '{');
    put_person(w, &row->person);
    put_reasons(w, row->score, &row->signs);
    json_put_text_opt(w->out, "theme", row->theme);
    json_put_text_opt(w->out, "lang", row->lang);
    json_close(w->out, '}');
}

/* People come before cities. */
struct proposing { struct writing w; bool is_at_cities; };

static void on_person_found(void *ctx, const struct peer_row *row) { on_peer(&((struct proposing *)ctx)->w, row); }

static void to_cities(struct proposing *p)
{
    if (p->is_at_cities)
        return;
    p->is_at_cities = true;
    json_close(p->w.out, ']');
    list_open(&p->w, "cities");
}

static void on_city_found(void *ctx, const struct peer_city_row *row)
{
    struct proposing *p = ctx;

    to_cities(p);
    json_open(p->w.out, '{');
    json_put_text(p->w.out, "city", row->city);
    json_put_text_opt(p->w.out, "country", row->country);
    json_put_int(p->w.out, "people", row->people);
    put_reasons(&p->w, row->score, &row->signs);
    json_put_text_opt(p->w.out, "theme", row->theme);
    json_close(p->w.out, '}');
}

enum bz_err run_peer_find(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct peer_wish wish = { args->thread, args->text, args->theme, args->city };
    struct proposing p = { .w = begin(q) };
    const struct peer_visit visit = { on_person_found, on_city_found, &p };

    if (wish.thread != 0 && query_place(db, q->viewer, 0, &wish.thread, e) != BZ_OK)
        return e->code;
    list_open(&p.w, "people");
    if (query_peers(db, q->viewer, &wish, &visit, e) != BZ_OK)
        return e->code;
    to_cities(&p);
    json_close(p.w.out, ']');
    return end(&p.w, db, e);
}
