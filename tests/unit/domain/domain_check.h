/* domain_check.h: facts and commands that the tests of the domain start from. */
#ifndef BZ_TESTS_DOMAIN_CHECK_H
#define BZ_TESTS_DOMAIN_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "domain/decide.h"

static const struct hubs test_hubs = { .count = 2, .code = { "africa", "asia" } };

/* A hub at seq 100: member 10 (ordinary), room 20 (open, region 2), question 30 of member 11, post 40 of member 12. */
static inline struct facts facts_usual(void)
{
    return (struct facts){
        .now_ms = 5000, .next_seq = 100, .hubs = &test_hubs, .actor = { 10, ROLE_MEMBER, ROLE_MEMBER }, .role_there = ROLE_MEMBER, .region = 2,
        .member = { 13, ROLE_MEMBER, ROLE_MEMBER }, .other_admins = 1, .room_is_named = true,
        .room = { .id = 20, .region = 2, .chat = 21, .access = ACCESS_OPEN, .lang = "en" },
        .to_room = { .id = 25, .region = 2, .chat = 26, .access = ACCESS_OPEN, .lang = "fr" },
        .to_thread = { .id = 35, .room = 25, .author = 11, .kind = THREAD_KIND_DISCUSSION, .lang = "en", .posts = 3,
                       .title = SPAN("Trams") },
        .moving_count = 1, .moving = { { 40, 2 } }, .first_post = 31, .last_post = 90,
        .undo = { .entry = 95, .posts = 2 },
        .thread = { .id = 30, .posts = 5, .room = 20, .author = 11, .kind = THREAD_KIND_QUESTION, .lang = "en",
                    .title = SPAN("Bus lanes") },
        .direct = { .shares_room = true },
        .matter = { .id = 50, .room = 20, .thread = 30, .post = 40 },
        .sanction = { .id = 60, .member = 13, .scope = 20, .room = 20, .by = 14, .act = SANCTION_SILENCE },
        .collection = { .id = 70, .region = 2, .title = SPAN("Best of"), .about = SPAN("What we use") },
        .org = { .id = 75, .region = 2, .kind = SPAN("city"), .name = SPAN("Lomé"), .country = SPAN("TG"), .city = SPAN("Lomé") },
        .request = { .id = 7, .region = 2, .key = SPAN("a@b.org"), .org = SPAN("Kumasi"), .kind = SPAN("city"), .country = SPAN("GH") },
        .post = { .id = 40, .thread = 30, .author = 12, .text = SPAN("old"), .lang = SPAN("en") },
    };
}

static bz_id one_post[] = { 40 };

static inline struct command command_usual(enum command_kind kind)
{
    return (struct command){
        .kind = kind, .actor = 10, .cid = SPAN("c1"), .region = 2, .room = 20, .thread = 30, .post = 40, .member = 13, .matter = 50, .sanction = 60, .collection = 70, .organisation = 75, .request = 7,
        .act = SANCTION_SILENCE, .to_room = 25, .to_thread = kind == COMMAND_POST_MOVE || kind == COMMAND_THREAD_MERGE ? 35 : 0,
        .posts = { one_post, 1, true },
        .slug = SPAN("tram"), .name = SPAN("Tram"), .title = SPAN("Title"), .text = SPAN("Hello"),
        .reason = SPAN("spam"), .decision = SPAN("hide"), .emoji = SPAN("👍"), .handle = SPAN("ana.b"), .thread_kind = THREAD_KIND_DISCUSSION,
        .role = ROLE_MEMBER, .on = true,
    };
}

static inline void assert_body(const struct entry *entry, const char *expected)
{
    if (!span_is(entry->body, expected))
        print_error("body is %.*s\nexpected %s\n", (int)entry->body.len, entry->body.at, expected);
    assert_true(span_is(entry->body, expected));
}
#endif
