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

static struct facts with_file(void)
{
    struct facts f = facts_usual();
    f.files_count = 1;
    f.files[0] = (struct file_facts){ .state = UPLOAD_COMPLETE, .name = SPAN("a.pdf"),
                                      .blob = { .bytes = 10, .type = SPAN("application/pdf") } };
    return f;
}

static void test_promote(void **state)
{
    (void)state;
    /* Proves that a resource is made of what the post has, in its room, within what its maker and the room may keep. */
    struct facts f = with_file();
    struct command cmd = command_usual(COMMAND_RESOURCE_PROMOTE);
    cmd.fields = SPAN("{\"year\":2024}");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 2);
    assert_int_equal(decision.id, 100);
    assert_int_equal(decision.extra, 101);
    assert_body(&decision.entries[0], "{\"title\":\"Title\",\"type\":\"resource\",\"lang\":\"en\",\"fields\":{\"year\":2024},\"from\":\"africa-40\"}");
    assert_non_null(memmem(decision.entries[1].body.at, decision.entries[1].body.len, "\"name\":\"a.pdf\"", 14));
    assert_int_equal(decision.entries[1].thread, 100);
    f.own_bytes = 91;
    f.own_bytes_max = 100;
    assert_int_equal(run(&f, &cmd), BZ_ERR_TOO_LARGE);
    f.own_bytes = 90;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    f.room_bytes = 91;
    f.room_bytes_max = 100;
    assert_int_equal(run(&f, &cmd), BZ_ERR_TOO_LARGE);
    f.room_bytes_max = 0;
    f.is_new = true;
    f.room.set.new_files = LINKS_HOLD;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_ASK);
    assert_non_null(memmem(decision.entries[0].body.at, decision.entries[0].body.len, "\"from\":\"africa-40\"", 18));
    f = facts_usual();
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "file");
    f.post.text = SPAN("see www.a.example/x");
    cmd.url = SPAN("http://www.a.example/x");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    cmd.url = SPAN("https://www.a.example/x");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "url");
}

static void test_versions(void **state)
{
    (void)state;
    /* Proves that a resource's author and moderators give it a new version, of one file. */
    struct facts f = with_file();
    struct command cmd = command_usual(COMMAND_POST_CREATE);
    struct file_ref ref = { .upload = SPAN("00000000000000000000000000000000") };
    cmd.reply_to = 0;
    cmd.files = (struct file_refs){ &ref, 1 };
    cmd.is_version = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.thread.kind = THREAD_KIND_RESOURCE;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
    f.thread.author = 10;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_non_null(memmem(decision.entries[0].body.at, decision.entries[0].body.len, "\"version\":true", 14));
    f.files_count = cmd.files.count = 0;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "files");
}

static void test_themes(void **state)
{
    (void)state;
    /* Proves the tree of two levels, and that only what changes is said. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_THEME_SET);
    f.actor.role = f.actor.hub_role = ROLE_MODERATOR;
    cmd.slug = SPAN("ferries");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    cmd.names = SPAN("{\"en\":\"Ferries\"}");
    cmd.parent = SPAN("public-transport");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "parent");
    f.theme.parent_is_top = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].room, 0);
    assert_body(&decision.entries[0], "{\"slug\":\"ferries\",\"parent\":\"public-transport\",\"names\":{\"en\":\"Ferries\"}}");
    f.shelf_count = BZ_LIMIT_THEMES_MAX;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.theme.is_there = true;
    f.theme.parent = cmd.parent;
    cmd.sets = SETS_RETIRED;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"slug\":\"ferries\",\"retired\":true}");
    f.theme.is_retired = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    f.theme.has_children = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.actor.hub_role = ROLE_MEMBER;   /* of a region alone */
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
}

static void test_collections(void **state)
{
    (void)state;
    /* Proves what a collection's entries say, and in whose chain they stand. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_COLLECTION_CREATE);
    f.actor.role = f.role_there = ROLE_MODERATOR;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.id, 100);
    assert_int_equal(decision.entries[0].room, 0);
    assert_body(&decision.entries[0], "{\"region\":\"africa-2\",\"title\":\"Title\"}");
    f.shelf_count = BZ_LIMIT_COLLECTIONS_MAX;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    cmd.kind = COMMAND_COLLECTION_SET;
    cmd.about = SPAN("");
    cmd.title = f.collection.title;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"about\":\"\"}");
    cmd.kind = COMMAND_COLLECTION_PUT;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.thread.kind = THREAD_KIND_RESOURCE;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].room, 20);
    assert_int_equal(decision.entries[0].thread, 30);
    assert_int_equal(decision.entries[0].subject, 70);
    assert_body(&decision.entries[0], "{\"on\":true}");
    f.collection.has_thread = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    f.collection.is_retired = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    cmd.on = false;   /* what is in it may go */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"on\":false}");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_fields), cmocka_unit_test(test_fields_are_judged),
        cmocka_unit_test(test_promote), cmocka_unit_test(test_versions), cmocka_unit_test(test_themes), cmocka_unit_test(test_collections) };
    arena_init(&arena);
    return cmocka_run_group_tests(tests, NULL, done);
}
