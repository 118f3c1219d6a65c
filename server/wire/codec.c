#include "wire/codec.h"

#include "base/json_out.h"
#include "base/limits.h"
#include "base/utf8.h"

/* The position behind a string that starts behind its opening quote. */
static size_t string_end(struct span text, size_t at)
{
    while (at < text.len && text.at[at] != '"')
        at += text.at[at] == '\\' ? 2 : 1;
    return at + 1;
}

/* Counts depth and keys without building anything, so that hostile text costs one pass. Whether it is JSON at all is
 * jansson's question: here a colon is a key, wherever it stands outside of strings. */
static enum bz_err guard(struct span text, unsigned keys_max, struct bz_error *e)
{
    unsigned keys[BZ_LIMIT_JSON_DEPTH];
    size_t depth = 0;

    for (size_t at = 0; at < text.len;) {
        char c = text.at[at++];
        if (c == '"') {
            at = string_end(text, at);
        } else if (c == '{' || c == '[') {
            if (depth == BZ_LIMIT_JSON_DEPTH)
                return bz_fail(e, BZ_ERR_REQUEST, "The JSON is nested deeper than %d levels.",
                               BZ_LIMIT_JSON_DEPTH);
            keys[depth++] = 0;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        } else if (c == ':' && depth > 0 && ++keys[depth - 1] > keys_max) {
            return bz_fail(e, BZ_ERR_REQUEST, "An object of the JSON has more than %u members.", keys_max);
        }
    }
    return BZ_OK;
}

static enum bz_err load(struct span text, unsigned keys_max, json_t **ret, struct bz_error *e)
{
    json_error_t why;

    if (text.len > BZ_LIMIT_FRAME_BYTES)
        return bz_fail(e, BZ_ERR_TOO_LARGE, "A message has at most %d bytes; send less at once.",
                       BZ_LIMIT_FRAME_BYTES);
    if (guard(text, keys_max, e) != BZ_OK)
        return e->code;
    *ret = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &why);
    if (*ret == NULL)
        return bz_fail(e, BZ_ERR_PARSE, "This is not JSON (at byte %d).", why.position);
    return BZ_OK;
}

enum bz_err codec_load(struct span text, json_t **ret, struct bz_error *e) { return load(text, BZ_LIMIT_JSON_KEYS, ret, e); }

enum bz_err codec_load_foreign(struct span text, json_t **ret, struct bz_error *e)
{
    json_t *doc = NULL;

    if (text.at == NULL || load(text, FOREIGN_KEYS, &doc, e) != BZ_OK)
        return bz_fail(e, BZ_ERR_PARSE, "This is not JSON.");
    if (!json_is_object(doc)) {
        json_decref(doc);
        return bz_fail(e, BZ_ERR_PARSE, "This is no object.");
    }
    *ret = doc;
    return BZ_OK;
}

static bool id_text(const json_t *id, struct arena *arena, struct span *ret)
{
    struct buf text;

    buf_init(&text, REQUEST_ID_BYTES);
    if (json_is_null(id))
        json_nil(&text);
    else if (json_is_integer(id))
        json_int(&text, json_integer_value(id));
    else if (json_is_string(id))
        json_text(&text, (struct span){ json_string_value(id), json_string_length(id) });
    bool is_id = text.len > 0 && !text.failed;
    if (is_id)
        *ret = arena_copy(arena, buf_span(&text));
    buf_done(&text);
    return is_id;
}

enum bz_err codec_request(const json_t *item, struct arena *arena, struct request *ret, struct bz_error *e)
{
    const json_t *id = json_object_get(item, "id");
    const json_t *method = json_object_get(item, "method");
    const json_t *params = json_object_get(item, "params");
    const json_t *version = json_object_get(item, "jsonrpc");
    size_t known = (id != NULL) + (method != NULL) + (params != NULL) + (version != NULL);

    *ret = (struct request){ .id = SPAN("null") };
    if (!json_is_object(item))
        return bz_fail(e, BZ_ERR_REQUEST, "A request is an object.");
    if (id != NULL && !id_text(id, arena, &ret->id))
        return bz_fail(e, BZ_ERR_REQUEST, "A request's id is null, an integer or a string of at most %d bytes.",
                       REQUEST_ID_BYTES - 2);
    if (!json_is_string(version) || strcmp(json_string_value(version), "2.0") != 0)
        return bz_fail(e, BZ_ERR_REQUEST, "A request says \"jsonrpc\": \"2.0\".");
    if (!json_is_string(method))
        return bz_fail(e, BZ_ERR_REQUEST, "A request's method is a string.");
    if (json_object_size(item) != known)
        return bz_fail(e, BZ_ERR_REQUEST, "A request has only jsonrpc, id, method and params.");
    if (id == NULL)
        ret->id = (struct span){ NULL, 0 };
    if (params != NULL && !json_is_object(params))
        return bz_invalid(e, "params", "Parameters are given by name, in an object.");
    ret->method = (struct span){ json_string_value(method), json_string_length(method) };
    ret->params = params;
    return BZ_OK;
}

static void envelope(struct span id, struct buf *ret)
{
    json_open(ret, '{');
    json_put_text(ret, "jsonrpc", SPAN("2.0"));
    json_put_raw(ret, "id", id);
}

void codec_result(struct span id, struct span result, struct buf *ret)
{
    envelope(id, ret);
    json_put_raw(ret, "result", result);
    json_close(ret, '}');
}

void codec_error(struct span id, const struct bz_error *error, struct buf *ret)
{
    envelope(id, ret);
    json_name(ret, "error");
    json_open(ret, '{');
    json_put_int(ret, "code", bz_err_rpc(error->code));
    json_put_text(ret, "message", span_of(error->text));
    json_name(ret, "data");
    json_open(ret, '{');
    json_put_text(ret, "code", span_of(bz_err_wire(error->code)));
    if (error->field[0] != '\0')
        json_put_text(ret, "field", span_of(error->field));
    if (error->word[0] != '\0')
        json_put_text(ret, "word", span_of(error->word));
    if (error->retry_after_ms > 0)
        json_put_int(ret, "retry_after_ms", error->retry_after_ms);
    if (error->request[0] != '\0')
        json_put_text(ret, "request", span_of(error->request));
    json_close(ret, '}');
    json_close(ret, '}');
    json_close(ret, '}');
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes in a copy: the result is never longer than its source. */
static bool decode(struct span s, struct arena *arena, struct span *ret)
{
    char *to = arena_alloc(arena, s.len + 1);
    size_t len = 0;

    for (size_t at = 0; at < s.len; at++) {
        char c = s.at[at] == '+' ? ' ' : s.at[at];
        if (c == '%') {
            if (s.len - at < 3 || hex(s.at[at + 1]) < 0 || hex(s.at[at + 2]) < 0)
                return false;
            c = (char)(hex(s.at[at + 1]) * 16 + hex(s.at[at + 2]));
            at += 2;
        }
        if (c == '\0')
            return false;
        to[len++] = c;
    }
    *ret = (struct span){ to, len };
    return utf8_valid(*ret);
}

static enum bz_err pair_read(struct span part, struct arena *arena, struct pair *ret, struct bz_error *e)
{
    const char *equals = memchr(part.at, '=', part.len);

    if (equals == NULL)
        return bz_fail(e, BZ_ERR_INVALID, "Parameters in the address are written name=value.");
    struct span name = { part.at, (size_t)(equals - part.at) };
    struct span value = { equals + 1, part.len - name.len - 1 };
    if (!decode(name, arena, &ret->name) || !decode(value, arena, &ret->value))
        return bz_fail(e, BZ_ERR_INVALID, "A parameter in the address is not percent-encoded UTF-8.");
    return BZ_OK;
}

enum bz_err codec_pairs(struct span args, struct arena *arena, struct pair *ret, size_t max, size_t *ret_count,
                        struct bz_error *e)
{
    size_t count = 0;

    for (size_t at = 0; at < args.len;) {
        const char *end = memchr(args.at + at, '&', args.len - at);
        size_t len = end == NULL ? args.len - at : (size_t)(end - args.at) - at;
        if (count == max)
            return bz_fail(e, BZ_ERR_INVALID, "There are more parameters than the method has.");
        if (pair_read((struct span){ args.at + at, len }, arena, &ret[count], e) != BZ_OK)
            return e->code;
        for (size_t i = 0; i < count; i++)
            if (span_eq(ret[i].name, ret[count].name))
                return bz_fail(e, BZ_ERR_INVALID, "A parameter stands twice in the address.");
        count++;
        at += len + 1;
    }
    *ret_count = count;
    return BZ_OK;
}
