/* Proves the way of a call through the real engine, on both carriers: the states of a socket, the order of answer and
 * entries, batches, sign-in and its end, refusals, and that nothing leaks when a connection goes in the middle. */
#include <sqlite3.h>

#include "unit/wire/hub.h"

static void hello_then_calls_then_entries(void **state)
{
    struct hub *h = *state;
    struct conn *c = plug(h, h->ana_token);
    char lobby[40], text[600];

    HAS(say(h, c, CALL("room.list", ""), 1), "\"unauthenticated\"");
    HAS(say(h, c, CALL("rpc.discover", ""), 1), "\"result\":" DISCOVER);
    HAS(say(h, c, CALL("session.hello", "\"cursor\":{\"wire\":0}"), 3), "\"handle\":\"ana\"");
    assert_ptr_equal(strstr(c->text, "A {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"me\":"), c->text);
    HAS(c->text, "\nF {\"jsonrpc\":\"2.0\",\"method\":\"entry\"");
    HAS(say(h, c, CALL("session.hello", ""), 1), "\"invalid_request\"");
    lobby_of(say(h, c, CALL("room.list", ""), 1), lobby);
    snprintf(text, sizeof text, CALL("post.create", "\"thread\":\"%s\",\"text\":\"hi\",\"cid\":\"c1\""), lobby);
    say(h, c, text, 2);
    HAS(c->text, "\"result\":{\"id\":\"wire-");
    HAS(c->text, "\"kind\":\"post\"");
    HAS(say(h, c, CALL("post.create", "\"thread\":\"wire-1\",\"text\":\"\",\"cid\":\"c2\""), 1), "\"field\":\"text\"");
    HAS(say(h, c, CALL("region.create", "\"slug\":\"x\",\"name\":\"X\",\"cid\":\"c3\""), 1), "\"forbidden\"");
    unplug(c);
}

static void calls_behind_hello_wait_for_it(void **state)
{
    struct hub *h = *state;
    struct conn *c = plug(h, NULL);
    char text[600];

    snprintf(text, sizeof text, "[" CALL("session.hello", "\"token\":\"%s\"") "," CALL("room.list", "") "]", h->ana_token);
    session_receive(c->s, span_of(text));
    say(h, c, CALL("member.list", "\"prefix\":\"ana\""), 2);
    assert_null(strstr(c->text, "error"));
    HAS(c->text, "\"rooms\":[");
    HAS(c->text, "\"members\":[{");
    unplug(c);
}

static void a_refused_hello_may_be_repeated(void **state)
{
    struct hub *h = *state;
    struct conn *c = plug(h, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    char text[200];

    HAS(say(h, c, CALL("session.hello", ""), 1), "\"unauthenticated\"");
    snprintf(text, sizeof text, CALL("session.hello", "\"token\":\"%s\""), h->ana_token);
    HAS(say(h, c, text, 1), "\"me\":");
    unplug(c);
}

static void a_code_signs_in_once_and_close_ends_every_socket(void **state)
{
    struct hub *h = *state;
    struct conn *c = plug(h, NULL), *d = plug(h, NULL);
    char text[200];

    snprintf(text, sizeof text, CALL("session.open", "\"code\":\"%s\""), h->code);
    HAS(say(h, c, text, 1), "\"result\":{\"me\":{");
    HAS(say(h, d, text, 1), "\"unauthenticated\"");
    HAS(say(h, c, CALL("session.hello", ""), 1), "\"handle\":\"ana\"");
    HAS(say(h, c, text, 1), "\"invalid_request\"");
    say(h, c, CALL("session.close", ""), 1);
    assert_int_equal(c->closed, 1008);
    assert_int_equal(d->closed, 0);
    unplug(c);
    unplug(d);
}

static void an_expired_session_is_nobody(void **state)
{
    struct hub *h = *state;
    struct conn *c = plug(h, h->ana_token);

    HAS(say(h, c, CALL("session.hello", ""), 1), "\"me\":");
    clock_ms += 3600 * 1000 + 1;
    HAS(say(h, c, CALL("room.list", ""), 1), "\"unauthenticated\"");
    wire_tick(h->wire);
    assert_int_equal(c->closed, 1008);
    unplug(c);
    c = plug(h, h->ana_token);
    HAS(say(h, c, CALL("session.hello", ""), 1), "\"unauthenticated\"");
    unplug(c);
}

static void a_socket_says_hello_in_time(void **state)
{
    struct hub *h = *state;
    struct conn *mute = plug(h, h->ana_token), *member = plug(h, h->ana_token);

    HAS(say(h, member, CALL("session.hello", ""), 1), "\"me\":");
    say(h, mute, CALL("rpc.discover", ""), 1);   /* other calls are no hello */
    clock_ms += HELLO_MS - 1;
    wire_tick(h->wire);
    assert_int_equal(mute->closed, 0);
    clock_ms += 1;
    wire_tick(h->wire);
    assert_int_equal(mute->closed, 1008);
    assert_int_equal(member->closed, 0);
    assert_int_equal(h->stats.no_hello, 1);
    unplug(mute);
    unplug(member);
}

static void too_much_is_refused_with_a_time(void **state)
{
    struct hub *h = *state;
    struct conn *c = plug(h, h->ana_token);
    struct buf batch;

    HAS(say(h, c, CALL("session.hello", ""), 1), "\"me\":");
    buf_init(&batch, 1 << 16);
    for (int i = 0; i < 50; i++)
        buf_printf(&batch, "%s" CALL("thread.get", "\"thread\":\"wire-1\""), i == 0 ? "[" : ",");
    buf_add_char(&batch, ']');
    buf_add_char(&batch, '\0');
    session_receive(c->s, span_of(batch.at));
    HAS(say(h, c, batch.at, 1), "\"unavailable\"");
    HAS(c->text, "\"retry_after_ms\":1000");
    while (c->messages < 2)
        turn(h);
    say(h, c, batch.at, 1);
    HAS(say(h, c, batch.at, 1), "\"rate_limited\",\"retry_after_ms\":34}");
    for (int i = 0; i < 250 && c->closed == 0; i++) {
        c->len = 0;
        session_receive(c->s, SPAN("{"));
    }
    assert_int_equal(c->closed, 1008);
    buf_done(&batch);
    unplug(c);
}

/* A query that waits for its turn is one that no reader was asked. */
static void a_slow_reader_gets_every_answer(void **state)
{
    struct hub *h = *state;
    struct conn *c = plug(h, h->ana_token);
    char lobby[40], text[600];

    say(h, c, CALL("session.hello", ""), 1);
    lobby_of(say(h, c, CALL("room.list", ""), 1), lobby);
    int64_t before = h->stats.queries;
    c->is_full = true;
    c->messages = 0;
    c->len = 0;
    for (int i = 0; i < 20; i++)
        session_receive(c->s, SPAN(CALL("room.list", "")));
    snprintf(text, sizeof text, CALL("post.create", "\"thread\":\"%s\",\"text\":\"hi\",\"cid\":\"c1\""), lobby);
    session_receive(c->s, span_of(text));
    while (h->stats.queries < before + SESSION_READS || h->stats.commits == 0)
        turn(h);
    for (int i = 0; i < 20; i++)
        turn(h);
    assert_int_equal(h->stats.queries, before + SESSION_READS);   /* the others were not even begun */
    assert_int_equal(c->messages, 1);                             /* and the line was given one thing */
    c->is_full = false;
    session_drained(c->s);
    while (c->messages < 22)   /* 20 lists, the outcome of the post and its entry */
        turn(h);
    assert_int_equal(h->stats.queries, before + 20);
    HAS(c->text, "\"kind\":\"post\"");
    HAS(c->text, "\"result\":{\"id\":\"wire-");
    assert_null(strstr(c->text, "error"));
    assert_int_equal(c->closed, 0);
    unplug(c);
}

static void entries_follow_a_hello_whose_answer_waits(void **state)
{
    struct hub *h = *state;
    struct conn *c = plug(h, h->ana_token);

    c->is_full = true;
    session_receive(c->s, SPAN(CALL("rpc.discover", "")));
    session_receive(c->s, SPAN(CALL("session.hello", "\"cursor\":{\"wire\":0}")));
    for (int i = 0; i < 20; i++)
        turn(h);
    assert_int_equal(c->messages, 1);
    c->is_full = false;
    session_drained(c->s);
    while (c->messages < 4)
        turn(h);
    HAS(strstr(c->text, "A {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"me\":"), "\nF {\"jsonrpc\":\"2.0\",\"method\":\"entry\"");
    unplug(c);
}

static void who_only_asks_and_never_reads_is_bounded(void **state)
{
    struct hub *h = *state;
    struct conn *c = plug(h, NULL);

    c->is_full = true;
    for (int i = 0; i < 100000 && c->closed == 0; i++)   /* each is answered with an error of some 150 bytes */
        session_receive(c->s, i % 150 == 0 ? SPAN(CALL("session.close", "")) : SPAN("{"));
    assert_int_equal(c->closed, 1013);
    unplug(c);
}

static void a_connection_may_go_in_the_middle(void **state)
{
    struct hub *h = *state;
    char hello[200], batch[1200];

    snprintf(hello, sizeof hello, CALL("session.hello", "\"token\":\"%s\""), h->ana_token);
    snprintf(batch, sizeof batch, "[%s,%s,%s,%s]", hello, CALL("room.list", ""),
             CALL("post.create", "\"thread\":\"wire-4\",\"text\":\"x\",\"cid\":\"c9\""), CALL("session.close", ""));
    for (int turns = 0; turns < 4; turns++) {
        struct conn *c = plug(h, NULL);
        session_receive(c->s, span_of(batch));
        session_receive(c->s, SPAN(CALL("room.list", "")));
        for (int i = 0; i < turns; i++)
            turn(h);
        unplug(c);
    }
}

static void http_answers_by_body_and_by_status(void **state)
{
    struct hub *h = *state;
    struct reply *r = calloc(1, sizeof *r);
    char text[200];

    HAS(post(h, r, h->ana_token, CALL("room.list", "")), "\"rooms\":[");
    assert_int_equal(r->status, 200);
    HAS(post(h, r, h->ana_token, CALL("thread.get", "\"thread\":\"wire-999\"")), "\"not_found\"");
    assert_int_equal(r->status, 200);
    HAS(post(h, r, NULL, CALL("room.list", "")), "\"unauthenticated\"");
    assert_int_equal(r->status, 401);
    HAS(post(h, r, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", CALL("room.list", "")), "\"unauthenticated\"");
    assert_int_equal(r->status, 401);
    HAS(post(h, r, h->ana_token, "{"), "\"parse_error\"");
    assert_int_equal(r->status, 400);
    HAS(post(h, r, h->ana_token, CALL("session.hello", "")), "\"invalid_request\"");
    post(h, r, h->ana_token, "{\"jsonrpc\":\"2.0\",\"method\":\"room.list\"}");
    assert_int_equal(r->status, 204);

    HAS(get(h, r, "room.list", ""), "\"id\":null,\"result\":{\"rooms\"");
    HAS(get(h, r, "member.list", "prefix=a%6Ea&limit=3"), "\"ana\"");
    get(h, r, "thread.get", "thread=wire-999");
    assert_int_equal(r->status, 404);
    get(h, r, "thread.get", "thread=%zz");
    assert_int_equal(r->status, 400);
    get(h, r, "post.create", "");
    assert_int_equal(r->status, 405);
    get(h, r, "nothing", "");
    assert_int_equal(r->status, 404);

    snprintf(text, sizeof text, CALL("session.open", "\"code\":\"%s\""), h->code);
    HAS(post(h, r, NULL, text), "\"handle\":\"ana\"");
    char token[64];
    memcpy(token, r->token, sizeof token);
    assert_int_equal(strlen(token), TOKEN_CHARS);
    assert_null(strstr(r->body, token));
    HAS(post(h, r, token, CALL("room.list", "")), "\"rooms\"");
    HAS(post(h, r, token, CALL("session.close", "")), "\"result\":{}");
    assert_true(r->is_cleared);
    post(h, r, token, CALL("room.list", ""));
    assert_int_equal(r->status, 401);
    free(r);
}

static void an_http_client_may_go_in_the_middle(void **state)
{
    struct hub *h = *state;

    for (int turns = 0; turns < 3; turns++) {
        struct reply *r = calloc(1, sizeof *r);
        const struct http_post sent = { .token = span_of(h->ana_token), .body = SPAN(CALL("room.list", "")) };
        struct http_call *call = wire_http_post(h->wire, &sent, on_reply, r);
        for (int i = 0; i < turns && r->count == 0; i++)
            turn(h);
        if (r->count == 0)
            wire_http_cancel(call);
        free(r);
    }
}

/* Codes that were counted by the network of who asked for them. */
static int64_t counted_by_network(const struct hub *h)
{
    char path[FOLDER_BYTES + 20];
    sqlite3 *sq;
    sqlite3_stmt *s;

    snprintf(path, sizeof path, "%s/baraza.db", h->dir);
    assert_int_equal(sqlite3_open_v2(path, &sq, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(sq, "SELECT count(DISTINCT who) FROM spent WHERE who <> 0", -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t ret = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(sq);
    return ret;
}

static void codes_are_counted_by_network_on_both_carriers(void **state)
{
    struct hub *h = *state;
    struct reply r;
    const char *ask = CALL("session.code", "\"email\":\"ana@ville.example\"");
    const struct http_post sent = { .body = span_of(ask), .address = 0x0a000001 };

    for (int i = 0; i < 3; i++) {   /* not known, 10.0.0.x, another network; and 10.0.0.1 over HTTP */
        struct conn *c = plug(h, NULL);
        if (i > 0)
            session_from(c->s, i == 1 ? 0x0a0000fe : 0x0a000101);
        HAS(say(h, c, ask, 1), "\"ticket\"");
        unplug(c);
        assert_int_equal(counted_by_network(h), i);
    }
    r.count = 0;
    (void)wire_http_post(h->wire, &sent, on_reply, &r);
    while (r.count == 0)
        turn(h);
    HAS(r.body, "\"ticket\"");
    assert_int_equal(counted_by_network(h), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hello_then_calls_then_entries, setup, teardown),
        cmocka_unit_test_setup_teardown(calls_behind_hello_wait_for_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refused_hello_may_be_repeated, setup, teardown),
        cmocka_unit_test_setup_teardown(a_code_signs_in_once_and_close_ends_every_socket, setup, teardown),
        cmocka_unit_test_setup_teardown(an_expired_session_is_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(a_socket_says_hello_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(too_much_is_refused_with_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slow_reader_gets_every_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(entries_follow_a_hello_whose_answer_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(who_only_asks_and_never_reads_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_connection_may_go_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(codes_are_counted_by_network_on_both_carriers, setup, teardown),
        cmocka_unit_test_setup_teardown(http_answers_by_body_and_by_status, setup, teardown),
        cmocka_unit_test_setup_teardown(an_http_client_may_go_in_the_middle, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
