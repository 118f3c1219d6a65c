#include "wire/clientdata.h"

#include <sodium.h>

#include "wire/codec.h"

static struct span text_of(const json_t *doc, const char *name)
{
    const json_t *value = json_object_get(doc, name);
    return json_is_string(value) ? (struct span){ json_string_value(value), json_string_length(value) } : (struct span){ NULL, 0 };
}

static bool is_ours(struct span origin, const struct origins *origins)
{
    for (size_t i = 0; i < origins->count; i++)
        if (span_is(origin, origins->at[i]))
            return true;
    return false;
}

static bool read_challenge(struct span text, unsigned char ret[WEBAUTHN_CHALLENGE_BYTES])
{
    size_t len = 0;
    const char *end;
    return text.at != NULL &&
           sodium_base642bin(ret, WEBAUTHN_CHALLENGE_BYTES, text.at, text.len, NULL, &len, &end,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           len == WEBAUTHN_CHALLENGE_BYTES && end == text.at + text.len;
}

static enum bz_err check(const json_t *doc, bool is_new, const struct origins *origins,
                         unsigned char ret_challenge[WEBAUTHN_CHALLENGE_BYTES], struct bz_error *e)
{
    const json_t *cross = json_object_get(doc, "crossOrigin");
    if (!json_is_object(doc) || !span_is(text_of(doc, "type"), is_new ? "webauthn.create" : "webauthn.get"))
        return bz_invalid(e, "credential", "credential: this passkey did something else than was asked");
    if (!is_ours(text_of(doc, "origin"), origins))
        return bz_invalid(e, "credential", "credential: this passkey was asked by a page of another site");
    if ((cross != NULL && !json_is_false(cross)) || json_object_get(doc, "topOrigin") != NULL)
        return bz_invalid(e, "credential", "credential: this passkey was asked by a page inside another one");
    if (!read_challenge(text_of(doc, "challenge"), ret_challenge))
        return bz_invalid(e, "credential", "credential: what this passkey answered to is missing");
    return BZ_OK;
}

enum bz_err clientdata_read(struct span json, bool is_new, const struct origins *origins,
                            unsigned char ret_challenge[WEBAUTHN_CHALLENGE_BYTES], struct bz_error *e)
{
    json_t *doc;
    struct bz_error of_form = { 0 };
    if (json.at == NULL || codec_load(json, &doc, &of_form) != BZ_OK)
        return bz_invalid(e, "credential", "credential: what the browser says of this passkey is not well formed");
    enum bz_err rc = check(doc, is_new, origins, ret_challenge, e);
    json_decref(doc);
    return rc;
}
