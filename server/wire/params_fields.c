#include "wire/params.h"

#include <stdio.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "domain/kinds.h"
#include "wire/method.h"

static struct span text_of(const json_t *value) { return (struct span){ json_string_value(value), json_string_length(value) }; }

/* A list of texts, each once; an empty one is as if it were left out. */
static enum bz_err field_list(const struct field_spec *spec, const json_t *value, struct buf *out, struct bz_error *e)
{
    size_t count = json_array_size(value);

    if (!json_is_array(value) || count > spec->list_max)
        return bz_invalid(e, spec->name, "%s: a list of at most %zu is expected.", spec->name, spec->list_max);
    if (count == 0)
        return BZ_OK;
    json_name(out, spec->name);
    json_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(value, i);
        if (!json_is_string(one))
            return bz_invalid(e, spec->name, "%s: a string is expected at place %zu.", spec->name, i + 1);
        if (field_check(spec, text_of(one), 0, e) != BZ_OK)
            return e->code;
        for (size_t k = 0; k < i; k++)
            if (json_equal(json_array_get(value, k), one))
                return bz_invalid(e, spec->name, "%s: each once.", spec->name);
        json_text(out, text_of(one));
    }
    json_close(out, ']');
    return BZ_OK;
}

static enum bz_err field_put(const struct field_spec *spec, const json_t *value, struct buf *out,
                             struct bz_error *e)
{
    bool is_number = spec->type == FIELD_INT || spec->type == FIELD_TIME_MS;
    enum bz_err rc = BZ_ERR_INVALID;

    if (spec->list_max > 0)
        rc = field_list(spec, value, out, e);
    else if (is_number ? json_is_integer(value) : json_is_string(value))
        rc = field_check(spec, is_number ? (struct span){ NULL, 0 } : text_of(value), json_integer_value(value), e);
    else
        bz_invalid(e, spec->name, "%s: %s is expected.", spec->name, is_number ? "an integer" : "a string");
    if (rc != BZ_OK) {
        snprintf(e->field, sizeof e->field, "fields.%s", spec->name);
        return rc;
    }
    if (spec->list_max > 0)
        return BZ_OK;
    if (is_number)
        json_put_int(out, spec->name, json_integer_value(value));
    else
        json_put_text(out, spec->name, text_of(value));
    return BZ_OK;
}

enum bz_err params_fields(const json_t *fields, enum thread_kind kind, struct arena *arena, struct span *ret,
                          struct bz_error *e)
{
    const struct kind_spec *spec = kind_spec(kind);
    struct buf out;
    size_t seen = 0;
    enum bz_err rc = BZ_OK;

    buf_init(&out, BZ_LIMIT_FIELDS_BYTES);
    json_open(&out, '{');
    for (size_t i = 0; i < spec->fields_count && rc == BZ_OK; i++) {
        const struct field_spec *field = &spec->fields[i];
        const json_t *value = json_object_get(fields, field->name);
        if (value != NULL) {
            seen++;
            rc = field_put(field, value, &out, e);
        } else if (field->is_required) {
            rc = bz_invalid(e, "fields", "fields: a %s needs %s.", spec->wire, field->name);
        }
    }
    json_close(&out, '}');
    if (rc == BZ_OK && seen != json_object_size(fields))
        rc = bz_invalid(e, "fields", "fields: a %s has no field of this name.", spec->wire);
    if (rc == BZ_OK && out.failed)
        rc = bz_invalid(e, "fields", "fields: at most %d bytes are allowed.", BZ_LIMIT_FIELDS_BYTES);
    if (rc == BZ_OK && seen > 0)
        *ret = arena_copy(arena, buf_span(&out));
    buf_done(&out);
    return rc;
}
