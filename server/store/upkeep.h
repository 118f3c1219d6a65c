/* upkeep.h: rebuild, verify, backup, restore. */
#ifndef BZ_STORE_UPKEEP_H
#define BZ_STORE_UPKEEP_H
#include <stdatomic.h>

#include "store/db.h"

/* Drops every derived table and replays the journal, in one transaction on the writing connection. */
enum bz_err store_rebuild(struct db *db, int64_t *ret_entries, struct bz_error *e);

/* Digest of all derived tables (BLAKE2b over rows in key order), to compare before and after a rebuild. */
enum bz_err store_digest(struct db *db, unsigned char ret[32], struct bz_error *e);

/* Reads only: signatures of checkpoints and what they cover, chains, gaps, bodies, integrity_check, foreign keys, and that a
 * rebuild in a copy gives the same digest. say(ctx, line) gets one line per finding, naming the first bad entry. key: whose
 * signatures count (Ed25519, public); NULL: those in the file, a change among them is a note and no finding. */
struct verify_result { int64_t entries, findings, checkpoints; char key[44]; };   /* key: base64url, or "" */
enum bz_err store_verify(const struct db_config *config, const unsigned char *key, void (*say)(void *ctx, const char *line),
                         void *ctx, struct verify_result *ret, struct bz_error *e);

/* The pages of all tables and indexes (quick_check) on a connection of its own, in one snapshot. ret_finding: the first
 * damage, or "". DEADLINE: *stop became true, from any thread. */
#define CHECK_TEXT 160
enum bz_err store_check(const struct db_config *config, const atomic_bool *stop, char ret_finding[CHECK_TEXT],
                        struct bz_error *e);

/* A consistent copy of the database while it serves (online backup API, from a reading connection), fsynced,
 * mode 0600. It is written as path.part: what bears the name `path` is whole. CONFLICT: the target exists. */
enum bz_err store_backup(struct db *db, const char *path, struct bz_error *e);

/* Checks the copy's integrity and puts it into an empty or missing folder. CONFLICT: the folder has a database. */
enum bz_err store_restore(const char *path, const struct db_config *config, struct bz_error *e);
#endif
