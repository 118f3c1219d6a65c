#include "wire/file.h"

#include <sodium.h>
#include <stdlib.h>

#include "store/export.h"
#include "domain/kinds.h"
#include "wire/exchange.h"

#define RETRY_MS 1000

struct file_call {
    struct wire *wire;
    file_done done;                /* NULL: nobody waits any more */
    void *ctx;
    bool is_starting, is_over;     /* over while starting: start() frees it and returns NULL */
};

/* Lies in its query's arena. */
struct file_args {
    enum file_kind kind;
    const struct hubs *hubs;
    struct arena *arena;
    unsigned char hash[TOKEN_HASH_BYTES];
    int64_t now_ms, bytes, n;
    struct span upload, name, metadata;
    bool is_again, minds_second;
    bz_id post;
    struct upload_seen seen;
    struct file_row file;
};

static void end(struct file_call *c, const struct file_answer *answer)
{
    c->wire->http_count--;
    if (c->done != NULL)
        c->done(c->ctx, answer);
    c->is_over = true;
    if (!c->is_starting)
        free(c);
}

static void fail(struct file_call *c, const struct bz_error *error)
{
    end(c, &(struct file_answer){ .error = *error });
}

static void on_file(void *ctx, const struct file_row *row)
{
    struct file_args *a = ctx;
    a->file = *row;
    a->file.hash = arena_copy(a->arena, row->hash);
    a->file.name = arena_copy(a->arena, row->name);
    a->file.type = arena_copy(a->arena, row->type);
}

static enum bz_err find_export(struct db *db, bz_id member, struct file_args *a, struct bz_error *e)
{
    struct export_seen seen;
    struct buf name;
    enum bz_err rc = export_seen(db, member, a->arena, &seen, e);
    if (rc == BZ_OK && (!seen.is_done || seen.bytes == 0 || a->now_ms - seen.at_ms >= EXPORT_MS))
        rc = bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such file, or it is not open to you");
    if (rc != BZ_OK)
        return rc;
    buf_init(&name, 256);
    buf_printf(&name, "%s-%.*s.zip", a->hubs->code[0], (int)seen.handle.len, seen.handle.at);
    a->file = (struct file_row){ .hash = seen.id, .name = arena_copy(a->arena, buf_span(&name)), .type = SPAN("application/zip"),
                                 .bytes = seen.bytes };
    buf_done(&name);
    return BZ_OK;
}

/* As the methods need it. */
static enum bz_err may(enum file_kind kind, unsigned scopes, struct bz_error *e)
{
    static const enum scope needs[] = { [FILE_OPEN] = SCOPE_POST, [FILE_FIND] = SCOPE_POST, [FILE_DROP] = SCOPE_POST,
                                        [FILE_EXPORT] = SCOPE_PERSON, [FILE_GET] = SCOPE_READ };
    if (scopes & needs[kind])
        return BZ_OK;
    const char *scope = scope_wire(needs[kind]);
    return scope != NULL ? bz_fail(e, BZ_ERR_FORBIDDEN, "This token has not the scope %s.", scope)
                         : bz_fail(e, BZ_ERR_FORBIDDEN, "This is for who signed in, in person.");
}

static enum bz_err run_file(struct db *db, struct query *q, struct bz_error *e)
{
    struct file_args *a = q->args;
    struct session_found session = { 0 };
    enum bz_err rc = query_session(db, a->hash, a->now_ms, &q->viewer, &session, e);
    if (rc == BZ_OK && a->minds_second && session.is_single && session.moderates)
        return bz_fail(e, BZ_ERR_SECOND, "Add a second factor first.");
    if (rc == BZ_OK)
        rc = may(a->kind, session.scopes, e);
    const struct id_list rooms = { session.rooms, session.rooms_count, true };
    db_within(db, rc == BZ_OK && session.is_bound ? &rooms : NULL);
    if (rc == BZ_OK && a->kind == FILE_FIND)
        rc = query_upload(db, q->viewer, a->upload, a->arena, &a->seen, e);
    if (rc == BZ_OK && a->kind == FILE_EXPORT)
        rc = find_export(db, q->viewer.member, a, e);
    if (rc == BZ_OK && a->kind == FILE_GET)
        rc = query_file(db, q->viewer, a->post, a->n, on_file, a, e);
    db_within(db, NULL);
    return rc;
}

static void job_done(struct job *job)
{
    struct file_call *c = job->owner;
    if (job->outcome.error.code == BZ_OK) {
        struct file_answer answer = { .error = { .code = BZ_OK } };
        memcpy(answer.upload, job->cmd.upload.at, UPLOAD_CHARS);
        end(c, &answer);
    } else {
        fail(c, &job->outcome.error);
    }
    job_free(job);
}

static void submit(struct file_call *c, struct job *take_job)
{
    struct bz_error e = { .code = BZ_OK };
    take_job->owner = c;
    take_job->done = job_done;
    if (writer_submit(c->wire->config.writer, take_job, &e) == BZ_OK)
        return;
    job_free(take_job);
    fail(c, &e);
}

/* The id is nobody's guess, so that it tells nothing and needs no number of its own. */
static struct job *job_of(struct file_call *c, const struct file_args *a, bz_id member)
{
    struct job *job = job_new(a->kind == FILE_OPEN ? COMMAND_UPLOAD_OPEN : COMMAND_UPLOAD_DROP);
    job->cmd.actor = member;
    if (a->kind == FILE_DROP) {
        job->cmd.upload = arena_copy(&job->arena, a->upload);
        return job;
    }
    unsigned char raw[UPLOAD_CHARS / 2];
    char *id = arena_alloc(&job->arena, UPLOAD_CHARS + 1);
    const struct env *env = c->wire->config.env;
    env->random(env->ctx, raw, sizeof raw);
    sodium_bin2hex(id, UPLOAD_CHARS + 1, raw, sizeof raw);
    job->cmd.upload = (struct span){ id, UPLOAD_CHARS };
    job->cmd.name = arena_copy(&job->arena, a->name);
    job->cmd.metadata = arena_copy(&job->arena, a->metadata);
    job->cmd.blob.bytes = a->bytes;
    return job;
}

static void query_done(struct query *q)
{
    struct file_call *c = q->owner;
    struct wire *w = c->wire;
    struct file_args *a = q->args;
    struct bz_error e = q->error;
    uint32_t retry_ms = 0;
    bool is_write = a->kind == FILE_OPEN || a->kind == FILE_DROP;
    if (e.code == BZ_OK && a->kind != FILE_EXPORT && wire_is_barred(w, q->viewer.member, &e))
        e.code = BZ_ERR_FORBIDDEN;
    if (e.code == BZ_OK && w->config.enforce_limits && !a->is_again
        && !admit_take(w->admit, q->viewer.member, is_write ? ADMIT_WRITE : ADMIT_QUERY, wire_now_ms(w), &retry_ms)) {
        (void)bz_fail(&e, BZ_ERR_RATE_LIMITED, "Too much at once; try again in a moment.");
        e.retry_after_ms = retry_ms;
    }
    if (e.code != BZ_OK) {
        fail(c, &e);
    } else if (is_write) {
        submit(c, job_of(c, a, q->viewer.member));
    } else {
        struct file_answer answer = { .error = { .code = BZ_OK }, .seen = a->seen, .file = a->file };
        end(c, &answer);
    }
    query_free(q);
}

static struct file_call *call_new(struct wire *w, file_done done, void *ctx, struct bz_error *e)
{
    struct file_call *c = w->http_count < HTTP_CALLS ? calloc(1, sizeof *c) : NULL;
    if (c == NULL) {
        (void)bz_fail(e, BZ_ERR_BUSY, "Too much is being asked at once; nothing was done. Try again in a moment.");
        e->retry_after_ms = RETRY_MS;
        return NULL;
    }
    *c = (struct file_call){ .wire = w, .done = done, .ctx = ctx, .is_starting = true };
    w->http_count++;
    return c;
}

static struct file_call *started(struct file_call *c)
{
    c->is_starting = false;
    if (!c->is_over)
        return c;
    free(c);
    return NULL;
}

static void refuse(file_done done, void *ctx, const struct bz_error *e) { done(ctx, &(struct file_answer){ .error = *e }); }

struct file_call *wire_file(struct wire *w, const struct file_ask *ask, file_done done, void *ctx)
{
    struct bz_error e = { .code = BZ_OK };
    struct query *q = query_new();
    struct file_args *a = arena_alloc(&q->arena, sizeof *a);
    struct file_call *c = NULL;
    *a = (struct file_args){
        .kind = ask->kind, .hubs = w->config.hubs, .arena = &q->arena, .now_ms = wire_now_ms(w), .minds_second = w->config.minds_second,
        .bytes = ask->bytes, .n = ask->n,
        .upload = arena_copy(&q->arena, ask->upload), .name = arena_copy(&q->arena, ask->name),
        .metadata = arena_copy(&q->arena, ask->metadata), .is_again = ask->is_again,
    };
    if (!token_hash(ask->token, a->hash))
        (void)bz_fail(&e, BZ_ERR_UNAUTHENTICATED, "Sign in first.");
    else if (ask->kind == FILE_GET && !id_parse(w->config.hubs, ask->post, &a->post))
        (void)bz_fail(&e, BZ_ERR_NOT_FOUND, "there is no such file, or it is not open to you");
    else
        c = call_new(w, done, ctx, &e);
    if (c == NULL) {
        query_free(q);
        refuse(done, ctx, &e);
        return NULL;
    }
    q->run = run_file;
    q->done = query_done;
    q->args = a;
    q->owner = c;
    if (readers_submit(w->config.readers, q, &e) != BZ_OK) {
        query_free(q);
        fail(c, &e);
    }
    return started(c);
}

struct file_call *wire_file_complete(struct wire *w, bz_id member, struct span upload, const struct blob *blob, file_done done,
                                     void *ctx)
{
    struct bz_error e = { .code = BZ_OK };
    struct file_call *c = call_new(w, done, ctx, &e);
    if (c == NULL) {
        refuse(done, ctx, &e);
        return NULL;
    }
    struct job *job = job_new(COMMAND_UPLOAD_DONE);
    job->cmd.actor = member;
    job->cmd.upload = arena_copy(&job->arena, upload);
    job->cmd.blob = *blob;
    job->cmd.blob.type = arena_copy(&job->arena, blob->type);
    job->cmd.blob.dot = arena_copy(&job->arena, blob->dot);
    job->cmd.blob.text = arena_copy(&job->arena, blob->text);
    submit(c, job);
    return started(c);
}

void wire_file_cancel(struct file_call *call) { call->done = NULL; }
