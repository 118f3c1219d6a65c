#include "wire/credential.h"

#include <sodium.h>

#include "base/webauthn.h"

#define PART_BYTES 8192            /* of each part; attestations are the longest */

static bool decode(const json_t *value, size_t bytes_max, struct arena *arena, struct span *ret)
{
    size_t len = 0, text_len = json_string_length(value);
    const char *text = json_string_value(value), *end;
    if (text == NULL || text_len > bytes_max / 3 * 4 + 4)
        return false;
    unsigned char *bytes = arena_alloc(arena, text_len + 1);
    if (sodium_base642bin(bytes, text_len + 1, text, text_len, NULL, &len, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text + text_len || len > bytes_max)
        return false;
    *ret = (struct span){ (const char *)bytes, len };
    return true;
}

enum bz_err credential_read(const char *name, const json_t *value, struct arena *arena, struct credential *ret, struct bz_error *e)
{
    const struct { const char *name; size_t bytes_max; struct span *at; } parts[] = {
        { "id", WEBAUTHN_ID_BYTES, &ret->id }, { "client", PART_BYTES, &ret->client }, { "attestation", PART_BYTES, &ret->attestation },
        { "data", PART_BYTES, &ret->data }, { "signature", PART_BYTES, &ret->signature }, { "handle", 64, &ret->handle },
    };
    size_t read = 0;
    *ret = (struct credential){ 0 };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const json_t *part = json_object_get(value, parts[i].name);
        if (part != NULL && !decode(part, parts[i].bytes_max, arena, parts[i].at))
            return bz_invalid(e, name, "%s: %s is not base64url, or too long.", name, parts[i].name);
        read += part != NULL;
    }
    bool is_new = ret->attestation.at != NULL && read == 3;
    bool is_shown = ret->attestation.at == NULL && ret->data.at != NULL && ret->signature.at != NULL && ret->handle.at != NULL;
    if (!json_is_object(value) || json_object_size(value) != read || ret->id.at == NULL || ret->client.at == NULL ||
        (!is_new && !is_shown))
        return bz_invalid(e, name, "%s: an object with what the passkey gave is expected.", name);
    return BZ_OK;
}
