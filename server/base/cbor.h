/* cbor.h: the part of CBOR (RFC 8949) that authenticators write, read strictly: every length is stated, every number has its
 * shortest form, nothing is nested deeper than CBOR_DEPTH. Nothing is copied or allocated. Pure; any thread. */
#ifndef BZ_BASE_CBOR_H
#define BZ_BASE_CBOR_H
#include <stdint.h>

#include "base/span.h"

#define CBOR_DEPTH 6

struct cbor { struct span in; size_t pos; };   /* where a failed read leaves pos does not matter */

bool cbor_int(struct cbor *c, int64_t *ret);
bool cbor_bytes(struct cbor *c, struct span *ret);
bool cbor_text(struct cbor *c, struct span *ret);      /* not looked through: bytes that are compared alone */
bool cbor_map(struct cbor *c, uint64_t *ret_pairs);    /* its pairs follow; there are bytes enough for so many */
bool cbor_skip(struct cbor *c);                        /* one item of any type, whole */
#endif
