/* Proves that only bounded, strict JSON becomes a request, that answers are exact, and that URLs decode strictly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "baraza/limits.h"
#include "wire/codec.h"

static enum bz_err load(struct span text)
{
    struct bz_error e = { .code = BZ_OK };
    json_t *doc = NULL;
    enum bz_err rc = codec_load(text, &doc, &e);

    assert_int_equal(rc, e.code);
    if (rc == BZ_OK)
        assert_non_null(doc);
    json_decref(doc);
    return rc;
}

static void strict_json_only(void **state)
{
    assert_int_equal(load(SPAN("{}")), BZ_OK);
    assert_int_equal(load(SPAN(" [1] ")), BZ_OK);
    assert_int_equal(load(SPAN("")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("1")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("null")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("{} x")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("{}\0")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("{\"a\":1,\"a\":2}")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("{\"a\":1,\"\\u0061\":2}")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("[\"\\u0000\"]")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("[\"\\ud800\"]")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("[\"\xff\"]")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("[1e999]")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("[9223372036854775808]")), BZ_ERR_PARSE);
    assert_int_equal(load(SPAN("[\"\\")), BZ_ERR_PARSE);
}

static enum bz_err load_nested(size_t depth)
{
    char text[64];

    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    return load((struct span){ text, 2 * depth });
}

static void depth_and_keys_have_an_end(void **state)
{
    struct buf b;

    assert_int_equal(load_nested(BZ_LIMIT_JSON_DEPTH), BZ_OK);
    assert_int_equal(load_nested(BZ_LIMIT_JSON_DEPTH + 1), BZ_ERR_REQUEST);
    assert_int_equal(load(SPAN("[\"[[[[[[[[[[[[[[[[[[[[[[[[\"]")), BZ_OK);
    assert_int_equal(load(SPAN("[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[\"]")), BZ_OK);
    for (int keys = BZ_LIMIT_JSON_KEYS; keys <= BZ_LIMIT_JSON_KEYS + 1; keys++) {
        buf_init(&b, 4096);
        buf_add_char(&b, '{');
        for (int i = 0; i < keys; i++)
            buf_printf(&b, "%s\"k%d\":[{\":\":1}]", i == 0 ? "" : ",", i);
        buf_add_char(&b, '}');
        assert_int_equal(load(buf_span(&b)), keys == BZ_LIMIT_JSON_KEYS ? BZ_OK : BZ_ERR_REQUEST);
        buf_done(&b);
    }
}

static void a_message_has_an_end(void **state)
{
    static char text[BZ_LIMIT_FRAME_BYTES + 1];

    memset(text, ' ', sizeof text);
    text[0] = '[';
    text[BZ_LIMIT_FRAME_BYTES - 1] = ']';
    assert_int_equal(load((struct span){ text, BZ_LIMIT_FRAME_BYTES }), BZ_OK);
    assert_int_equal(load((struct span){ text, BZ_LIMIT_FRAME_BYTES + 1 }), BZ_ERR_TOO_LARGE);
}

static enum bz_err request(const char *text, const char *id, struct bz_error *e)
{
    struct arena arena;
    struct request r;
    json_t *doc = json_loads(text, JSON_DECODE_ANY, NULL);

    assert_non_null(doc);
    arena_init(&arena);
    *e = (struct bz_error){ .code = BZ_OK };
    enum bz_err rc = codec_request(doc, &arena, &r, e);
    if (id == NULL)
        assert_null(r.id.at);
    else
        assert_true(span_is(r.id, id));
    arena_done(&arena);
    json_decref(doc);
    return rc;
}

static void requests_are_json_rpc(void **state)
{
    struct bz_error e;

#define R(more) "{\"jsonrpc\":\"2.0\",\"method\":\"a\"" more "}"
    assert_int_equal(request(R(""), NULL, &e), BZ_OK);
    assert_int_equal(request(R(",\"id\":null"), "null", &e), BZ_OK);
    assert_int_equal(request(R(",\"id\":-7"), "-7", &e), BZ_OK);
    assert_int_equal(request(R(",\"id\":\"q\\\"\""), "\"q\\\"\"", &e), BZ_OK);
    assert_int_equal(request(R(",\"id\":1,\"params\":{}"), "1", &e), BZ_OK);
    assert_int_equal(request(R(",\"id\":1.5"), "null", &e), BZ_ERR_REQUEST);
    assert_int_equal(request(R(",\"id\":[]"), "null", &e), BZ_ERR_REQUEST);
    assert_int_equal(request(R(",\"id\":true"), "null", &e), BZ_ERR_REQUEST);
    assert_int_equal(request(R(",\"id\":1,\"params\":[]"), "1", &e), BZ_ERR_INVALID);
    assert_string_equal(e.field, "params");
    assert_int_equal(request(R(",\"id\":1,\"more\":1"), "1", &e), BZ_ERR_REQUEST);
    assert_int_equal(request("{\"jsonrpc\":\"1.0\",\"method\":\"a\",\"id\":1}", "1", &e), BZ_ERR_REQUEST);
    assert_int_equal(request("{\"jsonrpc\":\"2.0\",\"method\":1,\"id\":1}", "1", &e), BZ_ERR_REQUEST);
    assert_int_equal(request("{\"jsonrpc\":\"2.0\",\"id\":1}", "1", &e), BZ_ERR_REQUEST);
    assert_int_equal(request("7", "null", &e), BZ_ERR_REQUEST);
    assert_int_equal(request("[]", "null", &e), BZ_ERR_REQUEST);
#undef R
}

static void answers_are_exact(void **state)
{
    struct bz_error e;
    struct buf b;

    buf_init(&b, 4096);
    codec_result(SPAN("\"x\""), SPAN("{\"seq\":1}"), &b);
    assert_true(span_is(buf_span(&b), "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"seq\":1}}"));
    buf_clear(&b);
    e = (struct bz_error){ .code = BZ_ERR_RATE_LIMITED, .retry_after_ms = 7, .field = "text", .text = "slow \"down\"" };
    codec_error((struct span){ NULL, 0 }, &e, &b);
    assert_true(span_is(buf_span(&b), "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32006,\"message\":"
                                      "\"slow \\\"down\\\"\",\"data\":{\"code\":\"rate_limited\",\"field\":\"text\","
                                      "\"retry_after_ms\":7}}}"));
    buf_clear(&b);
    e = (struct bz_error){ .code = BZ_ERR_STORE, .request = "00ff", .text = "no" };
    codec_error(SPAN("1"), &e, &b);
    assert_true(span_is(buf_span(&b), "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,\"message\":"
                                      "\"no\",\"data\":{\"code\":\"internal\",\"request\":\"00ff\"}}}"));
    buf_done(&b);
}

static enum bz_err pairs(const char *text, struct arena *arena, struct pair *ret, size_t *count)
{
    struct bz_error e = { .code = BZ_OK };

    return codec_pairs(span_of(text), arena, ret, 4, count, &e);
}

static void urls_decode_strictly(void **state)
{
    static const char *const bad[] = {
        "a", "a=%", "a=%1", "a=%zz", "a=%00", "a=%ff", "a=1&&b=2", "a=1&a=2", "a=1&%61=2", "a=1&b=1&c=1&d=1&e=1", "&", "%=1",
    };
    struct arena arena;
    struct pair p[4];
    size_t count = 9;

    arena_init(&arena);
    assert_int_equal(pairs("", &arena, p, &count), BZ_OK);
    assert_int_equal(count, 0);
    assert_int_equal(pairs("a=1&b=%C3%a9+x%2B&c=", &arena, p, &count), BZ_OK);
    assert_int_equal(count, 3);
    assert_true(span_is(p[1].name, "b") && span_is(p[1].value, "é x+") && span_is(p[2].value, ""));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(pairs(bad[i], &arena, p, &count), BZ_ERR_INVALID);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strict_json_only),
        cmocka_unit_test(depth_and_keys_have_an_end),
        cmocka_unit_test(a_message_has_an_end),
        cmocka_unit_test(requests_are_json_rpc),
        cmocka_unit_test(answers_are_exact),
        cmocka_unit_test(urls_decode_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
