#include "base/recovery.h"

#include <sodium.h>

#include "base/base32.h"

#define LETTERS 12

void recovery_make(const struct env *env, char ret[RECOVERY_CHARS + 1])
{
    unsigned char bytes[8];
    char text[BASE32_CHARS(sizeof bytes) + 1];
    env->random(env->ctx, bytes, sizeof bytes);
    base32_encode(bytes, sizeof bytes, false, text);
    for (int i = 0, at = 0; i < LETTERS; i++) {
        if (i == 4 || i == 8)
            ret[at++] = '-';
        ret[at++] = text[i];
    }
    ret[RECOVERY_CHARS] = '\0';
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(text, sizeof text);
}

bool recovery_hash(struct span code, unsigned char ret[RECOVERY_HASH_BYTES])
{
    char text[LETTERS];
    size_t len = 0;
    for (size_t i = 0; i < code.len; i++) {
        char c = code.at[i];
        if (c == ' ' || c == '-')
            continue;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (len == LETTERS || !((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7')))
            return false;
        text[len++] = c;
    }
    if (len != LETTERS)
        return false;
    crypto_generichash(ret, RECOVERY_HASH_BYTES, (const unsigned char *)text, len, NULL, 0);
    sodium_memzero(text, sizeof text);
    return true;
}
