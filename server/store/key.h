/* key.h: the hub's own key (Ed25519), with which it signs its checkpoints. The secret is a file of its own in the data
 * folder (hub.key, 0600, this user's), never in the database, a log, an answer or a backup. */
#ifndef BZ_STORE_KEY_H
#define BZ_STORE_KEY_H
#include "base/env.h"
#include "base/err.h"

#define KEY_BYTES 32

struct hub_key { unsigned char public_key[KEY_BYTES], secret[2 * KEY_BYTES]; };

/* Reads dir/hub.key; makes it from the env's random when it is missing, whole or not at all. One that is damaged, or open to
 * other users, is left as it is and refused with the remedy: a new one in its place would sign a record of its own.
 * STORE: that, or it cannot be read or written. STORAGE_FULL. Only one process at a time: the folder's lock is held. */
enum bz_err hub_key_load(const char *dir, const struct env *env, struct hub_key *ret, struct bz_error *e);
#endif
