/* Proves that a sign-in is seen however its name is spelled, that other escapes are not taken for one, that a batch is as many as it has,
 * and that no number of addresses gets more tries than the slots hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/net.h"
#include "net/signin.h"

/* The layer above is not linked here: the table of assets is made by the program. */
const struct asset assets[] = { { NULL, NULL, false, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } } };
const size_t assets_count = 0;

static void spellings(void **state)
{
    assert_true(signin_asked(SPAN("{\"method\":\"session.open\"}")));
    assert_true(signin_asked(SPAN("{\"method\" : \"session\\u002eopen\"}")));
    assert_true(signin_asked(SPAN("{\"method\":\"\\u0073ession\\u002Eope\\u006E\"}")));
    assert_true(signin_asked(SPAN("[\"a\\\"\",\"\\\\\",\"session.open\"]")));
    static const char *const others[] = { "invite.look", "invite.take", "passkey.enter", "password.enter", "session.code",
                                          "session.enter", "session.second", "request.create", "oidc.begin", "oidc.finish" };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "{\"method\":\"%s\"}", others[i]);
        assert_true(signin_asked(span_of(text)));
    }
    assert_false(signin_asked(SPAN("{\"method\":\"session.list\"}")));
    assert_false(signin_asked(SPAN("{\"method\":\"session.openx\"}")));
    assert_false(signin_asked(SPAN("{\"method\":\"password.enter.and.much.more\"}")));
    assert_false(signin_asked(SPAN("")));
    assert_false(signin_asked(SPAN("{\"text\":\"1 \\u003c 2 \\u0026 so on\"}")));
    assert_false(signin_asked(SPAN("{\"text\":\"try session.open\"}")));
    assert_false(signin_asked(SPAN("{\"text\":\"session.opened\"}")));
    assert_false(signin_asked(SPAN("{\"text\":\"\\\"session.open\"}")));
    assert_false(signin_asked(SPAN("\"session.open")));
    assert_false(signin_asked(SPAN("\"\\")));
    assert_false(signin_asked(SPAN("\"\\u00")));
}

/* A batch takes all its tries, or none. */
static void batches(void **state)
{
    static struct signin s;
    assert_int_equal(signin_asked(SPAN("[{\"method\":\"session.code\"},{\"method\":\"passkey.begin\"},{\"method\":\"room.list\"}]")), 2);
    assert_true(signin_take(&s, 9, 1, SIGNIN_CALLS - 10, SIGNIN_CALLS));
    assert_false(signin_take(&s, 9, 1, 11, SIGNIN_CALLS));
    assert_true(signin_take(&s, 9, 1, 10, SIGNIN_CALLS));
    assert_false(signin_take(&s, 9, 1, 1, SIGNIN_CALLS));
    assert_false(signin_take(&s, 9, 1, UINT32_MAX, SIGNIN_CALLS));
    assert_false(signin_take(&s, 10, 1, SIGNIN_CALLS + 1, SIGNIN_CALLS));
}

static void addresses(void **state)
{
    static struct signin s;
    unsigned taken = 0;
    for (int round = 0; round < 20; round++)
        for (uint64_t address = 0; address < 5000; address++)
            taken += signin_take(&s, address, 1, 1, SIGNIN_CALLS);
    assert_true(taken <= SIGNIN_SLOTS * SIGNIN_CALLS);
    assert_false(signin_take(&s, 7, 1, 1, SIGNIN_CALLS));
    assert_true(signin_take(&s, 7, 2, 1, SIGNIN_CALLS));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(spellings), cmocka_unit_test(batches), cmocka_unit_test(addresses) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
