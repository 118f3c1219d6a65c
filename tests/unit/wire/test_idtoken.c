/* A token that the provider signed for this sign-in is believed, by each of three kinds of keys; whatever else comes in its place is
 * refused for its own reason: another kind of signature, another key, issuer, site, time or sign-in, rubbish. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "wire/idtoken.h"

#define NOW_S 1800000000
#define ISSUER "https://id.example"
#define CLIENT "baraza"
#define NONCE "the-nonce-of-this-sign-in"

enum maker { RS, ES, ED, OTHER_RS, MAKERS };
static EVP_PKEY *keys[MAKERS];
static char jwks[8192];

static void put_b64(struct buf *b, const void *at, size_t len)
{
    size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = malloc(room);
    buf_add_text(b, sodium_bin2base64(text, room, at, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
    free(text);
}

static void put_bn(struct buf *b, EVP_PKEY *key, const char *name, size_t len)
{
    BIGNUM *n = NULL;
    unsigned char bytes[512];
    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &n), 1);
    if (len == 0)
        len = (size_t)BN_num_bytes(n);
    assert_int_equal(BN_bn2binpad(n, bytes, (int)len), (int)len);
    put_b64(b, bytes, len);
    BN_free(n);
}

static void put_key(struct buf *b, enum maker kind, const char *kid, const char *more)
{
    buf_printf(b, "{\"kid\":\"%s\",%s", kid, more);
    if (kind == ES) {
        buf_add_text(b, "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"");
        put_bn(b, keys[kind], OSSL_PKEY_PARAM_EC_PUB_X, 32);
        buf_add_text(b, "\",\"y\":\"");
        put_bn(b, keys[kind], OSSL_PKEY_PARAM_EC_PUB_Y, 32);
    } else if (kind == ED) {
        unsigned char raw[32];
        size_t len = sizeof raw;
        assert_int_equal(EVP_PKEY_get_raw_public_key(keys[kind], raw, &len), 1);
        buf_add_text(b, "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"");
        put_b64(b, raw, len);
    } else {
        buf_add_text(b, "\"kty\":\"RSA\",\"n\":\"");
        put_bn(b, keys[kind], OSSL_PKEY_PARAM_RSA_N, 0);
        buf_add_text(b, "\",\"e\":\"AQAB");
    }
    buf_add_text(b, "\"}");
}

static void put_signature(struct buf *b, enum maker kind, struct span text)
{
    unsigned char raw[1024], der[256];
    size_t len = sizeof raw;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, kind == ED ? NULL : EVP_sha256(), NULL, keys[kind]), 1);
    assert_int_equal(EVP_DigestSign(ctx, raw, &len, (const unsigned char *)text.at, text.len), 1);
    EVP_MD_CTX_free(ctx);
    if (kind == ES) {
        const unsigned char *at = memcpy(der, raw, len);
        ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
        assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32), 32);
        assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32), 32);
        ECDSA_SIG_free(sig);
        len = 64;
    }
    put_b64(b, raw, len);
}

static void make(struct buf *b, enum maker kind, const char *head, const char *claims)
{
    buf_init(b, 65536);
    put_b64(b, head, strlen(head));
    buf_add_char(b, '.');
    put_b64(b, claims, strlen(claims));
    struct buf text;
    buf_init(&text, 65536);
    buf_add_span(&text, buf_span(b));
    buf_add_char(b, '.');
    put_signature(b, kind, buf_span(&text));
    buf_done(&text);
}

static struct arena arena;
static const struct idtoken_rules rules = { SPAN(ISSUER), SPAN(CLIENT), SPAN(NONCE), SPAN("an-access-token"), (int64_t)NOW_S * 1000 };

static enum idtoken_flaw judge(enum maker kind, const char *head, const char *claims, struct identity *ret)
{
    struct buf token;
    make(&token, kind, head, claims);
    arena_done(&arena);
    enum idtoken_flaw flaw = idtoken_check(buf_span(&token), span_of(jwks), &rules, &arena, ret);
    buf_done(&token);
    return flaw;
}

#define USUAL "\"iss\":\"" ISSUER "\",\"sub\":\"s1\",\"aud\":\"" CLIENT "\",\"exp\":1800000300,\"iat\":1800000000,\"nonce\":\"" NONCE "\""
#define RS_HEAD "{\"alg\":\"RS256\",\"kid\":\"rs\"}"

static enum idtoken_flaw say(const char *claims)
{
    struct identity who;
    return judge(RS, RS_HEAD, claims, &who);
}

static void a_token_is_believed(void **state)
{
    static const char *const heads[] = { RS_HEAD, "{\"alg\":\"ES256\",\"kid\":\"es\",\"typ\":\"JWT\"}", "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}" };
    struct identity who;
    for (enum maker kind = RS; kind <= ED; kind++)
        for (int i = 0; i < 300; i++) {   /* numbers with zeros before them too */
            char claims[512];
            (void)snprintf(claims, sizeof claims, "{" USUAL ",\"i\":%d,\"email\":\"Ana@Example.ORG\",\"email_verified\":true,\"name\":\"Ana\"}", i);
            assert_int_equal(judge(kind, heads[kind], claims, &who), IDTOKEN_NONE);
            assert_true(span_is(who.subject, "s1") && span_is(who.email, "ana@example.org") && who.is_verified && span_is(who.name, "Ana"));
            if (kind == RS)
                break;
        }
    assert_int_equal(judge(ES, "{\"alg\":\"ES256\"}", "{" USUAL "}", &who), IDTOKEN_NONE);   /* without a kid: the one that fits */
    assert_true(who.email.at == NULL && who.name.at == NULL && !who.is_verified);
    assert_int_equal(say("{" USUAL ",\"azp\":\"" CLIENT "\"}"), IDTOKEN_NONE);
    assert_int_equal(judge(RS, RS_HEAD, "{" USUAL ",\"email\":\"a@b.example\",\"email_verified\":\"true\"}", &who), IDTOKEN_NONE);
    assert_false(who.is_verified);   /* a word is no promise */
}

static void another_signature_is_refused(void **state)
{
    struct identity who;
    assert_int_equal(judge(RS, "{\"alg\":\"none\",\"kid\":\"rs\"}", "{" USUAL "}", &who), IDTOKEN_ALGORITHM);
    assert_int_equal(judge(RS, "{\"alg\":\"HS256\",\"kid\":\"rs\"}", "{" USUAL "}", &who), IDTOKEN_ALGORITHM);
    assert_int_equal(judge(RS, "{\"alg\":\"RS512\",\"kid\":\"rs\"}", "{" USUAL "}", &who), IDTOKEN_ALGORITHM);
    assert_int_equal(judge(RS, "{\"alg\":\"rs256\",\"kid\":\"rs\"}", "{" USUAL "}", &who), IDTOKEN_ALGORITHM);
    assert_int_equal(judge(RS, "{\"alg\":[\"RS256\"],\"kid\":\"rs\"}", "{" USUAL "}", &who), IDTOKEN_ALGORITHM);
    assert_int_equal(judge(RS, "{\"kid\":\"rs\"}", "{" USUAL "}", &who), IDTOKEN_ALGORITHM);
    assert_int_equal(judge(RS, "{\"alg\":\"RS256\",\"alg\":\"none\",\"kid\":\"rs\"}", "{" USUAL "}", &who), IDTOKEN_FORM);
    assert_int_equal(judge(RS, "{\"alg\":\"RS256\",\"kid\":\"rs\",\"crit\":[\"b64\"],\"b64\":false}", "{" USUAL "}", &who), IDTOKEN_FORM);
    assert_int_equal(judge(RS, "{\"alg\":\"RS256\",\"kid\":\"rs\",\"typ\":\"at+jwt\"}", "{" USUAL "}", &who), IDTOKEN_FORM);
    assert_int_equal(judge(OTHER_RS, RS_HEAD, "{" USUAL "}", &who), IDTOKEN_SIGNATURE);
    assert_int_equal(judge(RS, "{\"alg\":\"RS256\",\"kid\":\"new\"}", "{" USUAL "}", &who), IDTOKEN_KEY);
    assert_int_equal(judge(RS, "{\"alg\":\"RS256\",\"kid\":\"es\"}", "{" USUAL "}", &who), IDTOKEN_KEY);   /* a key of another kind */
    assert_int_equal(judge(RS, "{\"alg\":\"RS256\",\"kid\":\"enc\"}", "{" USUAL "}", &who), IDTOKEN_KEY);  /* for something else */
    assert_int_equal(judge(RS, "{\"alg\":\"RS256\",\"kid\":\"512\"}", "{" USUAL "}", &who), IDTOKEN_KEY);
}

/* HS256 with the public key as the secret; the parts without a signature; each bit of it turned. */
static void what_nobody_signed_is_refused(void **state)
{
    struct identity who;
    struct buf token, bad;
    unsigned char mac[32];
    make(&token, RS, RS_HEAD, "{" USUAL "}");
    buf_init(&bad, 65536);
    put_b64(&bad, "{\"alg\":\"HS256\",\"kid\":\"rs\"}", 25);
    buf_add_char(&bad, '.');
    put_b64(&bad, "{" USUAL "}", strlen("{" USUAL "}"));
    assert_non_null(HMAC(EVP_sha256(), jwks, (int)strlen(jwks), (const unsigned char *)bad.at, bad.len, mac, NULL));
    buf_add_char(&bad, '.');
    put_b64(&bad, mac, sizeof mac);
    assert_int_not_equal(idtoken_check(buf_span(&bad), span_of(jwks), &rules, &arena, &who), IDTOKEN_NONE);
    for (size_t at = 0; at < token.len; at++)
        for (unsigned bit = 0; bit < 8; bit += at % 7 == 0 ? 1 : 5) {
            token.at[at] = (char)(token.at[at] ^ (1 << bit));
            assert_int_not_equal(idtoken_check(buf_span(&token), span_of(jwks), &rules, &arena, &who), IDTOKEN_NONE);
            token.at[at] = (char)(token.at[at] ^ (1 << bit));
        }
    for (size_t len = 0; len < token.len; len++) {
        char *part = malloc(len + 1);
        memcpy(part, token.at, len);
        assert_int_not_equal(idtoken_check((struct span){ part, len }, span_of(jwks), &rules, &arena, &who), IDTOKEN_NONE);
        free(part);
    }
    buf_add_text(&token, "=");
    assert_int_equal(idtoken_check(buf_span(&token), span_of(jwks), &rules, &arena, &who), IDTOKEN_FORM);
    buf_done(&token);
    buf_done(&bad);
}

#define REST ",\"exp\":1800000300,\"iat\":1800000000,\"nonce\":\"" NONCE "\"}"
#define WHO "{\"iss\":\"" ISSUER "\",\"sub\":\"s1\""

static void another_purpose_is_refused(void **state)
{
    assert_int_equal(say("{\"iss\":\"https://id.example/\",\"sub\":\"s1\",\"aud\":\"" CLIENT "\"" REST), IDTOKEN_ISSUER);
    assert_int_equal(say("{\"iss\":\"https://evil.example\",\"sub\":\"s1\",\"aud\":\"" CLIENT "\"" REST), IDTOKEN_ISSUER);
    assert_int_equal(say("{\"sub\":\"s1\",\"aud\":\"" CLIENT "\"" REST), IDTOKEN_ISSUER);
    assert_int_equal(say(WHO ",\"aud\":\"other\"" REST), IDTOKEN_AUDIENCE);
    assert_int_equal(say(WHO ",\"aud\":\"Baraza\"" REST), IDTOKEN_AUDIENCE);
    assert_int_equal(say(WHO REST), IDTOKEN_AUDIENCE);
    assert_int_equal(say(WHO ",\"aud\":[]" REST), IDTOKEN_AUDIENCE);
    assert_int_equal(say(WHO ",\"aud\":[\"" CLIENT "\"]" REST), IDTOKEN_NONE);
    assert_int_equal(say(WHO ",\"aud\":[\"" CLIENT "\",\"other\"]" REST), IDTOKEN_AUDIENCE);
    assert_int_equal(say(WHO ",\"aud\":[\"" CLIENT "\",\"other\"],\"azp\":\"other\"" REST), IDTOKEN_AUDIENCE);
    assert_int_equal(say(WHO ",\"aud\":[\"" CLIENT "\",\"other\"],\"azp\":\"" CLIENT "\"" REST), IDTOKEN_NONE);
    assert_int_equal(say(WHO ",\"aud\":\"" CLIENT "\",\"azp\":\"other\"" REST), IDTOKEN_AUDIENCE);
    assert_int_equal(say(WHO ",\"aud\":\"" CLIENT "\",\"azp\":7" REST), IDTOKEN_AUDIENCE);
    assert_int_equal(say("{" USUAL ",\"at_hash\":\"AAAAAAAAAAAAAAAAAAAAAA\"}"), IDTOKEN_ACCESS);
    assert_int_equal(say("{" USUAL ",\"at_hash\":\"YiHPD2T9DaX5B837XJXtow\"}"), IDTOKEN_NONE);
    assert_int_equal(say("{\"iss\":\"" ISSUER "\",\"aud\":\"" CLIENT "\"" REST), IDTOKEN_SUBJECT);
    assert_int_equal(say("{\"iss\":\"" ISSUER "\",\"sub\":\"\",\"aud\":\"" CLIENT "\"" REST), IDTOKEN_SUBJECT);
    assert_int_equal(say("{\"iss\":\"" ISSUER "\",\"sub\":\"a\\nb\",\"aud\":\"" CLIENT "\"" REST), IDTOKEN_SUBJECT);
    assert_int_equal(say("{" USUAL ",\"sub\":\"s2\"}"), IDTOKEN_FORM);   /* a name twice */
    assert_int_equal(say("[1]"), IDTOKEN_FORM);
}

static enum idtoken_flaw say_times(const char *times)
{
    char claims[512];
    (void)snprintf(claims, sizeof claims, WHO ",\"aud\":\"" CLIENT "\",\"nonce\":\"" NONCE "\"%s}", times);
    return say(claims);
}

static void another_time_is_refused(void **state)
{
    assert_int_equal(say_times(",\"exp\":1799999941,\"iat\":1799999900"), IDTOKEN_NONE);   /* 59 s over: clocks differ */
    assert_int_equal(say_times(",\"exp\":1799999940,\"iat\":1799999900"), IDTOKEN_TIME);
    assert_int_equal(say_times(",\"exp\":1800000900,\"iat\":1800000060"), IDTOKEN_NONE);
    assert_int_equal(say_times(",\"exp\":1800000900,\"iat\":1800000061"), IDTOKEN_TIME);
    assert_int_equal(say_times(",\"exp\":1800000900,\"iat\":1799999000"), IDTOKEN_TIME);
    assert_int_equal(say_times(",\"exp\":1800000900,\"iat\":1800000000,\"nbf\":1800000061"), IDTOKEN_TIME);
    assert_int_equal(say_times(",\"exp\":1800000900,\"iat\":1800000000,\"nbf\":1800000060"), IDTOKEN_NONE);
    assert_int_equal(say_times(",\"exp\":1800000900,\"iat\":1800000000,\"nbf\":\"soon\""), IDTOKEN_TIME);
    assert_int_equal(say_times(",\"exp\":\"1800000900\",\"iat\":1800000000"), IDTOKEN_TIME);
    assert_int_equal(say_times(",\"iat\":1800000000"), IDTOKEN_TIME);
    assert_int_equal(say_times(",\"exp\":1800000900"), IDTOKEN_TIME);
    assert_int_equal(say_times(",\"exp\":-1,\"iat\":1800000000"), IDTOKEN_TIME);
    assert_int_equal(say_times(",\"exp\":1e300,\"iat\":1800000000"), IDTOKEN_TIME);
    assert_int_equal(say(WHO ",\"aud\":\"" CLIENT "\",\"exp\":1800000900,\"iat\":1800000000,\"nonce\":\"other\"}"), IDTOKEN_NONCE);
    assert_int_equal(say(WHO ",\"aud\":\"" CLIENT "\",\"exp\":1800000900,\"iat\":1800000000}"), IDTOKEN_NONCE);
}

static void keys_are_in_order(void **state)
{
    struct identity who;
    struct buf token, many;
    make(&token, RS, RS_HEAD, "{" USUAL "}");
    static const char *const bad[] = { "", "[]", "{}", "{\"keys\":{}}", "{\"keys\":1}", "nonsense" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(idtoken_check(buf_span(&token), span_of(bad[i]), &rules, &arena, &who), IDTOKEN_KEYS);
    assert_int_equal(idtoken_check(buf_span(&token), SPAN("{\"keys\":[]}"), &rules, &arena, &who), IDTOKEN_KEY);
    assert_int_equal(idtoken_check(buf_span(&token), SPAN("{\"keys\":[1,null,{\"kty\":\"RSA\",\"kid\":\"rs\",\"n\":\"AA\",\"e\":\"AQAB\"}]}"),
                                   &rules, &arena, &who), IDTOKEN_KEY);
    buf_init(&many, 1 << 20);
    buf_add_text(&many, "{\"keys\":[");
    for (int i = 0; i <= OIDC_KEYS_MAX; i++) {
        buf_add_text(&many, i == 0 ? "" : ",");
        put_key(&many, RS, "rs", "");
    }
    buf_add_text(&many, "]}");
    assert_int_equal(idtoken_check(buf_span(&token), buf_span(&many), &rules, &arena, &who), IDTOKEN_KEYS);
    buf_done(&many);
    buf_done(&token);
}

#define ENDS "\"authorization_endpoint\":\"https://id.example/a?x=1\",\"token_endpoint\":\"https://id.example/t\",\"jwks_uri\":\"https://id.example/k\""

static void a_provider_describes_itself(void **state)
{
    struct discovery d;
    assert_true(discovery_read(SPAN("{\"issuer\":\"" ISSUER "\"," ENDS "}"), SPAN(ISSUER), &d));
    assert_string_equal(d.authorize, "https://id.example/a?x=1");
    assert_true(d.takes_basic && !d.says_issuer);
    assert_true(discovery_read(SPAN("{\"issuer\":\"" ISSUER "\"," ENDS ",\"code_challenge_methods_supported\":[\"S256\"],"
                                    "\"authorization_response_iss_parameter_supported\":true,"
                                    "\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]}"), SPAN(ISSUER), &d));
    assert_true(!d.takes_basic && d.says_issuer);
    assert_false(discovery_read(SPAN("{\"issuer\":\"" ISSUER "/\"," ENDS "}"), SPAN(ISSUER), &d));
    assert_false(discovery_read(SPAN("{\"issuer\":\"https://evil.example\"," ENDS "}"), SPAN(ISSUER), &d));
    assert_false(discovery_read(SPAN("{" ENDS "}"), SPAN(ISSUER), &d));
    assert_false(discovery_read(SPAN("{\"issuer\":\"" ISSUER "\"," ENDS ",\"code_challenge_methods_supported\":[\"plain\"]}"), SPAN(ISSUER), &d));
    assert_false(discovery_read(SPAN("{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"http://id.example/a\","
                                     "\"token_endpoint\":\"https://id.example/t\",\"jwks_uri\":\"https://id.example/k\"}"), SPAN(ISSUER), &d));
    assert_false(discovery_read(SPAN("{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"https://id.example/a\","
                                     "\"token_endpoint\":\"file:///etc/passwd\",\"jwks_uri\":\"https://id.example/k\"}"), SPAN(ISSUER), &d));
}

static void addresses_lead_where_they_seem_to(void **state)
{
    static const char *const good[] = { "https://id.example", "https://id.example:8443/realms/a", "https://[2001:db8::1]/x?y=z" };
    static const char *const bad[] = { "http://id.example", "https://", "https:///x", "https://:443", "https://a@b.example", "javascript:alert(1)",
                                       "https://id.example/#x", "https://id.example/a b", "https://id.example\\@evil.example", "HTTPS://id.example",
                                       "https://id%2eexample", "http://127.0.0.1.evil.example", "//id.example", "" };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(oidc_url_valid(span_of(good[i]), false));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(oidc_url_valid(span_of(bad[i]), true));
    assert_true(oidc_url_valid(SPAN("http://127.0.0.1:8080/x"), true) && oidc_url_valid(SPAN("http://[::1]/x"), true));
    assert_false(oidc_url_valid(SPAN("http://127.0.0.1:8080/x"), false));
    assert_true(oidc_same_host(SPAN("https://id.example/a"), SPAN("https://ID.example?b")));
    assert_false(oidc_same_host(SPAN("https://id.example/a"), SPAN("https://id.example:444/a")));
    assert_false(oidc_same_host(SPAN("https://id.example.evil/a"), SPAN("https://id.example/a")));
    assert_false(oidc_same_host(SPAN("x"), SPAN("x")));
}

static int begin(void **state)
{
    struct buf b;
    keys[RS] = EVP_RSA_gen(2048);
    keys[OTHER_RS] = EVP_RSA_gen(2048);
    keys[ES] = EVP_EC_gen("P-256");
    keys[ED] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    buf_init(&b, sizeof jwks - 1);
    buf_add_text(&b, "{\"keys\":[");
    put_key(&b, RS, "rs", "\"use\":\"sig\",\"alg\":\"RS256\",");
    buf_add_char(&b, ',');
    put_key(&b, ES, "es", "");
    buf_add_char(&b, ',');
    put_key(&b, ED, "ed", "\"use\":\"sig\",");
    buf_add_char(&b, ',');
    put_key(&b, RS, "enc", "\"use\":\"enc\",");
    buf_add_char(&b, ',');
    put_key(&b, RS, "512", "\"alg\":\"RS512\",");
    buf_add_text(&b, "]}");
    (void)snprintf(jwks, sizeof jwks, "%.*s", (int)b.len, b.at);
    buf_done(&b);
    arena_init(&arena);
    return sodium_init() < 0 ? -1 : 0;
}

static int end(void **state)
{
    for (enum maker kind = RS; kind < MAKERS; kind++)
        EVP_PKEY_free(keys[kind]);
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_believed), cmocka_unit_test(another_signature_is_refused),
        cmocka_unit_test(what_nobody_signed_is_refused), cmocka_unit_test(another_purpose_is_refused),
        cmocka_unit_test(another_time_is_refused), cmocka_unit_test(keys_are_in_order),
        cmocka_unit_test(a_provider_describes_itself), cmocka_unit_test(addresses_lead_where_they_seem_to),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
