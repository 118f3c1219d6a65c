#include "decide_check.h"

static void test_fields(void **state)
{
    (void)state;
    /* Proves who says what of a resource and as whom, that nothing new is no entry, and what is refused. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_THREAD_FIELDS);
    f.thread.kind = THREAD_KIND_RESOURCE;
    f.thread.author = 10;
    f.fields = SPAN("{\"year\":2020}");
    cmd.fields = SPAN("{\"year\":2024,\"themes\":[\"brt\"]}");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    assert_int_equal(decision.entries[0].kind, ENTRY_THREAD_FIELDS);
    assert_int_equal(decision.entries[0].room, 20);
    assert_int_equal(decision.entries[0].thread, 30);
    assert_body(&decision.entries[0], "{\"fields\":{\"year\":2024,\"themes\":[\"brt\"]}}");
    f.thread.author = 11;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
    f.actor.role = ROLE_MODERATOR;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"as\":\"moderator\",\"fields\":{\"year\":2024,\"themes\":[\"brt\"]}}");
    cmd.fields = f.fields;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    cmd.fields = (struct span){ NULL, 0 };   /* nothing is left of them */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"as\":\"moderator\",\"fields\":{}}");
    cmd.fields = SPAN("{\"themes\":[\"cars\"]}");
    f.no_theme = SPAN("cars");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "fields.themes");
    f.no_theme = (struct span){ NULL, 0 };
    f.thread.kind = THREAD_KIND_QUESTION;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
}

static void test_fields_are_judged(void **state)
{
    (void)state;
    /* Proves that a room's words, links and holds bind what is said of a resource as they do an edit. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_THREAD_FIELDS);
    f.thread.kind = THREAD_KIND_RESOURCE;
    f.thread.author = 10;
    cmd.text = (struct span){ NULL, 0 };
    cmd.fields = SPAN("{\"url\":\"https://a.example/\"}");
    f.found.act = WORD_HOLD;
    f.found.word = SPAN("bad");
    assert_int_equal(run(&f, &cmd), BZ_ERR_BLOCKED);
    assert_string_equal(error.field, "fields");
    f.found.act = WORD_FLAG;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 2);
    assert_int_equal(decision.entries[1].kind, ENTRY_REPORT);
    f.found.act = 0;
    f.room.set.links = LINKS_HOLD;
    assert_int_equal(run(&f, &cmd), BZ_ERR_BLOCKED);
    cmd.fields = SPAN("{\"year\":2024}");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    f.room.set.hold_threads = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_fields), cmocka_unit_test(test_fields_are_judged) };
    arena_init(&arena);
    return cmocka_run_group_tests(tests, NULL, done);
}
