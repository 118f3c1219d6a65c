#include "wire/account.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_out.h"
#include "base/qr.h"
#include "domain/kinds.h"
#include "store/account.h"
#include "store/query.h"
#include "wire/queries.h"
#include "wire/session.h"

#define DAY_MS       ((int64_t)24 * 3600 * 1000)
#define SESSION_DAYS 90
#define INVITE_DAYS  14            /* when no other number is given */
#define SEEN_MS      ((int64_t)3600 * 1000)

/* ---- Tickets and codes. The code is kept as a hash of ticket and code, so that neither helps alone. */

static void hash_code(struct command *cmd)
{
    if (cmd->code.at == NULL)   /* invite.take by an account elsewhere */
        return;
    (void)crypto_generichash(cmd->code_hash, sizeof cmd->code_hash, (const unsigned char *)cmd->code.at, cmd->code.len, cmd->secret,
                             sizeof cmd->secret);
}

/* Each of the million codes as likely as any other. */
static void make_code(const struct env *env, char ret[7])
{
    uint32_t n;
    do
        env->random(env->ctx, &n, sizeof n);
    while (n >= UINT32_MAX / 1000000 * 1000000);
    (void)snprintf(ret, 7, "%06u", (unsigned)(n % 1000000));
}

bool prepare_ticket(struct call *c, struct job *job)
{
    const struct env *env = c->x->wire->config.env;
    char code[7];

    token_make(env, c->made);
    (void)token_hash(span_of(c->made), job->cmd.secret);
    make_code(env, code);
    job->cmd.code = arena_copy(&job->arena, span_of(code));
    hash_code(&job->cmd);
    sodium_memzero(code, sizeof code);
    return true;
}

void answer_ticket(struct call *c, const struct outcome *o)
{
    json_open(&c->result, '{');
    json_put_text(&c->result, "ticket", span_of(c->made));
    json_close(&c->result, '}');
}

bool prepare_code(struct call *c, struct job *job)
{
    hash_code(&job->cmd);
    return true;
}

int64_t session_end_ms(const struct wire *w) { return wire_now_ms(w) + SESSION_DAYS * DAY_MS; }

bool prepare_enter(struct call *c, struct job *job)
{
    if (!call_is_alone(c)) {
        bz_fail(&c->error, BZ_ERR_REQUEST, "%s stands alone in its request.", c->method->name);
        return false;
    }
    hash_code(&job->cmd);
    token_make(c->x->wire->config.env, c->x->new_token);
    (void)token_hash(span_of(c->x->new_token), job->cmd.new_secret);
    job->cmd.expires_ms = session_end_ms(c->x->wire);
    return true;
}

static void entered(struct query *q)
{
    struct call *c = q->owner;

    if (q->error.code != BZ_OK) {
        call_take_error(c, &q->error);
    } else {
        json_open(&c->result, '{');
        json_put_raw(&c->result, "me", buf_span(&q->out));
        json_close(&c->result, '}');
    }
    query_free(q);
    call_done(c);
}

void enter_done(struct job *job)
{
    struct call *c = job->owner;
    const struct outcome *o = &job->outcome;
    bz_id member = o->member;

    if (o->error.code == BZ_OK && !o->needs_second) {
        job_free(job);
        (void)call_submit_query(c, who_query(c->x->wire, NULL, member), entered);
        return;
    }
    sodium_memzero(c->x->new_token, sizeof c->x->new_token);
    if (o->error.code != BZ_OK) {
        call_take_error(c, &o->error);
    } else {
        json_open(&c->result, '{');
        if (c->made[0] != '\0')
            json_put_text(&c->result, "ticket", span_of(c->made));
        json_name(&c->result, "more");
        json_open(&c->result, '[');
        json_text(&c->result, SPAN("totp"));
        json_text(&c->result, SPAN("recovery"));
        json_close(&c->result, ']');
        json_close(&c->result, '}');
    }
    job_free(job);
    call_done(c);
}

/* Which head of the journal it was read from, as in every result of a query. */
static enum bz_err close_result(struct db *db, struct buf *out, struct bz_error *e)
{
    int64_t seq = 0;
    enum bz_err rc = query_head(db, &seq, e);

    json_put_int(out, "seq", seq);
    json_close(out, '}');
    return rc;
}

/* ---- Sessions. */

static const unsigned char *own_hash(const struct call *c) { return c->x->session != NULL ? c->x->session->hash : c->x->hash; }

bool prepare_end(struct call *c, struct job *job)
{
    memcpy(job->cmd.secret, own_hash(c), sizeof job->cmd.secret);
    return true;
}

/* All others connect anew: those that are still signed in go on where they were. */
void answer_end(struct call *c, const struct outcome *o)
{
    wire_end_others(c->x->wire, o->member, own_hash(c));
    buf_add_text(&c->result, "{}");
}

void note_seen(struct wire *w, const unsigned char hash[TOKEN_HASH_BYTES], int64_t seen_ms)
{
    struct bz_error e = { .code = BZ_OK };

    if (wire_now_ms(w) - seen_ms < SEEN_MS)
        return;
    struct job *job = job_new(COMMAND_SESSION_SEEN);
    memcpy(job->cmd.secret, hash, sizeof job->cmd.secret);
    if (writer_submit(w->config.writer, job, &e) != BZ_OK)   /* the next time */
        job_free(job);
}

static const char *const kinds[] = {
    [SESSION_LINK] = "link", [SESSION_TOKEN] = "token", [SESSION_CODE] = "code", [SESSION_PASSKEY] = "passkey",
    [SESSION_PASSWORD] = "password", [SESSION_OIDC] = "oidc",
};

static void on_session(void *ctx, const struct session_row *row)
{
    struct buf *out = ctx;

    json_open(out, '{');
    json_put_text(out, "id", row->name);
    json_put_text_opt(out, "device", row->device);
    json_put_text(out, "how", span_of(kinds[row->kind]));
    json_put_bool(out, "strong", row->is_strong);
    json_put_bool(out, "own", row->is_own);
    json_put_int(out, "at", row->created_ms);
    json_put_int(out, "seen", row->seen_ms);
    json_put_int(out, "until", row->expires_ms);
    json_close(out, '}');
}

enum bz_err run_session_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;

    json_open(&q->out, '{');
    json_name(&q->out, "sessions");
    json_open(&q->out, '[');
    enum bz_err rc = query_sessions(db, q->viewer.member, args->hash, args->now_ms, on_session, &q->out, e);
    json_close(&q->out, ']');
    return rc == BZ_OK ? close_result(db, &q->out, e) : rc;
}

/* ---- Tokens for programs. */

bool prepare_token(struct call *c, struct job *job)
{
    token_make(c->x->wire->config.env, c->made);
    (void)token_hash(span_of(c->made), job->cmd.new_secret);
    job->cmd.expires_ms = wire_now_ms(c->x->wire) + job->cmd.days * DAY_MS;
    return true;
}

void answer_token(struct call *c, const struct outcome *o)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    char id[17];

    (void)token_hash(span_of(c->made), hash);
    (void)sodium_bin2hex(id, sizeof id, hash, 8);
    json_open(&c->result, '{');
    json_put_text(&c->result, "id", span_of(id));
    json_put_text(&c->result, "token", span_of(c->made));
    json_close(&c->result, '}');
    sodium_memzero(c->made, sizeof c->made);
}

void answer_token_drop(struct call *c, const struct outcome *o)
{
    wire_end_sessions(c->x->wire, o->ended);
    buf_add_text(&c->result, "{}");
}

struct tokens { struct buf *out; const struct hubs *hubs; };

static void on_token(void *ctx, const struct token_row *row)
{
    const struct tokens *l = ctx;
    const char *at = row->rooms.at;

    json_open(l->out, '{');
    json_put_text(l->out, "id", row->name);
    json_put_text_opt(l->out, "name", row->device);
    json_name(l->out, "scopes");
    json_open(l->out, '[');
    for (unsigned bit = 1; bit <= SCOPE_MODERATE; bit <<= 1)
        if ((row->scopes == 0 ? SCOPES_OF_TOKENS : row->scopes) & bit)
            json_text(l->out, span_of(scope_wire(bit)));
    json_close(l->out, ']');
    if (row->scopes == 0)
        json_put_bool(l->out, "whole", true);
    if (at != NULL) {
        json_name(l->out, "rooms");
        json_open(l->out, '[');
        for (char *end; *at == '[' || *at == ','; at = end) {
            long long room = strtoll(at + 1, &end, 10);
            char id[BZ_ID_TEXT];
            if (end == at + 1)
                break;
            json_text(l->out, (struct span){ id, id_format(l->hubs, room, id) });
        }
        json_close(l->out, ']');
    }
    json_put_int(l->out, "at", row->created_ms);
    if (row->seen_ms != 0)
        json_put_int(l->out, "seen", row->seen_ms);
    json_put_int(l->out, "until", row->expires_ms);
    json_close(l->out, '}');
}

enum bz_err run_token_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct tokens l = { &q->out, args->hubs };

    json_open(&q->out, '{');
    json_name(&q->out, "tokens");
    json_open(&q->out, '[');
    enum bz_err rc = query_tokens(db, q->viewer.member, args->now_ms, on_token, &l, e);
    json_close(&q->out, ']');
    return rc == BZ_OK ? close_result(db, &q->out, e) : rc;
}

/* ---- Addresses. */

static void on_address(void *ctx, struct span key, int64_t at_ms)
{
    struct buf *out = ctx;

    json_open(out, '{');
    json_put_text(out, "email", key);
    json_put_int(out, "at", at_ms);
    json_close(out, '}');
}

enum bz_err run_address_list(struct db *db, struct query *q, struct bz_error *e)
{
    json_open(&q->out, '{');
    json_name(&q->out, "addresses");
    json_open(&q->out, '[');
    enum bz_err rc = query_addresses(db, q->viewer.member, on_address, &q->out, e);
    json_close(&q->out, ']');
    return rc == BZ_OK ? close_result(db, &q->out, e) : rc;
}

/* ---- Invitations. */

bool prepare_invite(struct call *c, struct job *job)
{
    struct command *cmd = &job->cmd;

    token_make(c->x->wire->config.env, c->made);
    (void)token_hash(span_of(c->made), cmd->new_secret);
    cmd->code = arena_copy(&job->arena, span_of(c->made));
    cmd->uses = cmd->uses == 0 ? 1 : cmd->uses;
    cmd->expires_ms = wire_now_ms(c->x->wire) + (cmd->days == 0 ? INVITE_DAYS : cmd->days) * DAY_MS;
    return true;
}

void answer_invite(struct call *c, const struct outcome *o)
{
    json_open(&c->result, '{');
    json_put_text(&c->result, "code", span_of(c->made));
    json_close(&c->result, '}');
    sodium_memzero(c->made, sizeof c->made);
}

/* Whoever administers the hub takes back anybody's. */
bool prepare_drop(struct call *c, struct job *job)
{
    job->cmd.on = fanout_role(c->x->wire->config.fanout, job->cmd.actor) == ROLE_ADMIN;
    return true;
}

struct invitations { struct buf *out; const struct hubs *hubs; bool is_public; };

static void put_invitation(const struct invitations *l, const struct invitation_row *row)
{
    json_put_text(l->out, "role", span_of(role_wire(row->role)));
    json_put_text_opt(l->out, "by_name", row->by_name);
    json_put_text_opt(l->out, "org_name", row->org_name);
    if (row->is_delegate)
        json_put_bool(l->out, "delegate", true);
    json_put_text_opt(l->out, "room_name", row->room_name);
    json_put_text_opt(l->out, "region_name", row->region_name);
    json_put_text_opt(l->out, "email", row->key);
    json_put_text_opt(l->out, "lang", row->lang);
    json_put_int(l->out, "until", row->expires_ms);
    if (row->said.at != NULL)
        json_put_raw(l->out, "said", row->said);
}

static void on_invitation(void *ctx, const struct invitation_row *row)
{
    const struct invitations *l = ctx;

    json_open(l->out, '{');
    json_put_text(l->out, "id", row->name);
    if (row->by != 0)
        json_put_id(l->out, l->hubs, "by", row->by);
    if (row->room != 0)
        json_put_id(l->out, l->hubs, "room", row->room);
    if (row->region != 0)
        json_put_id(l->out, l->hubs, "region", row->region);
    if (row->org != 0)
        json_put_id(l->out, l->hubs, "org", row->org);
    put_invitation(l, row);
    json_put_int(l->out, "uses", row->uses);
    json_put_int(l->out, "used", row->used);
    json_put_int(l->out, "at", row->at_ms);
    json_close(l->out, '}');
}

enum bz_err run_invite_list(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct invitations l = { &q->out, args->hubs, false };

    json_open(&q->out, '{');
    json_name(&q->out, "invitations");
    json_open(&q->out, '[');
    enum bz_err rc = query_invitations(db, q->viewer.member, args->is_on && q->viewer.role == ROLE_ADMIN, args->next, on_invitation, &l, e);
    json_close(&q->out, ']');
    return rc == BZ_OK ? close_result(db, &q->out, e) : rc;
}

static void on_look(void *ctx, const struct invitation_row *row)
{
    put_invitation(ctx, row);
}

/* Whoever holds the code may know who invites them, and to what. */
enum bz_err run_invite_look(struct db *db, struct query *q, struct bz_error *e)
{
    const struct query_args *args = q->args;
    struct invitations l = { &q->out, args->hubs, true };

    json_open(&q->out, '{');
    enum bz_err rc = query_invitation(db, args->secret, args->now_ms, on_look, &l, e);
    return rc == BZ_OK ? close_result(db, &q->out, e) : rc;
}

/* ---- QR codes, of what is on the screen already. */

void act_qr(struct call *c, const struct session_args *args)
{
    struct buf bits;
    char text[BZ_LIMIT_QR_BYTES + 1];

    memcpy(text, args->text.at, args->text.len);
    text[args->text.len] = '\0';
    buf_init(&bits, 64u << 10);
    int side = qr_bits(text, &bits);
    if (side == 0) {
        bz_invalid(&c->error, "text", "text: too long for a code.");
    } else {
        json_open(&c->result, '{');
        json_put_int(&c->result, "side", side);
        json_put_text(&c->result, "bits", buf_span(&bits));
        json_close(&c->result, '}');
    }
    buf_done(&bits);
    call_done(c);
}
