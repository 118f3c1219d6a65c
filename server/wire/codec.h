/* codec.h: text to JSON-RPC requests and back. Nothing reaches jansson before the guard has counted its depth and
 * keys, and no value is used before its type was asked. Pure; any thread. */
#ifndef BZ_WIRE_CODEC_H
#define BZ_WIRE_CODEC_H
#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define REQUEST_ID_BYTES 128   /* of a request id, as JSON text */

#define FOREIGN_KEYS 256       /* of an object in what others say of themselves */

struct request {
    struct span method;
    struct span id;            /* as JSON text, in the arena; absent: a notification, which gets no answer */
    const json_t *params;      /* an object, borrowed from the document; NULL: none given */
};

/* One object or array. TOO_LARGE: above FRAME_BYTES. PARSE: not JSON (strict, no duplicate names, no NUL).
 * REQUEST: nested too deeply, too many keys. The caller owns *ret (json_decref). */
enum bz_err codec_load(struct span text, json_t **ret, struct bz_error *e);

/* One object of somebody else's, as strict, with FOREIGN_KEYS members at most: others describe themselves at length. */
enum bz_err codec_load_foreign(struct span text, json_t **ret, struct bz_error *e);

/* One element of a batch, or the whole document. *ret->id is set as far as it could be read, also on failure. */
enum bz_err codec_request(const json_t *item, struct arena *arena, struct request *ret, struct bz_error *e);

/* {"jsonrpc":"2.0","id":…,"result":…}: id and result are JSON text; an absent id is null. */
void codec_result(struct span id, struct span result, struct buf *ret);
void codec_error(struct span id, const struct bz_error *error, struct buf *ret);

/* "a=1&b=x%20y" of a URL into pairs, decoded in the arena. INVALID: bad escapes, NUL, bad UTF-8, no '=', a name twice,
 * more than max pairs. */
struct pair { struct span name, value; };
enum bz_err codec_pairs(struct span args, struct arena *arena, struct pair *ret, size_t max, size_t *ret_count,
                        struct bz_error *e);
#endif
