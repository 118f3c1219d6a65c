/* Proves that every parameter of every method refuses every wrong type with its own name, keeps its limits exactly,
 * and lands where the row says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "baraza/limits.h"
#include "wire/method.h"
#include "wire/token.h"

static const struct hubs hubs = { .count = 1, .code = { "africa" } };

union target { struct command cmd; struct query_args query; struct session_args session; };

static enum bz_err check(const char *method, json_t *take_params, union target *ret, struct arena *arena,
                         struct bz_error *e)
{
    const struct method *m = method_by_name(span_of(method));

    assert_non_null(m);
    memset(ret, 0, sizeof *ret);
    *e = (struct bz_error){ .code = BZ_OK };
    enum bz_err rc = params_check(m, take_params, &hubs, arena, ret, e);
    json_decref(take_params);
    return rc;
}

static json_t *good_value(const struct param_spec *p)
{
    switch (p->type) {
    case PARAM_ID:
        return json_string("africa-12");
    case PARAM_IDS:
        return json_pack("[s,s]", "africa-1", "africa-2");
    case PARAM_INT:
        return json_integer(p->max);
    case PARAM_BOOL:
        return json_true();
    case PARAM_NEXT:
        return json_string("e1.2.1.2.1.0.0");
    case PARAM_TOKEN:
        return json_string("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    case PARAM_SCOPES:
        return json_pack("[s,s]", "post", "read");
    case PARAM_SECRET:
        return json_string("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    case PARAM_CODE:
        return json_string("123 456");
    case PARAM_EMAIL:
        return json_string("Amina@Ville.example");
    case PARAM_CREDENTIAL:
        return json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", "AQID", "client", "e30", "data", "AA", "signature", "AA", "handle", "AA");
    case PARAM_NAME_HEX:
        return json_string("0123456789abcdef");
    case PARAM_RULE:
        return json_string("spam");
    case PARAM_ORG_KIND:
        return json_string("city");
    case PARAM_CITY_SIZE:
        return json_string("mega");
    case PARAM_LANGS:
        return json_pack("[s,s]", "en", "pt-BR");
    case PARAM_EMOJI:
        return json_string("👍");
    case PARAM_DECISION:
        return json_string("keep");
    case PARAM_SANCTION:
        return json_string("warn");
    case PARAM_ROLE:
        return json_string("moderator");
    case PARAM_ACCESS:
        return json_string("private");
    case PARAM_POSTING:
        return json_string("moderators");
    case PARAM_HOLD:
        return json_string("first");
    case PARAM_LINKS:
        return json_string("block");
    case PARAM_WORDS:
        return json_pack("[{s:s,s:s}]", "word", "spam", "act", "hold");
    case PARAM_NAMES:
        return json_pack("{s:s,s:s}", "pt", "Barcas", "en", "Ferries");
    case PARAM_FILES:
        return json_pack("[{s:s,s:s}]", "upload", "0123456789abcdef0123456789abcdef", "alt", "A map");
    case PARAM_LEVEL:
        return json_string("mute");
    case PARAM_FROM:
        return json_string("region");
    case PARAM_SAID:
        return json_string("about");
    case PARAM_KIND:
        return json_string("chat");
    case PARAM_NEW_KIND:
        return json_string("resource");
    case PARAM_SIGNAL:
        return json_string("typing");
    case PARAM_FIELDS:
        return json_pack("{s:s}", "url", "https://example.org/");
    case PARAM_CURSOR:
        return json_pack("{s:i,s:i}", "africa", 7, "asia", 9);
    case PARAM_COUNTRY:
        return json_string("SN");
    case PARAM_SLUGS:
        return json_pack("[s]", "brt");
    case PARAM_SHOWN:
        return json_pack("{s:s}", "contact", "region");
    case PARAM_RESOURCE_TYPE:
        return json_string("sheet");
    case PARAM_TEXT:
    case PARAM_CSV:
    case PARAM_NAME:
    case PARAM_SLUG:
    case PARAM_HANDLE:
    case PARAM_LANG:
    case PARAM_CID:
        return json_string("es");
    }
    return NULL;
}

static json_t *good_params(const struct method *m)
{
    json_t *params = json_object();

    for (size_t k = 0; k < m->params_count; k++)
        json_object_set_new(params, m->params[k].name, good_value(&m->params[k]));
    if (strcmp(m->name, "member.list") == 0)
        json_object_del(params, "ids");
    if (strcmp(m->name, "peer.find") == 0)
        json_object_del(params, "thread");
    if (strcmp(m->name, "post.list") == 0) {
        json_object_del(params, "around");
        json_object_del(params, "after");
    }
    if (strcmp(m->name, "post.move") == 0)
        json_object_del(params, "to");
    if (strcmp(m->name, "resource.promote") == 0) {   /* of a file: of a link it is otherwise */
        json_object_del(params, "url");
        json_object_set_new(params, "text", json_string("es"));
    }
    if (strcmp(m->name, "invite.create") == 0) {   /* for one address; to a room */
        json_object_del(params, "region");
        json_object_del(params, "uses");
    }
    if (strcmp(m->name, "desk.members") == 0)
        json_object_set_new(params, "only", json_string("inactive"));
    if (strcmp(m->name, "request.create") == 0)   /* a city has to be named */
        json_object_set_new(params, "kind", json_string("partner"));
    if (strcmp(m->name, "invite.bulk") == 0)
        json_object_del(params, "region");
    if (strcmp(m->name, "org.member") == 0)
        json_object_del(params, "gone");
    if (strcmp(m->name, "link.posts") == 0)
        json_object_set_new(params, "url", json_string("https://example.org/"));
    if (strncmp(m->name, "draft.", 6) == 0) {   /* of a reply: of a new thread it is otherwise */
        json_object_del(params, "room");
        json_object_del(params, "title");
        json_object_del(params, "kind");
    }
    return params;
}

static void good_parameters_pass_everywhere(void **state)
{
    for (size_t i = 0; i < methods_count; i++) {
        struct arena arena;
        union target t;
        struct bz_error e;
        arena_init(&arena);
        if (check(methods[i].name, good_params(&methods[i]), &t, &arena, &e) != BZ_OK)
            fail_msg("%s: %s", methods[i].name, e.text);
        arena_done(&arena);
    }
}

static bool is_same_type(const json_t *a, const json_t *b)
{
    return json_typeof(a) == json_typeof(b) || (json_is_boolean(a) && json_is_boolean(b));
}

static void wrong_types_are_named(void **state)
{
    json_t *wrong = json_pack("[[],[i],{},{s:i},i,f,b,b,n,s]", 1, "a", 1, 7, 7.5, 1, 0, "~ \n");
    int cells = 0;

    for (size_t i = 0; i < methods_count; i++)
        for (size_t k = 0; k < methods[i].params_count; k++)
            for (size_t w = 0; w < json_array_size(wrong); w++) {
                const struct param_spec *p = &methods[i].params[k];
                json_t *good = good_value(p), *value = json_array_get(wrong, w);
                bool is_allowed = is_same_type(good, value) && !json_is_string(value);
                is_allowed |= json_is_null(value) && p->may_be_null;
                is_allowed |= json_is_string(value) && (p->type == PARAM_TEXT || p->type == PARAM_CSV);
                json_decref(good);
                if (is_allowed)
                    continue;
                struct arena arena;
                union target t;
                struct bz_error e;
                json_t *params = good_params(&methods[i]);
                json_object_set(params, p->name, value);
                arena_init(&arena);
                assert_int_equal(check(methods[i].name, params, &t, &arena, &e), BZ_ERR_INVALID);
                assert_string_equal(e.field, p->name);
                arena_done(&arena);
                cells++;
            }
    json_decref(wrong);
    assert_true(cells > 700);
}

static void missing_and_unknown_are_named(void **state)
{
    for (size_t i = 0; i < methods_count; i++) {
        struct arena arena;
        union target t;
        struct bz_error e;
        arena_init(&arena);
        for (size_t k = 0; k < methods[i].params_count; k++) {
            json_t *params = good_params(&methods[i]);
            json_object_del(params, methods[i].params[k].name);
            if (strcmp(methods[i].params[k].name, "kind") == 0)
                json_object_del(params, "fields");   /* only kind resource has some */
            if (strcmp(methods[i].params[k].name, "thread") == 0)
                json_object_del(params, "reply_to");   /* only a reply quotes */
            if (strcmp(methods[i].name, "resource.promote") == 0 && strcmp(methods[i].params[k].name, "file") == 0)
                json_object_set_new(params, "url", json_string("https://example.org/"));   /* one of the two */
            enum bz_err rc = check(methods[i].name, params, &t, &arena, &e);
            assert_int_equal(rc == BZ_OK, !methods[i].params[k].is_required);
            if (rc != BZ_OK)
                assert_string_equal(e.field, methods[i].params[k].name);
        }
        json_t *params = good_params(&methods[i]);
        json_object_set_new(params, "is_admin", json_true());
        assert_int_equal(check(methods[i].name, params, &t, &arena, &e), BZ_ERR_INVALID);
        assert_string_equal(e.field, "is_admin");
        params = good_params(&methods[i]);
        json_object_set_new(params, "a \"b", json_true());
        assert_int_equal(check(methods[i].name, params, &t, &arena, &e), BZ_ERR_INVALID);
        assert_string_equal(e.field, "params");
        arena_done(&arena);
    }
}

static enum bz_err with_text(const char *method, const char *param, const char *unit, size_t times)
{
    struct arena arena;
    union target t;
    struct bz_error e;
    struct buf b;
    json_t *params = good_params(method_by_name(span_of(method)));

    buf_init(&b, 1u << 20);
    for (size_t i = 0; i < times; i++)
        buf_add_text(&b, unit);
    json_object_set_new(params, param, json_stringn(b.len == 0 ? "" : b.at, b.len));
    buf_done(&b);
    arena_init(&arena);
    enum bz_err rc = check(method, params, &t, &arena, &e);
    if (rc != BZ_OK)
        assert_string_equal(e.field, param);
    arena_done(&arena);
    return rc;
}

static void limits_are_exact(void **state)
{
    static const struct { const char *method, *param, *unit; size_t max; } rows[] = {
        { "post.create", "text", "x", BZ_LIMIT_POST_BYTES },
        { "post.edit", "text", "é", BZ_LIMIT_POST_BYTES / 2 },
        { "thread.create", "title", "é", BZ_LIMIT_TITLE_CHARS },
        { "thread.rename", "title", "😀", BZ_LIMIT_TITLE_CHARS },
        { "region.create", "name", "日", BZ_LIMIT_NAME_CHARS },
        { "room.create", "about", "x", BZ_LIMIT_ABOUT_BYTES },
        { "room.create", "slug", "a", BZ_LIMIT_SLUG_CHARS },
        { "member.add", "handle", "a", BZ_LIMIT_HANDLE_CHARS },
        { "post.redact", "reason", "x", BZ_LIMIT_REASON_BYTES },
        { "post.create", "cid", "a", BZ_LIMIT_CID_CHARS },
        { "search.query", "text", "x", BZ_LIMIT_SEARCH_BYTES },
        { "member.list", "prefix", "é", BZ_LIMIT_NAME_CHARS },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (with_text(rows[i].method, rows[i].param, rows[i].unit, rows[i].max) != BZ_OK)
            fail_msg("%s: %s of %zu", rows[i].method, rows[i].param, rows[i].max);
        assert_int_equal(with_text(rows[i].method, rows[i].param, rows[i].unit, rows[i].max + 1), BZ_ERR_INVALID);
        bool may_be_empty = strcmp(rows[i].param, "about") == 0 || i == 0;   /* beside files */
        assert_int_equal(with_text(rows[i].method, rows[i].param, "", 0), may_be_empty ? BZ_OK : BZ_ERR_INVALID);
    }
    assert_int_equal(with_text("post.create", "text", " \n", 3), BZ_ERR_INVALID);
    assert_int_equal(with_text("post.create", "text", "a\x01", 1), BZ_ERR_INVALID);
    assert_int_equal(with_text("post.create", "text", "a\n\tb", 1), BZ_OK);
    assert_int_equal(with_text("thread.create", "title", "a\nb", 1), BZ_ERR_INVALID);
    assert_int_equal(with_text("thread.create", "title", "a\u202eb", 1), BZ_ERR_INVALID);
    assert_int_equal(with_text("thread.create", "kind", "chat", 1), BZ_ERR_INVALID);
    assert_int_equal(with_text("post.create", "cid", "a b", 1), BZ_ERR_INVALID);
    assert_int_equal(with_text("session.open", "code", "A", 42), BZ_ERR_INVALID);
    assert_int_equal(with_text("session.open", "code", "B", 43), BZ_ERR_INVALID);
}

static void numbers_and_lists_are_exact(void **state)
{
    struct arena arena;
    union target t;
    struct bz_error e;

    arena_init(&arena);
    for (int limit = -1; limit <= BZ_LIMIT_PAGE_MAX + 1; limit++) {
        json_t *p = json_pack("{s:s,s:i}", "room", "africa-1", "limit", limit);
        bool is_good = limit >= 1 && limit <= BZ_LIMIT_PAGE_MAX;
        assert_int_equal(check("thread.list", p, &t, &arena, &e) == BZ_OK, is_good);
    }
    json_t *p = json_pack("{s:s,s:I}", "thread", "africa-1", "seq", INT64_MAX);
    assert_int_equal(check("read.mark", p, &t, &arena, &e), BZ_ERR_INVALID);
    for (int count = BZ_LIMIT_IDS_MAX; count <= BZ_LIMIT_IDS_MAX + 1; count++) {
        json_t *ids = json_array();
        for (int i = 1; i <= count; i++)
            json_array_append_new(ids, json_sprintf(i % 2 != 0 ? "africa-%d" : "asia-%d", i));
        enum bz_err rc = check("member.list", json_pack("{s:o}", "ids", ids), &t, &arena, &e);
        assert_int_equal(rc, count == BZ_LIMIT_IDS_MAX ? BZ_OK : BZ_ERR_INVALID);
        if (rc == BZ_OK)
            assert_int_equal(t.query.ids.count, BZ_LIMIT_IDS_MAX / 2);
    }
    arena_done(&arena);
}

static void ids_are_canonical(void **state)
{
    static const char *const bad[] = { "", "-", "africa", "africa-", "africa-0", "africa-01", "africa-1x", "africa--1",
                                       "Africa-1", "africa-1 ", " africa-1", "africa-99999999999999", "12", "africa-+1" };
    struct arena arena;
    union target t;
    struct bz_error e;

    arena_init(&arena);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(check("thread.get", json_pack("{s:s}", "thread", bad[i]), &t, &arena, &e), BZ_ERR_INVALID);
    assert_int_equal(check("thread.get", json_pack("{s:s}", "thread", "asia-7"), &t, &arena, &e), BZ_ERR_NOT_FOUND);
    assert_string_equal(e.field, "");
    assert_int_equal(check("thread.get", json_pack("{s:s}", "thread", "africa-7"), &t, &arena, &e), BZ_OK);
    assert_true(t.query.thread == id_make(0, 7));
    json_t *p = json_pack("{s:s,s:i}", "room", "asia-7", "limit", 0);
    assert_int_equal(check("thread.list", p, &t, &arena, &e), BZ_ERR_INVALID);
    arena_done(&arena);
}

static void values_land_in_the_command(void **state)
{
    struct arena arena;
    union target t;
    struct bz_error e;

    arena_init(&arena);
    json_t *p = json_pack("{s:s,s:s,s:s,s:s,s:{s:i,s:s},s:s}", "room", "africa-4", "title", "T", "kind", "resource",
                          "text", "x", "fields", "year", 2026, "url", "https://a.example/", "cid", "c1");
    assert_int_equal(check("thread.create", p, &t, &arena, &e), BZ_OK);
    assert_true(t.cmd.room == 4 && t.cmd.thread_kind == THREAD_KIND_RESOURCE);
    assert_true(span_is(t.cmd.fields, "{\"url\":\"https://a.example/\",\"year\":2026}"));
    assert_true(span_is(t.cmd.cid, "c1") && span_is(t.cmd.text, "x") && t.cmd.lang.at == NULL);

    p = json_pack("{s:s,s:s,s:s,s:s}", "room", "africa-4", "title", "T", "text", "x", "cid", "c1");
    assert_int_equal(check("thread.create", p, &t, &arena, &e), BZ_OK);
    assert_true(t.cmd.thread_kind == THREAD_KIND_DISCUSSION && t.cmd.fields.at == NULL);

    p = json_pack("{s:s,s:s,s:s,s:s,s:{s:i}}", "room", "africa-4", "title", "T", "text", "x", "cid", "c1", "fields",
                  "year", 2026);
    assert_int_equal(check("thread.create", p, &t, &arena, &e), BZ_ERR_INVALID);
    assert_string_equal(e.field, "fields");

    p = json_pack("{s:s,s:s,s:s,s:s,s:s,s:{s:i}}", "room", "africa-4", "title", "T", "text", "x", "cid", "c1", "kind",
                  "resource", "fields", "year", 1);
    assert_int_equal(check("thread.create", p, &t, &arena, &e), BZ_ERR_INVALID);
    assert_string_equal(e.field, "fields.year");

    static const struct { const char *fields, *want, *field; } lists[] = {   /* want: as it is kept; field: what is wrong */
        { "{\"themes\":[\"brt\",\"gender\"],\"languages\":[\"pt-BR\",\"es\"],\"country\":\"BR\",\"source\":\"City\"}",
          "{\"languages\":[\"pt-BR\",\"es\"],\"country\":\"BR\",\"themes\":[\"brt\",\"gender\"],\"source\":\"City\"}", NULL },
        { "{\"themes\":[],\"language\":\"fr\"}", "{\"language\":\"fr\"}", NULL },
        { "{\"themes\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]}", NULL, "fields.themes" },
        { "{\"themes\":[\"a\",\"a\"]}", NULL, "fields.themes" },
        { "{\"themes\":[\"A b\"]}", NULL, "fields.themes" },
        { "{\"themes\":\"brt\"}", NULL, "fields.themes" },
        { "{\"themes\":[1]}", NULL, "fields.themes" },
        { "{\"languages\":[\"en\",\"xxxx\"]}", NULL, "fields.languages" },
        { "{\"country\":\"br\"}", NULL, "fields.country" },
        { "{\"country\":\"BRA\"}", NULL, "fields.country" },
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        p = json_pack("{s:s,s:s,s:o}", "thread", "africa-4", "cid", "c1", "fields", json_loads(lists[i].fields, 0, NULL));
        assert_int_equal(check("thread.fields", p, &t, &arena, &e), lists[i].field == NULL ? BZ_OK : BZ_ERR_INVALID);
        if (lists[i].field != NULL)
            assert_string_equal(e.field, lists[i].field);
        else
            assert_true(span_is(t.cmd.fields, lists[i].want));
    }

    p = json_pack("{s:s,s:s,s:s}", "handle", "ana", "name", "Ana", "cid", "c1");
    assert_int_equal(check("member.add", p, &t, &arena, &e), BZ_OK);
    assert_int_equal(t.cmd.role, ROLE_MEMBER);

    p = json_pack("{s:{s:i,s:i}}", "cursor", "asia", 3, "africa", 9);
    assert_int_equal(check("session.hello", p, &t, &arena, &e), BZ_OK);
    assert_true(t.session.cursor.is_present && t.session.cursor.seq == 9 && !t.session.watch.is_present);
    p = json_pack("{s:{s:i},s:[]}", "cursor", "asia", 3, "watch");
    assert_int_equal(check("session.hello", p, &t, &arena, &e), BZ_OK);
    assert_true(!t.session.cursor.is_present && t.session.watch.is_present && t.session.watch.count == 0);
    assert_int_equal(check("session.hello", json_pack("{s:{s:i}}", "cursor", "africa", -1), &t, &arena, &e),
                     BZ_ERR_INVALID);

    p = json_pack("{s:s,s:s,s:s}", "thread", "africa-1", "before", "africa-2", "after", "africa-3");
    assert_int_equal(check("post.list", p, &t, &arena, &e), BZ_ERR_INVALID);
    assert_int_equal(check("post.list", json_pack("{s:s}", "thread", "africa-1"), &t, &arena, &e), BZ_OK);
    assert_int_equal(t.query.limit, BZ_LIMIT_PAGE_DEFAULT);
    arena_done(&arena);
}

static void addresses_are_typed_by_the_table(void **state)
{
    const struct method *m = method_by_name(SPAN("thread.list"));
    struct pair pairs[2] = { { SPAN("room"), SPAN("africa-1") }, { SPAN("limit"), SPAN("25") } };
    static const char *const bad[] = { "", "-", "1-", "2x", "1e3", " 5", "99999999999999999999", "0x10" };
    struct bz_error e = { .code = BZ_OK };
    json_t *params = NULL;

    assert_int_equal(params_from_pairs(m, pairs, 2, &params, &e), BZ_OK);
    assert_int_equal(json_integer_value(json_object_get(params, "limit")), 25);
    json_decref(params);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        pairs[1].value = span_of(bad[i]);
        assert_int_equal(params_from_pairs(m, pairs, 2, &params, &e), BZ_ERR_INVALID);
        assert_string_equal(e.field, "limit");
    }
    pairs[1].name = SPAN("role");
    assert_int_equal(params_from_pairs(m, pairs, 2, &params, &e), BZ_ERR_INVALID);
    pairs[0] = (struct pair){ SPAN("ids"), SPAN("africa-1,africa-2") };
    assert_int_equal(params_from_pairs(method_by_name(SPAN("member.list")), pairs, 1, &params, &e), BZ_OK);
    assert_int_equal(json_array_size(json_object_get(params, "ids")), 2);
    json_decref(params);
}

static void tokens_are_made_and_hashed(void **state)
{
    unsigned char hash[2][TOKEN_HASH_BYTES];
    char token[2][TOKEN_CHARS + 1];

    for (int i = 0; i < 2; i++) {
        token_make(&env_real, token[i]);
        assert_int_equal(strlen(token[i]), TOKEN_CHARS);
        assert_true(token_hash(span_of(token[i]), hash[i]));
    }
    assert_string_not_equal(token[0], token[1]);
    assert_memory_not_equal(hash[0], hash[1], TOKEN_HASH_BYTES);
    assert_false(token_hash((struct span){ NULL, 0 }, hash[0]));
    assert_false(token_hash((struct span){ token[0], TOKEN_CHARS - 1 }, hash[0]));
    token[0][4] = '+';
    assert_false(token_hash(span_of(token[0]), hash[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_parameters_pass_everywhere),
        cmocka_unit_test(wrong_types_are_named),
        cmocka_unit_test(missing_and_unknown_are_named),
        cmocka_unit_test(limits_are_exact),
        cmocka_unit_test(numbers_and_lists_are_exact),
        cmocka_unit_test(ids_are_canonical),
        cmocka_unit_test(values_land_in_the_command),
        cmocka_unit_test(addresses_are_typed_by_the_table),
        cmocka_unit_test(tokens_are_made_and_hashed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
