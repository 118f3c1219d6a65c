/* What a browser says of a passkey is believed only for what was asked, on a page of ours that is in no other, with the challenge
 * as it was given out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>

#include "wire/clientdata.h"

#define CHALLENGE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
static const char *const ours[] = { "https://baraza.example", "http://localhost:8080" };
static const struct origins origins = { ours, 2 };

static enum bz_err read_text(const char *text, bool is_new)
{
    unsigned char challenge[WEBAUTHN_CHALLENGE_BYTES];
    struct bz_error e = { 0 };
    enum bz_err rc = clientdata_read(span_of(text), is_new, &origins, challenge, &e);
    for (int i = 0; rc == BZ_OK && i < WEBAUTHN_CHALLENGE_BYTES; i++)
        assert_int_equal(challenge[i], i);
    if (rc != BZ_OK)
        assert_string_equal(e.field, "credential");
    return rc;
}

static enum bz_err get(const char *challenge, const char *origin, const char *more)
{
    char text[600];
    (void)snprintf(text, sizeof text, "{\"type\":\"webauthn.get\",\"challenge\":\"%s\",\"origin\":\"%s\"%s}", challenge, origin, more);
    return read_text(text, false);
}

static void what_we_asked_is_read(void **state)
{
    assert_int_equal(get(CHALLENGE, ours[0], ",\"crossOrigin\":false"), BZ_OK);
    assert_int_equal(get(CHALLENGE, ours[1], ""), BZ_OK);
    assert_int_equal(get(CHALLENGE, ours[0], ",\"other_keys_can_be_added_here\":\"do not compare clientDataJSON against a template\""), BZ_OK);
    assert_int_equal(read_text("{\"type\":\"webauthn.create\",\"challenge\":\"" CHALLENGE "\",\"origin\":\"https://baraza.example\"}", true), BZ_OK);
}

static void another_origin_is_refused(void **state)
{
    static const char *const theirs[] = { "https://evil.example", "http://baraza.example", "https://baraza.example:444", "https://baraza.example/",
                                          "https://baraza.example.", "https://BARAZA.example", "https://sub.baraza.example", "null", "",
                                          "https://baraza.example.evil.example", "https://baraza.example@evil.example", "http://localhost" };
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
        assert_int_equal(get(CHALLENGE, theirs[i], ""), BZ_ERR_INVALID);
    assert_int_equal(get(CHALLENGE, ours[0], ",\"crossOrigin\":true"), BZ_ERR_INVALID);
    assert_int_equal(get(CHALLENGE, ours[0], ",\"crossOrigin\":\"false\""), BZ_ERR_INVALID);
    assert_int_equal(get(CHALLENGE, ours[0], ",\"crossOrigin\":null"), BZ_ERR_INVALID);
    assert_int_equal(get(CHALLENGE, ours[0], ",\"topOrigin\":\"https://evil.example\""), BZ_ERR_INVALID);
}

static void another_act_or_challenge_is_refused(void **state)
{
    assert_int_equal(read_text("{\"type\":\"webauthn.get\",\"challenge\":\"" CHALLENGE "\",\"origin\":\"https://baraza.example\"}", true), BZ_ERR_INVALID);
    assert_int_equal(read_text("{\"type\":\"webauthn.create\",\"challenge\":\"" CHALLENGE "\",\"origin\":\"https://baraza.example\"}", false), BZ_ERR_INVALID);
    static const char *const challenges[] = { "", "AAEC", CHALLENGE "A", CHALLENGE "=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",
                                              "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh", "+/ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" };
    for (size_t i = 0; i < sizeof challenges / sizeof *challenges; i++)
        assert_int_equal(get(challenges[i], ours[0], ""), BZ_ERR_INVALID);
    static const char *const rubbish[] = { "", "{}", "[]", "null", "{", "{\"type\":\"webauthn.get\"}", "{\"type\":[],\"challenge\":1,\"origin\":{}}",
                                           "{\"type\":\"webauthn.get\",\"type\":\"webauthn.get\",\"challenge\":\"" CHALLENGE "\",\"origin\":\"https://baraza.example\"}",
                                           "{\"type\":\"webauthn.get\\u0000\",\"challenge\":\"" CHALLENGE "\",\"origin\":\"https://baraza.example\"}" };
    for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++)
        assert_int_equal(read_text(rubbish[i], false), BZ_ERR_INVALID);
    struct bz_error e = { 0 };
    unsigned char challenge[WEBAUTHN_CHALLENGE_BYTES];
    assert_int_equal(clientdata_read((struct span){ NULL, 0 }, false, &origins, challenge, &e), BZ_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_we_asked_is_read), cmocka_unit_test(another_origin_is_refused),
        cmocka_unit_test(another_act_or_challenge_is_refused),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
