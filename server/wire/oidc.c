#include "wire/oidc.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "store/oidc.h"
#include "store/query.h"
#include "wire/account.h"
#include "wire/idtoken.h"
#include "wire/session.h"

#define FRESH_MS  ((int64_t)3600 * 1000)   /* what a provider said of itself, and its keys */
#define RETRY_MS  ((int64_t)10 * 1000)     /* after it said nothing useful */
#define KEYS_MS   ((int64_t)60 * 1000)     /* for a key that is not known its keys are asked for once more, not sooner */
#define URL_BYTES (8u << 10)
#define FORM_BYTES (12u << 10)
#define WELL_KNOWN "/.well-known/openid-configuration"

/* What one provider said. */
struct known {
    struct discovery discovery;
    int64_t discovered_ms, failed_ms;      /* 0: never */
    char *keys;
    int64_t keys_ms;
};

struct oidc {
    struct providers providers;
    struct known known[];
};

/* One call of who begins or comes back; lies in its exchange's arena. */
struct coming {
    struct call *c;
    struct oidc *oidc;
    const struct provider *provider;
    struct known *known;
    const struct session_args *args;
    void (*next)(struct coming *s);        /* once the provider is known */
    struct span token, access;             /* what it answered */
    struct identity who;
    unsigned char ticket[TOKEN_HASH_BYTES];
    bool has_asked_keys;
};

struct oidc *oidc_new(const struct providers *providers)
{
    struct oidc *o = calloc(1, sizeof *o + providers->count * sizeof o->known[0]);
    if (o == NULL)
        abort();
    o->providers = *providers;
    return o;
}

void oidc_free(struct oidc *o)
{
    for (size_t i = 0; o != NULL && i < o->providers.count; i++)
        free(o->known[i].keys);
    free(o);
}

static int64_t now_of(const struct coming *s) { return wire_now_ms(s->c->x->wire); }

static void refuse(struct coming *s, const char *reason)
{
    struct call *c = s->c;
    log_line(c->x->wire->config.log, LOG_WARN, "signin_refused", "provider", s->provider->name, "reason", reason, NULL);
    (void)attempt_refuse(&c->error);
    sodium_memzero(c->x->new_token, sizeof c->x->new_token);
    call_done(c);
}

static void unavailable(struct coming *s, const char *reason)
{
    struct bz_error e = { .code = BZ_OK };
    log_line(s->c->x->wire->config.log, LOG_WARN, "provider_silent", "provider", s->provider->name, "reason", reason, NULL);
    (void)bz_fail(&e, BZ_ERR_BUSY, "%s does not answer just now; try again in a moment", s->provider->title);
    call_take_error(s->c, &e);
    call_done(s->c);
}

/* What was not to be had of it, and why: for the log. */
static void silent(struct coming *s, const char *what, int status, struct span why)
{
    char reason[320];
    if (status == 0)
        (void)snprintf(reason, sizeof reason, "%s%s%.*s", what, why.len == 0 ? "" : ": ", (int)why.len, why.len == 0 ? "" : why.at);
    else if (status >= 300 && status < 400)
        (void)snprintf(reason, sizeof reason, "%s: it leads elsewhere (%d), where nobody follows", what, status);
    else
        (void)snprintf(reason, sizeof reason, "%s: it answers %d", what, status);
    unavailable(s, reason);
}

static void ask(struct coming *s, struct provider_question *q, provider_answer *answer)
{
    const struct providers *p = &s->oidc->providers;
    q->provider = s->provider;
    q->is_inside = s->provider->is_inside && oidc_same_host(q->url, span_of(s->provider->issuer));
    if (!p->ask(p->ctx, q, answer, s))
        unavailable(s, "too many are asked");
}

/* ---- What the provider says of itself. */

static void discovered(void *owner, int status, struct span body)
{
    struct coming *s = owner;
    struct discovery found = { .says_issuer = false };
    bool is_read = status == 200 && discovery_read(body, span_of(s->provider->issuer), &found);
    if (!is_read)
        s->known->failed_ms = now_of(s);
    if (status != 200)
        silent(s, "no description", status, body);
    else if (!is_read)
        unavailable(s, "its description is not in order");
    if (!is_read)
        return;
    s->known->discovery = found;
    s->known->discovered_ms = now_of(s);
    s->next(s);
}

static void discover(struct coming *s)
{
    char url[OIDC_URL_BYTES + sizeof WELL_KNOWN];
    int64_t now = now_of(s);
    size_t len = strlen(s->provider->issuer);
    if (s->known->discovered_ms != 0 && now - s->known->discovered_ms < FRESH_MS && now >= s->known->discovered_ms) {
        s->next(s);
        return;
    }
    if (s->known->failed_ms != 0 && now - s->known->failed_ms < RETRY_MS) {
        unavailable(s, "asked a moment ago");
        return;
    }
    if (s->provider->issuer[len - 1] == '/')
        len--;
    (void)snprintf(url, sizeof url, "%.*s" WELL_KNOWN, (int)len, s->provider->issuer);
    ask(s, &(struct provider_question){ .url = span_of(url) }, discovered);
}

static struct coming *come(struct call *c, const struct session_args *args, void (*next)(struct coming *s))
{
    struct oidc *o = c->x->wire->oidc;
    struct coming *s = arena_alloc(&c->x->arena, sizeof *s);
    *s = (struct coming){ .c = c, .oidc = o, .args = args, .next = next };
    for (size_t i = 0; o != NULL && i < o->providers.count; i++)
        if (span_is(args->provider, o->providers.at[i].name)) {
            s->provider = &o->providers.at[i];
            s->known = &o->known[i];
        }
    if (!call_is_alone(c))
        bz_fail(&c->error, BZ_ERR_REQUEST, "%s stands alone in its request.", c->method->name);
    else if (s->provider == NULL)
        bz_invalid(&c->error, "provider", "provider: one of those in oidc.list.");
    if (c->error.code == BZ_OK)
        return s;
    call_done(c);
    return NULL;
}

/* ---- What goes into addresses and forms. */

static void put_escaped(struct buf *b, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || strchr("-._~", c) != NULL)
            buf_add_char(b, (char)c);
        else
            buf_printf(b, "%%%02X", c);
    }
}

static void put_pair(struct buf *b, const char *name, struct span value)
{
    buf_printf(b, "&%s=", name);
    put_escaped(b, value);
}

/* Another for each name, and the same only to who has the ticket. */
static void made_of(struct span ticket, const char *name, char ret[TOKEN_CHARS + 1])
{
    unsigned char bytes[TOKEN_HASH_BYTES];
    (void)crypto_generichash(bytes, sizeof bytes, (const unsigned char *)name, strlen(name), (const unsigned char *)ticket.at, ticket.len);
    sodium_bin2base64(ret, TOKEN_CHARS + 1, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

static void put_back(struct buf *b, const struct coming *s)
{
    char url[OIDC_URL_BYTES];
    (void)snprintf(url, sizeof url, "%s/oidc/%s", s->oidc->providers.site, s->provider->name);
    put_pair(b, "redirect_uri", span_of(url));
}

static void put_address(struct buf *b, const struct coming *s, struct span ticket)
{
    char made[TOKEN_CHARS + 1], challenge[TOKEN_CHARS + 1];
    unsigned char hash[crypto_hash_sha256_BYTES];
    const char *to = s->known->discovery.authorize;
    buf_printf(b, "%s%cresponse_type=code", to, strchr(to, '?') == NULL ? '?' : '&');
    put_pair(b, "client_id", span_of(s->provider->client));
    put_back(b, s);
    put_pair(b, "scope", span_of(s->provider->scopes));
    made_of(ticket, "oidc state", made);
    put_pair(b, "state", span_of(made));
    made_of(ticket, "oidc nonce", made);
    put_pair(b, "nonce", span_of(made));
    made_of(ticket, "oidc verifier", made);
    crypto_hash_sha256(hash, (const unsigned char *)made, strlen(made));
    sodium_bin2base64(challenge, sizeof challenge, hash, sizeof hash, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    put_pair(b, "code_challenge", span_of(challenge));
    put_pair(b, "code_challenge_method", SPAN("S256"));
    sodium_memzero(made, sizeof made);
}

/* ---- oidc.list, oidc.begin. */

void act_oidc_list(struct call *c, const struct session_args *args)
{
    const struct oidc *o = c->x->wire->oidc;
    json_open(&c->result, '{');
    json_name(&c->result, "providers");
    json_open(&c->result, '[');
    for (size_t i = 0; o != NULL && i < o->providers.count; i++) {
        json_open(&c->result, '{');
        json_put_text(&c->result, "provider", span_of(o->providers.at[i].name));
        json_put_text(&c->result, "title", span_of(o->providers.at[i].title));
        json_close(&c->result, '}');
    }
    json_close(&c->result, ']');
    json_close(&c->result, '}');
    call_done(c);
}

static bz_id member_of(const struct call *c) { return c->x->session != NULL ? session_member(c->x->session) : c->x->member; }

static struct job *job_of(struct coming *s, enum command_kind kind)
{
    struct job *job = call_job(s->c, kind);
    job->cmd.actor = member_of(s->c);
    memcpy(job->cmd.secret, s->ticket, sizeof s->ticket);
    job->cmd.oidc.provider = arena_copy(&job->arena, span_of(s->provider->name));
    job->cmd.oidc.issuer = arena_copy(&job->arena, span_of(s->provider->issuer));
    return job;
}

/* On failure the call is answered. */
static void submit(struct coming *s, struct job *job, void (*done)(struct job *job))
{
    struct bz_error e = { .code = BZ_OK };
    job->owner = s;
    job->done = done;
    if (writer_submit(s->c->x->wire->config.writer, job, &e) == BZ_OK)
        return;
    job_free(job);
    call_take_error(s->c, &e);
    call_done(s->c);
}

static void begun(struct job *job)
{
    struct coming *s = job->owner;
    struct call *c = s->c;
    struct buf url;
    buf_init(&url, URL_BYTES);
    if (job->outcome.error.code != BZ_OK) {
        call_take_error(c, &job->outcome.error);
    } else {
        put_address(&url, s, span_of(c->made));
        json_open(&c->result, '{');
        json_put_text(&c->result, "ticket", span_of(c->made));
        json_put_text(&c->result, "url", buf_span(&url));
        json_close(&c->result, '}');
    }
    sodium_memzero(c->made, sizeof c->made);
    buf_done(&url);
    job_free(job);
    call_done(c);
}

static void begin(struct coming *s)
{
    struct call *c = s->c;
    token_make(c->x->wire->config.env, c->made);
    (void)token_hash(span_of(c->made), s->ticket);
    struct job *job = job_of(s, COMMAND_OIDC_BEGIN);
    memcpy(job->cmd.invitation, s->args->invitation, SECRET_BYTES);
    submit(s, job, begun);
}

void act_oidc_begin(struct call *c, const struct session_args *args)
{
    struct coming *s = come(c, args, begin);
    if (s != NULL)
        discover(s);
}

/* ---- oidc.finish: the ticket is taken, the code shown to the provider, the token looked at, and then who it is. */

static void finished(struct job *job)
{
    struct coming *s = job->owner;
    struct call *c = s->c;
    const struct outcome *o = &job->outcome;
    if (o->error.code != BZ_OK || (!o->may_link && !o->may_join)) {
        if (o->error.code == BZ_ERR_UNAUTHENTICATED)
            log_line(c->x->wire->config.log, LOG_WARN, "signin_refused", "provider", s->provider->name, "reason", "nobody here", NULL);
        job->owner = c;
        enter_done(job);
        return;
    }
    sodium_memzero(c->x->new_token, sizeof c->x->new_token);
    json_open(&c->result, '{');
    json_put_bool(&c->result, o->may_link ? "link" : "join", true);
    if (o->may_join)
        json_put_text_opt(&c->result, "name", s->who.name);
    if (o->may_link || s->provider->trusts_email)
        json_put_text_opt(&c->result, "email", s->who.email);
    json_close(&c->result, '}');
    job_free(job);
    call_done(c);
}

static bool is_of_domain(struct span email, const char *domains)
{
    const char *at = email.at == NULL ? NULL : memchr(email.at, '@', email.len);
    if (at == NULL)
        return false;
    struct span domain = { at + 1, email.len - (size_t)(at + 1 - email.at) };
    while (*domains != '\0') {
        size_t len = strcspn(domains, " ");
        if (span_eq(domain, (struct span){ domains, len }))
            return true;
        domains += len + (domains[len] == ' ');
    }
    return false;
}

static void enter(struct coming *s)
{
    struct call *c = s->c;
    if (!s->who.is_verified)
        s->who.email = (struct span){ NULL, 0 };
    if (*s->provider->domains != '\0' && !is_of_domain(s->who.email, s->provider->domains)) {
        refuse(s, "no address of its domains");
        return;
    }
    struct job *job = job_of(s, COMMAND_OIDC_ENTER);
    job->cmd.oidc.is_believed = s->provider->trusts_email;
    job->cmd.oidc.subject = arena_copy(&job->arena, s->who.subject);
    job->cmd.email = arena_copy(&job->arena, s->who.email);
    job->cmd.device = arena_copy(&job->arena, s->args->device);
    token_make(c->x->wire->config.env, c->x->new_token);
    (void)token_hash(span_of(c->x->new_token), job->cmd.new_secret);
    job->cmd.expires_ms = session_end_ms(c->x->wire);
    submit(s, job, finished);
}

static void ask_keys(struct coming *s);

static void look_at_token(struct coming *s)
{
    char nonce[TOKEN_CHARS + 1];
    int64_t now = now_of(s);
    made_of(s->args->token, "oidc nonce", nonce);
    const struct idtoken_rules rules = { .issuer = span_of(s->provider->issuer), .client = span_of(s->provider->client),
                                         .nonce = span_of(nonce), .access = s->access, .now_ms = now };
    enum idtoken_flaw flaw = s->known->keys == NULL ? IDTOKEN_KEY
        : idtoken_check(s->token, span_of(s->known->keys), &rules, &s->c->x->arena, &s->who);
    int64_t age_ms = now - s->known->keys_ms;
    bool is_old = s->known->keys == NULL || age_ms >= FRESH_MS || age_ms < 0;
    if (!s->has_asked_keys && (is_old || (flaw == IDTOKEN_KEY && age_ms >= KEYS_MS)))
        ask_keys(s);
    else if (flaw != IDTOKEN_NONE)
        refuse(s, idtoken_flaw_text(flaw));
    else
        enter(s);
}

static void took_keys(void *owner, int status, struct span body)
{
    struct coming *s = owner;
    s->has_asked_keys = true;
    if (status != 200 || memchr(body.at, '\0', body.len) != NULL) {
        silent(s, "no keys", status, body);
        return;
    }
    char *keys = malloc(body.len + 1);
    if (keys == NULL)
        abort();
    memcpy(keys, body.at, body.len);
    keys[body.len] = '\0';
    free(s->known->keys);
    s->known->keys = keys;
    s->known->keys_ms = now_of(s);
    look_at_token(s);
}

static void ask_keys(struct coming *s) { ask(s, &(struct provider_question){ .url = span_of(s->known->discovery.keys) }, took_keys); }

static void took_token(void *owner, int status, struct span body)
{
    struct coming *s = owner;
    if (status == 0)
        silent(s, "no answer to the code", status, body);
    else if (status != 200 || !token_answer_read(body, &s->c->x->arena, &s->token, &s->access))
        refuse(s, "the code is not taken");
    else
        look_at_token(s);
}

/* The client's name and secret are escaped as in a form before they go into the head (RFC 6749 §2.3.1). */
static void show_code(struct coming *s)
{
    struct buf form, user, password;
    char verifier[TOKEN_CHARS + 1];
    struct span client = span_of(s->provider->client), secret = span_of(s->provider->secret);
    bool is_basic = secret.len > 0 && s->known->discovery.takes_basic;
    buf_init(&form, FORM_BYTES);
    buf_init(&user, 1024);
    buf_init(&password, 2048);
    buf_add_text(&form, "grant_type=authorization_code");
    put_pair(&form, "code", s->args->code);
    put_back(&form, s);
    made_of(s->args->token, "oidc verifier", verifier);
    put_pair(&form, "code_verifier", span_of(verifier));
    put_escaped(&user, client);
    put_escaped(&password, secret);
    if (!is_basic)
        put_pair(&form, "client_id", client);
    if (!is_basic && secret.len > 0)
        put_pair(&form, "client_secret", secret);
    struct provider_question q = { .url = span_of(s->known->discovery.token), .form = buf_span(&form) };
    if (is_basic) {
        q.user = buf_span(&user);
        q.password = buf_span(&password);
    }
    if (form.failed || user.failed || password.failed)
        refuse(s, "the code is too long");
    else
        ask(s, &q, took_token);
    struct buf *const bufs[] = { &form, &user, &password };
    for (size_t i = 0; i < 3; i++) {
        if (bufs[i]->at != NULL)
            sodium_memzero(bufs[i]->at, bufs[i]->len);
        buf_done(bufs[i]);
    }
    sodium_memzero(verifier, sizeof verifier);
}

static void taken(struct job *job)
{
    struct coming *s = job->owner;
    struct bz_error e = job->outcome.error;
    job_free(job);
    if (e.code == BZ_OK) {
        show_code(s);
    } else if (e.code == BZ_ERR_UNAUTHENTICATED) {
        refuse(s, "no such ticket");
    } else {
        call_take_error(s->c, &e);
        call_done(s->c);
    }
}

/* Who leads back says who they are, if they said that they would (RFC 9207): else the code of one could be shown to another. */
static void take(struct coming *s)
{
    struct span iss = s->args->issuer;
    if (iss.at == NULL ? s->known->discovery.says_issuer : !span_is(iss, s->provider->issuer))
        refuse(s, "another issuer leads back");
    else
        submit(s, job_of(s, COMMAND_OIDC_TAKE), taken);
}

void act_oidc_finish(struct call *c, const struct session_args *args)
{
    char state[TOKEN_CHARS + 1];
    struct coming *s = come(c, args, take);
    if (s == NULL)
        return;
    made_of(args->token, "oidc state", state);
    if (!token_hash(args->token, s->ticket) || args->state.len != TOKEN_CHARS || sodium_memcmp(args->state.at, state, TOKEN_CHARS) != 0)
        refuse(s, "another state leads back");
    else
        discover(s);
    sodium_memzero(state, sizeof state);
}

/* ---- oidc.links. */

struct own_links { struct buf *out; const struct oidc *oidc; };

static void on_link(void *ctx, const struct oidc_row *row)
{
    const struct own_links *l = ctx;
    json_open(l->out, '{');
    json_put_int(l->out, "id", row->id);
    json_put_text(l->out, "issuer", row->issuer);
    for (size_t i = 0; l->oidc != NULL && i < l->oidc->providers.count; i++)
        if (span_is(row->issuer, l->oidc->providers.at[i].issuer)) {
            json_put_text(l->out, "title", span_of(l->oidc->providers.at[i].title));
            break;
        }
    json_put_int(l->out, "at", row->at_ms);
    if (row->used_ms != 0)
        json_put_int(l->out, "used", row->used_ms);
    json_close(l->out, '}');
}

enum bz_err run_oidc_links(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct own_links l = { &q->out, args->oidc };
    int64_t seq = 0;
    json_open(&q->out, '{');
    json_name(&q->out, "links");
    json_open(&q->out, '[');
    enum bz_err rc = query_oidc_links(db, q->viewer.member, on_link, &l, e);
    json_close(&q->out, ']');
    if (rc == BZ_OK)
        rc = query_head(db, &seq, e);
    json_put_int(&q->out, "seq", seq);
    json_close(&q->out, '}');
    return rc;
}
