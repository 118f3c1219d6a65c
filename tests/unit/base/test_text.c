/* UTF-8 is judged as Unicode's table 3-7 does, names refuse what reorders or hides text, ids have one spelling, JSON
 * comes out escaped and bounded, an arena and a buffer keep their promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/decimal.h"
#include "base/id.h"
#include "base/json_out.h"
#include "base/log.h"
#include "base/map.h"
#include "base/utf8.h"

static void utf8_is_judged_strictly(void **state)
{
    static const char *const good[] = { "", "a", "é", "नमस्ते", "🚌", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80" };
    static const char *const bad[] = { "\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80",
                                       "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xc3", "\xe2\x82", "\xf0\x9f\x9a" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(utf8_valid(span_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(utf8_valid(span_of(bad[i])));
    /* every code point that is a scalar value, and no other, survives a round through its bytes */
    for (uint32_t c = 0x80; c <= 0x10ffff; c += c < 0x3000 ? 1 : 97) {
        char b[4];
        size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (size_t i = n; i-- > 1;)
            b[i] = (char)(0x80 | (c >> (6 * (n - 1 - i)) & 0x3f));
        b[0] = (char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c >> (6 * (n - 1)));
        struct span s = { b, n };
        size_t pos = 0;
        assert_int_equal(utf8_valid(s), c < 0xd800 || c > 0xdfff);
        if (utf8_valid(s)) {
            assert_int_equal(utf8_next(s, &pos), c);
            assert_int_equal(pos, n);
            assert_int_equal(utf8_utf16(s), c >= 0x10000 ? 2 : 1);
            assert_int_equal(utf8_chars(s), 1);
        }
    }
}

static void names_and_texts_refuse_what_hides(void **state)
{
    assert_true(utf8_is_name(SPAN("Amina Diop"), 80));
    assert_true(utf8_is_name(SPAN("محمد"), 80));
    static const char *const bad[] = { "", " ", "a\nb", "a\tb", "a\x01", "a\xc2\x85", "a\xe2\x80\xae" "b", "a\xe2\x81\xa6", "\xe2\x80\x8b", "a\xef\xbb\xbf",
                                       "\xe2\x80\xa8x", "\xee\x80\x80", "\xff" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(utf8_is_name(span_of(bad[i]), 80));
    assert_true(utf8_is_name(SPAN("ééé"), 3));
    assert_false(utf8_is_name(SPAN("éééé"), 3));
    assert_true(utf8_is_text(SPAN("two\nlines\tand a tab")));
    assert_false(utf8_is_text(SPAN("bell\x07")));
    assert_false(utf8_is_text(SPAN("\r\n")));
    assert_false(utf8_is_text(SPAN(" \n \xc2\xa0\xe2\x80\x8b")));
    assert_false(utf8_is_text((struct span){ NULL, 0 }));
}

static void ids_have_one_spelling(void **state)
{
    struct hubs hubs = { 2, { "africa", "asia" } };
    char text[BZ_ID_TEXT];
    bz_id id = 0;
    assert_int_equal(id_format(&hubs, id_make(1, 48213), text), 10);
    assert_string_equal(text, "asia-48213");
    assert_true(id_parse(&hubs, SPAN("asia-48213"), &id));
    assert_int_equal(id_hub(id), 1);
    assert_int_equal(id_seq(id), 48213);
    assert_true(id_parse(&hubs, SPAN("africa-1099511627775"), &id) == false);   /* 13 digits */
    assert_true(id_parse(&hubs, SPAN("africa-999999999999"), &id));
    static const char *const bad[] = { "", "africa", "africa-", "africa-0", "africa-01", "africa--1", "africa-1x", "AFRICA-1", "europe-1", "-1",
                                       "africa- 1", "africa-9999999999999", "africa-1-2", "afric-1" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(id_parse(&hubs, span_of(bad[i]), &id));
    assert_true(hub_code_valid(SPAN("af")));
    assert_false(hub_code_valid(SPAN("a")));
    assert_false(hub_code_valid(SPAN("1af")));
    assert_false(hub_code_valid(SPAN("af-rica")));
    assert_false(hub_code_valid(SPAN("africaafricaafric")));
}

static void json_is_escaped_and_bounded(void **state)
{
    struct buf b;
    buf_init(&b, 200);
    json_open(&b, '{');
    json_put_text(&b, "a", SPAN("q\"b\\n\n\x01\x7f" "é\xe2\x80\xa8🚌"));
    json_put_int(&b, "n", INT64_MIN);
    json_put_bool(&b, "t", true);
    json_put_text_opt(&b, "absent", (struct span){ NULL, 0 });
    json_name(&b, "l");
    json_open(&b, '[');
    json_int(&b, 1);
    json_int(&b, 2);
    json_close(&b, ']');
    json_close(&b, '}');
    buf_add_char(&b, '\0');
    assert_string_equal(b.at, "{\"a\":\"q\\\"b\\\\n\\n\\u0001\\u007fé\\u2028🚌\",\"n\":-9223372036854775808,\"t\":true,\"l\":[1,2]}");
    buf_done(&b);
    buf_init(&b, 8);
    buf_add_text(&b, "12345678");
    assert_false(b.failed);
    buf_add_char(&b, '9');
    buf_add_text(&b, "");
    assert_true(b.failed);
    assert_int_equal(b.len, 8);   /* what was in it stays */
    buf_clear(&b);
    assert_false(b.failed);
    buf_done(&b);
}

static void an_arena_gives_zeroed_memory_and_keeps_copies(void **state)
{
    struct arena a;
    arena_init(&a);
    for (size_t n = 1; n < 6000; n += 97) {
        unsigned char *at = arena_alloc(&a, n);
        assert_int_equal((uintptr_t)at % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(at[i], 0);
        memset(at, 0xff, n);
    }
    struct span copy = arena_copy(&a, SPAN("kept"));
    assert_string_equal(copy.at, "kept");
    assert_null(arena_copy(&a, (struct span){ NULL, 0 }).at);
    arena_done(&a);
    assert_int_equal(a.bytes, 0);
}

static void a_map_finds_what_was_put(void **state)
{
    static int values[5000];
    struct map m = { 0 };
    assert_null(map_get(&m, 7));
    for (int i = 0; i < 5000; i++)
        map_put(&m, (int64_t)i * 1099511627776 + 1, &values[i]);
    for (int i = 0; i < 5000; i++)
        assert_ptr_equal(map_get(&m, (int64_t)i * 1099511627776 + 1), &values[i]);
    map_put(&m, 1, &values[9]);
    assert_ptr_equal(map_get(&m, 1), &values[9]);
    assert_int_equal(m.count, 5000);
    assert_null(map_get(&m, 2));
    map_done(&m);
}

static void a_log_line_is_one_line_of_json_whatever_is_logged(void **state)
{
    int fd[2];
    char text[2048];
    assert_int_equal(pipe(fd), 0);
    struct log *l = log_new(fd[1], LOG_INFO);
    log_line(l, LOG_DEBUG, "hidden", NULL);
    log_line(l, LOG_WARN, "odd", "name", "a\r\n\x1b[31m\"x\xff", NULL);
    ssize_t n = read(fd[0], text, sizeof text - 1);
    assert_true(n > 0);
    text[n] = '\0';
    assert_null(strstr(text, "hidden"));
    assert_non_null(strstr(text, "\"level\":\"warn\",\"event\":\"odd\",\"name\":\"a\\r\\n\\u001b[31m\\\"x?\"}\n"));
    assert_ptr_equal(strchr(text, '\n'), text + n - 1);
    log_line(NULL, LOG_ERROR, "nobody listens", NULL);
    log_free(l);
    close(fd[0]);
    close(fd[1]);
}

static void decimals_have_an_end(void **state)
{
    int64_t n = 7;
    size_t pos = 1;
    assert_true(decimal_whole(SPAN("0"), &n) && n == 0);
    assert_true(decimal_whole(SPAN("999999999999999"), &n) && n == 999999999999999);
    static const char *const bad[] = { "", "1000000000000000", "-1", "+1", " 1", "1 ", "1a", "0x1", "9999999999999999999999999999999999999999" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(decimal_whole(span_of(bad[i]), &n));
    assert_false(decimal_whole((struct span){ NULL, 0 }, &n));
    assert_true(decimal_next(SPAN("/12-3"), &pos, &n) && n == 12 && pos == 3);
    assert_false(decimal_next(SPAN("/12-3"), &pos, &n));
    assert_int_equal(pos, 3);
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_judged_strictly), cmocka_unit_test(names_and_texts_refuse_what_hides),
        cmocka_unit_test(ids_have_one_spelling), cmocka_unit_test(decimals_have_an_end), cmocka_unit_test(json_is_escaped_and_bounded),
        cmocka_unit_test(an_arena_gives_zeroed_memory_and_keeps_copies), cmocka_unit_test(a_map_finds_what_was_put),
        cmocka_unit_test(a_log_line_is_one_line_of_json_whatever_is_logged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
