/* checkpoint.h: signed checkpoints of the journal (Ed25519, RFC 8032). Whoever has the database file, but not the hub's key,
 * cannot change, remove or reorder an entry that a checkpoint covers without `verify` naming it. What was written after the
 * last checkpoint has only its hash chain; a tail cut off behind it cannot be found from the file alone.
 *
 * A hub restored without its key (key.h) makes a new one, which `verify` notes. Writer thread, inside its transaction; times
 * are milliseconds of the env's clock. */
#ifndef BZ_STORE_CHECKPOINT_H
#define BZ_STORE_CHECKPOINT_H
#include "store/db.h"
#include "store/key.h"

#define CHECKPOINT_ENTRIES 1000            /* a checkpoint at the latest after so many, */
#define CHECKPOINT_MS (60 * 60 * 1000)     /* or after so long, if anything was written since */
#define MARK_BYTES 8

/* Where the newest checkpoint stands; all zero: not known (after an opening, a rollback). */
struct checkpoint_state { bool is_known; int64_t seq, at_ms; };

/* Writes a checkpoint if one is due. Measured: 0.4 ms with 1,000 entries in 100 rooms. */
enum bz_err checkpoint_tend(struct db *db, const struct hub_key *key, int64_t now_ms, struct checkpoint_state *state,
                            struct bz_error *e);

/* What is signed, for verification: from the columns of a row. `text` is cleared first. */
struct checkpoint_row { int64_t seq, at_ms; struct span previous, heads, marks, key, signature; };
void checkpoint_text(struct buf *text, const struct hubs *hubs, const struct checkpoint_row *row);
void checkpoint_hash(const struct buf *text, const struct checkpoint_row *row, unsigned char ret[32]);
#endif
