#include "wire/factor.h"

#include <sodium.h>

#include "base/base32.h"
#include "base/json_out.h"
#include "base/otp.h"
#include "base/recovery.h"
#include "store/factor.h"
#include "store/query.h"
#include "wire/account.h"
#include "wire/clientdata.h"
#include "wire/session.h"

#define OPTIONS_MS 300000          /* how long a browser waits for a passkey */

static const unsigned char *own_hash(const struct call *c) { return c->x->session != NULL ? c->x->session->hash : c->x->hash; }

static bz_id own_member(const struct call *c) { return c->x->session != NULL ? session_member(c->x->session) : c->x->member; }

static bool is_alone(struct call *c)
{
    if (call_is_alone(c))
        return true;
    bz_fail(&c->error, BZ_ERR_REQUEST, "%s stands alone in its request.", c->method->name);
    return false;
}

/* The cookie that this call may bring. */
static void make_token(struct call *c, struct command *cmd)
{
    token_make(c->x->wire->config.env, c->x->new_token);
    (void)token_hash(span_of(c->x->new_token), cmd->new_secret);
}

bool prepare_factor(struct call *c, struct job *job)
{
    memcpy(job->cmd.secret, own_hash(c), sizeof job->cmd.secret);
    job->cmd.factor.minds_second = c->x->wire->config.minds_second;
    return true;
}

static bool prepare_renaming(struct call *c, struct job *job)
{
    if (!is_alone(c))
        return false;
    make_token(c, &job->cmd);
    return prepare_factor(c, job);
}

bool prepare_second(struct call *c, struct job *job)
{
    if (!is_alone(c))
        return false;
    make_token(c, &job->cmd);
    job->cmd.expires_ms = session_end_ms(c->x->wire);
    return true;
}

void answer_made(struct call *c, const struct outcome *o)
{
    if (c->result.len == 0)
        buf_add_text(&c->result, "{}");
}

void answer_renamed(struct call *c, const struct outcome *o)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    (void)token_hash(span_of(c->x->new_token), hash);
    wire_rename_sessions(c->x->wire, own_hash(c), hash);
    answer_made(c, o);
}

/* ---- Passkeys. The challenge is made of the ticket, which only the browser that asked has: neither is kept. */

static void challenge_of(struct span ticket, unsigned char ret[WEBAUTHN_CHALLENGE_BYTES])
{
    static const unsigned char name[] = "passkey challenge";
    (void)crypto_generichash(ret, WEBAUTHN_CHALLENGE_BYTES, name, sizeof name - 1, (const unsigned char *)ticket.at, ticket.len);
}

static void put_bytes(struct buf *b, const char *name, struct span bytes)
{
    char text[(WEBAUTHN_ID_BYTES + 2) / 3 * 4 + 1];
    (void)sodium_bin2base64(text, sizeof text, (const unsigned char *)bytes.at, bytes.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    json_put_text(b, name, span_of(text));
}

static void open_options(struct buf *b, struct span ticket)
{
    unsigned char challenge[WEBAUTHN_CHALLENGE_BYTES];
    challenge_of(ticket, challenge);
    json_open(b, '{');
    json_put_text(b, "ticket", ticket);
    json_name(b, "options");
    json_open(b, '{');
    put_bytes(b, "challenge", (struct span){ (const char *)challenge, sizeof challenge });
    json_put_int(b, "timeout", OPTIONS_MS);
}

bool prepare_passkey_begin(struct call *c, struct job *job)
{
    struct buf *b = &c->result;
    token_make(c->x->wire->config.env, c->made);
    (void)token_hash(span_of(c->made), job->cmd.secret);
    open_options(b, span_of(c->made));
    json_put_text(b, "rpId", span_of(c->x->wire->domain));
    json_put_text(b, "userVerification", SPAN("required"));
    json_close(b, '}');
    json_close(b, '}');
    sodium_memzero(c->made, sizeof c->made);
    return true;
}

/* What the browser says is of a page of ours, and answers to the ticket that comes with it. */
static bool check_client(struct call *c, struct job *job, bool is_new)
{
    unsigned char given[WEBAUTHN_CHALLENGE_BYTES], wanted[WEBAUTHN_CHALLENGE_BYTES];
    struct factor_ask *ask = &job->cmd.factor;
    if (clientdata_read(ask->credential.client, is_new, &c->x->wire->origins, given, &c->error) != BZ_OK)
        return false;
    challenge_of(job->cmd.code, wanted);
    ask->site = span_of(c->x->wire->domain);
    if ((is_new ? ask->credential.attestation : ask->credential.data).at == NULL || sodium_memcmp(given, wanted, sizeof wanted) != 0) {
        bz_invalid(&c->error, "credential", "credential: this passkey answered to something else; begin anew");
        return false;
    }
    return true;
}

bool prepare_passkey_enter(struct call *c, struct job *job)
{
    return check_client(c, job, false) && token_hash(job->cmd.code, job->cmd.secret) && prepare_second(c, job);
}

bool prepare_passkey_add(struct call *c, struct job *job)
{
    return check_client(c, job, true) && token_hash(job->cmd.code, job->cmd.ticket) && prepare_renaming(c, job);
}

/* ---- What is begun here first asks who the member is, and tells it what was kept once that is on the disk. */

struct beginning {
    struct call *c;
    enum command_kind kind;
    const struct wire *wire;
    char ticket[TOKEN_CHARS + 1];
    unsigned char secret[OTP_SECRET_BYTES];
};

static void begun(struct job *job)
{
    struct call *c = ((struct beginning *)job->owner)->c;
    if (job->outcome.error.code != BZ_OK)
        call_take_error(c, &job->outcome.error);
    sodium_memzero(job->owner, sizeof(struct beginning));
    job_free(job);
    call_done(c);
}

static void begin_job(struct query *q)
{
    struct beginning *b = q->owner;
    struct call *c = b->c;
    struct bz_error e = q->error;
    if (e.code == BZ_OK) {
        buf_add_span(&c->result, buf_span(&q->out));
        struct job *job = call_job(c, b->kind);
        job->cmd.actor = q->viewer.member;
        (void)prepare_factor(c, job);
        (void)token_hash(span_of(b->ticket), job->cmd.ticket);
        job->cmd.factor.key = arena_copy(&job->arena, (struct span){ (const char *)b->secret, sizeof b->secret });
        job->owner = b;
        job->done = begun;
        if (writer_submit(c->x->wire->config.writer, job, &e) != BZ_OK)
            job_free(job);
    }
    query_free(q);
    if (e.code == BZ_OK)
        return;
    call_take_error(c, &e);
    call_done(c);
}

static void begin(struct call *c, enum command_kind kind, enum bz_err (*run)(struct db *, struct query *, struct bz_error *))
{
    struct beginning *b = arena_alloc(&c->x->arena, sizeof *b);
    const struct env *env = c->x->wire->config.env;
    struct bz_error e = { .code = BZ_OK };
    *b = (struct beginning){ .c = c, .kind = kind, .wire = c->x->wire };
    token_make(env, b->ticket);
    env->random(env->ctx, b->secret, sizeof b->secret);
    struct query *q = query_new();
    q->viewer.member = own_member(c);
    q->args = q->owner = b;
    q->run = run;
    q->done = begin_job;
    if (readers_submit(c->x->wire->config.readers, q, &e) == BZ_OK)
        return;
    query_free(q);
    call_take_error(c, &e);
    call_done(c);
}

static void put_kinds_of_keys(struct buf *b)
{
    static const int kinds[] = { -8, -7, -257 };   /* EdDSA, ES256, RS256: as base/webauthn takes them */
    json_name(b, "pubKeyCredParams");
    json_open(b, '[');
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        json_open(b, '{');
        json_put_text(b, "type", SPAN("public-key"));
        json_put_int(b, "alg", kinds[i]);
        json_close(b, '}');
    }
    json_close(b, ']');
}

static void on_credential(void *ctx, struct span id)
{
    struct buf *b = ctx;
    json_open(b, '{');
    json_put_text(b, "type", SPAN("public-key"));
    put_bytes(b, "id", id);
    json_close(b, '}');
}

static void put_new(struct buf *b, const struct beginning *begun_by, const struct password_row *who)
{
    char id[BZ_ID_TEXT];
    size_t len = id_format(begun_by->wire->config.hubs, who->member, id);
    open_options(b, span_of(begun_by->ticket));
    json_name(b, "rp");
    json_open(b, '{');
    json_put_text(b, "id", span_of(begun_by->wire->domain));
    json_put_text(b, "name", span_of(begun_by->wire->config.hub_name));
    json_close(b, '}');
    json_name(b, "user");
    json_open(b, '{');
    put_bytes(b, "id", (struct span){ id, len });
    json_put_text(b, "name", who->handle);
    json_put_text(b, "displayName", who->handle);
    json_close(b, '}');
    put_kinds_of_keys(b);
    json_name(b, "authenticatorSelection");
    json_open(b, '{');
    json_put_text(b, "residentKey", SPAN("required"));
    json_put_bool(b, "requireResidentKey", true);
    json_put_text(b, "userVerification", SPAN("required"));
    json_close(b, '}');
    json_put_text(b, "attestation", SPAN("none"));
}

static enum bz_err run_passkey_new(struct db *db, struct query *q, struct bz_error *e)
{
    struct password_row who;
    enum bz_err rc = query_password(db, (struct span){ NULL, 0 }, q->viewer.member, &q->arena, &who, e);
    if (rc != BZ_OK)
        return rc;
    put_new(&q->out, q->args, &who);
    json_name(&q->out, "excludeCredentials");
    json_open(&q->out, '[');
    rc = query_credentials(db, q->viewer.member, on_credential, &q->out, e);
    json_close(&q->out, ']');
    json_close(&q->out, '}');
    json_close(&q->out, '}');
    return rc;
}

void act_passkey_new(struct call *c, const struct session_args *args) { begin(c, COMMAND_PASSKEY_NEW, run_passkey_new); }

/* ---- Authenticator apps and recovery codes. */

static enum bz_err run_totp_new(struct db *db, struct query *q, struct bz_error *e)
{
    const struct beginning *b = q->args;
    struct password_row who;
    struct buf url;
    char secret[BASE32_CHARS(OTP_SECRET_BYTES) + 1];
    enum bz_err rc = query_password(db, (struct span){ NULL, 0 }, q->viewer.member, &q->arena, &who, e);
    if (rc != BZ_OK)
        return rc;
    buf_init(&url, 4096);
    base32_encode(b->secret, sizeof b->secret, true, secret);
    otp_url(b->secret, span_of(b->wire->config.hub_name), who.handle, &url);
    json_open(&q->out, '{');
    json_put_text(&q->out, "ticket", span_of(b->ticket));
    json_put_text(&q->out, "secret", span_of(secret));
    json_put_text(&q->out, "url", buf_span(&url));
    json_close(&q->out, '}');
    sodium_memzero(secret, sizeof secret);
    buf_done(&url);
    return BZ_OK;
}

void act_totp_new(struct call *c, const struct session_args *args) { begin(c, COMMAND_TOTP_NEW, run_totp_new); }

/* {"recovery":[…]}: told once, kept as hashes. */
static void make_recovery(struct call *c, struct job *job)
{
    char code[RECOVERY_CHARS + 1];
    unsigned char (*hashes)[SECRET_BYTES] = arena_alloc(&job->arena, RECOVERY_CODES * sizeof *hashes);
    json_open(&c->result, '{');
    json_name(&c->result, "recovery");
    json_open(&c->result, '[');
    for (int i = 0; i < RECOVERY_CODES; i++) {
        recovery_make(c->x->wire->config.env, code);
        (void)recovery_hash(span_of(code), hashes[i]);
        json_text(&c->result, span_of(code));
    }
    json_close(&c->result, ']');
    json_close(&c->result, '}');
    sodium_memzero(code, sizeof code);
    job->cmd.factor.recovery = (const unsigned char (*)[SECRET_BYTES])hashes;
}

bool prepare_recovery(struct call *c, struct job *job)
{
    make_recovery(c, job);
    return prepare_factor(c, job);
}

bool prepare_totp_add(struct call *c, struct job *job)
{
    make_recovery(c, job);
    return prepare_renaming(c, job);
}

/* ---- What there is. */

static void on_factor(void *ctx, const struct factor_row *row)
{
    static const char *const kinds[] = { [FACTOR_PASSKEY] = "passkey", [FACTOR_TOTP] = "totp", [FACTOR_PASSWORD] = "password" };
    struct buf *out = ctx;
    json_open(out, '{');
    json_put_int(out, "id", row->id);
    json_put_text(out, "kind", span_of(kinds[row->kind]));
    json_put_text_opt(out, "name", row->name);
    json_put_int(out, "at", row->at_ms);
    if (row->used_ms != 0)
        json_put_int(out, "used", row->used_ms);
    json_close(out, '}');
}

enum bz_err run_factor_list(struct db *db, struct query *q, struct bz_error *e)
{
    int64_t recovery = 0, seq = 0;
    json_open(&q->out, '{');
    json_name(&q->out, "factors");
    json_open(&q->out, '[');
    enum bz_err rc = query_factors(db, q->viewer.member, on_factor, &q->out, &recovery, e);
    json_close(&q->out, ']');
    json_put_int(&q->out, "recovery", recovery);
    if (rc == BZ_OK)
        rc = query_head(db, &seq, e);
    json_put_int(&q->out, "seq", seq);
    json_close(&q->out, '}');
    return rc;
}
