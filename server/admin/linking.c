#include "admin/linking.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "store/link.h"

#define TICK_MS 1000
#define IDLE_TICKS 30          /* looks for what became due by itself */
#define HOST_PAUSE_MS 2000     /* between two questions to one host */
#define HOSTS 64               /* hosts asked lately that are remembered */
#define MINUTE_MAX 60          /* questions in a minute, in all */

struct wanted { bz_id post; bool is_check; char *url; size_t url_len; };

struct asking { struct linking *l; struct fetch *fetch; struct wanted link; };

struct linking {
    struct linking_config config;
    uv_timer_t tick;
    struct wanted wanted[LINK_DUE];
    size_t wanted_count;
    struct asking asking[LINK_WORKERS];
    struct { uint64_t host; int64_t at_ms; } hosts[HOSTS];
    int64_t minute, asked;     /* in this minute */
    unsigned ticks, jobs;      /* jobs: commands and queries under way */
    bool is_due, is_looking, is_stopping;
};

static int64_t now_ms(const struct linking *l) { return (int64_t)uv_now(l->config.loop); }

/* ---- What is to be asked. */

struct due_row { struct due_row *next; struct due_link link; };
struct due_rows { int64_t now_ms; struct query *q; struct due_row *first, **last; };

static void on_due(void *ctx, const struct due_link *link)
{
    struct due_rows *rows = ctx;
    struct arena *arena = &rows->q->arena;
    struct due_row *row = arena_alloc(arena, sizeof *row);
    *row = (struct due_row){ NULL, *link };
    row->link.url = arena_copy(arena, link->url);
    row->link.title = arena_copy(arena, link->title);
    row->link.about = arena_copy(arena, link->about);
    row->link.lang = arena_copy(arena, link->lang);
    *rows->last = row;
    rows->last = &row->next;
}

static enum bz_err run_due(struct db *db, struct query *q, struct bz_error *e)
{
    struct due_rows *rows = q->args;
    return link_due(db, rows->now_ms, LINK_DUE, on_due, rows, e);
}

static void go_on(struct linking *l);

static void on_closed(uv_handle_t *tick)
{
    struct linking *l = tick->data;
    free(l);
}

static void free_when_over(struct linking *l)
{
    if (l->is_stopping && l->jobs == 0 && !uv_is_closing((uv_handle_t *)&l->tick))
        uv_close((uv_handle_t *)&l->tick, on_closed);
}

static void told(struct job *job)
{
    struct linking *l = job->owner;
    job_free(job);
    l->jobs--;
    free_when_over(l);
}

struct tidings { bz_id post; struct span url; enum link_found found; struct span title, about, lang; };

static void tell(struct linking *l, const struct tidings *t)
{
    struct bz_error e = { 0 };
    struct job *job = job_new(COMMAND_LINK_TELL);
    job->cmd.post = t->post;
    job->cmd.found = t->found;
    job->cmd.url = arena_copy(&job->arena, t->url);
    job->cmd.title = arena_copy(&job->arena, t->title);
    job->cmd.about = arena_copy(&job->arena, t->about);
    job->cmd.lang = arena_copy(&job->arena, t->lang);
    job->done = told;
    job->owner = l;
    l->jobs++;
    if (writer_submit(l->config.writer, job, &e) != BZ_OK)   /* it stays due */
        told(job);
}

static bool is_of(const struct wanted *w, struct span url) { return span_eq((struct span){ w->url, w->url_len }, url); }

static void want(struct linking *l, const struct due_link *link)
{
    if (link->is_known) {
        tell(l, &(struct tidings){ link->post, link->url, link->is_alive ? LINK_READ : LINK_DEAD, link->title, link->about, link->lang });
        return;
    }
    for (size_t i = 0; i < l->wanted_count; i++)   /* its answer is known to the next look, where it may be told */
        if (is_of(&l->wanted[i], link->url))
            return;
    for (size_t i = 0; i < LINK_WORKERS; i++)
        if (l->asking[i].fetch != NULL && is_of(&l->asking[i].link, link->url))
            return;
    char *url = malloc(link->url.len);
    if (url == NULL || l->wanted_count == LINK_DUE) {
        free(url);
        return;
    }
    memcpy(url, link->url.at, link->url.len);
    l->wanted[l->wanted_count++] = (struct wanted){ .post = link->post, .is_check = link->is_check, .url = url, .url_len = link->url.len };
}

static void looked(struct query *q)
{
    struct linking *l = q->owner;
    struct due_rows *rows = q->args;
    l->is_looking = false;
    l->jobs--;
    for (struct due_row *row = rows->first; row != NULL && q->error.code == BZ_OK && !l->is_stopping; row = row->next)
        want(l, &row->link);
    query_free(q);
    if (l->is_stopping)
        free_when_over(l);
    else
        go_on(l);
}

static void look(struct linking *l)
{
    struct bz_error e = { 0 };
    struct query *q = query_new();
    struct due_rows *rows = arena_alloc(&q->arena, sizeof *rows);
    *rows = (struct due_rows){ .now_ms = (int64_t)l->config.env->now_ms(l->config.env->ctx), .q = q };
    rows->last = &rows->first;
    q->args = rows;
    q->run = run_due;
    q->done = looked;
    q->owner = l;
    l->is_due = false;
    if (readers_submit(l->config.readers, q, &e) != BZ_OK) {
        query_free(q);
        l->is_due = true;
        return;
    }
    l->is_looking = true;
    l->jobs++;
}

/* ---- Asking. */

/* FNV-1a of scheme and host: two that fall together wait for each other. */
static uint64_t host_of(const struct wanted *w)
{
    uint64_t hash = 14695981039346656037u;
    unsigned slashes = 0;
    for (size_t i = 0; i < w->url_len && slashes < 3; i++) {
        slashes += w->url[i] == '/';
        hash = (hash ^ (unsigned char)w->url[i]) * 1099511628211u;
    }
    return hash;
}

static bool may_ask(struct linking *l, const struct wanted *w)
{
    uint64_t host = host_of(w);
    for (size_t i = 0; i < LINK_WORKERS; i++)
        if (l->asking[i].fetch != NULL && host_of(&l->asking[i].link) == host)
            return false;
    for (size_t i = 0; i < HOSTS; i++)
        if (l->hosts[i].host == host && now_ms(l) - l->hosts[i].at_ms < HOST_PAUSE_MS)
            return false;
    return true;
}

static void asked_host(struct linking *l, const struct wanted *w)
{
    size_t oldest = 0;
    uint64_t host = host_of(w);
    for (size_t i = 0; i < HOSTS; i++) {
        if (l->hosts[i].host == host) {
            oldest = i;
            break;
        }
        if (l->hosts[i].at_ms < l->hosts[oldest].at_ms)
            oldest = i;
    }
    l->hosts[oldest].host = host;
    l->hosts[oldest].at_ms = now_ms(l);
}

static void forget(struct linking *l, size_t at)
{
    memmove(&l->wanted[at], &l->wanted[at + 1], (l->wanted_count - at - 1) * sizeof l->wanted[0]);
    l->wanted_count--;
}

static void found(void *ctx, const struct fetched *f)
{
    static const enum link_found ends[] = { [FETCH_READ] = LINK_READ, [FETCH_DEAD] = LINK_DEAD, [FETCH_REFUSED] = LINK_REFUSED,
                                            [FETCH_UNKNOWN] = LINK_UNKNOWN };
    struct asking *a = ctx;
    struct linking *l = a->l;
    struct wanted w = a->link;
    enum link_found end = f->end == FETCH_READ && w.is_check ? LINK_ANSWERS : ends[f->end];
    asked_host(l, &w);
    a->fetch = NULL;
    tell(l, &(struct tidings){ w.post, { w.url, w.url_len }, end, f->title, f->about, f->lang });
    free(w.url);
    go_on(l);
}

static void start(struct linking *l, struct asking *a)
{
    struct bz_error e = { 0 };
    size_t i = 0;
    if (l->minute != now_ms(l) / 60000) {
        l->minute = now_ms(l) / 60000;
        l->asked = 0;
    }
    while (i < l->wanted_count && !may_ask(l, &l->wanted[i]))
        i++;
    if (i == l->wanted_count || l->asked >= MINUTE_MAX)
        return;
    struct wanted w = l->wanted[i];
    forget(l, i);
    l->asked++;
    *a = (struct asking){ .l = l, .link = w };
    const struct fetch_config config = { l->config.loop, l->config.resolver, l->config.ports, l->config.inside, l->config.agent };
    if (fetch_start(&config, (struct span){ w.url, w.url_len }, w.is_check, found, a, &a->fetch, &e) == BZ_OK)
        return;
    log_line(l->config.log, LOG_WARN, "link_not_asked", "reason", e.text, NULL);
    a->fetch = NULL;
    free(w.url);   /* it stays due */
}

static void go_on(struct linking *l)
{
    for (size_t i = 0; i < LINK_WORKERS; i++)
        if (l->asking[i].fetch == NULL)
            start(l, &l->asking[i]);
    if (l->wanted_count == 0 && l->is_due && !l->is_looking)
        look(l);
}

static void on_tick(uv_timer_t *timer)
{
    struct linking *l = timer->data;
    if (l->is_stopping)
        return;
    l->is_due |= l->ticks++ % IDLE_TICKS == 0;
    go_on(l);
}

void linking_committed(struct linking *l, const struct commit *commit)
{
    static const char link[] = "[\"a\",\"";
    if (l == NULL || l->is_stopping)
        return;
    for (size_t i = 0; i < commit->count && !l->is_due; i++) {
        const struct entry *en = &commit->entries[i];
        bool is_said = (en->kind == ENTRY_POST || en->kind == ENTRY_POST_EDIT) && en->body.at != NULL;
        l->is_due = en->kind == ENTRY_ROOM_SET || (is_said && memmem(en->body.at, en->body.len, link, sizeof link - 1) != NULL);
    }
    if (l->is_due)
        go_on(l);
}

enum bz_err linking_start(const struct linking_config *config, struct linking **ret, struct bz_error *e)
{
    struct linking *l = calloc(1, sizeof *l);
    if (l == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    l->config = *config;
    (void)uv_timer_init(config->loop, &l->tick);
    l->tick.data = l;
    (void)uv_timer_start(&l->tick, on_tick, TICK_MS, TICK_MS);
    *ret = l;
    return BZ_OK;
}

void linking_stop(struct linking *l)
{
    if (l == NULL)
        return;
    l->is_stopping = true;
    (void)uv_timer_stop(&l->tick);
    for (size_t i = 0; i < LINK_WORKERS; i++)
        if (l->asking[i].fetch != NULL) {
            fetch_stop(l->asking[i].fetch);
            free(l->asking[i].link.url);
        }
    for (size_t i = 0; i < l->wanted_count; i++)
        free(l->wanted[i].url);
    l->wanted_count = 0;
    free_when_over(l);
}
