/* recovery.h: codes on paper, for who has lost what they sign in with: `abcd-efgh-2345`, 60 bits each. Only hashes are kept, and
 * a code that was used is dropped by who keeps them. Pure; any thread. */
#ifndef BZ_BASE_RECOVERY_H
#define BZ_BASE_RECOVERY_H
#include "base/env.h"
#include "base/span.h"

#define RECOVERY_CODES 10
#define RECOVERY_CHARS 14
#define RECOVERY_HASH_BYTES 32

/* A fresh code; ret is NUL-terminated. */
void recovery_make(const struct env *env, char ret[RECOVERY_CHARS + 1]);
/* BLAKE2b-256 of its letters and digits; case, spaces and dashes do not count. false: not the form of a code. */
bool recovery_hash(struct span code, unsigned char ret[RECOVERY_HASH_BYTES]);
#endif
