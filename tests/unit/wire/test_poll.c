/* Proves that a held request is told what a socket is told, once and in order, and no more: by the first entry, in parts
 * when much was missed, by the end of its wait, of its session and of the hub; and that it is bounded and never leaks. */
#include "unit/wire/hub.h"

#include "base/limits.h"

#define POLL(params) CALL("session.poll", params)
#define HELD(cursor, wait) "\"cursor\":{\"wire\":%lld},\"wait_ms\":" #wait, (long long)(cursor)

struct asked { struct reply r; struct http_call *call; };

/* Sends a poll that is perhaps held, and lets it settle. */
static struct asked *hold(struct hub *h, const char *token, uint64_t address, const char *format, ...)
{
    struct asked *a = calloc(1, sizeof *a);
    char params[400], text[600];
    va_list list;

    va_start(list, format);
    vsnprintf(params, sizeof params, format, list);
    va_end(list);
    int len = snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"session.poll\",\"params\":{%s}}", params);
    const struct http_post sent = { .token = span_of(token), .body = { text, (size_t)len }, .address = address };
    size_t before = (size_t)h->stats.held;
    a->call = wire_http_post(h->wire, &sent, on_reply, &a->r);
    for (int i = 0; i < 50 && a->r.count == 0 && (size_t)h->stats.held == before; i++)
        turn(h);
    return a;
}

static const char *answered(struct hub *h, struct asked *a)
{
    while (a->r.count == 0)
        turn(h);
    assert_int_equal(a->r.count, 1);
    return a->r.body;
}

static void let_go(struct asked *a)
{
    if (a->r.count == 0)
        wire_http_cancel(a->call);
    free(a);
}

static int64_t cursor_of(const char *body)
{
    const char *at = strstr(body, "\"cursor\":{\"wire\":");

    assert_non_null(at);
    return strtoll(at + 17, NULL, 10);
}

static int count_of(const char *text, const char *part)
{
    int n = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        n++;
    return n;
}

/* A socket of the admin who writes; `lobby` gets the id of the open room's chat. */
static struct conn *writer(struct hub *h, char lobby[40])
{
    struct conn *c = plug(h, h->admin_token);

    HAS(say(h, c, CALL("session.hello", "\"watch\":[]"), 1), "\"me\":");
    lobby_of(say(h, c, CALL("room.list", ""), 1), lobby);
    return c;
}

static void write_post(struct hub *h, struct conn *c, const char *thread, int n)
{
    char text[400];

    snprintf(text, sizeof text, CALL("post.create", "\"thread\":\"%s\",\"text\":\"word %d\",\"cid\":\"p%d\""), thread, n, n);
    HAS(say(h, c, text, 1), "\"result\":{\"id\"");
}

static void the_first_answer_says_who_and_what_was_missed(void **state)
{
    struct hub *h = *state;
    struct reply *r = calloc(1, sizeof *r);

    HAS(post(h, r, h->ana_token, POLL("")), "\"result\":{\"me\":{");
    HAS(r->body, "\"handle\":\"ana\"");
    HAS(r->body, "\"hub\":{\"code\":\"wire\"");
    HAS(r->body, "\"notes\":[]}");
    int64_t head = cursor_of(r->body);
    HAS(post(h, r, h->ana_token, POLL("\"cursor\":{\"wire\":0}")), "\"notes\":[{\"jsonrpc\":\"2.0\",\"method\":\"entry\",");
    assert_int_equal(cursor_of(r->body), head);
    assert_int_equal(count_of(r->body, "\"method\":\"entry\""), head);
    HAS(post(h, r, h->ana_token, POLL("\"cursor\":{\"wire\":99999},\"wait_ms\":25000")), "\"reason\":\"history\"");
    assert_int_equal(cursor_of(r->body), head);
    assert_null(strstr(r->body, "\"me\""));
    assert_int_equal(h->stats.held, 0);
    free(r);
}

static void a_held_one_is_answered_by_a_burst_at_once_and_asks_the_database_nothing(void **state)
{
    struct hub *h = *state;
    char lobby[40];
    struct conn *c = writer(h, lobby);
    int64_t head = fanout_head(h->fanout);
    struct asked *a = hold(h, h->ana_token, 7, HELD(head, 25000));
    int64_t queries = h->stats.queries, entries = h->stats.entries;

    assert_int_equal(a->r.count, 0);
    assert_int_equal(h->stats.held, 1);
    for (int i = 0; i < 20; i++)
        turn(h);
    assert_int_equal(h->stats.queries, queries);
    for (int i = 0; i < 3; i++) {
        char text[400];
        snprintf(text, sizeof text, CALL("post.create", "\"thread\":\"%s\",\"text\":\"burst %d\",\"cid\":\"b%d\""), lobby, i, i);
        session_receive(c->s, span_of(text));
    }
    while (h->stats.entries < entries + 3)   /* the loop stands still for as long */
        usleep(1000);
    answered(h, a);
    assert_int_equal(count_of(a->r.body, "\"kind\":\"post\""), 3);
    assert_true(strstr(a->r.body, "burst 0") < strstr(a->r.body, "burst 1"));
    assert_int_equal(cursor_of(a->r.body), head + 3);
    assert_int_equal(h->stats.held, 0);
    let_go(a);
    unplug(c);
}

static void nothing_to_tell_is_said_at_the_end_of_the_wait(void **state)
{
    struct hub *h = *state;
    char lobby[40];
    struct conn *c = writer(h, lobby);
    int64_t head = fanout_head(h->fanout);
    struct asked *a = hold(h, h->ana_token, 7, HELD(head, 60));

    HAS(answered(h, a), "\"notes\":[]}");
    assert_int_equal(cursor_of(a->r.body), head);
    let_go(a);
    a = hold(h, h->ana_token, 7, "\"watch\":[]," HELD(head, 25000));   /* what is not watched does not wake it */
    write_post(h, c, lobby, 1);
    assert_int_equal(a->r.count, 0);
    wire_http_hurry(a->call);
    HAS(answered(h, a), "\"notes\":[]}");
    let_go(a);
    a = hold(h, h->ana_token, 7, HELD(head, 25000));
    HAS(answered(h, a), "word 1");                                      /* but it is there for who asks */
    let_go(a);
    unplug(c);
}

static void much_is_told_in_parts_each_entry_once(void **state)
{
    struct hub *h = *state;
    char lobby[40], *text = calloc(1, 9000);
    struct conn *c = writer(h, lobby);
    int64_t cursor = fanout_head(h->fanout), seen = cursor;
    int answers = 0;

    for (int i = 0; i < 40; i++) {
        snprintf(text, 9000, CALL("post.create", "\"thread\":\"%s\",\"text\":\"%05d%05000d\",\"cid\":\"m%d\""), lobby, i, 0, i);
        HAS(say(h, c, text, 1), "\"result\":{\"id\"");
    }
    while (seen < cursor + 40) {
        struct asked *a = hold(h, h->ana_token, 7, HELD(seen, 25000));
        const char *at = answered(h, a);
        assert_true(strlen(at) < POLL_BYTES + 8192);
        while ((at = strstr(at, "\"seq\":")) != NULL) {
            assert_int_equal(strtoll(at + 6, NULL, 10), ++seen);
            at++;
        }
        assert_int_equal(cursor_of(a->r.body), seen);
        let_go(a);
        answers++;
    }
    assert_in_range(answers, 3, 6);
    free(text);
    unplug(c);
}

static void a_private_room_wakes_nobody_outside_and_its_leaver_a_last_time(void **state)
{
    struct hub *h = *state;
    char lobby[40], text[400], room[40], chat[40], ana[40];
    struct conn *c = writer(h, lobby);
    const char *at = strstr(say(h, c, CALL("member.list", "\"prefix\":\"ana\""), 1), "\"members\":[{\"id\":\"");

    sscanf(at + 18, "%39[^\"]", ana);
    at = strstr(say(h, c, CALL("room.list", ""), 1), "\"region\":\"");
    sscanf(at + 10, "%39[^\"]", room);
    struct asked *a = hold(h, h->ana_token, 7, HELD(fanout_head(h->fanout), 25000));
    snprintf(text, sizeof text, CALL("room.create", "\"region\":\"%s\",\"slug\":\"q\",\"name\":\"Quiet\",\"access\":\"private\",\"cid\":\"r1\""), room);
    say(h, c, text, 1);
    at = strstr(c->text, "\"id\":\"wire-");
    sscanf(at + 6, "%39[^\"]", room);
    sscanf(strstr(at, "\"chat\":\"") + 8, "%39[^\"]", chat);
    write_post(h, c, chat, 1);
    assert_int_equal(a->r.count, 0);
    wire_http_hurry(a->call);
    HAS(answered(h, a), "\"notes\":[]}");
    int64_t cursor = cursor_of(a->r.body);
    assert_int_equal(cursor, fanout_head(h->fanout));
    let_go(a);

    a = hold(h, h->ana_token, 7, HELD(cursor, 25000));
    snprintf(text, sizeof text, CALL("room.invite", "\"room\":\"%s\",\"member\":\"%s\",\"cid\":\"i1\""), room, ana);
    say(h, c, text, 1);
    HAS(answered(h, a), "\"kind\":\"room.invite\"");
    cursor = cursor_of(a->r.body);
    let_go(a);
    a = hold(h, h->ana_token, 7, HELD(cursor, 25000));
    struct reply *r = calloc(1, sizeof *r);
    snprintf(text, sizeof text, CALL("room.leave", "\"room\":\"%s\",\"cid\":\"l1\""), room);
    HAS(post(h, r, h->ana_token, text), "\"seq\"");
    write_post(h, c, chat, 2);
    HAS(answered(h, a), "\"kind\":\"room.leave\"");
    assert_null(strstr(a->r.body, "word 2"));
    let_go(a);
    free(r);
    unplug(c);
}

static void the_end_of_the_session_answers_it(void **state)
{
    struct hub *h = *state;
    int64_t head = fanout_head(h->fanout);
    struct asked *a = hold(h, h->ana_token, 7, HELD(head, 25000)), *b = hold(h, h->admin_token, 7, HELD(head, 25000));
    struct reply *r = calloc(1, sizeof *r);

    HAS(post(h, r, h->ana_token, CALL("session.close", "")), "\"result\":{}");
    HAS(answered(h, a), "\"unauthenticated\"");
    assert_int_equal(a->r.status, 401);
    assert_int_equal(b->r.count, 0);
    clock_ms += 3600 * 1000 + 1;
    wire_tick(h->wire);
    HAS(answered(h, b), "\"unauthenticated\"");
    let_go(a);
    let_go(b);
    free(r);
}

static void the_end_of_the_hub_answers_it_and_holds_no_more(void **state)
{
    struct hub *h = *state;
    int64_t head = fanout_head(h->fanout);
    struct asked *a = hold(h, h->ana_token, 7, HELD(head, 25000));

    wire_drain(h->wire);
    HAS(answered(h, a), "\"notes\":[]}");
    assert_int_equal(a->r.status, 200);
    let_go(a);
    a = hold(h, h->ana_token, 7, HELD(head, 25000));
    HAS(answered(h, a), "\"notes\":[]}");
    let_go(a);
}

static void a_client_that_goes_frees_it_and_more_bytes_hurry_it(void **state)
{
    struct hub *h = *state;
    int64_t head = fanout_head(h->fanout);
    struct asked *a = hold(h, h->ana_token, 7, HELD(head, 25000)), *b = hold(h, h->ana_token, 7, HELD(head, 25000));

    assert_int_equal(h->stats.held, 2);
    let_go(a);
    assert_int_equal(h->stats.held, 1);
    wire_http_hurry(b->call);
    HAS(answered(h, b), "\"notes\":[]}");
    let_go(b);
    for (int turns = 0; turns < 4; turns++) {   /* also while it is being read who asks, and what was missed */
        struct reply *r = calloc(1, sizeof *r);
        const struct http_post sent = { .token = span_of(h->ana_token), .body = SPAN(POLL("\"cursor\":{\"wire\":0}")) };
        struct http_call *call = wire_http_post(h->wire, &sent, on_reply, r);
        for (int i = 0; i < turns && r->count == 0; i++)
            uv_run(&h->loop, UV_RUN_ONCE);
        if (r->count == 0)
            wire_http_cancel(call);
        free(r);
    }
    assert_int_equal(h->stats.held, 0);
}

static void a_session_holds_few_and_its_oldest_gives_way(void **state)
{
    struct hub *h = *state;
    int64_t head = fanout_head(h->fanout);
    struct asked *all[POLLS_SESSION + 1];

    for (int i = 0; i <= POLLS_SESSION; i++)
        all[i] = hold(h, h->ana_token, 7, HELD(head, 25000));
    HAS(answered(h, all[0]), "\"unavailable\",\"retry_after_ms\":5000");
    for (int i = 1; i <= POLLS_SESSION; i++)
        assert_int_equal(all[i]->r.count, 0);
    for (int i = 0; i <= POLLS_SESSION; i++)
        let_go(all[i]);
    assert_int_equal(h->stats.held, 0);
}

static void an_address_holds_no_more_than_its_share(void **state)
{
    struct hub *h = *state;
    int64_t head = fanout_head(h->fanout);
    struct asked *all[POLLS_ADDRESS];

    for (int i = 0; i < POLLS_ADDRESS; i++) {
        clock_ms += 100;   /* else it is too fast for one member */
        all[i] = hold(h, h->tokens[i / POLLS_SESSION], 7, HELD(head, 25000));
        assert_int_equal(all[i]->r.count, 0);
    }
    struct asked *more = hold(h, h->admin_token, 7, HELD(head, 25000));
    HAS(answered(h, more), "\"unavailable\"");
    let_go(more);
    more = hold(h, h->admin_token, 8, HELD(head, 25000));
    assert_int_equal(more->r.count, 0);
    let_go(more);
    let_go(all[3]);
    all[3] = hold(h, h->admin_token, 7, HELD(head, 25000));
    assert_int_equal(all[3]->r.count, 0);
    for (int i = 0; i < POLLS_ADDRESS; i++)
        let_go(all[i]);
}

static void its_place_and_its_words_are_checked(void **state)
{
    struct hub *h = *state;
    struct reply *r = calloc(1, sizeof *r);
    struct conn *c = plug(h, h->ana_token);

    HAS(say(h, c, CALL("session.hello", ""), 1), "\"me\":");
    HAS(say(h, c, POLL(""), 1), "\"invalid_request\"");
    HAS(post(h, r, h->ana_token, "[" POLL("") "," CALL("room.list", "") "]"), "\"invalid_request\"");
    HAS(post(h, r, h->ana_token, POLL("\"wait_ms\":25001")), "\"field\":\"wait_ms\"");
    HAS(post(h, r, h->ana_token, POLL("\"cursor\":7")), "\"field\":\"cursor\"");
    HAS(post(h, r, NULL, POLL("\"wait_ms\":25000")), "\"unauthenticated\"");
    assert_int_equal(r->status, 401);
    post(h, r, h->ana_token, "{\"jsonrpc\":\"2.0\",\"method\":\"session.poll\",\"params\":{\"wait_ms\":25000}}");
    assert_int_equal(r->status, 204);
    get(h, r, "session.poll", "");
    assert_int_equal(r->status, 405);
    for (int i = 0; i < 130 && strstr(r->body, "rate_limited") == NULL; i++)
        post(h, r, h->ana_token, POLL(""));
    HAS(r->body, "\"rate_limited\",\"retry_after_ms\":34}");
    unplug(c);
    free(r);
}

static int setup_many(void **state)
{
    sessions = POLLS_ADDRESS / POLLS_SESSION;
    int rc = setup(state);
    sessions = 0;
    return rc;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_answer_says_who_and_what_was_missed),
        TEST(a_held_one_is_answered_by_a_burst_at_once_and_asks_the_database_nothing),
        TEST(nothing_to_tell_is_said_at_the_end_of_the_wait),
        TEST(much_is_told_in_parts_each_entry_once),
        TEST(a_private_room_wakes_nobody_outside_and_its_leaver_a_last_time),
        TEST(the_end_of_the_session_answers_it),
        TEST(the_end_of_the_hub_answers_it_and_holds_no_more),
        TEST(a_client_that_goes_frees_it_and_more_bytes_hurry_it),
        TEST(a_session_holds_few_and_its_oldest_gives_way),
        cmocka_unit_test_setup_teardown(an_address_holds_no_more_than_its_share, setup_many, teardown),
        TEST(its_place_and_its_words_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
