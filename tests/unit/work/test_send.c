/* Proves which addresses of mail servers are taken, which of them are this machine, and that neither an order nor a worker's answer
 * that is not in order is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "work/send.h"

static void test_url(void **state)
{
    static const struct { const char *text; bool is_url, is_here; } urls[] = {
        { "smtp://mail.example.org:587", true, false }, { "smtps://mail.example.org", true, false }, { "smtp://localhost:25", true, true },
        { "smtp://127.0.0.1:25", true, true }, { "smtp://127.9.9.9", true, true }, { "smtps://[::1]:465", true, true },
        { "smtp://[2001:db8::1]:25", true, false }, { "smtp://localhost.example.org", true, false }, { "smtp://127.0.0.1.example.org", true, false },
        { "smtp://127.example.org:25", true, false }, { "smtp://", false, false }, { "smtp://:25", false, false }, { "smtp://a:0", false, false },
        { "smtp://a:65536", false, false }, { "smtp://a:b", false, false }, { "smtp://a:", false, false }, { "smtp://a/b", false, false },
        { "smtp://u:p@a", false, false }, { "smtp://u@a", false, false }, { "smtp://a b", false, false }, { "smtp://a\n", false, false },
        { "http://a", false, false }, { "SMTP://a", false, false }, { "a:25", false, false }, { "smtp://[::1", false, false },
        { "smtp://-a", false, false }, { "smtp://a?b", false, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        if (send_is_url(urls[i].text) != urls[i].is_url || (urls[i].is_url && send_is_loopback(urls[i].text) != urls[i].is_here))
            fail_msg("%s", urls[i].text);
    }
}

static void test_record(void **state)
{
    struct buf b;
    struct sent got;
    (void)state;
    buf_init(&b, SEND_RECORD_BYTES);
    send_write(&b, &(struct sent){ SEND_REFUSED, SPAN("the mail server answers 550 to RCPT"), SPAN("550 no such user") });
    assert_true(send_read(buf_span(&b), &got));
    assert_int_equal(got.end, SEND_REFUSED);
    assert_true(span_is(got.brief, "the mail server answers 550 to RCPT") && span_is(got.why, "550 no such user"));
    for (size_t len = 0; len < b.len; len++)
        assert_false(send_read((struct span){ b.at, len }, &got));
    b.at[4] = '3';
    assert_false(send_read(buf_span(&b), &got));
    b.at[4] = '2';
    b.at[12] = '\n';
    assert_false(send_read(buf_span(&b), &got));
    buf_clear(&b);
    char long_text[201];
    memset(long_text, 'a', sizeof long_text);
    send_write(&b, &(struct sent){ SEND_FAILED, { long_text, sizeof long_text }, SPAN("") });
    assert_false(send_read(buf_span(&b), &got));
    buf_done(&b);
}

static void test_order(void **state)
{
    struct buf b;
    enum send_tls tls;
    struct span fields[SEND_FIELDS];
    (void)state;
    buf_init(&b, SEND_ORDER_BYTES);
    buf_add_char(&b, '1');
    for (int i = 0; i < SEND_FIELDS; i++)
        send_put(&b, span_of(&"abcdefgh"[i]));
    assert_true(send_take(buf_span(&b), &tls, fields));
    assert_int_equal(tls, SEND_TLS_OPPORTUNISTIC);
    for (int i = 0; i < SEND_FIELDS; i++)
        assert_true(span_is(fields[i], &"abcdefgh"[i]));
    for (size_t len = 0; len < b.len; len++)
        assert_false(send_take((struct span){ b.at, len }, &tls, fields));
    buf_add_char(&b, 'x');
    assert_false(send_take(buf_span(&b), &tls, fields));
    b.len--;
    b.at[0] = '3';
    assert_false(send_take(buf_span(&b), &tls, fields));
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_url), cmocka_unit_test(test_record), cmocka_unit_test(test_order) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
