/* webauthn.h: what a passkey signed (W3C Web Authentication, level 3): authenticator data, public key, signature. What the
 * browser says of it (challenge, origin) is wire/clientdata. No attestation is asked for, and none is believed.
 * Keys are ES256 (P-256), EdDSA (Ed25519) or RS256 (2048 to 4096 bits). Pure; any thread. */
#ifndef BZ_BASE_WEBAUTHN_H
#define BZ_BASE_WEBAUTHN_H
#include <stdint.h>

#include "base/span.h"

#define WEBAUTHN_ID_BYTES 1023         /* of a credential's id, at most */
#define WEBAUTHN_KEY_BYTES 600         /* of its public key, as the authenticator wrote it (COSE) */
#define WEBAUTHN_CHALLENGE_BYTES 32
#define WEBAUTHN_HASH_BYTES 32         /* SHA-256 */

/*    name          what is wrong */
#define WEBAUTHN_FLAWS(X)                                      \
    X(NONE,        "nothing")                                  \
    X(FORM,        "it is not well formed")                    \
    X(SITE,        "it was made for another site")             \
    X(ABSENT,      "nobody was there")                         \
    X(UNVERIFIED,  "it was not checked who was there")         \
    X(ALGORITHM,   "its kind of key is not taken")             \
    X(SIGNATURE,   "the signature is not of this key")         \
    X(CLONED,      "its counter did not go on: there may be a copy of it")

enum webauthn_flaw {
#define WEBAUTHN_E(name, text) WEBAUTHN_##name,
    WEBAUTHN_FLAWS(WEBAUTHN_E)
#undef WEBAUTHN_E
};
const char *webauthn_flaw_text(enum webauthn_flaw flaw);

struct webauthn_key { struct span id, key; uint32_t counter; };   /* borrowed from what they were read in */

/* A new passkey: the attestation object of navigator.credentials.create. site: the domain it has to be of. */
enum webauthn_flaw webauthn_new(struct span attestation, struct span site, struct webauthn_key *ret);

/* A sign-in: authenticator data, the bytes of the client data and the signature of navigator.credentials.get, against the key
 * and counter that were kept. *ret_counter is to be kept next. */
struct webauthn_proof { struct span data, client, signature; };
enum webauthn_flaw webauthn_check(const struct webauthn_proof *proof, struct span site, struct span key, uint32_t counter,
                                  uint32_t *ret_counter);
#endif
