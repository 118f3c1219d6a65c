/* A passkey that was made for this site by somebody who was there is taken, and signs its owner in; whatever else somebody sends in
 * its place is refused for its own reason: another site, nobody there, nobody checked, another key, a copy, rubbish. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cbor.h"
#include "unit/base/passkey_maker.h"

#define SITE "baraza.example"
enum { UP = 1, UV = 4, BE = 8, BS = 16, AT = 64, ED = 128 };

static EVP_PKEY *keys[4];

static enum webauthn_flaw make_new(enum maker_kind kind, const char *site, unsigned flags, const char *behind, size_t behind_len)
{
    struct buf data, object;
    struct webauthn_key made = { 0 };
    buf_init(&data, 4096);
    buf_init(&object, 4096);
    put_data(&data, site, flags, 7);
    if ((flags & AT) != 0)
        put_credential(&data, "a-credential-id", keys[kind], kind);
    buf_add(&data, behind, behind_len);
    put_attestation(&object, buf_span(&data));
    enum webauthn_flaw flaw = webauthn_new(buf_span(&object), SPAN(SITE), &made);
    if (flaw == WEBAUTHN_NONE) {
        assert_true(span_is(made.id, "a-credential-id"));
        assert_int_equal(made.counter, 7);
        assert_true(made.key.len <= WEBAUTHN_KEY_BYTES);
    }
    buf_done(&data);
    buf_done(&object);
    return flaw;
}

static void a_new_passkey_is_taken(void **state)
{
    for (enum maker_kind kind = MAKER_ES256; kind <= MAKER_RS256; kind++) {
        assert_int_equal(make_new(kind, SITE, UP | UV | AT, "", 0), WEBAUTHN_NONE);
        assert_int_equal(make_new(kind, SITE, UP | UV | BE | BS | AT, "", 0), WEBAUTHN_NONE);
        assert_int_equal(make_new(kind, SITE, UP | UV | AT | ED, "\xa1\x61x\xf5", 4), WEBAUTHN_NONE);
    }
}

static void a_new_passkey_is_refused_for_its_own_reason(void **state)
{
    assert_int_equal(make_new(MAKER_ES256, "evil.example", UP | UV | AT, "", 0), WEBAUTHN_SITE);
    assert_int_equal(make_new(MAKER_ES256, "sub." SITE, UP | UV | AT, "", 0), WEBAUTHN_SITE);
    assert_int_equal(make_new(MAKER_ES256, SITE, UV | AT, "", 0), WEBAUTHN_ABSENT);
    assert_int_equal(make_new(MAKER_ES256, SITE, UP | AT, "", 0), WEBAUTHN_UNVERIFIED);
    assert_int_equal(make_new(MAKER_ES256, SITE, UP | UV | BS | AT, "", 0), WEBAUTHN_FORM);   /* backed up, but may not be */
    assert_int_equal(make_new(MAKER_ES256, SITE, UP | UV, "", 0), WEBAUTHN_FORM);             /* no key */
    assert_int_equal(make_new(MAKER_RSA1024, SITE, UP | UV | AT, "", 0), WEBAUTHN_ALGORITHM);
    assert_int_equal(make_new(MAKER_ES256, SITE, UP | UV | AT, "x", 1), WEBAUTHN_FORM);        /* more behind it */
    assert_int_equal(make_new(MAKER_ES256, SITE, UP | UV | AT | ED, "", 0), WEBAUTHN_FORM);    /* less */
    assert_int_equal(make_new(MAKER_ES256, SITE, UP | UV | AT | ED, "\x01", 1), WEBAUTHN_FORM);
    assert_int_equal(make_new(MAKER_ES256, SITE, UP | UV | AT | ED, "\xa1\x61x", 3), WEBAUTHN_FORM);
}

/* Each prefix of a right one, each single bit of it turned: never taken as another one, never read beyond. */
static void a_new_passkey_is_whole_or_nothing(void **state)
{
    struct buf data, object;
    struct webauthn_key made;
    buf_init(&data, 4096);
    buf_init(&object, 4096);
    put_data(&data, SITE, UP | UV | AT, 0);
    put_credential(&data, "id", keys[MAKER_ES256], MAKER_ES256);
    put_attestation(&object, buf_span(&data));
    for (size_t len = 0; len < object.len; len++) {
        char *part = malloc(len > 0 ? len : 1);
        memcpy(part, object.at, len);
        assert_int_equal(webauthn_new((struct span){ part, len }, SPAN(SITE), &made), WEBAUTHN_FORM);
        free(part);
    }
    size_t taken = 0;
    for (size_t bit = 0; bit < object.len * 8; bit++) {
        object.at[bit / 8] = (char)(object.at[bit / 8] ^ 1 << bit % 8);
        taken += webauthn_new(buf_span(&object), SPAN(SITE), &made) == WEBAUTHN_NONE;
        object.at[bit / 8] = (char)(object.at[bit / 8] ^ 1 << bit % 8);
    }
    /* "none" and its model, counter, id and unused flags may be others; no bit of the key's 64 bytes may */
    assert_in_range(taken, 1, 4 * 8 + 16 * 8 + 4 * 8 + 2 * 8 + 8);
    assert_int_equal(webauthn_new((struct span){ NULL, 0 }, SPAN(SITE), &made), WEBAUTHN_FORM);
    buf_done(&data);
    buf_done(&object);
}

struct attempt { const char *site; unsigned flags; uint32_t counter, before; EVP_PKEY *by; const char *behind; bool is_altered; };

static enum webauthn_flaw sign_in(enum maker_kind kind, const struct attempt *a)
{
    struct buf data, key;
    unsigned char signature[512];
    uint32_t counter = 12345;
    const struct span client = SPAN("{\"type\":\"webauthn.get\"}");
    buf_init(&data, 4096);
    buf_init(&key, 4096);
    put_cose(&key, keys[kind], kind);
    put_data(&data, a->site, a->flags, a->counter);
    buf_add_text(&data, a->behind == NULL ? "" : a->behind);
    size_t len = maker_sign(a->by == NULL ? keys[kind] : a->by, kind, buf_span(&data), client, signature);
    struct webauthn_proof proof = { buf_span(&data), a->is_altered ? SPAN("{\"type\":\"webauthn.got\"}") : client,
                                    { (const char *)signature, len } };
    enum webauthn_flaw flaw = webauthn_check(&proof, SPAN(SITE), buf_span(&key), a->before, &counter);
    assert_int_equal(counter, flaw == WEBAUTHN_NONE ? a->counter : 12345);
    buf_done(&data);
    buf_done(&key);
    return flaw;
}

static void a_sign_in_is_taken_or_refused_for_its_own_reason(void **state)
{
    for (enum maker_kind kind = MAKER_ES256; kind <= MAKER_RS256; kind++) {
        EVP_PKEY *other = maker_key(kind);
        const struct { struct attempt a; enum webauthn_flaw flaw; } rows[] = {
            { { .site = SITE, .flags = UP | UV, .counter = 8, .before = 7 }, WEBAUTHN_NONE },
            { { .site = SITE, .flags = UP | UV | BE | BS }, WEBAUTHN_NONE },   /* one that does not count */
            { { .site = SITE, .flags = UP | UV | ED, .behind = "\xa1\x61x\xf5" }, WEBAUTHN_NONE },
            { { .site = SITE, .flags = UP | UV, .counter = 7, .before = 7 }, WEBAUTHN_CLONED },
            { { .site = SITE, .flags = UP | UV, .counter = 6, .before = 7 }, WEBAUTHN_CLONED },
            { { .site = SITE, .flags = UP | UV, .counter = 0, .before = 7 }, WEBAUTHN_CLONED },
            { { .site = "evil.example", .flags = UP | UV }, WEBAUTHN_SITE },
            { { .site = SITE, .flags = UV }, WEBAUTHN_ABSENT },
            { { .site = SITE, .flags = UP }, WEBAUTHN_UNVERIFIED },
            { { .site = SITE, .flags = UP | UV | BS }, WEBAUTHN_FORM },
            { { .site = SITE, .flags = UP | UV | AT }, WEBAUTHN_FORM },
            { { .site = SITE, .flags = UP | UV, .behind = "more" }, WEBAUTHN_FORM },
            { { .site = SITE, .flags = UP | UV, .by = other }, WEBAUTHN_SIGNATURE },
            { { .site = SITE, .flags = UP | UV, .is_altered = true }, WEBAUTHN_SIGNATURE },
        };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            assert_int_equal(sign_in(kind, &rows[i].a), rows[i].flaw);
        EVP_PKEY_free(other);
    }
}

/* What was stored, or what comes, is rubbish: refused, and nothing is read beyond its end. */
static void rubbish_is_refused(void **state)
{
    struct buf data, key;
    unsigned char signature[512];
    uint32_t counter;
    const struct span client = SPAN("{}");
    buf_init(&data, 4096);
    buf_init(&key, 4096);
    put_cose(&key, keys[MAKER_ES256], MAKER_ES256);
    put_data(&data, SITE, UP | UV, 0);
    size_t len = maker_sign(keys[MAKER_ES256], MAKER_ES256, buf_span(&data), client, signature);
    struct webauthn_proof proof = { buf_span(&data), client, { (const char *)signature, len } };
    assert_int_equal(webauthn_check(&proof, SPAN(SITE), buf_span(&key), 0, &counter), WEBAUTHN_NONE);
    for (size_t cut = 0; cut < key.len; cut++)
        assert_int_equal(webauthn_check(&proof, SPAN(SITE), (struct span){ key.at, cut }, 0, &counter), WEBAUTHN_FORM);
    for (size_t cut = 0; cut < len; cut++) {
        proof.signature.len = cut;
        assert_int_equal(webauthn_check(&proof, SPAN(SITE), buf_span(&key), 0, &counter), WEBAUTHN_SIGNATURE);
    }
    for (size_t bit = 0; bit < len * 8; bit++) {
        signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
        proof.signature.len = len;
        assert_int_equal(webauthn_check(&proof, SPAN(SITE), buf_span(&key), 0, &counter), WEBAUTHN_SIGNATURE);
        signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    key.at[key.len - 1] ^= 1;   /* no point of the curve */
    assert_int_equal(webauthn_check(&proof, SPAN(SITE), buf_span(&key), 0, &counter), WEBAUTHN_ALGORITHM);
    for (size_t cut = 0; cut < data.len; cut++) {
        proof.data.len = cut;
        assert_int_equal(webauthn_check(&proof, SPAN(SITE), buf_span(&key), 0, &counter), WEBAUTHN_FORM);
    }
    proof.data = (struct span){ NULL, 0 };
    assert_int_equal(webauthn_check(&proof, SPAN(SITE), buf_span(&key), 0, &counter), WEBAUTHN_FORM);
    buf_done(&data);
    buf_done(&key);
}

static void cbor_has_one_spelling(void **state)
{
    static const struct { const char *at; size_t len; int64_t n; } good[] = {
        { "\x00", 1, 0 }, { "\x17", 1, 23 }, { "\x18\x18", 2, 24 }, { "\x19\x01\x00", 3, 256 }, { "\x20", 1, -1 }, { "\x39\x01\x00", 3, -257 },
        { "\x1b\x7f\xff\xff\xff\xff\xff\xff\xff", 9, INT64_MAX }, { "\x3b\x7f\xff\xff\xff\xff\xff\xff\xff", 9, INT64_MIN } };
    static const struct { const char *at; size_t len; } bad[] = {
        { "", 0 }, { "\x18\x17", 2 }, { "\x19\x00\xff", 3 }, { "\x1a\x00\x00\xff\xff", 5 }, { "\x1b\x00\x00\x00\x00\xff\xff\xff\xff", 9 }, { "\x18", 1 },
        { "\x1b\x80\x00\x00\x00\x00\x00\x00\x00", 9 }, { "\x1c", 1 }, { "\x1f", 1 }, { "\x40", 1 }, { "\xf5", 1 } };
    int64_t n;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct cbor c = { { good[i].at, good[i].len }, 0 };
        assert_true(cbor_int(&c, &n));
        assert_true(n == good[i].n && c.pos == good[i].len);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cbor c = { { bad[i].at, bad[i].len }, 0 };
        assert_false(cbor_int(&c, &n));
    }
    static const struct { const char *at; size_t len; bool is_good; } items[] = {
        { "\x82\x01\x61x", 4, true }, { "\xa1\x01\x80", 3, true }, { "\xc1\x01", 2, true }, { "\xfb\x00\x00\x00\x00\x00\x00\x00\x00", 9, true },
        { "\x5f\x41x\xff", 4, false }, { "\x9f\xff", 2, false }, { "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9, false }, { "\xa1\x01", 2, false },
        { "\x81\x81\x81\x81\x81\x81\x01", 7, true }, { "\x81\x81\x81\x81\x81\x81\x81\x01", 8, false }, { "\x7a\xff\xff\xff\xff", 5, false } };
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        struct cbor c = { { items[i].at, items[i].len }, 0 };
        assert_int_equal(cbor_skip(&c), items[i].is_good);
    }
}

static void every_flaw_has_words(void **state)
{
    for (enum webauthn_flaw flaw = WEBAUTHN_NONE; flaw <= WEBAUTHN_CLONED; flaw++)
        assert_non_null(webauthn_flaw_text(flaw));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_passkey_is_taken), cmocka_unit_test(a_new_passkey_is_refused_for_its_own_reason),
        cmocka_unit_test(a_new_passkey_is_whole_or_nothing), cmocka_unit_test(a_sign_in_is_taken_or_refused_for_its_own_reason),
        cmocka_unit_test(rubbish_is_refused), cmocka_unit_test(cbor_has_one_spelling), cmocka_unit_test(every_flaw_has_words),
    };
    if (sodium_init() < 0)
        return 1;
    for (enum maker_kind kind = MAKER_ES256; kind <= MAKER_RSA1024; kind++)
        keys[kind] = maker_key(kind);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    for (enum maker_kind kind = MAKER_ES256; kind <= MAKER_RSA1024; kind++)
        EVP_PKEY_free(keys[kind]);
    return rc;
}
