/* Codes of authenticator apps are those of RFC 4226 and RFC 6238, each is accepted once and for a step around its own; recovery
 * codes have 60 bits, one form, and only hashes of them are compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sodium.h>

#include "base/base32.h"
#include "base/otp.h"
#include "base/recovery.h"

static const unsigned char rfc[] = "12345678901234567890";

static void base32_is_that_of_the_rfc(void **state)
{
    static const char *const pairs[][2] = { { "", "" }, { "f", "MY" }, { "fo", "MZXQ" }, { "foo", "MZXW6" }, { "foob", "MZXW6YQ" },
                                            { "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
    char text[17];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t len = strlen(pairs[i][0]);
        base32_encode((const unsigned char *)pairs[i][0], len, true, text);
        assert_string_equal(text, pairs[i][1]);
        assert_int_equal(strlen(text), BASE32_CHARS(len));
    }
    base32_encode((const unsigned char *)"foo", 3, false, text);
    assert_string_equal(text, "mzxw6");
}

static void hotp_is_that_of_the_rfc(void **state)
{
    static const char *const codes[] = { "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489" };
    char code[OTP_DIGITS + 1];
    for (size_t i = 0; i < 10; i++) {
        otp_code(rfc, i, code);
        assert_string_equal(code, codes[i]);
    }
}

static void totp_is_that_of_the_rfc(void **state)
{
    static const struct { int64_t s; const char *code; } rows[] = {   /* the last six of eight digits */
        { 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" }, { 1234567890, "005924" }, { 2000000000, "279037" },
        { 20000000000, "353130" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t step = -1;
        assert_true(otp_check(rfc, span_of(rows[i].code), rows[i].s * 1000, -1, &step));
        assert_int_equal(step, rows[i].s / 30);
    }
}

static void a_code_is_accepted_once_and_near_its_time(void **state)
{
    char code[OTP_DIGITS + 1];
    const int64_t step = 1000, now_ms = step * 30000 + 14000;
    for (int64_t off = -3; off <= 3; off++) {
        int64_t used = 0;
        otp_code(rfc, (uint64_t)(step + off), code);
        assert_int_equal(otp_check(rfc, span_of(code), now_ms, 0, &used), off >= -1 && off <= 1);
        if (used == 0)
            continue;
        assert_int_equal(used, step + off);
        assert_false(otp_check(rfc, span_of(code), now_ms, used, &used));      /* a replay */
        assert_false(otp_check(rfc, span_of(code), now_ms, step + 1, &used));  /* older than one that was used */
    }
    otp_code(rfc, (uint64_t)step, code);
    int64_t used = 0;
    char spaced[8] = { code[0], code[1], code[2], ' ', code[3], code[4], code[5] };
    assert_true(otp_check(rfc, span_of(spaced), now_ms, 0, &used));
    static const char *const bad[] = { "", "12345", "1234567", "12345a", "-12345", "１２３４５６", "000000 0" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(otp_check(rfc, span_of(bad[i]), now_ms, 0, &used));
    assert_false(otp_check(rfc, (struct span){ NULL, 0 }, now_ms, 0, &used));
    assert_false(otp_check(rfc, SPAN("755224"), -90000, -1, &used));   /* a clock before 1970 */
}

static void the_url_is_escaped(void **state)
{
    struct buf b;
    buf_init(&b, 400);
    otp_url(rfc, SPAN("Baraza África & co"), SPAN("amina.diop"), &b);
    buf_add_char(&b, '\0');
    assert_false(b.failed);
    assert_string_equal(b.at, "otpauth://totp/Baraza%20%C3%81frica%20%26%20co:amina.diop?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                              "&issuer=Baraza%20%C3%81frica%20%26%20co");
    buf_done(&b);
}

static void recovery_codes_have_one_form(void **state)
{
    char code[RECOVERY_CHARS + 1], last[RECOVERY_CHARS + 1] = "";
    unsigned char a[RECOVERY_HASH_BYTES], b[RECOVERY_HASH_BYTES];
    unsigned seen[256] = { 0 }, letters = 0;
    for (int i = 0; i < 2000; i++) {
        recovery_make(&env_real, code);
        assert_int_equal(strlen(code), RECOVERY_CHARS);
        assert_string_not_equal(code, last);
        memcpy(last, code, sizeof last);
        assert_true(code[4] == '-' && code[9] == '-');
        assert_true(recovery_hash(span_of(code), a));
        for (int k = 0; k < RECOVERY_CHARS; k++)
            seen[(unsigned char)code[k]]++;
    }
    for (int c = 0; c < 256; c++)
        letters += c != '-' && seen[c] > 500;   /* of 750 expected */
    assert_int_equal(letters, 32);   /* 12 letters of 32: 60 bits */
    assert_true(recovery_hash(SPAN("abcd-efgh-2345"), a));
    static const char *const same[] = { "ABCD-EFGH-2345", "abcdefgh2345", " abcd efgh 2345 ", "aBcD-eFgH2345" };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_true(recovery_hash(span_of(same[i]), b));
        assert_memory_equal(a, b, sizeof a);
    }
    assert_true(recovery_hash(SPAN("abcd-efgh-2346"), b));
    assert_memory_not_equal(a, b, sizeof a);
    static const char *const bad[] = { "", "123456", "abcd-efgh-234", "abcd-efgh-23456", "abcd-efgh-2348", "abcd-efgh-234é", "abcd_efgh_2345" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(recovery_hash(span_of(bad[i]), b));
    assert_false(recovery_hash((struct span){ NULL, 0 }, b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base32_is_that_of_the_rfc), cmocka_unit_test(hotp_is_that_of_the_rfc), cmocka_unit_test(totp_is_that_of_the_rfc),
        cmocka_unit_test(a_code_is_accepted_once_and_near_its_time), cmocka_unit_test(the_url_is_escaped),
        cmocka_unit_test(recovery_codes_have_one_form),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
