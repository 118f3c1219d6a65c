/* Proves what the secretariat is told of each week, to whom, and that others are told nothing. */
#include "world.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

struct seen { size_t count; struct week_row rows[4 * DESK_WEEKS]; };
static void on_week(void *ctx, const struct week_row *row)
{
    struct seen *s = ctx;
    s->rows[s->count++] = *row;
}

static struct seen weeks(bz_id viewer, enum role role, enum bz_err want)
{
    struct seen s = { 0 };
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    assert_int_equal(query_weeks(w->db, (struct viewer){ viewer, role }, w->clock_ms, on_week, &s, &e), want);
    db_rollback(w->db);
    return s;
}

static void the_weeks_are_counted(void **state)
{
    (void)state;
    int64_t began_ms = w->clock_ms;
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER), ben = add_member(w, "ben", "Ben", ROLE_MEMBER);
    w->clock_ms += 40 * DAY_MS;
    int64_t asked_ms = w->clock_ms;
    bz_id question = add_thread(w, ana, w->general, "When?", "When is it?");
    w->clock_ms += 3600 * 1000;
    bz_id answer = add_post(w, ben, question, "At ten");
    (void)add_post(w, ana, question, "Thanks");
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_ANSWER, .actor = ana, .thread = question, .post = answer });
    w->clock_ms += 35 * DAY_MS;
    struct seen s = weeks(w->admin, ROLE_ADMIN, BZ_OK);
    assert_int_equal(s.count, 2 * DESK_WEEKS);
    const struct week_row *last = &s.rows[DESK_WEEKS - 1];
    assert_int_equal(last->region, 0);
    assert_true(last->at_ms <= w->clock_ms && last->at_ms > w->clock_ms - 7 * DAY_MS);
    assert_int_equal(last->members, 3);
    assert_int_equal(last->active, 0);
    assert_int_equal(last->first_ms, -1);
    const struct week_row *then = last;
    while (then->at_ms > asked_ms)
        then--;
    assert_int_equal(then->posts, 3);
    assert_int_equal(then->active, 2);
    assert_int_equal(then->questions, 1);
    assert_int_equal(then->answered, 1);
    assert_true(then->first_ms >= 3600 * 1000 && then->first_ms < 3600 * 1000 + 100);
    assert_int_equal(then->accepted_ms, then->first_ms);
    assert_int_equal((then - 1)->posts, 0);
    assert_int_equal((then + 3)->active, 2);
    assert_int_equal((then - 1)->active, 0);
    assert_int_equal(s.rows[0].members, s.rows[0].at_ms + 7 * DAY_MS > began_ms ? 3 : 0);
    const struct week_row *region = then + DESK_WEEKS;
    assert_int_equal(region->region, w->region);
    assert_int_equal(region->posts, 3);
    assert_int_equal(region->questions, 1);
    assert_int_equal(region->active, 2);
    (void)weeks(ana, ROLE_MEMBER, BZ_ERR_FORBIDDEN);
    (void)world_do(w, (struct command){ .kind = COMMAND_MEMBER_ROLE, .actor = w->admin, .member = ana, .region = w->region, .role = ROLE_ADMIN });
    s = weeks(ana, ROLE_MEMBER, BZ_OK);
    assert_int_equal(s.count, DESK_WEEKS);
    assert_int_equal(s.rows[0].region, w->region);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(the_weeks_are_counted, setup, teardown) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
