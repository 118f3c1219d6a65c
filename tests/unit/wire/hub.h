/* hub.h: a hub with its writer, readers and wire on a loop, and clients of both carriers, for the wire's tests. */
#ifndef BZ_TESTS_WIRE_HUB_H
#define BZ_TESTS_WIRE_HUB_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "engine/hasher.h"
#include "folder.h"
#include "wire/token.h"
#include "wire/wire.h"

#pragma GCC diagnostic ignored "-Wunused-function"   /* no test needs all of it */

#define DISCOVER "{\"openrpc\":\"1\"}"

#define SESSIONS_MAX 40
static int sessions;

struct hub {
    char dir[FOLDER_BYTES];
    uv_loop_t loop;
    uv_timer_t beat;               /* a turn ends also when nothing is under way */
    struct stats stats;
    struct engine *en;
    struct writer *writer;
    struct readers *readers;
    struct hasher *hasher;
    struct fanout *fanout;
    struct wire *wire;
    bz_id admin, ana;
    char admin_token[TOKEN_CHARS + 1], ana_token[TOKEN_CHARS + 1], code[TOKEN_CHARS + 1];
    char tokens[SESSIONS_MAX][TOKEN_CHARS + 1];   /* of ana: as many as `sessions` says */
};

static _Atomic int64_t clock_ms;   /* the writer reads it too */
static int64_t now_ms(void *ctx) { return clock_ms; }
static void random_bytes(void *ctx, void *ret, size_t bytes) { env_real.random(env_real.ctx, ret, bytes); }
static bool fault(void *ctx, const char *site) { return false; }
static const struct env env = { now_ms, random_bytes, fault, NULL };

/* ---- A connection that keeps what it is told. */

struct conn { struct session *s; char text[1 << 18]; size_t len; int messages, closed; bool is_full; };

static void keep(struct conn *c, const char *mark, struct span text)
{
    assert_true(c->len + text.len + 8 < sizeof c->text);
    c->len += (size_t)snprintf(c->text + c->len, sizeof c->text - c->len, "%s%.*s\n", mark, (int)text.len, text.at);
    c->messages++;
}

static bool on_send(void *ctx, struct span text)
{
    struct conn *c = ctx;
    keep(c, "A ", text);
    return !c->is_full;
}

static bool on_frames(void *ctx, struct span frames)
{
    for (size_t at = 0; at < frames.len;) {
        const unsigned char *h = (const unsigned char *)frames.at + at;
        size_t len = h[1] == 126 ? (size_t)h[2] << 8 | h[3] : h[1], skip = h[1] == 126 ? 4 : 2;
        keep(ctx, "F ", (struct span){ frames.at + at + skip, len });
        at += skip + len;
    }
    return !((struct conn *)ctx)->is_full;
}

static void on_close(void *ctx, int code, const char *reason) { ((struct conn *)ctx)->closed = code; }

static const struct session_ops ops = { on_send, on_frames, on_close };

static struct conn *plugged[8];      /* what a failed test left open is closed by teardown */

static struct conn **place(const struct conn *c)
{
    size_t i = 0;

    while (plugged[i] != c)
        assert_true(++i < sizeof plugged / sizeof plugged[0]);
    return &plugged[i];
}

static struct conn *plug(struct hub *h, const char *token)
{
    struct conn *c = calloc(1, sizeof *c);

    *place(NULL) = c;
    c->s = session_new(h->wire, &ops, c, span_of(token));
    assert_non_null(c->s);
    return c;
}

static void unplug(struct conn *c)
{
    *place(c) = NULL;
    session_free(c->s);
    free(c);
}

static void on_beat(uv_timer_t *timer) { }

static void turn(struct hub *h)
{
    fanout_flush(h->fanout);
    uv_run(&h->loop, UV_RUN_ONCE);
    fanout_flush(h->fanout);
}

/* Sends and waits until the connection was told `count` things more; its text starts anew. */
static const char *say(struct hub *h, struct conn *c, const char *text, int count)
{
    c->len = 0;
    c->text[0] = '\0';
    c->messages = 0;
    session_receive(c->s, span_of(text));
    while (c->messages < count)
        turn(h);
    return c->text;
}

#define CALL(method, params) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":{" params "}}"
#define HAS(text, part) assert_non_null(strstr(text, part))

/* ---- The hub. */

static struct outcome run(struct hub *h, struct command cmd)
{
    struct job *job = job_new(cmd.kind);
    struct commit *c = NULL;

    job->cmd = cmd;
    engine_commit(h->en, &job, 1, &c);
    struct outcome outcome = job->outcome;
    if (outcome.error.code != BZ_OK)
        fail_msg("%s: %s", command_wire(cmd.kind), outcome.error.text);
    commit_free(c);
    job_free(job);
    return outcome;
}

static void give(struct hub *h, enum command_kind kind, bz_id member, char ret[TOKEN_CHARS + 1])
{
    struct command cmd = { .kind = kind, .member = member, .uses = 1, .expires_ms = clock_ms + 3600 * 1000 };

    token_make(&env, ret);
    assert_true(token_hash(span_of(ret), cmd.new_secret));
    run(h, cmd);
}

static void on_committed(void *ctx, const struct commit *commit) { fanout_publish(((struct hub *)ctx)->fanout, commit); }

static int setup(void **state)
{
    struct hub *h = calloc(1, sizeof *h);
    struct bz_error e = { .code = BZ_OK };

    clock_ms = 1800000000000;
    assert_true(folder_make(h->dir, "wire"));
    uv_loop_init(&h->loop);
    uv_timer_init(&h->loop, &h->beat);
    uv_timer_start(&h->beat, on_beat, 20, 20);
    struct engine_config config = { .db = { h->dir, &env, NULL }, .create = true, .stats = &h->stats };
    assert_int_equal(engine_open(&config, &h->en, &e), BZ_OK);
    run(h, (struct command){ .kind = COMMAND_HUB_INIT, .handle = SPAN("wire"), .name = SPAN("Wire") });
    h->admin = run(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("boss"), .name = SPAN("Boss"),
                                        .role = ROLE_ADMIN }).id;
    h->ana = run(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("ana"), .name = SPAN("Ana"),
                                      .role = ROLE_MEMBER }).id;
    give(h, COMMAND_TOKEN_ISSUE, h->admin, h->admin_token);
    give(h, COMMAND_TOKEN_ISSUE, h->ana, h->ana_token);
    for (int i = 0; i < sessions; i++)
        give(h, COMMAND_TOKEN_ISSUE, h->ana, h->tokens[i]);
    give(h, COMMAND_LINK_ISSUE, h->ana, h->code);
    assert_int_equal(readers_start(&config.db, &h->loop, &h->stats, 1, &h->readers, &e), BZ_OK);
    struct fanout_config fan = { h->readers, engine_hubs(h->en), &env, &h->stats, 0 };
    assert_int_equal(fanout_new(&fan, &h->fanout, &e), BZ_OK);
    assert_int_equal(fanout_load(h->fanout, engine_db(h->en), &e), BZ_OK);
    struct writer_hooks hooks = { on_committed, h };
    assert_int_equal(writer_start(h->en, &h->loop, &h->stats, hooks, &h->writer, &e), BZ_OK);
    assert_int_equal(hasher_start(&h->loop, &h->stats, &h->hasher, &e), BZ_OK);
    struct wire_config wire = {
        .loop = &h->loop, .writer = h->writer, .readers = h->readers, .hasher = h->hasher, .fanout = h->fanout, .hubs = engine_hubs(h->en), .env = &env,
        .stats = &h->stats, .hub_name = "Wire", .enforce_limits = true, .openrpc = SPAN(DISCOVER),
    };
    assert_int_equal(wire_new(&wire, &h->wire, &e), BZ_OK);
    *state = h;
    return 0;
}

static int teardown(void **state)
{
    struct hub *h = *state;
    char command[100];

    for (size_t i = 0; i < sizeof plugged / sizeof plugged[0]; i++)
        if (plugged[i] != NULL)
            unplug(plugged[i]);
    writer_stop(h->writer);
    hasher_stop(h->hasher);
    readers_stop(h->readers);
    wire_free(h->wire);
    fanout_free(h->fanout);
    uv_close((uv_handle_t *)&h->beat, NULL);
    uv_run(&h->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&h->loop), 0);
    engine_close(h->en);
    snprintf(command, sizeof command, "rm -rf '%s'", h->dir);
    assert_int_equal(system(command), 0);
    free(h);
    return 0;
}

/* The lobby's id as text, from room.list. */
static void lobby_of(const char *room_list, char ret[40])
{
    const char *at = strstr(room_list, "\"chat\":\"");

    assert_non_null(at);
    sscanf(at + 8, "%39[^\"]", ret);
}

/* ---- HTTP */

struct reply { int count, status; char body[1 << 18], token[64]; bool is_cleared; uint32_t retry_after_ms; };

static void on_reply(void *ctx, const struct http_answer *answer)
{
    struct reply *r = ctx;

    r->count++;
    r->status = answer->status;
    r->is_cleared = answer->clear_token;
    r->retry_after_ms = answer->retry_after_ms;
    snprintf(r->body, sizeof r->body, "%.*s", (int)answer->body.len, answer->body.at == NULL ? "" : answer->body.at);
    snprintf(r->token, sizeof r->token, "%.*s", (int)answer->set_token.len,
             answer->set_token.at == NULL ? "" : answer->set_token.at);
}

static const char *post(struct hub *h, struct reply *r, const char *token, const char *body)
{
    r->count = 0;
    const struct http_post sent = { .token = span_of(token), .body = span_of(body) };
    struct http_call *call = wire_http_post(h->wire, &sent, on_reply, r);
    assert_int_equal(call == NULL, r->count == 1);
    while (r->count == 0)
        turn(h);
    return r->body;
}

static const char *get(struct hub *h, struct reply *r, const char *name, const char *args)
{
    r->count = 0;
    struct http_call *call = wire_http_get(h->wire, span_of(h->ana_token), span_of(name), span_of(args), on_reply, r);
    assert_int_equal(call == NULL, r->count == 1);
    while (r->count == 0)
        turn(h);
    return r->body;
}
#endif
