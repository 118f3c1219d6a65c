#include <sodium.h>

#include "base/json_out.h"
#include "engine/hasher.h"
#include "store/factor.h"
#include "wire/account.h"
#include "wire/factor.h"
#include "wire/session.h"

#define LENGTHS "password: 10 to 128 bytes are expected."

/* A password on its way: who it is for is read, it is hashed, and what came of it goes to the writer. */
struct signing {
    struct call *c;
    struct span email;             /* password.enter */
    struct span device;
    struct password_row who;
    struct password shown;         /* checked against what is kept: of password.enter, or the old one */
    struct password wanted;        /* password.set */
    bool is_setting, has_shown;
};

static void fail(struct signing *s, const struct bz_error *e)
{
    struct call *c = s->c;
    sodium_memzero(s, sizeof *s);
    sodium_memzero(c->x->new_token, sizeof c->x->new_token);
    call_take_error(c, e);
    call_done(c);
}

static void set_done(struct job *job)
{
    struct signing *s = job->owner;
    struct call *c = s->c;
    if (job->outcome.error.code != BZ_OK) {
        fail(s, &job->outcome.error);
        job_free(job);
        return;
    }
    answer_renamed(c, &job->outcome);
    unsigned char hash[TOKEN_HASH_BYTES];
    (void)token_hash(span_of(c->x->new_token), hash);
    wire_end_others(c->x->wire, job->outcome.member, hash);
    sodium_memzero(s, sizeof *s);
    job_free(job);
    call_done(c);
}

static void entered(struct job *job)
{
    struct signing *s = job->owner;
    job->owner = s->c;
    sodium_memzero(s, sizeof *s);
    enter_done(job);
}

/* A ticket for a second factor and a token for the session are made in any case; one of them is used. */
static void hand_over(struct signing *s, const char *stored, const char *fresh, bool is_right)
{
    struct call *c = s->c;
    struct bz_error e = { .code = BZ_OK };
    struct job *job = call_job(c, s->is_setting ? COMMAND_PASSWORD_SET : COMMAND_PASSWORD_ENTER);
    struct command *cmd = &job->cmd;
    (void)prepare_second(c, job);
    if (s->is_setting) {
        cmd->actor = s->who.member;
        (void)prepare_factor(c, job);
    } else {
        token_make(c->x->wire->config.env, c->made);
        (void)token_hash(span_of(c->made), cmd->secret);
        cmd->member = s->who.member;
        cmd->device = arena_copy(&job->arena, s->device);
    }
    if (stored[0] != '\0')
        cmd->factor.stored = arena_copy(&job->arena, span_of(stored));
    if (fresh[0] != '\0')
        cmd->factor.fresh = arena_copy(&job->arena, span_of(fresh));
    cmd->factor.is_right = is_right;
    job->owner = s;
    job->done = s->is_setting ? set_done : entered;
    if (writer_submit(c->x->wire->config.writer, job, &e) == BZ_OK)
        return;
    job_free(job);
    fail(s, &e);
}

static void checked(struct hashing *h);

static void hash(struct signing *s, const struct password *p, bool is_new, bool is_right)
{
    struct bz_error e = { .code = BZ_OK };
    struct hashing *h = hashing_new();
    h->password = *p;
    h->is_new = is_new;
    h->is_right = is_right;
    if (s->who.stored.len < sizeof h->stored && s->who.stored.at != NULL)
        memcpy(h->stored, s->who.stored.at, s->who.stored.len);
    h->owner = s;
    h->done = checked;
    if (hasher_submit(s->c->x->wire->config.hasher, h, &e) == BZ_OK)
        return;
    hashing_free(h);
    fail(s, &e);
}

/* Of password.set the old one was looked at first, if there is one; then the new one is hashed, if it may be. */
static void checked(struct hashing *h)
{
    struct signing *s = h->owner;
    if (h->error.code != BZ_OK)
        fail(s, &h->error);
    else if (s->is_setting && !h->is_new && h->is_right)
        hash(s, &s->wanted, true, true);
    else
        hand_over(s, h->stored, h->fresh, h->is_right);
    hashing_free(h);
}

static enum bz_err run_whose(struct db *db, struct query *q, struct bz_error *e)
{
    struct signing *s = q->args;
    return query_password(db, s->email, q->viewer.member, &q->arena, &s->who, e);
}

/* Whoever they are, and whether they have one or not: one is checked. */
static void found(struct query *q)
{
    struct signing *s = q->owner;
    struct arena *arena = &s->c->x->arena;
    struct bz_error e = q->error;
    s->who.handle = arena_copy(arena, s->who.handle);
    s->who.email = arena_copy(arena, s->who.email);
    s->who.stored = arena_copy(arena, s->who.stored);
    query_free(q);
    if (e.code == BZ_OK && s->is_setting)
        (void)password_check(&s->wanted, s->who.handle, s->who.email, &e);
    if (e.code == BZ_OK && s->is_setting && s->who.stored.at != NULL && !s->has_shown)
        bz_invalid(&e, "old", "old: your password of now is needed to change it.");
    if (e.code != BZ_OK)
        fail(s, &e);
    else if (s->is_setting && s->who.stored.at == NULL)
        hash(s, &s->wanted, true, false);
    else
        hash(s, &s->shown, false, false);
}

static void look_up(struct signing *s, bz_id member)
{
    struct bz_error e = { .code = BZ_OK };
    struct query *q = query_new();
    q->viewer.member = member;
    q->args = q->owner = s;
    q->run = run_whose;
    q->done = found;
    if (readers_submit(s->c->x->wire->config.readers, q, &e) == BZ_OK)
        return;
    query_free(q);
    fail(s, &e);
}

static struct signing *signing_new(struct call *c, const struct session_args *args, bool is_setting)
{
    struct signing *s = arena_alloc(&c->x->arena, sizeof *s);
    *s = (struct signing){ .c = c, .email = args->email, .device = args->device, .is_setting = is_setting };
    return s;
}

void act_password_set(struct call *c, const struct session_args *args)
{
    struct signing *s = signing_new(c, args, true);
    if (!call_is_alone(c)) {
        call_fail(c, BZ_ERR_REQUEST, "password.set stands alone in its request.");
        return;
    }
    if (!password_read(args->password, &s->wanted)) {
        bz_invalid(&c->error, "password", LENGTHS);
        call_done(c);
        return;
    }
    s->has_shown = args->old.at != NULL && password_read(args->old, &s->shown);
    look_up(s, c->x->member);
}

void act_password_enter(struct call *c, const struct session_args *args)
{
    struct signing *s = signing_new(c, args, false);
    if (!call_is_alone(c)) {
        call_fail(c, BZ_ERR_REQUEST, "password.enter stands alone in its request.");
        return;
    }
    if (!password_read(args->password, &s->shown)) {   /* nobody has such a one */
        bz_invalid(&c->error, "password", LENGTHS);
        call_done(c);
        return;
    }
    look_up(s, 0);
}
