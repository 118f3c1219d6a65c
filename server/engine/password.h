/* password.h: which passwords are taken, and the one form that is hashed. Pure; any thread. */
#ifndef BZ_ENGINE_PASSWORD_H
#define BZ_ENGINE_PASSWORD_H
#include "base/err.h"
#include "base/span.h"

#define PASSWORD_BYTES_MIN 10
#define PASSWORD_BYTES_MAX 128     /* of its NFC, as the lower bound */

struct password { size_t len; char text[PASSWORD_BYTES_MAX + 1]; };

/* The same password typed on any device: valid UTF-8 as NFC. false: it is none, too short or too long. */
bool password_read(struct span typed, struct password *ret);
/* INVALID, and why: it is among those that are tried first, or has the member's handle or the local part of the address in it
 * (either may be absent). Case does not count. */
enum bz_err password_check(const struct password *p, struct span handle, struct span email, struct bz_error *e);
#endif
