/* pubkey.h: what somebody else's public key signed. Three kinds are known: ECDSA on P-256 with SHA-256 (ES256), Ed25519 (EdDSA), and
 * RSA of 2048 to 4096 bits, PKCS #1 v1.5 with SHA-256 (RS256). Their parts are big-endian numbers of strangers. Pure; any thread. */
#ifndef BZ_BASE_PUBKEY_H
#define BZ_BASE_PUBKEY_H
#include <openssl/types.h>

#include "base/span.h"

/* NULL: it is no key of that kind: a point beside the curve, a number of another length, an exponent other than 65537.
 * Freed by pubkey_free. */
EVP_PKEY *pubkey_p256(struct span x, struct span y);
EVP_PKEY *pubkey_ed25519(struct span x);
EVP_PKEY *pubkey_rsa(struct span n, struct span e);
void pubkey_free(EVP_PKEY *key);   /* NULL is fine */

/* The signature is as OpenSSL writes it: of ECDSA in DER. */
bool pubkey_signed(EVP_PKEY *key, struct span text, struct span signature);
/* The same, but of ECDSA two numbers of 32 bytes (RFC 7518 §3.4). */
bool pubkey_signed_jws(EVP_PKEY *key, struct span text, struct span signature);
#endif
