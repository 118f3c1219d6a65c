#include "wire/params.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/kinds.h"
#include "domain/mailbox.h"
#include "store/search_page.h"
#include "wire/credential.h"
#include "wire/method.h"
#include "wire/token.h"

#define SEQ_MAX (((int64_t)1 << BZ_ID_SEQ_BITS) - 1)

struct target { const struct hubs *hubs; struct arena *arena; void *at; };

static struct span text_of(const json_t *value)
{
    return (struct span){ json_string_value(value), json_string_length(value) };
}

/* hub code, '-', a positive number without leading zero: what an id looks like, of whatever hub. */
static bool id_formed(struct span s)
{
    const char *dash = memchr(s.at, '-', s.len);

    if (dash == NULL || !hub_code_valid((struct span){ s.at, (size_t)(dash - s.at) }))
        return false;
    struct span n = { dash + 1, s.len - (size_t)(dash - s.at) - 1 };
    if (n.len == 0 || n.len > 13 || n.at[0] == '0')
        return false;
    for (size_t i = 0; i < n.len; i++)
        if (n.at[i] < '0' || n.at[i] > '9')
            return false;
    return true;
}

static enum bz_err put_id(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    bz_id *ret = (bz_id *)((char *)t.at + spec->offset);

    if (!json_is_string(value) || !id_formed(text_of(value)))
        return bz_invalid(e, spec->name, "%s: an id is expected, like africa-48213.", spec->name);
    if (!id_parse(t.hubs, text_of(value), ret))
        return bz_fail(e, BZ_ERR_NOT_FOUND, "There is nothing with this id, or it is not yours to see.");
    return BZ_OK;
}

static enum bz_err put_ids(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    struct id_list *ret = (struct id_list *)((char *)t.at + spec->offset);
    size_t count = json_array_size(value);

    if (!json_is_array(value) || count > (size_t)spec->max)
        return bz_invalid(e, spec->name, "%s: a list of at most %d ids is expected.", spec->name, (int)spec->max);
    *ret = (struct id_list){ .at = arena_alloc(t.arena, (count + 1) * sizeof *ret->at), .is_present = true };
    for (size_t i = 0; i < count; i++) {
        const json_t *id = json_array_get(value, i);
        if (!json_is_string(id) || !id_formed(text_of(id)))
            return bz_invalid(e, spec->name, "%s: an id is expected at place %zu.", spec->name, i + 1);
        if (id_parse(t.hubs, text_of(id), &ret->at[ret->count]))
            ret->count++;
    }
    return BZ_OK;
}

static bool cid_valid(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", s.at[i]) == NULL)
            return false;
    return s.len >= 1 && s.len <= BZ_LIMIT_CID_CHARS;
}

static enum bz_err check_text(const struct param_spec *spec, struct span s, struct bz_error *e)
{
    if (s.len < (size_t)spec->min || s.len > (size_t)spec->max)
        return bz_invalid(e, spec->name, "%s: %d to %d bytes are allowed, these are %zu.", spec->name,
                          (int)spec->min, (int)spec->max, s.len);
    if (s.len > 0 && !utf8_is_text(s))
        return bz_invalid(e, spec->name, "%s: something readable is expected, without control characters.",
                          spec->name);
    return BZ_OK;
}

static enum bz_err check_table(const struct param_spec *spec, struct span s, struct bz_error *e)
{
    bool is_table = utf8_valid(s) && s.len >= (size_t)spec->min && s.len <= (size_t)spec->max;

    for (size_t i = 0; i < s.len && is_table; i++)
        is_table = (unsigned char)s.at[i] >= ' ' || s.at[i] == '\n' || s.at[i] == '\r' || s.at[i] == '\t';
    return is_table ? BZ_OK : bz_invalid(e, spec->name, "%s: a table as text is expected, of %d to %d bytes.", spec->name,
                                         (int)spec->min, (int)spec->max);
}

static enum bz_err check_string(const struct param_spec *spec, struct span s, struct bz_error *e)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    struct search_page page;
    bool is_valid = false;
    const char *expected = "";

    switch ((int)spec->type) {
    case PARAM_TEXT:
        return check_text(spec, s, e);
    case PARAM_NAME:
        is_valid = utf8_is_name(s, (size_t)spec->max);
        expected = "one line of readable characters, not empty and not longer than allowed";
        break;
    case PARAM_SLUG:
        is_valid = slug_valid(s);
        expected = "a to z, 0 to 9 and -, at most 40";
        break;
    case PARAM_HANDLE:
        is_valid = handle_valid(s);
        expected = "2 to 24 of a to z, 0 to 9 and single dots inside";
        break;
    case PARAM_LANG:
        is_valid = lang_valid(s);
        expected = "a language tag like en or pt-BR";
        break;
    case PARAM_COUNTRY:
        is_valid = country_valid(s);
        expected = "a country's code like SN or BR";
        break;
    case PARAM_RESOURCE_TYPE:
        is_valid = is_resource_type(s);
        expected = "one of the types of resources";
        break;
    case PARAM_ORG_KIND:
        is_valid = is_org_kind(s);
        expected = "city, government, partner or secretariat";
        break;
    case PARAM_CITY_SIZE:
        is_valid = is_city_size(s);
        expected = "small, medium, large or mega";
        break;
    case PARAM_CID:
        is_valid = cid_valid(s);
        expected = "1 to 64 of A to Z, a to z, 0 to 9, _ and -";
        break;
    case PARAM_NEXT:
        is_valid = search_page_parse(s, &page);
        expected = "what `next` said";
        break;
    case PARAM_TOKEN:
        is_valid = token_hash(s, hash);
        expected = "43 characters of base64url";
        break;
    case PARAM_EMOJI:
        is_valid = is_reaction(s);
        expected = "one of the six reactions";
        break;
    case PARAM_RULE:
        is_valid = is_rule(s);
        expected = "one of the rules";
        break;
    case PARAM_DECISION:
        is_valid = is_decision(s);
        expected = "one of the decisions";
        break;
    default:
        assert(!"a type of string");
    }
    if (is_valid)
        return BZ_OK;
    return bz_invalid(e, spec->name, "%s: expected is %s.", spec->name, expected);
}

static enum bz_err put_string(const struct param_spec *spec, const json_t *value, struct target t,
                              struct bz_error *e)
{
    if (!json_is_string(value))
        return bz_invalid(e, spec->name, "%s: a string is expected.", spec->name);
    if ((spec->type == PARAM_CSV ? check_table : check_string)(spec, text_of(value), e) != BZ_OK)
        return e->code;
    *(struct span *)((char *)t.at + spec->offset) = arena_copy(t.arena, text_of(value));
    return BZ_OK;
}

/* A copied code often has a blank in its middle, or a phone's hyphen. */
static bool code_digits(struct span s, char ret[7])
{
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool is_digit = s.at[i] >= '0' && s.at[i] <= '9';
        if (is_digit && len < 6)
            ret[len++] = s.at[i];
        else if (is_digit || (s.at[i] != ' ' && s.at[i] != '-'))
            return false;
    }
    ret[len] = '\0';
    return len == 6;
}

static enum bz_err put_code(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    char digits[7];

    if (!json_is_string(value) || json_string_length(value) > 32 || !code_digits(text_of(value), digits))
        return bz_invalid(e, spec->name, "%s: six digits are expected.", spec->name);
    *(struct span *)((char *)t.at + spec->offset) = arena_copy(t.arena, span_of(digits));
    return BZ_OK;
}

static enum bz_err put_email(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    char key[MAILBOX_BYTES + 1];

    if (!json_is_string(value) || !mailbox_key(text_of(value), key))
        return bz_invalid(e, spec->name, "%s: one e-mail address is expected, like name@example.org.", spec->name);
    *(struct span *)((char *)t.at + spec->offset) = arena_copy(t.arena, span_of(key));
    return BZ_OK;
}

static enum bz_err put_name_hex(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    const char *text = json_string_value(value);

    if (text == NULL || json_string_length(value) != 16 || strspn(text, "0123456789abcdef") != 16)
        return bz_invalid(e, spec->name, "%s: expected is the name that the list says.", spec->name);
    *(struct span *)((char *)t.at + spec->offset) = arena_copy(t.arena, text_of(value));
    return BZ_OK;
}

static enum bz_err put_scopes(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    unsigned *ret = (unsigned *)((char *)t.at + spec->offset), one;
    size_t i = 0, count = json_array_size(value);

    while (i < count && json_is_string(json_array_get(value, i)) && scope_by_wire(text_of(json_array_get(value, i)), &one)
           && (*ret & one) == 0) {
        *ret |= one;
        i++;
    }
    if (json_is_array(value) && count > 0 && i == count)
        return BZ_OK;
    return bz_invalid(e, spec->name, "%s: one or more of read, post and moderate are expected, each once.", spec->name);
}

static enum bz_err put_secret(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    if (json_is_string(value) && token_hash(text_of(value), (unsigned char *)t.at + spec->offset))
        return BZ_OK;
    return bz_invalid(e, spec->name, "%s: 43 characters of base64url are expected.", spec->name);
}

static enum bz_err put_word(const struct param_spec *spec, const json_t *value, struct target t,
                            struct bz_error *e)
{
    void *at = (char *)t.at + spec->offset;
    struct span s = json_is_string(value) ? text_of(value) : (struct span){ NULL, 0 };
    const struct kind_spec *kind = NULL;
    bool is_known = false;

    switch ((int)spec->type) {
    case PARAM_ROLE:
        is_known = role_by_wire(s, at);
        break;
    case PARAM_SANCTION:
        is_known = sanction_by_wire(s, at);
        break;
    case PARAM_ACCESS:
        is_known = access_by_wire(s, at);
        break;
    case PARAM_LEVEL:
        is_known = level_by_wire(s, at);
        break;
    case PARAM_FROM:
        is_known = from_by_wire(s, at);
        break;
    case PARAM_SAID:
        is_known = profile_field_by_wire(s, at);
        break;
    case PARAM_POSTING:
        is_known = posting_by_wire(s, at);
        break;
    case PARAM_HOLD:
        is_known = hold_by_wire(s, at);
        break;
    case PARAM_LINKS:
        is_known = links_by_wire(s, at);
        break;
    case PARAM_SIGNAL:
        is_known = span_is(s, "typing");
        break;
    case PARAM_KIND:
    case PARAM_NEW_KIND:
        kind = kind_by_wire(s);
        is_known = kind != NULL && (spec->type == PARAM_KIND || kind->is_creatable);
        if (is_known)
            *(enum thread_kind *)at = kind->kind;
        break;
    default:
        assert(!"a type of word");
    }
    if (is_known)
        return BZ_OK;
    return bz_invalid(e, spec->name, "%s: this is not one of the known words.", spec->name);
}

static enum bz_err put_int(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    json_int_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < spec->min || n > spec->max)
        return bz_invalid(e, spec->name, "%s: an integer from %lld to %lld is expected.", spec->name,
                          (long long)spec->min, (long long)spec->max);
    *(int64_t *)((char *)t.at + spec->offset) = n;
    return BZ_OK;
}

static enum bz_err put_bool(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    if (!json_is_boolean(value))
        return bz_invalid(e, spec->name, "%s: true or false is expected.", spec->name);
    *(bool *)((char *)t.at + spec->offset) = json_is_true(value);
    return BZ_OK;
}

/* A word on the list is one line with a letter or a digit in it: what is nothing but marks is found nowhere. */
static bool is_wanted_word(struct span word)
{
    bool has_letter = false;

    for (size_t i = 0; i < word.len; i++) {
        unsigned char c = (unsigned char)word.at[i];
        has_letter = has_letter || c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
    return has_letter && word.len <= BZ_LIMIT_WORD_BYTES && utf8_is_name(word, BZ_LIMIT_WORD_BYTES);
}

static enum bz_err put_words(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    struct buf out;
    size_t count = json_array_size(value), i = 0;

    if (!json_is_array(value) || count > (size_t)spec->max)
        return bz_invalid(e, spec->name, "%s: a list of at most %d words is expected.", spec->name, (int)spec->max);
    buf_init(&out, BZ_LIMIT_FRAME_BYTES);
    json_open(&out, '[');
    for (; i < count; i++) {
        const json_t *one = json_array_get(value, i), *word = json_object_get(one, "word"), *act = json_object_get(one, "act");
        enum word_act known;
        if (json_object_size(one) != 2 || !json_is_string(word) || !json_is_string(act) || !is_wanted_word(text_of(word))
            || !word_act_by_wire(text_of(act), &known))
            break;
        json_open(&out, '{');
        json_put_text(&out, "word", text_of(word));
        json_put_text(&out, "act", text_of(act));
        json_close(&out, '}');
    }
    json_close(&out, ']');
    *(struct span *)((char *)t.at + spec->offset) = arena_copy(t.arena, buf_span(&out));
    buf_done(&out);
    if (i == count)
        return BZ_OK;
    return bz_invalid(e, spec->name, "%s: at place %zu a word of at most %d bytes and what it does are expected.", spec->name,
                      i + 1, BZ_LIMIT_WORD_BYTES);
}

/* One or more, in the order of the languages. */
static enum bz_err put_names(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    static const char *const langs[] = { "en", "fr", "es", "pt" };
    struct buf out;
    size_t seen = 0;
    bool is_valid = json_is_object(value);

    buf_init(&out, BZ_LIMIT_FRAME_BYTES);
    json_open(&out, '{');
    for (size_t i = 0; i < sizeof langs / sizeof langs[0] && is_valid; i++) {
        const json_t *name = json_object_get(value, langs[i]);
        if (name == NULL)
            continue;
        seen++;
        is_valid = json_is_string(name) && utf8_is_name(text_of(name), (size_t)spec->max);
        if (is_valid)
            json_put_text(&out, langs[i], text_of(name));
    }
    json_close(&out, '}');
    *(struct span *)((char *)t.at + spec->offset) = arena_copy(t.arena, buf_span(&out));
    buf_done(&out);
    if (is_valid && seen > 0 && seen == json_object_size(value))
        return BZ_OK;
    return bz_invalid(e, spec->name, "%s: names of at most %d characters in en, fr, es or pt are expected.", spec->name,
                      (int)spec->max);
}

static bool is_once(const json_t *list, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (json_equal(json_array_get(list, i), json_array_get(list, at)))
            return false;
    return true;
}

static enum bz_err put_list(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    struct buf out;
    size_t count = json_array_size(value), i = 0;

    if (!json_is_array(value) || count > (size_t)spec->max)
        return bz_invalid(e, spec->name, "%s: a list of at most %d is expected.", spec->name, (int)spec->max);
    buf_init(&out, BZ_LIMIT_FRAME_BYTES);
    json_open(&out, '[');
    for (; i < count; i++) {
        struct span one = text_of(json_array_get(value, i));
        if (!json_is_string(json_array_get(value, i)) || !is_once(value, i)
            || !(spec->type == PARAM_LANGS ? lang_valid(one) : slug_valid(one)))
            break;
        json_text(&out, one);
    }
    json_close(&out, ']');
    *(struct span *)((char *)t.at + spec->offset) = arena_copy(t.arena, buf_span(&out));
    buf_done(&out);
    if (i == count)
        return BZ_OK;
    return bz_invalid(e, spec->name, "%s: at place %zu a %s that stands once is expected.", spec->name, i + 1,
                      spec->type == PARAM_LANGS ? "language tag" : "slug");
}

/* Circles by the names of fields. */
static enum bz_err put_shown(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    struct profile_set *ret = (struct profile_set *)((char *)t.at + spec->offset);
    size_t seen = 0;

    for (int i = 1; i < PROFILE_END && json_is_object(value); i++) {
        const json_t *one = json_object_get(value, profile_field_wire((enum profile_field)i));
        enum circle circle;
        if (one == NULL)
            continue;
        if (!json_is_string(one) || !circle_by_wire(text_of(one), &circle))
            return bz_invalid(e, spec->name, "%s: nobody, rooms, region or all.", spec->name);
        ret->shown[i] = (unsigned char)(1 + circle);
        seen++;
    }
    if (json_is_object(value) && seen == json_object_size(value))
        return BZ_OK;
    return bz_invalid(e, spec->name, "%s: an object of fields and who sees them is expected.", spec->name);
}

static bool is_upload(struct span s) { return s.len == UPLOAD_CHARS && strspn(s.at, "0123456789abcdef") == UPLOAD_CHARS; }

/* A member of an object that is one line, or is left out. */
static bool take_line(const json_t *object, const char *name, size_t chars_max, struct arena *arena, struct span *ret,
                      size_t *ret_seen)
{
    const json_t *value = json_object_get(object, name);

    if (value == NULL)
        return true;
    ++*ret_seen;
    if (!json_is_string(value) || !utf8_is_name(text_of(value), chars_max))
        return false;
    *ret = arena_copy(arena, text_of(value));
    return true;
}

static enum bz_err put_files(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    size_t count = json_array_size(value);

    if (!json_is_array(value) || count > (size_t)spec->max)
        return bz_invalid(e, spec->name, "%s: a list of at most %d files is expected.", spec->name, (int)spec->max);
    struct file_ref *files = arena_alloc(t.arena, (count + 1) * sizeof *files);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(value, i), *upload = json_object_get(one, "upload");
        size_t seen = 1;
        if (!json_is_string(upload) || !is_upload(text_of(upload))
            || !take_line(one, "name", BZ_LIMIT_FILE_NAME_CHARS, t.arena, &files[i].name, &seen)
            || !take_line(one, "alt", BZ_LIMIT_ALT_CHARS, t.arena, &files[i].alt, &seen) || seen != json_object_size(one))
            return bz_invalid(e, spec->name, "%s: at place %zu an upload, with or without a name and alt, is expected.",
                              spec->name, i + 1);
        files[i].upload = arena_copy(t.arena, text_of(upload));
    }
    *(struct file_refs *)((char *)t.at + spec->offset) = (struct file_refs){ files, count };
    return BZ_OK;
}

static enum bz_err put_cursor(const struct param_spec *spec, const json_t *value, struct target t,
                              struct bz_error *e)
{
    struct cursor *ret = (struct cursor *)((char *)t.at + spec->offset);
    const char *name;
    json_t *seq;

    if (!json_is_object(value))
        return bz_invalid(e, spec->name, "%s: an object of hub codes and numbers is expected.", spec->name);
    json_object_foreach((json_t *)value, name, seq)
    {
        json_int_t n = json_integer_value(seq);
        if (!hub_code_valid(span_of(name)) || !json_is_integer(seq) || n < 0 || n > SEQ_MAX)
            return bz_invalid(e, spec->name, "%s: every member is a hub's code and a number.", spec->name);
        if (strcmp(name, t.hubs->code[0]) == 0)
            *ret = (struct cursor){ n, true };
    }
    return BZ_OK;
}

static enum bz_err put(const struct param_spec *spec, const json_t *value, struct target t, struct bz_error *e)
{
    switch (spec->type) {
    case PARAM_ID:
        return put_id(spec, value, t, e);
    case PARAM_IDS:
        return put_ids(spec, value, t, e);
    case PARAM_TEXT:
    case PARAM_CSV:
    case PARAM_NAME:
    case PARAM_SLUG:
    case PARAM_HANDLE:
    case PARAM_LANG:
    case PARAM_COUNTRY:
    case PARAM_RESOURCE_TYPE:
    case PARAM_ORG_KIND:
    case PARAM_CITY_SIZE:
    case PARAM_CID:
    case PARAM_NEXT:
    case PARAM_TOKEN:
    case PARAM_EMOJI:
    case PARAM_RULE:
    case PARAM_DECISION:
        return put_string(spec, value, t, e);
    case PARAM_ROLE:
    case PARAM_SANCTION:
    case PARAM_ACCESS:
    case PARAM_LEVEL:
    case PARAM_FROM:
    case PARAM_SAID:
    case PARAM_POSTING:
    case PARAM_HOLD:
    case PARAM_LINKS:
    case PARAM_KIND:
    case PARAM_NEW_KIND:
    case PARAM_SIGNAL:
        return put_word(spec, value, t, e);
    case PARAM_NAME_HEX:
        return put_name_hex(spec, value, t, e);
    case PARAM_SCOPES:
        return put_scopes(spec, value, t, e);
    case PARAM_SECRET:
        return put_secret(spec, value, t, e);
    case PARAM_CODE:
        return put_code(spec, value, t, e);
    case PARAM_EMAIL:
        return put_email(spec, value, t, e);
    case PARAM_CREDENTIAL:
        return credential_read(spec->name, value, t.arena, (void *)((char *)t.at + spec->offset), e);
    case PARAM_INT:
        return put_int(spec, value, t, e);
    case PARAM_BOOL:
        return put_bool(spec, value, t, e);
    case PARAM_FIELDS:
        if (!json_is_object(value))
            return bz_invalid(e, spec->name, "%s: an object is expected.", spec->name);
        return BZ_OK;
    case PARAM_WORDS:
        return put_words(spec, value, t, e);
    case PARAM_NAMES:
        return put_names(spec, value, t, e);
    case PARAM_LANGS:
    case PARAM_SLUGS:
        return put_list(spec, value, t, e);
    case PARAM_SHOWN:
        return put_shown(spec, value, t, e);
    case PARAM_FILES:
        return put_files(spec, value, t, e);
    case PARAM_CURSOR:
        return put_cursor(spec, value, t, e);
    }
    return bz_fail(e, BZ_ERR_STORE, "There is no such type of parameter.");
}

static const struct param_spec *spec_by_name(const struct method *m, const char *name)
{
    for (size_t i = 0; i < m->params_count; i++)
        if (strcmp(m->params[i].name, name) == 0)
            return &m->params[i];
    return NULL;
}

/* A name from outside goes into the answer's `field` only when it looks like a name. */
static enum bz_err unknown(const struct method *m, const char *name, struct bz_error *e)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    return bz_invalid(e, name[len] == '\0' && len < sizeof e->field ? name : "params",
                      "%s has no parameter of this name.", m->name);
}

enum bz_err params_check(const struct method *m, const json_t *params, const struct hubs *hubs, struct arena *arena,
                         void *target, struct bz_error *e)
{
    const struct target t = { hubs, arena, target };
    struct bz_error missing = { .code = BZ_OK };
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)params, name, value)
        if (spec_by_name(m, name) == NULL)
            return unknown(m, name, e);
    for (size_t i = 0; i < m->params_count; i++) {
        const struct param_spec *spec = &m->params[i];
        value = json_object_get(params, spec->name);
        if (value == NULL && spec->is_required)
            return bz_invalid(e, spec->name, "%s: this is required.", spec->name);
        if (value == NULL || (spec->may_be_null && json_is_null(value)))
            continue;
        enum bz_err rc = put(spec, value, t, e);
        /* What is malformed is said before what is missing elsewhere, whatever the order of the rows. */
        if (rc == BZ_ERR_NOT_FOUND)
            missing = *e;
        else if (rc != BZ_OK)
            return rc;
    }
    if (m->finish != NULL && m->finish(params, target, arena, e) != BZ_OK)
        return e->code;
    if (missing.code != BZ_OK)
        *e = missing;
    return missing.code;
}

static json_t *int_from_text(struct span s)
{
    char *end;

    if (s.len == 0 || s.len > 19 || strspn(s.at, "-0123456789") != s.len)
        return NULL;
    errno = 0;
    long long n = strtoll(s.at, &end, 10);
    return errno == 0 && *end == '\0' ? json_integer(n) : NULL;
}

static json_t *ids_from_text(struct span s)
{
    json_t *ids = json_array();

    for (size_t at = 0; at < s.len;) {
        const char *end = memchr(s.at + at, ',', s.len - at);
        size_t len = end == NULL ? s.len - at : (size_t)(end - s.at) - at;
        json_array_append_new(ids, json_stringn(s.at + at, len));
        at += len + 1;
    }
    return ids;
}

static json_t *value_from_text(const struct param_spec *spec, struct span s)
{
    if (spec->type == PARAM_INT)
        return int_from_text(s);
    if (spec->type == PARAM_IDS)
        return ids_from_text(s);
    if (spec->type == PARAM_BOOL)
        return span_is(s, "true") || span_is(s, "false") ? json_boolean(span_is(s, "true")) : NULL;
    return json_stringn(s.at, s.len);
}

enum bz_err params_from_pairs(const struct method *m, const struct pair *pairs, size_t count, json_t **ret,
                              struct bz_error *e)
{
    json_t *object = json_object();

    for (size_t i = 0; i < count; i++) {
        const struct param_spec *spec = spec_by_name(m, pairs[i].name.at);
        if (spec == NULL) {
            json_decref(object);
            return unknown(m, pairs[i].name.at, e);
        }
        if (json_object_set_new(object, spec->name, value_from_text(spec, pairs[i].value)) != 0) {
            json_decref(object);
            return bz_invalid(e, spec->name, "%s: this is not a value that can be read.", spec->name);
        }
    }
    *ret = object;
    return BZ_OK;
}
