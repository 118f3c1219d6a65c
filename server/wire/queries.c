#include "wire/queries.h"

#include "base/json_out.h"
#include "base/limits.h"
#include "domain/kinds.h"
#include "domain/markup.h"
#include "wire/method.h"
#include "wire/objects.h"

#define PEOPLE_MAX (3 * BZ_LIMIT_PAGE_MAX)   /* at most three members are named by one row */

#define PREVIEW_BYTES (96u << 10)       /* tokens of one text, as many as a post may have */

/* One answer being written: where to, and who was named in it. */
struct writing {
    struct buf *out;
    const struct hubs *hubs;
    size_t people_count;
    bz_id people[PEOPLE_MAX];
};

static struct writing begin(struct query *q, const char *list)
{
    const struct query_args *args = q->args;
    struct writing w = { .out = &q->out, .hubs = args->hubs };

    json_open(&q->out, '{');
    json_name(&q->out, list);
    return w;
}

static void name_member(struct writing *w, bz_id member)
{
    if (member == 0 || w->people_count == PEOPLE_MAX)
        return;
    for (size_t i = 0; i < w->people_count; i++)
        if (w->people[i] == member)
            return;
    w->people[w->people_count++] = member;
}

/* Rows that name nobody. */
#define ON(thing)                                                      \
    static void on_##thing(void *ctx, const struct thing##_row *row)   \
    {                                                                  \
        struct writing *w = ctx;                                       \
        put_##thing(w->out, w->hubs, row);                             \
    }
ON(member)
ON(region)
ON(room)
ON(draft)
ON(version)
ON(theme)
ON(saved)
ON(org)
#undef ON

static void on_thread(void *ctx, const struct thread_row *row)
{
    struct writing *w = ctx;

    put_thread(w->out, w->hubs, row);
    name_member(w, row->by);
    name_member(w, row->last_by);
    name_member(w, row->with);
}

static void on_resource(void *ctx, const struct resource_row *row)
{
    struct writing *w = ctx;

    put_resource(w->out, w->hubs, row);
    name_member(w, row->by);
}

static void on_collection(void *ctx, const struct collection_row *row)
{
    struct writing *w = ctx;

    put_collection(w->out, w->hubs, row);
    name_member(w, row->by);
}

static void on_edition(void *ctx, const struct edition_row *row)
{
    struct writing *w = ctx;

    put_edition(w->out, w->hubs, row);
    name_member(w, row->by);
}

static void on_post(void *ctx, const struct post_row *row)
{
    struct writing *w = ctx;

    put_post(w->out, w->hubs, row);
    name_member(w, row->by);
    name_member(w, row->redacted_by);
    name_member(w, row->hidden_by);
}

static void on_act(void *ctx, const struct act_row *row)
{
    struct writing *w = ctx;

    put_act(w->out, w->hubs, row);
    name_member(w, row->of);
    name_member(w, row->second);
    if (row->names_person || !entry_acts_in_role(&row->entry))
        name_member(w, row->entry.actor);
}

static void on_matter(void *ctx, const struct matter_row *row)
{
    struct writing *w = ctx;

    put_matter_open(w->out, w->hubs, row);
    name_member(w, row->of);
    name_member(w, row->claimed_by);
    name_member(w, row->decided_by);
    name_member(w, row->hidden_by);
}

static void on_report(void *ctx, const struct report_row *row)
{
    struct writing *w = ctx;

    put_report(w->out, w->hubs, row);
    name_member(w, row->by);
}

static void on_sanction(void *ctx, const struct sanction_row *row)
{
    struct writing *w = ctx;

    put_sanction(w->out, w->hubs, row);
    name_member(w, row->by);
}

static void on_matter_end(void *ctx, const struct matter_row *row) { put_matter_close(((struct writing *)ctx)->out); }

static void on_hit(void *ctx, const struct hit_row *row)
{
    struct writing *w = ctx;

    put_hit(w->out, w->hubs, row);
    name_member(w, row->by);
}

static void on_shared(void *ctx, const struct shared_row *row)
{
    struct writing *w = ctx;

    put_shared(w->out, w->hubs, row);
    name_member(w, row->by);
}

static void on_org_member(void *ctx, const struct org_member_row *row)
{
    struct writing *w = ctx;

    put_org_member(w->out, w->hubs, row);
    name_member(w, row->member);
}

static enum bz_err put_people(struct writing *w, struct db *db, struct bz_error *e)
{
    json_name(w->out, "members");
    json_open(w->out, '[');
    for (size_t i = 0; i < w->people_count; i++) {
        enum bz_err rc = query_member(db, w->people[i], on_member, w, e);
        if (rc != BZ_OK && rc != BZ_ERR_NOT_FOUND)
            return rc;
    }
    json_close(w->out, ']');
    return BZ_OK;
}

/* The head is read in the same snapshot as the rows: entries up to it are contained in the answer. */
static enum bz_err end(struct writing *w, struct db *db, struct bz_error *e)
{
    int64_t seq = 0;

    if (query_head(db, &seq, e) != BZ_OK)
        return e->code;
    json_put_int(w->out, "seq", seq);
    json_close(w->out, '}');
    return BZ_OK;
}

static enum bz_err end_with_people(struct writing *w, struct db *db, struct bz_error *e)
{
    if (put_people(w, db, e) != BZ_OK)
        return e->code;
    return end(w, db, e);
}

static struct writing begin_list(struct query *q, const char *list)
{
    struct writing w = begin(q, list);

    json_open(w.out, '[');
    return w;
}

/* rc: of the query whose rows were written. */
static enum bz_err end_list(struct writing *w, struct db *db, enum bz_err rc, struct bz_error *e)
{
    if (rc != BZ_OK)
        return rc;
    json_close(w->out, ']');
    return end(w, db, e);
}

static enum bz_err end_list_with_people(struct writing *w, struct db *db, enum bz_err rc, struct bz_error *e)
{
    if (rc != BZ_OK)
        return rc;
    json_close(w->out, ']');
    return end_with_people(w, db, e);
}

static struct page page_of(const struct query_args *args)
{
    return (struct page){ args->before, args->after, args->around, (int)args->limit, args->is_archive };
}

static void on_words(void *ctx, struct span json) { json_raw(((struct writing *)ctx)->out, json); }

enum bz_err run_room_words(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin(q, "words");

    if (query_words(db, q->viewer, args->room, on_words, &w, e) != BZ_OK)
        return e->code;
    return end(&w, db, e);
}

enum bz_err run_room_list(struct db *db, struct query *q, struct bz_error *e)
{
    struct writing w = begin(q, "rooms");

    json_open(w.out, '[');
    if (query_rooms(db, q->viewer, on_room, &w, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    json_name(w.out, "regions");
    json_open(w.out, '[');
    if (query_regions(db, on_region, &w, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    return end(&w, db, e);
}

enum bz_err run_member_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin(q, "members");

    json_open(w.out, '[');
    for (size_t i = 0; i < args->ids.count; i++) {
        enum bz_err rc = query_member_near(db, args->ids.at[i], on_member, &w, e);
        if (rc != BZ_OK && rc != BZ_ERR_NOT_FOUND)
            return rc;
    }
    if (!args->ids.is_present &&
        query_members(db, q->viewer, args->prefix, args->room, (int)args->limit, on_member, &w, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    return end(&w, db, e);
}

enum bz_err run_member_blocked(struct db *db, struct query *q, struct bz_error *e)
{
    struct writing w = begin(q, "members");

    json_open(w.out, '[');
    if (query_blocked(db, q->viewer, on_member, &w, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    return end(&w, db, e);
}

/* Nobody is looked up: an "@handle" stays plain here, so a preview tells nothing about who there is. */
enum bz_err run_post_preview(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    const struct facts *nobody = arena_alloc(&q->arena, sizeof *nobody);
    struct writing w = begin(q, "text");
    struct buf md;

    json_text(w.out, args->text);
    buf_init(&md, PREVIEW_BYTES);
    markup_tokens(nobody, args->text, &md);
    if (md.len > 0)
        json_put_raw(w.out, "md", buf_span(&md));
    buf_done(&md);
    return end(&w, db, e);
}

enum bz_err run_thread_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "threads");
    enum bz_err rc = query_threads(db, q->viewer, args->room, args->kind, page_of(args), on_thread, &w, e);

    return end_list_with_people(&w, db, rc, e);
}

enum bz_err run_thread_get(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin(q, "thread");

    bz_id thread = args->thread;

    if (query_place(db, q->viewer, 0, &thread, e) != BZ_OK
        || query_thread(db, q->viewer, thread, on_thread, &w, e) != BZ_OK)
        return e->code;
    return end_with_people(&w, db, e);
}

enum bz_err run_catchup_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "threads");

    if (query_catchup(db, q->viewer, page_of(q->args), on_thread, &w, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    if (args->before == 0) {
        json_name(w.out, "featured");
        json_open(w.out, '[');
        if (query_featured(db, q->viewer, BZ_LIMIT_FEATURED_MAX, on_thread, &w, e) != BZ_OK)
            return e->code;
        json_close(w.out, ']');
    }
    return end_with_people(&w, db, e);
}

enum bz_err run_direct_list(struct db *db, struct query *q, struct bz_error *e)
{
    struct writing w = begin_list(q, "threads");

    if (query_talks(db, q->viewer, page_of(q->args), on_thread, &w, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    return end_with_people(&w, db, e);
}

enum bz_err run_direct_get(struct db *db, struct query *q, struct bz_error *e)
{
    enum from from;
    struct writing w = begin(q, "from");

    if (query_direct_from(db, q->viewer, &from, e) != BZ_OK)
        return e->code;
    json_text(w.out, span_of(from_wire(from)));
    return end(&w, db, e);
}

enum bz_err run_thread_similar(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "threads");
    enum bz_err rc = query_similar(db, q->viewer, args->text, args->room, (int)args->limit, on_thread, &w, e);

    return end_list_with_people(&w, db, rc, e);
}

enum bz_err run_thread_unanswered(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin(q, "threads");

    json_open(w.out, '[');
    if (query_unanswered(db, q->viewer, (int)args->limit, on_thread, &w, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    return end_with_people(&w, db, e);
}

enum bz_err run_draft_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "drafts");
    enum bz_err rc = query_drafts(db, q->viewer, args->thread != 0 ? args->thread : args->room, on_draft, &w, e);

    return end_list(&w, db, rc, e);
}

enum bz_err run_post_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "posts");
    bz_id thread = args->thread;
    enum bz_err rc = query_place(db, q->viewer, args->around, &thread, e);

    if (rc == BZ_OK)
        rc = query_posts(db, q->viewer, thread, page_of(args), on_post, &w, e);
    if (rc != BZ_OK)
        return rc;
    json_close(w.out, ']');
    json_put_id(w.out, w.hubs, "thread", thread);
    return end_with_people(&w, db, e);
}

enum bz_err run_post_history(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "versions");

    return end_list(&w, db, query_history(db, q->viewer, args->post, on_version, &w, e), e);
}

enum bz_err run_link_posts(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "posts");
    enum bz_err rc = query_link_posts(db, q->viewer, args->text, page_of(args), on_shared, &w, e);

    return end_list_with_people(&w, db, rc, e);
}

enum bz_err run_log_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "acts");

    return end_list_with_people(&w, db, query_log(db, q->viewer, args->room, args->before, (int)args->limit, on_act, &w, e), e);
}

enum bz_err run_queue_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "matters");
    const struct matter_visit visit = { on_matter, on_report, on_matter_end, &w };

    const struct queue_page page = { args->is_on, args->before, (int)args->limit, args->now_ms };

    return end_list_with_people(&w, db, query_queue(db, q->viewer, &page, &visit, e), e);
}

enum bz_err run_report_mine(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "matters");
    const struct matter_visit visit = { on_matter, on_report, on_matter_end, &w };

    return end_list(&w, db, query_own_reports(db, q->viewer, args->before, (int)args->limit, &visit, e), e);
}

enum bz_err run_sanction_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "sanctions");
    enum bz_err rc = query_sanctions(db, q->viewer, args->member, args->before, (int)args->limit, on_sanction, &w, e);

    return end_list_with_people(&w, db, rc, e);
}

enum bz_err run_sanction_mine(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "sanctions");
    enum bz_err rc = query_own_sanctions(db, q->viewer, args->before, (int)args->limit, on_sanction, &w, e);

    return end_list_with_people(&w, db, rc, e);
}

#define PEOPLE_FOUND 5

/* Members have no room, kind, language, file or year: a search that asks for one is not for them. */
static enum bz_err put_people_found(struct writing *w, struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    bool is_for_people = q->within == NULL && args->next.at == NULL && args->room == 0 && args->region == 0
        && args->kind == 0 && args->by == 0 && args->lang.at == NULL && args->theme.at == NULL && !args->has_file && args->year == 0;

    if (!is_for_people)
        return BZ_OK;
    size_t before = w->out->len;
    json_name(w->out, "people");
    json_open(w->out, '[');
    size_t empty = w->out->len;
    if (query_members_found(db, args->text, PEOPLE_FOUND, on_member, w, e) != BZ_OK)
        return e->code;
    if (w->out->len == empty)
        w->out->len = before;
    else
        json_close(w->out, ']');
    return BZ_OK;
}

enum bz_err run_resource_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    const struct shelf shelf = { .region = args->region, .room = args->room, .before = args->before, .year = args->year,
                                 .theme = args->theme, .city = args->city, .country = args->country, .lang = args->lang,
                                 .type = args->type, .collection = args->collection, .text = args->text, .limit = (int)args->limit };
    struct writing w = begin_list(q, "resources");

    return end_list_with_people(&w, db, query_resources(db, q->viewer, &shelf, on_resource, &w, e), e);
}

struct facets { struct buf *out; const char *name; bool is_number; };

static void on_facet(void *ctx, const struct facet_row *row)
{
    const struct facets *f = ctx;

    json_open(f->out, '{');
    json_name(f->out, f->name);
    if (f->is_number)
        buf_add_span(f->out, row->value);
    else
        json_text(f->out, row->value);
    json_put_int(f->out, "count", row->count);
    json_close(f->out, '}');
}

static void on_count(void *ctx, const struct facet_row *row) { *(int64_t *)ctx = row->count; }

enum bz_err run_resource_facets(struct db *db, struct query *q, struct bz_error *e)
{
    static const struct { const char *list, *name; enum facet of; } lists[] = {
        { "themes", "slug", FACET_THEME }, { "languages", "lang", FACET_LANG }, { "years", "year", FACET_YEAR },
        { "types", "type", FACET_TYPE }, { "cities", "city", FACET_CITY }, { "countries", "country", FACET_COUNTRY },
    };
    const struct query_args *args = q->args;
    struct writing w = begin(q, "count");
    int64_t count = 0;

    if (query_facets(db, q->viewer, args->region, args->room, FACET_ALL, on_count, &count, e) != BZ_OK)
        return e->code;
    json_int(w.out, count);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct facets facets = { w.out, lists[i].name, lists[i].of == FACET_YEAR };
        json_name(w.out, lists[i].list);
        json_open(w.out, '[');
        if (query_facets(db, q->viewer, args->region, args->room, lists[i].of, on_facet, &facets, e) != BZ_OK)
            return e->code;
        json_close(w.out, ']');
    }
    return end(&w, db, e);
}

enum bz_err run_collection_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin_list(q, "collections");

    return end_list_with_people(&w, db, query_collections(db, q->viewer, args->region, on_collection, &w, e), e);
}

/* By its name alone. */
static void on_collection_of(void *ctx, const struct collection_row *row)
{
    struct writing *w = ctx;

    json_open(w->out, '{');
    json_put_id(w->out, w->hubs, "id", row->id);
    json_put_text(w->out, "title", row->title);
    json_close(w->out, '}');
}

/* Its thread may have been merged into another since. */
static void on_source(void *ctx, const struct thread_row *row)
{
    *(bz_id *)ctx = row->source;
}

enum bz_err run_resource_get(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    bz_id thread = args->thread, source = 0;
    struct writing w = begin(q, "resource");

    if (query_place(db, q->viewer, 0, &thread, e) != BZ_OK
        || query_resource(db, q->viewer, thread, on_resource, &w, e) != BZ_OK
        || query_thread(db, q->viewer, thread, on_source, &source, e) != BZ_OK)
        return e->code;
    json_name(w.out, "versions");
    json_open(w.out, '[');
    if (query_editions(db, thread, on_edition, &w, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    json_name(w.out, "collections");
    json_open(w.out, '[');
    if (query_collections_of(db, thread, on_collection_of, &w, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    if (source != 0)
        json_put_id(w.out, w.hubs, "from", source);
    return end_with_people(&w, db, e);
}

enum bz_err run_theme_list(struct db *db, struct query *q, struct bz_error *e)
{
    struct writing w = begin_list(q, "themes");

    return end_list(&w, db, query_themes(db, on_theme, &w, e), e);
}

enum bz_err run_org_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    const struct org_query asked = { .region = args->region, .member = args->member, .before = args->before, .kind = args->type,
                                     .country = args->country, .text = args->text, .limit = (int)args->limit };
    struct writing w = begin_list(q, "orgs");

    return end_list(&w, db, query_orgs(db, q->viewer, &asked, on_org, &w, e), e);
}

enum bz_err run_org_get(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct writing w = begin(q, "org");

    if (query_org(db, q->viewer, args->org, on_org, &w, e) != BZ_OK)
        return e->code;
    json_name(w.out, "people");
    json_open(w.out, '[');
    return end_list_with_people(&w, db, query_org_members(db, args->org, PEOPLE_MAX, on_org_member, &w, e), e);
}

enum bz_err run_org_due(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    int64_t before_ms = args->now_ms - BZ_LIMIT_CONFIRM_DAYS * 86400000LL;
    struct writing w = begin_list(q, "due");

    return end_list_with_people(&w, db, query_org_due(db, q->viewer, before_ms, BZ_LIMIT_PAGE_MAX, on_org_member, &w, e), e);
}

enum bz_err run_search_query(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct search search = {
        .text = args->text, .lang = args->lang, .before = args->next, .room = args->room, .region = args->region,
        .by = args->by, .kind = args->kind, .theme = args->theme, .has_file = args->has_file, .limit = (int)args->limit,
    };
    char next[SEARCH_NEXT_CHARS];
    struct writing w = begin_list(q, "hits");

    if (args->year != 0)
        search_year(args->year, &search);
    if (query_search(db, q->viewer, &search, on_hit, &w, next, e) != BZ_OK)
        return e->code;
    json_close(w.out, ']');
    if (next[0] != '\0')
        json_put_text(w.out, "next", span_of(next));
    if (put_people_found(&w, db, q, e) != BZ_OK)
        return e->code;
    return end_with_people(&w, db, e);
}

enum bz_err run_search_saved(struct db *db, struct query *q, struct bz_error *e)
{
    struct writing w = begin_list(q, "searches");

    return end_list(&w, db, query_saved(db, q->viewer, on_saved, &w, e), e);
}

enum bz_err run_who(struct db *db, struct query *q, struct bz_error *e)
{
    struct who_args *args = q->args;
    struct session_found session = { 0 };
    struct writing w = { .out = &q->out, .hubs = args->hubs };

    if (args->member == 0 &&
        query_session(db, args->hash, args->now_ms, &q->viewer, &session, e) != BZ_OK)
        return e->code;
    args->expires_ms = session.expires_ms;
    args->seen_ms = session.seen_ms;
    args->may_weaken = args->minds_second && session.is_single;
    args->is_weak = args->may_weaken && session.moderates;
    args->rights = rights_of(&session, &q->arena);
    db_within(db, args->rights.rooms);
    if (args->member != 0)
        q->viewer.member = args->member;
    return query_me(db, q->viewer.member, on_member, &w, e);
}

static void on_place(void *ctx, const struct thread_row *row)
{
    struct place_args *args = ctx;

    args->room = row->room;
}

enum bz_err run_place(struct db *db, struct query *q, struct bz_error *e)
{
    struct place_args *args = q->args;

    return query_thread(db, q->viewer, args->thread, on_place, args, e);
}
