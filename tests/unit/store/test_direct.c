/* Proves what is looked up before somebody writes to somebody: who lets them, how many conversations they began and when, and when
 * they are not new any more; that what is said in conversations of two makes nobody known; and that all of it follows from the
 * journal. */
#include "world.h"

static struct world *w;
static bz_id ana, others[14];

static int setup(void **state)
{
    w = world_hub();
    ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    join(w, ana, w->general);
    for (int i = 0; i < 14; i++) {
        char handle[20];
        (void)snprintf(handle, sizeof handle, "m%d", i);
        others[i] = add_member(w, handle, handle, ROLE_MEMBER);
        join(w, others[i], w->general);
    }
    return 0;
}

static int teardown(void **state)
{
    world_free(w);
    return 0;
}

static enum bz_err write_to(bz_id by, bz_id member)
{
    struct bz_error e = { 0 };
    bz_id id = 0;
    const struct command cmd = { .kind = COMMAND_DIRECT_OPEN, .actor = by, .member = member, .text = SPAN("a word") };
    enum bz_err rc = world_try(w, &cmd, &id, &e);
    assert_true(rc != BZ_ERR_SLOW || (e.retry_after_ms > 0 && e.retry_after_ms <= 86400000));
    return rc;
}

#define HOUR_MS 3600000

static void a_member_begins_so_many(void **state)
{
    for (int i = 0; i < 3; i++)
        assert_int_equal(write_to(ana, others[i]), BZ_OK);
    assert_int_equal(write_to(ana, others[3]), BZ_ERR_SLOW);
    assert_int_equal(write_to(ana, others[0]), BZ_OK);   /* that one is there */
    w->clock_ms += HOUR_MS;
    assert_int_equal(write_to(ana, others[3]), BZ_ERR_SLOW);   /* she is new */
    for (int i = 0; i < 3; i++)
        (void)add_post(w, ana, w->lobby, "for all to read");
    assert_int_equal(write_to(ana, others[3]), BZ_ERR_SLOW);
    world_personal(w, (struct command){ .kind = COMMAND_READ_MARK, .actor = w->admin, .thread = w->lobby, .seq = 1 << 30 });
    for (int i = 3; i < 10; i++) {
        if (i % 3 == 0 && i > 3)
            w->clock_ms += HOUR_MS;
        assert_int_equal(write_to(ana, others[i]), BZ_OK);
    }
    w->clock_ms += HOUR_MS;
    assert_int_equal(write_to(ana, others[10]), BZ_ERR_SLOW);   /* ten in a day */
    w->clock_ms += 24 * HOUR_MS;
    assert_int_equal(write_to(ana, others[10]), BZ_OK);
}

static void words_between_two_make_nobody_known(void **state)
{
    assert_int_equal(write_to(ana, w->admin), BZ_OK);
    bz_id thread = w->extra;
    for (int i = 0; i < 5; i++)
        (void)add_post(w, ana, thread, "between us");
    world_personal(w, (struct command){ .kind = COMMAND_READ_MARK, .actor = w->admin, .thread = thread, .seq = 1 << 30 });
    assert_int_equal(write_to(ana, others[0]), BZ_OK);
    assert_int_equal(write_to(ana, others[1]), BZ_OK);
    w->clock_ms += HOUR_MS;
    assert_int_equal(write_to(ana, others[2]), BZ_ERR_SLOW);
    /* Who moderates is known. */
    for (int i = 0; i < 3; i++)
        assert_int_equal(write_to(w->admin, others[i]), BZ_OK);
    w->clock_ms += HOUR_MS;
    assert_int_equal(write_to(w->admin, others[3]), BZ_OK);
}

static void it_is_for_each_to_say(void **state)
{
    bz_id far = world_do(w, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("far"), .name = SPAN("Far"), .role = ROLE_MEMBER });
    bz_id near = add_member(w, "near", "Near", ROLE_MEMBER);
    static const struct { enum from from; enum bz_err far, near, ana; } ways[] = {
        { FROM_NOBODY, BZ_ERR_FORBIDDEN, BZ_ERR_FORBIDDEN, BZ_ERR_FORBIDDEN },
        { FROM_ROOMS, BZ_ERR_FORBIDDEN, BZ_ERR_FORBIDDEN, BZ_OK },
        { FROM_REGION, BZ_ERR_FORBIDDEN, BZ_OK, BZ_OK },
        { FROM_ALL, BZ_OK, BZ_OK, BZ_OK },
    };
    for (int i = 0; i < 4; i++) {
        world_personal(w, (struct command){ .kind = COMMAND_DIRECT_SET, .actor = others[i], .from = ways[i].from });
        assert_int_equal(write_to(far, others[i]), ways[i].far);
        assert_int_equal(write_to(near, others[i]), ways[i].near);
        assert_int_equal(write_to(ana, others[i]), ways[i].ana);
        enum from from;
        struct bz_error e = { 0 };
        must(query_direct_from(look(w), (struct viewer){ others[i], ROLE_MEMBER }, &from, &e), &e);
        assert_int_equal(from, ways[i].from);
    }
    /* A conversation that began is no room in common. */
    assert_int_equal(write_to(far, others[3]), BZ_OK);
    world_personal(w, (struct command){ .kind = COMMAND_MEMBER_BLOCK, .actor = others[1], .member = ana, .on = true });
    assert_int_equal(write_to(ana, others[1]), BZ_ERR_FORBIDDEN);
    assert_int_equal(write_to(others[1], ana), BZ_ERR_CONFLICT);
    assert_int_equal(write_to(others[3], far), BZ_OK);
    assert_int_equal(write_to(others[2], far), BZ_ERR_FORBIDDEN);
}

static void it_replays_the_same(void **state)
{
    unsigned char before[32], after[32];
    struct bz_error e = { 0 };
    int64_t count;
    assert_int_equal(write_to(ana, others[0]), BZ_OK);
    bz_id thread = w->extra, post = add_post(w, others[0], thread, "https://example.org/ is between us");
    (void)world_do(w, (struct command){ .kind = COMMAND_DIRECT_OPEN, .actor = ana, .member = others[0], .text = SPAN("about this"), .to_thread = w->lobby });
    (void)world_do(w, (struct command){ .kind = COMMAND_REPORT_CREATE, .actor = ana, .post = post, .rule = SPAN("rude") });
    redact(w, others[0], post);
    must(store_digest(w->db, before, &e), &e);
    must(store_rebuild(w->db, &count, &e), &e);
    must(store_digest(w->db, after, &e), &e);
    assert_memory_equal(before, after, sizeof before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_member_begins_so_many, setup, teardown),
        cmocka_unit_test_setup_teardown(words_between_two_make_nobody_known, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_for_each_to_say, setup, teardown),
        cmocka_unit_test_setup_teardown(it_replays_the_same, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
