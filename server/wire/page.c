/* page.c: what a member would ask for first, read in one snapshot, to be sent along with the page itself. On a slow line
 * each question spared is two seconds. The words are written as plain HTML, too: they can be read before a script runs. */
#include <stdlib.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "wire/exchange.h"
#include "wire/objects.h"
#include "wire/queries.h"
#include "wire/session.h"

#define PAGE_ROWS     30      /* threads or posts in the data */
#define PAGE_READ     10      /* of them to be read at once */
#define PAGE_EXCERPT  600     /* bytes of one text to be read at once */
#define PAGE_HTML     (64u << 10)
#define UNANSWERED    8       /* as many as the client shows */

struct page_args {
    struct query_args list;        /* first: what the reading methods look into */
    struct span me;                /* Member, JSON */
    const struct wire *wire;
    char kind;                     /* 't' a thread, 'r' a room, 'c' catch-up, '-' any other */
    struct buf html;
};

struct page_call {
    struct wire *wire;
    wire_page_done done;           /* NULL: nobody waits any more */
    void *ctx;
    struct page_args place;        /* what the path means */
};

/* ---- The words. */

struct html { struct buf *out; struct db *db; const struct hubs *hubs; struct bz_error *e; };

static void put_escaped(struct buf *b, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        switch (s.at[i]) {
        case '&': buf_add_text(b, "&amp;"); break;
        case '<': buf_add_text(b, "&lt;"); break;
        case '>': buf_add_text(b, "&gt;"); break;
        case '"': buf_add_text(b, "&quot;"); break;
        default: buf_add_char(b, s.at[i]);
        }
    }
}

/* At most `most` bytes, whole characters. */
static struct span cut(struct span s, size_t most)
{
    if (s.len <= most)
        return s;
    while (most > 0 && ((unsigned char)s.at[most] & 0xc0) == 0x80)
        most--;
    return (struct span){ s.at, most };
}

static void put_element(struct buf *b, const char *name, struct span lang, struct span text)
{
    buf_printf(b, "<%s dir=\"auto\"", name);
    if (lang.len > 0) {
        buf_add_text(b, " lang=\"");
        put_escaped(b, lang);
        buf_add_char(b, '"');
    }
    buf_add_char(b, '>');
    struct span shown = cut(text, PAGE_EXCERPT);
    put_escaped(b, shown);
    buf_add_text(b, shown.len < text.len ? "…" : "");
    buf_printf(b, "</%s>", name);
}

static void open_link(struct html *h, char kind, bz_id id)
{
    char wire[BZ_ID_TEXT];
    (void)id_format(h->hubs, id, wire);
    buf_printf(h->out, "<li><a href=\"/%c/%s\">", kind, wire);
}

static void on_name(void *ctx, const struct member_row *row)
{
    put_element(((struct html *)ctx)->out, "b", SPAN(""), row->name);
}

static void on_head(void *ctx, const struct member_row *row)
{
    put_element(((struct html *)ctx)->out, "h1", SPAN(""), row->name);
}

/* A conversation of two is called by the other one. */
static void on_title(void *ctx, const struct thread_row *row)
{
    struct html *h = ctx;
    if (row->with != 0)
        (void)query_member(h->db, row->with, on_head, h, h->e);
    else
        put_element(h->out, "h1", row->lang, row->title);
}

static void on_post(void *ctx, const struct post_row *row)
{
    struct html *h = ctx;
    if (row->redacted_at_ms != 0)
        return;
    buf_add_text(h->out, "<li>");
    (void)query_member(h->db, row->by, on_name, h, h->e);
    put_element(h->out, "p", row->lang, row->text);
    buf_add_text(h->out, "</li>");
}

static void on_thread(void *ctx, const struct thread_row *row)
{
    struct html *h = ctx;
    open_link(h, 't', row->id);
    if (row->with != 0)
        (void)query_member(h->db, row->with, on_name, h, h->e);
    else
        put_element(h->out, "b", row->lang, row->title);
    buf_add_text(h->out, "</a>");
    if (row->excerpt.len > 0)
        put_element(h->out, "p", SPAN(""), row->excerpt);
    buf_add_text(h->out, "</li>");
}

static void on_room(void *ctx, const struct room_row *row)
{
    struct html *h = ctx;
    if (row->with != 0)
        return;
    open_link(h, 'r', row->id);
    put_element(h->out, "b", row->lang, row->name);
    buf_add_text(h->out, "</a></li>");
}

static enum bz_err put_words(struct db *db, struct viewer v, struct page_args *a, bz_id first_unread, struct bz_error *e)
{
    struct html h = { &a->html, db, a->list.hubs, e };
    struct page newest = { .limit = PAGE_READ };
    enum bz_err rc = BZ_OK;

    if (a->kind == 't')
        rc = query_thread(db, v, a->list.thread, on_title, &h, e);
    else
        put_element(&a->html, "h1", SPAN(""), span_of(a->wire->config.hub_name));
    buf_add_text(&a->html, "<ul>");
    bz_id from = a->list.post != 0 ? a->list.post : first_unread;
    const struct page posts = { .after = from == 0 ? 0 : from - 1, .limit = PAGE_READ };
    if (rc == BZ_OK && a->kind == 't')
        rc = query_posts(db, v, a->list.thread, posts, on_post, &h, e);
    else if (rc == BZ_OK && a->kind == 'r')
        rc = query_threads(db, v, a->list.room, 0, newest, on_thread, &h, e);
    else if (rc == BZ_OK && a->kind == 'c')
        rc = query_catchup(db, v, newest, on_thread, &h, e);
    else if (rc == BZ_OK)
        rc = query_rooms(db, v, on_room, &h, e);
    buf_add_text(&a->html, "</ul>");
    return rc;
}

/* ---- The data: results of reading methods under the names that the client knows. */

static enum bz_err put_result(struct db *db, struct query *q, const char *name,
                              enum bz_err (*run)(struct db *db, struct query *q, struct bz_error *e), struct bz_error *e)
{
    json_name(&q->out, name);
    return run(db, q, e);
}

static void on_place(void *ctx, const struct thread_row *row)
{
    *(bz_id *)ctx = row->unread > 0 ? row->first_unread : 0;
}

static enum bz_err put_data(struct db *db, struct query *q, bz_id first_unread, struct bz_error *e)
{
    struct page_args *a = q->args;
    enum bz_err rc = put_result(db, q, "rooms", run_room_list, e);

    a->list.limit = PAGE_ROWS;
    if (rc == BZ_OK && a->kind == 't') {
        rc = put_result(db, q, "thread", run_thread_get, e);
        a->list.around = a->list.post != 0 ? a->list.post : first_unread;
        if (rc == BZ_OK)
            rc = put_result(db, q, "posts", run_post_list, e);
    } else if (rc == BZ_OK && a->kind == 'r') {
        rc = put_result(db, q, "list", run_thread_list, e);
    } else if (rc == BZ_OK && a->kind == 'c') {
        rc = put_result(db, q, "catchup", run_catchup_list, e);
        a->list.limit = UNANSWERED;
        if (rc == BZ_OK)
            rc = put_result(db, q, "unanswered", run_thread_unanswered, e);
    }
    return rc;
}

static enum bz_err run_page(struct db *db, struct query *q, struct bz_error *e)
{
    struct page_args *a = q->args;
    bz_id first_unread = 0;
    int64_t head = 0;
    enum bz_err rc = query_head(db, &head, e);

    if (rc == BZ_OK && a->kind == 't')
        rc = query_place(db, q->viewer, a->list.post, &a->list.thread, e);
    if (rc == BZ_OK && a->kind == 't')
        rc = query_thread(db, q->viewer, a->list.thread, on_place, &first_unread, e);
    if (rc != BZ_OK)
        return rc;
    json_open(&q->out, '{');
    json_put_raw(&q->out, "me", a->me);
    session_put_hub(&q->out, a->wire);
    session_put_cursor(&q->out, a->wire, head);
    json_put_int(&q->out, "limit", PAGE_ROWS);
    rc = put_data(db, q, first_unread, e);
    if (rc == BZ_OK)
        rc = put_words(db, q->viewer, a, first_unread, e);
    json_close(&q->out, '}');
    return rc;
}

/* ---- On the loop. */

static bool starts(struct span path, const char *with, struct span *ret_rest)
{
    size_t len = strlen(with);
    if (path.len <= len || memcmp(path.at, with, len) != 0)
        return false;
    *ret_rest = (struct span){ path.at + len, path.len - len };
    return true;
}

/* /, /r/ROOM, /t/THREAD, /t/THREAD/POST; what names nothing is any other page. */
static void place_of(const struct hubs *hubs, struct span path, struct page_args *ret)
{
    struct span rest;
    ret->kind = span_is(path, "/") ? 'c' : '-';
    if (starts(path, "/r/", &rest) && id_parse(hubs, rest, &ret->list.room)) {
        ret->kind = 'r';
    } else if (starts(path, "/t/", &rest)) {
        const char *slash = memchr(rest.at, '/', rest.len);
        struct span thread = { rest.at, slash == NULL ? rest.len : (size_t)(slash - rest.at) };
        struct span post = { slash == NULL ? NULL : slash + 1, slash == NULL ? 0 : rest.len - thread.len - 1 };
        if (id_parse(hubs, thread, &ret->list.thread) && (slash == NULL || id_parse(hubs, post, &ret->list.post)))
            ret->kind = 't';
    }
}

static void end(struct page_call *p, const struct wire_page *page, bool is_nobody)
{
    p->wire->http_count--;
    if (p->done != NULL)
        p->done(p->ctx, page, is_nobody);
    free(p);
}

static void page_done(struct query *q)
{
    struct page_call *p = q->owner;
    struct page_args *a = q->args;
    const struct wire_page page = { .data = buf_span(&q->out), .html = buf_span(&a->html) };
    bool may = !wire_is_barred(p->wire, q->viewer.member, &q->error);

    end(p, may && q->error.code == BZ_OK && !q->out.failed && !a->html.failed ? &page : NULL, false);
    buf_done(&a->html);
    query_free(q);
}

static void who_done(struct query *who)
{
    struct page_call *p = who->owner;
    struct wire *w = p->wire;
    struct bz_error barred;
    const struct who_args *found = who->args;
    bool is_nobody = who->error.code == BZ_ERR_UNAUTHENTICATED;
    bool may = who->error.code == BZ_OK && !found->is_weak && (found->rights.scopes & SCOPE_OWNER);   /* for people, not for programs */
    bz_id member = may && !wire_is_barred(w, who->viewer.member, &barred) ? who->viewer.member : 0;
    uint32_t retry_ms;
    struct bz_error e = { .code = BZ_OK };
    struct query *q = NULL;

    if (p->done != NULL && member != 0 &&
        (!w->config.enforce_limits || admit_take(w->admit, member, ADMIT_QUERY, wire_now_ms(w), &retry_ms))) {
        q = query_new();
        struct page_args *a = arena_alloc(&q->arena, sizeof *a);
        *a = p->place;
        a->wire = w;
        a->list.hubs = w->config.hubs;
        a->me = arena_copy(&q->arena, buf_span(&who->out));
        buf_init(&a->html, PAGE_HTML);
        q->args = a;
        q->viewer = (struct viewer){ member, fanout_role(w->config.fanout, member) };
        q->run = run_page;
        q->done = page_done;
        q->owner = p;
    }
    query_free(who);
    if (q != NULL && readers_submit(w->config.readers, q, &e) == BZ_OK)
        return;
    query_free(q);
    end(p, NULL, is_nobody);
}

struct page_call *wire_page(struct wire *w, struct span token, struct span path, wire_page_done done, void *ctx)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    struct bz_error e = { .code = BZ_OK };
    struct page_call *p = NULL;
    bool is_token = token_hash(token, hash);

    if (is_token && w->http_count < HTTP_CALLS)
        p = calloc(1, sizeof *p);
    if (p == NULL) {
        done(ctx, NULL, !is_token);
        return NULL;
    }
    *p = (struct page_call){ .wire = w, .done = done, .ctx = ctx };
    place_of(w->config.hubs, path, &p->place);
    struct query *q = who_query(w, hash, 0);
    q->owner = p;
    q->done = who_done;
    w->http_count++;
    if (readers_submit(w->config.readers, q, &e) == BZ_OK)
        return p;
    query_free(q);
    end(p, NULL, false);
    return NULL;
}

void wire_page_cancel(struct page_call *call) { call->done = NULL; }
