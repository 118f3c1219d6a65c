/* Proves that the readers of requests and frames find the same in bytes however they are cut, and that the wheel fires
 * each timer once, on its second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/frames.h"
#include "net/net.h"
#include "net/request.h"
#include "net/wheel.h"

/* The layer above is not linked here: the table of assets is made by the program. */
const struct asset assets[] = { { NULL, NULL, false, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } } };
const size_t assets_count = 0;

static int messages, controls;
static void on_message(void *ctx, struct span text) { messages += span_is(text, "{\"a\":1}"); }
static void on_control(void *ctx, int opcode, struct span payload) { controls += opcode == FRAME_PING; }
static const struct frames_ops ops = { on_message, on_control };

static void frames_in_any_cut(void **state)
{
    /* "{\"a" + ping "hi" + "\":1}", masked with zero and with ones */
    static const char bytes[] = "\x01\x83\0\0\0\0{\"a\x89\x82\1\1\1\1ih\x80\x84\0\0\0\0\":1}";
    for (size_t cut = 0; cut < sizeof bytes; cut++) {
        char in[sizeof bytes];
        struct frames f;
        memcpy(in, bytes, sizeof bytes);
        messages = controls = 0;
        frames_init(&f);
        assert_int_equal(frames_feed(&f, in, cut, &ops, NULL), 0);
        assert_int_equal(frames_feed(&f, in + cut, sizeof bytes - 1 - (cut < sizeof bytes ? cut : 0), &ops, NULL), 0);
        assert_int_equal(messages, 1);
        assert_int_equal(controls, 1);
        assert_null(f.message.at);
        frames_done(&f);
    }
}

static int status_of(const char *text, struct request *r)
{
    struct span head = span_of(text);
    assert_int_equal(request_head_length(head), (int64_t)head.len);
    return request_parse(head, r);
}

static void heads(void **state)
{
    struct request r;
    assert_int_equal(status_of("GET /a?b=c HTTP/1.1\r\nHost: x\r\nCookie:  k=v \r\n\r\n", &r), 0);
    assert_true(span_is(r.path, "/a") && span_is(r.args, "b=c") && span_is(r.cookie, "k=v") && r.keep_alive);
    assert_int_equal(status_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n", &r), 0);
    assert_int_equal(r.body_bytes, 12);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n", &r), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n", &r), 400);
    assert_int_equal(status_of("PRI * HTTP/2.0\r\n\r\n", &r), 505);
    assert_int_equal(request_head_length(SPAN("GET / HTTP/1.1\n")), -1);
    assert_int_equal(request_head_length(SPAN("GET / HTTP/1.1\r\nHost: x\r\n")), 0);
    assert_true(list_has(SPAN("keep-alive, Upgrade"), "upgrade"));
    assert_false(list_has(SPAN("upgraded"), "upgrade"));
}

static int fired;
static void on_fire(struct wheel_timer *t) { fired++; }

static void wheel_seconds(void **state)
{
    struct wheel w;
    struct wheel_timer t[3] = { 0 };
    wheel_init(&w);
    wheel_set(&w, &t[0], 2);
    wheel_set(&w, &t[1], 63);
    wheel_set(&w, &t[2], 5);
    wheel_unset(&t[2]);
    for (int second = 1; second <= 200; second++) {
        wheel_tick(&w, on_fire);
        assert_int_equal(fired, second < 2 ? 0 : second < 63 ? 1 : 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(frames_in_any_cut), cmocka_unit_test(heads),
                                        cmocka_unit_test(wheel_seconds) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
