/* hasher.h: two threads that hash and check passwords (argon2id, 64 MiB each time), and nothing else: neither the loop nor the
 * writer waits for them, and no flood of sign-ins takes more memory than theirs. */
#ifndef BZ_ENGINE_HASHER_H
#define BZ_ENGINE_HASHER_H
#include <uv.h>

#include "base/err.h"
#include "base/stats.h"
#include "engine/password.h"

#define HASHED_BYTES 128           /* of a hash as text, with its NUL */

struct hashing {
    struct hashing *next;
    struct password password;
    char stored[HASHED_BYTES];     /* checked against this; "": nothing is stored, and as much work is done as if there were */
    bool is_new;                   /* there is nothing to check: `fresh` is wanted */
    bool is_right;                 /* it was checked, and is the one */
    char fresh[HASHED_BYTES];      /* a hash of it to be stored: is_new, or it is right and `stored` is of weaker settings; else "" */
    struct bz_error error;         /* code BZ_OK: done */
    void (*done)(struct hashing *h);   /* loop thread; takes it */
    void *owner;
};
struct hashing *hashing_new(void);
void hashing_free(struct hashing *h);      /* and wipes it; NULL is fine */

struct hasher;
enum bz_err hasher_start(uv_loop_t *loop, struct stats *stats, struct hasher **ret, struct bz_error *e);
enum bz_err hasher_submit(struct hasher *hs, struct hashing *take_h, struct bz_error *e);   /* BUSY: still the caller's */
void hasher_stop(struct hasher *hs);       /* what waits comes back undone (BUSY). NULL is fine */
#endif
