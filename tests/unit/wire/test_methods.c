/* Proves that the table of methods and proto/openrpc.json say the same, in both directions and to the last limit, and
 * that proto/errors.json, limits.json and kinds.json are the lists of include/baraza. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "baraza/limits.h"
#include "domain/kinds.h"
#include "wire/method.h"

static json_t *read_proto(const char *name)
{
    char path[4096];
    json_error_t why;
    const char *source = getenv("BARAZA_SOURCE");

    snprintf(path, sizeof path, "%s/proto/%s", source == NULL ? "." : source, name);
    json_t *doc = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (doc == NULL)
        fail_msg("%s:%d: %s", path, why.line, why.text);
    return doc;
}

static void table_is_sorted_and_complete(void **state)
{
    for (size_t i = 0; i < methods_count; i++) {
        const struct method *m = &methods[i];
        if (i > 0)
            assert_true(strcmp(methods[i - 1].name, m->name) < 0);
        assert_ptr_equal(method_by_name(span_of(m->name)), m);
        assert_true(m->params_count <= PARAMS_MAX);
        bool is_command = m->class == METHOD_WRITE || m->class == METHOD_PERSONAL;
        assert_int_equal((m->act != NULL) + (m->run != NULL) + is_command, 1);
        if (is_command) {
            assert_string_equal(command_wire(m->command), m->name);
            /* Who takes an invitation is nobody yet: no cid could be theirs. */
            assert_int_equal(command_is_journalled(m->command), m->class == METHOD_WRITE || m->command == COMMAND_INVITE_TAKE);
        }
        bool has_cid = false;
        for (size_t k = 0; k < m->params_count; k++)
            has_cid |= m->params[k].type == PARAM_CID && m->params[k].is_required;
        assert_int_equal(has_cid, m->class == METHOD_WRITE);
    }
    assert_null(method_by_name(SPAN("")));
    assert_null(method_by_name(SPAN("post.creat")));
    assert_null(method_by_name(SPAN("post.create2")));
    assert_null(method_by_name(SPAN("zzz")));
    assert_null(method_by_name((struct span){ "post.create\0x", 13 }));
}

/* How somebody signs in, that they are forgotten, and all that is made of it: no token's, not even the operator's. */
static bool is_of_persons(const struct method *m)
{
    static const char *const families[] = { "address.", "export.", "factor.", "member.erase", "oidc.", "passkey.", "password.", "recovery.",
                                            "session.end", "session.list", "token.", "totp." };
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (strncmp(m->name, families[i], strlen(families[i])) == 0)
            return strcmp(m->name, "session.enter") != 0 && (!m->is_public || m->asks_who);
    return false;
}

/* Whatever else is the member's own, or leads in, and yet neither changes nor tells how somebody signs in. A method that is added stands
 * here, or a token has no scope for it. */
static const char *const of_no_account[] = {
    "appeal.create", "desk.members", "direct.get", "direct.set", "draft.list", "draft.set", "invite.bulk", "invite.create", "invite.drop",
    "invite.list", "invite.take", "keep.get", "member.block", "member.blocked", "member.set", "org.confirm", "org.due", "org.member",
    "org.set", "passkey.begin", "passkey.enter", "password.enter", "profile.set", "qr.draw", "read.mark", "read.room", "report.mine",
    "request.create", "request.decide", "request.list", "sanction.appeal", "sanction.mine", "search.drop", "search.save", "search.saved",
    "search.seen", "session.close", "session.code", "session.enter", "session.hello", "session.open", "session.poll", "session.second",
    "session.watch", "signal.send", "thread.follow",
};

static void who_signs_in_how_is_said_of_each_method(void **state)
{
    size_t said = 0;

    for (size_t i = 0; i < methods_count; i++) {
        const struct method *m = &methods[i];
        enum scope scope = method_scope(m);
        bool is_own = m->class == METHOD_PERSONAL || m->class == METHOD_SESSION || m->class == METHOD_SIGNAL || scope == SCOPE_OWNER;
        bool is_said = said < sizeof of_no_account / sizeof of_no_account[0] && strcmp(of_no_account[said], m->name) == 0;
        said += is_said;
        if (is_said != (is_own && scope != SCOPE_PERSON))
            fail_msg("%s: for who signed in, in person, or in this list?", m->name);
        if ((scope == SCOPE_PERSON) != is_of_persons(m))
            fail_msg("%s: of how somebody signs in, and a token has a scope for it; or the other way round", m->name);
        if (scope == SCOPE_PERSON)   /* nor may somebody else's token, nor nobody */
            assert_true(!m->is_in_rooms && (!m->is_public || m->asks_who));
    }
    assert_int_equal(said, sizeof of_no_account / sizeof of_no_account[0]);
}

/* No token reaches what is about the account itself, whatever is added to the table; what a token that is bound to rooms reaches is
 * said of each method by itself, and of none that says nothing of a room. */
static void each_method_has_a_scope(void **state)
{
    static const char *const of_people[] = { "session.", "address.", "invite.", "factor.", "passkey.", "password.", "recovery.",
                                             "totp.", "token.", "export.", "profile.set", "member.set", "member.erase", "draft.",
                                             "direct.set", "member.block", "oidc." };
    static const char *const of_lines[] = { "session.hello", "session.poll", "session.watch" };

    for (size_t i = 0; i < methods_count; i++) {
        const struct method *m = &methods[i];
        enum scope scope = method_scope(m);
        bool is_of_people = false, is_of_lines = false;
        for (size_t k = 0; k < sizeof of_people / sizeof of_people[0]; k++)
            is_of_people |= strncmp(m->name, of_people[k], strlen(of_people[k])) == 0;
        for (size_t k = 0; k < sizeof of_lines / sizeof of_lines[0]; k++)
            is_of_lines |= strcmp(m->name, of_lines[k]) == 0;
        if (m->class == METHOD_PERSONAL || m->class == METHOD_SESSION || m->class == METHOD_SIGNAL)
            assert_true(m->needs != 0);
        if (is_of_people && !is_of_lines && (scope & (SCOPE_OWNER | SCOPE_PERSON)) == 0)
            assert_true(m->is_public && scope == SCOPE_NONE);
        if (m->is_in_rooms)
            assert_true((scope & SCOPES_OF_TOKENS) != 0);
        if (strncmp(m->name, "token.", 6) == 0)   /* nor whoever has yet to add a second factor */
            assert_false(m->is_for_weak || m->is_for_barred);
        if (m->least >= ROLE_MODERATOR)
            assert_true(scope == SCOPE_MODERATE);
    }
    assert_int_equal(method_scope(method_by_name(SPAN("post.create"))), SCOPE_POST);
    assert_int_equal(method_scope(method_by_name(SPAN("post.list"))), SCOPE_READ);
    assert_int_equal(method_scope(method_by_name(SPAN("post.hide"))), SCOPE_MODERATE);
    assert_int_equal(method_scope(method_by_name(SPAN("token.create"))), SCOPE_PERSON);
}

static json_t *ref(const char *name)
{
    return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%s", name));
}

/* What the document must say of a parameter's value, derived from the table's row. */
static json_t *expected_value(const struct param_spec *p)
{
    json_int_t min = p->min, max = p->max;

    switch (p->type) {
    case PARAM_ID:
        return ref("Id");
    case PARAM_IDS:
        return json_pack("{s:s,s:o,s:I}", "type", "array", "items", ref("Id"), "maxItems", max);
    case PARAM_TEXT: case PARAM_CSV:
        return json_pack("{s:s,s:I,s:I,s:I}", "type", "string", "minLength", min, "maxLength", max, "x-maxBytes", max);
    case PARAM_NAME:
        return json_pack("{s:s,s:I,s:I}", "type", "string", "minLength", min, "maxLength", max);
    case PARAM_INT:
        return json_pack("{s:s,s:I,s:I}", "type", "integer", "minimum", min, "maximum", max);
    case PARAM_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case PARAM_SLUG:
        return ref("Slug");
    case PARAM_HANDLE:
        return ref("Handle");
    case PARAM_LANG:
        return ref("Lang");
    case PARAM_COUNTRY:
        return ref("Country");
    case PARAM_RESOURCE_TYPE:
        return ref("ResourceType");
    case PARAM_ORG_KIND:
        return ref("OrgKind");
    case PARAM_CITY_SIZE:
        return ref("CitySize");
    case PARAM_LANGS:
        return ref("Langs");
    case PARAM_SLUGS:
        return json_pack("{s:s,s:o,s:I}", "type", "array", "items", ref("Slug"), "maxItems", max);
    case PARAM_SHOWN:
        return ref("Shown");
    case PARAM_CID:
        return ref("Cid");
    case PARAM_NEXT:
        return ref("Next");
    case PARAM_TOKEN:
        return ref("Token");
    case PARAM_SECRET:
        return ref("Token");
    case PARAM_CODE:
        return ref("Code");
    case PARAM_EMAIL:
        return ref("Email");
    case PARAM_CREDENTIAL:
        return ref("Credential");
    case PARAM_NAME_HEX:
        return ref("SecretName");
    case PARAM_SCOPES:
        return ref("Scopes");
    case PARAM_EMOJI:
        return ref("Emoji");
    case PARAM_RULE:
        return ref("Rule");
    case PARAM_DECISION:
        return ref("Decision");
    case PARAM_SANCTION:
        return ref("SanctionAct");
    case PARAM_ROLE:
        return ref("Role");
    case PARAM_ACCESS:
        return ref("Access");
    case PARAM_POSTING:
        return ref("Posting");
    case PARAM_HOLD:
        return ref("Hold");
    case PARAM_LINKS:
        return ref("Links");
    case PARAM_WORDS:
        return ref("Words");
    case PARAM_NAMES:
        return ref("ThemeNames");
    case PARAM_FILES:
        return ref("FileRefs");
    case PARAM_LEVEL:
        return ref("Level");
    case PARAM_FROM:
        return ref("From");
    case PARAM_SAID:
        return ref("ProfileField");
    case PARAM_KIND:
        return ref("ThreadKind");
    case PARAM_NEW_KIND:
        return ref("NewThreadKind");
    case PARAM_SIGNAL:
        return ref("SignalKind");
    case PARAM_FIELDS:
        return ref("Fields");
    case PARAM_CURSOR:
        return ref("Cursor");
    }
    return NULL;
}

static json_t *expected(const struct param_spec *p)
{
    json_t *value = expected_value(p);

    return p->may_be_null ? json_pack("{s:[o,{s:s}]}", "anyOf", value, "type", "null") : value;
}

static const char *text_at(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));

    return text == NULL ? "" : text;
}

static void compare_params(const struct method *m, const json_t *params)
{
    assert_int_equal(json_array_size(params), m->params_count);
    for (size_t k = 0; k < m->params_count; k++) {
        const json_t *p = json_array_get(params, k);
        json_t *schema = expected(&m->params[k]);
        assert_string_equal(text_at(p, "name"), m->params[k].name);
        assert_int_equal(json_is_true(json_object_get(p, "required")), m->params[k].is_required);
        if (!json_equal(schema, json_object_get(p, "schema")))
            fail_msg("%s: the schema of %s differs from the table", m->name, m->params[k].name);
        json_decref(schema);
    }
}

static void compare_result(const struct method *m, const json_t *result)
{
    const json_t *required = json_object_get(result, "required");
    char names[64] = "";

    for (size_t i = 0; i < json_array_size(required); i++) {
        strcat(names, json_string_value(json_array_get(required, i)));
        strcat(names, " ");
    }
    if (m->class == METHOD_WRITE) {
        char want[64];
        const char *extra = m->may_wait ? NULL : m->extra;
        snprintf(want, sizeof want, "%sseq %s%s%s%s", m->makes_id ? "id " : "", extra == NULL ? "" : extra,
                 extra == NULL ? "" : " ", m->third == NULL ? "" : m->third, m->third == NULL ? "" : " ");
        assert_true(m->may_wait == (json_object_get(json_object_get(result, "properties"), "held") != NULL));
        assert_string_equal(names, want);
    }
    if (m->class == METHOD_PERSONAL && m->answer == NULL)
        assert_string_equal(names, "");
    if (m->run != NULL)
        assert_non_null(strstr(names, "seq "));
}

static void document_is_the_table(void **state)
{
    json_t *doc = read_proto("openrpc.json");
    const json_t *list = json_object_get(doc, "methods");

    assert_int_equal(json_array_size(list), methods_count);
    for (size_t i = 0; i < methods_count; i++) {
        const struct method *m = &methods[i];
        const json_t *d = json_array_get(list, i);
        assert_string_equal(text_at(d, "name"), m->name);
        assert_string_equal(text_at(d, "x-class"), method_class_wire(m->class));
        assert_string_equal(text_at(d, "x-role"), role_wire(m->least));
        enum scope scope = method_scope(m);
        const json_t *said = json_object_get(d, "x-scope");
        if (scope == SCOPE_NONE)
            assert_null(said);
        else
            assert_string_equal(json_string_value(said), scope == SCOPE_OWNER ? "owner" : scope == SCOPE_PERSON ? "person" : scope_wire(scope));
        assert_string_equal(text_at(d, "paramStructure"), "by-name");
        assert_int_equal(json_is_true(json_object_get(d, "x-public")), m->is_public);
        assert_int_equal(json_is_true(json_object_get(d, "x-socket")), m->needs_socket);
        assert_int_equal(json_is_true(json_object_get(d, "x-http")), m->needs_http);
        compare_params(m, json_object_get(d, "params"));
        compare_result(m, json_object_get(json_object_get(d, "result"), "schema"));
    }
    json_decref(doc);
}

static int64_t number_at(const json_t *o, const char *schema, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(o, schema), name));
}

static void words_of(const json_t *schemas, const char *name, const char *const *words, size_t count)
{
    const json_t *list = json_object_get(json_object_get(schemas, name), "enum");

    assert_int_equal(json_array_size(list), count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(json_string_value(json_array_get(list, i)), words[i]);
}

static void named_schemas_keep_the_limits(void **state)
{
#define WIRE(number, name, wire) wire,
    static const char *const roles[] = { BZ_ROLES(WIRE) }, *const accesses[] = { BZ_ACCESSES(WIRE) };
    static const char *const postings[] = { BZ_POSTINGS(WIRE) }, *const holds[] = { BZ_HOLDS(WIRE) };
    static const char *const links[] = { BZ_LINKS(WIRE) };
    static const char *const levels[] = { BZ_LEVELS(WIRE) }, *const kinds[] = { BZ_THREAD_KINDS(WIRE) };
    static const char *const sanctions[] = { BZ_SANCTIONS(WIRE) }, *const circles[] = { BZ_CIRCLES(WIRE) };
    static const char *const said[] = { BZ_PROFILE_FIELDS(WIRE) };
    static const char *const froms[] = { BZ_FROMS(WIRE) }, *const scopes[] = { BZ_SCOPES(WIRE) };
#undef WIRE
#define WIRE(emoji) emoji,
    static const char *const reactions[] = { BZ_REACTIONS(WIRE) }, *const rules[] = { BZ_RULES(WIRE) };
    static const char *const types[] = { BZ_RESOURCE_TYPES(WIRE) };
    static const char *const org_kinds[] = { BZ_ORG_KINDS(WIRE) }, *const city_sizes[] = { BZ_CITY_SIZES(WIRE) };
    static const char *const decisions[] = { BZ_DECISIONS(WIRE) };
#undef WIRE
#define COUNT(a) (sizeof(a) / sizeof(a)[0])
    json_t *doc = read_proto("openrpc.json");
    const json_t *s = json_object_get(json_object_get(doc, "components"), "schemas");

    assert_int_equal(number_at(s, "Slug", "maxLength"), BZ_LIMIT_SLUG_CHARS);
    assert_int_equal(number_at(s, "Handle", "maxLength"), BZ_LIMIT_HANDLE_CHARS);
    assert_int_equal(number_at(s, "Lang", "maxLength"), BZ_LIMIT_LANG_CHARS);
    assert_int_equal(number_at(s, "Cid", "maxLength"), BZ_LIMIT_CID_CHARS);
    words_of(s, "Role", roles, COUNT(roles));
    words_of(s, "Access", accesses, COUNT(accesses));
    words_of(s, "Posting", postings, COUNT(postings));
    words_of(s, "From", froms, COUNT(froms));
    words_of(json_object_get(s, "Scopes"), "items", scopes, COUNT(scopes));
    words_of(s, "Hold", holds, COUNT(holds));
    words_of(s, "Links", links, COUNT(links));
    words_of(s, "Level", levels, COUNT(levels));
    words_of(s, "SanctionAct", sanctions, COUNT(sanctions));
    words_of(s, "ThreadKind", kinds, COUNT(kinds));
    words_of(s, "Emoji", reactions, COUNT(reactions));
    words_of(s, "Rule", rules, COUNT(rules));
    words_of(s, "ResourceType", types, COUNT(types));
    words_of(s, "Decision", decisions, COUNT(decisions));
    words_of(s, "OrgKind", org_kinds, COUNT(org_kinds));
    words_of(s, "CitySize", city_sizes, COUNT(city_sizes));
    assert_int_equal(number_at(s, "Langs", "maxItems"), BZ_LIMIT_LANGUAGES_MAX);
    words_of(s, "Circle", circles, COUNT(circles));
    for (size_t i = 0; i < COUNT(said); i++) {
        static const char *const objects[] = { "Shown", "Profile" };
        for (size_t k = 0; k < COUNT(objects); k++)
            assert_non_null(json_object_get(json_object_get(json_object_get(s, objects[k]), "properties"), said[i]));
    }
    const json_t *fields = json_object_get(json_object_get(s, "Fields"), "properties");
    size_t known = 0;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        const struct kind_spec *spec = kind_by_wire(span_of(kinds[k]));
        for (size_t i = 0; i < spec->fields_count; i++, known++) {
            const json_t *f = json_object_get(fields, spec->fields[i].name);
            assert_non_null(f);
            if (spec->fields[i].type == FIELD_INT) {
                assert_int_equal(json_integer_value(json_object_get(f, "minimum")), spec->fields[i].min);
                assert_int_equal(json_integer_value(json_object_get(f, "maximum")), spec->fields[i].max);
            } else if (spec->fields[i].list_max > 0) {
                assert_int_equal(json_integer_value(json_object_get(f, "maxItems")), spec->fields[i].list_max);
            } else if (spec->fields[i].type == FIELD_TEXT || spec->fields[i].type == FIELD_URL) {
                assert_int_equal(json_integer_value(json_object_get(f, "x-maxBytes")), spec->fields[i].max);
            }
        }
    }
    assert_int_equal(json_object_size(fields), known);
    json_decref(doc);
}

static void lists_are_the_headers(void **state)
{
    json_t *errors = json_array(), *limits = json_array(), *kinds = json_object();
    json_t *files[] = { read_proto("errors.json"), read_proto("limits.json"), read_proto("kinds.json") };

#define ROW(name, http, wire, rpc, retry) \
    json_array_append_new(errors, json_pack("{s:s,s:i,s:i,s:b}", "code", wire, "rpc", rpc, "http", http, "retry", retry));
    BZ_ERRORS(ROW)
#undef ROW
#define ROW(name, value, meaning)                                                                              \
    do {                                                                                                       \
        char low[40] = #name;                                                                                  \
        for (char *c = low; *c != '\0'; c++)                                                                   \
            if (*c >= 'A' && *c <= 'Z')                                                                        \
                *c = (char)(*c + 32);                                                                          \
        json_array_append_new(limits, json_pack("{s:s,s:i,s:s}", "name", low, "value", value, "meaning", meaning)); \
    } while (0);
    BZ_LIMITS(ROW)
#undef ROW
    json_t *list = json_array();
#define ROW(number, name, wire, room, thread, subject)                                                          \
    json_array_append_new(list, json_pack("{s:i,s:s,s:b,s:b,s:s}", "number", number, "kind", wire, "room", room, \
                                          "thread", thread, "subject", subject));
    BZ_ENTRY_KINDS(ROW)
#undef ROW
    json_object_set_new(kinds, "entries", list);
#define ROW(number, name, wire) json_array_append_new(list, json_pack("{s:i,s:s}", "number", number, "wire", wire));
#define LIST(member, rows)      \
    list = json_array();        \
    rows(ROW)                   \
    json_object_set_new(kinds, member, list);
    LIST("threads", BZ_THREAD_KINDS)
    LIST("roles", BZ_ROLES)
    LIST("accesses", BZ_ACCESSES)
    LIST("levels", BZ_LEVELS)
    LIST("froms", BZ_FROMS)
    LIST("postings", BZ_POSTINGS)
    LIST("sanctions", BZ_SANCTIONS)
    LIST("holds", BZ_HOLDS)
    LIST("links", BZ_LINKS)
    LIST("word_acts", BZ_WORD_ACTS)
    LIST("asks", BZ_ASKS)
#undef LIST
#undef ROW
    list = json_array();
#define ROW(emoji) json_array_append_new(list, json_string(emoji));
    BZ_REACTIONS(ROW)
#undef ROW
    json_object_set_new(kinds, "reactions", list);
    list = json_array();
#define ROW(word) json_array_append_new(list, json_string(word));
    BZ_RULES(ROW)
#undef ROW
    json_object_set_new(kinds, "rules", list);
    list = json_array();
#define ROW(word) json_array_append_new(list, json_string(word));
    BZ_RESOURCE_TYPES(ROW)
#undef ROW
    json_object_set_new(kinds, "resource_types", list);
    list = json_array();
#define ROW(word) json_array_append_new(list, json_string(word));
    BZ_ORG_KINDS(ROW)
#undef ROW
    json_object_set_new(kinds, "org_kinds", list);
    list = json_array();
#define ROW(word) json_array_append_new(list, json_string(word));
    BZ_CITY_SIZES(ROW)
#undef ROW
    json_object_set_new(kinds, "city_sizes", list);
    list = json_array();
#define ROW(word) json_array_append_new(list, json_string(word));
    BZ_DECISIONS(ROW)
#undef ROW
    json_object_set_new(kinds, "decisions", list);
    assert_true(json_equal(files[0], errors));
    assert_true(json_equal(files[1], limits));
    assert_true(json_equal(files[2], kinds));
    json_decref(errors);
    json_decref(limits);
    json_decref(kinds);
    for (size_t i = 0; i < 3; i++)
        json_decref(files[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_sorted_and_complete),
        cmocka_unit_test(document_is_the_table),
        cmocka_unit_test(who_signs_in_how_is_said_of_each_method), cmocka_unit_test(each_method_has_a_scope),
        cmocka_unit_test(named_schemas_keep_the_limits),
        cmocka_unit_test(lists_are_the_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
