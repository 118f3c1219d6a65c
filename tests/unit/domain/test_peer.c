/* Proves that a score is what its table says and nothing else: computed by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "domain/peer.h"

static struct peer_signs with(enum peer_sign sign, int64_t count)
{
    struct peer_signs signs = { { 0 } };
    signs.count[sign] = count;
    return signs;
}

static void test_weights(void **state)
{
    (void)state;
    static const struct { enum peer_sign sign; const char *wire; int64_t weight, most; int is_of_matter; } rows[] = {
        { PEER_CAN_THEME, "can_theme", 40, 2, 1 }, { PEER_CAN, "can", 15, 3, 1 }, { PEER_ACCEPTED, "accepted", 30, 3, 1 },
        { PEER_POSTS, "posts", 4, 5, 1 }, { PEER_RESOURCES, "resources", 15, 2, 1 }, { PEER_THEME, "theme", 20, 2, 1 },
        { PEER_CITY, "city", 25, 1, 1 }, { PEER_SIZE, "size", 12, 1, 0 }, { PEER_LANGUAGE, "language", 10, 1, 0 },
        { PEER_REGION, "region", 5, 1, 0 },
    };
    assert_int_equal(sizeof rows / sizeof *rows, PEER_SIGNS);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(peer_sign_wire(rows[i].sign), rows[i].wire);
        for (int64_t n = 0; n <= rows[i].most + 3; n++) {
            struct peer_signs signs = with(rows[i].sign, n);
            assert_int_equal(peer_score(&signs), rows[i].weight * (n < rows[i].most ? n : rows[i].most));
            assert_int_equal(peer_is_of_matter(&signs), rows[i].is_of_matter && n > 0);
        }
    }
}

static void test_sum(void **state)
{
    (void)state;
    struct peer_signs signs = { { 0 } };
    assert_int_equal(peer_score(&signs), 0);
    signs.count[PEER_CAN_THEME] = 1;
    signs.count[PEER_ACCEPTED] = 2;
    signs.count[PEER_POSTS] = 90;
    signs.count[PEER_LANGUAGE] = 1;
    assert_int_equal(peer_score(&signs), 40 + 60 + 20 + 10);
    assert_int_equal(peer_city_score(130, 1), 130);
    assert_int_equal(peer_city_score(130, 3), 140);
    assert_int_equal(peer_city_score(130, 5), 150);
    assert_int_equal(peer_city_score(130, 50), 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_weights), cmocka_unit_test(test_sum) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
