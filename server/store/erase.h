/* erase.h: what is kept of somebody who leaves is taken out, a step of milliseconds at a time: the rows that are theirs alone, then
 * what the journal says by them and of them, entry by entry, then what was left of that in files, indexes and free pages. Where it
 * stands is kept, so that it goes on after a crash. Writer thread, inside a transaction, except where a function says otherwise. */
#ifndef BZ_STORE_ERASE_H
#define BZ_STORE_ERASE_H
#include "domain/facts.h"
#include "store/db.h"

/* For member.erase and erase.step; of others nothing. */
enum bz_err erase_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e);

/* After the entries of the command, the last of which is `last`: rows and uploads that are theirs alone go, and it is noted how far
 * the journal was looked through. dir: the data folder. */
struct erase_step { const char *dir; bz_id last; int64_t now_ms; };
enum bz_err erase_carry_out(struct db *db, const struct command *cmd, const struct facts *facts, const struct erase_step *step,
                            struct bz_error *e);

/* Whom the hub is still forgetting: the one who asked first, or 0. Any thread, inside a snapshot. */
enum bz_err erase_next(struct db *db, bz_id *ret_member, struct bz_error *e);
#endif
