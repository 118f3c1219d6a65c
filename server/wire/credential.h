/* credential.h: what navigator.credentials gave to a page, as it sends it on: bytes as base64url. Pure; any thread. */
#ifndef BZ_WIRE_CREDENTIAL_H
#define BZ_WIRE_CREDENTIAL_H
#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/command.h"

/* {id, client, attestation} or {id, client, data, signature, handle}. INVALID names the parameter. */
enum bz_err credential_read(const char *name, const json_t *value, struct arena *arena, struct credential *ret, struct bz_error *e);
#endif
