/* Proves that a mail address has one form, whatever it was typed like, and that what could be read in two ways is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "domain/mailbox.h"

static void is(const char *typed, const char *key)
{
    char ret[MAILBOX_BYTES + 1];
    if (!mailbox_key(span_of(typed), ret))
        fail_msg("%s is refused", typed);
    assert_string_equal(ret, key);
}

static void one_address_has_one_form(void **state)
{
    is("amina@ville.example", "amina@ville.example");
    is("  Amina.Diop@Ville.EXAMPLE\t", "amina.diop@ville.example");
    is("o'neil+baraza@city.gov.example", "o'neil+baraza@city.gov.example");
    is("a@b-c.example", "a@b-c.example");
    is("amina@münchen.example", "amina@xn--mnchen-3ya.example");
    is("amina@MÜNCHEN.example", "amina@xn--mnchen-3ya.example");
    is("amina@mu\xcc\x88nchen.example", "amina@xn--mnchen-3ya.example");   /* u and a mark: the same name */
    is("amina@xn--mnchen-3ya.example", "amina@xn--mnchen-3ya.example");
    is("amina@交通.example", "amina@xn--tlqv90n.example");
}

static void what_could_be_two_is_none(void **state)
{
    static const char *const none[] = {
        "", "@", "amina", "amina@", "@ville.example", "amina@ville", "amina@ville.example.", "amina@.example", "amina@ville..example",
        ".amina@ville.example", "amina.@ville.example", "am..ina@ville.example", "amina@ville.example,b@c.example",
        "amina@ville.example;b@c.example", "amina@ville@c.example", "\"amina\"@ville.example", "amina (x)@ville.example",
        "<amina@ville.example>", "Amina <amina@ville.example>", "amina\xef\xbc\xa0ville.example", "amina@ville\xef\xbc\x8e" "example",
        "amina@ville\xe3\x80\x82" "example", "amina@\xef\xbd\x96ille.example", "\xe2\x84\xaa" "aren@ville.example", "\xc4\xb1@ville.example",
        "amina@ville.example\r\nBcc: x@y.example", "amina@ville.example\n", "amina@127.0.0.1", "amina@[127.0.0.1]", "amina@-a.example",
        "amina@a-.example", "amina@ville.1", "amina@vil le.example", "amina@ville.example\x7f",
    };
    char ret[MAILBOX_BYTES + 1];
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (mailbox_key(span_of(none[i]), ret))
            fail_msg("%s is taken as %s", none[i], ret);
    assert_false(mailbox_key(SPAN("a\0b@ville.example"), ret));
    assert_false(mailbox_key((struct span){ NULL, 0 }, ret));
}

static void lengths_have_ends(void **state)
{
    char typed[400], ret[MAILBOX_BYTES + 1];
    (void)snprintf(typed, sizeof typed, "%064d@ville.example", 7);
    assert_true(mailbox_key(span_of(typed), ret));
    (void)snprintf(typed, sizeof typed, "%065d@ville.example", 7);
    assert_false(mailbox_key(span_of(typed), ret));
    (void)snprintf(typed, sizeof typed, "a@%063d.example", 7);
    assert_true(mailbox_key(span_of(typed), ret));
    (void)snprintf(typed, sizeof typed, "a@%064d.example", 7);
    assert_false(mailbox_key(span_of(typed), ret));
    (void)snprintf(typed, sizeof typed, "a@%060d.%060d.%060d.%060d.example", 7, 7, 7, 7);
    assert_int_equal(strlen(typed), 2 + 4 * 61 + 7);
    assert_true(mailbox_key(span_of(typed), ret));
    (void)snprintf(typed, sizeof typed, "ab@%060d.%060d.%060d.%060d.examples", 7, 7, 7, 7);
    assert_false(mailbox_key(span_of(typed), ret));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_address_has_one_form),
        cmocka_unit_test(what_could_be_two_is_none),
        cmocka_unit_test(lengths_have_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
