/* token.h: bearer tokens, session tokens and sign-in codes: base64url of 32 random bytes, 43 characters.
 * Only the hash is ever stored: BLAKE2b-256 of the 43 characters. Pure; any thread. */
#ifndef BZ_WIRE_TOKEN_H
#define BZ_WIRE_TOKEN_H
#include "base/env.h"
#include "base/span.h"

#define TOKEN_CHARS 43
#define TOKEN_HASH_BYTES 32

/* A fresh token; ret is NUL-terminated. */
void token_make(const struct env *env, char ret[TOKEN_CHARS + 1]);
/* false: not the form of a token (then the hash is not written). */
bool token_hash(struct span token, unsigned char ret[TOKEN_HASH_BYTES]);
#endif
