/* forget.h: the words of a redacted post, and of who left, leave the files, too. FTS5 only notes that they are gone; they stay in older
 * pages of the index until those are merged, and in the write-ahead log until it is emptied. */
#ifndef BZ_STORE_FORGET_H
#define BZ_STORE_FORGET_H
#include "store/db.h"

/* One step, of milliseconds, outside a transaction, on the writing connection; *state is 0 before the first. *ret_more:
 * call again. A reader that holds an old snapshot ends the attempt; the table `unmerged` keeps what is left to do. */
enum bz_err store_forget(struct db *db, int64_t *state, bool *ret_more, struct bz_error *e);
#endif
