/* journal.h: the ordered record of every change in a hub, as an interface; SQLite is the embedded engine behind it.
 * Invariants: seq starts at 1 and has no gaps; a committed entry never moves; body can only be erased (hash chain stays).
 * hash = BLAKE2b-256(previous hash in the entry's chain, entry_canonical, BLAKE2b-256(body)); chain = room, 0 the hub's. */
#ifndef BZ_STORE_JOURNAL_H
#define BZ_STORE_JOURNAL_H
#include "domain/entry.h"
#include "store/db.h"

#define HASH_BYTES 32

typedef bool (*entry_visit)(void *ctx, const struct entry *entry);   /* false stops; the entry is borrowed */

struct journal;
struct journal_ops {
    /* Appends to the open transaction. CONFLICT: the journal's head is not expected_seq. */
    enum bz_err (*append)(struct journal *j, int64_t expected_seq, const struct entry *entries, size_t count,
                          struct bz_error *e);
    /* Entries of a hub with seq > from, ascending. */
    enum bz_err (*read)(struct journal *j, unsigned hub, int64_t from, entry_visit visit, void *ctx,
                        struct bz_error *e);
    enum bz_err (*head)(struct journal *j, unsigned hub, int64_t *ret_seq, int64_t *ret_at_ms, struct bz_error *e);
    /* The first outcome of an actor's cid, without its body (absent). NOT_FOUND: never used. */
    enum bz_err (*by_cid)(struct journal *j, bz_id actor, struct span cid, struct entry *ret, struct bz_error *e);
    void (*free)(struct journal *j);
};
struct journal { const struct journal_ops *ops; };

struct journal *journal_sqlite(struct db *db);   /* db: borrowed, must outlive; NULL when memory is out */
#endif
