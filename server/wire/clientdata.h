/* clientdata.h: what a browser says that a passkey signed: for what, on which page, in answer to which challenge. The signature
 * itself is base/webauthn. Pure; any thread. */
#ifndef BZ_WIRE_CLIENTDATA_H
#define BZ_WIRE_CLIENTDATA_H
#include "base/err.h"
#include "base/webauthn.h"

struct origins { const char *const *at; size_t count; };   /* "https://hub.example": those whose pages may ask */

/* is_new: a new passkey, else a sign-in. INVALID: it is not well formed, for something else, of a page of another origin or of a
 * frame in one. The challenge is to be compared, once, with the one that was given out. */
enum bz_err clientdata_read(struct span json, bool is_new, const struct origins *origins,
                            unsigned char ret_challenge[WEBAUTHN_CHALLENGE_BYTES], struct bz_error *e);
#endif
