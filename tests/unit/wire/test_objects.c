/* Proves that rows become exactly the objects of proto/README.md: optional members, redaction, marks in UTF-16. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "wire/objects.h"

static const struct hubs hubs = { .count = 1, .code = { "africa" } };

static void is_json(struct buf *b, const char *text)
{
    buf_add_char(b, '\0');
    assert_string_equal(b->at, text);
    buf_done(b);
}

static void marks_count_utf16_units(void **state)
{
    static const struct { const char *snippet, *text, *marks; } rows[] = {
        { "plain", "plain", "[]" },
        { "", "", "[]" },
        { "a \ue000bus\ue001 b", "a bus b", "[[2,5]]" },
        { "é😀 \ue000日本\ue001😀\ue000x\ue001", "é😀 日本😀x", "[[4,6],[8,9]]" },
        { "\ue001a\ue000\ue000b\ue001\ue001c\ue000", "abc", "[[1,2]]" },
        { "\ue000\ue001", "", "[]" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct hit_row row = { .thread = 1, .room = 2, .by = 3, .kind = THREAD_KIND_CHAT, .title = SPAN("T"),
                                     .lang = SPAN("en"), .at_ms = 5, .snippet = span_of(rows[i].snippet) };
        struct buf b;
        char want[400];
        buf_init(&b, 4096);
        put_hit(&b, &hubs, &row);
        snprintf(want, sizeof want, "{\"thread\":\"africa-1\",\"room\":\"africa-2\",\"kind\":\"chat\",\"title\":\"T\",\"by\":"
                 "\"africa-3\",\"at\":5,\"lang\":\"en\",\"snippet\":\"%s\",\"marks\":%s}", rows[i].text, rows[i].marks);
        is_json(&b, want);
    }
}

static void a_redacted_post_says_nothing_of_its_text(void **state)
{
    const struct post_row row = { .id = 9, .thread = 4, .by = 3, .seq = 12, .at_ms = 5, .n = 2, .lang = SPAN("en"),
                                  .text = SPAN("secret"), .md = SPAN("[1]"), .redacted_at_ms = 7, .redacted_by = 3,
                                  .redact_reason = SPAN("why \"x\"") };
    struct buf b;

    buf_init(&b, 4096);
    put_post(&b, &hubs, &row);
    is_json(&b, "{\"id\":\"africa-9\",\"seq\":12,\"thread\":\"africa-4\",\"at\":5,\"by\":\"africa-3\",\"lang\":\"en\",\"text\":\"\","
                "\"redacted\":{\"by\":\"africa-3\",\"at\":7,\"reason\":\"why \\\"x\\\"\"},\"n\":2}");
}

static void optional_members_are_absent(void **state)
{
    const struct reaction_row reactions[] = { { SPAN("👍"), 2, true } };
    const struct post_row row = { .id = 9, .thread = 4, .seq = 12, .at_ms = 5, .n = 2, .lang = SPAN("en"), .text = SPAN("x"),
                                  .md = SPAN("[8]"), .reply_to = 8, .edited_at_ms = 6, .reactions = reactions,
                                  .reactions_count = 1 };
    const struct member_row member = { .id = 3, .role = ROLE_ADMIN, .handle = SPAN("ana"), .name = SPAN("Ana"),
                                       .org = SPAN(""), .lang = SPAN("en") };
    struct buf b;

    buf_init(&b, 4096);
    put_post(&b, &hubs, &row);
    is_json(&b, "{\"id\":\"africa-9\",\"seq\":12,\"thread\":\"africa-4\",\"at\":5,\"by\":null,\"lang\":\"en\",\"text\":\"x\",\"md\":[8],"
                "\"reply_to\":\"africa-8\",\"edited_at\":6,\"reactions\":[{\"emoji\":\"👍\",\"count\":2,\"mine\":true}],\"n\":2}");
    buf_init(&b, 4096);
    put_member(&b, &hubs, &member);
    is_json(&b, "{\"id\":\"africa-3\",\"handle\":\"ana\",\"name\":\"Ana\",\"role\":\"admin\",\"lang\":\"en\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_count_utf16_units),
        cmocka_unit_test(a_redacted_post_says_nothing_of_its_text),
        cmocka_unit_test(optional_members_are_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
