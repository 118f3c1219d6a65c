/* Proves that a bucket lets a burst through, then its rate, says when to come back, and forgets who is idle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/admit.h"

static void bucket_gives_burst_then_rate(void **state)
{
    struct bucket b = { 0 };
    uint32_t retry = 0;
    int64_t now = 1700000000000;

    for (int i = 0; i < 60; i++)
        assert_true(bucket_take(&b, 10, 60, now, &retry));
    assert_false(bucket_take(&b, 10, 60, now, &retry));
    assert_int_equal(retry, 100);
    assert_false(bucket_take(&b, 10, 60, now + 99, &retry));
    assert_int_equal(retry, 1);
    assert_true(bucket_take(&b, 10, 60, now + 100, &retry));
    assert_false(bucket_take(&b, 10, 60, now + 100, &retry));
    int taken = 0;
    for (int ms = 101; ms <= 10100; ms++)
        taken += bucket_take(&b, 10, 60, now + ms, &retry);
    assert_int_equal(taken, 100);
}

static void bucket_survives_a_clock_that_steps_back(void **state)
{
    struct bucket b = { 0 };
    uint32_t retry = 0;

    for (int i = 0; i < 60; i++)
        assert_true(bucket_take(&b, 10, 60, 1700000000000, &retry));
    assert_true(bucket_take(&b, 10, 60, 1600000000000, &retry));
}

static void members_have_their_own_buckets(void **state)
{
    struct admit *a = admit_new();
    uint32_t retry = 0;
    int64_t now = 1700000000000;

    for (int i = 0; i < 60; i++)
        assert_true(admit_take(a, 7, ADMIT_WRITE, now, &retry));
    assert_false(admit_take(a, 7, ADMIT_WRITE, now, &retry));
    assert_true(admit_take(a, 7, ADMIT_QUERY, now, &retry));
    assert_true(admit_take(a, 8, ADMIT_WRITE, now, &retry));
    admit_free(a);
}

static void the_table_grows_with_who_is_active_and_shrinks_again(void **state)
{
    struct admit *a = admit_new();
    uint32_t retry = 0;
    int64_t now = 1700000000000;

    for (bz_id m = 1; m <= 5000; m++)
        for (int i = 0; i < 60; i++)
            assert_true(admit_take(a, m, ADMIT_WRITE, now, &retry));
    for (bz_id m = 1; m <= 5000; m++)
        assert_false(admit_take(a, m, ADMIT_WRITE, now, &retry));
    assert_int_equal(admit_members(a), 5000);
    now += 3600 * 1000;
    for (bz_id m = 10001; m <= 30000; m++)
        assert_true(admit_take(a, m, ADMIT_SIGNAL, now + (m - 10000) * 1000, &retry));
    assert_true(admit_members(a) < 9000);
    admit_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket_gives_burst_then_rate),
        cmocka_unit_test(bucket_survives_a_clock_that_steps_back),
        cmocka_unit_test(members_have_their_own_buckets),
        cmocka_unit_test(the_table_grows_with_who_is_active_and_shrinks_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
