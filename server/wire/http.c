#include <stdlib.h>

#include "base/limits.h"
#include "store/browser.h"
#include "wire/account.h"
#include "wire/exchange.h"
#include "wire/poll.h"
#include "wire/queries.h"

#define COOKIE_AGE_S    ((int64_t)90 * 24 * 3600)
#define RETRY_MS        1000

struct http_call {
    struct exchange *x;
    http_done done;
    void *ctx;
    bool is_get, is_starting, is_over;   /* over while starting: start() frees it and returns NULL */
};

static void refuse(http_done done, void *ctx, const struct bz_error *error, int status)
{
    struct buf text;

    buf_init(&text, 4096);
    wire_error(error, &text);
    const struct http_answer answer = {
        .status = status, .body = buf_span(&text), .retry_after_ms = error->retry_after_ms,
    };
    done(ctx, &answer);
    buf_done(&text);
}

/* POST answers 200 whatever the method says, but 401 when nobody speaks: programs look at the status first.
 * Nor is a sign-in for which there is no room now, which proxies may hold back. GET is a resource of the HTTP cache: its status is the
 * error's. */
static int status_of(const struct http_call *http, const struct exchange *x)
{
    const struct call *c = &x->calls[0];

    if (http->is_get)
        return c->error.code == BZ_OK ? 200 : bz_err_http(c->error.code);
    if (x->calls_count == 1 && c->method != NULL && c->method->is_public && c->error.code == BZ_ERR_BUSY)
        return bz_err_http(c->error.code);
    for (size_t i = 0; i < x->calls_count; i++)
        if (x->calls[i].error.code != BZ_ERR_UNAUTHENTICATED)
            return 200;
    return 401;
}

void http_answer_send(struct http_call *http, struct exchange *x, struct span body)
{
    struct http_answer answer = { .status = status_of(http, x), .body = body };
    const struct call *c = &x->calls[0];
    unsigned char hash[TOKEN_HASH_BYTES];
    char mark[BROWSER_MARK_CHARS + 1];

    if (body.at == NULL)
        answer.status = 204;
    if (answer.status >= 400)
        answer.retry_after_ms = c->error.retry_after_ms;
    if (c->error.code == BZ_OK && c->method != NULL && x->new_token[0] != '\0') {
        answer.set_token = span_of(x->new_token);
        answer.max_age_s = COOKIE_AGE_S;
        (void)token_hash(answer.set_token, hash);
        browser_mark(hash, mark);
        answer.set_browser = span_of(mark);
        answer.browser_age_s = BROWSER_DAYS * 24LL * 3600;
    }
    answer.clear_token = x->ends_session;
    x->wire->http_count--;
    http->is_over = true;
    http->done(http->ctx, &answer);
    if (!http->is_starting)
        free(http);
}

static void who_done(struct query *q)
{
    struct exchange *x = q->owner;

    const struct who_args *who = q->args;

    x->is_asking = false;
    x->expires_ms = who->expires_ms;
    x->is_weak = who->is_weak;
    x->rights = who->rights;
    x->rights.rooms = rooms_copy(who->rights.rooms, &x->arena);
    if (q->error.code == BZ_OK) {
        x->member = q->viewer.member;
        note_seen(x->wire, x->hash, who->seen_ms);
    } else {
        x->who_error = q->error;
    }
    query_free(q);
    if (x->http == NULL)
        exchange_drop(x);
    else
        exchange_run(x);
}

/* Who speaks is looked up anew for each request: a session that was closed is gone with the next call. */
static void ask_or_run(struct exchange *x, struct span token)
{
    struct bz_error e = { .code = BZ_OK };

    x->has_hash = token_hash(token, x->hash);
    if (!x->has_hash || !exchange_needs_member(x)) {
        exchange_run(x);
        return;
    }
    struct query *q = who_query(x->wire, x->hash, 0);
    q->owner = x;
    q->done = who_done;
    x->is_asking = true;
    if (readers_submit(x->wire->config.readers, q, &e) == BZ_OK)
        return;
    query_free(q);
    x->is_asking = false;
    x->who_error = e;
    exchange_run(x);
}

static struct http_call *start(struct exchange *x, struct span token, const struct http_call *as)
{
    struct wire *w = x->wire;
    struct http_call *http = calloc(1, sizeof *http);

    if (http == NULL || w->http_count >= HTTP_CALLS) {
        struct bz_error e = { .code = BZ_OK };
        bz_fail(&e, BZ_ERR_BUSY, "Too much is being asked at once; nothing was done. Try again in a moment.");
        e.retry_after_ms = RETRY_MS;
        free(http);
        exchange_drop(x);
        refuse(as->done, as->ctx, &e, 503);
        return NULL;
    }
    *http = *as;
    http->x = x;
    x->http = http;
    w->http_count++;
    http->is_starting = true;
    ask_or_run(x, token);
    http->is_starting = false;
    if (!http->is_over)
        return http;
    free(http);
    return NULL;
}

struct http_call *wire_http_post(struct wire *w, const struct http_post *post, http_done done, void *ctx)
{
    const struct http_call as = { .done = done, .ctx = ctx };
    struct bz_error e = { .code = BZ_OK };
    struct exchange *x = exchange_new(w, post->body, &e);

    if (x == NULL) {
        refuse(done, ctx, &e, bz_err_http(e.code));
        return NULL;
    }
    x->address = post->address;
    (void)token_hash(post->browser, x->browser);
    return start(x, post->token, &as);
}

/* A request document as POST would have brought it, typed by the method's table. */
static json_t *doc_of(const struct method *m, struct span args, struct bz_error *e)
{
    struct pair pairs[PARAMS_MAX];
    struct arena arena;
    size_t count = 0;
    json_t *params = NULL, *doc = NULL;

    arena_init(&arena);
    if (args.len > BZ_LIMIT_FRAME_BYTES)
        bz_fail(e, BZ_ERR_TOO_LARGE, "The address is too long.");
    else if (codec_pairs(args, &arena, pairs, m->params_count, &count, e) == BZ_OK &&
             params_from_pairs(m, pairs, count, &params, e) == BZ_OK &&
             (doc = json_pack("{s:s, s:n, s:s, s:o}", "jsonrpc", "2.0", "id", "method", m->name, "params",
                              params)) == NULL)
        bz_fail(e, BZ_ERR_BUSY, "The server is short of memory; try again soon.");
    arena_done(&arena);
    return doc;
}

struct http_call *wire_http_get(struct wire *w, struct span token, struct span name, struct span args, http_done done,
                                void *ctx)
{
    const struct http_call as = { .done = done, .ctx = ctx, .is_get = true };
    const struct method *m = method_by_name(name);
    struct bz_error e = { .code = BZ_OK };
    int status = 0;
    json_t *doc = NULL;

    if (m == NULL) {
        bz_fail(&e, BZ_ERR_METHOD, "There is no such method.");
    } else if (m->class != METHOD_QUERY) {
        bz_fail(&e, BZ_ERR_REQUEST, "This method changes something: send it by POST.");
        status = 405;
    } else {
        doc = doc_of(m, args, &e);
    }
    struct exchange *x = doc == NULL ? NULL : exchange_from_doc(w, doc, &e);
    if (x == NULL) {
        refuse(done, ctx, &e, status != 0 ? status : bz_err_http(e.code));
        return NULL;
    }
    return start(x, token, &as);
}

void wire_http_cancel(struct http_call *call)
{
    struct exchange *x = call->x;
    struct wire *w = x->wire;

    x->http = NULL;
    free(call);
    if (!x->is_asking)
        exchange_drop(x);
    w->http_count--;
}

void wire_http_hurry(struct http_call *call)
{
    if (call->x->poll != NULL)
        poll_hurry(call->x->poll);
}
