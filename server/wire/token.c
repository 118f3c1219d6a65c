#include "wire/token.h"

#include <sodium.h>

void token_make(const struct env *env, char ret[TOKEN_CHARS + 1])
{
    unsigned char bytes[TOKEN_HASH_BYTES];

    env->random(env->ctx, bytes, sizeof bytes);
    sodium_bin2base64(ret, TOKEN_CHARS + 1, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

bool token_hash(struct span token, unsigned char ret[TOKEN_HASH_BYTES])
{
    unsigned char bytes[TOKEN_HASH_BYTES];
    size_t len = 0;

    if (token.at == NULL || token.len != TOKEN_CHARS)
        return false;
    bool is_token = sodium_base642bin(bytes, sizeof bytes, token.at, token.len, NULL, &len, NULL,
                                      sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
                    len == sizeof bytes;
    sodium_memzero(bytes, sizeof bytes);
    if (!is_token)
        return false;
    crypto_generichash(ret, TOKEN_HASH_BYTES, (const unsigned char *)token.at, token.len, NULL, 0);
    return true;
}
